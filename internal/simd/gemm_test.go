package simd

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
)

// canary fills memory that must not be written.
const canary = -12345.678

// matrix returns a guarded rows×cols matrix of the given values, with canaries
// between the rows.
func matrix(tb testing.TB, rows, cols, gap int, atStart bool, value func() float64) Matrix {
	m := Matrix{Rows: rows, Cols: cols, Stride: cols + gap}
	if rows == 0 || cols == 0 {
		return m
	}
	m.Data = guarded(tb, (rows-1)*m.Stride+cols, atStart)
	for i := range m.Data {
		m.Data[i] = canary
		if i%m.Stride < cols {
			m.Data[i] = value()
		}
	}
	return m
}

func (m Matrix) at(i, j int) float64 { return m.Data[i*m.Stride+j] }

func (m Matrix) clone() Matrix {
	m.Data = slices.Clone(m.Data)
	return m
}

func (m Matrix) trans() Matrix {
	t := Matrix{m.Cols, m.Rows, make([]float64, m.Rows*m.Cols), m.Rows}
	for i := range m.Rows {
		for j := range m.Cols {
			t.Data[j*m.Rows+i] = m.at(i, j)
		}
	}
	return t
}

// product is the loop that documents Gemm.
func product(c, d, a, b Matrix) {
	for i := range a.Rows {
		for j := range b.Cols {
			var sum float64
			if d.Data != nil {
				sum = d.at(i, j)
			}
			for k := range a.Cols {
				sum = math.FMA(a.at(i, k), b.at(k, j), sum)
			}
			c.Data[i*c.Stride+j] = sum
		}
	}
}

// checkProducts compares all forms of a product with the plain loop.
func checkProducts(t *testing.T, m, k, n, gap int, atStart bool, value func() float64) {
	t.Helper()
	a, b := matrix(t, m, k, gap, atStart, value), matrix(t, k, n, 2*gap, atStart, value)
	c, d := matrix(t, m, n, 3*gap, atStart, value), matrix(t, m, n, gap, atStart, value)
	bias := matrix(t, 1, n, 0, atStart, value)
	bias.Rows, bias.Stride = m, 0
	if m == 0 {
		bias.Data = nil
	}
	bt, at := b.trans(), a.trans()
	var p, pt, work Packed
	p.Pack(b)
	pt.PackTrans(bt)
	starts := map[string]Matrix{"0": {}, "d": d, "bias": bias, "c": c}
	for name, start := range starts {
		want := c.clone()
		product(want, start, a, b)
		for form, multiply := range map[string]func(c, d Matrix){
			"a·b":      func(c, d Matrix) { Gemm(c, d, a, &p) },
			"a·(bᵀ)ᵀ":  func(c, d Matrix) { Gemm(c, d, a, &pt) },
			"(aᵀ)ᵀ·b ": func(c, d Matrix) { GemmTA(c, d, at, b, &work) },
		} {
			saved := slices.Clone(c.Data)
			multiply(c, start)
			if s := diff(c.Data, want.Data); s != "" {
				t.Errorf("%s + %s, %d×%d×%d, gap %d: c%s", name, form, m, k, n, gap, s)
			}
			copy(c.Data, saved)
		}
	}
}

func TestProductsEqualThePlainLoop(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	value := func() float64 { return 2*rng.Float64() - 1 }
	onEachPath(t, func(t *testing.T) {
		for m := range 19 {
			for _, n := range []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 15, 16, 17, 24, 31, 32, 33, 40, 63, 64, 65, 79} {
				for _, k := range []int{0, 1, 5} {
					checkProducts(t, m, k, n, (m+n)%3, n%2 == 0, value)
				}
			}
		}
		for _, s := range [][3]int{{320, 128, 256}, {32, 64, 256}, {32, 8, 96}, {1, 64, 256}, {5, 255, 9}, {5, 256, 9}, {7, 257, 17}, {3, 600, 20}, {130, 515, 12}, {41, 9, 133}} {
			checkProducts(t, s[0], s[1], s[2], 3, false, value)
		}
	})
}

func TestProductsOfSpecialValues(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	onEachPath(t, func(t *testing.T) {
		for range 20 {
			// Mostly ordinary values, so that not all sums are NaN.
			value := func() float64 {
				if rng.IntN(20) == 0 {
					return special[rng.IntN(len(special))]
				}
				return rng.Float64() - 0.5
			}
			checkProducts(t, 9, 6, 21, 1, false, value)
		}
		var p Packed
		p.Pack(Matrix{1, 1, []float64{math.NaN()}, 1})
		c := []float64{1}
		Gemm(Matrix{1, 1, c, 1}, Matrix{}, Matrix{1, 1, []float64{0}, 1}, &p)
		if c[0] == c[0] {
			t.Errorf("0·NaN is %v, want NaN", c[0])
		}
	})
}

func TestRowsDoNotDependOnTheSplit(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	value := func() float64 { return 2*rng.Float64() - 1 }
	onEachPath(t, func(t *testing.T) {
		a, b := matrix(t, 37, 300, 0, false, value), matrix(t, 300, 45, 0, false, value)
		c, split := matrix(t, 37, 45, 0, false, value), matrix(t, 37, 45, 0, false, value)
		var p Packed
		p.Pack(b)
		Gemm(c, Matrix{}, a, &p)
		for i := 0; i < 37; {
			rows := min(1+rng.IntN(12), 37-i)
			Gemm(Matrix{rows, 45, split.Data[i*45:], 45}, Matrix{}, Matrix{rows, 300, a.Data[i*300:], 300}, &p)
			i += rows
		}
		if s := diff(split.Data, c.Data); s != "" {
			t.Errorf("c%s", s)
		}
	})
}

