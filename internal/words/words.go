// Package words gives what the packages say to a reader in the reader's
// language, which UNROLL_LANGUAGE names.
//
// The English is the key of its translation, a whole sentence each time: a
// language that puts its verb last cannot be joined from pieces. The catalogues
// are made of po/LANGUAGE by tools/edition. What has no translation stays English.
//
// One English text that means two things has a context before a bar, which no
// reader sees: "descent|step" is not a step in time.
package words

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"unicode"
)

// Language is the language of the answers, a folder of po; empty for English.
var Language = os.Getenv("UNROLL_LANGUAGE")

// Pseudo is a language of the tests. Its texts are the English ones between « and
// », and a third longer, so that what no catalogue has, and what has no room for a
// longer text, shows.
const Pseudo = "pseudo"

// added has what Add was given of each language, and texts the same by the
// English, from when the language is first spoken.
var (
	added = map[string][][2]string{}
	texts sync.Map // language → map[string]string
)

// Add adds texts to the catalogue of a language, each behind its English. It is
// for init functions, those of the files catalogue_LANGUAGE.go.
func Add(language string, texts [][2]string) {
	added[language] = append(added[language], texts...)
}

// Of returns a text in the reader's language.
func Of(english string) string { return particles(translated(english)) }

// Sprintf formats in the reader's language. A translation of the format may take
// its operands in another order, by their indices: %[2]d.
func Sprintf(english string, a ...any) string {
	return particles(fmt.Sprintf(translated(english), a...))
}

func translated(english string) string {
	said := english
	if _, after, ok := strings.Cut(english, "|"); ok {
		said = after
	}
	switch Language {
	case "":
		return said
	case Pseudo:
		return "«" + said + strings.Repeat("~", len(said)/3) + "»"
	}
	known, ok := texts.Load(Language)
	if !ok {
		made := make(map[string]string, len(added[Language]))
		for _, pair := range added[Language] {
			made[pair[0]] = pair[1]
		}
		known, _ = texts.LoadOrStore(Language, made)
	}
	if translation, ok := known.(map[string]string)[english]; ok {
		return translation
	}
	return said
}

// Columns returns how many columns a text takes where every letter has the same
// width: Hangul takes two each.
func Columns(text string) int {
	n := 0
	for _, r := range text {
		n++
		if unicode.Is(unicode.Hangul, r) {
			n++
		}
	}
	return n
}

// Text marks a text that is translated later, when it is said, by [Of]. It
// returns the English.
func Text(english string) string { return english }
