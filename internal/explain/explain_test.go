package explain

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"

	"unroll/internal/words"
)

var update = flag.Bool("update", false, "write what a learner reads into testdata/mistakes.txt: then read it")

// A mistake is a case of testdata/mistakes.txt: the cells, the last of which has the mistake, and what a
// learner reads.
type mistake struct {
	title string
	cells []Cell
	reads string
}

const file = "testdata/mistakes.txt"

func mistakes(t *testing.T) (head string, all []mistake) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, _ := strings.Cut(string(text), "\n=== ")
	for part := range strings.SplitSeq(rest, "\n=== ") {
		title, part, _ := strings.Cut(part, "\n")
		source, reads, _ := strings.Cut(part, "\n--- reads\n")
		m := mistake{title: title, reads: strings.TrimSpace(reads)}
		for i, cell := range strings.Split(source, "\n--- cell\n") {
			m.cells = append(m.cells, Cell{fmt.Sprint(i + 1), strings.Trim(cell, "\n")})
		}
		all = append(all, m)
	}
	return head, all
}

// compose makes a program of cells as the page does, by ../../site/run/compose.
var compose = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "explain")
	if err != nil {
		return "", err
	}
	program := filepath.Join(folder, "compose")
	said, err := exec.Command("go", "build", "-o", program, "../../site/run/compose").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, said)
	}
	return program, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if program, err := compose(); err == nil {
		os.RemoveAll(filepath.Dir(program))
	}
	os.Exit(code)
}

var packages = map[string]string{"flag": "flag", "fmt": "fmt", "math": "math", "os": "os", "runtime/debug": "debug", "strconv": "strconv", "strings": "strings",
	"sync": "sync", "math/rand/v2": "rand", "unroll/lesson": "lesson", "no/such": "such"}

// report runs the cells: the parser, the compiler and the program write what is to be explained. It returns what explains it.
func report(t *testing.T, cells []Cell) func() Report {
	t.Helper()
	program, err := compose()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	in, out := filepath.Join(folder, "in.json"), filepath.Join(folder, "out.json")
	request, err := json.Marshal(map[string]any{"cells": cells, "packages": packages})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(in, request, 0o600); err != nil {
		t.Fatal(err)
	}
	if said, err := exec.Command(program, in, out).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	var answer struct {
		Program string
		Kind    string
		Places  []struct {
			Cell, Text   string
			Line, Column int
		}
	}
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		t.Fatal(err)
	}
	if text, ok := strings.CutPrefix(cells[0].Source, "package main\n"); ok {
		// GoNB and compose remove imports that nothing uses; what they cannot remove, the compiler names.
		answer.Kind, answer.Program = "", "package main\n//line /cell/1:2\n"+text
	}
	if answer.Kind != "" {
		var text strings.Builder
		for _, p := range answer.Places {
			fmt.Fprintf(&text, "/cell/%s:%d:%d: %s\n", p.Cell, p.Line, p.Column, p.Text)
		}
		return func() Report { return Build(Input{Text: text.String(), Cells: cells}) }
	}
	// The program imports this module's packages, so it stands in the module, for the go command alone.
	file, overlay := filepath.Join(folder, "main.go"), filepath.Join(folder, "overlay.json")
	place, err := filepath.Abs("testdata/program/main.go")
	if err != nil {
		t.Fatal(err)
	}
	replace, _ := json.Marshal(map[string]any{"Replace": map[string]string{place: file}})
	for path, text := range map[string][]byte{file: []byte(answer.Program), overlay: replace} {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	binary := filepath.Join(folder, "program")
	build := exec.Command("go", "build", "-overlay", overlay, "-ldflags=-s", "-tags=minimal,safe", "-o", binary, "./testdata/program")
	if said, err := build.CombinedOutput(); err != nil {
		return func() Report { return Build(Input{Text: string(said), Cells: cells}) }
	}
	run := exec.Command(binary)
	var errors bytes.Buffer
	run.Stderr = &errors
	err = run.Run()
	if err == nil {
		t.Fatal("the program has no mistake")
	}
	return func() Report { return Crash(Input{Text: errors.String(), Cells: cells}, err.Error()) }
}

