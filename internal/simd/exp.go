package simd

import "math"

// The constants of exp, tanh and sigmoid, in memory that the assembly reads
// too. gen/math.go has the same order.
const (
	cLog2e = iota
	cRound
	cLn2Hi
	cLn2Lo
	cExpMax
	cExpMin
	cTanhMax
	cBias
	cSign
	cHalf
	cOne
	cTwo
	cPoly // eleven coefficients
)

var constants = [...]float64{
	cLog2e:   1 / math.Ln2,
	cRound:   0x1.8p52, // x + cRound ends in the integer nearest to x
	cLn2Hi:   math.Ln2,
	cLn2Lo:   0x1.abc9e3b39803fp-56, // ln 2 − float64(ln 2)
	cExpMax:  720,                   // e^720 overflows
	cExpMin:  -750,                  // e^−750 rounds to zero
	cTanhMax: 20,                    // tanh 20 rounds to one
	cBias:    1,                     // its bits are the exponent of 2^0
	cSign:    math.Copysign(0, -1),
	cHalf:    0.5,
	cOne:     1,
	cTwo:     2,
	// The minimax polynomial of (e^r − 1 − r)/r² on |r| ≤ ln(2)/2, found with
	// Remez's algorithm in 60 digits; it is off by at most 1.4e-18.
	cPoly + 0:  0x1.0000000000000p-1,
	cPoly + 1:  0x1.5555555555557p-3,
	cPoly + 2:  0x1.5555555555558p-5,
	cPoly + 3:  0x1.11111111100dbp-7,
	cPoly + 4:  0x1.6c16c16c151fbp-10,
	cPoly + 5:  0x1.a01a01abe81ccp-13,
	cPoly + 6:  0x1.a01a01acfb531p-16,
	cPoly + 7:  0x1.71de023141a2ep-19,
	cPoly + 8:  0x1.27e4ccccc090bp-22,
	cPoly + 9:  0x1.af4dea17e3fc2p-26,
	cPoly + 10: 0x1.1f8b4e34e2489p-29,
}

// reduce returns n and p with e^x = 2^n·(1 + p): n is the integer nearest to
// x/ln 2 and p = e^r − 1 for the remainder r = x − n·ln 2. |x| is at most 750.
func reduce(x float64) (n, p float64) {
	t := fma(x, constants[cLog2e], constants[cRound])
	n = t - constants[cRound]
	r := fma(-n, constants[cLn2Hi], x) // exact
	r = fma(-n, constants[cLn2Lo], r)
	// Even and odd powers are two independent chains, whose latencies overlap.
	s := r * r
	even := fma(constants[cPoly+10], s, constants[cPoly+8])
	odd := fma(constants[cPoly+9], s, constants[cPoly+7])
	even = fma(even, s, constants[cPoly+6])
	odd = fma(odd, s, constants[cPoly+5])
	even = fma(even, s, constants[cPoly+4])
	odd = fma(odd, s, constants[cPoly+3])
	even = fma(even, s, constants[cPoly+2])
	odd = fma(odd, s, constants[cPoly+1])
	even = fma(even, s, constants[cPoly+0])
	return n, fma(s, fma(odd, r, even), r)
}

// pow2 returns 2^n for an integer n in [−1022, 1023].
func pow2(n float64) float64 {
	return math.Float64frombits(math.Float64bits(n+constants[cRound])<<52 + math.Float64bits(1))
}

// scale returns x·2^n, rounded once, for |n| up to 2000 and x near 1.
func scale(x, n float64) float64 {
	h := n*0.5 + constants[cRound] - constants[cRound]
	return x * pow2(h) * pow2(n-h)
}

// Exp returns e^x.
func Exp(x float64) float64 {
	if scalars && path == SIMD128 {
		return exp1(x)
	}
	if x > constants[cExpMax] {
		x = constants[cExpMax]
	}
	if x < constants[cExpMin] {
		x = constants[cExpMin]
	}
	n, p := reduce(x)
	return scale(1+p, n)
}

// Sigmoid returns 1/(1 + e^−x).
func Sigmoid(x float64) float64 {
	if scalars && path == SIMD128 {
		return sigmoid1(x)
	}
	// With e = e^−|x| ≤ 1 neither form overflows, and small results keep
	// their precision.
	a := -math.Abs(x)
	if a < constants[cExpMin] {
		a = constants[cExpMin]
	}
	n, p := reduce(a)
	e := scale(1+p, n)
	num := e
	if !math.Signbit(x) {
		num = 1
	}
	return num / (1 + e)
}

