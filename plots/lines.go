package plots

import (
	"fmt"
	"image/color"
	"math"
	"slices"
	"sort"

	"unroll/internal/words"

	"gonum.org/v1/plot/vg"
)

// A Curve is a named sequence of values. What Values[k] belongs to, a distance,
// a step or a length, the function that draws it says.
type Curve struct {
	Name   string
	Values []float64
}

// GradientDecay draws gradient norms against distance, on a logarithmic axis:
// Values[k] is ‖∂h_T/∂h_{T−k}‖, as lesson.GradientNorms returns it, without a
// unit. Bounds, such as lesson.GradientBound, are dashed; if there are as many
// as curves, each has the colour of its curve. Every curve is named at its end.
//
// The axes run to distance 60 and from 1e-18 to 1e4 at least, so that what was
// measured in one figure can be compared with another; fig.X.Max, fig.Y.Min and
// fig.Y.Max change that.
//
// Values that a logarithmic axis cannot show are marked at its edge and named.
// It panics if there are no curves, and if a curve has no values.
func GradientDecay(curves []Curve, bounds ...Curve) *Figure {
	return gradients("GradientDecay", figureText{
		title: words.Of("Gradient norm against distance"),
		x:     words.Of("distance k, steps back from the last state"),
		y:     words.Of("norm of ∂h_{T} / ∂h_{T−k}"),
		whole: true,
	}, curves, bounds)
}

// InputGradient draws how much a result y depends on each input, on the axes of
// [GradientDecay] and otherwise like it: Values[k] is ‖∂y/∂x_{T−k}‖, as
// lesson.InputGradientNorms returns it. Layers of any kind can be compared.
func InputGradient(curves []Curve, bounds ...Curve) *Figure {
	return gradients("InputGradient", figureText{
		title: words.Of("Gradient norm of each input against distance"),
		x:     words.Of("distance k, steps back from the last input"),
		y:     words.Of("norm of ∂y / ∂x_{T−k}"),
		whole: true,
	}, curves, bounds)
}

func gradients(fn string, names figureText, curves, bounds []Curve) *Figure {
	checkCurves(fn, "curve", curves)
	c := &chart{logY: true, at: words.Text("distance %s")}
	longest := 0
	for _, curve := range slices.Concat(curves, bounds) {
		longest = max(longest, len(curve.Values))
	}
	c.addCurves(curves, counting(longest), false)
	c.addReferences(fn, bounds, counting(longest), len(bounds) == len(curves))
	f := c.figure(names)
	f.X.Max = max(f.X.Max, commonDistance)
	f.Y.Min, f.Y.Max = min(f.Y.Min, commonLeast), max(f.Y.Max, commonMost)
	return f.fit(max(chartHeight, c.labelHeight()))
}

// The axes that figures of gradients have in common.
const (
	commonDistance          = 60
	commonLeast, commonMost = 1e-18, 1e4
)

// GradientByLength draws the gradient norm at the first token against the
// length of the sequence, on a logarithmic axis: Values[i] belongs to a sequence
// of lengths[i] tokens. Exponential decay is a straight line.
//
// It panics if there are no curves, if a curve does not have a value for each
// length, and if the lengths are not positive and increasing.
func GradientByLength(lengths []int, curves ...Curve) *Figure {
	const fn = "GradientByLength"
	checkCurves(fn, "curve", curves)
	x := make([]float64, len(lengths))
	for i, n := range lengths {
		x[i] = float64(n)
		if n < 1 {
			failf(fn, "lengths[%d] is %d, want at least 1", i, n)
		}
		if i > 0 && n <= lengths[i-1] {
			failf(fn, "lengths[%d] is %d after %d, want them to increase", i, n, lengths[i-1])
		}
	}
	checkSameLength(fn, "length", len(lengths), curves)
	c := &chart{logY: true, at: words.Text("length %s")}
	c.addCurves(curves, x, true)
	return c.figure(figureText{
		title: words.Of("Gradient norm at the first token against sequence length"),
		x:     words.Of("sequence length T, tokens"),
		y:     words.Of("norm of ∂h_{T} / ∂h_{1}"),
		whole: true,
	})
}

