package plots

import (
	"bytes"
	"cmp"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"math"
	"slices"

	"github.com/golang/freetype/raster"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// rasterCanvas draws on an image, with so many dots to the point.
//
// It is here in place of gonum's vgimg because a reader waits for every figure. It
// makes a PNG 3 to 5 times as fast, and the PNG has a quarter to two fifths of the
// bytes (BenchmarkPNG). Without vgimg a cell is linked from 170 packages in place of
// 183, in seven eighths of the time. TestCanvasesDrawAsGonumDoes compares the dots of both.
type rasterCanvas struct {
	brush
	w, h vg.Length
	dots float64
	img  *image.RGBA
	r    *raster.Rasterizer
}

var _ vg.CanvasSizer = (*rasterCanvas)(nil)

func newRaster(w, h vg.Length, dots float64) *rasterCanvas {
	size := image.Rect(0, 0, int(math.Ceil(float64(w)*dots)), int(math.Ceil(float64(h)*dots)))
	c := &rasterCanvas{brush: newBrush(), w: w, h: h, dots: dots, img: image.NewRGBA(size)}
	draw.Draw(c.img, size, image.White, image.Point{}, draw.Src)
	c.r = raster.NewRasterizer(size.Dx(), size.Dy())
	c.r.UseNonZeroWinding = true
	return c
}

func (c *rasterCanvas) Size() (w, h vg.Length) { return c.w, c.h }

// at returns where a point is on the image, in dots, y downwards.
func (c *rasterCanvas) at(p vg.Point) [2]float64 {
	x, y := c.apply(float64(p.X), float64(p.Y))
	return c.dot(x, y)
}

// dot returns the place of a point of the canvas on the image.
func (c *rasterCanvas) dot(x, y float64) [2]float64 {
	inside := func(v float64) float64 { return math.Max(-farthest, math.Min(farthest, v)) }
	return [2]float64{inside(x * c.dots), inside((float64(c.h) - y) * c.dots)}
}

// flatten returns the pieces of a path, in dots.
func (c *rasterCanvas) flatten(path vg.Path) []polyline {
	var pieces []polyline
	var piece polyline
	flush := func() {
		if len(piece.points) > 0 {
			pieces = append(pieces, piece)
		}
		piece = polyline{}
	}
	for _, comp := range c.shape(path) {
		switch comp.Type {
		case vg.MoveComp:
			flush()
			piece.points = [][2]float64{c.at(comp.Pos)}
		case vg.LineComp:
			piece.points = append(piece.points, c.at(comp.Pos))
		case vg.ArcComp:
			// As many steps as keep within a twentieth of a dot of the circle.
			r := math.Max(float64(comp.Radius)*c.dots*c.scale(), 0.1)
			n := 1 + int(math.Abs(comp.Angle)/(2*math.Acos(1-math.Min(1, 0.05/r))))
			for i := 1; i <= n; i++ {
				piece.points = append(piece.points, c.at(arcPoint(comp, float64(i)/float64(n))))
			}
		case vg.CurveComp:
			ctl := [][2]float64{piece.points[len(piece.points)-1]}
			for _, p := range comp.Control {
				ctl = append(ctl, c.at(p))
			}
			ctl = append(ctl, c.at(comp.Pos))
			const n = 24
			for i := 1; i <= n; i++ {
				piece.points = append(piece.points, bezier(ctl, float64(i)/n))
			}
		case vg.CloseComp:
			piece.closed = true
			flush()
		}
	}
	flush()
	return pieces
}

// bezier returns a point of the curve with these control points (de Casteljau).
func bezier(ctl [][2]float64, t float64) [2]float64 {
	p := slices.Clone(ctl)
	for n := len(p) - 1; n > 0; n-- {
		for i := range n {
			p[i] = [2]float64{p[i][0] + t*(p[i+1][0]-p[i][0]), p[i][1] + t*(p[i+1][1]-p[i][1])}
		}
	}
	return p[0]
}

// Fill paints what is inside the path, where its winding number is not zero.
// Rectangles whose edges lie on whole dots, such as the card and the cells of a
// heat map, need no smooth edges.
func (c *rasterCanvas) Fill(path vg.Path) {
	pieces := c.flatten(path)
	if c.fillBoxes(pieces) {
		return
	}
	for _, p := range pieces {
		c.r.Start(sub(p.points[0]))
		for _, q := range p.points[1:] {
			c.r.Add1(sub(q))
		}
		c.r.Add1(sub(p.points[0]))
	}
	c.paint()
}

func (c *rasterCanvas) fillBoxes(pieces []polyline) bool {
	boxes := make([]image.Rectangle, len(pieces))
	source := image.NewUniform(c.color)
	// Each is filled alone, which is wrong where one can be a hole in another, or shows
	// through it.
	if left, right := turning(pieces...); len(boxes) > 1 && (left && right || !source.Opaque()) {
		return false
	}
	for i, p := range pieces {
		if p.slanting() {
			return false
		}
		a, b := p.points[0], p.points[2]
		x0, x1 := math.Min(a[0], b[0]), math.Max(a[0], b[0])
		y0, y1 := math.Min(a[1], b[1]), math.Max(a[1], b[1])
		for _, v := range []float64{x0, y0, x1, y1} {
			if v != math.Trunc(v) {
				return false
			}
		}
		boxes[i] = image.Rect(int(x0), int(y0), int(x1), int(y1))
	}
	for _, b := range boxes {
		draw.Draw(c.img, b, source, image.Point{}, draw.Over)
	}
	return true
}

// Stroke paints the line along the path.
func (c *rasterCanvas) Stroke(path vg.Path) {
	width := math.Min(c.lineWidth()*c.dots, farthest)
	if width == 0 {
		return
	}
	var outline raster.Adder = c.r
	if !c.even() {
		whole := c.m
		defer func() { c.m = whole }()
		outline = &transformed{c, c.split()}
	}
	for _, p := range c.flatten(path) {
		capper := raster.ButtCapper
		if p.closed {
			p.points = append(p.points, p.points[0])
			if len(c.dashes) == 0 { // the joint of beginning and end
				capper = raster.RoundCapper
			}
		}
		for _, dash := range c.dash(thin(p.points, 0.1)) {
			var line raster.Path
			line.Start(sub(dash[0]))
			for _, q := range dash[1:] {
				line.Add1(sub(q))
			}
			raster.Stroke(outline, line, fixed.Int26_6(math.Round(64*width)), capper, raster.RoundJoiner)
		}
	}
	c.paint()
}

// transformed adds the outline of a line to the rasteriser, each point under rest.
type transformed struct {
	c    *rasterCanvas
	rest [6]float64
}

func (t *transformed) at(p fixed.Point26_6) fixed.Point26_6 {
	x, y := float64(p.X)/64/t.c.dots, float64(t.c.h)-float64(p.Y)/64/t.c.dots
	return sub(t.c.dot((&brush{m: t.rest}).apply(x, y)))
}

func (t *transformed) Start(a fixed.Point26_6)      { t.c.r.Start(t.at(a)) }
func (t *transformed) Add1(b fixed.Point26_6)       { t.c.r.Add1(t.at(b)) }
func (t *transformed) Add2(b, c fixed.Point26_6)    { t.c.r.Add2(t.at(b), t.at(c)) }
func (t *transformed) Add3(b, c, d fixed.Point26_6) { t.c.r.Add3(t.at(b), t.at(c), t.at(d)) }

// dash cuts a line into its dashes.
func (c *rasterCanvas) dash(line [][2]float64) [][][2]float64 {
	unit := c.dots * c.scale()
	lengths, total := make([]float64, len(c.dashes)), 0.0
	for i, d := range c.dashes {
		lengths[i] = float64(d) * unit
		total += lengths[i]
	}
	if total < 0.01 || len(line) < 2 { // no dashes, or none that an eye sees
		return [][][2]float64{line}
	}
	var out [][][2]float64
	dash, left := 0, lengths[0]-float64(c.offset)*unit
	for left <= 0 {
		dash = (dash + 1) % len(lengths)
		left += lengths[dash]
	}
	piece := [][2]float64{line[0]}
	for k := 1; k < len(line); {
		a, b := piece[len(piece)-1], line[k]
		n := math.Hypot(b[0]-a[0], b[1]-a[1])
		if n <= left {
			left -= n
			piece = append(piece, b)
			k++
			continue
		}
		cut := [2]float64{a[0] + (b[0]-a[0])*left/n, a[1] + (b[1]-a[1])*left/n}
		if dash%2 == 0 {
			out = append(out, append(piece, cut))
		}
		piece = [][2]float64{cut}
		dash = (dash + 1) % len(lengths)
		left = lengths[dash]
	}
	if dash%2 == 0 && len(piece) > 1 {
		out = append(out, piece)
	}
	return out
}

// sub returns a point in the rasteriser's 64ths of a dot.
func sub(p [2]float64) fixed.Point26_6 {
	return fixed.Point26_6{X: fixed.Int26_6(math.Round(64 * p[0])), Y: fixed.Int26_6(math.Round(64 * p[1]))}
}

// paint fills what was added to the rasteriser with the colour.
func (c *rasterCanvas) paint() {
	c.r.Rasterize(newPainter(c.img, c.color))
	c.r.Clear()
}

// painter paints spans in one colour. Where raster.RGBAPainter blends every dot
// with the one below, this one copies the colour to dots that it covers whole.
type painter struct {
	img   *image.RGBA
	blend *raster.RGBAPainter
	row   []byte // of the colour; nil if it lets something through
}

func newPainter(img *image.RGBA, c color.Color) *painter {
	p := &painter{img: img, blend: raster.NewRGBAPainter(img)}
	p.blend.SetColor(c)
	if r, g, b, a := c.RGBA(); a == 0xffff {
		p.row = bytes.Repeat([]byte{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), 0xff}, img.Rect.Dx())
	}
	return p
}

