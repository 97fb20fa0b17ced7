package lesson

import (
	"math"
	"strings"
)

// A BLEUScore is what [BLEU] computes.
type BLEUScore struct {
	Score      float64   // BP · the geometric mean of Precisions, 0 to 1
	Precisions []float64 // p_n for n from 1 to 4
	Matches    []int     // n-grams of the candidates that a reference has
	Totals     []int     // n-grams of the candidates
	BP         float64   // brevity penalty
}

// BLEU compares candidates with one reference each, word for word, over the
// whole collection (Papineni, Roukos, Ward & Zhu, 2002):
//
//	p_n  = n-grams of the candidates that stand in the reference, each at most
//	       as often as there, / n-grams of the candidates
//	BP   = 1 where the candidates have more words than the references, c > r,
//	       else exp(1 − r/c)
//	BLEU = BP · exp( ¼ Σ_{n=1…4} log p_n )
//
// Nothing is smoothed: where some p_n is 0, so is the score, and p_n is 0 where
// the candidates have no n-grams. It panics unless there is a reference for each
// candidate, at least one, and at least one word in the references.
func BLEU(candidates, references [][]string) BLEUScore {
	const fn, longest = "BLEU", 4
	if len(candidates) == 0 || len(candidates) != len(references) {
		failf(fn, "%d candidates and %d references, want one each and at least 1", len(candidates), len(references))
	}
	s := BLEUScore{Precisions: make([]float64, longest), Matches: make([]int, longest), Totals: make([]int, longest)}
	c, r := 0, 0
	for i, candidate := range candidates {
		c, r = c+len(candidate), r+len(references[i])
		for n := 1; n <= longest; n++ {
			there := nGrams(references[i], n)
			for gram, count := range nGrams(candidate, n) {
				s.Matches[n-1] += min(count, there[gram])
				s.Totals[n-1] += count
			}
		}
	}
	if r == 0 {
		failf(fn, "no words in the references, want at least 1")
	}
	sum := 0.0
	for n, total := range s.Totals {
		s.Precisions[n] = float64(s.Matches[n]) / float64(max(total, 1))
		sum += math.Log(s.Precisions[n])
	}
	if s.BP = 1; c <= r {
		s.BP = math.Exp(1 - float64(r)/float64(c)) // exp(−Inf) is 0 where c is
	}
	s.Score = s.BP * math.Exp(sum/longest)
	return s
}

// nGrams counts the n-grams of a sentence.
func nGrams(words []string, n int) map[string]int {
	counts := map[string]int{}
	for i := 0; i+n <= len(words); i++ {
		counts[strings.Join(words[i:i+n], "\x00")]++
	}
	return counts
}
