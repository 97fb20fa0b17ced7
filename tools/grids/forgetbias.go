package main

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync"

	"gonum.org/v1/gonum/stat"

	"unroll/lesson"
)

// What the lesson on the forget bias measures: which networks of about 1,750
// parameters learn to remember, each at the best of three learning rates, beside
// readers that have no memory.

// A gated network is one of them and what is done to it before training.
type gated struct {
	name    string
	encoder string // "": the vectors of the words are read as they are
	units   int
	reading lesson.Reading
	biases  func(c *lesson.Classifier, k int) // for k steps; nil leaves PyTorch's
	far     []float64                         // the rates that are tried over 160 steps: at which nine seeds or ten learn 40
}

var gatedArms = []gated{
	{"RNN", "RNN", 36, lesson.Packed, nil, []float64{0.01}},
	{"LSTM", "LSTM", 16, lesson.Packed, nil, nil},
	{"LSTM, 1", "LSTM", 16, lesson.Packed, keep(1), nil},
	{"LSTM, 3", "LSTM", 16, lesson.Packed, keep(3), []float64{0.003, 0.01}},
	{"LSTM, ln k", "LSTM", 16, lesson.Packed, keepFor, gatedRates},
	{"LSTM, ln k, −ln k", "LSTM", 16, lesson.Packed, makeRoom, gatedRates},
	{"GRU", "GRU", 19, lesson.Packed, nil, []float64{0.03}},
	{"GRU, 3", "GRU", 19, lesson.Packed, keep(3), gatedRates},
	{"GRU, ln k", "GRU", 19, lesson.Packed, keepFor, gatedRates},
	{"mean of words", "", 0, lesson.MeanPool, nil, gatedRates},
	{"max of words", "", 0, lesson.MaxPool, nil, gatedRates},
	{"RNN, max of states", "RNN", 36, lesson.MaxPool, nil, nil},
}

var gatedRates = []float64{0.003, 0.01, 0.03}

// keep makes b the bias of the gates that keep.
func keep(b float64) func(*lesson.Classifier, int) {
	return func(c *lesson.Classifier, _ int) {
		switch l := c.Encoder.(type) {
		case *lesson.LSTM:
			l.SetForgetBias(b)
		case *lesson.GRU:
			l.SetUpdateBias(b)
		}
	}
}

// keepFor makes the memory as long as k steps.
func keepFor(c *lesson.Classifier, k int) { keep(math.Log(float64(k)))(c, k) }

// makeRoom lets in less as well, as Tallec & Ollivier (2018) do.
func makeRoom(c *lesson.Classifier, k int) {
	keepFor(c, k)
	c.Encoder.(*lesson.LSTM).SetInputBias(-math.Log(float64(k)))
}

type gatedRow struct {
	Arm      string  `json:"arm"`
	Rate     float64 `json:"rate"`
	Batches  int     `json:"batches"`
	Steps    int     `json:"steps"` // distractors after the cue, or words of a sentence
	Seed     uint64  `json:"seed"`
	Accuracy number  `json:"accuracy"`
}

// firstWordOfRow also has the shares of answers that change when one word of a
// sentence does.
type firstWordOfRow struct {
	gatedRow
	First float64 `json:"first"` // when it is the first
	Count float64 `json:"count"` // when it is one further on, of the kind that is more frequent there
}

// changes is the function changes of the lesson. Of the words behind the first
// those of the other kind are one more than those of its own: when one of them is
// exchanged, who counts them gives the other answer, and who reads the first word
// does not.
func changes(c *lesson.Classifier) (byFirst, byCount float64) {
	rng := rand.New(rand.NewPCG(7, 111))
	sentences, _ := lesson.FirstWordTask(40).Sample(rng, 200)
	var first, count [][]int
	for _, s := range sentences {
		place := 1 + rng.IntN(39)
		for s[place] == s[0] {
			place = 1 + rng.IntN(39)
		}
		first, count = append(first, slices.Clone(s)), append(count, slices.Clone(s))
		first[len(first)-1][0], count[len(count)-1][place] = 3-s[0], s[0]
	}
	was := c.Forward(sentences)
	share := func(changed [][]int) float64 {
		is, n := c.Forward(changed), 0
		for i := range sentences {
			if (is.At(i, 1) > is.At(i, 0)) != (was.At(i, 1) > was.At(i, 0)) {
				n++
			}
		}
		return float64(n) / float64(len(sentences))
	}
	return share(first), share(count)
}

