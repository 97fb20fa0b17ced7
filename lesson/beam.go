package lesson

import (
	"cmp"
	"math"
	"slices"

	"unroll/internal/simd"
)

// A Hypothesis is a target that a search wrote.
type Hypothesis struct {
	Tokens  []int   // without EOS
	Ended   bool    // whether EOS was written behind them
	LogProb float64 // Σ log p of the tokens, and of EOS where Ended, in nats
	Score   float64 // LogProb / (number of its terms)^Alpha, which the search ranks by
}

// BeamSearch says how [Seq2Seq.Beam] searches.
type BeamSearch struct {
	Width int     // hypotheses that the beam holds at first: one less for each that is finished
	Steps int     // after so many the search is over
	Alpha float64 // exponent of the length in Score: 0 ranks by the sum of log p, 1 by its mean
}

// Beam searches for a target of the largest probability. At each step every
// hypothesis is continued with every token, and of all these only Width stay,
// those with the largest LogProb. One that ends in EOS is finished: it leaves the
// beam, which is then narrower by one. The search is over when the beam is empty, or
// after Steps, where what is in it stays unended (Sutskever, Vinyals & Le, 2014). The
// best Score comes first. Width 1 is [Seq2Seq.Translate].
//
// A sum of log p falls with each token, so among hypotheses of different length
// it prefers short ones. Alpha 1 ranks by the mean of a token instead, Alpha 0 by
// the sum. It changes the order of what was found, not the search.
//
// It runs under NoGrad: Backward after it panics. It panics as Translate does, when
// Width or Steps is below 1, and when Alpha is below 0, infinite or NaN.
func (s *Seq2Seq) Beam(source []int, how BeamSearch) []Hypothesis {
	const fn = "Seq2Seq.Beam"
	s.check(fn)
	checkCount(fn, "Width", how.Width, 1)
	checkCount(fn, "Steps", how.Steps, 1)
	if !(how.Alpha >= 0) || math.IsInf(how.Alpha, 1) {
		failf(fn, "Alpha is %v, want a number of 0 or more", how.Alpha)
	}
	defer s.noGrad()()
	state, logits := new(State), new(Tensor)
	s.encode(fn, state, [][]int{source})
	memory := s.work.memory.Clone()
	beam, token, ones := []Hypothesis{{}}, Indices{{s.BOS}}, []int{1}
	var found []Hypothesis
	var e []float64
	for range how.Steps {
		s.decode(fn, logits, token, ones, state)
		type next struct {
			from, token int
			logProb     float64
		}
		var all []next
		for i, h := range beam {
			z := logits.Slice(i).data
			largestLogit(fn, z) // panics where there is none
			e = resizeSlice(e, len(z))
			top, sum := simd.ExpSum(e, z)
			log := simd.Log(sum)
			for k, v := range z {
				all = append(all, next{i, k, h.LogProb + (v - top - log)})
			}
		}
		// Stable: of equal ones the first token stays first, as in Translate.
		slices.SortStableFunc(all, func(a, b next) int { return cmp.Compare(b.logProb, a.logProb) })
		room := how.Width - len(found)
		before := beam
		beam, token = nil, nil
		var parents []int
		for _, n := range all[:min(room, len(all))] {
			h := Hypothesis{Tokens: slices.Clone(before[n.from].Tokens), LogProb: n.logProb}
			if n.token == s.EOS {
				h.Ended = true
				found = append(found, h)
				continue
			}
			h.Tokens = append(h.Tokens, n.token)
			beam, token, parents = append(beam, h), append(token, []int{n.token}), append(parents, n.from)
		}
		if len(beam) == 0 {
			break
		}
		state = &State{H: pickRows(state.H, parents), C: pickRows(state.C, parents)}
		ones, s.work.lengths = make([]int, len(beam)), make([]int, len(beam))
		for i := range beam {
			ones[i], s.work.lengths[i] = 1, len(source)
		}
		s.work.memory = *NewTensor(len(beam), len(source), memory.shape[2])
		for i := range beam {
			copy(s.work.memory.Slice(i).data, memory.data)
		}
	}
	found = append(found, beam...)
	for i, h := range found {
		terms := len(h.Tokens)
		if h.Ended {
			terms++
		}
		found[i].Score = h.LogProb / math.Pow(float64(terms), how.Alpha)
	}
	slices.SortStableFunc(found, func(a, b Hypothesis) int { return cmp.Compare(b.Score, a.Score) })
	return found
}

// pickRows returns sequences of a state, (1, batch, H).
func pickRows(state *Tensor, rows []int) *Tensor {
	h := state.shape[2]
	out := NewTensor(1, len(rows), h)
	for i, r := range rows {
		copy(out.data[i*h:][:h], state.data[r*h:])
	}
	return out
}
