package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"sync"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"

	"unroll/lesson"
)

// What the lesson on a network that writes measures: bits per character of
// networks, counts and compressors, what is learned against τ, what units know, and
// Korean by syllable and by jamo.

type bitsRow struct {
	Text   string  `json:"text"`
	Reader string  `json:"reader"`
	N      int     `json:"n"`      // of an n-gram, else 0
	Amount float64 `json:"amount"` // of its smoothing
	Goes   bool    `json:"goes"`   // on learning from the part while it reads it
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
}

type tauRow struct {
	Task  string  `json:"task"`
	Tau   int     `json:"tau"`
	State string  `json:"state"`
	Rate  float64 `json:"rate"`
	Seed  uint64  `json:"seed"`
	Valid number  `json:"valid"` // bits per character: of new text, or of the answers alone
	Test  number  `json:"test"`  // the same of other new text
}

// A unitsRow has, for comments, round brackets and braces, the last two outside of
// comments, the correlation of the best unit with the mark, and with what the last
// characters do not tell of it.
type unitsRow struct {
	Network string   `json:"network"` // trained or untrained
	Bias    float64  `json:"bias"`    // of the forget gates at first; −1 as an LSTM begins
	Seed    uint64   `json:"seed"`
	Unit    []number `json:"unit"`
	Rest    []number `json:"rest"`
}

type hangulRow struct {
	Tokens     string  `json:"tokens"` // syllable or jamo
	Reader     string  `json:"reader"`
	N          int     `json:"n"`          // of an n-gram, else 0
	Amount     float64 `json:"amount"`     // of its smoothing
	Parameters int     `json:"parameters"` // of a network, else 0
	Tau        int     `json:"tau"`
	Streams    int     `json:"streams"`
	Steps      int     `json:"steps"`
	Rate       number  `json:"rate"`
	Seed       uint64  `json:"seed"`

	// Bits of a part, divided by its characters: of these a syllable block is one.
	Valid number `json:"valid"`
	Test  number `json:"test"`
	Rare  number `json:"rare"` // so many of the bits of Test say which rare character it is
}

func corpus(name string) *lesson.TextCorpus {
	return corpusAs(name, func(text string) string { return text })
}

func corpusAs(name string, spell func(string) string) *lesson.TextCorpus {
	return lesson.Must(lesson.LoadTextAs(pathOf(name), spell))
}

func textOf(name string) string { return string(lesson.Must(os.ReadFile(pathOf(name)))) }

