// Command layers times Unroll's recurrent layers for bench.py: it reads a case
// a line from standard input and answers with the milliseconds of each run.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"time"

	"unroll/internal/simd"
	"unroll/lesson"
)

type benchCase struct {
	Layer    string  `json:"layer"`
	Batch    int     `json:"batch"`
	Steps    int     `json:"steps"`
	Input    int     `json:"input"`
	Hidden   int     `json:"hidden"`
	Backward bool    `json:"backward"`
	Seconds  float64 `json:"seconds"`
	Peak     bool    `json:"peak"` // measure the machine's multiply-add peak instead
}

type result struct {
	Ms     []float64 `json:"ms"`
	Gflops float64   `json:"gflops,omitempty"` // of one core, for a peak
	Kernel string    `json:"kernel,omitempty"`
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	for in.Scan() {
		var c benchCase
		err := json.Unmarshal(in.Bytes(), &c)
		if err == nil && c.Peak {
			err = out.Encode(result{Gflops: simd.Peak(300 * time.Millisecond), Kernel: simd.Current().String()})
		} else if err == nil {
			err = out.Encode(result{Ms: measure(pass(c), c.Seconds)})
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "layers:", err)
			os.Exit(1)
		}
	}
}

// pass returns one run of the case.
func pass(c benchCase) func() {
	rng := rand.New(rand.NewPCG(1, 2))
	x := lesson.Randn(rng, c.Batch, c.Steps, c.Input)
	d := lesson.Randn(rng, c.Batch, c.Steps, c.Hidden)
	switch c.Layer {
	case "RNN":
		l := lesson.NewRNN(rng, c.Input, c.Hidden, lesson.BatchFirst)
		return func() {
			l.Forward(x, nil)
			if c.Backward {
				lesson.ZeroGrad(l.Parameters())
				l.Backward(d, nil)
			}
		}
	case "LSTM":
		l := lesson.NewLSTM(rng, c.Input, c.Hidden, lesson.BatchFirst)
		return func() {
			l.Forward(x, nil)
			if c.Backward {
				lesson.ZeroGrad(l.Parameters())
				l.Backward(d, nil)
			}
		}
	}
	fmt.Fprintf(os.Stderr, "layers: no layer %q, want RNN or LSTM\n", c.Layer)
	os.Exit(1)
	return nil
}

// measure runs f for about so many seconds, at least three times after a
// warm-up, and returns the milliseconds of each run.
func measure(f func(), seconds float64) []float64 {
	f()
	f()
	var ms []float64
	for start := time.Now(); len(ms) < 3 || time.Since(start).Seconds() < seconds; {
		t := time.Now()
		f()
		ms = append(ms, time.Since(t).Seconds()*1000)
	}
	return ms
}
