package plots

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"unroll/internal/words"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A Panel is one setting of an experiment with several arms and seeds:
// Scores[a][s] is the score of seed s of arm a.
type Panel struct {
	Name   string
	Scores [][]float64
}

// SeedScores draws the score of every seed of every arm, such as "accuracy, share
// right", as dots, a column for each arm and a panel for each setting, the panels
// below one another on the same scale: a short line is the median, which leaves
// out NaN. The first value of each reference is a dashed line across ("chance",
// 0.5). No seed is left out.
//
// It panics if there are no panels or no arms, if a panel lacks seeds of an arm, and
// if no score is a finite number.
func SeedScores(quantity string, arms []string, panels []Panel, references ...Curve) *Figure {
	const fn = "SeedScores"
	if len(panels) == 0 || len(arms) == 0 {
		failf(fn, "%s and %s, want at least one of each", count(len(panels), "panel"), count(len(arms), "arm"))
	}
	lo, hi := scoreRange(fn, arms, panels, references)
	ticks := linearTicks{n: 4}
	step := niceStep(hi-lo, ticks.n)
	lo, hi = math.Floor(lo/step+1e-9)*step, math.Ceil(hi/step-1e-9)*step

	f := &Figure{
		Title: words.Sprintf("%s of every seed", upper(withoutUnit(quantity))),
		Width: figureWidth, Height: vg.Length(90 + 170*len(panels)),
		Table: Table{Columns: []string{words.Of("panel"), words.Of("arm"), words.Of("median"), words.Of("lowest seed"), words.Of("highest seed"), words.Of("seeds")}},
	}
	sentences := []string{words.Sprintf("Dots over %s: %s", counted(len(arms), "arm"), strings.Join(arms, ", "))}
	for i, panel := range panels {
		p := newPlot()
		overTokens(p, len(arms))
		p.Y.Min, p.Y.Max = lo, hi
		p.Y.Padding = 4
		p.Y.Tick.Marker = ticks
		p.Add(&seedDots{panel.Scores, references}, &tileName{name: panel.Name})
		if i == len(panels)-1 {
			p.Add(newTokenAxis(arms, figureWidth-160, false))
		}
		f.Tiles = append(f.Tiles, p)
		sentences = append(sentences, panel.describe(arms, &f.Table))
	}
	for _, r := range references {
		sentences = append(sentences, words.Sprintf("%s is %s", upper(r.Name), number(r.Values[0], 3)))
	}
	f.Alt = strings.Join(sentences, ". ") + "."
	return f
}

// scoreRange returns a range that holds all scores and references, and panics if
// they do not fit together.
func scoreRange(fn string, arms []string, panels []Panel, references []Curve) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	widen := func(v float64) {
		if shown(v) {
			lo, hi = math.Min(lo, v), math.Max(hi, v)
		}
	}
	for i, panel := range panels {
		if len(panel.Scores) != len(arms) {
			failf(fn, "%s has scores of %s, want %d", called("panel", i, panel.Name), count(len(panel.Scores), "arm"), len(arms))
		}
		for a, seeds := range panel.Scores {
			if len(seeds) == 0 {
				failf(fn, "%s has no seeds of %s, want at least one", called("panel", i, panel.Name), called("arm", a, arms[a]))
			}
			for _, v := range seeds {
				widen(v)
			}
		}
	}
	if lo > hi {
		failf(fn, "no score is a finite number")
	}
	for i, r := range references {
		if len(r.Values) == 0 {
			failf(fn, "%s has no value, want one", called("reference", i, r.Name))
		}
		widen(r.Values[0])
	}
	return widened(lo, hi)
}

// describe adds a row for each arm to the table, and returns what the panel shows
// in words.
func (p Panel) describe(arms []string, table *Table) string {
	var parts []string
	for a, seeds := range p.Scores {
		least, most := extremes(seeds)
		mid := middle(seeds)
		table.Rows = append(table.Rows, []string{
			p.Name, arms[a], number(mid, 4), number(least, 4), number(most, 4), fmt.Sprint(len(seeds)),
		})
		part := words.Sprintf("%s median %s of %s", arms[a], number(mid, 3), counted(len(seeds), "seed"))
		if least != most {
			part += words.Sprintf(", from %s to %s", number(least, 3), number(most, 3))
		}
		if _, _, broken := extent([][]float64{seeds}); broken > 0 {
			part += words.Sprintf(", %d NaN or infinite", broken)
		}
		parts = append(parts, part)
	}
	return upper(p.Name) + ": " + strings.Join(parts, "; ")
}

// middle returns the median of the values that are numbers.
func middle(seeds []float64) float64 {
	rows := make([][]float64, len(seeds))
	for i, v := range seeds {
		rows[i] = []float64{v}
	}
	return median(rows)[0]
}

// extremes returns the least and greatest value that is a number, NaN without one.
func extremes(seeds []float64) (lo, hi float64) {
	vs := slices.DeleteFunc(slices.Clone(seeds), math.IsNaN)
	if len(vs) == 0 {
		return math.NaN(), math.NaN()
	}
	return slices.Min(vs), slices.Max(vs)
}

// seedDots is the plotter of one panel.
type seedDots struct {
	scores     [][]float64
	references []Curve
}

// Plot draws the dots of each arm side by side in the order of the seeds, so that
// none covers another.
func (d *seedDots) Plot(dc draw.Canvas, p *plot.Plot) {
	drawGrid(dc, p)
	x, y := p.Transforms(&dc)
	sty := write(soft, noteSize, draw.XLeft)
	want, height := make([]float64, len(d.references)), make([]float64, len(d.references))
	for i, r := range d.references {
		at := y(r.Values[0])
		dc.StrokeLine2(draw.LineStyle{Color: soft, Width: 1.5, Dashes: []vg.Length{6, 4}}, dc.Min.X, at, dc.Max.X, at)
		want[i], height[i] = float64(at), float64(sty.Height(r.Name))
	}
	for i, at := range spread(want, height, float64(dc.Min.Y)-8, float64(dc.Max.Y)+8) {
		writeAt(dc, sty, vg.Point{X: dc.Max.X + 8, Y: vg.Length(at)}, d.references[i].Name)
	}
	column := x(1) - x(0)
	for a, seeds := range d.scores {
		c, _, _ := hue(a)
		step := min(11, 0.8*column/vg.Length(len(seeds)))
		mid := x(float64(a))
		half := step*vg.Length(len(seeds))/2 + 3
		if m := middle(seeds); shown(m) {
			dc.StrokeLine2(draw.LineStyle{Color: c, Width: 2}, mid-half, y(m), mid+half, y(m))
		}
		for s, v := range seeds {
			at := mid + step*(vg.Length(s)-vg.Length(len(seeds)-1)/2)
			if !markOutside(dc, c, v, at, dc.Min.Y) {
				dc.SetColor(c)
				dc.Fill(disc(vg.Point{X: at, Y: y(v)}, min(4.5, 0.45*step+1)))
			}
		}
	}
}

// GlyphBoxes reserves the room for the names of the references, and for dots at
// the upper edge.
func (d *seedDots) GlyphBoxes(*plot.Plot) []plot.GlyphBox {
	w := vg.Length(0)
	for _, r := range d.references {
		w = max(w, 8+1.04*write(soft, noteSize, draw.XLeft).Width(r.Name))
	}
	return []plot.GlyphBox{
		{X: 1, Rectangle: vg.Rectangle{Max: vg.Point{X: w}}},
		{Y: 1, Rectangle: vg.Rectangle{Max: vg.Point{Y: 6}}},
	}
}
