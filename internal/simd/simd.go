// Package simd holds the few float64 loops in which a recurrent network spends
// its time: matrix products, exp, tanh and sigmoid over vectors, the steps of
// the cells and of the optimisers. On amd64 they run as AVX2 or AVX-512
// assembly, chosen by the CPU's features when the program starts. Everywhere
// else, and with the build tag noasm, the Go loop beside each call of assembly
// runs; it also says what the assembly computes. In a page that runs cells, built
// with the tag simd128, the kernels are a WebAssembly module beside the program,
// which shares its memory: see wasm/kernels.c.
//
// All paths give the same bits. Each element is the same chain of correctly
// rounded operations in the same order on every path: a matrix product
// accumulates over k = 0, 1, 2, … by fused multiply-adds, whatever the tile or
// the way a caller splits the rows; exp, tanh and sigmoid are one polynomial;
// sums over a vector have sixteen interleaved accumulators. Only the sign and
// payload of a NaN may differ. Where hardware lacks a fused multiply-add
// (WebAssembly without simd128, amd64 before 2013), the Go path emulates it and is slow; on
// amd64 it is three times as fast when built with GOAMD64=v3, which removes the
// check for the instruction from every multiply-add.
//
// NaN and infinities propagate as in IEEE 754: 0·NaN is NaN.
//
// No function starts a goroutine, and none allocates once its buffers have
// grown. All may run concurrently on different data. They panic if lengths do
// not match.
package simd

import "fmt"

//go:generate go run -C gen . -dir ..

// Path is an implementation of the loops.
type Path int

const (
	Go      Path = iota // portable loops
	AVX2                // 256-bit vectors with fused multiply-add
	AVX512              // 512-bit vectors (F, DQ, VL)
	SIMD128             // WebAssembly's 128-bit vectors, with the build tag simd128
)

// String returns the path's name.
func (p Path) String() string { return [...]string{"go", "avx2", "avx512", "simd128"}[p] }

var (
	available = detect() // fastest first
	path      = available[0]
)

// Paths returns the paths that this machine supports, fastest first.
func Paths() []Path { return append([]Path(nil), available...) }

// Current returns the path in use.
func Current() Path { return path }

// Use selects path p, for tests and benchmarks. It must not run while another
// function of this package does. It panics unless p is among [Paths].
func Use(p Path) {
	for _, q := range available {
		if p == q {
			path = p
			return
		}
	}
	failf("Use", "path %d is not among %v", int(p), available)
}

// failf panics with a message that names the function. It stays a call, so that the
// checks are small enough to stand in the places of their calls.
//
//go:noinline
func failf(fn, format string, args ...any) {
	panic("simd: " + fn + ": " + fmt.Sprintf(format, args...))
}

// checkLen panics unless got is want.
func checkLen(fn, name string, got, want int) {
	if got != want {
		failf(fn, "%s has length %d, want %d", name, got, want)
	}
}

// checkRows returns the number of rows of n elements, and panics unless they
// add up to length.
func checkRows(fn, name string, length, n int) int {
	rows := 0
	if n > 0 {
		rows = length / n
	}
	if rows*n != length {
		failf(fn, "%s has length %d, want whole rows of %d", name, length, n)
	}
	return rows
}
