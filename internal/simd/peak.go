package simd

import "time"

// Peak measures for about d the peak rate of one core on the current path, in
// GFLOPS: the best of many short runs that do nothing but multiply-adds, each of
// which counts as two operations.
func Peak(d time.Duration) float64 {
	const rounds = 4096
	lanes := [...]int{Go: 1, AVX2: 4, AVX512: 8, SIMD128: 1}[path]
	best := time.Duration(1 << 62)
	for begin := time.Now(); time.Since(begin) < d; {
		start := time.Now()
		switch path {
		case AVX512:
			peakAVX512(rounds)
		case AVX2:
			peakAVX2(rounds)
		default:
			peakGo(rounds)
		}
		best = min(best, max(time.Since(start), 1))
	}
	return rounds * 12 * 2 * float64(lanes) / float64(best.Nanoseconds())
}

// peakGo is peakAVX2 with scalars. It is not inlined, returns a result and
// starts from different values, so that the compiler cannot remove work.
//
//go:noinline
func peakGo(n int) float64 {
	x, y := 0.5, 0.25
	a, b, c, d, e, f := 1., 2., 3., 4., 5., 6.
	s, t, u, v, w, z := 7., 8., 9., 10., 11., 12.
	for range n {
		a, b, c, d = fma(a, x, y), fma(b, x, y), fma(c, x, y), fma(d, x, y)
		e, f, s, t = fma(e, x, y), fma(f, x, y), fma(s, x, y), fma(t, x, y)
		u, v, w, z = fma(u, x, y), fma(v, x, y), fma(w, x, y), fma(z, x, y)
	}
	return a + b + c + d + e + f + s + t + u + v + w + z
}
