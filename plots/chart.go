package plots

import (
	"image/color"
	"math"
	"slices"
	"strings"

	"unroll/internal/words"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A line is one curve of a chart.
type line struct {
	name   string // "" for a line without a label
	x, y   []float64
	color  color.Color
	text   color.Color // of the label
	width  vg.Length
	dashes []vg.Length
	dots   bool // mark every point

	reference, level bool        // a dashed line to compare with, constant over the whole width
	seeds            [][]float64 // of which y is the median
}

// A chart is the plotter of all figures with lines: it draws the grid, the
// lines, what a line cannot show (zeros on a logarithmic axis, NaN, infinity)
// and the names at the ends.
type chart struct {
	lines      []*line
	logX, logY bool
	at         string // what a place on the x axis is called: "distance"
}

// Room to the left of a label: from the end of its line.
const (
	labelGap  vg.Length = 16
	labelWrap vg.Length = 210
)

// kind says whether an axis can show a value, and if not, why.
type kind int

const (
	fine kind = iota
	zero      // on a logarithmic axis, where it has no place
	negative
	upward // infinite
	downward
	above // so large that the span of an axis can overflow
	below
	nan
)

// huge is the largest value that a linear axis shows: differences of larger ones
// can overflow.
const huge = 1e300

// shown reports whether a linear axis can show the value.
func shown(v float64) bool { return math.Abs(v) <= huge } // false for NaN

// kindOf returns the kind of a value on a linear or a logarithmic axis.
func kindOf(v float64, log bool) kind {
	switch {
	case math.IsNaN(v):
		return nan
	case math.IsInf(v, 1):
		return upward
	case math.IsInf(v, -1):
		return downward
	case log && v == 0:
		return zero
	case log && v < 0:
		return negative
	case !log && v > huge:
		return above
	case !log && v < -huge:
		return below
	}
	return fine
}

func (c *chart) kind(v float64) kind { return kindOf(v, c.logY) }

// high reports whether values of the kind lie beyond the upper end of an axis.
func (k kind) high() bool { return k == upward || k == above }

// edge returns the height of the edge of the data area that is nearest to values
// of the kind.
func (k kind) edge(dc draw.Canvas) vg.Length {
	if k.high() {
		return dc.Max.Y
	}
	return dc.Min.Y
}

var kindName = map[kind]string{
	zero: "0", negative: words.Text("negative"), upward: words.Text("infinite"), downward: words.Text("minus infinity"),
	above: words.Text("above 1e300"), below: words.Text("below −1e300"), nan: "NaN",
}

// has reports whether any value is of the kind.
func (c *chart) has(k kind) bool {
	for _, l := range c.lines {
		for _, v := range l.y {
			if c.kind(v) == k {
				return true
			}
		}
	}
	return false
}

// place returns the name of a place on the x axis, "distance 31".
func (c *chart) place(x float64) string {
	if c.at == "" {
		return number(x, 6)
	}
	return words.Sprintf(c.at, number(x, 6))
}

// notes says which values the curve of a line leaves out, and where.
func (c *chart) notes(l *line) []string {
	var notes []string
	for k := zero; k <= nan; k++ {
		first, last, n := -1, -1, 0
		for i, v := range l.y {
			if c.kind(v) == k {
				if n == 0 {
					first = i
				}
				last = i
				n++
			}
		}
		switch {
		case n == 0:
		case n == len(l.y):
			notes = append(notes, words.Sprintf("%s throughout", words.Of(kindName[k])))
		case n == 1:
			notes = append(notes, words.Sprintf("%s at %s", words.Of(kindName[k]), c.place(l.x[first])))
		case last == len(l.y)-1 && n == last-first+1:
			notes = append(notes, words.Sprintf("%s from %s", words.Of(kindName[k]), c.place(l.x[first])))
		case n == last-first+1:
			notes = append(notes, words.Sprintf("%s from %s to %s", words.Of(kindName[k]), c.place(l.x[first]), number(l.x[last], 6)))
		default:
			notes = append(notes, words.Sprintf("%s at %d of %d places, first %s", words.Of(kindName[k]), n, len(l.y), c.place(l.x[first])))
		}
	}
	if n := c.broken(l.seeds); n > 0 {
		notes = append(notes, words.Sprintf("NaN or infinite in %d of %d seeds", n, len(l.seeds)))
	}
	return notes
}

// broken returns how many of the seeds have a value that is NaN or infinite.
func (c *chart) broken(seeds [][]float64) int {
	n := 0
	for _, s := range seeds {
		if slices.ContainsFunc(s, func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }) {
			n++
		}
	}
	return n
}

