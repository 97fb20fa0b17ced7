package exercise_test

import (
	"unroll/exercise"
)

// An exercise of a teacher's own: what is right, what to try it on, and the
// wrong answers worth a hint.
func Example() {
	double := exercise.Exercise[float64, float64]{
		Name:     "double",
		Inputs:   []float64{1, 2, 3},
		Solution: func(x float64) float64 { return 2 * x },
		Mistakes: []exercise.Mistake[float64, float64]{
			{Answer: func(x float64) float64 { return x * x }, Hint: "That is the square; twice x is x + x."},
		},
	}
	double.Check(func(x float64) float64 { return x * x })
	double.Check(func(x float64) float64 { return x + x })
	// Output:
	// Not yet. On 1
	//   your answer is 1
	//   wanted         2
	//   the largest difference is 1
	// Hint: That is the square; twice x is x + x.
	// Right. Tried on 3 inputs.
}

// The truth is computed only when there is a guess.
func ExamplePredict() {
	halvings := func() int { return 7 }
	exercise.Predict("halvings", 0, halvings)
	exercise.Predict("halvings", 10, halvings)
	// Output:
	// Your guess first: put it in and run the cell.
	// Then you see what comes out.
	// You said 10; it is 7. Read on for why.
}
