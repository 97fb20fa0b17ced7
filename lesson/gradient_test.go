package lesson

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"gonum.org/v1/gonum/mat"
)

// freeRNN returns an RNN without input or bias, with W_hh = s·orthogonal: its
// state stays at zero, where tanh has the slope 1.
func freeRNN(seed uint64, hidden int, s float64, opts ...Option) *RNN {
	r := NewRNN(newRand(seed), 1, hidden, append(opts, NoBias)...)
	r.Parameter("weight_hh_l0").Value.Matrix().Copy(Orthogonal(newRand(seed), hidden, s))
	return r
}

func relative(got, want float64) float64 { return math.Abs(got-want) / math.Abs(want) }

// s·orthogonal stretches every vector by s: the norm at distance k is s^k.
func TestGradientNormsExactDecay(t *testing.T) {
	for _, s := range []float64{0.5, 0.9, 0.99, 1, 1.1, 2} {
		r := freeRNN(1, 32, s)
		worst := 0.0
		for k, got := range GradientNorms(r, NewTensor(300, 1), nil) {
			worst = max(worst, relative(got, math.Pow(s, float64(k))))
		}
		if worst > 1e-12 {
			t.Errorf("s = %v: off by %v of s^k", s, worst)
		}
	}
}

// The norm is at most half after ln 2 / −ln s steps, and not before.
func TestGradientNormsHalfLife(t *testing.T) {
	for _, s := range []float64{0.5001, 0.7, 0.9, 0.99} {
		half := math.Ln2 / -math.Log(s)
		for k, v := range GradientNorms(freeRNN(2, 8, s), NewTensor(100, 1), nil) {
			if (v <= 0.5) != (float64(k) >= half) {
				t.Errorf("s = %v: %v at distance %d, and the half-life is %v", s, v, k, half)
			}
		}
	}
}

// 0.9^k is denormal from k = 6727 and zero from 7075, 1.1^k infinite from 7448.
func TestGradientNormsLeaveTheRangeWhereTheTruthDoes(t *testing.T) {
	for _, s := range []float64{0.9, 1.1} {
		for k, got := range GradientNorms(freeRNN(3, 4, s), NewTensor(8000, 1), nil) {
			want := math.Pow(s, float64(k))
			// The product drifts by about an ulp each step; a denormal has
			// fewer digits.
			if ok := got == want || math.Abs(got-want) <= 1e-11*want+2*math.SmallestNonzeroFloat64; !ok {
				t.Fatalf("s = %v, distance %d: %v, want %v", s, k, got, want)
			}
		}
	}
}

// The norm falls below the range of a float64 in the last steps, which are
// saturated, and returns into it through the many before.
func TestGradientNormsComeBackFromUnderflow(t *testing.T) {
	const saturated, free, w = 40, 500, 10.0
	r := NewRNN(newRand(1), 1, 1, NoBias)
	r.Parameter("weight_ih_l0").Value.data[0] = 1
	r.Parameter("weight_hh_l0").Value.data[0] = w
	x := NewTensor(free+saturated, 1)
	for t := free; t < free+saturated; t++ {
		x.data[t] = 4
	}
	norms := GradientNorms(r, x, nil)
	h := r.Trace(x, nil)[0].Hidden.data
	log := 0.0
	underflowed, back := false, false
	for k, got := range norms[1:] {
		s := h[len(h)-1-k]
		log += math.Log((1 - s*s) * w)
		want := math.Exp(log)
		underflowed = underflowed || want == 0
		back = back || underflowed && want > 1
		if log > -700 && log < 700 && relative(got, want) > 1e-9 || log < -750 && got != 0 || log > 710 && !math.IsInf(got, 1) {
			t.Fatalf("distance %d: %v, want e^%v = %v", k+1, got, log, want)
		}
	}
	if !underflowed || !back {
		t.Fatalf("the case does not leave the range (%v) and come back (%v)", underflowed, back)
	}
}

