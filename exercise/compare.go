package exercise

import (
	"fmt"
	"math"
	"math/big"
	"math/cmplx"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unsafe"

	"gonum.org/v1/gonum/mat"

	"unroll/internal/words"
	"unroll/lesson"
)

// margin is how far a number may be from the wanted one.
type margin struct {
	tolerance float64 // the author's; if zero, integers must be equal
	usual     float64 // what stands for it with other numbers if it is zero
	least     float64 // smaller wanted numbers count as this large
}

// compare returns the largest difference between numbers of got and want; if
// the two count as different, why says in what.
//
// Slices, arrays, matrices and tensors are compared by shape and numbers,
// structs by all their fields, pointers and interfaces by what they hold, maps
// by their keys, which must be the same, and values. Words are the same in upper
// and lower case, and with spaces around them. A nil slice or map is equal to an
// empty one; −0 is equal to 0; an infinity or NaN is equal to itself alone. A
// complex number is as far from another as their difference is long.
func compare(got, want any, m margin) (largest float64, why string) {
	a, b := flatten(got), flatten(want)
	switch {
	case slices.EqualFunc(a.leaves, b.leaves, func(x, y leaf) bool { return x.form == y.form }):
	case a.shape != b.shape:
		return 0, words.Sprintf("the shape is %s, want %s", a.shape, b.shape)
	default:
		return math.Inf(1), words.Of("they are not the same")
	}
	differ := a.odd != nil || b.odd != nil
	for i, y := range b.leaves {
		x := a.leaves[i]
		switch y.form {
		case number:
			d, near := m.near(x.value, y.value)
			largest = math.Max(largest, d)
			differ = differ || !near
		case word:
			if fold(x.value) != fold(y.value) {
				return math.Inf(1), words.Of("they are not the same")
			}
		case truth:
			if x.value.Bool() != y.value.Bool() {
				return math.Inf(1), words.Of("they are not the same")
			}
		}
	}
	if differ {
		return largest, words.Sprintf("the largest difference is %.4g", largest)
	}
	return largest, ""
}

func fold(v reflect.Value) string { return strings.ToLower(strings.TrimSpace(v.String())) }

// near returns how far x is from y, and whether that is within the margin.
func (m margin) near(x, y reflect.Value) (d float64, near bool) {
	tolerance, size := m.tolerance, 0.0
	if a, b := integer(x), integer(y); a != nil && b != nil {
		d, _ = a.Sub(a, b).Float64() // float64s themselves tell only integers below 2^53 apart
		size, _ = b.Float64()
		d, size = math.Abs(d), math.Abs(size)
	} else {
		if tolerance == 0 {
			tolerance = m.usual
		}
		a, b := complexOf(x), complexOf(y)
		d, size = math.Hypot(gap(real(a), real(b)), gap(imag(a), imag(b))), cmplx.Abs(b)
	}
	// A share of an infinity would be infinite, and every number within it.
	finite := !math.IsInf(d, 0) && !math.IsInf(size, 0)
	return d, d == 0 || finite && d <= tolerance*math.Max(m.least, size)
}

// gap is |x − y|: 0 between equal infinities and between two NaN, +Inf between
// NaN and a number.
func gap(x, y float64) float64 {
	if x == y || math.IsNaN(x) && math.IsNaN(y) {
		return 0
	}
	if d := math.Abs(x - y); !math.IsNaN(d) {
		return d
	}
	return math.Inf(1)
}

// integer returns the value of an integer, nil of anything else.
func integer(v reflect.Value) *big.Int {
	switch {
	case v.CanInt():
		return big.NewInt(v.Int())
	case v.CanUint():
		return new(big.Int).SetUint64(v.Uint())
	}
	return nil
}

func complexOf(v reflect.Value) complex128 {
	switch {
	case v.CanInt():
		return complex(float64(v.Int()), 0)
	case v.CanUint():
		return complex(float64(v.Uint()), 0)
	case v.CanFloat():
		return complex(v.Float(), 0)
	}
	return v.Complex()
}

// flat is a value taken apart.
type flat struct {
	shape  string       // for a message
	leaves []leaf       // the value's parts in their order; equal values have the same forms
	odd    reflect.Type // of the first part that cannot be compared, nil if all can
	path   map[place]int
}

// leaf is a number, a word or a truth value; or a form without a value, such as
// the length of a slice, whose elements follow.
type leaf struct {
	form  string
	value reflect.Value
}

var (
	number = words.Text("a number")
	word   = words.Text("a word")
	truth  = words.Text("true or false")
)

// place is where a pointer, a map or a slice points to, by which a cycle is found.
type place struct {
	of  reflect.Type
	at  uintptr
	len int
}

func placeOf(v reflect.Value) place {
	p := place{of: v.Type(), at: v.Pointer()}
	if v.Kind() != reflect.Pointer {
		p.len = v.Len()
	}
	return p
}

func flatten(v any) flat {
	f := flat{path: map[place]int{}}
	f.shape = f.add(reflect.ValueOf(v))
	return f
}

