package lesson

import (
	"slices"
	"strings"
)

// RareCharacter stands for every character that an [Alphabet] does not have:
// Unicode's replacement character, �.
const RareCharacter = '\uFFFD'

// Alphabet numbers the characters of a text, for a network that reads and writes
// one character at a time. Characters are Unicode's code points, Go's runes. Index
// 0 is [RareCharacter], the others follow in the order of their code points. Nothing
// changes an Alphabet, so several goroutines may use one at once.
type Alphabet struct {
	characters []rune
	index      map[rune]int
}

// NewAlphabet returns the alphabet of the characters that occur at least so often
// in a text. The others are RareCharacter, so that a network that trains on the
// text also learns from unknown ones. It panics when atLeast is below 1.
func NewAlphabet(text string, atLeast int) *Alphabet {
	if atLeast < 1 {
		failf("NewAlphabet", "atLeast is %d, want 1 or more", atLeast)
	}
	seen := map[rune]int{}
	for _, c := range text {
		seen[c]++
	}
	delete(seen, RareCharacter)
	a := &Alphabet{characters: []rune{RareCharacter}, index: map[rune]int{RareCharacter: 0}}
	for c, n := range seen {
		if n >= atLeast {
			a.characters = append(a.characters, c)
		}
	}
	slices.Sort(a.characters[1:])
	for i, c := range a.characters {
		a.index[c] = i
	}
	return a
}

// Len returns the number of characters, RareCharacter included.
func (a *Alphabet) Len() int {
	checkNotNil("Alphabet.Len", "the receiver", a)
	return len(a.characters)
}

// String returns the characters in the order of their indices. NewAlphabet of it,
// with atLeast 1, is the same alphabet: what a saved network needs beside its
// parameters.
func (a *Alphabet) String() string {
	checkNotNil("Alphabet.String", "the receiver", a)
	return string(a.characters)
}

// Index returns the index of a character, 0 for an unknown one.
func (a *Alphabet) Index(c rune) int {
	checkNotNil("Alphabet.Index", "the receiver", a)
	return a.index[c]
}

// Encode returns the index of each character of a text.
func (a *Alphabet) Encode(text string) []int {
	checkNotNil("Alphabet.Encode", "the receiver", a)
	tokens := make([]int, 0, len(text))
	for _, c := range text {
		tokens = append(tokens, a.index[c])
	}
	return tokens
}

// Decode returns the text of the indices. It panics unless each is 0 to Len−1.
func (a *Alphabet) Decode(tokens []int) string {
	checkNotNil("Alphabet.Decode", "the receiver", a)
	var text strings.Builder
	for i, k := range tokens {
		if k < 0 || k >= len(a.characters) {
			failf("Alphabet.Decode", "index %d in place %d, want 0 to %d", k, i, len(a.characters)-1)
		}
		text.WriteRune(a.characters[k])
	}
	return text.String()
}
