// Package exercise checks a learner's answers in a notebook cell and says at
// once what came out: right; or what was wanted instead, the largest
// difference, and a hint for the mistake that was probably made.
//
// An [Exercise] is a solution, the inputs to try it on, and the wrong answers
// that people typically give, each with its hint. A wrong answer is recognised
// by what it computes: if the learner's function agrees with a [Mistake] on
// every input, the learner is told that mistake's hint. So a teacher's own
// exercise is a handful of lines:
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
// question in passing.
//
// The exercises of the lessons are in the files named for them, lesson03.go for
// lesson 3, which register them for [ShowProgress] and for the test that tries
// each solution, untouched stub and mistake.
package exercise

import (
	"fmt"
	"io"
	"math"
	"os"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
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
		n := utf8.RuneCountInString(word)
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
// function from In to Result. Results may be numbers, strings, bools, slices of
// them, matrices and tensors, structs of them, and pointers to them.
type Exercise[In, Result any] struct {
	Name      string          // a short name, unique in the course, such as "02-step"
	Inputs    []In            // what the answers are tried on, at least one
	Solution  func(In) Result // what is right
	Mistakes  []Mistake[In, Result]
	Tolerance float64            // largest difference that counts as equal, 1e-9 if zero
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
// [Out], and records it in the learner's progress file (see [Progress]).
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
		say("(Your progress could not be saved: " + err.Error() + ")")
	}
	return v
}

func (e *Exercise[In, Result]) name() string { return e.Name }

