package main

import (
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"

	"unroll/lesson"
)

// What the lesson on both directions measures: whether a reader finds the word
// after a marker, wherever in the sentence the two are.

type markedRow struct {
	Arm      string `json:"arm"`
	Place    string `json:"place"` // of the marker
	Rate     number `json:"rate"`
	Seed     uint64 `json:"seed"`
	Accuracy number `json:"accuracy"` // on 500 new sentences
}

var (
	markedPlaces = []string{"first", "middle", "last"}
	twoWays      = []lesson.Option{lesson.Bidirectional}

	markedArms = []struct {
		name   string
		config lesson.ClassifierConfig
	}{
		{"forward", lesson.ClassifierConfig{Encoder: "RNN", HiddenSize: 16, Reading: lesson.Packed}},
		{"flip", lesson.ClassifierConfig{Encoder: "RNN", HiddenSize: 16, Reading: lesson.Flip}},
		{"both", lesson.ClassifierConfig{Encoder: "RNN", HiddenSize: 10, Options: twoWays, Reading: lesson.Packed}},
		{"last step", lesson.ClassifierConfig{Encoder: "RNN", HiddenSize: 10, Options: twoWays, Reading: lesson.Gather}},
		{"largest state", lesson.ClassifierConfig{Encoder: "RNN", HiddenSize: 16, Reading: lesson.MaxPool}},
		{"mean of words", lesson.ClassifierConfig{Reading: lesson.MeanPool}},
		{"largest of words", lesson.ClassifierConfig{Reading: lesson.MaxPool}},
	}
)

func init() {
	g := &grid{
		name:  "both-directions-marked",
		about: "Accuracy of readers on 500 new sentences whose class is the word behind a marker, against the marker's place.",
		seeds: 10,
		settings: map[string]any{
			"words": "31 to 51", "embedding": 8, "optimizer": "Adam", "sentences": 16000, "epochs": 1, "batch": 32, "clipped to norm": 1,
		},
	}
	for place, placeName := range markedPlaces {
		task := lesson.MarkedWordTask{MinLength: 31, MaxLength: 51, Place: lesson.Place(place)}
		for _, rate := range []float64{0.003, 0.01, 0.03} {
			for seed := range uint64(10) {
				row := func(arm string, train func(rng *rand.Rand, how lesson.FitConfig) float64) {
					g.rows = append(g.rows, func() any {
						rng := rand.New(rand.NewPCG(9, seed))
						how := lesson.FitConfig{Epochs: 1, BatchSize: 32, LR: rate, ClipNorm: 1}
						return markedRow{arm, placeName, number(rate), seed, number(train(rng, how))}
					})
				}
				for _, arm := range markedArms {
					row(arm.name, func(rng *rand.Rand, how lesson.FitConfig) float64 {
						config := arm.config
						config.Words, config.EmbeddingDim, config.Classes = task.Words(), 8, 2
						c := lesson.NewClassifier(rng, config)
						seqs, classes := task.Sample(rng, 16000)
						c.Train(rng, seqs, classes, how)
						return c.Accuracy(task.Sample(rng, 500))
					})
				}
				row("word pairs", func(rng *rand.Rand, how lesson.FitConfig) float64 {
					var train, test lesson.Examples
					train.Seqs, train.Classes = task.Sample(rng, 16000)
					pairs := lesson.NewWordPairs(train.Seqs, task.Words(), 1)
					bag := lesson.NewBagOfWords(pairs.Len(), 2)
					lesson.Fit(rng, bag, pairs.Examples(train), lesson.Examples{}, how)
					test.Seqs, test.Classes = task.Sample(rng, 500)
					test = pairs.Examples(test)
					return lesson.Accuracy(bag.Forward(test.Seqs), test.Classes)
				})
			}
		}
	}
	register(g)
}

