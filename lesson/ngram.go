package lesson

import (
	"fmt"
	"math"

	"unroll/internal/simd"
)

// A Smoothing is how an [NGram] shares probability with what it has never seen.
type Smoothing int

const (
	Additive   Smoothing = iota // a constant is added to every count
	WittenBell                  // Witten & Bell (1991): with the next shorter context, by how many tokens followed
	KneserNey                   // Kneser & Ney (1995), interpolated as Chen & Goodman (1999) have it
)

var smoothingNames = []string{"additive", "Witten–Bell", "Kneser–Ney"}

// String returns the name as tables show it.
func (s Smoothing) String() string {
	if s < 0 || int(s) >= len(smoothingNames) {
		return fmt.Sprintf("Smoothing(%d)", int(s))
	}
	return smoothingNames[s]
}

// NGram predicts the next token from the n−1 tokens before it, by counts: a model
// without training and with no memory beyond them. Nothing changes it, so several
// goroutines may use one at once. With c(hw) how often token w
// stood behind the context h, c(h·) the sum over w, and t(h) how many different
// tokens stood there:
//
//	Additive     p(w|h) = ( c(hw) + a ) / ( c(h·) + a·V )
//	WittenBell   p(w|h) = ( c(hw) + t(h) p(w|h′) ) / ( c(h·) + t(h) )
//	KneserNey    p(w|h) = ( max(c(hw) − d, 0) + d t(h) p(w|h′) ) / c(h·)
//
// h′ is h without its first token; behind the empty context stands 1/V, V the
// number of tokens there are. In KneserNey the counts of all contexts but the
// longest are others: not how often w stood behind h, but behind how many different
// tokens hw stood. A context that was never seen gives p(w|h′), and in Additive 1/V.
type NGram struct {
	n, tokens int
	smoothing Smoothing
	amount    float64
	// Contexts are numbered as they appear, the empty one 0. longer has the number of
	// the context that is a token before a context; counts[h] what stood behind h.
	longer []map[int]int
	counts []map[int]float64
	total  []float64
}

// NewNGram counts a text of tokens 0 to tokens−1. n is 1 for single tokens, 2 for
// pairs and so on. amount is a of Additive, above 0, or d of KneserNey, above 0
// and at most 1; WittenBell has none, want 0. It panics when a number is out of range.
func NewNGram(text []int, tokens, n int, smoothing Smoothing, amount float64) *NGram {
	const fn = "NewNGram"
	checkCount(fn, "tokens", tokens, 1)
	if n < 1 || n > maxN {
		failf(fn, "n is %d, want 1 to %d", n, maxN)
	}
	switch {
	case smoothing < 0 || int(smoothing) >= len(smoothingNames):
		failf(fn, "smoothing is %v, want Additive, WittenBell or KneserNey", smoothing)
	case smoothing == Additive && !(amount > 0 && amount <= math.MaxFloat64):
		failf(fn, "amount is %v, want more than 0", amount)
	case smoothing == WittenBell && amount != 0:
		failf(fn, "amount is %v, want 0: Witten–Bell has none", amount)
	case smoothing == KneserNey && !(amount > 0 && amount <= 1):
		failf(fn, "amount is %v, want more than 0 and at most 1", amount)
	}
	g := &NGram{n: n, tokens: tokens, smoothing: smoothing, amount: amount}
	g.context()
	for t, w := range text {
		if w < 0 || w >= tokens {
			failf(fn, "token %d in place %d, want 0 to %d", w, t, tokens-1)
		}
		// From the empty context to the longest.
		for h, back := 0, 1; ; back++ {
			g.counts[h][w]++
			if back == n || back > t {
				break
			}
			next, known := g.longer[h][text[t-back]]
			if !known {
				next = g.context()
				g.longer[h][text[t-back]] = next
			}
			h = next
		}
	}
	if smoothing == KneserNey {
		g.countContinuations(0, 1)
	}
	for _, counts := range g.counts {
		total := 0.0
		for _, c := range counts {
			total += c // whole numbers: in any order the same sum
		}
		g.total = append(g.total, total)
	}
	return g
}

// maxN is the largest n of an NGram: the counts take memory for each context.
const maxN = 64

// context returns the number of a new context.
func (g *NGram) context() int {
	g.longer = append(g.longer, map[int]int{})
	g.counts = append(g.counts, map[int]float64{})
	return len(g.counts) - 1
}

// countContinuations replaces the counts behind h, which has length−1 tokens, by
// the number of longer contexts in which each stood, and so of all below.
func (g *NGram) countContinuations(h, length int) {
	if length == g.n || len(g.longer[h]) == 0 {
		return
	}
	counts := map[int]float64{}
	for _, longer := range g.longer[h] {
		for w := range g.counts[longer] {
			counts[w]++
		}
		g.countContinuations(longer, length+1)
	}
	g.counts[h] = counts
}

// Counts returns how many counts it keeps: one for each token behind each context.
func (g *NGram) Counts() (n int) {
	g.check("NGram.Counts")
	for _, counts := range g.counts {
		n += len(counts)
	}
	return n
}

// Probabilities returns the probability of each token behind a context, of which
// it reads the last n−1. It panics when a token is out of range.
func (g *NGram) Probabilities(context []int) []float64 {
	const fn = "NGram.Probabilities"
	g.check(fn)
	g.checkTokens(fn, context)
	p := make([]float64, g.tokens)
	for w := range p {
		p[w] = g.probability(context, w)
	}
	return p
}

// Bits returns −log₂ of the probability of each token of a text but the first,
// behind those before it, as [LanguageModel.Bits] does. It panics when a token is
// out of range.
func (g *NGram) Bits(text []int) []float64 {
	const fn = "NGram.Bits"
	g.check(fn)
	g.checkTokens(fn, text)
	bits := make([]float64, 0, len(text))
	for t := 1; t < len(text); t++ {
		bits = append(bits, -simd.Log(g.probability(text[:t], text[t]))/math.Ln2)
	}
	return bits
}

func (g *NGram) probability(context []int, w int) float64 {
	p, h := 1/float64(g.tokens), 0
	for back := 1; ; back++ {
		c, total, kinds := g.counts[h][w], g.total[h], float64(len(g.counts[h]))
		switch {
		case total == 0:
		case g.smoothing == Additive:
			p = 1 / float64(g.tokens)
			if back == g.n || back > len(context) {
				p = (c + g.amount) / (total + float64(g.amount*float64(g.tokens)))
			}
		case g.smoothing == WittenBell:
			p = (c + float64(kinds*p)) / (total + kinds)
		case g.smoothing == KneserNey:
			p = (max(c-g.amount, 0) + float64(g.amount*kinds*p)) / total
		}
		if back == g.n || back > len(context) {
			return p
		}
		longer, known := g.longer[h][context[len(context)-back]]
		if !known {
			if g.smoothing == Additive {
				return 1 / float64(g.tokens)
			}
			return p
		}
		h = longer
	}
}

func (g *NGram) check(fn string) {
	checkNotNil(fn, "the NGram", g)
	if len(g.counts) == 0 {
		failf(fn, "the NGram is empty, want one from NewNGram")
	}
}

func (g *NGram) checkTokens(fn string, tokens []int) {
	for i, k := range tokens {
		if k < 0 || k >= g.tokens {
			failf(fn, "token %d in place %d, want 0 to %d", k, i, g.tokens-1)
		}
	}
}
