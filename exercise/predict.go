package exercise

import (
	"fmt"
	"math"
	"reflect"
	"slices"
)

// Predict asks for a guess before the truth is computed: while guess is the
// zero value it says only that a guess is wanted. With a guess it runs truth,
// prints both, and reports whether they agree; a number agrees when it is
// within a tenth of the truth, a word or a shape when it is the same.
func Predict[T any](name string, guess T, truth func() T) Verdict {
	v := Verdict{Name: name}
	if r := reflect.ValueOf(guess); !r.IsValid() || r.IsZero() {
		v.Text = "Your guess first: put it in place of the empty one, and run the cell. Then you see what comes out."
		say(v.Text)
		return v
	}
	is := truth()
	v.Right = agree(guess, is)
	if v.Right {
		v.Text = fmt.Sprintf("You said %s, and it is %s. Well predicted.", format(guess), format(is))
	} else {
		v.Text = fmt.Sprintf("You said %s; it is %s. Read on for why.", format(guess), format(is))
	}
	return tell(v)
}

// agree reports whether words are equal and numbers within a tenth.
func agree(guess, truth any) bool {
	a, b := flatten(guess), flatten(truth)
	if a.shape != b.shape || !slices.Equal(a.words, b.words) {
		return false
	}
	for i, y := range b.numbers {
		if !(math.Abs(a.numbers[i]-y) <= 0.1*math.Abs(y)) {
			return false
		}
	}
	return true
}
