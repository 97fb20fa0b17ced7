package lesson

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func writeResults(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "results.json")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestResults(t *testing.T) {
	r, err := ReadResults(writeResults(t, `{"name": "long-memory-cue", "about": "x", "machine": "m", "seeds": 2, "settings": {"units": 3},
		"rows": [{"arm": "a", "steps": 5, "clip": true, "loss": 0.5}, {"arm": "a", "steps": 10, "clip": true, "loss": null},
			{"arm": "b", "steps": 10, "clip": false, "loss": 1e-3}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if r.Name != "long-memory-cue" || r.About != "x" || r.Machine != "m" || r.Seeds != 2 || r.Settings["units"] != 3.0 {
		t.Errorf("read %+v", r)
	}
	for _, c := range []struct {
		name string
		of   *Results
		want []float64
	}{
		{"all", r, []float64{0.5, math.NaN(), 1e-3}},
		{"an arm", r.Where("arm", "a"), []float64{0.5, math.NaN()}},
		{"an int", r.Where("steps", 10), []float64{math.NaN(), 1e-3}},
		{"a float", r.Where("steps", 5.0), []float64{0.5}},
		{"a bool and an int", r.Where("clip", false).Where("steps", 10), []float64{1e-3}},
	} {
		same := func(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }
		if got := c.of.Numbers("loss"); !slices.EqualFunc(got, c.want, same) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	if got := r.Above("loss", 1e-3); got != 1 { // neither the limit itself nor NaN
		t.Errorf("%d losses above 0.001, want 1", got)
	}
	if len(r.Rows) != 3 {
		t.Errorf("Where left %d rows, want 3", len(r.Rows))
	}
	for want, call := range map[string]func(){
		"lesson: Results.Where: rows have no armm, they have arm, clip, loss, steps":                    func() { r.Where("armm", "a") },
		"lesson: Results.Where: no row has c as arm, there are a, b":                                    func() { r.Where("arm", "c") },
		"lesson: Results.Where: no row has b as arm, there are a":                                       func() { r.Where("steps", 5).Where("arm", "b") },
		"lesson: Results.Where: the value is of type []int, want a string, a bool, an int or a float64": func() { r.Where("arm", []int{1}) },
		"lesson: Results.Above: arm of row 0 is a, want a number":                                       func() { r.Above("arm", 1) },
		"lesson: Results.Numbers: arm of row 0 is a, want a number":                                     func() { r.Numbers("arm") },
		"lesson: Results.Numbers: rows have no accuracy, they have arm, clip, loss, steps":              func() { r.Numbers("accuracy") },
	} {
		func() {
			defer func() {
				if err, ok := recover().(*Error); !ok || err.Error() != want {
					t.Errorf("panics with %v, want %s", err, want)
				}
			}()
			call()
		}()
	}
}

func TestResultsCurves(t *testing.T) {
	r, err := ReadResults(writeResults(t, `{"rows": [{"seed": 0, "loss": [0.7, null]}, {"seed": 1, "loss": [0.6, 0.5]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	got := r.Curves("loss")
	if len(got) != 2 || got[0][0] != 0.7 || !math.IsNaN(got[0][1]) || !slices.Equal(got[1], []float64{0.6, 0.5}) {
		t.Errorf("curves %v", got)
	}
	if got := r.Where("seed", 1).Curves("loss"); len(got) != 1 || got[0][1] != 0.5 {
		t.Errorf("curves of seed 1: %v", got)
	}
	defer func() {
		if err, ok := recover().(*Error); !ok || err.Error() != "lesson: Results.Curves: seed of row 0 is 0, want a list of numbers" {
			t.Errorf("panics with %v", err)
		}
	}()
	r.Curves("seed")
}

func TestReadResultsSaysWhatToDo(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing.json")
	for _, c := range []struct{ path, why string }{
		{missing, "no such file: give its path from "},
		{writeResults(t, `{"rows": [`), "unexpected end of JSON input"},
		{writeResults(t, `{"rows": []}`), "it has no rows"},
		{writeResults(t, `{"rows": [{"a": 1}, {"b": 1}]}`), "row 1 has b, row 0 has a"},
		{writeResults(t, `{"rows": [{"a": [1, "x"]}]}`), "row 0 has [1 x] as a, want numbers"},
		{writeResults(t, `{"rows": [{"a": {"b": 1}}]}`), "row 0 has map[b:1] as a, want a number, a word, true, false or numbers"},
	} {
		_, err := ReadResults(c.path)
		if err == nil || !strings.Contains(err.Error(), c.why) || !strings.Contains(err.Error(), c.path) ||
			!strings.Contains(err.Error(), "let make grids compute it") {
			t.Errorf("error %v, want one with %q", err, c.why)
		}
	}
	if _, err := ReadResults(t.TempDir()); err == nil || !strings.HasPrefix(err.Error(), "lesson: loading ") {
		t.Errorf("a folder: error %v", err)
	}
}

func TestBest(t *testing.T) {
	r := &Results{Rows: []Row{
		{"rate": 0.1, "valid": 0.9, "test": 1.0}, {"rate": 0.1, "valid": 0.5, "test": 2.0},
		{"rate": 0.3, "valid": 0.8, "test": 3.0}, {"rate": 0.3, "valid": 0.8, "test": 4.0},
	}}
	if got, want := r.Best("rate", "valid").Numbers("test"), []float64{3, 4}; !slices.Equal(got, want) {
		t.Errorf("highest %v, want %v", got, want)
	}
	if got, want := r.Lowest("rate", "valid").Numbers("test"), []float64{1, 2}; !slices.Equal(got, want) {
		t.Errorf("lowest %v, want %v", got, want)
	}
	r.Rows = slices.Insert(r.Rows, 0, Row{"rate": 1.0, "valid": math.NaN(), "test": 0.0})
	if a, b := r.Best("rate", "valid").Numbers("test"), r.Lowest("rate", "valid").Numbers("test"); a[0] != 3 || b[0] != 1 {
		t.Errorf("beside a rate that diverged %v is best and %v lowest", a, b)
	}
}

// The sleep data of Student (1908), patients' gain with the second drug less the
// first: the paired test of R, t.test(extra ~ group, paired = TRUE), gives
// 1.58 and 0.7001142 to 2.4598858.
func TestMeanInterval(t *testing.T) {
	mean, lo, hi := MeanInterval([]float64{1.2, 2.4, 1.3, 1.3, 0, 1, 1.8, 0.8, 4.6, 1.4})
	for i, v := range [][2]float64{{mean, 1.58}, {lo, 0.7001142}, {hi, 2.4598858}} {
		if math.Abs(v[0]-v[1]) > 1e-6 {
			t.Errorf("number %d is %v, want %v", i, v[0], v[1])
		}
	}
}

// Assembly that adds up two numbers at a time, or more, gives 0.2.
func TestMeanInOrder(t *testing.T) {
	mean, _, _ := MeanInterval([]float64{1e16, 1, -1e16, 1, 0, 0, 0, 0, 0, 0})
	if mean != 0.1 {
		t.Errorf("the mean is %v, want 0.1: added up in order", mean)
	}
}
