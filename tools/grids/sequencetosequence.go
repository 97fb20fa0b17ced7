package main

import (
	"math/rand/v2"
	"slices"

	"unroll/lesson"
)

// What the lesson on sequence to sequence measures: how long a source a network
// can write again, with attention and without; a word order that changes; and what
// a wider beam finds.

type seq2seqRow struct {
	Arm      string   `json:"arm"`
	Rate     number   `json:"rate"`
	Seed     uint64   `json:"seed"`
	Accuracy []number `json:"accuracy"` // share of targets that are right from BOS to EOS
	Curve    []number `json:"curve"`    // the same during training, over all lengths, for validation
	Valid    number   `json:"valid"`    // its last point
}

// An arm is a network, and whether it reads its source backwards.
type seq2seqArm struct {
	name      string
	attention string
	hidden    int
	reversed  bool
}

// copies returns n sentences of tokens, each to be written again as it is.
func copies(rng *rand.Rand, n, tokens, shortest, longest int) (sources, targets [][]int) {
	for range n {
		s := make([]int, shortest+rng.IntN(longest-shortest+1))
		for i := range s {
			s[i] = rng.IntN(tokens)
		}
		sources, targets = append(sources, s), append(targets, slices.Clone(s))
	}
	return sources, targets
}

func reverseAll(sources [][]int) [][]int {
	for _, s := range sources {
		slices.Reverse(s)
	}
	return sources
}

// wholeTargets returns the share of targets that the network writes without a
// fault.
func wholeTargets(m *lesson.Seq2Seq, sources, targets [][]int, steps int) number {
	right := 0
	for i, written := range m.Translate(sources, steps) {
		if slices.Equal(written, targets[i]) {
			right++
		}
	}
	return number(float64(right) / float64(len(targets)))
}

func newWriter(rng *rand.Rand, sourceTokens, targetTokens, hidden int, attention string) *lesson.Seq2Seq {
	m := lesson.NewSeq2Seq(rng, lesson.Seq2SeqConfig{
		SourceTokens: sourceTokens, TargetTokens: targetTokens, EmbeddingDim: 16, HiddenSize: hidden, Attention: attention,
	})
	m.Encoder.SetForgetBias(1)
	m.Decoder.SetForgetBias(1)
	return m
}

func init() {
	const tokens, longest, steps, batch = 8, 10, 1000, 32
	lengths := []int{2, 4, 6, 8, 10, 12}
	g := &grid{
		name:  "sequence-to-sequence-length",
		about: "Share of targets written without a fault, at each length: sentences of random tokens, to be written again as they are.",
		seeds: 10,
		settings: map[string]any{
			"tokens": tokens, "trained on lengths": []int{1, longest}, "lengths": lengths, "sentences of each": 200, "steps": steps, "batch": batch,
			"embedding": 16, "forget bias": 1, "optimizer": "Adam", "clipped to norm": 1, "curve": "every 100 steps, 200 sentences of all trained lengths",
		},
	}
	arms := []seq2seqArm{
		{"no attention, 16 units", "", 16, false}, {"no attention, 35 units", "", 35, false}, {"no attention, 70 units", "", 70, false},
		{"no attention, 35 units, source reversed", "", 35, true}, {"dot, 32 units", "dot", 32, false}, {"additive, 30 units", "additive", 30, false},
		// Controls: what comes with attention, without looking.
		{"mean of states, 32 units", "mean", 32, false}, {"last state again, 32 units", "last", 32, false},
	}
	for _, arm := range arms {
		for _, rate := range []float64{0.001, 0.003, 0.01, 0.03, 0.1} {
			for seed := range uint64(10) {
				g.rows = append(g.rows, func() any {
					sample := func(rng *rand.Rand, n, shortest, longest int) (s, t [][]int) {
						s, t = copies(rng, n, tokens, shortest, longest)
						if arm.reversed {
							s = reverseAll(s)
						}
						return s, t
					}
					rng := rand.New(rand.NewPCG(13, seed))
					m := newWriter(rng, tokens, tokens, arm.hidden, arm.attention)
					adam := lesson.NewAdam(m.Parameters(), rate)
					row := seq2seqRow{Arm: arm.name, Rate: number(rate), Seed: seed}
					for step := range steps {
						s, t := sample(rng, batch, 1, longest)
						m.TrainStep(adam, s, t, 1)
						if (step+1)%100 == 0 {
							s, t := sample(rand.New(rand.NewPCG(14, seed)), 200, 1, longest)
							row.Curve = append(row.Curve, wholeTargets(m, s, t, 2*longest))
						}
					}
					for _, n := range lengths {
						s, t := sample(rng, 200, n, n)
						row.Accuracy = append(row.Accuracy, wholeTargets(m, s, t, 2*longest))
					}
					row.Valid = row.Curve[len(row.Curve)-1]
					return row
				})
			}
		}
	}
	register(g)
}

