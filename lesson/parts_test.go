package lesson

import (
	"math"
	"testing"
)

// checkDifferences compares grad, the gradient of f with respect to value, with
// central differences, to 1e-6 times the value where that is above 1.
func checkDifferences(t *testing.T, what string, f func() float64, value, grad []float64) {
	t.Helper()
	const h = 1e-5
	for i, v := range value {
		value[i] = v + h
		up := f()
		value[i] = v - h
		down := f()
		value[i] = v
		if want := (up - down) / (2 * h); !(math.Abs(grad[i]-want) <= 1e-6*math.Max(1, math.Abs(want))) {
			t.Errorf("%s[%d] is %v, central differences say %v", what, i, grad[i], want)
		}
	}
}

func sameFloats(a, b []float64) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if math.Float64bits(a[i]) != math.Float64bits(b[i]) {
			return false
		}
	}
	return true
}