// halvesRow is one training of the reader of both ways, looked at every
// halvesEvery batches: in how many of new sentences the class can be read, by a
// linear probe, from the last state of each direction alone.
type halvesRow struct {
	Place    string    `json:"place"`
	Seed     uint64    `json:"seed"`
	Accuracy number    `json:"accuracy"` // on 500 new sentences
	Loss     []number  `json:"loss"`     // mean of the batches up to the next look
	Forward  []float64 `json:"forward"`
	Reverse  []float64 `json:"reverse"`
}

const (
	halvesRate    = 0.01
	halvesEvery   = 10
	halvesBatches = 500
	halvesProbes  = 600 // the probe is fitted on a third
)

// watchHalves trains as the rows of both-directions-marked do, to the bit.
func watchHalves(place lesson.Place, name string, seed uint64) halvesRow {
	row := halvesRow{Place: name, Seed: seed}
	task := lesson.MarkedWordTask{MinLength: 31, MaxLength: 51, Place: place}
	probes, verdicts := task.Sample(rand.New(rand.NewPCG(9, 400)), halvesProbes)
	rng := rand.New(rand.NewPCG(9, seed))
	config := markedArms[2].config // both
	config.Words, config.EmbeddingDim, config.Classes = task.Words(), 8, 2
	c := lesson.NewClassifier(rng, config)
	adam := lesson.NewAdam(c.Parameters(), halvesRate)
	sentences, classes := task.Sample(rng, 32*halvesBatches)
	order, loss := rng.Perm(len(sentences)), 0.0
	for batch := range halvesBatches {
		if batch%halvesEvery == 0 {
			states := c.Represent(probes)
			row.Forward = append(row.Forward, linearProbe(states, 0, verdicts))
			row.Reverse = append(row.Reverse, linearProbe(states, config.HiddenSize, verdicts))
			loss = 0
		}
		var s [][]int
		var k []int
		for _, i := range order[32*batch:][:32] {
			s, k = append(s, sentences[i]), append(k, classes[i])
		}
		l, _ := c.TrainStep(adam, s, k, 1)
		if loss += l / halvesEvery; batch%halvesEvery == halvesEvery-1 {
			row.Loss = append(row.Loss, number(loss))
		}
	}
	row.Accuracy = number(c.Accuracy(task.Sample(rng, 500)))
	return row
}

// linearProbe is the function probe of the lesson: least squares, with a small ridge,
// from ten numbers of a state to the class, on the first third of the sentences.
// It returns the share of the others that it tells right.
func linearProbe(states *lesson.Tensor, from int, classes []int) float64 {
	n := len(classes)
	x, y := mat.NewDense(n, 11, nil), mat.NewVecDense(n, nil)
	for i, class := range classes {
		x.SetRow(i, append(slices.Clone(states.Slice(i).Data()[from:from+10]), 1))
		y.SetVec(i, float64(2*class-1))
	}
	known := x.Slice(0, n/3, 0, 11)
	var a, b, w, z mat.Dense
	a.Mul(known.T(), known)
	for j := range 11 {
		a.Set(j, j, a.At(j, j)+0.001)
	}
	b.Mul(known.T(), y.SliceVec(0, n/3))
	if err := w.Solve(&a, &b); err != nil {
		panic(err)
	}
	z.Mul(x, &w)
	right := 0
	for i := n / 3; i < n; i++ {
		if z.At(i, 0)*y.AtVec(i) > 0 {
			right++
		}
	}
	return float64(right) / float64(n-n/3)
}

func init() {
	g := &grid{
		name: "both-directions-training",
		about: "The reader of both ways while it learns: its loss, and the share of new sentences whose class " +
			"a linear probe tells from the last state of one direction, every 10 batches.",
		seeds: 10,
		settings: map[string]any{
			"words": "31 to 51", "embedding": 8, "units": 10, "optimizer": "Adam", "learning rate": halvesRate, "batches": halvesBatches,
			"batch": 32, "clipped to norm": 1, "every": halvesEvery, "probe sentences": halvesProbes,
		},
	}
	for place, name := range markedPlaces {
		for seed := range uint64(g.seeds) {
			g.rows = append(g.rows, func() any { return watchHalves(lesson.Place(place), name, seed) })
		}
	}
	register(g)
}
