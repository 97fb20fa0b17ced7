package plots_test

import (
	"bytes"
	"encoding/xml"
	"flag"
	"image"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"unroll/plots"
)

var update = flag.Bool("update", false, "write the figures of the examples to testdata")

// The figures of the examples, by the file that Show writes.
var examples = map[string]func(){
	"the-gradient-vanishes-or-it-explodes":                                 ExampleGradientDecay,
	"what-a-logarithmic-axis-cannot-show":                                  ExampleGradientDecay_zero,
	"gradient-norm-of-each-input-against-distance":                         ExampleInputGradient,
	"gradient-norm-at-the-first-token-against-sequence-length":             ExampleGradientByLength,
	"accuracy-against-pads-behind-the-sentence":                            ExampleLines,
	"loss-over-training":                                                   ExampleTrainingCurves,
	"hidden-state-after-each-token":                                        ExampleHiddenStates,
	"where-each-step-looks":                                                ExampleAttentionWeights,
	"c-of-unit-3-after-each-character":                                     ExampleColouredText,
	"where-the-decoder-looks":                                              ExampleAlignment,
	"lstm-gates-and-states-over-the-tokens-unit-2":                         ExampleGates,
	"two-units-of-an-lstm":                                                 ExampleGates_units,
	"all-units-of-an-lstm":                                                 ExampleGates_all,
	"forget-gate-f-over-the-tokens":                                        ExampleGates_one,
	"how-much-each-token-moves-the-last-state":                             ExampleTokenInfluence,
	"accuracy-of-every-seed":                                               ExampleSeedScores,
	"one-step-of-an-lstm-the-forget-gate":                                  ExampleLSTMCell,
	"one-step-of-a-gru-the-update-gate-and-the-hidden-state":               ExampleGRUCell,
	"a-recurrent-network-unrolled-from-x-1-to-h-5":                         ExampleUnrolled,
	"both-directions-unrolled-from-x-1-to-h-4-from-x-6-to-the-reverse-h-6": ExampleUnrolled_directions,
	"self-attention-from-x-1-to-y-5":                                       ExampleUnrolled_attention,
	"loss-over-w-and-b":                                                    ExampleLossSurface,
}

// show runs an example and returns the SVG that Show writes for it.
func show(t *testing.T, name string, example func()) []byte {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("UNROLL_FIGURES", dir)
	quiet(t, example)
	files, err := filepath.Glob(filepath.Join(dir, name+"*.svg")) // with a number, if shown before
	if err != nil || len(files) != 1 {
		t.Fatalf("the example of %s wrote %v, %v", name, files, err)
	}
	svg, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	return svg
}

// quiet keeps what f prints from the test's output.
func quiet(t *testing.T, f func()) {
	t.Helper()
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	stdout, stderr := os.Stdout, os.Stderr
	defer func() { os.Stdout, os.Stderr = stdout, stderr }()
	os.Stdout, os.Stderr = null, null
	f()
}

