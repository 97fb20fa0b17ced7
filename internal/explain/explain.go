// Package explain says what is wrong with a cell, where, and what a learner can do about it.
//
// Its input is what Go's parser, its compiler or a program that crashed has written. The kernel in
// JupyterLab and the pages that run Go in the browser both use it, so that they say the same.
package explain

import (
	"fmt"
	"go/token"
	"html"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"unroll/internal/words"
)

// A Cell is the text of a cell of a notebook, with the commands (%%) that it has.
type Cell struct {
	ID     string `json:"id"` // what a reader knows it by
	Source string `json:"source"`
}

// Input is what there is to explain.
type Input struct {
	Text  string `json:"text"`  // what the parser, the compiler or the program wrote
	Cells []Cell `json:"cells"` // those that were run, in order; the last is the one that failed
	// Locate returns the cell and its line that the program's file has at a line, or an empty id.
	// If it is nil, a file is named /cell/ID and has the lines of the cell.
	Locate func(file string, line int) (id string, cellLine int) `json:"-"`
	// Page says that the reader has a page, without completion and without commands such as %rm. There the cells that
	// were run are those above, as they stand, without those that have errors.
	Page bool `json:"page"`
	// Left are the cells of a page that have errors.
	Left []string `json:"left"`
}

// A Place is a line of a cell. Lines count from 1.
type Place struct {
	Cell string `json:"cell"`
	Line int    `json:"line"`
	Code string `json:"code"` // the text of the line
}

// A Problem is one thing that is wrong.
type Problem struct {
	Place               // its Cell is empty if there is no line to show
	Message string      `json:"message"` // what is wrong, as Go says it
	Hint    string      `json:"hint"`    // what to do about it, or empty; `code` stands between backticks
	older   bool        // an older cell has the other declaration
	bracket token.Token // what is not closed
}

// A Report is what a learner reads.
type Report struct {
	Problems []Problem `json:"problems"` // first what to look at first; at least one
	Calls    []Place   `json:"calls"`    // of a program that crashed: the lines from which the first place was reached
	Details  string    `json:"details"`  // all that was written, with the places as a reader knows them; empty if that is no more
}

// most is how many problems a report has: the others follow from the first, or can wait.
const most = 4

// Build explains why the parser or the compiler refused the cells.
func Build(in Input) Report {
	in.Text = directive.ReplaceAllString(heading.ReplaceAllString(in.Text, ""), "$1")
	s := newSources(in)
	var found []Problem
	for line := range strings.Lines(in.Text) {
		line = strings.TrimRight(line, "\r\n")
		if more, ok := strings.CutPrefix(line, "\t"); ok && len(found) > 0 {
			// have (…) and want (…), or where the other declaration is
			last := &found[len(found)-1]
			if m := position.FindStringSubmatch(more); m != nil {
				at := s.place(m[1], m[2])
				if at.Cell == "" {
					continue
				}
				more = fmt.Sprintf("%s: %s", m[4], s.name(at))
				last.older = at.Cell != s.here().ID
			}
			last.Message += "\n\t" + more
			continue
		}
		m := position.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		at := s.place(m[1], m[2])
		message := others.ReplaceAllString(strings.TrimPrefix(m[4], "syntax error: "), "")
		if at.Cell == "" && strings.Contains(message, "too many errors") {
			continue
		}
		found = append(found, Problem{Place: at, Message: s.plain(message)})
	}
	if len(found) == 0 {
		message := words.Of("the program does not build")
		for line := range strings.Lines(in.Text) {
			if line = strings.TrimSpace(line); line != "" {
				message = line
				break
			}
		}
		found = append(found, Problem{Message: message, Hint: s.hintAnywhere(message)})
	}
	// What is wrong in the cell itself comes before what is wrong in older ones, and each is said once.
	slices.SortStableFunc(found, func(a, b Problem) int { return rank(s, a) - rank(s, b) })
	// A bracket that is not closed brings the parser out of the text that the reader wrote.
	if b, ok := s.unclosed(); ok && (found[0].Cell == "" || found[0].Line >= b.last) {
		found = []Problem{{Place: s.placeIn(s.here().ID, b.last), Message: words.Sprintf("the %s of line %d is not closed", b.Token, b.line), bracket: b.Token}}
	}
	if s.ends {
		found[0].Message = strings.Replace(found[0].Message, "found '}'", "found 'EOF'", 1) // the } is none of the reader's
	}
	r := Report{Details: s.plain(in.Text)}
	seen := map[string]bool{}
	for _, p := range found {
		if len(r.Problems) == most || seen[p.Message] {
			continue
		}
		seen[p.Message] = true
		p.Hint = s.hint(p)
		if n := len(r.Problems); n > 0 && p.Place == r.Problems[n-1].Place && p.Hint == r.Problems[n-1].Hint {
			continue // both parameters that have no type
		}
		r.Problems = append(r.Problems, p)
		if s.syntax {
			break // the parser loses its way at the first
		}
	}
	said := 0
	for _, p := range r.Problems {
		said += strings.Count(p.Message, "\n") + 1
	}
	if strings.Count(r.Details, "\n") < said {
		r.Details = ""
	}
	return r
}

func rank(s *sources, p Problem) int {
	switch {
	case p.Cell == s.here().ID:
		return 0
	case p.Cell != "":
		return 1
	}
	return 2
}

