package main

import (
	"fmt"
	"html"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// A Drawing is an SVG document as a tree of marks, which a page's script compares
// with the one before: a drag changes only the elements that differ, and those that
// stay can be animated.
//
// That is why package plots does not draw these figures. Its SVG joins neighbours
// of one look into one path, in text that a page could only parse anew, and it lays
// out labels by the widths of a font that comes with it. With it, the module is
// 13.3 MB rather than 4.1 (3.8 rather than 1.0 as brotli), and a drawing of the
// gradient's decay takes 8.6 ms in WebAssembly rather than 0.5. The classes of colours are
// plots' own.
type Drawing struct {
	Label  string  `json:"label"` // what is drawn
	Width  float64 `json:"width"`
	Height float64 `json:"height"`
	Marks  []Mark  `json:"marks"`
	// Where on the x axis a pointer picks the value of a slider.
	Pick *Pick `json:"pick,omitempty"`
}

// A Pick ties places on the drawing to a slider: its value v is at From + v·By.
type Pick struct {
	Control string  `json:"control"`
	From    float64 `json:"from"`
	By      float64 `json:"by"`
}

// A Mark is an SVG element: the page's script and [Drawing.SVG] draw it the same.
type Mark struct {
	Tag  string            `json:"tag"`
	Attr map[string]string `json:"attr"`
	Text string            `json:"text,omitempty"`
	In   []Mark            `json:"in,omitempty"`
}

// wide says whether a drawing of this width has room for parts beside each other.
func wide(width float64) bool { return width >= 560 }

func (d *Drawing) add(marks ...Mark) { d.Marks = append(d.Marks, marks...) }

// SVG returns the drawing as it is in a page before its first touch.
func (d Drawing) SVG(class string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="unroll-figure %s" role="img" aria-label="%s" viewBox="0 0 %s %s" width="%s" height="%s">`,
		class, html.EscapeString(d.Label), num(d.Width), num(d.Height), num(d.Width), num(d.Height))
	for _, m := range d.Marks {
		m.write(&b)
	}
	b.WriteString("</svg>")
	return b.String()
}

func (m Mark) write(b *strings.Builder) {
	b.WriteString("<" + m.Tag)
	for _, name := range slices.Sorted(maps.Keys(m.Attr)) {
		fmt.Fprintf(b, ` %s="%s"`, name, html.EscapeString(m.Attr[name]))
	}
	b.WriteString(">" + html.EscapeString(m.Text))
	for _, in := range m.In {
		in.write(b)
	}
	b.WriteString("</" + m.Tag + ">")
}

// num writes a coordinate, to a hundredth of a pixel.
func num(v float64) string { return strconv.FormatFloat(math.Round(v*100)/100, 'f', -1, 64) }

func attrs(class string, pairs ...any) map[string]string {
	a := map[string]string{"class": class}
	for i := 0; i < len(pairs); i += 2 {
		switch v := pairs[i+1].(type) {
		case float64:
			a[pairs[i].(string)] = num(v)
		default:
			a[pairs[i].(string)] = fmt.Sprint(v)
		}
	}
	return a
}

func line(class string, x1, y1, x2, y2 float64) Mark {
	return Mark{Tag: "line", Attr: attrs(class, "x1", x1, "y1", y1, "x2", x2, "y2", y2)}
}

// text has its base line at y; class has "mid" or "end" for another
// place of x than its beginning.
func text(class string, x, y float64, s string) Mark {
	return Mark{Tag: "text", Attr: attrs(class, "x", x, "y", y), Text: s}
}

func rect(class string, x, y, w, h float64) Mark {
	return Mark{Tag: "rect", Attr: attrs(class, "x", x, "y", y, "width", max(w, 0), "height", max(h, 0))}
}

// bar is a rect from one height to another, whichever is above.
func bar(class string, x, w, from, to float64) Mark {
	return rect(class, x, min(from, to), w, math.Abs(from-to))
}

func circle(class string, x, y, r float64) Mark {
	return Mark{Tag: "circle", Attr: attrs(class, "cx", x, "cy", y, "r", r)}
}

// path joins points; where one is not a number it begins anew.
func path(class string, points [][2]float64) Mark {
	var b strings.Builder
	next := "M"
	for _, p := range points {
		if math.IsNaN(p[0] + p[1]) {
			next = "M"
			continue
		}
		b.WriteString(next + num(p[0]) + " " + num(p[1]))
		next = "L"
	}
	return Mark{Tag: "path", Attr: attrs(class, "d", b.String())}
}

func group(class string, in ...Mark) Mark {
	return Mark{Tag: "g", Attr: attrs(class), In: in}
}

// at puts a group to a place, from which the page animates it to the next.
func (m Mark) at(x, y float64) Mark {
	m.Attr["style"] = "transform:translate(" + num(x) + "px," + num(y) + "px)"
	return m
}
