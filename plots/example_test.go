package plots_test

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"unroll/lesson"
	"unroll/plots"
)

// powers returns s^0, s^1, …, s^steps: how a gradient decays when every step
// back multiplies it by s.
func powers(s float64, steps int) []float64 {
	v := make([]float64, steps+1)
	for k := range v {
		v[k] = math.Pow(s, float64(k))
	}
	return v
}

// Three recurrent matrices, and the bound that the largest singular value sets.
func ExampleGradientDecay() {
	fig := plots.GradientDecay([]plots.Curve{
		{Name: "as PyTorch creates it", Values: powers(1/math.Sqrt(3), 50)},
		{Name: "0.9 × orthogonal", Values: powers(0.9, 50)},
		{Name: "1.05 × orthogonal", Values: powers(1.05, 50)},
	}, plots.Curve{Name: "bound σ^{k}, σ = 1.2", Values: powers(1.2, 50)})
	fig.Title = "The gradient vanishes, or it explodes"
	plots.Show(fig)
	fmt.Println(fig.Alt)
	// Output:
	// Lines of norm of ∂h_T / ∂h_T−k against distance k, steps back from the last state, logarithmic axis. as PyTorch creates it: falls from 1 at distance 0 to 1.18e-12 at distance 50; 0.9 × orthogonal: falls from 1 at distance 0 to 0.00515 at distance 50; 1.05 × orthogonal: rises from 1 at distance 0 to 11.5 at distance 50; bound σ^k, σ = 1.2 (dashed): rises from 1 at distance 0 to 9100 at distance 50.
}

// Values that a logarithmic axis has no place for are marked at its edges.
func ExampleGradientDecay_zero() {
	died := powers(0.1, 40)
	for k := 31; k <= 40; k++ {
		died[k] = 0
	}
	burst := powers(2, 40)
	burst[39], burst[40] = math.Inf(1), math.Inf(1)
	holes := powers(0.8, 40)
	holes[10], holes[11], holes[25] = math.NaN(), math.NaN(), 0
	fig := plots.GradientDecay([]plots.Curve{
		{Name: "a ReLU network that dies", Values: died},
		{Name: "one that bursts", Values: burst},
		{Name: "one with holes", Values: holes},
	})
	fig.Title = "What a logarithmic axis cannot show"
	plots.Show(fig)
	fmt.Println(fig.Alt)
	// Output:
	// Lines of norm of ∂h_T / ∂h_T−k against distance k, steps back from the last state, logarithmic axis. a ReLU network that dies: falls from 1 at distance 0 to 1e-30 at distance 30, 0 from distance 31; one that bursts: rises from 1 at distance 0 to 2.75e11 at distance 38, infinite from distance 39; one with holes: falls from 1 at distance 0 to 0.000133 at distance 40, 0 at distance 25, NaN from distance 10 to 11.
}

// A layer that reads from both ends forgets the middle; one that reads everything
// at once forgets nothing.
func ExampleInputGradient() {
	both := make([]float64, 51)
	for k := range both {
		both[k] = math.Hypot(math.Pow(0.577, float64(k)), math.Pow(0.577, float64(50-k)))
	}
	fig := plots.InputGradient([]plots.Curve{
		{Name: "both directions", Values: both},
		{Name: "attention", Values: slices.Repeat([]float64{1.0 / 51}, 51)},
	})
	plots.Show(fig)
	fmt.Println(fig.Alt)
	// Output:
	// Lines of norm of ∂y / ∂x_T−k against distance k, steps back from the last input, logarithmic axis. both directions: begins and ends near 1, lowest 1.51e-6 at distance 25; attention: stays at 0.0196 from distance 0 to 50.
}

func ExampleGradientByLength() {
	lengths := []int{1, 5, 10, 20, 40, 80}
	rnn := plots.Curve{Name: "tanh RNN"}
	lstm := plots.Curve{Name: "LSTM, forget bias 3"}
	for _, n := range lengths {
		rnn.Values = append(rnn.Values, math.Pow(0.577, float64(n-1)))
		lstm.Values = append(lstm.Values, math.Pow(0.953, float64(n-1)))
	}
	fig := plots.GradientByLength(lengths, rnn, lstm)
	plots.Show(fig)
	fmt.Println(fig.Alt)
	// Output:
	// Lines of norm of ∂h_T / ∂h_1 against sequence length T, tokens, logarithmic axis. tanh RNN: falls from 1 at length 1 to 1.36e-19 at length 80; LSTM, forget bias 3: falls from 1 at length 1 to 0.0223 at length 80.
}

