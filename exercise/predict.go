package exercise

import "unroll/internal/words"

const askFirst = "Your guess first: put it in and run the cell.\nThen you see what comes out."

// Predict asks for a guess before the truth is computed: while guess is the
// zero value it says only that a guess is wanted. With a guess it runs truth,
// prints both, and reports whether they agree; a number agrees when it is
// within a tenth of the truth, an integer, a word or a shape when it is the same.
// It panics when values of T cannot be compared. A [Question] has hints for wrong
// guesses too, and is listed by [ShowProgress].
func Predict[T any](name string, guess T, truth func() T) Verdict {
	mustCompare[T](name, 0)
	v := Verdict{Name: name, Empty: empty(guess)}
	if v.Empty {
		v.Text = words.Of(askFirst)
		return tell(v)
	}
	is := truth()
	mustCompare(name, 0, is)
	v.Right = (&Question[T]{}).agree(guess, is)
	if v.Right {
		v.Text = words.Sprintf("You said %s, and it is %s. Well predicted.", format(guess), format(is))
	} else {
		v.Text = words.Sprintf("You said %s; it is %s. Read on for why.", format(guess), format(is))
	}
	return tell(v)
}
