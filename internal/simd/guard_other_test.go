//go:build !linux

package simd

import "testing"

// guarded returns n elements, without the guards of Linux.
func guarded(tb testing.TB, n int, atStart bool) []float64 { return make([]float64, n) }
