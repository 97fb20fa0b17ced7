package plots

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"unroll/lesson"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

func TestSpreadKeepsLabelsApart(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		n := 1 + rng.IntN(8)
		want, height := make([]float64, n), make([]float64, n)
		for i := range n {
			want[i] = math.Round(rng.Float64()*20) * 5 // some equal
			height[i] = 1 + rng.Float64()*12
		}
		lo, hi := 0.0, 100.0
		at := spread(want, height, lo, hi)
		order := make([]int, n)
		for i := range order {
			order[i] = i
		}
		slices.SortFunc(order, func(a, b int) int { return int(math.Copysign(1, at[a]-at[b])) })
		for k, i := range order {
			if at[i]-height[i]/2 < lo-1e-9 || at[i]+height[i]/2 > hi+1e-9 {
				t.Fatalf("a label from %g to %g leaves [%g, %g]", at[i]-height[i]/2, at[i]+height[i]/2, lo, hi)
			}
			if k == 0 {
				continue
			}
			below := order[k-1]
			if at[i]-at[below] < (height[i]+height[below])/2-1e-9 {
				t.Fatalf("labels at %g and %g of heights %g and %g overlap", at[below], at[i], height[below], height[i])
			}
			if want[below] > want[i] {
				t.Fatalf("the label for %g is below the one for %g", want[below], want[i])
			}
		}
		// No better layout: moving any run of labels that touch, by a little and as far
		// as there is room, must not bring them nearer to the places they are for.
		cost := func(at []float64) float64 {
			sum := 0.0
			for i := range at {
				sum += (at[i] - want[i]) * (at[i] - want[i])
			}
			return sum
		}
		for from := range n {
			for to := from + 1; to <= n; to++ {
				for _, d := range []float64{-1e-3, 1e-3} {
					moved := slices.Clone(at)
					for _, i := range order[from:to] {
						moved[i] += d
					}
					fits := true
					for k, i := range order {
						if moved[i]-height[i]/2 < lo || moved[i]+height[i]/2 > hi ||
							k > 0 && moved[i]-moved[order[k-1]] < (height[i]+height[order[k-1]])/2-1e-12 {
							fits = false
						}
					}
					if fits && cost(moved) < cost(at)-1e-9 {
						t.Fatalf("moving labels %v by %g is nearer to %v than %v", order[from:to], d, want, at)
					}
				}
			}
		}
	}
}

func TestSpreadWithoutRoom(t *testing.T) {
	at := spread([]float64{1, 2, 3}, []float64{10, 10, 10}, 0, 20)
	if want := []float64{0, 10, 20}; !slices.Equal(at, want) {
		t.Errorf("at %v, want them close around the middle, %v", at, want)
	}
	if len(spread(nil, nil, 0, 1)) != 0 {
		t.Error("no labels have places")
	}
	if at := spread([]float64{5, 5}, []float64{2, 2}, 0, 10); at[0] <= at[1] {
		t.Errorf("of equals the first is at %g, below the second at %g", at[0], at[1])
	}
}

// A written line of an SVG and the corners of what it covers.
type written struct {
	text    string
	corners [4][2]float64
}

