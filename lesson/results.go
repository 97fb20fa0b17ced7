package lesson

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/stat/distuv"
)

// Results are what an experiment measured that takes longer than a cell should,
// read by [ReadResults]. Take rows with Where and columns with Numbers:
//
//	accuracy := results.Where("steps", 10).Numbers("accuracy") // of every seed
type Results struct {
	Name     string         // of the experiment, such as "long-memory-cue"
	About    string         // what the rows measure
	Machine  string         // on what
	Seeds    int            // how many of each setting
	Settings map[string]any // what is the same in every row
	Rows     []Row
}

// A Row is one measurement: values by name, each a float64, a string, a bool or a
// []float64.
type Row map[string]any

// ReadResults reads a file that make grids wrote, "data/long-memory-cue.json". The
// error says what to do.
func ReadResults(path string) (*Results, error) {
	text, err := readFile(path)
	if err != nil {
		return nil, fmt.Errorf("lesson: loading %s: %w, or let make grids compute it", path, err)
	}
	damaged := func(format string, args ...any) (*Results, error) {
		return nil, fmt.Errorf("lesson: %s holds no results, %s: let make grids compute it anew", path, fmt.Sprintf(format, args...))
	}
	r := new(Results)
	if err := json.Unmarshal(text, r); err != nil {
		return damaged("%v", err)
	}
	if len(r.Rows) == 0 {
		return damaged("it has no rows")
	}
	for i, row := range r.Rows {
		if !row.like(r.Rows[0]) {
			return damaged("row %d has %s, row 0 has %s", i, row.names(), r.Rows[0].names())
		}
		for name, v := range row {
			switch v := v.(type) {
			case float64, string, bool:
			case nil:
				row[name] = math.NaN() // JSON has no word for it
			case []any:
				list, ok := floats(v)
				if !ok {
					return damaged("row %d has %v as %s, want numbers", i, v, name)
				}
				row[name] = list
			default:
				return damaged("row %d has %v as %s, want a number, a word, true, false or numbers", i, v, name)
			}
		}
	}
	return r, nil
}

// floats returns the values as numbers, NaN for null, if they are.
func floats(values []any) (list []float64, ok bool) {
	for _, v := range values {
		x, number := v.(float64)
		if v == nil {
			x = math.NaN()
		} else if !number {
			return nil, false
		}
		list = append(list, x)
	}
	return list, true
}

// names returns the names of the values, in order.
func (r Row) names() string { return strings.Join(slices.Sorted(maps.Keys(r)), ", ") }

// like reports whether the names are those of another row.
func (r Row) like(other Row) bool {
	for name := range other {
		if _, ok := r[name]; !ok {
			return false
		}
	}
	return len(r) == len(other)
}

// Where returns the results with those rows only whose value of that name is
// the given one: a string, a bool, an int or a float64. It panics when no row
// has it.
func (r *Results) Where(name string, value any) *Results {
	const fn = "Results.Where"
	checkNotNil(fn, "the receiver", r)
	switch v := value.(type) {
	case int:
		value = float64(v)
	case float64, string, bool:
	default:
		failf(fn, "the value is of type %T, want a string, a bool, an int or a float64", value)
	}
	some := *r
	some.Rows = nil
	for _, row := range r.Rows {
		if row.value(fn, name) == value {
			some.Rows = append(some.Rows, row)
		}
	}
	if len(some.Rows) == 0 {
		var there []string
		for _, row := range r.Rows {
			if v := fmt.Sprint(row[name]); !slices.Contains(there, v) {
				there = append(there, v)
			}
		}
		failf(fn, "no row has %v as %s, there are %s", value, name, strings.Join(there, ", "))
	}
	return &some
}

// Numbers returns the values of that name of all rows, NaN for what was not a
// finite number. It panics when the rows have no such name, and when a value is
// no number.
func (r *Results) Numbers(name string) []float64 {
	const fn = "Results.Numbers"
	checkNotNil(fn, "the receiver", r)
	return r.numbers(fn, name)
}

