package lesson

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"

	"unroll/internal/simd"
)

// TestAttentionParity compares with torch.nn.MultiheadAttention of one head:
// output and weights to 1e-12, gradients to 1e-10.
func TestAttentionParity(t *testing.T) {
	for _, c := range readParts[struct {
		Causal         bool
		Lengths, Shape []int
		Y, Weights, Dx []float64
		Gradients      map[string][]float64
	}](t, "attention", 6) {
		for _, batchFirst := range []bool{false, true} {
			t.Run(fmt.Sprint("causal ", c.Causal, " lengths ", c.Lengths, " shape ", c.Shape, " batch first ", batchFirst), func(t *testing.T) {
				order := func(x *Tensor) *Tensor {
					if batchFirst && len(c.Shape) == 3 {
						return swapAxes(x)
					}
					return x
				}
				a := NewAttention(newRand(1), c.Shape[len(c.Shape)-1])
				a.BatchFirst, a.Causal = batchFirst, c.Causal
				for i, p := range a.Parameters() {
					copy(p.Value.data, fill(uint32(100+i), 1.5, p.Value.shape...).data)
				}
				x, d := order(fill(1, 1, c.Shape...)), order(fill(2, 1, c.Shape...))
				var y, weights *Tensor
				if len(c.Lengths) > 0 {
					y, weights = a.ForwardPacked(x, c.Lengths)
				} else {
					y, weights = a.Forward(x)
				}
				near(t, "y", order(y).data, c.Y, 1e-12)
				near(t, "weights", weights.data, c.Weights, 1e-12)
				near(t, "x.grad", order(a.Backward(d)).data, c.Dx, 1e-10)
				if len(c.Gradients) != len(a.Parameters()) {
					t.Errorf("%d gradients, PyTorch has %d", len(a.Parameters()), len(c.Gradients))
				}
				for _, p := range a.Parameters() {
					near(t, p.Name, p.Grad.data, c.Gradients[p.Name], 1e-10)
				}
			})
		}
	}
}

func batchFirstAttention(size int) *Attention {
	a := NewAttention(newRand(1), size)
	a.BatchFirst = true
	return a
}

func TestAttentionCentralDifferences(t *testing.T) {
	for _, causal := range []bool{false, true} {
		a := batchFirstAttention(3)
		a.Causal = causal
		for i, p := range a.Parameters() { // biases are zero at first
			p.Value = Randn(newRand(uint64(10+i)), p.Value.shape...)
		}
		x, d, lengths := Randn(newRand(2), 2, 5, 3), Randn(newRand(3), 2, 5, 3), []int{5, 2}
		f := func() float64 {
			y, _ := a.ForwardPacked(x, lengths)
			return dot(y, d)
		}
		f()
		dx := a.Backward(d)
		checkDifferences(t, "x.grad", f, x.data, dx.data)
		for _, p := range a.Parameters() {
			checkDifferences(t, p.Name, f, p.Value.data, p.Grad.data)
		}
	}
}

// With zero weights for q and k every score is 0, so each step takes the same
// from every step that it may read.
func TestAttentionWithoutScoresIsAMean(t *testing.T) {
	const steps, e = 6, 3
	a := NewAttention(newRand(1), e)
	clear(a.Parameters()[0].Value.data[:2*e*e])
	for _, causal := range []bool{false, true} {
		a.Causal = causal
		_, weights := a.Forward(Randn(newRand(2), steps, e))
		for i := range steps {
			reads := steps
			if causal {
				reads = i + 1
			}
			for s := range steps {
				want := 0.0
				if s < reads {
					want = 1 / float64(reads)
				}
				if got := weights.At(i, s); math.Abs(got-want) > 1e-15 {
					t.Errorf("causal %v: step %d takes %v of step %d, want %v", causal, i, got, s, want)
				}
			}
		}
	}
}

// Attention does not depend on the order of steps: reversed steps give the same
// results, reversed.
func TestAttentionKeepsNoOrder(t *testing.T) {
	a, x := NewAttention(newRand(1), 8), Randn(newRand(2), 9, 8)
	y, _ := a.Forward(x)
	flipped, _ := a.Forward(x.Flip(0))
	if d := MaxAbsDiff(flipped.Flip(0), y); !(d < 1e-13) {
		t.Errorf("reversed input gives another output, by %v", d)
	}
}

