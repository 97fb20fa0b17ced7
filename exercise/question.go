package exercise

import (
	"fmt"
	"reflect"
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
		v.Text = askFirst
		if q.Hidden {
			v.Text = "Not yet: put your answer in its place\nand run the cell again."
		}
		return v
	}
	truth := q.Truth()
	mustCompare(q.Name, q.Tolerance, truth)
	v.Right = q.agree(answer, truth)
	switch {
	case v.Right && q.Hidden:
		v.Text = fmt.Sprintf("Right: %s.", format(truth))
	case v.Right:
		v.Text = fmt.Sprintf("You said %s, and it is %s. Well predicted.", format(answer), format(truth))
	case q.Hidden:
		v.Text = fmt.Sprintf("Not yet: %s is not it.", format(answer))
	default:
		v.Text = fmt.Sprintf("You said %s; it is %s.", format(answer), format(truth))
	}
	if !v.Right {
		for _, s := range q.WrongAnswers {
			if q.agree(answer, s.Answer) {
				v.Hint = s.Hint
				v.Text += "\nHint: " + s.Hint
				break
			}
		}
	}
	if q.Why != "" && (v.Right || !q.Hidden) {
		v.Text += "\n" + q.Why
	}
	return v
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
