package plots

import (
	"image/color"
	"math"

	stdfont "golang.org/x/image/font"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// The sizes are chosen so that a figure of 720 pixels still reads when a phone
// shows it at half of that.
const (
	figureWidth vg.Length = 720
	chartHeight vg.Length = 310 // of the data area
	cardPadding vg.Length = 16
	cardRadius  vg.Length = 8

	titleSize vg.Length = 21
	labelSize vg.Length = 18 // axis names, and the names at the ends of lines
	tickSize  vg.Length = 17
	noteSize  vg.Length = 15.5
)

// The greys of a figure.
var (
	card = color.RGBA{0xff, 0xff, 0xff, 0xff}
	ink  = color.RGBA{0x1f, 0x23, 0x28, 0xff} // titles, names
	soft = color.RGBA{0x52, 0x5b, 0x66, 0xff} // numbers on axes, notes
	axis = color.RGBA{0x8c, 0x95, 0x9f, 0xff} // axis lines
	grid = color.RGBA{0xe2, 0xe6, 0xea, 0xff}
	pad  = color.RGBA{0xb4, 0xba, 0xc2, 0xff} // what belongs to padding, and NaN

	muted = color.RGBA{0x6e, 0x77, 0x81, 0xff} // the word PAD
)

// palette holds the colours of Okabe and Ito, which readers with any of the
// common forms of colour blindness can tell apart: without black, the colour of
// text, and without yellow, which has too little contrast on white. Names of lines are
// written in a darker shade, so that small letters reach a contrast of 4.5.
var palette = [...]struct{ line, text color.RGBA }{
	{color.RGBA{0x00, 0x72, 0xb2, 0xff}, color.RGBA{0x00, 0x65, 0x9e, 0xff}}, // blue
	{color.RGBA{0xd5, 0x5e, 0x00, 0xff}, color.RGBA{0xb8, 0x51, 0x00, 0xff}}, // vermillion
	{color.RGBA{0x00, 0x9e, 0x73, 0xff}, color.RGBA{0x00, 0x78, 0x57, 0xff}}, // bluish green
	{color.RGBA{0xcc, 0x79, 0xa7, 0xff}, color.RGBA{0xa8, 0x4a, 0x7f, 0xff}}, // reddish purple
	{color.RGBA{0xe6, 0x9f, 0x00, 0xff}, color.RGBA{0x8f, 0x63, 0x00, 0xff}}, // orange
	{color.RGBA{0x56, 0xb4, 0xe9, 0xff}, color.RGBA{0x1a, 0x70, 0xa6, 0xff}}, // sky blue
}

// hue returns the colours of the i-th line, and the dashes that distinguish a line
// from an earlier one of the same colour.
func hue(i int) (line, text color.RGBA, dashes []vg.Length) {
	c := palette[i%len(palette)]
	if round := i / len(palette); round > 0 {
		dashes = []vg.Length{12, 3, 3 * vg.Length(round), 3}
	}
	return c.line, c.text, dashes
}

// class returns the name under which a page's style sheet finds a colour, or ""
// for a colour that stands for a value.
func class(c color.Color) string {
	switch c {
	case card:
		return "card"
	case ink:
		return "ink"
	case soft:
		return "soft"
	case axis:
		return "axis"
	case grid:
		return "grid"
	case pad:
		return "pad"
	case muted:
		return "muted"
	}
	for i, p := range palette {
		switch c {
		case p.line:
			return "c" + string(rune('1'+i))
		case p.text:
			return "t" + string(rune('1'+i))
		}
	}
	return ""
}

// sans returns the font of all figures.
func sans(size vg.Length) font.Font {
	return font.Font{Typeface: "Liberation", Variant: "Sans", Size: size}
}

// write returns a text style whose point is the left or right end or the middle
// of the text, by x, and its vertical middle.
func write(c color.Color, size vg.Length, x text.XAlignment) text.Style {
	return text.Style{Color: c, Font: sans(size), XAlign: x, YAlign: draw.YCenter, Handler: typesetter{}}
}

// titleStyle returns the text style of titles.
func titleStyle() text.Style {
	s := write(ink, titleSize, draw.XLeft)
	s.Font.Weight = stdfont.WeightBold
	return s
}

// newPlot returns an empty plot in the look of all figures.
func newPlot() *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil // the figure draws one card under everything
	p.TextHandler = typesetter{}
	p.Title.TextStyle = titleStyle()
	p.Legend.TextStyle = write(ink, tickSize, draw.XLeft)
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Padding = 0
		a.Label.Padding = 5
		a.Label.TextStyle.Handler = typesetter{}
		a.Label.TextStyle.Font = sans(labelSize)
		a.Label.TextStyle.Color = ink
		a.Tick.Label.Handler = typesetter{}
		a.Tick.Label.Font = sans(tickSize)
		a.Tick.Label.Color = soft
		a.Tick.LineStyle = draw.LineStyle{Color: axis, Width: 1}
		a.LineStyle = draw.LineStyle{Color: axis, Width: 1}
	}
	p.X.Tick.Length = 5
	p.Y.Tick.Length = 0 // the grid lines lead to the numbers
	p.Y.LineStyle.Width = 0
	return p
}

// mix returns the colour a fraction t of the way from a to b.
func mix(a, b color.RGBA, t float64) color.RGBA {
	at := func(a, b uint8) uint8 { return uint8(math.Round(float64(a) + t*(float64(b)-float64(a)))) }
	return color.RGBA{at(a.R, b.R), at(a.G, b.G), at(a.B, b.B), 0xff}
}
