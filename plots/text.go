package plots

import (
	"math"
	"strings"
	"unicode/utf8"

	"unroll/plots/hangul"

	"golang.org/x/image/font/sfnt"
	"golang.org/x/text/unicode/norm"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// typesetter is the text handler of all figures: plain text in which _{…} is
// set as a subscript and ^{…} as a superscript, and Hangul comes from a font of its
// own.
//
// It is here in place of gonum's handlers because text.Plain has no subscripts and
// text.Latex panics where it finds one (TestGonumSetsNoSubscripts).
type typesetter struct{}

var _ text.Handler = typesetter{}

// A run is a piece of a line at one level: 0, or +1 above and −1 below it.
type run struct {
	text  string
	level int
}

// Size of a raised or lowered run, and its distance from the line, as parts of
// the size of the line.
const (
	scriptScale = 0.72
	superRise   = 0.36
	subDrop     = 0.20
)

func (r run) size(line vg.Length) vg.Length {
	if r.level != 0 {
		return scriptScale * line
	}
	return line
}

func (r run) rise(line vg.Length) vg.Length {
	switch {
	case r.level > 0:
		return superRise * line
	case r.level < 0:
		return -subDrop * line
	}
	return 0
}

// runs splits a line at its _{…} and ^{…}. A brace that does not close makes
// no script: the text stays as it is.
//
// The text is composed (NFC) first: our fonts have 한 as one letter, and file names of macOS have it as three.
func runs(s string) []run {
	s = norm.NFC.String(s)
	var out []run
	add := func(t string, level int) {
		if t != "" {
			out = append(out, run{t, level})
		}
	}
	from := 0
	for i := 0; i+1 < len(s); {
		if s[i+1] != '{' || s[i] != '_' && s[i] != '^' {
			i++
			continue
		}
		n := strings.IndexByte(s[i:], '}')
		if n < 0 {
			break
		}
		level := -1
		if s[i] == '^' {
			level = +1
		}
		add(s[from:i], 0)
		add(s[i+2:i+n], level)
		i += n + 1
		from = i
	}
	add(s[from:], 0)
	return out
}

// spoken returns the text as it is in a sentence: h_{T−k} as h_T−k.
func spoken(s string) string {
	var b strings.Builder
	for _, r := range runs(s) {
		switch {
		case r.level < 0:
			b.WriteByte('_')
		case r.level > 0:
			b.WriteByte('^')
		}
		b.WriteString(r.text)
	}
	return b.String()
}

func (typesetter) Cache() *font.Cache { return font.DefaultCache }

func (typesetter) Extents(f font.Font) font.Extents {
	face := font.DefaultCache.Lookup(f, f.Size)
	return face.Extents()
}

func (typesetter) Lines(txt string) []string {
	return strings.Split(strings.TrimRight(txt, "\n"), "\n")
}

func (t typesetter) Box(line string, f font.Font) (width, height, depth vg.Length) {
	for _, r := range runs(line) {
		width += r.width(f)
	}
	e := t.Extents(f)
	return width, e.Ascent, e.Descent
}

// width returns how wide the run is in a line of the font. For a letter that
// none of our fonts has it is a guess, one em: the browser will have a font for it.
func (r run) width(f font.Font) vg.Length {
	w := vg.Length(0)
	for _, s := range r.spans(f) {
		w += s.width
	}
	return w
}

// A span is the part of a run that comes from one font.
type span struct {
	text  string
	face  font.Face
	width vg.Length
}

func (r run) spans(f font.Font) []span {
	size := r.size(f.Size)
	sans := font.DefaultCache.Lookup(f, size)
	var buf sfnt.Buffer
	source := func(c rune) int { // 0: the sans font, 1: Hangul, 2: neither
		if g, err := sans.Face.GlyphIndex(&buf, c); err == nil && g != 0 {
			return 0
		}
		if hangul.Has(c) {
			return 1
		}
		return 2
	}
	var out []span
	letters := []rune(r.text)
	for from, to := 0, 0; from < len(letters); from = to {
		kind := source(letters[from])
		for to = from + 1; to < len(letters) && source(letters[to]) == kind; to++ {
		}
		s := span{text: string(letters[from:to]), face: sans}
		switch kind {
		case 0:
			s.width = sans.Width(s.text)
		case 1:
			s.face.Face = nil // taken by who draws it: unpacking takes time
			s.width = hangul.Advance * size * vg.Length(to-from)
		case 2:
			s.width = size * vg.Length(to-from)
		}
		out = append(out, s)
	}
	return out
}

// lineSetter is a canvas that sets a whole line itself.
type lineSetter interface {
	// setLine writes the runs on a baseline; anchor is where pt is in the
	// line, 0 at its beginning and 1 at its end.
	setLine(line []run, f font.Font, pt vg.Point, anchor float64)
}

func (t typesetter) Draw(c vg.Canvas, txt string, sty text.Style, pt vg.Point) {
	if txt == "" || sty.Font.Size == 0 {
		return
	}
	c.SetColor(sty.Color)
	if sty.Rotation != 0 {
		c.Push()
		defer c.Pop()
		c.Rotate(sty.Rotation)
		sin, cos := math.Sincos(sty.Rotation)
		pt.X, pt.Y = pt.X*vg.Length(cos)+pt.Y*vg.Length(sin), pt.Y*vg.Length(cos)-pt.X*vg.Length(sin)
	}
	lines := t.Lines(txt)
	step := t.Extents(sty.Font).Height
	// The lowest baseline, such that Style.Rectangle is what the text covers.
	y := pt.Y + vg.Length(sty.YAlign)*sty.Height(txt)
	for i, line := range lines {
		at := vg.Point{X: pt.X, Y: y + vg.Length(len(lines)-1-i)*step}
		t.drawLine(c, runs(line), sty, at)
	}
}

func (t typesetter) drawLine(c vg.Canvas, line []run, sty text.Style, pt vg.Point) {
	if s, ok := underlying(c).(lineSetter); ok {
		s.setLine(line, sty.Font, pt, -float64(sty.XAlign))
		return
	}
	width := vg.Length(0)
	for _, r := range line {
		width += r.width(sty.Font)
	}
	pt.X += vg.Length(sty.XAlign) * width
	for _, r := range line {
		for _, s := range r.spans(sty.Font) {
			if s.face.Face == nil {
				s.face.Face = hangul.Font()
			}
			c.FillString(s.face, vg.Point{X: pt.X, Y: pt.Y + r.rise(sty.Font.Size)}, s.text)
			pt.X += s.width
		}
	}
}

// underlying returns the canvas that the parts of a drawing are cut from.
func underlying(c vg.Canvas) vg.Canvas {
	for {
		switch d := c.(type) {
		case draw.Canvas:
			c = d.Canvas
		case *draw.Canvas:
			c = d.Canvas
		default:
			return c
		}
	}
}

// wrap breaks a text into lines no wider than max, between words where it can
// and inside a word where it must.
func wrap(s string, sty text.Style, max vg.Length) string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		if line != "" && sty.Width(line+" "+word) > max {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " " + word
			continue
		}
		for !strings.ContainsAny(word, "{}") {
			n := 0 // how much of it fits
			for n < len(word) {
				_, k := utf8.DecodeRuneInString(word[n:])
				if sty.Width(word[:n+k]) > max {
					break
				}
				n += k
			}
			if n == 0 || n == len(word) {
				break
			}
			lines = append(lines, word[:n])
			word = word[n:]
		}
		line = word
	}
	if line != "" {
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}
