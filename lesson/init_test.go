package lesson

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// TestOrthogonal: QᵀQ = s²I, for every sign of s.
func TestOrthogonal(t *testing.T) {
	for _, n := range []int{1, 2, 7, 40} {
		for _, s := range []float64{1, 0.9, -2, 0} {
			q := Orthogonal(newRand(1), n, s)
			var p mat.Dense
			p.Mul(q.T(), q)
			for i := range n {
				for j := range n {
					want := 0.0
					if i == j {
						want = s * s
					}
					if d := math.Abs(p.At(i, j) - want); !(d < 1e-13) {
						t.Fatalf("n %d, s %v: QᵀQ[%d,%d] is off by %v", n, s, i, j, d)
					}
				}
			}
		}
	}
	if !mat.Equal(Orthogonal(newRand(3), 5, 1), Orthogonal(newRand(3), 5, 1)) {
		t.Error("the same rng gives another matrix")
	}
}

// TestOrthogonalIsHaar: an evenly drawn matrix has a mean trace of 0 and a
// mean squared trace of 1 (Diaconis & Shahshahani, 1994). Without the choice
// of signs the Q of a Householder QR has neither.
func TestOrthogonalIsHaar(t *testing.T) {
	const n, draws = 4, 4000
	rng := newRand(1)
	var sum, squares float64
	for range draws {
		tr := mat.Trace(Orthogonal(rng, n, 1))
		sum += tr
		squares += tr * tr
	}
	// The trace squared has variance 2 and the trace 1: five standard errors.
	if m := sum / draws; math.Abs(m) > 5/math.Sqrt(draws) {
		t.Errorf("mean trace %v, want 0", m)
	}
	if m := squares / draws; math.Abs(m-1) > 5*math.Sqrt(2./draws) {
		t.Errorf("mean squared trace %v, want 1", m)
	}
}

// TestOrthogonalBits: the bits are those that amd64 and arm64 computed, and
// what a lesson prints after it is what its page shows.
func TestOrthogonalBits(t *testing.T) {
	var bits uint64
	for i, v := range Orthogonal(newRand(9), 32, 1.5).RawMatrix().Data {
		bits = bits*31 + math.Float64bits(v) + uint64(i)
	}
	if want := uint64(0x8b8ee242a3a899ec); bits != want {
		t.Errorf("checksum %#x, want %#x", bits, want)
	}
}
