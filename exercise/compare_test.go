package exercise

import (
	"fmt"
	"math"
	"math/cmplx"
	"reflect"
	"strings"
	"testing"
	"time"
	"unsafe"

	"gonum.org/v1/gonum/mat"

	"unroll/lesson"
)

// trial says how the checker must treat values of one kind.
type trial struct {
	kind reflect.Kind
	try  func(t *testing.T)
}

// told is the trial of a kind that is compared: right is accepted, wrong is not.
func told[T any](right, wrong T) trial {
	kind := reflect.Invalid
	if t := reflect.TypeFor[T](); t != reflect.TypeFor[any]() || any(right) != nil {
		kind = t.Kind()
	}
	return trial{kind, func(t *testing.T) {
		e := Exercise[int, T]{
			Name: "e", Inputs: []int{1, 2}, Solution: func(int) T { return right },
			Mistakes: []Mistake[int, T]{{func(int) T { return wrong }, "That one."}},
		}
		if v := e.Judge(func(int) T { return fresh(right) }); !v.Right {
			t.Errorf("Exercise: the right answer is answered with\n%s", v.Text)
		}
		if v := e.Judge(func(int) T { return fresh(wrong) }); v.Right || v.Hint != "That one." {
			t.Errorf("Exercise: the wrong answer is answered with\n%s", v.Text)
		}
		if empty(right) {
			return // not an answer to a Question
		}
		q := Question[T]{Name: "q", Truth: func() T { return right }, WrongAnswers: []WrongAnswer[T]{{wrong, "That one."}}}
		if v := q.Judge(fresh(right)); !v.Right {
			t.Errorf("Question: the right answer is answered with\n%s", v.Text)
		}
		if v := q.Judge(fresh(wrong)); v.Right || v.Hint != "That one." && !empty(wrong) {
			t.Errorf("Question: the wrong answer is answered with\n%s", v.Text)
		}
		if a, b := format(right), format(wrong); a == b || strings.Contains(a, "0x") {
			t.Errorf("right reads %s, wrong reads %s", a, b)
		}
	}}
}

// refused is the trial of a kind that cannot be compared: the author gets a message,
// whatever the answer is.
func refused[T any](value T, odd string) trial {
	kind := reflect.TypeFor[T]().Kind()
	return trial{kind, func(t *testing.T) {
		var zero T
		e := Exercise[int, T]{Name: "mine", Inputs: []int{1, 2}, Solution: func(int) T { return value }}
		q := Question[T]{Name: "mine", Truth: func() T { return value }}
		for name, judge := range map[string]func(){
			"nothing":        func() { e.Judge(nil) },
			"a stub":         func() { e.Judge(func(int) T { return zero }) },
			"a right answer": func() { e.Judge(e.Solution) },
			"a crash":        func() { e.Judge(func(int) T { panic("no") }) },
			"no guess":       func() { q.Judge(zero) },
			"a guess":        func() { q.Judge(value) },
			"a prediction":   func() { Predict("mine", value, func() T { return value }) },
		} {
			if name == "no guess" && kind == reflect.Interface {
				continue // only the right answer has a content
			}
			func() {
				defer func() {
					got, want := fmt.Sprint(recover()), `exercise: "mine": an answer with a `+odd+` in it cannot be checked`
					if !strings.HasPrefix(got, want) {
						t.Errorf("%s: panic %q, want %q", name, got, want)
					}
				}()
				judge()
			}()
		}
	}}
}

type (
	named  uint8
	letter string
	node   struct {
		value int
		next  *node
	}
	secret struct {
		Shown  int
		hidden []uint
	}
	framed struct{ m *mat.Dense }
	ring   []ring
)

