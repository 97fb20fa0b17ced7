//go:build !wasm || !simd128

package simd

// scalars: see kernels_wasm.go.
const scalars = false

func exp1(float64) float64     { panic(noScalars) }
func sigmoid1(float64) float64 { panic(noScalars) }
func tanh1(float64) float64    { panic(noScalars) }

func matVec(dst, a *float64, stride, rows int, x *float64, n int) { panic(noScalars) }
func rank2(a *float64, stride, n int, x, y *float64)              { panic(noScalars) }

const noScalars = "simd: single numbers are computed in Go"