const gatedSeeds = 10

func init() {
	newGrid := func(name, about string) *grid {
		return &grid{
			name: name, about: about, seeds: gatedSeeds,
			settings: map[string]any{"embedding": 8, "optimizer": "Adam", "batch": 32, "clipped to norm": 1},
		}
	}
	add := func(g *grid, arm gated, task lesson.Task, steps int, rates []float64, batches int) {
		for _, rate := range rates {
			for seed := range uint64(gatedSeeds) {
				g.rows = append(g.rows, func() any {
					_, accuracy := arm.train(task, steps, rate, batches, seed)
					return gatedRow{arm.name, rate, batches, steps, seed, number(accuracy)}
				})
			}
		}
	}

	cue := newGrid("forget-bias-cue", "Accuracy of networks of about 1,750 parameters, and of readers without memory, on 1000 new sentences of the cue task.")
	for _, arm := range gatedArms {
		add(cue, arm, lesson.NewCueTask(40), 40, gatedRates, 500)
	}
	// Those that fail have a shorter way, and PyTorch's LSTM four times as long.
	for _, arm := range slices.Concat(gatedArms[:3], gatedArms[9:11]) {
		add(cue, arm, lesson.NewCueTask(20), 20, gatedRates, 500)
	}
	add(cue, gatedArms[1], lesson.NewCueTask(20), 20, append(slices.Clone(gatedRates), 0.1), 2000)
	for _, arm := range gatedArms {
		add(cue, arm, lesson.NewCueTask(160), 160, arm.far, 500)
	}
	register(cue)

	first := newGrid("forget-bias-first-word", "Accuracy of the same networks and readers on 1000 new sentences of 40 words of the first-word task, "+
		"and what changes the answers on 200 of them: the other first word, or another word further on.")
	for _, arm := range gatedArms {
		if arm.name == "LSTM, 1" || arm.name == "LSTM, 3" || arm.name == "GRU, 3" {
			continue
		}
		for _, rate := range gatedRates {
			for seed := range uint64(gatedSeeds) {
				first.rows = append(first.rows, func() any {
					c, accuracy := arm.train(lesson.FirstWordTask(40), 40, rate, 500, seed)
					byFirst, byCount := changes(c)
					return firstWordOfRow{gatedRow{arm.name, rate, 500, 40, seed, number(accuracy)}, byFirst, byCount}
				})
			}
		}
	}
	register(first)
}

// classifier returns the network as it is before training for k steps.
func (g gated) classifier(rng *rand.Rand, words, k int) *lesson.Classifier {
	c := lesson.NewClassifier(rng, lesson.ClassifierConfig{
		Words: words, EmbeddingDim: 8, Encoder: g.encoder, HiddenSize: g.units, Reading: g.reading, Classes: 2,
	})
	if g.biases != nil {
		g.biases(c, k)
	}
	return c
}

// train is the function train of the lesson, to the bit.
func (g gated) train(task lesson.Task, k int, rate float64, batches int, seed uint64) (c *lesson.Classifier, accuracy float64) {
	rng := rand.New(rand.NewPCG(7, seed))
	c = g.classifier(rng, task.Words(), k)
	adam := lesson.NewAdam(c.Parameters(), rate)
	for range batches {
		sentences, classes := task.Sample(rng, 32)
		c.TrainStep(adam, sentences, classes, 1)
	}
	return c, c.Accuracy(task.Sample(rng, 1000))
}

