package lesson

import (
	"fmt"
	"unicode/utf8"
)

// A TextCorpus is a text as a character model takes it, in three parts: the first
// eight tenths to train on, a tenth to choose by, and a tenth to test on.
type TextCorpus struct {
	Alphabet           *Alphabet // of the characters that occur five times or more in training
	Train, Valid, Test []int
}

// LoadText returns the corpus of a text file in UTF-8. A file that is not UTF-8, or
// has fewer than ten characters, is an error.
func LoadText(path string) (*TextCorpus, error) {
	return LoadTextAs(path, func(text string) string { return text })
}

// LoadTextAs is [LoadText] of a text that is to be written in other characters, such
// as [Jamo]: spell rewrites each part after the cut, so that the parts hold the same
// text however it is written.
func LoadTextAs(path string, spell func(text string) string) (*TextCorpus, error) {
	if spell == nil {
		failf("LoadTextAs", "spell is nil, want a function")
	}
	text, err := readFile(path)
	if err != nil {
		return nil, fmt.Errorf("lesson: loading %s: %w", path, err)
	}
	if !utf8.Valid(text) {
		return nil, fmt.Errorf("lesson: loading %s: it is not UTF-8: convert it", path)
	}
	r := []rune(string(text))
	n := len(r)
	if n < 10 {
		return nil, fmt.Errorf("lesson: loading %s: it has %s, want 10 or more", path, plural(n, "character"))
	}
	train, valid, test := spell(string(r[:n*8/10])), spell(string(r[n*8/10:n*9/10])), spell(string(r[n*9/10:]))
	a := NewAlphabet(train, 5)
	return &TextCorpus{a, a.Encode(train), a.Encode(valid), a.Encode(test)}, nil
}