func TestEveryKind(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	one := 1
	this := &one
	seen := map[reflect.Kind]bool{}
	for _, c := range []trial{
		told[any](nil, 1),
		told(true, false),
		told[int](3, 7),
		told[int8](3, 4),
		told[int16](-300, 300),
		told[int32]('a', 'A'),
		told[int64](1<<53+1, 1<<53),
		told[int64](math.MinInt64, math.MaxInt64),
		told(time.Second, time.Second+1),
		told[uint](3, 7),
		told[uint](100, 101), // a tolerance below 1 says nothing of integers
		told[uint8](100, 200),
		told(named(1), named(2)),
		told[uint16](1, 65535),
		told[uint32](1, math.MaxUint32),
		told[uint64](math.MaxUint64, math.MaxUint64-1),
		told[uintptr](1, 2),
		told[float32](0.5, -0.5),
		told(1.0, 2),
		told(inf, 3), told(inf, -inf), told(inf, nan), told(inf, math.MaxFloat64),
		told(nan, 3), told(nan, inf),
		told(3, inf), told(3, nan),
		told(math.MaxFloat64, -math.MaxFloat64),
		told(math.MaxFloat64, inf),
		told(5e-324, -1),
		told[complex64](1+2i, 9),
		told(1+2i, 1+3i),
		told(1+0i, 1i),
		told(complex(inf, 1), complex(inf, 5)),
		told(complex(nan, 1), complex(1, nan)),
		told(cmplx.NaN(), 1),
		told(complex(math.MaxFloat64, math.MaxFloat64), complex(-math.MaxFloat64, 1)),
		told("keep", "forget"),
		told(letter("keep"), letter("forget")),
		told([2]uint{1, 2}, [2]uint{2, 1}),
		told([]byte("abc"), []byte("xyz")),
		told([]int{1, 2}, []int{1, 2, 3}),
		told([][]int{{}, {1}}, [][]int{{1}, {}}),
		told([]complex128{1, 2i}, []complex128{1, 2}),
		told(lesson.Shape{5, 7, 40}, lesson.Shape{5, 7, 41}),
		told([]any{1, "a", nil, []any{2.5}}, []any{1, "a", nil, []any{3.5}}),
		told([]any{1}, []any{"1"}),
		told([]any{nil}, []any{[]int{}}),
		told([]any{[]int{}}, []any{map[int]int{}}),
		told([]map[int]int{{}, {1: 1}}, []map[int]int{{1: 1}, {}}),
		told([]*int{this, nil}, []*int{nil, this}),
		told(map[string]int{"a": 1}, map[string]int{"b": 1}),
		told(map[string]int{"a": 1, "b": 2}, map[string]int{"a": 2, "b": 1}),
		told(map[string]int{"a": 1}, map[string]int{"A": 1}),
		told(map[string]int{"a": 1}, map[string]int{"a": 1, "b": 0}),
		told(map[float64][]uint{0.1: {1}}, map[float64][]uint{0.1: {2}}),
		told(map[[2]string]bool{{"a b", "c"}: true}, map[[2]string]bool{{"a", "b c"}: true}),
		told(map[any]any{1: "a", "1": 2}, map[any]any{1: "a", "1": 3}),
		told(&one, new(int)),
		told(&this, nil),
		told(mat.NewDense(1, 2, []float64{1, 2}), mat.NewDense(2, 1, []float64{1, 2})),
		told(lesson.TensorOf([]float64{1, 2}, 2), lesson.TensorOf([]float64{1, 3}, 2)),
		told(*mat.NewDense(1, 2, []float64{1, 2}), *mat.NewDense(1, 2, []float64{1, 3})),
		told[mat.Matrix](mat.NewDense(1, 2, []float64{1, 2}), mat.NewDense(1, 2, []float64{1, 3})),
		told[any](uint(3), uint(7)),
		told[any]([]any{int64(3)}, []any{3.5}),
		told[error](fmt.Errorf("no %d", 1), fmt.Errorf("no %d", 2)),
		told(secret{1, []uint{2}}, secret{1, []uint{3}}),
		told(node{1, &node{2, nil}}, node{1, &node{3, nil}}),
		told(node{1, &node{2, nil}}, node{1, nil}),
		told(framed{mat.NewDense(1, 1, []float64{1})}, framed{mat.NewDense(1, 1, []float64{2})}),
		refused(make(chan int), "chan int"),
		refused(func() {}, "func()"),
		refused(unsafe.Pointer(this), "unsafe.Pointer"),
		refused([]func(){}, "func()"),
		refused(map[string]chan int{}, "chan int"),
		refused(map[*int]int{}, "map[*int]int"),
		refused(map[struct{ p *int }]int{}, "map[struct { p *int }]int"),
		refused(struct{ at *[]func() int }{}, "func() int"),
		refused[any](func() {}, "func()"),
		refused[any]([]any{1, struct{ c chan int }{}}, "chan int"),
		refused[any](map[any]int{this: 1}, "map[interface {}]int"),
	} {
		seen[c.kind] = true
		t.Run(c.kind.String(), c.try)
	}
	for kind := reflect.Invalid; !strings.HasPrefix(kind.String(), "kind"); kind++ {
		if !seen[kind] {
			t.Errorf("no value of kind %v is tried", kind)
		}
	}
}

// A value that only a later input holds is examined before any answer.
func TestEveryWantedValueIsLookedAt(t *testing.T) {
	e := Exercise[any, any]{Name: "mine", Inputs: []any{1, func() {}}, Solution: func(in any) any { return in }}
	defer func() {
		if r := fmt.Sprint(recover()); !strings.Contains(r, "a func() in it cannot be checked") {
			t.Errorf("panic %q", r)
		}
	}()
	e.Judge(func(any) any { return "wrong for the first" })
}

