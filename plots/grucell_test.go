package plots

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// What is lit is drawn in colour and told in words, and nothing else is.
func TestGRUCellLights(t *testing.T) {
	all := GRUCell()
	for part := range gruParts {
		if !strings.Contains(all.Alt, upper(gruPart[part].name)+": ") || all.Table.Rows[part][2] != "lit" {
			t.Errorf("the whole diagram leaves out the %s: %s", gruPart[part].name, all.Alt)
		}
		fig := GRUCell(part)
		for other := range gruParts {
			told := strings.Contains(fig.Alt, upper(gruPart[other].name)+": ")
			if told != (other == part) || (fig.Table.Rows[other][2] == "lit") != told {
				t.Errorf("with the %s lit, the %s is told: %v, row %q", gruPart[part].name, gruPart[other].name, told, fig.Table.Rows[other])
			}
		}
		svg := string(fig.SVG())
		for i := range palette {
			if has := strings.Contains(svg, fmt.Sprintf(`class="c%d"`, i+1)); has != (i == gruPart[part].hue) {
				t.Errorf("with the %s lit, the drawing has colour %d: %v", gruPart[part].name, i+1, has)
			}
		}
	}
	if svg := string(all.SVG()); strings.Contains(svg, `class="c1"`) {
		t.Error("the diagram with nothing lit has a colour")
	}
}

func TestGRUCellWantsAPart(t *testing.T) {
	defer func() {
		var e *Error
		want := "plots: GRUCell: part 4, want one from GRUReset to GRUState"
		if err, ok := recover().(error); !ok || !errors.As(err, &e) || e.Error() != want {
			t.Errorf("panics with %v, want %q", err, want)
		}
	}()
	GRUCell(gruParts)
}
