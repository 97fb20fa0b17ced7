package plots

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// What is lit has a colour in the drawing and is described in words, and nothing else is.
func TestCellLights(t *testing.T) {
	for _, c := range []struct {
		parts int
		of    func(part int) (name string, hue int)
		draw  func(lit ...int) *Figure
	}{
		{int(cellParts), func(part int) (string, int) { return cellPart[part].name, cellPart[part].hue },
			func(lit ...int) *Figure { return LSTMCell(as[CellPart](lit)...) }},
		{int(gruParts), func(part int) (string, int) { return gruPart[part].name, gruPart[part].hue },
			func(lit ...int) *Figure { return GRUCell(as[GRUPart](lit)...) }},
	} {
		all := c.draw()
		for part := range c.parts {
			name, hue := c.of(part)
			if !strings.Contains(all.Alt, upper(name)+": ") || all.Table.Rows[part][2] != "lit" {
				t.Errorf("the whole diagram leaves out the %s: %s", name, all.Alt)
			}
			fig := c.draw(part)
			for other := range c.parts {
				otherName, _ := c.of(other)
				described := strings.Contains(fig.Alt, upper(otherName)+": ")
				if described != (other == part) || (fig.Table.Rows[other][2] == "lit") != described {
					t.Errorf("with the %s lit, the %s is described: %v, row %q", name, otherName, described, fig.Table.Rows[other])
				}
			}
			svg := string(fig.SVG())
			for i := range palette {
				if has := strings.Contains(svg, fmt.Sprintf(`class="c%d"`, i+1)); has != (i == hue) {
					t.Errorf("with the %s lit, the drawing has colour %d: %v", name, i+1, has)
				}
			}
		}
		if svg := string(all.SVG()); strings.Contains(svg, `class="c1"`) {
			t.Error("the diagram with nothing lit has a colour")
		}
	}
}

// as converts numbers of parts.
func as[P ~int](numbers []int) []P {
	var parts []P
	for _, n := range numbers {
		parts = append(parts, P(n))
	}
	return parts
}

func TestCellWantsAPart(t *testing.T) {
	for want, f := range map[string]func(){
		"plots: LSTMCell: part 6, want one from ForgetGate to HiddenState": func() { LSTMCell(cellParts) },
		"plots: GRUCell: part 4, want one from GRUReset to GRUState":       func() { GRUCell(gruParts) },
	} {
		func() {
			defer func() {
				var e *Error
				if err, ok := recover().(error); !ok || !errors.As(err, &e) || e.Error() != want {
					t.Errorf("panics with %v, want %q", err, want)
				}
			}()
			f()
		}()
	}
}
