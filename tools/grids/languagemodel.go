package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"math"
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
	Valid  number  `json:"valid"`
	Test   number  `json:"test"`
}

type networkRow struct {
	Text       string `json:"text"`
	Reader     string `json:"reader"`
	Parameters int    `json:"parameters"`
	Steps      int    `json:"steps"`
	Streams    int    `json:"streams"`
	Rate       number `json:"rate"`
	Seed       uint64 `json:"seed"`
	Valid      number `json:"valid"`
	Test       number `json:"test"`

	// Of an LSTM that reads Go, one of ten, null for the others: for comments, round brackets and
	// braces in code the correlation with the best unit,
	Unit []number `json:"unit"`
	Rest []number `json:"rest"` // and with what the last five characters do not tell.
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

// trainWriter trains a network on a text and reads the parts that it was not
// trained on. An LSTM with 1600 steps of 32 streams at the rate 0.01 and seed 0 is the
// model that ships, before half of its digits are cut: package figures trains the same.
func trainWriter(text, encoder string, steps, streams int, rate float64, seed uint64) networkRow {
	c := corpus(text)
	m := lesson.NewLanguageModel(rand.New(rand.NewPCG(12, seed)), lesson.LanguageConfig{
		Tokens: c.Alphabet.Len(), EmbeddingDim: 16, Encoder: encoder, HiddenSize: writerUnits[encoder],
	})
	m.Train(c.Train, lesson.LanguageFit{Steps: steps, Streams: streams, Tau: 64, LR: rate, Anneal: true, ClipNorm: 1})
	row := networkRow{
		Text: text, Reader: encoder, Parameters: count(m.Parameters()), Steps: steps, Streams: streams, Rate: number(rate), Seed: seed,
		Valid: number(stat.Mean(m.Bits(c.Valid), nil)), Test: number(stat.Mean(m.Bits(c.Test), nil)),
	}
	if text == "go" && encoder == "LSTM" && steps == writerSteps {
		row.Unit, row.Rest = bestUnits(m, c)
	}
	return row
}

// bestUnits returns, for comments, round brackets and braces, the last two outside of
// comments, how strongly the memory of one unit goes with them in the test part: of the
// unit that does so most in the validation part. rest is the same with what the last
// five characters do not tell. The lesson says how.
func bestUnits(m *lesson.LanguageModel, c *lesson.TextCorpus) (unit, rest []number) {
	memories := func(tokens []int) (units [][]float64) {
		trace := m.Encoder.(*lesson.LSTM).Trace(m.Embedding.Forward(lesson.Indices{tokens}), nil)
		cell := trace[0].Cell.Slice(0)
		for j := range cell.Shape()[1] {
			u := make([]float64, len(tokens))
			for t := range u {
				u[t] = cell.At(t, j)
			}
			units = append(units, u)
		}
		return units
	}
	type mark struct{ values, where []float64 }
	marks := func(tokens []int) []mark {
		m := lesson.ReadGoMarks(c.Alphabet.Decode(tokens))
		all, code := make([]float64, len(tokens)), make([]float64, len(tokens))
		for t, comment := range m.InComment {
			all[t], code[t] = 1, 1-comment
		}
		return []mark{{m.InComment, all}, {m.Round, code}, {m.Braces, code}}
	}
	with := func(m mark, u []float64) number { return number(math.Abs(stat.Correlation(u, m.values, m.where))) }
	last := func(tokens []int, t int) string { return c.Alphabet.Decode(tokens[max(t-4, 0) : t+1]) }

	train, valid, test := marks(c.Train), marks(c.Valid), marks(c.Test)
	ofValid, ofTest := memories(c.Valid), memories(c.Test)
	for i := range train {
		best := 0
		for j := range ofValid {
			if with(valid[i], ofValid[j]) > with(valid[i], ofValid[best]) {
				best = j
			}
		}
		unit = append(unit, with(test[i], ofTest[best]))

		sum, times, mean := map[string]float64{}, map[string]float64{}, stat.Mean(train[i].values, train[i].where)
		for t, v := range train[i].values {
			s := last(c.Train, t)
			sum[s] += float64(train[i].where[t] * v)
			times[s] += train[i].where[t]
		}
		for t := range test[i].values {
			said := mean
			if s := last(c.Test, t); times[s] > 0 {
				said = sum[s] / times[s]
			}
			test[i].values[t] -= said
		}
		rest = append(rest, with(test[i], ofTest[best]))
	}
	return unit, rest
}

// writerUnits gives each network as many parameters as the others, to within 1 %.
var writerUnits = map[string]int{"RNN": 147, "GRU": 92, "LSTM": 80}

// writerSteps is how long the networks train that are compared.
const writerSteps = 600

// writerRates are those at which each network is tried: until the best of them stands
// at neither end.
var writerRates = map[string][]float64{"RNN": {0.003, 0.01, 0.03}, "GRU": {0.003, 0.01, 0.03, 0.1}, "LSTM": {0.003, 0.01, 0.03, 0.1}}

// bestWriterRate is that of fewest bits of Go's validation part: TestWritersGoOnAtTheBestRate.
var bestWriterRate = map[string]float64{"RNN": 0.01, "GRU": 0.03, "LSTM": 0.03}

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
		about:    "Bits per character of a text's held-out parts: n-grams, and compressors that have read the training part.",
		seeds:    1,
		settings: map[string]any{"xz": "xz -9e -c", "gzip": "compress/gzip, best compression"},
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
						return bitsRow{text, s.smoothing.String(), n, amount, number(stat.Mean(g.Bits(c.Valid), nil)), number(stat.Mean(g.Bits(c.Test), nil))}
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
				return bitsRow{text, compressor.name, 0, 0, compressed(c, c.Valid, compressor.size), compressed(c, c.Test, compressor.size)}
			})
		}
	}
	register(readers)

	networks := &grid{
		name:  "language-model-networks",
		about: "Bits per character of a text's held-out parts, of networks with as many parameters: ten seeds at the rate that is best on the validation part of Go, three at the others; then long trainings of the LSTM at one rate, the first of Go the model that ships. The first row is of fewer steps.",
		seeds: 10,
		settings: map[string]any{
			"units": writerUnits, "embedding": 16, "optimizer": "Adam", "annealed to": 0, "tau": 64, "clipped to norm": 1,
		},
		// One that the tests can compute again in little time.
		rows: []func() any{func() any { return trainWriter("go", "LSTM", 20, 32, 0.01, 0) }},
	}
	add := func(encoder string, rate float64, from, to uint64) {
		for seed := from; seed < to; seed++ {
			networks.rows = append(networks.rows, func() any { return trainWriter("go", encoder, writerSteps, 16, rate, seed) })
		}
	}
	encoders := []string{"RNN", "GRU", "LSTM"}
	for _, encoder := range encoders {
		for _, rate := range writerRates[encoder] {
			add(encoder, rate, 0, 3)
		}
	}
	for _, encoder := range encoders {
		add(encoder, bestWriterRate[encoder], 3, 10)
	}
	for seed := range uint64(3) {
		networks.rows = append(networks.rows, func() any { return trainWriter("go", "LSTM", 1600, 32, 0.01, seed) })
	}
	for seed := range uint64(3) {
		networks.rows = append(networks.rows, func() any { return trainWriter("english", "LSTM", 700, 32, 0.01, seed) })
	}
	register(networks)

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
				for _, rate := range map[string][]float64{"recall": {0.003, 0.01, 0.03}, "text": {0.01, 0.03, 0.1}}[task] {
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
