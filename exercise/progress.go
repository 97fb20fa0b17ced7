package exercise

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Progress is what a learner has tried and solved, by the exercise's name.
type Progress map[string]Attempts

// Attempts counts the checks of one exercise.
type Attempts struct {
	Tries  int  `json:"tries"`  // checks up to and with the first right one
	Solved bool `json:"solved"` // whether one was right
}

// progressFile is where the kernel's environment wants progress to be kept: a
// file beside the notebook, which git ignores. Without it, as in tests and
// where lessons are run to be published, nothing is kept. Nothing is sent
// anywhere.
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

// course has the exercises of each lesson in the order of its notebook.
var course = map[string][]question{}

// question is an Exercise or a Question, whatever its types.
type question interface{ name() string }

// register lists the exercises of a lesson, such as "03".
func register(lesson string, questions ...question) {
	course[lesson] = append(course[lesson], questions...)
}

// ShowProgress lists the exercises of a lesson, such as "03", with what the
// learner has done of them. It panics when the lesson has none.
func ShowProgress(lesson string) {
	questions := course[lesson]
	if len(questions) == 0 {
		panic(fmt.Sprintf("exercise.ShowProgress: lesson %q has no exercises", lesson))
	}
	var p Progress
	path := progressFile()
	if path != "" {
		var err error
		if p, err = ReadProgress(path); err != nil {
			say(err.Error())
		}
	}
	var list strings.Builder
	done := 0
	for _, q := range questions {
		a, state := p[q.name()], "not yet"
		if a.Solved {
			done++
		}
		switch {
		case a.Solved && a.Tries == 1:
			state = "done, at the first try"
		case a.Solved:
			state = fmt.Sprintf("done, after %d tries", a.Tries)
		case a.Tries == 1:
			state = "tried once"
		case a.Tries > 1:
			state = fmt.Sprintf("tried %d times", a.Tries)
		}
		fmt.Fprintf(&list, "\n  %-24s %s", strings.TrimPrefix(q.name(), lesson+"-"), state)
	}
	text := fmt.Sprintf("Lesson %s: %d of %d exercises done", strings.TrimPrefix(lesson, "0"), done, len(questions))
	text += list.String()
	if path != "" && len(p) > 0 {
		text += "\nTo begin anew: exercise.ResetProgress()"
	}
	say(text)
}

// ResetProgress forgets what the learner has done in all lessons.
func ResetProgress() {
	path := progressFile()
	if path != "" {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			say("Your progress could not be removed: " + err.Error())
			return
		}
	}
	say("All exercises of all lessons are to be done again.")
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
