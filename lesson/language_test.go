package lesson

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestLanguageParity compares training with a carried state, bits per token and
// greedy writing with PyTorch, by what testdata/parity/language.py wrote.
func TestLanguageParity(t *testing.T) {
	var file struct {
		Text  []int
		Cases []struct {
			Kind         string
			Layers       int
			Losses, Bits []float64
			Written      []int
			Values       map[string][]float64
		}
	}
	readFixture(t, "language", &file)
	if len(file.Cases) != 6 {
		t.Fatalf("%d cases, want 6", len(file.Cases))
	}
	for _, c := range file.Cases {
		name := fmt.Sprint(c.Kind, " of ", c.Layers, " layers")
		m := NewLanguageModel(newRand(1), LanguageConfig{7, 3, c.Kind, 5, []Option{Layers(c.Layers)}})
		for i, p := range m.Parameters() {
			copy(p.Value.data, fill(uint32(500+i), 0.7, p.Value.shape...).data)
		}
		losses := m.Train(file.Text, LanguageFit{Steps: 6, Streams: 2, Tau: 4, LR: 0.05, ClipNorm: 1})
		near(t, name+": loss", losses, c.Losses, 1e-12)
		if len(c.Values) != len(m.Parameters()) {
			t.Errorf("%s: %d parameters, PyTorch has %d", name, len(m.Parameters()), len(c.Values))
		}
		for _, p := range m.Parameters() {
			near(t, name+": "+p.Name, p.Value.data, c.Values[p.Name], 1e-11)
		}
		near(t, name+": bits", m.Bits(file.Text[:20]), c.Bits, 1e-10)
		if got := m.Generate(newRand(1), file.Text[:20], 30, Sampler{}); !slices.Equal(got, c.Written) {
			t.Errorf("%s writes %v, PyTorch %v", name, got, c.Written)
		}
	}
}

// TestShippedModelParity: PyTorch reads the file of the lesson's trained model, and
// writes the same text on from the same state.
func TestShippedModelParity(t *testing.T) {
	var file struct {
		Shipped []struct {
			Beginning, Written string
			Bits               []float64
		}
	}
	readFixture(t, "language", &file)
	if len(file.Shipped) != 3 {
		t.Fatalf("%d beginnings, want 3", len(file.Shipped))
	}
	characters, err := os.ReadFile("../site/figures/writing.txt")
	if err != nil {
		t.Fatal(err)
	}
	a := NewAlphabet(string(characters), 1)
	m := NewLanguageModel(newRand(1), LanguageConfig{Tokens: a.Len(), EmbeddingDim: 16, Encoder: "LSTM", HiddenSize: 80})
	if err := LoadParameters("../notebooks/data/language-model-weights.safetensors", m.Parameters()); err != nil {
		t.Fatal(err)
	}
	for _, c := range file.Shipped {
		tokens := a.Encode(c.Beginning)
		near(t, c.Beginning+": bits", m.Bits(tokens), c.Bits, 1e-10)
		if got := a.Decode(m.Generate(newRand(1), tokens, 100, Sampler{})); got != c.Written {
			t.Errorf("behind %q it writes\n%q, PyTorch\n%q", c.Beginning, got, c.Written)
		}
	}
}

func TestWindows(t *testing.T) {
	text := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14}
	got := Windows(text, 2, 3) // two streams of 7
	want := []Window{
		{Indices{{0, 1, 2}, {7, 8, 9}}, Indices{{1, 2, 3}, {8, 9, 10}}},
		{Indices{{3, 4, 5}, {10, 11, 12}}, Indices{{4, 5, 6}, {11, 12, 13}}},
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("windows %v, want %v", got, want)
	}
	wantPanic(t, "lesson: Windows: 6 tokens, want more than streams·tau = 2·3", func() { Windows(text[:6], 2, 3) })
	if n := len(Windows(text[:7], 2, 3)); n != 1 {
		t.Errorf("%d windows of 7 tokens, want 1", n)
	}
}

func newLanguageModel(kind string) *LanguageModel {
	return NewLanguageModel(newRand(1), LanguageConfig{Tokens: 6, EmbeddingDim: 3, Encoder: kind, HiddenSize: 4})
}

// TestLanguageGradient: inside a window the gradient is whole. Across the state it
// is cut, so there only the parameters' part in this window counts.
func TestLanguageGradient(t *testing.T) {
	for _, kind := range []string{"RNN", "GRU", "LSTM"} {
		m := newLanguageModel(kind)
		x, y := Indices{{1, 2, 3}, {4, 5, 0}}, []int{2, 3, 4, 5, 0, 1}
		_, s0 := m.Forward(Indices{{3, 3}, {1, 0}}, nil)
		loss := func() float64 {
			logits, _ := m.Forward(x, s0)
			l, _ := CrossEntropy(logits, y)
			return l
		}
		logits, _ := m.Forward(x, s0)
		_, d := CrossEntropy(logits, y)
		m.Backward(d)
		for _, p := range m.Parameters() {
			checkDifferences(t, kind+" "+p.Name, loss, p.Value.data, p.Grad.data)
		}
	}
}

