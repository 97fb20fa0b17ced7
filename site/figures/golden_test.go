package main

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strconv"
	"testing"
)

// golden are the digests of what the figures show over many settings. If one
// changes, readers see another drawing, other words or other numbers.
var golden = map[string]uint64{
	"word-order":      0x866ec1b48685fc14,
	"learning":        0x8076483341cd48b6,
	"rnn-step":        0xe595ea670da5dd8b,
	"training":        0xbd24f4ef99d95745,
	"gradient-decay":  0xea9a38eb853b58bf,
	"padding-flip":    0x9c08f98811d2b73d,
	"lstm-gates":      0x6f8accd7ba990a12,
	"forget-bias":     0x3be0f7be41ad0559,
	"review":          0xd13a6ddb7675ee11,
	"both-directions": 0x51e46c7eaf1e786,
	"writing":         0xb64a179cd3e6dbc1,
	"scan":            0xef337d0f03d52d01,
	"attention":       0xaeacfb13da0353c0,
	"alignment":       0x70d2c25c2c9e2d49,
}

// fuses says whether Go computes x*y + z in one rounding on this machine, as on
// arm64. A coordinate halfway between two hundredths of a pixel then falls to
// the other one.
func fuses() bool {
	x := 1 + 0x1p-30
	return multiplyAdd(x, x, -1-0x1p-29) != 0 // 0x1p-60, unless x*x is rounded first
}

//go:noinline
func multiplyAdd(x, y, z float64) float64 { return x*y + z }

// settingsOf returns the setting of an untouched figure and n others that its
// controls can reach.
func settingsOf(e Figure, n int) []Setting {
	rng := rand.New(rand.NewPCG(9, 4))
	settings := []Setting{{}}
	for range n {
		s := Setting{}
		for _, c := range e.Controls {
			switch {
			case c.Options == nil && c.Text: // shown as it is
			case c.Options == nil:
				steps := int((c.Max - c.Min) / c.Step)
				s[c.Name] = strconv.FormatFloat(c.Min+c.Step*float64(rng.IntN(steps+1)), 'f', 2, 64)
			default:
				o := c.Options[rng.IntN(len(c.Options))]
				s[c.Name] = o.Value
				for name, v := range o.Sets {
					s[name] = v
				}
			}
		}
		settings = append(settings, s)
	}
	return settings
}

func TestFiguresShowTheSame(t *testing.T) {
	if fuses() {
		t.Skip("x*y + z has one rounding here")
	}
	for _, e := range figures {
		h := fnv.New64a()
		for _, s := range settingsOf(e, 40) {
			for _, width := range []float64{340, 720} {
				a := Run(e.Name, s, width)
				fmt.Fprintln(h, a.SVG(""), a.Words, a.Head, a.Names)
				if a.Pick != nil {
					fmt.Fprintf(h, "%s %.6g %.6g\n", a.Pick.Control, a.Pick.From, a.Pick.By)
				}
				for _, row := range a.Rows {
					fmt.Fprintf(h, "%.10g\n", row)
				}
			}
		}
		if got := h.Sum64(); got != golden[e.Name] {
			t.Errorf("%s shows %#x, want %#x", e.Name, got, golden[e.Name])
		}
	}
}
