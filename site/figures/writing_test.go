package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat"

	"unroll/lesson"
)

const data = "../../notebooks/data/"

// trainWriter trains the model that ships, as make grids does for the LSTM of
// language-model-networks with as many steps and seed 0.
func trainWriter(c *lesson.TextCorpus) *lesson.LanguageModel {
	m := newWriter(rand.New(rand.NewPCG(12, 0)), c.Alphabet.Len())
	m.Train(c.Train, lesson.LanguageFit{Steps: 1600, Streams: 32, Tau: 64, LR: 0.01, Anneal: true, ClipNorm: 1})
	return m
}

// halfFile writes parameters as safetensors in BF16, the upper half of a float32,
// rounded to nearest.
func halfFile(params []*lesson.Parameter) []byte {
	type entry struct {
		DType   string `json:"dtype"`
		Shape   []int  `json:"shape"`
		Offsets [2]int `json:"data_offsets"`
	}
	header, values := map[string]any{"__metadata__": map[string]string{"format": "pt"}}, []byte(nil)
	for _, p := range params {
		from := len(values)
		for _, v := range p.Value.Data() {
			values = binary.LittleEndian.AppendUint16(values, uint16((math.Float32bits(float32(v))+0x8000)>>16))
		}
		header[p.Name] = entry{"BF16", p.Value.Shape(), [2]int{from, len(values)}}
	}
	text, err := json.Marshal(header)
	if err != nil {
		panic(err)
	}
	for len(text)%8 != 0 {
		text = append(text, ' ')
	}
	return append(append(binary.LittleEndian.AppendUint64(nil, uint64(len(text))), text...), values...)
}

// The parameters that ship are those of a training with one seed, in half the
// digits; go test ./site/figures -run WriterParameters -train writes them, for the
// figure and for the lesson. Without -train the test reads what the grid measured
// of the same training: so far the digits that are gone may move it.
func TestWriterParameters(t *testing.T) {
	c := lesson.Must(lesson.LoadText(data + "language-model-go.txt"))
	if *train {
		file := halfFile(trainWriter(c).Parameters())
		for path, content := range map[string][]byte{
			"writing.safetensors": file, data + "language-model-weights.safetensors": file, "writing.txt": []byte(c.Alphabet.String()),
		} {
			if err := os.WriteFile(path, content, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		return
	}
	again, err := os.ReadFile(data + "language-model-weights.safetensors")
	if err != nil || !bytes.Equal(again, writerParameters) || writerAlphabet != c.Alphabet.String() {
		t.Errorf("the lesson and the figure have different parameters or alphabets: %v", err)
	}
	if n := len(writerParameters); n > 100e3 {
		t.Errorf("the parameters take %d bytes, want 100,000 at most", n)
	}
	grid := lesson.Must(lesson.ReadResults(data + "language-model-networks.json"))
	want := grid.Where("text", "go").Where("reader", "LSTM").Where("steps", 1600).Where("rate", 0.01).Where("seed", 0).Numbers("test")
	model, _ := writer()
	if got := stat.Mean(model.Bits(c.Test), nil); len(want) != 1 || math.Abs(got-want[0]) > 0.01 {
		t.Errorf("%v bits per character of the test text, the grid has %v", got, want)
	}
}

// What stands in the page is what the lesson's functions give.
func TestWritingIsTheModel(t *testing.T) {
	m, a := writer()
	tokens := a.Encode("func f(x\n")
	w := computeWriting(`func f(x\n`, 0.7, 5, 3)
	logits, _ := m.Forward(lesson.Indices{tokens}, nil)
	z := logits.Slice(len(tokens) - 1).Data()
	p := lesson.Sampler{Temperature: 0.7}.Probabilities(z)
	sum := 0.0
	for i, e := range w.expected {
		if i > 0 && e.probability > w.expected[i-1].probability {
			t.Errorf("expectation %d, %v, stands below %v", i, e, w.expected[i-1])
		}
		sum += e.probability
	}
	slices.Sort(p)
	if want := p[len(p)-1]; w.expected[0].probability != want || sum > 1+1e-12 {
		t.Errorf("the most probable has %v, want %v; all shown add up to %v", w.expected[0].probability, want, sum)
	}
	if n := len([]rune(w.after)); n != goesOn || len(w.characters) != 9 || w.characters[8] != "↵" {
		t.Errorf("%d characters written behind %v", n, w.characters)
	}
	var h float64 // the LSTM shows its memory as h = o tanh(C)
	output, _ := m.Encoder.(*lesson.LSTM).Forward(m.Embedding.Forward(lesson.Indices{tokens}), nil)
	if h = output.At(0, 8, 5); math.Abs(h) > math.Abs(math.Tanh(w.memory[8])) || h*w.memory[8] < 0 {
		t.Errorf("the unit shows %v and holds %v", h, w.memory[8])
	}
}

// A person may type anything: it is read up to a bound, and nothing fails.
func TestWritingTakesAnyText(t *testing.T) {
	long := make([]byte, 5000)
	for i := range long {
		long[i] = byte(i)
	}
	for _, text := range []string{"", " ", "한", "\xff\xfe", `\n`, `<b>&"`, string(long)} {
		a := Run("writing", Setting{"text": text, "temperature": "NaN", "unit": "1e9", "seed": "-3"}, 340)
		if len(a.Names) < 1 || len(a.Names) > longest || a.Words == "" {
			t.Errorf("%q: %d characters", text, len(a.Names))
		}
	}
}
