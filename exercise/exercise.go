// Package exercise checks a learner's answers in a notebook cell and says at
// once what came out: right; or what was wanted instead, the largest
// difference, and a hint for the mistake that was probably made.
//
// An [Exercise] is a solution, the inputs to try it on, and the wrong answers
// that people typically give, each with its hint. A wrong answer is recognised
// by what it computes: if the learner's function agrees with a [Mistake] on
// every input, the learner is told that mistake's hint. So a teacher's own
// exercise is a few lines:
//
//	var Double = exercise.Exercise[float64, float64]{
//		Name:     "double",
//		Inputs:   []float64{1, 2, 3},
//		Solution: func(x float64) float64 { return 2 * x },
//		Mistakes: []exercise.Mistake[float64, float64]{
//			{Answer: func(x float64) float64 { return x * x }, Hint: "That is the square; twice x is x + x."},
//		},
//	}
//
// and in a cell below the learner's own function:
//
//	Double.Check(myDouble)
//
// Where the answer is a value there is [Question], which computes the truth only
// when it has the learner's prediction, and [Predict], a plain function for a
// question that is not listed as an exercise.
//
// The exercises of a lesson are in the file named for it, gradientdecay.go for
// gradient-decay, which registers them for [ShowProgress] and for the test that
// tries each solution, untouched stub and mistake.
package exercise

import (
	"fmt"
	"io"
	"math"
	"os"
	"strings"

	"unroll/internal/words"
)

// Out is where verdicts are written; nil means standard output, which is the
// cell's output.
var Out io.Writer

func say(text string) {
	out := Out
	if out == nil {
		out = os.Stdout
	}
	for line := range strings.Lines(text) {
		fmt.Fprintln(out, wrap(strings.TrimSuffix(line, "\n")))
	}
}

