package plots

import (
	"math"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"unroll/internal/words"
	"unroll/lesson"
)

// speaking lets the figures be in a language until the test ends.
func speaking(t *testing.T, language string) {
	before := words.Language
	words.Language = language
	t.Cleanup(func() { words.Language = before })
}

// everyFigure returns a figure of each kind, with names in capitals only.
func everyFigure() map[string]*Figure {
	rng := rand.New(rand.NewPCG(3, 5))
	tokens := []string{"I", "AM", "NOT", "<PAD>", "<PAD>"}
	falls := Curve{"RNN", []float64{1, 0.5, 0.01, 0, math.NaN(), math.Inf(1)}}
	rises := Curve{"", []float64{1, 4, 0.2, 2}}
	seeds := Runs{"GRU", [][]float64{{0.5, 0.6, 1}, {0.4, math.NaN(), 0.9}, {0.5, 0.7, 0.7}}}
	h := lesson.Uniform(rng, 0, 1, 5, 7)
	weights := lesson.Uniform(rng, 0, 1, 5, 5)
	trace := lesson.LSTMTrace{Forget: h, Input: h, Output: h, Candidate: h, Cell: h, Hidden: h}
	level := Curve{"Y", []float64{0.5}}
	var letters []rune
	var values []float64
	for i := range 200 {
		letters, values = append(letters, rune('A'+i%7)), append(values, math.Sin(float64(i)))
	}
	return map[string]*Figure{
		"gradient decay":     GradientDecay([]Curve{falls, rises}, falls),
		"input gradient":     InputGradient([]Curve{rises}),
		"gradient by length": GradientByLength([]int{1, 2, 3, 5}, rises),
		"lines":              Lines(Axes{X: "N", Y: "P", LogX: true, LogY: true}, []float64{1, 2, 4, 8}, []Curve{rises}, level),
		"lines, one axis":    Lines(Axes{X: "N", Y: "P", LogX: true}, []float64{1, 2, 4, 8}, []Curve{rises}, level),
		"training":           TrainingCurves("P", []Runs{seeds, {"RNN", [][]float64{{1, 2, 3}}}}, level),
		"training, all":      TrainingCurves("P", []Runs{seeds}),
		"attention":          AttentionWeights(tokens, weights),
		"alignment":          Alignment(tokens, tokens, weights),
		"coloured":           ColouredText("C", string(letters), values),
		"states":             HiddenStates(tokens, h),
		"influence":          TokenInfluence(tokens, []float64{1, -2, 3, 0.5, math.NaN()}),
		"gates":              Gates(tokens, trace),
		"gates, one unit":    Gates(tokens, trace, 2),
		"gates, three units": Gates(tokens, trace, 0, 1, 2),
		"one gate":           Gates(tokens, lesson.LSTMTrace{Forget: h}, 0, 1),
		"scores":             SeedScores("P", []string{"A", "B"}, []Panel{{"X", [][]float64{{1, 0.5}, {0.2, math.NaN()}}}}, level),
		"surface":            LossSurface(Axes{X: "W", Y: "B"}, Window{-1, 1, 0, 1}, func(x, y float64) float64 { return x*x + y*y }, Descent{"", []float64{0.9, 3, 0.1}, []float64{0, 0.5, 0}}),
		"LSTM":               LSTMCell(),
		"LSTM, lit":          LSTMCell(ForgetGate, CellState),
		"GRU":                GRUCell(GRUUpdate),
		"unrolled":           Unrolled(OneDirection, tokens, Path(1, 3)),
		"both directions":    Unrolled(BothDirections, tokens, Path(1, 3), ReversePath(5, 3)),
		"self-attention":     Unrolled(SelfAttention, tokens, Path(1, 3)),
	}
}

// Every word of a figure comes from a catalogue: in the language of the tests it
// stands in brackets. And a language whose texts are a third longer has room.
func TestEveryWordCanBeTranslated(t *testing.T) {
	speaking(t, words.Pseudo)
	for name, fig := range everyFigure() {
		if name != "coloured" && name != "surface" { // letters touch, and ticks in the corner
			readable(t, name, fig)
		}
		lines, _, _ := texts(t, fig.SVG())
		said := append([]string{fig.words(), fig.Table.Note}, fig.Table.Columns...)
		for _, line := range lines {
			said = append(said, line.text)
		}
		for _, text := range said {
			if bare := unbracketed(text); bare != "" {
				t.Errorf("%s: %q has no translation in %q", name, bare, text)
			}
		}
	}
}

var word = regexp.MustCompile(`[A-Za-z]*[a-z]{3,}`)

// unbracketed returns the first word of a text that is not between « and ». What is
// broken over lines has its brackets elsewhere.
func unbracketed(text string) string {
	depth, bare := 0, ""
	for _, r := range text {
		switch {
		case r == '«':
			depth++
		case r == '»':
			depth--
		case depth == 0:
			bare += string(r)
		default:
			bare += " "
		}
	}
	if depth != 0 || strings.Contains(bare, "~") {
		return ""
	}
	for _, found := range word.FindAllString(bare, -1) {
		if found != "tanh" {
			return found
		}
	}
	return ""
}

func TestFiguresAreKorean(t *testing.T) {
	if got := unbracketed("«Lines of P» and more"); got != "and" {
		t.Errorf("unbracketed found %q", got)
	}
	speaking(t, "ko")
	if got := TokenInfluence([]string{"I"}, []float64{1}).Title; got != "각 토큰이 마지막 상태를 움직이는 정도" {
		t.Error(got)
	}
	fig := GradientDecay([]Curve{{"RNN", []float64{2.51, 1, 1e-3}}})
	if got, want := fig.words(), "거리 0에서 2.51이던 값이 거리 2에서 0.001까지 내려감"; !strings.Contains(got, want) {
		t.Errorf("%q has no %q", got, want)
	}
}
