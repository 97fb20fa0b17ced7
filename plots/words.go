package plots

import (
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"unroll/internal/words"
)

// figureText is the text of a chart.
type figureText struct {
	title, x, y string
	whole       bool // ticks on the x axis at whole numbers only
}

// figure makes the figure of a chart: its plot, words and table.
func (c *chart) figure(t figureText) *Figure {
	p := newPlot()
	p.X.Label.Text, p.Y.Label.Text = t.x, t.y
	p.Add(c)
	c.setAxes(p, t.whole)
	f := &Figure{Plot: p, Title: t.title, Alt: c.words(t), lines: linesOf(t.y, t.x), Table: c.table(t.x)}
	return f.fit(max(chartHeight, c.labelHeight()))
}

// linesOf says which quantity is drawn against which.
func linesOf(y, x string) string {
	return words.Sprintf("Lines of %s against %s", spoken(y), spoken(x))
}

// words returns what the chart shows, made from its data.
func (c *chart) words(t figureText) string {
	var b strings.Builder
	b.WriteString(linesOf(t.y, t.x))
	switch {
	case c.logX && c.logY:
		b.WriteString(words.Of(", both axes logarithmic"))
	case c.logY:
		b.WriteString(words.Of(", logarithmic axis"))
	case c.logX:
		b.WriteString(words.Of(", horizontal axis logarithmic"))
	}
	b.WriteString(". ")
	var parts []string
	for i, l := range slices.Concat(c.named(false), c.named(true)) {
		name := spoken(l.name)
		if name == "" {
			name = words.Sprintf("line %d", i+1)
		}
		if l.reference {
			name = words.Sprintf("%s (dashed)", name)
		}
		parts = append(parts, name+": "+c.course(l))
	}
	b.WriteString(strings.Join(parts, "; ") + ".")
	return b.String()
}

// named returns the lines that are described one by one, either the references or
// the others: of an arm with several seeds the median only.
func (c *chart) named(reference bool) []*line {
	var out []*line
	for _, l := range c.lines {
		if l.text != nil && l.reference == reference {
			out = append(out, l)
		}
	}
	return out
}

// course says how a line runs: "falls from 1 at distance 0 to 3e-9 at distance 50".
func (c *chart) course(l *line) string {
	var at []int // where the line can be drawn
	for i, v := range l.y {
		if c.kind(v) == fine {
			at = append(at, i)
		}
	}
	var parts []string
	if len(at) > 0 {
		parts = c.run(l, at)
	}
	if n := len(l.seeds); n > 1 && len(at) > 0 {
		lo, hi := math.Inf(1), math.Inf(-1)
		for _, s := range l.seeds {
			if v := s[at[len(at)-1]]; !math.IsNaN(v) {
				lo, hi = math.Min(lo, v), math.Max(hi, v)
			}
		}
		parts[0] += words.Sprintf(" (median of %d seeds, which end between %s and %s)", n, number(lo, 3), number(hi, 3))
	}
	return strings.Join(append(parts, c.notes(l)...), ", ")
}

