package main

import (
	"math"
	"math/rand/v2"
	"slices"

	"unroll/lesson"
)

// What the lesson on long memory measures: how far an RNN learns to remember.

type cueRow struct {
	Arm      string `json:"arm"`
	Steps    int    `json:"steps"` // distractors between the cue and the answer
	Seed     uint64 `json:"seed"`
	Accuracy number `json:"accuracy"`
}

type addingRow struct {
	Steps int    `json:"steps"` // of the sequence
	Seed  uint64 `json:"seed"`
	Error number `json:"error"`
}

type copyRow struct {
	Arm   string `json:"arm"`
	Delay int    `json:"delay"`
	Seed  uint64 `json:"seed"`
	Loss  number `json:"loss"`
	Right number `json:"right"` // share of the ten symbols
}

func init() {
	cue := &grid{
		name:  "long-memory-cue",
		about: "Accuracy of an RNN on 1000 new sentences of the cue task, against the number of distractors.",
		seeds: 10,
		settings: map[string]any{
			"units": 32, "embedding": 8, "optimizer": "SGD, momentum 0.9", "learning rate": 0.1, "batch": 32,
			"batches": 500, "batches when four times as long": 2000, "clipped to norm": 1,
		},
	}
	for _, arm := range []struct {
		name    string
		scale   float64 // of an orthogonal W_h, 0 for PyTorch's initial values
		clip    float64
		batches int
	}{
		{"PyTorch's", 0, math.Inf(1), 500},
		{"PyTorch's, clipped", 0, 1, 500},
		{"PyTorch's, clipped, four times as long", 0, 1, 2000},
		{"1.5·Q", 1.5, math.Inf(1), 500},
		{"1.5·Q, clipped", 1.5, 1, 500},
	} {
		for _, steps := range []int{5, 10, 15, 20, 30, 40} {
			for seed := range uint64(cue.seeds) {
				cue.rows = append(cue.rows, func() any {
					return cueRow{arm.name, steps, seed, number(trainCue(steps, seed, arm.scale, arm.clip, arm.batches))}
				})
			}
		}
	}
	register(cue)

	adding := &grid{
		name:  "long-memory-adding",
		about: "Mean squared error of an RNN on 1000 new sequences of the adding problem, against their length.",
		seeds: 10,
		settings: map[string]any{
			"units": 32, "optimizer": "Adam", "learning rate": 0.005, "batch": 50, "batches": 2000, "clipped to norm": 1,
		},
	}
	for _, steps := range []int{5, 10, 20, 30, 40, 60} {
		for seed := range uint64(adding.seeds) {
			adding.rows = append(adding.rows, func() any { return addingRow{steps, seed, number(trainAdding(steps, seed))} })
		}
	}
	register(adding)

	copying := &grid{
		name:  "long-memory-copy",
		about: "Cross entropy, and share of the ten symbols that is right, of an RNN on 200 new sequences of the copy task.",
		seeds: 5,
		settings: map[string]any{
			"units": 64, "embedding": 10, "optimizer": "Adam", "learning rate": 0.003, "batch": 32, "batches": 1500,
			"clipped to norm": 1,
		},
	}
	for _, arm := range []struct {
		name  string
		scale float64
	}{{"PyTorch's", 0}, {"orthogonal", 1}} {
		for _, delay := range []int{1, 3, 10} {
			for seed := range uint64(copying.seeds) {
				copying.rows = append(copying.rows, func() any {
					loss, right := trainCopy(delay, seed, arm.scale)
					return copyRow{arm.name, delay, seed, number(loss), number(right)}
				})
			}
		}
	}
	register(copying)
}

