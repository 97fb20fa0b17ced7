package simd

import (
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
)

// prec is the number of bits of the reference.
const prec = 240

var bigLn2 = func() *big.Float {
	x, _, err := big.ParseFloat("0.693147180559945309417232121458176568075500134360255254120680009493393621969694715605863326996418687", 10, 300, big.ToNearestEven)
	if err != nil {
		panic(err)
	}
	return x
}()

func newBig(x float64) *big.Float { return new(big.Float).SetPrec(prec).SetFloat64(x) }

// bigExp returns e^x to some 220 bits: e^x = 2^n·(e^(r/2^16))^(2^16).
func bigExp(x float64) *big.Float {
	const halvings = 16
	n := math.Round(x / math.Ln2)
	r := newBig(n)
	r.Sub(newBig(x), r.Mul(r, bigLn2))
	r.SetMantExp(r, -halvings)
	sum, term := newBig(1), newBig(1)
	for i := 1; i <= 15; i++ {
		term.Mul(term, r)
		term.Quo(term, newBig(float64(i)))
		sum.Add(sum, term)
	}
	for range halvings {
		sum.Mul(sum, sum)
	}
	return sum.SetMantExp(sum, int(n))
}

func bigSigmoid(x float64) *big.Float {
	e := bigExp(-x)
	return e.Quo(newBig(1), e.Add(e, newBig(1)))
}

func bigTanh(x float64) *big.Float {
	b := newBig(x)
	if math.Abs(x) < 0x1p-12 {
		// x − x³/3 + 2x⁵/15 − 17x⁷/315: the next term is below 2^−101.
		s := newBig(0).Mul(b, b)
		sum := newBig(0)
		for _, q := range [][2]float64{{-17, 315}, {2, 15}, {-1, 3}, {1, 1}} {
			sum.Mul(sum, s)
			c := newBig(q[0])
			sum.Add(sum, c.Quo(c, newBig(q[1])))
		}
		return sum.Mul(sum, b)
	}
	if math.Abs(x) > 300 {
		return newBig(math.Copysign(1, x))
	}
	e := bigExp(2 * x)
	num := newBig(0).Sub(e, newBig(1))
	return num.Quo(num, e.Add(e, newBig(1)))
}

// ulps returns how far got is from want in units of the last place of want.
func ulps(got float64, want *big.Float) float64 {
	w, _ := want.Float64()
	if math.IsInf(w, 0) || math.IsInf(got, 0) {
		if got == w {
			return 0
		}
		return math.Inf(1)
	}
	a := math.Abs(w)
	ulp := math.Nextafter(a, math.Inf(1)) - a
	if math.IsInf(ulp, 0) {
		ulp = a - math.Nextafter(a, 0)
	}
	d := newBig(got)
	d.Sub(d, want)
	d.Quo(d, newBig(ulp))
	u, _ := d.Float64()
	return math.Abs(u)
}

func TestAccuracy(t *testing.T) {
	for _, f := range []struct {
		name    string
		compute func(dst, src []float64)
		scalar  func(float64) float64
		want    func(float64) *big.Float
		most    float64
	}{
		{"Exp", ExpTo, Exp, bigExp, 1.1},
		{"Sigmoid", SigmoidTo, Sigmoid, bigSigmoid, 2.4},
		{"Tanh", TanhTo, Tanh, bigTanh, 2.6},
	} {
		rng := rand.New(rand.NewPCG(15, 16))
		var xs []float64
		for _, x := range special {
			// Half the largest number is far enough for a reference.
			if math.Abs(x) <= 1e5 {
				xs = append(xs, x, math.Nextafter(x, 1e9), math.Nextafter(x, -1e9))
			}
		}
		n := 4000
		if testing.Short() {
			n = 400
		}
		for range n {
			xs = append(xs,
				2*rng.Float64()-1,
				20*(2*rng.Float64()-1),
				760*(2*rng.Float64()-1),
				math.Ldexp(rng.Float64()-0.5, -rng.IntN(60)),
				// Around the steps of the reduction.
				math.Ln2/2*float64(rng.IntN(100)-50)*(1+(rng.Float64()-0.5)*0x1p-40))
		}
		want := make([]*big.Float, len(xs))
		for i, x := range xs {
			want[i] = f.want(x)
		}
		t.Run(f.name, func(t *testing.T) {
			onEachPath(t, func(t *testing.T) {
				got := make([]float64, len(xs))
				f.compute(got, xs)
				worst, at := 0.0, 0.0
				for i, x := range xs {
					if u := ulps(got[i], want[i]); u > worst {
						worst, at = u, x
					}
					if s := f.scalar(x); !same(s, got[i]) {
						t.Errorf("%s(%v) is %v alone, %v in a vector", f.name, x, s, got[i])
					}
				}
				t.Logf("at most %.3f units in the last place, at %v", worst, at)
				if worst > f.most {
					t.Errorf("off by %v units in the last place at %v, want at most %v", worst, at, f.most)
				}
			})
		})
	}
}

