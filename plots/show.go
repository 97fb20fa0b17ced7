package plots

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"unicode"
)

// Show shows a figure.
//
// In a notebook it becomes the output of the cell: one bundle with the figure
// as SVG and as PNG (for viewers that do not show SVG), its description as text, and
// its table as CSV, which pages made from the notebook offer to the reader.
//
// Elsewhere it becomes an SVG file named for the title, in the folder that the
// environment variable UNROLL_FIGURES names, else in the working directory; a
// line on the standard error says where. A second figure of the same title in
// one program gets a number.
//
// Several goroutines may call it; the figures are shown one after the other. It
// panics if the figure cannot be shown, so that a cell without its figure fails.
func Show(fig *Figure) {
	fig.check("Show")
	showing.Lock()
	defer showing.Unlock()
	if inNotebook() {
		if err := display(bundle(fig), true); err != nil {
			failf("Show", "the notebook does not answer: %v", err)
		}
		return
	}
	path := filepath.Join(os.Getenv("UNROLL_FIGURES"), fileName(spoken(fig.Title)))
	if err := fig.Save(path); err != nil {
		failf("Show", "%v; set UNROLL_FIGURES to a folder that can be written", err)
	}
	fmt.Fprintln(os.Stderr, "plots: wrote", path)
}

// bundled is what a notebook gets: data and what is said of it, by MIME type. Of those
// that have the same id the last is shown.
type bundled struct {
	data, metadata map[string]any
	id             string
}

const (
	mimeSVG  = "image/svg+xml"
	mimePNG  = "image/png"
	mimeText = "text/plain"
	mimeCSV  = "text/csv"
)

// bundle returns what a notebook gets of a figure.
func bundle(fig *Figure) bundled {
	about := func() map[string]any {
		return map[string]any{"alt": fig.words(), "width": int(fig.Width), "height": int(fig.Height)}
	}
	b := bundled{
		data: map[string]any{
			mimeSVG:  string(fig.SVG()),
			mimeText: fig.words(),
			mimeCSV:  fig.Table.CSV(),
		},
		metadata: map[string]any{mimeSVG: about()},
	}
	if png := picture(fig); png != nil {
		b.data[mimePNG], b.metadata[mimePNG] = png, about()
	}
	if fig.Table.Note != "" {
		b.metadata[mimeCSV] = map[string]any{"note": fig.Table.Note}
	}
	return b
}

// named counts the figures of each file name that this program wrote. It is
// guarded by showing.
var (
	showing sync.Mutex
	named   = map[string]int{}
)

// fileName returns a file name for a title, "gradient-decay.svg".
func fileName(title string) string {
	words := strings.FieldsFunc(strings.ToLower(title), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	name := ""
	for _, w := range words { // what file systems take, with room for a number
		if len(name)+len(w) > 80 {
			break
		}
		name = strings.TrimPrefix(name+"-"+w, "-")
	}
	if name == "" {
		name = "figure"
	}
	named[name]++
	if n := named[name]; n > 1 {
		name = fmt.Sprintf("%s-%d", name, n)
	}
	return name + ".svg"
}
