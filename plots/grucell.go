package plots

import (
	"slices"

	"unroll/internal/words"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A GRUPart is one of the four quantities that a GRU computes in a step, an
// equation each.
type GRUPart int

const (
	GRUReset     GRUPart = iota // r_t
	GRUUpdate                   // z_t
	GRUCandidate                // n_t
	GRUState                    // h_t
	gruParts
)

// gruPart is what a figure says about a part, and its colour: that of the part
// of an LSTM that does the same.
var gruPart = [gruParts]struct {
	hue                 int
	name, equation, way string
}{
	GRUReset: {1, words.Text("reset gate"), "r_{t} = σ(W_{r} [h_{t−1}, x_{t}] + b_{r})",
		words.Text("h_t−1 and x_t go through a σ to the × on the way of h_t−1 to the candidate")},
	GRUUpdate: {0, words.Text("update gate"), "z_{t} = σ(W_{z} [h_{t−1}, x_{t}] + b_{z})",
		words.Text("h_t−1 and x_t go through a σ to the × on the line of the state, and as 1 − z_t to the × above the candidate")},
	GRUCandidate: {3, words.Text("candidate"), "n_{t} = tanh(W_{x} x_{t} + b_{x} + r_{t} ⊙ (W_{h} h_{t−1} + b_{h}))",
		words.Text("x_t, and what the reset gate leaves of h_t−1, go through a tanh up to the × with 1 − z_t")},
	GRUState: {4, words.Text("hidden state"), "h_{t} = z_{t} ⊙ h_{t−1} + (1 − z_{t}) ⊙ n_{t}",
		words.Text("h_t−1 runs straight along the top, is multiplied once, added to once, and leaves as h_t")},
}

// GRUCell draws one step of a GRU as a diagram with the given parts lit, or all
// of it where none is given, as [LSTMCell] draws an LSTM: the state along the
// top, the gates below it. It panics for an unknown part.
func GRUCell(lit ...GRUPart) *Figure {
	for _, part := range lit {
		if part < 0 || part >= gruParts {
			failf("GRUCell", "part %d, want one from GRUReset to GRUState", part)
		}
	}
	return cellFigure("GRU", int(gruParts), func(part int) (name, equation, way string, isLit bool) {
		p := gruPart[part]
		return words.Of(p.name), p.equation, words.Of(p.way), slices.Contains(lit, GRUPart(part))
	}, gruCell{lit})
}

// gruCell is the plotter of the diagram, on the grid of lstmCell.
type gruCell struct{ lit []GRUPart }

// Where things are on the grid, beside what is there for lstmCell.
const (
	hY, xY      = 2.6, 1.5 // the lines of h_{t−1} and of x_t to the gates
	mixY        = 6.5      // where candidate and 1 − z meet
	zX, rX, hrX = 5.0, 8.0, 10.7
	nX          = 14.0
)

// Plot draws what is not lit first, and over it what is.
func (d gruCell) Plot(dc draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&dc)
	at := func(g gridPoint) vg.Point { return vg.Point{X: x(g.x), Y: y(g.y)} }
	frame := rounded(vg.Rectangle{Min: at(gridPoint{2.3, 0.9}), Max: at(gridPoint{17.3, 9.8})}, 14)
	dc.SetLineStyle(draw.LineStyle{Color: grid, Width: 1.5})
	dc.Stroke(frame)

	for _, lit := range []bool{false, true} {
		for part := range gruParts {
			s := d.style(part)
			if s.lit != lit {
				continue
			}
			feed := s // the lines that lead to a part have no colour: they do not belong to it
			if lit {
				feed = partStyle{soft, ink, card, min(s.width, 2.6), true}
			}
			d.feed(&pen{dc, at, feed}, part)
			d.draw(&pen{dc, at, s}, part)
		}
	}
	names := &pen{dc, at, unlit}
	names.text(gridPoint{0.1, hY + 0.75}, "h_{t−1}", draw.XLeft)
	names.text(gridPoint{3.9, 0.25}, "x_{t}", draw.XLeft)
}

// style returns the style of a part.
func (d gruCell) style(part GRUPart) partStyle {
	return litStyle(len(d.lit) > 0, slices.Contains(d.lit, part), gruPart[part].hue)
}

// feed draws the lines of h_{t−1} and x_t to a part.
func (d gruCell) feed(p *pen, part GRUPart) {
	toX := map[GRUPart]float64{GRUReset: rX, GRUUpdate: zX, GRUCandidate: nX}[part]
	if toX == 0 {
		return
	}
	p.line(false, gridPoint{3.6, 0.5}, gridPoint{3.6, xY}, gridPoint{toX, xY}, gridPoint{toX, boxY - 0.6})
	if part == GRUCandidate {
		p.line(true, gridPoint{0.9, hY}, gridPoint{hrX, hY}, gridPoint{hrX, boxY - 0.5})
		return
	}
	p.line(false, gridPoint{0.9, hY}, gridPoint{toX, hY})
	p.dot(gridPoint{toX, hY})
}

// draw draws what belongs to a part.
func (d gruCell) draw(p *pen, part GRUPart) {
	switch part {
	case GRUReset:
		p.line(true, gridPoint{rX, boxY}, gridPoint{hrX - 0.5, boxY})
		p.box(gridPoint{rX, boxY}, "σ")
		p.text(gridPoint{(rX + hrX) / 2, boxY + 0.75}, "r_{t}", draw.XLeft)
		p.node(gridPoint{hrX, boxY}, "×")
	case GRUUpdate:
		p.line(true, gridPoint{zX, boxY}, gridPoint{zX, stateY - 0.5})
		p.line(true, gridPoint{zX, mixY}, gridPoint{nX - 0.5, mixY})
		p.box(gridPoint{zX, boxY}, "σ")
		p.box(gridPoint{(zX + nX) / 2, mixY}, "1 −")
		p.text(gridPoint{zX - 0.3, 5.7}, "z_{t}", draw.XRight)
		p.node(gridPoint{zX, stateY}, "×")
		p.node(gridPoint{nX, mixY}, "×")
	case GRUCandidate:
		p.line(true, gridPoint{hrX + 0.5, boxY}, gridPoint{nX - 0.9, boxY})
		p.line(true, gridPoint{nX, boxY}, gridPoint{nX, mixY - 0.5})
		p.box(gridPoint{nX, boxY}, "tanh")
		p.text(gridPoint{nX + 0.3, 5.4}, "n_{t}", draw.XLeft)
		p.node(gridPoint{hrX, boxY}, "×")
		p.node(gridPoint{nX, mixY}, "×")
	case GRUState:
		p.line(false, gridPoint{0.9, stateY}, gridPoint{zX - 0.5, stateY})
		p.line(false, gridPoint{zX + 0.5, stateY}, gridPoint{nX - 0.5, stateY})
		p.line(true, gridPoint{nX + 0.5, stateY}, gridPoint{19, stateY})
		p.line(true, gridPoint{nX, mixY + 0.5}, gridPoint{nX, stateY - 0.5})
		p.node(gridPoint{zX, stateY}, "×")
		p.node(gridPoint{nX, stateY}, "+")
		p.text(gridPoint{0.1, stateY + 0.75}, "h_{t−1}", draw.XLeft)
		p.text(gridPoint{19.9, stateY + 0.75}, "h_{t}", draw.XRight)
	}
}

// dot marks where lines join.
func (p *pen) dot(g gridPoint) {
	p.dc.SetColor(p.style.line)
	p.dc.Fill(disc(p.at(g), 4))
}
