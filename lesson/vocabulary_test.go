package lesson

import (
	"slices"
	"strings"
	"testing"
)

func TestTokenize(t *testing.T) {
	for _, c := range []struct {
		sentence string
		want     []string
	}{
		{"I am student", []string{"I", "am", "student"}},
		{"  two\tspaces\n", []string{"two", "spaces"}},
		{"Don't go!", []string{"Don't", "go", "!"}},
		{`"Well..."`, []string{`"`, "Well", ".", ".", ".", `"`}},
		{"a good film .", []string{"a", "good", "film", "."}},
		{"<PAD> <UNK>.", []string{"<PAD>", "<UNK>", "."}},
		{"나는 학생입니다.", []string{"나는", "학생입니다", "."}},
		{"「引用」", []string{"「", "引用", "」"}},
		{"?!", []string{"?", "!"}},
		{"\xff, x", []string{"\xff", ",", "x"}},
		{"", nil},
		{" ", nil},
	} {
		if got := Tokenize(c.sentence); !slices.Equal(got, c.want) {
			t.Errorf("Tokenize(%q) is %q, want %q", c.sentence, got, c.want)
		}
	}
}

func TestVocabularyNumbersByFirstAppearance(t *testing.T) {
	v := NewVocabulary([]string{"b a b", "c a <PAD>"})
	want := []string{"<PAD>", "<UNK>", "b", "a", "c"}
	if v.Len() != len(want) {
		t.Fatalf("%d words, want %d", v.Len(), len(want))
	}
	for i, w := range want {
		if v.Word(i) != w || v.Index(w) != i {
			t.Errorf("word %d is %q, index of %q is %d", i, v.Word(i), w, v.Index(w))
		}
	}
	if v.Index("<PAD>") != PAD || v.Index("<UNK>") != UNK || v.Index("B") != UNK {
		t.Error("PAD, UNK or an unknown word has another index")
	}
}

func TestEncodeThenDecode(t *testing.T) {
	v := NewVocabulary([]string{"the film was not good ."})
	for sentence, want := range map[string]string{
		"not good .":        "not good .",
		"good, not good.":   "good <UNK> not good .",
		"the plot was good": "the <UNK> was good",
		"good <PAD> <PAD>":  "good <PAD> <PAD>",
		"":                  "",
	} {
		if got := v.Decode(v.Encode(sentence)); got != want {
			t.Errorf("%q comes back as %q, want %q", sentence, got, want)
		}
	}
}

func TestVocabularyPanics(t *testing.T) {
	v := NewVocabulary([]string{"a"})
	for want, f := range map[string]func(){
		"lesson: Vocabulary.Word: index 3, want 0 to 2":               func() { v.Word(3) },
		"lesson: Vocabulary.Word: index -1, want 0 to 2":              func() { v.Word(-1) },
		"lesson: Vocabulary.Decode: index 9 in place 1, want 0 to 2":  func() { v.Decode([]int{0, 9}) },
		"lesson: Vocabulary.Decode: index -1 in place 0, want 0 to 2": func() { v.Decode([]int{-1}) },
	} {
		wantPanic(t, want, f)
	}
}

// Canonically equal texts are the same words: 정말 재미있다 and café, composed and
// decomposed (Unicode Standard Annex #15).
func TestVocabularyOfDecomposedText(t *testing.T) {
	const decomposed = "\u110c\u1165\u11bc\u1106\u1161\u11af \u110c\u1162\u1106\u1175\u110b\u1175\u11bb\u1103\u1161 cafe\u0301"
	const composed = "정말 재미있다 café"
	if got, want := Tokenize(decomposed), strings.Fields(composed); !slices.Equal(got, want) {
		t.Errorf("words %q, want %q", got, want)
	}
	for _, text := range []string{composed, decomposed} {
		v := NewVocabulary([]string{text})
		for _, other := range []string{composed, decomposed} {
			if got, want := v.Encode(other), []int{2, 3, 4}; !slices.Equal(got, want) {
				t.Errorf("%+q with the vocabulary of %+q: %v, want %v", other, text, got, want)
			}
			for i, word := range strings.Fields(other) {
				if v.Index(word) != 2+i {
					t.Errorf("index of %+q is %d, want %d", word, v.Index(word), 2+i)
				}
			}
		}
	}
	if x := OneHot([]string{"cafe\u0301"}, "a", "café"); x.At(0, 1) != 1 {
		t.Errorf("OneHot is %v, want 1 for the second word", x)
	}
}
