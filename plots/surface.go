package plots

import (
	"fmt"
	"image/color"
	"math"
	"strings"

	"unroll/internal/words"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A Window is the part of a plane that [LossSurface] draws.
type Window struct{ XMin, XMax, YMin, YMax float64 }

// A Descent is a path in the plane, point by point: the two weights after each
// step of training, those of the start first.
type Descent struct {
	Name string
	X, Y []float64
}

func (d Descent) name(i int) string {
	if d.Name == "" {
		return words.Sprintf("descent %d", i+1)
	}
	return spoken(d.Name)
}

// LossSurface draws a loss over two weights as a map: bands of one colour have
// about the same loss, on a logarithmic scale above the lowest, and a ring marks
// the lowest place in the window. Descents are drawn with a dot for each step
// and named at their ends; what is outside the window is left out, and the
// words say so. LogX and LogY of the axes have no effect here.
//
// It panics unless the window is finite and has an extent, unless the loss is
// finite somewhere in it, and unless each descent has as many X as Y and at
// least one of them.
func LossSurface(axes Axes, w Window, loss func(x, y float64) float64, descents ...Descent) *Figure {
	const fn = "LossSurface"
	for _, side := range [][2]float64{{w.XMin, w.XMax}, {w.YMin, w.YMax}} {
		if !shown(side[0]) || !shown(side[1]) || side[0] >= side[1] {
			failf(fn, "the window runs from %v to %v, want a finite range that increases", side[0], side[1])
		}
	}
	if loss == nil {
		failf(fn, "loss is nil, want a function of two weights")
	}
	for i, d := range descents {
		if len(d.X) != len(d.Y) || len(d.X) == 0 {
			failf(fn, "%s has %d x and %d y, want as many of both and at least one", called("descent", i, d.Name), len(d.X), len(d.Y))
		}
	}
	s := newLossMap(w, loss, descents)
	if !shown(s.lowest) {
		failf(fn, "the loss is finite nowhere in the window")
	}

	p := newPlot()
	p.X.Label.Text, p.Y.Label.Text = axes.X, axes.Y
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = w.XMin, w.XMax, w.YMin, w.YMax
	p.X.Tick.Marker, p.Y.Tick.Marker = linearTicks{n: 8}, linearTicks{n: 7}
	p.Add(s)
	f := &Figure{
		Plot:  p,
		Title: upper(words.Sprintf("loss over %s and %s", withoutUnit(axes.X), withoutUnit(axes.Y))),
		Alt:   s.words(axes),
		Table: s.table(axes),
	}
	return f.fit(chartHeight + 60)
}

// The map is made of cells, a row of which is as high as some pixels.
const (
	surfaceColumns = 160
	surfaceRows    = 92
	surfaceBands   = 14
)

// lossMap is the plotter of a loss over a window.
type lossMap struct {
	window   Window
	loss     func(x, y float64) float64
	descents []Descent
	bands    [surfaceRows][surfaceColumns]int // of the cells, the lowest row first; −1 where the loss is not finite

	lowest, highest float64
	x, y            float64 // of the lowest cell
}

func newLossMap(w Window, loss func(x, y float64) float64, descents []Descent) *lossMap {
	s := &lossMap{window: w, loss: loss, descents: descents, lowest: math.Inf(1), highest: math.Inf(-1)}
	var values [surfaceRows][surfaceColumns]float64
	for i := range surfaceRows {
		for j := range surfaceColumns {
			x := w.XMin + (w.XMax-w.XMin)*(float64(j)+0.5)/surfaceColumns
			y := w.YMin + (w.YMax-w.YMin)*(float64(i)+0.5)/surfaceRows
			v := loss(x, y)
			values[i][j] = v
			if !shown(v) {
				continue
			}
			s.highest = math.Max(s.highest, v)
			if v < s.lowest {
				s.lowest, s.x, s.y = v, x, y
			}
		}
	}
	for i := range values {
		for j, v := range values[i] {
			s.bands[i][j] = s.band(v)
		}
	}
	return s
}

// band returns which of the bands a loss belongs to: the first is within a
// hundredth of the span above the lowest, and each of the others spans the same
// factor.
func (s *lossMap) band(v float64) int {
	if !shown(v) {
		return -1
	}
	span := s.highest - s.lowest
	if span == 0 {
		return 0
	}
	t := 1 + math.Log10(math.Max((v-s.lowest)/span, 1e-2))/2 // 0 to 1
	return min(int(t*surfaceBands), surfaceBands-1)
}

// Plot draws the map, the ring and the descents.
func (s *lossMap) Plot(dc draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&dc)
	edge := func(lo, hi float64, i, n int, at func(float64) vg.Length) vg.Length {
		return vg.Length(math.Round(float64(at(lo + (hi-lo)*float64(i)/float64(n)))))
	}
	w := s.window
	boxes := map[int][]vg.Rectangle{} // by band: neighbours in a row are one
	for i, row := range s.bands {
		for j := 0; j < surfaceColumns; {
			from, band := j, row[j]
			for j++; j < surfaceColumns && row[j] == band; j++ {
			}
			boxes[band] = append(boxes[band], vg.Rectangle{
				Min: vg.Point{X: edge(w.XMin, w.XMax, from, surfaceColumns, x), Y: edge(w.YMin, w.YMax, i, surfaceRows, y)},
				Max: vg.Point{X: edge(w.XMin, w.XMax, j, surfaceColumns, x), Y: edge(w.YMin, w.YMax, i+1, surfaceRows, y)},
			})
		}
	}
	fillBoxes(dc, pad, boxes[-1])
	valley, slope := color.RGBA{0xff, 0xff, 0xff, 0xff}, color.RGBA{0x8f, 0xa3, 0xb5, 0xff}
	for band := range surfaceBands {
		fillBoxes(dc, mix(valley, slope, float64(band)/(surfaceBands-1)), boxes[band])
	}
	ring(dc, vg.Point{X: x(s.x), Y: y(s.y)}, 7, draw.LineStyle{Color: color.RGBA{0x1f, 0x23, 0x28, 0xff}, Width: 2})
	for i, d := range s.descents {
		s.drawDescent(dc, d, i, x, y)
	}
}

