package simd

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

func TestDot(t *testing.T) {
	rng := rand.New(rand.NewPCG(23, 24))
	onEachPath(t, func(t *testing.T) {
		for _, n := range []int{0, 1, 15, 16, 17, 1000} {
			x, y := make([]float64, n), make([]float64, n)
			exact, size := newBig(0), 0.0
			for i := range x {
				x[i], y[i] = rng.NormFloat64(), rng.NormFloat64()
				p := newBig(x[i])
				exact.Add(exact, p.Mul(p, newBig(y[i])))
				size += math.Abs(x[i] * y[i])
			}
			d := new(big.Float).Sub(newBig(Dot(x, y)), exact)
			if e, _ := d.Float64(); math.Abs(e) > 1e-15*size {
				t.Errorf("%d elements: off by %v, where the terms add up to %v", n, e, size)
			}
		}
	})
}

func TestUpdates(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		y := []float64{1, 2, 3, 4, 5}
		Axpy(-2, []float64{1, 0, 0.5, math.Inf(1), -1}, y)
		if d := diff(y, []float64{-1, 2, 2, math.Inf(-1), 7}); d != "" {
			t.Errorf("Axpy: y%s", d)
		}
		Scale(0, y)
		if d := diff(y, []float64{math.Copysign(0, -1), 0, 0, math.NaN(), 0}); d != "" {
			t.Errorf("Scale: x%s", d)
		}
		// 17 columns, one more than are computed at a time, with a gap between rows.
		a := Matrix{Rows: 3, Cols: 17, Data: make([]float64, 55), Stride: 19}
		for i := range a.Data {
			a.Data[i] = float64(i)
		}
		sums, want := make([]float64, 17), make([]float64, 17)
		for j := range sums {
			sums[j] = 100
			want[j] = 100 + float64(j+(j+19)+(j+38))
		}
		SumRows(sums, a)
		if d := diff(sums, want); d != "" {
			t.Errorf("SumRows: dst%s", d)
		}
	})
}

func TestAdamFollowsTheEquations(t *testing.T) {
	const beta1, beta2, lr, eps = 0.9, 0.999, 0.01, 1e-8
	onEachPath(t, func(t *testing.T) {
		const n = 11
		p, dp, m, v := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
		var q, mq, vq [n]float64
		rng := rand.New(rand.NewPCG(25, 26))
		for step := 1; step <= 20; step++ {
			for i := range dp {
				dp[i] = rng.NormFloat64()
			}
			bias1, bias2 := 1-math.Pow(beta1, float64(step)), 1-math.Pow(beta2, float64(step))
			Adam(p, dp, m, v, AdamRates{Beta1: beta1, Beta2: beta2, Step: lr / bias1, Root: math.Sqrt(bias2), Eps: eps})
			for i, d := range dp {
				mq[i] = beta1*mq[i] + (1-beta1)*d
				vq[i] = beta2*vq[i] + (1-beta2)*d*d
				q[i] -= lr * (mq[i] / bias1) / (math.Sqrt(vq[i]/bias2) + eps)
				if !near(p[i], q[i], 1e-14) {
					t.Fatalf("step %d: parameter %d is %v, want %v", step, i, p[i], q[i])
				}
			}
		}
	})
}

func TestCopy(t *testing.T) {
	rng := rand.New(rand.NewPCG(25, 26))
	onEachPath(t, func(t *testing.T) {
		for rows := range 4 {
			for cols := range 20 {
				for gap := range 3 {
					dst, src := matrix(t, rows, cols, gap, gap == 1, rng.Float64), matrix(t, rows, cols, 2*gap, gap == 0, rng.Float64)
					want := dst.clone()
					for i := range rows {
						for j := range cols {
							want.Data[i*want.Stride+j] = src.at(i, j)
						}
					}
					Copy(dst, src)
					if d := diff(dst.Data, want.Data); d != "" {
						t.Errorf("%d×%d, gap %d: dst%s", rows, cols, gap, d)
					}
				}
			}
		}
	})
}

func TestIndexSelectAndAdd(t *testing.T) {
	rng := rand.New(rand.NewPCG(27, 28))
	index := []int{2, 0, 2, 2, 1, 3}
	onEachPath(t, func(t *testing.T) {
		for rows := range len(index) + 1 {
			for cols := range 20 {
				for gap := range 3 {
					index := index[:rows]
					table, at := matrix(t, 4, cols, gap, gap == 1, rng.Float64), matrix(t, rows, cols, 2*gap, gap == 0, rng.Float64)
					selected, added := at.clone(), table.clone()
					for i, k := range index {
						for j := range cols {
							selected.Data[i*selected.Stride+j] = table.at(k, j)
							if k != 1 {
								added.Data[k*added.Stride+j] += at.at(i, j)
							}
						}
					}
					before := table.clone()
					IndexAdd(table, index, at, 1)
					if d := diff(table.Data, added.Data); d != "" {
						t.Errorf("IndexAdd, %d×%d, gap %d: table%s", rows, cols, gap, d)
					}
					IndexSelect(at, before, index)
					if d := diff(at.Data, selected.Data); d != "" {
						t.Errorf("IndexSelect, %d×%d, gap %d: dst%s", rows, cols, gap, d)
					}
				}
			}
		}
	})
}

func BenchmarkUpdates(b *testing.B) {
	const n = 50_000
	p, dp, m, v := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	for _, path := range Paths() {
		run := func(name string, f func()) {
			b.Run("path="+path.String()+"/update="+name, func(b *testing.B) {
				usePath(b, path)
				b.ReportAllocs()
				b.SetBytes(8 * n)
				for b.Loop() {
					f()
				}
			})
		}
		run("Adam", func() { Adam(p, dp, m, v, AdamRates{0.9, 0.999, 0.01, 0.1, 1e-8}) })
		run("Axpy", func() { Axpy(0.1, dp, p) })
		run("Dot", func() { v[0] += Dot(dp, p) })
		run("SumRows", func() { SumRows(m[:250], Matrix{200, 250, p, 250}) })
	}
}
