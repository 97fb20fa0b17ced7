// The first program of a page, which nobody asks for: it uses what cells use, while the reader reads, so that the browser has
// compiled that for speed when a cell trains. See site/run/README.md, "The base".
package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"gonum.org/v1/gonum/floats"
	"unroll/lesson"
	"unroll/plots"
)

const each = 200 * time.Millisecond // for each use

func main() {
	for _, use := range []func(rng *rand.Rand) func(){
		reader(lesson.ClassifierConfig{Encoder: "RNN", HiddenSize: 32, Reading: lesson.Packed}),
		reader(lesson.ClassifierConfig{Encoder: "LSTM", HiddenSize: 16, Reading: lesson.Packed}),
		reader(lesson.ClassifierConfig{Encoder: "GRU", HiddenSize: 19, Reading: lesson.Packed}),
		reader(lesson.ClassifierConfig{Encoder: "MinGRU", HiddenSize: 40, Reading: lesson.Packed}),
		reader(lesson.ClassifierConfig{Encoder: "Attention", Reading: lesson.Gather}),
		reader(lesson.ClassifierConfig{Encoder: "RNN", HiddenSize: 10, Reading: lesson.MaxPool, Options: []lesson.Option{lesson.Bidirectional}}),
		pool, reviews, results, text, translator, draws, norms, figure,
	} {
		step := use(rand.New(rand.NewPCG(1, 1)))
		for start := time.Now(); time.Since(start) < each; {
			step()
		}
	}
}

func reader(config lesson.ClassifierConfig) func(rng *rand.Rand) func() {
	return func(rng *rand.Rand) func() {
		task := lesson.NewCueTask(20)
		config.Words, config.EmbeddingDim, config.Classes = task.Words(), 8, 2
		c := lesson.NewClassifier(rng, config)
		adam := lesson.NewAdam(c.Parameters(), 0.01)
		return func() {
			seqs, classes := task.Sample(rng, 32)
			loss, d := lesson.CrossEntropy(c.Forward(seqs), classes)
			lesson.ZeroGrad(c.Parameters())
			c.Backward(d)
			lesson.ClipGradNorm(c.Parameters(), 1)
			adam.Step()
			fmt.Fprintf(io.Discard, "%.3f %.3f\n", loss, c.Accuracy(seqs, classes))
		}
	}
}

func pool(rng *rand.Rand) func() {
	return func() {
		texts, verdicts := lesson.NegationTask(rng, 100)
		words := lesson.NewVocabulary(texts)
		var seqs [][]int
		for _, text := range texts {
			seqs = append(seqs, words.Encode(text))
		}
		c := lesson.NewClassifier(rng, lesson.ClassifierConfig{Words: words.Len(), EmbeddingDim: 8, Reading: lesson.MeanPool, Classes: 2})
		c.Train(rng, seqs, verdicts, lesson.FitConfig{Epochs: 10, BatchSize: 32, LR: 0.01, ClipNorm: 1})
	}
}

func reviews(*rand.Rand) func() {
	return func() { lesson.Must(lesson.LoadCorpus("data/reviews-ko")) }
}

func results(*rand.Rand) func() {
	return func() {
		r := lesson.Must(lesson.ReadResults("data/long-memory-cue.json"))
		r.Where("optimizer", "Adam").Where("rate", 0.01).Above("accuracy", 0.9)
	}
}

func text(rng *rand.Rand) func() {
	c := lesson.Must(lesson.LoadText("data/language-model-go.txt"))
	m := lesson.NewLanguageModel(rng, lesson.LanguageConfig{Tokens: c.Alphabet.Len(), EmbeddingDim: 16, Encoder: "LSTM", HiddenSize: 64})
	return func() {
		m.Train(c.Train[:1000], lesson.LanguageFit{Steps: 2, Streams: 16, Tau: 50, LR: 0.01, ClipNorm: 1})
		m.Generate(rng, c.Train[:1], 10, lesson.Sampler{Temperature: 1})
		g := lesson.NewNGram(c.Train[:1000], c.Alphabet.Len(), 3, lesson.KneserNey, 0.9)
		g.Bits(c.Valid[:100])
	}
}

func translator(rng *rand.Rand) func() {
	m := lesson.NewSeq2Seq(rng, lesson.Seq2SeqConfig{SourceTokens: 8, TargetTokens: 8, EmbeddingDim: 16, HiddenSize: 40, Attention: "dot"})
	adam := lesson.NewAdam(m.Parameters(), 0.01)
	return func() {
		var sources [][]int
		for range 32 {
			sources = append(sources, rng.Perm(8)[:1+rng.IntN(8)])
		}
		m.TrainStep(adam, sources, sources, 1)
		m.Translate(sources[:4], 10)
	}
}

func draws(rng *rand.Rand) func() {
	return func() {
		q := lesson.Randn(rng, 64).Data()
		floats.Dot(q, lesson.Randn(rng, 64).Data())
	}
}

func norms(rng *rand.Rand) func() {
	rnn := lesson.NewRNN(rng, 32, 64)
	return func() {
		lesson.GradientNorms(rnn, lesson.Randn(rng, 20, 32), nil)
		h := rnn.Parameter("weight_hh_l0").Value.Matrix()
		lesson.SpectralRadius(h)
		lesson.SpectralNorm(h)
	}
}

func figure(rng *rand.Rand) func() {
	values := lesson.Randn(rng, 30).Data()
	return func() {
		x := make([]float64, len(values))
		for i := range x {
			x[i] = float64(i)
		}
		plots.Lines(plots.Axes{X: "batches", Y: "loss, nats"}, x, []plots.Curve{{Name: "k = 10", Values: values}}).SVG()
	}
}