func (s *lossMap) drawDescent(dc draw.Canvas, d Descent, i int, x, y func(float64) vg.Length) {
	lineColor, textColor, dashes := hue(i)
	points := make([]vg.Point, 0, len(d.X))
	for k := range d.X {
		if shown(d.X[k]) && shown(d.Y[k]) {
			points = append(points, vg.Point{X: x(d.X[k]), Y: y(d.Y[k])})
		}
	}
	dc.StrokeLines(draw.LineStyle{Color: lineColor, Width: 2, Dashes: dashes}, dc.ClipLinesXY(points)...)
	last := -1
	for k, pt := range points {
		if !dc.Contains(pt) {
			continue
		}
		last = k
		dc.SetColor(lineColor)
		dc.Fill(disc(pt, 3.5))
	}
	if last < 0 || d.Name == "" {
		return
	}
	sty := write(textColor, noteSize, draw.XLeft)
	at := points[last]
	at.X += 9
	if width := sty.Width(d.Name); at.X+width > dc.Max.X-4 {
		at.X -= 18 + width
	}
	at.Y = min(max(at.Y, dc.Min.Y+10), dc.Max.Y-10)
	fillBoxes(dc, card, []vg.Rectangle{{
		Min: vg.Point{X: at.X - 3, Y: at.Y - 9}, Max: vg.Point{X: at.X + sty.Width(d.Name) + 3, Y: at.Y + 9},
	}})
	writeAt(dc, sty, at, d.Name)
}

func ring(dc draw.Canvas, c vg.Point, r vg.Length, sty draw.LineStyle) {
	dc.SetLineStyle(sty)
	dc.Stroke(disc(c, r))
}

// inside reports whether a point can be drawn.
func (w Window) inside(x, y float64) bool {
	return x >= w.XMin && x <= w.XMax && y >= w.YMin && y <= w.YMax // false for NaN
}

func (s *lossMap) words(axes Axes) string {
	var b strings.Builder
	b.WriteString(words.Sprintf("Map of the loss over %s from %s to %s and %s from %s to %s. It is lowest, %s, near %s = %s, %s = %s; the highest is %s.",
		spoken(axes.X), number(s.window.XMin, 3), number(s.window.XMax, 3), spoken(axes.Y), number(s.window.YMin, 3), number(s.window.YMax, 3),
		number(s.lowest, 3), spoken(axes.X), number(s.x, 2), spoken(axes.Y), number(s.y, 2), number(s.highest, 3)))
	for i, d := range s.descents {
		last := len(d.X) - 1
		outside := 0
		for k := range d.X {
			if !s.window.inside(d.X[k], d.Y[k]) {
				outside++
			}
		}
		b.WriteString(words.Sprintf(" %s: %s from (%s, %s), loss %s, to (%s, %s), loss %s",
			upper(d.name(i)), counted(last, "descent"), number(d.X[0], 3), number(d.Y[0], 3), number(s.loss(d.X[0], d.Y[0]), 3),
			number(d.X[last], 3), number(d.Y[last], 3), number(s.loss(d.X[last], d.Y[last]), 3)))
		if outside > 0 {
			b.WriteString(words.Sprintf("; %s outside the map", counted(outside, "point")))
		}
		b.WriteString(".")
	}
	return b.String()
}

func (s *lossMap) table(axes Axes) Table {
	t := Table{Columns: []string{words.Of("descent"), words.Of("descent|step"), axes.X, axes.Y, words.Of("loss")}}
	for i, d := range s.descents {
		rows, _ := sample(len(d.X))
		for _, k := range rows {
			t.Rows = append(t.Rows, []string{
				d.name(i), fmt.Sprint(k), number(d.X[k], 4), number(d.Y[k], 4), number(s.loss(d.X[k], d.Y[k]), 4),
			})
		}
	}
	return t
}
