package lesson

import "fmt"

// Error is what the functions of this package panic with when they are called
// wrongly: with shapes that do not fit, or with an index out of range.
type Error struct {
	Func   string // the function or method, such as "RNN.Forward"
	Detail string // what it got and what it wanted
}

// Error returns "lesson: Func: Detail".
func (e *Error) Error() string {
	checkNotNil("Error.Error", "the receiver", e)
	return "lesson: " + e.Func + ": " + e.Detail
}

// checkNotNil panics when p, an argument of fn or its receiver, is nil.
func checkNotNil[T any](fn, name string, p *T) {
	if p == nil {
		failf(fn, "%s is nil, want a %T", name, p)
	}
}

// checkCount panics when there are to be fewer than least of something, or more
// than any memory holds.
func checkCount(fn, name string, n, least int) {
	if n < least {
		failf(fn, "%s is %d, want at least %d", name, n, least)
	}
	if n > maxElements {
		failf(fn, "%s is %d, more than any memory holds", name, n)
	}
}

// failf panics with an *Error for the function fn.
func failf(fn, format string, args ...any) {
	panic(&Error{Func: fn, Detail: fmt.Sprintf(format, args...)})
}
