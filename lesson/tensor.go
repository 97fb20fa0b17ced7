package lesson

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/mat"
)

// Shape is the length of each axis of a [Tensor], outermost first. It prints
// as [32 10 64].
type Shape []int

// Size returns the number of elements, the product of the axes.
func (s Shape) Size() int {
	n := 1
	for _, d := range s {
		n *= d
	}
	return n
}

// Equal reports whether both shapes have the same axes.
func (s Shape) Equal(o Shape) bool { return slices.Equal(s, o) }

// times returns the shape as 32×10×64, the form used in messages.
func (s Shape) times() string {
	if len(s) == 0 {
		return "empty"
	}
	parts := make([]string, len(s))
	for i, d := range s {
		parts[i] = strconv.Itoa(d)
	}
	return strings.Join(parts, "×")
}

// Tensor is a float64 array of one to three axes, stored row after row: the
// last axis is contiguous. The zero Tensor is empty, for a function to write to.
type Tensor struct {
	shape Shape
	data  []float64
}

// maxElements is more than a process can address: 2^48 bytes.
const maxElements = min(1<<45, math.MaxInt/8)

// axes returns the shape, none of nil, so that a check may come before a use.
func (t *Tensor) axes() Shape {
	if t == nil {
		return nil
	}
	return t.shape
}

// NewTensor returns a tensor of zeros. It panics unless there are one to three
// axes, each at least 1 long.
func NewTensor(shape ...int) *Tensor {
	checkShape("NewTensor", shape)
	return &Tensor{shape: slices.Clone(shape), data: make([]float64, Shape(shape).Size())}
}

// TensorOf returns a tensor over data, which it does not copy. It panics
// unless data has as many elements as the shape.
func TensorOf(data []float64, shape ...int) *Tensor {
	checkShape("TensorOf", shape)
	if n := Shape(shape).Size(); n != len(data) {
		failf("TensorOf", "%d values for shape %s, want %d", len(data), Shape(shape).times(), n)
	}
	return &Tensor{shape: slices.Clone(shape), data: slices.Clip(data)}
}

// resize gives t another shape. It keeps the memory and what is in it, and
// allocates where that is too small. The elements are not cleared.
func (t *Tensor) resize(shape ...int) {
	t.shape = append(t.shape[:0], shape...)
	n := t.shape.Size()
	if n > cap(t.data) {
		t.data = make([]float64, n)
	}
	t.data = t.data[:n]
}

// checkNoAlias panics where a tensor of so many elements, written to t, would
// share memory with an argument. An argument may be nil.
func (t *Tensor) checkNoAlias(fn, name string, size int, arguments ...*Tensor) {
	for _, a := range arguments {
		if a != nil && (a == t || size <= cap(t.data) && overlap(t.data[:size], a.data)) {
			failf(fn, "%s shares memory with another argument, want memory of its own", name)
		}
	}
}

// withLast returns the shape with another last axis, which is the first axes
// numbers of three.
func (s Shape) withLast(n int) (shape [3]int, axes int) {
	axes = copy(shape[:], s)
	shape[axes-1] = n
	return shape, axes
}

// Randn returns a tensor of independent standard normal values, as torch.randn:
// those of [rand.Rand.NormFloat64], with the same bits on every machine. It panics as NewTensor does, and when rng is nil.
func Randn(rng *rand.Rand, shape ...int) *Tensor {
	checkShape("Randn", shape)
	checkRand("Randn", rng)
	t := NewTensor(shape...)
	normal := normals()
	for i := range t.data {
		t.data[i] = normal.draw(rng)
	}
	return t
}

// Uniform returns a tensor of independent values uniform in [lo, hi). It
// panics as NewTensor does, and when rng is nil.
func Uniform(rng *rand.Rand, lo, hi float64, shape ...int) *Tensor {
	checkShape("Uniform", shape)
	checkRand("Uniform", rng)
	t := NewTensor(shape...)
	for i := range t.data {
		t.data[i] = lo + float64((hi-lo)*rng.Float64()) // no fused multiply-add
	}
	return t
}

func checkShape(fn string, shape []int) {
	if len(shape) < 1 || len(shape) > 3 {
		failf(fn, "%d axes, want 1 to 3", len(shape))
	}
	for _, d := range shape {
		if d < 1 {
			// A clone, so that callers need not put shape on the heap.
			failf(fn, "shape %v has an axis of length %d, want at least 1", slices.Clone(shape), d)
		}
	}
	n := uint64(1)
	for _, d := range shape {
		hi, lo := bits.Mul64(n, uint64(d))
		if hi > 0 || lo > maxElements {
			failf(fn, "shape %s, more elements than any memory holds", Shape(shape).times())
		}
		n = lo
	}
}

func checkRand(fn string, rng *rand.Rand) {
	if rng == nil {
		failf(fn, "rng is nil, want a source of randomness")
	}
}

// Shape returns the length of each axis, outermost first.
func (t *Tensor) Shape() Shape {
	checkNotNil("Tensor.Shape", "the receiver", t)
	return slices.Clone(t.shape)
}

// Data returns the elements themselves, the last axis contiguous: writing to
// the slice writes to the tensor.
func (t *Tensor) Data() []float64 {
	checkNotNil("Tensor.Data", "the receiver", t)
	return t.data
}