// texts returns what an SVG writes and where, from the document itself.
func texts(t *testing.T, svg []byte) (lines []written, width, height float64) {
	t.Helper()
	value := func(attrs []xml.Attr, name string) string {
		for _, a := range attrs {
			if a.Name.Local == name {
				return a.Value
			}
		}
		return ""
	}
	num := func(s string) float64 { v, _ := strconv.ParseFloat(s, 64); return v }
	d := xml.NewDecoder(bytes.NewReader(svg))
	var size, anchor, weight, rise string
	var in *written
	var x, y, angle, w float64
	for {
		token, err := d.Token()
		if err == io.EOF {
			return lines, width, height
		}
		if err != nil {
			t.Fatal(err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "svg":
				width, height = num(value(e.Attr, "width")), num(value(e.Attr, "height"))
			case "g":
				size, anchor, weight = value(e.Attr, "font-size"), value(e.Attr, "text-anchor"), value(e.Attr, "font-weight")
			case "text":
				in, w, rise = &written{}, 0, size
				x, y, angle = num(value(e.Attr, "x")), num(value(e.Attr, "y")), 0
				if turn := value(e.Attr, "transform"); turn != "" {
					if _, err := fmt.Sscanf(turn, "translate(%g %g)rotate(%g)", &x, &y, &angle); err != nil {
						t.Fatalf("%s: %v", turn, err)
					}
				}
			case "tspan":
				if s := value(e.Attr, "font-size"); s != "" {
					rise = s
				}
			}
		case xml.CharData:
			if in != nil {
				f := sans(vg.Length(num(rise)))
				if weight != "" {
					f.Weight = titleStyle().Font.Weight
				}
				in.text += string(e)
				w += float64(run{string(e), 0}.width(f))
			}
		case xml.EndElement:
			switch e.Name.Local {
			case "tspan":
				rise = size
			case "text":
				left := map[string]float64{"": 0, "middle": -w / 2, "end": -w}[anchor]
				sin, cos := math.Sincos(angle * math.Pi / 180)
				s := num(size)
				for i, c := range [4][2]float64{{left, -0.72 * s}, {left + w, -0.72 * s}, {left + w, 0.2 * s}, {left, 0.2 * s}} {
					in.corners[i] = [2]float64{x + c[0]*cos - c[1]*sin, y + c[0]*sin + c[1]*cos}
				}
				lines = append(lines, *in)
				in = nil
			}
		}
	}
}

// overlap reports whether two rectangles, turned or not, have a point in common,
// by looking for a line that separates them.
func overlap(a, b [4][2]float64) bool {
	for _, r := range [][4][2]float64{a, b} {
		for i := range 2 {
			nx, ny := r[i+1][0]-r[i][0], r[i+1][1]-r[i][1]
			span := func(r [4][2]float64) (lo, hi float64) {
				lo, hi = math.Inf(1), math.Inf(-1)
				for _, c := range r {
					d := c[0]*nx + c[1]*ny
					lo, hi = math.Min(lo, d), math.Max(hi, d)
				}
				return
			}
			alo, ahi := span(a)
			blo, bhi := span(b)
			if ahi <= blo || bhi <= alo {
				return false
			}
		}
	}
	return true
}

func TestOverlap(t *testing.T) {
	box := func(x, y float64) [4][2]float64 { return [4][2]float64{{x, y}, {x + 2, y}, {x + 2, y + 1}, {x, y + 1}} }
	diamond := [4][2]float64{{0, -1}, {1, 0}, {0, 1}, {-1, 0}}
	if !overlap(box(0, 0), box(1, 0.5)) || overlap(box(0, 0), box(2.1, 0)) || overlap(diamond, box(0.6, 0.6)) || !overlap(diamond, box(0.2, 0.2)) {
		t.Error("overlap is wrong")
	}
}

// readable fails unless all that a figure writes is on its card, and apart.
func readable(t *testing.T, name string, fig *Figure) {
	t.Helper()
	lines, width, height := texts(t, fig.SVG())
	if len(lines) == 0 {
		t.Fatalf("%s writes nothing", name)
	}
	for i, a := range lines {
		for _, c := range a.corners {
			if c[0] < 0 || c[0] > width || c[1] < 0 || c[1] > height {
				t.Errorf("%s: %q is cut: it reaches (%.0f, %.0f) of %.0f by %.0f", name, a.text, c[0], c[1], width, height)
				break
			}
		}
		for _, b := range lines[i+1:] {
			if overlap(a.corners, b.corners) {
				t.Errorf("%s: %q lies over %q: %.0f and %.0f", name, a.text, b.text, a.corners, b.corners)
			}
		}
	}
}

