package lesson

import (
	"math"
	"testing"
)

// Scores 0 and ln 3 give weights of 1/4 and 3/4.
func TestDecoderAttentionByHand(t *testing.T) {
	a := NewDecoderAttention(newRand(1), 2, "dot")
	queries := TensorOf([]float64{math.Log(3), 0, 0, 0}, 1, 2, 2)
	memory := TensorOf([]float64{0, 4, 1, 8, 9, 9}, 1, 3, 2)
	context, weights := a.Forward(queries, memory, []int{2})
	near(t, "weights", weights.data, []float64{0.25, 0.75, 0, 0.5, 0.5, 0}, 1e-15)
	near(t, "context", context.data, []float64{0.75, 7, 0.5, 6}, 1e-15)
}

// The controls look at nothing: the mean of all states, and the last one.
func TestDecoderAttentionControls(t *testing.T) {
	queries := TensorOf([]float64{5, -7}, 1, 1, 2)
	memory := TensorOf([]float64{0, 4, 1, 8, 9, 9}, 1, 3, 2)
	for score, want := range map[string][]float64{"mean": {0.5, 6}, "last": {1, 8}} {
		context, _ := NewDecoderAttention(newRand(1), 2, score).Forward(queries, memory, []int{2})
		near(t, score, context.data, want, 1e-15)
	}
}

func TestDecoderAttentionGradient(t *testing.T) {
	lengths := []int{3, 1}
	for _, score := range attentions[1:] {
		a := NewDecoderAttention(newRand(1), 3, score)
		queries, memory, d := Randn(newRand(2), 2, 4, 3), Randn(newRand(3), 2, 3, 3), Randn(newRand(4), 2, 4, 3)
		loss := func() float64 {
			context, _ := a.Forward(queries, memory, lengths)
			sum := 0.0
			for i, v := range context.data {
				sum += v * d.data[i]
			}
			return sum
		}
		loss()
		dQueries, dMemory := a.Backward(d)
		checkDifferences(t, score+" queries", loss, queries.data, dQueries.data)
		checkDifferences(t, score+" memory", loss, memory.data, dMemory.data)
		for _, p := range a.Parameters() {
			checkDifferences(t, score+" "+p.Name, loss, p.Value.data, p.Grad.data)
		}
	}
}

// What stands behind the end of a source has no influence.
func TestDecoderAttentionReadsNoPadding(t *testing.T) {
	for _, score := range attentions[1:] {
		a := NewDecoderAttention(newRand(1), 3, score)
		queries, memory := Randn(newRand(2), 1, 2, 3), Randn(newRand(3), 1, 4, 3)
		before, _ := a.Forward(queries, memory, []int{2})
		for i := 6; i < 12; i++ {
			memory.data[i] = math.NaN()
		}
		after, weights := a.Forward(queries, memory, []int{2})
		if !sameFloats(before.data, after.data) {
			t.Errorf("%s: the context is %v, want %v", score, after, before)
		}
		for t1 := range 2 {
			if weights.At(0, t1, 2) != 0 || weights.At(0, t1, 3) != 0 {
				t.Errorf("%s: weights %v behind the end", score, weights)
			}
		}
	}
}
