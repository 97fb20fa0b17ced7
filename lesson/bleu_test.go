package lesson

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func TestBLEUIsSacrebleus(t *testing.T) {
	var file struct {
		BLEU []struct {
			Candidates, References []string
			Score, BP              float64
			Precisions             []float64
			Matches, Totals        []int
		}
	}
	readFixture(t, "seq2seq", &file)
	if len(file.BLEU) < 8 {
		t.Fatalf("%d collections, want 8 or more", len(file.BLEU))
	}
	for _, c := range file.BLEU {
		got := BLEU(fieldsOf(c.Candidates), fieldsOf(c.References))
		near(t, "score", []float64{got.Score, got.BP}, []float64{c.Score, c.BP}, 1e-12)
		near(t, "precisions", got.Precisions, c.Precisions, 1e-12)
		if !slices.Equal(got.Matches, c.Matches) || !slices.Equal(got.Totals, c.Totals) {
			t.Errorf("%q: %v of %v, sacrebleu's %v of %v", c.Candidates, got.Matches, got.Totals, c.Matches, c.Totals)
		}
	}
}

func fieldsOf(sentences []string) (words [][]string) {
	for _, s := range sentences {
		words = append(words, strings.Fields(s))
	}
	return words
}

// By hand: 5 of 6 words, 3 of 5 pairs, 1 of 4 triples, no four match; and a
// candidate of 6 words for a reference of 8 is penalised by exp(1 − 8/6).
func TestBLEUByHand(t *testing.T) {
	got := BLEU(fieldsOf([]string{"a b c x d e"}), fieldsOf([]string{"a b c d e f"}))
	if want := []int{5, 3, 1, 0}; !slices.Equal(got.Matches, want) || got.Score != 0 || got.BP != 1 {
		t.Errorf("%+v, want matches %v, score 0 and no penalty", got, want)
	}
	got = BLEU(fieldsOf([]string{"a b c d e f"}), fieldsOf([]string{"a b c d e f g h"}))
	if want := math.Exp(1 - 8.0/6); math.Abs(got.Score-want) > 1e-15 {
		t.Errorf("score %v, want %v", got.Score, want)
	}
	got = BLEU([][]string{{}}, [][]string{{"a"}})
	if got.Score != 0 || got.BP != 0 {
		t.Errorf("nothing written scores %+v, want 0", got)
	}
}
