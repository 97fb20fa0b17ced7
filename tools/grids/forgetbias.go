package main

import (
	"math/rand/v2"

	"unroll/lesson"
)

// A gated network is a recurrent layer of the lesson on the forget bias and what is done to its
// biases before training.
type gated struct {
	name          string
	kind          string  // RNN, LSTM or GRU
	forget, input float64 // biases of the LSTM's gates, or of the GRU's update gate; 0 leaves PyTorch's
}

var gatedArms = []gated{
	{"RNN", "RNN", 0, 0},
	{"LSTM", "LSTM", 0, 0},
	{"LSTM, bias 1", "LSTM", 1, 0},
	{"LSTM, bias 3", "LSTM", 3, 0},
	{"LSTM, bias 3 and −3", "LSTM", 3, -3},
	{"GRU", "GRU", 0, 0},
	{"GRU, bias 3", "GRU", 3, 0},
}

// setLSTM sets the biases of an LSTM of one layer.
func (g gated) setLSTM(l *lesson.LSTM) *lesson.LSTM {
	if g.forget != 0 {
		l.SetForgetBias(g.forget)
	}
	if g.input != 0 {
		for j := range l.Config().HiddenSize { // i stands before f, g and o
			l.Parameter("bias_ih_l0").Value.Set(g.input, j)
			l.Parameter("bias_hh_l0").Value.Set(0, j)
		}
	}
	return l
}

func (g gated) setGRU(u *lesson.GRU) *lesson.GRU {
	if g.forget != 0 {
		u.SetUpdateBias(g.forget)
	}
	return u
}

// classifier returns a classifier with the network in it.
func (g gated) classifier(rng *rand.Rand, words, embeddingDim, hidden, classes int) *lesson.Classifier {
	c := lesson.NewClassifier(rng, lesson.ClassifierConfig{
		Words: words, EmbeddingDim: embeddingDim, Encoder: g.kind, HiddenSize: hidden, Reading: lesson.Packed, Classes: classes,
	})
	switch l := c.Encoder.(type) {
	case *lesson.LSTM:
		g.setLSTM(l)
	case *lesson.GRU:
		g.setGRU(l)
	}
	return c
}

// A reader is the network with its Linear behind it, for tasks that are not
// about words.
type reader struct {
	params   []*lesson.Parameter
	linear   *lesson.Linear
	forward  func(x *lesson.Tensor) (output, hidden *lesson.Tensor)
	backward func(dOutput, dHidden *lesson.Tensor)
}

func (g gated) reader(rng *rand.Rand, in, hidden, out int) *reader {
	r := new(reader)
	switch g.kind {
	case "LSTM":
		l := g.setLSTM(lesson.NewLSTM(rng, in, hidden, lesson.BatchFirst))
		r.params = l.Parameters()
		r.forward = func(x *lesson.Tensor) (*lesson.Tensor, *lesson.Tensor) {
			output, s := l.Forward(x, nil)
			return output, s.H
		}
		r.backward = func(dOutput, dHidden *lesson.Tensor) { l.Backward(dOutput, &lesson.State{H: dHidden}) }
	case "GRU":
		u := g.setGRU(lesson.NewGRU(rng, in, hidden, lesson.BatchFirst))
		r.params = u.Parameters()
		r.forward = func(x *lesson.Tensor) (*lesson.Tensor, *lesson.Tensor) { return u.Forward(x, nil) }
		r.backward = func(dOutput, dHidden *lesson.Tensor) { u.Backward(dOutput, dHidden) }
	default:
		n := lesson.NewRNN(rng, in, hidden, lesson.BatchFirst)
		r.params = n.Parameters()
		r.forward = func(x *lesson.Tensor) (*lesson.Tensor, *lesson.Tensor) { return n.Forward(x, nil) }
		r.backward = func(dOutput, dHidden *lesson.Tensor) { n.Backward(dOutput, dHidden) }
	}
	r.linear = lesson.NewLinear(rng, hidden, out)
	r.params = append(r.params, r.linear.Parameters()...)
	return r
}

// step learns from one batch: forward has filled the layers, backpropagate takes
// the gradient through them.
func (r *reader) step(optimizer lesson.Optimizer, clipNorm float64, backpropagate func()) {
	lesson.ZeroGrad(r.params)
	backpropagate()
	lesson.ClipGradNorm(r.params, clipNorm)
	optimizer.Step()
}

// answer reads x and returns what Linear makes of the last state.
func (r *reader) answer(x *lesson.Tensor) *lesson.Tensor {
	_, hidden := r.forward(x)
	return r.linear.Forward(hidden.Slice(0))
}

// answers reads x and returns what Linear makes of every state, a row each.
func (r *reader) answers(x *lesson.Tensor) *lesson.Tensor {
	output, _ := r.forward(x)
	s := output.Shape()
	return r.linear.Forward(output.Reshape(s[0]*s[1], s[2]))
}

type gatedClue struct {
	Arm      string `json:"arm"`
	Steps    int    `json:"steps"` // distractors between the clue and the answer
	Seed     uint64 `json:"seed"`
	Accuracy number `json:"accuracy"`
}

type gatedAdding struct {
	Arm   string `json:"arm"`
	Steps int    `json:"steps"` // of the sequence
	Seed  uint64 `json:"seed"`
	Error number `json:"error"`
}

