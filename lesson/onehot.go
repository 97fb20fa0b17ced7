package lesson

import (
	"slices"

	"golang.org/x/text/unicode/norm"
)

// OneHot returns words as vectors that are 1 in the place of the word among
// known and 0 elsewhere, (steps, len(known)): the input of a network whose
// weights are set by hand. A word that is not known is all zeros. It panics
// when there are no words or none is known.
func OneHot(words []string, known ...string) *Tensor {
	if len(words) == 0 || len(known) == 0 {
		failf("OneHot", "%d words and %d known ones, want at least 1 of each", len(words), len(known))
	}
	x := NewTensor(len(words), len(known))
	for t, w := range words {
		same := func(k string) bool { return norm.NFC.String(k) == norm.NFC.String(w) }
		if i := slices.IndexFunc(known, same); i >= 0 {
			x.Set(1, t, i)
		}
	}
	return x
}
