package lesson

import (
	"slices"
	"strconv"
	"strings"
)

// PAD is the index of the word that fills up short sentences.
const PAD = 0

// Indices is a batch of sequences of word indices, a row each. Where all rows
// are equally long it is PyTorch's (batch, steps) tensor of integers.
type Indices [][]int

// Shape returns [batch steps]. It panics unless there is a row and all rows
// are equally long.
func (x Indices) Shape() Shape {
	rows, cols := x.dims("Indices.Shape")
	return Shape{rows, cols}
}

// dims returns rows and columns, and panics where there are none.
func (x Indices) dims(fn string) (rows, cols int) {
	if len(x) == 0 {
		failf(fn, "no rows, want at least 1")
	}
	for i, row := range x {
		if len(row) == 0 {
			failf(fn, "row %d is empty, want at least 1 index", i)
		}
		if len(row) != len(x[0]) {
			failf(fn, "row %d has %d indices and row 0 has %d, want all rows equally long: PadPost or PadPre makes them so", i, len(row), len(x[0]))
		}
	}
	return len(x), len(x[0])
}

// Flip returns a copy with the order along one axis reversed, as torch.flip:
// the rows for axis 0, the indices within each row for axis 1. Flipping what
// [PadPost] returns moves the PADs to the front and reverses the words. It
// panics for another axis, and for axis 1 unless all rows are equally long.
func (x Indices) Flip(axis int) Indices {
	if axis != 0 && axis != 1 {
		failf("Indices.Flip", "axis %d, want 0 or 1", axis)
	}
	if axis == 1 {
		x.dims("Indices.Flip")
	}
	out := x.Clone()
	if axis == 0 {
		slices.Reverse(out)
		return out
	}
	for _, row := range out {
		slices.Reverse(row)
	}
	return out
}

// Clone returns a copy that shares nothing with x.
func (x Indices) Clone() Indices {
	out := make(Indices, len(x))
	for i, row := range x {
		out[i] = slices.Clone(row)
	}
	return out
}

// String prints the indices as PyTorch prints a tensor of integers. Rows of
// different lengths print as a plain list.
func (x Indices) String() string {
	for _, row := range x {
		if len(row) == 0 || len(row) != len(x[0]) {
			return x.list()
		}
	}
	if len(x) == 0 {
		return x.list()
	}
	cols := len(x[0])
	return printArray(Shape{len(x), cols}, func(at []int) (texts []string, width int) {
		for _, k := range at {
			texts = append(texts, strconv.Itoa(x[k/cols][k%cols]))
			width = max(width, len(texts[len(texts)-1]))
		}
		return texts, width
	})
}

// list prints rows of any lengths.
func (x Indices) list() string {
	rows := make([]string, len(x))
	for i, row := range x {
		texts := make([]string, len(row))
		for j, v := range row {
			texts[j] = strconv.Itoa(v)
		}
		rows[i] = "[" + strings.Join(texts, ", ") + "]"
	}
	return "[" + strings.Join(rows, ",\n ") + "]"
}

// PadPost fills up every sequence after its words with [PAD] to the given
// length, or to that of the longest where length is 0. It returns the rows and
// the true lengths. It panics when there is no sequence, when one is empty,
// and when one is longer than length.
func PadPost(seqs [][]int, length int) (Indices, []int) {
	return padPost("PadPost", seqs, length)
}

func padPost(fn string, seqs [][]int, length int) (Indices, []int) {
	x, lengths := padded(fn, nil, nil, seqs, length)
	for i, s := range seqs {
		copy(x[i], s)
	}
	return x, lengths
}

// PadPre is [PadPost] with the PADs in front of the words, which keep their
// order and end at the last step.
func PadPre(seqs [][]int, length int) (Indices, []int) {
	x, lengths := padded("PadPre", nil, nil, seqs, length)
	for i, s := range seqs {
		copy(x[i][len(x[i])-len(s):], s)
	}
	return x, lengths
}

// padded returns rows of PAD, and the length of each sequence, in the memory of
// x and lengths where it is large enough.
func padded(fn string, x Indices, lengths []int, seqs [][]int, length int) (Indices, []int) {
	if len(seqs) == 0 {
		failf(fn, "no sequences, want at least 1")
	}
	if length < 0 {
		failf(fn, "length is %d, want at least 1, or 0 for that of the longest sequence", length)
	}
	if length > maxElements {
		failf(fn, "length is %d, more than any memory holds", length)
	}
	longest := length
	lengths = resizeSlice(lengths, len(seqs))
	for i, s := range seqs {
		if len(s) == 0 {
			failf(fn, "sequence %d is empty, want at least 1 index", i)
		}
		if length > 0 && len(s) > length {
			failf(fn, "sequence %d has %d indices, want at most the length %d", i, len(s), length)
		}
		lengths[i] = len(s)
		longest = max(longest, len(s))
	}
	x = slices.Grow(x[:0], len(seqs))[:len(seqs)]
	for i := range x {
		x[i] = resizeSlice(x[i], longest)
		for j := range x[i] {
			x[i][j] = PAD
		}
	}
	return x, lengths
}

