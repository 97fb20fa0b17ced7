package lesson

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

// A recurrentCase is a case of testdata/parity/recurrent.py.
type recurrentCase struct {
	Kind                        string
	Layers                      int
	Bidirectional, Bias, Given  bool
	Unbatched                   bool
	Dropout                     float64
	Steps, Batch, Input, Hidden int
	Lengths                     []int
	Values, Gradients           map[string][]float64
}

// fill is recurrent.py's fill.
func fill(seed uint32, scale float64, shape ...int) *Tensor {
	t := NewTensor(shape...)
	for i := range t.data {
		seed = 1664525*seed + 1013904223
		t.data[i] = scale * (float64(seed)/(1<<31) - 1)
	}
	return t
}

// readFixture decodes what PyTorch computed.
func readFixture(t *testing.T, name string, file any) {
	t.Helper()
	f, err := os.Open("testdata/parity/" + name + ".json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err == nil {
		err = json.NewDecoder(z).Decode(file)
	}
	if err != nil {
		t.Fatal(name, ": ", err)
	}
}

func readRecurrentCases(t *testing.T) []recurrentCase {
	var file struct{ Cases []json.RawMessage }
	readFixture(t, "recurrent", &file)
	cases := make([]recurrentCase, len(file.Cases))
	for i, raw := range file.Cases {
		cases[i] = recurrentCase{Kind: "tanh", Layers: 1, Bias: true, Given: true, Steps: 5, Batch: 3, Input: 3, Hidden: 2}
		if err := json.Unmarshal(raw, &cases[i]); err != nil {
			t.Fatal(err)
		}
	}
	return cases
}

func (c recurrentCase) name() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s layers=%d steps=%d batch=%d", c.Kind, c.Layers, c.Steps, c.Batch)
	for _, f := range []struct {
		set  bool
		name string
	}{{c.Bidirectional, "bidirectional"}, {!c.Bias, "no bias"}, {!c.Given, "zero states"}, {c.Unbatched, "unbatched"}, {c.Lengths != nil, "packed"}, {c.Dropout > 0, "dropout"}} {
		if f.set {
			b.WriteString(" " + f.name)
		}
	}
	return b.String()
}

// TestRecurrentParity compares with PyTorch: outputs and states to 1e-12,
// gradients to 1e-10.
func TestRecurrentParity(t *testing.T) {
	cases := readRecurrentCases(t)
	if len(cases) < 220 {
		t.Errorf("%d cases, want 220 or more", len(cases))
	}
	for _, c := range cases {
		if c.Kind == "mingru" { // the same numbers by the scan
			c.Kind = "scan"
			cases = append(cases, c)
		}
	}
	worst := map[string]float64{}
	for _, c := range cases {
		for _, batchFirst := range []bool{false, true} {
			name := c.name()
			if batchFirst {
				name += " batch first"
			}
			t.Run(name, func(t *testing.T) { c.compare(t, batchFirst, worst) })
		}
	}
	t.Logf("largest difference: outputs and states %.1e, gradients %.1e", worst["value"], worst["gradient"])
}

func (c recurrentCase) compare(t *testing.T, batchFirst bool, worst map[string]float64) {
	opts := []Option{Layers(c.Layers), Dropout(c.Dropout)}
	for _, o := range []struct {
		set bool
		opt Option
	}{{c.Bidirectional, Bidirectional}, {!c.Bias, NoBias}, {batchFirst, BatchFirst}, {c.Kind == "relu", ReLU}} {
		if o.set {
			opts = append(opts, o.opt)
		}
	}
	rng := rand.New(rand.NewPCG(1, 1))
	var l layer
	states := []string{"h"}
	switch c.Kind {
	case "lstm":
		l, states = NewLSTM(rng, c.Input, c.Hidden, opts...), []string{"h", "c"}
	case "gru":
		l = NewGRU(rng, c.Input, c.Hidden, opts...)
	case "mingru", "scan":
		m := NewMinGRU(rng, c.Input, c.Hidden, opts...)
		m.SetScan(c.Kind == "scan")
		l = m
	default:
		l = NewRNN(rng, c.Input, c.Hidden, opts...)
	}
	l.Train(rng) // dropout is 0 or 1: nothing is random
	for i, p := range l.Parameters() {
		copy(p.Value.data, fill(uint32(100+i), 0.6, p.Value.shape...).data)
	}

	batched := !c.Unbatched
	lead := []int{c.Steps}
	if batched {
		lead = append(lead, c.Batch)
	}
	// order converts steps-first tensors to the layer's layout, and back.
	order := func(t *Tensor) *Tensor {
		if batched && batchFirst {
			return swapAxes(t)
		}
		return t
	}
	dirs := l.Config().directions()
	stateShape := append(append(Shape{dirs * c.Layers}, lead[1:]...), c.Hidden)
	x := order(fill(1, 1, append(lead, c.Input)...))
	var s0, dStates [2]*Tensor
	for k := range states {
		dStates[k] = fill(uint32(5+k), 1, stateShape...)
		if c.Given {
			s0[k] = fill(uint32(2+k), 1, stateShape...)
		}
	}
	output, s := l.pass(x, c.Lengths, s0)
	dx, ds0 := l.passBack(order(fill(4, 1, append(lead, dirs*c.Hidden)...)), dStates)

	values, gradients := map[string]*Tensor{"output": order(output)}, map[string]*Tensor{"x": order(dx)}
	for k, name := range states {
		values[name] = s[k]
		if c.Given {
			gradients[name+"0"] = ds0[k]
		}
	}
	for _, p := range l.Parameters() {
		gradients[p.Name] = p.Grad
	}
	compare := func(what string, got map[string]*Tensor, want map[string][]float64, tolerance float64) {
		if len(got) != len(want) {
			t.Errorf("%d %ss, PyTorch has %d", len(got), what, len(want))
		}
		for name, g := range got {
			w := want[name]
			if len(w) != len(g.data) {
				t.Fatalf("%s %s has %d elements, PyTorch's %d", what, name, len(g.data), len(w))
			}
			for i, v := range g.data {
				d := math.Abs(v - w[i])
				if !(d <= tolerance) {
					t.Errorf("%s %s[%d] is %v, PyTorch's %v", what, name, i, v, w[i])
				}
				worst[what] = math.Max(worst[what], d)
			}
		}
	}
	compare("value", values, c.Values, 1e-12)
	compare("gradient", gradients, c.Gradients, 1e-10)
}

// swapAxes returns a copy of t with its first two axes exchanged.
func swapAxes(t *Tensor) *Tensor {
	n, m, w := t.shape[0], t.shape[1], t.shape[2]
	out := NewTensor(m, n, w)
	for i := range n {
		for j := range m {
			copy(out.data[(j*n+i)*w:][:w], t.data[(i*m+j)*w:])
		}
	}
	return out
}
