package lesson

import (
	"fmt"
	"testing"
)

func ExampleOneHot() {
	fmt.Println(OneHot([]string{"not", "a", "good", "film"}, "not", "good"))
	// Output:
	// tensor([[1., 0.],
	//         [0., 0.],
	//         [0., 1.],
	//         [0., 0.]])
}

func TestOneHotWantsWords(t *testing.T) {
	wantPanic(t, "lesson: OneHot: 0 words and 1 known ones, want at least 1 of each", func() {
		OneHot(nil, "not")
	})
	wantPanic(t, "lesson: OneHot: 1 words and 0 known ones, want at least 1 of each", func() {
		OneHot([]string{"not"})
	})
}
