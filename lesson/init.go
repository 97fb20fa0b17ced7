package lesson

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"unroll/internal/simd"
)

// Orthogonal returns s·Q for a random orthogonal n×n matrix Q, drawn evenly
// from all of them (Haar measure): the rows of a Gaussian matrix, each
// without its projection on those above it, scaled to length 1 (Gram and Schmidt). Multiplying
// by it stretches every vector by |s| exactly. It panics unless n is at least 1,
// and when rng is nil.
//
// Unlike a library's QR decomposition it has the same bits on every machine.
func Orthogonal(rng *rand.Rand, n int, s float64) *mat.Dense {
	checkRand("Orthogonal", rng)
	if n < 1 {
		failf("Orthogonal", "n is %d, want at least 1", n)
	}
	checkShape("Orthogonal", []int{n, n})
	q := mat.NewDense(n, n, nil)
	normal := normals()
	for i := range n {
		row := q.RawRowView(i)
		for j := range row {
			row[j] = normal.draw(rng)
		}
		for range 2 { // what rounding leaves of the other rows, the second pass removes
			for j := range i {
				above := q.RawRowView(j)
				simd.Axpy(-simd.Dot(above, row), above, row)
			}
			simd.Scale(1/math.Sqrt(simd.Dot(row, row)), row)
		}
	}
	for i := range n {
		simd.Scale(s, q.RawRowView(i))
	}
	return q
}

// uniformInit fills t as PyTorch's recurrent layers begin: uniform in ±1/√hidden.
func uniformInit(rng *rand.Rand, t *Tensor, hidden int) {
	bound := 1 / math.Sqrt(float64(hidden))
	for i := range t.data {
		t.data[i] = bound * (float64(2*rng.Float64()) - 1)
	}
}