// jacobianNorm is the spectral norm of the derivative of f at x by central
// differences.
func jacobianNorm(f func(x []float64) []float64, x []float64) float64 {
	const step = 1e-5
	at := append([]float64(nil), x...)
	j := mat.NewDense(len(f(at)), len(x), nil)
	for i, v := range x {
		at[i] = v + step
		up := append([]float64(nil), f(at)...)
		at[i] = v - step
		down := f(at)
		at[i] = v
		for o := range up {
			j.Set(o, i, (up[o]-down[o])/(2*step))
		}
	}
	return svdNorm(j)
}

// svdNorm is the largest singular value by gonum's SVD.
func svdNorm(m mat.Matrix) float64 {
	var svd mat.SVD
	svd.Factorize(m, mat.SVDNone)
	return svd.Values(nil)[0]
}

// rowsFrom returns steps from to the end of one sequence.
func rowsFrom(x *Tensor, from int) *Tensor {
	w := x.shape[1]
	return TensorOf(x.data[from*w:], x.shape[0]-from, w)
}

func TestGradientNormsCentralDifferences(t *testing.T) {
	const steps, n = 9, 5
	for _, opts := range [][]Option{nil, {ReLU}, {NoBias}} {
		r := NewRNN(newRand(1), 3, n, opts...)
		for i := range r.Parameter("weight_hh_l0").Value.data {
			r.Parameter("weight_hh_l0").Value.data[i] *= 2
		}
		x, h0 := Randn(newRand(2), steps, 3), Randn(newRand(3), 1, n)
		hidden := r.Trace(x, h0)[0].Hidden
		for k, got := range GradientNorms(r, x, h0) {
			if k == 0 {
				continue
			}
			at := h0.data
			if k < steps {
				at = hidden.Slice(steps - k - 1).data
			}
			want := jacobianNorm(func(h []float64) []float64 {
				_, last := r.Forward(rowsFrom(x, steps-k), TensorOf(h, 1, n))
				return last.data
			}, at)
			if math.Abs(got-want) > 1e-6*math.Max(1, want) {
				t.Errorf("%d options, distance %d: %v, central differences say %v", len(opts), k, got, want)
			}
		}
	}
}

func TestLSTMGradientNormsCentralDifferences(t *testing.T) {
	const steps, n = 9, 4
	for _, given := range []bool{true, false} {
		l := NewLSTM(newRand(1), 3, n)
		for i := range l.Parameter("weight_hh_l0").Value.data {
			l.Parameter("weight_hh_l0").Value.data[i] *= 3
		}
		x := Randn(newRand(2), steps, 3)
		s0 := &State{NewTensor(1, n), NewTensor(1, n)}
		if given {
			s0 = &State{Randn(newRand(3), 1, n), Randn(newRand(4), 1, n)}
		}
		start := s0
		if !given {
			start = nil
		}
		h, c := LSTMGradientNorms(l, x, start)
		memory := LSTMMemoryNorms(l, x, start)
		trace := l.Trace(x, s0)[0]
		for k := 1; k <= steps; k++ {
			atH, atC := s0.H.data, s0.C.data
			if k < steps {
				atH, atC = trace.Hidden.Slice(steps-k-1).data, trace.Cell.Slice(steps-k-1).data
			}
			last := func(h, c []float64) *State {
				_, s := l.Forward(rowsFrom(x, steps-k), &State{TensorOf(h, 1, n), TensorOf(c, 1, n)})
				return s
			}
			wantH := jacobianNorm(func(h []float64) []float64 { return last(h, atC).H.data }, atH)
			wantC := jacobianNorm(func(c []float64) []float64 { return last(atH, c).C.data }, atC)
			if math.Abs(h[k]-wantH) > 1e-6*math.Max(1, wantH) || math.Abs(c[k]-wantC) > 1e-6*math.Max(1, wantC) {
				t.Errorf("distance %d: %v and %v, central differences say %v and %v", k, h[k], c[k], wantH, wantC)
			}
			wantMemory := jacobianNorm(func(c []float64) []float64 {
				h := atH
				if k < steps { // h_{T−k} moves with c_{T−k}
					h = slices.Clone(h)
					for j, o := range trace.Output.Slice(steps - k - 1).data {
						h[j] = o * math.Tanh(c[j])
					}
				}
				return last(h, c).H.data
			}, atC)
			if math.Abs(memory[k]-wantMemory) > 1e-6*math.Max(1, wantMemory) {
				t.Errorf("distance %d: ‖∂h_T/∂c‖ is %v, central differences say %v", k, memory[k], wantMemory)
			}
		}
	}
}

