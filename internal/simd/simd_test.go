package simd

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// onEachPath runs f as a subtest on every path of this machine.
func onEachPath(t *testing.T, f func(t *testing.T)) {
	for _, p := range Paths() {
		t.Run(p.String(), func(t *testing.T) {
			usePath(t, p)
			f(t)
		})
	}
}

// usePath selects path p until the test ends.
func usePath(tb testing.TB, p Path) {
	before := Current()
	Use(p)
	tb.Cleanup(func() { Use(before) })
}

// same reports whether x and y are the same bits, or both NaN.
func same(x, y float64) bool {
	return math.Float64bits(x) == math.Float64bits(y) || x != x && y != y
}

// diff returns where x and y first differ, or "".
func diff(x, y []float64) string {
	for i := range x {
		if !same(x[i], y[i]) {
			return fmt.Sprintf("[%d] is %v (%x), want %v (%x)", i, x[i], math.Float64bits(x[i]), y[i], math.Float64bits(y[i]))
		}
	}
	return ""
}

// special has zeros, infinities, NaN, subnormal and extreme numbers, and those
// at which exp, tanh and sigmoid reach their limits.
var special = []float64{
	0, math.Copysign(0, -1), 1, -1, 0.5, -0.5, math.Inf(1), math.Inf(-1), math.NaN(),
	math.SmallestNonzeroFloat64, -math.SmallestNonzeroFloat64, 0x1p-1022, -0x1p-1022, 0x0.fffffffffffffp-1022,
	math.MaxFloat64, -math.MaxFloat64, 0x1p-54, -0x1p-54, 0x1p-27, 0x1p53, -0x1p53,
	math.Ln2 / 2, -math.Ln2 / 2, math.Ln2, 19.06, 19.07, -19.07, 20, 20.000001, 22, -36.8, 36.8,
	708.39, -708.39, -708.4, 709.78, 709.79, -709.79, 719.9, 720, 720.1, -744.44, -745.13, -745.14, -749.9, -750, -750.1, 1e5, -1e5,
}

// kernel is a function of vectors, with the lengths of its arguments.
type kernel struct {
	name string
	in   []int // lengths of the arguments that it only reads, in units
	out  []int // lengths of those that it writes, and may read
	run  func(in, out [][]float64)
}

var kernels = []kernel{
	{"ExpTo", []int{1}, []int{1}, func(in, out [][]float64) { ExpTo(out[0], in[0]) }},
	{"SigmoidTo", []int{1}, []int{1}, func(in, out [][]float64) { SigmoidTo(out[0], in[0]) }},
	{"TanhTo", []int{1}, []int{1}, func(in, out [][]float64) { TanhTo(out[0], in[0]) }},
	{"ReLUTo", []int{1}, []int{1}, func(in, out [][]float64) { ReLUTo(out[0], in[0]) }},
	{"TanhBackward", []int{1, 1}, []int{1}, func(in, out [][]float64) { TanhBackward(out[0], in[0], in[1]) }},
	{"ReLUBackward", []int{1, 1}, []int{1}, func(in, out [][]float64) { ReLUBackward(out[0], in[0], in[1]) }},
	{"Log", []int{1}, []int{1}, func(in, out [][]float64) {
		for i, x := range in[0] {
			out[0][i] = Log(x)
		}
	}},
	{"LSTM", []int{3}, []int{12, 3, 3}, func(in, out [][]float64) { LSTM(out[0], in[0], out[1], out[2], len(in[0])/3) }},
	{"LSTMBackward", []int{3, 12, 3, 3}, []int{12, 3}, func(in, out [][]float64) {
		LSTMBackward(out[0], out[1], in[0], in[1], in[2], in[3], len(in[0])/3)
	}},
	{"Axpy", []int{1}, []int{1}, func(in, out [][]float64) { Axpy(-1.7, in[0], out[0]) }},
	{"Scale", nil, []int{1}, func(in, out [][]float64) { Scale(-1.7, out[0]) }},
	{"Dot", []int{1, 1}, []int{1}, func(in, out [][]float64) {
		if d := Dot(in[0], in[1]); len(out[0]) > 0 {
			out[0][0] = d
		}
	}},
	{"MatVec", []int{3, 1}, []int{1}, func(in, out [][]float64) {
		n := len(in[1])
		MatVec(out[0][:min(3, n)], Matrix{Rows: min(3, n), Cols: n, Data: in[0], Stride: n}, in[1])
	}},
	{"Rank2", []int{1, 1}, []int{1}, func(in, out [][]float64) {
		n := int(math.Sqrt(float64(len(out[0]))))
		Rank2(Matrix{Rows: n, Cols: n, Data: out[0], Stride: n}, in[0][:n], in[1][:n])
	}},
	{"SumRows", []int{3}, []int{1}, func(in, out [][]float64) {
		n := len(out[0])
		SumRows(out[0], Matrix{Rows: 3, Cols: n, Data: in[0], Stride: n})
	}},
	{"Adam", []int{1}, []int{1, 1, 1}, func(in, out [][]float64) {
		Adam(out[0], in[0], out[1], out[2], AdamRates{Beta1: 0.9, Beta2: 0.999, Step: 0.01, Root: 0.1, Eps: 1e-8})
	}},
}

