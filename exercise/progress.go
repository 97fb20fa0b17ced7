package exercise

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"unroll/internal/words"
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

// numbered has the lessons by the numbers that stood in the names of exercises:
// gradient-decay/half-life was 03-half-life. It stays as it is when lessons move.
var numbered = [...]string{
	"order-matters", "rnn-equation", "gradient-decay", "long-memory", "flip-reversal",
	"lstm-gates", "forget-bias", "both-directions", "sentiment",
}

// moved has the lessons in which exercises of today stood before.
var moved = map[string]string{"attention/attend": "both-directions", "attention/causal-weights": "both-directions"}

// renew gives what was done under an exercise's old names to the exercise, as
// done before what is under its new name. Names of no exercise of the
// course, such as those of a teacher's own, stay as they are.
func (p Progress) renew() {
	for _, questions := range course {
		for _, q := range questions {
			lesson, own, _ := strings.Cut(q.name(), "/")
			var olds []string
			if from := moved[q.name()]; from != "" {
				lesson = from
				olds = append(olds, from+"/"+own)
			}
			if i := slices.Index(numbered[:], lesson); i >= 0 {
				olds = append(olds, fmt.Sprintf("%02d-%s", i+1, own))
			}
			for _, old := range olds {
				before, ok := p[old]
				if !ok {
					continue
				}
				delete(p, old)
				if after := p[q.name()]; !before.Solved {
					before = Attempts{before.Tries + after.Tries, after.Solved}
				}
				p[q.name()] = before
			}
		}
	}
}

// ReadProgress reads a progress file; one that does not exist is empty. The
// names of exercises that began with a lesson's number, such as 03-half-life,
// become those of today, gradient-decay/half-life, and so do those of exercises
// that are in another lesson now.
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
		return nil, fmt.Errorf("%s: %w", words.Of("exercise: the progress file cannot be read, delete it to begin anew"), err)
	}
	if p == nil { // the file says null
		p = Progress{}
	}
	p.renew()
	return p, nil
}

// course has the exercises of each lesson, by its slug, in the order of its notebook.
var course = map[string][]question{}

// question is an Exercise or a Question, whatever its types.
type question interface{ name() string }

// register lists the exercises of a lesson, such as "gradient-decay".
func register(lesson string, questions ...question) {
	course[lesson] = append(course[lesson], questions...)
}

// ShowProgress lists the exercises of a lesson, such as "gradient-decay" (the
// notebook's name without its number), with what the learner has done of them.
// It panics when there are none.
func ShowProgress(lesson string) {
	questions := course[lesson]
	if len(questions) == 0 {
		panic(fmt.Sprintf("exercise.ShowProgress: lesson %q has no exercises; there are %s",
			lesson, strings.Join(slices.Sorted(maps.Keys(course)), ", ")))
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
		a, state := p[q.name()], words.Of("not yet")
		if a.Solved {
			done++
		}
		switch {
		case a.Solved && a.Tries == 1:
			state = words.Of("done, at the first try")
		case a.Solved:
			state = words.Sprintf("done, after %d tries", a.Tries)
		case a.Tries == 1:
			state = words.Of("tried once")
		case a.Tries > 1:
			state = words.Sprintf("tried %d times", a.Tries)
		}
		fmt.Fprintf(&list, "\n  %-24s %s", strings.TrimPrefix(q.name(), lesson+"/"), state)
	}
	text := words.Sprintf("%d of %d exercises of this lesson are done", done, len(questions)) + list.String()
	if path != "" && len(p) > 0 {
		text += "\n" + words.Of("To begin anew: exercise.ResetProgress()")
	}
	say(text)
}

// ResetProgress forgets what the learner has done in all lessons.
func ResetProgress() {
	path := progressFile()
	if path != "" {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			say(words.Sprintf("Your progress could not be removed: %v", err))
			return
		}
	}
	say(words.Of("All exercises of all lessons are to be done again."))
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
