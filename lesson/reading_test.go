package lesson

import (
	"fmt"
	"math"
	"testing"
)

// encoders are what a classifier may have, with a hidden size.
var encoders = []struct {
	name   string
	hidden int
	opts   []Option
}{{"", 0, nil}, {"RNN", 3, nil}, {"LSTM", 3, nil}, {"GRU", 3, nil}, {"MinGRU", 3, nil}, {"Attention", 0, nil},
	{"RNN", 3, []Option{Bidirectional}}, {"LSTM", 2, []Option{Layers(2)}}, {"GRU", 2, []Option{Layers(2), Bidirectional}}}

// eachClassifier calls do with every encoder and every reading that fits it.
func eachClassifier(t *testing.T, do func(t *testing.T, c *Classifier)) {
	for _, e := range encoders {
		for _, reading := range Readings {
			if (e.name == "" || e.name == "Attention") && !reading.readsOutput() {
				continue
			}
			t.Run(fmt.Sprintf("%s %d options, %v", e.name, len(e.opts), reading), func(t *testing.T) {
				do(t, newClassifier(newRand(1), e.name, reading, 9, 4, e.hidden, 3, e.opts...))
			})
		}
	}
}

var (
	someSentences = [][]int{{5, 2, 7}, {3}, {8, 8, 4, 6}}
	someClasses   = []int{2, 0, 1}
)

// TestReadingGradients holds the gradient of every parameter against central
// differences.
func TestReadingGradients(t *testing.T) {
	eachClassifier(t, func(t *testing.T, c *Classifier) {
		c.Length = 5
		loss := func() float64 { l, _ := CrossEntropy(c.Forward(someSentences), someClasses); return l }
		_, d := CrossEntropy(c.Forward(someSentences), someClasses)
		c.Backward(d)
		for _, p := range c.Parameters() {
			value, grad := p.Value.data, p.Grad.data
			if p.Name == "embedding.weight" { // PAD learns nothing
				value, grad = value[4:], grad[4:]
			}
			checkDifferences(t, p.Name, loss, value, grad)
		}
	})
}

// TestPoolsAreOverTrueWords compares with the encoder's packed outputs, the mean
// and largest taken word by word. A PAD of NaN must not change them.
func TestPoolsAreOverTrueWords(t *testing.T) {
	for _, reading := range []Reading{MeanPool, MaxPool} {
		c := newClassifier(newRand(1), "GRU", reading, 9, 4, 3, 2, Bidirectional)
		x, lengths := PadPost(someSentences, 6)
		output, _ := c.Encoder.(*GRU).ForwardPacked(c.Embedding.Forward(x), lengths, nil)
		want := NewTensor(3, 6)
		for i, n := range lengths {
			for j := range 6 {
				sum, top := 0.0, math.Inf(-1)
				for s := range n {
					sum, top = sum+output.At(i, s, j), math.Max(top, output.At(i, s, j))
				}
				want.Set(sum/float64(n), i, j)
				if reading == MaxPool {
					want.Set(top, i, j)
				}
			}
		}
		for i := range c.Embedding.Weight.Value.Slice(PAD).data {
			c.Embedding.Weight.Value.Set(math.NaN(), PAD, i)
		}
		c.Length = 6
		if d := MaxAbsDiff(c.Represent(someSentences), want); !(d < 1e-15) {
			t.Errorf("%v: %v away from word by word", reading, d)
		}
	}
}

// A NaN among the outputs is the largest, as torch.max has it.
func TestMaxPoolOfNaN(t *testing.T) {
	nan := math.NaN()
	output := TensorOf([]float64{1, nan, nan, 5, 2, 7}, 1, 3, 2)
	var state Tensor
	largest := poolTo(&state, output, []int{3}, MaxPool, nil)
	if state.data[0] == state.data[0] || state.data[1] == state.data[1] || largest[0] != 1 || largest[1] != 0 {
		t.Errorf("%v from steps %v, want NaN from steps [1 0]", &state, largest)
	}
}

// TestPoolsWithoutEncoderAreOrderBlind: they are what lessons compare with.
func TestPoolsWithoutEncoderAreOrderBlind(t *testing.T) {
	for _, reading := range []Reading{MeanPool, MaxPool} {
		c := newClassifier(newRand(1), "", reading, 9, 4, 0, 2)
		z := c.Forward([][]int{{5, 2, 7}, {7, 5, 2}})
		if d := MaxAbsDiff(z.Slice(0), z.Slice(1)); d > 1e-15 {
			t.Errorf("%v: another order of the words moves the logits by %v", reading, d)
		}
	}
}

func TestReadingNames(t *testing.T) {
	if len(Readings) != len(readingNames) {
		t.Errorf("%d readings and %d names", len(Readings), len(readingNames))
	}
	for i, r := range Readings {
		if int(r) != i {
			t.Errorf("%v is in place %d", r, i)
		}
	}
	for _, r := range []Reading{-1, 7} {
		if got, want := r.String(), fmt.Sprintf("Reading(%d)", int(r)); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestLastStateIsTheTopLayers: of several layers the top one's last states
// represent the sentence, forward before reverse.
func TestLastStateIsTheTopLayers(t *testing.T) {
	c := newClassifier(newRand(1), "RNN", Packed, 9, 4, 3, 2, Layers(2), Bidirectional)
	x, lengths := PadPost(someSentences, 0)
	_, hidden := c.Encoder.(*RNN).ForwardPacked(c.Embedding.Forward(x), lengths, nil)
	state := c.Represent(someSentences)
	for b := range someSentences {
		want := append(append([]float64(nil), hidden.Slice(2).Slice(b).data...), hidden.Slice(3).Slice(b).data...)
		if !sameFloats(state.Slice(b).data, want) {
			t.Errorf("sentence %d is %v, want %v", b, state.Slice(b), want)
		}
	}
}
