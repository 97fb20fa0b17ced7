//go:build simd128 && !noasm

package simd

import "unsafe"

//go:generate wasm/build

// The module of kernels, whose memory is the program's. ready reports whether there is one.
//
//go:wasmimport simd ready
func ready() bool

func detect() []Path {
	if ready() {
		return []Path{SIMD128, Go}
	}
	return []Path{Go}
}

// The functions have the names of AVX2's, whose place they take.

func expAVX2(dst, src *float64, n int)     { expWasm(dst, src, int32(n)) }
func sigmoidAVX2(dst, src *float64, n int) { sigmoidWasm(dst, src, int32(n)) }
func tanhAVX2(dst, src *float64, n int)    { tanhWasm(dst, src, int32(n)) }
func reluAVX2(dst, src *float64, n int)    { reluWasm(dst, src, int32(n)) }
func lstmAVX2(z, cPrev, c, h *float64, n, rows int) {
	lstmWasm(z, cPrev, c, h, int32(n), int32(rows))
}
func lstmBackwardAVX2(dz, dc, dh, z, cPrev, c *float64, n int) {
	lstmBackwardWasm(dz, dc, dh, z, cPrev, c, int32(n))
}
func tanhBackwardAVX2(dz, dh, h *float64, n int)   { tanhBackwardWasm(dz, dh, h, int32(n)) }
func reluBackwardAVX2(dz, dh, h *float64, n int)   { reluBackwardWasm(dz, dh, h, int32(n)) }
func axpyAVX2(alpha float64, x, y *float64, n int) { axpyWasm(alpha, x, y, int32(n)) }
func scaleAVX2(alpha float64, x *float64, n int)   { scaleWasm(alpha, x, int32(n)) }
func packTransAVX2(dst, src *float64, stride, k int) {
	packTransWasm(dst, src, int32(stride), int32(k))
}
func adamAVX2(p, dp, m, v *float64, n int, by *[7]float64) {
	adamWasm(p, dp, m, v, int32(n), &by[0])
}
func peakAVX2(int) {}

// These are never called.

func tileAVX2(h, w, k int, c *float64, cs int, d *float64, ds int, a *float64, rs, ks int, b *float64, bs int) {
}
func tileAVX512(h, w, k int, c *float64, cs int, d *float64, ds int, a *float64, rs, ks int, b *float64, bs int) {
}
func dotAVX2(x, y *float64, n int, sums *[16]float64)            {}
func packAVX2(dst, src *float64, stride, k int)                  {}
func sumRowsAVX2(dst, src *float64, stride, rows int)            {}
func expAVX512(dst, src *float64, n int)                         {}
func sigmoidAVX512(dst, src *float64, n int)                     {}
func tanhAVX512(dst, src *float64, n int)                        {}
func lstmAVX512(z, cPrev, c, h *float64, n, rows int)            {}
func lstmBackwardAVX512(dz, dc, dh, z, cPrev, c *float64, n int) {}
func peakAVX512(int)                                             {}

// scalars says that there is a module: it computes single numbers faster than Go does, by exp1, sigmoid1, tanh1 and log1, and has
// the functions that follow, in whose place AVX2 has none or lesser ones.
const scalars = true

// tileSIMD128 is the function tile of gemm.go.
func tileSIMD128(h, w, k int, c *float64, cs int, d *float64, ds int, a *float64, rs, ks int, b *float64, bs int) {
	tileWasm(int32(h), int32(w), int32(k), c, int32(cs), d, int32(ds), a, int32(rs), int32(ks), b, int32(bs))
}

