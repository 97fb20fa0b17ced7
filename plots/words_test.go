package plots

import (
	"encoding/csv"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"unroll/lesson"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg/draw"
)

func TestNumber(t *testing.T) {
	for _, c := range []struct {
		v      float64
		digits int
		want   string
	}{
		{0, 3, "0"}, {1, 3, "1"}, {0.25, 2, "0.25"}, {3.14159, 3, "3.14"}, {-0.5, 2, "−0.5"},
		{3e-9, 2, "3e-9"}, {-1.26e-12, 2, "−1.3e-12"}, {4.94e-324, 3, "4.94e-324"}, {1e300, 2, "1e300"},
		{9100.4, 3, "9100"}, {123456, 3, "123456"}, {1e21, 4, "1e21"}, {100, 2, "100"},
		{math.NaN(), 2, "NaN"}, {math.Inf(1), 2, "infinity"}, {math.Inf(-1), 2, "−infinity"},
	} {
		if got := number(c.v, c.digits); got != c.want {
			t.Errorf("number(%g, %d) is %q, want %q", c.v, c.digits, got, c.want)
		}
	}
}

func labels(ticks []plot.Tick) []string {
	var out []string
	for _, t := range ticks {
		out = append(out, t.Label)
	}
	return out
}

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		ticker   plot.Ticker
		min, max float64
		want     string
	}{
		{linearTicks{n: 5}, 0, 1, "0 0.2 0.4 0.6 0.8 1.0"},
		{linearTicks{n: 8}, 0, 50, "0 10 20 30 40 50"},
		{linearTicks{n: 8, whole: true}, 0, 3, "0 1 2 3"},
		{linearTicks{n: 8}, 0, 3, "0 0.5 1.0 1.5 2.0 2.5 3.0"},
		{linearTicks{n: 4}, -1, 1, "−1.0 −0.5 0 0.5 1.0"},
		{linearTicks{n: 4}, 0, 4e-9, "0 1e-9 2e-9 3e-9 4e-9"},
		{linearTicks{n: 4}, 2, 2, "2"},
		{logTicks{n: 6}, 1e-12, 1e4, "10^{−10} 10^{−5} 1"},
		{logTicks{n: 6}, 1e-3, 1e2, "0.001 0.01 0.1 1 10 100"},
		{logTicks{n: 6}, 1e-6, 1, "10^{−6} 10^{−5} 10^{−4} 10^{−3} 10^{−2} 10^{−1} 1"},
		{logTicks{n: 6}, 0.5, 10, "0.5 1 2 5 10"},
		{logTicks{n: 6}, math.SmallestNonzeroFloat64, 1, "10^{−300} 10^{−200} 10^{−100} 1"},
		{logTicks{n: 6, scale: logScale{zero: true, inf: true}}, 1e-4, 1, "0 10^{−4} 10^{−3} 10^{−2} 10^{−1} 1 ∞"},
		{logTicks{n: 6}, 0, 1, ""},
	} {
		if got := strings.Join(labels(c.ticker.Ticks(c.min, c.max)), " "); got != c.want {
			t.Errorf("%#v from %g to %g: %s, want %s", c.ticker, c.min, c.max, got, c.want)
		}
	}
}

// Every tick is on its axis, near enough to its neighbours and not too near,
// whatever the range.
func TestTicksAreFewAndInside(t *testing.T) {
	for e := -307.0; e < 300; e += 13.7 {
		for _, decades := range []float64{0.3, 1, 2.2, 2.5, 7, 40, 300} {
			if e+decades > 308 {
				continue
			}
			lo, hi := math.Max(math.Pow(10, e), math.SmallestNonzeroFloat64), math.Pow(10, e+decades)
			ticks := logTicks{n: 6}.Ticks(lo, hi)
			if len(ticks) > 9 || len(ticks) < 1 && decades >= 1 {
				t.Errorf("from %g to %g: %d ticks %v", lo, hi, len(ticks), labels(ticks))
			}
			for _, k := range ticks {
				if n := (logScale{}).Normalize(lo, hi, k.Value); n < -1e-6 || n > 1+1e-6 {
					t.Errorf("from %g to %g the tick %s lies at %g", lo, hi, k.Label, n)
				}
			}
		}
	}
}