// arguments fills guarded slices for n units.
func (k kernel) arguments(tb testing.TB, n int, atStart bool, value func() float64) (in, out [][]float64) {
	make := func(lengths []int) (args [][]float64) {
		for _, l := range lengths {
			a := guarded(tb, l*n, atStart)
			for i := range a {
				a[i] = value()
			}
			args = append(args, a)
		}
		return args
	}
	return make(k.in), make(k.out)
}

func clone(args [][]float64) (c [][]float64) {
	for _, a := range args {
		c = append(c, slices.Clone(a))
	}
	return c
}

// check compares every path with the Go loop on the same arguments.
func (k kernel) check(t *testing.T, in, out [][]float64) {
	t.Helper()
	usePath(t, Go)
	want := clone(out)
	k.run(in, want)
	before := clone(in)
	for _, p := range Paths() {
		Use(p)
		got := clone(out)
		for i := range got { // the guarded memory
			got[i] = out[i]
		}
		saved := clone(out)
		k.run(in, got)
		for i := range got {
			if d := diff(got[i], want[i]); d != "" {
				t.Errorf("%s on %v, %d long: out %d%s", k.name, p, len(got[i]), i, d)
			}
			copy(out[i], saved[i])
		}
		for i := range in {
			if d := diff(in[i], before[i]); d != "" {
				t.Errorf("%s on %v wrote to argument %d%s", k.name, p, i, d)
			}
		}
	}
}

func TestPathsGiveTheSameBits(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	values := map[string]func() float64{
		"uniform": func() float64 { return 8*rng.Float64() - 4 },
		"bits":    func() float64 { return math.Float64frombits(rng.Uint64()) },
		"special": func() float64 { return special[rng.IntN(len(special))] },
	}
	for _, k := range kernels {
		for name, value := range values {
			t.Run(k.name+"/"+name, func(t *testing.T) {
				for n := range 40 {
					for _, atStart := range []bool{false, true} {
						in, out := k.arguments(t, n, atStart, value)
						k.check(t, in, out)
					}
				}
				in, out := k.arguments(t, 5000, false, value)
				k.check(t, in, out)
			})
		}
	}
}

