package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/image/font/sfnt"

	"unroll/lesson"
	"unroll/plots/hangul"
)

func both(t *testing.T, test func(t *testing.T, l language)) {
	for _, l := range []language{english, korean} {
		t.Run(l.name, func(t *testing.T) { test(t, l) })
	}
}

func dataPath(l language, set string) string {
	return filepath.Join("..", "..", "notebooks", "data", fileName(l, set))
}

func TestFilesAreWhatIsMade(t *testing.T) {
	both(t, func(t *testing.T, l language) {
		for set, rows := range l.sets() {
			data, err := os.ReadFile(dataPath(l, set))
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(data, tsv(rows)) {
				t.Errorf("%s is not what the program makes: run go run ./tools/reviews", fileName(l, set))
			}
			if len(data) >= 300_000 {
				t.Errorf("%s has %d bytes, want below 300,000", fileName(l, set), len(data))
			}
		}
	})
}

// What the lesson's loader reads is what was made.
func TestFilesAreRead(t *testing.T) {
	both(t, func(t *testing.T, l language) {
		for set, rows := range l.sets() {
			reviews, err := lesson.LoadReviews(dataPath(l, set))
			if err != nil {
				t.Fatal(err)
			}
			if len(reviews) != len(rows) {
				t.Fatalf("%d reviews read, %d made", len(reviews), len(rows))
			}
			for i, r := range reviews {
				if r.Text != rows[i].text || r.Label != rows[i].verdict {
					t.Errorf("review %d is %q with %d, made was %q with %d", i, r.Text, r.Label, rows[i].text, rows[i].verdict)
				}
			}
		}
	})
}

func TestNoSentenceTwice(t *testing.T) {
	both(t, func(t *testing.T, l language) {
		seen := map[string]string{}
		for set, rows := range l.sets() {
			for _, r := range rows {
				if other := seen[r.text]; other != "" {
					t.Errorf("%q is in %s and in %s", r.text, set, other)
				}
				seen[r.text] = set
			}
		}
		if want := trainSize + validSize + seenSize + newSize; len(seen) != want {
			t.Errorf("%d sentences, want %d", len(seen), want)
		}
	})
}

// Training, validation and test have templates of their own.
func TestNoTemplateTwice(t *testing.T) {
	both(t, func(t *testing.T, l language) {
		seen := map[string]bool{}
		for _, kind := range kinds {
			of := l.templates[kind]
			for _, s := range slices.Concat(of.train, of.valid, of.test) {
				if seen[s] {
					t.Errorf("%q occurs twice", s)
				}
				seen[s] = true
			}
		}
	})
}

// Each kind of each set is half favourable, so that nothing is won by always
// giving the same answer.
func TestVerdictsAreBalanced(t *testing.T) {
	both(t, func(t *testing.T, l language) {
		count, favourable := map[string]int{}, map[string]int{}
		for _, rows := range l.sets() {
			for _, r := range rows {
				count[r.set+" "+r.kind]++
				favourable[r.set+" "+r.kind] += r.verdict
			}
		}
		if len(count) != 4*len(kinds) {
			t.Errorf("%d kinds in all sets, want %d", len(count), 4*len(kinds))
		}
		for name, n := range count {
			if 2*favourable[name] != n {
				t.Errorf("%s: %d of %d are favourable, want half", name, favourable[name], n)
			}
		}
	})
}

// The verdict follows from the words: the test reads it back by rules of its own.
func TestVerdictsOfPlainReviews(t *testing.T) {
	for _, r := range english.sets()["train"] {
		if r.kind != "plain" {
			continue
		}
		good := 0
		for _, w := range strings.Fields(r.text) {
			if slices.Contains(englishBad, w) {
				good--
			}
			if slices.Contains(englishGood, w) {
				good++
			}
		}
		if good == 0 || (good > 0) != (r.verdict == 1) {
			t.Errorf("%q has verdict %d", r.text, r.verdict)
		}
	}
}

// The figures' font has every letter.
func TestKoreanCanBeDrawn(t *testing.T) {
	var b sfnt.Buffer
	letters := 0
	for _, rows := range korean.sets() {
		for _, r := range rows {
			for _, letter := range r.text {
				if !hangul.Has(letter) {
					continue
				}
				letters++
				if i, err := hangul.Font().GlyphIndex(&b, letter); err != nil || i == 0 {
					t.Fatalf("the font has no %c: %v", letter, err)
				}
			}
		}
	}
	if letters < 10000 {
		t.Errorf("%d Korean letters, want many", letters)
	}
}

func TestWithParticle(t *testing.T) {
	for _, c := range [][3]string{{"연기", "는", "연기는"}, {"음악", "는", "음악은"}, {"결말", "가", "결말이"}, {"대사", "가", "대사가"}, {"영상", "도", "영상도"}} {
		if got := withParticle(c[0], c[1]); got != c[2] {
			t.Errorf("%s with %s is %s, want %s", c[0], c[1], got, c[2])
		}
	}
}
