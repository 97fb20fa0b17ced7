package lesson

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLoadText(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	c, err := LoadText(file("a.txt", "한한한한한aaz"+"bc"))
	if err != nil || c.Alphabet.String() != "\uFFFD한" || len(c.Train) != 8 || len(c.Valid) != 1 || len(c.Test) != 1 {
		t.Errorf("%+v, %v", c, err)
	}
	c, err = LoadTextAs(file("e.txt", "한한한한한aaz"+"한c"), Jamo)
	if err != nil || c.Alphabet.String() != "\uFFFD\u1112\u1161\u11ab" || len(c.Train) != 18 || c.Alphabet.Decode(c.Valid) != "\u1112\u1161\u11ab" || len(c.Test) != 1 {
		t.Errorf("%+v, %v", c, err)
	}
	wantPanic(t, "lesson: LoadTextAs: spell is nil, want a function", func() { LoadTextAs("a.txt", nil) })
	for want, path := range map[string]string{
		"it is not UTF-8: convert it":          file("b.txt", "\xff\xff"),
		"it has 3 characters, want 10 or more": file("c.txt", "abc"),
		"no such file: give its path from":     filepath.Join(dir, "d.txt"),
	} {
		if _, err := LoadText(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