// memoryRow is what a network does with the cue during its training: of
// twenty sentences, the means over the units of the last cell state, and the
// medians of the norms over the steps after the cue.
type memoryRow struct {
	Arm    string `json:"arm"`
	Seed   uint64 `json:"seed"`
	Batch  int    `json:"batch"`  // batches learned
	Loss   number `json:"loss"`   // of the twenty
	Size   number `json:"size"`   // |C_T|
	Slope  number `json:"slope"`  // of tanh there
	Cell   number `json:"cell"`   // ‖∂C_T/∂C_1‖
	Output number `json:"output"` // ‖∂h_T/∂C_1‖
}

const (
	memorySteps   = 80
	memoryBatches = 500
	memoryEvery   = 25
)

func init() {
	g := &grid{
		name:  "forget-bias-memory",
		about: "What the memory of LSTMs holds while they learn the cue task, and what of the cue reaches their output.",
		seeds: gatedSeeds,
		settings: map[string]any{
			"units": 16, "embedding": 8, "steps": memorySteps, "optimizer": "Adam", "learning rate": 0.01, "batch": 32, "clipped to norm": 1,
		},
	}
	for _, arm := range gatedArms {
		if arm.name != "LSTM, ln k" && arm.name != "LSTM, ln k, −ln k" {
			continue
		}
		for seed := range uint64(g.seeds) {
			run := sync.OnceValue(func() []memoryRow { return arm.watch(seed) })
			for i := range memoryBatches/memoryEvery + 1 {
				g.rows = append(g.rows, func() any { return run()[i] })
			}
		}
	}
	register(g)
}

// watch trains as train does, and measures the memory meanwhile.
func (g gated) watch(seed uint64) (rows []memoryRow) {
	rng := rand.New(rand.NewPCG(7, seed))
	task := lesson.NewCueTask(memorySteps)
	c := g.classifier(rng, task.Words(), memorySteps)
	adam := lesson.NewAdam(c.Parameters(), 0.01)
	sentences, classes := task.Sample(rand.New(rand.NewPCG(7, 109)), 20)
	for batch := 0; ; batch++ {
		if batch%memoryEvery == 0 {
			row := look(c, sentences, classes)
			row.Arm, row.Seed, row.Batch = g.name, seed, batch
			rows = append(rows, row)
		}
		if batch == memoryBatches {
			return rows
		}
		s, k := task.Sample(rng, 32)
		c.TrainStep(adam, s, k, 1)
	}
}

func look(c *lesson.Classifier, sentences [][]int, classes []int) memoryRow {
	l := c.Encoder.(*lesson.LSTM)
	loss, _ := lesson.CrossEntropy(c.Forward(sentences), classes)
	x := c.Embedding.Forward(sentences)
	_, state := l.Forward(x, nil)
	var size, slope []float64
	for _, v := range state.C.Data() {
		size = append(size, math.Abs(v))
		slope = append(slope, 1-math.Pow(math.Tanh(v), 2))
	}
	var cells, outputs []float64
	for i := range sentences {
		one := x.Slice(i)
		_, cell := lesson.LSTMGradientNorms(l, one, nil)
		cells = append(cells, cell[memorySteps])
		outputs = append(outputs, lesson.LSTMMemoryNorms(l, one, nil)[memorySteps])
	}
	return memoryRow{
		Loss: number(loss), Size: number(stat.Mean(size, nil)), Slope: number(stat.Mean(slope, nil)),
		Cell: number(median(cells)), Output: number(median(outputs)),
	}
}

func median(values []float64) float64 {
	slices.Sort(values)
	return stat.Quantile(0.5, stat.LinInterp, values, nil)
}

// countingRow is what a network on its way through the first-word task follows.
type countingRow struct {
	Rate  float64 `json:"rate"`
	Seed  uint64  `json:"seed"`
	Batch int     `json:"batch"` // batches learned
	Loss  number  `json:"loss"`  // mean of the batches since the last look
	First float64 `json:"first"` // as in firstWordOfRow
	Count float64 `json:"count"`
	Reach number  `json:"reach"` // ‖∂h_T/∂x_1‖, the median of some sentences
}