func (f *flat) leaf(form string, value reflect.Value) string {
	f.leaves = append(f.leaves, leaf{form, value})
	return words.Of(form)
}

// begin appends the form of a value whose parts follow.
func (f *flat) begin(format string, a ...any) { f.leaf(fmt.Sprintf(format, a...), reflect.Value{}) }

// add appends the parts of v, and returns the shape of v.
func (f *flat) add(v reflect.Value) string {
	switch kind := v.Kind(); kind {
	case reflect.Bool:
		return f.leaf(truth, v)
	case reflect.String:
		return f.leaf(word, v)
	case reflect.Interface:
		return f.add(v.Elem())
	case reflect.Pointer, reflect.Slice, reflect.Map:
		if kind == reflect.Pointer && v.IsNil() {
			return f.leaf(words.Text("nothing"), reflect.Value{})
		}
		at := placeOf(v)
		if depth, inside := f.path[at]; inside {
			return f.leaf(words.Sprintf("what is %d further out", len(f.path)-depth), reflect.Value{})
		}
		f.path[at] = len(f.path)
		defer delete(f.path, at)
	}
	switch kind := v.Kind(); {
	case kind == reflect.Invalid:
		return f.leaf(words.Text("nothing"), reflect.Value{})
	case v.CanInt(), v.CanUint(), v.CanFloat(), v.CanComplex():
		return f.leaf(number, v)
	case kind == reflect.Pointer:
		return f.add(v.Elem())
	case kind == reflect.Slice, kind == reflect.Array:
		return f.list(v)
	case kind == reflect.Map:
		return f.entries(v)
	case kind == reflect.Struct:
		v = addressable(v)
		if m, ok := asMatrix(v.Addr()); ok {
			return f.add(reflect.ValueOf(m.rows()))
		}
		f.begin("%d fields", v.NumField())
		parts := make([]string, v.NumField())
		for i := range parts {
			parts[i] = f.add(field(v, i))
		}
		return cut("(" + strings.Join(parts, ", ") + ")")
	}
	if f.odd == nil {
		f.odd = v.Type()
	}
	return f.leaf(v.Kind().String(), reflect.Value{})
}

func (f *flat) list(v reflect.Value) string {
	f.begin("list of %d", v.Len())
	parts := make([]string, v.Len())
	same := true
	for i := range parts {
		parts[i] = f.add(v.Index(i))
		same = same && parts[i] == parts[0]
	}
	switch {
	case len(parts) == 0:
		return words.Of("empty")
	case !same:
		return cut("(" + strings.Join(parts, ", ") + ")")
	case strings.HasPrefix(parts[0], "["):
		return fmt.Sprintf("[%d %s", len(parts), parts[0][1:])
	}
	return fmt.Sprintf("[%d]", len(parts))
}

func (f *flat) entries(v reflect.Value) string {
	f.begin("map of %d", v.Len())
	var parts []string
	for _, key := range sortedKeys(v) {
		if f.odd == nil && find(reflect.TypeOf(key.Interface()), isOddKey, nil) != nil {
			f.odd = v.Type()
		}
		f.begin("key %s", exactly(key))
		parts = append(parts, format(key.Interface())+": "+f.add(v.MapIndex(key)))
	}
	if len(parts) == 0 {
		return words.Of("empty")
	}
	return cut("{" + strings.Join(parts, ", ") + "}")
}

// exactly writes a map's key so that different keys read differently.
func exactly(key reflect.Value) string { return fmt.Sprintf("%T %#[1]v", key.Interface()) }

func sortedKeys(m reflect.Value) []reflect.Value {
	return slices.SortedFunc(func(yield func(reflect.Value) bool) {
		for entries := m.MapRange(); entries.Next() && yield(entries.Key()); {
		}
	}, func(a, b reflect.Value) int {
		if x, y := integer(a), integer(b); x != nil && y != nil {
			return x.Cmp(y)
		}
		return strings.Compare(exactly(a), exactly(b))
	})
}

// mustCompare panics, with a message for the author of an exercise, when there
// is something in T or in the wanted values that compare cannot compare.
func mustCompare[T any](name string, tolerance float64, wanted ...T) {
	if !(tolerance >= 0) || math.IsInf(tolerance, 1) {
		panic(fmt.Sprintf("exercise: %q: the Tolerance is %g, want a number from 0", name, tolerance))
	}
	odd := find(reflect.TypeFor[T](), isOdd, map[reflect.Type]bool{})
	for _, want := range wanted {
		if odd == nil {
			odd = flatten(want).odd
		}
	}
	if odd != nil {
		panic(fmt.Sprintf("exercise: %q: an answer with a %v in it cannot be checked: ask for numbers, words, truth values, "+
			"or slices, maps, structs and pointers of them (a map's keys without pointers)", name, odd))
	}
}

// isOdd reports whether values of a type cannot be compared, whatever they hold.
func isOdd(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Chan, reflect.Func, reflect.UnsafePointer:
		return true
	case reflect.Map:
		return find(t.Key(), isOddKey, nil) != nil
	}
	return false
}

