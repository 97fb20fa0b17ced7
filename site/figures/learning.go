package main

import (
	"fmt"
	"math"

	say "unroll/internal/words"
	"unroll/lesson"
)

var learning = Figure{
	Name:   "learning",
	Title:  "Downhill with two weights",
	Lesson: "how-a-network-learns",
	Lead:   "The lesson's eight reviews and its unit with two weights. Choose where to start, the rate and the momentum, and follow ten steps.",
	Controls: []Control{
		{Name: "w", Label: "start, w", Min: -1, Max: 5, Step: 0.1, Value: "0"},
		{Name: "b", Label: "start, b", Min: -8, Max: 2, Step: 0.1, Value: "0"},
		{Name: "rate", Label: "learning rate", Min: 0.1, Max: 4, Step: 0.1, Value: "1"},
		{Name: "momentum", Label: "momentum", Min: 0, Max: 0.95, Step: 0.05, Value: "0"},
	},
	compute: func(s Setting) Result {
		return computeDescent(weights{s.float("w"), s.float("b")}, s.float("rate"), s.float("momentum"))
	},
}

// weights are those of the unit p = σ(w x + b).
type weights struct{ w, b float64 }

// The reviews of lesson how-a-network-learns: words of praise, and whether it praises.
var reviewsXY = [][2]float64{{0, 0}, {1, 0}, {2, 0}, {2, 1}, {3, 0}, {3, 1}, {4, 1}, {5, 1}}

// loss is the mean of −ln of the probability that what is true was given.
func (p weights) loss() float64 {
	sum := 0.0
	for _, r := range reviewsXY {
		z := float64(p.w*r[0]) + p.b
		if r[1] == 0 {
			z = -z
		}
		sum += max(0, -z) + math.Log1p(math.Exp(-math.Abs(z))) // −ln σ(z), of any z
	}
	return sum / float64(len(reviewsXY))
}

// slopes are those of the loss.
func (p weights) slopes() (s weights) {
	n := float64(len(reviewsXY))
	for _, r := range reviewsXY {
		e := lesson.Sigmoid(float64(p.w*r[0])+p.b) - r[1]
		s.w += float64(e*r[0]) / n
		s.b += e / n
	}
	return s
}

// toward is the point that is t of the way d from p.
func (p weights) toward(d weights, t float64) weights {
	return weights{p.w + float64(t*d.w), p.b + float64(t*d.b)}
}

const descentSteps = 10

// descent is the path of some steps of training, the start first.
type descent struct {
	rate, momentum float64
	points         []weights
	losses         []float64
}

// computeDescent takes steps v ← momentum·v + slopes, weights ← weights − rate·v.
func computeDescent(start weights, rate, momentum float64) descent {
	d := descent{rate: rate, momentum: momentum}
	p, v := start, weights{}
	for range descentSteps + 1 {
		d.points, d.losses = append(d.points, p), append(d.losses, p.loss())
		v = p.slopes().toward(v, momentum)
		p = p.toward(v, -rate)
	}
	return d
}

// lowest is where the loss is smallest: its only place without a slope, by Newton's method.
var lowest = func() weights {
	p := weights{1.5, -3.9}
	for range 20 {
		var ww, wb, bb float64 // second derivatives
		for _, r := range reviewsXY {
			q := lesson.Sigmoid(float64(p.w*r[0]) + p.b)
			c := q * (1 - q) / float64(len(reviewsXY))
			ww, wb, bb = ww+float64(c*r[0]*r[0]), wb+float64(c*r[0]), bb+c
		}
		s, det := p.slopes(), float64(ww*bb)-float64(wb*wb)
		p = p.toward(weights{float64(bb*s.w) - float64(wb*s.b), float64(ww*s.b) - float64(wb*s.w)}, -1/det)
	}
	return p
}()

// decimals prints a loss as the lesson does.
func decimals(loss float64) string { return fmt.Sprintf("%.3f", loss) }

func (p weights) String() string { return "(" + brief(p.w) + ", " + brief(p.b) + ")" }

