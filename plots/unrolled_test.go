package plots

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// litRows returns the states that the table calls lit.
func litRows(fig *Figure) (states []string) {
	for _, row := range fig.Table.Rows {
		if row[4] == "lit" {
			states = append(states, row[2])
		}
	}
	return states
}

// A highlight colours the path from its input to its state, in its own colour, and
// nothing else.
func TestUnrolledLights(t *testing.T) {
	words := []string{"a", "b", "c", "d"}
	for _, c := range []struct {
		layer Layer
		lit   []Highlight
		want  string // states
		nodes int    // squares and circles in colour
	}{
		{OneDirection, []Highlight{Path(1, 4)}, "h_1 h_2 h_3 h_4", 5},
		{OneDirection, []Highlight{Path(3, 3)}, "h_3", 2},
		{OneDirection, []Highlight{Step(3)}, "h_2 h_3", 3},
		{OneDirection, []Highlight{Step(1)}, "h_1", 2},
		{BothDirections, []Highlight{Path(2, 4)}, "h_2 h_3 h_4", 4},
		{BothDirections, []Highlight{ReversePath(4, 2)}, "the reverse h_2,the reverse h_3,the reverse h_4", 4},
		{BothDirections, []Highlight{Path(4, 4), ReversePath(4, 4)}, "h_4,the reverse h_4", 3},
		{SelfAttention, []Highlight{Path(4, 1)}, "y_1", 2},
	} {
		fig := Unrolled(c.layer, words, c.lit...)
		want := strings.Split(c.want, ",")
		if !strings.Contains(c.want, ",") && !strings.Contains(c.want, "the") {
			want = strings.Fields(c.want)
		}
		if got := litRows(fig); !slices.Equal(got, want) {
			t.Errorf("%s: lit %q, want %q", fig.Title, got, want)
		}
		svg := string(fig.SVG())
		if got := strings.Count(svg, `fill-opacity=`); got != c.nodes {
			t.Errorf("%s: %d nodes are in colour, want %d", fig.Title, got, c.nodes)
		}
		for i := range palette {
			// Of two highlights that begin at the same input the second has it.
			if has := strings.Contains(svg, fmt.Sprintf(`class="c%d"`, i+1)); has != (i < len(c.lit)) {
				t.Errorf("%s: colour %d is there: %v", fig.Title, i+1, has)
			}
		}
		if n := strings.Count(fig.Alt, "Lit: "); n != len(c.lit) {
			t.Errorf("%d highlights are described of %d: %s", n, len(c.lit), fig.Alt)
		}
	}
	all := Unrolled(BothDirections, words)
	if n := len(litRows(all)); n != 8 {
		t.Errorf("with nothing lit %d states are, want all 8", n)
	}
	if strings.Contains(string(all.SVG()), `class="c1"`) {
		t.Error("the diagram with nothing lit has a colour")
	}
}

// Steps that read a PAD are grey, whichever row they are in.
func TestUnrolledGreysPads(t *testing.T) {
	for layer, perPad := range map[Layer]int{OneDirection: 2, BothDirections: 3, SelfAttention: 2} {
		for pads := range 3 {
			words := append([]string{"a"}, slices.Repeat([]string{"<PAD>"}, pads)...)
			svg := string(Unrolled(layer, words).SVG())
			grey := 0
			for _, element := range strings.Split(svg, "<path") {
				if strings.Contains(element, `class="grid"`) && strings.Contains(element, `fill="currentColor"`) {
					grey += strings.Count(element, "M")
				}
			}
			if want := perPad * pads; grey != want {
				t.Errorf("layer %d with %d PADs has %d grey nodes, want %d", layer, pads, grey, want)
			}
		}
	}
}

func TestUnrolledWantsItsLayer(t *testing.T) {
	words := []string{"a", "b", "c"}
	for want, f := range map[string]func(){
		"layer 3, want one from OneDirection to SelfAttention": func() { Unrolled(layers, words) },
		"no tokens, want at least one":                         func() { Unrolled(OneDirection, nil) },
		"7 tokens, want at most 6":                             func() { Unrolled(BothDirections, make([]string, 7)) },
		"a highlight from step 0 to step 3 of 3":               func() { Unrolled(OneDirection, words, Path(0, 3)) },
		"a highlight from step 4 to step 4 of 3":               func() { Unrolled(OneDirection, words, Step(4)) },
		"a Step in SelfAttention, want a Path":                 func() { Unrolled(SelfAttention, words, Step(2)) },
		"a ReversePath, which only BothDirections has":         func() { Unrolled(OneDirection, words, ReversePath(3, 1)) },
		"a ReversePath from step 1 to step 3, want one back":   func() { Unrolled(BothDirections, words, ReversePath(1, 3)) },
		"a Path from step 3 back to step 1, want one on":       func() { Unrolled(BothDirections, words, Path(3, 1)) },
	} {
		func() {
			defer func() {
				var e *Error
				if err, ok := recover().(error); !ok || !errors.As(err, &e) || e.Error() != "plots: Unrolled: "+want {
					t.Errorf("panics with %v, want %q", err, want)
				}
			}()
			f()
		}()
	}
}
