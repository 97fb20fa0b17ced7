package plots

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/protocol"
)

// kernel stands for GoNB: it reads what a cell's program sends through its pipe,
// and acknowledges what asks for it, until the program ends.
//
// A program connects to its kernel once, so all tests share one.
func kernel(t *testing.T) <-chan *protocol.DisplayData {
	t.Helper()
	gonbui.IsNotebook = true
	t.Cleanup(func() { gonbui.IsNotebook = false })
	if connected != nil {
		for len(connected) > 0 { // what the test before left
			<-connected
		}
		return connected
	}
	in, back := filepath.Join(t.TempDir(), "in"), filepath.Join(t.TempDir(), "back")
	for _, pipe := range []string{in, back} {
		if err := syscall.Mkfifo(pipe, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv(protocol.GONB_PIPE_ENV, in)
	t.Setenv(protocol.GONB_PIPE_BACK_ENV, back)

	shows := make(chan *protocol.DisplayData, 10)
	go func() {
		r, err := os.Open(in)
		if err != nil {
			t.Error(err)
			return
		}
		w, err := os.OpenFile(back, os.O_WRONLY, 0)
		if err != nil {
			t.Error(err)
			return
		}
		decoder, encoder := gob.NewDecoder(r), gob.NewEncoder(w)
		for {
			data := new(protocol.DisplayData)
			if err := decoder.Decode(data); err != nil {
				return // the test is over
			}
			value, ok := data.Data[protocol.MIMECommValue].(protocol.CommValue)
			if !ok {
				shows <- data
				continue
			}
			encoder.Encode(&protocol.CommValue{Address: protocol.GonbuiSyncAckAddress, Value: value.Value})
		}
	}()
	connected = shows
	return shows
}

var connected <-chan *protocol.DisplayData

// In a notebook a figure is one message, which has all that a viewer may want,
// and has arrived when Show returns.
func TestShowInNotebook(t *testing.T) {
	shows := kernel(t)
	fig := GradientDecay([]Curve{{"tanh RNN", []float64{1, 0.5, 0.25}}})
	fig.Title = "h_{T} forgets"
	Show(fig)
	if len(shows) != 1 {
		t.Fatalf("%d messages, want 1", len(shows))
	}
	got := <-shows

	words := "h_T forgets. Lines of norm of ∂h_T / ∂h_T−k against distance k, steps back from the last state, logarithmic axis. " +
		"tanh RNN: falls from 1 at distance 0 to 0.25 at distance 2."
	if text := got.Data[protocol.MIMETextPlain]; text != words {
		t.Errorf("text %q, want %q", text, words)
	}
	if table := got.Data["text/csv"]; table != "distance k,tanh RNN\n0,1\n1,0.5\n2,0.25\n" {
		t.Errorf("table %q", table)
	}
	var root struct{ XMLName xml.Name }
	if err := xml.Unmarshal([]byte(got.Data[protocol.MIMEImageSVG].(string)), &root); err != nil || root.XMLName.Local != "svg" {
		t.Errorf("SVG is %v, %v", root.XMLName, err)
	}
	if _, err := png.Decode(bytes.NewReader(got.Data[protocol.MIMEImagePNG].([]byte))); err != nil {
		t.Errorf("PNG: %v", err)
	}
	if len(got.Data) != 4 {
		t.Errorf("%d kinds of data, want 4", len(got.Data))
	}
	// The kernel passes it on as JSON.
	about, err := json.Marshal(got.Metadata)
	if err != nil {
		t.Fatal(err)
	}
	var metadata map[string]struct {
		Alt           string
		Width, Height int
	}
	if err := json.Unmarshal(about, &metadata); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"image/svg+xml", "image/png"} {
		if m := metadata[kind]; m.Alt != words || m.Width != int(fig.Width) || m.Height != int(fig.Height) {
			t.Errorf("about %s: %+v", kind, m)
		}
	}
}

func TestShowWritesAFile(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("UNROLL_FIGURES", dir)
	fig := GradientDecay([]Curve{{"c", []float64{1, 0.5}}})
	fig.Title = "Only here: 100 % of h_{T}/…"
	stderr := os.Stderr
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	os.Stderr = w
	Show(fig)
	Show(fig)
	os.Stderr = stderr
	w.Close()
	var said bytes.Buffer
	said.ReadFrom(r)
	first, second := filepath.Join(dir, "only-here-100-of-h-t.svg"), filepath.Join(dir, "only-here-100-of-h-t-2.svg")
	if want := "plots: wrote " + first + "\nplots: wrote " + second + "\n"; said.String() != want {
		t.Errorf("says %q, want %q", said.String(), want)
	}
	for _, path := range []string{first, second} {
		if svg, err := os.ReadFile(path); err != nil || !bytes.Equal(svg, fig.SVG()) {
			t.Errorf("%s: %d bytes, %v", path, len(svg), err)
		}
	}
}

// Figures of one title, shown from several goroutines, are all there; run with
// -race.
func TestShowFromSeveralGoroutines(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("UNROLL_FIGURES", dir)
	stderr := os.Stderr
	defer func() { os.Stderr = stderr }()
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	os.Stderr = null
	const n = 8
	shared := GradientDecay([]Curve{{"c", []float64{1, 0.5}}})
	shared.Title = "One of several"
	show := func(i int) {
		fig := shared
		if i%2 == 1 { // the same figure, and others of its title
			fig = GradientDecay([]Curve{{"기울기", []float64{1, 0.5}}})
			fig.Title = shared.Title
		}
		Show(fig)
	}
	var wait sync.WaitGroup
	for i := range n {
		wait.Go(func() { show(i) })
	}
	wait.Wait()
	if files, _ := filepath.Glob(filepath.Join(dir, "one-of-several*.svg")); len(files) != n {
		t.Errorf("%d files, want %d: %q", len(files), n, files)
	}
	shows := kernel(t)
	for i := range n {
		wait.Go(func() { show(i) })
	}
	wait.Wait()
	if len(shows) != n {
		t.Errorf("%d messages to the notebook, want %d", len(shows), n)
	}
}

func TestShowSaysWhatToDo(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing")
	t.Setenv("UNROLL_FIGURES", missing)
	defer func() {
		err, ok := recover().(*Error)
		if !ok || !strings.HasPrefix(err.Error(), "plots: Show: ") || !strings.Contains(err.Error(), missing) ||
			!strings.HasSuffix(err.Error(), "; set UNROLL_FIGURES to a folder that can be written") {
			t.Errorf("panics with %v", err)
		}
	}()
	Show(GradientDecay([]Curve{{"c", []float64{1, 0.5}}}))
}

func TestSave(t *testing.T) {
	fig := GradientDecay([]Curve{{"c", []float64{1, 0.5}}})
	for name, begins := range map[string]string{"f.svg": "<svg ", "f.PNG": "\x89PNG", "f.csv": "distance k,c\n"} {
		path := filepath.Join(t.TempDir(), name)
		if err := fig.Save(path); err != nil {
			t.Fatal(err)
		}
		if data, err := os.ReadFile(path); err != nil || !strings.HasPrefix(string(data), begins) {
			t.Errorf("%s begins with %.12q, want %q", name, data, begins)
		}
	}
	want := `plots: cannot save as "f.pdf", want a name that ends in .svg, .png or .csv`
	if err := fig.Save("f.pdf"); err == nil || err.Error() != want {
		t.Errorf("saving as PDF: %v, want %s", err, want)
	}
}

func TestFileName(t *testing.T) {
	defer func(before map[string]int) { named = before }(named)
	named = map[string]int{}
	for title, want := range map[string]string{
		"":                                "figure.svg",
		"Gradient norm, against distance": "gradient-norm-against-distance.svg",
		"기울기 소실":                          "기울기-소실.svg",
		"../../etc/passwd":                "etc-passwd.svg",
		strings.Repeat("long ", 60):       strings.TrimSuffix(strings.Repeat("long-", 16), "-") + ".svg",
	} {
		if got := fileName(title); got != want {
			t.Errorf("%q becomes %q, want %q", title, got, want)
		}
	}
	if got := fileName("?!"); got != "figure-2.svg" {
		t.Errorf("a second nameless figure becomes %q", got)
	}
}
