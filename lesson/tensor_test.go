package lesson

import (
	"math"
	"math/rand/v2"
	"testing"
)

// counting returns a tensor of 0, 1, 2, …
func counting(shape ...int) *Tensor {
	t := NewTensor(shape...)
	for i := range t.data {
		t.data[i] = float64(i)
	}
	return t
}

func TestTensorStoresTheLastAxisContiguously(t *testing.T) {
	x := counting(2, 3, 4)
	for i := range 2 {
		for j := range 3 {
			for k := range 4 {
				if got, want := x.At(i, j, k), float64(12*i+4*j+k); got != want {
					t.Errorf("At(%d, %d, %d) is %v, want %v", i, j, k, got, want)
				}
			}
		}
	}
	x.Set(-1, 1, 2, 3)
	if x.Data()[23] != -1 {
		t.Errorf("Set(-1, 1, 2, 3) left the last element at %v", x.Data()[23])
	}
}

func TestTensorViewsShareElements(t *testing.T) {
	for name, write := range map[string]func(x *Tensor){
		"Slice":      func(x *Tensor) { x.Slice(1).Set(-1, 0, 2) },
		"Slice of 2": func(x *Tensor) { x.Slice(1).Slice(0).Set(-1, 2) },
		"Reshape":    func(x *Tensor) { x.Reshape(4, 3).Set(-1, 2, 2) },
		"Matrix":     func(x *Tensor) { x.Matrix().Set(2, 2, -1) },
		"Vector":     func(x *Tensor) { x.Reshape(12).Vector().SetVec(8, -1) },
		"Data":       func(x *Tensor) { x.Data()[8] = -1 },
	} {
		x := counting(2, 2, 3)
		write(x)
		for i, v := range x.data {
			want := float64(i)
			if i == 8 {
				want = -1
			}
			if v != want {
				t.Errorf("after a write through %s element %d is %v, want %v", name, i, v, want)
			}
		}
	}
}

func TestTensorOfDoesNotCopy(t *testing.T) {
	data := []float64{1, 2, 3, 4}
	x := TensorOf(data, 2, 2)
	data[3] = 5
	if x.At(1, 1) != 5 {
		t.Errorf("element is %v, want 5", x.At(1, 1))
	}
}

// append to a view of one row must not overwrite the next.
func TestSliceEndsWhereItsRowEnds(t *testing.T) {
	x := counting(2, 3)
	_ = append(x.Slice(0).Data(), -1)
	if x.At(1, 0) != 3 {
		t.Errorf("append to row 0 changed row 1 to %v", x.At(1, 0))
	}
}

func TestMatrixStacksTheParts(t *testing.T) {
	for _, c := range []struct {
		shape      []int
		rows, cols int
	}{{[]int{5}, 1, 5}, {[]int{2, 3}, 2, 3}, {[]int{2, 3, 4}, 6, 4}} {
		if r, k := counting(c.shape...).Matrix().Dims(); r != c.rows || k != c.cols {
			t.Errorf("shape %v is a %d×%d matrix, want %d×%d", c.shape, r, k, c.rows, c.cols)
		}
	}
}

func TestCloneAndShapeShareNothing(t *testing.T) {
	x := counting(2, 3)
	c := x.Clone()
	c.Set(9, 0, 0)
	x.Shape()[0] = 7
	shape := []int{2, 3}
	y := NewTensor(shape...)
	shape[0] = 7
	if x.At(0, 0) != 0 || !x.Shape().Equal(Shape{2, 3}) || !y.Shape().Equal(Shape{2, 3}) {
		t.Errorf("changed with a copy: %v %v %v", x.At(0, 0), x.Shape(), y.Shape())
	}
}