func TestMistakes(t *testing.T) {
	head, all := mistakes(t)
	if len(all) < 30 {
		t.Errorf("%s has %d mistakes, want at least 30", file, len(all))
	}
	read, explains := make([]string, len(all)), make([]func() Report, len(all))
	t.Run("each", func(t *testing.T) {
		for i, m := range all {
			t.Run(m.title, func(t *testing.T) {
				t.Parallel()
				explains[i] = report(t, m.cells)
				r := explains[i]()
				read[i] = strings.TrimSpace(r.Where() + strings.Join(r.Hints(), "\n"))
				if read[i] != m.reads && !*update {
					t.Errorf("a learner reads\n%s\n\nwant\n%s\n\nall:\n%s", read[i], m.reads, r.Details)
				}
				if !strings.HasPrefix(m.title, "no hint:") && len(r.Hints()) == 0 {
					t.Errorf("no hint: %s", r.Details)
				}
				for _, no := range []string{"main.go", "/cell/", "testdata", "exit status 2\n"} {
					if strings.Contains(read[i], no) {
						t.Errorf("a learner reads %q:\n%s", no, read[i])
					}
				}
			})
		}
	})
	for i, m := range all {
		if explains[i] != nil {
			speaks(t, m.title, explains[i])
		}
	}
	if !*update {
		return
	}
	var b strings.Builder
	b.WriteString(head)
	for i, m := range all {
		fmt.Fprintf(&b, "\n=== %s\n", m.title)
		for i, cell := range m.cells {
			if i > 0 {
				b.WriteString("\n--- cell\n")
			}
			b.WriteString(cell.Source)
		}
		fmt.Fprintf(&b, "\n--- reads\n%s\n", read[i])
	}
	if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// speaks reports what is not said in the reader's language: hints in no language but English, and words of ours in Korean ones.
func speaks(t *testing.T, title string, explain func() Report) {
	t.Helper()
	defer func() { words.Language = "" }()
	words.Language = words.Pseudo
	for _, hint := range explain().Hints() {
		if !strings.HasPrefix(hint, "«") || !strings.HasSuffix(hint, "»") {
			t.Errorf("%s: %q is English in every language", title, hint)
		}
	}
	words.Language = "ko"
	r := explain()
	for _, hint := range r.Hints() {
		if left := english.FindString(kept.ReplaceAllString(hint, "")); left != "" || !strings.ContainsFunc(hint, func(r rune) bool { return unicode.Is(unicode.Hangul, r) }) {
			t.Errorf("%s: %q is left in %q", title, left, hint)
		}
	}
	if where := r.Where(); r.Problems[0].Cell != "" && !strings.HasPrefix(where, "셀 ") {
		t.Errorf("%s: the place is %q", title, where)
	}
}

// In Korean stay the names of Go, Go's own words, and numbers.
var (
	kept    = regexp.MustCompile("`[^`]*`|https://\\S*|\\b(?:Go|JupyterLab|Tab|map|while|import|fmt|shape|nil|WaitGroup|float64|Inf|NaN)\\b|^\\S+는 정수가")
	english = regexp.MustCompile(`[A-Za-z]{2,}`)
)

func TestPlacesInKorean(t *testing.T) {
	defer func() { words.Language = "" }()
	words.Language = "ko"
	cells := []Cell{{"3", "var half = two"}, {"7", "%%\nx := 1"}}
	r := Build(Input{Text: "/cell/7:2:1: declared and not used: x\n/cell/3:1:12: undefined: two\n", Cells: cells})
	want := "셀 7, 2행: declared and not used: x\n    x := 1\n셀 3, 1행: undefined: two\n    var half = two\n"
	if r.Where() != want {
		t.Errorf("got\n%s\nwant\n%s", r.Where(), want)
	}
	hints := []string{"Go에서는 쓰지 않는 변수가 있으면 안 됩니다. 출력하는 식으로 `x`를 쓰거나, 그 자리에 `_`를 쓰세요.",
		"앞서 실행한 셀 3에서 선언한 `half`가 이 셀의 선언과 맞지 않습니다. 셀 3에서 고치고 그 셀을 다시 실행하거나, `%rm half`라고 쓴 셀로 지우세요."}
	if got := r.Hints(); !slices.Equal(got, hints) {
		t.Errorf("got %q\nwant %q", got, hints)
	}
	if html := r.HTML(); strings.Contains(html, "details") && !strings.Contains(html, "<summary>자세히</summary>") {
		t.Error(html)
	}
}

// A page says its language to the program that explains.
func TestComposeExplainsInTheLanguageOfThePage(t *testing.T) {
	program, err := compose()
	if err != nil {
		t.Fatal(err)
	}
	in, out := filepath.Join(t.TempDir(), "in.json"), filepath.Join(t.TempDir(), "out.json")
	for language, want := range map[string]string{"ko": "Go에서는 `nil`을 씁니다.", "en": "Go writes `nil`.", "": "Go writes `nil`."} {
		request := fmt.Sprintf(`{"text": "/cell/1:1:9: undefined: null", "page": true, "language": %q, "cells": [{"id": "1", "source": "var x = null"}]}`, language)
		if err := os.WriteFile(in, []byte(request), 0o600); err != nil {
			t.Fatal(err)
		}
		explain := exec.Cmd{Path: program, Args: []string{"explain", in, out}}
		if said, err := explain.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, said)
		}
		text, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		var r Report
		if err := json.Unmarshal(text, &r); err != nil || r.Problems[0].Hint != want {
			t.Errorf("%q: %v, %q, want %q", language, err, r.Problems[0].Hint, want)
		}
	}
}

