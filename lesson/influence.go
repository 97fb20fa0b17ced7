package lesson

import "math"

// Influence returns, for each place of a sentence, how far the sentence's
// representation changes when another word takes that place: the mean of
// ‖s(x) − s(x′)‖ over the given words, where x′ is x with the word in that
// place. The word that the sentence has there is left out of the mean.
//
// represent takes a batch of sentences, all as long as this one, to their
// representations, (batch, size). Influence panics when there is no sentence,
// when represent is nil, when words has no other word than the one in a place, and
// when represent does not return a row for each sentence.
func Influence(represent func(Indices) *Tensor, sentence []int, words []int) []float64 {
	if represent == nil {
		failf("Influence", "represent is nil, want a function")
	}
	if len(sentence) == 0 {
		failf("Influence", "an empty sentence, want at least 1 word")
	}
	influence := make([]float64, len(sentence))
	for t, there := range sentence {
		batch := Indices{sentence}
		for _, w := range words {
			if w == there {
				continue
			}
			swapped := append([]int(nil), sentence...)
			swapped[t] = w
			batch = append(batch, swapped)
		}
		if len(batch) == 1 {
			failf("Influence", "no word other than %d to put in place %d", there, t)
		}
		representations := represent(batch)
		rows := len(batch)
		if s := representations.axes(); len(s) != 2 || s[0] != rows {
			failf("Influence", "represent returned %s for %d sentences, want a row each", shapeOf(representations), rows)
		}
		states := representations.Matrix()
		for i := 1; i < rows; i++ {
			sum := 0.0
			for j, v := range states.RawRowView(0) {
				d := states.At(i, j) - v
				sum += float64(d * d)
			}
			influence[t] += math.Sqrt(sum) / float64(rows-1)
		}
	}
	return influence
}
