package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"slices"

	"gonum.org/v1/gonum/stat"

	"unroll/lesson"
)

// What the lesson on a network that writes measures: bits per character of
// networks, counts and compressors, and what is learned against τ.

type bitsRow struct {
	Text   string  `json:"text"`
	Reader string  `json:"reader"`
	N      int     `json:"n"`      // of an n-gram, else 0
	Amount float64 `json:"amount"` // of its smoothing
	Seed   uint64  `json:"seed"`
	Valid  number  `json:"valid"`
	Test   number  `json:"test"`
}

type tauRow struct {
	Task   string  `json:"task"`
	Tau    int     `json:"tau"`
	State  string  `json:"state"`
	Rate   float64 `json:"rate"`
	Seed   uint64  `json:"seed"`
	Answer number  `json:"answer"` // bits per character: of new text, or of the answers alone
}

func corpus(name string) *lesson.TextCorpus {
	for _, base := range []string{"notebooks/data", "../../notebooks/data"} {
		if c, err := lesson.LoadText(base + "/language-model-" + name + ".txt"); err == nil {
			return c
		}
	}
	panic("the text language-model-" + name + ".txt is missing: run at the top of the checkout")
}

// trainWriter is the function of that name in the lesson and in package figures,
// to the bit: the model that ships.
func trainWriter(c *lesson.TextCorpus, encoder string, hidden, steps int, seed uint64) *lesson.LanguageModel {
	m := lesson.NewLanguageModel(rand.New(rand.NewPCG(12, seed)), lesson.LanguageConfig{
		Tokens: c.Alphabet.Len(), EmbeddingDim: 16, Encoder: encoder, HiddenSize: hidden,
	})
	m.Train(c.Train, lesson.LanguageFit{Steps: steps, Streams: 32, Tau: 64, LR: 0.01, Anneal: true, ClipNorm: 1})
	return m
}

// compressed returns how many bits a character of a part takes, if what trains a
// model stands before it: the difference of two sizes.
func compressed(c *lesson.TextCorpus, part []int, size func([]byte) int) number {
	train := []byte(c.Alphabet.Decode(c.Train))
	both := append(slices.Clone(train), c.Alphabet.Decode(part)...)
	return number(8 * float64(size(both)-size(train)) / float64(len(part)))
}

func gzipSize(text []byte) int {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		panic(err)
	}
	w.Write(text)
	w.Close()
	return b.Len()
}

func xzSize(text []byte) int {
	xz := exec.Command("xz", "-9e", "-c")
	xz.Stdin = bytes.NewReader(text)
	out, err := xz.Output()
	if err != nil {
		panic(fmt.Sprintf("xz: %v; install xz-utils", err))
	}
	return len(out)
}

// recallText is a text whose every answer stands gap steps behind what it
// repeats: one of four letters, blanks, a mark, the letter again, a blank.
func recallText(rng *rand.Rand, groups, gap int) []int {
	const blank, mark = 4, 5
	var text []int
	for range groups {
		k := rng.IntN(4)
		text = append(text, k)
		for range gap - 2 {
			text = append(text, blank)
		}
		text = append(text, mark, k)
	}
	return text
}

// windowBits returns −log₂ of the probability of every token of a text but the
// first, read in windows of tau with the state carried or begun from zeros in
// each, as the model was trained.
func windowBits(m *lesson.LanguageModel, text []int, tau int, stateless bool) []float64 {
	if !stateless {
		return m.Bits(text)
	}
	var bits []float64
	for from := 0; from < len(text)-1; from += tau {
		bits = append(bits, m.Bits(text[from:min(from+tau+1, len(text))])...)
	}
	return bits
}

// trainTau trains with so many characters in each step of the optimiser, whatever
// τ: streams·τ.
func trainTau(task string, tau int, stateless bool, rate float64, seed uint64) number {
	rng := rand.New(rand.NewPCG(12, seed))
	how := lesson.LanguageFit{Tau: tau, LR: rate, ClipNorm: 1, Stateless: stateless}
	if task == "text" {
		c := corpus("go")
		m := lesson.NewLanguageModel(rng, lesson.LanguageConfig{Tokens: c.Alphabet.Len(), EmbeddingDim: 16, Encoder: "LSTM", HiddenSize: 32})
		how.Streams, how.Steps = 512/tau, 200
		m.Train(c.Train, how)
		return number(stat.Mean(windowBits(m, c.Valid[:4001], tau, stateless), nil))
	}
	const gap, characters, steps = 6, 256, 1000
	m := lesson.NewLanguageModel(rng, lesson.LanguageConfig{Tokens: 6, EmbeddingDim: 6, Encoder: "LSTM", HiddenSize: 16})
	how.Streams, how.Steps = characters/tau, steps
	m.Train(recallText(rng, characters*steps/(gap+1), gap), how)
	test, sum := recallText(rng, 200, gap), 0.0
	for i, b := range windowBits(m, test, tau, stateless) {
		if test[i] == 5 {
			sum += b / 200
		}
	}
	return number(sum)
}