type gatedCopy struct {
	Arm   string `json:"arm"`
	Delay int    `json:"delay"`
	Seed  uint64 `json:"seed"`
	Loss  number `json:"loss"`
	Right number `json:"right"` // share of the ten symbols
}

const (
	gatedSeeds     = 10
	gatedBatchSize = 32
	gatedRate      = 0.01
	gatedClip      = 1
)

func init() {
	settings := func(units, batches int) map[string]any {
		return map[string]any{
			"units": units, "optimizer": "Adam", "learning rate": gatedRate, "batch": gatedBatchSize, "batches": batches,
			"clipped to norm": gatedClip,
		}
	}

	clue := &grid{
		name: "forget-bias-clue", seeds: gatedSeeds, settings: settings(16, gatedClueBatches),
		about: "Accuracy of an RNN, LSTMs and GRUs on 1000 new sentences of the clue task, against the number of distractors.",
	}
	for _, steps := range []int{10, 20, 40, 80, 160} {
		for _, g := range gatedArms {
			for seed := range uint64(gatedSeeds) {
				clue.rows = append(clue.rows, func() any { return g.clue(steps, seed) })
			}
		}
	}
	register(clue)

	adding := &grid{
		name: "forget-bias-adding", seeds: gatedSeeds, settings: settings(16, gatedAddingBatches),
		about: "Mean squared error of an RNN, LSTMs and GRUs on 1000 new sequences of the adding problem, against their length.",
	}
	for _, steps := range []int{20, 50, 100} {
		for _, g := range gatedArms {
			for seed := range uint64(gatedSeeds) {
				adding.rows = append(adding.rows, func() any { return g.adding(steps, seed) })
			}
		}
	}
	register(adding)

	copying := &grid{
		name: "forget-bias-copy", seeds: gatedSeeds / 2, settings: settings(32, gatedCopyBatches),
		about: "Cross entropy, and share of the ten symbols that is right, of an RNN, LSTMs and GRUs on 200 new sequences of the copy task.",
	}
	for _, g := range gatedArms {
		for seed := range uint64(gatedSeeds / 2) {
			copying.rows = append(copying.rows, func() any { return g.copying(10, seed) })
		}
	}
	register(copying)
}

const (
	gatedClueBatches   = 500
	gatedAddingBatches = 1500
	gatedCopyBatches   = 3000
)

func (g gated) clue(steps int, seed uint64) gatedClue {
	rng := rand.New(rand.NewPCG(7, seed))
	task := lesson.NewCueTask(steps)
	c := g.classifier(rng, task.Words(), 8, 16, task.Classes)
	optimizer := lesson.NewAdam(c.Parameters(), gatedRate)
	for range gatedClueBatches {
		seqs, classes := task.Sample(rng, gatedBatchSize)
		c.TrainStep(optimizer, seqs, classes, gatedClip)
	}
	return gatedClue{g.name, steps, seed, number(c.Accuracy(task.Sample(rng, 1000)))}
}

func (g gated) adding(steps int, seed uint64) gatedAdding {
	rng := rand.New(rand.NewPCG(7, seed))
	r := g.reader(rng, 2, 16, 1)
	optimizer := lesson.NewAdam(r.params, gatedRate)
	for range gatedAddingBatches {
		x, target := lesson.AddingTask(rng, gatedBatchSize, steps)
		_, d := lesson.MSE(r.answer(x), target)
		r.step(optimizer, gatedClip, func() {
			dHidden := r.linear.Backward(d)
			r.backward(nil, dHidden.Reshape(1, gatedBatchSize, 16))
		})
	}
	x, target := lesson.AddingTask(rng, 1000, steps)
	loss, _ := lesson.MSE(r.answer(x), target)
	return gatedAdding{g.name, steps, seed, number(loss)}
}

func (g gated) copying(delay int, seed uint64) gatedCopy {
	rng := rand.New(rand.NewPCG(7, seed))
	const classes = lesson.CopySymbols + 1 // and the blank
	r := g.reader(rng, lesson.CopySymbols+2, 32, classes)
	steps := delay + 2*lesson.CopyLength
	sample := func(n int) (x *lesson.Tensor, targets []int) {
		inputs, wanted := lesson.CopyTask(rng, n, delay)
		x = lesson.NewTensor(n, steps, lesson.CopySymbols+2)
		for i, sequence := range inputs {
			for t, symbol := range sequence {
				x.Set(1, i, t, symbol)
			}
			targets = append(targets, wanted[i]...)
		}
		return x, targets
	}
	optimizer := lesson.NewAdam(r.params, gatedRate)
	for range gatedCopyBatches {
		x, targets := sample(gatedBatchSize)
		_, d := lesson.CrossEntropy(r.answers(x), targets)
		r.step(optimizer, gatedClip, func() {
			dOutput := r.linear.Backward(d)
			r.backward(dOutput.Reshape(gatedBatchSize, steps, 32), nil)
		})
	}
	x, targets := sample(200)
	logits := r.answers(x)
	loss, _ := lesson.CrossEntropy(logits, targets)
	right := 0.0
	for i := range 200 {
		first := (i+1)*steps - lesson.CopyLength
		symbols := lesson.TensorOf(logits.Data()[first*classes:(i+1)*steps*classes], lesson.CopyLength, classes)
		right += lesson.Accuracy(symbols, targets[first:(i+1)*steps]) / 200
	}
	return gatedCopy{g.name, delay, seed, number(loss), number(right)}
}
