package plots

import (
	"image"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
)

// brush is the state of a vg.Canvas, common to svgCanvas and rasterCanvas.
//
// The current transformation applies to everything, the width and the dashes of a
// line too, as in SVG and PDF. (gonum's vgsvg does the same; its vgimg transforms
// a path but not the width of its line.)
type brush struct {
	color  color.Color
	width  vg.Length
	dashes []vg.Length // an even number of them; nil for a solid line
	offset vg.Length   // where in the dashes a line begins
	m      [6]float64  // x' = m0 x + m1 y + m2, y' = m3 x + m4 y + m5
	stack  []brush
}

func newBrush() brush { return brush{color: color.Black, width: 1, m: [6]float64{1, 0, 0, 0, 1, 0}} }

func (p *brush) SetLineWidth(w vg.Length) { p.width = w }

// SetLineDash sets the dashes, as SVG understands them: an odd number of lengths
// goes twice. Lengths that make no pattern, such as zeros, leave the line solid.
func (p *brush) SetLineDash(pattern []vg.Length, offset vg.Length) {
	p.dashes, p.offset = nil, 0
	total := vg.Length(0)
	for _, d := range pattern {
		if !(d >= 0) {
			return
		}
		total += d
	}
	if total < 0.01 || math.IsInf(float64(total+offset), 0) || math.IsNaN(float64(offset)) {
		return
	}
	p.dashes = slices.Clone(pattern)
	if len(pattern)%2 == 1 {
		p.dashes = append(p.dashes, pattern...)
		total *= 2
	}
	p.offset = vg.Length(math.Mod(float64(offset), float64(total)))
	if p.offset < 0 {
		p.offset += total
	}
}

func (p *brush) SetColor(c color.Color) {
	if c == nil {
		c = color.Black
	}
	p.color = c
}

func (p *brush) Push() {
	stack := p.stack
	p.stack = nil
	top := *p
	p.stack = append(stack, top)
}

func (p *brush) Pop() {
	stack := p.stack
	*p = stack[len(stack)-1]
	p.stack = stack[:len(stack)-1]
}

func (p *brush) Rotate(a float64) {
	sin, cos := math.Sincos(a)
	p.transform([6]float64{cos, -sin, 0, sin, cos, 0})
}

func (p *brush) Translate(pt vg.Point) {
	p.transform([6]float64{1, 0, float64(pt.X), 0, 1, float64(pt.Y)})
}

func (p *brush) Scale(x, y float64) { p.transform([6]float64{x, 0, 0, 0, y, 0}) }

func (p *brush) transform(t [6]float64) {
	m := p.m
	p.m = [6]float64{
		m[0]*t[0] + m[1]*t[3], m[0]*t[1] + m[1]*t[4], m[0]*t[2] + m[1]*t[5] + m[2],
		m[3]*t[0] + m[4]*t[3], m[3]*t[1] + m[4]*t[4], m[3]*t[2] + m[4]*t[5] + m[5],
	}
}

// apply returns where a point is on the canvas, y upwards.
func (p *brush) apply(x, y float64) (float64, float64) {
	m := &p.m
	x, y = math.Max(-1e9, math.Min(1e9, x)), math.Max(-1e9, math.Min(1e9, y)) // infinity times zero is NaN
	return m[0]*x + m[1]*y + m[2], m[3]*x + m[4]*y + m[5]
}

// scale returns the factor by which the transformation scales lengths; where it is
// not even, the geometric mean of the factors.
func (p *brush) scale() float64 { return math.Sqrt(math.Abs(p.determinant())) }

// determinant returns the determinant of the transformation, negative for a mirror.
func (p *brush) determinant() float64 { return p.m[0]*p.m[4] - p.m[1]*p.m[3] }

// flat reports whether nothing can be drawn: the transformation is singular, or its
// numbers are too large.
func (p *brush) flat() bool {
	for _, v := range p.m {
		if !(math.Abs(v) <= 1e9) {
			return true
		}
	}
	return p.determinant() == 0
}

// holds reports whether an image in a rectangle can be drawn.
func (p *brush) holds(rect vg.Rectangle, img image.Image) bool {
	size := rect.Size()
	return !p.flat() && !img.Bounds().Empty() && size.X > 0 && size.Y > 0 && size.X <= 1e9 && size.Y <= 1e9
}