// A reference of a single value is a level line.
func ExampleLines() {
	pads := []float64{0, 5, 10, 20, 40, 80}
	fig := plots.Lines(
		plots.Axes{X: "PADs behind the sentence", Y: "accuracy, share right"},
		pads,
		[]plots.Curve{
			{Name: "last state", Values: []float64{0.98, 0.95, 0.86, 0.66, 0.53, 0.51}},
			{Name: "state at the last word", Values: []float64{0.98, 0.98, 0.97, 0.98, 0.98, 0.98}},
		},
		plots.Curve{Name: "chance", Values: []float64{0.5}})
	plots.Show(fig)
	fmt.Println(fig.Alt)
	fmt.Print(fig.Table.CSV())
	// Output:
	// Lines of accuracy, share right against PADs behind the sentence. last state: falls from 0.98 at 0 to 0.51 at 80; state at the last word: begins and ends near 0.98, lowest 0.97 at 10; chance (dashed): 0.5 right across.
	// PADs behind the sentence,last state,state at the last word,chance
	// 0,0.98,0.98,0.5
	// 5,0.95,0.98,0.5
	// 10,0.86,0.97,0.5
	// 20,0.66,0.98,0.5
	// 40,0.53,0.98,0.5
	// 80,0.51,0.98,0.5
}

func ExampleTrainingCurves() {
	// Stands for training: seed s learns at its own pace.
	train := func(seed int, pace float64) []float64 {
		loss := make([]float64, 20)
		for k := range loss {
			loss[k] = 0.1 + 0.6*math.Exp(-pace*(1+0.2*float64(seed))*float64(k))
		}
		return loss
	}
	rnn, lstm := plots.Runs{Name: "RNN"}, plots.Runs{Name: "LSTM"}
	for seed := range 5 {
		rnn.Seeds = append(rnn.Seeds, train(seed, 0.05))
		lstm.Seeds = append(lstm.Seeds, train(seed, 0.2))
	}
	fig := plots.TrainingCurves("loss, nats", []plots.Runs{rnn, lstm}, plots.Curve{Name: "guessing", Values: []float64{math.Ln2}})
	plots.Show(fig)
	fmt.Println(fig.Alt)
	// Output:
	// Lines of loss, nats against epoch (thin: each of 5 seeds, thick: their median). RNN: falls from 0.7 at epoch 1 to 0.259 at epoch 20 (median of 5 seeds, which end between 0.209 and 0.332); LSTM: falls from 0.7 at epoch 1 to 0.103 at epoch 20 (median of 5 seeds, which end between 0.101 and 0.113); guessing (dashed): 0.693 right across.
}

var sentence = []string{"the", "film", "was", "not", "good", "<PAD>", "<PAD>", "<PAD>"}

// states returns values in (−1, 1) that stay the same once the sentence is over.
func states(units int, phase float64) *lesson.Tensor {
	t := lesson.NewTensor(len(sentence), units)
	for step := range sentence {
		for j := range units {
			t.Set(math.Sin(phase+float64(j*j)+1.3*float64(min(step, 5))), step, j)
		}
	}
	return t
}

// gate returns values between 0 and 1.
func gate(units int, phase float64) *lesson.Tensor {
	t := states(units, phase)
	for i, v := range t.Data() {
		t.Data()[i] = lesson.Sigmoid(3 * v)
	}
	return t
}

func ExampleHiddenStates() {
	fig := plots.HiddenStates(sentence, states(8, 0))
	plots.Show(fig)
	fmt.Println(fig.Alt)
	// Output:
	// Heat map of 8 units over 8 tokens, values from −1 to 1. From one token to the next the state moves most at token 6 “<PAD>”, by 2.6, and least at token 7 “<PAD>”, by 0.
}

func ExampleAttentionWeights() {
	weights := lesson.NewTensor(len(sentence), len(sentence))
	for t := range sentence { // every step looks at the third, and a little at itself
		weights.Set(0.2, t, t)
		weights.Set(weights.At(t, 2)+0.8, t, 2)
	}
	fig := plots.AttentionWeights(sentence, weights)
	plots.Show(fig)
	fmt.Println(fig.Alt)
	// Output:
	// Heat map of the weights of 8 steps. Most looked at is token 3 “was”, with a mean weight of 0.82, from 0.8 to 1.
}

func ExampleAlignment() {
	source, target := strings.Fields("the teacher found a book"), strings.Fields("선생님 이 책 을 찾았다 EOS")
	weights := lesson.NewTensor(len(target), len(source))
	for t, s := range []int{1, 1, 4, 4, 2, 2} {
		weights.Set(0.9, t, s)
		weights.Set(0.1, t, 0)
	}
	fig := plots.Alignment(source, target, weights)
	plots.Show(fig)
	fmt.Println(fig.Alt)
	// Output:
	// Heat map of 6 tokens written, over 5 tokens read. It looks most, for “선생님” at token 2 “teacher” with 0.9; for “이” at token 2 “teacher” with 0.9; for “책” at token 5 “book” with 0.9; for “을” at token 5 “book” with 0.9; for “찾았다” at token 3 “found” with 0.9; for “EOS” at token 3 “found” with 0.9.
}

