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

// A Mark is an SVG element: the page's script and [Answer.SVG] make the same
// of it.
type Mark struct {
	Tag  string            `json:"tag"`
	Attr map[string]string `json:"attr"`
	Text string            `json:"text,omitempty"`
	In   []Mark            `json:"in,omitempty"`
}

// SVG returns the drawing as it stands in a page before its first touch.
func (a Answer) SVG(class string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="unroll-figure %s" role="img" aria-label="%s" viewBox="0 0 %s %s" width="%s" height="%s">`,
		class, html.EscapeString(a.Label), num(a.Width), num(a.Height), num(a.Width), num(a.Height))
	for _, m := range a.Marks {
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

// text stands with its base line at y; class has "mid" or "end" for another
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

// at puts a group to a place, from where the page lets it glide to the next.
func (m Mark) at(x, y float64) Mark {
	m.Attr["style"] = "transform:translate(" + num(x) + "px," + num(y) + "px)"
	return m
}

// short prints a number for reading: three digits, or a power of ten.
func short(v float64) string {
	switch a := math.Abs(v); {
	case a == 0:
		return "0"
	case a >= 9999.5 || a < 0.0005:
		mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(v, 'e', 1, 64), "e")
		e, _ := strconv.Atoi(exponent)
		return minus(mantissa) + "·" + power(e)
	case a < 0.0995:
		return minus(strconv.FormatFloat(v, 'f', 4, 64))
	case a < 9.95:
		return minus(strconv.FormatFloat(v, 'f', 2, 64))
	case a < 99.5:
		return minus(strconv.FormatFloat(v, 'f', 1, 64))
	default:
		return minus(strconv.FormatFloat(v, 'f', 0, 64))
	}
}

// minus sets a true minus sign.
func minus(s string) string { return strings.ReplaceAll(s, "-", "−") }

// below writes a whole number as an index: h₁₂.
func below(n int) string {
	s := ""
	for _, r := range fmt.Sprint(n) {
		s += string('₀' + r - '0')
	}
	return s
}

// power writes 10 to a whole power.
func power(e int) string {
	if e == 0 {
		return "1"
	}
	s := ""
	for _, r := range fmt.Sprint(e) {
		if r == '-' {
			s += "⁻"
		} else {
			s += string([]rune("⁰¹²³⁴⁵⁶⁷⁸⁹")[r-'0'])
		}
	}
	return "10" + s
}
