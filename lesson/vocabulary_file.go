package lesson

import (
	"fmt"
	"os"
	"strings"
	"unicode"
)

// NewCommonVocabulary returns the vocabulary of the words that occur at least so
// often in all sentences together. The others are <UNK>, so that a network that
// trains on these sentences also learns from unknown words. It panics when
// atLeast is below 1.
func NewCommonVocabulary(sentences []string, atLeast int) *Vocabulary {
	if atLeast < 1 {
		failf("NewCommonVocabulary", "atLeast is %d, want 1 or more", atLeast)
	}
	seen := map[string]int{}
	for _, s := range sentences {
		for _, word := range Tokenize(s) {
			seen[word]++
		}
	}
	v := NewVocabulary(nil)
	for _, s := range sentences {
		for _, word := range Tokenize(s) {
			if seen[word] >= atLeast {
				v.add(word)
			}
		}
	}
	return v
}

// Save writes the words to a text file, one on each line in the order of their
// indices: what a saved network needs beside its parameters.
func (v *Vocabulary) Save(path string) error {
	checkNotNil("Vocabulary.Save", "the receiver", v)
	if err := os.WriteFile(path, []byte(strings.Join(v.words, "\n")+"\n"), 0o666); err != nil {
		return fmt.Errorf("lesson: saving the vocabulary: %w", err)
	}
	return nil
}

// LoadVocabulary reads what [Vocabulary.Save] wrote.
func LoadVocabulary(path string) (*Vocabulary, error) {
	text, err := readFile(path)
	if err != nil {
		return nil, fmt.Errorf("lesson: loading %s: %w", path, err)
	}
	words := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	v := NewVocabulary(nil)
	for i, word := range words {
		switch {
		case word == "" || strings.ContainsFunc(word, unicode.IsSpace):
			return nil, fmt.Errorf("lesson: line %d of %s is %q, want a word: save the vocabulary again", i+1, path, shorten(word))
		case i < v.Len() && i <= UNK && word != v.words[i]:
			return nil, fmt.Errorf("lesson: line %d of %s is %q, want %s: save the vocabulary again", i+1, path, shorten(word), v.words[i])
		case i > UNK && v.add(word) != i:
			return nil, fmt.Errorf("lesson: line %d of %s is %q, which an earlier line has too: save the vocabulary again", i+1, path, shorten(word))
		}
	}
	if len(words) <= UNK {
		return nil, fmt.Errorf("lesson: %s has %s, want %s, %s and more: save the vocabulary again", path, plural(len(words), "line"), v.words[PAD], v.words[UNK])
	}
	return v, nil
}