func TestExamplesLookAsBefore(t *testing.T) {
	for name, example := range examples {
		t.Run(name, func(t *testing.T) {
			got := show(t, name, example)
			golden := filepath.Join("testdata", name+".svg")
			if *update {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if where := differs(string(got), string(want)); where != "" {
				t.Errorf("%s\nIf that is meant, look at the figure and run go test -update.", where)
			}
			if len(got) > 30_000 {
				t.Errorf("%d bytes, want at most 30000", len(got))
			}
		})
	}
	files, _ := filepath.Glob("testdata/*.svg")
	if len(files) != len(examples) {
		t.Errorf("%d files in testdata for %d examples", len(files), len(examples))
	}
}

var (
	id     = regexp.MustCompile(`fig-[0-9a-f]{8}`)
	figure = regexp.MustCompile(`-?[0-9]*\.?[0-9]+`)
)

// differs says where two drawings differ, "" if they don't. A number may be off
// by the last decimal: other processors round otherwise. The ids come from the
// numbers.
func differs(a, b string) string {
	a, b = id.ReplaceAllString(a, ""), id.ReplaceAllString(b, "")
	if x, y := figure.ReplaceAllString(a, "#"), figure.ReplaceAllString(b, "#"); x != y {
		n := 0
		for n < min(len(x), len(y)) && x[n] == y[n] {
			n++
		}
		return "the drawing differs: " + x[max(0, n-60):min(len(x), n+60)] + "\nwant: " + y[max(0, n-60):min(len(y), n+60)]
	}
	xs, ys := figure.FindAllString(a, -1), figure.FindAllString(b, -1)
	for i := range xs {
		x, _ := strconv.ParseFloat(xs[i], 64)
		y, _ := strconv.ParseFloat(ys[i], 64)
		if math.Abs(x-y) > 0.1001 {
			return "the drawing has the number " + xs[i] + ", want " + ys[i]
		}
	}
	return ""
}

func TestDiffersSeesADifference(t *testing.T) {
	a := `<g id="fig-12345678"><path d="M1.5 2h-3"/></g>`
	for b, same := range map[string]bool{
		`<g id="fig-87654321"><path d="M1.6 2h-3"/></g>`:   true,
		`<g id="fig-12345678"><path d="M1.8 2h-3"/></g>`:   false,
		`<g id="fig-12345678"><path d="M1.5 2v-3"/></g>`:   false,
		`<g id="fig-12345678"><path d="M1.5 2h-3z"/></g>`:  false,
		`<g id="fig-12345678"><path d="M1.5 2h-3h1"/></g>`: false,
	} {
		if got := differs(a, b) == ""; got != same {
			t.Errorf("%s is the same: %v, want %v", b, got, same)
		}
	}
}

// An SVG is complete in itself: well-formed, named, without anything that a page may
// not contain.
func TestSVGIsFitForAPage(t *testing.T) {
	for name, example := range examples {
		svg := show(t, name, example)
		d := xml.NewDecoder(bytes.NewReader(svg))
		ids := map[string]bool{}
		text := map[string]string{}
		var root xml.StartElement
		var open []string
		for {
			token, err := d.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("%s is not well-formed: %v", name, err)
			}
			switch e := token.(type) {
			case xml.StartElement:
				if root.Name.Local == "" {
					root = e
				}
				open = append(open, e.Name.Local)
				for _, a := range e.Attr {
					if a.Name.Local == "id" {
						ids[a.Value] = true
					}
					if strings.HasPrefix(a.Name.Local, "on") || strings.HasSuffix(a.Name.Local, "href") {
						t.Errorf("%s has an attribute %s", name, a.Name.Local)
					}
				}
			case xml.EndElement:
				open = open[:len(open)-1]
			case xml.CharData:
				if len(open) > 0 {
					text[open[len(open)-1]] += string(e)
				}
			}
		}
		attr := map[string]string{}
		for _, a := range root.Attr {
			attr[a.Name.Local] = a.Value
		}
		for k, want := range map[string]string{"role": "img", "class": "unroll-figure", "style": "max-width:100%;height:auto"} {
			if attr[k] != want {
				t.Errorf("%s: %s is %q, want %q", name, k, attr[k], want)
			}
		}
		for _, ref := range strings.Fields(attr["aria-labelledby"]) {
			if !ids[ref] {
				t.Errorf("%s: nothing has the id %s", name, ref)
			}
		}
		if text["title"] == "" || len(text["desc"]) < 40 {
			t.Errorf("%s: title %q, description %q", name, text["title"], text["desc"])
		}
		if again := show(t, name, example); !bytes.Equal(svg, again) {
			t.Errorf("%s: two runs differ", name)
		}
	}
}

func TestTextIsEscaped(t *testing.T) {
	nasty := `<script>alert("1 & 2")</script>` + "\x00\x1b\xff]]>"
	fig := plots.TokenInfluence([]string{nasty, "<PAD>"}, []float64{1, 2})
	fig.Title = nasty
	svg := string(fig.SVG())
	if strings.Contains(svg, "<script") {
		t.Error("a script came through")
	}
	d := xml.NewDecoder(strings.NewReader(svg))
	all := ""
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if c, ok := token.(xml.CharData); ok {
			all += string(c)
		}
	}
	want := `<script>alert("1 & 2")</script>` + "���]]>"
	if strings.Count(all, want) < 3 { // title, description, word
		t.Errorf("%q is not in %q", want, all)
	}
}

// The PNG shows what the SVG shows.
func TestPNG(t *testing.T) {
	fig := plots.TokenInfluence([]string{"나는", "학생", "<PAD>"}, []float64{0.2, 1, 0.4})
	data := fig.PNG()
	if again := fig.PNG(); !bytes.Equal(data, again) {
		t.Error("two runs differ")
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := img.Bounds().Size(), (image.Point{2 * int(fig.Width), 2 * int(fig.Height)}); got != want {
		t.Errorf("%v dots, want two to the point, %v", got, want)
	}
	if len(data) > 60_000 {
		t.Errorf("%d bytes, want at most 60000", len(data))
	}
	golden := filepath.Join("testdata", "korean.png")
	if *update {
		if err := os.WriteFile(golden, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	f, err := os.Open(golden)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	want, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	if d := apart(t, img, want); d > 0.2 {
		t.Errorf("the colours are %.2f apart on average, want at most 0.2 of 255", d)
	}
}

// apart returns the mean difference of two images' channels, from 0 to 255.
func apart(t *testing.T, a, b image.Image) float64 {
	t.Helper()
	if a.Bounds() != b.Bounds() {
		t.Fatalf("sizes %v and %v", a.Bounds(), b.Bounds())
	}
	sum := 0.0
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			r0, g0, b0, _ := a.At(x, y).RGBA()
			r1, g1, b1, _ := b.At(x, y).RGBA()
			for _, d := range []float64{float64(r0) - float64(r1), float64(g0) - float64(g1), float64(b0) - float64(b1)} {
				sum += math.Abs(d) / 257
			}
		}
	}
	return sum / float64(3*a.Bounds().Dx()*a.Bounds().Dy())
}
