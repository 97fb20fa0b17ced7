package simd

import "math"

// Axpy sets y[i] = alpha·x[i] + y[i], rounded once.
func Axpy(alpha float64, x, y []float64) {
	checkLen("Axpy", "x", len(x), len(y))
	if len(y) == 0 {
		return
	}
	if path != Go {
		axpyAVX2(alpha, &x[0], &y[0], len(y))
		return
	}
	for i, v := range x {
		y[i] = fma(alpha, v, y[i])
	}
}

// Scale sets x[i] = alpha·x[i].
func Scale(alpha float64, x []float64) {
	if len(x) == 0 {
		return
	}
	if path != Go {
		scaleAVX2(alpha, &x[0], len(x))
		return
	}
	for i := range x {
		x[i] *= alpha
	}
}

// Dot returns the sum of x[i]·y[i]. It has sixteen accumulators, element i is
// added to number i mod 16, and at the end they are added up as a binary tree.
func Dot(x, y []float64) float64 {
	checkLen("Dot", "x", len(x), len(y))
	if scalars && path != Go && len(x) > 0 {
		var dot float64
		matVec(&dot, &x[0], 0, 1, &y[0], len(x))
		return dot
	}
	n := len(x) &^ 15
	var sums [16]float64
	if path != Go && n > 0 {
		dotAVX2(&x[0], &y[0], n, &sums)
	} else {
		for i := 0; i < n; i += 16 {
			for j := range sums {
				sums[j] = fma(x[i+j], y[i+j], sums[j])
			}
		}
	}
	for i := n; i < len(x); i++ {
		sums[i-n] = fma(x[i], y[i], sums[i-n])
	}
	s := &sums // the halves added, until one is left; written out, for a loop takes longer than a short x
	return ((s[0] + s[8]) + (s[4] + s[12])) + ((s[2] + s[10]) + (s[6] + s[14])) +
		(((s[1] + s[9]) + (s[5] + s[13])) + ((s[3] + s[11]) + (s[7] + s[15])))
}

// MatVec sets dst[i] to [Dot] of row i of a and x. It must not overlap them.
func MatVec(dst []float64, a Matrix, x []float64) {
	a.check("MatVec", "a", len(dst), len(x))
	if len(dst) == 0 || len(x) == 0 {
		clear(dst)
		return
	}
	if scalars && path != Go {
		matVec(&dst[0], &a.Data[0], a.Stride, a.Rows, &x[0], len(x))
		return
	}
	for i := range dst {
		dst[i] = Dot(a.Data[i*a.Stride:][:len(x)], x)
	}
}

// Copy copies src to dst, which has its shape. They must not overlap.
func Copy(dst, src Matrix) {
	dst.checkOut("Copy", "dst", src.Rows, src.Cols)
	src.checkData("Copy", "src")
	if src.Cols == 0 {
		return
	}
	if scalars && path != Go && src.Rows > 1 {
		copyRows(&dst.Data[0], dst.Stride, &src.Data[0], src.Stride, src.Cols, src.Rows)
		return
	}
	for i := range src.Rows {
		copy(dst.Data[i*dst.Stride:][:src.Cols], src.Data[i*src.Stride:])
	}
}

// IndexSelect sets row i of dst to row index[i] of table, as torch.index_select. They
// must not overlap.
func IndexSelect(dst, table Matrix, index []int) {
	dst.checkOut("IndexSelect", "dst", len(index), table.Cols)
	table.checkIndex("IndexSelect", "table", index)
	if len(index) == 0 || table.Cols == 0 {
		return
	}
	if scalars && path != Go {
		indexSelect(&dst.Data[0], dst.Stride, &table.Data[0], table.Stride, &index[0], table.Cols, len(index))
		return
	}
	for i, k := range index {
		copy(dst.Data[i*dst.Stride:][:dst.Cols], table.Data[k*table.Stride:])
	}
}

