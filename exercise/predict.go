package exercise

import (
	"fmt"
	"math"
	"slices"
)

const askFirst = "Your guess first: put it in and run the cell.\nThen you see what comes out."

// Predict asks for a guess before the truth is computed: while guess is the
// zero value it says only that a guess is wanted. With a guess it runs truth,
// prints both, and reports whether they agree; a number agrees when it is
// within a tenth of the truth, a word or a shape when it is the same. A
// [Question] has hints for wrong guesses too, and is listed by [ShowProgress].
func Predict[T any](name string, guess T, truth func() T) Verdict {
	v := Verdict{Name: name, Empty: empty(guess)}
	if v.Empty {
		v.Text = askFirst
		return tell(v)
	}
	is := truth()
	v.Right = agree(guess, is, 0.1)
	if v.Right {
		v.Text = fmt.Sprintf("You said %s, and it is %s. Well predicted.", format(guess), format(is))
	} else {
		v.Text = fmt.Sprintf("You said %s; it is %s. Read on for why.", format(guess), format(is))
	}
	return tell(v)
}

// agree reports whether words are equal and numbers within a share of the truth.
func agree(guess, truth any, tolerance float64) bool {
	a, b := flatten(guess), flatten(truth)
	if a.shape != b.shape || !slices.Equal(a.words, b.words) {
		return false
	}
	for i, y := range b.numbers {
		if !(math.Abs(a.numbers[i]-y) <= tolerance*math.Abs(y)) {
			return false
		}
	}
	return true
}
