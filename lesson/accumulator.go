package lesson

import "unroll/internal/simd"

// maxAccumulators is how many sums the gradients of the parameters are divided
// into at most. An accumulator takes its shards one after the other, and at the
// end the accumulators are added in their order: the same sums for any number of
// cores.
const maxAccumulators = 32

// An accumulator sums gradients of all parameters, in their order.
type accumulator [][]float64

// prepareAccumulators gives the pass as many as it needs for so many shards or
// segments. What they hold is set by the first of these.
func (r *recurrent) prepareAccumulators(p *pass, parts int) {
	n := min(parts, maxAccumulators)
	for len(p.allAccumulators) < n {
		var sums accumulator
		for _, q := range r.params {
			sums = append(sums, make([]float64, len(q.Value.data)))
		}
		p.allAccumulators = append(p.allAccumulators, sums)
	}
	p.accumulators = p.allAccumulators[:n]
}

// addGradients adds the gradients of a direction's parameters that come from
// some rows: da, du, what the layer read, and the states before the steps.
func (r *recurrent) addGradients(w *weights, sums accumulator, fresh bool, da, du, in, before simd.Matrix, packed *simd.Packed) {
	sums = sums[w.first:]
	products := [2][2]simd.Matrix{{da, in}, {du, before}}
	weights := len(products)
	if w.hh == nil {
		weights = 1
	}
	for k, product := range products[:weights] {
		slopes, source := product[0], product[1]
		sum := simd.Matrix{Rows: slopes.Cols, Cols: source.Cols, Data: sums[k], Stride: source.Cols}
		start := sum
		if fresh {
			start = simd.Matrix{}
		}
		simd.GemmTA(sum, start, slopes, source, packed)
		if r.config.Bias {
			if fresh {
				clear(sums[weights+k])
			}
			simd.SumRows(sums[weights+k], slopes)
		}
	}
}

// sumChunk is how many elements of a gradient are added up by one job.
const sumChunk = 4096

// sumJobs returns how many jobs add up the accumulators.
func (r *recurrent) sumJobs() int {
	n := 0
	for _, p := range r.params {
		n += (len(p.Value.data) + sumChunk - 1) / sumChunk
	}
	return n
}

// sumGradients adds a chunk of every accumulator to that of a parameter's
// gradient.
func (r *recurrent) sumGradients(p *pass, job int) {
	for i, param := range r.params {
		chunks := (len(param.Value.data) + sumChunk - 1) / sumChunk
		if job >= chunks {
			job -= chunks
			continue
		}
		lo, hi := job*sumChunk, min((job+1)*sumChunk, len(param.Value.data))
		for _, sums := range p.accumulators {
			simd.Axpy(1, sums[i][lo:hi], param.Grad.data[lo:hi])
		}
		return
	}
}
