package exercise

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"unroll/lesson"

	"gonum.org/v1/gonum/mat"
)

// squash is tanh(2x), with three mistakes.
var squash = Exercise[float64, float64]{
	Name:     "squash",
	Inputs:   []float64{0, 0.5, -1},
	Solution: func(x float64) float64 { return math.Tanh(2 * x) },
	Mistakes: []Mistake[float64, float64]{
		{func(x float64) float64 { return 2 * x }, "You left out the tanh."},
		{func(x float64) float64 { return 2 * math.Tanh(x) }, "The 2 belongs inside."},
		{func(x float64) float64 { panic("no") }, "It need not panic."},
	},
}

func TestJudge(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer func(float64) float64
		right  bool
		hint   string
		text   string
	}{
		{"right", func(x float64) float64 { return (math.Exp(4*x) - 1) / (math.Exp(4*x) + 1) }, true, "", "Right. Tried on 3 inputs."},
		{"nearly right", func(x float64) float64 { return math.Tanh(2*x) + 1e-10 }, true, "", "Right. Tried on 3 inputs; the largest difference is 1.0e-10."},
		{"stub", func(float64) float64 { return 0 }, false, "", "nothing is computed so far"},
		{"no tanh", func(x float64) float64 { return x + x }, false, "You left out the tanh.", "the largest difference is 0.2384"},
		{"outside", func(x float64) float64 { return 2 * math.Tanh(x) }, false, "The 2 belongs inside.", "Hint: The 2 belongs inside."},
		{"zero here, not there", func(x float64) float64 { return min(x, 0) }, false, "", "wanted         0.761594"},
		{"crash", func(x float64) float64 { panic("index out of range") }, false, "It need not panic.", "On 0 your code stops with: index out of range"},
		{"unknown", func(x float64) float64 { return 7 }, false, "", "On 0\n  your answer is 7\n  wanted         0"},
		{"NaN", func(x float64) float64 { return math.NaN() }, false, "", "your answer is NaN"},
		{"none", nil, false, "", "there is no answer to check"},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := squash.Judge(c.answer)
			if v.Right != c.right || v.Hint != c.hint || !strings.Contains(v.Text, c.text) {
				t.Errorf("right %v, hint %q, text\n%s\nwant %v, %q, a text with %q", v.Right, v.Hint, v.Text, c.right, c.hint, c.text)
			}
		})
	}
}

// An input on which a mistake gives the right answer must not identify the mistake.
func TestHintNeedsEveryInput(t *testing.T) {
	v := squash.Judge(func(x float64) float64 {
		if x == 0.5 {
			return 1 // as without the tanh
		}
		return 9
	})
	if v.Hint != "" {
		t.Errorf("hint %q for an answer that is no known mistake", v.Hint)
	}
}

func TestDifference(t *testing.T) {
	tensor := lesson.TensorOf([]float64{1, 2, 3, 4}, 2, 2)
	for _, c := range []struct {
		name      string
		got, want any
		why       string
	}{
		{"tensor and rows", tensor, [][]float64{{1, 2}, {3, 4}}, ""},
		{"tensor and matrix", tensor, mat.NewDense(2, 2, []float64{1, 2, 3, 4}), ""},
		{"vector and slice", mat.NewVecDense(2, []float64{1, 2}), []float64{1, 2}, ""},
		{"shape and ints", lesson.Shape{2, 3}, []int{2, 3}, ""},
		{"a word, any case", " Keep", "keep", ""},
		{"another word", "keep", "forget", "they are not the same"},
		{"transposed", lesson.TensorOf(make([]float64, 6), 2, 3), lesson.TensorOf(make([]float64, 6), 3, 2), "the shape is [2 3], want [3 2]"},
		{"one number off", []float64{1, 2.5}, []float64{1, 2}, "the largest difference is 0.5"},
		{"nil tensor", (*lesson.Tensor)(nil), tensor, "the shape is nothing, want [2 2]"},
		{"ragged", [][]int{{1}, {2, 3}}, [][]int{{1}, {2}}, "the shape is ([1], [2]), want [2 1]"},
		{"in a struct", struct{ A, B float64 }{1, 2}, struct{ A, B float64 }{1, 3}, "the largest difference is 1"},
		{"equal infinities", math.Inf(1), math.Inf(1), ""},
		{"NaN", math.NaN(), 1.0, "the largest difference is +Inf"},
	} {
		if _, why := compare(c.got, c.want, margin{usual: 1e-9, least: 1}); why != c.why {
			t.Errorf("%s: %q, want %q", c.name, why, c.why)
		}
	}
}

