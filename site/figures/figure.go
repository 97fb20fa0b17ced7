// Command figures computes the living figures of the lessons' pages, the ones
// that a reader drags. Compiled to WebAssembly it runs in the page; run natively
// it describes the figures for the build of the pages, or answers the same
// questions from standard input. Both are the same functions on package lesson.
//
// # To add a figure
//
// Write one Go file with a [Figure] and add it to the list figures: the form, the
// page, the script and the styles are made from what it says. gates.go is a model.
//
//	compute  turns a setting into a [Result]. Its core takes and returns numbers,
//	         so that a test compares it with the equations.
//	words    say what the numbers mean, for the eye as for a screen reader.
//	table    gives the numbers, a row for each step or word.
//	layout   places marks (line, rect, text, …) for a width of 280 to 900 pixels.
//
// A drag computes anew in each frame, so compute takes 20 ms at most, or keeps
// what the next frame needs again with [keepLast]. A lesson leads to the figure
// with a link in a paragraph of its own, [Try it: …](../site/figures/README.md#NAME),
// whose other end, for readers on GitHub, is a section of README.md. The tests ask
// for that section, for the figure's digest, in golden, and the one in a browser for
// a setting to touch, in TOUCHED.
package main

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	say "unroll/internal/words"
)

// A Figure is a living figure: controls, and what they show.
type Figure struct {
	Name     string    `json:"name"` // in addresses
	Title    string    `json:"title"`
	Lesson   string    `json:"lesson"` // the notebook that leads to it
	Lead     string    `json:"lead"`   // what there is to do
	Controls []Control `json:"controls"`

	compute func(Setting) Result
}

var figures = []Figure{
	wordOrder, learning, rnnStep, gradientDecay, trainingFigure, paddingFlip, lstmGates, forgetBias, bothDirections, attentionLook, reviewVerdict, writing, dateAlignment, scanTree,
}

// A Result holds the numbers that a figure computes for a setting, and shows them.
type Result interface {
	words() string
	table() Table
	layout(width float64) Drawing
}

// A Table holds a result's numbers.
type Table struct {
	Head  []string    `json:"head"`
	Rows  [][]float64 `json:"rows"`
	Names []string    `json:"names,omitempty"` // of the rows, where they have names; Head's first column
}

// An Answer is all that a figure shows for a setting.
type Answer struct {
	Words string `json:"words"`
	Drawing
	Table
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

// Run answers one figure's setting. It panics for an unknown name.
func Run(name string, given Setting, width float64) Answer {
	for _, f := range figures {
		if f.Name == name {
			s := Setting{}
			for _, c := range f.Controls {
				s[c.Name] = c.accept(given[c.Name])
			}
			r := f.compute(s)
			return Answer{r.words(), r.layout(max(280, min(width, 900))), r.table()}
		}
	}
	panic(fmt.Sprintf("no living figure %q", name))
}

// fieldLength is how many characters of a text are read: as many as the field of a page takes. A link may carry more.
const fieldLength = 120

// spoken returns the figure with its texts in the reader's language.
func (f Figure) spoken() Figure {
	f.Title, f.Lead = say.Of(f.Title), say.Of(f.Lead)
	f.Controls = slices.Clone(f.Controls)
	for i := range f.Controls {
		c := &f.Controls[i]
		c.Label, c.Options = say.Of(c.Label), slices.Clone(c.Options)
		for k := range c.Options {
			c.Options[k].Label = say.Of(c.Options[k].Label)
		}
	}
	return f
}

// accept returns the value that the control takes for a given one.
func (c Control) accept(given string) string {
	switch {
	case c.Text && strings.TrimSpace(given) != "":
		letters := []rune(given)
		return string(letters[:min(len(letters), fieldLength)])
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

// keepLast returns compute with its last result kept, for the next call with an
// equal key. It is for one goroutine: a page asks for one setting at a time.
func keepLast[Key comparable, Value any](compute func(Key) Value) func(Key) Value {
	var key Key
	var value Value
	computed := false
	return func(k Key) Value {
		if !computed || k != key {
			key, value, computed = k, compute(k), true
		}
		return value
	}
}

// answer is Run for a request in JSON: {"name", "setting", "width", "language"}.
// The language is one of po, or empty for English.
func answer(request []byte) []byte {
	var r struct {
		Name     string
		Setting  Setting
		Width    float64
		Language string
	}
	if err := json.Unmarshal(request, &r); err != nil {
		panic(err)
	}
	say.Language = r.Language
	out, err := json.Marshal(Run(r.Name, r.Setting, r.Width))
	if err != nil {
		panic(err)
	}
	return out
}
