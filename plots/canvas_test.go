package plots

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// drawnPath returns the path that an SVG has for what f draws.
func drawnPath(f func(vg.Canvas)) string {
	c := newSVG(100, 100)
	f(c)
	c.close()
	_, path, _ := strings.Cut(c.body.String(), ` d="`)
	path, _, _ = strings.Cut(path, `"`)
	return path
}

// darkness returns how many points of an image what f draws in black covers, and
// where their middle is.
func darkness(f func(vg.Canvas)) (area, x, y float64) {
	c := newRaster(100, 100, 2)
	f(c)
	for j := range c.img.Rect.Dy() {
		for i := range c.img.Rect.Dx() {
			d := 1 - float64(c.img.RGBAAt(i, j).R)/255
			area += d / 4
			x += d / 4 * (float64(i) + 0.5) / 2
			y += d / 4 * (100 - (float64(j)+0.5)/2)
		}
	}
	return area, x / area, y / area
}

// Both canvases draw a shape in the same place: the SVG is parsed, the dots are counted.
func TestCanvases(t *testing.T) {
	path := func(points ...vg.Point) vg.Path {
		var p vg.Path
		p.Move(points[0])
		for _, q := range points[1:] {
			p.Line(q)
		}
		return p
	}
	curve := path(vg.Point{X: 10, Y: 10})
	curve.QuadTo(vg.Point{X: 50, Y: 90}, vg.Point{X: 90, Y: 10})
	cubic := path(vg.Point{X: 10, Y: 10})
	cubic.CubeTo(vg.Point{X: 10, Y: 50}, vg.Point{X: 90, Y: 50}, vg.Point{X: 90, Y: 10})
	half := path(vg.Point{X: 70, Y: 50}, vg.Point{X: 80, Y: 50})
	half.Arc(vg.Point{X: 50, Y: 50}, 30, 0, math.Pi)
	half.Line(vg.Point{X: 70, Y: 50})
	for _, c := range []struct {
		name       string
		draw       func(vg.Canvas)
		svg        string
		area, x, y float64
	}{
		{"a rectangle", func(c vg.Canvas) {
			c.Fill(vg.Rectangle{Min: vg.Point{X: 10, Y: 20}, Max: vg.Point{X: 40, Y: 60}}.Path())
		}, "M10 80h30v-40h-30z", 1200, 25, 40},
		{"a rectangle between dots", func(c vg.Canvas) {
			c.Fill(vg.Rectangle{Min: vg.Point{X: 10.3, Y: 20.3}, Max: vg.Point{X: 40.3, Y: 60.3}}.Path())
		}, "M10.3 79.7h30v-40h-30z", 1200, 25.3, 40.3},
		{"a disc", func(c vg.Canvas) { c.Fill(disc(vg.Point{X: 50, Y: 40}, 20)) },
			"M70 60a20 20 0 0 0-40 0a20 20 0 0 0 40 0z", 400 * math.Pi, 50, 40},
		{"half a disc", func(c vg.Canvas) { c.Fill(half) },
			"M70 50h10a30 30 0 0 0-30-30a30 30 0 0 0-30 30h50", 450 * math.Pi, 50, 50 + 40/math.Pi},
		{"a parabola", func(c vg.Canvas) { c.Fill(curve) }, "M10 90Q50 10 90 90", 80 * 80 / 3., 50, 26},
		{"a cubic", func(c vg.Canvas) { c.Fill(cubic) }, "M10 90C10 50 90 50 90 90", 1920, 50, 10 + 90/7.},
		{"a line", func(c vg.Canvas) {
			c.SetLineWidth(4)
			c.Stroke(path(vg.Point{X: 10, Y: 50}, vg.Point{X: 90, Y: 50}))
		}, "M10 50h80", 320, 50, 50},
		{"a slanting line", func(c vg.Canvas) {
			c.SetLineWidth(2)
			c.Stroke(path(vg.Point{X: 20, Y: 20}, vg.Point{X: 50, Y: 60}, vg.Point{X: 80, Y: 100}))
		}, "M20 80l60-80", 200, 50, 60},
		{"dashes", func(c vg.Canvas) {
			c.SetLineWidth(2)
			c.SetLineDash([]vg.Length{6, 4}, 0)
			c.Stroke(path(vg.Point{X: 10, Y: 30}, vg.Point{X: 60, Y: 30}))
		}, "M10 70h50", 60, 33, 30},
		{"an odd number of dashes", func(c vg.Canvas) {
			c.SetLineWidth(2)
			c.SetLineDash([]vg.Length{5}, 0)
			c.Stroke(path(vg.Point{X: 10, Y: 30}, vg.Point{X: 60, Y: 30}))
		}, "M10 70h50", 50, 32.5, 30},
		{"a closed line", func(c vg.Canvas) {
			c.SetLineWidth(2)
			p := path(vg.Point{X: 20, Y: 20}, vg.Point{X: 80, Y: 20}, vg.Point{X: 80, Y: 80}, vg.Point{X: 20, Y: 80})
			p.Close()
			c.Stroke(p)
		}, "M20 80h60v-60h-60z", 8*60 + math.Pi - 4, 50, 50},
		{"what lies half outside", func(c vg.Canvas) {
			c.Fill(vg.Rectangle{Min: vg.Point{X: 90, Y: 90}, Max: vg.Point{X: 200, Y: 200}}.Path())
		}, "M90 10h110v-110h-110z", 100, 95, 95},
		{"what is moved, turned and scaled", func(c vg.Canvas) {
			c.Push()
			c.Translate(vg.Point{X: 50, Y: 50})
			c.Rotate(math.Pi / 2)
			c.Scale(2, 2)
			c.Fill(vg.Rectangle{Max: vg.Point{X: 10, Y: 5}}.Path())
			c.Pop()
		}, "M50 50v-20h-10v20z", 200, 45, 60},
		{"no width", func(c vg.Canvas) {
			c.SetLineWidth(0)
			c.Stroke(path(vg.Point{}, vg.Point{X: 50, Y: 50}))
		}, "", 0, math.NaN(), math.NaN()},
	} {
		if svg := drawnPath(c.draw); svg != c.svg {
			t.Errorf("the SVG of %s is %s, want %s", c.name, svg, c.svg)
		}
		area, x, y := darkness(c.draw)
		near := func(a, b, by float64) bool { return math.Abs(a-b) <= by || math.IsNaN(a) && math.IsNaN(b) }
		if !near(area, c.area, 0.02*c.area) || !near(x, c.x, 0.3) || !near(y, c.y, 0.3) {
			t.Errorf("the dots of %s cover %.1f around (%.1f, %.1f), want %.1f around (%.1f, %.1f)", c.name, area, x, y, c.area, c.x, c.y)
		}
	}
}

