package plots

import (
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
)

func TestSeedScores(t *testing.T) {
	fig := SeedScores("accuracy, share right", []string{"flip", "packed"}, []Panel{
		{"cue first", [][]float64{{1, 1, 1}, {0.5, math.NaN(), 0.75}}},
		{"cue last", [][]float64{{0.25, 1, 0.5}, {1, 1, 1}}},
	}, Curve{Name: "chance", Values: []float64{0.5}})
	want := "Dots over 2 arms: flip, packed. " +
		"Cue first: flip median 1 of 3 seeds; packed median 0.625 of 3 seeds, from 0.5 to 0.75, 1 NaN or infinite. " +
		"Cue last: flip median 0.5 of 3 seeds, from 0.25 to 1; packed median 1 of 3 seeds. Chance is 0.5."
	if fig.Alt != want {
		t.Errorf("words\n\t%s\nwant\n\t%s", fig.Alt, want)
	}
	if row := []string{"cue last", "flip", "0.5", "0.25", "1", "3"}; !reflect.DeepEqual(fig.Table.Rows[2], row) {
		t.Errorf("row %q, want %q", fig.Table.Rows[2], row)
	}
	for i, p := range fig.Tiles {
		if p.Y.Min != 0.2 || p.Y.Max != 1 {
			t.Errorf("panel %d runs from %v to %v, want both from 0.2 to 1", i, p.Y.Min, p.Y.Max)
		}
	}
	if svg := string(fig.SVG()); !strings.Contains(svg, ">chance<") || !strings.Contains(svg, ">cue last<") {
		t.Error("the drawing lacks a name")
	}
}

func TestSeedScoresWantsScores(t *testing.T) {
	one := [][]float64{{1}}
	for _, c := range []struct {
		want string
		f    func()
	}{
		{"0 panels and 1 arm, want at least one of each", func() { SeedScores("q", []string{"a"}, nil) }},
		{`panel 0 ("p") has scores of 1 arm, want 2`, func() { SeedScores("q", []string{"a", "b"}, []Panel{{"p", one}}) }},
		{`panel 0 ("p") has no seeds of arm 0 ("a"), want at least one`, func() { SeedScores("q", []string{"a"}, []Panel{{"p", [][]float64{nil}}}) }},
		{"no score is a finite number", func() { SeedScores("q", []string{"a"}, []Panel{{"p", [][]float64{{math.NaN()}}}}) }},
		{`reference 0 ("r") has no value, want one`, func() { SeedScores("q", []string{"a"}, []Panel{{"p", one}}, Curve{Name: "r"}) }},
	} {
		func() {
			defer func() {
				var e *Error
				if err, ok := recover().(error); !ok || !errors.As(err, &e) || e.Error() != "plots: SeedScores: "+c.want {
					t.Errorf("panics with %v, want %q", err, c.want)
				}
			}()
			c.f()
		}()
	}
}