func TestLog(t *testing.T) {
	// A Newton step doubles the digits of an approximation y: log x = y +
	// log(x/e^y), and the last term is r − r²/2 for r = x/e^y − 1. Frexp comes
	// first, since math.Log is wrong for subnormal numbers on amd64.
	bigLog := func(x float64) *big.Float {
		m, k := math.Frexp(x)
		y := math.Log(m) + float64(k)*math.Ln2
		r := newBig(x)
		r.Quo(r, bigExp(y))
		r.Sub(r, newBig(1))
		s := newBig(0).Mul(r, r)
		r.Sub(r, s.Quo(s, newBig(2)))
		return r.Add(r, newBig(y))
	}
	rng := rand.New(rand.NewPCG(17, 18))
	worst := 0.0
	for i := range 8000 {
		x := math.Ldexp(0.5+rng.Float64(), rng.IntN(2000)-1000)
		switch i % 4 {
		case 1:
			x = 2 * rng.Float64()
		case 2:
			x = 1 + 1e-3*(rng.Float64()-0.5)
		case 3:
			x = math.Float64frombits(rng.Uint64N(1 << 52)) // subnormal
		}
		if u := ulps(Log(x), bigLog(x)); u > worst {
			worst = u
			if u > 1 {
				t.Errorf("Log(%v) is off by %v units in the last place", x, u)
			}
		}
	}
	t.Logf("at most %.3f units in the last place", worst)
	for x, want := range map[float64]float64{
		0: math.Inf(-1), math.Copysign(0, -1): math.Inf(-1), 1: 0, math.Inf(1): math.Inf(1),
		-1: math.NaN(), math.Inf(-1): math.NaN(), math.NaN(): math.NaN(),
		5e-324: -744.4400719213812, math.MaxFloat64: 709.782712893384,
	} {
		if got := Log(x); !same(got, want) {
			t.Errorf("Log(%v) is %v, want %v", x, got, want)
		}
	}
}

func TestLimits(t *testing.T) {
	inf, nan, zero := math.Inf(1), math.NaN(), math.Copysign(0, -1)
	for _, f := range []struct {
		name   string
		f      func(float64) float64
		x, y   []float64
		vector func(dst, src []float64)
	}{
		{"Exp", Exp, []float64{0, zero, inf, -inf, nan, 709.782712893384, 709.7827128933841, -745.1332191019411, -745.1332191019412, math.MaxFloat64, -math.MaxFloat64, 5e-324},
			[]float64{1, 1, inf, 0, nan, 0x1.fffffffffff2ap1023, inf, 5e-324, 0, inf, 0, 1}, ExpTo},
		{"Sigmoid", Sigmoid, []float64{0, zero, inf, -inf, nan, 40, -745.1332191019411, -745.1332191019412, math.MaxFloat64, -math.MaxFloat64, 5e-324},
			[]float64{0.5, 0.5, 1, 0, nan, 1, 5e-324, 0, 1, 0, 0.5}, SigmoidTo},
		{"Tanh", Tanh, []float64{0, zero, inf, -inf, nan, 20, -20, 5e-324, -5e-324, 0x1p-1022, 0x1p-30, math.MaxFloat64, -math.MaxFloat64},
			[]float64{0, zero, 1, -1, nan, 1, -1, 5e-324, -5e-324, 0x1p-1022, 0x1p-30, 1, -1}, TanhTo},
	} {
		t.Run(f.name, func(t *testing.T) {
			onEachPath(t, func(t *testing.T) {
				got := make([]float64, len(f.x))
				f.vector(got, f.x)
				for i, x := range f.x {
					if y := f.f(x); !same(y, f.y[i]) || !same(got[i], y) {
						t.Errorf("%s(%v) is %v and %v, want %v", f.name, x, y, got[i], f.y[i])
					}
				}
			})
		})
	}
}