// setAxes gives both axes of the plot a range that holds the data and ends at
// ticks, and their ticks.
func (c *chart) setAxes(p *plot.Plot, wholeX bool) {
	xmin, xmax := math.Inf(1), math.Inf(-1)
	ymin, ymax := math.Inf(1), math.Inf(-1)
	for _, l := range c.lines {
		for i, y := range l.y {
			xmin, xmax = math.Min(xmin, l.x[i]), math.Max(xmax, l.x[i])
			if c.kind(y) == fine {
				ymin, ymax = math.Min(ymin, y), math.Max(ymax, y)
			}
		}
	}
	if xmin == xmax {
		if c.logX {
			xmin, xmax = xmin/2, xmax*2
		} else {
			xmin, xmax = xmin-1, xmax+1
		}
	}
	p.X.Min, p.X.Max = xmin, xmax
	p.Y.Padding = 8 // keeps a mark at the first place away from the numbers
	if c.logX {
		p.X.Scale, p.X.Tick.Marker = logScale{}, logTicks{n: 6}
	} else {
		p.X.Tick.Marker = linearTicks{n: 8, whole: wholeX}
	}

	if c.logY {
		c.setLogY(p, ymin, ymax)
		return
	}
	if ymin > ymax { // no value can be shown
		ymin, ymax = 0, 1
	}
	if ymin >= 0 && ymin < 0.4*ymax {
		ymin = 0 // the distance from zero is part of what the reader sees
	}
	ymin, ymax = widened(ymin, ymax)
	ticks := linearTicks{n: 7}
	step := niceStep(ymax-ymin, ticks.n)
	p.Y.Min, p.Y.Max = ymin, ymax
	if end := math.Floor(ymin/step+1e-9) * step; ymin-end < step/2 {
		p.Y.Min = end
	}
	if end := math.Ceil(ymax/step-1e-9) * step; end-ymax < step/2 {
		p.Y.Max = end
	}
	p.Y.Tick.Marker = ticks
}

// widened returns a range that has a span to put ticks on, around one that has none.
func widened(lo, hi float64) (float64, float64) {
	top := math.Max(math.Abs(lo), math.Abs(hi))
	switch {
	case hi-lo > 1e-9*top:
		return lo, hi
	case top < 10:
		return lo - 1, hi + 1
	}
	return lo - top/10, hi + top/10
}

func (c *chart) setLogY(p *plot.Plot, ymin, ymax float64) {
	scale := logScale{zero: c.has(zero), inf: c.has(upward)}
	p.Y.Scale, p.Y.Tick.Marker = scale, logTicks{n: 6, scale: scale}
	if ymin > ymax {
		ymin, ymax = 1, 1
	}
	lo, hi := math.Floor(math.Log10(ymin)+1e-9), math.Ceil(math.Log10(ymax)-1e-9)
	if lo == hi {
		lo--
	}
	if hi-lo == 1 { // within a decade, 2 and 5 are good ends too
		power := math.Pow(10, lo)
		for _, m := range []float64{5, 2} {
			if ymin >= m*power*(1-1e-9) {
				lo += math.Log10(m)
				break
			}
		}
		for _, m := range []float64{2, 5} {
			if ymax <= m*power*(1+1e-9) && power*m > math.Pow(10, lo)*1.001 {
				hi = math.Log10(m * power)
				break
			}
		}
	}
	p.Y.Min = math.Max(math.Pow(10, lo), math.SmallestNonzeroFloat64)
	p.Y.Max = math.Min(math.Pow(10, hi), math.MaxFloat64)
}

// Plot draws the chart.
func (c *chart) Plot(dc draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&dc)
	drawGrid(dc, p)
	for _, l := range c.lines {
		c.drawLine(dc, l, x, y)
	}
	c.drawLabels(dc, x, y)
}

// drawGrid draws a light line at every tick of the y axis.
func drawGrid(dc draw.Canvas, p *plot.Plot) {
	for _, t := range p.Y.Tick.Marker.Ticks(p.Y.Min, p.Y.Max) {
		if y := dc.Y(p.Y.Norm(t.Value)); dc.ContainsY(y) && !t.IsMinor() {
			dc.StrokeLine2(draw.LineStyle{Color: grid, Width: 1}, dc.Min.X, y, dc.Max.X, y)
		}
	}
}