func pathOf(name string) string {
	for _, base := range []string{"notebooks/data", "../../notebooks/data"} {
		path := base + "/language-model-" + name + ".txt"
		if _, err := os.Stat(path); err == nil {
			return path
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
	return networkRow{
		Text: text, Reader: encoder, Parameters: count(m.Parameters()), Steps: steps, Streams: streams, Rate: number(rate), Seed: seed,
		Valid: number(stat.Mean(m.Bits(c.Valid), nil)), Test: number(stat.Mean(m.Bits(c.Test), nil)),
	}
}

// unitsOf asks the units of an LSTM: of one that has trained as in
// language-model-networks, or of one that begins with a forget bias.
func unitsOf(network string, bias float64, seed uint64) unitsRow {
	c := corpus("go")
	m := lesson.NewLanguageModel(rand.New(rand.NewPCG(12, seed)), lesson.LanguageConfig{
		Tokens: c.Alphabet.Len(), EmbeddingDim: 16, Encoder: "LSTM", HiddenSize: writerUnits["LSTM"],
	})
	if bias >= 0 {
		m.Encoder.(*lesson.LSTM).SetForgetBias(bias)
	}
	if network == "trained" {
		m.Train(c.Train, lesson.LanguageFit{Steps: writerSteps, Streams: 16, Tau: 64, LR: bestWriterRate["LSTM"], Anneal: true, ClipNorm: 1})
	}
	unit, rest := bestUnits(m, c)
	return unitsRow{network, bias, seed, unit, rest}
}

// bestUnits returns, for comments, round brackets and braces, the last two outside of
// comments, how strongly the memory of one unit goes with them in the test part: of the
// unit that does so most in the validation part. rest is the same with what the last
// characters do not tell. The lesson says how.
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
	ofValid, ofTest := memories(c.Valid), memories(c.Test)
	for _, mark := range goMarks() {
		best := 0
		for j := range ofValid {
			if mark.valid.with(ofValid[j]) > mark.valid.with(ofValid[best]) {
				best = j
			}
		}
		unit = append(unit, number(mark.test.with(ofTest[best])))
		rest = append(rest, number(mark.rest.with(ofTest[best])))
	}
	return unit, rest
}

// A goMark is a value of each character of Go, and where it counts.
type goMark struct{ values, where []float64 }

func (m goMark) with(u []float64) float64 { return math.Abs(stat.Correlation(u, m.values, m.where)) }

// goMarks returns comments, round brackets and braces, the last two outside of
// comments: of the validation part, of the test part, and what the last characters do
// not tell of those, of as many as tell most in the validation part.
var goMarks = sync.OnceValue(func() (all []struct{ valid, test, rest goMark }) {
	c := corpus("go")
	marks := func(tokens []int) []goMark {
		m := lesson.ReadGoMarks(c.Alphabet.Decode(tokens))
		all, code := make([]float64, len(tokens)), make([]float64, len(tokens))
		for t, comment := range m.InComment {
			all[t], code[t] = 1, 1-comment
		}
		return []goMark{{m.InComment, all}, {m.Round, code}, {m.Braces, code}}
	}
	train, valid, test := marks(c.Train), marks(c.Valid), marks(c.Test)
	for i := range train {
		told := tellers(c.Train, train[i])
		best, most := 0, 0.0
		for k := 1; k <= lastTold; k++ {
			if with := valid[i].with(told(k, c.Valid)); with > most {
				best, most = k, with
			}
		}
		rest := goMark{slices.Clone(test[i].values), test[i].where}
		floats.Sub(rest.values, told(best, c.Test))
		all = append(all, struct{ valid, test, rest goMark }{valid[i], test[i], rest})
	}
	return all
})

// lastTold is how many characters at most are asked what they tell.
const lastTold = 12

// tellers returns what the last k characters tell of a mark in a text: its mean in the
// training text behind the most of them that stand there.
func tellers(train []int, mark goMark) func(k int, tokens []int) []float64 {
	type sum struct{ marks, times float64 }
	text := func(tokens []int) string { // an index is a byte
		b := make([]byte, len(tokens))
		for i, v := range tokens {
			b[i] = byte(v)
		}
		return string(b)
	}
	seen, read := map[string]sum{}, text(train)
	for t, v := range mark.values {
		for n := 0; n <= min(lastTold, t+1); n++ {
			s := seen[read[t+1-n:t+1]]
			s.marks += float64(mark.where[t] * v)
			s.times += mark.where[t]
			seen[read[t+1-n:t+1]] = s
		}
	}
	return func(k int, tokens []int) []float64 {
		told, asked := make([]float64, len(tokens)), text(tokens)
		for t := range told {
			for n := min(k, t+1); n >= 0; n-- {
				if s := seen[asked[t+1-n:t+1]]; s.times > 0 {
					told[t] = s.marks / s.times
					break
				}
			}
		}
		return told
	}
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

// piece is how many characters a reader that goes on learning reads before it learns
// them.
const piece = 1000

// pieces calls f for each piece of n characters.
func pieces(n int, f func(from, to int)) {
	for from := 0; from < n; from += piece {
		f(from, min(from+piece, n))
	}
}

// compressed returns how many bits a character of a part takes, if what trains a
// model stands before it: the difference of two sizes. A compressor goes on learning
// from the part itself; where it shall not, each piece stands alone behind train.
func compressed(train, part string, size func([]byte) int, goes bool) number {
	characters := []rune(part)
	begin, bytes := size([]byte(train)), 0
	if goes {
		bytes = size([]byte(train+part)) - begin
	} else {
		pieces(len(characters), func(from, to int) {
			bytes += size([]byte(train+string(characters[from:to]))) - begin
		})
	}
	return number(8 * float64(bytes) / float64(len(characters)))
}

// counted returns the bits per character of an n-gram that has counted train. One that
// goes on counts also the pieces of the part that it has read.
func counted(c *lesson.TextCorpus, part []int, n int, s lesson.Smoothing, amount float64, goes bool) number {
	if !goes {
		return number(stat.Mean(lesson.NewNGram(c.Train, c.Alphabet.Len(), n, s, amount).Bits(part), nil))
	}
	sum := 0.0
	pieces(len(part), func(from, to int) {
		g := lesson.NewNGram(slices.Concat(c.Train, part[:from]), c.Alphabet.Len(), n, s, amount)
		for _, b := range g.Bits(part[:to])[max(from-1, 0):] {
			sum += b
		}
	})
	return number(sum / float64(len(part)-1))
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
func trainTau(task string, tau int, stateless bool, rate float64, seed uint64) (valid, test number) {
	rng := rand.New(rand.NewPCG(12, seed))
	how := lesson.LanguageFit{Tau: tau, LR: rate, ClipNorm: 1, Stateless: stateless}
	if task == "text" {
		c := corpus("go")
		m := lesson.NewLanguageModel(rng, lesson.LanguageConfig{Tokens: c.Alphabet.Len(), EmbeddingDim: 16, Encoder: "LSTM", HiddenSize: 32})
		how.Streams, how.Steps = 512/tau, 200
		m.Train(c.Train, how)
		bits := func(part []int) number {
			return number(stat.Mean(windowBits(m, part[:4001], tau, stateless), nil))
		}
		return bits(c.Valid), bits(c.Test)
	}
	const gap, characters, steps, groups = 6, 256, 1000, 500
	m := lesson.NewLanguageModel(rng, lesson.LanguageConfig{Tokens: 6, EmbeddingDim: 6, Encoder: "LSTM", HiddenSize: 16})
	how.Streams, how.Steps = characters/tau, steps
	m.Train(recallText(rng, characters*steps/(gap+1), gap), how)
	bits := func() (sum number) {
		text := recallText(rng, groups, gap)
		for i, b := range windowBits(m, text, tau, stateless) {
			if text[i] == 5 {
				sum += number(b / groups)
			}
		}
		return sum
	}
	valid = bits()
	return valid, bits()
}

// hangul returns the Korean text by syllable or by jamo, and how many characters its
// parts have, of which a syllable block is one.
func hangul(tokens string) (c *lesson.TextCorpus, valid, test float64) {
	syllables := corpus("korean")
	c = syllables
	if tokens == "jamo" {
		c = corpusAs("korean", lesson.Jamo)
	}
	return c, float64(len(syllables.Valid)), float64(len(syllables.Test))
}

// hangulUnits gives the network that reads jamo as many parameters as the one that
// reads syllables, to within 1 %.
var hangulUnits = map[string]int{"syllable": 64, "jamo": 101}

// hangulRates are those at which each network is tried with three seeds. The two of
// fewest bits of the validation part go on to ten, and the better of these is taken:
// TestHangulGoesOnAtTheBestRates.
var (
	hangulRates     = []float64{0.01, 0.03, 0.1, 0.3}
	hangulBestRates = []float64{0.03, 0.1} // of both
)

// hangulBits returns the bits of a part per character, from those of each of its tokens
// behind a line break. A reader gives the probability of a rare character, but not of which
// it is: that costs as much as one of all syllable blocks.
func hangulBits(c *lesson.TextCorpus, part []int, characters float64, bits func([]int) []float64) (all, rare number) {
	which := math.Log2(lesson.SyllableBlocks)
	for i, b := range bits(slices.Concat(c.Alphabet.Encode("\n"), part)) {
		if all += number(b / characters); part[i] == 0 {
			rare += number(which / characters)
		}
	}
	return all + rare, rare
}

func trainHangul(tokens string, tau, streams, steps int, rate float64, seed uint64) hangulRow {
	c, valid, test := hangul(tokens)
	m := lesson.NewLanguageModel(rand.New(rand.NewPCG(12, seed)), lesson.LanguageConfig{
		Tokens: c.Alphabet.Len(), EmbeddingDim: 16, Encoder: "LSTM", HiddenSize: hangulUnits[tokens],
	})
	m.Train(c.Train, lesson.LanguageFit{Steps: steps, Streams: streams, Tau: tau, LR: rate, Anneal: true, ClipNorm: 1})
	row := hangulRow{Tokens: tokens, Reader: "LSTM", Parameters: count(m.Parameters()), Tau: tau, Streams: streams, Steps: steps, Rate: number(rate), Seed: seed}
	row.Valid, _ = hangulBits(c, c.Valid, valid, m.Bits)
	row.Test, row.Rare = hangulBits(c, c.Test, test, m.Bits)
	return row
}

func countHangul(tokens string, n int, s lesson.Smoothing, amount float64) hangulRow {
	c, valid, test := hangul(tokens)
	g := lesson.NewNGram(c.Train, c.Alphabet.Len(), n, s, amount)
	row := hangulRow{Tokens: tokens, Reader: s.String(), N: n, Amount: amount}
	row.Valid, _ = hangulBits(c, c.Valid, valid, g.Bits)
	row.Test, row.Rare = hangulBits(c, c.Test, test, g.Bits)
	return row
}

func compressHangul(tokens, reader string, size func([]byte) int) hangulRow {
	text := []rune(textOf("korean"))
	n := len(text)
	spell := func(part []rune) string {
		if tokens == "jamo" {
			return lesson.Jamo(string(part))
		}
		return string(part)
	}
	bits := func(from, to int) number {
		train := spell(text[:n*8/10])
		return number(8 * float64(size([]byte(train+spell(text[from:to])))-size([]byte(train))) / float64(to-from))
	}
	return hangulRow{Tokens: tokens, Reader: reader, Valid: bits(n*8/10, n*9/10), Test: bits(n*9/10, n)}
}

// A counter is an n-gram to be tried.
type counter struct {
	n         int
	smoothing lesson.Smoothing
	amount    float64
}

// counters are all that are tried: each smoothing until it only becomes worse.
func counters() (all []counter) {
	for _, n := range []int{1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20} {
		for _, s := range []struct {
			smoothing lesson.Smoothing
			longest   int
			amounts   []float64
		}{{lesson.Additive, 5, []float64{0.01, 0.1, 1}}, {lesson.WittenBell, 12, []float64{0}}, {lesson.KneserNey, 20, []float64{0.7, 0.8, 0.9, 0.95}}} {
			for _, amount := range s.amounts {
				if n <= s.longest {
					all = append(all, counter{n, s.smoothing, amount})
				}
			}
		}
	}
	return all
}

func init() {
	compressors := []struct {
		name string
		size func([]byte) int
	}{{"gzip", gzipSize}, {"xz", xzSize}}
	readers := &grid{
		name:     "language-model-bits",
		about:    "Bits per character of a text's held-out parts: n-grams that have counted the training part, and compressors that have read it. Some go on learning: compressors from all that they have read, n-grams from whole pieces of it.",
		seeds:    1,
		settings: map[string]any{"xz": "xz -9e -c", "gzip": "compress/gzip, best compression", "piece": piece},
	}
	for _, text := range []string{"go", "english"} {
		for _, k := range counters() {
			readers.rows = append(readers.rows, func() any {
				c := corpus(text)
				return bitsRow{text, k.smoothing.String(), k.n, k.amount, false, counted(c, c.Valid, k.n, k.smoothing, k.amount, false), counted(c, c.Test, k.n, k.smoothing, k.amount, false)}
			})
		}
		readers.rows = append(readers.rows, func() any {
			c := corpus(text)
			return bitsRow{text, lesson.KneserNey.String(), 12, 0.9, true, counted(c, c.Valid, 12, lesson.KneserNey, 0.9, true), counted(c, c.Test, 12, lesson.KneserNey, 0.9, true)}
		})
		for _, compressor := range compressors {
			for _, goes := range []bool{false, true} {
				readers.rows = append(readers.rows, func() any {
					c := corpus(text)
					bits := func(part []int) number {
						return compressed(c.Alphabet.Decode(c.Train), c.Alphabet.Decode(part), compressor.size, goes)
					}
					return bitsRow{text, compressor.name, 0, 0, goes, bits(c.Valid), bits(c.Test)}
				})
			}
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
		about: "Bits of an LSTM trained with gradients cut after τ steps, the state carried or begun from zeros, in training as when it is measured: per character of 4,000 new characters of Go (task text), and of 500 answers alone in a task whose answer lies 6 steps back (task recall). Each on two new texts, one to choose the rate.",
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
				for _, rate := range map[string][]float64{"recall": {0.001, 0.003, 0.01, 0.03}, "text": {0.01, 0.03, 0.1}}[task] {
					for seed := range uint64(tau.seeds) {
						tau.rows = append(tau.rows, func() any {
							state := "carried"
							if stateless {
								state = "from zeros"
							}
							valid, test := trainTau(task, t, stateless, rate, seed)
							return tauRow{task, t, state, rate, seed, valid, test}
						})
					}
				}
			}
		}
	}
	register(tau)

	units := &grid{
		name:     "language-model-units",
		about:    "Of LSTMs that have trained on Go as the best of language-model-networks, and of untrained ones with several forget biases: correlation of one unit's memory with comments, round brackets and braces (the last two outside of comments), and with what the last characters do not tell of them.",
		seeds:    10,
		settings: map[string]any{"units": writerUnits["LSTM"], "steps": writerSteps, "rate": bestWriterRate["LSTM"], "last characters, at most": lastTold},
	}
	for _, bias := range []float64{-1, 0, 1, 2, 3, 4} {
		for seed := range uint64(units.seeds) {
			units.rows = append(units.rows, func() any { return unitsOf("untrained", bias, seed) })
		}
	}
	for seed := range uint64(units.seeds) {
		units.rows = append(units.rows, func() any { return unitsOf("trained", -1, seed) })
	}
	register(units)

	korean := &grid{
		name:  "language-model-hangul",
		about: "Bits per character of a Korean text's held-out parts, of which a syllable block is one, read by syllable and by jamo: LSTMs with as many parameters that have read as much text in as many steps, ten seeds at the two rates that are best on the validation part, three at the others, and the same for jamo with as many tokens in a window as there are syllables; n-grams; and compressors of the same text in UTF-8. The first row is of fewer steps.",
		seeds: 10,
		settings: map[string]any{
			"units": hangulUnits, "embedding": 16, "optimizer": "Adam", "annealed to": 0, "clipped to norm": 1, "bits for which rare character": math.Log2(lesson.SyllableBlocks),
		},
		rows: []func() any{func() any { return trainHangul("syllable", 64, 16, 20, 0.03, 0) }},
	}
	const steps, streams = 800, 16
	// A window of jamo that holds as much text as 64 syllables, to within 1 %.
	windows := map[string]int{"syllable": 64, "jamo": 116}
	for _, tokens := range []string{"syllable", "jamo"} {
		for _, rate := range hangulRates {
			seeds := uint64(3)
			if slices.Contains(hangulBestRates, rate) {
				seeds = 10
			}
			for seed := range seeds {
				korean.rows = append(korean.rows, func() any { return trainHangul(tokens, windows[tokens], streams, steps, rate, seed) })
			}
		}
	}
	for _, rate := range hangulBestRates { // as many tokens in a window, and as much text in a step
		for seed := range uint64(10) {
			korean.rows = append(korean.rows, func() any { return trainHangul("jamo", 64, 29, steps, rate, seed) })
		}
	}
	for _, tokens := range []string{"syllable", "jamo"} {
		for _, k := range counters() {
			korean.rows = append(korean.rows, func() any { return countHangul(tokens, k.n, k.smoothing, k.amount) })
		}
		for _, compressor := range compressors {
			korean.rows = append(korean.rows, func() any { return compressHangul(tokens, compressor.name, compressor.size) })
		}
	}
	register(korean)
}
