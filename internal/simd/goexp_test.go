package simd

import (
	"math"
	"testing"
)

// The pages' math.Exp has the bits of Go's on amd64: both give this sum of theirs.
func testGoExp(t *testing.T, exp func(float64) float64) {
	const want = 0x485424db4b739652
	sum := uint64(14695981039346656037)
	mix := func(x float64) { sum = (sum ^ math.Float64bits(exp(x))) * 1099511628211 }
	x := uint64(1)
	for range 200_000 {
		x = x*6364136223846793005 + 1442695040888963407
		u := float64(int64(x)>>11) / (1 << 52) // from −1 to 1
		mix(u)
		mix(40 * u)
		mix(750 * u)
		mix(math.Ldexp(u, int(x>>60)-40))
	}
	for _, x := range []float64{0, math.Copysign(0, -1), 709.78, 709.7827128933840, 709.79, -708.5, -744.4, -745.13, -745.14, -746, -799, 5e-324} {
		mix(x)
	}
	if sum != want {
		t.Errorf("the sum of the bits is %#x, want %#x", sum, uint64(want))
	}
}
