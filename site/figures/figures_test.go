package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	say "unroll/internal/words"
	"unroll/lesson"
)

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-12*max(1, math.Abs(want))) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

func TestStepIsTheEquation(t *testing.T) {
	inputs := []float64{1, -0.5, 2, 0}
	wx, wh, b := 1.3, -0.7, 0.2
	r := computeSteps(wx, wh, b, inputs)
	h := 0.0
	for i, x := range inputs {
		near(t, "sum", r.sums[i], wx*x+wh*h+b)
		h = math.Tanh(wx*x + wh*h + b)
		near(t, "state", r.states[i], h)
	}
	// |∂h_T/∂h_t| is the product of |W_h| (1 − h²) over the steps after t.
	want := 1.0
	for i := len(inputs); i >= 0; i-- {
		near(t, fmt.Sprintf("what is left of h_%d", i), r.left[i], want)
		if i > 0 {
			want *= math.Abs(wh) * (1 - r.states[i-1]*r.states[i-1])
		}
	}
}

func TestSilenceMeetsTheBound(t *testing.T) {
	for _, scale := range []float64{0.5, 1, 1.5} {
		r := computeNorms(decaySetting{scale, 0, 40})
		for k := range r.rnn {
			near(t, "RNN", r.rnn[k]/math.Pow(scale, float64(k)), 1)
			near(t, "bound", r.bound[k], math.Pow(scale, float64(k)))
			// In a state of zeros, without biases, every gate is one half; nothing reaches the cell state through h.
			near(t, "LSTM", r.lstm[k], cellAtRest(scale, k))
			near(t, "GRU", r.gru[k], math.Pow(0.5+0.25*scale, float64(k)))
		}
	}
}

// cellAtRest is ‖∂c_T/∂c_{T−k}‖ where the state is 0 and every gate one half. There
// h_t = c_t/2 and c_t = c_{t−1}/2 + W_h h_{t−1}/2, so c_t = (I/2 + W_h/4) c_{t−1}; but the
// first step, whose h is held, only halves.
func cellAtRest(scale float64, k int) float64 {
	if k == 0 {
		return 1
	}
	const units = decayUnits
	rng := rand.New(rand.NewPCG(3, 12))
	q := lesson.Orthogonal(rng, units, scale)
	p := lesson.NewTensor(units, units).Matrix()
	for i := range units {
		p.Set(i, i, 0.5)
	}
	step := lesson.NewTensor(units, units).Matrix()
	step.Scale(0.25, q)
	for i := range units {
		step.Set(i, i, step.At(i, i)+0.5)
	}
	for range k - 1 {
		next := lesson.NewTensor(units, units).Matrix()
		next.Mul(step, p)
		p = next
	}
	return lesson.SpectralNorm(p)
}

