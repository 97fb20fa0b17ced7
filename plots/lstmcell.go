package plots

import (
	"image/color"
	"math"
	"slices"
	"strings"

	"unroll/internal/words"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A CellPart is one of the six quantities that an LSTM computes in a step, an
// equation each.
type CellPart int

const (
	ForgetGate  CellPart = iota // f_t
	InputGate                   // i_t
	Candidate                   // C̃_t
	CellState                   // C_t
	OutputGate                  // o_t
	HiddenState                 // h_t
	cellParts
)

// cellPart is what a figure says about a part, and its colour: the one it has
// in [Gates] too.
var cellPart = [cellParts]struct {
	hue                         int
	name, symbol, equation, way string
}{
	ForgetGate: {0, words.Text("forget gate"), "f_{t}", "f_{t} = σ(W_{f} [h_{t−1}, x_{t}] + b_{f})",
		words.Text("h_t−1 and x_t go through a σ to the × on the line of the cell state")},
	InputGate: {1, words.Text("input gate"), "i_{t}", "i_{t} = σ(W_{i} [h_{t−1}, x_{t}] + b_{i})",
		words.Text("h_t−1 and x_t go through a σ to the × above the candidate")},
	Candidate: {3, words.Text("candidate"), "C̃_{t}", "C̃_{t} = tanh(W_{C} [h_{t−1}, x_{t}] + b_{C})",
		words.Text("h_t−1 and x_t go through a tanh up to the × with the input gate")},
	CellState: {4, words.Text("cell state"), "C_{t}", "C_{t} = f_{t} ⊙ C_{t−1} + i_{t} ⊙ C̃_{t}",
		words.Text("C_t−1 runs straight along the top, is multiplied once, added to once, and leaves as C_t")},
	OutputGate: {2, words.Text("output gate"), "o_{t}", "o_{t} = σ(W_{o} [h_{t−1}, x_{t}] + b_{o})",
		words.Text("h_t−1 and x_t go through a σ to the × before h_t")},
	HiddenState: {5, words.Text("hidden state"), "h_{t}", "h_{t} = o_{t} ⊙ tanh(C_{t})",
		words.Text("C_t goes down through a tanh and the × with the output gate, and leaves as h_t")},
}

// LSTMCell draws one step of an LSTM as a diagram with the given parts lit, or
// all of it where none is given: the cell state along the top, the gates below
// it from left to right. It panics for an unknown part.
func LSTMCell(lit ...CellPart) *Figure {
	for _, part := range lit {
		if part < 0 || part >= cellParts {
			failf("LSTMCell", "part %d, want one from ForgetGate to HiddenState", part)
		}
	}
	return cellFigure("LSTM", int(cellParts), func(part int) (name, equation, way string, isLit bool) {
		p := cellPart[part]
		return words.Of(p.name), p.equation, words.Of(p.way), slices.Contains(lit, CellPart(part))
	}, lstmCell{lit})
}

// cellFigure returns the figure of one step of a layer with so many parts, some
// of them lit; if none is lit, the description names all.
func cellFigure(layer string, parts int, of func(part int) (name, equation, way string, isLit bool), diagram plot.Plotter) *Figure {
	var told, all, names []string
	table := Table{Columns: []string{words.Of("part"), words.Of("equation"), words.Of("lit")}}
	for part := range parts {
		name, equation, way, isLit := of(part)
		sentence := words.Sprintf("%s: %s.", upper(name), way)
		all = append(all, sentence)
		mark := ""
		if isLit {
			told, names, mark = append(told, sentence), append(names, name), words.Of("lit")
		}
		table.Rows = append(table.Rows, []string{name, spoken(equation), mark})
	}
	title, alt := words.Of("One step of a GRU"), words.Sprintf("Diagram. %s", strings.Join(all, " "))
	if layer == "LSTM" {
		title = words.Of("One step of an LSTM")
	}
	if len(names) > 0 {
		lit := names[0]
		for _, name := range names[1:] {
			lit = words.Sprintf("%s and the %s", lit, name)
		}
		title = words.Sprintf("%s: the %s", title, lit)
		alt = words.Sprintf("Diagram with the %s lit. %s", lit, strings.Join(told, " "))
	} else {
		for i := range table.Rows {
			table.Rows[i][2] = words.Of("lit")
		}
	}
	p := newPlot()
	p.HideAxes()
	p.Add(diagram)
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, 20, 0, 10
	return &Figure{
		Plot: p, Title: title, Alt: alt, Table: table,
		Width: figureWidth, Height: 420,
	}
}

// lstmCell is the plotter of the diagram, on a grid of 20 by 10.
type lstmCell struct{ lit []CellPart }

// Where things are on the grid.
const (
	stateY = 8.6 // the line of the cell state
	busY   = 2.1 // the line of h_{t−1} and x_t
	boxY   = 4.2 // the boxes σ σ tanh σ
	joinY  = 6.5 // where input gate and candidate meet
	outY   = 5.4 // where the output gate meets tanh(C)

	forgetX, inputX, candidateX, outputX, hiddenX = 5.0, 7.4, 9.8, 12.4, 15.2
)

// A point of the grid.
type gridPoint struct{ x, y float64 }

// Plot draws what is not lit first, and over it what is.
func (d lstmCell) Plot(dc draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&dc)
	at := func(g gridPoint) vg.Point { return vg.Point{X: x(g.x), Y: y(g.y)} }
	frame := rounded(vg.Rectangle{Min: at(gridPoint{2.3, 0.9}), Max: at(gridPoint{17.3, 9.8})}, 14)
	dc.SetLineStyle(draw.LineStyle{Color: grid, Width: 1.5})
	dc.Stroke(frame)

	bus := &pen{dc, at, unlit}
	bus.drawBus(outputX)
	for _, lit := range []bool{false, true} {
		if reach := d.reach(); lit && reach > 0 {
			bus.style = partStyle{soft, ink, card, 2.6, true}
			bus.drawBus(reach)
		}
		for part := range cellParts {
			if s := d.style(part); s.lit == lit {
				d.draw(&pen{dc, at, s}, part)
			}
		}
	}
	bus.nameBus()
}