func ExampleColouredText() {
	text := "if x := f(a, g(b)); x {\n\treturn \"(\" // a bracket that is none, in a line that does not end where the figure does\n}"
	values, depth := make([]float64, 0, len(text)), 0.0
	for _, c := range text {
		switch c {
		case '(':
			depth++
		case ')':
			depth--
		}
		values = append(values, depth-0.5)
	}
	fig := plots.ColouredText("c of unit 3", text, values)
	plots.Show(fig)
	fmt.Println(fig.Alt)
	// Output:
	// A text of 114 characters on the colours of c of unit 3. Lowest is −0.5 after “i”, highest 1.5 after “x := f(a, g(”.
}

func trace(units int) lesson.LSTMTrace {
	cell := states(units, 4)
	for i := range cell.Data() {
		cell.Data()[i] *= 2.5
	}
	return lesson.LSTMTrace{
		Forget: gate(units, 1), Input: gate(units, 2), Output: gate(units, 3),
		Candidate: states(units, 5), Cell: cell, Hidden: states(units, 4),
	}
}

// One unit is drawn as bars.
func ExampleGates() {
	fig := plots.Gates(sentence, trace(4), 2)
	plots.Show(fig)
	fmt.Println(fig.Alt)
	// Output:
	// Bars of unit 2 (of 4) over 8 tokens, in 6 tiles. Forget gate f: the 0.053, film 0.51, was 0.95, not 0.82, good 0.11, <PAD> 0.067, <PAD> 0.067, <PAD> 0.067. Input gate i: the 0.3, film 0.93, was 0.9, not 0.2, good 0.05, <PAD> 0.45, <PAD> 0.45, <PAD> 0.45. Output gate o: the 0.88, film 0.94, was 0.37, not 0.048, good 0.25, <PAD> 0.92, <PAD> 0.92, <PAD> 0.92. Candidate g: the 0.41, film −0.77, was −0.82, not 0.33, good 1, <PAD> 0.21, <PAD> 0.21, <PAD> 0.21. Cell state c: the 2.5, film 0.31, was −2.3, not −1.5, good 1.5, <PAD> 2.3, <PAD> 2.3, <PAD> 2.3. Hidden state h: the 0.99, film 0.12, was −0.92, not −0.62, good 0.59, <PAD> 0.93, <PAD> 0.93, <PAD> 0.93.
}

// Two or three units are drawn as lines.
func ExampleGates_units() {
	fig := plots.Gates(sentence, trace(4), 0, 3)
	fig.Title = "Two units of an LSTM"
	plots.Show(fig)
	fmt.Println(fig.Table.Columns[:4])
	// Output:
	// [position token forget gate f, unit 0 forget gate f, unit 3]
}

// More units are drawn as strips of a heat map.
func ExampleGates_all() {
	fig := plots.Gates(sentence, trace(16))
	fig.Title = "All units of an LSTM"
	plots.Show(fig)
	fmt.Println(fig.Table.Columns[2:4])
	// Output:
	// [forget gate f, mean of 16 units input gate i, mean of 16 units]
}

// What the trace leaves out has no tile.
func ExampleGates_one() {
	fig := plots.Gates(sentence, lesson.LSTMTrace{Forget: gate(1, 1)})
	plots.Show(fig)
	fmt.Println(fig.Alt)
	// Output:
	// Bars of unit 0 (of 1) over 8 tokens, in 1 tile. Forget gate f: the 0.93, film 0.9, was 0.21, not 0.05, good 0.44, <PAD> 0.94, <PAD> 0.94, <PAD> 0.94.
}

func ExampleTokenInfluence() {
	fig := plots.TokenInfluence(sentence, []float64{0.0004, 0.003, 0.02, 0.05, 0.12, 0.21, 0.47, 1})
	plots.Show(fig)
	fmt.Println(fig.Alt)
	// Output:
	// Bars under 8 tokens: the 0.0004, film 0.003, was 0.02, not 0.05, good 0.12, <PAD> 0.21, <PAD> 0.47, <PAD> 1. Most: token 8 “<PAD>”, 1. 3 PADs have 90% of the sum.
}