// TestStateIsCarried: two windows one after the other give the logits of both in
// one, and a state of zeros does not.
func TestStateIsCarried(t *testing.T) {
	for _, kind := range []string{"RNN", "GRU", "LSTM"} {
		m := newLanguageModel(kind)
		whole, _ := m.Forward(Indices{{1, 2, 3, 4, 5, 1}}, nil)
		var state State
		logits := new(Tensor)
		m.ForwardTo(logits, &state, Indices{{1, 2, 3}}, nil)
		m.ForwardTo(logits, &state, Indices{{4, 5, 1}}, &state)
		if !sameFloats(logits.data, whole.data[3*6:]) {
			t.Errorf("%s: the second window gives %v, want %v", kind, logits.data, whole.data[3*6:])
		}
		without, _ := m.Forward(Indices{{4, 5, 1}}, nil)
		if sameFloats(without.data, logits.data) {
			t.Errorf("%s: a state of zeros gives the same", kind)
		}
	}
}

// TestStatelessForgets: what decides stands one window back. A carried state finds
// it although no gradient reaches there; without one nothing can.
func TestStatelessForgets(t *testing.T) {
	// A letter, 0 or 1, and a blank: then the letter again. A window holds two steps.
	rng := newRand(3)
	var text []int
	for range 8 * 100 {
		k := rng.IntN(2)
		text = append(text, k, 2, 2, k, 3, 3)
	}
	text = append(text, 0)
	how := LanguageFit{Steps: 1200, Streams: 8, Tau: 2, LR: 0.01, ClipNorm: 1}
	answers := func(stateless bool) float64 {
		m := NewLanguageModel(newRand(4), LanguageConfig{Tokens: 4, EmbeddingDim: 4, Encoder: "GRU", HiddenSize: 12})
		how := how
		how.Stateless = stateless
		losses := m.Train(text, how)
		mean := 0.0 // of the windows that end in the letter's return: 2 → k, k → 3
		for i := len(losses) - 300; i < len(losses); i++ {
			if i%3 == 1 {
				mean += losses[i] / 100
			}
		}
		return mean
	}
	carried, cut := answers(false), answers(true)
	if floor := math.Ln2 / 2; cut < 0.95*floor || carried > 0.5*floor {
		t.Errorf("loss %.3f with the state carried and %.3f without, want below %.3f and about %.3f", carried, cut, floor/2, floor)
	}
}

func TestAnneal(t *testing.T) {
	text := []int{0, 1, 2, 3, 4, 5, 0, 1, 2}
	a, b := newLanguageModel("GRU"), newLanguageModel("GRU")
	how := LanguageFit{Steps: 3, Streams: 2, Tau: 2, LR: 0.1, ClipNorm: math.Inf(1), Anneal: true}
	calls := 0
	how.Each = func(step int, _ float64) { calls += step }
	got := a.Train(text, how)
	adam := NewAdam(b.Parameters(), 0.1)
	var want []float64
	var state *State
	for i, w := range []Window{Windows(text, 2, 2)[0], Windows(text, 2, 2)[1], Windows(text, 2, 2)[0]} {
		adam.LR = 0.1 * float64(3-i) / 3
		if i == 2 {
			state = nil
		}
		var loss float64
		loss, state = b.TrainStep(adam, w, state, math.Inf(1))
		want = append(want, loss)
	}
	if !sameFloats(got, want) || calls != 6 {
		t.Errorf("losses %v, want %v; steps add up to %d", got, want, calls)
	}
}

// TestReadInParts: texts longer than what Read computes at once, and a Bits by the
// definition.
func TestReadInParts(t *testing.T) {
	m := newLanguageModel("LSTM")
	text := make([]int, readAtOnce+40)
	rng := newRand(5)
	for i := range text {
		text[i] = rng.IntN(6)
	}
	logits, end := m.Forward(Indices{text}, nil)
	calls := 0
	state := m.Read(text, nil, func(at int, z []float64) {
		if at != calls || !sameFloats(z, logits.Slice(at).data) {
			t.Fatalf("token %d: logits differ", at)
		}
		calls++
	})
	if calls != len(text) || !sameFloats(state.H.data, end.H.data) || !sameFloats(state.C.data, end.C.data) {
		t.Errorf("%d calls of %d, or another state", calls, len(text))
	}
	for i, b := range m.Bits(text[:30]) {
		p := Sampler{Temperature: 1}.Probabilities(logits.Slice(i).data)
		if want := -math.Log2(p[text[i+1]]); math.Abs(b-want) > 1e-12 {
			t.Errorf("token %d: %v bits, want %v", i+1, b, want)
		}
	}
	if bits := m.Bits(nil); len(bits) != 0 {
		t.Errorf("bits of no text: %v", bits)
	}
}

