package exercise

import (
	"math"
	"path/filepath"
	"strings"
	"testing"
)

// bias is the forget bias that keeps half: a value to choose.
var bias = Question[float64]{
	Name: "bias", Truth: func() float64 { return 2 }, Tolerance: 0.01, Hidden: true,
	WrongAnswers: []WrongAnswer[float64]{{-2, "The sign."}}, Why: "Because it is.",
}

func TestQuestion(t *testing.T) {
	open := bias
	open.Hidden = false
	shape := Question[[]int]{Name: "shape", Truth: func() []int { return []int{2, 3} }}
	for _, c := range []struct {
		name    string
		verdict Verdict
		right   bool
		text    string
	}{
		{"empty", bias.Judge(0), false, "Not yet: put your answer in its place\nand run the cell again."},
		{"right", bias.Judge(2.01), true, "Right: 2.\nBecause it is."},
		{"slip", bias.Judge(-2.01), false, "Not yet: -2.01 is too small.\nHint: The sign."},
		{"wrong", bias.Judge(2.1), false, "Not yet: 2.1 is too large."},
		{"predicted, empty", open.Judge(0), false, askFirst},
		{"predicted, right", open.Judge(2.01), true, "You said 2.01, and it is 2. Well predicted.\nBecause it is."},
		{"predicted, slip", open.Judge(-2), false, "You said -2; it is 2.\nHint: The sign.\nBecause it is."},
		{"shape, empty", shape.Judge([]int{}), false, askFirst},
		{"shape, right", shape.Judge([]int{2, 3}), true, "You said [2 3], and it is [2 3]. Well predicted."},
		{"shape, longer", shape.Judge([]int{2, 3, 1}), false, "You said [2 3 1]; it is [2 3]."},
	} {
		if c.verdict.Right != c.right || c.verdict.Text != c.text {
			t.Errorf("%s: right %v, text\n%s\nwant %v,\n%s", c.name, c.verdict.Right, c.verdict.Text, c.right, c.text)
		}
	}
}

func TestShowProgress(t *testing.T) {
	capture(t)
	quick, slow := squash, squash
	quick.Name, slow.Name = "quick-start/quick", "quick-start/slow"
	tried := bias
	tried.Name = "quick-start/tried"
	untried := bias
	untried.Name = "quick-start/untried"
	register("quick-start", &quick, &slow, &tried, &untried)
	t.Cleanup(func() { delete(course, "quick-start") })
	shows := func(when, want string) {
		t.Helper()
		out := capture(t)
		ShowProgress("quick-start")
		if out.String() != want {
			t.Errorf("%s:\n%swant\n%s", when, out, want)
		}
	}
	const nothing = `0 of 4 exercises of this lesson are done
  quick                    not yet
  slow                     not yet
  tried                    not yet
  untried                  not yet
`
	t.Setenv("UNROLL_PROGRESS", "")
	quick.Check(quick.Solution)
	shows("where nothing is kept", nothing)

	t.Setenv("UNROLL_PROGRESS", filepath.Join(t.TempDir(), "progress.json"))
	shows("at first", nothing)
	quick.Check(quick.Solution)
	slow.Check(func(float64) float64 { return 7 })
	slow.Check(slow.Solution)
	tried.Check(5)
	untried.Check(0) // a stub does not count as an answer
	slow.Check(func(float64) float64 { return 0 })
	shows("in the end", `2 of 4 exercises of this lesson are done
  quick                    done, at the first try
  slow                     done, after 2 tries
  tried                    tried once
  untried                  not yet
To begin anew: exercise.ResetProgress()
`)
	ResetProgress()
	shows("after a reset", nothing)

	defer func() {
		if r, _ := recover().(string); !strings.Contains(r, `"03" has no exercises; there are attention, both-directions, flip-reversal, `) {
			t.Errorf("panic %q for a lesson without exercises", r)
		}
	}()
	ShowProgress("03")
}

// A hidden answer that is a number says in which direction it is; one of
// several statements has no direction.
func TestVerdictOfNumbers(t *testing.T) {
	number := Question[float64]{Name: "x/number", Hidden: true, Tolerance: 0.01, Truth: func() float64 { return 2 }}
	choice := Question[int]{Name: "x/choice", Hidden: true, Options: 4, Truth: func() int { return 3 }}
	small := Question[uint8]{Name: "x/small", Hidden: true, Truth: func() uint8 { return 200 }}
	for _, c := range []struct {
		got, want string
	}{
		{number.Judge(1.5).Text, "Not yet: 1.5 is too small."},
		{number.Judge(-7).Text, "Not yet: -7 is too small."},
		{number.Judge(math.Inf(1)).Text, "Not yet: +Inf is too large."},
		{number.Judge(math.NaN()).Text, "Not yet: NaN is not it."},
		{small.Judge(201).Text, "Not yet: 201 is too large."},
		{choice.Judge(2).Text, "Not yet: 2 is not it."},
		{choice.Judge(5).Text, "Not yet: 5 is none of the statements, which are numbered 1 to 4."},
		{choice.Judge(-1).Text, "Not yet: -1 is none of the statements, which are numbered 1 to 4."},
	} {
		if c.got != c.want {
			t.Errorf("%s\nwant %s", c.got, c.want)
		}
	}
}
