package plots

import (
	"fmt"
	"slices"
	"strings"

	"unroll/internal/words"
	"unroll/lesson"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Gates draws what an LSTM computed at every token as aligned tiles: forget,
// input and output gate, candidate, cell state and hidden state. A tensor of the
// trace that is nil leaves its tile out, so that
//
//	plots.Gates(tokens, lesson.LSTMTrace{Forget: trace.Forget}, 0)
//
// shows the forget gate of unit 0 alone. Without units it draws all. One unit is
// drawn as bars, two and three as lines, more as heat maps.
//
// It panics if there are no tokens or no tensors, if a tensor is not (steps, H) with
// a row for each token (a batch axis of length one is allowed), and if a unit is
// not below H.
func Gates(tokens []string, trace lesson.LSTMTrace, units ...int) *Figure {
	const fn = "Gates"
	checkTokens(fn, tokens)
	tiles := gateTiles(fn, tokens, trace)
	of := tiles[0].of
	units = chosen(fn, units, of)
	f := &Figure{Title: words.Of("LSTM gates and states over the tokens")}
	if len(tiles) == 1 {
		f.Title = words.Sprintf("%s over the tokens", upper(tiles[0].name))
	}
	if len(units) == 1 && of > 1 {
		f.Title += words.Sprintf(", unit %d", units[0])
	}
	sentences := []string{words.Sprintf("%s over %s, in %s", drawn(units, of), counted(len(tokens), "token"), counted(len(tiles), "tile"))}
	for i := range tiles {
		g := &tiles[i]
		g.choose(units)
		p := g.plot()
		if i == len(tiles)-1 {
			p.Add(newTokenAxis(tokens, figureWidth-140, false))
		}
		f.Tiles = append(f.Tiles, p)
		sentences = append(sentences, g.words())
	}
	f.Alt = strings.Join(sentences, ". ") + "."
	f.Table = gateTable(tokens, tiles)
	height := max(58, 170/vg.Length(len(tiles)))
	if len(units) > 3 {
		height = max(40, cellHeight(len(units), height+8))
	}
	return f.fit(height)
}

// gateTiles returns a tile for each tensor that the trace has. It panics if there
// is none, or if they do not fit together.
func gateTiles(fn string, tokens []string, trace lesson.LSTMTrace) []gateTile {
	var tiles []gateTile
	for i, g := range []struct {
		tensor               *lesson.Tensor
		field, name, meaning string
		gate                 bool
	}{
		{trace.Forget, "Forget", words.Text("forget gate f"), words.Text("1 keeps the cell state, 0 clears it"), true},
		{trace.Input, "Input", words.Text("input gate i"), words.Text("1 lets the candidate in, 0 keeps it out"), true},
		{trace.Output, "Output", words.Text("output gate o"), words.Text("1 shows the cell state, 0 hides it"), true},
		{trace.Candidate, "Candidate", words.Text("candidate g"), words.Text("what would be added"), false},
		{trace.Cell, "Cell", words.Text("cell state c"), words.Text("what is remembered, without bounds"), false},
		{trace.Hidden, "Hidden", words.Text("hidden state h"), words.Text("what is shown"), false},
	} {
		if g.tensor == nil {
			continue
		}
		values := perToken(fn, g.field, tokens, g.tensor)
		if len(tiles) > 0 && len(values[0]) != tiles[0].of {
			failf(fn, "%s has %s, want %d as %s has", g.field, count(len(values[0]), "unit"), tiles[0].of, tiles[0].field)
		}
		tiles = append(tiles, gateTile{
			field: g.field, name: words.Of(g.name), meaning: words.Of(g.meaning), gate: g.gate,
			of: len(values[0]), values: values, tokens: tokens, index: i,
		})
	}
	if len(tiles) == 0 {
		failf(fn, "the trace has no tensors, want at least one")
	}
	return tiles
}

// chosen returns the units to draw: all if none is given.
func chosen(fn string, units []int, of int) []int {
	if len(units) == 0 {
		for j := range of {
			units = append(units, j)
		}
	}
	for _, j := range units {
		if j < 0 || j >= of {
			failf(fn, "unit %d of %d, want 0 to %d", j, of, of-1)
		}
	}
	return units
}

// drawn says how the units are drawn, and which.
func drawn(units []int, of int) string {
	switch len(units) {
	case 1:
		return words.Sprintf("Bars of unit %d (of %d)", units[0], of)
	case 2:
		return words.Sprintf("Lines of units %d and %d (of %d)", units[0], units[1], of)
	case 3:
		return words.Sprintf("Lines of units %d, %d and %d (of %d)", units[0], units[1], units[2], of)
	}
	return words.Sprintf("Heat maps of %d units (of %d)", len(units), of)
}

const tileTitle vg.Length = 26

// A gateTile is one quantity over the tokens.
type gateTile struct {
	field, name, meaning string
	gate                 bool // between 0 and 1
	of                   int  // how many units there are
	index                int  // of the quantity, for its colour
	tokens               []string
	units                []int
	values               [][]float64 // by token and chosen unit
}

func (g *gateTile) choose(units []int) {
	g.units = units
	rows := make([][]float64, len(g.values))
	for t, row := range g.values {
		for _, j := range units {
			rows[t] = append(rows[t], row[j])
		}
	}
	g.values = rows
}

// unit returns the values of the k-th chosen unit by token.
func (g *gateTile) unit(k int) []float64 {
	out := make([]float64, len(g.values))
	for t, row := range g.values {
		out[t] = row[k]
	}
	return out
}

func (g *gateTile) plot() *plot.Plot {
	p := newPlot()
	lo, hi := -1.0, 1.0
	if g.gate {
		lo = 0
	} else if top := largest(g.values); top > 1 {
		lo, hi = -top, top
	}
	switch n := len(g.units); {
	case n == 1:
		c, _, _ := hue(g.index)
		b := &bars{values: g.unit(0), color: c}
		p.Add(b)
		b.setRange(p, lo, hi)
	case n <= 3:
		c := &chart{at: words.Text("token %s")}
		for k, j := range g.units {
			l, txt, _ := hue(k)
			c.lines = append(c.lines, &line{
				name: words.Sprintf("unit %d", j), x: counting(len(g.tokens)), y: g.unit(k),
				color: l, text: txt, width: 2.5, dots: true,
			})
		}
		p.Add(c)
		p.Y.Min, p.Y.Max = lo, hi
		p.Y.Padding = 4
	default:
		m := &heatMap{values: g.values, scale: diverging(hi)}
		if g.gate {
			m.scale = sequential()
		}
		p.Add(m)
		p.Y.Min, p.Y.Max = 0, 1
		p.HideY()
		p.Y.Padding = 0
	}
	if len(g.units) <= 3 {
		ends := plot.ConstantTicks{{Value: lo, Label: number(lo, 2)}, {Value: hi, Label: number(hi, 2)}}
		if lo < 0 {
			ends = append(ends, plot.Tick{Value: 0, Label: "0"})
		}
		p.Y.Tick.Marker = ends
	}
	overTokens(p, len(g.tokens))
	p.Add(&tileName{name: g.name, meaning: g.meaning})
	return p
}

// words returns what the tile shows.
func (g *gateTile) words() string {
	lo, hi, broken := extent(g.values)
	var b strings.Builder
	b.WriteString(upper(g.name))
	switch {
	case len(g.units) == 1 && len(g.tokens) <= 12:
		b.WriteString(": ")
		for t, v := range g.unit(0) {
			if t > 0 {
				b.WriteString(", ")
			}
			fmt.Fprintf(&b, "%s %s", g.tokens[t], number(v, 2))
		}
		return b.String()
	case lo > hi:
		b.WriteString(words.Sprintf(": %s NaN or infinite", counted(broken, "value")))
		return b.String()
	}
	at := func(v float64) string {
		for t, row := range g.values {
			if k := slices.Index(row, v); k >= 0 {
				if len(g.units) > 1 {
					return words.Sprintf("%s at %s, unit %d", number(v, 2), position(g.tokens, t), g.units[k])
				}
				return words.Sprintf("%s at %s", number(v, 2), position(g.tokens, t))
			}
		}
		return number(v, 2)
	}
	b.WriteString(words.Sprintf(": lowest %s; highest %s", at(lo), at(hi)))
	if broken > 0 {
		b.WriteString(words.Sprintf("; %s NaN or infinite", counted(broken, "value")))
	}
	return b.String()
}

// gateTable returns a row for each token: of up to three units every value, of
// more their mean.
func gateTable(tokens []string, tiles []gateTile) Table {
	t := Table{Columns: []string{words.Of("position"), words.Of("token")}}
	units := tiles[0].units
	for _, g := range tiles {
		switch {
		case len(units) == 1:
			t.Columns = append(t.Columns, g.name)
		case len(units) <= 3:
			for _, j := range units {
				t.Columns = append(t.Columns, words.Sprintf("%s, unit %d", g.name, j))
			}
		default:
			t.Columns = append(t.Columns, words.Sprintf("%s, mean of %d units", g.name, len(units)))
		}
	}
	rows, every := sample(len(tokens))
	for _, i := range rows {
		row := []string{fmt.Sprint(i + 1), tokens[i]}
		for _, g := range tiles {
			if len(units) <= 3 {
				for _, v := range g.values[i] {
					row = append(row, number(v, 4))
				}
				continue
			}
			sum := 0.0
			for _, v := range g.values[i] {
				sum += v
			}
			row = append(row, number(sum/float64(len(units)), 4))
		}
		t.Rows = append(t.Rows, row)
	}
	if every > 1 {
		t.Note = words.Sprintf("One in %d of %d tokens.", every, len(tokens))
	}
	return t
}

// tileName is the plotter of the line above a tile.
type tileName struct{ name, meaning string }

// Plot writes the name and what it means.
func (n *tileName) Plot(dc draw.Canvas, _ *plot.Plot) {
	sty := write(ink, tickSize, draw.XLeft)
	at := vg.Point{X: dc.Min.X, Y: dc.Max.Y + tileTitle/2 + 2}
	writeAt(dc, sty, at, n.name)
	at.X += 1.04*sty.Width(n.name) + 12
	writeAt(dc, write(soft, noteSize, draw.XLeft), at, n.meaning)
}

// GlyphBoxes reserves the room for the line.
func (n *tileName) GlyphBoxes(*plot.Plot) []plot.GlyphBox {
	return []plot.GlyphBox{{Y: 1, Rectangle: vg.Rectangle{Max: vg.Point{Y: tileTitle}}}}
}
