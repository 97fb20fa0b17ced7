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

// TokenInfluence draws how much each token moves the last state, as bars under
// the words: influence[i] belongs to tokens[i]. It may be any measure, such as
// the norm of ∂h_T/∂x_i, or how far h_T moves when the token is left out; say
// which with fig.Y.Label.Text. The bars of padding are grey.
//
// It panics if there are no tokens, or not one value for each.
func TokenInfluence(tokens []string, influence []float64) *Figure {
	const fn = "TokenInfluence"
	checkTokens(fn, tokens)
	if len(influence) != len(tokens) {
		failf(fn, "%s for %s, want one for each", count(len(influence), "value"), count(len(tokens), "token"))
	}
	p := newPlot()
	overTokens(p, len(tokens))
	b := &bars{values: influence, color: palette[0].line, numbers: true, pads: make([]bool, len(tokens))}
	for i, t := range tokens {
		b.pads[i] = isPad(t)
	}
	b.setRange(p, math.Inf(1), math.Inf(-1))
	names := newTokenAxis(tokens, figureWidth-130, true)
	names.gap += 16 // over the numbers at the bars' ends
	p.Add(b, names)
	p.Y.Label.Text = words.Of("influence on the last state h_{T}")
	f := &Figure{
		Plot:  p,
		Title: words.Of("How much each token moves the last state"),
		Alt:   influenceWords(tokens, influence),
		Table: Table{Columns: []string{words.Of("position"), words.Of("token"), words.Of("influence")}},
	}
	for i, t := range tokens {
		f.Table.Rows = append(f.Table.Rows, []string{fmt.Sprint(i + 1), t, number(influence[i], 4)})
	}
	return f.fit(230)
}

func influenceWords(tokens []string, influence []float64) string {
	var b strings.Builder
	b.WriteString(words.Sprintf("Bars under %s", counted(len(tokens), "token")))
	if len(tokens) <= 12 {
		b.WriteString(": ")
		for i, t := range tokens {
			if i > 0 {
				b.WriteString(", ")
			}
			fmt.Fprintf(&b, "%s %s", t, number(influence[i], 2))
		}
	}
	b.WriteString(".")
	most, least, sum, padding, pads, broken := -1, -1, 0.0, 0.0, 0, 0
	for i, v := range influence {
		if !shown(v) {
			broken++
			continue
		}
		if most < 0 || v > influence[most] {
			most = i
		}
		if v < 0 && (least < 0 || v < influence[least]) {
			least = i
		}
		sum += v
		if isPad(tokens[i]) {
			padding += v
			pads++
		}
	}
	if most >= 0 && len(tokens) > 1 {
		b.WriteString(words.Sprintf(" Most: %s, %s.", position(tokens, most), number(influence[most], 2)))
	}
	if least >= 0 && len(tokens) > 1 {
		b.WriteString(words.Sprintf(" Least: %s, %s.", position(tokens, least), number(influence[least], 2)))
	}
	if share := number(100*padding/sum, 2); sum > 0 && pads == 1 {
		b.WriteString(words.Sprintf(" 1 PAD has %s%% of the sum.", share))
	} else if sum > 0 && pads > 1 {
		b.WriteString(words.Sprintf(" %d PADs have %s%% of the sum.", pads, share))
	}
	if broken > 0 {
		b.WriteString(words.Sprintf(" %s NaN or infinite.", counted(broken, "value")))
	}
	return b.String()
}

// bars is the plotter of a bar per token, from zero.
type bars struct {
	values  []float64
	color   color.Color
	pads    []bool // whose bars are grey; nil for none
	numbers bool   // write the value at the end of each bar, where there is room
}

// setRange gives the y axis a range that holds zero, the values and [lo, hi].
func (b *bars) setRange(p *plot.Plot, lo, hi float64) {
	lo, hi = math.Min(lo, 0), math.Max(hi, 0)
	for _, v := range b.values {
		if shown(v) {
			lo, hi = math.Min(lo, v), math.Max(hi, v)
		}
	}
	if lo == hi {
		hi = 1
	}
	p.Y.Min, p.Y.Max = lo, hi
	p.Y.Padding = 4
	p.Y.Tick.Marker = linearTicks{n: 7}
}

// Plot draws the bars.
func (b *bars) Plot(dc draw.Canvas, p *plot.Plot) {
	drawGrid(dc, p)
	x, y := p.Transforms(&dc)
	column := x(1) - x(0)
	width := min(0.72*column, 48)
	sty := write(ink, noteSize, draw.XCenter)
	for i, v := range b.values {
		c := b.color
		if b.pads != nil && b.pads[i] {
			c = pad
		}
		if !markOutside(dc, c, v, x(float64(i)), y(0)) {
			left := x(float64(i)) - width/2
			from, to := y(math.Min(0, v)), y(math.Max(0, v))
			fillBoxes(dc, c, []vg.Rectangle{{Min: vg.Point{X: left, Y: from}, Max: vg.Point{X: left + width, Y: to}}})
		}
		txt := number(v, 2)
		if b.numbers && 1.04*sty.Width(txt)+4 <= column {
			at := vg.Point{X: x(float64(i)), Y: dc.Min.Y + 18}
			if shown(v) {
				at.Y = y(v) + 10
				if v < 0 {
					at.Y = y(v) - 10
				}
			}
			writeAt(dc, sty, at, txt)
		}
	}
	dc.StrokeLine2(draw.LineStyle{Color: axis, Width: 1}, dc.Min.X, y(0), dc.Max.X, y(0))
}

// GlyphBoxes reserves the room for the numbers under bars below zero.
func (b *bars) GlyphBoxes(p *plot.Plot) []plot.GlyphBox {
	var boxes []plot.GlyphBox
	for i, v := range b.values {
		if b.numbers && v < 0 && shown(v) {
			boxes = append(boxes, plot.GlyphBox{
				X: p.X.Norm(float64(i)), Y: p.Y.Norm(v),
				Rectangle: vg.Rectangle{Min: vg.Point{Y: -20}},
			})
		}
	}
	return boxes
}
