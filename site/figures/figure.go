// Command experiments computes the figures of the lessons' pages that answer
// when touched. Compiled to WebAssembly it runs in the page; run natively it
// describes the experiments for the build of the pages, or answers the same
// questions from standard input. Both are the same functions on package lesson.
package main

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// An Experiment is a figure with controls.
type Experiment struct {
	Name     string    `json:"name"` // in addresses
	Title    string    `json:"title"`
	Lesson   string    `json:"lesson"` // the notebook that leads to it
	Lead     string    `json:"lead"`   // what there is to do
	Controls []Control `json:"controls"`

	run func(s Setting, width float64) Answer
}

// A Control is a part of a setting: with Text a line of text, whose Options are
// buttons that fill it in; with Options alone a choice; else a slider.
type Control struct {
	Name    string   `json:"name"`
	Label   string   `json:"label"`
	Min     float64  `json:"min"`
	Max     float64  `json:"max"`
	Step    float64  `json:"step"`
	Value   string   `json:"value"`
	Options []Option `json:"options,omitempty"`
	Text    bool     `json:"text,omitempty"`
}

// An Option is one of a choice. What it sets are other controls.
type Option struct {
	Value string            `json:"value"`
	Label string            `json:"label"`
	Sets  map[string]string `json:"sets,omitempty"`
}

// A Setting holds the values of controls by name, as the fragment of an
// address does. What is missing or makes no sense has the control's own value.
type Setting map[string]string

// An Answer is what an experiment shows for a setting.
type Answer struct {
	Words  string      `json:"words"` // the figure in words
	Label  string      `json:"label"` // what the drawing is
	Width  float64     `json:"width"`
	Height float64     `json:"height"`
	Marks  []Mark      `json:"marks"`
	Head   []string    `json:"head"` // of the table
	Rows   [][]float64 `json:"rows"`
	Names  []string    `json:"names,omitempty"` // of the rows, where they have names; Head's first column
	// Where on the x axis a pointer picks the value of a slider.
	Pick *Pick `json:"pick,omitempty"`
}

// A Pick ties places on the drawing to a slider: its value v stands at From + v·By.
type Pick struct {
	Control string  `json:"control"`
	From    float64 `json:"from"`
	By      float64 `json:"by"`
}

var experiments = []Experiment{rnnStep, gradientDecay, paddingFlip, lstmGates}

// Run answers one experiment's setting. It panics for an unknown name.
func Run(name string, given Setting, width float64) Answer {
	for _, e := range experiments {
		if e.Name == name {
			s := Setting{}
			for _, c := range e.Controls {
				s[c.Name] = c.accept(given[c.Name])
			}
			return e.run(s, max(280, min(width, 900)))
		}
	}
	panic(fmt.Sprintf("no experiment %q", name))
}

// accept returns the value that stands for a given one.
func (c Control) accept(given string) string {
	switch {
	case c.Text && strings.TrimSpace(given) != "":
		return given
	case c.Text:
	case c.Options != nil:
		for _, o := range c.Options {
			if o.Value == given {
				return given
			}
		}
	default:
		if v, err := strconv.ParseFloat(given, 64); err == nil && !math.IsNaN(v) {
			return strconv.FormatFloat(max(c.Min, min(v, c.Max)), 'g', -1, 64)
		}
	}
	return c.Value
}

func (s Setting) float(name string) float64 {
	v, err := strconv.ParseFloat(s[name], 64)
	if err != nil {
		panic(err) // accept has seen it
	}
	return v
}

func (s Setting) int(name string) int { return int(math.Round(s.float(name))) }

// answer is Run for a request in JSON: {"name", "setting", "width"}.
func answer(request []byte) []byte {
	var r struct {
		Name    string
		Setting Setting
		Width   float64
	}
	if err := json.Unmarshal(request, &r); err != nil {
		panic(err)
	}
	out, err := json.Marshal(Run(r.Name, r.Setting, r.Width))
	if err != nil {
		panic(err)
	}
	return out
}