// GoNB's file is main.go, and its map tells the cell of each line.
func TestLocate(t *testing.T) {
	cells := []Cell{{"3", "func half(x float64) float64 {\n\treturn x / two\n}"}, {"7", "%%\nhalf(1)"}}
	locate := func(file string, line int) (string, int) {
		if !strings.HasSuffix(file, "main.go") || line > 20 {
			return "", 0
		}
		if line < 10 {
			return "3", line - 3
		}
		return "7", line - 9
	}
	r := Build(Input{Text: "# gonb_12ab\n./main.go:5:13: undefined: two\n./main.go:11:2: half(1) (value of type float64) is not used\n./main.go:99:1: x\n", Cells: cells, Locate: locate})
	var got []string
	for _, p := range r.Problems {
		got = append(got, p.String())
	}
	want := "Cell 7, line 2: half(1) (value of type float64) is not used|Cell 3, line 2: undefined: two|x"
	if s := strings.Join(got, "|"); s != want {
		t.Errorf("got  %s\nwant %s", s, want)
	}
	if hint := r.Problems[1].Hint; !strings.Contains(hint, "`%rm half`") {
		t.Errorf("the hint on an older declaration is %q, want one with %%rm half", hint)
	}
	if r.Details != "" {
		t.Errorf("the details are %q, which was said before", r.Details)
	}
	more := Build(Input{Text: "# gonb_12ab\n./main.go:5:13: undefined: two\nnote: about ./main.go:11:2\n", Cells: cells, Locate: locate})
	if want := "cell 3, line 2: undefined: two\nnote: about line 2"; more.Details != want {
		t.Errorf("details are %q, want %q", more.Details, want)
	}
}

func TestNothingKnown(t *testing.T) {
	for _, text := range []string{"", "\n", "go: some trouble\n", "x.go:1:2: y", "\t\t\n:::\n"} {
		r := Build(Input{Text: text})
		if len(r.Problems) != 1 || r.Problems[0].Message == "" {
			t.Errorf("%q: %+v", text, r)
		}
	}
	for status, want := range map[string]string{"signal: killed": "memory", "exit status 3": "os.Exit", "signal: interrupt": ""} {
		r := Crash(Input{Text: "a line of its own\n"}, status)
		if message := r.Problems[0].Message; message != strings.Replace(status, "signal: interrupt", "interrupted", 1) || !strings.Contains(r.Problems[0].Hint, want) {
			t.Errorf("%s: %+v", status, r.Problems)
		}
	}
}

// What a program writes is text from a stranger.
func TestHTML(t *testing.T) {
	cells := []Cell{{"1", "%%\nvar x <script>alert(1)</script>"}}
	r := Build(Input{Text: "/cell/1:2:1: undefined: <script>`b`\n<script>\n", Cells: cells})
	r.Problems[0].Hint = "write `<b>`"
	got := r.HTML()
	if strings.Contains(got, "<script>") || !strings.Contains(got, "<code>&lt;b&gt;</code>") || !strings.Contains(got, "<details>") {
		t.Error(got)
	}
}

func TestInside(t *testing.T) {
	for _, c := range []struct{ source, want string }{
		{"a := `x\n! y\n%% z`\n%%", ".II."},
		{"/* a\n% b\n*/ `\n! c\n`", ".IIII"},
		{"\"`\" + '`' // `\n! a\n'\\'' + `\nb", "...I"},
		{"! echo `\n% a", ".."},
		{"! a \\\n`\nb", "..."},
		{"%%\n//gonb:! `\n%", "..."},
		{"\"\\\"`\nx", ".."},
	} {
		got := ""
		for _, inside := range Inside(strings.Split(c.source, "\n")) {
			got += map[bool]string{true: "I", false: "."}[inside]
		}
		if got != c.want {
			t.Errorf("%q: %s, want %s", c.source, got, c.want)
		}
	}
}

// Hints name code in pairs of backticks.
func TestTicks(t *testing.T) {
	_, all := mistakes(t)
	for _, m := range all {
		for line := range strings.Lines(m.reads) {
			if !regexp.MustCompile(`^(Cell|    |\t|called)`).MatchString(line) && strings.Count(line, "`")%2 != 0 {
				t.Errorf("%s: %s", m.title, line)
			}
		}
	}
}

