// Package output bounds what a cell prints and shows, so that neither the browser nor the kernel chokes on it.
//
// kernel/install compiles it into GoNB: see ../gonb.patch.
package output

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// The bounds of one cell's output. A browser shows 5000 lines in well under a second.
const (
	mostLines = 5000
	mostBytes = 512 << 10
	mostFile  = 16 << 20 // of the file that has the rest
	lastLines = 20       // shown at the end when there was more
	lastBytes = 4 << 10
	// interval is the time for which output is gathered into one message.
	interval = 50 * time.Millisecond
	// batch is the size at which a message does not wait.
	batch = 64 << 10
)

// Output gathers what a cell writes to its streams into few messages, and bounds them. What is over the bound
// goes to a file. Its methods may be called concurrently.
type Output struct {
	send func(stream, text string)
	path string // of the file with the whole output, if it does not fit

	mu      sync.Mutex
	pending []piece
	size    int // of pending
	sent    time.Time
	timer   *time.Timer

	head         bytes.Buffer // what was shown, for the file
	lines, bytes int          // shown
	over         bool
	cut          bool // there was an output behind the bound
	file         *os.File
	filed        int
	left         int // lines that were not shown, those of tail included
	tail         []byte
	tailStream   string

	displays, displayed, hidden int // figures that are shown, their bytes, and those that are not shown
	changes                     map[string]*change
}

type piece struct {
	stream string
	text   []byte
}

// New returns an Output that sends text in messages, each of one stream, and writes the whole into the
// file at path if it does not fit.
func New(path string, send func(stream, text string)) *Output {
	return &Output{path: path, send: send}
}

// Stream returns the writer of a stream. It never fails.
func (o *Output) Stream(name string) *Stream { return &Stream{o, name} }

// A Stream is one of the streams of an Output.
type Stream struct {
	o    *Output
	name string
}

func (s *Stream) Write(p []byte) (int, error) {
	o := s.o
	o.mu.Lock()
	defer o.mu.Unlock()
	if n := len(o.pending); n > 0 && o.pending[n-1].stream == s.name {
		o.pending[n-1].text = append(o.pending[n-1].text, p...)
	} else {
		o.pending = append(o.pending, piece{s.name, bytes.Clone(p)})
	}
	o.size += len(p)
	switch wait := interval - time.Since(o.sent); {
	case o.size >= batch || wait <= 0:
		o.flush(false)
	case o.timer == nil:
		o.timer = time.AfterFunc(wait, o.Flush)
	}
	return len(p), nil
}

// Flush sends what is gathered: before a figure, for example, which must stand below it.
func (o *Output) Flush() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.flush(false)
}

// Close sends what is left and, if there was too much, how much was left out, and the last lines.
func (o *Output) Close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.flush(true)
	o.endDisplays()
	if !o.over {
		return
	}
	if o.file != nil {
		o.file.Close()
		if !o.cut {
			os.Remove(o.path)
		}
	}
	if o.cut {
		text := fmt.Sprintf("… %d lines were left out", o.left-bytes.Count(o.tail, []byte("\n")))
		if o.filed >= mostFile {
			text += fmt.Sprintf("; %s has the first %d MB of it all", o.path, mostFile>>20)
		}
		o.send("stderr", text+"\n")
	}
	o.send(o.tailStream, strings.ToValidUTF8(string(o.tail), "\uFFFD"))
}

// leave says, once, that from here on lines are left out.
func (o *Output) leave() {
	if o.cut {
		return
	}
	o.cut = true
	text := "\n… what follows is left out; the last lines come when the cell ends"
	if o.file != nil {
		text = fmt.Sprintf("\n… what follows is in %s, until another cell prints as much; the last lines come here when the cell ends", o.path)
	}
	o.send("stderr", text+"\n")
}

// flush sends what is pending; o.mu is held. A letter whose last bytes are missing waits for them, unless this is
// the end.
func (o *Output) flush(end bool) {
	if o.timer != nil {
		o.timer.Stop()
		o.timer = nil
	}
	pending := o.pending
	o.pending, o.size = nil, 0
	for i, p := range pending {
		if last := i == len(pending)-1; last && !end {
			n := len(p.text) - incomplete(p.text)
			if n < len(p.text) {
				o.pending, o.size = []piece{{p.stream, bytes.Clone(p.text[n:])}}, len(p.text)-n
				o.timer = time.AfterFunc(interval, o.finish)
			}
			p.text = p.text[:n]
		}
		o.put(p)
	}
	o.sent = time.Now()
}

// finish sends the beginning of a letter that nothing followed.
func (o *Output) finish() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.flush(true)
}

func (o *Output) put(p piece) {
	if len(p.text) == 0 {
		return
	}
	if !o.over {
		n := o.fits(p.text)
		if shown := p.text[:n]; n > 0 {
			o.send(p.stream, strings.ToValidUTF8(string(shown), "\uFFFD"))
			o.head.Write(shown)
			o.lines += bytes.Count(shown, []byte("\n"))
			o.bytes += n
		}
		if n == len(p.text) {
			return
		}
		o.over = true
		o.file, _ = os.Create(o.path)
		o.write(o.head.Bytes())
		o.head = bytes.Buffer{}
		p.text = p.text[n:]
	}
	o.write(p.text)
	o.left += bytes.Count(p.text, []byte("\n"))
	if p.stream != o.tailStream {
		if len(o.tail) > 0 {
			o.leave()
		}
		o.tailStream, o.tail = p.stream, nil
	}
	o.tail = append(o.tail, p.text...)
	if from := lastPart(o.tail); from > 0 {
		o.tail = append([]byte(nil), o.tail[from:]...)
		o.leave()
	}
}

// fits returns how many bytes of the text may be shown.
func (o *Output) fits(text []byte) int {
	room := mostBytes - o.bytes
	n := 0
	for lines := o.lines; lines < mostLines && n < len(text); lines++ {
		i := bytes.IndexByte(text[n:], '\n')
		if i < 0 {
			n = len(text)
			break
		}
		n += i + 1
	}
	if n > room {
		n = room
		for n > 0 && !utf8.RuneStart(text[n]) {
			n--
		}
	}
	return n
}

func (o *Output) write(text []byte) {
	if o.file == nil || o.filed >= mostFile {
		return
	}
	text = text[:min(len(text), mostFile-o.filed)]
	if _, err := o.file.Write(text); err != nil {
		o.file.Close()
		o.file = nil
		return
	}
	o.filed += len(text)
}

// lastPart returns where the last lines begin.
func lastPart(text []byte) int {
	from := len(text)
	for range lastLines + 1 {
		i := bytes.LastIndexByte(text[:max(0, from-1)], '\n')
		if i < 0 {
			from = 0
			break
		}
		from = i + 1
	}
	if len(text)-from > lastBytes {
		from = len(text) - lastBytes
		for from < len(text) && !utf8.RuneStart(text[from]) {
			from++
		}
	}
	return from
}

// incomplete returns how many bytes at the end begin a letter without ending it.
func incomplete(text []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
		if rest := text[len(text)-n:]; utf8.RuneStart(rest[0]) {
			if !utf8.FullRune(rest) {
				return n
			}
			break
		}
	}
	return 0
}
