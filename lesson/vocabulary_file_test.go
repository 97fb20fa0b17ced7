package lesson

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestNewCommonVocabulary(t *testing.T) {
	texts := []string{"the plot is dull .", "the end is dull , not the plot"}
	v := NewCommonVocabulary(texts, 2)
	if got, want := v.words, []string{"<PAD>", "<UNK>", "the", "plot", "is", "dull"}; !slices.Equal(got, want) {
		t.Errorf("words %q, want %q", got, want)
	}
	if got, want := v.Encode("the end is dull"), []int{2, UNK, 4, 5}; !slices.Equal(got, want) {
		t.Errorf("indices %v, want %v", got, want)
	}
	if got, want := NewCommonVocabulary(texts, 1).words, NewVocabulary(texts).words; !slices.Equal(got, want) {
		t.Errorf("at least once: %q, want all words, %q", got, want)
	}
}

func TestVocabularySaveAndLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "words.txt")
	v := NewVocabulary([]string{"연기는 좋았다 .", "the plot is dull"})
	if err := v.Save(path); err != nil {
		t.Fatal(err)
	}
	got, err := LoadVocabulary(path)
	if err != nil || !slices.Equal(got.words, v.words) || got.Index("dull") != v.Index("dull") {
		t.Errorf("%v, %v, want %v", got, err, v)
	}
}

func TestLoadVocabularyErrors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "words.txt")
	for name, c := range map[string]struct{ file, message string }{
		"empty":        {"", "line 1 of "},
		"one word":     {"<PAD>\n", "has 1 line, want <PAD>, <UNK> and more"},
		"no PAD":       {"the\nplot\n", `is "the", want <PAD>`},
		"a blank line": {"<PAD>\n<UNK>\n\nthe\n", `line 3 of `},
		"two words":    {"<PAD>\n<UNK>\nthe plot\n", `is "the plot", want a word`},
		"twice":        {"<PAD>\n<UNK>\nthe\nplot\nthe\n", `line 5 of `},
		"two forms":    {"<PAD>\n<UNK>\ncafé\ncafe\u0301\n", `line 4 of `},
	} {
		if err := os.WriteFile(path, []byte(c.file), 0o666); err != nil {
			t.Fatal(err)
		}
		if v, err := LoadVocabulary(path); v != nil || err == nil || !strings.Contains(err.Error(), c.message) || !strings.HasSuffix(err.Error(), "save the vocabulary again") {
			t.Errorf("%s: error %v, want one with %q", name, err, c.message)
		}
	}
	if _, err := LoadVocabulary(path + "x"); err == nil || !strings.Contains(err.Error(), "no such file: give its path from") {
		t.Errorf("error %v for a file that is not there", err)
	}
	if err := NewVocabulary(nil).Save(filepath.Join(path, "x")); err == nil {
		t.Error("no error for a folder that does not exist")
	}
}
