package plots

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"hash/fnv"
	"image"
	"image/color"
	"image/png"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	stdfont "golang.org/x/image/font"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// svgFonts begins with the font that the layout is measured in and the two that
// have its widths; those after it have Hangul.
const svgFonts = "Liberation Sans,Arial,Helvetica,Noto Sans KR,Noto Sans CJK KR,Apple SD Gothic Neo,Malgun Gothic,sans-serif"

// svgFamily returns the names by which a browser finds a font like f: gonum's own
// plotters write in Liberation Serif unless they are told otherwise.
func svgFamily(f font.Font) string {
	switch f.Variant {
	case "Serif":
		return "Liberation Serif,Times New Roman,serif"
	case "Mono":
		return "Liberation Mono,Courier New,monospace"
	}
	return svgFonts
}

// svgCanvas writes an SVG document: one point is one pixel, positions have one
// decimal, neighbours of the same look are one element, text stays text.
//
// It is here in place of gonum's vgsvg because of what a page needs and vgsvg does
// not write: a title and a description for screen readers, a class beside each
// colour of the figure's own, so that a page can give it another, subscripts and
// anchors of text, which hold in the font that the browser has. It takes about as
// long, and the document has two fifths to four fifths of the bytes (BenchmarkSVG).
type svgCanvas struct {
	brush
	w, h  vg.Length
	body  bytes.Buffer
	group string                     // the tag and attributes of the open element, "" when none is
	cells bool                       // whether it is in a group of cells
	turns struct{ left, right bool } // of what the open path fills
	x, y  int                        // where the pen of the open path is
}

var (
	_ vg.CanvasSizer = (*svgCanvas)(nil)
	_ lineSetter     = (*svgCanvas)(nil)
)

func newSVG(w, h vg.Length) *svgCanvas { return &svgCanvas{brush: newBrush(), w: w, h: h} }

func (c *svgCanvas) Size() (w, h vg.Length) { return c.w, c.h }

// at returns where a point is on the page, y downwards.
func (c *svgCanvas) at(p vg.Point) (x, y float64) {
	x, y = c.apply(float64(p.X), float64(p.Y))
	return x, float64(c.h) - y
}

// open begins an element with these attributes, or continues the open one if
// it has the same. Where cells meet, no seam shows.
func (c *svgCanvas) open(tag, attributes string, cells bool) {
	want := tag + attributes
	if c.group == want && c.cells == cells {
		return
	}
	c.close()
	if cells && !c.cells {
		c.body.WriteString("<g shape-rendering=\"crispEdges\">\n")
	} else if c.cells && !cells {
		c.body.WriteString("</g>\n")
	}
	c.group, c.cells = want, cells
	c.turns.left, c.turns.right = false, false
	c.body.WriteString("<" + want)
	if tag == "path" {
		c.body.WriteString(` d="`)
	} else {
		c.body.WriteString(">")
	}
}

func (c *svgCanvas) close() {
	switch {
	case strings.HasPrefix(c.group, "path"):
		c.body.WriteString("\"/>\n")
	case c.group != "":
		c.body.WriteString("</g>\n")
	}
	c.group = ""
}

// paint returns the attributes for a colour as a fill or a stroke.
func (c *svgCanvas) paint(property string) string {
	r, g, b, a := c.color.RGBA()
	attr, opacity := "", ""
	hex := func(v uint32) uint32 {
		if a == 0 {
			return 0
		}
		return (v*0xff + a/2) / a
	}
	if a != 0xffff {
		opacity = fmt.Sprintf(` %s-opacity="%s"`, property, short(float64(a)/0xffff, 2))
	}
	solid := color.RGBA{uint8(hex(r)), uint8(hex(g)), uint8(hex(b)), 0xff}
	value := fmt.Sprintf("#%02x%02x%02x", solid.R, solid.G, solid.B)
	if value[1] == value[2] && value[3] == value[4] && value[5] == value[6] {
		value = "#" + value[1:2] + value[3:4] + value[5:6]
	}
	if name := class(solid); name != "" {
		attr = fmt.Sprintf(` class="%s" color="%s"`, name, value)
		value = "currentColor"
	}
	return attr + fmt.Sprintf(` %s="%s"`, property, value) + opacity
}

