package lesson

import (
	"errors"
	"fmt"
	"testing"
)

func ExampleOneHot() {
	fmt.Println(OneHot([]string{"not", "a", "good", "film"}, "not", "good"))
	// Output:
	// tensor([[1.0000, 0.0000],
	//         [0.0000, 0.0000],
	//         [0.0000, 1.0000],
	//         [0.0000, 0.0000]])
}

func TestOneHotWantsWords(t *testing.T) {
	for _, c := range []struct {
		words, known []string
		want         string
	}{
		{nil, []string{"not"}, "lesson: OneHot: 0 words and 1 known ones, want at least 1 of each"},
		{[]string{"not"}, nil, "lesson: OneHot: 1 words and 0 known ones, want at least 1 of each"},
	} {
		func() {
			defer func() {
				var e *Error
				if err, ok := recover().(error); !ok || !errors.As(err, &e) || e.Error() != c.want {
					t.Errorf("OneHot(%q, %q) panics with %v, want %q", c.words, c.known, err, c.want)
				}
			}()
			OneHot(c.words, c.known...)
		}()
	}
}
