package plots

import "fmt"

// Error is the value that functions of this package panic with if an argument is
// wrong: nothing to draw, or data whose lengths or shapes do not fit.
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