// isOddKey is isOdd for a map's key, where a pointer is equal only to itself.
func isOddKey(t reflect.Type) bool { return t.Kind() == reflect.Pointer || isOdd(t) }

// find returns the first type for which is holds among t and the types of what
// is in a t, nil if there is none. What is in an interface, a type does not say.
// seen has the types to leave out; a map's key needs none, it has no cycles.
func find(t reflect.Type, is func(reflect.Type) bool, seen map[reflect.Type]bool) reflect.Type {
	if is(t) {
		return t
	}
	if seen[t] {
		return nil
	}
	if seen != nil {
		seen[t] = true
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return find(t.Elem(), is, seen)
	case reflect.Struct:
		if p := reflect.PointerTo(t); p == reflect.TypeFor[*lesson.Tensor]() || p.Implements(reflect.TypeFor[mat.Matrix]()) {
			return nil
		}
		for i := range t.NumField() {
			if found := find(t.Field(i).Type, is, seen); found != nil {
				return found
			}
		}
	}
	return nil
}

// addressable returns v, or a copy of it whose fields can be set.
func addressable(v reflect.Value) reflect.Value {
	if v.CanAddr() {
		return v
	}
	c := reflect.New(v.Type()).Elem()
	c.Set(v)
	return c
}

// field returns a field of an addressable struct. reflect shows an unexported
// field, but lets nobody set it or ask for its methods; one found at its address
// is a value as any other.
func field(v reflect.Value, i int) reflect.Value {
	f := v.Field(i)
	return reflect.NewAt(f.Type(), unsafe.Pointer(f.UnsafeAddr())).Elem()
}

// matrix is the shape and the numbers, row after row, of a tensor or a matrix.
type matrix struct {
	shape []int
	data  []float64
}

// asMatrix recognises pointers to tensors, and gonum's matrices and vectors.
func asMatrix(v reflect.Value) (matrix, bool) {
	if v.Kind() == reflect.Pointer && v.IsNil() {
		return matrix{}, false
	}
	switch v := v.Interface().(type) {
	case *lesson.Tensor:
		return matrix{v.Shape(), v.Data()}, true
	case mat.Matrix:
		rows, columns := v.Dims()
		m := matrix{shape: []int{rows, columns}}
		if columns == 1 {
			m.shape = m.shape[:1]
		}
		for i := range rows {
			for j := range columns {
				m.data = append(m.data, v.At(i, j))
			}
		}
		return m, true
	}
	return matrix{}, false
}

// rows returns the numbers as a slice, of slices where there are several axes.
func (m matrix) rows() any {
	if len(m.shape) <= 1 {
		return m.data
	}
	rows := make([]any, m.shape[0])
	for i := range rows {
		n := len(m.data) / len(rows)
		rows[i] = matrix{m.shape[1:], m.data[i*n : (i+1)*n]}.rows()
	}
	return rows
}

// format writes a value for a message, in a few digits and never at length.
func format(v any) string {
	most := 1000 // parts, of a value that has itself for a part as of any other
	return cut(formatValue(reflect.ValueOf(v), &most))
}

func formatValue(v reflect.Value, most *int) string {
	if *most--; *most < 0 {
		return "…"
	}
	if !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		return "nothing"
	}
	p := v
	if v.Kind() == reflect.Struct {
		v = addressable(v)
		p = v.Addr()
	}
	if m, ok := asMatrix(p); ok {
		return m.format()
	}
	switch p := p.Interface().(type) {
	case fmt.Stringer, error:
		return fmt.Sprint(p) // which survives a method that panics
	}
	switch v.Kind() {
	case reflect.Float64, reflect.Float32:
		return strconv.FormatFloat(v.Float(), 'g', 6, 64)
	case reflect.Complex128, reflect.Complex64:
		return strconv.FormatComplex(v.Complex(), 'g', 6, 128)
	case reflect.String:
		return strconv.Quote(cut(v.String()))
	case reflect.Pointer, reflect.Interface:
		return formatValue(v.Elem(), most)
	case reflect.Slice, reflect.Array:
		return list(v.Len(), func(i int) string { return formatValue(v.Index(i), most) })
	case reflect.Map:
		keys := sortedKeys(v)
		return "map" + list(len(keys), func(i int) string {
			return formatValue(keys[i], most) + ":" + formatValue(v.MapIndex(keys[i]), most)
		})
	case reflect.Struct:
		fields := make([]string, v.NumField())
		for i := range fields {
			fields[i] = v.Type().Field(i).Name + " = " + formatValue(field(v, i), most)
		}
		return strings.Join(fields, ", ")
	case reflect.Chan, reflect.Func, reflect.UnsafePointer:
		return "a " + v.Type().String()
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
	if len(m.shape) == 1 {
		return digits(m.data)
	}
	if len(m.shape) != 2 || len(m.data) == 0 || len(m.data) > 24 {
		return fmt.Sprint(m.shape) + " " + digits(m.data)
	}
	columns := m.shape[1]
	return list(m.shape[0], func(i int) string { return digits(m.data[i*columns : (i+1)*columns]) })
}

// cut keeps a message to a length that a learner reads.
func cut(s string) string {
	const most = 240
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