func ExampleSeedScores() {
	fig := plots.SeedScores("accuracy, share right", []string{"post-pad", "flip", "packed"}, []plots.Panel{
		{Name: "cue first", Scores: [][]float64{{0.5, 0.49, 0.53}, {1, 1, 0.97}, {0.99, 1, 1}}},
		{Name: "cue last", Scores: [][]float64{{0.61, 0.5, 0.55}, {0.52, 0.7, 0.49}, {1, 1, 1}}},
	}, plots.Curve{Name: "chance", Values: []float64{0.5}})
	plots.Show(fig)
	fmt.Println(fig.Alt)
	// Output:
	// Dots over 3 arms: post-pad, flip, packed. Cue first: post-pad median 0.5 of 3 seeds, from 0.49 to 0.53; flip median 1 of 3 seeds, from 0.97 to 1; packed median 1 of 3 seeds, from 0.99 to 1. Cue last: post-pad median 0.55 of 3 seeds, from 0.5 to 0.61; flip median 0.52 of 3 seeds, from 0.49 to 0.7; packed median 1 of 3 seeds. Chance is 0.5.
}

// One part of the diagram lit.
func ExampleLSTMCell() {
	fig := plots.LSTMCell(plots.ForgetGate)
	plots.Show(fig)
	fmt.Println(fig.Alt)
	// Output:
	// Diagram with the forget gate lit. Forget gate: h_t−1 and x_t go through a σ to the × on the line of the cell state.
}

// The state and what keeps it.
func ExampleGRUCell() {
	fig := plots.GRUCell(plots.GRUUpdate, plots.GRUState)
	plots.Show(fig)
	fmt.Println(fig.Title)
	// Output:
	// One step of a GRU: the update gate and the hidden state
}

// What the first of five words takes to get to the last state.
func ExampleUnrolled() {
	words := strings.Fields("the dog saw the man")
	fig := plots.Unrolled(plots.OneDirection, words, plots.Path(1, 5))
	plots.Show(fig)
	fmt.Println(fig.Alt)
	// Output:
	// Diagram over 5 tokens: the dog saw the man. From left to right each h_t is made from x_t, by W_x, and from h_t−1, by W_h; the weights are the same at every step. Lit: the way from x_1 to h_1 to h_2 to h_3 to h_4 to h_5, by W_x once and W_h 4 times.
}

// The first words of a padded sentence, and its last states in both directions.
func ExampleUnrolled_directions() {
	words := strings.Fields("He likes playing football <PAD> <PAD>")
	fig := plots.Unrolled(plots.BothDirections, words, plots.Path(1, 4), plots.ReversePath(6, 6))
	plots.Show(fig)
	fmt.Println(fig.Alt)
	// Output:
	// Diagram over 6 tokens: He likes playing football <PAD> <PAD>. A lower row runs from left to right: each h_t is made from x_t, by W_x, and from h_t−1, by W_h. An upper row, with weights of its own, runs from right to left: each reverse h_t from x_t, by W′_x, and from the reverse h_t+1, by W′_h. A frame around both states of a step is that step of output. Lit: the way from x_1 to h_1 to h_2 to h_3 to h_4, by W_x once and W_h 3 times. Lit: the way from x_6 to the reverse h_6, by W′_x once.
}

func ExampleUnrolled_attention() {
	fig := plots.Unrolled(plots.SelfAttention, strings.Fields("the dog saw the man"), plots.Path(1, 5))
	plots.Show(fig)
	fmt.Println(fig.Alt)
	// Output:
	// Diagram over 5 tokens: the dog saw the man. An arrow goes from every x_s straight to every y_t. Lit: the arrow from x_1 to y_5.
}

// Two rates over a narrow valley, steep across and nearly flat along.
func ExampleLossSurface() {
	valley := func(x, y float64) float64 { return 0.1 + x*x + 20*y*y }
	descend := func(rate float64) plots.Descent {
		d := plots.Descent{Name: fmt.Sprintf("rate %g", rate), X: []float64{-2}, Y: []float64{0.3}}
		for k := range 8 {
			d.X = append(d.X, d.X[k]-rate*2*d.X[k])
			d.Y = append(d.Y, d.Y[k]-rate*40*d.Y[k])
		}
		return d
	}
	window := plots.Window{XMin: -2.5, XMax: 1, YMin: -0.5, YMax: 0.5}
	fig := plots.LossSurface(plots.Axes{X: "w", Y: "b"}, window, valley, descend(0.01), descend(0.048))
	plots.Show(fig)
	fmt.Println(fig.Alt)
	// Output:
	// Map of the loss over w from −2.5 to 1 and b from −0.5 to 0.5. It is lowest, 0.101, near w = 0.0047, b = −0.0054; the highest is 11.2. Rate 0.01: 8 steps from (−2, 0.3), loss 5.9, to (−1.7, 0.00504), loss 3. Rate 0.048: 8 steps from (−2, 0.3), loss 5.9, to (−0.892, 0.154), loss 1.37.
}