type reversalRow struct {
	Batches  int      `json:"batches"`
	Reversed bool     `json:"reversed"`
	Rate     number   `json:"rate"`
	Seed     uint64   `json:"seed"`
	Curve    []number `json:"curve"` // share of 200 new sentences, every 500 batches
	Valid    number   `json:"valid"` // of 500 others, at the end
}

func init() {
	const tokens, longest, batch = 8, 10, 32
	g := &grid{
		name:  "sequence-to-sequence-reversal",
		about: "Share of targets written without a fault during a long training, with the source as it is and reversed. The first row is of a short one.",
		seeds: 10,
		settings: map[string]any{
			"tokens": tokens, "trained on lengths": []int{1, longest}, "batch": batch, "units": 35, "embedding": 16, "forget bias": 1,
			"optimizer": "Adam", "clipped to norm": 1, "curve": "every 500 batches, 200 sentences of all trained lengths",
		},
	}
	row := func(batches int, reversed bool, rate float64, seed uint64) any {
		sample := func(rng *rand.Rand, n int) (s, t [][]int) {
			s, t = copies(rng, n, tokens, 1, longest)
			if reversed {
				s = reverseAll(s)
			}
			return s, t
		}
		rng := rand.New(rand.NewPCG(13, seed))
		m := newWriter(rng, tokens, tokens, 35, "")
		adam := lesson.NewAdam(m.Parameters(), rate)
		row := reversalRow{Batches: batches, Reversed: reversed, Rate: number(rate), Seed: seed}
		for step := range batches {
			s, t := sample(rng, batch)
			m.TrainStep(adam, s, t, 1)
			if (step+1)%500 == 0 {
				s, t := sample(rand.New(rand.NewPCG(14, seed)), 200)
				row.Curve = append(row.Curve, wholeTargets(m, s, t, 2*longest))
			}
		}
		s, t := sample(rng, 500)
		row.Valid = wholeTargets(m, s, t, 2*longest)
		return row
	}
	// One that the tests can compute again in little time.
	g.rows = append(g.rows, func() any { return row(500, true, 0.01, 0) })
	for _, reversed := range []bool{false, true} {
		for _, rate := range []float64{0.003, 0.01, 0.03, 0.1} {
			for seed := range uint64(10) {
				g.rows = append(g.rows, func() any { return row(2000, reversed, rate, seed) })
			}
		}
	}
	register(g)
}