// A sequence gives the same alone as in a batch, and nothing of what is
// after its end is read.
func TestAttentionReadsToTheEnd(t *testing.T) {
	a := batchFirstAttention(4)
	x, d, lengths := Randn(newRand(2), 3, 5, 4), Randn(newRand(3), 3, 5, 4), []int{2, 5, 1}
	for b, n := range lengths {
		for i := n * 4; i < 20; i++ {
			x.Slice(b).data[i] = math.NaN()
		}
	}
	y, weights := a.ForwardPacked(x, lengths)
	dx := a.Backward(d)
	for _, p := range a.Parameters() {
		if v := largest(p.Grad.data); math.IsNaN(v) {
			t.Errorf("gradient of %s is NaN", p.Name)
		}
	}
	for b, n := range lengths {
		one, w := a.Forward(TensorOf(x.Slice(b).data[:n*4], n, 4))
		oneDx := a.Backward(TensorOf(d.Slice(b).data[:n*4], n, 4))
		for _, c := range []struct{ got, want *Tensor }{{y, one}, {dx, oneDx}} {
			if !sameFloats(c.got.Slice(b).data[:n*4], c.want.data) {
				t.Errorf("sequence %d differs from running alone", b)
			}
			if rest := c.got.Slice(b).data[n*4:]; slices.ContainsFunc(rest, func(v float64) bool { return v != 0 }) {
				t.Errorf("%v after the end of sequence %d, want 0", rest, b)
			}
		}
		for i := range 5 {
			for s := range 5 {
				want := 0.0
				if i < n && s < n {
					want = w.At(i, s)
				}
				if got := weights.At(b, i, s); got != want {
					t.Errorf("sequence %d: weight of step %d for %d is %v, want %v", b, s, i, got, want)
				}
			}
		}
	}
}

func TestAttentionOutputsAndInputsAreTheCallers(t *testing.T) {
	a, x, d := NewAttention(newRand(1), 4), Randn(newRand(2), 5, 2, 4), Randn(newRand(3), 5, 2, 4)
	a.Forward(x)
	want := a.Backward(d)
	y, weights := a.Forward(x)
	kept, keptWeights := y.Clone(), weights.Clone()
	clear(x.data)
	clear(weights.data)
	clear(y.data)
	if got := a.Backward(d); MaxAbsDiff(got, want) != 0 {
		t.Error("Backward follows a change of what belongs to the caller")
	}
	copy(y.data, kept.data)
	copy(weights.data, keptWeights.data)
	a.Forward(Randn(newRand(4), 5, 2, 4))
	if MaxAbsDiff(y, kept) != 0 || MaxAbsDiff(weights, keptWeights) != 0 {
		t.Error("what the first call returned changed")
	}
}

func TestAttentionSameBitsOnAnyMachine(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	defer simd.Use(simd.Current())
	var want []*Tensor
	for _, path := range simd.Paths() {
		simd.Use(path)
		for _, cores := range []int{1, 2, 8} {
			runtime.GOMAXPROCS(cores)
			a := NewAttention(newRand(1), 21)
			y, weights := a.Forward(Randn(newRand(2), 33, 5, 21))
			got := []*Tensor{y, weights, a.Backward(Randn(newRand(3), 33, 5, 21))}
			for _, p := range a.Parameters() {
				got = append(got, p.Grad)
			}
			if want == nil {
				want = got
			}
			if !sameBits(got, want) {
				t.Errorf("path %v on %d cores gives other bits than %v on one", path, cores, simd.Paths()[0])
			}
		}
	}
}

// Scores too large for exp do not become NaN.
func TestAttentionDoesNotOverflow(t *testing.T) {
	a := NewAttention(newRand(1), 4)
	x := Randn(newRand(2), 6, 4)
	simd.Scale(1e4, x.data)
	_, weights := a.Forward(x)
	for i := range 6 {
		sum := 0.0
		for s := range 6 {
			sum += weights.At(i, s)
		}
		if !(math.Abs(sum-1) < 1e-15) {
			t.Errorf("weights of step %d sum to %v, want 1", i, sum)
		}
	}
}