func TestStubIsPolite(t *testing.T) {
	e := Exercise[int, *lesson.Tensor]{
		Name: "stub", Inputs: []int{1},
		Solution: func(n int) *lesson.Tensor { return lesson.NewTensor(n, 2) },
	}
	if v := e.Judge(func(int) *lesson.Tensor { return nil }); v.Right || !strings.Contains(v.Text, "nothing is computed so far") {
		t.Errorf("text %q", v.Text)
	}
}

func TestFormat(t *testing.T) {
	type pair struct{ C, H float64 }
	for _, c := range []struct {
		value any
		want  string
	}{
		{1.0 / 3, "0.333333"},
		{[]float64{1.0 / 3, 2}, "[0.333333 2]"},
		{[][]int{{1, 2}, {3, 4}}, "[[1 2] [3 4]]"},
		{mat.NewDense(2, 2, []float64{0.5, 0, 1, 2.0 / 3}), "[[0.5 0] [1 0.66667]]"},
		{lesson.TensorOf([]float64{1, 2}, 2), "[1 2]"},
		{&mat.Dense{}, "[0 0] []"},
		{lesson.NewTensor(1, 1, 2), "[1 1 2] [0 0]"},
		{lesson.Shape{5, 7}, "[5 7]"},
		{pair{1.0 / 3, -2}, "C = 0.333333, H = -2"},
		{&pair{1, 2}, "C = 1, H = 2"},
		{[]string{"a b", ""}, `["a b" ""]`},
		{lesson.Flip, "flip"},
		{(*lesson.Tensor)(nil), "nothing"},
		{make([]int, 30), "[" + strings.Repeat("0 ", 24) + "…]"},
	} {
		if got := format(c.value); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// A result may be huge; a message may not.
func TestMessagesAreBounded(t *testing.T) {
	e := Exercise[int, string]{Name: "long", Inputs: []int{1}, Solution: func(int) string { return "a" }}
	if v := e.Judge(func(int) string { return strings.Repeat("b", 1<<20) }); len(v.Text) > 1000 {
		t.Errorf("a message of %d bytes", len(v.Text))
	}
}

func TestMessagesAreWrapped(t *testing.T) {
	out := capture(t)
	say("  " + strings.Repeat("abcd ", 20) + strings.Repeat("é", 80) + "\nshort")
	want := "  abcd" + strings.Repeat(" abcd", 13) + "\n  abcd" + strings.Repeat(" abcd", 5) + "\n  " + strings.Repeat("é", 80) + "\nshort\n"
	if out.String() != want {
		t.Errorf("%q, want %q", out, want)
	}
}

func capture(t *testing.T) *bytes.Buffer {
	t.Helper()
	var b bytes.Buffer
	old := Out
	Out = &b
	t.Cleanup(func() { Out = old })
	return &b
}

func TestPredict(t *testing.T) {
	out := capture(t)
	ran := 0
	truth := func() float64 { ran++; return 2.0 }
	if v := Predict("p", 0, truth); v.Right || ran != 0 || !strings.Contains(out.String(), "Your guess first") {
		t.Errorf("without a guess: right %v, truth ran %d times, %q", v.Right, ran, out)
	}
	if strings.Contains(out.String(), "2") {
		t.Errorf("the truth shows before the guess: %q", out)
	}
	if v := Predict("p", 3, truth); v.Right || !strings.Contains(out.String(), "You said 3; it is 2.") {
		t.Errorf("right %v, %q", v.Right, out)
	}
	if v := Predict("p", 2.1, truth); !v.Right {
		t.Error("2.1 for 2 counts as wrong")
	}
	if v := Predict("p", 0.05, func() float64 { return 0.001 }); v.Right {
		t.Error("0.05 for 0.001 counts as right")
	}
	if v := Predict("p", "B", func() string { return "b" }); !v.Right {
		t.Error("B for b counts as wrong")
	}
}

func TestProgress(t *testing.T) {
	capture(t)
	path := filepath.Join(t.TempDir(), "kept", "progress.json")
	t.Setenv("UNROLL_PROGRESS", path)
	squash.Check(func(float64) float64 { return 7 })
	squash.Check(squash.Solution)
	squash.Check(func(float64) float64 { return 7 })
	p, err := ReadProgress(path)
	if err != nil || p["squash"] != (Attempts{Tries: 2, Solved: true}) {
		t.Errorf("progress %v, error %v; want 2 tries, solved", p, err)
	}
	if err := os.WriteFile(path, []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadProgress(path); err == nil || !strings.Contains(err.Error(), "delete it to begin anew") {
		t.Errorf("error %v for a broken file", err)
	}
	out := capture(t)
	if v := squash.Check(squash.Solution); !v.Right || !strings.Contains(out.String(), "could not be saved") {
		t.Errorf("with a broken progress file: %q", out)
	}
}

// Every exercise of the lessons that had a number in their names is found under its old name.
func TestOldNameOfEveryExercise(t *testing.T) {
	for i, lesson := range numbered {
		for _, q := range course[lesson] {
			p := Progress{fmt.Sprintf("%02d-%s", i+1, strings.TrimPrefix(q.name(), lesson+"/")): {Tries: 3}}
			if p.renew(); len(p) != 1 || p[q.name()].Tries != 3 {
				t.Errorf("%s becomes %v", q.name(), p)
			}
		}
	}
}

// A file whose names begin with a lesson's number counts for the exercises under
// their present names; what was done first comes first, and no other name changes.
func TestProgressOfOldNames(t *testing.T) {
	capture(t)
	path := filepath.Join(t.TempDir(), "progress.json")
	t.Setenv("UNROLL_PROGRESS", path)
	for _, c := range []struct{ name, text, want string }{
		{"old", `{"03-half-life": {"tries": 2, "solved": true}, "09-interval": {"tries": 1}}`,
			`{"gradient-decay/half-life": {"tries": 2, "solved": true}, "sentiment/interval": {"tries": 1}}`},
		{"both, old solved", `{"03-half-life": {"tries": 2, "solved": true}, "gradient-decay/half-life": {"tries": 5, "solved": true}}`,
			`{"gradient-decay/half-life": {"tries": 2, "solved": true}}`},
		{"both, new solved", `{"03-half-life": {"tries": 2}, "gradient-decay/half-life": {"tries": 1, "solved": true}}`,
			`{"gradient-decay/half-life": {"tries": 3, "solved": true}}`},
		{"both, none solved", `{"03-half-life": {"tries": 2}, "gradient-decay/half-life": {"tries": 1}}`,
			`{"gradient-decay/half-life": {"tries": 3}}`},
		{"in another lesson", `{"08-causal-weights": {"tries": 1}, "both-directions/causal-weights": {"tries": 2, "solved": true}, "both-directions/has-read": {"tries": 1}}`,
			`{"attention/causal-weights": {"tries": 3, "solved": true}, "both-directions/has-read": {"tries": 1}}`},
		{"unknown", `{"03-my-own": {"tries": 1}, "10-half-life": {"tries": 1}, "3-clip": {"tries": 1}, "double": {"tries": 1}}`,
			`{"03-my-own": {"tries": 1}, "10-half-life": {"tries": 1}, "3-clip": {"tries": 1}, "double": {"tries": 1}}`},
		{"null", `null`, `{}`},
	} {
		var want Progress
		if err := json.Unmarshal([]byte(c.want), &want); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(c.text), 0o644); err != nil {
			t.Fatal(err)
		}
		if got, err := ReadProgress(path); err != nil || !maps.Equal(got, want) {
			t.Errorf("%s: %v, error %v; want %v", c.name, got, err, want)
		}
		squash.Check(squash.Solution)
		want["squash"] = Attempts{1, true}
		text, err := os.ReadFile(path)
		if got, errToo := ReadProgress(path); err != nil || errToo != nil || !maps.Equal(got, want) || strings.Contains(string(text), "03-half-life") {
			t.Errorf("%s, after a check: %s", c.name, text)
		}
	}
}
