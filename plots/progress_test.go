package plots

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/janpfeifer/gonb/gonbui/protocol"
)

// stepper returns a progress that writes to a buffer, and a function that lets
// time pass.
func stepper(what string, total int, live bool) (p *Progress, out *bytes.Buffer, pass func(time.Duration)) {
	clock := time.Unix(1000, 0)
	out = new(bytes.Buffer)
	p = &Progress{what: what, total: total, out: out, live: live, now: func() time.Time { return clock }}
	p.begin()
	return p, out, func(d time.Duration) { clock = clock.Add(d) }
}

func TestProgressOnATerminal(t *testing.T) {
	p, out, pass := stepper("training", 4, true)
	for _, c := range []struct {
		pass time.Duration
		want string
	}{
		{100 * time.Millisecond, ""}, // too soon after the line before
		{900 * time.Millisecond, "\rtraining ▓▓▓▓▓▓▓▓▓▓░░░░░░░░░░ 2 of 4\x1b[K"},
		{2 * time.Second, "\rtraining ▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓░░░░░ 3 of 4, about 1 s left\x1b[K"},
		{time.Second, "\rtraining ▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓ 4 of 4\x1b[K"},
	} {
		before := out.String()
		pass(c.pass)
		p.Step()
		if got := strings.TrimPrefix(out.String(), before); got != c.want {
			t.Errorf("after %v more: %q, want %q", c.pass, got, c.want)
		}
	}
	p.Done("trained %d networks", 4)
	first, last := "\rtraining ░░░░░░░░░░░░░░░░░░░░ 0 of 4\x1b[K", "\rtrained 4 networks\x1b[K\n"
	if got := out.String(); !strings.HasPrefix(got, first) || !strings.HasSuffix(got, last) {
		t.Errorf("wrote %q, want it to begin with %q and end with %q", got, first, last)
	}
}

// A file or a pipe gets the last line alone.
func TestProgressInAFile(t *testing.T) {
	p, out, pass := stepper("counting", 3, false)
	pass(time.Hour)
	p.Step()
	p.Done("")
	if got, want := out.String(), "counting: 1 of 3\n"; got != want {
		t.Errorf("wrote %q, want %q", got, want)
	}
}

func TestProgressTimeLeft(t *testing.T) {
	p, out, pass := stepper("", 11, true)
	pass(30 * time.Second)
	p.Step()
	if !strings.Contains(out.String(), "1 of 11, about 5 min left") {
		t.Errorf("wrote %q", out)
	}
	for d, want := range map[time.Duration]string{0: "1 s", 89 * time.Second: "89 s", 100 * time.Second: "2 min"} {
		if got := roughly(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}

// In a notebook all lines go to one display, and the last one has no time in it.
func TestProgressInNotebook(t *testing.T) {
	shows := kernel(t)
	p := NewProgress("training", 2)
	if len(shows) != 1 {
		t.Fatalf("%d messages at the beginning, want 1", len(shows))
	}
	begin := p.start
	p.now = func() time.Time { return begin.Add(3 * time.Second) }
	p.Step()
	p.Step()
	p.Done("trained %d", 2)
	if len(shows) != 3 {
		t.Fatalf("%d messages, want 3: the beginning, one step of two at the same time, the end", len(shows))
	}
	ids := map[string]bool{}
	var last string
	for _, want := range []string{
		"training ░░░░░░░░░░░░░░░░░░░░ 0 of 2",
		"training ▓▓▓▓▓▓▓▓▓▓░░░░░░░░░░ 1 of 2, about 3 s left",
		"trained 2",
	} {
		got := <-shows
		last = got.Data[protocol.MIMETextPlain].(string)
		if last != want || len(got.Data) != 1 {
			t.Errorf("shows %q of %d kinds, want %q alone", last, len(got.Data), want)
		}
		ids[got.DisplayID] = true
	}
	if len(ids) != 1 || ids[""] {
		t.Errorf("displays %v, want one with a name", ids)
	}
	q := NewProgress("again", 1)
	if q.id == p.id {
		t.Error("two pieces of work share a display")
	}
}

func TestProgressFromGoroutines(t *testing.T) {
	p, out, _ := stepper("work", 50, true)
	var group sync.WaitGroup
	for range 50 {
		group.Go(p.Step)
	}
	group.Wait()
	p.Done("")
	if !strings.HasSuffix(out.String(), "\rwork: 50 of 50\x1b[K\n") {
		t.Errorf("wrote %q", out)
	}
}

func TestProgressPanics(t *testing.T) {
	ended, _, _ := stepper("ended", 2, true)
	ended.Done("")
	full, _, _ := stepper("full", 1, true)
	full.Step()
	for want, call := range map[string]func(){
		"plots: NewProgress: total is 0, want at least 1":         func() { NewProgress("none", 0) },
		"plots: Progress.Step: \"full\" has more than its 1 step": full.Step,
		"plots: Progress.Step: \"ended\" has ended":               ended.Step,
		"plots: Progress.Done: \"ended\" has ended":               func() { ended.Done("") },
	} {
		func() {
			defer func() {
				if err, ok := recover().(*Error); !ok || err.Error() != want {
					t.Errorf("panics with %v, want %s", err, want)
				}
			}()
			call()
		}()
	}
}
