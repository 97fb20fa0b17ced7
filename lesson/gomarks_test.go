package lesson

import (
	"go/scanner"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestGoMarksByHand(t *testing.T) {
	digits := func(of []float64) string {
		var b strings.Builder
		for _, v := range of {
			b.WriteByte('0' + byte(v))
		}
		return b.String()
	}
	for _, c := range []struct{ text, inString, inComment, round, braces string }{
		{`f("(\"", '"') // "(`, `0011110001100000000`, `0000000000000001111`, `0111111111110000000`, `0000000000000000000`},
		{"{`\n}`}", "011100", "000000", "000000", "111110"},
		{"\"a\n(", "1100", "0000", "0001", "0000"},
		{"/*/(*/)", "0000000", "0111100", "0000000", "0000000"},
		{"))}한", "0000", "0000", "0000", "0000"},
		{"({\nfunc (", "000000000", "000000000", "111111101", "011111100"},
	} {
		m := ReadGoMarks(c.text)
		got := [4]string{digits(m.InString), digits(m.InComment), digits(m.Round), digits(m.Braces)}
		if want := [4]string{c.inString, c.inComment, c.round, c.braces}; got != want {
			t.Errorf("%q: marks\n%q, want\n%q", c.text, got, want)
		}
	}
}

// TestGoMarksAgainstGosScanner: the package's own files, literal by literal.
func TestGoMarksAgainstGosScanner(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 50 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		inString, inComment := make([]float64, len(source)+1), make([]float64, len(source)+1) // by byte
		set := token.NewFileSet()
		var s scanner.Scanner
		file := set.AddFile(name, -1, len(source))
		s.Init(file, source, nil, scanner.ScanComments)
		for {
			pos, kind, text := s.Scan()
			at := file.Offset(min(pos, token.Pos(file.Base()+len(source))))
			switch kind {
			case token.STRING, token.CHAR:
				for i := range len(text) - 1 { // the closing quote is outside
					inString[at+i] = 1
				}
			case token.COMMENT:
				// It is known to be one at its second character. A line's ends before \n.
				last := len(text)
				if strings.HasPrefix(text, "/*") {
					last--
				}
				for i := 1; i < last; i++ {
					inComment[at+i] = 1
				}
			}
			if kind == token.EOF {
				break
			}
		}
		m, i := ReadGoMarks(string(source)), 0
		for at := range string(source) {
			if m.InString[i] != inString[at] || m.InComment[i] != inComment[at] {
				t.Fatalf("%s, byte %d, %q: string %v, comment %v; Go's scanner says %v, %v",
					name, at, source[max(0, at-20):at+1], m.InString[i], m.InComment[i], inString[at], inComment[at])
			}
			i++
		}
		if n := len(m.Round); m.Round[n-1] != 0 || m.Braces[n-1] != 0 {
			t.Errorf("%s ends with %v round brackets and %v braces open", name, m.Round[n-1], m.Braces[n-1])
		}
	}
}

func FuzzGoMarks(f *testing.F) {
	f.Add("func f() { g(\"\\\"\", 'x') /* ( */ }\n`")
	f.Fuzz(func(t *testing.T, text string) {
		m := ReadGoMarks(text)
		if n := len([]rune(text)); len(m.InString) != n || len(m.InComment) != n || len(m.Round) != n || len(m.Braces) != n {
			t.Errorf("%d characters, %d marks", n, len(m.Round))
		}
		for i := range m.Round {
			if m.Round[i] < 0 || m.Braces[i] < 0 || m.InString[i]*m.InComment[i] != 0 {
				t.Errorf("character %d of %q: %v %v", i, text, m.Round[i], m.Braces[i])
			}
		}
	})
}