// trainCue is the function train of the lesson, to the bit.
func trainCue(steps int, seed uint64, scale, clip float64, batches int) (accuracy float64) {
	rng := rand.New(rand.NewPCG(4, seed))
	task := lesson.NewCueTask(steps)
	c := lesson.NewClassifier(rng, lesson.ClassifierConfig{
		Words: task.Words(), EmbeddingDim: 8, Encoder: "RNN", HiddenSize: 32, Reading: lesson.Packed, Classes: task.Classes,
	})
	if scale > 0 {
		orthogonal(rng, c.Encoder.(*lesson.RNN), scale)
	}
	sgd := lesson.NewSGD(c.Parameters(), 0.1, 0.9)
	for range batches {
		sentences, classes := task.Sample(rng, 32)
		c.TrainStep(sgd, sentences, classes, clip)
	}
	return c.Accuracy(task.Sample(rng, 1000))
}

func trainAdding(steps int, seed uint64) (mse float64) {
	rng := rand.New(rand.NewPCG(4, seed))
	rnn := lesson.NewRNN(rng, 2, 32, lesson.BatchFirst)
	linear := lesson.NewLinear(rng, 32, 1)
	params := slices.Concat(rnn.Parameters(), linear.Parameters())
	adam := lesson.NewAdam(params, 0.005)
	answer := func(x *lesson.Tensor) *lesson.Tensor {
		_, hidden := rnn.Forward(x, nil)
		return linear.Forward(hidden.Slice(0))
	}
	for range 2000 {
		x, target := lesson.AddingTask(rng, 50, steps)
		_, d := lesson.MSE(answer(x), target)
		lesson.ZeroGrad(params)
		rnn.Backward(nil, linear.Backward(d).Reshape(1, 50, 32))
		lesson.ClipGradNorm(params, 1)
		adam.Step()
	}
	x, target := lesson.AddingTask(rng, 1000, steps)
	mse, _ = lesson.MSE(answer(x), target)
	return mse
}

func trainCopy(delay int, seed uint64, scale float64) (loss, right float64) {
	const units, batch = 64, 32
	rng := rand.New(rand.NewPCG(4, seed))
	embedding := lesson.NewEmbedding(rng, lesson.CopyDelimiter+1, 10)
	rnn := lesson.NewRNN(rng, 10, units, lesson.BatchFirst)
	if scale > 0 {
		orthogonal(rng, rnn, scale)
	}
	linear := lesson.NewLinear(rng, units, lesson.CopyBlank+1)
	params := slices.Concat(embedding.Parameters(), rnn.Parameters(), linear.Parameters())
	adam := lesson.NewAdam(params, 0.003)
	steps := delay + 2*lesson.CopyLength
	answer := func(inputs lesson.Indices) *lesson.Tensor { // a row for each step of each sequence
		output, _ := rnn.Forward(embedding.Forward(inputs), nil)
		return linear.Forward(output.Reshape(len(inputs)*steps, units))
	}
	for range 1500 {
		inputs, targets := lesson.CopyTask(rng, batch, delay)
		_, d := lesson.CrossEntropy(answer(inputs), slices.Concat(targets...))
		lesson.ZeroGrad(params)
		dx, _ := rnn.Backward(linear.Backward(d).Reshape(batch, steps, units), nil)
		embedding.Backward(dx)
		lesson.ClipGradNorm(params, 1)
		adam.Step()
	}
	const tests = 200
	inputs, targets := lesson.CopyTask(rng, tests, delay)
	logits := answer(inputs)
	loss, _ = lesson.CrossEntropy(logits, slices.Concat(targets...))
	for i := range tests {
		for t := steps - lesson.CopyLength; t < steps; t++ {
			row := logits.Slice(i*steps + t)
			right += lesson.Accuracy(row.Reshape(1, lesson.CopyBlank+1), targets[i][t:t+1])
		}
	}
	return loss, right / (tests * lesson.CopyLength)
}

// orthogonal gives the layer W_h = scale·Q.
func orthogonal(rng *rand.Rand, rnn *lesson.RNN, scale float64) {
	Wh := rnn.Parameter("weight_hh_l0").Value.Matrix()
	n, _ := Wh.Dims()
	Wh.Copy(lesson.Orthogonal(rng, n, scale))
}