// offset returns the position of an index in data.
func (t *Tensor) offset(fn string, index []int) int {
	checkNotNil(fn, "the receiver", t)
	if len(t.shape) == 0 {
		failf(fn, "the tensor is empty")
	}
	if len(index) != len(t.shape) {
		failf(fn, "%d indices for shape %s, want %d", len(index), t.shape.times(), len(t.shape))
	}
	k := 0
	for axis, i := range index {
		if i < 0 || i >= t.shape[axis] {
			failf(fn, "index %d on axis %d of shape %s, want 0 to %d", i, axis, t.shape.times(), t.shape[axis]-1)
		}
		k = k*t.shape[axis] + i
	}
	return k
}

// At returns one element. It panics unless there is one index in range for
// each axis.
func (t *Tensor) At(index ...int) float64 {
	at := t.offset("Tensor.At", index)
	return t.data[at]
}

// Set changes one element. It panics unless there is one index in range for
// each axis.
func (t *Tensor) Set(v float64, index ...int) {
	at := t.offset("Tensor.Set", index)
	t.data[at] = v
}

// Slice returns t[i], the i-th part along the outermost axis, as a view:
// both share their elements. It panics for a tensor of one axis, and for an
// index out of range.
func (t *Tensor) Slice(i int) *Tensor {
	if len(t.axes()) < 2 {
		failf("Tensor.Slice", "shape %s, want 2 or 3 axes", shapeOf(t))
	}
	if i < 0 || i >= t.shape[0] {
		failf("Tensor.Slice", "index %d of shape %s, want 0 to %d", i, t.shape.times(), t.shape[0]-1)
	}
	n := len(t.data) / t.shape[0]
	return &Tensor{shape: slices.Clone(t.shape[1:]), data: t.data[i*n : (i+1)*n : (i+1)*n]}
}

// Reshape returns the same elements under another shape, as a view. It panics
// unless both shapes have the same number of elements.
func (t *Tensor) Reshape(shape ...int) *Tensor {
	checkNotNil("Tensor.Reshape", "the receiver", t)
	checkShape("Tensor.Reshape", shape)
	if Shape(shape).Size() != len(t.data) {
		failf("Tensor.Reshape", "shape %s to %s, want as many elements", t.shape.times(), Shape(shape).times())
	}
	return &Tensor{shape: slices.Clone(shape), data: t.data}
}

// Matrix returns the tensor as a gonum matrix without copying: of a vector its
// one row, of three axes the rows of all parts below one another. Both share
// their elements. It panics for an empty tensor.
func (t *Tensor) Matrix() *mat.Dense {
	if len(t.axes()) == 0 {
		failf("Tensor.Matrix", "shape %s, want 1 to 3 axes", shapeOf(t))
	}
	c := t.shape[len(t.shape)-1]
	return mat.NewDense(len(t.data)/c, c, t.data)
}

// Vector returns a tensor of one axis as a gonum vector without copying. It
// panics for any other tensor.
func (t *Tensor) Vector() *mat.VecDense {
	if len(t.axes()) != 1 {
		failf("Tensor.Vector", "shape %s, want 1 axis", shapeOf(t))
	}
	return mat.NewVecDense(len(t.data), t.data)
}

// Clone returns a copy that shares nothing with t.
func (t *Tensor) Clone() *Tensor {
	checkNotNil("Tensor.Clone", "the receiver", t)
	return &Tensor{shape: slices.Clone(t.shape), data: slices.Clone(t.data)}
}

// Flip returns a copy with the order along one axis reversed, as torch.flip.
// It panics unless the axis is one of the tensor's.
func (t *Tensor) Flip(axis int) *Tensor {
	checkNotNil("Tensor.Flip", "the receiver", t)
	if len(t.shape) == 0 {
		failf("Tensor.Flip", "the tensor is empty")
	}
	if axis < 0 || axis >= len(t.shape) {
		failf("Tensor.Flip", "axis %d of shape %s, want 0 to %d", axis, t.shape.times(), len(t.shape)-1)
	}
	out := NewTensor(t.shape...)
	n := t.shape[axis]
	inner := t.shape[axis+1:].Size()
	for at := 0; at < len(t.data); at += n * inner {
		for i := range n {
			copy(out.data[at+(n-1-i)*inner:][:inner], t.data[at+i*inner:][:inner])
		}
	}
	return out
}

// MaxAbsDiff returns the largest |a−b| over all elements, NaN where any
// difference is. It panics unless both have the same shape.
func MaxAbsDiff(a, b *Tensor) float64 {
	checkNotNil("MaxAbsDiff", "a", a)
	checkNotNil("MaxAbsDiff", "b", b)
	if !a.shape.Equal(b.shape) {
		failf("MaxAbsDiff", "shapes %s and %s, want the same", a.shape.times(), b.shape.times())
	}
	m := 0.0
	for i, v := range a.data {
		if a.data[i] == b.data[i] {
			continue // the difference of equal infinities is 0, not NaN
		}
		m = math.Max(m, math.Abs(v-b.data[i]))
	}
	return m
}

// String prints the elements as PyTorch does: in columns, with four decimals,
// in scientific notation where that says more. From a thousand elements on
// only the first and last three of each axis are shown. The zero Tensor prints
// as tensor([]), and nil as <nil>.
func (t *Tensor) String() string {
	switch {
	case t == nil:
		return "<nil>"
	case len(t.shape) == 0:
		return "tensor([])"
	}
	return printArray(t.shape, func(at []int) ([]string, int) {
		values := make([]float64, len(at))
		for i, k := range at {
			values[i] = t.data[k]
		}
		return floatTexts(values)
	})
}
