package main

import (
	"bytes"
	"cmp"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"gonum.org/v1/gonum/stat"

	"unroll/lesson"
)

type fakeRow struct {
	Arm  string `json:"arm"`
	Seed uint64 `json:"seed"`
	Loss number `json:"loss"`
}

// fake returns a grid of 8 rows, each a small training, and counts those
// that are computed.
func fake() (g *grid, computed *atomic.Int32) {
	g = &grid{name: "fake", about: "A < B & C", seeds: 8, settings: map[string]any{"steps": 5}}
	computed = new(atomic.Int32)
	for seed := range uint64(8) {
		g.rows = append(g.rows, func() any {
			computed.Add(1)
			rng := rand.New(rand.NewPCG(0, seed))
			task := lesson.NewCueTask(5)
			sentences, classes := task.Sample(rng, 64)
			c := lesson.NewClassifier(rng, lesson.ClassifierConfig{
				Words: task.Words(), EmbeddingDim: 4, Encoder: "RNN", HiddenSize: 8, Reading: lesson.Packed, Classes: task.Classes,
			})
			losses, _ := c.Train(rng, sentences, classes, lesson.FitConfig{Epochs: 2, BatchSize: 16, LR: 0.01, ClipNorm: 1})
			row := fakeRow{"a", seed, number(losses[1])}
			if seed == 3 {
				row.Loss = number(math.Inf(1))
			}
			return row
		})
	}
	return g, computed
}

// result runs the grid and returns the file it writes.
func result(t *testing.T, g *grid, program, kept string) []byte {
	t.Helper()
	rows, err := g.run(program, kept)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), g.name+".json")
	if err := g.write(path, rows); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestSameBitsOnAnyNumberOfCores(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	var first []byte
	for _, cores := range []int{1, 2, 7} {
		runtime.GOMAXPROCS(cores)
		g, _ := fake()
		got := result(t, g, "p", filepath.Join(t.TempDir(), "k"))
		if first == nil {
			first = got
		}
		if !bytes.Equal(got, first) {
			t.Errorf("%d cores give\n%s\none gives\n%s", cores, got, first)
		}
	}
}

func TestResume(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "kept", "fake.jsonl")
	g, computed := fake()
	whole := result(t, g, "p", path)
	if n := computed.Load(); n != 8 {
		t.Fatalf("computed %d rows, want 8", n)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(text), "\n")
	for _, c := range []struct {
		name, kept, program string
		computes            int32
	}{
		{"nothing was left", string(text), "p", 0},
		{"interrupted after three rows", strings.Join(lines[:4], ""), "p", 5},
		{"interrupted within a line", strings.Join(lines[:4], "") + lines[4][:20], "p", 5},
		{"interrupted at once", lines[0], "p", 8},
		{"the program has changed", string(text), "q", 8},
		{"no file", "", "p", 8},
		{"nonsense", "nonsense\n" + lines[1], "p", 8},
		{"a row too many", strings.Join(lines[:3], "") + "{\"row\":8,\"value\":1}\n", "p", 6},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := os.WriteFile(path, []byte(c.kept), 0o644); err != nil {
				t.Fatal(err)
			}
			computed.Store(0)
			if got := result(t, g, c.program, path); !bytes.Equal(got, whole) {
				t.Errorf("gives\n%s\nwant\n%s", got, whole)
			}
			if n := computed.Load(); n != c.computes {
				t.Errorf("computed %d rows, want %d", n, c.computes)
			}
			computed.Store(0)
			result(t, g, c.program, path)
			if n := computed.Load(); n != 0 {
				t.Errorf("computed %d rows again, want none", n)
			}
		})
	}
	g.settings["steps"] = 6
	computed.Store(0)
	if result(t, g, "p", path); computed.Load() != 8 {
		t.Errorf("computed %d rows of other settings, want 8", computed.Load())
	}
}

