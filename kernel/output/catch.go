package output

import (
	"bytes"
	"io"
	"strings"
	"sync"
	"time"
)

const (
	// patience is the time that a program has to end after it wrote the first line of a crash.
	patience = time.Second
	// mostCaught is more than Go writes of one goroutine, and bounds what it writes of thousands.
	mostCaught = 128 << 10
)

// A Catcher passes on what a program writes to its standard error, but for what Go writes when it crashes:
// this it keeps, to be explained.
type Catcher struct {
	to       io.Writer
	prefixes []string // of the first line of a crash

	mu      sync.Mutex
	held    []byte // the beginning of a line that may be a crash's, or all of a crash
	caught  bool
	midline bool
	timer   *time.Timer
}

// Catch returns a Catcher. A crash begins with a line that has one of the prefixes.
func Catch(to io.Writer, prefixes []string) *Catcher {
	return &Catcher{to: to, prefixes: prefixes}
}

func (c *Catcher) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := len(p)
	for len(p) > 0 {
		if c.caught {
			c.held = append(c.held, p[:min(len(p), max(0, mostCaught-len(c.held)))]...)
			break
		}
		line, rest := p, []byte(nil)
		if i := bytes.IndexByte(p, '\n'); i >= 0 {
			line, rest = p[:i+1], p[i+1:]
		}
		p = rest
		if c.midline {
			c.to.Write(line)
			c.midline = line[len(line)-1] != '\n'
			continue
		}
		c.held = append(c.held, line...)
		switch c.crash() {
		case yes:
			c.caught = true
			c.wait()
		case perhaps:
			c.wait()
		case no:
			c.release()
		}
	}
	return n, nil
}

const (
	no = iota
	perhaps
	yes
)

// crash reports whether the line that is held begins a crash.
func (c *Catcher) crash() int {
	for _, prefix := range c.prefixes {
		if bytes.HasPrefix(c.held, []byte(prefix)) {
			return yes
		}
		if strings.HasPrefix(prefix, string(c.held)) {
			return perhaps
		}
	}
	return no
}

func (c *Catcher) wait() {
	if c.timer != nil {
		c.timer.Stop()
	}
	c.timer = time.AfterFunc(patience, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		// A trace that is still being written belongs to a program that is ending.
		if !bytes.Contains(c.held, []byte("\ngoroutine ")) {
			c.release()
		}
	})
}

// release passes on what is held: it was no crash.
func (c *Catcher) release() {
	if len(c.held) > 0 {
		c.to.Write(c.held)
		c.midline = c.held[len(c.held)-1] != '\n'
	}
	c.held, c.caught = nil, false
}

// End returns the crash that ended the program, if it failed and there is one, and passes on all else.
func (c *Catcher) End(failed bool) (crash string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.timer != nil {
		c.timer.Stop()
	}
	if failed && c.caught {
		crash = string(c.held)
		c.held = nil
	}
	c.release()
	return crash
}