// TestGenerateReadsItsOwn: each token is chosen behind all before it.
func TestGenerateReadsItsOwn(t *testing.T) {
	m := newLanguageModel("GRU")
	how := Sampler{Temperature: 0.8, TopK: 4}
	got := m.Generate(newRand(6), []int{1, 2}, 8, how)
	rng, text := newRand(6), []int{1, 2}
	for range 8 {
		logits, _ := m.Forward(Indices{text}, nil)
		text = append(text, how.Choose(rng, logits.Slice(len(text)-1).data))
	}
	if !slices.Equal(got, text[2:]) {
		t.Errorf("wrote %v, want %v", got, text[2:])
	}
}

// What Windows and Read return belongs to the caller.
func TestLanguageModelSharesNothing(t *testing.T) {
	text := []int{0, 1, 2, 3, 4}
	windows := Windows(text, 1, 2)
	windows[0].X[0][1] = 9
	if w := windows[0]; text[1] != 1 || w.Y[0][0] != 1 {
		t.Errorf("a window's X shares memory: the text is %v, Y %v", text, w.Y)
	}
	m := newLanguageModel("LSTM")
	s0 := m.Read(text, nil, func(int, []float64) {})
	s := m.Read(nil, s0, func(int, []float64) {})
	if !sameFloats(s.H.data, s0.H.data) || !sameFloats(s.C.data, s0.C.data) {
		t.Error("to read nothing changes the state")
	}
	s.H.data[0], s.C.data[0] = 7, 7
	if s0.H.data[0] == 7 || s0.C.data[0] == 7 {
		t.Error("to read nothing returns the state itself")
	}
}

// Dropout works in training where it has a source, and not in reading.
func TestLanguageModelDropout(t *testing.T) {
	text := []int{0, 1, 2, 3, 4, 5, 0, 1, 2}
	losses := func(seed uint64) []float64 {
		m := NewLanguageModel(newRand(1), LanguageConfig{6, 3, "GRU", 4, []Option{Layers(2), Dropout(0.5)}})
		before := m.Bits(text)
		m.Encoder.Train(newRand(seed))
		if !sameFloats(m.Bits(text), before) {
			t.Error("Bits drops")
		}
		return m.Train(text, LanguageFit{Steps: 3, Streams: 2, Tau: 2, LR: 0.01, ClipNorm: 1})
	}
	if a, b, c := losses(1), losses(1), losses(2); !sameFloats(a, b) || sameFloats(a, c) {
		t.Errorf("%v, again %v, with another source %v", a, b, c)
	}
}

// A text of 11 tokens in two streams, in windows of two steps.
func ExampleWindows() {
	for _, w := range Windows([]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 2, 2) {
		fmt.Println("reads", [][]int(w.X), "for", [][]int(w.Y))
	}
	// Output:
	// reads [[0 1] [5 6]] for [[1 2] [6 7]]
	// reads [[2 3] [7 8]] for [[3 4] [8 9]]
}

// A model that has read one sentence again and again writes it on.
func ExampleLanguageModel() {
	const sentence = "to be or not to be, "
	a := NewAlphabet(sentence, 1)
	text := a.Encode(strings.Repeat(sentence, 20))
	m := NewLanguageModel(rand.New(rand.NewPCG(1, 0)), LanguageConfig{
		Tokens: a.Len(), EmbeddingDim: 8, Encoder: "LSTM", HiddenSize: 16,
	})
	m.Train(text, LanguageFit{Steps: 200, Streams: 4, Tau: 20, LR: 0.03, ClipNorm: 1})
	written := m.Generate(rand.New(rand.NewPCG(1, 1)), a.Encode("to b"), 30, Sampler{})
	fmt.Println(a.Decode(written))
	// Output: e or not to be, to be or not t
}

func TestLanguageModelAsFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model.safetensors")
	m := newLanguageModel("LSTM")
	if err := SaveParameters(path, m.Parameters()); err != nil {
		t.Fatal(err)
	}
	again := NewLanguageModel(newRand(9), LanguageConfig{Tokens: 6, EmbeddingDim: 3, Encoder: "LSTM", HiddenSize: 4})
	if err := LoadParameters(path, again.Parameters()); err != nil {
		t.Fatal(err)
	}
	if text := []int{1, 2, 3, 4}; !sameFloats(m.Bits(text), again.Bits(text)) {
		t.Error("another model came back")
	}
}