// Whatever the data, nothing that a figure writes is cut or covered.
func TestWritingIsReadable(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	names := []string{"RNN", "LSTM, forget bias 3", "σ^{k}", "a curve whose name tells its story at some length", "양방향 LSTM", "Donaudampfschifffahrtsgesellschaftskapitän"}
	for trial := range 30 {
		curves := make([]Curve, 1+rng.IntN(14))
		for i := range curves {
			curves[i].Name = names[rng.IntN(len(names))]
			slope := rng.NormFloat64()
			if trial%3 == 0 {
				slope = 0.001 * rng.NormFloat64() // all lines end in one place
			}
			for k := range 2 + rng.IntN(40) {
				v := math.Exp(slope * float64(k))
				if rng.IntN(20) == 0 {
					v = []float64{0, math.NaN(), math.Inf(1), -1}[rng.IntN(4)]
				}
				curves[i].Values = append(curves[i].Values, v)
			}
		}
		readable(t, fmt.Sprintf("decay %d", trial), GradientDecay(curves))

		n := 1 + rng.IntN(40)
		tokens := make([]string, n)
		influence := make([]float64, n)
		for i := range tokens {
			tokens[i] = []string{"I", "am", "a", "student", "<PAD>", "그리고", "unquestionably"}[rng.IntN(7)]
			influence[i] = math.Exp(3 * rng.NormFloat64())
		}
		readable(t, fmt.Sprintf("influence %d of %d tokens", trial, n), TokenInfluence(tokens, influence))
		units := 1 + rng.IntN(70)
		h := lesson.Uniform(rng, -3, 3, n, units)
		readable(t, fmt.Sprintf("states %d, %d × %d", trial, n, units), HiddenStates(tokens, h))
		g := lesson.Uniform(rng, 0, 1, n, 1+rng.IntN(5))
		readable(t, fmt.Sprintf("gates %d, %d tokens", trial, n), Gates(tokens, lesson.LSTMTrace{Forget: g, Input: g, Candidate: g, Cell: g}))
	}
}

func TestOtherWritingIsReadable(t *testing.T) {
	for part := range cellParts {
		readable(t, cellPart[part].name, LSTMCell(part))
	}
	readable(t, "the whole LSTM", LSTMCell())
	for part := range gruParts {
		readable(t, gruPart[part].name, GRUCell(part))
	}
	readable(t, "the whole GRU", GRUCell())
	long := []string{"unquestionably", "<PAD>", "나는", "I", "student", "the", "<PAD>", "a"}
	for layer := range layers {
		for n := range mostSteps[layer] {
			fig := Unrolled(layer, long[:n+1], Path(1, n+1))
			readable(t, fmt.Sprintf("layer %d over %d tokens", layer, n+1), fig)
		}
	}
	near := []Curve{{"chance", []float64{0.5}}, {"always the first", []float64{0.51}}, {"best", []float64{1}}}
	arms := []string{"post-pad", "flip", "pre-pad", "gather", "packed"}
	panels := []Panel{{"cue first", nil}, {"cue last", nil}}
	runs := make([]Runs, len(arms))
	for i, arm := range arms {
		seeds := []float64{0.5, 0.9 + 0.01*float64(i), 1}
		panels[0].Scores, panels[1].Scores = append(panels[0].Scores, seeds), append(panels[1].Scores, seeds)
		runs[i] = Runs{arm, [][]float64{seeds, {0.5, 0.8, 1}, {0.5, not, 1}}}
	}
	readable(t, "scores", SeedScores("accuracy, share right", arms, panels, near...))
	readable(t, "training", TrainingCurves("accuracy, share right", runs, near...))
	readable(t, "lines", Lines(Axes{X: "PADs behind the sentence", Y: "accuracy, share right", LogX: true}, []float64{1, 3, 1000}, []Curve{{"a", []float64{1, 2, 3}}}, near...))
}