// Crash explains why a program ended. The text is what it wrote to its standard error, from the first
// line with one of Crashes on; status is how it ended: "exit status 2" or "signal: killed".
func Crash(in Input, status string) Report {
	s := newSources(in)
	head, trace, _ := strings.Cut(in.Text, "\ngoroutine ")
	message, _, _ := strings.Cut(strings.TrimSpace(head), "\n\n")
	message, _, _ = strings.Cut(message, "\n[signal ")
	if i := strings.LastIndex("\n"+message, "\nfatal error: "); i >= 0 {
		message = message[i:] // what stands before it are addresses
	}
	if !slices.ContainsFunc(Crashes, func(prefix string) bool { return strings.HasPrefix(message, prefix) }) {
		message = ""
	}
	var problem Problem
	r := Report{}
	if message == "" {
		problem.Message = status
		if status == interrupted {
			problem.Message = words.Of("interrupted")
		}
		problem.Hint = statusHint(status)
		r.Problems = []Problem{problem}
		return r
	}
	r.Details = s.plain(in.Text) + "\n" + status
	problem.Message = strings.TrimSuffix(message, " [recovered]")
	trace, _, _ = strings.Cut(trace, "\n\ngoroutine ") // the first is the one that panicked
	var places []Place
	initial := "" // the function that gives the package's variables their values, if it is on the way
	function := ""
	for line := range strings.Lines(trace) {
		line = strings.TrimRight(line, "\n")
		m := frame.FindStringSubmatch(line)
		if m == nil {
			function = line
			continue
		}
		at := s.place(m[1], m[2])
		if at.Cell == "" || strings.HasPrefix(function, "created by ") {
			continue
		}
		if strings.HasPrefix(function, "main.init(") || strings.HasPrefix(function, "main.init.") {
			initial = function
		}
		if !slices.Contains(places, at) {
			places = append(places, at)
		}
	}
	if len(places) > 0 {
		problem.Place = places[0]
		r.Calls = places[1:]
		if len(r.Calls) > most {
			r.Calls = r.Calls[:most]
		}
	}
	problem.Hint = crashHint(problem.Message)
	if initial != "" {
		if name := s.declarationAt(places[len(places)-1]); name != "" {
			way := words.Sprintf("%s gets its value before anything else runs, in every later cell too.", code(name))
			problem.Hint = strings.TrimSpace(problem.Hint + " " + way + " " + s.change(places[len(places)-1].Cell, name))
		}
	}
	r.Problems = []Problem{problem}
	return r
}

// interrupted is the status of a program that a reader has ended.
const interrupted = "signal: interrupt"

// Crashes are the beginnings of the first line that Go writes to the standard error when a program crashes.
// A program may write such a line itself.
var Crashes = []string{"panic: ", "fatal error: ", "runtime: ", "unexpected fault address ", "SIGQUIT: ", "SIGABRT: ", "SIGSEGV: ", "SIGBUS: ", "SIGFPE: ", "SIGILL: "}

var (
	position = regexp.MustCompile(`^(?:vet: )?((?:[^:]|:[^0-9])+):(\d+)(?::(\d+))?: (.+)$`)
	frame    = regexp.MustCompile(`^\t(.+):(\d+)(?: \+0x[0-9a-f]+)?$`)
	anywhere = regexp.MustCompile(`[^\s:(]*(?:main\.go|/cell/[^\s:]+):\d+(?::\d+)?`)
	heading  = regexp.MustCompile(`(?m)^# .*\n`) // the package's name, which is nobody's
	// Where a line directive names a place, the compiler may write the file's own behind it.
	directive = regexp.MustCompile(`(:\d+:\d+)\[[^\]\n]+:\d+:\d+\]`)
	others    = regexp.MustCompile(` \(and \d+ more errors?\)$`)
)

// String returns the problem in a line or a few: its place, then Go's words.
func (p Problem) String() string {
	if p.Cell == "" {
		return p.Message
	}
	return fmt.Sprintf("%s: %s", p.Place, p.Message)
}

func (p Place) String() string { return words.Sprintf("Cell %s, line %d", p.Cell, p.Line) }

// Where returns what is wrong and where, as plain text.
func (r Report) Where() string {
	var b strings.Builder
	for _, p := range r.Problems {
		b.WriteString(p.String() + "\n")
		if p.Code != "" {
			b.WriteString("    " + p.Code + "\n")
		}
	}
	for _, at := range r.Calls {
		b.WriteString(words.Sprintf("called from cell %s, line %d", at.Cell, at.Line) + "\n    " + at.Code + "\n")
	}
	return b.String()
}

// Hints returns the hints, each once.
func (r Report) Hints() (hints []string) {
	for _, p := range r.Problems {
		if p.Hint != "" && !slices.Contains(hints, p.Hint) {
			hints = append(hints, p.Hint)
		}
	}
	return hints
}

// HTML returns what stands below the line of an error: the hints and, folded, the details. It has no
// colours of its own, so that it has those of the page.
func (r Report) HTML() string {
	var b strings.Builder
	for _, hint := range r.Hints() {
		b.WriteString("<p>" + ticks.ReplaceAllString(html.EscapeString(hint), "<code>$1</code>") + "</p>\n")
	}
	if r.Details != "" {
		b.WriteString("<details><summary>" + words.Of("details") + "</summary><pre>" + html.EscapeString(r.Details) + "</pre></details>")
	}
	return b.String()
}

var ticks = regexp.MustCompile("`([^`]+)`")

func code(text string) string { return "`" + text + "`" }

func atoi(text string) int {
	n, _ := strconv.Atoi(text)
	return n
}