func TestGRUGradientNormsCentralDifferences(t *testing.T) {
	const steps, n = 9, 4
	for _, opts := range [][]Option{nil, {NoBias}} {
		for _, given := range []bool{true, false} {
			g := NewGRU(newRand(1), 3, n, opts...)
			for i := range g.Parameter("weight_hh_l0").Value.data {
				g.Parameter("weight_hh_l0").Value.data[i] *= 3
			}
			x, start := Randn(newRand(2), steps, 3), NewTensor(1, n)
			var h0 *Tensor
			if given {
				start = Randn(newRand(3), 1, n)
				h0 = start
			}
			norms, hidden := GRUGradientNorms(g, x, h0), g.Trace(x, h0)[0].Hidden
			for k := 1; k <= steps; k++ {
				at := start.data
				if k < steps {
					at = hidden.Slice(steps - k - 1).data
				}
				want := jacobianNorm(func(h []float64) []float64 {
					_, last := g.Forward(rowsFrom(x, steps-k), TensorOf(h, 1, n))
					return last.data
				}, at)
				if math.Abs(norms[k]-want) > 1e-6*math.Max(1, want) {
					t.Errorf("%d options, h0 given %v, distance %d: %v, central differences say %v", len(opts), given, k, norms[k], want)
				}
			}
		}
	}
}

// With zero weights a GRU's state is multiplied by σ(b) each step too.
func TestGRUGradientNormsOfTheUpdateBias(t *testing.T) {
	for _, b := range []float64{0, 1, 3} {
		g := NewGRU(newRand(1), 2, 8)
		for _, p := range g.Parameters() {
			clear(p.Value.data)
		}
		g.SetUpdateBias(b)
		for k, got := range GRUGradientNorms(g, Randn(newRand(2), 60, 2), Randn(newRand(3), 1, 8)) {
			if want := math.Pow(Sigmoid(b), float64(k)); relative(got, want) > 1e-13 {
				t.Errorf("b = %v, distance %d: %v, want σ(b)^k = %v", b, k, got, want)
			}
		}
	}
}

// With zero weights the cell state is multiplied by σ(b) each step, and nothing
// goes through h.
func TestLSTMGradientNormsOfTheForgetBias(t *testing.T) {
	for _, c := range []struct{ b, at40 float64 }{{0, 9.1e-13}, {1, 3.6e-6}, {3, 0.143}} {
		l := NewLSTM(newRand(1), 2, 8)
		for _, p := range l.Parameters() {
			clear(p.Value.data)
		}
		l.SetForgetBias(c.b)
		x := Randn(newRand(2), 60, 2)
		h, cell := LSTMGradientNorms(l, x, &State{C: Randn(newRand(3), 1, 8)})
		for k := range cell {
			if want := math.Pow(Sigmoid(c.b), float64(k)); relative(cell[k], want) > 1e-13 {
				t.Errorf("b = %v, distance %d: %v, want σ(b)^k = %v", c.b, k, cell[k], want)
			}
			if (h[k] == 0) != (k > 0) {
				t.Errorf("b = %v: ∂h_T/∂h is %v at distance %d", c.b, h[k], k)
			}
		}
		if relative(cell[40], c.at40) > 0.02 {
			t.Errorf("b = %v keeps %v over 40 steps, want %v", c.b, cell[40], c.at40)
		}
	}
}