func TestMachinesDoWhatTheyAreCalled(t *testing.T) {
	words := lesson.Tokenize(review)
	at := func(machine string, words []string) []float64 {
		biases := []float64{-10, 10, 3, 10}
		if machine == "count" {
			biases = []float64{10, 10, 0, 10}
		}
		r := computeGates(machine, biases, 0, words)
		product := 1.0
		for i, f := range r.Forget.Data() {
			product *= f
			near(t, "left", r.left[i], product)
		}
		return r.Cell.Data()
	}
	for machine, want := range map[string][]float64{
		"latch": {0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
		"reset": {0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0},
		"count": {1, 1, 2, 3, 2, 2, 1, 0},
	} {
		if machine == "count" {
			words = strings.Fields("( x ( ( ) x ) )")
		}
		cell := at(machine, words)
		for i, v := range want {
			if math.Abs(cell[i]-v) > 0.02 {
				t.Errorf("%s: after %q C is %.3f, want about %g", machine, words[:i+1], cell[i], v)
			}
		}
		words = lesson.Tokenize(review)
	}
}

func TestWhatIsLeftMultipliesTheStart(t *testing.T) {
	words := strings.Fields("a b c")
	biases := []float64{-1, 0.5, 0.3, 2}
	from0 := computeGates("latch", biases, 0, words)
	from2 := computeGates("latch", biases, 2, words)
	for i := range words {
		near(t, "C from 2 less C from 0", from2.Cell.At(i, 0)-from0.Cell.At(i, 0), 2*from0.left[i])
	}
}

// A forget gate of one half forgets the mark; an open one keeps it, in a cell state so
// large that tanh hides it; with an input gate near 0 as well, it shows.
func TestMemoryForgetsAndFills(t *testing.T) {
	const k = 80
	if m := computeMemory(0, 0, k); math.Abs(m.kept(k)) > 1e-9 {
		t.Errorf("a forget bias of 0 keeps %v", m.kept(k))
	}
	if m := computeMemory(4.4, 0, k); m.kept(k) < 0.3 || m.shown(k) > 0.1 {
		t.Errorf("a forget bias of 4.4 keeps %v and shows %v", m.kept(k), m.shown(k))
	}
	// With the input gate at its smallest, the mark decays by the forget gate alone.
	for _, b := range []float64{1, 3, 6} {
		m := computeMemory(b, -30, k)
		for i := range m.plus {
			if got, want := m.kept(i), m.gates(i); math.Abs(got-want) > 0.6*want {
				t.Fatalf("a forget bias of %v keeps %v after %d steps, want about σ(b)^k = %v", b, got, i, want)
			}
		}
		if m.shown(k) < m.kept(k) {
			t.Errorf("a forget bias of %v: an empty memory keeps %v and shows %v", b, m.kept(k), m.shown(k))
		}
	}
}

func TestArrangements(t *testing.T) {
	words := []int{1, 2, 3}
	for arm, want := range map[string][]int{
		"post-pad": {1, 2, 3, 0, 0}, "flip": {0, 0, 3, 2, 1}, "pre-pad": {0, 0, 1, 2, 3},
		"gather": {1, 2, 3, 0, 0}, "packed": {1, 2, 3, 0, 0},
	} {
		read, taken, moves := influences(arm, words, 2)
		if !slices.Equal(read, want) {
			t.Errorf("%s reads %v, want %v", arm, read, want)
		}
		for i, v := range moves {
			if (v == 0) != (i > taken) {
				t.Errorf("%s: step %d moves the state by %g, which is taken after step %d", arm, i, v, taken)
			}
		}
	}
	_, _, gather := influences("gather", words, 4)
	_, _, packed := influences("packed", words, 4)
	_, _, bare := influences("post-pad", words, 0)
	for i := range gather {
		near(t, "gather less packed", gather[i]-packed[i], 0)
		if i < len(bare) {
			near(t, "packed less no PADs", packed[i]-bare[i], 0)
		}
	}
}

// The steps go down the slopes that small changes of the loss measure, and the
// loss is the lesson's: −ln of what the truth was given.
func TestDescentIsTheEquation(t *testing.T) {
	loss := func(w, b float64) (mean float64) {
		for _, r := range reviewsXY {
			q := 1 / (1 + math.Exp(-w*r[0]-b))
			if r[1] == 0 {
				q = 1 - q
			}
			mean -= math.Log(q) / float64(len(reviewsXY))
		}
		return mean
	}
	const e, rate, momentum = 1e-5, 0.7, 0.6
	d := computeDescent(weights{0.5, -1}, rate, momentum)
	w, b, vw, vb := 0.5, -1.0, 0.0, 0.0
	for i, p := range d.points {
		if math.Abs(p.w-w)+math.Abs(p.b-b) > 1e-8 || math.Abs(d.losses[i]-loss(w, b)) > 1e-8 {
			t.Fatalf("step %d is at %v with loss %g, want (%g, %g) with %g", i, p, d.losses[i], w, b, loss(w, b))
		}
		vw = momentum*vw + (loss(w+e, b)-loss(w-e, b))/(2*e)
		vb = momentum*vb + (loss(w, b+e)-loss(w, b-e))/(2*e)
		w, b = w-rate*vw, b-rate*vb
	}
	if s := lowest.slopes(); math.Abs(s.w)+math.Abs(s.b) > 1e-12 {
		t.Errorf("at the lowest place the slopes are %v", s)
	}
	for i, line := range contours {
		for _, p := range line {
			if p.onMap() && math.Abs(p.loss()-contourLevels[i]) > 1e-9 {
				t.Errorf("the line of %g has %v with loss %g", contourLevels[i], p, p.loss())
			}
		}
	}
}

func TestDescentsAreJudged(t *testing.T) {
	for _, c := range []struct {
		start weights
		rate  float64
		want  string
	}{
		{weights{}, 0.1, "It falls at every step, but hardly moves"},
		{weights{}, 1, "It falls at every step"},
		{weights{}, 3, "It bounces: it rises at 7 steps of ten"},
		{lowest, 1, "The start is nearly the lowest place, where there is almost no slope"},
	} {
		if got := computeDescent(c.start, c.rate, 0).judgement(); got != c.want {
			t.Errorf("from %v at rate %g: %q, want %q", c.start, c.rate, got, c.want)
		}
	}
}

// An exchange leaves the bag and the largest numbers alone, and moves the state
// from the first place on where the words differ.
func TestOnlyTheStateSeesTheOrder(t *testing.T) {
	r := computeOrders(strings.Fields("the dog bit the man"), 1, 4)
	if got := strings.Join(r.tokens[1], " "); got != "the man bit the dog" {
		t.Errorf("the second sentence is %q", got)
	}
	if !slices.Equal(r.bag[0], []float64{2, 1, 1, 1}) || !slices.Equal(r.bag[0], r.bag[1]) || !slices.Equal(r.pool[0], r.pool[1]) {
		t.Errorf("the bags are %v, the largest numbers %v", r.bag, r.pool)
	}
	for i, v := range r.apart {
		if (v == 0) != (i == 0) {
			t.Errorf("after word %d the states are %g apart", i+1, v)
		}
	}
	if same := computeOrders(strings.Fields("a b c"), 6, 2); slices.Max(same.apart) != 0 {
		t.Errorf("a word exchanged with itself moves the states by %v", same.apart)
	}
}

// For any setting in an address, the figure answers with finite numbers, inside its drawing.
func TestAnySettingIsAnswered(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	odd := []string{"", "NaN", "+Inf", "-1e400", "1e9", "-3", "0.5", "x", "( ( (", "<PAD> <UNK>", ". . .", strings.Repeat("a ", 99), "ünï çødé 한국어 <script>", "\x00", "−1 2"}
	for _, e := range figures {
		settings := []Setting{nil}
		for range 60 {
			s := Setting{"no such": "thing"}
			for _, c := range e.Controls {
				s[c.Name] = odd[rng.IntN(len(odd))]
				if c.Options != nil && !c.Text && rng.IntN(2) == 0 {
					s[c.Name] = c.Options[rng.IntN(len(c.Options))].Value
				}
			}
			settings = append(settings, s)
		}
		for _, s := range settings {
			a := Run(e.Name, s, 200+600*rng.Float64())
			if len(a.Rows) == 0 || a.Words == "" || a.Label == "" {
				t.Fatalf("%s says nothing for %q", e.Name, s)
			}
			for _, row := range a.Rows {
				for _, v := range row {
					if math.IsNaN(v) || math.IsInf(v, 0) {
						t.Fatalf("%s has %v in its table for %q", e.Name, v, s)
					}
				}
			}
			if svg := a.SVG(""); strings.Contains(svg, "<script") {
				t.Fatalf("%s draws %s for %q", e.Name, svg, s)
			}
			finite(t, a.Marks)
		}
	}
}

// finite fails where a coordinate of the drawing is NaN or infinite.
func finite(t *testing.T, marks []Mark) {
	for _, m := range marks {
		for name, v := range m.Attr {
			if strings.Contains(v, "NaN") || strings.Contains(v, "Inf") {
				t.Fatalf("a %s is drawn with %s=%q", m.Tag, name, v)
			}
		}
		finite(t, m.In)
	}
}

func TestControlsHoldTheirOwnValues(t *testing.T) {
	for _, e := range figures {
		for _, c := range e.Controls {
			if got := c.accept(c.Value); got != c.Value {
				t.Errorf("%s: %s stands at %q and accepts it as %q", e.Name, c.Name, c.Value, got)
			}
		}
	}
}

// A link can carry a text of any length; the field takes as much as figure.html.j2 says.
func TestTextIsBounded(t *testing.T) {
	c := Control{Text: true, Value: "a"}
	if got := c.accept(strings.Repeat("한", 100_000)); got != strings.Repeat("한", 120) {
		t.Errorf("a text of 100000 characters is accepted as one of %d, want 120", utf8.RuneCountInString(got))
	}
}

func TestAnswerIsRunInJSON(t *testing.T) {
	var got Answer
	request := `{"name": "gradient-decay", "setting": {"scale": "1.5", "steps": "20"}, "width": 340}`
	if err := json.Unmarshal(answer([]byte(request)), &got); err != nil {
		t.Fatal(err)
	}
	want := Run("gradient-decay", Setting{"scale": "1.5", "steps": "20"}, 340)
	if got.Words != want.Words || len(got.Rows) != 21 || !slices.Equal(got.Rows[20], want.Rows[20]) {
		t.Errorf("answer gives %q, Run %q", got.Words, want.Words)
	}
}

func TestAnUnknownFigureIsNamed(t *testing.T) {
	defer func() {
		if got := recover(); got != `no living figure "no-such"` {
			t.Errorf("Run panics with %v", got)
		}
	}()
	Run("no-such", nil, 720)
}

func TestKeepLastComputesAnewForAnotherKey(t *testing.T) {
	calls := 0
	double := keepLast(func(n int) int { calls++; return 2 * n })
	for i, n := range []int{0, 0, 3, 3, 0} {
		if got := double(n); got != 2*n || calls != []int{1, 1, 2, 2, 3}[i] {
			t.Errorf("call %d with %d gives %d, computed %d times", i, n, got, calls)
		}
	}
}

func TestReadmeHasEachFigure(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range figures {
		said := fmt.Sprintf("\n## <a id=%q></a>%s\n\n%s\n", f.Name, f.Title, f.Lead)
		if !strings.Contains(string(readme), said) {
			t.Errorf("README.md, where the links of the lessons lead on GitHub, lacks%s", said)
		}
	}
}

// The figure embeds a copy, for Go embeds no file of another folder.
func TestTrainingShowsTheGrid(t *testing.T) {
	grid, err := os.ReadFile("../../notebooks/data/long-memory-training.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(grid, trainingFile) {
		t.Error("training.json is not notebooks/data/long-memory-training.json: copy it")
	}
	if n := len(trainingRuns()); n != 90 {
		t.Errorf("%d trainings, want 90: ten seeds, three rates, three distances", n)
	}
	for _, run := range trainingRuns() {
		for _, values := range [][]float64{run.Loss, run.Rho, run.Norm, run.Apart} {
			if len(values) != 100 {
				t.Fatalf("seed %d, rate %g, %d distractors: %d looks, want 100", run.Seed, run.Rate, run.Steps, len(values))
			}
		}
	}
	// Before training the largest norm of seed 0 is about 1e-18 (the lesson measures it).
	if row := Run("training", Setting{"batch": "0"}, 600).Rows[0]; row[3] > 1e-17 || row[3] < 1e-19 {
		t.Errorf("the norm at batch 0 is %g, want about 1e-18", row[3])
	}
}

// The numbers of the lesson's first look, worked by hand: scores 2/√2, 0 and 1/√2.
func TestLookIsTheEquation(t *testing.T) {
	r := computeLook(1, 0)
	e, f := math.Exp(math.Sqrt2), math.Exp(math.Sqrt2/2)
	for s, want := range []float64{e, 1, f} {
		near(t, "weight", r.weights[s], want/(e+1+f))
	}
	near(t, "result", r.y[0], (e+f)/(e+1+f))
	near(t, "result", r.y[1], (1+f)/(e+1+f))
	if r = computeLook(0, 0); r.weights[0] != r.weights[1] || r.weights[1] != r.weights[2] {
		t.Errorf("without a query the weights are %v, want them equal", r.weights)
	}
}

// A half of output changes at the steps at which it has read the changed word, and at no other.
func TestHalvesThatHaveReadAWordMove(t *testing.T) {
	for place := 1; place <= 7; place++ {
		r := computeHalves(7, place)
		for i := range 7 {
			if got, want := r.forward[i] > 0, i+1 >= place; got != want {
				t.Errorf("word %d, forward half at step %d: moves is %v, want %v", place, i+1, got, want)
			}
			if got, want := r.reverse[i] > 0, i+1 <= place; got != want {
				t.Errorf("word %d, reverse half at step %d: moves is %v, want %v", place, i+1, got, want)
			}
		}
	}
}

// TestTreeOfPairs: a tree has a result for every step, each of two neighbours, and
// its rounds lie between its levels and its combinations.
func TestTreeOfPairs(t *testing.T) {
	for steps := 2; steps <= 32; steps++ {
		r := computeTree(steps, 4)
		results := map[int]bool{1: true}
		for i, level := range r.combined {
			for _, s := range level {
				a, b := s.parts[0], s.parts[1]
				if a.from != s.from || a.to+1 != b.from || b.to != s.to || max(a.level, b.level) != i {
					t.Errorf("%d steps: %d to %d on level %d is made of %d to %d and %d to %d", steps, s.from, s.to, i+1, a.from, a.to, b.from, b.to)
				}
				if s.from == 1 {
					results[s.to] = true
				}
			}
		}
		if len(results) != steps {
			t.Errorf("%d steps: %d results", steps, len(results))
		}
		if one, all := r.rounds(1), r.rounds(steps); one != r.calls() || all != len(r.combined) || r.calls() >= 2*steps {
			t.Errorf("%d steps: %d rounds of one processor for %d combinations, %d of many for %d levels", steps, one, r.calls(), all, len(r.combined))
		}
	}
}

// Every text of a figure comes from a catalogue: in the language of the tests it is
// between « and ». Outside stand what the reader types and what the networks read.
func TestEveryTextCanBeTranslated(t *testing.T) {
	before := say.Language
	say.Language = say.Pseudo
	defer func() { say.Language = before }()
	known := regexp.MustCompile(`[a-z]{3,}`)
	bracketed := regexp.MustCompile(`«[^«»]*»`)
	bare := func(text string) string {
		for bracketed.MatchString(text) {
			text = bracketed.ReplaceAllString(text, "")
		}
		return text
	}
	for _, f := range figures {
		answer := Run(f.Name, nil, 720)
		spoken := f.spoken()
		texts := append([]string{spoken.Title, spoken.Lead, answer.Words, answer.Label}, answer.Head...)
		given := map[string]bool{"tanh": true} // words of the setting and of the sentences that it names
		for _, c := range f.Controls {
			for _, word := range known.FindAllString(c.Value, -1) {
				given[word] = true
			}
		}
		for _, c := range spoken.Controls {
			texts = append(texts, c.Label)
		}
		for _, text := range texts {
			for _, word := range known.FindAllString(bare(text), -1) {
				if !given[word] && f.Name != "writing" && f.Name != "review-verdict" {
					t.Errorf("%s: %q has no translation in %q", f.Name, word, text)
				}
			}
		}
	}
}