func FuzzFunctions(f *testing.F) {
	for _, x := range special {
		f.Add(x)
	}
	f.Fuzz(func(t *testing.T, x float64) {
		src := []float64{x, 0, x, -x, x}
		for _, p := range Paths() {
			usePath(t, p)
			for _, g := range []struct {
				scalar func(float64) float64
				vector func(dst, src []float64)
				std    float64
				lo, hi float64
			}{
				{Exp, ExpTo, math.Exp(x), 0, math.Inf(1)},
				{Sigmoid, SigmoidTo, 1 / (1 + math.Exp(-x)), 0, 1},
				{Tanh, TanhTo, math.Tanh(x), -1, 1},
			} {
				dst := make([]float64, len(src))
				g.vector(dst, src)
				for i := range src {
					if want := g.scalar(src[i]); !same(dst[i], want) {
						t.Fatalf("element %d of %v on %v is %v, want %v", i, src, p, dst[i], want)
					}
				}
				if y := dst[0]; (y != y) != (x != x) || y < g.lo || y > g.hi ||
					x == x && !(y == g.std || math.Abs(y-g.std) <= 1e-15*math.Abs(g.std)+1e-307) {
					t.Fatalf("the value at %v is %v, the standard library's %v", x, y, g.std)
				}
			}
		}
	})
}

func TestExpSum(t *testing.T) {
	rng := rand.New(rand.NewPCG(29, 30))
	onEachPath(t, func(t *testing.T) {
		for n := range 40 {
			x, e := make([]float64, n), make([]float64, n)
			for i := range x {
				x[i] = 30 * rng.NormFloat64()
			}
			check := func(wantTop float64) {
				t.Helper()
				want := 0.0
				for _, v := range x {
					want += Exp(v - wantTop)
				}
				top, sum := ExpSum(e, x)
				if top != wantTop || math.Float64bits(sum) != math.Float64bits(want) && !(math.IsNaN(sum) && math.IsNaN(want)) {
					t.Errorf("%v: top %v and sum %v, want %v and %v", x, top, sum, wantTop, want)
				}
				for i, v := range e {
					if want := Exp(x[i] - wantTop); v != want && !(math.IsNaN(v) && math.IsNaN(want)) {
						t.Errorf("%v: e[%d] is %v, want %v", x, i, v, want)
					}
				}
			}
			if n == 0 {
				check(math.Inf(-1))
				continue
			}
			check(slices.Max(x))
			x[(n-1)/2] = 1000 // e^1000 overflows
			check(1000)
			left := 1000.0 // as the largest, where the last is none
			if n == 1 {
				left = math.Inf(-1)
			}
			x[n-1] = math.Inf(-1)
			check(left)
			x[n-1] = math.NaN()
			check(left)
		}
	})
}

func BenchmarkFunctions(b *testing.B) {
	src, dst := make([]float64, 256), make([]float64, 256)
	rng := rand.New(rand.NewPCG(1, 1))
	for i := range src {
		src[i] = 4 * rng.NormFloat64()
	}
	run := func(name string, f func()) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(src)), "ns/element")
		})
	}
	for _, p := range Paths() {
		usePath(b, p)
		run("path="+p.String()+"/function=Exp", func() { ExpTo(dst, src) })
		run("path="+p.String()+"/function=Sigmoid", func() { SigmoidTo(dst, src) })
		run("path="+p.String()+"/function=Tanh", func() { TanhTo(dst, src) })
	}
	run("path=math/function=Exp", func() {
		for i, x := range src {
			dst[i] = math.Exp(x)
		}
	})
	run("path=math/function=Tanh", func() {
		for i, x := range src {
			dst[i] = math.Tanh(x)
		}
	})
}