// run says how a line runs over the places where it can be drawn, of which there
// is one at least: first and last value, then the highest and the lowest if they
// lie between.
func (c *chart) run(l *line, at []int) []string {
	value := func(i int) string { return number(l.y[i], 3) }
	place := func(i int) string { return c.place(l.x[i]) }
	first, last := at[0], at[len(at)-1]
	low, high := first, first
	for _, i := range at {
		if l.y[i] < l.y[low] {
			low = i
		}
		if l.y[i] > l.y[high] {
			high = i
		}
	}
	same := func(i, j int) bool {
		if c.logY {
			return math.Abs(math.Log10(l.y[i])-math.Log10(l.y[j])) <= 0.01
		}
		return math.Abs(l.y[i]-l.y[j]) <= 0.02*(l.y[high]-l.y[low])
	}
	var parts []string
	switch {
	case l.level:
		parts = append(parts, words.Sprintf("%s right across", value(first)))
	case len(at) == 1:
		parts = append(parts, words.Sprintf("%s at %s", value(first), place(first)))
	case value(low) == value(high):
		parts = append(parts, words.Sprintf("stays at %s from %s to %s", value(first), c.place(l.x[first]), number(l.x[last], 6)))
	case same(first, last):
		parts = append(parts, words.Sprintf("begins and ends near %s", value(first)))
	case l.y[last] > l.y[first]:
		parts = append(parts, words.Sprintf("rises from %s at %s to %s at %s", value(first), place(first), value(last), place(last)))
	default:
		parts = append(parts, words.Sprintf("falls from %s at %s to %s at %s", value(first), place(first), value(last), place(last)))
	}
	if !same(high, first) && !same(high, last) {
		parts = append(parts, words.Sprintf("highest %s at %s", value(high), place(high)))
	}
	if !same(low, first) && !same(low, last) {
		parts = append(parts, words.Sprintf("lowest %s at %s", value(low), place(low)))
	}
	return parts
}

// mostRows is how many rows a table has at most, so that a page stays readable.
const mostRows = 51

// table returns the data of the chart, a row for each place on the x axis.
func (c *chart) table(x string) Table {
	lines := slices.Concat(c.named(false), c.named(true))
	t := Table{Columns: []string{spoken(withoutUnit(x))}}
	var longest []float64
	for i, l := range lines {
		name := spoken(l.name)
		if name == "" {
			name = words.Sprintf("line %d", i+1)
		}
		if len(l.seeds) < 2 {
			t.Columns = append(t.Columns, name)
		} else {
			t.Columns = append(t.Columns, words.Sprintf("%s, median", name), words.Sprintf("%s, lowest seed", name), words.Sprintf("%s, highest seed", name))
		}
		if len(l.x) > len(longest) && !l.level {
			longest = l.x
		}
	}
	rows, every := sample(len(longest))
	for _, k := range rows {
		row := []string{number(longest[k], 6)}
		for _, l := range lines {
			switch {
			case l.level:
				row = append(row, number(l.y[0], 4))
			case k >= len(l.y):
				row = append(row, "")
				if len(l.seeds) > 1 {
					row = append(row, "", "")
				}
			default:
				row = append(row, number(l.y[k], 4))
				if len(l.seeds) > 1 {
					lo, hi := math.Inf(1), math.Inf(-1)
					for _, s := range l.seeds {
						// Not min and max: NaN is not to hide the others.
						lo, hi = math.Min(lo, orElse(s[k], lo)), math.Max(hi, orElse(s[k], hi))
					}
					if lo > hi {
						lo, hi = math.NaN(), math.NaN()
					}
					row = append(row, number(lo, 4), number(hi, 4))
				}
			}
		}
		t.Rows = append(t.Rows, row)
	}
	if every > 1 {
		t.Note = words.Sprintf("One in %d of %d rows.", every, len(longest))
	}
	return t
}

// orElse returns v, or other if v is NaN.
func orElse(v, other float64) float64 {
	if math.IsNaN(v) {
		return other
	}
	return v
}

// sample returns which of n rows a table shows: all, or one in so many and the last.
func sample(n int) (rows []int, every int) {
	every = 1
	if n > mostRows {
		every = int(math.Max(2, niceStep(float64(n-1), mostRows-1)))
	}
	for k := 0; k < n; k += every {
		rows = append(rows, k)
	}
	if n > 0 && rows[len(rows)-1] != n-1 {
		rows = append(rows, n-1)
	}
	return rows, every
}

// withoutUnit returns the name of an axis up to its unit, which follows a comma
// or is in brackets.
func withoutUnit(axis string) string {
	if i := strings.IndexAny(axis, ",("); i > 0 {
		axis = axis[:i]
	}
	return strings.TrimSpace(axis)
}

// upper returns the text with its first letter as a capital.
func upper(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[n:]
}