// lineWidth returns the width of a line on the canvas, 0 if none shows.
func (p *brush) lineWidth() float64 {
	if !(p.width > 0) || p.flat() {
		return 0
	}
	return min(float64(p.width)*p.scale(), farthest)
}

// farthest is the largest coordinate drawn; larger ones become it, and stay outside.
const farthest = 1 << 15

// even reports whether the transformation scales all directions alike, so that
// circles stay circles.
func (p *brush) even() bool {
	m := &p.m
	tolerance := 1e-9 * math.Abs(p.determinant())
	return math.Abs(m[0]*m[1]+m[3]*m[4]) <= tolerance && math.Abs(m[0]*m[0]+m[3]*m[3]-m[1]*m[1]-m[4]*m[4]) <= tolerance
}

// split factors a transformation into rest · scale. The brush keeps the scale,
// which is even; the caller applies rest to the outline of what is drawn, so that
// the width of a line follows an uneven transformation too.
func (p *brush) split() (rest [6]float64) {
	s := p.scale()
	rest = [6]float64{p.m[0] / s, p.m[1] / s, p.m[2], p.m[3] / s, p.m[4] / s, p.m[5]}
	p.m = [6]float64{s, 0, 0, 0, s, 0}
	return rest
}

// shape returns a path in a normal form: each piece begins with a move, each arc
// at the current point, and no arc goes round more than twice. It is nil if
// nothing can be drawn, or if a coordinate is NaN.
func (p *brush) shape(path vg.Path) vg.Path {
	if p.flat() {
		return nil
	}
	out := make(vg.Path, 0, len(path)+1)
	begun := false
	var start vg.Point // of the piece
	for _, comp := range path {
		first, sum := comp.Pos, comp.Pos.X+comp.Pos.Y
		switch comp.Type {
		case vg.ArcComp:
			sum += 0 * (sum + comp.Radius + vg.Length(comp.Start+comp.Angle)) // NaN of infinity too
			if math.Abs(comp.Angle) > 4*math.Pi {
				comp.Angle = math.Mod(comp.Angle, 2*math.Pi) + math.Copysign(2*math.Pi, comp.Angle)
			}
			first = arcPoint(comp, 0)
		case vg.CurveComp:
			first = comp.Control[0]
			for _, q := range comp.Control {
				sum += q.X + q.Y
			}
		case vg.CloseComp:
			if begun {
				out = append(out, comp)
			}
			begun = false
			continue
		}
		if math.IsNaN(float64(sum)) {
			return nil
		}
		switch {
		case comp.Type == vg.MoveComp:
			start = first
		case !begun && len(out) > 0: // after a piece was closed
			out.Move(start)
		case !begun:
			start = first
			out.Move(start)
		}
		if begun = true; comp.Type == vg.ArcComp {
			out.Line(first)
		}
		out = append(out, comp)
	}
	return out
}

// arcPoint returns the point at a part of an arc, 0 at its start and 1 at its end.
func arcPoint(a vg.PathComp, part float64) vg.Point {
	sin, cos := math.Sincos(a.Start + part*a.Angle)
	return vg.Point{X: a.Pos.X + a.Radius*vg.Length(cos), Y: a.Pos.Y + a.Radius*vg.Length(sin)}
}

// A polyline is a piece of a path, its curves as short lines.
type polyline struct {
	points [][2]float64
	closed bool
}

// slanting reports whether the piece is not a rectangle with horizontal and
// vertical edges.
func (p polyline) slanting() bool {
	for k, q := range p.points {
		next := p.points[(k+1)%len(p.points)]
		if len(p.points) != 4 || (q[0] == next[0]) == (q[1] == next[1]) {
			return true
		}
	}
	return false
}

// turning reports whether the pieces turn to the left and whether they turn to the
// right at any of their points. Where they do not do both, none can be a hole in
// another.
func turning(pieces ...polyline) (left, right bool) {
	for _, p := range pieces {
		n := len(p.points)
		for i, a := range p.points {
			b, c := p.points[(i+1)%n], p.points[(i+2)%n]
			x, y := (b[0]-a[0])*(c[1]-b[1]), (b[1]-a[1])*(c[0]-b[0])
			straight := 1e-9 * (math.Abs(x) + math.Abs(y))
			left, right = left || x-y > straight, right || y-x > straight
		}
	}
	return left, right
}
