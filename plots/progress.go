package plots

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"unroll/internal/words"
)

// Progress shows the progress of a long computation, in one line that is updated in
// place:
//
//	progress := plots.NewProgress("training 10 networks", 10)
//	for seed := range uint64(10) {
//		train(seed)
//		progress.Step()
//	}
//	progress.Done("trained 10 networks, %d failed", failed)
//
// While it runs the line has a bar and, once the work has taken two seconds, the
// time that is left at the speed so far. The line that Done leaves has neither,
// so a saved notebook is the same after every run.
//
// In a notebook the line is an output of the cell, which is where NewProgress
// was called. Elsewhere it is the last line of a terminal, on the standard
// error; where that is no terminal, only the line of Done is written.
//
// Its methods may be called from several goroutines.
type Progress struct {
	what        string
	total       int
	id          string    // of the display in a notebook
	out         io.Writer // elsewhere
	live        bool      // whether out is a terminal
	now         func() time.Time
	mu          sync.Mutex
	done        int
	ended       bool
	start, last time.Time // last: when the line was shown
}

// NewProgress shows that work of so many steps begins, such as "training 10
// networks". It panics when total is below 1.
func NewProgress(what string, total int) *Progress {
	if total < 1 {
		failf("NewProgress", "total is %d, want at least 1", total)
	}
	p := &Progress{what: what, total: total, now: time.Now}
	if inNotebook() {
		p.id = "progress_" + uniqueID()
	} else {
		p.out = os.Stderr
		info, err := os.Stderr.Stat()
		p.live = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	p.begin()
	return p
}

func (p *Progress) begin() {
	p.start = p.now()
	p.last = p.start
	p.show(p.line(p.start), false)
}

// Step says that one more step is done. It panics when there are more than
// NewProgress was told, and after Done.
func (p *Progress) Step() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		failf("Progress.Step", "%q has ended", p.what)
	}
	if p.done == p.total {
		failf("Progress.Step", "%q has more than its %s", p.what, count(p.total, "step"))
	}
	p.done++
	// A reader sees no more than five updates a second, and each takes time.
	if now := p.now(); now.Sub(p.last) >= 200*time.Millisecond {
		p.last = now
		p.show(p.line(now), false)
	}
}

// Done ends the work, at whichever step it is, and replaces the line by one
// that stays, formatted as by fmt.Sprintf. An empty format says what was done,
// "training 10 networks: 10 of 10".
func (p *Progress) Done(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		failf("Progress.Done", "%q has ended", p.what)
	}
	p.ended = true
	line := fmt.Sprintf(format, args...)
	if format == "" {
		line = words.Sprintf("%s: %d of %d", p.what, p.done, p.total)
	}
	p.show(line, true)
}

// line returns "training ▓▓▓▓▓░░░░░ 5 of 10, about 8 s left".
func (p *Progress) line(now time.Time) string {
	const width = 20
	full := p.done * width / p.total
	line := words.Sprintf("%s %s%s %d of %d", p.what,
		strings.Repeat("▓", full), strings.Repeat("░", width-full), p.done, p.total)
	if took := now.Sub(p.start); p.done > 0 && p.done < p.total && took >= 2*time.Second {
		left := time.Duration(float64(took) / float64(p.done) * float64(p.total-p.done))
		line = words.Sprintf("%s, about %s left", line, roughly(left))
	}
	return line
}

// roughly writes a duration as one would say it: 8 s, 3 min.
func roughly(d time.Duration) string {
	if d < 90*time.Second {
		return words.Sprintf("%d s", max(1, int(d.Round(time.Second).Seconds())))
	}
	return words.Sprintf("%d min", int(d.Round(time.Minute).Minutes()))
}

// show puts the line in the place of the one before.
func (p *Progress) show(line string, final bool) {
	switch {
	case p.id != "":
		data := bundled{data: map[string]any{mimeText: line}, id: p.id}
		// The first line has its place before what the cell prints next, and
		// the last one arrives before the program ends.
		if err := display(data, final || p.done == 0); err != nil {
			failf("Progress", "the notebook does not answer: %v", err)
		}
	case p.live && final:
		fmt.Fprintf(p.out, "\r%s\x1b[K\n", line)
	case p.live:
		fmt.Fprintf(p.out, "\r%s\x1b[K", line)
	case final:
		fmt.Fprintln(p.out, line)
	}
}