// With zero weights o is 1/2: the derivative of c_T by c_{T−k} is σ(b)^k, and that of
// h_T is half the slope of tanh at c_T times it, however small that is.
func TestLSTMMemoryNormsOfTheReadOut(t *testing.T) {
	const steps, b = 60, 3.0
	for _, c0 := range []float64{0, 1, 50, 6000} {
		l := NewLSTM(newRand(1), 2, 1)
		for _, p := range l.Parameters() {
			clear(p.Value.data)
		}
		l.SetForgetBias(b)
		last := c0 * math.Pow(Sigmoid(b), steps)
		for k, got := range LSTMMemoryNorms(l, NewTensor(steps, 2), &State{C: TensorOf([]float64{c0}, 1, 1)}) {
			want := math.Pow(Sigmoid(b), float64(k)) / 2 / math.Pow(math.Cosh(last), 2)
			// 1 − tanh² has an error of an ulp of 1.
			if math.Abs(got-want) > 1e-12*want+0x1p-52 {
				t.Errorf("c_0 = %v, distance %d: %v, want %v", c0, k, got, want)
			}
		}
	}
}

// Pascanu et al.: for tanh and ReLU the norm at distance k is at most σ^k.
func TestGradientNormsKeepTheBound(t *testing.T) {
	for seed := range uint64(10) {
		for _, opts := range [][]Option{nil, {ReLU}} {
			r := NewRNN(newRand(seed), 4, 16, opts...)
			w := r.Parameter("weight_hh_l0").Value
			for i := range w.data {
				w.data[i] *= 0.5 + float64(seed)/4
			}
			x := Randn(newRand(seed+100), 50, 4)
			norms := GradientNorms(r, x, Randn(newRand(seed+200), 1, 16))
			for k, bound := range GradientBound(SpectralNorm(w.Matrix()), 50) {
				if !(norms[k] <= bound*(1+1e-12)) {
					t.Errorf("seed %d, distance %d: %v is above the bound %v", seed, k, norms[k], bound)
				}
			}
		}
	}
}

// PyTorch's initial values: W_hh uniform in ±1/√H has elements of variance
// 1/(3H), so its eigenvalues fill the circle of radius 1/√3. At finite H the
// edge is blurred by about 1/√H of that.
func TestInitialSpectralRadius(t *testing.T) {
	const n, seeds = 300, 5
	mean, want := 0.0, 1/math.Sqrt(3)
	for seed := range uint64(seeds) {
		got := SpectralRadius(NewRNN(newRand(seed), 1, n).Parameter("weight_hh_l0").Value.Matrix())
		if relative(got, want) > 2/math.Sqrt(n) {
			t.Errorf("seed %d: radius %v, want about %v", seed, got, want)
		}
		mean += got / seeds
	}
	if relative(mean, want) > 1/math.Sqrt(n) {
		t.Errorf("mean radius %v, want about %v", mean, want)
	}
}

func TestGradientNormsOfNaN(t *testing.T) {
	x := Randn(newRand(1), 6, 3)
	x.data[3*2] = math.NaN() // the third step: all states from there on
	h, c := LSTMGradientNorms(NewLSTM(newRand(2), 3, 4), x, nil)
	for k, v := range LSTMMemoryNorms(NewLSTM(newRand(2), 3, 4), x, nil) {
		if !math.IsNaN(v) {
			t.Errorf("lstm memory: %v at distance %d", v, k)
		}
	}
	for name, norms := range map[string][]float64{
		"tanh": GradientNorms(NewRNN(newRand(2), 3, 4), x, nil), "relu": GradientNorms(NewRNN(newRand(2), 3, 4, ReLU), x, nil), "lstm h": h, "lstm c": c,
		"gru": GRUGradientNorms(NewGRU(newRand(2), 3, 4), x, nil),
	} {
		for k, v := range norms {
			if math.IsNaN(v) != (k > 0) {
				t.Errorf("%s: %v at distance %d", name, v, k)
			}
		}
	}
}

