package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"sync"

	say "unroll/internal/words"
)

// What make grids has measured, a copy: a training takes too long for a drag.
//
//go:embed training.json
var trainingFile []byte

var trainingFigure = Figure{
	Name:   "training",
	Title:  "What training does to the gradient",
	Lesson: "long-memory",
	Lead:   "Ninety trainings on the cue task, computed ahead of time, with Adam and an RNN of 32 units. Choose one, move through its batches, and look for the plateau and its end.",
	Controls: []Control{
		{Name: "seed", Label: "seed", Min: 0, Max: 9, Step: 1, Value: "0"},
		{Name: "rate", Label: "learning rate", Value: "0.01", Options: []Option{
			{Value: "0.003", Label: "0.003"}, {Value: "0.01", Label: "0.01"}, {Value: "0.03", Label: "0.03"},
		}},
		{Name: "steps", Label: "distractors k", Value: "80", Options: []Option{
			{Value: "20", Label: "20"}, {Value: "40", Label: "40"}, {Value: "80", Label: "80"},
		}},
		{Name: "batch", Label: "read off, batch", Min: 0, Max: 495, Step: trainingEvery, Value: "215"},
	},
	compute: func(s Setting) Result {
		for _, run := range trainingRuns() {
			if run.Seed == s.int("seed") && run.Rate == s.float("rate") && run.Steps == s.int("steps") {
				return training{run, s.int("batch") / trainingEvery}
			}
		}
		panic("no such training")
	},
}

const trainingEvery = 5 // batches

// A trainingRun is a row of the grid: Loss[i] and the others are of batch i·trainingEvery.
type trainingRun struct {
	Steps                  int
	Rate                   float64
	Seed                   int
	Accuracy               float64
	Loss, Rho, Norm, Apart []float64
}

var trainingRuns = sync.OnceValue(func() []trainingRun {
	var file struct{ Rows []trainingRun }
	if err := json.Unmarshal(trainingFile, &file); err != nil {
		panic(err)
	}
	return file.Rows
})

// training is a run with the look that is read off.
type training struct {
	trainingRun
	at int
}

func (r training) words() string {
	return say.Sprintf("Seed %d, rate %g, %d distractors: in the end %s of new sentences are right. "+
		"At batch %d the loss is %s, ρ(W_h) is %s, the norm of ∂h_T/∂h₁ is %s, and the last states of the two cues are %s apart.",
		r.Seed, r.Rate, r.Steps, percent(r.Accuracy),
		r.at*trainingEvery, short(r.Loss[r.at]), short(r.Rho[r.at]), short(r.Norm[r.at]), short(r.Apart[r.at]))
}

func (r training) table() Table {
	t := Table{Head: []string{say.Of("batch"), say.Of("loss"), "ρ(W_h)", say.Of("norm of ∂h_T/∂h₁"), say.Of("apart")}}
	for i := range r.Loss {
		t.Rows = append(t.Rows, []float64{float64(i * trainingEvery), r.Loss[i], r.Rho[i], r.Norm[i], r.Apart[i]})
	}
	return t
}

// A trainingTile is one quantity over the batches, on an axis from low to high; of a
// logarithmic one these are powers of ten.
type trainingTile struct {
	name, colour string
	values       []float64
	low, high    float64
	log          bool
	level        float64 // a dashed line to compare with
	levelName    string
}

func (r training) tiles() []trainingTile {
	return []trainingTile{
		{say.Of("loss"), "1", r.Loss, 0, 1, false, math.Ln2, "ln 2"},
		{"ρ(W_h)", "2", r.Rho, -1, 1, true, 1, "1"},
		{say.Of("norm of ∂h_T/∂h₁"), "3", r.Norm, -30, 5, true, 1, "1"},
		{say.Of("apart: last states with one cue and with the other"), "4", r.Apart, -20, 5, true, 1, "1"},
	}
}

func (r training) layout(width float64) Drawing {
	const left, margin, high, gap = 46.0, 12.0, 84.0, 30.0
	right, top := width-margin, 22.0
	by := (right - left) / float64((len(r.Loss)-1)*trainingEvery)
	x := func(i int) float64 { return left + by*float64(i*trainingEvery) }
	d := Drawing{
		Label: say.Of("Loss, spectral radius of W_h, norm of the gradient over all steps, and distance of the last states of the two cues, against the batch"),
		Width: width,
		Pick:  &Pick{Control: "batch", From: left, By: by},
	}
	for _, tile := range r.tiles() {
		bottom := top + high
		y := func(v float64) float64 {
			if tile.log {
				v = math.Log10(v)
			}
			return bottom - (max(tile.low, min(v, tile.high))-tile.low)/(tile.high-tile.low)*high // log 0 is on the axis
		}
		end := func(v float64) string {
			if tile.log {
				return power(int(v))
			}
			return strconv.FormatFloat(v, 'g', -1, 64)
		}
		d.add(text("t"+tile.colour+" strong", left, top-6, tile.name+": "+short(tile.values[r.at])),
			line("grid", left, top, right, top), line("axis", left, bottom, right, bottom),
			text("soft end", left-6, top+8, end(tile.high)), text("soft end", left-6, bottom, end(tile.low)))
		level := y(tile.level)
		d.add(line("axis dashed", left, level, right, level))
		if level > top+18 && level < bottom-10 {
			d.add(text("soft end", left-6, level+4, tile.levelName))
		}
		var points [][2]float64
		for i, v := range tile.values {
			points = append(points, [2]float64{x(i), y(v)})
		}
		d.add(path("c"+tile.colour+" line", points), circle("c"+tile.colour, x(r.at), y(tile.values[r.at]), 4))
		top = bottom + gap
	}
	bottom := top - gap
	d.add(line("axis dashed", x(r.at), 22, x(r.at), bottom))
	for at := 0; at < len(r.Loss); at += 20 {
		d.add(text("soft mid", x(at), bottom+18, fmt.Sprint(at*trainingEvery)))
	}
	d.add(text("soft mid", (left+right)/2, bottom+38, say.Of("batches")))
	d.Height = bottom + 46
	return d
}
