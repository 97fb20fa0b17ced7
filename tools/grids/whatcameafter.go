package main

import (
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"time"

	"unroll/lesson"
)

// What the lesson on what came after measures: what a MinGRU gives up beside a GRU,
// what a language model loses by it, and what the parallel scan costs and saves.

type giveUpRow struct {
	Task       string `json:"task"`
	Arm        string `json:"arm"`
	Parameters int    `json:"parameters"`
	Rate       number `json:"rate"`
	Seed       uint64 `json:"seed"`
	Accuracy   number `json:"accuracy"` // on 500 new sentences, all of the greatest length in training
	Longer     number `json:"longer"`   // on 500 of twice that length; null where there is no vector for such a place
}

func init() {
	g := &grid{
		name:  "what-came-after-tasks",
		about: "Accuracy of readers on three tasks, on 500 new sentences of the greatest length trained on, and of twice that length.",
		seeds: 10,
		settings: map[string]any{
			"words": map[string]any{"first word": 12, "brackets": "1 to 16", "parity": "1 to 10"}, "optimizer": "Adam",
			"sentences": 32000, "epochs": 1, "batch": 32, "clipped to norm": 1,
		},
	}
	arms := []struct {
		name   string
		config lesson.ClassifierConfig
	}{
		{"MinGRU, 1 layer", lesson.ClassifierConfig{EmbeddingDim: 8, Encoder: "MinGRU", HiddenSize: 40, Reading: lesson.Packed}},
		{"MinGRU, 2 layers", lesson.ClassifierConfig{EmbeddingDim: 6, Encoder: "MinGRU", HiddenSize: 16, Options: []lesson.Option{lesson.Layers(2)}, Reading: lesson.Packed}},
		{"MinGRU, 3 layers", lesson.ClassifierConfig{EmbeddingDim: 6, Encoder: "MinGRU", HiddenSize: 12, Options: []lesson.Option{lesson.Layers(3)}, Reading: lesson.Packed}},
		{"GRU", lesson.ClassifierConfig{EmbeddingDim: 8, Encoder: "GRU", HiddenSize: 12, Reading: lesson.Packed}},
		{"mean of words", lesson.ClassifierConfig{EmbeddingDim: 32, Reading: lesson.MeanPool}},
		{"words and places, largest", lesson.ClassifierConfig{EmbeddingDim: 32, Positions: 1, Reading: lesson.MaxPool}},
	}
	for _, task := range []struct {
		name                 string
		train, test, longer  lesson.Task
		classes, placesOfAll int
	}{
		{"parity", lesson.ParityTask{MinLength: 1, MaxLength: 10}, lesson.ParityTask{MinLength: 10, MaxLength: 10}, lesson.ParityTask{MinLength: 20, MaxLength: 20}, 2, 10},
		{"brackets", lesson.BracketTask{MinLength: 1, MaxLength: 16}, lesson.BracketTask{MinLength: 16, MaxLength: 16}, lesson.BracketTask{MinLength: 32, MaxLength: 32}, 4, 16},
		{"first word", lesson.FirstWordTask(12), lesson.FirstWordTask(12), lesson.FirstWordTask(24), 2, 12},
	} {
		for _, arm := range arms {
			for _, rate := range []float64{0.003, 0.01, 0.03} {
				for seed := range uint64(10) {
					g.rows = append(g.rows, func() any {
						config := arm.config
						config.Words, config.Classes = task.train.Words(), task.classes
						if config.Positions > 0 {
							config.Positions = task.placesOfAll
						}
						rng := rand.New(rand.NewPCG(14, seed))
						c := lesson.NewClassifier(rng, config)
						seqs, classes := task.train.Sample(rng, 32000)
						c.Train(rng, seqs, classes, lesson.FitConfig{Epochs: 1, BatchSize: 32, LR: rate, ClipNorm: 1})
						row := giveUpRow{Task: task.name, Arm: arm.name, Parameters: count(c.Parameters()), Rate: number(rate), Seed: seed}
						row.Accuracy = number(c.Accuracy(task.test.Sample(rng, 500)))
						row.Longer = number(math.NaN())
						if config.Positions == 0 {
							row.Longer = number(c.Accuracy(task.longer.Sample(rng, 500)))
						}
						return row
					})
				}
			}
		}
	}
	register(g)
}

