package simd

import "math"

// softFMA returns x·y + z, rounded once, for machines without the instruction.
// In the ordinary range it computes the product and the sums with their errors
// and rounds the sum of the errors to odd, which makes the last rounding right: Boldo and
// Melquiond, "Emulation of FMA and Correctly Rounded Sums: Proved Algorithms
// Using Rounding to Odd", IEEE Transactions on Computers 57(4), 2008. That is
// about twice as fast as math.FMA without the instruction (BenchmarkSoftFMA).
// The conversions keep the compiler from fusing an expression.
func softFMA(x, y, z float64) float64 {
	p := float64(x * y)
	if a := math.Abs(p); !(a > 0x1p-900 && a < 0x1p900 &&
		math.Abs(x) < 0x1p900 && math.Abs(y) < 0x1p900 && math.Abs(z) < 0x1p900) {
		if x == 0 || y == 0 {
			return p + z
		}
		return math.FMA(x, y, z)
	}
	// p + e is x·y: Dekker's product of halves.
	const split = 1<<27 + 1
	t := float64(split * x)
	xh := t - float64(t-x)
	xl := x - xh
	t = float64(split * y)
	yh := t - float64(t-y)
	yl := y - yh
	e := float64(xl*yl) - (float64(float64(p-float64(xh*yh))-float64(xl*yh)) - float64(xh*yl))
	// v + w + u is p + e + z.
	s, u := twoSum(z, e)
	v, w := twoSum(p, s)
	r, err := twoSum(u, w)
	if err != 0 {
		b := math.Float64bits(r)
		if b&1 == 0 {
			if (err > 0) == (r > 0) {
				b++
			} else {
				b--
			}
			r = math.Float64frombits(b)
		}
	}
	return v + r
}

// twoSum returns x + y rounded and its rounding error; the two add up to x + y
// exactly.
func twoSum(x, y float64) (sum, err float64) {
	sum = x + y
	t := sum - x
	return sum, (x - (sum - t)) + (y - t)
}