func TestEqual(t *testing.T) {
	a, b := &node{1, nil}, &node{1, nil}
	a.next, b.next = a, b
	longer := &node{1, &node{1, nil}}
	longer.next.next = longer
	done := make(chan int)
	var p, q any
	p, q = &p, &q
	r := ring{nil}
	r[0] = r
	entry := map[string]any{}
	entry["self"] = entry
	for _, c := range []struct {
		name      string
		got, want any
		equal     bool
	}{
		{"−0 and 0", math.Copysign(0, -1), 0.0, true},
		{"nil and empty slice", []int(nil), []int{}, true},
		{"nil and empty map", map[string]int(nil), map[string]int{}, true},
		{"nil pointer and zero", (*int)(nil), new(int), false},
		{"within 1e-9", 1.0, 1 + 9e-10, true},
		{"beyond 1e-9", 1.0, 1 + 2e-9, false},
		{"complex within 1e-9 of its length", complex(1e6, 1e-4), 1e6 + 0i, true},
		{"int and float", 3, 3.0, true},
		{"int and uint", int64(-1), uint64(math.MaxUint64), false},
		{"words in an interface", any(" A "), "a", true},
		{"cycles", a, b, true},
		{"cycles of two lengths", a, longer, false},
		{"a cycle and none", a, &node{1, &node{1, nil}}, false},
		{"a pointer to itself", p, q, true},
		{"a slice of itself", r, r, true},
		{"a map of itself", entry, map[string]any{"self": nil}, false},
		{"a part of a channel", []any{make(chan int)}, []any{1}, false},
		{"the same channel", done, done, false},
		{"keys that are near", map[float64]int{0.1: 1}, map[float64]int{math.Nextafter(0.1, 1): 1}, false},
	} {
		_, why := compare(c.got, c.want, margin{usual: 1e-9, least: 1})
		if (why == "") != c.equal {
			t.Errorf("%s: %q, want equal %v", c.name, why, c.equal)
		}
		format(c.got)
		fresh(c.got)
	}
}

// The error of an integer may be as large as the author says, and no larger.
func TestTolerance(t *testing.T) {
	q := Question[int]{Name: "q", Truth: func() int { return 1000 }, Tolerance: 0.01}
	e := Exercise[int, int]{Name: "e", Inputs: []int{1}, Solution: func(int) int { return 1000 }, Tolerance: 0.01}
	for answer, right := range map[int]bool{990: true, 1010: true, 989: false, 1011: false} {
		if v := q.Judge(answer); v.Right != right {
			t.Errorf("%d: %s", answer, v.Text)
		}
		if v := e.Judge(func(int) int { return answer }); v.Right != right {
			t.Errorf("%d: %s", answer, v.Text)
		}
	}
	for _, wrong := range []float64{-1, math.NaN(), math.Inf(1)} {
		q.Tolerance, e.Tolerance = wrong, wrong
		for _, judge := range []func(){func() { q.Judge(0) }, func() { e.Judge(nil) }} {
			func() {
				defer func() {
					if r := fmt.Sprint(recover()); !strings.HasSuffix(r, fmt.Sprintf("the Tolerance is %g, want a number from 0", wrong)) {
						t.Errorf("panic %q", r)
					}
				}()
				judge()
			}()
		}
	}
	defer func() {
		if r := fmt.Sprint(recover()); r != `exercise: "none" has no Inputs, want at least one` {
			t.Errorf("panic %q", r)
		}
	}()
	(&Exercise[int, int]{Name: "none"}).Judge(nil)
}

type moody struct{}

func (moody) String() string { panic("not today") }

func TestFormatOfEveryKind(t *testing.T) {
	for _, c := range []struct {
		value any
		want  string
	}{
		{uint8(200), "200"},
		{complex(1.0/3, -2), "(0.333333-2i)"},
		{map[string]int{"b": 2, "a": 1}, `map["a":1 "b":2]`},
		{map[int]bool{10: true, 9: false}, "map[9:false 10:true]"},
		{secret{1, []uint{2}}, "Shown = 1, hidden = [2]"},
		{framed{mat.NewDense(1, 2, []float64{1, 2})}, "m = [[1 2]]"},
		{[]any{nil, "a", 1.5}, `[nothing "a" 1.5]`},
		{fmt.Errorf("no"), "no"},
		{make(chan int), "a chan int"},
		{func() {}, "a func()"},
	} {
		if got := format(c.value); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
	if got := format(moody{}); !strings.Contains(got, "not today") {
		t.Errorf("%q for a String that panics", got)
	}
}