// A NaN reaches everything that depends on it: in a causal sequence the steps
// from it on.
func TestAttentionNaN(t *testing.T) {
	a := NewAttention(newRand(1), 4)
	x := Randn(newRand(2), 6, 4)
	x.Set(math.NaN(), 2, 1)
	_, weights := a.Forward(x)
	for i, w := range weights.data {
		if !math.IsNaN(w) {
			t.Errorf("weight of step %d for %d is %v, want NaN: every step reads step 2", i%6, i/6, w)
		}
	}
	a.Causal = true
	_, weights = a.Forward(x)
	for i := range 6 {
		for s := range i + 1 {
			if w := weights.At(i, s); math.IsNaN(w) != (i >= 2) {
				t.Errorf("causal: weight of step %d for %d is %v", s, i, w)
			}
		}
	}
}

func TestAttentionInitialValues(t *testing.T) {
	const e = 64
	params := NewAttention(newRand(1), e).Parameters()
	for i, bound := range []float64{math.Sqrt(6. / (4 * e)), 0, 1. / 8, 0} {
		if top := largest(params[i].Value.data); top > bound || top < 0.99*bound {
			t.Errorf("%s reaches %v, want %v", params[i].Name, top, bound)
		}
	}
}

func TestAttentionPanics(t *testing.T) {
	rng := newRand(1)
	a := NewAttention(rng, 4)
	ran := NewAttention(rng, 4)
	ran.Forward(NewTensor(5, 3, 4))
	for want, f := range map[string]func(){
		"lesson: NewAttention: rng is nil, want a source of randomness":                                                func() { NewAttention(nil, 4) },
		"lesson: NewAttention: embedDim is 0, want at least 1":                                                         func() { NewAttention(rng, 0) },
		"lesson: Attention.Forward: x is 5×3, want InputSize 4 in the last place":                                      func() { a.Forward(NewTensor(5, 3)) },
		"lesson: Attention.ForwardPacked: 0 lengths for 3 sequences, want one each":                                    func() { a.ForwardPacked(NewTensor(5, 3, 4), nil) },
		"lesson: Attention.ForwardPacked: length 6 of sequence 1, want 1 to 5":                                         func() { a.ForwardPacked(NewTensor(5, 2, 4), []int{5, 6}) },
		"lesson: Attention.Backward: no Forward before it, want one: Backward backpropagates through the last Forward": func() { a.Backward(NewTensor(5, 4)) },
		"lesson: Attention.Backward: dOutput is 3×5×4, want 5×3×4, as the output":                                      func() { ran.Backward(NewTensor(3, 5, 4)) },
		"lesson: InputGradientNorms: size is 0, want at least 1":                                                       func() { InputGradientNorms(0, nil) },
		"lesson: InputGradientNorms: backward returned 5×3×4, want the gradient of one sequence":                       func() { InputGradientNorms(2, func(*Tensor) *Tensor { return NewTensor(5, 3, 4) }) },
	} {
		wantPanic(t, want, f)
	}
}

// With W_ih = 1 the derivative by x_{T−k} is that by h_{T−k}, since the slope of
// tanh at 0 is 1.
func TestInputGradientNormsExactDecay(t *testing.T) {
	const n, s = 4, 0.9
	r := NewRNN(newRand(1), n, n, NoBias)
	r.Parameter("weight_ih_l0").Value = TensorOf(identity(n), n, n)
	r.Parameter("weight_hh_l0").Value.Matrix().Copy(Orthogonal(newRand(2), n, s))
	x := NewTensor(50, n)
	r.Forward(x, nil)
	norms := InputGradientNorms(n, func(dy *Tensor) *Tensor {
		dx, _ := r.Backward(nil, dy.Reshape(1, n))
		return dx
	})
	if len(norms) != 50 {
		t.Fatalf("%d norms, want 50", len(norms))
	}
	for k, got := range norms {
		if want := math.Pow(s, float64(k)); relative(got, want) > 1e-13 {
			t.Errorf("distance %d: %v, want %v^%d = %v", k, got, s, k, want)
		}
	}
}

