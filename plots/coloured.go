package plots

import (
	"image/color"
	"math"
	"strings"

	"unroll/internal/words"
	"unroll/lesson"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Sizes of a character's cell in a text that is coloured.
const (
	letterWidth  vg.Length = 9
	letterHeight vg.Length = 19
	lettersWide            = 68 // cells in a line at most
	tabWide                = 3
)

// ColouredText draws a text, such as source, each character on the colour of a
// value: what one unit of a network holds after it. Lines longer than the figure
// go on in the next. Colours run from blue through white at 0 to vermillion, as far
// as the largest absolute value. what names the value, such as "c of unit 3".
//
// It panics unless there is a character, and a value for each.
func ColouredText(what, text string, values []float64) *Figure {
	const fn = "ColouredText"
	letters := []rune(text)
	if len(letters) == 0 {
		failf(fn, "no characters, want at least one")
	}
	if len(values) != len(letters) {
		failf(fn, "%s for %s, want one for each", count(len(values), "value"), count(len(letters), "character"))
	}
	top := largest([][]float64{values})
	if top == 0 {
		top = 1
	}
	c := &colouredText{heatMap: heatMap{scale: diverging(top)}}
	row, column := 0, 0
	for i, r := range letters {
		wide := 1
		if r == '\t' {
			wide = tabWide
		}
		if column+wide > lettersWide {
			row, column = row+1, 0
		}
		c.letters = append(c.letters, letter{r, row, column, wide, values[i]})
		if column += wide; r == '\n' {
			row, column = row+1, 0
		}
	}
	c.rows = c.letters[len(c.letters)-1].row + 1

	p := newPlot()
	p.HideAxes()
	p.X.Min, p.X.Max = 0, lettersWide
	p.Y.Min, p.Y.Max = 0, float64(c.rows)
	p.Add(c)
	f := &Figure{
		Plot:  p,
		Title: words.Sprintf("%s after each character", upper(spoken(what))),
		Alt:   colouredWords(what, letters, values),
		Table: colouredTable(what, letters, values),
	}
	return f.fit(letterHeight * vg.Length(c.rows))
}

// A letter is a character with its place and its value.
type letter struct {
	r                 rune
	row, column, wide int
	value             float64
}

// colouredText is the plotter of letters in cells, with the bar of a heatMap.
type colouredText struct {
	heatMap
	letters []letter
	rows    int
}

// Plot draws the cells, the characters on them and the colour bar.
func (c *colouredText) Plot(dc draw.Canvas, p *plot.Plot) {
	x := func(i int) vg.Length { return vg.Length(math.Round(float64(dc.Min.X + letterWidth*vg.Length(i)))) }
	y := func(i int) vg.Length { return vg.Length(math.Round(float64(dc.Max.Y - letterHeight*vg.Length(i)))) }
	boxes := map[int][]vg.Rectangle{}
	for _, l := range c.letters {
		level := c.scale.level(l.value)
		boxes[level] = append(boxes[level], vg.Rectangle{
			Min: vg.Point{X: x(l.column), Y: y(l.row+1) + 1},
			Max: vg.Point{X: x(l.column + l.wide), Y: y(l.row)},
		})
	}
	for level := -1; level < colorLevels; level++ {
		fillBoxes(dc, c.scale.color(level), boxes[level])
	}
	for _, l := range c.letters {
		shown, sty := string(l.r), write(c.inkOn(l.value), noteSize, draw.XCenter)
		switch l.r {
		case ' ':
			continue
		case '\t':
			shown = "→"
		case '\n':
			shown = "¶"
		case lesson.RareCharacter:
			shown = "·" // which the font has
		}
		writeAt(dc, sty, vg.Point{X: (x(l.column) + x(l.column+l.wide)) / 2, Y: (y(l.row) + y(l.row+1)) / 2}, shown)
	}
	c.drawBar(dc)
}

// inkOn returns black or white, whichever is easier to read on a value's colour.
func (c *colouredText) inkOn(v float64) color.Color {
	of := c.scale.color(c.scale.level(v))
	if 299*int(of.R)+587*int(of.G)+114*int(of.B) < 1000*128 {
		return card
	}
	return ink
}

// colouredWords says where the value is highest and lowest.
func colouredWords(what string, letters []rune, values []float64) string {
	text := words.Sprintf("A text of %s on the colours of %s.", counted(len(letters), "character"), spoken(what))
	least, most := -1, -1
	for i, v := range values {
		if !shown(v) {
			continue
		}
		if least < 0 || v < values[least] {
			least = i
		}
		if most < 0 || v > values[most] {
			most = i
		}
	}
	if most < 0 {
		return text
	}
	near := func(i int) string { return strings.TrimSpace(string(letters[max(0, i-11) : i+1])) }
	return text + words.Sprintf(" Lowest is %s after “%s”, highest %s after “%s”.",
		number(values[least], 2), near(least), number(values[most], 2), near(most))
}

// colouredTable returns a row for each stretch of characters whose values have one
// sign, with their mean, and cuts long ones at the end of a line.
func colouredTable(what string, letters []rune, values []float64) Table {
	t := Table{Columns: []string{words.Of("characters"), words.Sprintf("mean of %s", spoken(what))}}
	for from, to := 0, 0; from < len(letters); from = to {
		sum := 0.0
		for to = from; to < len(letters) && (values[to] < 0) == (values[from] < 0); to++ {
			if sum += values[to]; letters[to] == '\n' {
				to++
				break
			}
		}
		t.Rows = append(t.Rows, []string{string(letters[from:to]), number(sum/float64(to-from), 4)})
	}
	if rows, every := sample(len(t.Rows)); every > 1 {
		var some [][]string
		for _, i := range rows {
			some = append(some, t.Rows[i])
		}
		t.Note = words.Sprintf("One in %d of %d rows.", every, len(t.Rows))
		t.Rows = some
	}
	return t
}
