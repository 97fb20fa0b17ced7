package main

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"

	"unroll/lesson"
)

// What the lesson on long memory measures: how far an RNN learns to carry a word.

type wordRow struct {
	Reader    string  `json:"reader"`
	Optimizer string  `json:"optimizer"`
	Rate      float64 `json:"rate"`
	Steps     int     `json:"steps"`
	Seed      uint64  `json:"seed"`
	Accuracy  number  `json:"accuracy"`
}

// The readers of the lesson's two tasks of words. All but the first two do not
// know the order of the words.
var wordReaders = []struct {
	name string
	make func(rng *rand.Rand, words int) lesson.Model
}{
	{"RNN, last state", func(rng *rand.Rand, words int) lesson.Model { return wordClassifier(rng, words, "RNN", lesson.Packed) }},
	{"RNN, max pool", func(rng *rand.Rand, words int) lesson.Model { return wordClassifier(rng, words, "RNN", lesson.MaxPool) }},
	{"bag of words", func(_ *rand.Rand, words int) lesson.Model { return lesson.NewBagOfWords(words, 2) }},
	{"word vectors, mean pool", func(rng *rand.Rand, words int) lesson.Model { return wordClassifier(rng, words, "", lesson.MeanPool) }},
	{"word vectors, max pool", func(rng *rand.Rand, words int) lesson.Model { return wordClassifier(rng, words, "", lesson.MaxPool) }},
}

const (
	wordSeeds   = 10
	wordUnits   = 32
	wordBatch   = 32
	wordBatches = 500
)

func wordClassifier(rng *rand.Rand, words int, encoder string, reading lesson.Reading) *lesson.Classifier {
	units := 0
	if encoder != "" {
		units = wordUnits
	}
	return lesson.NewClassifier(rng, lesson.ClassifierConfig{
		Words: words, EmbeddingDim: 8, Encoder: encoder, HiddenSize: units, Reading: reading, Classes: 2,
	})
}

// The setting at which the first reader learns best comes first; the others are trained
// at that one only.
var wordWays = []struct {
	optimizer string
	rate      float64
}{{"Adam", 0.01}, {"Adam", 0.003}, {"Adam", 0.03}, {"SGD", 0.1}, {"SGD", 0.3}, {"SGD", 1}}

func newOptimizer(name string, params []*lesson.Parameter, rate float64) lesson.Optimizer {
	if name == "SGD" {
		return lesson.NewSGD(params, rate, 0.9)
	}
	return lesson.NewAdam(params, rate)
}

// learn is the function learn of the lesson, to the bit: one batch, whose loss it
// returns.
func learn(rng *rand.Rand, task lesson.Task, m lesson.Model, optimizer lesson.Optimizer, clip float64) (loss float64) {
	sentences, classes := task.Sample(rng, wordBatch)
	loss, d := lesson.CrossEntropy(m.Forward(sentences), classes)
	lesson.ZeroGrad(m.Parameters())
	m.Backward(d)
	lesson.ClipGradNorm(m.Parameters(), clip)
	optimizer.Step()
	return loss
}

// accuracy is that on 1000 new sentences.
func accuracy(rng *rand.Rand, task lesson.Task, m lesson.Model) number {
	sentences, classes := task.Sample(rng, 1000)
	return number(lesson.Accuracy(m.Forward(sentences), classes))
}

func train(rng *rand.Rand, task lesson.Task, m lesson.Model, optimizer lesson.Optimizer, clip float64) number {
	for range wordBatches {
		learn(rng, task, m, optimizer, clip)
	}
	return accuracy(rng, task, m)
}

func wordGrid(name, about string, task func(steps int) lesson.Task) {
	g := &grid{
		name: name, about: about, seeds: wordSeeds,
		settings: map[string]any{
			"units": wordUnits, "embedding": 8, "momentum of SGD": 0.9, "batch": wordBatch, "batches": wordBatches, "clipped to norm": 1,
		},
	}
	for _, steps := range []int{10, 20, 40, 80, 160} {
		for i, reader := range wordReaders {
			for j, way := range wordWays {
				if i > 0 && j > 0 {
					continue
				}
				for seed := range uint64(wordSeeds) {
					g.rows = append(g.rows, func() any {
						rng, task := rand.New(rand.NewPCG(4, seed)), task(steps)
						m := reader.make(rng, task.Words())
						optimizer := newOptimizer(way.optimizer, m.Parameters(), way.rate)
						return wordRow{reader.name, way.optimizer, way.rate, steps, seed, train(rng, task, m, optimizer, 1)}
					})
				}
			}
		}
	}
	register(g)
}

// A trainingRow is one training, looked at every trainingEvery batches.
type trainingRow struct {
	Steps    int      `json:"steps"` // distractors after the cue
	Rate     float64  `json:"rate"`
	Seed     uint64   `json:"seed"`
	Accuracy number   `json:"accuracy"` // in the end
	Loss     []number `json:"loss"`     // mean of the batches up to the next look
	Rho      []number `json:"rho"`      // spectral radius of W_h
	Norm     []number `json:"norm"`     // ‖∂h_T/∂h_1‖, the largest of the probe sentences
	Apart    []number `json:"apart"`    // ‖h_T − h_T′‖, where h_T′ is of the same sentence with the other cue: the largest
}

const (
	trainingEvery  = 5
	trainingProbes = 9
)

