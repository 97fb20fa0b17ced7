package exercise

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Progress is what a learner has tried and solved, by the exercise's name.
type Progress map[string]Attempts

// Attempts counts the checks of one exercise.
type Attempts struct {
	Tries  int  `json:"tries"`  // checks up to and with the first right one
	Solved bool `json:"solved"` // whether one was right
}

// progressFile is where the kernel's environment wants progress to be kept;
// without it, as in tests and on exported pages, nothing is kept.
func progressFile() string { return os.Getenv("UNROLL_PROGRESS") }

// ReadProgress reads a progress file; one that does not exist is empty.
func ReadProgress(path string) (Progress, error) {
	p := Progress{}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return p, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &p)
	}
	if err != nil {
		return nil, fmt.Errorf("exercise: the progress file cannot be read, delete it to begin anew: %w", err)
	}
	return p, nil
}

// record adds a verdict to the learner's progress file.
func record(v Verdict) error {
	path := progressFile()
	if path == "" {
		return nil
	}
	p, err := ReadProgress(path)
	if err != nil {
		return err
	}
	a := p[v.Name]
	if !a.Solved {
		a.Tries++
		a.Solved = v.Right
	}
	p[v.Name] = a
	text, err := json.MarshalIndent(p, "", " ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	part := path + ".part"
	if err := os.WriteFile(part, append(text, '\n'), 0o644); err != nil {
		return err
	}
	return os.Rename(part, path)
}