func TestLogScaleHasAPlaceForEverything(t *testing.T) {
	s := logScale{zero: true, inf: true}
	var last float64
	for i, v := range []float64{0, 1e-10, 1e-5, 1, math.Inf(1)} {
		at := s.Normalize(1e-10, 1, v)
		if at < 0 || at > 1 || i > 0 && at <= last {
			t.Errorf("%g lies at %g, want above %g and within 0 to 1", v, at, last)
		}
		last = at
	}
	if at := s.Normalize(1, 10, math.NaN()); at != 0 {
		t.Errorf("NaN lies at %g, want 0", at)
	}
}

var (
	inf = math.Inf(1)
	not = math.NaN()
)

func TestCourse(t *testing.T) {
	for _, c := range []struct {
		log  bool
		y    []float64
		want string
	}{
		{true, []float64{1, 0.1, 1e-9}, "falls from 1 at distance 0 to 1e-9 at distance 2"},
		{true, []float64{1, 1.5, 3}, "rises from 1 at distance 0 to 3 at distance 2"},
		{true, []float64{1, 1, 1}, "stays at 1 from distance 0 to 2"},
		{true, []float64{0.5}, "0.5 at distance 0"},
		{true, []float64{1, 4, 0.1}, "falls from 1 at distance 0 to 0.1 at distance 2, highest 4 at distance 1"},
		{true, []float64{1, 0.01, 1}, "begins and ends near 1, lowest 0.01 at distance 1"},
		{true, []float64{1, 0.1, 0, 0}, "falls from 1 at distance 0 to 0.1 at distance 1, 0 from distance 2"},
		{true, []float64{1, 0, 0.1}, "falls from 1 at distance 0 to 0.1 at distance 2, 0 at distance 1"},
		{true, []float64{0, 0}, "0 throughout"},
		{true, []float64{1, inf}, "1 at distance 0, infinite at distance 1"},
		{true, []float64{1, inf, inf}, "1 at distance 0, infinite from distance 1"},
		{true, []float64{1, not, not, 2}, "rises from 1 at distance 0 to 2 at distance 3, NaN from distance 1 to 2"},
		{true, []float64{1, -1, -2, 2}, "rises from 1 at distance 0 to 2 at distance 3, negative from distance 1 to 2"},
		{true, []float64{not, 1, not, 2, not}, "rises from 1 at distance 1 to 2 at distance 3, NaN at 3 of 5 places, first distance 0"},
		{true, []float64{not, not}, "NaN throughout"},
		{false, []float64{-1, 0, 1}, "rises from −1 at distance 0 to 1 at distance 2"},
		{false, []float64{0, 0, 0}, "stays at 0 from distance 0 to 2"},
		{false, []float64{1, -inf}, "1 at distance 0, minus infinity at distance 1"},
	} {
		chart := &chart{logY: c.log, at: "distance %s"}
		if got := chart.course(&line{x: counting(len(c.y)), y: c.y}); got != c.want {
			t.Errorf("%v: %s\nwant %s", c.y, got, c.want)
		}
	}
}

// Whatever the values, a chart is drawn and says what it leaves out.
func TestPathologicalValues(t *testing.T) {
	for _, values := range [][]float64{
		{0}, {not}, {inf}, {-inf}, {-1}, {1}, {0, 0}, {not, not}, {inf, inf}, {inf, 0}, {1, 1},
		{math.MaxFloat64, math.SmallestNonzeroFloat64}, {math.SmallestNonzeroFloat64}, {math.MaxFloat64},
		{1, 0, not, inf, -inf, -1, 1}, {1e-320, 1e308, 0, inf}, {math.MaxFloat64, -math.MaxFloat64},
		{1, math.Nextafter(1, 2)}, {1e300, 1.0000001e300},
	} {
		curve := []Curve{{"curve", values}}
		x := counting(len(values))
		for name, fig := range map[string]*Figure{
			"GradientDecay":      GradientDecay(curve, curve...),
			"GradientByLength":   GradientByLength([]int{1, 2, 5, 9, 10, 11, 100}[:len(values)], curve...),
			"Lines":              Lines(Axes{X: "x", Y: "y"}, x, curve, curve...),
			"Lines, logarithmic": Lines(Axes{X: "x", Y: "y", LogX: true, LogY: true}, counting(len(values) + 1)[1:], curve, Curve{"r", values[:1]}),
			"TrainingCurves":     TrainingCurves("loss", []Runs{{"arm", [][]float64{values, values}}}, curve...),
			"TokenInfluence":     TokenInfluence(slices.Repeat([]string{"a"}, len(values)), values),
			"HiddenStates":       HiddenStates(slices.Repeat([]string{"a"}, len(values)), lesson.TensorOf(values, len(values), 1)),
			"HiddenStates, wide": HiddenStates([]string{"a"}, lesson.TensorOf(values, 1, len(values))),
			"Gates":              Gates(slices.Repeat([]string{"a"}, len(values)), lesson.LSTMTrace{Cell: lesson.TensorOf(values, len(values), 1)}),
			"Gates, several":     Gates([]string{"a"}, lesson.LSTMTrace{Cell: lesson.TensorOf(values, 1, len(values))}),
		} {
			svg := string(fig.SVG())
			for _, path := range strings.Split(svg, ` d="`)[1:] {
				if path, _, _ = strings.Cut(path, `"`); strings.ContainsAny(path, "NIef") {
					t.Errorf("%s of %v draws to a place that is not finite: %s", name, values, path)
				}
			}
			fig.Draw(draw.New(newRaster(fig.Width, fig.Height, 0.3))) // small: it is quick
			if len(fig.Table.Rows) == 0 {
				t.Errorf("%s of %v has no table", name, values)
			}
			for word, is := range map[string]func(float64) bool{"NaN": math.IsNaN, "infinit": func(v float64) bool { return math.IsInf(v, 0) }} {
				if slices.ContainsFunc(values, is) && !strings.Contains(fig.Alt, word) {
					t.Errorf("%s of %v does not say %q: %s", name, values, word, fig.Alt)
				}
			}
		}
	}
}

