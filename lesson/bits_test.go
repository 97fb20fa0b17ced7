package lesson

import (
	"hash/fnv"
	"math"
	"runtime"
	"testing"

	"gonum.org/v1/gonum/mat"

	"unroll/internal/simd"
)

// everywhere are the digests of results that every machine must give, bit by
// bit, whatever its processor, the kernels in use and the number of cores. If one
// changes, the digits in the lessons may have changed too.
var everywhere = map[string]uint64{
	"Attention": 0x632a77aa6cbc088b,
	"GRU":       0x12bc27807b1bee7f,
	"MinGRU":    0xadcf64d13e334eb6,
	"scan":      0x17489ffc71400c88,
	"LSTM":      0x374157da69868cd3,
	"RNN":       0xf562cd8df631a69c,
	"ReLU":      0x193c20bbd48c71d9,
	"cells":     0x280a5df72173d2bb,
	"norms":     0xf7bea6fb39a3e05a,
	"values":    0x2a32e160927ad596,
}

// digests compute the results.
var digests = map[string]func(write func(...[]float64)){
	"RNN":       func(write func(...[]float64)) { digestTraining(write, "RNN", false) },
	"MinGRU":    func(write func(...[]float64)) { digestTraining(write, "MinGRU", true) },
	"scan":      func(write func(...[]float64)) { digestTraining(write, "scan", false) },
	"ReLU":      func(write func(...[]float64)) { digestTraining(write, "ReLU", true) },
	"LSTM":      func(write func(...[]float64)) { digestTraining(write, "LSTM", false) },
	"GRU":       func(write func(...[]float64)) { digestTraining(write, "GRU", true) },
	"Attention": digestAttention,
	"values":    digestValues,
	"norms":     digestNorms,
	"cells":     digestCells,
}

// digestTraining trains a network for one epoch on batches of many sizes.
func digestTraining(write func(...[]float64), kind string, sgd bool) {
	n := newNetwork(kind, sgd)
	for _, b := range batches() {
		loss, norm := n.step(b)
		write([]float64{loss, norm}, n.output.data)
	}
	for _, p := range n.params {
		write(p.Value.data)
	}
}

func digestAttention(write func(...[]float64)) {
	const words, size, classes = 9, 19, 3
	c := newClassifier(newRand(1), "Attention", Gather, words, size, 0, classes)
	var seqs [][]int
	var targets []int
	for _, b := range batches() {
		for i, row := range b.x {
			seqs, targets = append(seqs, row[:b.lengths[i]]), append(targets, b.classes[i])
		}
	}
	write(c.Train(newRand(2), seqs, targets, FitConfig{Epochs: 1, BatchSize: 32, LR: 0.01, ClipNorm: 1}))
	for _, p := range c.Parameters() {
		write(p.Value.data)
	}
}

func digestValues(write func(...[]float64)) {
	x, y := Randn(newRand(1), 30_000), Uniform(newRand(2), -3, 5, 1000)
	write(x.data, y.data, Orthogonal(newRand(3), 21, 1.5).RawMatrix().Data)
	adding, sums := AddingTask(newRand(4), 7, 9)
	loss, d := MSE(sums, Randn(newRand(5), 7, 1))
	write(adding.data, sums.data, []float64{loss}, d.data)
	tiny := NewParameter("tiny", NewTensor(30_000))
	copy(tiny.Grad.data, x.data)
	simd.Scale(1e-200, tiny.Grad.data)
	write([]float64{ClipGradNorm([]*Parameter{tiny}, math.Inf(1))})
	write(Influence(func(batch Indices) *Tensor {
		return NewEmbedding(newRand(6), 5, 4).Forward(batch).Reshape(len(batch), 4)
	}, []int{1}, []int{2}))
}

func digestNorms(write func(...[]float64)) {
	const in, hidden, steps = 5, 21, 30
	x := Randn(newRand(1), steps, in)
	write(GradientNorms(NewRNN(newRand(2), in, hidden), x, nil))
	write(GradientNorms(NewRNN(newRand(2), in, hidden, ReLU), x, nil))
	h, c := LSTMGradientNorms(NewLSTM(newRand(3), in, hidden), x, nil)
	write(h, c, GRUGradientNorms(NewGRU(newRand(4), in, hidden), x, nil))
	write(GradientBound(0.97, 1000), []float64{SpectralNorm(Orthogonal(newRand(5), 21, 1.5))})
}

func digestCells(write func(...[]float64)) {
	const in, hidden = 5, 21
	xs := rowsOf(Randn(newRand(1), 7, in))
	h, c := mat.NewVecDense(hidden, nil), mat.NewVecDense(hidden, nil)
	for _, v := range NewRNN(newRand(2), in, hidden).Cell().Run(xs, h) {
		write(v.RawVector().Data)
	}
	hs, cs := NewLSTM(newRand(3), in, hidden).Cell().Run(xs, h, c)
	for i := range hs {
		write(hs[i].RawVector().Data, cs[i].RawVector().Data)
	}
}

// TestSameBitsEverywhere runs on this machine, on other architectures under an
// emulator, and without assembly.
func TestSameBitsEverywhere(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	defer simd.Use(simd.Current())
	for name, compute := range digests {
		for _, path := range simd.Paths() {
			simd.Use(path)
			for cores := 1; cores <= 4; cores++ {
				if runtime.GOMAXPROCS(cores); runtime.GOMAXPROCS(0) != cores {
					continue // WebAssembly has one
				}
				h := fnv.New64a()
				compute(func(results ...[]float64) {
					for _, x := range results {
						for _, v := range x {
							bits := math.Float64bits(v)
							if v != v {
								bits = 0x7ff8 << 48 // the sign and payload of a NaN are not specified
							}
							for range 8 {
								h.Write([]byte{byte(bits)})
								bits >>= 8
							}
						}
					}
				})
				if got, want := h.Sum64(), everywhere[name]; got != want {
					t.Errorf("%s: path %v on %d cores gives %#x, want %#x", name, path, cores, got, want)
				}
			}
		}
	}
}
