package plots

import (
	"fmt"
	"image/color"
	"math"
	"strings"

	"unroll/internal/words"
	"unroll/lesson"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// HiddenStates draws hidden states as a heat map: h is (steps, H), a row for
// each token, and becomes a column of H cells over its token, unit 0 on top.
// Colours run from blue at −1 through white at 0 to vermillion at 1, or as far as
// the largest absolute value if that is above 1, as after ReLU.
//
// It panics if there are no tokens, and if h is not (steps, H) with a row for each
// token; a batch axis of length one is allowed.
func HiddenStates(tokens []string, h *lesson.Tensor) *Figure {
	const fn = "HiddenStates"
	checkTokens(fn, tokens)
	values := perToken(fn, "h", tokens, h)
	units := len(values[0])

	p := newPlot()
	overTokens(p, len(tokens))
	m := &heatMap{values: values, scale: diverging(math.Max(1, largest(values)))}
	p.Add(m, newTokenAxis(tokens, figureWidth-160, false))
	p.Y.Label.Text = words.Of("hidden unit")
	p.Y.Min, p.Y.Max = -0.5, float64(units)-0.5
	p.Y.Scale = plot.InvertedScale{Normalizer: plot.LinearScale{}}
	p.Y.Tick.Marker = linearTicks{n: 8, whole: true}
	p.Y.Padding = 4

	f := &Figure{
		Plot:  p,
		Title: words.Of("Hidden state after each token"),
		Alt:   hiddenWords(tokens, values),
		Table: unitTable(tokens, []quantity{{name: words.Text("unit %d"), values: values}}),
	}
	return f.fit(cellHeight(units, 320))
}

// cellHeight returns the height of a column of cells: at most wish, if cells of a
// whole number of pixels, from 1 to 40, allow it.
func cellHeight(units int, wish vg.Length) vg.Length {
	cell := max(1, min(40, math.Floor(float64(wish)/float64(units))))
	return vg.Length(units) * vg.Length(cell)
}

func hiddenWords(tokens []string, values [][]float64) string {
	units := len(values[0])
	var b strings.Builder
	b.WriteString(words.Sprintf("Heat map of %s over %s", counted(units, "unit"), counted(len(tokens), "token")))
	lo, hi, broken := extent(values)
	if lo <= hi {
		b.WriteString(words.Sprintf(", values from %s to %s", number(lo, 2), number(hi, 2)))
	}
	if broken > 0 {
		b.WriteString(words.Sprintf(", %s NaN or infinite", counted(broken, "cell")))
	}
	b.WriteString(".")
	if len(tokens) > 2 && broken == 0 {
		move := make([]float64, len(tokens)-1)
		for t := range move {
			sum := 0.0
			for j := range units {
				d := values[t+1][j] - values[t][j]
				sum += d * d
			}
			move[t] = math.Sqrt(sum)
		}
		least, most := 0, 0
		for t := range move {
			if move[t] < move[least] {
				least = t
			}
			if move[t] > move[most] {
				most = t
			}
		}
		b.WriteString(words.Sprintf(" From one token to the next the state moves most at %s, by %s, and least at %s, by %s.",
			position(tokens, most+1), number(move[most], 2), position(tokens, least+1), number(move[least], 2)))
	}
	return b.String()
}

// perToken returns the values of a tensor of (steps, H) by token. A batch axis of
// length one, first or second, is allowed.
func perToken(fn, name string, tokens []string, t *lesson.Tensor) [][]float64 {
	if t == nil {
		failf(fn, "%s is nil", name)
	}
	shape := t.Shape()
	units := shape[len(shape)-1]
	fits := len(shape) == 2 && shape[0] == len(tokens) ||
		len(shape) == 3 && min(shape[0], shape[1]) == 1 && shape[0]*shape[1] == len(tokens)
	if !fits {
		failf(fn, "%s is %v for %s, want [%d H], a row for each token of one sequence", name, shape, count(len(tokens), "token"), len(tokens))
	}
	rows := make([][]float64, len(tokens))
	for i := range rows {
		rows[i] = t.Data()[i*units : (i+1)*units]
	}
	return rows
}

// extent returns the least and the greatest value that an axis can show, and how
// many values it cannot show.
func extent(values [][]float64) (lo, hi float64, broken int) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, row := range values {
		for _, v := range row {
			if !shown(v) {
				broken++
				continue
			}
			lo, hi = math.Min(lo, v), math.Max(hi, v)
		}
	}
	return lo, hi, broken
}

