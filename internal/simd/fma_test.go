package simd

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestSoftFMA(t *testing.T) {
	check := func(x, y, z float64) {
		t.Helper()
		if got, want := softFMA(x, y, z), math.FMA(x, y, z); !same(got, want) {
			t.Errorf("softFMA(%x, %x, %x) = %x, want %x", x, y, z, got, want)
		}
	}
	values := append([]float64{0x1p900, 0x1p-900, 0x1p450, -0x1p450, 0x1.fffffffffffffp899, 0x1.0000000000001p0}, special...)
	for _, x := range values {
		for _, y := range values {
			for _, z := range values {
				check(x, y, z)
			}
		}
	}
	rng := rand.New(rand.NewPCG(13, 14))
	for range 200_000 {
		x, y := 2*rng.Float64()-1, 2*rng.Float64()-1
		p := x * y
		// Ordinary sums, sums that cancel, and sums that fall near the middle
		// between two numbers.
		check(x, y, 2*rng.Float64()-1)
		check(x, y, -p)
		check(x, y, math.Nextafter(-p, math.Inf(rng.IntN(2)*2-1)))
		check(x, y, math.Ldexp(rng.Float64(), rng.IntN(220)-110))
		check(x, y, math.Ldexp(-p, rng.IntN(12)-6))
		check(math.Float64frombits(rng.Uint64()), math.Float64frombits(rng.Uint64()), math.Float64frombits(rng.Uint64()))
		// Few bits make ties.
		check(float64(rng.IntN(1<<28)), float64(rng.IntN(1<<28)), math.Ldexp(float64(rng.IntN(8)), rng.IntN(110)-55))
		check(float64(rng.IntN(1<<29)), -float64(rng.IntN(1<<29)), math.Ldexp(float64(rng.IntN(8)-4), 50+rng.IntN(8)))
	}
}

func BenchmarkSoftFMA(b *testing.B) {
	x, y, z := 0.3, 0.7, 0.1
	b.Run("soft", func(b *testing.B) {
		for b.Loop() {
			z = softFMA(x, y, z)
		}
	})
	b.Run("math", func(b *testing.B) {
		for b.Loop() {
			z = math.FMA(x, y, z)
		}
	})
}