func TestLengthsThatDoNotMatch(t *testing.T) {
	v := make([]float64, 12)
	m := func(rows, cols, length, stride int) Matrix {
		return Matrix{Rows: rows, Cols: cols, Data: make([]float64, length), Stride: stride}
	}
	var p Packed
	p.Pack(m(3, 4, 12, 4))
	for want, f := range map[string]func(){
		"simd: ExpTo: src has length 11, want 12":           func() { ExpTo(v, v[:11]) },
		"simd: SigmoidTo: src has length 11, want 12":       func() { SigmoidTo(v, v[:11]) },
		"simd: TanhTo: src has length 11, want 12":          func() { TanhTo(v, v[:11]) },
		"simd: ReLUTo: src has length 12, want 11":          func() { ReLUTo(v[:11], v) },
		"simd: TanhBackward: h has length 3, want 12":       func() { TanhBackward(v, v, v[:3]) },
		"simd: ReLUBackward: dh has length 3, want 12":      func() { ReLUBackward(v, v[:3], v) },
		"simd: LSTM: z has length 12, want 16":              func() { LSTM(v, v[:4], v[:4], v[:4], 4) },
		"simd: LSTM: cPrev has length 4, want 3":            func() { LSTM(v, v[:4], v[:3], v[:3], 3) },
		"simd: LSTMBackward: dz has length 12, want 16":     func() { LSTMBackward(v, v[:4], v[:4], v, v[:4], v[:4], 4) },
		"simd: LSTMBackward: c has length 4, want 3":        func() { LSTMBackward(v, v[:3], v[:3], v, v[:3], v[:4], 3) },
		"simd: LSTM: h has length 3, want whole rows of 2":  func() { LSTM(v, v[:3], v[:3], v[:3], 2) },
		"simd: LSTM: h has length 3, want whole rows of 0":  func() { LSTM(v, v[:3], v[:3], v[:3], 0) },
		"simd: Axpy: x has length 3, want 12":               func() { Axpy(1, v[:3], v) },
		"simd: Dot: x has length 3, want 12":                func() { Dot(v[:3], v) },
		"simd: MatVec: a is 3×4, want 3×12":                 func() { MatVec(v[:3], m(3, 4, 12, 4), v) },
		"simd: Rank2: a is 3×4, want 12×12":                 func() { Rank2(m(3, 4, 12, 4), v, v) },
		"simd: Rank2: x has length 3, want 12":              func() { Rank2(m(12, 12, 144, 12), v[:3], v) },
		"simd: SumRows: dst has length 12, want 4":          func() { SumRows(v, m(3, 4, 12, 4)) },
		"simd: Copy: dst is 3×4, want 2×4":                  func() { Copy(m(3, 4, 12, 4), m(2, 4, 8, 4)) },
		"simd: Copy: dst has stride 3, which is less than":  func() { Copy(m(3, 4, 12, 3), m(3, 4, 12, 4)) },
		"simd: Copy: src is 3×4 with stride 4, which takes": func() { Copy(m(3, 4, 12, 4), m(3, 4, 11, 4)) },
		"simd: IndexSelect: dst is 2×4, want 1×4":           func() { IndexSelect(m(2, 4, 8, 4), m(3, 4, 12, 4), []int{1}) },
		"simd: IndexSelect: index[1] is 3, want a row":      func() { IndexSelect(m(2, 4, 8, 4), m(3, 4, 12, 4), []int{1, 3}) },
		"simd: IndexAdd: index[0] is -1, want a row":        func() { IndexAdd(m(3, 4, 12, 4), []int{-1}, m(1, 4, 4, 4), -1) },
		"simd: IndexAdd: table is 3×4, want 3×5":            func() { IndexAdd(m(3, 4, 12, 4), []int{1}, m(1, 5, 5, 5), -1) },
		"simd: IndexAdd: src is 2×4, want 1×4":              func() { IndexAdd(m(3, 4, 12, 4), []int{1}, m(2, 4, 8, 4), -1) },
		"simd: Adam: v has length 3, want 12":               func() { Adam(v, v, v, v[:3], AdamRates{}) },
		"simd: Gemm: c is 2×4, want 3×4":                    func() { Gemm(m(2, 4, 12, 4), Matrix{}, m(3, 3, 9, 3), &p) },
		"simd: Gemm: a is 3×4, want 3×3":                    func() { Gemm(m(3, 4, 12, 4), Matrix{}, m(3, 4, 12, 4), &p) },
		"simd: Gemm: d is 1×4, want 3×4":                    func() { Gemm(m(3, 4, 12, 4), m(1, 4, 4, 4), m(3, 3, 9, 3), &p) },
		"simd: Gemm: c has stride 3, which is less than":    func() { Gemm(m(3, 4, 12, 3), Matrix{}, m(3, 3, 9, 3), &p) },
		"simd: Gemm: a is 3×3 with stride 3, which takes 9": func() { Gemm(m(3, 4, 12, 4), Matrix{}, m(3, 3, 8, 3), &p) },
		"simd: GemmTA: c is 3×3, want 4×3":                  func() { GemmTA(m(3, 3, 9, 3), Matrix{}, m(2, 4, 8, 4), m(2, 3, 6, 3), &p) },
		"simd: GemmTA: b is 3×3, want 2×3":                  func() { GemmTA(m(4, 3, 12, 3), Matrix{}, m(2, 4, 8, 4), m(3, 3, 9, 3), &p) },
		"simd: Packed.Pack: b is 3×4 with stride 4":         func() { p.Pack(m(3, 4, 11, 4)) },
		"simd: Packed.Pack: b is 5×4 with stride 46116860":  func() { p.Pack(m(5, 4, 20, 1<<62)) }, // 4·2^62 overflows
		"simd: Packed.PackTrans: b is -1×4 with stride 4":   func() { p.PackTrans(m(-1, 4, 11, 4)) },
		"simd: Use: path 9 is not among [":                  func() { Use(9) },
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.HasPrefix(got, want) {
					t.Errorf("the message is %q, want %q…", got, want)
				}
			}()
			f()
		}()
	}
}