func init() {
	readers := &grid{
		name:     "language-model-bits",
		about:    "Bits per character of a text's held-out parts: n-grams, compressors that have read the training part, and networks of 80 units.",
		seeds:    3,
		settings: map[string]any{"units": 80, "embedding": 16, "optimizer": "Adam", "rate": 0.01, "annealed to": 0, "streams": 32, "tau": 64, "steps": map[string]int{"go": 1600, "english": 700}, "clipped to norm": 1, "xz": "xz -9e -c", "gzip": "compress/gzip, best compression"},
	}
	for _, text := range []string{"go", "english"} {
		for _, n := range []int{1, 2, 3, 4, 5, 6, 8, 10, 12} {
			for _, s := range []struct {
				smoothing lesson.Smoothing
				longest   int // beyond which it only becomes worse
				amounts   []float64
			}{{lesson.Additive, 5, []float64{0.01, 0.1, 1}}, {lesson.WittenBell, 6, []float64{0}}, {lesson.KneserNey, 12, []float64{0.7, 0.8, 0.9, 0.95}}} {
				if n > s.longest {
					continue
				}
				for _, amount := range s.amounts {
					readers.rows = append(readers.rows, func() any {
						c := corpus(text)
						g := lesson.NewNGram(c.Train, c.Alphabet.Len(), n, s.smoothing, amount)
						return bitsRow{text, s.smoothing.String(), n, amount, 0, number(stat.Mean(g.Bits(c.Valid), nil)), number(stat.Mean(g.Bits(c.Test), nil))}
					})
				}
			}
		}
		for _, compressor := range []struct {
			name string
			size func([]byte) int
		}{{"gzip", gzipSize}, {"xz", xzSize}} {
			readers.rows = append(readers.rows, func() any {
				c := corpus(text)
				return bitsRow{text, compressor.name, 0, 0, 0, compressed(c, c.Valid, compressor.size), compressed(c, c.Test, compressor.size)}
			})
		}
		for _, encoder := range []struct {
			kind   string
			hidden int // for equal parameters, to within 5 %
		}{{"LSTM", 80}} {
			for seed := range uint64(readers.seeds) {
				readers.rows = append(readers.rows, func() any {
					c, steps := corpus(text), 1600
					if text == "english" {
						steps = 700
					}
					m := trainWriter(c, encoder.kind, encoder.hidden, steps, seed)
					return bitsRow{text, encoder.kind, 0, 0, seed, number(stat.Mean(m.Bits(c.Valid), nil)), number(stat.Mean(m.Bits(c.Test), nil))}
				})
			}
		}
	}
	register(readers)

	tau := &grid{
		name:  "language-model-tau",
		about: "Bits of an LSTM trained with gradients cut after τ steps, the state carried or begun from zeros, in training as when it is measured: per character of 4,000 new characters of Go (task text), and of the answers alone in a task whose answer lies 6 steps back (task recall).",
		seeds: 10,
		settings: map[string]any{
			"optimizer": "Adam", "clipped to norm": 1, "embedding": map[string]int{"text": 16, "recall": 6},
			"units": map[string]int{"text": 32, "recall": 16}, "characters in a step": map[string]int{"text": 512, "recall": 256},
			"steps": map[string]int{"text": 200, "recall": 1000},
		},
	}
	for _, task := range []string{"recall", "text"} {
		for _, t := range map[string][]int{"recall": {2, 4, 8, 16}, "text": {1, 8, 64}}[task] {
			for _, stateless := range []bool{false, true} {
				for _, rate := range map[string][]float64{"recall": {0.003, 0.01}, "text": {0.01, 0.03}}[task] {
					for seed := range uint64(tau.seeds) {
						tau.rows = append(tau.rows, func() any {
							state := "carried"
							if stateless {
								state = "from zeros"
							}
							return tauRow{task, t, state, rate, seed, trainTau(task, t, stateless, rate, seed)}
						})
					}
				}
			}
		}
	}
	register(tau)
}
