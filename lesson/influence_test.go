package lesson

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// positions represents a sentence by its indices, each times the weight of its place.
func positions(weights ...float64) func(Indices) *Tensor {
	return func(x Indices) *Tensor {
		out := NewTensor(len(x), len(weights))
		for i, row := range x {
			for t, w := range row {
				out.Set(float64(w)*weights[t], i, t)
			}
		}
		return out
	}
}

// With a representation that is a sum over places the answer is known: the
// place's weight times the mean distance between the words.
func ExampleInfluence() {
	influence := Influence(positions(1, 0, 10), []int{3, 3, 3}, []int{1, 2, 3})
	fmt.Println(influence) // mean of |1−3| and |2−3|, times 1, 0 and 10
	// Output: [1.5 0 15]
}

func TestInfluenceIsZeroBehindTheEnd(t *testing.T) {
	rnn := NewRNN(rand.New(rand.NewPCG(1, 0)), 4, 8, BatchFirst)
	table := Randn(rand.New(rand.NewPCG(2, 0)), 6, 4)
	lookUp := func(x Indices) *Tensor {
		out := NewTensor(len(x), len(x[0]), 4)
		for i, row := range x {
			for t, w := range row {
				copy(out.Slice(i).Slice(t).Data(), table.Slice(w).Data())
			}
		}
		return out
	}
	influence := Influence(func(x Indices) *Tensor {
		output, _ := rnn.Forward(lookUp(x), nil)
		lengths := make([]int, len(x))
		for i := range lengths {
			lengths[i] = 3
		}
		return GatherLast(output, lengths, true)
	}, []int{1, 2, 3, PAD, PAD}, []int{1, 2, 3, 4, 5})
	for i, v := range influence {
		if (v == 0) != (i >= 3) {
			t.Errorf("influence %v, want zero after the third word", influence)
		}
	}
}

func TestInfluenceWantsWords(t *testing.T) {
	wantPanic(t, "lesson: Influence: an empty sentence, want at least 1 word", func() {
		Influence(positions(), nil, []int{1})
	})
	wantPanic(t, "lesson: Influence: no word other than 3 to put in place 1", func() {
		Influence(positions(1, 1), []int{1, 3}, []int{3, 3})
	})
	wantPanic(t, "lesson: Influence: represent returned 1×3 for 2 sentences, want a row each", func() {
		Influence(func(Indices) *Tensor { return NewTensor(1, 3) }, []int{1}, []int{2})
	})
}
