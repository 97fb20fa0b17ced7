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
	// What was seen: all strings of up to n tokens, numbered as they appear, the empty one 0.
	// before has the number of the string that is a token before a string.
	before map[extension]int32
	seen   []seen
}

type extension struct{ token, of int32 }

// Of a string hw: c(hw); as a context, of all that stood behind it: c(hw·) and t(hw).
type seen struct{ count, total, kinds int32 }

// NewNGram counts a text of tokens 0 to tokens−1. n is 1 for single tokens, 2 for
// pairs and so on. amount is a of Additive, above 0, or d of KneserNey, above 0
// and at most 1; WittenBell has none, want 0. It panics when a number is out of range.
func NewNGram(text []int, tokens, n int, smoothing Smoothing, amount float64) *NGram {
	const fn = "NewNGram"
	checkCount(fn, "tokens", tokens, 1)
	if tokens > math.MaxInt32 {
		failf(fn, "tokens is %d, want at most %d", tokens, math.MaxInt32)
	}
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
	g.before = map[extension]int32{}
	g.seen = make([]seen, 1)
	prefix := []int32{0}     // of each string: the number of what is left without its last token
	extensions := []int32{0} // and how many strings are a token before it
	// The numbers of the strings that end here, and of those that ended one token before, by length.
	here, last := make([]int32, 1, n+1), make([]int32, 1, n+1)
	for t, w := range text {
		if w < 0 || w >= tokens {
			failf(fn, "token %d in place %d, want 0 to %d", w, t, tokens-1)
		}
		here, last = last[:1], here
		for length := 1; length <= min(n, t+1); length++ {
			key := extension{token: int32(text[t+1-length]), of: here[length-1]}
			s, known := g.before[key]
			if !known {
				s = int32(len(g.seen))
				g.before[key] = s
				g.seen = append(g.seen, seen{})
				prefix = append(prefix, last[length-1])
				extensions = append(extensions, 0)
				extensions[key.of]++
				g.seen[last[length-1]].kinds++
			}
			g.seen[s].count++
			g.seen[last[length-1]].total++
			here = append(here, s)
		}
	}
	if smoothing == KneserNey {
		g.countContinuations(prefix, extensions)
	}
	return g
}

// maxN is the largest n of an NGram: the counts take memory for each context.
const maxN = 64

// countContinuations replaces the counts behind all contexts but the longest by the
// number of tokens before them; where a context stood only at the beginning of the
// text there is none, and the counts stay.
func (g *NGram) countContinuations(prefix, extensions []int32) {
	totals := make([]int32, len(g.seen))
	for s := 1; s < len(g.seen); s++ {
		totals[prefix[s]] += extensions[s]
	}
	for s := 1; s < len(g.seen); s++ {
		h := &g.seen[prefix[s]]
		if totals[prefix[s]] == 0 {
			continue
		}
		h.total = totals[prefix[s]]
		g.seen[s].count = extensions[s]
		if extensions[s] == 0 {
			h.kinds--
		}
	}
}

// Counts returns how many counts it keeps: one for each token behind each context.
func (g *NGram) Counts() (n int) {
	g.check("NGram.Counts")
	for _, s := range g.seen {
		n += int(s.kinds)
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
	p := 1 / float64(g.tokens)
	h := int32(0) // a context
	hw, stood := g.before[extension{token: int32(w)}]
	for back := 1; ; back++ {
		c, total, kinds := 0.0, float64(g.seen[h].total), float64(g.seen[h].kinds)
		if stood {
			c = float64(g.seen[hw].count)
		}
		last := back == g.n || back > len(context)
		switch {
		case total == 0: // it ended the text, and nothing stood behind it
		case g.smoothing == Additive && last:
			p = (c + g.amount) / (total + float64(g.amount*float64(g.tokens)))
		case g.smoothing == WittenBell:
			p = (c + float64(kinds*p)) / (total + kinds)
		case g.smoothing == KneserNey:
			p = (max(c-g.amount, 0) + float64(g.amount*kinds*p)) / total
		}
		if last {
			return p
		}
		token, known := int32(context[len(context)-back]), false
		if h, known = g.before[extension{token, h}]; !known {
			return p
		}
		if stood {
			hw, stood = g.before[extension{token, hw}]
		}
	}
}

func (g *NGram) check(fn string) {
	checkNotNil(fn, "the NGram", g)
	if len(g.seen) == 0 {
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