// A batch axis of length 1 changes nothing, wherever it is.
func TestGradientNormsTakeABatchOfOne(t *testing.T) {
	x := Randn(newRand(1), 7, 3)
	want := GradientNorms(NewRNN(newRand(2), 3, 4), x, nil)
	for _, c := range []struct {
		opts  []Option
		shape []int
	}{{nil, []int{7, 1, 3}}, {[]Option{BatchFirst}, []int{1, 7, 3}}, {[]Option{BatchFirst}, []int{7, 3}}} {
		if got := GradientNorms(NewRNN(newRand(2), 3, 4, c.opts...), x.Reshape(c.shape...), nil); !sameFloats(got, want) {
			t.Errorf("shape %v: %v, want %v", c.shape, got, want)
		}
	}
}

func TestGradientNormsLeaveBackwardAlone(t *testing.T) {
	r, x := NewRNN(newRand(1), 3, 4), Randn(newRand(2), 5, 3)
	d := Randn(newRand(3), 5, 4)
	r.Forward(x, nil)
	want, _ := r.Backward(d, nil)
	r.Forward(x, nil)
	GradientNorms(r, Randn(newRand(4), 9, 3), nil)
	if got, _ := r.Backward(d, nil); MaxAbsDiff(got, want) != 0 {
		t.Error("Backward after GradientNorms belongs to another Forward")
	}
}

func TestGradientNormsAreTheSameOnAnyNumberOfCores(t *testing.T) {
	r, l, x := NewRNN(newRand(1), 8, 64), NewLSTM(newRand(1), 8, 64), Randn(newRand(2), 60, 8)
	norms := func(cores int) [][]float64 {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
		h, c := LSTMGradientNorms(l, x, nil)
		return [][]float64{GradientNorms(r, x, nil), h, c}
	}
	one := norms(1)
	for _, cores := range []int{2, 3, 8} {
		for i, got := range norms(cores) {
			if !sameFloats(got, one[i]) {
				t.Errorf("on %d cores result %d has other bits", cores, i)
			}
		}
	}
}

// Memory grows with T, not with T squared: at T = 10,000 what is allocated in
// all is ten times that at 1,000, and no state comes twice.
func TestGradientNormsMemoryIsLinear(t *testing.T) {
	const n = 32
	r, l := NewRNN(newRand(1), 4, n), NewLSTM(newRand(1), 4, n)
	for name, run := range map[string]func(x *Tensor){
		"RNN":  func(x *Tensor) { GradientNorms(r, x, nil) },
		"LSTM": func(x *Tensor) { LSTMGradientNorms(l, x, nil) },
	} {
		bytes := func(steps int) float64 {
			x := Randn(newRand(2), steps, 4)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			run(x)
			t.Logf("%s, T = %d, H = %d: %v", name, steps, n, time.Since(start).Round(time.Millisecond))
			runtime.ReadMemStats(&after)
			return float64(after.TotalAlloc - before.TotalAlloc)
		}
		short, long := bytes(1000), bytes(10_000)
		if ratio := long / short; ratio > 15 {
			t.Errorf("%s: ten times the steps take %.1f times the memory", name, ratio)
		}
		if perStep := long / 10_000; perStep > 200*8*n { // a large part of it is the trace's
			t.Errorf("%s: %.0f bytes a step, for a state of %d", name, perStep, 8*n)
		}
	}
}

