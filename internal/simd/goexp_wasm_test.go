//go:build simd128

package simd

import (
	"math"
	"testing"
)

//go:wasmimport simd goexp
//go:noescape
func goexp(x float64) float64

func TestGoExpSameBits(t *testing.T) {
	if !ready() {
		t.Skip("no kernels")
	}
	testGoExp(t, func(x float64) float64 {
		if x > 7.09782712893384e+02 {
			return math.Inf(1)
		}
		return goexp(x)
	})
}
