package plots

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"unroll/internal/words"

	"gonum.org/v1/plot"
)

// number formats a value for a sentence or a table with so many significant
// digits: 0.25, 3e-9, −∞ as −infinity.
func number(v float64, digits int) string {
	switch {
	case math.IsNaN(v):
		return "NaN"
	case math.IsInf(v, 1):
		return words.Of("infinity")
	case math.IsInf(v, -1):
		return words.Of("−infinity")
	}
	s := strconv.FormatFloat(v, 'g', digits, 64)
	if mantissa, exponent, found := strings.Cut(s, "e"); found {
		n, _ := strconv.Atoi(exponent)
		if n >= 0 && n < 7 {
			return minus(strconv.FormatFloat(v, 'f', 0, 64))
		}
		s = mantissa + "e" + strconv.Itoa(n)
	}
	return minus(s)
}

// minus writes a number with a minus sign rather than a hyphen before it; an
// exponent keeps its hyphen, so that it can be copied into a program.
func minus(s string) string {
	if rest, found := strings.CutPrefix(s, "-"); found {
		return "−" + rest
	}
	return s
}

// niceStep returns a step of 1, 2 or 5 times a power of ten, at which at most n
// steps cover the span.
func niceStep(span float64, n int) float64 {
	raw := span / float64(n)
	power := math.Pow10(int(math.Floor(math.Log10(raw))))
	for _, m := range []float64{1, 2, 5, 10} {
		if m*power >= raw*(1-1e-9) {
			return m * power
		}
	}
	return 10 * power
}

// linearTicks puts a tick at every multiple of a nice step.
type linearTicks struct {
	n     int  // at most so many steps
	whole bool // ticks at whole numbers only
}

func (t linearTicks) Ticks(min, max float64) []plot.Tick {
	span := max - min
	if !(span > 1e-12*math.Max(math.Abs(min), math.Abs(max))) || math.IsInf(span, 0) {
		return []plot.Tick{{Value: min, Label: number(min, 3)}}
	}
	step := niceStep(span, t.n)
	if t.whole {
		step = math.Max(1, step)
	}
	decimals := int(math.Max(0, -math.Floor(math.Log10(step)+1e-9)))
	var ticks []plot.Tick
	for i := math.Ceil(min/step - 1e-9); i*step <= max+1e-9*step; i++ {
		v := i * step
		label := strconv.FormatFloat(v, 'f', decimals, 64)
		if decimals > 5 || math.Abs(v) >= 1e7 {
			label = number(v, 3)
		}
		if i == 0 {
			label = "0"
		}
		ticks = append(ticks, plot.Tick{Value: v, Label: minus(label)})
	}
	return ticks
}

// logScale is a logarithmic axis. If it is to show zero it keeps its lower end
// for what is not above zero, and its upper end for infinity likewise.
type logScale struct{ zero, inf bool }

// endRoom is the part of the axis between zero or infinity and the numbers.
const endRoom = 0.08

func (s logScale) Normalize(min, max, x float64) float64 {
	lower, upper := 0.0, 1.0
	if s.zero {
		lower = endRoom
	}
	if s.inf {
		upper = 1 - endRoom
	}
	switch {
	case !(x > 0):
		return 0
	case math.IsInf(x, 1):
		return 1
	}
	lo, hi := math.Log10(min), math.Log10(max)
	return lower + (upper-lower)*(math.Log10(x)-lo)/(hi-lo)
}

// logTicks puts ticks at powers of ten, and between them at 2 and 5 if the axis
// spans little.
type logTicks struct {
	n     int // at most so many steps
	scale logScale
}

func (t logTicks) Ticks(min, max float64) []plot.Tick {
	if !(min > 0) || !(max > min) || math.IsInf(max, 1) {
		return nil
	}
	lo, hi := math.Log10(min), math.Log10(max)
	var ticks []plot.Tick
	if t.scale.zero {
		ticks = append(ticks, plot.Tick{Value: 0, Label: "0"})
	}
	from, to := lo-1e-9, hi+1e-9
	first, last := math.Ceil(from), math.Floor(to)
	plain := first >= -3 && last <= 4 // 0.001 to 10000 need no powers
	if hi-lo <= 2.2 {
		for e := math.Floor(lo); e <= hi; e++ {
			for _, m := range []float64{1, 2, 5} {
				v := m * math.Pow(10, e)
				if l := math.Log10(v); l >= from && l <= to {
					ticks = append(ticks, plot.Tick{Value: v, Label: number(v, 3)})
				}
			}
		}
	} else {
		step := math.Max(1, niceStep(last-first, t.n))
		for e := math.Ceil(first/step) * step; e <= last; e += step {
			label := fmt.Sprintf("10^{%s}", minus(strconv.FormatFloat(e, 'f', 0, 64)))
			if plain || e == 0 {
				label = strconv.FormatFloat(math.Pow(10, e), 'g', -1, 64)
			}
			ticks = append(ticks, plot.Tick{Value: math.Pow(10, e), Label: label})
		}
	}
	if t.scale.inf {
		ticks = append(ticks, plot.Tick{Value: math.Inf(1), Label: "∞"})
	}
	return ticks
}