// judgement says how the loss changes: what a rate too small and one too large do.
func (r descent) judgement() string {
	first, last, best := r.losses[0], r.losses[descentSteps], lowest.loss()
	rises := 0
	for i, l := range r.losses[1:] {
		if l > r.losses[i] {
			rises++
		}
	}
	switch left := (last - best) / (first - best); {
	case first-best < 1e-3:
		return say.Of("The start is nearly the lowest place, where there is almost no slope")
	case rises == 1:
		return say.Of("It rises at one step of ten and falls at the others")
	case rises > 1:
		return say.Sprintf("It bounces: it rises at %d steps of ten", rises)
	case left > 0.7:
		return say.Of("It falls at every step, but hardly moves")
	default:
		return say.Of("It falls at every step")
	}
}

func (r descent) words() string {
	return say.Sprintf("From %v, at rate %s and momentum %s, ten steps take the loss from %s to %s, at %v. %s. The lowest loss is %s, at %v.",
		r.points[0], num(r.rate), num(r.momentum), decimals(r.losses[0]), decimals(r.losses[descentSteps]), r.points[descentSteps],
		r.judgement(), decimals(lowest.loss()), lowest)
}

func (r descent) table() Table {
	t := Table{Head: []string{say.Of("descent|step"), "w", "b", say.Of("loss")}}
	for i, p := range r.points {
		t.Rows = append(t.Rows, []float64{float64(i), p.w, p.b, r.losses[i]})
	}
	return t
}

// The map is at the left, the losses beside it where there is room, else below.
func (r descent) layout(width float64) Drawing {
	const margin, top, high = 34, 28, 280
	m := plane{margin, top, width - 8, top + high}
	over := plane{margin, m.bottom + 80, width - 8, m.bottom + 200}
	if wide(width) {
		m.right = width * 0.56
		over = plane{m.right + 56, top, width - 8, m.bottom}
	}
	d := Drawing{
		Label:  say.Of("Map of the loss over w and b, in lines of equal loss, with ten steps on it; and the loss after each step"),
		Width:  width,
		Height: over.bottom + 42,
	}
	d.add(r.drawMap(m)...)
	d.add(r.drawLosses(over)...)
	return d
}

// The part of the plane that the map shows is that of the lesson's figure.
var mapFrom, mapTo = weights{-1, -8}, weights{5, 2}

// place is where weights are on the map.
func (p weights) place(m plane) [2]float64 {
	return [2]float64{
		m.left + (p.w-mapFrom.w)/(mapTo.w-mapFrom.w)*(m.right-m.left),
		m.bottom - (p.b-mapFrom.b)/(mapTo.b-mapFrom.b)*(m.bottom-m.top),
	}
}

func (p weights) onMap() bool {
	return p.w >= mapFrom.w && p.w <= mapTo.w && p.b >= mapFrom.b && p.b <= mapTo.b
}

// contours are lines of equal loss. The loss is convex, so each way from the
// lowest place meets a line once; NaN is where that is off the map.
var contours = func() (lines [][]weights) {
	const rays = 120
	for _, level := range contourLevels {
		var line []weights
		for i := range rays + 1 {
			sin, cos := math.Sincos(2 * math.Pi * float64(i) / rays)
			d := weights{float64(3*cos) + float64(1.2*sin), float64(-8*cos) + float64(0.45*sin)} // more directions along the valley
			near, far := 0.0, 1.0
			for lowest.toward(d, far).loss() < level && lowest.toward(d, far).onMap() {
				far *= 2
			}
			for range 40 {
				if middle := (near + far) / 2; lowest.toward(d, middle).loss() < level {
					near = middle
				} else {
					far = middle
				}
			}
			p := lowest.toward(d, near)
			if !p.onMap() {
				p = weights{math.NaN(), math.NaN()}
			}
			line = append(line, p)
		}
		lines = append(lines, line)
	}
	return lines
}()

var contourLevels = []float64{0.45, 0.55, 0.7, 1, 1.5, 2, 3, 4}