func expSum(dst, src *float64, n int, both *[2]float64) { expSumWasm(dst, src, int32(n), &both[0]) }
func matVec(dst, a *float64, stride, rows int, x *float64, n int) {
	matVecWasm(dst, a, int32(stride), int32(rows), x, int32(n))
}
func rank2(a *float64, stride, n int, x, y *float64) { rank2Wasm(a, int32(stride), int32(n), x, y) }
func copyRows(dst *float64, ds int, src *float64, ss, cols, rows int) {
	copyRowsWasm(dst, int32(ds), src, int32(ss), int32(cols), int32(rows))
}
func indexSelect(dst *float64, ds int, table *float64, ts int, index *int, cols, rows int) {
	indexSelectWasm(dst, int32(ds), table, int32(ts), (*int64)(unsafe.Pointer(index)), int32(cols), int32(rows))
}
func indexAdd(table *float64, ts int, index *int, src *float64, ss, except, cols, rows int) {
	indexAddWasm(table, int32(ts), (*int64)(unsafe.Pointer(index)), src, int32(ss), int64(except), int32(cols), int32(rows))
}
func packSIMD128(dst, src *float64, stride, cols, k int) {
	packWasm(dst, src, int32(stride), int32(cols), int32(k))
}
func sumRows(dst, src *float64, stride, rows, cols int) {
	sumRowsWasm(dst, src, int32(stride), int32(rows), int32(cols))
}

// fma returns x·y + z, rounded once. A call of the module takes longer than softFMA.
func fma(x, y, z float64) float64 { return softFMA(x, y, z) }

//go:wasmimport simd exp1
//go:noescape
func exp1(x float64) float64

//go:wasmimport simd sigmoid1
//go:noescape
func sigmoid1(x float64) float64

//go:wasmimport simd tanh1
//go:noescape
func tanh1(x float64) float64

// log1 is the end of Log, from s on.
//
//go:wasmimport simd log1
//go:noescape
func log1(f, k float64) float64

//go:wasmimport simd tile
//go:noescape
func tileWasm(h, w, k int32, c *float64, cs int32, d *float64, ds int32, a *float64, rs, ks int32, b *float64, bs int32)

//go:wasmimport simd expTo
//go:noescape
func expWasm(dst, src *float64, n int32)

//go:wasmimport simd expSum
//go:noescape
func expSumWasm(dst, src *float64, n int32, both *float64)

//go:wasmimport simd sigmoidTo
//go:noescape
func sigmoidWasm(dst, src *float64, n int32)

//go:wasmimport simd tanhTo
//go:noescape
func tanhWasm(dst, src *float64, n int32)

//go:wasmimport simd relu
//go:noescape
func reluWasm(dst, src *float64, n int32)

//go:wasmimport simd lstm
//go:noescape
func lstmWasm(z, cPrev, c, h *float64, n, rows int32)

//go:wasmimport simd lstmBackward
//go:noescape
func lstmBackwardWasm(dz, dc, dh, z, cPrev, c *float64, n int32)

//go:wasmimport simd tanhBackward
//go:noescape
func tanhBackwardWasm(dz, dh, h *float64, n int32)

//go:wasmimport simd reluBackward
//go:noescape
func reluBackwardWasm(dz, dh, h *float64, n int32)

//go:wasmimport simd axpy
//go:noescape
func axpyWasm(alpha float64, x, y *float64, n int32)

//go:wasmimport simd scale
//go:noescape
func scaleWasm(alpha float64, x *float64, n int32)

//go:wasmimport simd pack
//go:noescape
func packWasm(dst, src *float64, stride, cols, k int32)

//go:wasmimport simd packTrans
//go:noescape
func packTransWasm(dst, src *float64, stride, k int32)

//go:wasmimport simd sumRows
//go:noescape
func sumRowsWasm(dst, src *float64, stride, rows, cols int32)

//go:wasmimport simd copyRows
//go:noescape
func copyRowsWasm(dst *float64, ds int32, src *float64, ss, cols, rows int32)

// An int is an int64 here.
//
//go:wasmimport simd indexSelect
//go:noescape
func indexSelectWasm(dst *float64, ds int32, table *float64, ts int32, index *int64, cols, rows int32)

//go:wasmimport simd indexAdd
//go:noescape
func indexAddWasm(table *float64, ts int32, index *int64, src *float64, ss int32, except int64, cols, rows int32)

//go:wasmimport simd matVec
//go:noescape
func matVecWasm(dst, a *float64, stride, rows int32, x *float64, n int32)

//go:wasmimport simd rank2
//go:noescape
func rank2Wasm(a *float64, stride, n int32, x, y *float64)

//go:wasmimport simd adam
//go:noescape
func adamWasm(p, dp, m, v *float64, n int32, by *float64)