// gateX says where the parts stand that read h_{t−1} and x_t.
var gateX = map[CellPart]float64{
	ForgetGate: forgetX, InputGate: inputX, Candidate: candidateX, OutputGate: outputX,
}

// reach returns how far along the bus the last lit gate is, 0 if none is lit.
func (d lstmCell) reach() float64 {
	reach := 0.0
	for part, x := range gateX {
		if d.style(part).lit {
			reach = max(reach, x)
		}
	}
	return reach
}

// drawBus draws the line of h_{t−1} and x_t to the gates.
func (p *pen) drawBus(to float64) {
	p.line(false, gridPoint{0.9, busY}, gridPoint{to + 0.04, busY})
	p.line(false, gridPoint{3.6, 0.5}, gridPoint{3.6, busY}, gridPoint{4.4, busY})
}

// nameBus names what comes in.
func (p *pen) nameBus() {
	p.text(gridPoint{0.1, busY + 0.75}, "h_{t−1}", draw.XLeft)
	p.text(gridPoint{3.9, 0.25}, "x_{t}", draw.XLeft)
}

// style returns the style of a part.
func (d lstmCell) style(part CellPart) partStyle {
	return litStyle(len(d.lit) > 0, slices.Contains(d.lit, part), cellPart[part].hue)
}

// litStyle returns the style of a part of a diagram: in its colour if it is lit, pale
// if only others are, and plain if none is.
func litStyle(some, lit bool, hueOf int) partStyle {
	switch {
	case !some:
		return partStyle{soft, ink, card, 1.8, true}
	case lit:
		line, text, _ := hue(hueOf)
		return partStyle{line, text, color.NRGBA{line.R, line.G, line.B, 0x33}, 3.2, true}
	}
	return unlit
}

var unlit = partStyle{pad, soft, card, 1.5, false}

