package lesson

import "fmt"

// Error is what the functions of this package panic with when they are called
// wrongly: with shapes that do not fit, or with an index out of range.
type Error struct {
	Func   string // the function or method, such as "RNN.Forward"
	Detail string // what it got and what it wanted
}

// Error returns "lesson: Func: Detail".
func (e *Error) Error() string { return "lesson: " + e.Func + ": " + e.Detail }

// failf panics with an *Error for the function fn.
func failf(fn, format string, args ...any) {
	panic(&Error{Func: fn, Detail: fmt.Sprintf(format, args...)})
}
