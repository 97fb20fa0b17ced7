package main

import (
	"math/rand/v2"

	"unroll/lesson"
)

// What the lesson on padding and the flip measures: which ways to read a padded
// row find the cue, and what the number of PADs after it does.

type readingRow struct {
	Task     string  `json:"task"`
	Reader   string  `json:"reader"`
	Rate     float64 `json:"rate"`
	Seed     uint64  `json:"seed"`
	Accuracy number  `json:"accuracy"`
}

type distanceRow struct {
	Row      string  `json:"row"`
	Rate     float64 `json:"rate"`
	Seed     uint64  `json:"seed"`
	Accuracy number  `json:"accuracy"`
}

// A rowTask is the type of that name in the lesson, to the bit: rows of words
// before a cue, the cue, words after it, and PADs.
type rowTask struct {
	before, behind, pads [2]int // from, to
	length               int    // of the row with its PADs, whose number is then left open; 0: any
}

func (rowTask) Words() int { return 13 } // PAD, two cues, ten others

func (t rowTask) Sample(rng *rand.Rand, n int) (rows [][]int, classes []int) {
	draw := func(of [2]int) int { return of[0] + rng.IntN(of[1]-of[0]+1) }
	for range n {
		var row []int
		class := rng.IntN(2)
		for range draw(t.before) {
			row = append(row, 3+rng.IntN(10))
		}
		row = append(row, 1+class)
		for range draw(t.behind) {
			row = append(row, 3+rng.IntN(10))
		}
		pads := draw(t.pads)
		if t.length > 0 {
			pads = t.length - len(row)
		}
		rows = append(rows, append(row, make([]int, pads)...))
		classes = append(classes, class)
	}
	return rows, classes
}

func init() {
	rates := []float64{0.01, 0.003, 0.03}
	settings := map[string]any{
		"units": 16, "embedding": 8, "optimizer": "Adam", "batch": 32, "batches": 320, "clipped to norm": 1,
	}

	cue := lesson.CueTask{Classes: 2, Distractors: 10, MinLength: 10, MaxLength: 20}
	cueLast := cue
	cueLast.CueLast = true
	reading := &grid{
		name:     "flip-reversal-readings",
		about:    "Accuracy of every way to read rows that are padded to 40, on 500 new sentences.",
		seeds:    10,
		settings: settings,
	}
	for _, task := range []struct {
		name string
		task lesson.Task
	}{{"cue first", cue}, {"cue last", cueLast}, {"first word", lesson.FirstWordTask(10)}} {
		for _, encoder := range []string{"RNN", ""} {
			for _, r := range lesson.Readings {
				if pooled := r == lesson.MeanPool || r == lesson.MaxPool; encoder == "" && !pooled {
					continue
				}
				name := r.String()
				if encoder == "" {
					name += ", no RNN"
				}
				for _, rate := range rates {
					for seed := range uint64(reading.seeds) {
						reading.rows = append(reading.rows, func() any {
							return readingRow{task.name, name, rate, seed, number(trainReader(task.task, encoder, r, 40, rate, seed))}
						})
					}
				}
			}
		}
	}
	register(reading)

	distance := &grid{
		name:     "flip-reversal-distance",
		about:    "Accuracy of an RNN that reads all of a row, PADs too, on 500 new rows.",
		seeds:    20,
		settings: settings,
	}
	for _, row := range []struct {
		name string
		task rowTask
	}{
		{"2–9 words, cue, PADs to 40", rowTask{before: [2]int{2, 9}, length: 40}},
		{"cue, 2–9 words, PADs to 40", rowTask{behind: [2]int{2, 9}, length: 40}},
		{"cue, 2–9 words, 30–37 PADs", rowTask{behind: [2]int{2, 9}, pads: [2]int{30, 37}}},
		{"5 words, cue, 35 PADs", rowTask{before: [2]int{5, 5}, pads: [2]int{35, 35}}},
		{"5 words, cue, 30–37 PADs", rowTask{before: [2]int{5, 5}, pads: [2]int{30, 37}}},
		{"cue, 35 PADs", rowTask{pads: [2]int{35, 35}}},
		{"cue, 30–37 PADs", rowTask{pads: [2]int{30, 37}}},
		{"cue, 35 words", rowTask{behind: [2]int{35, 35}}},
		{"cue, 9–19 words", rowTask{behind: [2]int{9, 19}}},
		{"cue, 9–19 words, PADs to 20", rowTask{behind: [2]int{9, 19}, length: 20}},
		{"cue, 9–19 words, PADs to 40", rowTask{behind: [2]int{9, 19}, length: 40}},
		{"cue, 19 words", rowTask{behind: [2]int{19, 19}}},
	} {
		for _, rate := range rates {
			for seed := range uint64(distance.seeds) {
				distance.rows = append(distance.rows, func() any {
					return distanceRow{row.name, rate, seed, number(trainReader(row.task, "RNN", lesson.Packed, 0, rate, seed))}
				})
			}
		}
	}
	register(distance)
}

// trainReader is the function trial of the lesson, to the bit.
func trainReader(task lesson.Task, encoder string, reading lesson.Reading, length int, rate float64, seed uint64) (accuracy float64) {
	rng := rand.New(rand.NewPCG(5, 100+seed))
	config := lesson.ClassifierConfig{
		Words: task.Words(), EmbeddingDim: 8, Encoder: encoder, Reading: reading, Classes: 2,
	}
	if encoder != "" {
		config.HiddenSize = 16
	}
	c := lesson.NewClassifier(rng, config)
	c.Length = length
	adam := lesson.NewAdam(c.Parameters(), rate)
	for range 320 {
		sentences, classes := task.Sample(rng, 32)
		c.TrainStep(adam, sentences, classes, 1)
	}
	return c.Accuracy(task.Sample(rng, 500))
}