// In a page a run has the cells above, as they stand: none has to be run before, and one with an error is left out.
func TestPage(t *testing.T) {
	cells := []Cell{{"0", "var p, q = math.Modf(2.5)"}, {"1", "func reports() int { return nothing }"}, {"2", "%%\nfmt.Println(reports(), bag(1))\nnet.Dial()\nhttp.Get()\nlogs.Fatal()\np = 1"}}
	for _, c := range []struct{ text, hint string }{
		{"/cell/2:2:13: undefined: reports", "Cell 1 declares `reports`, but was left out: there is an error in it, or in a cell that it needs. Run it to see the error."},
		{"/cell/2:6:1: undefined: p", "Cell 0 declares `p` together with a name that a later cell declares again, so both are gone: choose another name in the later cell."},
		{"/cell/2:2:24: undefined: bag", "No cell above declares `bag`, and cells below do not count. Put its declaration above, or look for a letter that is wrong."},
		{"/cell/2:3:1: undefined: net", "There is no variable `net` here, and the page does not have Go's package `net`: it has the lessons' packages and a part of the standard library. JupyterLab has all."},
		{"/cell/2:4:1: undefined: http", "There is no variable `http` here, and the page does not have Go's package `net/http`: it has the lessons' packages and a part of the standard library. JupyterLab has all."},
		{"/cell/2:5:1: undefined: logs", "There is no variable `logs` here, and no package that is called so and has `Fatal` was found. Is the name behind the dot right? Else import the package, at the cell's top: `import \"…/logs\"`."},
		{"/cell/1:1:29: undefined: nothing", "Cell 1 declares `reports`, and that does not fit what this cell declares. Change it in cell 1."},
	} {
		explain := func() Report { return Build(Input{Text: c.text, Cells: cells, Page: true, Left: []string{"1"}}) }
		if hint := explain().Problems[0].Hint; hint != c.hint {
			t.Errorf("%s: %q, want %q", c.text, hint, c.hint)
		}
		speaks(t, c.text, explain)
	}
	crash := "panic: x\n\ngoroutine 1 [running]:\nmain.init()\n\t/cell/1:1 +0x1\n"
	explain := func() Report {
		return Crash(Input{Text: crash, Cells: []Cell{{"1", "var data = load()"}, {"2", "%%"}}, Page: true}, "exit status 2")
	}
	if hint := explain().Problems[0].Hint; !strings.HasSuffix(hint, " Change it in cell 1.") {
		t.Errorf("%q", hint)
	}
	speaks(t, "init", explain)
}

// Where Go names another place within its message, a reader reads of the cell.
func TestPlacesWithin(t *testing.T) {
	cells := []Cell{{"1", "func f() {\n}"}, {"2", "func g() {\n\tgoto end\n\tx := 1\nend:\n}"}}
	for text, want := range map[string]string{
		"/cell/2:2:7: goto end jumps over variable declaration at /cell/2:3:4":   "goto end jumps over variable declaration at line 3",
		"/cell/2:4:1: label end already defined at /cell/1:2:1":                  "label end already defined at cell 1, line 2",
		"/cell/2:2:7: goto L jumps into block starting at /cell/2:1:10 and more": "goto L jumps into block starting at line 1 and more",
	} {
		if got := Build(Input{Text: text, Cells: cells}).Problems[0].Message; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// A //line in a cell gives what follows another number, which is no place in the cell.
func TestLineDirectives(t *testing.T) {
	for _, source := range []string{"//line foo:1000\nfunc f() {\n\tx := 1", "%%\n//line :99999\nfmt.Println(", "/*line foo:1000:1*/ func f() {\n\tx := (1"} {
		last := strings.Count(source, "\n") + 1
		r := Build(Input{Text: fmt.Sprintf("/cell/1:%d:1: syntax error: unexpected EOF", last), Cells: []Cell{{"1", source}}})
		if p := r.Problems[0]; p.Line != last || !strings.HasSuffix(p.Message, "is not closed") {
			t.Errorf("%q: line %d, %q", source, p.Line, p.Message)
		}
	}
}

func TestLibrary(t *testing.T) {
	said, err := exec.Command("go", "list", "std").Output()
	if err != nil {
		t.Fatal(err)
	}
	want := slices.DeleteFunc(strings.Fields(string(said)), regexp.MustCompile(`^vendor/|\b(?:internal|v2)\b`).MatchString)
	if got := strings.Fields(library); !slices.Equal(got, want) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
