package exercise

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// prover is the interface that every question of the course has in the tests.
type prover interface {
	question
	prove(t *testing.T)
}

// For every exercise of the course: the solution passes, an untouched stub is
// answered with what to do, and each of at least three mistakes gets its own hint.
func TestCourse(t *testing.T) {
	seen := map[string]bool{}
	for lesson, questions := range course {
		if len(questions) < 3 || len(questions) > 6 {
			t.Errorf("lesson %s has %d exercises, want three to six", lesson, len(questions))
		}
		for _, q := range questions {
			if !strings.HasPrefix(q.name(), lesson+"/") || seen[q.name()] {
				t.Errorf("%q is no new name in lesson %s", q.name(), lesson)
			}
			seen[q.name()] = true
			t.Run(q.name(), func(t *testing.T) { q.(prover).prove(t) })
		}
	}
}

func (e *Exercise[In, Result]) prove(t *testing.T) {
	if v := e.Judge(e.Solution); !v.Right || v.Hint != "" {
		t.Errorf("the solution is answered with\n%s", v.Text)
	}
	for name, stub := range map[string]func(In) Result{
		"an untouched stub": func(In) (zero Result) { return zero },
		"no answer":         nil,
	} {
		if v := e.Judge(stub); v.Right || !v.Empty || v.Hint != "" || !strings.HasPrefix(v.Text, "Not yet: ") {
			t.Errorf("%s is answered with\n%s", name, v.Text)
		}
	}
	// With few inputs, a guess of yes or no could be right on all of them.
	var result Result
	if _, yesOrNo := any(result).(bool); yesOrNo && len(e.Inputs) < 16 {
		t.Errorf("%d inputs for a question of yes or no, want at least 16", len(e.Inputs))
	}
	hints := make([]string, len(e.Mistakes))
	for i, m := range e.Mistakes {
		hints[i] = m.Hint
		if v := e.Judge(m.Answer); v.Right || v.Hint != m.Hint || !strings.Contains(v.Text, m.Hint) {
			t.Errorf("mistake %d is answered with\n%s\nwant the hint: %s", i, v.Text, m.Hint)
		}
	}
	checkHints(t, hints)
}

func (q *Question[T]) prove(t *testing.T) {
	truth := q.Truth()
	if v := q.Judge(truth); !v.Right || v.Hint != "" {
		t.Errorf("the truth is answered with\n%s", v.Text)
	}
	computed := false
	stub := *q
	stub.Truth = func() T { computed = true; return truth }
	var zero T
	if v := stub.Judge(zero); v.Right || !v.Empty || computed || strings.Contains(v.Text, format(truth)) {
		t.Errorf("no answer: the truth was computed: %v; text\n%s", computed, v.Text)
	}
	hints := make([]string, len(q.WrongAnswers))
	for i, s := range q.WrongAnswers {
		hints[i] = s.Hint
		v := q.Judge(s.Answer)
		if v.Right || v.Hint != s.Hint || !strings.Contains(v.Text, s.Hint) {
			t.Errorf("%v is answered with\n%s\nwant the hint: %s", s.Answer, v.Text, s.Hint)
		}
		if q.Hidden && strings.Contains(v.Text, " "+format(truth)+".") {
			t.Errorf("the truth is told:\n%s", v.Text)
		}
	}
	checkHints(t, hints)
}

func checkHints(t *testing.T, hints []string) {
	if len(hints) < 3 {
		t.Errorf("%d mistakes have a hint, want at least three", len(hints))
	}
	for i, hint := range hints {
		if hint == "" || slices.Contains(hints[:i], hint) {
			t.Errorf("mistake %d has no hint of its own: %q", i, hint)
		}
	}
}

// Each lesson with a notebook has exercises under the notebook's name, and no other has.
func TestLessonsAreThoseOfTheNotebooks(t *testing.T) {
	notebooks, err := filepath.Glob("../notebooks/[0-9][0-9]-*.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	var slugs []string
	for _, notebook := range notebooks {
		slugs = append(slugs, strings.TrimSuffix(filepath.Base(notebook), ".ipynb")[len("00-"):])
	}
	slices.Sort(slugs)
	if registered := slices.Sorted(maps.Keys(course)); !slices.Equal(registered, slugs) {
		t.Errorf("there are exercises for %v, and notebooks for %v", registered, slugs)
	}
}

// An exercise that is written but not registered would never be listed or tested.
func TestEveryExerciseIsRegistered(t *testing.T) {
	for lesson, questions := range course {
		file := strings.ReplaceAll(lesson, "-", "") + ".go"
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		var registered []string
		for _, q := range questions {
			registered = append(registered, q.name())
		}
		found := 0
		ast.Inspect(parsed, func(n ast.Node) bool {
			field, ok := n.(*ast.KeyValueExpr)
			if !ok {
				return true
			}
			key, isName := field.Key.(*ast.Ident)
			value, isText := field.Value.(*ast.BasicLit)
			if isName && isText && key.Name == "Name" {
				found++
				if name, _ := strconv.Unquote(value.Value); !slices.Contains(registered, name) {
					t.Errorf("%s: %q is not among what register(%q, …) lists", file, name, lesson)
				}
			}
			return true
		})
		if found != len(registered) {
			t.Errorf("%s has %d exercises, register(%q, …) lists %d", file, found, lesson, len(registered))
		}
	}
}