// Judge is Check without printing and recording.
func (e *Exercise[In, Result]) Judge(answer func(In) Result) Verdict {
	v := Verdict{Name: e.Name}
	if answer == nil {
		v.Empty = true
		v.Text = "Not yet: there is no answer to check.\nWrite the function and run the cell again."
		return v
	}
	worst := 0.0
	for _, in := range e.Inputs {
		want := e.Solution(fresh(in))
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
	times := "one input"
	if n := len(e.Inputs); n > 1 {
		times = strconv.Itoa(n) + " inputs"
	}
	v.Text = "Right. Tried on " + times + "."
	if worst > 0 {
		v.Text = fmt.Sprintf("Right. Tried on %s; the largest difference is %.1e.", times, worst)
	}
	return v
}

// explain says what is wrong with the answer to in.
func (e *Exercise[In, Result]) explain(in In, got, want Result, crash string, v Verdict) string {
	if v.Empty {
		return "Not yet: nothing is computed so far.\nWrite your answer and run the cell again."
	}
	var b strings.Builder
	show := e.Show
	if show == nil {
		show = func(in In) string { return format(in) }
	}
	if crash != "" {
		fmt.Fprintf(&b, "Not yet. On %s your code stops with: %s", show(in), crash)
	} else {
		_, why := e.difference(got, want)
		fmt.Fprintf(&b, "Not yet. On %s\n  your answer is %s\n  wanted         %s\n  %s", show(in), format(got), format(want), why)
	}
	if v.Hint != "" {
		b.WriteString("\nHint: " + v.Hint)
	}
	return b.String()
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
		return m.Hint
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

// difference returns the largest difference between numbers of got and want;
// if they count as different, why says in what.
func (e *Exercise[In, Result]) difference(got, want Result) (largest float64, why string) {
	tolerance := e.Tolerance
	if tolerance == 0 {
		tolerance = 1e-9
	}
	return difference(got, want, tolerance)
}

func difference(got, want any, tolerance float64) (largest float64, why string) {
	a, b := flatten(got), flatten(want)
	if a.shape != b.shape {
		return 0, fmt.Sprintf("the shape is %s, want %s", a.shape, b.shape)
	}
	differ := 0
	for i := range b.numbers {
		x, y := a.numbers[i], b.numbers[i]
		if x == y || math.IsNaN(x) && math.IsNaN(y) {
			continue
		}
		d := math.Abs(x - y)
		if math.IsNaN(d) {
			d = math.Inf(1)
		}
		largest = math.Max(largest, d)
		if d > tolerance*math.Max(1, math.Abs(y)) {
			differ++
		}
	}
	for i := range b.words {
		if a.words[i] != b.words[i] {
			return math.Inf(1), "they are not the same"
		}
	}
	if differ > 0 {
		return largest, fmt.Sprintf("the largest difference is %.4g", largest)
	}
	return largest, ""
}

// flat is a value taken apart: its form, its numbers and its words.
type flat struct {
	shape   string
	numbers []float64
	words   []string
}

func flatten(v any) flat {
	var f flat
	f.shape = f.add(reflect.ValueOf(v))
	return f
}

// add appends the leaves of v and returns the form of v.
func (f *flat) add(v reflect.Value) string {
	if !v.IsValid() {
		return "nothing"
	}
	if v.CanInterface() {
		if m, ok := asMatrix(v.Interface()); ok {
			f.numbers = append(f.numbers, m.data...)
			return m.shape
		}
	}
	switch v.Kind() {
	case reflect.Float64, reflect.Float32:
		f.numbers = append(f.numbers, v.Float())
		return "a number"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		f.numbers = append(f.numbers, float64(v.Int()))
		return "a number"
	case reflect.Bool:
		f.words = append(f.words, strconv.FormatBool(v.Bool()))
		return "true or false"
	case reflect.String:
		f.words = append(f.words, strings.ToLower(strings.TrimSpace(v.String())))
		return "a word"
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return "nothing"
		}
		return f.add(v.Elem())
	case reflect.Slice, reflect.Array:
		parts := make([]string, v.Len())
		same := true
		for i := range parts {
			parts[i] = f.add(v.Index(i))
			same = same && parts[i] == parts[0]
		}
		switch {
		case len(parts) == 0:
			return "empty"
		case !same:
			return "(" + strings.Join(parts, ", ") + ")"
		case strings.HasPrefix(parts[0], "["):
			return fmt.Sprintf("[%d %s", len(parts), parts[0][1:])
		}
		return fmt.Sprintf("[%d]", len(parts))
	case reflect.Struct:
		parts := make([]string, v.NumField())
		for i := range parts {
			parts[i] = f.add(v.Field(i))
		}
		return "(" + strings.Join(parts, ", ") + ")"
	}
	return v.Kind().String()
}

type matrix struct {
	shape string
	data  []float64
}

// asMatrix recognises tensors, and gonum's matrices and vectors.
func asMatrix(v any) (matrix, bool) {
	if r := reflect.ValueOf(v); r.Kind() == reflect.Pointer && r.IsNil() {
		return matrix{}, false
	}
	switch v := v.(type) {
	case interface {
		Data() []float64
		String() string
	}: // *lesson.Tensor
		shape := reflect.ValueOf(v).MethodByName("Shape").Call(nil)[0]
		return matrix{fmt.Sprint(shape.Interface()), v.Data()}, true
	case interface {
		At(i, j int) float64
		Dims() (r, c int)
	}:
		rows, cols := v.Dims()
		m := matrix{shape: fmt.Sprintf("[%d %d]", rows, cols)}
		if cols == 1 {
			m.shape = fmt.Sprintf("[%d]", rows)
		}
		for i := range rows {
			for j := range cols {
				m.data = append(m.data, v.At(i, j))
			}
		}
		return m, true
	}
	return matrix{}, false
}

// untouched reports whether answer gives on every input what a stub does:
// nothing, zero, empty.
func (e *Exercise[In, Result]) untouched(answer func(In) Result) bool {
	for _, in := range e.Inputs {
		got, crash := try(answer, in)
		r := reflect.ValueOf(got)
		zero := !r.IsValid() || r.IsZero() || r.Kind() == reflect.Slice && r.Len() == 0
		if crash != "" || !zero {
			return false
		}
	}
	return true
}

// format writes a value for a message, in a few digits and never at length.
func format(v any) string {
	return cut(formatValue(reflect.ValueOf(v)))
}

func formatValue(v reflect.Value) string {
	if !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		return "nothing"
	}
	if v.CanInterface() {
		if m, ok := asMatrix(v.Interface()); ok {
			return m.format()
		}
		if s, ok := v.Interface().(fmt.Stringer); ok {
			return s.String()
		}
	}
	switch v.Kind() {
	case reflect.Float64, reflect.Float32:
		return strconv.FormatFloat(v.Float(), 'g', 6, 64)
	case reflect.String:
		return strconv.Quote(cut(v.String()))
	case reflect.Pointer, reflect.Interface:
		return formatValue(v.Elem())
	case reflect.Slice, reflect.Array:
		return list(v.Len(), func(i int) string { return formatValue(v.Index(i)) })
	case reflect.Struct:
		fields := make([]string, v.NumField())
		for i := range fields {
			fields[i] = v.Type().Field(i).Name + " = " + formatValue(v.Field(i))
		}
		return strings.Join(fields, ", ")
	}
	return fmt.Sprint(v)
}

// list writes n values, the first of them where there are many.
func list(n int, value func(int) string) string {
	const most = 24
	words := make([]string, 0, most+1)
	for i := range min(n, most) {
		words = append(words, value(i))
	}
	if n > most {
		words = append(words, "…")
	}
	return "[" + strings.Join(words, " ") + "]"
}

// digits writes numbers in five digits.
func digits(data []float64) string {
	return list(len(data), func(i int) string { return strconv.FormatFloat(data[i], 'g', 5, 64) })
}

// format writes a vector as a list, a matrix as a list of rows, and anything
// else with its shape.
func (m matrix) format() string {
	axes := strings.Fields(strings.Trim(m.shape, "[]"))
	if len(axes) != 2 || len(m.data) == 0 || len(m.data) > 24 {
		if len(axes) == 1 {
			return digits(m.data)
		}
		return m.shape + " " + digits(m.data)
	}
	columns, _ := strconv.Atoi(axes[1])
	return list(len(m.data)/columns, func(i int) string { return digits(m.data[i*columns : (i+1)*columns]) })
}

// cut keeps a message to a length that a learner reads.
func cut(s string) string {
	const most = 240
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
