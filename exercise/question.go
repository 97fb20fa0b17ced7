package exercise

import (
	"reflect"

	"unroll/internal/words"
)

// Question asks for a value, not for a function: what will come out of an
// experiment, which is computed only once there is an answer; or a value to
// choose. T may be what an [Exercise]'s Result may be.
type Question[T any] struct {
	Name         string   // as an Exercise's, such as "rnn-equation/count"
	Truth        func() T // computes what is right
	WrongAnswers []WrongAnswer[T]
	Tolerance    float64 // how far a number may be off, as a share of the truth; if zero, 0.1, and integers must be equal
	Hidden       bool    // a wrong answer is not told the truth: it can be worked out
	Options      int     // the answer is the number of one of so many statements; 0: it is none
	Why          string  // said once the truth is out
}

// WrongAnswer is a wrong answer to a Question that people typically give.
type WrongAnswer[T any] struct {
	Answer T
	Hint   string // what to think about
}

// Check compares the learner's answer with the truth, prints the verdict to
// [Out], and records it in the learner's progress file (see [Progress]). The
// zero value is no answer yet: then the truth is not even computed. It panics when
// Tolerance is negative or no number, and when values of T cannot be compared.
func (q *Question[T]) Check(answer T) Verdict {
	return tell(q.Judge(answer))
}

// Judge is Check without printing and recording.
func (q *Question[T]) Judge(answer T) Verdict {
	mustCompare[T](q.Name, q.Tolerance)
	v := Verdict{Name: q.Name, Empty: empty(answer)}
	if v.Empty {
		v.Text = words.Of(askFirst)
		if q.Hidden {
			v.Text = words.Of("Not yet: put your answer in its place\nand run the cell again.")
		}
		return v
	}
	truth := q.Truth()
	mustCompare(q.Name, q.Tolerance, truth)
	v.Right = q.agree(answer, truth)
	switch {
	case v.Right && q.Hidden:
		v.Text = words.Sprintf("Right: %s.", format(truth))
	case v.Right:
		v.Text = words.Sprintf("You said %s, and it is %s. Well predicted.", format(answer), format(truth))
	case q.Hidden:
		v.Text = q.verdict(answer, truth)
	default:
		v.Text = words.Sprintf("You said %s; it is %s.", format(answer), format(truth))
	}
	if !v.Right {
		for _, s := range q.WrongAnswers {
			if q.agree(answer, s.Answer) {
				v.Hint = words.Of(s.Hint)
				v.Text += "\n" + words.Sprintf("Hint: %s", v.Hint)
				break
			}
		}
	}
	if q.Why != "" && (v.Right || !q.Hidden) {
		v.Text += "\n" + words.Of(q.Why)
	}
	return v
}

// verdict says what is wrong with an answer, of a number in which direction.
func (q *Question[T]) verdict(answer, truth T) string {
	a, isNumber := asFloat(answer)
	b, _ := asFloat(truth)
	switch {
	case q.Options > 0 && (!isNumber || a < 1 || a > float64(q.Options)):
		return words.Sprintf("Not yet: %s is none of the statements, which are numbered 1 to %d.", format(answer), q.Options)
	case q.Options > 0 || !isNumber || a == b:
		return words.Sprintf("Not yet: %s is not it.", format(answer))
	case a < b:
		return words.Sprintf("Not yet: %s is too small.", format(answer))
	case a > b:
		return words.Sprintf("Not yet: %s is too large.", format(answer))
	}
	return words.Sprintf("Not yet: %s is not it.", format(answer)) // NaN
}

// asFloat returns a number of any type as a float64, rounded where it has to be.
func asFloat(x any) (float64, bool) {
	switch r := reflect.ValueOf(x); {
	case !r.IsValid():
	case r.CanInt():
		return float64(r.Int()), true
	case r.CanUint():
		return float64(r.Uint()), true
	case r.CanFloat():
		return r.Float(), true
	}
	return 0, false
}

// agree reports whether answer is as near to value as the question wants it.
func (q *Question[T]) agree(answer, value T) bool {
	_, why := compare(answer, value, margin{tolerance: q.Tolerance, usual: 0.1})
	return why == ""
}

func (q *Question[T]) name() string { return q.Name }

// empty reports whether a guess is the one that a cell comes with.
func empty(guess any) bool {
	r := reflect.ValueOf(guess)
	return !r.IsValid() || r.IsZero() || (r.Kind() == reflect.Slice || r.Kind() == reflect.Map) && r.Len() == 0
}
