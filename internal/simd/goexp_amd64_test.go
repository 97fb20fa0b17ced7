package simd

import (
	"math"
	"testing"

	"golang.org/x/sys/cpu"
)

func TestGoExpSameBits(t *testing.T) {
	if !cpu.X86.HasFMA {
		t.Skip("math.Exp has other bits without fused multiply-add")
	}
	testGoExp(t, math.Exp)
}
