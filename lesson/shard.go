package lesson

import (
	"math/rand/v2"
	"slices"

	"unroll/internal/simd"
)

// shardSize is how many sequences are computed together. The batch is divided
// by it alone, never by the number of cores, so that sums are taken in the
// same order everywhere.
const shardSize = 8

// blockRows is about how many rows the products outside the steps compute
// together: few enough that what a product has written is still in the second-level
// cache when the steps read it.
const blockRows = 96

// A shard is a few sequences of a pass. They are sorted, the longest first, and
// their steps stored as rows, time-major: the rows of step t belong to the
// sequences that have one, and begin at starts[t]. That is the layout of
// PyTorch's PackedSequence.
type shard struct {
	seqs    []int // index of each sequence in the batch
	lengths []int
	sizes   []int // sizes[t] sequences have a step t
	starts  []int // starts[t] is step t's first row; the last is the number of rows
	even    bool  // all sequences are equally long

	x      []float64    // rows × InputSize
	layers []layerCache // x and layers are a worker's under NoGrad
	random rand.PCG     // of dropout

	dy, dx   []float64      // rows × width, gradients of a layer's output and input
	ds       [2][]float64   // gradients of the states, a row for each sequence
	segments []segmentState // where there is a scan
}

func (q *shard) rows() int  { return q.starts[len(q.starts)-1] }
func (q *shard) steps() int { return len(q.sizes) }

// divide divides the batch into shards.
func (r *recurrent) divide(p *pass, lengths []int) {
	p.order = resizeSlice(p.order, p.batch)
	for i := range p.order {
		p.order[i] = i
	}
	if p.packed {
		slices.SortStableFunc(p.order, func(a, b int) int { return lengths[b] - lengths[a] })
	}
	n := (p.batch + shardSize - 1) / shardSize
	for len(p.allShards) < n {
		p.allShards = append(p.allShards, &shard{layers: r.newCaches()})
	}
	p.shards = p.allShards[:n]
	for i, q := range p.shards {
		q.seqs = append(q.seqs[:0], p.order[i*p.batch/n:(i+1)*p.batch/n]...)
		q.lengths = resizeSlice(q.lengths, len(q.seqs))
		for j, b := range q.seqs {
			q.lengths[j] = p.steps
			if p.packed {
				q.lengths[j] = lengths[b]
			}
		}
		q.countRows()
	}
}

// countRows sets what follows from the lengths.
func (q *shard) countRows() {
	size := len(q.lengths)
	longest := q.lengths[0]
	q.even = longest == q.lengths[size-1]
	q.sizes = resizeSlice(q.sizes, longest)
	q.starts = resizeSlice(q.starts, longest+1)
	q.starts[0] = 0
	for t := range longest {
		for q.lengths[size-1] <= t {
			size--
		}
		q.sizes[t] = size
		q.starts[t+1] = q.starts[t] + size
	}
}

// inOrder returns the i-th of n steps in the order of a direction.
func inOrder(i, n int, reverse bool) int {
	if reverse {
		return n - 1 - i
	}
	return i
}

// span returns the steps from to to−1, counted in the order of a direction, in
// the order of time, and their rows.
func (q *shard) span(from, to int, reverse bool) (t0, t1, lo, hi int) {
	if reverse {
		from, to = q.steps()-to, q.steps()-from
	}
	return from, to, q.starts[from], q.starts[to]
}

// blockSteps returns for how many steps the products outside them are computed
// together.
func (q *shard) blockSteps() int { return max(1, blockRows/len(q.seqs)) }

// stepRows returns the rows of step t of a shard in a tensor laid out as x,
// where no sequence ends before the others.
func (r *recurrent) stepRows(p *pass, q *shard, x *Tensor, t int) simd.Matrix {
	first := r.row(p, x, q.seqs[0], t)
	m := simd.Matrix{Rows: len(q.seqs), Cols: len(first), Stride: len(first)}
	if r.config.BatchFirst {
		m.Stride *= p.steps
	}
	m.Data = first[:(m.Rows-1)*m.Stride+m.Cols]
	return m
}

// gather copies rows of steps from to to−1 of a shard out of a tensor laid out
// as x, beginning at a column.
func (r *recurrent) gather(p *pass, q *shard, dst simd.Matrix, src *Tensor, column, from, to int) {
	r.eachRun(p, q, dst, src, column, from, to, simd.Copy)
}

// scatter copies rows of steps from to to−1 of a shard into a tensor laid out as
// x, beginning at a column, or adds them to what is there.
func (r *recurrent) scatter(p *pass, q *shard, dst *Tensor, column int, src simd.Matrix, from, to int, adding bool) {
	r.eachRun(p, q, src, dst, column, from, to, func(rows, x simd.Matrix) {
		if adding {
			for i := range rows.Rows {
				simd.Axpy(1, rows.Data[i*rows.Stride:][:rows.Cols], x.Data[i*x.Stride:][:x.Cols])
			}
		} else {
			simd.Copy(x, rows)
		}
	})
}

// eachRun calls do for the rows of steps from to to−1 of a shard and their place in
// a tensor laid out as x, beginning at a column: for those of a sequence together,
// as far as they are at equal distances. Where the batch comes first they lie side by
// side in x, which the processor reads ahead.
func (r *recurrent) eachRun(p *pass, q *shard, rows simd.Matrix, x *Tensor, column, from, to int, do func(rows, x simd.Matrix)) {
	width := x.shape[len(x.shape)-1]
	perSeq, perStep := width, p.batch*width
	if r.config.BatchFirst {
		perSeq, perStep = p.steps*width, width
	}
	first := q.starts[from]
	for t := from; t < to; {
		n, end := q.sizes[t], t+1
		for end < to && q.sizes[end] == n {
			end++
		}
		for j, b := range q.seqs[:n] {
			do(simd.Matrix{Rows: end - t, Cols: rows.Cols, Data: rows.Data[(q.starts[t]-first+j)*rows.Stride:], Stride: n * rows.Stride},
				simd.Matrix{Rows: end - t, Cols: rows.Cols, Data: x.data[b*perSeq+t*perStep+column:], Stride: perStep})
		}
		t = end
	}
}
