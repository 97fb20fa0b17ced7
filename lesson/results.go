package lesson

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
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

// A Row is one measurement: values by name, each a float64, a string or a bool.
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
		if a, b := row.names(), r.Rows[0].names(); a != b {
			return damaged("row %d has %s, row 0 has %s", i, a, b)
		}
		for name, v := range row {
			switch v.(type) {
			case float64, string, bool:
			case nil:
				row[name] = math.NaN() // JSON has no word for it
			default:
				return damaged("row %d has %v as %s, want a number, a word, true or false", i, v, name)
			}
		}
	}
	return r, nil
}

// names returns the names of the values, in order.
func (r Row) names() string { return strings.Join(slices.Sorted(maps.Keys(r)), ", ") }

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

func (r Row) value(fn, name string) any {
	v, ok := r[name]
	if !ok {
		failf(fn, "rows have no %s, they have %s", name, r.names())
	}
	return v
}