// The gradient of attention's last output, against central differences, in the
// layouts of one sequence.
func TestInputGradientNormsOfAttention(t *testing.T) {
	const steps, e = 7, 3
	a := NewAttention(newRand(1), e)
	x := Randn(newRand(2), steps, 1, e)
	last := func(x *Tensor) []float64 {
		y, _ := a.Forward(x)
		return slices.Clone(y.data[(steps-1)*e:])
	}
	last(x)
	norms := InputGradientNorms(e, func(dy *Tensor) *Tensor {
		d := NewTensor(steps, 1, e)
		copy(d.data[(steps-1)*e:], dy.data)
		return a.Backward(d)
	})
	for k, got := range norms {
		at := (steps - 1 - k) * e
		want := jacobianNorm(func(step []float64) []float64 {
			moved := x.Clone()
			copy(moved.data[at:], step)
			return last(moved)
		}, slices.Clone(x.data[at:at+e]))
		if math.Abs(got-want) > 1e-6*math.Max(1, want) {
			t.Errorf("distance %d: %v, central differences say %v", k, got, want)
		}
	}
}

// A classifier's norms against central differences of what represents a sentence,
// whatever the place of its words in the padded row.
func TestClassifierInputGradientNorms(t *testing.T) {
	sentence := []int{3, 1, 4, 2}
	for name, config := range map[string]ClassifierConfig{
		"attention":         {Encoder: "Attention", Reading: MeanPool, Positions: 7},
		"both directions":   {Encoder: "RNN", HiddenSize: 3, Options: []Option{Bidirectional}, Reading: Packed},
		"flipped":           {Encoder: "LSTM", HiddenSize: 3, Reading: Flip},
		"padded in front":   {Encoder: "GRU", HiddenSize: 3, Options: []Option{Layers(2), Dropout(0.5)}, Reading: PrePad},
		"the words, at all": {Reading: MaxPool},
	} {
		config.Words, config.EmbeddingDim, config.Classes = 5, 3, 2
		c := NewClassifier(newRand(1), config)
		c.Length = 7
		grads := c.Parameters()[0].Grad.Clone()
		for k, got := range c.InputGradientNorms(sentence) {
			vector := c.Embedding.Weight.Value.Slice(sentence[len(sentence)-1-k]).data
			want := jacobianNorm(func(moved []float64) []float64 {
				before := slices.Clone(vector)
				copy(vector, moved)
				defer copy(vector, before)
				return slices.Clone(c.Represent([][]int{sentence}).data)
			}, slices.Clone(vector))
			if math.Abs(got-want) > 1e-6*math.Max(1, want) {
				t.Errorf("%s, distance %d: %v, central differences say %v", name, k, got, want)
			}
		}
		if MaxAbsDiff(grads, c.Parameters()[0].Grad) != 0 {
			t.Errorf("%s: the gradients of the parameters have changed", name)
		}
	}
}

func BenchmarkAttention(b *testing.B) {
	a, x := batchFirstAttention(64), Randn(newRand(2), 32, 100, 64)
	b.Run("forward", func(b *testing.B) {
		for b.Loop() {
			a.Forward(x)
		}
	})
	b.Run("both", func(b *testing.B) {
		for b.Loop() {
			y, _ := a.Forward(x)
			a.Backward(y)
		}
	})
}

// TestAttentionNoGrad: the same bits without what Backward needs.
func TestAttentionNoGrad(t *testing.T) {
	with, without := batchFirstAttention(5), batchFirstAttention(5)
	without.NoGrad(true)
	for i, lengths := range [][]int{{7, 3, 1}, {2, 7, 7}} {
		x := Randn(newRand(uint64(i)), 3, 7, 5)
		y, w := with.ForwardPacked(x, lengths)
		yNo, wNo := without.ForwardPacked(x, lengths)
		if !sameBits([]*Tensor{y, w}, []*Tensor{yNo, wNo}) {
			t.Errorf("lengths %v: NoGrad changes a result", lengths)
		}
	}
	if len(without.weights) != 0 {
		t.Error("NoGrad keeps weights")
	}
}