func init() {
	const steps, batch = 250, 32
	g := &grid{
		name:  "sequence-to-sequence-order",
		about: "Share of made English sentences that are written in Korean, with its order of words, without a fault.",
		seeds: 10,
		settings: map[string]any{
			"task": "lesson.WordOrderTask", "sentences": 500, "steps": steps, "batch": batch, "embedding": 16, "forget bias": 1,
			"optimizer": "Adam", "clipped to norm": 1, "curve": "every 50 steps, 200 sentences",
		},
	}
	for _, arm := range []seq2seqArm{
		{"no attention, 35 units", "", 35, false}, {"dot, 32 units", "dot", 32, false}, {"additive, 30 units", "additive", 30, false},
	} {
		for _, rate := range []float64{0.003, 0.01, 0.03, 0.1} {
			for seed := range uint64(10) {
				g.rows = append(g.rows, func() any {
					english, korean := lesson.WordOrderTask(rand.New(rand.NewPCG(13, 99)), 1000)
					from, to := lesson.NewVocabulary(english), lesson.NewVocabulary(korean)
					sample := func(rng *rand.Rand, n int) (s, t [][]int) {
						english, korean := lesson.WordOrderTask(rng, n)
						for i := range english {
							s, t = append(s, from.Encode(english[i])), append(t, to.Encode(korean[i]))
						}
						return s, t
					}
					rng := rand.New(rand.NewPCG(13, seed))
					m := newWriter(rng, from.Len(), to.Len(), arm.hidden, arm.attention)
					adam := lesson.NewAdam(m.Parameters(), rate)
					row := seq2seqRow{Arm: arm.name, Rate: number(rate), Seed: seed}
					for step := range steps {
						s, t := sample(rng, batch)
						m.TrainStep(adam, s, t, 1)
						if (step+1)%50 == 0 {
							s, t := sample(rand.New(rand.NewPCG(14, seed)), 200)
							row.Curve = append(row.Curve, wholeTargets(m, s, t, 30))
						}
					}
					s, t := sample(rng, 500)
					row.Accuracy = []number{wholeTargets(m, s, t, 30)}
					row.Valid = row.Curve[len(row.Curve)-1]
					return row
				})
			}
		}
	}
	register(g)
}

type beamRow struct {
	Cut     number   `json:"cut"` // share of training targets that end too early
	Alpha   number   `json:"alpha"`
	Seed    uint64   `json:"seed"`
	Right   []number `json:"right"`   // share without a fault, at each width
	Short   []number `json:"short"`   // share that ends too early
	LogProb []number `json:"logprob"` // mean over the sentences
}

func init() {
	const tokens, steps, batch, length, sentences = 8, 800, 32, 9, 100
	widths := []int{1, 2, 3, 4, 6, 8}
	g := &grid{
		name:  "sequence-to-sequence-beam",
		about: "What a beam of each width finds, from networks that learned from clean data and from data of which some targets end too early.",
		seeds: 10,
		settings: map[string]any{
			"tokens": tokens, "trained on lengths": []int{1, 10}, "length": length, "sentences": sentences, "steps": steps, "batch": batch, "units": 35,
			"embedding": 16, "forget bias": 1, "optimizer": "Adam", "rate": 0.01, "clipped to norm": 1, "widths": widths,
		},
	}
	for _, cut := range []float64{0, 0.1, 0.2, 0.3} {
		for _, alpha := range []float64{0, 1} {
			for seed := range uint64(10) {
				g.rows = append(g.rows, func() any {
					rng := rand.New(rand.NewPCG(13, seed))
					m := newWriter(rng, tokens, tokens, 35, "")
					adam := lesson.NewAdam(m.Parameters(), 0.01)
					for range steps {
						s, t := copies(rng, batch, tokens, 1, 10)
						for i := range t {
							if rng.Float64() < cut {
								t[i] = t[i][:rng.IntN(len(t[i]))]
							}
						}
						m.TrainStep(adam, s, t, 1)
					}
					row := beamRow{Cut: number(cut), Alpha: number(alpha), Seed: seed}
					s, t := copies(rng, sentences, tokens, length, length)
					for _, width := range widths {
						var right, short, logProb float64
						for i := range s {
							best := m.Beam(s[i], lesson.BeamSearch{Width: width, Steps: 2 * length, Alpha: alpha})[0]
							if slices.Equal(best.Tokens, t[i]) {
								right++
							}
							if len(best.Tokens) < length {
								short++
							}
							logProb += best.LogProb
						}
						row.Right = append(row.Right, number(right/sentences))
						row.Short = append(row.Short, number(short/sentences))
						row.LogProb = append(row.LogProb, number(logProb/sentences))
					}
					return row
				})
			}
		}
	}
	register(g)
}