func TestProductsAgreeWithGonum(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	value := func() float64 { return rng.NormFloat64() }
	onEachPath(t, func(t *testing.T) {
		a, b := matrix(t, 50, 70, 2, false, value), matrix(t, 70, 90, 1, false, value)
		c, want := matrix(t, 50, 90, 0, false, value), matrix(t, 50, 90, 0, false, value)
		blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, blas64.General(a), blas64.General(b), 0, blas64.General(want))
		var p Packed
		p.Pack(b)
		Gemm(c, Matrix{}, a, &p)
		for i := range c.Data {
			if d := math.Abs(c.Data[i] - want.Data[i]); d > 1e-13 {
				t.Fatalf("element %d is %v, gonum's %v", i, c.Data[i], want.Data[i])
			}
		}
	})
}

func TestPackedIsOfTheGivenShape(t *testing.T) {
	var p Packed
	m := Matrix{3, 5, make([]float64, 15), 5}
	p.Pack(m)
	if r, c := p.Dims(); r != 3 || c != 5 {
		t.Errorf("packed %d×%d, want 3×5", r, c)
	}
	p.PackTrans(m)
	if r, c := p.Dims(); r != 5 || c != 3 {
		t.Errorf("packed the transpose %d×%d, want 5×3", r, c)
	}
}

func TestProductsDoNotAllocate(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		m := Matrix{21, 21, make([]float64, 441), 21}
		c := Matrix{21, 21, make([]float64, 441), 21}
		var p, work Packed
		step := func() {
			p.Pack(m)
			Gemm(c, Matrix{}, m, &p)
			p.PackTrans(m)
			Gemm(c, c, m, &p)
			GemmTA(c, Matrix{}, m, m, &work)
		}
		step()
		if n := testing.AllocsPerRun(10, step); n > 0 {
			t.Errorf("%v allocations, want none", n)
		}
	})
}

func FuzzProducts(f *testing.F) {
	f.Add(uint8(3), uint16(5), uint8(17), uint8(1), uint64(1))
	f.Add(uint8(1), uint16(300), uint8(65), uint8(0), uint64(2))
	f.Fuzz(func(t *testing.T, m uint8, k uint16, n, gap uint8, seed uint64) {
		rng := rand.New(rand.NewPCG(seed, 0))
		value := func() float64 {
			if rng.IntN(100) == 0 {
				return math.Float64frombits(rng.Uint64())
			}
			return 2*rng.Float64() - 1
		}
		for _, p := range Paths() {
			usePath(t, p)
			checkProducts(t, int(m%40), int(k%600), int(n%100), int(gap%9), seed%2 == 0, value)
		}
	})
}

func BenchmarkProducts(b *testing.B) {
	// The products of an LSTM, input 128 and hidden 64, batch 32, ten steps;
	// of a small one; and of a single sequence's step.
	for _, s := range [][3]int{{320, 128, 256}, {32, 64, 256}, {320, 256, 128}, {32, 8, 96}, {1, 64, 256}, {32000, 128, 256}} {
		m, k, n := s[0], s[1], s[2]
		rng := rand.New(rand.NewPCG(1, 1))
		value := func() float64 { return 2*rng.Float64() - 1 }
		x, y, z := matrix(b, m, k, 0, false, value), matrix(b, k, n, 0, false, value), matrix(b, m, n, 0, false, value)
		grad := matrix(b, k, n, 0, false, value)
		run := func(name string, f func()) {
			b.Run(fmt.Sprintf("m=%d/k=%d/n=%d/%s", m, k, n, name), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					f()
				}
				flops := 2 * float64(m*k*n) * float64(b.N)
				b.ReportMetric(flops/float64(b.Elapsed().Nanoseconds()), "GFLOPS")
			})
		}
		for _, p := range Paths() {
			usePath(b, p)
			var packed, work Packed
			packed.Pack(y)
			run("path="+p.String()+"/product=AB", func() { Gemm(z, Matrix{}, x, &packed) })
			run("path="+p.String()+"/product=PackAB", func() { packed.Pack(y); Gemm(z, Matrix{}, x, &packed) })
			run("path="+p.String()+"/product=TAB", func() { GemmTA(grad, Matrix{}, x, z, &work) })
		}
		gx, gy, gz, gg := blas64.General(x), blas64.General(y), blas64.General(z), blas64.General(grad)
		run("path=gonum/product=AB", func() { blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, gx, gy, 0, gz) })
		run("path=gonum/product=TAB", func() { blas64.Gemm(blas.Trans, blas.NoTrans, 1, gx, gz, 0, gg) })
	}
}

func BenchmarkPeak(b *testing.B) {
	for _, p := range Paths() {
		b.Run("path="+p.String(), func(b *testing.B) {
			usePath(b, p)
			var best float64
			for b.Loop() {
				best = max(best, Peak(10e6))
			}
			b.ReportMetric(best, "GFLOPS")
		})
	}
}