// A line of a million points becomes a picture of a page's size.
func TestLongLinesAreSmall(t *testing.T) {
	values := make([]float64, 200_000)
	for k := range values {
		values[k] = math.Pow(0.999, float64(k)) * (1.5 + math.Sin(float64(k)/300))
	}
	fig := GradientDecay([]Curve{{"long", values}})
	if n := len(fig.SVG()); n > 40_000 {
		t.Errorf("%d bytes of SVG", n)
	}
	if n := len(fig.Table.Rows); n > mostRows+1 {
		t.Errorf("%d rows in the table", n)
	}
	if want := "One in 5000 of 200000 rows."; fig.Table.Note != want {
		t.Errorf("the note is %q, want %q", fig.Table.Note, want)
	}
	if last := fig.Table.Rows[len(fig.Table.Rows)-1][0]; last != "199999" {
		t.Errorf("the last row is of distance %s, want 199999", last)
	}
}

func TestTables(t *testing.T) {
	fig := GradientDecay([]Curve{{"a, b", []float64{1, 0.5, not}}, {"", []float64{1}}}, Curve{"\"σ^{k}\"", []float64{2}})
	want := Table{
		Columns: []string{"distance k", "a, b", "line 2", "\"σ^k\""},
		Rows:    [][]string{{"0", "1", "1", "2"}, {"1", "0.5", "", "2"}, {"2", "NaN", "", "2"}},
	}
	if !reflect.DeepEqual(fig.Table, want) {
		t.Errorf("%q, want %q", fig.Table, want)
	}
	back, err := csv.NewReader(strings.NewReader(fig.Table.CSV())).ReadAll()
	if err != nil || !reflect.DeepEqual(back[0], want.Columns) || !reflect.DeepEqual(back[1:], want.Rows) {
		t.Errorf("read back %q, %v", back, err)
	}

	// Words for people have the sign −, CSV the one that programs read.
	signs := Lines(Axes{X: "t−1", Y: "h"}, []float64{-1, 0, 1, 2}, []Curve{{"−", []float64{-0.25, -inf, -1e-9, not}}})
	if got, want := signs.Table.CSV(), "t−1,−\n-1,-0.25\n0,-infinity\n1,-1e-9\n2,NaN\n"; got != want {
		t.Errorf("the CSV is %q, want %q", got, want)
	}
	for _, row := range signs.Table.Rows[:3] {
		if !strings.HasPrefix(row[1], "−") {
			t.Errorf("the row %q has no sign −", row)
		}
	}

	runs := TrainingCurves("loss", []Runs{{"arm", [][]float64{{3, 1}, {1, not}, {2, 5}}}})
	if want := [][]string{{"1", "2", "1", "3"}, {"2", "3", "1", "5"}}; !reflect.DeepEqual(runs.Table.Rows, want) {
		t.Errorf("rows %q, want %q", runs.Table.Rows, want)
	}
	if !strings.Contains(runs.Alt, "median of 3 seeds, which end between 1 and 5") || !strings.Contains(runs.Alt, "NaN or infinite in 1 of 3 seeds") {
		t.Errorf("the words leave out the spread: %s", runs.Alt)
	}

	tokens := slices.Repeat([]string{"word"}, 120)
	states := HiddenStates(tokens, lesson.NewTensor(120, 40))
	if len(states.Table.Columns) != 2+mostUnits || states.Table.Note != "The first 16 of 40 units. One in 5 of 120 tokens." {
		t.Errorf("%d columns, note %q", len(states.Table.Columns), states.Table.Note)
	}
	if n := len(states.Table.Rows); n > mostRows+1 {
		t.Errorf("%d rows", n)
	}
}