func TestThinKeepsTheShape(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	var walk, line [][2]float64
	y := 0.0
	for i := range 3000 {
		y += rng.NormFloat64()
		walk = append(walk, [2]float64{float64(i) / 5, y})
		line = append(line, [2]float64{float64(i), 3 * float64(i)})
	}
	if n := len(thin(line, 0.07)); n != 2 {
		t.Errorf("a straight line keeps %d points, want 2", n)
	}
	kept := thin(walk, 0.5)
	if len(kept) >= len(walk)*3/4 {
		t.Errorf("of %d points %d stay", len(walk), len(kept))
	}
	for _, p := range walk {
		near := math.Inf(1)
		for i := 1; i < len(kept); i++ {
			if kept[i-1][0] <= p[0] && p[0] <= kept[i][0] {
				near = math.Min(near, distance(p, kept[i-1], kept[i]))
			}
		}
		if near > 0.5+1e-9 {
			t.Fatalf("a point lies %g from the line that is left, want at most 0.5", near)
		}
	}
}

func TestWrap(t *testing.T) {
	sty := write(ink, labelSize, draw.XLeft)
	for _, s := range []string{"", "word", "a few short words that go over several lines", strings.Repeat("x", 90), strings.Repeat("가", 40) + " 끝"} {
		got := wrap(s, sty, 100)
		for _, line := range strings.Split(got, "\n") {
			if w := sty.Width(line); w > 100 {
				t.Errorf("the line %q is %.0f wide, want at most 100", line, w)
			}
		}
		if flat := strings.NewReplacer("\n", "", " ", "").Replace(got); flat != strings.ReplaceAll(s, " ", "") {
			t.Errorf("%q became %q", s, got)
		}
	}
}

func TestRuns(t *testing.T) {
	for s, want := range map[string]struct {
		runs   []run
		spoken string
	}{
		"plain_text ^2 {}": {[]run{{"plain_text ^2 {}", 0}}, "plain_text ^2 {}"},
		"h_{T−k}":          {[]run{{"h", 0}, {"T−k", -1}}, "h_T−k"},
		"σ^{k}, x_{1}":     {[]run{{"σ", 0}, {"k", 1}, {", x", 0}, {"1", -1}}, "σ^k, x_1"},
		"open_{brace":      {[]run{{"open_{brace", 0}}, "open_{brace"},
		"":                 {nil, ""},
		// Decomposed, as file names of macOS are.
		"\u110c\u1165\u11bc\u1106\u1161\u11af cafe\u0301_{e\u0301}": {[]run{{"정말 café", 0}, {"é", -1}}, "정말 café_é"},
	} {
		if got := runs(s); !slices.Equal(got, want.runs) {
			t.Errorf("runs of %q are %v, want %v", s, got, want.runs)
		}
		if got := spoken(s); got != want.spoken {
			t.Errorf("%q is spoken %q, want %q", s, got, want.spoken)
		}
	}
}

// luminance is the relative luminance of WCAG 2.
func luminance(c interface{ RGBA() (r, g, b, a uint32) }) float64 {
	r, g, b, _ := c.RGBA()
	lin := func(v uint32) float64 {
		s := float64(v) / 0xffff
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*lin(r) + 0.7152*lin(g) + 0.0722*lin(b)
}

func TestWritingHasContrast(t *testing.T) {
	against := func(name string, c interface{ RGBA() (r, g, b, a uint32) }) {
		if ratio := (luminance(card) + 0.05) / (luminance(c) + 0.05); ratio < 4.5 {
			t.Errorf("%s has a contrast of %.2f on the card, want 4.5", name, ratio)
		}
	}
	against("ink", ink)
	against("soft", soft)
	against("muted", muted)
	for i, p := range palette {
		against(fmt.Sprintf("the text of colour %d", i+1), p.text)
	}
}

func TestIsPad(t *testing.T) {
	for token, want := range map[string]bool{
		"<PAD>": true, "[PAD]": true, "<pad>": true, "PAD": true, "pad": false, "Pad": false, "<padding>": false, "": false,
	} {
		if isPad(token) != want {
			t.Errorf("isPad(%q) is not %v", token, want)
		}
	}
}