func (c *svgCanvas) Stroke(p vg.Path) {
	width := c.lineWidth()
	if width == 0 {
		return
	}
	attr := ` fill="none"` + c.paint("stroke")
	if w := short(max(width, 0.01), 2); w != "1" {
		attr += fmt.Sprintf(` stroke-width="%s"`, w)
	}
	if len(c.dashes) > 0 {
		ds := make([]string, len(c.dashes))
		for i, d := range c.dashes {
			ds[i] = short(c.scale()*float64(d), 1)
		}
		attr += ` stroke-dasharray="` + strings.Join(ds, " ") + `"`
		if c.offset != 0 {
			attr += fmt.Sprintf(` stroke-dashoffset="%s"`, short(c.scale()*float64(c.offset), 1))
		}
	}
	c.path(attr, p, false)
}

func (c *svgCanvas) Fill(p vg.Path) { c.path(c.paint("fill"), p, true) }

// uneven takes the uneven factor of the transformation from the brush and returns
// it as an attribute, "" for an even transformation. The caller restores c.m.
func (c *svgCanvas) uneven() string {
	if c.even() {
		return ""
	}
	return matrix(c.split(), float64(c.h))
}

// matrix returns the attribute that applies m on a page of height h, where y
// points down.
func matrix(m [6]float64, h float64) string {
	var b strings.Builder
	for _, v := range [6]float64{m[0], -m[3], -m[1], m[4], m[1]*h + m[2], h - m[4]*h - m[5]} {
		b.WriteString(" " + short(v, 4))
	}
	return ` transform="matrix(` + b.String()[1:] + `)"`
}

// path appends a path to the document. What is filled becomes one element with
// its neighbour only if none of it can be a hole in the other.
func (c *svgCanvas) path(attr string, p vg.Path, fill bool) {
	p = c.shape(p)
	if len(p) == 0 {
		return
	}
	defer func(m [6]float64) { c.m = m }(c.m)
	attr += c.uneven()
	// Translucent shapes that overlap must stay separate elements.
	if _, _, _, a := c.color.RGBA(); a != 0xffff {
		c.close()
	}
	cells, left, right := false, false, false
	if fill {
		pieces := c.outlines(p)
		left, right = turning(pieces...)
		if (left || c.turns.left) && (right || c.turns.right) {
			c.close()
		}
		// A box whose colour stands for a value is a cell.
		cells = !strings.Contains(attr, "class=") && !slices.ContainsFunc(pieces, func(p polyline) bool {
			left, right := turning(p)
			return p.slanting() && (left || right)
		})
	}
	c.open("path", attr, cells)
	c.turns.left, c.turns.right = c.turns.left || left, c.turns.right || right
	c.data(p)
}

// outlines returns points of the pieces of a path that turn as the pieces do.
func (c *svgCanvas) outlines(p vg.Path) []polyline {
	var pieces []polyline
	for _, comp := range p {
		var points []vg.Point
		switch comp.Type {
		case vg.MoveComp:
			pieces = append(pieces, polyline{})
			points = []vg.Point{comp.Pos}
		case vg.LineComp:
			points = []vg.Point{comp.Pos}
		case vg.ArcComp:
			for part := 1.0; part <= 8; part++ {
				points = append(points, arcPoint(comp, part/8))
			}
		case vg.CurveComp:
			points = append(slices.Clone(comp.Control), comp.Pos)
		}
		for _, q := range points {
			x, y := c.at(q)
			last := &pieces[len(pieces)-1]
			last.points = append(last.points, [2]float64{x, y})
		}
	}
	return pieces
}

// data appends the commands of a path.
func (c *svgCanvas) data(p vg.Path) {
	var (
		line  [][2]float64 // the straight pieces collected
		moved bool         // whether they begin with a move
		pen   [2]float64
	)
	flush := func() {
		c.polyline(line, moved)
		line, moved = line[:0], false
	}
	to := func(x, y float64) {
		if len(line) == 0 && !moved {
			line = append(line, pen)
		}
		pen = [2]float64{x, y}
		line = append(line, pen)
	}
	for _, comp := range p {
		switch comp.Type {
		case vg.MoveComp:
			flush()
			x, y := c.at(comp.Pos)
			pen, moved = [2]float64{x, y}, true
			line = append(line, pen)
		case vg.LineComp:
			to(c.at(comp.Pos))
		case vg.ArcComp:
			flush()
			c.arc(comp)
			x, y := c.at(arcPoint(comp, 1))
			pen = [2]float64{x, y}
		case vg.CurveComp:
			flush()
			c.body.WriteByte("QC"[len(comp.Control)-1])
			for j, q := range append(slices.Clone(comp.Control), comp.Pos) {
				x, y := c.at(q)
				c.number(tenths(x), j > 0)
				c.number(tenths(y), true)
				c.x, c.y = tenths(x), tenths(y)
				pen = [2]float64{x, y}
			}
		case vg.CloseComp:
			flush()
			c.body.WriteByte('z')
		}
	}
	flush()
}

