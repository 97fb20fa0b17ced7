//go:build !wasm || !simd128

package simd

// scalars: see kernels_wasm.go.
const scalars = false

func exp1(float64) float64      { panic(noScalars) }
func sigmoid1(float64) float64  { panic(noScalars) }
func tanh1(float64) float64     { panic(noScalars) }
func log1(f, k float64) float64 { panic(noScalars) }

func tileSIMD128(h, w, k int, c *float64, cs int, d *float64, ds int, a *float64, rs, ks int, b *float64, bs int) {
	panic(noScalars)
}
func expSum(dst, src *float64, n int, both *[2]float64)           { panic(noScalars) }
func matVec(dst, a *float64, stride, rows int, x *float64, n int) { panic(noScalars) }
func rank2(a *float64, stride, n int, x, y *float64)              { panic(noScalars) }

func copyRows(dst *float64, ds int, src *float64, ss, cols, rows int) { panic(noScalars) }
func indexSelect(dst *float64, ds int, table *float64, ts int, index *int, cols, rows int) {
	panic(noScalars)
}
func indexAdd(table *float64, ts int, index *int, src *float64, ss, except, cols, rows int) {
	panic(noScalars)
}
func packSIMD128(dst, src *float64, stride, cols, k int) { panic(noScalars) }
func sumRows(dst, src *float64, stride, rows, cols int)  { panic(noScalars) }

const noScalars = "simd: Go computes it"
