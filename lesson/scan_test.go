package lesson

import (
	"math"
	"math/bits"
	"runtime"
	"slices"
	"testing"
)

// TestScan: with an operation that is exactly associative and not commutative a
// scan is the loop, in fewer than 2n calls and, for a power of two, 2 log₂ n − 2 levels.
func TestScan(t *testing.T) {
	type text struct {
		s     string
		level int // calls that had to be finished before this one began
	}
	for n := range 70 {
		letters, loop := make([]text, n), make([]string, n)
		for i := range letters {
			letters[i].s = string(rune('A' + i))
		}
		running := ""
		for i, l := range letters {
			running += l.s
			loop[i] = running
		}
		calls, deepest := 0, 0
		got := Scan(letters, func(a, b text) text {
			calls++
			level := max(a.level, b.level) + 1
			deepest = max(deepest, level)
			return text{a.s + b.s, level}
		})
		for i, g := range got {
			if g.s != loop[i] {
				t.Errorf("n = %d: result %d is %q, want %q", n, i, g.s, loop[i])
			}
		}
		if len(got) != n || n > 0 && (calls >= 2*n || deepest > 2*bits.Len(uint(n))) {
			t.Errorf("n = %d: %d results, %d calls on %d levels", n, len(got), calls, deepest)
		}
		if log := bits.Len(uint(n)) - 1; n >= 4 && n == 1<<log && deepest != 2*log-2 {
			t.Errorf("n = %d: %d levels, want 2·%d − 2", n, deepest, log)
		}
	}
}

// TestMinGRUScan compares the scan with the loop: forward, backward and the
// gradients of parameters, for sequences of many segments.
func TestMinGRUScan(t *testing.T) {
	worst := 0.0
	for i, opts := range [][]Option{{BatchFirst}, nil, {Bidirectional}, {Layers(2), Bidirectional, BatchFirst}, {Layers(3), Dropout(0.5)}, {NoBias, Layers(2)}} {
		for j, c := range []struct {
			batch, steps int
			lengths      []int
		}{{1, 1, nil}, {1, 500, nil}, {2, 97, nil}, {9, 40, []int{1, 40, 13, 12, 24, 25, 37, 1, 2}}, {3, 300, []int{3, 299, 150}}} {
			loop, scan := newLayer("MinGRU", newRand(1), 3, 4, opts...), newLayer("scan", newRand(1), 3, 4, opts...)
			x := Randn(newRand(uint64(j)), c.batch, c.steps, 3)
			if !loop.Config().BatchFirst {
				x = swapAxes(x)
			}
			if loop.Config().Bias {
				for _, l := range []layer{loop, scan} {
					l.(*MinGRU).SetUpdateBias(float64(2 * j))
				}
			}
			s0 := [2]*Tensor{Randn(newRand(5), loop.Config().NumLayers*loop.Config().directions(), c.batch, 4)}
			loop.Train(newRand(7))
			scan.Train(newRand(7))
			want := outcome(loop, x, c.lengths, s0)
			for k, got := range outcome(scan, x, c.lengths, s0) {
				d := MaxAbsDiff(got, want[k])
				size := 1.0
				for _, v := range want[k].data {
					size = math.Max(size, math.Abs(v))
				}
				worst = math.Max(worst, d/size)
				if !(d <= 1e-14*size) {
					t.Errorf("options %d, input %d, tensor %d: scan and loop differ by %g, values up to %g", i, j, k, d, size)
				}
			}
		}
	}
	t.Logf("largest difference %.1e of the largest value", worst)
}

// TestMinGRUScanFirstSegment: the steps of a sequence's first segment are the
// loop's bit for bit.
func TestMinGRUScanFirstSegment(t *testing.T) {
	loop, scan := newLayer("MinGRU", newRand(1), 3, 4), newLayer("scan", newRand(1), 3, 4)
	for _, l := range []layer{loop, scan} {
		l.(*MinGRU).SetUpdateBias(6) // what the first segment rounds is still there after it
	}
	for batch, segment := range map[int]int{1: 96, 8: 12} {
		x := Randn(newRand(2), 200, batch, 3)
		a, _ := loop.pass(x, nil, [2]*Tensor{})
		b, _ := scan.pass(x, nil, [2]*Tensor{})
		n := segment * batch * 4
		if !slices.Equal(a.data[:n], b.data[:n]) {
			t.Errorf("batch %d: the first %d steps differ", batch, segment)
		}
		if slices.Equal(a.data, b.data) {
			t.Errorf("batch %d: no step differs: is this the scan?", batch)
		}
	}
}

// With zero weights a state keeps σ(b) of itself at each step, and so does its
// gradient on the way back.
func TestMinGRUDecay(t *testing.T) {
	for _, kind := range []string{"MinGRU", "scan"} {
		m := newLayer(kind, newRand(1), 2, 3).(*MinGRU)
		for _, p := range m.Parameters() {
			clear(p.Value.data)
		}
		const b, steps = 1.5, 250
		m.SetUpdateBias(b)
		h0 := TensorOf([]float64{1, -2, 0.5}, 1, 1, 3)
		out, _ := m.Forward(NewTensor(steps, 1, 2), h0)
		_, dh0 := m.Backward(nil, TensorOf([]float64{1, 1, 1}, 1, 1, 3))
		for k := 1; k <= steps; k++ {
			want := math.Pow(Sigmoid(b), float64(k))
			for j, h := range h0.data {
				if got := out.At(k-1, 0, j); math.Abs(got-want*h) > 1e-13*want {
					t.Fatalf("%s: after %d steps %g of %g, want σ(b)^k = %g", kind, k, got, h, want)
				}
			}
		}
		if got, want := dh0.At(0, 0, 1), math.Pow(Sigmoid(b), steps); math.Abs(got-want) > 1e-13*want {
			t.Errorf("%s: gradient %g, want %g", kind, got, want)
		}
	}
}

// TestMinGRUScanOnCores: one long sequence gives the same bits on any number of
// cores, its segments computed side by side.
func TestMinGRUScanOnCores(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, lengths := range [][]int{nil, {2000, 1500}} {
		x := Randn(newRand(2), 2000, max(1, len(lengths)), 8)
		var want []*Tensor
		for cores := 1; cores <= 4; cores++ {
			runtime.GOMAXPROCS(cores)
			scan := newLayer("scan", newRand(1), 8, 16, Layers(2), Bidirectional)
			got := outcome(scan, x, lengths, [2]*Tensor{})
			if want == nil {
				want = got
			}
			if !sameBits(got, want) {
				t.Errorf("lengths %v: %d cores give other bits than one", lengths, cores)
			}
		}
	}
}