// ReversePadded reverses the first lengths[i] indices of row i, the words, and
// leaves what is after them, the PADs, in place. It panics unless all rows
// are equally long and there is one length for each, from 1 to that of a row.
func ReversePadded(x Indices, lengths []int) Indices {
	rows, cols := x.dims("ReversePadded")
	checkLengths("ReversePadded", lengths, rows, cols)
	out := x.Clone()
	for i, n := range lengths {
		slices.Reverse(out[i][:n])
	}
	return out
}

func checkLengths(fn string, lengths []int, batch, steps int) {
	if len(lengths) != batch {
		failf(fn, "%d lengths for %d sequences, want one each", len(lengths), batch)
	}
	for i, n := range lengths {
		if n < 1 || n > steps {
			failf(fn, "length %d of sequence %d, want 1 to %d", n, i, steps)
		}
	}
}

// GatherLast returns, for each sequence, the output at its last true step, the
// one that is lengths[i] long: (batch, H) from (batch, steps, H), or from
// (steps, batch, H) unless batchFirst. In a bidirectional layer's output the
// reverse half of that step has read one word only. It panics unless output
// has three axes and there is one length for each sequence, from 1 to steps.
func GatherLast(output *Tensor, lengths []int, batchFirst bool) *Tensor {
	last := new(Tensor)
	gatherLast("GatherLast", last, output, lengths, batchFirst)
	return last
}

// GatherLastTo is [GatherLast] with its result written to last.
func GatherLastTo(last, output *Tensor, lengths []int, batchFirst bool) {
	gatherLast("GatherLastTo", last, output, lengths, batchFirst)
}

func gatherLast(fn string, last, output *Tensor, lengths []int, batchFirst bool) {
	if len(output.axes()) != 3 {
		failf(fn, "output is %s, want 3 axes", shapeOf(output))
	}
	checkNotNil(fn, "last", last)
	steps, batch, width := output.shape[0], output.shape[1], output.shape[2]
	if batchFirst {
		steps, batch = batch, steps
	}
	checkLengths(fn, lengths, batch, steps)
	last.checkNoAlias(fn, "last", batch*width, output)
	last.resize(batch, width)
	for i, n := range lengths {
		copy(last.data[i*width:][:width], output.data[stepOf(i, n-1, batch, steps, batchFirst)*width:])
	}
}

// GatherLastBackward takes the gradient of what [GatherLast] returned and
// returns that of its output, steps long and laid out by batchFirst: zero
// everywhere but at each last true step. It panics unless dLast has two axes
// and there is one length for each of its rows, from 1 to steps.
func GatherLastBackward(dLast *Tensor, lengths []int, steps int, batchFirst bool) *Tensor {
	dOutput := new(Tensor)
	gatherLastBackward("GatherLastBackward", dOutput, dLast, lengths, steps, batchFirst)
	return dOutput
}

// GatherLastBackwardTo is [GatherLastBackward] with its result written to
// dOutput.
func GatherLastBackwardTo(dOutput, dLast *Tensor, lengths []int, steps int, batchFirst bool) {
	gatherLastBackward("GatherLastBackwardTo", dOutput, dLast, lengths, steps, batchFirst)
}

func gatherLastBackward(fn string, dOutput, dLast *Tensor, lengths []int, steps int, batchFirst bool) {
	if len(dLast.axes()) != 2 {
		failf(fn, "dLast is %s, want 2 axes", shapeOf(dLast))
	}
	checkNotNil(fn, "dOutput", dOutput)
	checkCount(fn, "steps", steps, 1)
	batch, width := dLast.shape[0], dLast.shape[1]
	checkLengths(fn, lengths, batch, steps)
	checkShape(fn, []int{steps, batch, width})
	dOutput.checkNoAlias(fn, "dOutput", steps*batch*width, dLast)
	if batchFirst {
		dOutput.resize(batch, steps, width)
	} else {
		dOutput.resize(steps, batch, width)
	}
	clear(dOutput.data)
	for i, n := range lengths {
		copy(dOutput.data[stepOf(i, n-1, batch, steps, batchFirst)*width:], dLast.data[i*width:][:width])
	}
}

// stepOf returns which row of an output step t of sequence i is.
func stepOf(i, t, batch, steps int, batchFirst bool) int {
	if batchFirst {
		return i*steps + t
	}
	return t*batch + i
}
