package lesson

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

func TestSamplerProbabilities(t *testing.T) {
	// Logits whose softmax is 0.1, 0.4, 0.2, 0.3.
	logits := []float64{math.Log(1), math.Log(4), math.Log(2), math.Log(3)}
	negative := math.Inf(-1)
	for _, c := range []struct {
		how    Sampler
		logits []float64
		want   []float64
	}{
		{Sampler{}, logits, []float64{0, 1, 0, 0}},
		{Sampler{Temperature: 1}, logits, []float64{0.1, 0.4, 0.2, 0.3}},
		{Sampler{Temperature: 0.5}, logits, []float64{1. / 30, 16. / 30, 4. / 30, 9. / 30}},
		{Sampler{Temperature: 1, TopK: 2}, logits, []float64{0, 4. / 7, 0, 3. / 7}},
		{Sampler{Temperature: 1, TopK: 9}, logits, []float64{0.1, 0.4, 0.2, 0.3}},
		{Sampler{Temperature: 1, TopP: 0.65}, logits, []float64{0, 4. / 7, 0, 3. / 7}},
		{Sampler{Temperature: 1, TopP: 0.75}, logits, []float64{0, 4. / 9, 2. / 9, 3. / 9}},
		{Sampler{Temperature: 1, TopP: 1e-9}, logits, []float64{0, 1, 0, 0}},
		{Sampler{Temperature: 1, TopP: 1}, logits, []float64{0.1, 0.4, 0.2, 0.3}},
		// The nucleus of what top-k has left: 4/7 is below 0.6.
		{Sampler{Temperature: 1, TopK: 2, TopP: 0.5}, logits, []float64{0, 1, 0, 0}},
		{Sampler{}, []float64{2, 2, 1}, []float64{1, 0, 0}},
		{Sampler{Temperature: 1, TopK: 1}, []float64{2, 2, 1}, []float64{1, 0, 0}},
		{Sampler{Temperature: 1}, []float64{1e300, -1e300, negative}, []float64{1, 0, 0}},
		{Sampler{Temperature: 1e300}, []float64{5, 3}, []float64{0.5, 0.5}},
	} {
		near(t, "probabilities", c.how.Probabilities(c.logits), c.want, 1e-14)
	}
}

func TestSamplerChooses(t *testing.T) {
	logits := []float64{math.Log(1), math.Log(4), math.Inf(-1), math.Log(3)}
	rng, n := newRand(1), 20000
	how := Sampler{Temperature: 1}
	seen := make([]float64, 4)
	for range n {
		seen[how.Choose(rng, logits)]++
	}
	for i, p := range how.Probabilities(logits) {
		if sd := math.Sqrt(p * (1 - p) / float64(n)); math.Abs(seen[i]/float64(n)-p) > 4*sd {
			t.Errorf("token %d came in %v of %d, want a share of %v", i, seen[i], n, p)
		}
	}
}

func TestSamplerMessages(t *testing.T) {
	z := []float64{1, 2}
	for want, call := range map[string]func(){
		"lesson: Sampler.Probabilities: Temperature is -1, want a finite number, 0 or more":                                                       func() { Sampler{Temperature: -1}.Probabilities(z) },
		"lesson: Sampler.Probabilities: Temperature is +Inf, want a finite number, 0 or more":                                                     func() { Sampler{Temperature: math.Inf(1)}.Probabilities(z) },
		"lesson: Sampler.Choose: TopK is 2 with Temperature 0, which takes the largest: want a Temperature, 1 to keep the probabilities":          func() { Sampler{TopK: 2}.Choose(newRand(1), z) },
		"lesson: Sampler.Probabilities: TopP is 0.9 with Temperature 0, which takes the largest: want a Temperature, 1 to keep the probabilities": func() { Sampler{TopP: 0.9}.Probabilities(z) },
		"lesson: Sampler.Probabilities: TopK is -1, want 0 or more":                                                                               func() { Sampler{TopK: -1}.Probabilities(z) },
		"lesson: Sampler.Probabilities: TopP is 1.5, want 0 to 1":                                                                                 func() { Sampler{TopP: 1.5}.Probabilities(z) },
		"lesson: Sampler.Choose: no logits, want at least 1":                                                                                      func() { Sampler{}.Choose(newRand(1), nil) },
		"lesson: Sampler.Choose: rng is nil, want a source of randomness":                                                                         func() { Sampler{}.Choose(nil, z) },
		"lesson: Sampler.Probabilities: logit 1 is NaN, want a number":                                                                            func() { Sampler{}.Probabilities([]float64{1, math.NaN()}) },
		"lesson: Sampler.Probabilities: all logits are -Inf, want one that is not":                                                                func() { Sampler{}.Probabilities([]float64{math.Inf(-1)}) },
	} {
		wantPanic(t, want, call)
	}
}

// Four tokens with the probabilities 0.1, 0.4, 0.2 and 0.3.
func ExampleSampler() {
	logits := []float64{math.Log(0.1), math.Log(0.4), math.Log(0.2), math.Log(0.3)}
	for _, how := range []Sampler{
		{}, {Temperature: 1}, {Temperature: 0.5}, {Temperature: 1, TopK: 2}, {Temperature: 1, TopP: 0.8},
	} {
		fmt.Printf("%.2f\n", how.Probabilities(logits))
	}
	fmt.Println(Sampler{Temperature: 0.5}.Choose(rand.New(rand.NewPCG(1, 0)), logits))
	// Output:
	// [0.00 1.00 0.00 0.00]
	// [0.10 0.40 0.20 0.30]
	// [0.03 0.53 0.13 0.30]
	// [0.00 0.57 0.00 0.43]
	// [0.00 0.44 0.22 0.33]
	// 1
}

// FuzzSampler: probabilities are not negative and add up to 1, whatever is asked.
func FuzzSampler(f *testing.F) {
	f.Add(1.0, 2.0, -3.0, 0.7, uint8(2), 0.9)
	f.Add(0.0, math.Copysign(0, -1), 1e308, 5e-324, uint8(0), 5e-324)
	f.Fuzz(func(t *testing.T, a, b, c, temperature float64, k uint8, p float64) {
		how := Sampler{math.Abs(temperature), int(k), math.Abs(math.Mod(p, 1))}
		if how.Temperature == 0 {
			how = Sampler{}
		}
		for _, v := range []float64{a, b, c, temperature, p} {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return
			}
		}
		sum, left := 0.0, 0
		for _, v := range how.Probabilities([]float64{a, b, c}) {
			if !(v >= 0) {
				t.Fatalf("%+v gives %v", how, v)
			}
			if sum += v; v > 0 {
				left++
			}
		}
		if math.Abs(sum-1) > 1e-12 || how.TopK > 0 && left > how.TopK {
			t.Errorf("%+v: sum %v, %d tokens", how, sum, left)
		}
	})
}