func TestMedian(t *testing.T) {
	got := median([][]float64{{1, 1, not, inf, -inf, 4}, {3, 2, not, inf, inf, not}, {2, 9, not, 1, 0, 8}, {2, 9, not, inf, 0, 6}})
	want := []float64{2, 5.5, not, inf, 0, 6}
	for i := range want {
		if got[i] != want[i] && !(math.IsNaN(got[i]) && math.IsNaN(want[i])) {
			t.Errorf("median %d is %g, want %g", i, got[i], want[i])
		}
	}
}

func TestBadInput(t *testing.T) {
	one := []Curve{{"c", []float64{1}}}
	words := []string{"a", "b"}
	h := lesson.NewTensor(2, 3)
	for want, f := range map[string]func(){
		"GradientDecay: no curves, want at least one":                                            func() { GradientDecay(nil) },
		"InputGradient: no curves, want at least one":                                            func() { InputGradient(nil) },
		`GradientDecay: curve 1 ("b") has no values, want at least one`:                          func() { GradientDecay([]Curve{one[0], {Name: "b"}}) },
		`GradientDecay: curve 0 has no values, want at least one`:                                func() { GradientDecay(make([]Curve, 1)) },
		`GradientDecay: reference 0 ("σ") has no values, want at least one`:                      func() { GradientDecay(one, Curve{Name: "σ"}) },
		"GradientByLength: no curves, want at least one":                                         func() { GradientByLength([]int{1}) },
		`GradientByLength: curve 0 ("c") has 1 value, want 2, one for each length`:               func() { GradientByLength([]int{1, 2}, one...) },
		"GradientByLength: lengths[0] is 0, want at least 1":                                     func() { GradientByLength([]int{0}, one...) },
		"GradientByLength: lengths[1] is 5 after 5, want them to increase":                       func() { GradientByLength([]int{5, 5}, Curve{"c", []float64{1, 2}}) },
		"Lines: no curves, want at least one":                                                    func() { Lines(Axes{}, nil, nil) },
		`Lines: curve 0 ("c") has 1 value, want 3, one for each x`:                               func() { Lines(Axes{}, []float64{1, 2, 3}, one) },
		"Lines: x[0] is NaN, want a finite number":                                               func() { Lines(Axes{}, []float64{not}, one) },
		"Lines: x[0] is 0, want it above zero on a logarithmic axis":                             func() { Lines(Axes{LogX: true}, []float64{0}, one) },
		"Lines: x[1] is 1 after 2, want them to increase":                                        func() { Lines(Axes{}, []float64{2, 1}, one) },
		`Lines: reference 0 ("r") has 2 values, want at most 1 as the curves have`:               func() { Lines(Axes{}, []float64{1}, one, Curve{"r", []float64{1, 2}}) },
		"TrainingCurves: no arms, want at least one":                                             func() { TrainingCurves("loss", nil) },
		`TrainingCurves: arm 0 ("a") has no seeds, want at least one`:                            func() { TrainingCurves("loss", []Runs{{Name: "a"}}) },
		`TrainingCurves: arm 0 ("a"), seed 0 has no values, want at least one`:                   func() { TrainingCurves("loss", []Runs{{"a", [][]float64{nil}}}) },
		`TrainingCurves: arm 0 ("a"), seed 1 has 1 value, want 2 as seed 0 has`:                  func() { TrainingCurves("loss", []Runs{{"a", [][]float64{{1, 2}, {1}}}}) },
		"HiddenStates: no tokens, want at least one":                                             func() { HiddenStates(nil, h) },
		"HiddenStates: h is nil":                                                                 func() { HiddenStates(words, nil) },
		"HiddenStates: h is [2 3] for 1 token, want [1 H], a row for each token of one sequence": func() { HiddenStates(words[:1], h) },
		"HiddenStates: h is [2 2 3] for 2 tokens, want [2 H], a row for each token of one sequence": func() {
			HiddenStates(words, lesson.NewTensor(2, 2, 3))
		},
		"AttentionWeights: weights is [2 3], want [2 2], a row and a column for each token":                       func() { AttentionWeights(words, h) },
		"Gates: no tokens, want at least one":                                                                     func() { Gates(nil, lesson.LSTMTrace{Cell: h}) },
		"Gates: the trace has no tensors, want at least one":                                                      func() { Gates(words, lesson.LSTMTrace{}) },
		"Gates: unit 3 of 3, want 0 to 2":                                                                         func() { Gates(words, lesson.LSTMTrace{Cell: h}, 3) },
		"Gates: Hidden has 2 units, want 3 as Forget has":                                                         func() { Gates(words, lesson.LSTMTrace{Forget: h, Hidden: lesson.NewTensor(2, 2)}) },
		"ColouredText: no characters, want at least one":                                                          func() { ColouredText("c", "", nil) },
		"ColouredText: 1 value for 2 characters, want one for each":                                               func() { ColouredText("c", "한a", []float64{1}) },
		"TokenInfluence: no tokens, want at least one":                                                            func() { TokenInfluence(nil, nil) },
		"TokenInfluence: 1 value for 2 tokens, want one for each":                                                 func() { TokenInfluence(words, []float64{1}) },
		"Show: the figure is nil":                                                                                 func() { Show(nil) },
		"Figure.SVG: the figure has neither a plot nor tiles":                                                     func() { (&Figure{}).SVG() },
		"Figure.PNG: the figure is 0 by 0 points, want 100 to 10000 each way":                                     func() { (&Figure{Plot: newPlot()}).PNG() },
		"Alignment: no tokens, want at least one":                                                                 func() { Alignment(words, nil, h) },
		"Alignment: weights is [2 3], want [2 2], a row for each target token and a column for each source token": func() { Alignment(words, words, h) },
	} {
		func() {
			defer func() {
				if err, ok := recover().(*Error); !ok || err.Error() != "plots: "+want {
					t.Errorf("panics with %v\nwant plots: %s", err, want)
				}
			}()
			f()
			t.Errorf("does not panic, want %q", want)
		}()
	}
}