func TestSpectralNormOfKnownMatrices(t *testing.T) {
	phi := (1 + math.Sqrt(5)) / 2
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		name         string
		m            mat.Matrix
		norm, radius float64
	}{
		{"diagonal", mat.NewDiagDense(3, []float64{1, -7, 2}), 7, 7},
		{"zero", mat.NewDense(3, 3, nil), 0, 0},
		{"one number", mat.NewDense(1, 1, []float64{-3}), 3, 3},
		{"shear", mat.NewDense(2, 2, []float64{1, 1, 0, 1}), phi, 1},
		{"rotation by 90° and 2", mat.NewDense(2, 2, []float64{0, -2, 2, 0}), 2, 2},
		{"golden", mat.NewDense(2, 2, []float64{1, 1, 1, 0}), phi, phi},
		{"nilpotent", mat.NewDense(2, 2, []float64{0, 5, 0, 0}), 5, 0},
		{"rank one", mat.NewDense(2, 2, []float64{3, 4, 6, 8}), math.Sqrt(125), 11},
		{"wide", mat.NewDense(2, 3, []float64{1, 2, 3, 2, 4, 6}), math.Sqrt(70), nan},
		{"tall", mat.NewDense(3, 2, []float64{3, 0, 0, 4, 0, 0}), 4, nan},
		{"transposed", mat.NewDense(2, 2, []float64{1, 1, 0, 1}).T(), phi, 1},
		{"huge", mat.NewDense(2, 2, []float64{0, 1e308, 1e308, 0}), 1e308, 1e308},
		{"tiny", mat.NewDense(2, 2, []float64{0, 1e-308, 1e-308, 0}), 1e-308, 1e-308},
		{"denormal", mat.NewDense(1, 1, []float64{5e-324}), 5e-324, 5e-324},
		{"too large", mat.NewDense(2, 2, []float64{1.7e308, 1.7e308, 1.7e308, 1.7e308}), inf, inf},
		{"infinite", mat.NewDense(2, 2, []float64{1, -inf, 0, 1}), inf, nan},
		{"NaN", mat.NewDense(2, 2, []float64{1, nan, inf, 1}), nan, nan},
	} {
		same := func(got, want float64) bool {
			return got == want || math.IsNaN(got) && math.IsNaN(want) || relative(got, want) < 1e-15
		}
		before := mat.DenseCopyOf(c.m)
		if got := SpectralNorm(c.m); !same(got, c.norm) {
			t.Errorf("%s: norm %v, want %v", c.name, got, c.norm)
		}
		if rows, cols := c.m.Dims(); rows == cols {
			if got := SpectralRadius(c.m); !same(got, c.radius) {
				t.Errorf("%s: radius %v, want %v", c.name, got, c.radius)
			}
		}
		if c.name != "NaN" && !mat.Equal(before, c.m) {
			t.Errorf("%s: the matrix changed", c.name)
		}
	}
}

func TestSpectralRadiusOfOrthogonal(t *testing.T) {
	for n := 1; n <= 40; n += 13 {
		q := Orthogonal(newRand(uint64(n)), n, 0.9)
		if norm, radius := SpectralNorm(q), SpectralRadius(q); relative(norm, 0.9) > 1e-14 || relative(radius, 0.9) > 1e-13 {
			t.Errorf("%d×%d: norm %v, radius %v, want 0.9", n, n, norm, radius)
		}
	}
}

// The largest singular value must agree with gonum's SVD whatever the others:
// far below, close, or equal.
func TestSpectralNormAgreesWithTheSVD(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	worst := 0.0
	for _, n := range []int{1, 2, 3, 8, 17, 33, 70} {
		for _, second := range []float64{0, 1e-12, 0.5, 1 - 1e-12, 1} {
			s := mat.NewDiagDense(n, nil)
			s.SetDiag(0, 1)
			for i := 1; i < n; i++ {
				s.SetDiag(i, second*float64(n-i)/float64(n-1))
			}
			var a mat.Dense
			a.Mul(Orthogonal(rng, n, 1), s)
			a.Mul(&a, Orthogonal(rng, n, 1))
			worst = max(worst, relative(SpectralNorm(&a), svdNorm(&a)))
		}
		for _, cols := range []int{1, n, 2 * n, 40} {
			a := Randn(rng, n, cols).Matrix()
			worst = max(worst, relative(SpectralNorm(a), svdNorm(a)), relative(SpectralNorm(a.T()), svdNorm(a)))
		}
	}
	if worst > 1e-14 {
		t.Errorf("off by %v of gonum's value", worst)
	}
}

func TestGradientBound(t *testing.T) {
	if got := fmt.Sprint(GradientBound(0.5, 3)); got != "[1 0.5 0.25 0.125]" {
		t.Errorf("got %v", got)
	}
	if got := fmt.Sprint(GradientBound(0, 2)); got != "[1 0 0]" {
		t.Errorf("got %v", got)
	}
}

