package plots

import (
	"bytes"
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	gonumpalette "gonum.org/v1/plot/palette"
	"gonum.org/v1/plot/palette/moreland"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// fourImages returns what f draws on our two canvases and on gonum's two, each
// with two dots to the point. Both documents are read by the same reader, which
// draws on vgimg.
func fourImages(t *testing.T, w, h vg.Length, f func(vg.Canvas)) map[string]image.Image {
	t.Helper()
	ours := newSVG(w, h)
	f(ours)
	raster := newRaster(w, h, 2)
	f(raster)
	svg := vgsvg.New(w, h)
	f(svg)
	var b bytes.Buffer
	if _, err := svg.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	img := vgimg.NewWith(vgimg.UseWH(w, h), vgimg.UseDPI(144))
	f(img)
	return map[string]image.Image{
		"svg":    readSVG(t, ours.document("title", "alt"), w, h),
		"raster": raster.img,
		"vgsvg":  readSVG(t, b.Bytes(), w, h),
		"vgimg":  img.Image(),
	}
}

// blurred returns what an image lacks to white, each dot the sum of three by three:
// so a shift of a tenth of a point, to which positions in an SVG are rounded,
// hardly counts.
func blurred(m image.Image) []int {
	pix, stride := m.(*image.RGBA).Pix, m.(*image.RGBA).Stride
	rows, out := make([]int, len(pix)), make([]int, len(pix))
	for i := 4; i+4 < len(pix); i++ {
		rows[i] = 3*0xff - int(pix[i-4]) - int(pix[i]) - int(pix[i+4])
	}
	for i := stride; i+stride < len(pix); i++ {
		if i%4 != 3 { // not the opacity, which is one
			out[i] = rows[i-stride] + rows[i] + rows[i+stride]
		}
	}
	return out
}

// unlike returns by how much two blurred images differ, as a part of all the ink in
// the second.
func unlike(a, b []int) float64 {
	difference, ink := 0, 0
	for i := range a {
		difference += max(a[i]-b[i], b[i]-a[i])
		ink += b[i]
	}
	return float64(difference) / float64(ink)
}

// compareWithGonum fails where f drawn on one of our canvases differs from both of
// gonum's, except for one that is known to differ, by more than a fifteenth of the ink.
// Most that is drawn right differs by less than a fiftieth, letters by a twentieth.
func compareWithGonum(t *testing.T, w, h vg.Length, not string, f func(vg.Canvas)) {
	t.Helper()
	images := map[string][]int{}
	for name, m := range fourImages(t, w, h, f) {
		images[name] = blurred(m)
	}
	for _, our := range []string{"svg", "raster"} {
		for _, gonum := range []string{"vgsvg", "vgimg"} {
			if gonum == not {
				continue
			}
			if d := unlike(images[our], images[gonum]); !(d < 1./15) {
				t.Errorf("%s differs from %s by %.3f of the ink, want less than 0.067", our, gonum, d)
			}
		}
	}
}

func polygonal(points ...vg.Point) vg.Path {
	var p vg.Path
	p.Move(points[0])
	for _, q := range points[1:] {
		p.Line(q)
	}
	return p
}

func box(x0, y0, x1, y1 vg.Length) vg.Path {
	return vg.Rectangle{Min: vg.Point{X: x0, Y: y0}, Max: vg.Point{X: x1, Y: y1}}.Path()
}

// reversed is a box whose outline turns in the other direction.
func reversed(x0, y0, x1, y1 vg.Length) vg.Path {
	p := polygonal(vg.Point{X: x0, Y: y0}, vg.Point{X: x0, Y: y1}, vg.Point{X: x1, Y: y1}, vg.Point{X: x1, Y: y0})
	p.Close()
	return p
}

// zigzag strokes lines, an arc and curves, on 40 by 40.
func zigzag(c vg.Canvas) {
	c.Stroke(polygonal(vg.Point{X: 2, Y: 2}, vg.Point{X: 12, Y: 30}, vg.Point{X: 20, Y: 5}, vg.Point{X: 38, Y: 38}))
	p := polygonal(vg.Point{X: 36, Y: 10})
	p.Arc(vg.Point{X: 28, Y: 10}, 8, 0, 4)
	c.Stroke(p)
	q := polygonal(vg.Point{X: 2, Y: 36})
	q.QuadTo(vg.Point{X: 20, Y: 20}, vg.Point{X: 22, Y: 38})
	q.CubeTo(vg.Point{X: 24, Y: 10}, vg.Point{X: 36, Y: 40}, vg.Point{X: 38, Y: 20})
	c.Stroke(q)
}

func TestCanvasesDrawAsGonumDoes(t *testing.T) {
	serif := font.DefaultCache.Lookup(font.Font{Typeface: "Liberation", Variant: "Serif"}, 16)
	bold := font.DefaultCache.Lookup(font.Font{Typeface: "Liberation", Variant: "Sans", Weight: 3}, 16)
	italic := font.DefaultCache.Lookup(font.Font{Typeface: "Liberation", Variant: "Mono", Style: 1}, 16)
	photo := image.NewNRGBA(image.Rect(0, 0, 40, 30))
	for y := range 30 {
		for x := range 40 {
			photo.Set(x, y, color.NRGBA{uint8(6 * x), uint8(7 * y), 90, uint8(255 - 5*y)})
		}
	}
	half := color.NRGBA{0x20, 0x40, 0xa0, 0x80}
	for name, c := range map[string]struct {
		draw func(vg.Canvas)
		// The one of gonum's canvases that is known to differ: vgimg does not scale the
		// width of a line, vgsvg draws joins with mitres.
		not string
	}{
		"lines":      {draw: func(c vg.Canvas) { c.SetLineWidth(2); c.Translate(vg.Point{X: 20, Y: 30}); zigzag(c) }},
		"thin lines": {draw: func(c vg.Canvas) { c.SetLineWidth(0.25); zigzag(c) }},
		"a rotation": {draw: func(c vg.Canvas) {
			c.SetLineWidth(3)
			c.Translate(vg.Point{X: 50, Y: 10})
			c.Rotate(0.7)
			zigzag(c)
		}},
		"scaled lines": {not: "vgimg", draw: func(c vg.Canvas) { c.SetLineWidth(2); c.Scale(2.2, 2.2); zigzag(c) }},
		"scaled dashes": {not: "vgimg", draw: func(c vg.Canvas) {
			c.SetLineWidth(1)
			c.SetLineDash([]vg.Length{3, 2}, 1.5)
			c.Scale(2.2, 2.2)
			zigzag(c)
		}},
		"a mirror": {draw: func(c vg.Canvas) {
			c.SetLineWidth(2)
			c.Translate(vg.Point{X: 10, Y: 70})
			c.Scale(1, -1)
			zigzag(c)
			p := polygonal(vg.Point{X: 60, Y: 20})
			p.Arc(vg.Point{X: 50, Y: 20}, 10, 0, 2)
			c.Fill(p)
		}},
		"a scale that is not even": {not: "vgimg", draw: func(c vg.Canvas) {
			c.SetLineWidth(2)
			c.SetLineDash([]vg.Length{7, 3}, 2)
			c.Scale(2.3, 0.9)
			zigzag(c)
			c.Translate(vg.Point{X: 2, Y: 45})
			c.Rotate(0.5)
			c.SetLineDash(nil, 0)
			zigzag(c)
		}},
		"areas under a scale that is not even": {draw: func(c vg.Canvas) {
			c.Rotate(0.3)
			c.Scale(2, 0.6)
			c.Fill(disc(vg.Point{X: 25, Y: 40}, 15))
			c.Fill(box(30, 70, 50, 100))
		}},
		"dashes": {draw: func(c vg.Canvas) { c.SetLineWidth(2); c.SetLineDash([]vg.Length{6, 4}, 0); zigzag(c) }},
		"an offset": {draw: func(c vg.Canvas) {
			c.SetLineWidth(2)
			for i, offset := range []vg.Length{0, 3, 8, 27, -4} {
				c.SetLineDash([]vg.Length{6, 4, 2, 5}, offset)
				c.Stroke(polygonal(vg.Point{X: 5, Y: vg.Length(10 + 12*i)}, vg.Point{X: 95, Y: vg.Length(14 + 12*i)}))
			}
			c.SetLineDash([]vg.Length{5}, 3)
			c.Stroke(polygonal(vg.Point{X: 5, Y: 80}, vg.Point{X: 95, Y: 90}))
		}},
		"a dashed frame": {draw: func(c vg.Canvas) {
			c.SetLineWidth(5)
			c.SetLineDash([]vg.Length{7, 6}, 0)
			c.Stroke(box(20, 20, 80, 70))
		}},
		"push and pop": {draw: func(c vg.Canvas) {
			c.SetLineWidth(2)
			c.SetColor(half)
			c.Push()
			c.SetLineWidth(5)
			c.SetLineDash([]vg.Length{3, 3}, 1)
			c.SetColor(color.Black)
			c.Translate(vg.Point{X: 50, Y: 50})
			zigzag(c)
			c.Push()
			c.Rotate(1)
			c.Pop()
			c.Pop()
			zigzag(c)
		}},
		"joins": {not: "vgsvg", draw: func(c vg.Canvas) {
			c.SetLineWidth(25)
			p := polygonal(vg.Point{X: 15, Y: 15}, vg.Point{X: 85, Y: 25}, vg.Point{X: 30, Y: 80})
			p.Close()
			c.Stroke(p)
		}},
		"holes": {draw: func(c vg.Canvas) {
			c.Fill(append(box(10, 10, 40, 40), reversed(12, 12, 38, 38)...)) // a hole
			c.Fill(append(box(50, 10, 90, 40), box(52, 12, 88, 38)...))      // none: both turn alike
			ring := disc(vg.Point{X: 30, Y: 70}, 20)
			ring.Move(vg.Point{X: 40, Y: 70})
			ring.Arc(vg.Point{X: 30, Y: 70}, 10, 0, -2*math.Pi)
			c.Fill(ring)
			star := polygonal(vg.Point{X: 75, Y: 95}, vg.Point{X: 63, Y: 58}, vg.Point{X: 95, Y: 81}, vg.Point{X: 55, Y: 81}, vg.Point{X: 87, Y: 58})
			c.Fill(star)
		}},
		"areas that turn either way": {draw: func(c vg.Canvas) {
			c.Fill(box(10, 10, 50, 50))
			c.Fill(reversed(30, 30, 70, 70))
			tie := []vg.Point{{X: 10, Y: 60}, {X: 90, Y: 95}, {X: 90, Y: 60}, {X: 10, Y: 95}}
			for range 2 { // one half of it turns to the left and one to the right
				p := polygonal(tie...)
				p.Close()
				c.Fill(p)
				slices.Reverse(tie)
			}
		}},
		"areas that show through": {draw: func(c vg.Canvas) {
			c.SetColor(half)
			c.Fill(append(box(10, 10, 70, 60), box(20, 20, 80, 80)...))
			c.Fill(disc(vg.Point{X: 60, Y: 30}, 25))
			c.Fill(disc(vg.Point{X: 70, Y: 40}, 25))
		}},
		"arcs": {draw: func(c vg.Canvas) {
			for i, angle := range []float64{0.3, math.Pi, 4, -2, -5, 2 * math.Pi, -2 * math.Pi, 7, -9} {
				mid := vg.Point{X: vg.Length(15 + 17*(i%5)), Y: vg.Length(25 + 40*(i/5))}
				p := polygonal(mid)
				p.Arc(mid, 7, 1, angle)
				c.Stroke(p)
			}
		}},
		"a line after a closed piece": {draw: func(c vg.Canvas) {
			c.SetLineWidth(3)
			p := box(20, 20, 60, 60)
			p.Line(vg.Point{X: 5, Y: 90})
			c.Stroke(p)
		}},
		"an image": {draw: func(c vg.Canvas) {
			c.Fill(box(0, 0, 50, 50))
			c.Scale(1.1, 0.7)
			c.DrawImage(vg.Rectangle{Min: vg.Point{X: 10, Y: 20}, Max: vg.Point{X: 90, Y: 80}}, photo)
		}},
		"a turned image": {draw: func(c vg.Canvas) {
			c.Translate(vg.Point{X: 40, Y: 5})
			c.Rotate(0.6)
			c.Scale(1.2, 0.7)
			c.DrawImage(vg.Rectangle{Min: vg.Point{X: 5, Y: 5}, Max: vg.Point{X: 55, Y: 85}}, photo)
		}},
		"italics": {draw: func(c vg.Canvas) { c.FillString(italic, vg.Point{X: 5, Y: 40}, "italics &") }},
		"text": {draw: func(c vg.Canvas) {
			c.FillString(serif, vg.Point{X: 5, Y: 80}, "S & AVA <3")
			c.FillString(bold, vg.Point{X: 5, Y: 60}, "Bold Öß 12")
			c.SetColor(palette[0].line) // vgsvg writes nothing that shows through
			c.Push()
			c.Translate(vg.Point{X: 5, Y: 5})
			c.Scale(1.7, 1.7)
			c.FillString(bold, vg.Point{}, "scaled")
			c.Pop()
			c.Translate(vg.Point{X: 95, Y: 10})
			c.Rotate(math.Pi / 2)
			c.FillString(bold, vg.Point{}, "turned")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			compareWithGonum(t, 100, 100, c.not, c.draw)
		})
	}
}

// surface is a function over 6 by 5 places, with a hole in it.
type surface struct{}

func (surface) Dims() (c, r int) { return 6, 5 }
func (surface) X(c int) float64  { return float64(c) }
func (surface) Y(r int) float64  { return float64(r) }
func (surface) Z(c, r int) float64 {
	if c == 4 && r == 3 {
		return math.NaN()
	}
	return math.Sin(float64(c)) * float64(r)
}

type filledSurface struct{ surface }

func (filledSurface) Z(c, r int) float64 { return math.Sin(float64(c)) * float64(r+1) }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// The package invites gonum's plotters: a figure draws them as gonum's own canvases
// do.
func TestPlottersLookAsInGonum(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var points plotter.XYs
	var values plotter.Values
	for i := range 30 {
		points = append(points, plotter.XY{X: float64(i), Y: rng.NormFloat64()})
		values = append(values, rng.NormFloat64())
	}
	red := color.RGBA{R: 0xc0, A: 0xff}
	for name, add := range map[string]func(*plot.Plot){
		"Line": func(p *plot.Plot) {
			l := must(plotter.NewLine(points))
			l.LineStyle = draw.LineStyle{Color: red, Width: 1.5, Dashes: []vg.Length{4, 2}, DashOffs: 3}
			p.Add(plotter.NewGrid(), l)
			p.Y.Min, p.Y.Max = -0.7, 0.7 // clipped
			p.Legend.Add("dashed", l)
		},
		"Line with an area": func(p *plot.Plot) {
			l := must(plotter.NewLine(points))
			l.FillColor, l.StepStyle = color.NRGBA{0, 0x80, 0, 0x60}, plotter.MidStep
			p.Add(l)
		},
		"Scatter": func(p *plot.Plot) {
			glyphs := []draw.GlyphDrawer{draw.CircleGlyph{}, draw.RingGlyph{}, draw.CrossGlyph{}, draw.PlusGlyph{},
				draw.SquareGlyph{}, draw.BoxGlyph{}, draw.PyramidGlyph{}, draw.TriangleGlyph{}}
			for i, g := range glyphs {
				s := must(plotter.NewScatter(points[3*i : 3*i+3]))
				s.GlyphStyle = draw.GlyphStyle{Color: red, Radius: 5, Shape: g}
				p.Add(s)
			}
		},
		"BarChart": func(p *plot.Plot) {
			b := must(plotter.NewBarChart(values[:8], 14))
			b.Color = red
			p.Add(b)
			p.NominalX("a", "b", "c", "d", "e", "f", "g", "h")
		},
		"BoxPlot": func(p *plot.Plot) {
			p.Add(must(plotter.NewBoxPlot(20, 0, values)), must(plotter.NewQuartPlot(1, values)))
		},
		"Histogram": func(p *plot.Plot) {
			h := must(plotter.NewHist(values, 8))
			h.FillColor = red
			p.Add(h)
		},
		"ErrorBars": func(p *plot.Plot) {
			data := struct {
				plotter.XYs
				plotter.YErrors
			}{points, make(plotter.YErrors, len(points))}
			for i := range data.YErrors {
				data.YErrors[i].Low, data.YErrors[i].High = 0.2, 0.5
			}
			p.Add(must(plotter.NewYErrorBars(data)))
		},
		"Contour": func(p *plot.Plot) {
			p.Add(plotter.NewContour(filledSurface{}, []float64{-2, -1, 0, 1, 2}, gonumpalette.Rainbow(5, gonumpalette.Blue, gonumpalette.Red, 1, 1, 1)))
		},
		"HeatMap": func(p *plot.Plot) {
			h := plotter.NewHeatMap(surface{}, gonumpalette.Heat(12, 1))
			h.NaN = color.RGBA{0, 0, 0xff, 0xff}
			p.Add(h)
		},
		"HeatMap as an image": func(p *plot.Plot) {
			h := plotter.NewHeatMap(surface{}, gonumpalette.Heat(12, 1))
			h.Rasterized = true
			p.Add(h)
		},
		"Image": func(p *plot.Plot) {
			img := image.NewRGBA(image.Rect(0, 0, 90, 60))
			for y := range 60 {
				for x := range 90 {
					img.Set(x, y, color.RGBA{uint8(2 * x), uint8(4 * y), 99, 255})
				}
			}
			p.Add(plotter.NewImage(img, 1, 1, 9, 5))
		},
		"Labels": func(p *plot.Plot) {
			l := must(plotter.NewLabels(plotter.XYLabels{XYs: points[:3], Labels: []string{"one", "two & three", "four"}}))
			l.TextStyle[1].Rotation = 0.4
			p.Add(l)
			p.Title.Text, p.X.Label.Text, p.Y.Label.Text = "A title", "across", "up"
		},
		"Polygon": func(p *plot.Plot) {
			outer := plotter.XYs{{X: 0, Y: 0}, {X: 4, Y: 0}, {X: 4, Y: 4}, {X: 0, Y: 4}}
			hole := plotter.XYs{{X: 1, Y: 1}, {X: 1, Y: 3}, {X: 3, Y: 3}, {X: 3, Y: 1}}
			g := must(plotter.NewPolygon(outer, hole))
			g.Color = red
			p.Add(g)
		},
		"Field": func(p *plot.Plot) {
			f := plotter.NewField(field{})
			f.LineStyle.Width = 0.04 // it is scaled with the vectors
			p.Add(f)
		},
		"ColorBar": func(p *plot.Plot) {
			m := moreland.SmoothBlueRed()
			m.SetMin(-1)
			m.SetMax(1)
			p.Add(&plotter.ColorBar{ColorMap: m})
			p.HideY()
		},
		"Sankey": func(p *plot.Plot) {
			s := must(plotter.NewSankey(
				plotter.Flow{SourceLabel: "a", ReceptorLabel: "c", ReceptorCategory: 1, Value: 3},
				plotter.Flow{SourceLabel: "b", ReceptorLabel: "c", ReceptorCategory: 1, Value: 2},
				plotter.Flow{SourceLabel: "b", ReceptorLabel: "d", ReceptorCategory: 1, Value: 4}))
			s.Color = color.NRGBA{0, 0x60, 0xa0, 0x80}
			p.Add(s)
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := plot.New()
			add(p)
			// vgimg smooths the pixels of an image, and does not scale the width of a line.
			not := map[string]string{"HeatMap as an image": "vgimg", "Field": "vgimg"}[name]
			compareWithGonum(t, 240, 160, not, func(c vg.Canvas) { p.Draw(draw.New(c.(vg.CanvasSizer))) })
		})
	}
}

// field turns around its middle.
type field struct{}

func (field) Dims() (c, r int)           { return 6, 5 }
func (field) X(c int) float64            { return float64(c) }
func (field) Y(r int) float64            { return float64(r) }
func (field) Vector(c, r int) plotter.XY { return plotter.XY{X: float64(2 - r), Y: float64(c) - 2.5} }
