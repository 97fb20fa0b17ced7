package exercise

import (
	"math"
	"testing"
)

// Answers that are right on most texts.
func TestLanguageModelAnswersThatAreAlmostRight(t *testing.T) {
	floored := func(p []float64) [2]float64 {
		bits := meanOf(p, func(v float64) float64 { return -math.Log2(max(v, 0.01)) })
		return [2]float64{bits, math.Exp2(bits)}
	}
	if v := Perplexity.Judge(floored); v.Right {
		t.Error("a floor of 0.01 passes")
	}
	oneLess := func(s Spot) int { return s.Row*((s.Tokens-2)/s.Streams) + s.Window*s.Tau + s.Step }
	if v := StreamPlace.Judge(oneLess); v.Right {
		t.Error("one token less passes")
	}
	strict := func(c Choice) []float64 {
		return nucleus(c, func(before, _ float64) bool { return before <= c.Amount }, true)
	}
	if v := Nucleus.Judge(strict); v.Right {
		t.Error("one too many at the border passes")
	}
}
