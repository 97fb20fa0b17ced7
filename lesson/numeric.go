package lesson

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"

	"unroll/internal/simd"
)

// mulAdd adds a·b to c: c[i,j] += Σ_k a[i,k]·b[k,j], for c of m×n, a of m×k
// and b of k×n. Rows begin lda, ldb and ldc elements apart.
func mulAdd(m, n, k int, a []float64, lda int, b []float64, ldb int, c []float64, ldc int) {
	blas64.Gemm(blas.NoTrans, blas.NoTrans, 1,
		blas64.General{Rows: m, Cols: k, Stride: lda, Data: a},
		blas64.General{Rows: k, Cols: n, Stride: ldb, Data: b}, 1,
		blas64.General{Rows: m, Cols: n, Stride: ldc, Data: c})
}

// mulTransAdd adds aᵀ·b to c: c[i,j] += Σ_k a[k,i]·b[k,j], for c of m×n, a of
// k×m and b of k×n.
func mulTransAdd(m, n, k int, a []float64, lda int, b []float64, ldb int, c []float64, ldc int) {
	blas64.Gemm(blas.Trans, blas.NoTrans, 1,
		blas64.General{Rows: k, Cols: m, Stride: lda, Data: a},
		blas64.General{Rows: k, Cols: n, Stride: ldb, Data: b}, 1,
		blas64.General{Rows: m, Cols: n, Stride: ldc, Data: c})
}

// Sigmoid returns σ(x) = 1/(1+e^−x).
func Sigmoid(x float64) float64 { return simd.Sigmoid(x) }

// add sets dst[i] += x[i].
func add(dst, x []float64) {
	for i, v := range x {
		dst[i] += v
	}
}

// transpose sets dst, cols×rows, to the transpose of src, rows×cols.
func transpose(dst, src []float64, rows, cols int) {
	const tile = 8 // both sides of a tile stay in the first cache
	for i0 := 0; i0 < rows; i0 += tile {
		for j0 := 0; j0 < cols; j0 += tile {
			for i := i0; i < min(i0+tile, rows); i++ {
				for j := j0; j < min(j0+tile, cols); j++ {
					dst[j*rows+i] = src[i*cols+j]
				}
			}
		}
	}
}

// resize returns a slice of n elements, s itself where it is large enough. The
// elements are not cleared.
func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