// polyline appends lines to the points after the first, and to it a move if
// the line begins with one, without points that change nothing visible.
func (c *svgCanvas) polyline(pts [][2]float64, moved bool) {
	for i, p := range thin(pts, 0.07) {
		x, y := tenths(p[0]), tenths(p[1])
		switch {
		case i == 0 && moved:
			c.body.WriteByte('M')
			c.number(x, false)
			c.number(y, true)
		case i == 0, x == c.x && y == c.y:
			continue
		case y == c.y:
			c.body.WriteByte('h')
			c.number(x-c.x, false)
		case x == c.x:
			c.body.WriteByte('v')
			c.number(y-c.y, false)
		default:
			c.body.WriteByte('l')
			c.number(x-c.x, false)
			c.number(y-c.y, true)
		}
		c.x, c.y = x, y
	}
}

// number appends a number of tenths, after a space if a number comes before it and
// it has no minus sign.
func (c *svgCanvas) number(n int, part bool) {
	if n >= 0 && part {
		c.body.WriteByte(' ')
	}
	c.body.WriteString(short(float64(n)/10, 1))
}

// arc appends an arc from where the pen is, in two halves or, if it goes round
// more than once, in four: SVG has no arc that ends where it begins.
func (c *svgCanvas) arc(a vg.PathComp) {
	r := math.Min(math.Abs(float64(a.Radius))*c.scale(), farthest)
	sweep := 0 // on the page y points down, so a positive angle turns the other way
	if (a.Angle < 0) != (c.determinant() < 0) {
		sweep = 1
	}
	parts := 2.0
	if math.Abs(a.Angle) > 2*math.Pi*(1+1e-9) {
		parts = 4
	}
	for part := 1.0; part <= parts; part++ {
		px, py := c.at(arcPoint(a, part/parts))
		x, y := tenths(px), tenths(py)
		fmt.Fprintf(&c.body, "a%s %s 0 0 %d", short(r, 1), short(r, 1), sweep)
		c.number(x-c.x, true)
		c.number(y-c.y, true)
		c.x, c.y = x, y
	}
}

func (c *svgCanvas) FillString(f font.Face, pt vg.Point, s string) {
	c.setLine([]run{{s, 0}}, f.Font, pt, 0)
}

func (c *svgCanvas) setLine(line []run, f font.Font, pt vg.Point, anchor float64) {
	if c.flat() || f.Size == 0 || math.IsNaN(float64(pt.X+pt.Y)) {
		return
	}
	f.Size *= vg.Length(c.scale())
	attr := c.paint("fill") + fmt.Sprintf(` font-size="%s"`, short(float64(f.Size), 1))
	if family := svgFamily(f); family != svgFonts {
		attr += fmt.Sprintf(` font-family="%s"`, escape(family))
	}
	if f.Weight > 0 {
		attr += ` font-weight="bold"`
	}
	if f.Style != stdfont.StyleNormal {
		attr += ` font-style="italic"`
	}
	switch anchor {
	case 0.5:
		attr += ` text-anchor="middle"`
	case 1:
		attr += ` text-anchor="end"`
	}
	c.open("g", attr, false)
	px, py := c.at(pt)
	x, y := short(px, 1), short(py, 1)
	switch m, s := c.m, c.scale(); {
	case !c.even() || c.determinant() < 0:
		fmt.Fprintf(&c.body, `<text%s>`, matrix([6]float64{m[0] / s, m[1] / s, px, m[3] / s, m[4] / s, -py}, 0))
	case m[1] != 0 || m[3] != 0 || m[0] < 0:
		angle := -math.Atan2(m[3], m[0]) * 180 / math.Pi
		fmt.Fprintf(&c.body, `<text transform="translate(%s %s)rotate(%s)">`, x, y, short(angle, 1))
	default:
		fmt.Fprintf(&c.body, `<text x="%s" y="%s">`, x, y)
	}
	level := vg.Length(0)
	for _, r := range line {
		rise := r.rise(f.Size)
		if r.level == 0 && rise == level {
			c.body.WriteString(escape(r.text))
			continue
		}
		fmt.Fprintf(&c.body, `<tspan dy="%s"`, short(float64(level-rise), 1))
		if r.level != 0 {
			fmt.Fprintf(&c.body, ` font-size="%s"`, short(float64(r.size(f.Size)), 1))
		}
		c.body.WriteString(">" + escape(r.text) + "</tspan>")
		level = rise
	}
	c.body.WriteString("</text>\n")
}

