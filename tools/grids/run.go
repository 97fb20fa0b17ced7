package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

	"unroll/internal/simd"
	"unroll/plots"
)

// number is a float64 that is null in JSON when it is NaN or infinite, as the
// loss of a training that diverged.
type number float64

func (x number) MarshalJSON() ([]byte, error) {
	if v := float64(x); math.IsNaN(v) || math.IsInf(v, 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(x))
}

// run returns all rows as JSON: those that the file keeps of the same program,
// and the others computed on all cores and kept as each is done.
func (g *grid) run(program, kept string) ([]json.RawMessage, error) {
	rows, err := g.keptRows(program, kept)
	if err != nil {
		return nil, err
	}
	var todo []int
	for i, row := range rows {
		if row == nil {
			todo = append(todo, i)
		}
	}
	if len(todo) == 0 {
		return rows, nil
	}
	journal, err := os.OpenFile(kept, os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	defer journal.Close()

	what := fmt.Sprintf("%s, %d rows", g.name, len(todo))
	if n := len(rows) - len(todo); n > 0 {
		what += fmt.Sprintf(" (%d kept)", n)
	}
	progress := plots.NewProgress(what, len(todo))
	next := make(chan int)
	var (
		workers sync.WaitGroup
		mu      sync.Mutex // of the journal, failed and rows
		failed  error
	)
	for range min(runtime.GOMAXPROCS(0), len(todo)) {
		workers.Go(func() {
			for i := range next {
				row, err := marshal(g.rows[i]())
				mu.Lock()
				if err == nil {
					rows[i] = row
					_, err = fmt.Fprintf(journal, "{\"row\":%d,\"value\":%s}\n", i, row)
				}
				if err != nil && failed == nil {
					failed = fmt.Errorf("row %d: %w", i, err)
				}
				mu.Unlock()
				progress.Step()
			}
		})
	}
	for _, i := range todo {
		mu.Lock()
		stop := failed != nil
		mu.Unlock()
		if stop {
			break
		}
		next <- i
	}
	close(next)
	workers.Wait()
	progress.Done("")
	return rows, failed
}

// keptRows returns the rows that the file keeps, nil for the others. A file of
// another program, or of other settings, is begun anew.
func (g *grid) keptRows(program, kept string) ([]json.RawMessage, error) {
	rows := make([]json.RawMessage, len(g.rows))
	head, err := json.Marshal(map[string]any{"program": program, "settings": g.settings, "seeds": g.seeds, "rows": len(rows)})
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(kept)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, 1<<20)
	whole := append(slices.Clone(head), '\n') // the file without a line cut off at its end
	if lines.Scan() && bytes.Equal(lines.Bytes(), head) {
		for lines.Scan() {
			var line struct {
				Row   int
				Value json.RawMessage
			}
			if json.Unmarshal(lines.Bytes(), &line) == nil && line.Row >= 0 && line.Row < len(rows) && line.Value != nil {
				rows[line.Row] = line.Value
				whole = append(append(whole, lines.Bytes()...), '\n')
			}
		}
	}
	if err := os.MkdirAll(filepath.Dir(kept), 0o755); err != nil {
		return nil, err
	}
	return rows, replaceFile(kept, whole)
}

// write writes the results: a line for each row, so that a change can be read.
func (g *grid) write(path string, rows []json.RawMessage) error {
	var b bytes.Buffer
	b.WriteString("{\n")
	for _, part := range []struct {
		key   string
		value any
	}{
		{"name", g.name}, {"about", g.about}, {"machine", machine()}, {"seeds", g.seeds}, {"settings", g.settings},
	} {
		text, err := marshal(part.value)
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, " %q: %s,\n", part.key, text)
	}
	b.WriteString(" \"rows\": [\n")
	for i, row := range rows {
		b.WriteString("  ")
		b.Write(row)
		if i < len(rows)-1 {
			b.WriteByte(',')
		}
		b.WriteByte('\n')
	}
	b.WriteString(" ]\n}\n")
	return replaceFile(path, b.Bytes())
}

// marshal is json.Marshal that leaves <, > and & as they are.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(v)
	return bytes.TrimSpace(b.Bytes()), err
}

// machine says on what the results were computed.
func machine() string {
	return fmt.Sprintf("%s/%s, %s, %v kernels", runtime.GOOS, runtime.GOARCH, runtime.Version(), simd.Current())
}

// replaceFile leaves either the old file or the whole new one.
func replaceFile(path string, text []byte) error {
	if err := os.WriteFile(path+".part", text, 0o644); err != nil {
		return err
	}
	return os.Rename(path+".part", path)
}

// programDigest returns a digest of the running program, which changes with
// any of its code.
func programDigest() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", err
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	digest := sha256.New()
	if _, err := io.Copy(digest, f); err != nil {
		return "", err
	}
	return fmt.Sprintf("%x", digest.Sum(nil)[:12]), nil
}