// point returns the point of a value; of one that the axis cannot show, the point
// at the nearest edge.
func (c *chart) point(dc draw.Canvas, l *line, i int, x, y func(float64) vg.Length) vg.Point {
	const far = 1e6 // beyond it lines to a point are vertical, and clipping them is inexact
	within := func(v vg.Length) vg.Length { return max(-far, min(far, v)) }
	if k := c.kind(l.y[i]); k != fine {
		return vg.Point{X: within(x(l.x[i])), Y: k.edge(dc)}
	}
	return vg.Point{X: within(x(l.x[i])), Y: within(y(l.y[i]))}
}

// drawLine draws a line, clipped to the data area: a caller can set other ends of
// the axes. The clip is a point wider, so that a line along an edge is whole.
func (c *chart) drawLine(dc draw.Canvas, l *line, x, y func(float64) vg.Length) {
	inside := draw.Crop(dc, -1, 1, -1, 1)
	sty := draw.LineStyle{Color: l.color, Width: l.width, Dashes: l.dashes}
	edge := draw.LineStyle{Color: l.color, Width: l.width * 0.7, Dashes: []vg.Length{1.5, 4}}
	var solid, dotted []vg.Point
	for i := range l.y {
		pt, k := c.point(dc, l, i, x, y), c.kind(l.y[i])
		if i > 0 {
			prev := c.kind(l.y[i-1])
			// A gap where there is no number; a dotted line to an edge and along it.
			if k != fine && k != nan || prev != fine && prev != nan && k != nan {
				if len(dotted) == 0 && prev != nan {
					dotted = append(dotted, c.point(dc, l, i-1, x, y))
				}
				dotted = append(dotted, pt)
			}
		}
		if k == fine {
			solid = append(solid, pt)
		}
		if k != fine || i == len(l.y)-1 {
			if len(solid) > 1 {
				dc.StrokeLines(sty, inside.ClipLinesXY(solid)...)
			} else if len(solid) == 1 && !l.dots && inside.Contains(solid[0]) {
				dc.SetColor(l.color)
				dc.Fill(disc(solid[0], l.width))
			}
			solid = nil
		}
		if k == fine || k == nan || i == len(l.y)-1 {
			if len(dotted) > 1 {
				dc.StrokeLines(edge, inside.ClipLinesXY(dotted)...)
			}
			dotted = nil
		}
	}
	for i := range l.y {
		pt, k := c.point(dc, l, i, x, y), c.kind(l.y[i])
		switch {
		case !inside.Contains(pt):
		case k == fine && l.dots:
			dc.SetColor(l.color)
			dc.Fill(disc(pt, 4))
		case k != fine && (i == 0 || c.kind(l.y[i-1]) != k || i == len(l.y)-1 || c.kind(l.y[i+1]) != k):
			mark(dc, l.color, k, pt) // the ends of each stretch
		}
	}
}

// disc returns a circle.
func disc(pt vg.Point, r vg.Length) vg.Path {
	var p vg.Path
	p.Move(vg.Point{X: pt.X + r, Y: pt.Y})
	p.Arc(pt, r, 0, 2*math.Pi)
	p.Close()
	return p
}

// mark draws the sign of a value that the axis cannot show: an arrowhead towards
// it, or a cross for NaN.
func mark(dc draw.Canvas, c color.Color, k kind, pt vg.Point) {
	const r = 5
	if k == nan {
		sty := draw.LineStyle{Color: c, Width: 2}
		dc.StrokeLines(sty,
			[]vg.Point{{X: pt.X - r, Y: pt.Y - r}, {X: pt.X + r, Y: pt.Y + r}},
			[]vg.Point{{X: pt.X - r, Y: pt.Y + r}, {X: pt.X + r, Y: pt.Y - r}})
		return
	}
	up := vg.Length(-1)
	if k.high() {
		up = 1
	}
	var p vg.Path
	p.Move(vg.Point{X: pt.X, Y: pt.Y + up*r})
	p.Line(vg.Point{X: pt.X - r, Y: pt.Y - up*r*0.7})
	p.Line(vg.Point{X: pt.X + r, Y: pt.Y - up*r*0.7})
	p.Close()
	dc.SetColor(c)
	dc.Fill(p)
}