// largest returns the largest absolute value shown, 0 without any.
func largest(values [][]float64) float64 {
	lo, hi, _ := extent(values)
	if lo > hi {
		return 0
	}
	return math.Max(-lo, hi)
}

// A colorScale gives values from lo to hi a colour.
type colorScale struct {
	lo, hi float64
	ends   []color.RGBA // at equal distances from lo to hi
}

func diverging(top float64) colorScale {
	return colorScale{-top, top, []color.RGBA{{0x00, 0x4b, 0x87, 0xff}, {0x56, 0xa5, 0xd6, 0xff}, {0xf7, 0xf7, 0xf7, 0xff}, {0xee, 0x8f, 0x4e, 0xff}, {0xa6, 0x3c, 0x00, 0xff}}}
}

func sequential() colorScale {
	return colorScale{0, 1, []color.RGBA{{0xf7, 0xf7, 0xf7, 0xff}, {0x56, 0xa5, 0xd6, 0xff}, {0x00, 0x4b, 0x87, 0xff}}}
}

// colorLevels is how many colours a scale has: few enough for cells of one colour
// to be one element of an SVG, too many for an eye to see the steps.
const colorLevels = 41

// level returns which of the colours a value has, −1 for NaN. What is beyond
// an end of the scale has the colour of the end.
func (s colorScale) level(v float64) int {
	if math.IsNaN(v) {
		return -1
	}
	t := (v - s.lo) / (s.hi - s.lo)
	return int(math.Round(math.Max(0, math.Min(1, t)) * (colorLevels - 1)))
}

func (s colorScale) color(level int) color.RGBA {
	if level < 0 {
		return pad
	}
	t := float64(level) / (colorLevels - 1) * float64(len(s.ends)-1)
	i := min(int(t), len(s.ends)-2)
	return mix(s.ends[i], s.ends[i+1], t-float64(i))
}

// heatMap is the plotter of a column of cells per token, unit 0 on top, and of
// the bar to the right that explains the colours.
type heatMap struct {
	values [][]float64 // by token and unit
	scale  colorScale
}

// Plot draws the cells and the colour bar.
func (m *heatMap) Plot(dc draw.Canvas, p *plot.Plot) {
	n, units := len(m.values), len(m.values[0])
	// Edges on whole pixels: neighbours meet without a seam.
	x := func(i int) vg.Length { return vg.Length(math.Round(float64(dc.X(float64(i) / float64(n))))) }
	y := func(j int) vg.Length { return vg.Length(math.Round(float64(dc.Y(1 - float64(j)/float64(units))))) }
	gapX, gapY := vg.Length(0), vg.Length(0) // parts the tokens, and units where there is room
	if x(1)-x(0) >= 8 {
		gapX = 2
	}
	if y(0)-y(1) >= 10 {
		gapY = 1
	}
	boxes := map[int][]vg.Rectangle{} // by level: cells of a colour are drawn as one
	for i, column := range m.values {
		for j := 0; j < units; {
			level, from := m.scale.level(column[j]), j
			for j++; gapY == 0 && j < units && m.scale.level(column[j]) == level; j++ {
			}
			boxes[level] = append(boxes[level], vg.Rectangle{
				Min: vg.Point{X: x(i), Y: y(j) + gapY},
				Max: vg.Point{X: x(i+1) - gapX, Y: y(from)},
			})
		}
	}
	for level := -1; level < colorLevels; level++ {
		fillBoxes(dc, m.scale.color(level), boxes[level])
	}
	for _, r := range boxes[-1] {
		dc.StrokeLine2(draw.LineStyle{Color: card, Width: 1}, r.Min.X, r.Min.Y, r.Max.X, r.Max.Y)
	}
	m.drawBar(dc)
}

// fillBoxes fills rectangles as one path.
func fillBoxes(dc draw.Canvas, c color.Color, boxes []vg.Rectangle) {
	if len(boxes) == 0 {
		return
	}
	var path vg.Path
	for _, r := range boxes {
		path = append(path, r.Path()...)
	}
	dc.SetColor(c)
	dc.Fill(path)
}

const (
	barGap   vg.Length = 14
	barWidth vg.Length = 14
)

// barLabels returns the values named beside the colour bar.
func (m *heatMap) barLabels() []float64 {
	if m.scale.lo == 0 {
		return []float64{m.scale.lo, m.scale.hi}
	}
	return []float64{m.scale.lo, 0, m.scale.hi}
}

