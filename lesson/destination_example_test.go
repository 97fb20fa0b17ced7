package lesson_test

import (
	"fmt"
	"math/rand/v2"

	"unroll/lesson"
)

// A sequence too long for one pass goes through in pieces, each from the state
// that the one before left, into the same tensors.
func ExampleLSTM_ForwardTo() {
	rng := rand.New(rand.NewPCG(1, 0))
	x := lesson.Randn(rng, 60, 2, 3)
	l := lesson.NewLSTM(rng, 3, 4)

	var output lesson.Tensor
	var state *lesson.State // zeros to begin with
	carried := new(lesson.State)
	for first := 0; first < 60; first += 20 {
		piece := lesson.TensorOf(x.Data()[first*6:][:20*6], 20, 2, 3)
		l.ForwardTo(&output, carried, piece, state)
		state = carried
	}

	_, whole := l.Forward(x, nil)
	fmt.Println(output.Shape(), lesson.MaxAbsDiff(state.H, whole.H))
	// Output: [20 2 4] 0
}