func TestGradientPanics(t *testing.T) {
	rng := newRand(1)
	for want, f := range map[string]func(){
		"lesson: GradientNorms: 2 layers and 1 directions, want one of each":     func() { GradientNorms(NewRNN(rng, 2, 3, Layers(2)), NewTensor(4, 2), nil) },
		"lesson: GradientNorms: 1 layers and 2 directions, want one of each":     func() { GradientNorms(NewRNN(rng, 2, 3, Bidirectional), NewTensor(4, 2), nil) },
		"lesson: GradientNorms: x is 4×5×2, a batch of 5, want one sequence":     func() { GradientNorms(NewRNN(rng, 2, 3), NewTensor(4, 5, 2), nil) },
		"lesson: GradientNorms: x is 4×5×2, a batch of 4, want one sequence":     func() { GradientNorms(NewRNN(rng, 2, 3, BatchFirst), NewTensor(4, 5, 2), nil) },
		"lesson: GradientNorms: x is 4×3, want InputSize 2 in the last place":    func() { GradientNorms(NewRNN(rng, 2, 3), NewTensor(4, 3), nil) },
		"lesson: LSTMGradientNorms: 2 layers and 2 directions, want one of each": func() { LSTMGradientNorms(NewLSTM(rng, 2, 3, Layers(2), Bidirectional), NewTensor(4, 2), nil) },
		"lesson: LSTMGradientNorms: x is 4×5×2, a batch of 5, want one sequence": func() { LSTMGradientNorms(NewLSTM(rng, 2, 3), NewTensor(4, 5, 2), nil) },
		"lesson: LSTMMemoryNorms: 2 layers and 1 directions, want one of each":   func() { LSTMMemoryNorms(NewLSTM(rng, 2, 3, Layers(2)), NewTensor(4, 2), nil) },
		"lesson: GRUGradientNorms: 2 layers and 1 directions, want one of each":  func() { GRUGradientNorms(NewGRU(rng, 2, 3, Layers(2)), NewTensor(4, 2), nil) },
		"lesson: GRUGradientNorms: x is 4×5×2, a batch of 5, want one sequence":  func() { GRUGradientNorms(NewGRU(rng, 2, 3), NewTensor(4, 5, 2), nil) },
		"lesson: GradientBound: sigma is -1, want 0 or more":                     func() { GradientBound(-1, 3) },
		"lesson: GradientBound: steps is -1, want at least 0":                    func() { GradientBound(1, -1) },
		"lesson: SpectralRadius: m is 2×3, want a square matrix":                 func() { SpectralRadius(mat.NewDense(2, 3, nil)) },
		"lesson: SpectralRadius: m is 0×0, want a square matrix":                 func() { SpectralRadius(new(mat.Dense)) },
		"lesson: SpectralNorm: m is empty, want at least 1×1":                    func() { SpectralNorm(new(mat.Dense)) },
	} {
		wantPanic(t, want, f)
	}
}

func BenchmarkGradientNorms(b *testing.B) {
	const in, hidden = 8, 32
	r, l, g := NewRNN(newRand(1), in, hidden), NewLSTM(newRand(1), in, hidden), NewGRU(newRand(1), in, hidden)
	l.SetForgetBias(3)
	for _, steps := range []int{1000, 10_000} {
		x := Randn(newRand(2), steps, in)
		for _, c := range []struct {
			layer string
			norms func()
		}{
			{"RNN", func() { GradientNorms(r, x, nil) }},
			{"LSTM", func() { LSTMGradientNorms(l, x, nil) }},
			{"GRU", func() { GRUGradientNorms(g, x, nil) }},
		} {
			b.Run(fmt.Sprintf("layer=%s/hidden=%d/steps=%d", c.layer, hidden, steps), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					c.norms()
				}
			})
		}
	}
}

func BenchmarkSpectralNorm(b *testing.B) {
	m := Randn(newRand(1), 32, 32).Matrix()
	for b.Loop() {
		SpectralNorm(m)
	}
}