// everywhere is the digest of results that every path on every architecture
// must give, bit by bit.
const everywhere = 0x160c9c4545c717ef

func TestSameBitsOnEveryMachine(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		h := fnv.New64a()
		rng := rand.New(rand.NewPCG(3, 4))
		write := func(args ...[]float64) {
			for _, a := range args {
				for _, x := range a {
					b := math.Float64bits(x)
					if x != x {
						b = 0x7ff8 << 48
					}
					for range 8 {
						h.Write([]byte{byte(b)})
						b >>= 8
					}
				}
			}
		}
		fill := func(n int, width float64) []float64 {
			a := make([]float64, n)
			for i := range a {
				a[i] = width * (rng.Float64() - 0.5)
			}
			return a
		}
		for _, k := range kernels {
			for _, width := range []float64{1e-3, 1, 10, 100, 1600} {
				n := 257
				var in, out [][]float64
				for _, l := range k.in {
					in = append(in, fill(l*n, width))
				}
				for _, l := range k.out {
					out = append(out, fill(l*n, width))
				}
				k.run(in, out)
				write(out...)
			}
		}
		for _, s := range [][3]int{{1, 64, 37}, {2, 5, 70}, {3, 17, 33}, {16, 300, 24}, {13, 7, 21}} {
			m, k, n := s[0], s[1], s[2]
			c := fill(m*n, 2)
			var p Packed
			p.Pack(Matrix{k, n, fill(k*n, 2), n})
			a := Matrix{m, k, fill(m*k, 2), k}
			Gemm(Matrix{m, n, c, n}, Matrix{m, n, fill(n, 2), 0}, a, &p)
			write(c)
			g := make([]float64, k*n)
			GemmTA(Matrix{k, n, g, n}, Matrix{}, a, Matrix{m, n, c, n}, &p)
			write(g)
		}
		if got := h.Sum64(); got != everywhere {
			t.Errorf("the digest is %#x, want %#x", got, uint64(everywhere))
		}
	})
}
