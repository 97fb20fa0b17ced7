package simd

import "time"

// Peak measures for about d how many multiply-adds one core does on the
// current path when it does nothing else, in GFLOPS, an addition and a
// multiplication counting as one each. It returns the best of many short runs.
func Peak(d time.Duration) float64 {
	const rounds = 4096
	lanes := [...]int{Go: 1, AVX2: 4, AVX512: 8}[path]
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

// peakGo is peakAVX2 with scalars. Its result keeps the compiler from dropping
// the loop.
//
//go:noinline
func peakGo(n int) float64 {
	var a, b, c, d, e, f, x, y float64
	var s, t, u, v float64
	for range n {
		a, b, c, d = fma(x, y, a), fma(x, y, b), fma(x, y, c), fma(x, y, d)
		e, f, s, t = fma(x, y, e), fma(x, y, f), fma(x, y, s), fma(x, y, t)
		u, v, x, y = fma(x, y, u), fma(x, y, v), fma(x, y, x), fma(x, y, y)
	}
	return a + b + c + d + e + f + s + t + u + v + x + y
}
