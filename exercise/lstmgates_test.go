package exercise

import (
	"strings"
	"testing"
)

// The solution of Latch is not a machine, so that what is wanted reads 0 and 1.
func TestLatchCanBeBuilt(t *testing.T) {
	if v := Latch.Judge(latch(20, 0, 0, -20, -20, 0, -10, 10)); !v.Right {
		t.Error(v.Text)
	}
	v := Latch.Judge(Brackets([]float64{1, 2}, nil))
	if !strings.Contains(v.Text, "your code stops with: there are 2 weights and 0 biases, want 12 and 4") {
		t.Error(v.Text)
	}
}
