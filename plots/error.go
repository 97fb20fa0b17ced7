package plots

import "fmt"

// Error is what the functions of this package panic with when they are called
// wrongly: with nothing to draw, or with data that does not fit together.
type Error struct {
	Func   string // the function, such as "GradientDecay"
	Detail string // what it got and what it wanted
}

// Error returns "plots: Func: Detail".
func (e *Error) Error() string { return "plots: " + e.Func + ": " + e.Detail }

// failf panics with an *Error for the function fn.
func failf(fn, format string, args ...any) {
	panic(&Error{Func: fn, Detail: fmt.Sprintf(format, args...)})
}
