package lesson

import (
	"math"
	"testing"
)

// TestNormalsAreTheStandardLibrarys: the values are equal, except for the last bit
// of those in the tails.
func TestNormalsAreTheStandardLibrarys(t *testing.T) {
	want, rng := newRand(1), newRand(1)
	normal := normals()
	tails, differ := 0, 0
	for i := range 1_000_000 {
		x := normal.draw(rng)
		w, tolerance := want.NormFloat64(), 0.0
		if math.Abs(x) > normalTail {
			tails++
			tolerance = 1e-15
		}
		if x != w {
			differ++
		}
		if !(math.Abs(x-w) <= tolerance*math.Abs(w)) {
			t.Fatalf("value %d is %v, want %v", i, x, w)
		}
	}
	t.Logf("%d of a million values differ from the standard library's on this machine", differ)
	if tails < 400 { // 577 are expected
		t.Errorf("%d values in the tails", tails)
	}
}

func BenchmarkRandn(b *testing.B) {
	rng := newRand(1)
	for b.Loop() {
		Randn(rng, 1000)
	}
}