// A row that cannot be written ends the run and keeps the others.
func TestRowFails(t *testing.T) {
	g, computed := fake()
	good := g.rows[2]
	g.rows[2] = func() any { return func() {} }
	path := filepath.Join(t.TempDir(), "k")
	if _, err := g.run("p", path); err == nil || !strings.Contains(err.Error(), "row 2: ") {
		t.Errorf("error %v", err)
	}
	g.rows[2] = good
	before := computed.Load()
	result(t, g, "p", path)
	if n := computed.Load(); n != 8 || before < 2 {
		t.Errorf("computed %d rows and then %d more, want 8 in all and 2 before the failure", before, n-before)
	}
}

// What is written is what a lesson reads.
func TestWrite(t *testing.T) {
	g, _ := fake()
	text := result(t, g, "p", filepath.Join(t.TempDir(), "k"))
	path := filepath.Join(t.TempDir(), "fake.json")
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
	r, err := lesson.ReadResults(path)
	if err != nil {
		t.Fatal(err)
	}
	if r.Name != "fake" || r.About != "A < B & C" || r.Machine != machine() || r.Seeds != 8 || r.Settings["steps"] != 5.0 {
		t.Errorf("read %+v", r)
	}
	losses := r.Where("arm", "a").Numbers("loss")
	for seed, row := range g.rows {
		want := float64(row().(fakeRow).Loss)
		if math.IsInf(want, 1) {
			want = math.NaN()
		}
		if got := losses[seed]; got != want && !(math.IsNaN(got) && math.IsNaN(want)) {
			t.Errorf("seed %d: %v, want %v", seed, got, want)
		}
	}
}