func (p *painter) Paint(spans []raster.Span, done bool) {
	for i, s := range spans {
		if s.Alpha < 0xffff || p.row == nil {
			p.blend.Paint(spans[i:i+1], done)
			continue
		}
		x0, x1 := max(s.X0, 0), min(s.X1, p.img.Rect.Max.X)
		if s.Y >= 0 && s.Y < p.img.Rect.Max.Y && x0 < x1 {
			copy(p.img.Pix[s.Y*p.img.Stride+4*x0:s.Y*p.img.Stride+4*x1], p.row)
		}
	}
}

// FillString fills the outlines of the letters.
func (c *rasterCanvas) FillString(f font.Face, pt vg.Point, s string) {
	if c.flat() || math.IsNaN(float64(pt.X+pt.Y)) {
		return
	}
	var (
		buf  sfnt.Buffer
		prev sfnt.GlyphIndex
		upem = fixed.Int26_6(f.Face.UnitsPerEm())
		unit = float64(f.Font.Size) / float64(upem) // of the font, in points
		x    = float64(pt.X)
	)
	for i, letter := range s {
		g, err := f.Face.GlyphIndex(&buf, letter)
		if err != nil {
			continue
		}
		if kern, err := f.Face.Kern(&buf, prev, g, upem, 0); i > 0 && err == nil {
			x += float64(kern) * unit
		}
		prev = g
		at := func(p fixed.Point26_6) fixed.Point26_6 {
			return sub(c.at(vg.Point{X: vg.Length(x + float64(p.X)*unit), Y: pt.Y - vg.Length(float64(p.Y)*unit)}))
		}
		segments, err := f.Face.LoadGlyph(&buf, g, upem, nil)
		if err != nil {
			continue
		}
		for _, seg := range segments { // closed, as sfnt promises
			switch seg.Op {
			case sfnt.SegmentOpMoveTo:
				c.r.Start(at(seg.Args[0]))
			case sfnt.SegmentOpLineTo:
				c.r.Add1(at(seg.Args[0]))
			case sfnt.SegmentOpQuadTo:
				c.r.Add2(at(seg.Args[0]), at(seg.Args[1]))
			case sfnt.SegmentOpCubeTo:
				c.r.Add3(at(seg.Args[0]), at(seg.Args[1]), at(seg.Args[2]))
			}
		}
		if advance, err := f.Face.GlyphAdvance(&buf, g, upem, 0); err == nil {
			x += float64(advance) * unit
		}
	}
	c.paint()
}

