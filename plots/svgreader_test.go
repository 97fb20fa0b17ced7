package plots

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"maps"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	stdfont "golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgimg"
)

// A reader draws an SVG document on gonum's vgimg: of SVG 1.1 it knows what gonum's
// vgsvg and this package write. It hands vgimg nothing but areas to fill, on a canvas
// without a transformation; transformations, strokes and dashes are done here, in
// the order of the specification: the outline of a stroke first, then the
// transformation.
type reader struct {
	t  *testing.T
	to *vgimg.Canvas
	h  float64
}

// A node is an element on the way to the one that is read.
type node struct {
	attr map[string]string // with those that it inherits
	m    [6]float64        // x' = m0 x + m1 y + m2, y' = m3 x + m4 y + m5, y downwards
}

// readSVG returns what the document shows, with two dots to the point.
func readSVG(t *testing.T, svg []byte, w, h vg.Length) image.Image {
	t.Helper()
	r := &reader{t, vgimg.NewWith(vgimg.UseWH(w, h), vgimg.UseDPI(144)), float64(h)}
	d := xml.NewDecoder(bytes.NewReader(svg))
	path := []node{{map[string]string{"fill": "#000", "font-size": "16", "stroke-width": "1"}, [6]float64{1, 0, 0, 0, 1, 0}}}
	var line *textLine
	for {
		token, err := d.Token()
		if err == io.EOF {
			return r.to.Image()
		}
		if err != nil {
			t.Fatal(err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			n := path[len(path)-1].child(t, e)
			path = append(path, n)
			switch e.Name.Local {
			case "path":
				r.path(n)
			case "image":
				r.image(n)
			case "text":
				line = &textLine{node: n, x: num(n.attr["x"]), y: num(n.attr["y"])}
			case "tspan":
				line.y += num(n.attr["dy"])
			}
		case xml.CharData:
			if line != nil {
				line.add(path[len(path)-1], string(e))
			}
		case xml.EndElement:
			if e.Name.Local == "text" {
				r.text(line)
				line = nil
			}
			path = path[:len(path)-1]
		}
	}
}

// child returns the node of an element: its attributes, those in its style, and
// what it inherits.
func (n node) child(t *testing.T, e xml.StartElement) node {
	c := node{maps.Clone(n.attr), n.m}
	for _, own := range []string{"d", "x", "y", "dy", "transform"} {
		delete(c.attr, own)
	}
	for _, a := range e.Attr {
		c.attr[a.Name.Local] = a.Value
		if a.Name.Local == "style" {
			for _, s := range strings.Split(a.Value, ";") {
				name, value, _ := strings.Cut(s, ":")
				c.attr[strings.TrimSpace(name)] = strings.TrimSpace(value)
			}
		}
	}
	for _, f := range regexp.MustCompile(`(\w+)\(([^)]*)\)`).FindAllStringSubmatch(c.attr["transform"], -1) {
		v := numbers(f[2])
		m := [6]float64{1, 0, 0, 0, 1, 0}
		switch f[1] {
		case "translate":
			m[2], m[5] = v[0], v[1]
		case "scale":
			m[0], m[4] = v[0], v[1]
		case "rotate":
			sin, cos := math.Sincos(v[0] * math.Pi / 180)
			m = [6]float64{cos, -sin, 0, sin, cos, 0}
		case "matrix":
			m = [6]float64{v[0], v[2], v[4], v[1], v[3], v[5]}
		default:
			t.Fatalf("the reader does not know %s", f[0])
		}
		c.m = times(c.m, m)
	}
	return c
}

func times(m, t [6]float64) [6]float64 {
	return [6]float64{
		m[0]*t[0] + m[1]*t[3], m[0]*t[1] + m[1]*t[4], m[0]*t[2] + m[1]*t[5] + m[2],
		m[3]*t[0] + m[4]*t[3], m[3]*t[1] + m[4]*t[4], m[3]*t[2] + m[4]*t[5] + m[5],
	}
}

type point = [2]float64

// at returns where a point of the node is on the canvas.
func (r *reader) at(n node, p point) vg.Point {
	return vg.Point{
		X: vg.Length(n.m[0]*p[0] + n.m[1]*p[1] + n.m[2]),
		Y: vg.Length(r.h - (n.m[3]*p[0] + n.m[4]*p[1] + n.m[5])),
	}
}

var aNumber = regexp.MustCompile(`[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?`)

func numbers(s string) []float64 {
	var out []float64
	for _, f := range aNumber.FindAllString(s, -1) {
		out = append(out, num(f))
	}
	return out
}

func num(s string) float64 {
	v, _ := strconv.ParseFloat(strings.TrimSuffix(s, "px"), 64)
	return v
}

// paint sets the colour of a property, and reports whether it has one.
func (r *reader) paint(n node, property string) bool {
	value := n.attr[property]
	if value == "currentColor" {
		value = n.attr["color"]
	}
	if value == "none" || value == "" {
		return false
	}
	hex := strings.TrimPrefix(value, "#")
	if len(hex) == 3 {
		hex = strings.Join([]string{hex[:1], hex[:1], hex[1:2], hex[1:2], hex[2:], hex[2:]}, "")
	}
	v, err := strconv.ParseUint(hex, 16, 32)
	if err != nil {
		r.t.Fatalf("the reader does not know the colour %s", value)
	}
	opacity := 1.0
	if o := n.attr[property+"-opacity"]; o != "" {
		opacity = num(o)
	}
	r.to.SetColor(color.NRGBA{uint8(v >> 16), uint8(v >> 8), uint8(v), uint8(math.Round(255 * opacity))})
	return true
}

// A contour is a piece of a path as short lines.
type contour struct {
	points []point
	closed bool
}

func (r *reader) path(n node) {
	contours := r.contours(n.attr["d"])
	if r.paint(n, "fill") {
		var p vg.Path
		for _, c := range contours {
			p = append(p, r.polygon(n, c.points)...)
		}
		r.to.Fill(p)
	}
	if r.paint(n, "stroke") && num(n.attr["stroke-width"]) > 0 {
		var p vg.Path
		for _, c := range contours {
			if c.closed {
				c.points = append(c.points, c.points[0])
			}
			for _, d := range dashesOf(n, c) {
				p = append(p, r.stroke(n, d)...)
			}
		}
		r.to.Fill(p)
	}
}

func (r *reader) polygon(n node, points []point) vg.Path {
	var p vg.Path
	for i, q := range points {
		if i == 0 {
			p.Move(r.at(n, q))
		} else {
			p.Line(r.at(n, q))
		}
	}
	p.Close()
	return p
}

// contours reads the data of a path.
func (r *reader) contours(d string) []contour {
	var out []contour
	var pen, start point
	curve := func(ctl ...point) { // Bernstein's form, not de Casteljau's, which raster.go has
		a := pen
		for i := 1.0; i <= 40; i++ {
			t := i / 40
			s := 1 - t
			weights := []float64{s * s, 2 * s * t, t * t}
			if len(ctl) == 3 {
				weights = []float64{s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t}
			}
			pen = point{weights[0] * a[0], weights[0] * a[1]}
			for k, c := range ctl {
				pen[0] += weights[k+1] * c[0]
				pen[1] += weights[k+1] * c[1]
			}
			out[len(out)-1].points = append(out[len(out)-1].points, pen)
		}
	}
	line := func(p point) {
		if out[len(out)-1].closed {
			out = append(out, contour{points: []point{pen}})
		}
		pen = p
		out[len(out)-1].points = append(out[len(out)-1].points, pen)
	}
	for _, f := range regexp.MustCompile(`([a-zA-Z])([^a-zA-Z]*(?:e[-+]?\d[^a-zA-Z]*)*)`).FindAllStringSubmatch(d, -1) {
		v := numbers(f[2])
		var base point
		if f[1] == strings.ToLower(f[1]) {
			base = pen
		}
		p := func(i int) point { return point{base[0] + v[i], base[1] + v[i+1]} }
		switch strings.ToUpper(f[1]) {
		case "M":
			pen = p(0)
			start = pen
			out = append(out, contour{points: []point{pen}})
		case "L":
			line(p(0))
		case "H":
			line(point{base[0] + v[0], pen[1]})
		case "V":
			line(point{pen[0], base[1] + v[0]})
		case "Q":
			curve(p(0), p(2))
		case "C":
			curve(p(0), p(2), p(4))
		case "A":
			for _, q := range arcPoints(pen, p(5), v[0], v[3] != 0, v[4] != 0) {
				line(q)
			}
		case "Z":
			out[len(out)-1].closed = true
			pen = start
		default:
			r.t.Fatalf("the reader does not know the command %s", f[1])
		}
	}
	return out
}

// arcPoints returns points of a circular arc (SVG 1.1, F.6.5).
func arcPoints(a, b point, radius float64, large, sweep bool) []point {
	dx, dy := b[0]-a[0], b[1]-a[1]
	d := math.Hypot(dx, dy)
	if d == 0 || radius == 0 {
		return []point{b}
	}
	radius = math.Max(radius, d/2)
	off := math.Sqrt(radius*radius - d*d/4)
	if large == sweep {
		off = -off
	}
	center := point{(a[0]+b[0])/2 - off*dy/d, (a[1]+b[1])/2 + off*dx/d}
	from, to := math.Atan2(a[1]-center[1], a[0]-center[0]), math.Atan2(b[1]-center[1], b[0]-center[0])
	if sweep && to < from {
		to += 2 * math.Pi
	} else if !sweep && to > from {
		to -= 2 * math.Pi
	}
	var out []point
	for i := 1.0; i < 60; i++ {
		sin, cos := math.Sincos(from + (to-from)*i/60)
		out = append(out, point{center[0] + radius*cos, center[1] + radius*sin})
	}
	return append(out, b)
}

// dashesOf cuts a contour into its dashes.
func dashesOf(n node, c contour) []contour {
	pattern := numbers(n.attr["stroke-dasharray"])
	total := 0.0
	for _, d := range pattern {
		total += d
	}
	if total == 0 {
		return []contour{c}
	}
	if len(pattern)%2 == 1 {
		pattern = append(pattern, pattern...)
		total *= 2
	}
	on := func(s float64) bool { // whether the line is drawn at this length
		s = math.Mod(s+num(n.attr["stroke-dashoffset"]), total)
		if s < 0 {
			s += total
		}
		for i, d := range pattern {
			if s -= d; s < 0 {
				return i%2 == 0
			}
		}
		return true
	}
	// In steps of a fiftieth of a point.
	const step = 0.02
	var out []contour
	var piece []point
	s := 0.0
	for i := 1; i < len(c.points); i++ {
		a, b := c.points[i-1], c.points[i]
		d := math.Hypot(b[0]-a[0], b[1]-a[1])
		for k := 0.0; k < d; k += step {
			if on(s + k) {
				piece = append(piece, point{a[0] + (b[0]-a[0])*k/d, a[1] + (b[1]-a[1])*k/d})
			} else if piece != nil {
				out = append(out, contour{points: thin(piece, 1e-9)})
				piece = nil
			}
		}
		s += d
	}
	if piece != nil {
		out = append(out, contour{points: thin(piece, 1e-9)})
	}
	return out
}

// stroke returns the outline of a line: a rectangle for each piece, and for each
// joint a sector, or the tip of a mitre.
func (r *reader) stroke(n node, c contour) vg.Path {
	half := num(n.attr["stroke-width"]) / 2
	var out vg.Path
	add := func(points ...point) {
		area := 0.0
		for i, p := range points {
			q := points[(i+1)%len(points)]
			area += p[0]*q[1] - q[0]*p[1]
		}
		if area < 0 { // all turn alike, so that none is a hole in another
			for i, j := 0, len(points)-1; i < j; i, j = i+1, j-1 {
				points[i], points[j] = points[j], points[i]
			}
		}
		out = append(out, r.polygon(n, points)...)
	}
	var before point // direction of the piece before
	join := func(p, dir point) {
		turn := math.Atan2(before[0]*dir[1]-before[1]*dir[0], before[0]*dir[0]+before[1]*dir[1])
		side := -math.Copysign(half, turn) // the outer one
		corner := []point{p}
		if n.attr["stroke-linejoin"] == "round" {
			for i := range 9 {
				sin, cos := math.Sincos(turn * float64(i) / 8)
				x, y := -before[1]*cos-before[0]*sin, before[0]*cos-before[1]*sin
				corner = append(corner, point{p[0] + side*x, p[1] + side*y})
			}
		} else {
			corner = append(corner, point{p[0] - side*before[1], p[1] + side*before[0]})
			if cos := math.Cos(turn / 2); cos > 0.25 { // the mitre limit of 4
				x, y := -before[1]-dir[1], before[0]+dir[0]
				corner = append(corner, point{p[0] + side*x/(2*cos*cos), p[1] + side*y/(2*cos*cos)})
			}
			corner = append(corner, point{p[0] - side*dir[1], p[1] + side*dir[0]})
		}
		add(corner...)
	}
	var first point
	for i := 1; i < len(c.points); i++ {
		a, b := c.points[i-1], c.points[i]
		d := math.Hypot(b[0]-a[0], b[1]-a[1])
		if d == 0 {
			continue
		}
		dir := point{(b[0] - a[0]) / d, (b[1] - a[1]) / d}
		x, y := -dir[1]*half, dir[0]*half
		add(point{a[0] + x, a[1] + y}, point{b[0] + x, b[1] + y}, point{b[0] - x, b[1] - y}, point{a[0] - x, a[1] - y})
		if before != (point{}) {
			join(a, dir)
		} else {
			first = dir
		}
		before = dir
	}
	if c.closed && before != (point{}) {
		join(c.points[0], first)
	}
	return out
}

func (r *reader) image(n node) {
	_, data, _ := strings.Cut(n.attr["href"], "base64,")
	raw, err := base64.StdEncoding.DecodeString(data)
	if err != nil {
		r.t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		r.t.Fatal(err)
	}
	x, y, w, h := num(n.attr["x"]), num(n.attr["y"]), num(n.attr["width"]), num(n.attr["height"])
	// Each dot has the colour of the pixel under its middle.
	size, dots := img.Bounds().Size(), r.to.Image()
	det := n.m[0]*n.m[4] - n.m[1]*n.m[3]
	for j := range dots.Bounds().Dy() {
		for i := range dots.Bounds().Dx() {
			dx, dy := (float64(i)+0.5)/2-n.m[2], (float64(j)+0.5)/2-n.m[5]
			u := ((n.m[4]*dx-n.m[1]*dy)/det - x) / w
			v := ((n.m[0]*dy-n.m[3]*dx)/det - y) / h
			if u >= 0 && u < 1 && v >= 0 && v < 1 {
				pixel := image.NewUniform(img.At(int(u*float64(size.X)), int(v*float64(size.Y))))
				draw.Draw(dots, image.Rect(i, j, i+1, j+1), pixel, image.Point{}, draw.Over)
			}
		}
	}
}

// A textLine is a line of letters, each piece in one style.
type textLine struct {
	node
	x, y   float64
	pieces []textPiece
	width  float64
}

type textPiece struct {
	text string
	x, y float64 // from the beginning of the line
	face font.Face
}

func (l *textLine) add(n node, s string) {
	f := font.Font{Typeface: "Liberation", Variant: "Sans", Size: vg.Length(num(n.attr["font-size"]))}
	for _, v := range []font.Variant{"Serif", "Mono"} {
		if strings.HasPrefix(n.attr["font-family"], "Liberation "+string(v)) {
			f.Variant = v
		}
	}
	if n.attr["font-weight"] == "bold" {
		f.Weight = stdfont.WeightBold
	}
	if n.attr["font-style"] == "italic" {
		f.Style = stdfont.StyleItalic
	}
	face := font.DefaultCache.Lookup(f, f.Size)
	l.pieces = append(l.pieces, textPiece{s, l.width, l.y, face})
	l.width += float64(face.Width(s))
}

// text fills the outlines of the letters.
func (r *reader) text(l *textLine) {
	if !r.paint(l.node, "fill") {
		return
	}
	left := l.x + map[string]float64{"middle": -l.width / 2, "end": -l.width}[l.attr["text-anchor"]]
	for _, p := range l.pieces {
		var buf sfnt.Buffer
		upem := fixed.Int26_6(p.face.Face.UnitsPerEm())
		unit := float64(p.face.Font.Size) / float64(upem)
		x := left + p.x
		var prev sfnt.GlyphIndex
		for i, letter := range p.text {
			g, _ := p.face.Face.GlyphIndex(&buf, letter)
			if kern, err := p.face.Face.Kern(&buf, prev, g, upem, 0); i > 0 && err == nil {
				x += float64(kern) * unit
			}
			prev = g
			segments, err := p.face.Face.LoadGlyph(&buf, g, upem, nil)
			if err != nil {
				r.t.Fatal(err)
			}
			at := func(q fixed.Point26_6) vg.Point {
				return r.at(l.node, point{x + float64(q.X)*unit, p.y + float64(q.Y)*unit})
			}
			var path vg.Path
			for _, s := range segments {
				switch s.Op {
				case sfnt.SegmentOpMoveTo:
					path.Move(at(s.Args[0]))
				case sfnt.SegmentOpLineTo:
					path.Line(at(s.Args[0]))
				case sfnt.SegmentOpQuadTo:
					path.QuadTo(at(s.Args[0]), at(s.Args[1]))
				case sfnt.SegmentOpCubeTo:
					path.CubeTo(at(s.Args[0]), at(s.Args[1]), at(s.Args[2]))
				}
			}
			r.to.Fill(path)
			advance, _ := p.face.Face.GlyphAdvance(&buf, g, upem, 0)
			x += float64(advance) * unit
		}
	}
}