// Tanh returns the hyperbolic tangent of x.
func Tanh(x float64) float64 {
	if scalars && path == SIMD128 {
		return tanh1(x)
	}
	// With u = e^2|x| − 1, tanh |x| = u/(u + 2), which is accurate near zero
	// as well.
	a := math.Abs(x)
	if a > constants[cTanhMax] {
		a = constants[cTanhMax]
	}
	n, p := reduce(a + a)
	s := pow2(n)
	u := fma(s, p, s-1)
	return math.Copysign(u/(u+2), x)
}

// Log returns the natural logarithm of x, with the same bits everywhere, which
// the standard library's does not promise.
//
// With x = 2^k·(1+f) and s = f/(2+f), log(1+f) is f − s·(f−R), where R is a
// polynomial in s²: FreeBSD's e_log.c, by Sun Microsystems, as package math has
// it.
func Log(x float64) float64 {
	const (
		ln2Hi = 6.93147180369123816490e-01 // its last bits are zero, so that k·ln2Hi is exact
		ln2Lo = 1.90821492927058770002e-10
	)
	switch {
	case x != x || x > math.MaxFloat64:
		return x
	case x < 0:
		return math.NaN()
	case x == 0:
		return math.Inf(-1)
	}
	m, exp := math.Frexp(x)
	if m < math.Sqrt2/2 {
		m *= 2
		exp--
	}
	f, k := m-1, float64(exp)
	if scalars && path == SIMD128 {
		return log1(f, k)
	}
	s := f / (2 + f)
	s2 := s * s
	s4 := s2 * s2
	odd := s2 * fma(s4, fma(s4, fma(s4, 1.479819860511658591e-01, 1.818357216161805012e-01), 2.857142874366239149e-01), 6.666666666666735130e-01)
	even := s4 * fma(s4, fma(s4, 1.531383769920937332e-01, 2.222219843214978396e-01), 3.999999999940941908e-01)
	r := float64(odd) + float64(even)
	half := float64(0.5 * f * f)
	return float64(k*ln2Hi) - ((half - fma(s, half+r, float64(k*ln2Lo))) - f)
}

// ExpTo sets dst[i] = e^src[i]. The slices may be the same.
func ExpTo(dst, src []float64) {
	checkLen("ExpTo", "src", len(src), len(dst))
	if len(dst) == 0 {
		return
	}
	switch path {
	case AVX512:
		expAVX512(&dst[0], &src[0], len(dst))
	case AVX2, SIMD128:
		expAVX2(&dst[0], &src[0], len(dst))
	default:
		for i, x := range src {
			dst[i] = Exp(x)
		}
	}
}

// ExpSum sets dst[i] = e^(src[i] − top), none of which overflows, where top is the
// largest of src, and returns top and the sum of dst, added up in order. Log sum + top is
// the log-sum-exp of src. A NaN in src is no top, and makes the sum NaN.
func ExpSum(dst, src []float64) (top, sum float64) {
	checkLen("ExpSum", "src", len(src), len(dst))
	if scalars && path != Go && len(dst) > 0 {
		var both [2]float64
		expSum(&dst[0], &src[0], len(dst), &both)
		return both[0], both[1]
	}
	top = math.Inf(-1)
	for _, x := range src {
		if x > top {
			top = x
		}
	}
	for i, x := range src {
		dst[i] = x - top
	}
	ExpTo(dst, dst)
	for _, e := range dst {
		sum += e
	}
	return top, sum
}

// SigmoidTo sets dst[i] = 1/(1 + e^−src[i]). The slices may be the same.
func SigmoidTo(dst, src []float64) {
	checkLen("SigmoidTo", "src", len(src), len(dst))
	if len(dst) == 0 {
		return
	}
	switch path {
	case AVX512:
		sigmoidAVX512(&dst[0], &src[0], len(dst))
	case AVX2, SIMD128:
		sigmoidAVX2(&dst[0], &src[0], len(dst))
	default:
		for i, x := range src {
			dst[i] = Sigmoid(x)
		}
	}
}

// TanhTo sets dst[i] = tanh src[i]. The slices may be the same.
func TanhTo(dst, src []float64) {
	checkLen("TanhTo", "src", len(src), len(dst))
	if len(dst) == 0 {
		return
	}
	switch path {
	case AVX512:
		tanhAVX512(&dst[0], &src[0], len(dst))
	case AVX2, SIMD128:
		tanhAVX2(&dst[0], &src[0], len(dst))
	default:
		for i, x := range src {
			dst[i] = Tanh(x)
		}
	}
}
