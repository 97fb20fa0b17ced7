package plots

import (
	"encoding/csv"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A Figure is a plot, or several aligned below one another, with a title, a size, a
// description and the numbers it shows.
//
// All of it can be changed before it is shown: the axes through the embedded
// plot (fig.X.Label.Text = "step"), more through fig.Add and gonum's plotters.
type Figure struct {
	*plot.Plot              // the plot; nil if the figure has Tiles
	Tiles      []*plot.Plot // plots below one another, their data areas aligned

	Title string // drawn above the figure; _{…} and ^{…} set sub- and superscripts
	Alt   string // describes, after the title, the figure for readers who cannot see it; made from the data
	lines string // how Alt begins where it names the axes, see alt
	Table Table  // the numbers drawn

	Width, Height vg.Length // one point is one pixel of a page
}

// A Table is the data of a figure in rows.
type Table struct {
	Columns []string
	Rows    [][]string
	Note    string // what the rows leave out, "" if nothing
}

// CSV returns the table as comma-separated values, the names of the columns
// first. Numbers have the ASCII minus, which programs read. The note is not in it.
func (t Table) CSV() string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	w.Write(t.Columns)
	for _, row := range t.Rows {
		row = slices.Clone(row)
		for i, text := range row {
			ascii := strings.Replace(text, "−", "-", 1)
			if _, err := strconv.ParseFloat(ascii, 64); err == nil || errors.Is(err, strconv.ErrRange) {
				row[i] = ascii
			}
		}
		w.Write(row)
	}
	w.Flush() // to memory: it cannot fail
	return b.String()
}

// words returns the title and the description.
func (f *Figure) words() string {
	if f.Title == "" {
		return f.alt()
	}
	title := spoken(f.Title)
	if strings.TrimRight(title, ".?!") == title {
		title += "."
	}
	return title + " " + f.alt()
}

// alt returns Alt with the axes named as they are now: a caller may have changed
// their labels since it was made.
func (f *Figure) alt() string {
	if rest, ok := strings.CutPrefix(f.Alt, f.lines); ok && f.lines != "" {
		return linesOf(f.Y.Label.Text, f.X.Label.Text) + rest
	}
	return f.Alt
}

// Draw draws the figure on a canvas: a white card, the title, the plots.
func (f *Figure) Draw(c draw.Canvas) {
	c.SetColor(card)
	c.Fill(rounded(c.Rectangle, cardRadius))
	if f.Title != "" {
		inner := draw.Crop(c, cardPadding, -cardPadding, cardPadding, -cardPadding)
		drawBlock(c, titleStyle(), vg.Point{X: inner.Min.X, Y: inner.Max.Y}, f.wrappedTitle(inner))
	}
	c = f.inside(c)
	if f.Plot != nil {
		drawPlot(f.Plot, c)
		return
	}
	for i, cell := range f.align(c) {
		f.Tiles[i].Draw(cell)
	}
}

// align returns where the tiles go.
func (f *Figure) align(c draw.Canvas) []draw.Canvas {
	column := make([][]*plot.Plot, len(f.Tiles))
	for i, p := range f.Tiles {
		column[i] = []*plot.Plot{p}
	}
	cells := make([]draw.Canvas, len(f.Tiles))
	for i, row := range plot.Align(column, draw.Tiles{Cols: 1, Rows: len(f.Tiles), PadY: 10}, c) {
		cells[i] = row[0]
	}
	return cells
}

// fit sets the width of the figure, and its height such that the data area, or that
// of each tile, has the given height.
func (f *Figure) fit(height vg.Length) *Figure {
	f.Width, f.Height = figureWidth, 1000
	c := f.inside(draw.NewCanvas(nil, f.Width, f.Height))
	if f.Plot != nil {
		bare, inner := withoutNames(f.Plot, c)
		data := bare.DataCanvas(inner)
		f.Height += height - (data.Max.Y - data.Min.Y)
	} else {
		data := f.Tiles[0].DataCanvas(f.align(c)[0])
		f.Height += vg.Length(len(f.Tiles)) * (height - (data.Max.Y - data.Min.Y))
	}
	f.Height = vg.Length(math.Ceil(float64(f.Height)))
	return f
}

// inside returns the part of the canvas below the title.
func (f *Figure) inside(c draw.Canvas) draw.Canvas {
	c = draw.Crop(c, cardPadding, -cardPadding, cardPadding, -cardPadding)
	if f.Title != "" {
		c.Max.Y -= titleStyle().Height(f.wrappedTitle(c)) + 12
	}
	return c
}

func (f *Figure) wrappedTitle(c draw.Canvas) string {
	return wrap(f.Title, titleStyle(), c.Max.X-c.Min.X)
}