// DrawImage draws the image so that each of its pixels is a rectangle of one
// colour.
func (c *rasterCanvas) DrawImage(rect vg.Rectangle, img image.Image) {
	from, size := img.Bounds(), rect.Size()
	if !c.holds(rect, img) {
		return
	}
	var to image.Rectangle // the dots that the image may cover
	for _, p := range []vg.Point{rect.Min, {X: rect.Max.X, Y: rect.Min.Y}, rect.Max, {X: rect.Min.X, Y: rect.Max.Y}} {
		d := c.at(p)
		x, y := int(math.Floor(d[0])), int(math.Floor(d[1]))
		to = to.Union(image.Rect(x, y, x+1, y+1))
	}
	to = to.Intersect(c.img.Rect)
	scaled := image.NewRGBA(to)
	m, det := c.m, c.determinant()
	for y := to.Min.Y; y < to.Max.Y; y++ {
		for x := to.Min.X; x < to.Max.X; x++ {
			// The middle of the dot, back under the transformation, as parts of the rectangle.
			dx, dy := (float64(x)+0.5)/c.dots-m[2], float64(c.h)-(float64(y)+0.5)/c.dots-m[5]
			u := ((m[4]*dx-m[1]*dy)/det - float64(rect.Min.X)) / float64(size.X)
			v := (float64(rect.Max.Y) - (m[0]*dy-m[3]*dx)/det) / float64(size.Y)
			at := image.Pt(int(math.Floor(u*float64(from.Dx()))), int(math.Floor(v*float64(from.Dy())))).Add(from.Min)
			if at.In(from) {
				scaled.Set(x, y, img.At(at.X, at.Y))
			}
		}
	}
	draw.Draw(c.img, to, scaled, to.Min, draw.Over)
}

