package lesson

import (
	"fmt"
	"math"
	"testing"
)

// What the formulas give by hand on "abracadabra": a 0, b 1, c 2, d 3, r 4.
func TestNGramByHand(t *testing.T) {
	text := []int{0, 1, 4, 0, 2, 0, 3, 0, 1, 4, 0}
	probability := func(n int, s Smoothing, amount float64, w int, context ...int) float64 {
		return NewNGram(text, 5, n, s, amount).Probabilities(context)[w]
	}
	unigram := func(count float64) float64 { return (count + 5./5) / (11 + 5) } // Witten–Bell: 5 kinds
	for _, c := range []struct {
		what      string
		got, want float64
	}{
		{"additive, b", probability(1, Additive, 0.5, 1), 2.5 / 13.5},
		{"additive, b behind a", probability(2, Additive, 1, 1, 3, 0), 3. / 9}, // a is followed by b, c, d, b: 4
		{"additive, behind what was never seen", probability(3, Additive, 1, 1, 2, 2), 1. / 5},
		{"Witten–Bell, b", probability(1, WittenBell, 0, 1), unigram(2)},
		{"Witten–Bell, b behind a", probability(2, WittenBell, 0, 1, 0), (2 + 3*unigram(2)) / (4 + 3)},
		{"Witten–Bell, a behind cc", probability(3, WittenBell, 0, 0, 2, 2), (1 + 1*unigram(5)) / (1 + 1)},
		// Pairs: ab br ra ac ca ad da. Different tokens before a: r, c, d; before b, c, d, r: one each.
		{"Kneser–Ney, b", probability(1, KneserNey, 0.5, 1), (1.5 + 0.5*5./5) / 11},
		{"Kneser–Ney, a behind b", probability(2, KneserNey, 0.5, 0, 1), 0.5 * 1 * (2.5 + 0.5*5./5) / 7 / 2},
		{"Kneser–Ney, r behind b", probability(2, KneserNey, 0.5, 4, 1), (1.5 + 0.5*(0.5+0.5)/7) / 2},
	} {
		if math.Abs(c.got-c.want) > 1e-15 {
			t.Errorf("%s: %v, want %v", c.what, c.got, c.want)
		}
	}
	g := NewNGram(text, 5, 2, Additive, 1)
	near(t, "bits", g.Bits([]int{3, 0, 1}), []float64{-math.Log2(2. / 6), -math.Log2(3. / 9)}, 1e-14)
}

// TestNGramSums: whatever is counted and smoothed, the probabilities add up to 1.
func TestNGramSums(t *testing.T) {
	rng := newRand(1)
	text := make([]int, 300)
	for i := range text {
		text[i] = min(rng.IntN(7), rng.IntN(7))
	}
	for n := 1; n <= 5; n++ {
		for _, c := range []struct {
			s      Smoothing
			amount float64
		}{{Additive, 0.1}, {WittenBell, 0}, {KneserNey, 1e-9}, {KneserNey, 0.75}, {KneserNey, 1}} {
			g := NewNGram(text, 8, n, c.s, c.amount)
			for range 30 {
				context := text[:rng.IntN(40)]
				if rng.IntN(3) == 0 {
					context = []int{7, rng.IntN(8), rng.IntN(8)}
				}
				sum := 0.0
				for _, p := range g.Probabilities(context) {
					sum += p
				}
				if math.Abs(sum-1) > 1e-12 {
					t.Fatalf("%d-gram, %v %v: the sum is %v", n, c.s, c.amount, sum)
				}
			}
		}
	}
	if p := NewNGram(nil, 4, 3, KneserNey, 0.5).Probabilities([]int{1})[2]; p != 0.25 {
		t.Errorf("of no text: %v, want 1/4", p)
	}
}

// Of abracadabra: 5 characters; ab br ra ac ca ad da; abr bra rac aca cad ada dab.
func TestNGramCounts(t *testing.T) {
	text := []int{0, 1, 4, 0, 2, 0, 3, 0, 1, 4, 0}
	for n, want := range map[int]int{1: 5, 2: 12, 3: 19} {
		if got := NewNGram(text, 5, n, WittenBell, 0).Counts(); got != want {
			t.Errorf("%d-gram: %d counts, want %d", n, got, want)
		}
	}
}

// After "a" came b twice, c once and d once: of four, and three different ones.
func ExampleNGram() {
	a := NewAlphabet("abracadabra", 1)
	g := NewNGram(a.Encode("abracadabra"), a.Len(), 2, KneserNey, 0.5)
	p := g.Probabilities(a.Encode("a"))
	for _, c := range "abcd" {
		fmt.Printf("%c %.3f\n", c, p[a.Index(c)])
	}
	fmt.Printf("%.2f bits\n", g.Bits(a.Encode("ab"))[0])
	// Output:
	// a 0.156
	// b 0.424
	// c 0.174
	// d 0.174
	// 1.24 bits
}

func TestNGramMessages(t *testing.T) {
	text := []int{0, 1}
	for want, call := range map[string]func(){
		"lesson: NewNGram: n is 0, want 1 to 64":                                              func() { NewNGram(text, 2, 0, Additive, 1) },
		"lesson: NewNGram: amount is 0, want more than 0":                                     func() { NewNGram(text, 2, 1, Additive, 0) },
		"lesson: NewNGram: amount is 0.5, want 0: Witten–Bell has none":                       func() { NewNGram(text, 2, 1, WittenBell, 0.5) },
		"lesson: NewNGram: amount is 1.5, want more than 0 and at most 1":                     func() { NewNGram(text, 2, 1, KneserNey, 1.5) },
		"lesson: NewNGram: amount is 0, want more than 0 and at most 1":                       func() { NewNGram(text, 2, 1, KneserNey, 0) },
		"lesson: NGram.Counts: the NGram is empty, want one from NewNGram":                    func() { new(NGram).Counts() },
		"lesson: NewNGram: smoothing is Smoothing(3), want Additive, WittenBell or KneserNey": func() { NewNGram(text, 2, 1, 3, 1) },
		"lesson: NewNGram: token 2 in place 1, want 0 to 1":                                   func() { NewNGram([]int{0, 2}, 2, 1, Additive, 1) },
		"lesson: NGram.Bits: token -1 in place 0, want 0 to 1":                                func() { NewNGram(text, 2, 1, Additive, 1).Bits([]int{-1}) },
		"lesson: NGram.Bits: the NGram is empty, want one from NewNGram":                      func() { new(NGram).Bits(nil) },
	} {
		wantPanic(t, want, call)
	}
}
