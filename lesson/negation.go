package lesson

import (
	"math/rand/v2"
	"strings"
)

// The words of [NegationTask].
var (
	negationOpenings = []string{"the film was", "the plot is", "this story was", "that scene is"}
	negationAdverbs  = []string{"really", "very", "quite", "so"}
	negationGood     = []string{"good", "clever", "moving", "fun"}
	negationBad      = []string{"bad", "dull", "weak", "slow"}
	negationClosings = []string{".", "i think .", "if you ask me .", "to be fair ."}
)

// NegationTask returns n short reviews with their verdicts, 1 for favourable
// and 0 for not, such as "the film was not really so good i think ." with 0.
// The sentences are made: an opening, "not" in every second one, up to three
// adverbs, an adjective, a closing, all drawn independently. "not" reverses the
// verdict of the adjective, so that neither of the two alone predicts it, and a
// network that reads left to right has to remember the first until the second. It
// panics when n is below 1 and when rng is nil.
func NegationTask(rng *rand.Rand, n int) (sentences []string, verdicts []int) {
	checkSample("NegationTask", rng, n)
	pick := func(from []string) string { return from[rng.IntN(len(from))] }
	for range n {
		words := []string{pick(negationOpenings)}
		not, good := rng.IntN(2), rng.IntN(2)
		if not == 1 {
			words = append(words, "not")
		}
		for range rng.IntN(4) {
			words = append(words, pick(negationAdverbs))
		}
		if good == 1 {
			words = append(words, pick(negationGood))
		} else {
			words = append(words, pick(negationBad))
		}
		words = append(words, pick(negationClosings))
		sentences = append(sentences, strings.Join(words, " "))
		verdicts = append(verdicts, good^not)
	}
	return sentences, verdicts
}