type textRow struct {
	Arm        string   `json:"arm"`
	Parameters int      `json:"parameters"`
	Rate       number   `json:"rate"`
	Seed       uint64   `json:"seed"`
	Bits       []number `json:"bits"` // per character of the held-out text, after 100, 200, … steps
}

// A textArm is an encoder of the character model, all with about as many
// parameters.
type textArm struct {
	name   string
	config lesson.LanguageConfig
	best   []float64 // rates that have ten seeds; the others of the sweep have three
}

var textArms = []textArm{
	{"MinGRU, 1 layer", lesson.LanguageConfig{EmbeddingDim: 16, Encoder: "MinGRU", HiddenSize: 156}, []float64{0.01}},
	{"MinGRU, 2 layers", lesson.LanguageConfig{EmbeddingDim: 16, Encoder: "MinGRU", HiddenSize: 72, Options: []lesson.Option{lesson.Layers(2)}}, []float64{0.01}},
	{"LSTM", lesson.LanguageConfig{EmbeddingDim: 16, Encoder: "LSTM", HiddenSize: 52}, []float64{0.01, 0.03}},
}

const (
	textStreams = 8
	textTau     = 64
	textSteps   = 600    // of training
	textHeld    = 10_000 // characters of the held-out text that are read
)

// text returns the alphabet of the Go text, what is trained on and what is not.
func textOf(data string) (abc *lesson.Alphabet, train, held []int) {
	text := lesson.Must(os.ReadFile(data))
	abc = lesson.NewAlphabet(string(text), 20)
	tokens := abc.Encode(string(text))
	cut := len(tokens) * 9 / 10
	return abc, tokens[:cut], tokens[cut:][:textHeld]
}

func (a textArm) model(rng *rand.Rand, tokens int) *lesson.LanguageModel {
	a.config.Tokens = tokens
	return lesson.NewLanguageModel(rng, a.config)
}

func init() {
	g := &grid{
		name:  "what-came-after-text",
		about: "Bits per character of held-out Go source after every 100 steps of training, with a MinGRU in the LSTM's place. Ten seeds at a best rate, three at the others; the first row is of fewer steps.",
		seeds: 10,
		settings: map[string]any{
			"text": "language-model-go.txt, its last tenth held out", "held out, characters": textHeld, "embedding": 16, "steps": textSteps,
			"optimizer": "Adam", "streams": textStreams, "tau": textTau, "clipped to norm": 1,
		},
	}
	for _, arm := range textArms {
		for _, rate := range []float64{0.003, 0.01, 0.03, 0.06} {
			seeds := uint64(3)
			if slices.Contains(arm.best, rate) {
				seeds = 10
			}
			for seed := range seeds {
				g.rows = append(g.rows, func() any { return arm.train(rate, seed, textSteps) })
			}
		}
	}
	// The first row is one that the tests can compute again in little time.
	g.rows = append([]func() any{func() any { return textArms[0].train(0.01, 100, 100) }}, g.rows...)
	register(g)
}

func (a textArm) train(rate float64, seed uint64, steps int) textRow {
	abc, train, held := textOf(goText())
	m := a.model(rand.New(rand.NewPCG(14, seed)), abc.Len())
	row := textRow{Arm: a.name, Parameters: count(m.Parameters()), Rate: number(rate), Seed: seed}
	m.Train(train, lesson.LanguageFit{Steps: steps, Streams: textStreams, Tau: textTau, LR: rate, ClipNorm: 1, Each: func(step int, _ float64) {
		if step%100 == 0 {
			mean, _, _ := lesson.MeanInterval(m.Bits(held))
			row.Bits = append(row.Bits, number(mean))
		}
	}})
	return row
}

// goText returns the place of the text, from the root of the course or from here.
func goText() string {
	const path = "notebooks/data/language-model-go.txt"
	if _, err := os.Stat(path); err != nil {
		return "../../" + path
	}
	return path
}