func (r *Results) numbers(fn, name string) []float64 {
	column := make([]float64, len(r.Rows))
	for i, row := range r.Rows {
		v, ok := row.value(fn, name).(float64)
		if !ok {
			failf(fn, "%s of row %d is %v, want a number", name, i, row[name])
		}
		column[i] = v
	}
	return column
}

// Above returns how many rows have a number of that name above a limit: of 0.9
// as their accuracy, how many networks have learned. It panics as Numbers does.
func (r *Results) Above(name string, limit float64) (n int) {
	const fn = "Results.Above"
	checkNotNil(fn, "the receiver", r)
	for _, v := range r.numbers(fn, name) {
		if v > limit {
			n++
		}
	}
	return n
}

// Curves returns the lists of that name, one for each row, NaN for what was not a
// finite number. It panics when the rows have no such name, and when a value is
// no list.
func (r *Results) Curves(name string) [][]float64 {
	const fn = "Results.Curves"
	checkNotNil(fn, "the receiver", r)
	curves := make([][]float64, len(r.Rows))
	for i, row := range r.Rows {
		list, ok := row.value(fn, name).([]float64)
		if !ok {
			failf(fn, "%s of row %d is %v, want a list of numbers", name, i, row[name])
		}
		curves[i] = list
	}
	return curves
}

// Best returns the rows of one value of setting, such as "rate": of that whose
// mean of measure, such as "valid", is highest, the first of equal ones. Choose by what
// validation measured, and report what the test did. It panics as Numbers does,
// and when there are no rows.
func (r *Results) Best(setting, measure string) *Results {
	return r.extreme("Results.Best", setting, measure, 1)
}

// Lowest is Best for a measure of which less is better, such as a loss.
func (r *Results) Lowest(setting, measure string) *Results {
	return r.extreme("Results.Lowest", setting, measure, -1)
}

func (r *Results) extreme(fn, setting, measure string, sign float64) *Results {
	checkNotNil(fn, "the receiver", r)
	if len(r.Rows) == 0 {
		failf(fn, "there are no rows, want some")
	}
	groups, settings := map[any]*Results{}, []any(nil)
	for _, row := range r.Rows {
		v := row.value(fn, setting)
		if groups[v] == nil {
			some := *r
			some.Rows = nil
			groups[v], settings = &some, append(settings, v)
		}
		groups[v].Rows = append(groups[v].Rows, row)
	}
	var best *Results
	highest := math.NaN() // so is the mean of a setting that diverged: any other is better
	for _, v := range settings {
		if mean := sign * average(groups[v].numbers(fn, measure)); best == nil || mean > highest || math.IsNaN(highest) {
			best, highest = groups[v], mean
		}
	}
	return best
}

// MeanInterval returns the mean of n values, such as the accuracies of n seeds,
// and the ends of its interval of 95% after Student (1908): mean ± t s/√n, where
// s is the standard deviation of the values and t the quantile of Student's
// distribution with n−1 degrees of freedom. It panics when there are fewer than
// two values.
func MeanInterval(values []float64) (mean, lo, hi float64) {
	n := len(values)
	if n < 2 {
		failf("MeanInterval", "%d values, want two or more", n)
	}
	m, squares := average(values), 0.0
	for _, v := range values {
		squares += float64((v - m) * (v - m))
	}
	s := math.Sqrt(squares / float64(n-1))
	// math.Exp and math.Log are assembly on some machines: the quantile's last digits differ.
	const digits = 1e12
	t := math.Round(digits*distuv.StudentsT{Sigma: 1, Nu: float64(n - 1)}.Quantile(0.975)) / digits
	half := float64(t * s / math.Sqrt(float64(n)))
	return m, m - half, m + half
}

func (r Row) value(fn, name string) any {
	v, ok := r[name]
	if !ok {
		failf(fn, "rows have no %s, they have %s", name, r.names())
	}
	return v
}