// encode returns the image as PNG.
func (c *rasterCanvas) encode() []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, indexed(c.img)); err != nil {
		panic(err) // to memory, of a size that check let pass: it cannot fail
	}
	return b.Bytes()
}

// indexed returns an opaque image in its 64 most frequent colours, which are those
// of the figure; other colours, at the edges of letters and lines, become the
// nearest of them. With one byte for a dot in place of four, compression takes a
// quarter of the time.
func indexed(img *image.RGBA) *image.Paletted {
	counts := make(map[uint32]int)
	pixels := make([]uint32, len(img.Pix)/4)
	run := 0 // neighbours are mostly alike
	for i := range pixels {
		p := img.Pix[4*i : 4*i+3 : 4*i+3]
		pixels[i] = uint32(p[0])<<16 | uint32(p[1])<<8 | uint32(p[2])
		if i > 0 && pixels[i] != pixels[i-1] {
			counts[pixels[i-1]] += run
			run = 0
		}
		run++
	}
	counts[pixels[len(pixels)-1]] += run

	colors := slices.SortedFunc(maps.Keys(counts), func(a, b uint32) int {
		return cmp.Or(counts[b]-counts[a], cmp.Compare(a, b))
	})
	used := colors[:min(64, len(colors))]
	index := make(map[uint32]uint8, len(colors))
	for i, c := range used {
		index[c] = uint8(i)
	}
	for _, c := range colors[len(used):] {
		best := math.MaxInt
		for i, u := range used {
			if d := apart(c, u); d < best {
				best, index[c] = d, uint8(i)
			}
		}
	}

	out := image.NewPaletted(img.Rect, nil)
	for _, c := range used {
		out.Palette = append(out.Palette, color.RGBA{uint8(c >> 16), uint8(c >> 8), uint8(c), 0xff})
	}
	var at uint8
	for i, c := range pixels {
		if i == 0 || c != pixels[i-1] {
			at = index[c]
		}
		out.Pix[i] = at
	}
	return out
}

// apart returns the square of the distance between two colours.
func apart(a, b uint32) int {
	sum := 0
	for shift := 0; shift <= 16; shift += 8 {
		d := int(a>>shift&0xff) - int(b>>shift&0xff)
		sum += d * d
	}
	return sum
}
