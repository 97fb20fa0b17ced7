package output

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// sent records the messages of an Output.
type sent struct {
	mu       sync.Mutex
	messages int
	stdout   strings.Builder
	stderr   strings.Builder
}

func (s *sent) send(stream, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages++
	if stream == "stdout" {
		s.stdout.WriteString(text)
	} else {
		s.stderr.WriteString(text)
	}
}

func (s *sent) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stdout.String()
}

func start(t *testing.T) (*Output, *sent, string) {
	path := filepath.Join(t.TempDir(), "long-output.txt")
	s := new(sent)
	return New(path, s.send), s, path
}

func lines(from, to int) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		fmt.Fprintf(&b, "line %d\n", i)
	}
	return b.String()
}

func TestOutputThatFits(t *testing.T) {
	for _, n := range []int{0, 1, 100, mostLines, mostLines + 1, mostLines + lastLines} {
		o, s, path := start(t)
		want := lines(0, n)
		for line := range strings.Lines(want) {
			fmt.Fprint(o.Stream("stdout"), line)
		}
		o.Close()
		if got := s.text(); got != want {
			t.Errorf("%d lines: %d bytes were sent, want %d", n, len(got), len(want))
		}
		if s.stderr.Len() > 0 {
			t.Errorf("%d lines: a note: %s", n, s.stderr.String())
		}
		if _, err := os.Stat(path); err == nil {
			t.Errorf("%d lines left a file", n)
		}
		if s.messages > 40 {
			t.Errorf("%d lines took %d messages", n, s.messages)
		}
	}
}

func TestOutputThatDoesNotFit(t *testing.T) {
	const n = 100_000
	o, s, path := start(t)
	all := lines(0, n)
	for line := range strings.Lines(all) {
		fmt.Fprint(o.Stream("stdout"), line)
	}
	o.Close()
	if got, want := s.text(), lines(0, mostLines)+lines(n-lastLines, n); got != want && got != lines(0, mostLines)+lines(n-lastLines-1, n) {
		t.Errorf("sent are %d bytes, want %d: the first lines and the last", len(got), len(want))
	}
	for _, want := range []string{path, "lines were left out"} {
		if !strings.Contains(s.stderr.String(), want) {
			t.Errorf("the note %q has no %q", s.stderr.String(), want)
		}
	}
	var left int
	if _, err := fmt.Sscanf(s.stderr.String()[strings.LastIndex(s.stderr.String(), "…"):], "… %d lines", &left); err != nil || left+strings.Count(s.text(), "\n") != n {
		t.Errorf("%d lines are left out (%v) and %d shown, of %d", left, err, strings.Count(s.text(), "\n"), n)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != all {
		t.Errorf("the file has %d bytes (%v), want all %d", len(text), err, len(all))
	}
	if s.messages > 200 {
		t.Errorf("it took %d messages", s.messages)
	}
}

func TestOneLongLine(t *testing.T) {
	o, s, path := start(t)
	const n = mostFile + 1<<20
	for range n / (1 << 16) {
		o.Stream("stdout").Write([]byte(strings.Repeat("한", 1<<16/3)))
	}
	o.Close()
	if got := s.stdout.Len(); got > mostBytes+lastBytes+8 {
		t.Errorf("%d bytes were sent", got)
	}
	if strings.Contains(s.text(), "\uFFFD") {
		t.Error("a letter was cut in two")
	}
	if info, err := os.Stat(path); err != nil || info.Size() != mostFile {
		t.Errorf("the file: %v, %v, want %d bytes", info, err, mostFile)
	}
	if !strings.Contains(s.stderr.String(), "the first 16 MB") {
		t.Errorf("the note is %q", s.stderr.String())
	}
}

// Letters that come in pieces are sent whole; a piece that nothing follows is sent as what it is.
func TestLetterInPieces(t *testing.T) {
	o, s, _ := start(t)
	for _, b := range []byte("a한b") {
		o.Stream("stdout").Write([]byte{b})
		o.Flush()
	}
	o.Stream("stdout").Write([]byte("\xed\x95"))
	o.Close()
	if got, want := s.text(), "a한b\uFFFD"; got != want {
		t.Errorf("sent is %q, want %q", got, want)
	}
}

func TestWhatIsWrittenComesSoon(t *testing.T) {
	o, s, _ := start(t)
	fmt.Fprint(o.Stream("stdout"), "a")
	fmt.Fprint(o.Stream("stdout"), "b")
	for deadline := time.Now().Add(10 * time.Second); s.text() != "ab"; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("sent is %q, want ab without Close", s.text())
		}
	}
}

func TestOrder(t *testing.T) {
	var got string
	o := New(filepath.Join(t.TempDir(), "x"), func(stream, text string) { got += stream + ":" + text + " " })
	out, err := o.Stream("stdout"), o.Stream("stderr")
	fmt.Fprint(out, "0")
	fmt.Fprint(out, "1")
	fmt.Fprint(err, "2")
	fmt.Fprint(out, "3")
	o.Flush()
	if want := "stdout:0 stdout:1 stderr:2 stdout:3 "; got != want {
		t.Errorf("sent is %s, want %s", got, want)
	}
}