// timeRow is what the scan takes: counted in the first rows, which are the same on
// every machine, and measured in the others, which are not. What does not belong to a
// row is 0.
type timeRow struct {
	What  string `json:"what"`
	Steps int    `json:"steps"`
	Cores int    `json:"cores"`

	Calls  int `json:"calls"`  // counted: combinations of pairs,
	Levels int `json:"levels"` // and how many of these must follow one another

	Loop number `json:"loop"` // measured: milliseconds, the shortest of runs in turns: what else a machine does only adds
	Scan number `json:"scan"`
	GRU  number `json:"gru"`
	Ms   number `json:"ms"` // of a step of training
}

func init() {
	g := &grid{
		name:  "what-came-after-time",
		about: "Counted: the combinations of a scan over so many steps, and how many must follow one another. Measured, in milliseconds, not the same on another machine: a forward and a backward of one sequence, and a step of training of the character models. Run with GOMAXPROCS=1.",
		seeds: 1,
		settings: map[string]any{
			"layer": "128 numbers a step, 64 units", "batch": 1, "measured for seconds": 10,
		},
	}
	for steps := 4; steps <= 16384; steps *= 4 {
		g.rows = append(g.rows, func() any { return countScan(steps) })
	}
	for _, cores := range []int{1, 2} {
		for _, steps := range []int{64, 256, 1024, 4096} {
			g.rows = append(g.rows, func() any { return timeScan(cores, steps) })
		}
	}
	for _, arm := range textArms {
		g.rows = append(g.rows, func() any { return arm.time() })
	}
	register(g)
}

func countScan(steps int) timeRow {
	row := timeRow{What: "counted", Steps: steps}
	lesson.Scan(make([]int, steps), func(a, b int) int { // the level of a result
		row.Calls++
		row.Levels = max(row.Levels, a+1, b+1)
		return max(a, b) + 1
	})
	return row
}

// onCores calls do on so many cores.
func onCores(cores int, do func()) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
	do()
}

func timeScan(cores, steps int) timeRow {
	rng := rand.New(rand.NewPCG(14, 1))
	x, d := lesson.Randn(rng, steps, 1, 128), lesson.Randn(rng, steps, 1, 64)
	loop, scan, gru := lesson.NewMinGRU(rng, 128, 64), lesson.NewMinGRU(rng, 128, 64), lesson.NewGRU(rng, 128, 64)
	scan.Scan(true)
	var output, hidden, dx, dh lesson.Tensor
	var ms [3][]float64
	onCores(cores, func() {
		for start := time.Now(); len(ms[0]) < 10 || time.Since(start) < 10*time.Second; {
			for k, pass := range []func(){
				func() { loop.ForwardTo(&output, &hidden, x, nil); loop.BackwardTo(&dx, &dh, d, nil) },
				func() { scan.ForwardTo(&output, &hidden, x, nil); scan.BackwardTo(&dx, &dh, d, nil) },
				func() { gru.ForwardTo(&output, &hidden, x, nil); gru.BackwardTo(&dx, &dh, d, nil) },
			} {
				ms[k] = append(ms[k], milliseconds(pass))
			}
		}
	})
	return timeRow{What: "measured", Steps: steps, Cores: cores, Loop: number(slices.Min(ms[0])), Scan: number(slices.Min(ms[1])), GRU: number(slices.Min(ms[2]))}
}

func (a textArm) time() timeRow {
	abc, train, _ := textOf(goText())
	rng := rand.New(rand.NewPCG(14, 1))
	m := a.model(rng, abc.Len())
	windows, o := lesson.Windows(train, textStreams, textTau), lesson.NewAdam(m.Parameters(), 0.01)
	var ms []float64
	onCores(1, func() {
		for _, w := range windows[:103] {
			ms = append(ms, milliseconds(func() { m.TrainStep(o, w, nil, 1) }))
		}
	})
	return timeRow{What: a.name, Steps: textTau, Cores: 1, Ms: number(slices.Min(ms[3:]))}
}

// count returns how many numbers a network learns.
func count(params []*lesson.Parameter) (n int) {
	for _, p := range params {
		n += p.Value.Shape().Size()
	}
	return n
}

func milliseconds(do func()) float64 {
	start := time.Now()
	do()
	return time.Since(start).Seconds() * 1000
}