func TestViewsDoNotCopyElements(t *testing.T) {
	x := NewTensor(100, 100, 100)
	for name, view := range map[string]func(){
		"Slice":   func() { _ = x.Slice(1) },
		"Reshape": func() { _ = x.Reshape(10000, 100) },
		"Matrix":  func() { _ = x.Matrix() },
	} {
		r := testing.Benchmark(func(b *testing.B) {
			for b.Loop() {
				view()
			}
		})
		if r.AllocedBytesPerOp() > 256 {
			t.Errorf("%s allocates %d bytes, want a header's worth", name, r.AllocedBytesPerOp())
		}
	}
}

func TestFlipTwiceIsNothing(t *testing.T) {
	x := Randn(rand.New(rand.NewPCG(1, 1)), 3, 4, 5)
	for axis := range 3 {
		if d := MaxAbsDiff(x.Flip(axis).Flip(axis), x); d != 0 {
			t.Errorf("axis %d: differs by %v", axis, d)
		}
		if MaxAbsDiff(x.Flip(axis), x) == 0 {
			t.Errorf("axis %d: Flip changes nothing", axis)
		}
	}
}

func TestRandnIsStandardNormal(t *testing.T) {
	const n = 200_000
	x := Randn(rand.New(rand.NewPCG(1, 2)), n)
	var m [5]float64 // moments
	for _, v := range x.data {
		for k := range m {
			m[k] += math.Pow(v, float64(k)) / n
		}
	}
	// Four standard errors of each moment: √(Var(v^k)/n).
	for k, want := range []float64{1, 0, 1, 0, 3} {
		if tolerance := 4 * math.Sqrt([]float64{0, 1, 2, 15, 96}[k]/n); math.Abs(m[k]-want) > tolerance+1e-9 {
			t.Errorf("moment %d is %v, want %v ± %.4f", k, m[k], want, tolerance)
		}
	}
}

func TestUniformStaysInRange(t *testing.T) {
	const n = 100_000
	x := Uniform(rand.New(rand.NewPCG(1, 3)), -2, 3, n)
	lo, hi, mean := math.Inf(1), math.Inf(-1), 0.0
	for _, v := range x.data {
		lo, hi, mean = min(lo, v), max(hi, v), mean+v/n
	}
	if lo < -2 || hi >= 3 || lo > -1.999 || hi < 2.999 {
		t.Errorf("values from %v to %v, want -2 to 3", lo, hi)
	}
	if tolerance := 4 * 5 / math.Sqrt(12*n); math.Abs(mean-0.5) > tolerance {
		t.Errorf("mean %v, want 0.5 ± %.4f", mean, tolerance)
	}
}

func TestRandomTensorsAreDeterministic(t *testing.T) {
	newRng := func(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }
	if MaxAbsDiff(Randn(newRng(1), 3, 4), Randn(newRng(1), 3, 4)) != 0 || MaxAbsDiff(Uniform(newRng(1), 0, 1, 9), Uniform(newRng(1), 0, 1, 9)) != 0 {
		t.Error("same seed, other values")
	}
	if MaxAbsDiff(Randn(newRng(1), 3, 4), Randn(newRng(2), 3, 4)) == 0 {
		t.Error("other seed, same values")
	}
}

func TestMaxAbsDiff(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct{ a, b, want float64 }{
		{1, 3, 2}, {3, 1, 2}, {0, 0, 0}, {inf, inf, 0}, {inf, -inf, inf}, {nan, 0, nan}, {0, nan, nan}, {nan, nan, nan},
	} {
		for _, order := range [][2]int{{0, 1}, {1, 0}} { // NaN must not be lost after or before a number
			a, b := make([]float64, 2), make([]float64, 2)
			a[order[0]], b[order[0]] = c.a, c.b
			got := MaxAbsDiff(TensorOf(a, 2), TensorOf(b, 2))
			if got != c.want && !(math.IsNaN(got) && math.IsNaN(c.want)) {
				t.Errorf("MaxAbsDiff of %v and %v is %v, want %v", a, b, got, c.want)
			}
		}
	}
}