func (r descent) drawMap(m plane) []Mark {
	marks := []Mark{
		text("ink strong", 0, 16, "b"), // its axis is at the left
		text("soft mid", (m.left+m.right)/2, m.bottom+36, "w"),
		text("soft small end", m.right, 16, say.Of("lines of equal loss")),
		line("axis", m.left, m.top, m.left, m.bottom),
		line("axis", m.left, m.bottom, m.right, m.bottom),
	}
	for w := mapFrom.w; w <= mapTo.w; w++ {
		marks = append(marks, text("soft mid", weights{w, 0}.place(m)[0], m.bottom+18, minus(num(w))))
	}
	for b := mapFrom.b; b <= mapTo.b; b += 2 {
		marks = append(marks, text("soft end", m.left-6, weights{0, b}.place(m)[1]+4, minus(num(b))))
	}
	for i, contour := range contours {
		var points [][2]float64
		for _, p := range contour {
			points = append(points, p.place(m))
		}
		marks = append(marks, path("grid line", points))
		if at := levelLabel(i); at.onMap() {
			p := at.place(m)
			marks = append(marks, text("value small mid", p[0], p[1]+4, num(contourLevels[i])))
		}
	}
	low := lowest.place(m)
	marks = append(marks, circle("ink open", low[0], low[1], 6))
	var points [][2]float64
	for i, p := range r.points {
		if i > 0 {
			from, to := clip(r.points[i-1], p)
			points = append(points, [2]float64{math.NaN(), math.NaN()}, from.place(m), to.place(m))
		}
	}
	marks = append(marks, path("c1 line", points))
	for i, p := range r.points {
		size, at := 0.0, [2]float64{m.left, m.bottom} // as many marks for every descent
		if p.onMap() {
			size, at = 3.5, p.place(m)
		}
		class := "c1"
		if i == 0 {
			class, size = "c1 open", size*1.4
		}
		marks = append(marks, circle(class, at[0], at[1], size))
	}
	return marks
}

// levelLabel is where the number of a line is: at its crossing with a line
// across the valley. The inner ones have no room for it and get none.
func levelLabel(i int) weights {
	if i < 2 {
		return weights{math.NaN(), 0}
	}
	return contours[i][len(contours[i])/4]
}

// clip returns the part of the way from p to q that is on the map; where there
// is none, NaN.
func clip(p, q weights) (from, to weights) {
	begin, end := 0.0, 1.0
	d := weights{q.w - p.w, q.b - p.b}
	for _, side := range [][2]float64{{d.w, mapTo.w - p.w}, {-d.w, p.w - mapFrom.w}, {d.b, mapTo.b - p.b}, {-d.b, p.b - mapFrom.b}} {
		switch speed, room := side[0], side[1]; {
		case speed > 0:
			end = min(end, room/speed)
		case speed < 0:
			begin = max(begin, room/speed)
		case room < 0:
			end = -1
		}
	}
	if begin > end {
		nowhere := weights{math.NaN(), math.NaN()}
		return nowhere, nowhere
	}
	return p.toward(d, begin), p.toward(d, end)
}

func (r descent) drawLosses(p plane) []Mark {
	top := 0.8 // of the axis
	for _, l := range r.losses {
		for l > top {
			top *= 2
		}
	}
	x := func(step int) float64 { return p.left + float64(step)/descentSteps*(p.right-p.left) }
	y := func(loss float64) float64 { return p.bottom - loss/top*(p.bottom-p.top) }
	best := lowest.loss()
	marks := []Mark{
		text("ink strong", p.left-28, p.top-12, say.Of("loss")),
		text("soft mid", (p.left+p.right)/2, p.bottom+36, say.Of("descent|step")),
		line("axis", p.left, p.bottom, p.right, p.bottom),
		line("ink dashed", p.left, y(best), p.right, y(best)),
		text("soft small end", p.right, y(best)-5, say.Sprintf("the lowest, %s", decimals(best))),
	}
	for i := range 5 {
		v := top * float64(i) / 4
		marks = append(marks, line("grid", p.left, y(v), p.right, y(v)), text("soft end", p.left-6, y(v)+4, num(v)))
	}
	for step := 0; step <= descentSteps; step += 2 {
		marks = append(marks, text("soft mid", x(step), p.bottom+18, fmt.Sprint(step)))
	}
	var points [][2]float64
	var dots []Mark
	for step, l := range r.losses {
		class := "c1"
		if step > 0 && l > r.losses[step-1] {
			class = "c2" // it has risen
		}
		points = append(points, [2]float64{x(step), y(l)})
		dots = append(dots, circle(class, x(step), y(l), 4))
	}
	marks = append(marks, path("c1 line", points))
	return append(marks, dots...)
}
