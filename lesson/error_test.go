package lesson

import "testing"

// wantPanic calls f and checks that it panics with an *Error that says want.
func wantPanic(t *testing.T, want string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		switch r := recover().(type) {
		case nil:
			t.Errorf("no panic, want %q", want)
		case *Error:
			if r.Error() != want {
				t.Errorf("panics with\n\t%q, want\n\t%q", r.Error(), want)
			}
		default:
			t.Errorf("panics with %T %v, want an *Error %q", r, r, want)
		}
	}()
	f()
}

func TestErrorNamesFunctionAndDetail(t *testing.T) {
	e := &Error{Func: "RNN.Forward", Detail: "x is nil"}
	if got, want := e.Error(), "lesson: RNN.Forward: x is nil"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