// DrawImage embeds the image, as rasterCanvas draws it. No figure of this package
// has one, but a plotter that someone adds may.
func (c *svgCanvas) DrawImage(rect vg.Rectangle, img image.Image) {
	size := rect.Size()
	if !c.holds(rect, img) {
		return
	}
	var data bytes.Buffer
	if err := png.Encode(&data, img); err != nil {
		panic(err) // as gonum's vgsvg does: the method returns no error
	}
	defer func(m [6]float64) { c.m = m }(c.m)
	attr := ""
	if m := c.m; m[1] != 0 || m[3] != 0 || m[0] != m[4] || m[0] < 0 {
		attr = matrix(c.split(), float64(c.h))
	}
	c.open("g", "", false)
	x, y := c.at(vg.Point{X: rect.Min.X, Y: rect.Max.Y})
	fmt.Fprintf(&c.body, `<image x="%s" y="%s" width="%s" height="%s"%s preserveAspectRatio="none" image-rendering="pixelated" href="data:image/png;base64,%s"/>`+"\n",
		short(x, 1), short(y, 1), short(c.scale()*float64(size.X), 1), short(c.scale()*float64(size.Y), 1), attr,
		base64.StdEncoding.EncodeToString(data.Bytes()))
}

// document returns the drawing as an SVG document with its title and, as
// description, alt. The ids come from a hash of the content, so that several
// figures can be in one page.
func (c *svgCanvas) document(title, alt string) []byte {
	c.close()
	if c.cells {
		c.body.WriteString("</g>\n")
		c.cells = false
	}
	hash := fnv.New32a()
	hash.Write(c.body.Bytes())
	hash.Write([]byte(alt))
	id := fmt.Sprintf("fig-%08x", hash.Sum32())
	w, h := short(float64(c.w), 1), short(float64(c.h), 1)
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" class="unroll-figure" id="%s" role="img" aria-labelledby="%s-t %s-d" viewBox="0 0 %s %s" width="%s" height="%s" style="max-width:100%%;height:auto" font-family="%s" stroke-linejoin="round">`+"\n",
		id, id, id, w, h, w, h, svgFonts)
	fmt.Fprintf(&b, "<title id=\"%s-t\">%s</title>\n<desc id=\"%s-d\">%s</desc>\n", id, escape(title), id, escape(alt))
	b.Write(c.body.Bytes())
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// escape returns the text for XML; characters that XML does not allow become U+FFFD.
func escape(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '&':
			b.WriteString("&amp;")
		case r == '"':
			b.WriteString("&quot;")
		case r < ' ' && r != '\t' && r != '\n', r == 0xfffe, r == 0xffff:
			b.WriteRune(utf8.RuneError) // XML does not allow it
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// tenths rounds a coordinate to tenths of a point.
func tenths(v float64) int {
	return int(math.Round(10 * math.Max(-farthest, math.Min(farthest, v))))
}

// short formats a number with at most so many decimals and no trailing zeros.
func short(v float64, decimals int) string {
	s := strconv.FormatFloat(v, 'f', decimals, 64)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	switch {
	case s == "-0":
		return "0"
	case strings.HasPrefix(s, "0."):
		return s[1:]
	case strings.HasPrefix(s, "-0."):
		return "-" + s[2:]
	}
	return s
}

// thin leaves out points of a polyline that lie within tolerance of the line
// through those that stay (Ramer, Douglas and Peucker).
func thin(pts [][2]float64, tolerance float64) [][2]float64 {
	if len(pts) < 3 {
		return pts
	}
	keep := make([]bool, len(pts))
	keep[0], keep[len(pts)-1] = true, true
	for todo := [][2]int{{0, len(pts) - 1}}; len(todo) > 0; {
		from, to := todo[len(todo)-1][0], todo[len(todo)-1][1]
		todo = todo[:len(todo)-1]
		far, at := tolerance, -1
		for i := from + 1; i < to; i++ {
			if d := distance(pts[i], pts[from], pts[to]); d > far {
				far, at = d, i
			}
		}
		if at > 0 {
			keep[at] = true
			todo = append(todo, [2]int{from, at}, [2]int{at, to})
		}
	}
	out := pts[:0:0]
	for i, p := range pts {
		if keep[i] {
			out = append(out, p)
		}
	}
	return out
}

// distance returns how far p is from the segment between a and b.
func distance(p, a, b [2]float64) float64 {
	dx, dy := b[0]-a[0], b[1]-a[1]
	t := 0.0
	if n := dx*dx + dy*dy; n > 0 {
		t = math.Max(0, math.Min(1, ((p[0]-a[0])*dx+(p[1]-a[1])*dy)/n))
	}
	return math.Hypot(p[0]-a[0]-t*dx, p[1]-a[1]-t*dy)
}
