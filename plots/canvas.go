package plots

import (
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"
)

// brush is the state that a vg.Canvas keeps: both of ours have it.
type brush struct {
	color  color.Color
	width  vg.Length
	dashes []vg.Length
	m      [6]float64 // x' = m0 x + m1 y + m2, y' = m3 x + m4 y + m5
	stack  []brush
}

func newBrush() brush { return brush{color: color.Black, width: 1, m: [6]float64{1, 0, 0, 0, 1, 0}} }

func (p *brush) SetLineWidth(w vg.Length)                { p.width = w }
func (p *brush) SetLineDash(ds []vg.Length, _ vg.Length) { p.dashes = ds }

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

// apply returns where a point lies on the canvas, y upwards.
func (p *brush) apply(x, y float64) (float64, float64) {
	m := &p.m
	return m[0]*x + m[1]*y + m[2], m[3]*x + m[4]*y + m[5]
}

// scale returns by how much lengths grow.
func (p *brush) scale() float64 {
	return math.Sqrt(math.Abs(p.m[0]*p.m[4] - p.m[1]*p.m[3]))
}
