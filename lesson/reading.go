package lesson

import (
	"fmt"
	"slices"

	"unroll/internal/simd"
)

// A Reading is how a [Classifier] reads sentences of different lengths: where
// the PADs are, and which vector represents the sentence.
type Reading int

const (
	PostPad  Reading = iota // PADs after the words; the last state, which has read them too
	Flip                    // PostPad reversed: PADs in front, words from last to first; the last state
	PrePad                  // PADs in front, words in their order; the last state
	Gather                  // PADs after the words, and read; the output at the last word
	Packed                  // PADs after the words, never read: PyTorch's packed sequence; the last state
	MeanPool                // as Packed, but the mean of the outputs at all words
	MaxPool                 // as Packed, but the largest of the outputs at all words, for each unit
)

// Readings are all of them, the five that read to a last word first.
var Readings = []Reading{PostPad, Flip, PrePad, Gather, Packed, MeanPool, MaxPool}

var readingNames = []string{"post-pad", "flip", "pre-pad", "gather", "packed", "mean pool", "max pool"}

// String returns the reading's name as figures and tables show it.
func (r Reading) String() string {
	if r < 0 || int(r) >= len(readingNames) {
		return fmt.Sprintf("Reading(%d)", int(r))
	}
	return readingNames[r]
}

// readsOutput reports whether outputs represent the sentence, not the last state.
func (r Reading) readsOutput() bool { return r == Gather || r == MeanPool || r == MaxPool }

// packed reports whether PADs are never read.
func (r Reading) packed() bool { return r == Packed || r == MeanPool || r == MaxPool }

// place writes the words of a sentence into its row of PADs.
func (r Reading) place(row, sentence []int) {
	if r == PrePad {
		row = row[len(row)-len(sentence):]
	}
	copy(row, sentence)
	if r == Flip {
		slices.Reverse(row)
	}
}

// placeOf returns where word t of n is in a row so long.
func (r Reading) placeOf(t, n, steps int) int {
	switch r {
	case PrePad:
		return steps - n + t
	case Flip:
		return steps - 1 - t
	}
	return t
}

// maxPool sets each sentence's state to the largest of its outputs, unit by unit,
// and largest to the step it came from, the first of equal ones. A NaN is the
// largest.
func maxPool(state, output *Tensor, lengths, largest []int) {
	steps, width := output.shape[1], output.shape[2]
	for i, n := range lengths {
		best, at := state.data[i*width:][:width], largest[i*width:][:width]
		copy(best, output.data[i*steps*width:])
		clear(at)
		for t := 1; t < n; t++ {
			for j, v := range output.data[(i*steps+t)*width:][:width] {
				if !(v <= best[j]) && best[j] == best[j] {
					best[j], at[j] = v, t
				}
			}
		}
	}
}

// meanPool sets each sentence's state to the mean of its outputs.
func meanPool(state, output *Tensor, lengths []int) {
	steps, width := output.shape[1], output.shape[2]
	for i, n := range lengths {
		mean := state.data[i*width:][:width]
		clear(mean)
		simd.SumRows(mean, matrix(output.data, i*steps, i*steps+n, width))
		simd.Scale(1/float64(n), mean)
	}
}

// poolTo is what MeanPool or MaxPool make of the outputs, (batch, steps, width):
// (batch, width). It returns, in the memory of largest, what poolBackwardTo needs.
func poolTo(state, output *Tensor, lengths []int, r Reading, largest []int) []int {
	batch, width := output.shape[0], output.shape[2]
	state.resize(batch, width)
	if r == MeanPool {
		meanPool(state, output, lengths)
		return largest
	}
	largest = resizeSlice(largest, batch*width)
	maxPool(state, output, lengths, largest)
	return largest
}

// poolBackwardTo takes the gradient of what poolTo wrote to that of the outputs,
// steps long. MeanPool divides it evenly among the words, MaxPool gives all of
// it to the step of the largest, as torch.max does.
func poolBackwardTo(dOutput, dState *Tensor, lengths []int, steps int, r Reading, largest []int) {
	batch, width := dState.shape[0], dState.shape[1]
	dOutput.resize(batch, steps, width)
	clear(dOutput.data)
	for i, n := range lengths {
		d := dState.data[i*width:][:width]
		if r == MeanPool {
			rows := dOutput.data[i*steps*width:][:n*width]
			simd.Axpy(1/float64(n), d, rows[:width])
			for done := width; done < len(rows); done *= 2 {
				copy(rows[done:], rows[:done])
			}
			continue
		}
		for j, v := range d {
			dOutput.data[(i*steps+largest[i*width+j])*width+j] = v
		}
	}
}
