package lesson

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// UNK is the index of the word that stands for all unknown ones.
const UNK = 1

// Tokenize splits a sentence into words at white space, and splits off
// punctuation at the beginning and end of each: "Don't go!" becomes "Don't",
// "go" and "!". Letters keep their case; <PAD> and <UNK> stay whole. Words come
// in Unicode's composed form (NFC), so that a letter and its accent are one
// word with the accented letter, whichever of the two a file holds.
func Tokenize(sentence string) []string {
	var words []string
	for _, word := range strings.Fields(norm.NFC.String(sentence)) {
		for word != "" {
			r, n := utf8.DecodeRuneInString(word)
			if !unicode.IsPunct(r) {
				break
			}
			words = append(words, word[:n])
			word = word[n:]
		}
		core := strings.TrimRightFunc(word, unicode.IsPunct)
		if core != "" {
			words = append(words, core)
		}
		for _, r := range word[len(core):] {
			words = append(words, string(r))
		}
	}
	return words
}

// Vocabulary numbers the words it has seen: [PAD] is "<PAD>", [UNK] is
// "<UNK>", and the others follow in the order of their first appearance.
type Vocabulary struct {
	words []string
	index map[string]int
}

// NewVocabulary returns the vocabulary of the words of all sentences, which
// [Tokenize] splits.
func NewVocabulary(sentences []string) *Vocabulary {
	v := &Vocabulary{index: map[string]int{}}
	v.add("<PAD>")
	v.add("<UNK>")
	for _, s := range sentences {
		for _, word := range Tokenize(s) {
			v.add(word)
		}
	}
	return v
}

// add returns the index of a word, a new one for a new word.
func (v *Vocabulary) add(word string) int {
	word = norm.NFC.String(word)
	i, known := v.index[word]
	if !known {
		i = len(v.words)
		v.index[word] = i
		v.words = append(v.words, word)
	}
	return i
}

// Len returns the number of words, <PAD> and <UNK> included: the
// NumEmbeddings of an [Embedding] for this vocabulary.
func (v *Vocabulary) Len() int {
	checkNotNil("Vocabulary.Len", "the receiver", v)
	return len(v.words)
}

// Index returns the index of a word, [UNK] for an unknown one.
func (v *Vocabulary) Index(word string) int {
	checkNotNil("Vocabulary.Index", "the receiver", v)
	if i, known := v.index[norm.NFC.String(word)]; known {
		return i
	}
	return UNK
}

// Word returns the word of an index. It panics unless i is 0 to Len−1.
func (v *Vocabulary) Word(i int) string {
	checkNotNil("Vocabulary.Word", "the receiver", v)
	if i < 0 || i >= len(v.words) {
		failf("Vocabulary.Word", "index %d, want 0 to %d", i, len(v.words)-1)
	}
	return v.words[i]
}

// Encode returns the index of each word of a sentence.
func (v *Vocabulary) Encode(sentence string) []int {
	checkNotNil("Vocabulary.Encode", "the receiver", v)
	words := Tokenize(sentence)
	indices := make([]int, len(words))
	for i, word := range words {
		indices[i] = v.Index(word)
	}
	return indices
}

// Decode returns the words of the indices with a space between them. It panics
// unless each index is 0 to Len−1.
func (v *Vocabulary) Decode(indices []int) string {
	checkNotNil("Vocabulary.Decode", "the receiver", v)
	words := make([]string, len(indices))
	for i, k := range indices {
		if k < 0 || k >= len(v.words) {
			failf("Vocabulary.Decode", "index %d in place %d, want 0 to %d", k, i, len(v.words)-1)
		}
		words[i] = v.words[k]
	}
	return strings.Join(words, " ")
}
