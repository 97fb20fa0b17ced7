package plots

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"

	"unroll/lesson"

	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// The figures that canvases are compared on: lines, a heat map and a diagram.
func benchmarked() map[string]*Figure {
	var curves []Curve
	for i, name := range []string{"tanh RNN", "LSTM", "GRU"} {
		values := make([]float64, 61)
		for k := range values {
			values[k] = math.Pow(0.6+0.1*float64(i), float64(k))
		}
		curves = append(curves, Curve{name, values})
	}
	words := []string{"the", "film", "was", "not", "good", "but", "long", "<PAD>", "<PAD>", "<PAD>"}
	states, rng := lesson.NewTensor(len(words), 64), rand.New(rand.NewPCG(1, 2))
	for i := range states.Data() {
		states.Data()[i] = math.Tanh(rng.NormFloat64())
	}
	return map[string]*Figure{
		"lines":   GradientDecay(curves),
		"heatmap": HiddenStates(words, states),
		"diagram": LSTMCell(ForgetGate),
	}
}

// compare measures ways to make the bytes of each figure.
func compare(b *testing.B, ways map[string]func(*Figure) []byte) {
	for name, fig := range benchmarked() {
		for way, bytes := range ways {
			b.Run(name+"/"+way, func(b *testing.B) {
				n := 0
				for b.Loop() {
					n = len(bytes(fig))
				}
				b.ReportMetric(float64(n), "B/figure")
			})
		}
	}
}

// A figure as PNG, by rasterCanvas and by gonum's vgimg with as many dots.
func BenchmarkPNG(b *testing.B) {
	compare(b, map[string]func(*Figure) []byte{
		"ours": (*Figure).PNG,
		"vgimg": func(fig *Figure) []byte {
			c := vgimg.NewWith(vgimg.UseWH(fig.Width, fig.Height), vgimg.UseDPI(144))
			fig.Draw(draw.New(c))
			var out bytes.Buffer
			if _, err := (vgimg.PngCanvas{Canvas: c}).WriteTo(&out); err != nil {
				b.Fatal(err)
			}
			return out.Bytes()
		},
	})
}

// A figure as SVG, by svgCanvas and by gonum's vgsvg.
func BenchmarkSVG(b *testing.B) {
	compare(b, map[string]func(*Figure) []byte{
		"ours": (*Figure).SVG,
		"vgsvg": func(fig *Figure) []byte {
			c := vgsvg.New(fig.Width, fig.Height)
			fig.Draw(draw.New(c))
			var out bytes.Buffer
			if _, err := c.WriteTo(&out); err != nil {
				b.Fatal(err)
			}
			return out.Bytes()
		},
	})
}
