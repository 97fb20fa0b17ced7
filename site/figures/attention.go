package main

import (
	"math"
	"slices"

	say "unroll/internal/words"
)

var attentionLook = Figure{
	Name:   "attention",
	Title:  "Turn the query",
	Lesson: "attention",
	Lead:   "A query looks at three words. Turn it and make it longer: the weights and the result follow.",
	Controls: []Control{
		{Name: "angle", Label: "direction of the query, degrees", Min: 0, Max: 360, Step: 5, Value: "0"},
		{Name: "length", Label: "length of the query", Min: 0, Max: 4, Step: 0.1, Value: "1"},
	},
	compute: func(s Setting) Result {
		sin, cos := math.Sincos(s.float("angle") * math.Pi / 180)
		return computeLook(s.float("length")*cos, s.float("length")*sin)
	},
}

// The words of the lesson's first look.
var (
	lookWords  = []string{"dog", "bites", "man"}
	lookKeys   = [][2]float64{{2, 0}, {0, 2}, {1, 1}}
	lookValues = [][2]float64{{1, 0}, {0, 1}, {1, 1}}
)

// look is one query and what it takes from the words.
type look struct {
	q, y            [2]float64
	scores, weights []float64
}

func computeLook(q0, q1 float64) look {
	r := look{q: [2]float64{q0, q1}}
	sum := 0.0
	for _, k := range lookKeys {
		z := (q0*k[0] + q1*k[1]) / math.Sqrt2
		r.scores = append(r.scores, z)
		r.weights = append(r.weights, math.Exp(z))
		sum += math.Exp(z)
	}
	for s, v := range lookValues {
		r.weights[s] /= sum
		r.y[0] += r.weights[s] * v[0]
		r.y[1] += r.weights[s] * v[1]
	}
	return r
}

func (r look) words() string {
	most := slices.Max(r.weights)
	words := say.Sprintf("The query is (%s, %s), the result (%s, %s). ", brief(r.q[0]), brief(r.q[1]), brief(r.y[0]), brief(r.y[1]))
	if most-slices.Min(r.weights) < 0.005 {
		return words + say.Of("All three words have the same weight.")
	}
	return words + say.Sprintf("The largest weight, %s, is that of %s.", percent(most), lookWords[slices.Index(r.weights, most)])
}

func (r look) table() Table {
	t := Table{Head: []string{say.Of("word"), say.Of("score"), say.Of("weight")}, Names: lookWords}
	for s, w := range r.weights {
		t.Rows = append(t.Rows, []float64{r.scores[s], w})
	}
	return t
}

// A square is a part of the plane on the drawing.
type square struct{ left, top, side, lo, hi float64 }

func (s square) at(p [2]float64) (x, y float64) {
	unit := s.side / (s.hi - s.lo)
	return s.left + (p[0]-s.lo)*unit, s.top + (s.hi-p[1])*unit
}

func (s square) arrow(class string, to [2]float64) Mark {
	x0, y0 := s.at([2]float64{})
	x1, y1 := s.at(to)
	return group("", line(class+" line", x0, y0, x1, y1), circle(class, x1, y1, 4))
}

// The query and the keys, the weights and the values are side by side where
// there is room, else below one another.
func (r look) layout(width float64) Drawing {
	side := min(width-40, 260)
	keys := square{20, 30, side, -4, 4}
	values := square{20, keys.top + side + 70, side, -0.25, 1.25}
	bars, room := values.top+side+60, width-160
	d := Drawing{Label: say.Of("A query and three keys as arrows, the weight of each word, and the result among the three values"), Width: width}
	if wide(width) {
		values.left, values.top = width-side-20, keys.top
		bars = keys.top + side + 60
	}
	d.Height = bars + 3*26 + 8
	x, y := keys.at([2]float64{})
	d.add(text("ink strong", keys.left, keys.top-12, say.Of("query and keys")),
		line("axis", keys.left, y, keys.left+side, y), line("axis", x, keys.top, x, keys.top+side))
	for s, k := range lookKeys {
		kx, ky := keys.at(k)
		d.add(keys.arrow("c1", k), text("t1", kx+8, ky-6, lookWords[s]))
	}
	qx, qy := keys.at(r.q)
	d.add(keys.arrow("c2", r.q), text("t2 strong", qx+8, qy+16, say.Of("query")))

	x, y = values.at([2]float64{})
	d.add(text("ink strong", values.left, values.top-12, say.Of("values and result")),
		line("axis", values.left, y, values.left+side, y), line("axis", x, values.top, x, values.top+side))
	var corners [][2]float64
	for _, v := range append(slices.Clone(lookValues), lookValues[0]) {
		cx, cy := values.at(v)
		corners = append(corners, [2]float64{cx, cy})
	}
	d.add(path("c1 line", corners))
	for s, v := range lookValues {
		vx, vy := values.at(v)
		d.add(circle("c1", vx, vy, 4+10*r.weights[s]), text("t1 mid", vx, vy-18, lookWords[s]))
	}
	rx, ry := values.at(r.y)
	d.add(circle("c2", rx, ry, 6), text("t2 strong", rx+10, ry+18, say.Of("result")))

	d.add(text("ink strong", 20, bars-12, say.Of("weights")))
	for s, w := range r.weights {
		top := bars + 26*float64(s)
		d.add(text("ink", 20, top+15, lookWords[s]), rect("c1", 76, top+2, w*room, 18),
			text("soft", 82+w*room, top+15, percent(w)))
	}
	return d
}