func TestTensorPanics(t *testing.T) {
	x := NewTensor(2, 3)
	var big = math.MaxInt / 4
	for want, f := range map[string]func(){
		"lesson: NewTensor: 0 axes, want 1 to 3":                                                   func() { NewTensor() },
		"lesson: NewTensor: 4 axes, want 1 to 3":                                                   func() { NewTensor(1, 2, 3, 4) },
		"lesson: NewTensor: shape [2 0] has an axis of length 0, want at least 1":                  func() { NewTensor(2, 0) },
		"lesson: NewTensor: shape [-1] has an axis of length -1, want at least 1":                  func() { NewTensor(-1) },
		"lesson: NewTensor: shape 2305843009213693951×8, more elements than any memory holds":      func() { NewTensor(big, 8) },
		"lesson: NewTensor: shape 2305843009213693951, more elements than any memory holds":        func() { NewTensor(big) },
		"lesson: TensorOf: 5 values for shape 2×3, want 6":                                         func() { TensorOf(make([]float64, 5), 2, 3) },
		"lesson: TensorOf: 4 axes, want 1 to 3":                                                    func() { TensorOf(nil, 1, 1, 1, 1) },
		"lesson: Randn: shape [0] has an axis of length 0, want at least 1":                        func() { Randn(nil, 0) },
		"lesson: Uniform: shape [0] has an axis of length 0, want at least 1":                      func() { Uniform(nil, 0, 1, 0) },
		"lesson: Randn: rng is nil, want a source of randomness":                                   func() { Randn(nil, 1) },
		"lesson: Uniform: rng is nil, want a source of randomness":                                 func() { Uniform(nil, 0, 1, 1) },
		"lesson: Tensor.At: 1 indices for shape 2×3, want 2":                                       func() { x.At(1) },
		"lesson: Tensor.At: index 3 on axis 1 of shape 2×3, want 0 to 2":                           func() { x.At(1, 3) },
		"lesson: Tensor.At: index -1 on axis 0 of shape 2×3, want 0 to 1":                          func() { x.At(-1, 0) },
		"lesson: Tensor.Set: 3 indices for shape 2×3, want 2":                                      func() { x.Set(0, 1, 1, 1) },
		"lesson: Tensor.Set: index 2 on axis 0 of shape 2×3, want 0 to 1":                          func() { x.Set(0, 2, 0) },
		"lesson: Tensor.Slice: shape 3, want 2 or 3 axes":                                          func() { NewTensor(3).Slice(0) },
		"lesson: Tensor.Slice: index 2 of shape 2×3, want 0 to 1":                                  func() { x.Slice(2) },
		"lesson: Tensor.Slice: index -1 of shape 2×3, want 0 to 1":                                 func() { x.Slice(-1) },
		"lesson: Tensor.Reshape: shape 2×3 to 4, want as many elements":                            func() { x.Reshape(4) },
		"lesson: Tensor.Reshape: 0 axes, want 1 to 3":                                              func() { x.Reshape() },
		"lesson: Tensor.Vector: shape 2×3, want 1 axis":                                            func() { x.Vector() },
		"lesson: Tensor.Flip: axis 2 of shape 2×3, want 0 to 1":                                    func() { x.Flip(2) },
		"lesson: Tensor.Flip: axis -1 of shape 2×3, want 0 to 1":                                   func() { x.Flip(-1) },
		"lesson: MaxAbsDiff: shapes 2×3 and 3×2, want the same":                                    func() { MaxAbsDiff(x, NewTensor(3, 2)) },
		"lesson: Tensor.Reshape: shape [6 1 0] has an axis of length 0, want at least 1":           func() { x.Reshape(6, 1, 0) },
		"lesson: TensorOf: shape 2305843009213693951×2, more elements than any memory holds":       func() { TensorOf(nil, big, 2) },
		"lesson: Tensor.Reshape: shape 4294967296×4294967296, more elements than any memory holds": func() { x.Reshape(1<<32, 1<<32) },
	} {
		wantPanic(t, want, f)
	}
}
