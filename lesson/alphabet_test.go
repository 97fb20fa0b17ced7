package lesson

import (
	"slices"
	"testing"
)

func TestAlphabet(t *testing.T) {
	a := NewAlphabet("banana, σ(x) 한 한\xff", 2)
	if got := a.String(); got != "\uFFFD an한" {
		t.Errorf("characters %q, want the rare one and those that occur twice, in order", got)
	}
	if a.Len() != 5 || a.Index('n') != 3 || a.Index('b') != 0 {
		t.Errorf("%d characters, n is %d and b %d", a.Len(), a.Index('n'), a.Index('b'))
	}
	tokens := a.Encode("nab\xff한")
	if !slices.Equal(tokens, []int{3, 2, 0, 0, 4}) || a.Decode(tokens) != "na\uFFFD\uFFFD한" {
		t.Errorf("tokens %v, text %q", tokens, a.Decode(tokens))
	}
	if again := NewAlphabet(a.String(), 1); again.String() != a.String() {
		t.Errorf("%q came back as %q", a, again)
	}
	if empty := NewAlphabet("", 1); empty.Len() != 1 || empty.Decode(empty.Encode("ab")) != "\uFFFD\uFFFD" {
		t.Errorf("the alphabet of no text is %q", empty)
	}
	wantPanic(t, "lesson: NewAlphabet: atLeast is 0, want 1 or more", func() { NewAlphabet("a", 0) })
	wantPanic(t, "lesson: Alphabet.Decode: index 5 in place 1, want 0 to 4", func() { a.Decode([]int{1, 5}) })
}

func FuzzAlphabet(f *testing.F) {
	f.Add("func main() {\n\t한\xff\uFFFD}", 1)
	f.Fuzz(func(t *testing.T, text string, atLeast int) {
		a := NewAlphabet(text, max(atLeast, 1))
		if text := a.Decode(a.Encode(text)); !slices.Equal(a.Encode(text), a.Encode(a.Decode(a.Encode(text)))) {
			t.Errorf("%q does not stay the same", text)
		}
		if atLeast <= 1 && a.Decode(a.Encode(text)) != string([]rune(text)) {
			t.Errorf("%q came back as %q", text, a.Decode(a.Encode(text)))
		}
	})
}