const countingEvery = 25

func init() {
	g := &grid{
		name:  "forget-bias-counting",
		about: "What the LSTM as PyTorch draws it follows while it learns the first-word task, and how far back its gradient reaches.",
		seeds: gatedSeeds,
		settings: map[string]any{
			"units": 16, "embedding": 8, "words": 40, "optimizer": "Adam", "batch": 32, "clipped to norm": 1,
		},
	}
	for _, rate := range gatedRates[:2] {
		for seed := range uint64(g.seeds) {
			run := sync.OnceValue(func() []countingRow { return watchCounting(rate, seed) })
			for i := range memoryBatches/countingEvery + 1 {
				g.rows = append(g.rows, func() any { return run()[i] })
			}
		}
	}
	register(g)
}

func watchCounting(rate float64, seed uint64) (rows []countingRow) {
	rng, task := rand.New(rand.NewPCG(7, seed)), lesson.FirstWordTask(40)
	c := gatedArms[1].classifier(rng, task.Words(), 40)
	adam := lesson.NewAdam(c.Parameters(), rate)
	probes, _ := task.Sample(rand.New(rand.NewPCG(7, 112)), 11)
	loss := math.Log(2)
	for batch := 0; ; batch++ {
		if batch%countingEvery == 0 {
			row := countingRow{Rate: rate, Seed: seed, Batch: batch, Loss: number(loss)}
			row.First, row.Count = changes(c)
			var norms []float64
			for _, s := range probes {
				norms = append(norms, c.InputGradientNorms(s)[39])
			}
			row.Reach, loss = number(median(norms)), 0
			rows = append(rows, row)
		}
		if batch == memoryBatches {
			return rows
		}
		s, k := task.Sample(rng, 32)
		l, _ := c.TrainStep(adam, s, k, 1)
		loss += l / countingEvery
	}
}

// differsRow is a network that learned the cue task at one distance, or at
// distances that differ, and is asked at others.
type differsRow struct {
	Arm      string    `json:"arm"`
	Trained  string    `json:"trained"`
	Rate     float64   `json:"rate"`
	Seed     uint64    `json:"seed"`
	Accuracy number    `json:"accuracy"` // where it was trained
	Asked    []float64 `json:"asked"`    // accuracy on 200 sentences at each of differsAsked
}

var differsAsked = []int{30, 38, 39, 40, 41, 42, 60}

func init() {
	g := &grid{
		name:  "forget-bias-differs",
		about: "Accuracy of networks that learned the cue task at 40 steps, or at 35 to 45, on sentences of other distances.",
		seeds: gatedSeeds,
		settings: map[string]any{
			"embedding": 8, "optimizer": "Adam", "batches": 500, "batch": 32, "clipped to norm": 1, "asked": differsAsked,
		},
	}
	tasks := []struct {
		name string
		task lesson.CueTask
	}{
		{"at 40", lesson.NewCueTask(40)},
		{"at 35 to 45", lesson.CueTask{Classes: 2, Distractors: 4, MinLength: 36, MaxLength: 46}},
	}
	for _, arm := range gatedArms {
		if arm.name != "RNN" && arm.name != "LSTM, ln k, −ln k" && arm.name != "GRU, ln k" {
			continue
		}
		for _, t := range tasks {
			for _, rate := range gatedRates {
				for seed := range uint64(g.seeds) {
					g.rows = append(g.rows, func() any {
						c, accuracy := arm.train(t.task, 40, rate, 500, seed)
						row := differsRow{Arm: arm.name, Trained: t.name, Rate: rate, Seed: seed, Accuracy: number(accuracy)}
						for _, k := range differsAsked {
							row.Asked = append(row.Asked, c.Accuracy(lesson.NewCueTask(k).Sample(rand.New(rand.NewPCG(7, 120)), 200)))
						}
						return row
					})
				}
			}
		}
	}
	register(g)
}
