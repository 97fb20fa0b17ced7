// Command layers times Unroll's recurrent layers for bench.py: it reads a case
// a line from standard input and answers with the milliseconds of each run, and
// the bytes that a pass holds and hands out.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"sync"
	"time"

	"unroll/internal/simd"
	"unroll/lesson"
)

type benchCase struct {
	Layer    string  `json:"layer"` // RNN, GRU, LSTM, MinGRU, "MinGRU scan" or GradientNorms
	Batch    int     `json:"batch"`
	Steps    int     `json:"steps"`
	Input    int     `json:"input"`
	Hidden   int     `json:"hidden"`
	Backward bool    `json:"backward"`
	Reuse    bool    `json:"reuse"` // write results to the same tensors again and again
	Seconds  float64 `json:"seconds"`
	Peak     bool    `json:"peak"` // measure the machine's multiply-add peak instead
}

type times struct {
	Ms    []float64 `json:"ms"`
	Bytes int       `json:"bytes"` // held after a pass beside its input, and allocated by one
}

// peak is in GFLOPS, of one core alone and of all at the same time.
type peak struct {
	Core   float64 `json:"core"`
	All    float64 `json:"all"`
	Kernel string  `json:"kernel"`
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	for in.Scan() {
		var c benchCase
		err := json.Unmarshal(in.Bytes(), &c)
		if err == nil && c.Peak {
			err = out.Encode(measurePeak())
		} else if err == nil {
			err = out.Encode(measure(c))
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "layers:", err)
			os.Exit(1)
		}
	}
}

func measurePeak() peak {
	const d = 300 * time.Millisecond
	p := peak{Core: simd.Peak(d), Kernel: simd.Current().String()}
	var mu sync.Mutex
	var all sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			one := simd.Peak(d)
			mu.Lock()
			p.All += one
			mu.Unlock()
		})
	}
	all.Wait()
	return p
}

// measure runs the case for about so many seconds, at least three times after a
// warm-up.
func measure(c benchCase) times {
	rng := rand.New(rand.NewPCG(1, 2))
	var x, d *lesson.Tensor
	if c.Layer == "GradientNorms" {
		x = lesson.Randn(rng, c.Steps, c.Input)
	} else {
		x = lesson.Randn(rng, c.Batch, c.Steps, c.Input)
		d = lesson.Randn(rng, c.Batch, c.Steps, c.Hidden)
	}
	bare, _ := memory()
	f := pass(c, rng, x, d)
	f()
	f()
	held, before := memory()
	f()
	_, after := memory()
	r := times{Bytes: max(0, held-bare) + after - before}
	for start := time.Now(); len(r.Ms) < 3 || time.Since(start).Seconds() < c.Seconds; {
		t := time.Now()
		f()
		r.Ms = append(r.Ms, time.Since(t).Seconds()*1000)
	}
	runtime.KeepAlive(x)
	runtime.KeepAlive(d)
	return r
}

// memory returns how many bytes are alive, and how many were ever allocated.
func memory() (alive, allocated int) {
	runtime.GC()
	runtime.GC() // what a pool held is free after the second
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc), int(m.TotalAlloc)
}

// pass returns one run of the case.
func pass(c benchCase, rng *rand.Rand, x, d *lesson.Tensor) func() {
	var forward, backward, forwardTo, backwardTo func()
	var parameters []*lesson.Parameter
	var noGrad func(bool)
	output, dx := new(lesson.Tensor), new(lesson.Tensor)
	var h, dh lesson.Tensor // the state at the end, and its gradient
	var s, ds lesson.State
	switch c.Layer {
	case "RNN":
		l := lesson.NewRNN(rng, c.Input, c.Hidden, lesson.BatchFirst)
		parameters, noGrad = l.Parameters(), l.NoGrad
		forward, backward = func() { l.Forward(x, nil) }, func() { l.Backward(d, nil) }
		forwardTo, backwardTo = func() { l.ForwardTo(output, &h, x, nil) }, func() { l.BackwardTo(dx, &dh, d, nil) }
	case "GRU":
		l := lesson.NewGRU(rng, c.Input, c.Hidden, lesson.BatchFirst)
		parameters, noGrad = l.Parameters(), l.NoGrad
		forward, backward = func() { l.Forward(x, nil) }, func() { l.Backward(d, nil) }
		forwardTo, backwardTo = func() { l.ForwardTo(output, &h, x, nil) }, func() { l.BackwardTo(dx, &dh, d, nil) }
	case "MinGRU", "MinGRU scan":
		l := lesson.NewMinGRU(rng, c.Input, c.Hidden, lesson.BatchFirst)
		l.SetScan(c.Layer == "MinGRU scan")
		parameters, noGrad = l.Parameters(), l.NoGrad
		forward, backward = func() { l.Forward(x, nil) }, func() { l.Backward(d, nil) }
		forwardTo, backwardTo = func() { l.ForwardTo(output, &h, x, nil) }, func() { l.BackwardTo(dx, &dh, d, nil) }
	case "LSTM":
		l := lesson.NewLSTM(rng, c.Input, c.Hidden, lesson.BatchFirst)
		parameters, noGrad = l.Parameters(), l.NoGrad
		forward, backward = func() { l.Forward(x, nil) }, func() { l.Backward(d, nil) }
		forwardTo, backwardTo = func() { l.ForwardTo(output, &s, x, nil) }, func() { l.BackwardTo(dx, &ds, d, nil) }
	case "GradientNorms":
		l := lesson.NewRNN(rng, c.Input, c.Hidden)
		return func() { lesson.GradientNorms(l, x, nil) }
	default:
		fmt.Fprintf(os.Stderr, "layers: no layer %q, want RNN, GRU, LSTM, MinGRU, MinGRU scan or GradientNorms\n", c.Layer)
		os.Exit(1)
	}
	if c.Reuse {
		forward, backward = forwardTo, backwardTo
	}
	if !c.Backward {
		noGrad(true) // as torch_worker.py does
		return forward
	}
	return func() {
		forward()
		lesson.ZeroGrad(parameters)
		backward()
	}
}