// Axes names the axes of [Lines], with their units, and says which are
// logarithmic.
type Axes struct {
	X, Y       string
	LogX, LogY bool
}

// Lines draws curves over common places on the x axis: Values[i] belongs to x[i].
// References are dashed and grey; one of a single value is a horizontal line over
// the whole width ("chance", 0.5).
//
// It panics if there are no curves, if a curve does not have a value for each x, and
// if x is not finite and increasing or, on a logarithmic axis, not above zero.
func Lines(axes Axes, x []float64, curves []Curve, references ...Curve) *Figure {
	const fn = "Lines"
	checkCurves(fn, "curve", curves)
	for i, v := range x {
		switch {
		case !shown(v):
			failf(fn, "x[%d] is %v, want a finite number", i, v)
		case axes.LogX && v <= 0:
			failf(fn, "x[%d] is %v, want it above zero on a logarithmic axis", i, v)
		case i > 0 && v <= x[i-1]:
			failf(fn, "x[%d] is %v after %v, want them to increase", i, v, x[i-1])
		}
	}
	checkSameLength(fn, "x", len(x), curves)
	c := &chart{logX: axes.LogX, logY: axes.LogY}
	c.addCurves(curves, x, len(x) <= 30)
	c.addReferences(fn, references, x, false)
	title := axes.Y
	if axes.X != "" {
		title = words.Sprintf("%s against %s", withoutUnit(axes.Y), withoutUnit(axes.X))
	}
	return c.figure(figureText{title: upper(title), x: axes.X, y: axes.Y})
}

// Runs is one arm of an experiment, repeated with several seeds: Seeds[s][k] is
// the value of seed s in epoch k+1.
type Runs struct {
	Name  string
	Seeds [][]float64
}

// TrainingCurves draws a quantity, such as "loss, nats" or "accuracy, share
// right", against the epoch: each seed as a thin line, the median over the
// seeds, which leaves out NaN, as a thick one. References are as in [Lines].
//
// It panics if there are no arms, if an arm has no seeds, and if the seeds of an
// arm differ in the number of values.
func TrainingCurves(quantity string, arms []Runs, references ...Curve) *Figure {
	const fn = "TrainingCurves"
	if len(arms) == 0 {
		failf(fn, "no arms, want at least one")
	}
	c := &chart{at: words.Text("epoch %s")}
	longest := 0
	var medians []*line
	for i, arm := range arms {
		if len(arm.Seeds) == 0 {
			failf(fn, "%s has no seeds, want at least one", called("arm", i, arm.Name))
		}
		n := len(arm.Seeds[0])
		if n == 0 {
			failf(fn, "%s, seed 0 has no values, want at least one", called("arm", i, arm.Name))
		}
		for s, values := range arm.Seeds {
			if len(values) != n {
				failf(fn, "%s, seed %d has %s, want %d as seed 0 has", called("arm", i, arm.Name), s, count(len(values), "value"), n)
			}
		}
		longest = max(longest, n)
		hueLine, hueText, dashes := hue(i)
		x := counting(n + 1)[1:]
		if len(arm.Seeds) > 1 {
			for _, values := range arm.Seeds {
				faint := color.NRGBA{hueLine.R, hueLine.G, hueLine.B, 0x66}
				c.lines = append(c.lines, &line{x: x, y: values, color: faint, width: 1.2})
			}
		}
		medians = append(medians, &line{
			name: arm.Name, x: x, y: median(arm.Seeds), seeds: arm.Seeds,
			color: hueLine, text: hueText, width: 3, dashes: dashes,
		})
	}
	c.lines = append(c.lines, medians...)
	c.addReferences(fn, references, counting(longest + 1)[1:], false)
	return c.figure(figureText{
		title: words.Sprintf("%s over training", upper(withoutUnit(quantity))),
		x:     words.Of("epoch") + key(arms),
		y:     quantity,
		whole: true,
	})
}