// Where the file cannot be written, the cell goes on without it.
func TestNoFile(t *testing.T) {
	s := new(sent)
	o := New(filepath.Join(t.TempDir(), "no", "x"), s.send)
	fmt.Fprint(o.Stream("stdout"), lines(0, 3*mostLines))
	o.Close()
	if got := s.stderr.String(); !strings.Contains(got, "left out") || strings.Contains(got, "has the") {
		t.Errorf("the note is %q", got)
	}
}

func TestConcurrently(t *testing.T) {
	o, s, _ := start(t)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 2000 {
				fmt.Fprintln(o.Stream("stdout"), "x")
				o.Flush()
			}
		})
	}
	all.Wait()
	o.Close()
	if !strings.Contains(s.stderr.String(), "lines were left out") {
		t.Errorf("the note is %q", s.stderr.String())
	}
}

const trace = "panic: the glass is full\n\ngoroutine 1 [running]:\nmain.main()\n\t/x/main.go:3\n"

var prefixes = []string{"panic: ", "fatal error: "}

func TestCatch(t *testing.T) {
	for _, c := range []struct {
		name, in      string
		failed        bool
		passed, crash string
	}{
		{"a crash", "a\nb\n" + trace, true, "a\nb\n", trace},
		{"no crash", "a\nb", false, "a\nb", ""},
		{"a crash behind a line without an end", "a" + trace, true, "a" + trace, ""},
		{"a program that says so and goes on", trace, false, trace, ""},
		{"the beginning of a prefix", "pan", true, "pan", ""},
		{"a prefix within a line", "a panic: b\n", true, "a panic: b\n", ""},
	} {
		for _, piece := range []int{1, 3, 1000} {
			var passed strings.Builder
			catcher := Catch(&passed, prefixes)
			for rest := c.in; rest != ""; {
				n := min(piece, len(rest))
				if wrote, err := catcher.Write([]byte(rest[:n])); wrote != n || err != nil {
					t.Fatal(wrote, err)
				}
				rest = rest[n:]
			}
			crash := catcher.End(c.failed)
			if crash != c.crash || passed.String() != c.passed {
				t.Errorf("%s, by %d: passed on %q and caught %q, want %q and %q", c.name, piece, passed.String(), crash, c.passed, c.crash)
			}
		}
	}
}

// What is caught of a crash has a bound.
func TestCatchIsBounded(t *testing.T) {
	catcher := Catch(new(strings.Builder), prefixes)
	fmt.Fprint(catcher, trace)
	for range 1000 {
		fmt.Fprint(catcher, strings.Repeat("x", 1000))
	}
	if n := len(catcher.End(true)); n > mostCaught {
		t.Errorf("it holds %d bytes", n)
	}
}

type locked struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// A program that wrote a line like a crash's, and goes on, is heard.
func TestCatchLetsGo(t *testing.T) {
	passed := new(locked)
	catcher := Catch(passed, prefixes)
	fmt.Fprint(catcher, "panic: not really\n")
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		passed.mu.Lock()
		got := passed.b.String()
		passed.mu.Unlock()
		if got == "panic: not really\n" {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("passed on is %q", got)
		}
	}
	if crash := catcher.End(true); crash != "" {
		t.Errorf("the crash is %q", crash)
	}
}

func TestDisplays(t *testing.T) {
	o, s, _ := start(t)
	shown := 0
	for range 10 * mostDisplays {
		o.Display("", 10, func() { shown++ })
	}
	o.Display("new", 10, func() { shown++ })
	o.Close()
	if shown != mostDisplays {
		t.Errorf("%d figures are shown, want %d", shown, mostDisplays)
	}
	if text := s.stderr.String(); !strings.HasSuffix(text, fmt.Sprintf("… %d figures were left out\n", 9*mostDisplays+1)) || strings.Count(text, "what follows") != 1 {
		t.Errorf("it says %q", text)
	}
}

func TestLargeDisplays(t *testing.T) {
	o, _, _ := start(t)
	var shown []int
	for i := range 6 {
		o.Display("", mostShown/4, func() { shown = append(shown, i) })
	}
	if want := "[0 1 2 3]"; fmt.Sprint(shown) != want {
		t.Errorf("shown are %v, want %s", shown, want)
	}
}

func TestChangesOfADisplay(t *testing.T) {
	o, s, _ := start(t)
	var mu sync.Mutex
	var shown []int
	for i := range 100_000 {
		o.Display("one", 10, func() { mu.Lock(); shown = append(shown, i); mu.Unlock() })
	}
	o.Close()
	mu.Lock()
	defer mu.Unlock()
	if shown[0] != 0 || shown[len(shown)-1] != 99_999 || len(shown) > 1000 {
		t.Errorf("%d changes are shown, from %d to %d", len(shown), shown[0], shown[len(shown)-1])
	}
	for i := 1; i < len(shown); i++ {
		if shown[i] <= shown[i-1] {
			t.Fatalf("change %d is shown after %d", shown[i], shown[i-1])
		}
	}
	if s.stderr.Len() > 0 {
		t.Errorf("it says %q", s.stderr.String())
	}
}

func TestTextStandsAboveTheDisplayThatFollows(t *testing.T) {
	o, s, _ := start(t)
	fmt.Fprint(o.Stream("stdout"), "first")
	o.Display("", 1, func() {
		if s.text() != "first" {
			t.Errorf("before the figure stands %q", s.text())
		}
	})
}