// IndexAdd adds row i of src to row index[i] of table, for i = 0, 1, 2, …, as
// torch.Tensor.index_add_. Rows whose index is except, which is −1 for none, are left
// out. They must not overlap.
func IndexAdd(table Matrix, index []int, src Matrix, except int) {
	table.checkOut("IndexAdd", "table", table.Rows, src.Cols)
	table.checkIndex("IndexAdd", "table", index)
	src.check("IndexAdd", "src", len(index), table.Cols)
	if len(index) == 0 || table.Cols == 0 {
		return
	}
	if scalars && path != Go {
		indexAdd(&table.Data[0], table.Stride, &index[0], &src.Data[0], src.Stride, except, src.Cols, len(index))
		return
	}
	for i, k := range index {
		if k != except {
			Axpy(1, src.Data[i*src.Stride:][:src.Cols], table.Data[k*table.Stride:][:src.Cols])
		}
	}
}

// checkIndex panics unless all rows that index names are in m.
func (m *Matrix) checkIndex(fn, name string, index []int) {
	m.checkData(fn, name)
	for i, k := range index {
		if uint(k) >= uint(m.Rows) {
			failf(fn, "index[%d] is %d, want a row of %s, 0 to %d", i, k, name, m.Rows-1)
		}
	}
}

// Rank2 subtracts x yᵀ + y xᵀ from the square matrix a, each product rounded once, x yᵀ first.
func Rank2(a Matrix, x, y []float64) {
	checkLen("Rank2", "x", len(x), len(y))
	a.checkOut("Rank2", "a", len(y), len(y))
	if scalars && path != Go && len(x) > 0 {
		rank2(&a.Data[0], a.Stride, len(x), &x[0], &y[0])
		return
	}
	for i := range x {
		row := a.Data[i*a.Stride:][:len(x)]
		Axpy(-x[i], y, row)
		Axpy(-y[i], x, row)
	}
}

// SumRows adds every row of a, from the first to the last, to dst.
func SumRows(dst []float64, a Matrix) {
	checkLen("SumRows", "dst", len(dst), a.Cols)
	a.checkData("SumRows", "a")
	if a.Rows == 0 {
		return
	}
	if scalars && path != Go && a.Cols > 0 {
		sumRows(&dst[0], &a.Data[0], a.Stride, a.Rows, a.Cols)
		return
	}
	j := 0
	if path != Go {
		for ; j+16 <= a.Cols; j += 16 {
			sumRowsAVX2(&dst[j], &a.Data[j], a.Stride, a.Rows)
		}
	}
	if j == a.Cols {
		return
	}
	for i := range a.Rows {
		row := a.Data[i*a.Stride+j : i*a.Stride+a.Cols]
		for k, v := range row {
			dst[j+k] += v
		}
	}
}

// AdamRates are the scalar arguments of [Adam].
type AdamRates struct {
	Beta1, Beta2 float64 // decay of the averages of the gradient and of its square
	Step         float64 // learning rate / (1 − Beta1^t)
	Root         float64 // √(1 − Beta2^t)
	Eps          float64
}

// Adam updates the parameters p by their gradient dp, and the averages m of the
// gradient and v of its square, as Kingma and Ba (2015), "Adam: A Method for
// Stochastic Optimization", do:
//
//	m = Beta1·m + (1−Beta1)·dp
//	v = Beta2·v + (1−Beta2)·dp²
//	p = p − Step·m/(√v/Root + Eps)
func Adam(p, dp, m, v []float64, r AdamRates) {
	checkLen("Adam", "dp", len(dp), len(p))
	checkLen("Adam", "m", len(m), len(p))
	checkLen("Adam", "v", len(v), len(p))
	if len(p) == 0 {
		return
	}
	if path != Go {
		by := [...]float64{r.Beta1, 1 - r.Beta1, r.Beta2, 1 - r.Beta2, r.Root, r.Eps, r.Step}
		adamAVX2(&p[0], &dp[0], &m[0], &v[0], len(p), &by)
		return
	}
	for i, d := range dp {
		mt := fma(1-r.Beta1, d, float64(m[i]*r.Beta1))
		vt := fma(float64(d*(1-r.Beta2)), d, float64(v[i]*r.Beta2))
		m[i], v[i] = mt, vt
		p[i] = fma(-r.Step, mt/(float64(math.Sqrt(vt)/r.Root)+r.Eps), p[i])
	}
}
