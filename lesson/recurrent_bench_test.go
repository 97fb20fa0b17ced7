package lesson

import (
	"fmt"
	"testing"
)

// BenchmarkRecurrent runs the shapes of the lessons: the document's 32×10×128
// to 64 units, the same with more steps, and a small one.
func BenchmarkRecurrent(b *testing.B) {
	for _, kind := range []string{"RNN", "LSTM", "GRU"} {
		for _, s := range []struct{ batch, steps, in, hidden int }{
			{32, 10, 128, 64}, {32, 100, 128, 64}, {32, 1000, 128, 64}, {32, 20, 8, 32},
		} {
			rng := newRand(1)
			x := Randn(rng, s.batch, s.steps, s.in)
			d := Randn(rng, s.batch, s.steps, s.hidden)
			l := newLayer(kind, rng, s.in, s.hidden, BatchFirst)
			shape := fmt.Sprintf("%s/%dx%dx%d-%d", kind, s.batch, s.steps, s.in, s.hidden)
			b.Run(shape+"/forward", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					l.run2(x, nil, [2]*Tensor{})
				}
			})
			b.Run(shape+"/both", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					l.run2(x, nil, [2]*Tensor{})
					ZeroGrad(l.Parameters())
					l.walk2(d, [2]*Tensor{})
				}
			})
		}
	}
}
