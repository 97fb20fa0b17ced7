package lesson

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"unroll/internal/simd"
)

// A Sampler chooses the next token from logits. The zero Sampler takes the
// largest, the first of equal ones ("greedy"), and TopK and TopP need a Temperature.
type Sampler struct {
	Temperature float64 // T: logits are divided by it (Ackley, Hinton & Sejnowski, 1985); 1 keeps the probabilities, 0 takes the largest
	TopK        int     // only so many tokens, the most probable (Fan, Lewis & Dauphin, 2018); 0: all
	TopP        float64 // only the fewest tokens whose probabilities reach it, the nucleus (Holtzman et al., 2020); 0: all
}

func (s Sampler) check(fn string) {
	switch {
	case !(s.Temperature >= 0) || math.IsInf(s.Temperature, 1):
		failf(fn, "Temperature is %v, want a finite number, 0 or more", s.Temperature)
	case s.TopK < 0:
		failf(fn, "TopK is %d, want 0 or more", s.TopK)
	case !(s.TopP >= 0 && s.TopP <= 1):
		failf(fn, "TopP is %v, want 0 to 1", s.TopP)
	case s.Temperature == 0 && s.TopK > 0:
		failf(fn, "TopK is %d with Temperature 0, which takes the largest: want a Temperature, 1 to keep the probabilities", s.TopK)
	case s.Temperature == 0 && s.TopP > 0:
		failf(fn, "TopP is %v with Temperature 0, which takes the largest: want a Temperature, 1 to keep the probabilities", s.TopP)
	}
}

// Probabilities returns the probabilities from which [Sampler.Choose] draws: those
// of softmax(logits / Temperature), where the tokens outside TopK, and then outside
// TopP, have none and the others grow by the same factor to the sum 1. Of equal
// logits the first counts as more probable. It panics when a field is out of
// range, when there are no logits, and when one is a NaN or all are −Inf.
func (s Sampler) Probabilities(logits []float64) []float64 {
	return s.probabilities("Sampler.Probabilities", logits)
}

func (s Sampler) probabilities(fn string, logits []float64) []float64 {
	s.check(fn)
	if len(logits) == 0 {
		failf(fn, "no logits, want at least 1")
	}
	for i, z := range logits {
		if math.IsNaN(z) || math.IsInf(z, 1) {
			failf(fn, "logit %d is %v, want a number", i, z)
		}
	}
	order := make([]int, len(logits)) // the most probable first
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(logits[j], logits[i]) })
	top := logits[order[0]]
	if math.IsInf(top, -1) {
		failf(fn, "all logits are -Inf, want one that is not")
	}
	p := make([]float64, len(logits))
	if s.Temperature == 0 {
		p[order[0]] = 1
		return p
	}
	if s.TopK > 0 {
		order = order[:min(s.TopK, len(order))]
	}
	sum := 0.0
	for _, i := range order {
		p[i] = simd.Exp((logits[i] - top) / s.Temperature)
		sum += p[i]
	}
	if s.TopP > 0 {
		reached := 0.0
		for k, i := range order {
			if reached >= float64(s.TopP*sum) {
				for _, out := range order[k:] {
					p[out] = 0
				}
				break
			}
			reached += p[i]
		}
		sum = reached
	}
	for i := range p {
		p[i] /= sum
	}
	return p
}

// Choose draws the index of a token from [Sampler.Probabilities], with one number
// from rng. It panics as that does, and when rng is nil.
func (s Sampler) Choose(rng *rand.Rand, logits []float64) int {
	return s.choose("Sampler.Choose", rng, logits)
}

func (s Sampler) choose(fn string, rng *rand.Rand, logits []float64) int {
	checkRand(fn, rng)
	p := s.probabilities(fn, logits)
	u, last := rng.Float64(), 0
	for i, v := range p {
		if v == 0 {
			continue
		}
		if last = i; u < v {
			break
		}
		u -= v
	}
	return last
}
