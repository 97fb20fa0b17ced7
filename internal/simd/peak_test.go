package simd

import (
	"math"
	"testing"
	"time"
)

func TestPeakIsAboveAProduct(t *testing.T) {
	// The peak must be above the rate of a dot product, which waits for its own
	// sums; other work on the machine is allowed a factor of two.
	onEachPath(t, func(t *testing.T) {
		if Current() == SIMD128 {
			t.Skip("its kernels have no loop for the peak")
		}
		x := make([]float64, 1024)
		best := math.Inf(1)
		for range 200 {
			begin := time.Now()
			for range 10 {
				x[0] = Dot(x, x)
			}
			best = min(best, float64(time.Since(begin).Nanoseconds()))
		}
		dot := 2 * 10 * float64(len(x)) / best
		if peak := Peak(10 * time.Millisecond); !(peak > dot/2) || math.IsInf(peak, 0) {
			t.Errorf("the peak is %v GFLOPS, a dot product does %v", peak, dot)
		}
	})
}
