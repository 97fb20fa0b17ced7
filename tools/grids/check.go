package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"unroll/lesson"
)

// checkAll says which results are not what the grids compute now.
func checkAll(data string) error {
	wrong := make([]error, len(grids))
	next := make(chan int)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := range next {
				if err := grids[i].check(filepath.Join(data, grids[i].name+".json")); err != nil {
					wrong[i] = fmt.Errorf("%s: %w", grids[i].name, err)
				}
			}
		})
	}
	for i := range grids {
		next <- i
	}
	close(next)
	workers.Wait()
	return errors.Join(wrong...)
}

// check compares what a file says of the grid, and its first row, with
// what the code has and computes now. The row is compared on amd64 only, where
// the committed files were made: a training that rounds otherwise may end
// elsewhere.
func (g *grid) check(path string) error {
	r, err := lesson.ReadResults(path)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	type head struct {
		Name, About string
		Seeds, Rows int
		Settings    map[string]any
	}
	got, err := json.Marshal(head{r.Name, r.About, r.Seeds, len(r.Rows), r.Settings})
	if err != nil {
		return err
	}
	want, err := json.Marshal(head{g.name, g.about, g.seeds, len(g.rows), g.settings})
	if err != nil {
		return err
	}
	if !bytes.Equal(got, want) {
		return fmt.Errorf("the file is of\n%s\nthe grid now is\n%s", got, want)
	}
	if runtime.GOARCH != "amd64" {
		return nil
	}
	want, err = marshal(g.rows[0]())
	if err != nil {
		return err
	}
	_, rows, _ := bytes.Cut(text, []byte("\"rows\": [\n  "))
	got, _, _ = bytes.Cut(rows, []byte("\n"))
	if got = bytes.TrimSuffix(got, []byte(",")); !bytes.Equal(got, want) {
		return fmt.Errorf("the first row is\n%s\nin the file, computed now it is\n%s", got, want)
	}
	return nil
}
