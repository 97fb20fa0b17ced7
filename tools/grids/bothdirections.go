package main

import (
	"math/rand/v2"

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