type partStyle struct {
	line, text color.RGBA
	fill       color.Color // over the card
	width      vg.Length
	lit        bool
}

// draw draws what belongs to a part.
func (d lstmCell) draw(p *pen, part CellPart) {
	// The line of a gate: up from the bus, through its box.
	gate := func(box string, then ...gridPoint) {
		x := gateX[part]
		p.line(false, gridPoint{x, busY + 0.02}, gridPoint{x, boxY - 0.6})
		p.line(true, append([]gridPoint{{x, boxY + 0.6}}, then...)...)
		p.box(gridPoint{x, boxY}, box)
	}
	symbol := cellPart[part].symbol
	switch part {
	case ForgetGate:
		gate("σ", gridPoint{forgetX, stateY - 0.5})
		p.text(gridPoint{forgetX - 0.3, joinY}, symbol, draw.XRight)
		p.node(gridPoint{forgetX, stateY}, "×")
	case InputGate:
		gate("σ", gridPoint{inputX, joinY}, gridPoint{candidateX - 0.5, joinY})
		p.text(gridPoint{inputX - 0.3, 5.7}, symbol, draw.XRight)
		p.node(gridPoint{candidateX, joinY}, "×")
	case Candidate:
		gate("tanh", gridPoint{candidateX, joinY - 0.5})
		p.text(gridPoint{candidateX + 0.3, 5.45}, "C_{t}", draw.XLeft)
		p.tilde(gridPoint{candidateX + 0.55, 5.9})
		p.node(gridPoint{candidateX, joinY}, "×")
	case CellState:
		p.line(false, gridPoint{0.9, stateY}, gridPoint{forgetX - 0.5, stateY})
		p.line(false, gridPoint{forgetX + 0.5, stateY}, gridPoint{candidateX - 0.5, stateY})
		p.line(true, gridPoint{candidateX + 0.5, stateY}, gridPoint{19, stateY})
		p.line(true, gridPoint{candidateX, joinY + 0.5}, gridPoint{candidateX, stateY - 0.5})
		p.node(gridPoint{forgetX, stateY}, "×")
		p.node(gridPoint{candidateX, stateY}, "+")
		p.text(gridPoint{0.1, stateY + 0.75}, "C_{t−1}", draw.XLeft)
		p.text(gridPoint{19.9, stateY + 0.75}, symbol, draw.XRight)
	case OutputGate:
		gate("σ", gridPoint{outputX, outY}, gridPoint{hiddenX - 0.5, outY})
		p.text(gridPoint{(outputX + hiddenX) / 2, outY + 0.5}, symbol, draw.XCenter)
		p.node(gridPoint{hiddenX, outY}, "×")
	case HiddenState:
		p.line(true, gridPoint{hiddenX, stateY}, gridPoint{hiddenX, outY + 0.5})
		p.line(true, gridPoint{hiddenX, outY - 0.5}, gridPoint{hiddenX, busY}, gridPoint{19, busY})
		p.box(gridPoint{hiddenX, 7.1}, "tanh")
		p.node(gridPoint{hiddenX, outY}, "×")
		p.text(gridPoint{19.9, busY + 0.75}, symbol, draw.XRight)
	}
}

// A pen draws on the grid in one style.
type pen struct {
	dc    draw.Canvas
	at    func(gridPoint) vg.Point
	style partStyle
}

// line draws a line with round corners, with an arrowhead at its end if arrow.
func (p *pen) line(arrow bool, points ...gridPoint) {
	pts := make([]vg.Point, len(points))
	for i, g := range points {
		pts[i] = p.at(g)
	}
	p.polyline(arrow, pts)
}

