//go:build !simd128

package simd

// fma returns x·y + z, rounded once. WebAssembly has no such instruction.
func fma(x, y, z float64) float64 { return softFMA(x, y, z) }
