package lesson

import (
	"runtime"
	"testing"
)

// TestNormalsAreTheStandardLibrarys: where the standard library computes as we
// do, without fusing, the values are its own, tails included.
func TestNormalsAreTheStandardLibrarys(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skipf("the standard library's values on %s may differ in the last bit", runtime.GOARCH)
	}
	want, rng := newRand(1), newRand(1)
	normal := normals()
	tails := 0
	for i := range 1_000_000 {
		x := normal.draw(rng)
		if w := want.NormFloat64(); x != w {
			t.Fatalf("value %d is %v, want %v", i, x, w)
		}
		if x > normalTail || x < -normalTail {
			tails++
		}
	}
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