func TestLanguageMessages(t *testing.T) {
	config := func(change func(*LanguageConfig)) func() {
		c := LanguageConfig{Tokens: 6, EmbeddingDim: 3, Encoder: "LSTM", HiddenSize: 4}
		change(&c)
		return func() { NewLanguageModel(newRand(1), c) }
	}
	m := newLanguageModel("GRU")
	dropping := NewLanguageModel(newRand(1), LanguageConfig{6, 3, "GRU", 4, []Option{Layers(2), Dropout(0.9)}})
	both := newLanguageModel("GRU")
	both.Linear = NewLinear(newRand(1), 4, 5)
	for want, call := range map[string]func(){
		`lesson: NewLanguageModel: Encoder is "Attention", want "RNN", "LSTM", "GRU" or "MinGRU"`:                            config(func(c *LanguageConfig) { c.Encoder = "Attention" }),
		"lesson: NewLanguageModel: the Encoder is Bidirectional and has read the token that it predicts, want one direction": config(func(c *LanguageConfig) { c.Options = []Option{Bidirectional} }),
		"lesson: LanguageModel.Forward: the state has a C, want none: that of a layer of kind GRU is h alone":                func() { m.Forward(Indices{{1}}, &State{C: NewTensor(1, 1, 4)}) },
		"lesson: LanguageModel.Forward: h0 is 1×2×4, want 1×1×4 (directions·layers, batch, HiddenSize)":                      func() { m.Forward(Indices{{1}}, &State{H: NewTensor(1, 2, 4)}) },
		"lesson: LanguageModel.Bits: token 6 in place 1, want 0 to 5":                                                        func() { m.Bits([]int{1, 6, 2}) },
		"lesson: LanguageModel.Generate: the beginning is empty, want a token to read first":                                 func() { m.Generate(newRand(1), nil, 1, Sampler{}) },
		"lesson: LanguageModel.Train: 3 tokens, want more than Streams·Tau = 2·2":                                            func() { m.Train([]int{1, 2, 3}, LanguageFit{Steps: 1, Streams: 2, Tau: 2, LR: 1, ClipNorm: 1}) },
		"lesson: LanguageModel.Train: LR is 0, want a finite number above 0":                                                 func() { m.Train([]int{1, 2, 3}, LanguageFit{Steps: 1, Streams: 1, Tau: 1, ClipNorm: 1}) },
		"lesson: LanguageModel.Train: LR is +Inf, want a finite number above 0": func() {
			m.Train([]int{1, 2, 3}, LanguageFit{Steps: 1, Streams: 1, Tau: 1, LR: math.Inf(1), ClipNorm: 1})
		},
		"lesson: LanguageModel.Train: ClipNorm is 0, want more than 0, +Inf for no clipping":                                          func() { m.Train([]int{1, 2, 3}, LanguageFit{Steps: 1, Streams: 1, Tau: 1, LR: 1}) },
		"lesson: LanguageModel.TrainStep: clipNorm is 0, want more than 0, +Inf for no clipping":                                      func() { m.TrainStep(NewAdam(m.Parameters(), 0.1), Window{Indices{{1}}, Indices{{1}}}, nil, 0) },
		"lesson: LanguageModel.Train: the Encoder has Dropout 0.9 and no source of randomness for it, want Encoder.Train(rng) before": func() { dropping.Train([]int{1, 2, 3}, LanguageFit{Steps: 1, Streams: 1, Tau: 1, LR: 1, ClipNorm: 1}) },
		"lesson: LanguageModel.ForwardTo: logits is nil, want a *lesson.Tensor":                                                       func() { m.ForwardTo(nil, new(State), Indices{{1}}, nil) },
		"lesson: LanguageModel.Backward: the last to read was Read, Bits or Generate, which keep nothing for it: call Forward again": func() {
			logits, _ := m.Forward(Indices{{1}}, nil)
			m.Bits([]int{1, 2})
			m.Backward(logits)
		},
		"lesson: LanguageModel.TrainStep: Y is 1×1, want 1×2, as X":                           func() { m.TrainStep(NewAdam(m.Parameters(), 0.1), Window{Indices{{1, 2}}, Indices{{1}}}, nil, 1) },
		"lesson: LanguageModel.Parameters: Linear has 5 outputs, want 6, as there are tokens": func() { both.Parameters() },
	} {
		wantPanic(t, want, call)
	}
}

func TestLanguageTrainingIsDeterministic(t *testing.T) {
	text := make([]int, 500)
	rng := rand.New(rand.NewPCG(7, 0))
	for i := range text {
		text[i] = rng.IntN(6)
	}
	how := LanguageFit{Steps: 5, Streams: 40, Tau: 6, LR: 0.01, ClipNorm: 1}
	a, b := newLanguageModel("LSTM").Train(text, how), newLanguageModel("LSTM").Train(text, how)
	if !sameFloats(a, b) {
		t.Errorf("%v and %v", a, b)
	}
}
