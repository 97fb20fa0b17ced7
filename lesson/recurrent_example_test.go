package lesson_test

import (
	"fmt"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
	"unroll/lesson"
)

func ExampleRNN_Forward() {
	rng := rand.New(rand.NewPCG(1, 2))
	rnn := lesson.NewRNN(rng, 128, 64, lesson.BatchFirst) // nn.RNN(128, 64, batch_first=True)

	x := lesson.Randn(rng, 32, 10, 128) // batch, steps, features
	output, hidden := rnn.Forward(x, nil)

	fmt.Println(output.Shape(), hidden.Shape())
	// Output: [32 10 64] [1 32 64]
}

func ExampleLSTM_Forward() {
	rng := rand.New(rand.NewPCG(1, 2))
	lstm := lesson.NewLSTM(rng, 128, 64, lesson.BatchFirst) // nn.LSTM(128, 64, batch_first=True)

	x := lesson.Randn(rng, 32, 10, 128)
	output, state := lstm.Forward(x, nil)

	fmt.Println(output.Shape(), state.H.Shape(), state.C.Shape())
	// Output: [32 10 64] [1 32 64] [1 32 64]
}

func ExampleGRU_Forward() {
	rng := rand.New(rand.NewPCG(1, 2))
	gru := lesson.NewGRU(rng, 128, 64, lesson.BatchFirst) // nn.GRU(128, 64, batch_first=True)

	x := lesson.Randn(rng, 32, 10, 128)
	output, hidden := gru.Forward(x, nil)

	fmt.Println(output.Shape(), hidden.Shape())
	// Output: [32 10 64] [1 32 64]
}

// With zero weights the candidate is 0 and the update gate is σ(b): a state
// keeps that much of itself at each step.
func ExampleGRU_SetUpdateBias() {
	gru := lesson.NewGRU(rand.New(rand.NewPCG(1, 2)), 1, 1)
	for _, p := range gru.Parameters() {
		clear(p.Value.Data())
	}
	gru.SetUpdateBias(1)

	x, h0 := lesson.NewTensor(3, 1), lesson.TensorOf([]float64{1}, 1, 1)
	trace := gru.Trace(x, h0)[0]
	for t := range 3 {
		fmt.Printf("z = %.4f, h = %.4f\n", trace.Update.At(t, 0), trace.Hidden.At(t, 0))
	}
	// Output:
	// z = 0.7311, h = 0.7311
	// z = 0.7311, h = 0.5344
	// z = 0.7311, h = 0.3907
}

// What the layer computes: with one unit and these weights the state is
// tanh(0.5·x_t + 2·h_{t−1} − 1).
func ExampleRNN_Parameter() {
	rnn := lesson.NewRNN(rand.New(rand.NewPCG(1, 2)), 1, 1)
	rnn.Parameter("weight_ih_l0").Value.Set(0.5, 0, 0)
	rnn.Parameter("weight_hh_l0").Value.Set(2, 0, 0)
	rnn.Parameter("bias_ih_l0").Value.Set(-1, 0)
	rnn.Parameter("bias_hh_l0").Value.Set(0, 0)

	x := lesson.TensorOf([]float64{3, 1, 0}, 3, 1) // one sequence: steps, features
	output, _ := rnn.Forward(x, nil)
	for t := range 3 {
		fmt.Printf("%.4f\n", output.At(t, 0))
	}
	// Output:
	// 0.4621
	// 0.4005
	// -0.1964
}

func ExampleLSTM_Parameters() {
	lstm := lesson.NewLSTM(rand.New(rand.NewPCG(1, 2)), 128, 64, lesson.Bidirectional)
	for _, p := range lstm.Parameters() {
		fmt.Println(p.Name, p.Value.Shape())
	}
	// Output:
	// weight_ih_l0 [256 128]
	// weight_hh_l0 [256 64]
	// bias_ih_l0 [256]
	// bias_hh_l0 [256]
	// weight_ih_l0_reverse [256 128]
	// weight_hh_l0_reverse [256 64]
	// bias_ih_l0_reverse [256]
	// bias_hh_l0_reverse [256]
}

// Layers and directions multiply the first axis of the states and nothing else;
// directions double the last axis of the output.
func ExampleNewRNN() {
	rng := rand.New(rand.NewPCG(1, 2))
	rnn := lesson.NewRNN(rng, 128, 64, lesson.BatchFirst, lesson.Layers(2), lesson.Bidirectional)

	output, hidden := rnn.Forward(lesson.Randn(rng, 32, 10, 128), nil)
	fmt.Println(output.Shape(), hidden.Shape())
	// Output: [32 10 128] [4 32 64]
}

// The last hidden state of the shorter sequence is the one after its second
// step, and what is after its end does not matter.
func ExampleRNN_ForwardPacked() {
	rng := rand.New(rand.NewPCG(1, 2))
	rnn := lesson.NewRNN(rng, 4, 3, lesson.BatchFirst)

	x := lesson.Randn(rng, 2, 5, 4)
	output, hidden := rnn.ForwardPacked(x, []int{5, 2}, nil)

	fmt.Println(hidden.At(0, 1, 0) == output.At(1, 1, 0), output.At(1, 2, 0))
	// Output: true 0
}

func ExampleLSTM_ForwardPacked() {
	rng := rand.New(rand.NewPCG(1, 2))
	lstm := lesson.NewLSTM(rng, 4, 3, lesson.BatchFirst)

	x := lesson.Randn(rng, 2, 5, 4)
	output, state := lstm.ForwardPacked(x, []int{5, 2}, nil)

	fmt.Println(state.H.At(0, 1, 0) == output.At(1, 1, 0), output.At(1, 2, 0))
	// Output: true 0
}