func TestRunAll(t *testing.T) {
	defer func(before []*grid) { grids = before }(grids)
	grids = nil
	for _, name := range []string{"b-x", "a-x", "a-y"} {
		register(&grid{name: name, rows: []func() any{func() any { return map[string]string{"name": name} }}})
	}
	for _, c := range []struct {
		only, want []string
	}{
		{nil, []string{"a-x.json", "a-y.json", "b-x.json"}},
		{[]string{"a"}, []string{"a-x.json", "a-y.json"}},
		{[]string{"a-y", "b-x"}, []string{"a-y.json", "b-x.json"}},
	} {
		data := t.TempDir()
		if err := runAll(c.only, data, t.TempDir()); err != nil {
			t.Fatal(err)
		}
		var got []string
		entries, _ := os.ReadDir(data)
		for _, entry := range entries {
			got = append(got, entry.Name())
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("only %v writes %v, want %v", c.only, got, c.want)
		}
	}
	err := runAll([]string{"c", "x"}, t.TempDir(), t.TempDir())
	if want := "no grid begins with c or x; there are a-x, a-y, b-x"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

// The committed files are of these grids, and their first rows are what
// the code computes now. The program computes them, as the race detector would
// slow them down.
func TestCommittedResults(t *testing.T) {
	folder := filepath.Join("..", "..", "notebooks", "data")
	if said, err := exec.Command("go", "run", ".", "-check", "-data", folder).CombinedOutput(); err != nil || len(said) > 0 {
		t.Errorf("%v\n%s", err, said)
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		if !slices.ContainsFunc(grids, func(g *grid) bool { return g.name == name }) {
			t.Errorf("%s belongs to no grid", path)
		}
	}
}

// The lesson says at which rates it continues from 40 steps to 160.
func TestForgetBiasGoesOnAtRatesThatLearn(t *testing.T) {
	cue, err := lesson.ReadResults(filepath.Join("..", "..", "notebooks", "data", "forget-bias-cue.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, arm := range gatedArms {
		if arm.name == "RNN, max of states" {
			continue
		}
		var want []float64
		for _, rate := range gatedRates {
			learned := 0
			for _, accuracy := range cue.Where("arm", arm.name).Where("steps", 40).Where("rate", rate).Numbers("accuracy") {
				if accuracy > 0.9 {
					learned++
				}
			}
			if learned >= 9 {
				want = append(want, rate)
			}
		}
		if !slices.Equal(arm.far, want) {
			t.Errorf("%s continues at %v, want %v", arm.name, arm.far, want)
		}
	}
}

// The lesson says that the rate with ten seeds is the one that is best with three.
func TestWritersGoOnAtTheBestRate(t *testing.T) {
	results, err := lesson.ReadResults(filepath.Join("..", "..", "notebooks", "data", "language-model-networks.json"))
	if err != nil {
		t.Fatal(err)
	}
	for encoder, rate := range bestWriterRate {
		best, least := 0.0, math.Inf(1)
		for _, r := range writerRates[encoder] {
			rows := results.Where("text", "go").Where("reader", encoder).Where("steps", writerSteps).Where("rate", r)
			if bits := stat.Mean(rows.Numbers("valid")[:3], nil); bits < least {
				best, least = r, bits
			}
		}
		if all := writerRates[encoder]; best != rate || best == all[0] || best == all[len(all)-1] {
			t.Errorf("%s has ten seeds at the rate %v, want %v, and that between two others", encoder, rate, best)
		}
	}
}

func TestHangulGoesOnAtTheBestRates(t *testing.T) {
	results, err := lesson.ReadResults(filepath.Join("..", "..", "notebooks", "data", "language-model-hangul.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tokens := range []string{"syllable", "jamo"} {
		bits := map[float64]float64{}
		for _, r := range hangulRates {
			rows := results.Where("tokens", tokens).Where("reader", "LSTM").Where("steps", 800).Where("streams", 16).Where("rate", r)
			bits[r] = stat.Mean(rows.Numbers("valid")[:3], nil)
		}
		byBits := slices.SortedFunc(maps.Keys(bits), func(a, b float64) int { return cmp.Compare(bits[a], bits[b]) })
		best := slices.Sorted(slices.Values(byBits[:2]))
		if !slices.Equal(best, hangulBestRates) || slices.Contains(best, hangulRates[0]) || slices.Contains(best, hangulRates[3]) {
			t.Errorf("%s has ten seeds at the rates %v, want %v, and these between two others", tokens, hangulBestRates, best)
		}
	}
	parameters := func(tokens string) float64 {
		return results.Where("tokens", tokens).Where("reader", "LSTM").Numbers("parameters")[0]
	}
	if a, b := parameters("syllable"), parameters("jamo"); math.Abs(a/b-1) > 0.01 {
		t.Errorf("%v and %v parameters, want the same to within 1 %%", a, b)
	}
}

func TestCheck(t *testing.T) {
	defer func(before []*grid) { grids = before }(grids)
	grids = nil
	g, computed := fake()
	register(g)
	data := t.TempDir()
	if err := runAll(nil, data, t.TempDir()); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(data, g.name+".json")
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, new, why string }{
		{"", "", ""},
		{`{"arm":"a","seed":0`, `{"arm":"b","seed":0`, "computed now it is"},
		{`"steps":5`, `"steps":6`, "the grid now is"},
		{`"seeds": 8`, `"seeds": 9`, "the grid now is"},
		{`"rows"`, `"lines"`, "it has no rows"},
	} {
		if c.why == "computed now it is" && runtime.GOARCH != "amd64" {
			continue
		}
		if err := os.WriteFile(path, bytes.Replace(good, []byte(c.old), []byte(c.new), 1), 0o644); err != nil {
			t.Fatal(err)
		}
		computed.Store(0)
		err := checkAll(data)
		if c.why == "" && err != nil || c.why != "" && (err == nil || !strings.Contains(err.Error(), c.why)) {
			t.Errorf("with %s for %s: error %v, want %q", c.new, c.old, err, c.why)
		}
		if n := computed.Load(); n > 1 {
			t.Errorf("computed %d rows to check one", n)
		}
	}
}
