package lesson

import (
	"unsafe"

	"unroll/internal/simd"
)

// Sigmoid returns σ(x) = 1/(1+e^−x).
func Sigmoid(x float64) float64 { return simd.Sigmoid(x) }

// power returns x^n for n ≥ 0, as math.Pow, which is not the same on every
// machine.
func power(x float64, n int) float64 {
	p := 1.0
	for ; n > 0; n /= 2 {
		if n%2 == 1 {
			p *= x
		}
		x *= x
	}
	return p
}

// average returns the mean of x, added up in order: gonum's stat adds up with assembly on
// amd64, in another order.
func average(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}

// add sets dst[i] += x[i].
func add(dst, x []float64) {
	for i, v := range x {
		dst[i] += v
	}
}

// resizeSlice returns a slice of n elements, s itself where it is large enough. The
// elements are not cleared.
func resizeSlice[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// overlap reports whether two slices share elements.
func overlap(a, b []float64) bool {
	if len(a) == 0 || len(b) == 0 {
		return false
	}
	first := func(s []float64) uintptr { return uintptr(unsafe.Pointer(&s[0])) }
	last := func(s []float64) uintptr { return uintptr(unsafe.Pointer(&s[len(s)-1])) }
	return first(a) <= last(b) && first(b) <= last(a)
}

// matrix returns rows [lo, hi) of data, all of width columns.
func matrix(data []float64, lo, hi, width int) simd.Matrix {
	return simd.Matrix{Rows: hi - lo, Cols: width, Data: data[lo*width : hi*width], Stride: width}
}

// everyRow returns a matrix whose rows are all the same; nil gives the empty
// one, from which a product starts at zero.
func everyRow(row []float64, rows int) simd.Matrix {
	if row == nil {
		return simd.Matrix{}
	}
	return simd.Matrix{Rows: rows, Cols: len(row), Data: row}
}

// simd returns a tensor of two axes for package simd.
func (t *Tensor) simd() simd.Matrix {
	return simd.Matrix{Rows: t.shape[0], Cols: t.shape[1], Data: t.data, Stride: t.shape[1]}
}
