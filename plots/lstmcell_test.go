package plots

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// What is lit is drawn in colour and told in words, and nothing else is.
func TestLSTMCellLights(t *testing.T) {
	all := LSTMCell()
	for part := range cellParts {
		if !strings.Contains(all.Alt, upper(cellPart[part].name)+": ") {
			t.Errorf("the words of the whole diagram leave out the %s: %s", cellPart[part].name, all.Alt)
		}
		fig := LSTMCell(part)
		for other := range cellParts {
			told := strings.Contains(fig.Alt, upper(cellPart[other].name)+": ")
			if told != (other == part) || (fig.Table.Rows[other][2] == "lit") != told {
				t.Errorf("with the %s lit, the %s is told: %v, row %q", cellPart[part].name, cellPart[other].name, told, fig.Table.Rows[other])
			}
		}
		svg := string(fig.SVG())
		for i := range palette {
			if has := strings.Contains(svg, fmt.Sprintf(`class="c%d"`, i+1)); has != (i == cellPart[part].hue) {
				t.Errorf("with the %s lit, the drawing has colour %d: %v", cellPart[part].name, i+1, has)
			}
		}
	}
	if svg := string(all.SVG()); strings.Contains(svg, `class="c1"`) {
		t.Error("the diagram with nothing lit has a colour")
	}
}

func TestLSTMCellWantsAPart(t *testing.T) {
	defer func() {
		var e *Error
		want := "plots: LSTMCell: part 6, want one from ForgetGate to HiddenState"
		if err, ok := recover().(error); !ok || !errors.As(err, &e) || e.Error() != want {
			t.Errorf("panics with %v, want %q", err, want)
		}
	}()
	LSTMCell(cellParts)
}
