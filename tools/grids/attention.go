package main

import (
	"math/rand/v2"
	"slices"

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

// looksRow is where a layer of attention looks, in 20 sentences that begin with
// one of the two words: the mean weight of the first place, and the medians of
// ‖∂y/∂x_1‖ and of the largest ‖∂y/∂x_s‖ elsewhere, y the mean of the outputs.
type looksRow struct {
	Rate   float64 `json:"rate"`
	Seed   uint64  `json:"seed"`
	When   string  `json:"when"` // of training
	Word   string  `json:"word"`
	Weight float64 `json:"weight"`
	First  float64 `json:"first"`
	Others float64 `json:"others"`
}

func init() {
	g := &grid{
		name:  "attention-looks",
		about: "Where attention looks in sentences of the first-word task, and which places move the mean of its outputs, before training and after.",
		seeds: 10,
		settings: map[string]any{
			"words": 30, "embedding": 16, "optimizer": "Adam", "sentences": 8000, "epochs": 1, "batch": 32, "clipped to norm": 1,
		},
	}
	config := lesson.ClassifierConfig{
		Words: 3, EmbeddingDim: 16, Positions: 30, Encoder: "Attention", Reading: lesson.MeanPool, Classes: 2,
	}
	task := lesson.FirstWordTask(30)
	for _, rate := range []float64{0.003, 0.01, 0.03} {
		for seed := range uint64(g.seeds) {
			for _, when := range []string{"before", "after"} {
				for i, word := range []string{"A", "B"} {
					g.rows = append(g.rows, func() any {
						rng := rand.New(rand.NewPCG(10, seed))
						c := lesson.NewClassifier(rng, config)
						if when == "after" {
							seqs, classes := task.Sample(rng, 8000)
							c.Train(rng, seqs, classes, lesson.FitConfig{Epochs: 1, BatchSize: 32, LR: rate, ClipNorm: 1})
						}
						row := looksRow{Rate: rate, Seed: seed, When: when, Word: word}
						row.Weight, row.First, row.Others = looks(c, 1+i)
						return row
					})
				}
			}
		}
	}
	register(g)
}

// looks is the function looks of the lesson.
func looks(c *lesson.Classifier, word int) (weight, first, others float64) {
	sentences, _ := lesson.FirstWordTask(30).Sample(rand.New(rand.NewPCG(10, 500)), 60)
	var firsts, largest []float64
	for _, s := range sentences {
		if s[0] != word || len(firsts) == 20 {
			continue
		}
		x := c.Embedding.Forward(lesson.Indices{s}).Slice(0)
		for i, v := range c.Positions.Weight.Value.Data() {
			x.Data()[i] += v
		}
		_, a := c.Encoder.(*lesson.Attention).Forward(x)
		for t := range 30 {
			weight += a.At(t, 0) / 30 / 20
		}
		norms := c.InputGradientNorms(s) // the last is of place 1
		firsts = append(firsts, norms[29])
		largest = append(largest, slices.Max(norms[:29]))
	}
	return weight, median(firsts), median(largest)
}