// markOutside marks a value that a linear axis cannot show, at the nearest edge, or
// NaN above nanY, and reports whether it did.
func markOutside(dc draw.Canvas, c color.Color, v float64, x, nanY vg.Length) bool {
	const inset = 6 // the mark is inside the data area
	switch k := kindOf(v, false); {
	case k == fine:
		return false
	case k == nan:
		mark(dc, c, k, vg.Point{X: x, Y: nanY + inset})
	case k.high():
		mark(dc, c, k, vg.Point{X: x, Y: k.edge(dc) - inset})
	default:
		mark(dc, c, k, vg.Point{X: x, Y: k.edge(dc) + inset})
	}
	return true
}

// A label is the name of a line and its notes, beside the end of the line.
type label struct {
	line        *line
	name, notes string
	nameStyle   text.Style
	noteStyle   text.Style
}

func (c *chart) labels() []label {
	var ls []label
	for _, l := range c.lines {
		if l.name == "" {
			continue
		}
		a := label{line: l, nameStyle: write(l.text, labelSize, draw.XLeft), noteStyle: write(soft, noteSize, draw.XLeft)}
		a.name = wrap(l.name, a.nameStyle, labelWrap)
		var notes []string
		for _, n := range c.notes(l) {
			notes = append(notes, wrap(n, a.noteStyle, labelWrap))
		}
		a.notes = strings.Join(notes, "\n")
		ls = append(ls, a)
	}
	return ls
}

func (a label) size() (w, h vg.Length) {
	w, h = a.nameStyle.Width(a.name), a.nameStyle.Height(a.name)
	if a.notes != "" {
		w = max(w, a.noteStyle.Width(a.notes))
		h += a.noteStyle.Height(a.notes)
	}
	return w, h
}

// labelHeight returns the height of all labels together.
func (c *chart) labelHeight() vg.Length {
	h := vg.Length(0)
	for _, a := range c.labels() {
		_, one := a.size()
		h += one
	}
	return h
}

// GlyphBoxes reserves the room for the labels to the right of the data, and for
// marks at the edges.
func (c *chart) GlyphBoxes(*plot.Plot) []plot.GlyphBox {
	width := vg.Length(0)
	for _, a := range c.labels() {
		w, _ := a.size()
		width = max(width, labelGap+1.04*w) // browsers may have a wider font
	}
	boxes := []plot.GlyphBox{{X: 1, Rectangle: vg.Rectangle{Max: vg.Point{X: max(width, 6)}}}}
	return append(boxes, plot.GlyphBox{Y: 1, Rectangle: vg.Rectangle{Max: vg.Point{Y: 6}}})
}

func (c *chart) drawLabels(dc draw.Canvas, x, y func(float64) vg.Length) {
	ls := c.labels()
	want, height := make([]float64, len(ls)), make([]float64, len(ls))
	for i, a := range ls {
		want[i] = float64(c.point(dc, a.line, len(a.line.y)-1, x, y).Y)
		_, h := a.size()
		height[i] = float64(h)
	}
	at := spread(want, height, float64(dc.Min.Y)-10, float64(dc.Max.Y)+10)
	for i, a := range ls {
		end := c.point(dc, a.line, len(a.line.y)-1, x, y)
		end.X, end.Y = max(dc.Min.X, min(dc.Max.X, end.X)), max(dc.Min.Y, min(dc.Max.Y, end.Y))
		left := dc.Max.X + labelGap
		mid := font.Length(at[i])
		if math.Abs(at[i]-want[i]) > 5 || dc.Max.X-end.X > 2 {
			leader := draw.LineStyle{Color: a.line.color, Width: 1, Dashes: []vg.Length{2, 2}}
			dc.StrokeLines(leader, []vg.Point{{X: end.X + 3, Y: end.Y}, {X: left - 3, Y: mid}})
		}
		_, h := a.size()
		top := mid + h/2
		a.draw(dc, vg.Point{X: left, Y: top})
	}
}

func (a label) draw(dc draw.Canvas, pt vg.Point) {
	drawBlock(dc, a.nameStyle, pt, a.name)
	if a.notes != "" {
		pt.Y -= a.nameStyle.Height(a.name)
		drawBlock(dc, a.noteStyle, pt, a.notes)
	}
}

// drawBlock writes text below a point.
func drawBlock(dc draw.Canvas, sty text.Style, pt vg.Point, txt string) {
	sty.YAlign = draw.YTop
	dc.FillText(sty, vg.Point{X: pt.X, Y: pt.Y + sty.FontExtents().Descent}, txt)
}
