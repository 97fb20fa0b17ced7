// Command spago times spago's layers for bench.py: it reads a case a line from
// standard input and answers with the milliseconds of each run. spago has no
// batches, so each sequence of the batch is a graph of its own, and the
// sequences are spread over the cores.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"sync"
	"time"

	"github.com/nlpodyssey/spago/ag"
	"github.com/nlpodyssey/spago/initializers"
	"github.com/nlpodyssey/spago/mat"
	"github.com/nlpodyssey/spago/mat/rand"
	"github.com/nlpodyssey/spago/nn"
	"github.com/nlpodyssey/spago/nn/recurrent/gru"
	"github.com/nlpodyssey/spago/nn/recurrent/lstm"
	"github.com/nlpodyssey/spago/nn/recurrent/srn"
)

type benchCase struct {
	Layer    string  `json:"layer"`
	Batch    int     `json:"batch"`
	Steps    int     `json:"steps"`
	Input    int     `json:"input"`
	Hidden   int     `json:"hidden"`
	Backward bool    `json:"backward"`
	Seconds  float64 `json:"seconds"`
}

// layer is any of spago's recurrent models.
type layer interface {
	nn.Model
	Forward(xs ...mat.Tensor) []mat.Tensor
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	for in.Scan() {
		var c benchCase
		err := json.Unmarshal(in.Bytes(), &c)
		var model layer
		switch c.Layer {
		case "RNN":
			model = srn.New[float64](c.Input, c.Hidden)
		case "GRU":
			model = gru.New[float64](c.Input, c.Hidden)
		case "LSTM":
			model = lstm.New[float64](c.Input, c.Hidden)
		default:
			err = fmt.Errorf("no layer %q, want RNN, GRU or LSTM", c.Layer)
		}
		if err == nil {
			err = out.Encode(map[string]any{"ms": measure(pass(c, model), c.Seconds)})
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "spago:", err)
			os.Exit(1)
		}
	}
}

func pass(c benchCase, model layer) func() {
	rng := rand.NewLockedRand(1)
	nn.ForEachParam(model, func(p *nn.Param) {
		initializers.XavierUniform(p.Value().(mat.Matrix), 1, rng)
	})
	randn := func(n int) []float64 {
		v := make([]float64, n)
		for i := range v {
			v[i] = rng.NormFloat64()
		}
		return v
	}
	xs := make([][][]float64, c.Batch)
	ds := make([][][]float64, c.Batch)
	for b := range xs {
		for range c.Steps {
			xs[b] = append(xs[b], randn(c.Input))
			ds[b] = append(ds[b], randn(c.Hidden))
		}
	}
	sequence := func(b int) {
		in := make([]mat.Tensor, c.Steps)
		for t := range in {
			in[t] = mat.NewDense[float64](mat.WithShape(c.Input), mat.WithBacking(xs[b][t]), mat.WithGrad(c.Backward))
		}
		ys := model.Forward(in...)
		if !c.Backward {
			for _, y := range ys {
				y.Value() // spago computes when asked
			}
			return
		}
		for t, y := range ys {
			y.AccGrad(mat.NewDense[float64](mat.WithShape(c.Hidden), mat.WithBacking(ds[b][t])))
		}
		if err := ag.Backward(ys...); err != nil {
			fmt.Fprintln(os.Stderr, "spago:", err)
			os.Exit(1)
		}
	}
	return func() {
		nn.ZeroGrad(model)
		var wg sync.WaitGroup
		next := make(chan int, c.Batch)
		for b := range c.Batch {
			next <- b
		}
		close(next)
		for range runtime.GOMAXPROCS(0) {
			wg.Go(func() {
				for b := range next {
					sequence(b)
				}
			})
		}
		wg.Wait()
	}
}

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
