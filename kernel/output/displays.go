package output

import (
	"fmt"
	"time"
)

// The bounds of what one cell shows besides text.
const (
	mostDisplays = 200
	mostShown    = 32 << 20 // bytes of them
	// pace is how many bytes a second a figure may change by; it changes every interval at most.
	pace = 4 << 20
)

// A change is what is known of a figure that a program can change.
type change struct {
	send  func() // the latest change, which waits for its time; nil if none does
	timer *time.Timer
	free  time.Time // when the next change may be shown
}

// Display shows a figure below what was printed before, by send. The id is that of a figure that a program can change: of changes
// that follow each other quickly, some are left out, never the last. Of more figures than a cell may show, the rest is left out.
func (o *Output) Display(id string, size int, send func()) {
	o.mu.Lock()
	if c := o.changes[id]; c != nil && size <= mostShown {
		o.change(c, size, send)
		o.mu.Unlock()
		return
	}
	if o.displays == mostDisplays || o.displayed+size > mostShown {
		o.displays = mostDisplays // the figures that are shown are the first ones
		if o.hidden++; o.hidden == 1 {
			o.flush(false)
			o.send("stderr", fmt.Sprintf("\n… what follows is left out: a cell shows %d figures at most, of %d MB together\n", mostDisplays, mostShown>>20))
		}
		o.mu.Unlock()
		return
	}
	o.displays++
	o.displayed += size
	if id != "" {
		if o.changes == nil {
			o.changes = map[string]*change{}
		}
		o.changes[id] = &change{free: time.Now().Add(wait(size))}
	}
	o.mu.Unlock()
	time.Sleep(2 * time.Millisecond) // what was printed before comes through another pipe
	o.Flush()
	send()
}

// wait is the time that has to pass between a change of so many bytes and the next.
func wait(size int) time.Duration {
	return max(interval, time.Duration(size)*time.Second/pace)
}

// change shows a change of a figure, now or when its time has come; o.mu is held.
func (o *Output) change(c *change, size int, send func()) {
	now := time.Now()
	if c.timer == nil && !now.Before(c.free) {
		c.free = now.Add(wait(size))
		send()
		return
	}
	c.send = send
	if c.timer == nil {
		c.timer = time.AfterFunc(c.free.Sub(now), func() {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.settle(c)
			c.free = time.Now().Add(wait(size))
		})
	}
}

// settle shows the change that waits, if one does; o.mu is held.
func (o *Output) settle(c *change) {
	if c.timer != nil {
		c.timer.Stop()
		c.timer = nil
	}
	if send := c.send; send != nil {
		c.send = nil
		send()
	}
}

// endDisplays shows the last change of each figure, and says how many figures were left out; o.mu is held.
func (o *Output) endDisplays() {
	for _, c := range o.changes {
		o.settle(c)
	}
	if o.hidden > 0 {
		o.send("stderr", fmt.Sprintf("… %d figures were left out\n", o.hidden))
	}
}