// polyline is line through points of the canvas. It changes the last.
func (p *pen) polyline(arrow bool, pts []vg.Point) {
	n := len(pts)
	dir := unit(pts[n-2], pts[n-1])
	tip := pts[n-1]
	head := 4 + 1.6*p.style.width
	if arrow { // the line ends inside the head
		pts[n-1] = vg.Point{X: tip.X - dir.X*head*0.8, Y: tip.Y - dir.Y*head*0.8}
	}
	var path vg.Path
	path.Move(pts[0])
	for i := 1; i < n-1; i++ {
		const r = 9
		in, out := unit(pts[i-1], pts[i]), unit(pts[i], pts[i+1])
		path.Line(vg.Point{X: pts[i].X - in.X*r, Y: pts[i].Y - in.Y*r})
		path.QuadTo(pts[i], vg.Point{X: pts[i].X + out.X*r, Y: pts[i].Y + out.Y*r})
	}
	path.Line(pts[n-1])
	p.dc.SetLineStyle(draw.LineStyle{Color: p.style.line, Width: p.style.width})
	p.dc.Stroke(path)
	if !arrow {
		return
	}
	var tri vg.Path
	tri.Move(tip)
	for _, side := range []vg.Length{-1, 1} {
		tri.Line(vg.Point{
			X: tip.X - dir.X*head + side*dir.Y*head*0.55,
			Y: tip.Y - dir.Y*head - side*dir.X*head*0.55,
		})
	}
	tri.Close()
	p.dc.SetColor(p.style.line)
	p.dc.Fill(tri)
}

// unit returns the direction from a to b.
func unit(a, b vg.Point) vg.Point {
	d := vg.Length(math.Hypot(float64(b.X-a.X), float64(b.Y-a.Y)))
	return vg.Point{X: (b.X - a.X) / d, Y: (b.Y - a.Y) / d}
}

// box draws a layer: the function that it ends with.
func (p *pen) box(g gridPoint, name string) {
	mid := p.at(g)
	r := rounded(vg.Rectangle{
		Min: vg.Point{X: mid.X - 31, Y: mid.Y - 20}, Max: vg.Point{X: mid.X + 31, Y: mid.Y + 20},
	}, 6)
	p.shape(r)
	p.text(g, name, draw.XCenter)
}

// node draws an operation on two vectors, element by element: × or +.
func (p *pen) node(g gridPoint, sign string) {
	const r = 6.5
	mid := p.at(g)
	p.shape(disc(mid, 15))
	turn := 0.0
	if sign == "×" {
		turn = math.Pi / 4
	}
	for _, angle := range []float64{turn, turn + math.Pi/2} {
		sin, cos := math.Sincos(angle)
		dx, dy := vg.Length(r*cos), vg.Length(r*sin)
		p.dc.StrokeLine2(draw.LineStyle{Color: p.style.text, Width: 2.2},
			mid.X-dx, mid.Y-dy, mid.X+dx, mid.Y+dy)
	}
}

func (p *pen) shape(path vg.Path) {
	for _, c := range []color.Color{card, p.style.fill} {
		p.dc.SetColor(c)
		p.dc.Fill(path)
	}
	p.dc.SetLineStyle(draw.LineStyle{Color: p.style.line, Width: p.style.width})
	p.dc.Stroke(path)
}

// text writes with the middle of its small letters at g.
func (p *pen) text(g gridPoint, s string, x text.XAlignment) {
	p.letters(p.at(g), s, 23, x) // small letters still read on a phone
}

// letters writes in a size with the middle of its small letters at a point.
func (p *pen) letters(pt vg.Point, s string, size vg.Length, x text.XAlignment) {
	pt.Y += 0.14 * size
	p.dc.FillText(write(p.style.text, size, x), pt, s)
}

// tilde draws the sign above a C: fonts place a combining tilde badly.
func (p *pen) tilde(g gridPoint) {
	mid := p.at(g)
	var path vg.Path
	path.Move(vg.Point{X: mid.X - 6, Y: mid.Y - 1.5})
	path.CubeTo(vg.Point{X: mid.X - 3, Y: mid.Y + 5}, vg.Point{X: mid.X + 3, Y: mid.Y - 5}, vg.Point{X: mid.X + 6, Y: mid.Y + 1.5})
	p.dc.SetLineStyle(draw.LineStyle{Color: p.style.text, Width: 1.7})
	p.dc.Stroke(path)
}