// key explains the thin and the thick lines, if there are both.
func key(arms []Runs) string {
	fewest, most := len(arms[0].Seeds), len(arms[0].Seeds)
	for _, arm := range arms {
		fewest, most = min(fewest, len(arm.Seeds)), max(most, len(arm.Seeds))
	}
	switch {
	case most == 1:
		return ""
	case fewest < most:
		return words.Of(" (thin: each seed, thick: the median)")
	}
	return words.Sprintf(" (thin: each of %d seeds, thick: their median)", most)
}

// median returns the median over the seeds at every place, of the values that
// are numbers; NaN where none is.
func median(seeds [][]float64) []float64 {
	out := make([]float64, len(seeds[0]))
	for k := range out {
		var vs []float64
		for _, s := range seeds {
			if !math.IsNaN(s[k]) {
				vs = append(vs, s[k])
			}
		}
		sort.Float64s(vs)
		switch n := len(vs); {
		case n == 0:
			out[k] = math.NaN()
		case n%2 == 1:
			out[k] = vs[n/2]
		default:
			out[k] = vs[n/2-1] + (vs[n/2]-vs[n/2-1])/2
			if math.IsNaN(out[k]) { // both infinite
				out[k] = vs[n/2]
			}
		}
	}
	return out
}

// addCurves adds a solid line for each curve.
func (c *chart) addCurves(curves []Curve, x []float64, dots bool) {
	for i, curve := range curves {
		lineColor, textColor, dashes := hue(i)
		c.lines = append(c.lines, &line{
			name: curve.Name, x: x[:len(curve.Values)], y: curve.Values,
			color: lineColor, text: textColor, width: 2.5, dashes: dashes, dots: dots,
		})
	}
}

// addReferences adds a dashed line for each reference, over the others: a curve
// that reaches its bound shows through the dashes.
func (c *chart) addReferences(fn string, refs []Curve, x []float64, matched bool) {
	for i, ref := range refs {
		if len(ref.Values) == 0 {
			failf(fn, "%s has no values, want at least one", called("reference", i, ref.Name))
		}
		if len(ref.Values) > len(x) {
			failf(fn, "%s has %s, want at most %d as the curves have", called("reference", i, ref.Name), count(len(ref.Values), "value"), len(x))
		}
		l := &line{
			name: ref.Name, x: x[:len(ref.Values)], y: ref.Values, reference: true,
			color: soft, text: soft, width: 1.8, dashes: []vg.Length{7, 5},
		}
		if len(ref.Values) == 1 && len(x) > 1 {
			l.x = []float64{x[0], x[len(x)-1]}
			l.y = []float64{ref.Values[0], ref.Values[0]}
			l.level = true
		}
		if matched {
			_, l.text, _ = hue(i) // darker than the curve, to be seen on it
			l.color = l.text
		}
		c.lines = append(c.lines, l)
	}
}

func checkCurves(fn, what string, curves []Curve) {
	if len(curves) == 0 {
		failf(fn, "no %ss, want at least one", what)
	}
	for i, c := range curves {
		if len(c.Values) == 0 {
			failf(fn, "%s has no values, want at least one", called(what, i, c.Name))
		}
	}
}

func checkSameLength(fn, what string, n int, curves []Curve) {
	for i, c := range curves {
		if len(c.Values) != n {
			failf(fn, "%s has %s, want %d, one for each %s", called("curve", i, c.Name), count(len(c.Values), "value"), n, what)
		}
	}
}

// called names the i-th of several for a message: curve 2 ("LSTM").
func called(what string, i int, name string) string {
	if name == "" {
		return fmt.Sprintf("%s %d", what, i)
	}
	return fmt.Sprintf("%s %d (%q)", what, i, name)
}

// counting returns 0, 1, …, n−1.
func counting(n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = float64(i)
	}
	return slices.Clip(x)
}