// h_t = tanh(3·x_t + 0.5·h_{t−1}) with x = 0 stays at zero, where the slope of
// tanh is 1: three steps back the gradient is 0.5³.
func ExampleRNN_Backward() {
	rnn := lesson.NewRNN(rand.New(rand.NewPCG(1, 2)), 1, 1, lesson.NoBias)
	rnn.Parameter("weight_ih_l0").Value.Set(3, 0, 0)
	rnn.Parameter("weight_hh_l0").Value.Set(0.5, 0, 0)

	rnn.Forward(lesson.NewTensor(3, 1), nil)
	dHidden := lesson.TensorOf([]float64{1}, 1, 1)
	dx, dh0 := rnn.Backward(nil, dHidden)

	fmt.Println(dx.Data(), dh0.Data())
	// Output: [0.75 1.5 3] [0.125]
}

// With zero weights every gate is 1/2 and nothing is added: a cell state is
// halved at each step, and so is its gradient.
func ExampleLSTM_Backward() {
	lstm := lesson.NewLSTM(rand.New(rand.NewPCG(1, 2)), 1, 1)
	for _, p := range lstm.Parameters() {
		clear(p.Value.Data())
	}
	_, state := lstm.Forward(lesson.NewTensor(3, 1), &lesson.State{C: lesson.TensorOf([]float64{8}, 1, 1)})
	_, ds0 := lstm.Backward(nil, &lesson.State{C: lesson.TensorOf([]float64{1}, 1, 1)})

	fmt.Println(state.C.Data(), ds0.C.Data())
	// Output: [1] [0.125]
}

func ExampleRNN_Trace() {
	rng := rand.New(rand.NewPCG(1, 2))
	rnn := lesson.NewRNN(rng, 4, 3, lesson.Layers(2))

	traces := rnn.Trace(lesson.Randn(rng, 7, 4), nil) // one sequence of 7 steps
	for layer, t := range traces {
		fmt.Println(layer, t.PreActivation.Shape(), t.Hidden.Shape())
	}
	// Output:
	// 0 [7 3] [7 3]
	// 1 [7 3] [7 3]
}

// An LSTM set by hand to add up what it reads: its gates are open, its
// candidate is tanh(x_t) and its cell state the sum of them.
func ExampleLSTM_Trace() {
	lstm := lesson.NewLSTM(rand.New(rand.NewPCG(1, 2)), 1, 1)
	for _, p := range lstm.Parameters() {
		clear(p.Value.Data())
	}
	const i, f, g, o = 0, 1, 2, 3 // the order of the gates
	lstm.Parameter("weight_ih_l0").Value.Set(1, g, 0)
	for _, gate := range []int{i, f, o} {
		lstm.Parameter("bias_ih_l0").Value.Set(100, gate)
	}

	trace := lstm.Trace(lesson.TensorOf([]float64{1, 0, -2, 1}, 4, 1), nil)[0]
	for t := range 4 {
		fmt.Printf("f %.0f  g %+.3f  c %+.3f  h %+.3f\n",
			trace.Forget.At(t, 0), trace.Candidate.At(t, 0), trace.Cell.At(t, 0), trace.Hidden.At(t, 0))
	}
	// Output:
	// f 1  g +0.762  c +0.762  h +0.642
	// f 1  g +0.000  c +0.762  h +0.642
	// f 1  g -0.964  c -0.202  h -0.200
	// f 1  g +0.762  c +0.559  h +0.507
}

// Dropout acts while training only.
func ExampleRNN_Train() {
	rng := rand.New(rand.NewPCG(1, 2))
	rnn := lesson.NewRNN(rng, 4, 3, lesson.Layers(2), lesson.Dropout(0.5))
	x := lesson.Randn(rng, 7, 4)
	a, _ := rnn.Forward(x, nil)
	b, _ := rnn.Forward(x, nil)

	rnn.Train(rng)
	c, _ := rnn.Forward(x, nil)
	rnn.Eval()
	d, _ := rnn.Forward(x, nil)

	fmt.Println(lesson.MaxAbsDiff(a, b) == 0, lesson.MaxAbsDiff(a, c) == 0, lesson.MaxAbsDiff(a, d) == 0)
	// Output: true false true
}

// The two biases add: setting one and clearing the other gives the forget gate
// the bias asked for.
func ExampleLSTM_SetForgetBias() {
	lstm := lesson.NewLSTM(rand.New(rand.NewPCG(1, 2)), 1, 1)
	lstm.SetForgetBias(3)

	const f = 1 // the order of the gates is i, f, g, o
	fmt.Println(lstm.Parameter("bias_ih_l0").Value.At(f), lstm.Parameter("bias_hh_l0").Value.At(f))
	fmt.Printf("%.3f\n", lesson.Sigmoid(3))
	// Output:
	// 3 0
	// 0.953
}

// Multiplying by s·Q stretches every vector by s.
func ExampleOrthogonal() {
	w := lesson.Orthogonal(rand.New(rand.NewPCG(1, 2)), 32, 0.9)
	v := mat.NewVecDense(32, nil)
	v.SetVec(0, 1)
	for range 10 {
		v.MulVec(w, v)
	}
	fmt.Printf("%.6f\n", mat.Norm(v, 2)) // 0.9¹⁰
	// Output: 0.348678
}
