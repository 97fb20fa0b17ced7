package lesson

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
)

// Orthogonal returns s·Q for a random orthogonal n×n matrix Q, drawn evenly
// from all of them (Haar measure): the Q of a QR decomposition of a Gaussian
// matrix, each column's sign chosen so that R's diagonal is positive (Mezzadri,
// 2007). Multiplying by it stretches every vector by s exactly. It panics
// unless n is at least 1.
func Orthogonal(rng *rand.Rand, n int, s float64) *mat.Dense {
	if n < 1 {
		failf("Orthogonal", "n is %d, want at least 1", n)
	}
	g := mat.NewDense(n, n, nil)
	for i := range n {
		for j := range n {
			g.Set(i, j, rng.NormFloat64())
		}
	}
	var qr mat.QR
	qr.Factorize(g)
	var q, r mat.Dense
	qr.QTo(&q)
	qr.RTo(&r)
	for j := range n {
		sign := math.Copysign(s, s*r.At(j, j))
		for i := range n {
			q.Set(i, j, sign*q.At(i, j))
		}
	}
	return &q
}

// uniformInit fills t as PyTorch's recurrent layers begin: uniform in ±1/√hidden.
func uniformInit(rng *rand.Rand, t *Tensor, hidden int) {
	bound := 1 / math.Sqrt(float64(hidden))
	for i := range t.data {
		t.data[i] = bound * (2*rng.Float64() - 1)
	}
}