// Letters are where the SVG says, turned or not, and cover what letters cover.
func TestRasterText(t *testing.T) {
	text := func(turn float64) func(vg.Canvas) {
		return func(c vg.Canvas) {
			sty := write(color.Black, 40, draw.XCenter)
			sty.Rotation = turn
			dc := draw.NewCanvas(c, 100, 100)
			writeAt(dc, sty, vg.Point{X: 50, Y: 50}, "HIH")
		}
	}
	area, x, y := darkness(text(0))
	if area < 500 || area > 900 || math.Abs(x-50) > 1 || math.Abs(y-50) > 2.5 {
		t.Errorf("HIH covers %.0f around (%.1f, %.1f), want some 700 around (50, 50)", area, x, y)
	}
	turned, x, y := darkness(text(math.Pi / 2))
	if math.Abs(turned-area) > 0.01*area || math.Abs(x-50) > 2.5 || math.Abs(y-50) > 1 {
		t.Errorf("upright it covers %.0f around (%.1f, %.1f), want %.0f around (50, 50)", turned, x, y, area)
	}
	for _, word := range []string{"학생", "σ^{k}", "中"} { // the last as a box
		if area, _, _ := darkness(func(c vg.Canvas) {
			draw.NewCanvas(c, 100, 100).Canvas.SetColor(color.Black)
			typesetter{}.Draw(c, word, write(color.Black, 30, draw.XCenter), vg.Point{X: 50, Y: 50})
		}); area < 60 {
			t.Errorf("%s covers %.0f points", word, area)
		}
	}
}

// Translucent shapes show what is under them, on both canvases.
func TestTranslucentLines(t *testing.T) {
	c := newRaster(10, 10, 1)
	c.SetColor(color.NRGBA{0, 0, 0, 0x80})
	c.SetLineWidth(20)
	var p vg.Path
	p.Move(vg.Point{Y: 5})
	p.Line(vg.Point{X: 10, Y: 5})
	c.Stroke(p)
	if got := c.img.RGBAAt(5, 5); got.R < 0x7d || got.R > 0x81 {
		t.Errorf("half black on white is %v", got)
	}
	s := newSVG(10, 10)
	s.SetColor(color.NRGBA{palette[0].line.R, palette[0].line.G, palette[0].line.B, 0x66})
	s.Stroke(p)
	s.Stroke(p)
	s.close()
	if got := s.body.String(); strings.Count(got, `class="c1" color="#0072b2" stroke="currentColor" stroke-opacity=".4"`) != 2 {
		t.Errorf("two translucent lines are %s", got)
	}
}

// Areas of one colour are one element, those without height too, unless one may be
// a hole in another.
func TestAreasOfOneColour(t *testing.T) {
	for _, c := range []struct {
		areas []vg.Path
		want  int
	}{
		{[]vg.Path{box(0, 0, 9, 9), box(5, 5, 9, 5), box(8, 8, 20, 20)}, 1},
		{[]vg.Path{box(5, 5, 9, 5), reversed(5, 5, 20, 20), reversed(0, 0, 9, 9)}, 1},
		{[]vg.Path{disc(vg.Point{X: 50, Y: 40}, 20), rounded(vg.Rectangle{Max: vg.Point{X: 33.3, Y: 17.7}}, 6.1)}, 1},
		{[]vg.Path{box(0, 0, 9, 9), reversed(5, 5, 20, 20), box(0, 0, 9, 9)}, 3},
	} {
		s := newSVG(100, 100)
		s.SetColor(ink)
		for _, a := range c.areas {
			s.Fill(a)
		}
		if got := strings.Count(s.body.String(), "<path"); got != c.want {
			t.Errorf("%v are %d elements, want %d", c.areas, got, c.want)
		}
	}
}

