package plots

import (
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// tokenAxis is the plotter that writes one token per column, below the data or
// above it: level if the columns are wide enough, else slanting, else upright.
type tokenAxis struct {
	tokens []string
	above  bool
	gap    vg.Length // to the data
	size   vg.Length
	turn   float64 // radians
	every  int     // one label in so many, where columns are narrower than letters
}

// newTokenAxis chooses how to write tokens over so much width.
func newTokenAxis(tokens []string, width vg.Length, above bool) *tokenAxis {
	a := &tokenAxis{tokens: tokens, above: above, gap: 7, every: 1}
	column := width / vg.Length(len(tokens))
	for _, size := range []vg.Length{tickSize, noteSize} {
		widest := vg.Length(0)
		for _, t := range tokens {
			widest = max(widest, write(ink, size, draw.XCenter).Width(t))
		}
		if a.size = size; 1.04*widest+6 <= column {
			return a
		}
	}
	if a.turn = math.Pi / 4; column >= 22 {
		return a
	}
	if a.turn = math.Pi / 2; column >= noteSize {
		return a
	}
	a.size = max(column, 11)
	a.every = int(math.Ceil(float64(a.size / column)))
	return a
}

// isPad reports whether a token is padding, as vocabularies write it: <PAD>, [PAD], <pad>, or PAD alone. The word pad is
// a word.
func isPad(token string) bool {
	switch token {
	case "PAD", "<PAD>", "[PAD]", "<pad>", "[pad]":
		return true
	}
	return false
}

func (a *tokenAxis) style(token string) text.Style {
	c := ink
	if isPad(token) {
		c = muted
	}
	align := draw.XCenter
	if a.turn != 0 {
		align = draw.XRight
		if a.above {
			align = draw.XLeft
		}
	}
	sty := write(c, a.size, align)
	sty.Rotation = a.turn
	return sty
}

// Plot writes the tokens.
func (a *tokenAxis) Plot(dc draw.Canvas, p *plot.Plot) {
	for i, t := range a.tokens {
		if i%a.every != 0 {
			continue
		}
		sty := a.style(t)
		pt := vg.Point{X: dc.X(p.X.Norm(float64(i))), Y: dc.Min.Y - a.gap}
		if a.above {
			pt.Y = dc.Max.Y + a.gap
		}
		if half := sty.Height(t) / 2; a.turn == 0 && a.above {
			pt.Y += half
		} else if a.turn == 0 {
			pt.Y -= half
		}
		writeAt(dc, sty, pt, t)
	}
}

// GlyphBoxes reserves the room that the tokens take.
func (a *tokenAxis) GlyphBoxes(p *plot.Plot) []plot.GlyphBox {
	var boxes []plot.GlyphBox
	for i, t := range a.tokens {
		if i%a.every != 0 {
			continue
		}
		sty := a.style(t)
		w, h := 1.04*sty.Width(t), sty.Height(t)
		sin, cos := math.Sincos(a.turn)
		height := a.gap + w*vg.Length(sin) + h*vg.Length(cos)
		box := plot.GlyphBox{X: p.X.Norm(float64(i))}
		switch {
		case a.turn == 0:
			box.Min.X, box.Max.X = -w/2, w/2
		case a.above:
			box.Min.X, box.Max.X = -h/2, w*vg.Length(cos)+h/2
		default:
			box.Min.X, box.Max.X = -w*vg.Length(cos)-h/2, h/2
		}
		if a.above {
			box.Y, box.Max.Y = 1, height
		} else {
			box.Min.Y = -height
		}
		boxes = append(boxes, box)
	}
	return boxes
}

// writeAt writes text whose vertical middle, before it is turned, is at a point.
func writeAt(dc draw.Canvas, sty text.Style, pt vg.Point, txt string) {
	sty.YAlign = draw.YCenter
	descent := sty.FontExtents().Descent
	sin, cos := math.Sincos(sty.Rotation)
	pt.X -= descent * vg.Length(sin)
	pt.Y += descent * vg.Length(cos)
	dc.FillText(sty, pt, txt)
}

// overTokens gives a plot an x axis with a column for each token.
func overTokens(p *plot.Plot, n int) {
	p.HideX()
	p.X.Min, p.X.Max = -0.5, float64(n)-0.5
}

func checkTokens(fn string, tokens []string) {
	if len(tokens) == 0 {
		failf(fn, "no tokens, want at least one")
	}
}
