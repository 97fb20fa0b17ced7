// Command corpus makes the texts that a lesson's language models read, from this
// course as it stood at one commit, so that the course may change and they do not:
//
//	go run ./tools/corpus
//
// writes notebooks/data/language-model-go.txt, the Go files of package lesson
// without its tests; language-model-english.txt, the prose of the lessons: their
// Markdown without code, formulas, tables and HTML; and language-model-korean.txt,
// the same of the Korean edition. Files and cells stand in the order of a hash of
// their names, so that the end of a text, which is held out, has some of everything.
package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"log"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// When the texts were taken: there was no Korean edition at the first commit.
const (
	commit       = "d64f7b5"
	koreanCommit = "1a56971"
)

// A piece is a file or a cell.
type piece struct{ name, text string }

func main() {
	log.SetFlags(0)
	texts, err := texts()
	if err != nil {
		log.Fatalf("corpus: %v. Run it in a checkout with its history", err)
	}
	for name, text := range texts {
		if err := os.WriteFile(filepath.Join("notebooks", "data", name), []byte(text), 0o666); err != nil {
			log.Fatalf("corpus: %v. Run it at the top of the checkout", err)
		}
	}
}

// texts returns the texts by the names of their files.
func texts() (map[string]string, error) {
	var source []piece
	files, err := list(commit, "lesson")
	if err != nil {
		return nil, err
	}
	for _, name := range files {
		if path.Dir(name) != "lesson" || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := git("show", commit+":"+name)
		if err != nil {
			return nil, err
		}
		source = append(source, piece{name, text})
	}
	english, err := lessons(commit, "notebooks", latin)
	if err != nil {
		return nil, err
	}
	korean, err := lessons(koreanCommit, "notebooks/ko", hangul)
	if err != nil {
		return nil, err
	}
	return map[string]string{
		"language-model-go.txt":      join(source),
		"language-model-english.txt": join(english),
		"language-model-korean.txt":  join(korean),
	}, nil
}

// list returns the names of the files below a folder.
func list(commit, folder string) ([]string, error) {
	files, err := git("ls-tree", "-r", "--full-tree", "--name-only", commit, folder)
	return strings.Fields(files), err
}

// lessons returns the prose of the lessons in a folder that is written in a script.
func lessons(commit, folder string, script *regexp.Regexp) ([]piece, error) {
	files, err := list(commit, folder)
	if err != nil {
		return nil, err
	}
	var all []piece
	for _, name := range files {
		if path.Dir(name) != folder || !strings.HasSuffix(name, ".ipynb") || path.Base(name) == "glossary.ipynb" {
			continue
		}
		text, err := git("show", commit+":"+name)
		if err != nil {
			return nil, err
		}
		cells, err := markdown(name, text, script)
		if err != nil {
			return nil, err
		}
		all = append(all, cells...)
	}
	return all, nil
}

func git(args ...string) (string, error) {
	out, err := exec.Command("git", args...).Output()
	if err != nil {
		return "", fmt.Errorf("git %s: %w", strings.Join(args, " "), err)
	}
	return string(out), nil
}

// join puts pieces behind one another in the order of a hash of their names.
func join(pieces []piece) string {
	hash := func(p piece) uint64 {
		h := fnv.New64a()
		h.Write([]byte(p.name))
		return h.Sum64()
	}
	slices.SortFunc(pieces, func(a, b piece) int {
		return cmp.Or(cmp.Compare(hash(a), hash(b)), strings.Compare(a.name, b.name))
	})
	var all strings.Builder
	for _, p := range pieces {
		all.WriteString(p.text)
	}
	return all.String()
}

// markdown returns the prose of each Markdown cell of a notebook.
func markdown(name, notebook string, script *regexp.Regexp) ([]piece, error) {
	var n struct {
		Cells []struct {
			ID     string   `json:"id"`
			Type   string   `json:"cell_type"`
			Source []string `json:"source"`
		} `json:"cells"`
	}
	if err := json.Unmarshal([]byte(notebook), &n); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	var cells []piece
	for _, c := range n.Cells {
		if c.Type != "markdown" {
			continue
		}
		if text := prose(strings.Join(c.Source, ""), script); text != "" {
			cells = append(cells, piece{name + " " + c.ID, text})
		}
	}
	return cells, nil
}

var (
	latin  = regexp.MustCompile(`^[\p{Latin}\d\p{P}\s\p{Sm}]*$`)
	hangul = regexp.MustCompile(`^[\p{Latin}\d\p{P}\s\p{Sm}]*\p{Hangul}[\p{Hangul}\p{Latin}\d\p{P}\s\p{Sm}]*$`)

	blocks  = regexp.MustCompile("(?s)```.*?```|\\$\\$.*?\\$\\$|<pre>.*?</pre>|<svg.*?</svg>")
	formula = regexp.MustCompile(`\$[^$\n]*\$`)
	tag     = regexp.MustCompile(`</?[A-Za-z][^<>]*>`)
	link    = regexp.MustCompile(`!?\[([^\[\]]*)\]\([^()]*\)`)
	marks   = strings.NewReplacer("**", "", "`", "", "*", "")
	space   = regexp.MustCompile(`\s+`)
)

// prose returns the sentences of Markdown, a paragraph a line: those whose letters
// are of the script and that have no formula in them.
func prose(markdown string, script *regexp.Regexp) string {
	text := blocks.ReplaceAllString(markdown, "\n\n")
	text = tag.ReplaceAllString(text, "\n\n")
	text = link.ReplaceAllString(text, "$1")
	var out strings.Builder
	for _, paragraph := range strings.Split(text, "\n\n") {
		paragraph = strings.TrimLeft(strings.TrimSpace(paragraph), "#>- ")
		switch {
		case strings.HasPrefix(paragraph, "|"), formula.MatchString(paragraph), !script.MatchString(paragraph):
			continue
		}
		if paragraph = strings.TrimSpace(space.ReplaceAllString(marks.Replace(paragraph), " ")); strings.Contains(paragraph, " ") {
			out.WriteString(paragraph + "\n")
		}
	}
	return out.String()
}
