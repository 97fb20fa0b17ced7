package lesson_test

import (
	"fmt"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
	"unroll/lesson"
)

// Two features, two hidden units, numbers that can be checked by hand:
// the first unit reads 0.5·1 − 0.25·2 + 0.5·0 = 0, the second 0·1 + 1·2 − 2 = 0
// plus its own state.
func ExampleCell_Step() {
	cell := lesson.Cell{
		Wx: mat.NewDense(2, 2, []float64{0.5, -0.25, 0, 1}),
		Wh: mat.NewDense(2, 2, []float64{0.5, 0, 0, 1}),
		B:  mat.NewVecDense(2, []float64{0, -2}),
	}
	x := mat.NewVecDense(2, []float64{1, 2})
	h := mat.NewVecDense(2, []float64{0, 1})

	next := cell.Step(x, h)
	fmt.Printf("%.4f\n", next.RawVector().Data) // tanh 0, tanh 1
	// Output: [0.0000 0.7616]
}

// The layer and the equation give the same values.
func ExampleRNN_Cell() {
	rng := rand.New(rand.NewPCG(1, 2))
	rnn := lesson.NewRNN(rng, 2, 3)
	x := lesson.Randn(rng, 4, 2)
	output, _ := rnn.Forward(x, nil)

	xs := make([]mat.Vector, 4)
	for t := range xs {
		xs[t] = x.Slice(t).Vector()
	}
	hs := rnn.Cell().Run(xs, mat.NewVecDense(3, nil))

	for t, h := range hs {
		fmt.Println(t, mat.EqualApprox(h, output.Slice(t).Vector(), 1e-14))
	}
	// Output:
	// 0 true
	// 1 true
	// 2 true
	// 3 true
}

// With weights of zero, every gate is σ(0) = 1/2: the cell state is
// halved and nothing is added.
func ExampleLSTMCell_Step() {
	zero := func() (*mat.Dense, *mat.VecDense) { return mat.NewDense(1, 2, nil), mat.NewVecDense(1, nil) }
	var cell lesson.LSTMCell
	cell.Wf, cell.Bf = zero()
	cell.Wi, cell.Bi = zero()
	cell.Wc, cell.Bc = zero()
	cell.Wo, cell.Bo = zero()

	x, h, c := mat.NewVecDense(1, []float64{5}), mat.NewVecDense(1, nil), mat.NewVecDense(1, []float64{4})
	h, c = cell.Step(x, h, c)
	fmt.Printf("C %.4f  h %.4f\n", c.AtVec(0), h.AtVec(0)) // 4/2, tanh(2)/2
	// Output: C 2.0000  h 0.4820
}

func ExampleLSTM_Cell() {
	lstm := lesson.NewLSTM(rand.New(rand.NewPCG(1, 2)), 2, 3)
	cell := lstm.Cell()
	fmt.Println(cell.Wf.Dims()) // H, H+InputSize: over [h_{t−1}, x_t]

	const f, unit, feature = 1, 0, 1
	w := lstm.Parameter("weight_ih_l0").Value
	fmt.Println(cell.Wf.At(unit, 3+feature) == w.At(f*3+unit, feature))
	// Output:
	// 3 5
	// true
}

func ExampleSigmoid() {
	fmt.Printf("%.3f %.3f %.3f\n", lesson.Sigmoid(-3), lesson.Sigmoid(0), lesson.Sigmoid(3))
	// Output: 0.047 0.500 0.953
}
