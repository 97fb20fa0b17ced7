package main

import (
	"math/rand/v2"

	"unroll/lesson"
)

// What the lesson on attention measures: who can tell the first of thirty words.

type firstWordRow struct {
	Arm      string `json:"arm"`
	Rate     number `json:"rate"`
	Seed     uint64 `json:"seed"`
	Accuracy number `json:"accuracy"` // on 500 new sentences
}

func init() {
	const words = 30
	g := &grid{
		name:  "attention-first-word",
		about: "Accuracy of readers on 500 new sentences of 30 words, 15 A and 15 B, whose class is the first word.",
		seeds: 10,
		settings: map[string]any{
			"words": words, "embedding": 16, "optimizer": "Adam", "sentences": 8000, "epochs": 1, "batch": 32, "clipped to norm": 1,
		},
	}
	arms := []struct {
		name   string
		config lesson.ClassifierConfig
		set    func(c *lesson.Classifier, k int)
	}{
		{"RNN, last state", lesson.ClassifierConfig{Encoder: "RNN", HiddenSize: 31, Reading: lesson.Packed}, nil},
		{"RNN, largest state", lesson.ClassifierConfig{Encoder: "RNN", HiddenSize: 31, Reading: lesson.MaxPool}, nil},
		{"LSTM, last state", lesson.ClassifierConfig{Encoder: "LSTM", HiddenSize: 13, Reading: lesson.Packed}, makeRoom},
		{"words and places, mean", lesson.ClassifierConfig{Positions: words, Reading: lesson.MeanPool}, nil},
		{"words and places, largest", lesson.ClassifierConfig{Positions: words, Reading: lesson.MaxPool}, nil},
		{"attention, with places", lesson.ClassifierConfig{Encoder: "Attention", Positions: words, Reading: lesson.MeanPool}, nil},
	}
	for _, arm := range arms {
		for _, rate := range []float64{0.003, 0.01, 0.03} {
			for seed := range uint64(10) {
				g.rows = append(g.rows, func() any {
					task, config := lesson.FirstWordTask(words), arm.config
					config.Words, config.EmbeddingDim, config.Classes = task.Words(), 16, 2
					rng := rand.New(rand.NewPCG(10, seed))
					c := lesson.NewClassifier(rng, config)
					if arm.set != nil {
						arm.set(c, words)
					}
					seqs, classes := task.Sample(rng, 8000)
					c.Train(rng, seqs, classes, lesson.FitConfig{Epochs: 1, BatchSize: 32, LR: rate, ClipNorm: 1})
					return firstWordRow{arm.name, number(rate), seed, number(c.Accuracy(task.Sample(rng, 500)))}
				})
			}
		}
	}
	register(g)
}
