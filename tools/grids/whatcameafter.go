package main

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"time"

	"gonum.org/v1/gonum/stat"

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
	Valid      number `json:"valid"`    // as accuracy, on 500 others: to choose the rate by
}

func init() {
	g := &grid{
		name:  "what-came-after-tasks",
		about: "Accuracy of readers on three tasks, on 500 new sentences of the greatest length trained on, on 500 others to choose the rate by, and on 500 of twice that length.",
		seeds: 10,
		settings: map[string]any{
			"words": map[string]any{"first word": 12, "brackets": "1 to 16", "parity": "1 to 10"}, "optimizer": "Adam",
			"sentences": map[string]any{"first word": 128000, "brackets": 128000, "parity": 256000}, "epochs": 1, "batch": 32, "clipped to norm": 1,
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
		{"attention, largest", lesson.ClassifierConfig{EmbeddingDim: 12, Encoder: "Attention", Positions: 1, Reading: lesson.MaxPool}},
		{"words and places, largest", lesson.ClassifierConfig{EmbeddingDim: 32, Positions: 1, Reading: lesson.MaxPool}},
	}
	for _, task := range []struct {
		name                 string
		train, test, longer  lesson.Task
		classes, placesOfAll int
		sentences            int
	}{
		{"parity", lesson.ParityTask{MinLength: 1, MaxLength: 10}, lesson.ParityTask{MinLength: 10, MaxLength: 10}, lesson.ParityTask{MinLength: 20, MaxLength: 20}, 2, 10, 256000},
		{"brackets", lesson.BracketTask{MinLength: 1, MaxLength: 16}, lesson.BracketTask{MinLength: 16, MaxLength: 16}, lesson.BracketTask{MinLength: 32, MaxLength: 32}, 4, 16, 128000},
		{"first word", lesson.FirstWordTask(12), lesson.FirstWordTask(12), lesson.FirstWordTask(24), 2, 12, 128000},
	} {
		for _, arm := range arms {
			for _, rate := range []float64{0.001, 0.003, 0.01, 0.03, 0.06} {
				for seed := range uint64(10) {
					g.rows = append(g.rows, func() any {
						config := arm.config
						config.Words, config.Classes = task.train.Words(), task.classes
						if config.Positions > 0 {
							config.Positions = task.placesOfAll
						}
						rng := rand.New(rand.NewPCG(14, seed))
						c := lesson.NewClassifier(rng, config)
						seqs, classes := task.train.Sample(rng, task.sentences)
						c.Train(rng, seqs, classes, lesson.FitConfig{Epochs: 1, BatchSize: 32, LR: rate, ClipNorm: 1})
						row := giveUpRow{Task: task.name, Arm: arm.name, Parameters: count(c.Parameters()), Rate: number(rate), Seed: seed}
						row.Accuracy = number(c.Accuracy(task.test.Sample(rng, 500)))
						row.Longer = number(math.NaN())
						if config.Positions == 0 {
							row.Longer = number(c.Accuracy(task.longer.Sample(rng, 500)))
						}
						row.Valid = number(c.Accuracy(task.test.Sample(rng, 500)))
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
	Valid      number   `json:"valid"` // bits per character of the validation text after the last step: to choose the rate by
	Bits       []number `json:"bits"`  // per character of the test text, after 100, 200, … steps
}

// A textArm is an encoder of the character model, all with about as many
// parameters.
type textArm struct {
	name   string
	rate   float64 // that the validation text chose with three seeds, and which has ten
	config lesson.LanguageConfig
}

var textArms = []textArm{
	{"LSTM", 0.02, lesson.LanguageConfig{EmbeddingDim: 16, Encoder: "LSTM", HiddenSize: 52}},
	{"GRU", 0.01, lesson.LanguageConfig{EmbeddingDim: 16, Encoder: "GRU", HiddenSize: 60}},
	{"MinGRU, 1 layer", 0.01, lesson.LanguageConfig{EmbeddingDim: 16, Encoder: "MinGRU", HiddenSize: 146}},
	{"MinGRU, 2 layers", 0.005, lesson.LanguageConfig{EmbeddingDim: 16, Encoder: "MinGRU", HiddenSize: 72, Options: []lesson.Option{lesson.Layers(2)}}},
}

const (
	textStreams = 8
	textTau     = 64
	textSteps   = 600    // of training
	textHeld    = 10_000 // characters that are read of the validation text and of the test text
)

func (a textArm) model(rng *rand.Rand, tokens int) *lesson.LanguageModel {
	a.config.Tokens = tokens
	return lesson.NewLanguageModel(rng, a.config)
}

func init() {
	g := &grid{
		name:  "what-came-after-text",
		about: "Bits per character of Go source that was held out, after every 100 steps of training, with other layers in the LSTM's place. Ten seeds at the rate that the validation text chose with three; the first row is of fewer steps.",
		seeds: 10,
		settings: map[string]any{
			"text": "language-model-go.txt, of eight tenths", "characters held out": textHeld, "embedding": 16, "steps": textSteps,
			"optimizer": "Adam", "streams": textStreams, "tau": textTau, "clipped to norm": 1,
		},
	}
	// A row that the tests can compute again in little time.
	g.rows = append(g.rows, func() any {
		row := textArms[2].train(0.01, 0, 100)
		row.Arm += ", 100 steps"
		return row
	})
	for seed := range uint64(10) {
		for _, arm := range textArms {
			for _, rate := range []float64{0.0025, 0.005, 0.01, 0.02, 0.04} {
				if seed < 3 || rate == arm.rate {
					g.rows = append(g.rows, func() any { return arm.train(rate, seed, textSteps) })
				}
			}
		}
	}
	register(g)
}

func (a textArm) train(rate float64, seed uint64, steps int) textRow {
	c := corpus("go")
	m := a.model(rand.New(rand.NewPCG(14, seed)), c.Alphabet.Len())
	row := textRow{Arm: a.name, Parameters: count(m.Parameters()), Rate: number(rate), Seed: seed}
	m.Train(c.Train, lesson.LanguageFit{Steps: steps, Streams: textStreams, Tau: textTau, LR: rate, ClipNorm: 1, Each: func(step int, _ float64) {
		if step%100 == 0 {
			row.Bits = append(row.Bits, number(stat.Mean(m.Bits(c.Test[:textHeld]), nil)))
		}
	}})
	row.Valid = number(stat.Mean(m.Bits(c.Valid[:textHeld]), nil))
	return row
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
	for a, arm := range textArms {
		g.rows = append(g.rows, func() any {
			return timeRow{What: arm.name, Steps: textTau, Cores: 1, Ms: textTimes()[a]}
		})
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
	scan.SetScan(true)
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

// textTimes returns the milliseconds of a step of training of each text arm,
// measured in turns.
var textTimes = sync.OnceValue(func() (shortest []number) {
	c := corpus("go")
	windows := lesson.Windows(c.Train, textStreams, textTau)
	var train []func(k int)
	for _, a := range textArms {
		m := a.model(rand.New(rand.NewPCG(14, 1)), c.Alphabet.Len())
		o := lesson.NewAdam(m.Parameters(), 0.01)
		train = append(train, func(k int) { m.TrainStep(o, windows[k%len(windows)], nil, 1) })
		shortest = append(shortest, number(math.Inf(1)))
	}
	onCores(1, func() {
		for k, start := 0, time.Now(); k < 10 || time.Since(start) < 40*time.Second; k++ {
			for a := range train {
				shortest[a] = min(shortest[a], number(milliseconds(func() { train[a](k) })))
			}
		}
	})
	return shortest
})

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