func measureTraining(steps int, rate float64, seed uint64) trainingRow {
	row := trainingRow{Steps: steps, Rate: rate, Seed: seed}
	rng, task := rand.New(rand.NewPCG(4, seed)), lesson.NewCueTask(steps)
	c := wordClassifier(rng, task.Words(), "RNN", lesson.Packed)
	probes, _ := task.Sample(rand.New(rand.NewPCG(4, 400)), trainingProbes)
	adam := lesson.NewAdam(c.Parameters(), rate)
	Wh := c.Encoder.(*lesson.RNN).Parameter("weight_hh_l0").Value.Matrix()
	for range wordBatches / trainingEvery {
		rho := lesson.SpectralRadius(Wh)
		norm, apart := probe(c, probes)
		loss := 0.0
		for range trainingEvery {
			loss += learn(rng, task, c, adam, 1) / trainingEvery
		}
		row.Loss, row.Rho = append(row.Loss, digits(loss, 3)), append(row.Rho, digits(rho, 3))
		row.Norm, row.Apart = append(row.Norm, digits(norm, 2)), append(row.Apart, digits(apart, 2))
	}
	row.Accuracy = accuracy(rng, task, c)
	return row
}

// probe is the function probe of the lesson.
func probe(c *lesson.Classifier, sentences [][]int) (norm, apart float64) {
	rnn := c.Encoder.(*lesson.RNN)
	for _, s := range sentences {
		other := slices.Clone(s)
		other[0] = 3 - s[0] // the other cue
		x := c.Embedding.Forward(lesson.Indices{s, other})
		norms := lesson.GradientNorms(rnn, x.Slice(0), nil)
		norm = max(norm, norms[len(s)-1])
		_, h := rnn.Forward(x, nil)
		d := 0.0
		for j := range wordUnits {
			d = math.Hypot(d, h.At(0, 0, j)-h.At(0, 1, j))
		}
		apart = max(apart, d)
	}
	return norm, apart
}

// digits rounds to so many decimal digits, which keeps the file small.
func digits(x float64, n int) number {
	v, err := strconv.ParseFloat(strconv.FormatFloat(x, 'e', n-1, 64), 64)
	if err != nil {
		return number(x) // NaN or infinite
	}
	return number(v)
}

type clipRow struct {
	Start    string  `json:"start"`
	Clipped  bool    `json:"clipped"`
	Rate     float64 `json:"rate"`
	Steps    int     `json:"steps"` // distractors after the cue
	Seed     uint64  `json:"seed"`
	Accuracy number  `json:"accuracy"`
}

type addingRow struct {
	Steps int    `json:"steps"` // of the sequence
	Seed  uint64 `json:"seed"`
	Error number `json:"error"`
}

func init() {
	wordGrid("long-memory-cue", "Accuracy of readers on 1000 new sentences of the cue task, against the number of distractors.",
		func(steps int) lesson.Task { return lesson.NewCueTask(steps) })
	wordGrid("long-memory-first-word", "Accuracy of readers on 1000 new sentences of the task that asks for the first word, against the number of words.",
		func(steps int) lesson.Task { return lesson.FirstWordTask(steps) })

	training := &grid{
		name:  "long-memory-training",
		about: "What an RNN's training on the cue task does to W_h, to the gradient and to the last state, every 5 batches.",
		seeds: wordSeeds,
		settings: map[string]any{
			"units": wordUnits, "embedding": 8, "optimizer": "Adam", "batch": wordBatch, "batches": wordBatches, "clipped to norm": 1,
			"every": trainingEvery, "probe sentences": trainingProbes,
		},
	}
	for _, steps := range []int{20, 40, 80} {
		for _, rate := range []float64{0.01, 0.003, 0.03} {
			for seed := range uint64(wordSeeds) {
				training.rows = append(training.rows, func() any { return measureTraining(steps, rate, seed) })
			}
		}
	}
	register(training)

	clipping := &grid{
		name:  "long-memory-clipping",
		about: "Accuracy of an RNN on 1000 new sentences of the cue task, trained by SGD with and without clipping.",
		seeds: wordSeeds,
		settings: map[string]any{
			"units": wordUnits, "embedding": 8, "optimizer": "SGD, momentum 0.9", "batch": wordBatch, "batches": wordBatches, "clipped to norm": 1,
		},
	}
	for _, start := range []struct {
		name  string
		scale float64 // of an orthogonal W_h, 0 for PyTorch's initial values
	}{{"PyTorch's", 0}, {"1.5·Q", 1.5}} {
		for _, clip := range []float64{math.Inf(1), 1} {
			for _, rate := range []float64{0.03, 0.1, 0.3} {
				for _, steps := range []int{10, 20, 40} {
					for seed := range uint64(clipping.seeds) {
						clipping.rows = append(clipping.rows, func() any {
							rng, task := rand.New(rand.NewPCG(4, seed)), lesson.NewCueTask(steps)
							c := wordClassifier(rng, task.Words(), "RNN", lesson.Packed)
							if start.scale > 0 {
								orthogonal(rng, c.Encoder.(*lesson.RNN), start.scale)
							}
							sgd := lesson.NewSGD(c.Parameters(), rate, 0.9)
							return clipRow{start.name, clip == 1, rate, steps, seed, train(rng, task, c, sgd, clip)}
						})
					}
				}
			}
		}
	}
	register(clipping)

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

func orthogonal(rng *rand.Rand, rnn *lesson.RNN, scale float64) {
	Wh := rnn.Parameter("weight_hh_l0").Value.Matrix()
	n, _ := Wh.Dims()
	Wh.Copy(lesson.Orthogonal(rng, n, scale))
}