// A plotter that someone adds may draw an image.
func TestImages(t *testing.T) {
	img := image.NewGray(image.Rect(0, 0, 2, 1))
	img.SetGray(1, 0, color.Gray{0xff})
	show := func(c vg.Canvas) {
		c.DrawImage(vg.Rectangle{Min: vg.Point{X: 20, Y: 40}, Max: vg.Point{X: 60, Y: 80}}, img)
	}
	area, x, y := darkness(show)
	if area != 800 || x != 30 || y != 60 {
		t.Errorf("the image covers %g around (%g, %g), want 800 around (30, 60)", area, x, y)
	}
	fig := &Figure{Plot: newPlot(), Width: 100, Height: 100}
	fig.Add(plotterFunc(func(dc draw.Canvas) { show(dc) }))
	if svg := string(fig.SVG()); !strings.Contains(svg, `<image x="20" y="20" width="40" height="40" preserveAspectRatio="none" image-rendering="pixelated" href="data:image/png;base64,`) {
		t.Error("the SVG has no image")
	}
}

type plotterFunc func(draw.Canvas)

func (f plotterFunc) Plot(dc draw.Canvas, _ *plot.Plot) { f(dc) }

// NaN, infinities and numbers far outside neither stop a canvas nor put anything
// into a document that is not valid SVG.
func TestCanvasesTakeAnyNumber(t *testing.T) {
	values := []float64{0, 1, -1, 1e-300, 50, 1e9, -1e300, inf, -inf, not}
	rng := rand.New(rand.NewPCG(1, 2))
	any := func() vg.Length { return vg.Length(values[rng.IntN(len(values))]) }
	face := font.DefaultCache.Lookup(sans(10), 10)
	for i := range 30 {
		raster, svg := newRaster(50, 50, 1), newSVG(50, 50)
		seed := rng.Uint64()
		for _, c := range []vg.Canvas{raster, svg} {
			rng = rand.New(rand.NewPCG(seed, 0))
			c.Push()
			c.SetLineWidth(any())
			if rng.IntN(2) == 0 {
				c.SetLineDash([]vg.Length{any(), any(), any()}, any())
			}
			switch rng.IntN(4) {
			case 0:
				c.Scale(float64(any()), float64(any()))
			case 1:
				c.Rotate(float64(any()))
			case 2:
				c.Translate(vg.Point{X: any(), Y: any()})
			}
			var p vg.Path
			for range 1 + rng.IntN(4) {
				switch rng.IntN(6) {
				case 0:
					p.Move(vg.Point{X: any(), Y: any()})
				case 1:
					p.Line(vg.Point{X: any(), Y: any()})
				case 2:
					p.Arc(vg.Point{X: any(), Y: any()}, any(), float64(any()), float64(any()))
				case 3:
					p.QuadTo(vg.Point{X: any(), Y: any()}, vg.Point{X: any(), Y: any()})
				case 4:
					p.CubeTo(vg.Point{X: any(), Y: any()}, vg.Point{X: any(), Y: any()}, vg.Point{X: any(), Y: any()})
				case 5:
					p.Close()
				}
			}
			c.Fill(p)
			c.Stroke(p)
			c.FillString(face, vg.Point{X: any(), Y: any()}, "a")
			c.DrawImage(vg.Rectangle{Min: vg.Point{X: any(), Y: any()}, Max: vg.Point{X: any(), Y: any()}}, image.NewGray(image.Rect(0, 0, 2, 2)))
			c.Pop()
		}
		doc := string(svg.document("", ""))
		if _, body, _ := strings.Cut(doc, "</desc>"); strings.Contains(body, "NaN") || strings.Contains(body, "Inf") {
			t.Fatalf("drawing %d: %s", i, body)
		}
	}
}

// The reason for the typesetter: gonum's text.Plain writes h_{T} as it is, and its
// text.Latex cannot set an index. Once it can, text.go may not be needed.
func TestGonumSetsNoSubscripts(t *testing.T) {
	f := font.Font{Typeface: "Liberation", Variant: "Sans", Size: 18}
	plain := text.Plain{Fonts: font.DefaultCache}
	if whole, _, _ := plain.Box("h_{T}", f); whole <= (run{"hT", 0}).width(f) {
		t.Errorf("text.Plain writes h_{T} in %v", whole)
	}
	defer func() {
		if recover() == nil {
			t.Error("text.Latex sets a subscript")
		}
	}()
	text.Latex{Fonts: font.DefaultCache}.Box("$h_{T}$", f)
}
