package lesson_test

import (
	"fmt"
	"math/rand/v2"

	"unroll/lesson"
)

func ExampleAttention_Forward() {
	rng := rand.New(rand.NewPCG(1, 2))
	attention := lesson.NewAttention(rng, 64) // nn.MultiheadAttention(64, 1, batch_first=True)
	attention.BatchFirst = true

	x := lesson.Randn(rng, 32, 10, 64) // batch, steps, features
	output, weights := attention.Forward(x)

	fmt.Println(output.Shape(), weights.Shape())
	// Output: [32 10 64] [32 10 10]
}

// Without scores, here by zero weights, a causal step takes the mean of what it
// may read.
func ExampleAttention() {
	attention := lesson.NewAttention(rand.New(rand.NewPCG(1, 2)), 2)
	clear(attention.Parameters()[0].Value.Data()) // in_proj_weight
	attention.Causal = true

	_, weights := attention.Forward(lesson.NewTensor(4, 2)) // one sequence
	fmt.Println(weights)
	// Output:
	// tensor([[1.0000, 0.0000, 0.0000, 0.0000],
	//         [0.5000, 0.5000, 0.0000, 0.0000],
	//         [0.3333, 0.3333, 0.3333, 0.0000],
	//         [0.2500, 0.2500, 0.2500, 0.2500]])
}

// The state of an RNN forgets its input step by step; attention without scores
// takes the same from every step.
func ExampleInputGradientNorms() {
	rng := rand.New(rand.NewPCG(1, 2))
	x := lesson.NewTensor(4, 1)

	rnn := lesson.NewRNN(rng, 1, 1, lesson.NoBias)
	rnn.Parameter("weight_ih_l0").Value.Set(1, 0, 0)
	rnn.Parameter("weight_hh_l0").Value.Set(0.5, 0, 0)
	rnn.Forward(x, nil)
	fmt.Println(lesson.InputGradientNorms(1, func(dy *lesson.Tensor) *lesson.Tensor {
		dx, _ := rnn.Backward(nil, dy.Reshape(1, 1))
		return dx
	}))

	attention := lesson.NewAttention(rng, 1)
	copy(attention.Parameters()[0].Value.Data(), []float64{0, 0, 1}) // W_q, W_k, W_v
	attention.Parameters()[2].Value.Set(1, 0, 0)                     // out_proj.weight
	attention.Forward(x)
	fmt.Println(lesson.InputGradientNorms(1, func(dy *lesson.Tensor) *lesson.Tensor {
		d := lesson.NewTensor(4, 1)
		d.Set(dy.At(0), 3, 0) // of the output at the last step
		return attention.Backward(d)
	}))
	// Output:
	// [1 0.5 0.25 0.125]
	// [0.25 0.25 0.25 0.25]
}