func (m *heatMap) drawBar(dc draw.Canvas) {
	left := vg.Length(math.Round(float64(dc.Max.X + barGap)))
	height := min(dc.Max.Y-dc.Min.Y, 200)
	bottom := dc.Max.Y - height
	const steps = 20
	at := func(i int) vg.Length { return vg.Length(math.Round(float64(bottom + height*vg.Length(i)/(steps+1)))) }
	for i := 0; i <= steps; i++ {
		fillBoxes(dc, m.scale.color(i*(colorLevels-1)/steps), []vg.Rectangle{{
			Min: vg.Point{X: left, Y: at(i)}, Max: vg.Point{X: left + barWidth, Y: at(i + 1)},
		}})
	}
	sty := write(soft, noteSize, draw.XLeft)
	for _, v := range m.barLabels() {
		y := bottom + height*vg.Length((v-m.scale.lo)/(m.scale.hi-m.scale.lo))
		y = max(min(y, dc.Max.Y-5), bottom+5)
		writeAt(dc, sty, vg.Point{X: left + barWidth + 5, Y: y}, number(v, 2))
	}
}

// GlyphBoxes reserves the room for the colour bar.
func (m *heatMap) GlyphBoxes(*plot.Plot) []plot.GlyphBox {
	w := vg.Length(0)
	for _, v := range m.barLabels() {
		w = max(w, write(soft, noteSize, draw.XLeft).Width(number(v, 2)))
	}
	return []plot.GlyphBox{{X: 1, Rectangle: vg.Rectangle{Max: vg.Point{X: barGap + barWidth + 5 + 1.04*w}}}}
}

// A quantity is something that every unit has at every token.
type quantity struct {
	name   string      // with its number, "unit %d"
	first  int         // number of unit 0 in the table
	values [][]float64 // by token and unit
}

// mostUnits is how many units a table lists.
const mostUnits = 16

// unitTable returns a row for each token with the value of every unit.
func unitTable(tokens []string, qs []quantity) Table {
	t := Table{Columns: []string{words.Of("position"), words.Of("token")}}
	units := len(qs[0].values[0])
	listed := min(units, mostUnits)
	for _, q := range qs {
		for j := range listed {
			t.Columns = append(t.Columns, words.Sprintf(q.name, q.first+j))
		}
	}
	rows, every := sample(len(tokens))
	for _, i := range rows {
		row := []string{fmt.Sprint(i + 1), tokens[i]}
		for _, q := range qs {
			for j := range listed {
				row = append(row, number(q.values[i][j], 4))
			}
		}
		t.Rows = append(t.Rows, row)
	}
	var notes []string
	if listed < units {
		notes = append(notes, words.Sprintf("The first %d of %d units.", listed, units))
	}
	if every > 1 {
		notes = append(notes, words.Sprintf("One in %d of %d tokens.", every, len(tokens)))
	}
	t.Note = strings.Join(notes, " ")
	return t
}

// things has the names of what figures count: one of them, and more.
var things = map[string][2]string{
	"arm":       {words.Text("1 arm"), words.Text("%d arms")},
	"cell":      {words.Text("1 cell"), words.Text("%d cells")},
	"character": {words.Text("1 character"), words.Text("%d characters")},
	"point":     {words.Text("1 point"), words.Text("%d points")},
	"seed":      {words.Text("1 seed"), words.Text("%d seeds")},
	"step":      {words.Text("1 step"), words.Text("%d steps")},
	"descent":   {words.Text("descent|1 step"), words.Text("descent|%d steps")}, // its steps
	"tile":      {words.Text("1 tile"), words.Text("%d tiles")},
	"time":      {words.Text("1 time"), words.Text("%d times")},
	"token":     {words.Text("1 token"), words.Text("%d tokens")},
	"unit":      {words.Text("1 unit"), words.Text("%d units")},
	"value":     {words.Text("1 value"), words.Text("%d values")},
}

// counted is count in the reader's language.
func counted(n int, thing string) string {
	if n == 1 {
		return words.Of(things[thing][0])
	}
	return words.Sprintf(things[thing][1], n)
}

// count returns a number of things: 1 unit, 2 units.
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// position names the i-th token: token 3 “never”.
func position(tokens []string, i int) string {
	return words.Sprintf("token %d “%s”", i+1, tokens[i])
}