// A batch axis of one may be first or second.
func TestBatchOfOne(t *testing.T) {
	h := lesson.TensorOf([]float64{1, 2, 3, 4, 5, 6}, 2, 3)
	words := []string{"a", "b"}
	want := HiddenStates(words, h).Table
	for _, shape := range [][]int{{1, 2, 3}, {2, 1, 3}} {
		if got := HiddenStates(words, h.Reshape(shape...)).Table; !reflect.DeepEqual(got, want) {
			t.Errorf("%v gives %v, want %v", shape, got, want)
		}
	}
}

// A caller can change a figure: what gonum's plot has, and the title and size.
func TestFiguresCanBeChanged(t *testing.T) {
	fig := GradientDecay([]Curve{{"c", []float64{1, 0.1}}})
	fig.X.Label.Text, fig.Title, fig.Width, fig.Height = "step", "Another h_{T}", 500, 300
	fig.Y.Min = 1e-6
	svg := string(fig.SVG())
	for _, want := range []string{">step<", ">Another h_T</title>", `width="500" height="300"`, ">10<tspan"} {
		if !strings.Contains(svg, want) {
			t.Errorf("%q is missing", want)
		}
	}
	if words := fig.words(); !strings.HasPrefix(words, "Another h_T. ") || !strings.Contains(words, " against step, ") {
		t.Errorf("the words are %q", words)
	}
}

// The words name the quantities of the axes, those that a caller has set too.
func TestWordsNameTheAxes(t *testing.T) {
	fig := GradientDecay([]Curve{{"LSTM", []float64{1, 0.1}}})
	fig.Y.Label.Text, fig.X.Label.Text = "norm of ∂C_{T} / ∂C_{T−k}", "steps back"
	want := "Lines of norm of ∂C_T / ∂C_T−k against steps back, logarithmic axis. LSTM: falls from 1 at distance 0 to 0.1 at distance 1."
	if got := fig.words(); got != "Gradient norm against distance. "+want {
		t.Errorf("the words are %q", got)
	}
	if !strings.Contains(string(fig.SVG()), want) {
		t.Error("the description of the SVG names other quantities")
	}
	fig.Alt = "Words of the caller's own."
	if got := fig.words(); got != "Gradient norm against distance. "+fig.Alt {
		t.Errorf("the caller's words become %q", got)
	}
	fig.Title = "What should one say?"
	if got := fig.words(); got != "What should one say? "+fig.Alt {
		t.Errorf("behind a question the words become %q", got)
	}
}