// withoutNames returns the plot without the names of its axes, and the canvas
// without the room they take.
func withoutNames(p *plot.Plot, c draw.Canvas) (*plot.Plot, draw.Canvas) {
	bare := *p
	bare.X.Label.Text, bare.Y.Label.Text = "", ""
	x, y := axisNames(p, c)
	if x != "" {
		c.Min.Y += p.X.Label.TextStyle.Height(x) + p.X.Label.Padding
	}
	if y != "" {
		c.Min.X += p.Y.Label.TextStyle.Height(y) + p.Y.Label.Padding
	}
	return &bare, c
}

// axisNames returns the names of the axes, broken where the canvas has no room
// for them in one line.
func axisNames(p *plot.Plot, c draw.Canvas) (x, y string) {
	x = wrap(p.X.Label.Text, p.X.Label.TextStyle, c.Max.X-c.Min.X)
	y = wrap(p.Y.Label.Text, p.Y.Label.TextStyle, c.Max.Y-c.Min.Y)
	return x, y
}

// drawPlot draws a plot with the names of its axes at the middle of the data
// area. Where plot.Plot itself puts them it reserves room as if the axis were
// linear, which leaves a logarithmic one with a wide margin.
func drawPlot(p *plot.Plot, c draw.Canvas) {
	bare, inner := withoutNames(p, c)
	x, y := axisNames(p, c)
	bare.Draw(inner)
	data := bare.DataCanvas(inner)
	if x != "" {
		sty := p.X.Label.TextStyle
		sty.XAlign, sty.YAlign = draw.XCenter, draw.YBottom
		at := vg.Point{X: data.Center().X, Y: c.Min.Y + sty.FontExtents().Descent}
		half := sty.Width(x) / 2
		at.X = max(min(at.X, c.Max.X-half), c.Min.X+half)
		c.FillText(sty, at, x)
	}
	if y != "" {
		sty := p.Y.Label.TextStyle
		sty.Rotation += math.Pi / 2
		sty.XAlign, sty.YAlign = draw.XCenter, draw.YTop
		at := vg.Point{X: c.Min.X - sty.FontExtents().Descent, Y: data.Center().Y}
		half := sty.Width(y) / 2
		at.Y = max(min(at.Y, c.Max.Y-half), c.Min.Y+half)
		c.FillText(sty, at, y)
	}
}

// rounded returns the outline of a rectangle with round corners.
func rounded(r vg.Rectangle, radius vg.Length) vg.Path {
	var p vg.Path
	corner := func(x, y vg.Length, from float64) {
		p.Arc(vg.Point{X: x, Y: y}, radius, from, math.Pi/2)
	}
	p.Move(vg.Point{X: r.Min.X + radius, Y: r.Min.Y})
	corner(r.Max.X-radius, r.Min.Y+radius, -math.Pi/2)
	corner(r.Max.X-radius, r.Max.Y-radius, 0)
	corner(r.Min.X+radius, r.Max.Y-radius, math.Pi/2)
	corner(r.Min.X+radius, r.Min.Y+radius, math.Pi)
	p.Close()
	return p
}

func (f *Figure) check(fn string) {
	if f == nil {
		failf(fn, "the figure is nil")
	}
	if f.Plot == nil && len(f.Tiles) == 0 {
		failf(fn, "the figure has neither a plot nor tiles")
	}
	if !(f.Width >= 100 && f.Height >= 100 && f.Width <= 10000 && f.Height <= 10000) {
		failf(fn, "the figure is %v by %v points, want 100 to 10000 each way", f.Width, f.Height)
	}
}

// SVG returns the figure as an SVG document. Its text is text, its title and
// Alt are its title and description, and it shrinks with the page. The same
// figure gives the same bytes.
func (f *Figure) SVG() []byte {
	f.check("Figure.SVG")
	c := newSVG(f.Width, f.Height)
	f.Draw(draw.New(c))
	return c.document(spoken(f.Title), f.alt())
}

// PNG returns the figure as a PNG image with two dots to the pixel, for screens of
// high resolution.
func (f *Figure) PNG() []byte {
	f.check("Figure.PNG")
	c := newRaster(f.Width, f.Height, 2)
	f.Draw(draw.New(c))
	return c.encode()
}

// Save writes the figure to a file: as SVG, PNG, or its table as CSV, by the
// ending of the name.
func (f *Figure) Save(path string) error {
	var data []byte
	switch ext := strings.ToLower(filepath.Ext(path)); ext {
	case ".svg":
		data = f.SVG()
	case ".png":
		data = f.PNG()
	case ".csv":
		data = []byte(f.Table.CSV())
	default:
		return fmt.Errorf("plots: cannot save as %q, want a name that ends in .svg, .png or .csv", path)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		return fmt.Errorf("plots: saving the figure: %w", err)
	}
	return nil
}
