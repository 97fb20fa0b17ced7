package lesson

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// A favourable adjective without "not", or the reverse: read back from the words.
func TestNegationTaskVerdicts(t *testing.T) {
	sentences, verdicts := NegationTask(rand.New(rand.NewPCG(1, 0)), 500)
	if len(sentences) != 500 || len(verdicts) != 500 {
		t.Fatalf("%d sentences, %d verdicts, want 500", len(sentences), len(verdicts))
	}
	for i, s := range sentences {
		not, good := 0, 0
		for _, w := range strings.Fields(s) {
			if w == "not" {
				not = 1
			}
			if slices.Contains(negationGood, w) {
				good = 1
			}
		}
		if verdicts[i] != good^not {
			t.Errorf("%q has verdict %d", s, verdicts[i])
		}
	}
}

// No word alone tells more than chance: among the sentences with a given word
// half are favourable, within four standard deviations.
func TestNegationTaskNeedsTwoWords(t *testing.T) {
	const n = 20000
	sentences, verdicts := NegationTask(rand.New(rand.NewPCG(2, 0)), n)
	seen, favourable := map[string]float64{}, map[string]float64{}
	for i, s := range sentences {
		words := strings.Fields(s)
		slices.Sort(words)
		for _, w := range slices.Compact(words) {
			seen[w]++
			favourable[w] += float64(verdicts[i])
		}
	}
	if len(seen) < 25 {
		t.Errorf("%d different words, want all", len(seen))
	}
	for w, k := range seen {
		if d := math.Abs(favourable[w]/k - 0.5); d > 4*0.5/math.Sqrt(k) {
			t.Errorf("%q: %.3f of %.0f favourable, want half", w, favourable[w]/k, k)
		}
	}
}

func TestNegationTaskIsDeterministic(t *testing.T) {
	a, _ := NegationTask(rand.New(rand.NewPCG(3, 0)), 20)
	b, _ := NegationTask(rand.New(rand.NewPCG(3, 0)), 20)
	if !slices.Equal(a, b) {
		t.Errorf("same seed, different sentences:\n%q\n%q", a, b)
	}
}
