package main

import (
	"fmt"

	say "unroll/internal/words"
	"unroll/lesson"
)

var scanTree = Figure{
	Name:   "scan",
	Title:  "The tree of pairs",
	Lesson: "what-came-after",
	Lead:   "A state after every step, by the parallel scan. Choose how many steps there are and how many processors work at the same time. Each circle combines two pairs; lines say which.",
	Controls: []Control{
		{Name: "steps", Label: "steps, T", Min: 2, Max: 32, Step: 1, Value: "8"},
		{Name: "processors", Label: "processors", Min: 1, Max: 16, Step: 1, Value: "4"},
	},
	compute: func(s Setting) Result { return computeTree(s.int("steps"), s.int("processors")) },
}

// A stretch is the steps from from to to as one pair, and the two stretches that it
// was combined of; none for a single step.
type stretch struct {
	from, to, level int
	parts           []*stretch
}

// tree is a scan over so many steps.
type tree struct {
	steps, processors int
	combined          [][]*stretch // of each level, from 1 on
}

func computeTree(steps, processors int) tree {
	t := tree{steps: steps, processors: processors}
	single := make([]*stretch, steps)
	for i := range single {
		single[i] = &stretch{from: i + 1, to: i + 1}
	}
	lesson.Scan(single, func(a, b *stretch) *stretch {
		s := &stretch{a.from, b.to, max(a.level, b.level) + 1, []*stretch{a, b}}
		for len(t.combined) < s.level {
			t.combined = append(t.combined, nil)
		}
		t.combined[s.level-1] = append(t.combined[s.level-1], s)
		return s
	})
	return t
}

// calls returns how many combinations there are.
func (t tree) calls() (n int) {
	for _, level := range t.combined {
		n += len(level)
	}
	return n
}

// rounds returns how often the processors work at the same time, where a level
// begins when the one before it is done.
func (t tree) rounds(processors int) (n int) {
	for _, level := range t.combined {
		n += (len(level) + processors - 1) / processors
	}
	return n
}

func (t tree) words() string {
	loop, scan := t.steps-1, t.rounds(t.processors)
	about := say.Of("The scan is done first.")
	switch {
	case scan > loop:
		about = say.Of("The loop is done first.")
	case scan == loop:
		about = say.Of("Both are done at the same time.")
	}
	return say.Sprintf("%s %d steps take the loop %d combinations, one after the other. The scan makes %d, on %d levels, and with %d working at the same time it takes %d rounds. With a processor for each combination of a level it would take %d.",
		about, t.steps, loop, t.calls(), len(t.combined), t.processors, scan, len(t.combined))
}

func (t tree) table() Table {
	table := Table{Head: []string{say.Of("level"), say.Of("combinations"), say.Of("rounds")}}
	for i, level := range t.combined {
		n := len(level)
		table.Rows = append(table.Rows, []float64{float64(i + 1), float64(n), float64((n + t.processors - 1) / t.processors)})
	}
	return table
}

func (t tree) layout(width float64) Drawing {
	const left, margin, high = 54.0, 14.0, 30.0
	levels := len(t.combined)
	apart := (width - left - margin) / float64(t.steps)
	bottom := 24 + high*float64(levels)
	at := func(s *stretch) (x, y float64) {
		return left + (float64(s.to)-0.5)*apart, bottom - high*float64(s.level)
	}
	radius := min(apart/2-1, 7)
	d := Drawing{Label: say.Of("A tree: single steps below, above them what is combined of two, level by level, each above its last step"), Width: width}
	d.add(text("ink strong", 0, 12, say.Of("levels")))
	for i := range levels + 1 {
		y := bottom - high*float64(i)
		name := "steps"
		if i > 0 {
			name = fmt.Sprint(i)
		}
		d.add(text("soft end", left-10, y+4, name), line("grid", left, y, width-margin, y))
	}
	var links, circles []Mark
	for _, level := range t.combined {
		for _, s := range level {
			x, y := at(s)
			for _, part := range s.parts {
				px, py := at(part)
				links = append(links, line("axis", px, py, x, y))
			}
			class := "c1"
			if s.from == 1 {
				class = "c2" // a result
			}
			circles = append(circles, circle(class, x, y, radius))
		}
	}
	d.add(links...)
	d.add(circles...)
	every := 1
	for apart*float64(every) < 22 {
		every *= 2
	}
	for i := 1; i <= t.steps; i++ {
		x, y := at(&stretch{to: i})
		d.add(circle("c1", x, y, min(radius, 4)))
		if i%every == 0 || i == 1 {
			d.add(text("soft mid", x, y+20, fmt.Sprint(i)))
		}
	}
	d.add(circle("c2", 6, bottom+42, 5), text("t2 strong", 16, bottom+46, say.Of("from step 1 on: a result")))

	bars, loop, scan := bottom+84, t.steps-1, t.rounds(t.processors)
	room := (width - 130) / float64(max(loop, scan))
	d.add(text("ink strong", 0, bars-12, say.Of("rounds")))
	for i, bar := range []struct {
		name string
		n    int
	}{{"loop", loop}, {"scan", scan}} {
		top := bars + 26*float64(i)
		d.add(text("ink", 0, top+15, bar.name), rect([]string{"c1", "c2"}[i], 54, top+2, float64(bar.n)*room, 18),
			text("soft", 60+float64(bar.n)*room, top+15, fmt.Sprint(bar.n)))
	}
	d.Height = bars + 2*26 + 8
	return d
}
