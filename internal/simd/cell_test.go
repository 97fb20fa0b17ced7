package simd

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The paths are compared with each other in TestPathsGiveTheSameBits; here the
// Go loops are compared with the equations and with central differences.

// near reports whether x and y agree to tolerance, relative to 1 or to y.
func near(x, y, tolerance float64) bool {
	return math.Abs(x-y) <= tolerance*max(1, math.Abs(y))
}

// lstmEquations is a step of an LSTM in PyTorch's equations, one unit.
func lstmEquations(i, f, g, o, cPrev float64) (c, h float64) {
	sigma := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	c = sigma(f)*cPrev + sigma(i)*math.Tanh(g)
	return c, sigma(o) * math.Tanh(c)
}

func TestLSTMFollowsTheEquations(t *testing.T) {
	rng := rand.New(rand.NewPCG(19, 20))
	onEachPath(t, func(t *testing.T) {
		const n = 37
		pre, cPrev := make([]float64, 4*n), make([]float64, n)
		for j := range pre {
			pre[j] = 4 * rng.NormFloat64()
		}
		for j := range cPrev {
			cPrev[j] = 2 * rng.NormFloat64()
		}
		z := append([]float64(nil), pre...)
		c, h := make([]float64, n), make([]float64, n)
		LSTM(z, cPrev, c, h, n)
		for j := range n {
			wantC, wantH := lstmEquations(pre[j], pre[n+j], pre[2*n+j], pre[3*n+j], cPrev[j])
			if !near(c[j], wantC, 1e-15) || !near(h[j], wantH, 1e-15) {
				t.Errorf("unit %d: c, h are %v, %v, want %v, %v", j, c[j], h[j], wantC, wantH)
			}
		}
		// In place: c is cPrev.
		again, state := append([]float64(nil), pre...), append([]float64(nil), cPrev...)
		LSTM(again, state, state, h, n)
		if d := diff(state, c); d != "" {
			t.Errorf("in place, c%s", d)
		}
	})
}

func TestLSTMBackwardIsTheDerivative(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 22))
	onEachPath(t, func(t *testing.T) {
		const n, eps = 19, 1e-6
		v := func() float64 { return 2*rng.Float64() - 1 }
		for j := range n {
			x := [5]float64{v(), v(), v(), v(), v()} // i f g o cPrev
			dh, dc := v(), v()
			loss := func(x [5]float64) float64 {
				c, h := lstmEquations(x[0], x[1], x[2], x[3], x[4])
				return dc*c + dh*h
			}
			var want [5]float64
			for k := range x {
				up, down := x, x
				up[k] += eps
				down[k] -= eps
				want[k] = (loss(up) - loss(down)) / (2 * eps)
			}
			z, cPrev, dhs, dcs := make([]float64, 4*n), make([]float64, n), make([]float64, n), make([]float64, n)
			for k := range 4 {
				z[k*n+j] = x[k]
			}
			cPrev[j], dhs[j], dcs[j] = x[4], dh, dc
			c, h := make([]float64, n), make([]float64, n)
			LSTM(z, cPrev, c, h, n)
			dz := make([]float64, 4*n)
			LSTMBackward(dz, dcs, dhs, z, cPrev, c, n)
			got := [5]float64{dz[j], dz[n+j], dz[2*n+j], dz[3*n+j], dcs[j]}
			for k := range got {
				if !near(got[k], want[k], 1e-8) {
					t.Errorf("unit %d: derivative %d is %v, central difference %v", j, k, got[k], want[k])
				}
			}
			dz[j], dz[n+j], dz[2*n+j], dz[3*n+j] = 0, 0, 0, 0
			if d := diff(dz, make([]float64, 4*n)); d != "" {
				t.Errorf("another unit has a gradient: dz%s", d)
			}
		}
	})
}

func TestActivationsBackward(t *testing.T) {
	nan := math.NaN()
	onEachPath(t, func(t *testing.T) {
		dh := []float64{2, 2, 2, 2, 2, nan, nan}
		h := []float64{0, 0.5, -0.5, 1, nan, 0.5, -0.5}
		dz := make([]float64, len(h))
		TanhBackward(dz, dh, h)
		if d := diff(dz, []float64{2, 1.5, 1.5, 0, nan, nan, nan}); d != "" {
			t.Errorf("TanhBackward: dz%s", d)
		}
		ReLUBackward(dz, dh, h)
		if d := diff(dz, []float64{0, 2, 0, 2, 2, nan, 0}); d != "" {
			t.Errorf("ReLUBackward: dz%s", d)
		}
		ReLUTo(dz, h)
		if d := diff(dz, []float64{0, 0.5, 0, 1, nan, 0.5, 0}); d != "" {
			t.Errorf("ReLUTo: dst%s", d)
		}
	})
}

func BenchmarkCells(b *testing.B) {
	const n = 64
	rng := rand.New(rand.NewPCG(1, 1))
	fill := func(n int) []float64 {
		a := make([]float64, n)
		for i := range a {
			a[i] = rng.NormFloat64()
		}
		return a
	}
	z, gates, dz := fill(4*n), fill(4*n), fill(4*n)
	cPrev, c, h, dc, dh := fill(n), fill(n), fill(n), fill(n), fill(n)
	for _, p := range Paths() {
		run := func(name string, f func()) {
			b.Run("path="+p.String()+"/step="+name, func(b *testing.B) {
				usePath(b, p)
				b.ReportAllocs()
				for b.Loop() {
					f()
				}
			})
		}
		run("LSTM", func() { copy(gates, z); LSTM(gates, cPrev, c, h, n) })
		run("LSTMBackward", func() { LSTMBackward(dz, dc, dh, gates, cPrev, c, n) })
		run("TanhBackward", func() { TanhBackward(dz, gates, z) })
	}
}
