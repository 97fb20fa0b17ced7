package lesson

import (
	"math"
	"math/rand/v2"

	"unroll/internal/simd"
)

// Linear is y = W x + b: torch.nn.Linear.
//
// A Linear remembers its last Forward for Backward, so one must not be used by
// several goroutines at once.
type Linear struct {
	InFeatures, OutFeatures int
	Weight                  *Parameter // "weight", W, (OutFeatures, InFeatures)
	Bias                    *Parameter // "bias", b, (OutFeatures)

	x      []float64   // of the last Forward
	shape  Shape       // of what it returned; empty before
	packed simd.Packed // read by the product being computed
}

// NewLinear returns a layer whose parameters are drawn from rng as PyTorch
// draws them: uniform in ±1/√in, the weight first. It panics when a size is
// below 1 and when rng is nil.
func NewLinear(rng *rand.Rand, in, out int) *Linear { return newLinear("NewLinear", rng, in, out) }

func newLinear(fn string, rng *rand.Rand, in, out int) *Linear {
	checkRand(fn, rng)
	if in < 1 || out < 1 {
		failf(fn, "%d features in and %d out, want at least 1 of each", in, out)
	}
	checkShape(fn, []int{out, in})
	bound := 1 / math.Sqrt(float64(in))
	return &Linear{
		InFeatures:  in,
		OutFeatures: out,
		Weight:      NewParameter("weight", Uniform(rng, -bound, bound, out, in)),
		Bias:        NewParameter("bias", Uniform(rng, -bound, bound, out)),
	}
}

// Parameters returns Weight and Bias.
func (l *Linear) Parameters() []*Parameter {
	checkNotNil("Linear.Parameters", "the receiver", l)
	return []*Parameter{l.Weight, l.Bias}
}

// check panics unless there is a layer, whose parameters have its sizes.
func (l *Linear) check(fn string) {
	checkNotNil(fn, "the Linear", l)
	l.Weight.check(fn, "Weight", l.OutFeatures, l.InFeatures)
	l.Bias.check(fn, "Bias", l.OutFeatures)
}

// Forward returns W x + b for each vector along the last axis of x. That axis
// has length InFeatures in x, else Forward panics, and OutFeatures in the result.
func (l *Linear) Forward(x *Tensor) *Tensor {
	y := new(Tensor)
	l.forward("Linear.Forward", y, x)
	return y
}

// ForwardTo is Forward with its result written to y.
func (l *Linear) ForwardTo(y, x *Tensor) { l.forward("Linear.ForwardTo", y, x) }

func (l *Linear) forward(fn string, y, x *Tensor) {
	l.check(fn)
	in, out := l.InFeatures, l.OutFeatures
	l.shape = l.shape[:0] // a Forward that panics leaves nothing for Backward
	if n := len(x.axes()); n == 0 || x.shape[n-1] != in {
		failf(fn, "x is %s, want InFeatures %d in the last place", shapeOf(x), in)
	}
	checkNotNil(fn, "y", y)
	rows := len(x.data) / in
	shape, axes := x.shape.withLast(out)
	y.checkNoAlias(fn, "y", rows*out, x)
	y.resize(shape[:axes]...)
	l.packed.PackTrans(l.Weight.Value.simd())
	simd.Gemm(matrix(y.data, 0, rows, out), everyRow(l.Bias.Value.data, rows), matrix(x.data, 0, rows, in), &l.packed)
	l.x = append(l.x[:0], x.data...) // the caller may change x before Backward
	l.shape = append(l.shape, y.shape...)
}

// Backward takes the gradient of what the last Forward returned, adds the
// gradients of W and b to theirs, and returns the gradient of x. Weight must
// not change between the two. It panics when there was no Forward, and when
// the shape is not that of its result.
func (l *Linear) Backward(d *Tensor) *Tensor {
	dx := new(Tensor)
	l.backward("Linear.Backward", dx, d)
	return dx
}

// BackwardTo is Backward with its result written to dx.
func (l *Linear) BackwardTo(dx, d *Tensor) { l.backward("Linear.BackwardTo", dx, d) }

func (l *Linear) backward(fn string, dx, d *Tensor) {
	l.check(fn)
	in, out := l.InFeatures, l.OutFeatures
	if len(l.shape) == 0 {
		failf(fn, "no Forward before it")
	}
	if !d.axes().Equal(l.shape) {
		failf(fn, "d is %s, want %s as Forward returned", shapeOf(d), l.shape.times())
	}
	rows := len(d.data) / out
	if dx != nil {
		shape, axes := d.shape.withLast(in)
		dx.checkNoAlias(fn, "dx", rows*in, d)
		dx.resize(shape[:axes]...)
	}
	slopes := matrix(d.data, 0, rows, out)
	dW := l.Weight.Grad.simd()
	simd.GemmTA(dW, dW, slopes, matrix(l.x, 0, rows, in), &l.packed)
	simd.SumRows(l.Bias.Grad.data, slopes)
	if dx != nil {
		l.packed.Pack(l.Weight.Value.simd())
		simd.Gemm(matrix(dx.data, 0, rows, in), simd.Matrix{}, slopes, &l.packed)
	}
}