// wrap breaks a line where it would be wider than a page shows.
func wrap(line string) string {
	const width = 72
	var b strings.Builder
	indent := line[:len(line)-len(strings.TrimLeft(line, " "))]
	column := 0
	for i, word := range strings.Split(line, " ") {
		n := words.Columns(word)
		switch {
		case i == 0:
		case column+1+n > width:
			b.WriteString("\n" + indent)
			column = len(indent)
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += n
	}
	return b.String()
}

// Exercise is a question with a solution that can be run. An answer is a
// function from In to Result. Results may be of every type of Go, tensors and
// gonum's matrices included, but for channels, functions and unsafe pointers in
// them and pointers in a map's keys: with those, Check and Judge panic. Words are
// the same in upper and lower case, a nil slice or map is equal to an empty one,
// an unexported field counts as any other, and an infinity or NaN is equal to
// itself alone.
//
// An answer gets a copy of the input, with all that an answer could change.
type Exercise[In, Result any] struct {
	Name     string          // unique; in the course the lesson's and its own, such as "rnn-equation/last-state"
	Inputs   []In            // what the answers are tried on, at least one
	Solution func(In) Result // what is right
	Mistakes []Mistake[In, Result]
	// Tolerance is the largest difference that counts as equal, as a share of a
	// wanted number beyond 1 or −1. If it is zero, integers must be equal, and
	// other numbers within 1e-9.
	Tolerance float64
	Show      func(in In) string // how an input reads in a message, fmt's %v if nil
}

// Mistake is a wrong answer that people typically give.
type Mistake[In, Result any] struct {
	Answer func(In) Result
	Hint   string // what to think about, not the solution
}

// Verdict is what the check of an answer found.
type Verdict struct {
	Name  string
	Right bool
	Empty bool   // there is no answer yet: the cell is as the learner found it
	Text  string // what the learner is told, of one line or a few
	Hint  string // the hint that the text ends with, if any
}

// Check tries the learner's answer on every input, prints the verdict to
// [Out], and records it in the learner's progress file (see [Progress]). It
// panics when there are no Inputs, when Tolerance is negative or no number, and
// when Results cannot be compared.
func (e *Exercise[In, Result]) Check(answer func(In) Result) Verdict {
	return tell(e.Judge(answer))
}

// tell prints a verdict, and records it unless there was no answer.
func tell(v Verdict) Verdict {
	say(v.Text)
	if v.Empty {
		return v
	}
	if err := record(v); err != nil {
		say(words.Sprintf("(Your progress could not be saved: %v)", err))
	}
	return v
}

func (e *Exercise[In, Result]) name() string { return e.Name }

// rounding is a difference that is not told: sums in another order have it, and
// which order gonum takes depends on the machine.
const rounding = 1e-12

// Judge is Check without printing and recording.
func (e *Exercise[In, Result]) Judge(answer func(In) Result) Verdict {
	if len(e.Inputs) == 0 {
		panic(fmt.Sprintf("exercise: %q has no Inputs, want at least one", e.Name))
	}
	wanted := make([]Result, len(e.Inputs))
	for i, in := range e.Inputs {
		wanted[i] = e.Solution(fresh(in))
	}
	mustCompare(e.Name, e.Tolerance, wanted...)
	v := Verdict{Name: e.Name}
	if answer == nil {
		v.Empty = true
		v.Text = words.Of("Not yet: there is no answer to check.\nWrite the function and run the cell again.")
		return v
	}
	worst := 0.0
	for i, in := range e.Inputs {
		want := wanted[i]
		got, crash := try(answer, in)
		if crash == "" {
			if d, why := e.difference(got, want); why == "" {
				worst = math.Max(worst, d)
				continue
			}
		}
		v.Hint = e.hint(answer)
		v.Empty = v.Hint == "" && e.untouched(answer)
		v.Text = e.explain(in, got, want, crash, v)
		return v
	}
	v.Right = true
	switch n := len(e.Inputs); {
	case n == 1 && worst > rounding:
		v.Text = words.Sprintf("Right. Tried on one input; the largest difference is %.1e.", worst)
	case n == 1:
		v.Text = words.Of("Right. Tried on one input.")
	case worst > rounding:
		v.Text = words.Sprintf("Right. Tried on %d inputs; the largest difference is %.1e.", n, worst)
	default:
		v.Text = words.Sprintf("Right. Tried on %d inputs.", n)
	}
	return v
}

// explain says what is wrong with the answer to in.
func (e *Exercise[In, Result]) explain(in In, got, want Result, crash string, v Verdict) string {
	if v.Empty {
		return words.Of("Not yet: nothing is computed so far.\nWrite your answer and run the cell again.")
	}
	show := e.Show
	if show == nil {
		show = func(in In) string { return format(in) }
	}
	var text string
	if crash != "" {
		text = words.Sprintf("Not yet. On %s your code stops with: %s", show(in), crash)
	} else {
		_, why := e.difference(got, want)
		text = words.Sprintf("Not yet. On %s\n  your answer is %s\n  wanted         %s\n  %s", show(in), format(got), format(want), why)
	}
	if v.Hint != "" {
		text += "\n" + words.Sprintf("Hint: %s", v.Hint)
	}
	return text
}

// hint returns the hint of the mistake that computes what answer does on every
// input, and is not right on every input.
func (e *Exercise[In, Result]) hint(answer func(In) Result) string {
next:
	for _, m := range e.Mistakes {
		for _, in := range e.Inputs {
			got, crash := try(answer, in)
			wrong, crashToo := try(m.Answer, in)
			if (crash == "") != (crashToo == "") {
				continue next
			}
			if crash == "" {
				if _, why := e.difference(got, wrong); why != "" {
					continue next
				}
			}
		}
		return words.Of(m.Hint)
	}
	return ""
}

// try runs the answer on a copy of the input; if it panics, crash says why.
func try[In, Result any](answer func(In) Result, in In) (result Result, crash string) {
	defer func() {
		if r := recover(); r != nil {
			crash = cut(fmt.Sprint(r))
		}
	}()
	return answer(fresh(in)), ""
}

// difference is compare with the margin of the exercise.
func (e *Exercise[In, Result]) difference(got, want Result) (largest float64, why string) {
	return compare(got, want, margin{tolerance: e.Tolerance, usual: 1e-9, least: 1})
}

// untouched reports whether answer gives on every input what a stub does:
// nothing, zero, empty.
func (e *Exercise[In, Result]) untouched(answer func(In) Result) bool {
	for _, in := range e.Inputs {
		if got, crash := try(answer, in); crash != "" || !empty(got) {
			return false
		}
	}
	return true
}
