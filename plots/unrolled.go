package plots

import (
	"fmt"
	"strings"

	"unroll/internal/words"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A Layer is a kind of network that [Unrolled] draws.
type Layer int

const (
	OneDirection   Layer = iota // h_t from x_t and h_{t−1}
	BothDirections              // and beside it a second state, from x_t and the one at t+1
	SelfAttention               // y_t straight from every x_s
	layers
)

var layerTitle = [layers]string{words.Text("A recurrent network, unrolled"), words.Text("Both directions, unrolled"), words.Text("Self-attention")}

// A Highlight is a part of the diagram of [Unrolled] that has a colour: the nodes
// and arrows from one input to one state. [Step], [Path] and [ReversePath] make it.
type Highlight struct {
	from, to      int
	step, reverse bool
}

// Step highlights one application of the equation: h_t, and x_t and h_{t−1} from
// which it is computed.
func Step(t int) Highlight { return Highlight{from: t, to: t, step: true} }

// Path highlights the path from the input of one step to the state of the same or
// a later one, or in [SelfAttention] to the output of any.
func Path(from, to int) Highlight { return Highlight{from: from, to: to} }

// ReversePath highlights the path from the input of one step to the reverse state
// of the same or an earlier one, in [BothDirections].
func ReversePath(from, to int) Highlight { return Highlight{from: from, to: to, reverse: true} }

// mostSteps is how many steps there is room for.
var mostSteps = [layers]int{8, 6, 8}

// Unrolled draws a network with one step for each token, the steps counted from
// 1. Steps whose token is PAD are grey. Each highlight has a colour of its own; of
// two that share a part the later has it.
//
// It panics for an unknown layer, without tokens, with more than eight, six in
// BothDirections, and for a highlight that the layer does not have.
func Unrolled(layer Layer, tokens []string, lit ...Highlight) *Figure {
	const fn = "Unrolled"
	if layer < 0 || layer >= layers {
		failf(fn, "layer %d, want one from OneDirection to SelfAttention", layer)
	}
	checkTokens(fn, tokens)
	n := len(tokens)
	if most := mostSteps[layer]; n > most {
		failf(fn, "%d tokens, want at most %d", n, most)
	}
	for _, w := range lit {
		switch {
		case min(w.from, w.to) < 1 || max(w.from, w.to) > n:
			failf(fn, "a highlight from step %d to step %d of %d", w.from, w.to, n)
		case w.step && layer == SelfAttention:
			failf(fn, "a Step in SelfAttention, want a Path")
		case w.reverse && layer != BothDirections:
			failf(fn, "a ReversePath, which only BothDirections has")
		case w.reverse && w.from < w.to:
			failf(fn, "a ReversePath from step %d to step %d, want one back", w.from, w.to)
		case !w.reverse && layer != SelfAttention && w.from > w.to:
			failf(fn, "a Path from step %d back to step %d, want one on", w.from, w.to)
		}
	}
	d := &unrolling{layer: layer, tokens: tokens, hue: map[piece]int{}}
	for i, w := range lit {
		for _, p := range d.pieces(w) {
			d.hue[p] = i
		}
	}
	p := newPlot()
	p.HideAxes()
	column := d.setX(p)
	p.Add(d, newTokenAxis(tokens, column*vg.Length(n), false))
	f := &Figure{Plot: p, Title: d.title(lit), Alt: d.words(lit), Table: d.table()}
	return f.fit(d.height())
}

// A piece of the diagram: the node or arrow of a kind, in one row of states.
type piece struct {
	kind    pieceKind
	reverse bool
	step    int // where it is, or an arrow ends
	from    int // where an edge of attention begins
}

type pieceKind int

const (
	inputNode  pieceKind = iota // x_t
	stateNode                   // h_t, or y_t in self-attention
	inputArrow                  // from x_t to h_t
	stateArrow                  // from the state before to h_t
	edgeArrow                   // from x_s to y_t
)

// pieces returns the pieces of a highlight, from its input to its state.
func (d *unrolling) pieces(w Highlight) []piece {
	if d.layer == SelfAttention {
		return []piece{{kind: inputNode, step: w.from}, {edgeArrow, false, w.to, w.from}, {kind: stateNode, step: w.to}}
	}
	out := []piece{
		{kind: inputNode, step: w.from},
		{inputArrow, w.reverse, w.from, 0},
		{stateNode, w.reverse, w.from, 0},
	}
	if w.step {
		return append(out, piece{kind: stateNode, step: w.from - 1}, piece{kind: stateArrow, step: w.from})
	}
	for t := w.from; t != w.to; {
		if w.reverse {
			t--
		} else {
			t++
		}
		out = append(out, piece{stateArrow, w.reverse, t, 0}, piece{stateNode, w.reverse, t, 0})
	}
	return out
}

// unrolling is the plotter of the diagram: a column for each step, and upwards
// points.
type unrolling struct {
	layer  Layer
	tokens []string
	hue    map[piece]int // of what is lit
}

// Where the rows are above the tokens, and the sizes of what is there.
const (
	inputRow   = 19
	stateRow   = 128
	reverseRow = 226
	outputRow  = 214

	inputHalf   = 19
	mostRadius  = 27
	frameMargin = 9
)

// setX gives the x axis a place for each token, as many to the left and right as
// the diagram needs for the states before the first step, and returns how wide
// a step is.
func (d *unrolling) setX(p *plot.Plot) (column vg.Length) {
	const width, initial, edge = figureWidth - 2*cardPadding, 96, 36
	left, right := vg.Length(initial), vg.Length(edge)
	switch d.layer {
	case BothDirections:
		left, right = initial+20, initial+20 // the states are aside
	case SelfAttention:
		left = edge
	}
	column = 150
	if n := vg.Length(len(d.tokens) - 1); n > 0 {
		column = min(column, (width-left-right)/n)
	}
	spare := (width - left - right - column*vg.Length(len(d.tokens)-1)) / 2
	p.X.Min = -float64((left + spare) / column)
	p.X.Max = float64(len(d.tokens)-1) + float64((right+spare)/column)
	return column
}

func (d *unrolling) height() vg.Length {
	switch d.layer {
	case BothDirections:
		return reverseRow + mostRadius + frameMargin
	case SelfAttention:
		return outputRow + mostRadius
	}
	return stateRow + mostRadius
}

// Plot draws what is not lit first, and over it what is.
func (d *unrolling) Plot(dc draw.Canvas, p *plot.Plot) {
	x, _ := p.Transforms(&dc)
	column := x(1) - x(0)
	s := &sketch{
		unrolling: d,
		pen:       pen{dc: dc},
		radius:    min(mostRadius, 0.31*column),
		at: func(step int, row vg.Length) vg.Point {
			return vg.Point{X: x(float64(step - 1)), Y: dc.Min.Y + row}
		},
	}
	if d.layer == BothDirections {
		s.shift, s.radius = min(20, 0.17*column), min(mostRadius, 0.25*column)
		dc.SetLineStyle(draw.LineStyle{Color: grid, Width: 1.5})
		for t := 1; t <= len(d.tokens); t++ {
			low, high := s.state(t, false), s.state(t, true)
			dc.Stroke(rounded(vg.Rectangle{
				Min: vg.Point{X: low.X - s.radius - frameMargin/2, Y: low.Y - s.radius - frameMargin},
				Max: vg.Point{X: high.X + s.radius + frameMargin/2, Y: high.Y + s.radius + frameMargin},
			}, 12))
		}
	}
	all := d.all()
	for _, lit := range []bool{false, true} {
		for _, arrows := range []bool{true, false} {
			for _, q := range all {
				_, isLit := d.hue[q]
				if isArrow := q.kind >= inputArrow; isLit == lit && isArrow == arrows {
					s.draw(q)
				}
			}
		}
	}
}

// all returns every piece of the diagram.
func (d *unrolling) all() []piece {
	var out []piece
	n := len(d.tokens)
	for t := 1; t <= n; t++ {
		out = append(out, piece{kind: inputNode, step: t}, piece{kind: stateNode, step: t})
		if d.layer == SelfAttention {
			for from := 1; from <= n; from++ {
				out = append(out, piece{edgeArrow, false, t, from})
			}
			continue
		}
		for _, reverse := range []bool{false, true} {
			if reverse && d.layer != BothDirections {
				break
			}
			out = append(out, piece{inputArrow, reverse, t, 0}, piece{stateArrow, reverse, t, 0})
			if reverse {
				out = append(out, piece{stateNode, true, t, 0})
			}
		}
	}
	if d.layer != SelfAttention {
		out = append(out, piece{kind: stateNode})
	}
	if d.layer == BothDirections {
		out = append(out, piece{stateNode, true, n + 1, 0})
	}
	return out
}

// A sketch is one drawing of an unrolling.
type sketch struct {
	*unrolling
	pen
	at            func(step int, row vg.Length) vg.Point // in place of the pen's grid
	radius, shift vg.Length
}

// state returns where a state is. The two of a step are aside from one
// another, so that the arrow to the upper passes the lower.
func (s *sketch) state(t int, reverse bool) vg.Point {
	row := vg.Length(stateRow)
	switch {
	case s.layer == SelfAttention:
		row = outputRow
	case reverse:
		row = reverseRow
	}
	p := s.at(t, row)
	if reverse {
		p.X += s.shift
	} else {
		p.X -= s.shift
	}
	// The initial states are names only, and are closer.
	const name = 75
	switch {
	case t == 0:
		p.X = s.at(1, row).X - s.shift - name
	case t > len(s.tokens):
		p.X = s.at(len(s.tokens), row).X + s.shift + name
	}
	return p
}

// look returns how a piece looks.
func (s *sketch) look(q piece) partStyle {
	hueOf, lit := s.hue[q]
	sty := litStyle(len(s.hue) > 0, lit, hueOf)
	switch {
	case lit:
		return sty
	case q.kind == edgeArrow && len(s.hue) == 0:
		sty.line, sty.width = axis, 1
	case q.kind == edgeArrow:
		sty.line, sty.width = grid, 1.2
	}
	if q.step >= 1 && q.step <= len(s.tokens) && isPad(s.tokens[q.step-1]) && q.kind < inputArrow {
		sty.fill, sty.text = grid, muted
		if len(s.hue) == 0 {
			sty.line = pad
		}
	}
	return sty
}

// draw draws a piece.
func (s *sketch) draw(q piece) {
	s.style = s.look(q)
	switch q.kind {
	case inputNode:
		s.drawInput(q)
	case stateNode:
		s.drawState(q)
	case inputArrow:
		s.drawInputArrow(q)
	case stateArrow:
		s.drawStateArrow(q)
	case edgeArrow:
		a, to := s.at(q.from, inputRow+inputHalf), s.state(q.step, q.reverse)
		dir := unit(a, to)
		b := vg.Point{X: to.X - dir.X*s.radius, Y: to.Y - dir.Y*s.radius}
		_, lit := s.hue[q]
		s.polyline(lit, []vg.Point{a, b})
	}
}

func (s *sketch) drawInput(q piece) {
	in, half := s.at(q.step, inputRow), min(inputHalf, s.radius)
	s.shape(rounded(vg.Rectangle{Min: vg.Point{X: in.X - half - 3, Y: in.Y - half}, Max: vg.Point{X: in.X + half + 3, Y: in.Y + half}}, 6))
	s.letter(in, fmt.Sprintf("x_{%d}", q.step), 20, draw.XCenter, "")
}

// drawState draws a state or an output; of a state before the first step, in its
// direction, only the name, h_0.
func (s *sketch) drawState(q piece) {
	to, name, direction := s.state(q.step, q.reverse), fmt.Sprintf("h_{%d}", q.step), ""
	if s.layer == SelfAttention {
		name = fmt.Sprintf("y_{%d}", q.step)
	}
	if s.layer == BothDirections {
		direction = "→"
		if q.reverse {
			direction = "←"
		}
	}
	if initial := q.step == 0 || q.step > len(s.tokens); initial {
		name = "h_{0}"
	} else {
		s.shape(disc(to, s.radius))
	}
	s.letter(to, name, 20, draw.XCenter, direction)
}

// weightSize is the size in which the weights are written beside their arrows.
const weightSize = 17

// prime marks the weights of the reverse direction.
func prime(reverse bool) string {
	if reverse {
		return "′"
	}
	return ""
}

func (s *sketch) drawInputArrow(q piece) {
	to := s.state(q.step, q.reverse)
	start := vg.Point{X: to.X, Y: s.at(q.step, inputRow).Y + inputHalf}
	s.polyline(true, []vg.Point{start, {X: to.X, Y: to.Y - s.radius}})
	name, side := vg.Point{X: to.X - 6, Y: (start.Y + s.at(1, stateRow).Y - s.radius) / 2}, draw.XRight
	if s.layer == BothDirections { // two names between two steps
		name.Y += 9
	}
	if q.reverse {
		name.X, side = to.X+6, draw.XLeft
		name.Y -= 18
	}
	s.letter(name, "W"+prime(q.reverse)+"_{x}", weightSize, side, "")
}

func (s *sketch) drawStateArrow(q piece) {
	to, from, right := s.state(q.step, q.reverse), s.state(q.step-1, false), vg.Length(1)
	if q.reverse {
		from, right = s.state(q.step+1, true), -1
	}
	gap := s.radius
	if q.step == 1 && !q.reverse || q.step == len(s.tokens) && q.reverse {
		gap = 15 // of a name
	}
	a, b := vg.Point{X: from.X + right*gap, Y: from.Y}, vg.Point{X: to.X - right*s.radius, Y: to.Y}
	s.polyline(true, []vg.Point{a, b})
	s.letter(vg.Point{X: (a.X + b.X) / 2, Y: a.Y + 15}, "W"+prime(q.reverse)+"_{h}", weightSize, draw.XCenter, "")
}

// letter writes a letter with its index, and over it the arrow of its direction
// if it has one.
func (s *sketch) letter(pt vg.Point, txt string, size vg.Length, x text.XAlignment, direction string) {
	s.letters(pt, txt, size, x)
	if direction == "" {
		return
	}
	const half, head = 7, 3.5
	y := pt.Y + 0.62*size
	way := vg.Length(1)
	if direction == "←" {
		way = -1
	}
	tip := vg.Point{X: pt.X - 3 + way*half, Y: y}
	sty := draw.LineStyle{Color: s.style.text, Width: 1.4}
	s.dc.StrokeLines(sty, []vg.Point{{X: tip.X - 2*way*half, Y: y}, tip})
	s.dc.StrokeLines(sty, []vg.Point{{X: tip.X - way*head, Y: y + head}, tip, {X: tip.X - way*head, Y: y - head}})
}

// title returns the title of the figure.
func (d *unrolling) title(lit []Highlight) string {
	title := words.Of(layerTitle[d.layer])
	var names []string
	for _, w := range lit {
		if w.step {
			names = append(names, words.Sprintf("step %d", w.from))
			continue
		}
		names = append(names, words.Sprintf("from x_{%d} to %s", w.from, d.name(piece{stateNode, w.reverse, w.to, 0})))
	}
	if len(names) > 0 {
		title += ": " + strings.Join(names, ", ")
	}
	return title
}

// name returns what a state is called in words.
func (d *unrolling) name(q piece) string {
	switch {
	case d.layer == SelfAttention:
		return fmt.Sprintf("y_{%d}", q.step)
	case q.reverse:
		return words.Sprintf("the reverse h_{%d}", q.step)
	}
	return fmt.Sprintf("h_{%d}", q.step)
}

// words describes the diagram in words.
func (d *unrolling) words(lit []Highlight) string {
	var b strings.Builder
	b.WriteString(words.Sprintf("Diagram over %s: %s. ", counted(len(d.tokens), "token"), strings.Join(d.tokens, " ")))
	switch d.layer {
	case OneDirection:
		b.WriteString(words.Of("From left to right each h_t is made from x_t, by W_x, and from h_t−1, by W_h; the weights are the same at every step."))
	case BothDirections:
		b.WriteString(words.Of("A lower row runs from left to right: each h_t is made from x_t, by W_x, and from h_t−1, by W_h. " +
			"An upper row, with weights of its own, runs from right to left: each reverse h_t from x_t, by W′_x, and from the reverse h_t+1, by W′_h. " +
			"A frame around both states of a step is that step of output."))
	case SelfAttention:
		b.WriteString(words.Of("An arrow goes from every x_s straight to every y_t."))
	}
	for _, w := range lit {
		switch {
		case w.step:
			b.WriteString(words.Sprintf(" Lit: h_%d, and what it is made of, x_%d and h_%d.", w.from, w.from, w.from-1))
		case d.layer == SelfAttention:
			b.WriteString(words.Sprintf(" Lit: the arrow from x_%d to y_%d.", w.from, w.to))
		default:
			var names []string
			for _, q := range d.pieces(w) {
				if q.kind == stateNode {
					names = append(names, spoken(d.name(q)))
				}
			}
			weight := "W"
			if w.reverse {
				weight = "W′"
			}
			way := names[0] // from state to state
			for _, name := range names[1:] {
				way = words.Sprintf("%s to %s", way, name)
			}
			if n := len(names) - 1; n > 0 {
				b.WriteString(words.Sprintf(" Lit: the way from x_%d to %s, by %s_x once and %s_h %s.", w.from, way, weight, weight, counted(n, "time")))
			} else {
				b.WriteString(words.Sprintf(" Lit: the way from x_%d to %s, by %s_x once.", w.from, way, weight))
			}
		}
	}
	return b.String()
}

// table lists the states and what each is made of.
func (d *unrolling) table() Table {
	t := Table{Columns: []string{words.Of("step"), words.Of("token"), words.Of("state"), words.Of("made of"), words.Of("lit")}}
	for i, token := range d.tokens {
		step := i + 1
		for _, reverse := range []bool{false, true} {
			if reverse && d.layer != BothDirections {
				break
			}
			q := piece{stateNode, reverse, step, 0}
			from := words.Sprintf("x_%d and h_%d", step, step-1)
			switch {
			case d.layer == SelfAttention:
				from = words.Sprintf("x_1 to x_%d", len(d.tokens))
			case reverse && step == len(d.tokens):
				from = words.Sprintf("x_%d and the reverse h_0", step)
			case reverse:
				from = words.Sprintf("x_%d and the reverse h_%d", step, step+1)
			}
			mark := ""
			if _, lit := d.hue[q]; lit || len(d.hue) == 0 {
				mark = words.Of("lit")
			}
			t.Rows = append(t.Rows, []string{fmt.Sprint(step), token, spoken(d.name(q)), from, mark})
		}
	}
	return t
}
