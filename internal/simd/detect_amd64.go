//go:build !noasm

package simd

import "golang.org/x/sys/cpu"

func detect() []Path {
	paths := []Path{Go}
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA {
		paths = []Path{AVX2, Go}
		if cpu.X86.HasAVX512F && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512VL {
			paths = []Path{AVX512, AVX2, Go}
		}
	}
	return paths
}

// lanes numbers the elements of a vector.
//
//lint:ignore U1000 the assembly reads it
var lanes = [4]int64{0, 1, 2, 3}