// What is outside the axes that a caller sets is not drawn, however far outside,
// and with dashes too.
func TestAxesCanLeaveOutData(t *testing.T) {
	fig := Lines(Axes{X: "x", Y: "y"}, counting(5), []Curve{{"c", []float64{0, 1e250, 1, -1e300, 2}}}, Curve{"r", []float64{1, 1, 1, 1, 1e280}})
	fig.Y.Min, fig.Y.Max, fig.X.Max = 0, 2, 3.5
	svg := fig.SVG()
	fig.PNG()
	bare, inner := withoutNames(fig.Plot, fig.inside(draw.NewCanvas(nil, fig.Width, fig.Height)))
	data := bare.DataCanvas(inner)
	drawn := 0
	for _, c := range []string{"c1", "soft"} {
		for _, element := range strings.Split(string(svg), "<path")[1:] {
			if !strings.Contains(element, fmt.Sprintf(`class="%s"`, c)) || !strings.Contains(element, "stroke=") {
				continue
			}
			r := &reader{t: t}
			_, d, _ := strings.Cut(element, ` d="`)
			d, _, _ = strings.Cut(d, `"`)
			for _, piece := range r.contours(d) {
				for _, p := range piece.points {
					if y := float64(fig.Height) - p[1]; p[0] > float64(fig.Width)-10 || y < float64(data.Min.Y)-20 || y > float64(data.Max.Y)+20 {
						t.Errorf("%s reaches (%g, %g) outside %v of %v: %s", c, p[0], float64(fig.Height)-p[1], data.Rectangle, fig.Height, d)
					}
					drawn++
				}
			}
		}
	}
	if drawn < 8 {
		t.Errorf("%d points of lines", drawn)
	}
}

// One word that is longer than a page takes no longer than its letters.
func TestLongWords(t *testing.T) {
	word := strings.Repeat("가나다abc", 5_000)
	lines := strings.Split(wrap(word, titleStyle(), 680), "\n")
	if got := strings.Join(lines, ""); got != word {
		t.Errorf("%d letters of %d are left", len(got), len(word))
	}
	for i, l := range lines {
		if w := titleStyle().Width(l); w > 680 || i < len(lines)-1 && w < 640 {
			t.Errorf("line %d is %v wide, want some 680", i, w)
		}
	}
}

// Figures of gradients can be compared: their axes are the same, unless the data
// goes beyond, and then they hold it.
func TestGradientDecayAxes(t *testing.T) {
	if a, b := GradientDecay([]Curve{{"c", []float64{1}}}), InputGradient([]Curve{{"c", []float64{5}}}); a.X.Max != b.X.Max || a.Y.Min != b.Y.Min || a.Y.Max != b.Y.Max {
		t.Error("the axes of GradientDecay and InputGradient differ")
	}
	axes := func(values ...float64) [4]float64 {
		p := GradientDecay([]Curve{{"c", values}})
		return [4]float64{p.X.Min, p.X.Max, p.Y.Min, p.Y.Max}
	}
	if got, want := axes(1, 0.9), axes(1, 1e-15, 300); got != want || got != [4]float64{0, 60, 1e-18, 1e4} {
		t.Errorf("axes %v and %v, want both from 0 to 60 and from 1e-18 to 1e4", got, want)
	}
	long := make([]float64, 101)
	long[0], long[1], long[100] = 1, 1e-30, 1e20
	if got := axes(long...); got[1] != 100 || got[2] > 1e-30 || got[3] < 1e20 {
		t.Errorf("axes %v leave out the data", got)
	}
}

// The words name the lowest value too, where it is below zero.
func TestInfluenceBelowZeroInWords(t *testing.T) {
	words := []string{"not", "so", "bad"}
	if got, want := TokenInfluence(words, []float64{0.5, 0.25, -2}).Alt, "Bars under 3 tokens: not 0.5, so 0.25, bad −2. Most: token 1 “not”, 0.5. Least: token 3 “bad”, −2."; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := TokenInfluence(words, []float64{0.5, 0.25, 0}).Alt; strings.Contains(got, "Least") {
		t.Errorf("nothing is below zero in\n%s", got)
	}
}
