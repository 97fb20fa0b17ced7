package exercise

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"unroll/internal/words"
)

// spoken lets the answers be in a language until the test ends.
func spoken(t *testing.T, language string) {
	before := words.Language
	words.Language = language
	t.Cleanup(func() { words.Language = before })
}

func TestAnswersAreKorean(t *testing.T) {
	spoken(t, "ko")
	half := Exercise[float64, float64]{
		Name: "half", Inputs: []float64{1, 2, 3}, Solution: func(x float64) float64 { return x / 2 },
	}
	for _, c := range []struct {
		answer func(float64) float64
		want   string
	}{
		{func(x float64) float64 { return x / 2 }, "맞았습니다. 입력 3개로 확인했습니다."},
		{func(x float64) float64 { return 0 }, "아직 계산한 것이 없습니다.\n답을 쓰고 셀을 다시 실행하세요."},
		{func(x float64) float64 { return x }, "아직 아닙니다. 입력이 1일 때\n  나온 답  1\n  맞는 답  0.5\n  가장 큰 차이는 0.5입니다"},
	} {
		if got := half.Judge(c.answer).Text; got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
	asked := Question[int]{Name: "asked", Hidden: true, Truth: func() int { return 19 }}
	for answer, want := range map[int]string{10: "아직 아닙니다. 10은 너무 작습니다.", 22: "아직 아닙니다. 22는 너무 큽니다.", 19: "맞았습니다. 답은 19입니다."} {
		if got := asked.Judge(answer).Text; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// Every word of an answer comes from a catalogue: in the language of the tests it
// stands between « and ».
func TestEveryWordOfAnAnswerCanBeTranslated(t *testing.T) {
	spoken(t, words.Pseudo)
	half := Exercise[[]float64, []float64]{
		Name: "half", Inputs: [][]float64{{1, 2}}, Solution: func(x []float64) []float64 { return []float64{x[0] / 2} },
		Mistakes: []Mistake[[]float64, []float64]{{func(x []float64) []float64 { return x[:1] }, "That is x."}},
	}
	var said []string
	for _, answer := range []func([]float64) []float64{
		nil, half.Solution, func(x []float64) []float64 { return x[:1] }, func(x []float64) []float64 { return nil },
		func(x []float64) []float64 { return []float64{x[0]/2 + 1e-10} }, func(x []float64) []float64 { return x[5:] }, func(x []float64) []float64 { return []float64{7} },
	} {
		said = append(said, half.Judge(answer).Text)
	}
	open := Question[int]{Name: "open", Truth: func() int { return 19 }, Why: "So it is.", WrongAnswers: []WrongAnswer[int]{{18, "One more."}}}
	hidden := open
	hidden.Hidden = true
	options := hidden
	options.Options = 20
	for _, q := range []Question[int]{open, hidden, options} {
		for _, answer := range []int{0, 18, 19, 20, 99} {
			said = append(said, q.Judge(answer).Text)
		}
	}
	var out strings.Builder
	Out = &out
	defer func() { Out = nil }()
	t.Setenv("UNROLL_PROGRESS", filepath.Join(t.TempDir(), "progress.json"))
	open.Name = "flip-reversal/luck"
	open.Check(19)
	out.Reset()
	ShowProgress("flip-reversal")
	Predict("p", 0, func() int { return 1 })
	Predict("p", 1, func() int { return 1 })
	Predict("p", 2, func() int { return 1 })
	bracketed := regexp.MustCompile(`(?s)«[^«»]*»`)
	for _, text := range append(said, out.String()) {
		bare := text
		for bracketed.MatchString(bare) {
			bare = bracketed.ReplaceAllString(bare, "")
		}
		for _, word := range regexp.MustCompile(`[a-z]{3,}`).FindAllString(bare, -1) {
			if !strings.Contains("place-of wash-out pads-turn luck farther-is-better runtime error index out range slice bounds", word) {
				t.Errorf("%q has no translation in %q", word, text)
			}
		}
	}
}

// Hangul is two columns wide.
func TestHangulIsWrapped(t *testing.T) {
	line := strings.TrimSpace(strings.Repeat("은닉 ", 20)) // 99 columns
	for _, row := range strings.Split(wrap(line), "\n") {
		if n := words.Columns(row); n > 72 {
			t.Errorf("%d columns: %s", n, row)
		}
	}
	if got := strings.Count(wrap(line), "\n"); got != 1 {
		t.Errorf("%d breaks, want 1", got)
	}
}

// Every hint and reason of the course is in the catalogues, translated or not.
func TestCataloguesHaveAllHints(t *testing.T) {
	files, _ := filepath.Glob("../po/*/exercise.po")
	if len(files) == 0 {
		t.Skip("no catalogues here")
	}
	for _, file := range files {
		keys := keysOf(t, file)
		n := 0
		for _, questions := range course {
			for _, q := range questions {
				each(reflect.ValueOf(q).Elem(), func(text string) {
					n++
					if !keys[text] {
						t.Errorf("%s: %s has no entry for %q: make ko, and let it end with a full stop", file, q.name(), text)
					}
				})
			}
		}
		if n < 300 {
			t.Errorf("%d hints, want them all", n)
		}
	}
}

// each calls f with the hints and reasons of an exercise.
func each(v reflect.Value, f func(string)) {
	for i := range v.NumField() {
		switch name := v.Type().Field(i).Name; name {
		case "Hint", "Why":
			if text := v.Field(i).String(); text != "" {
				f(text)
			}
		case "Mistakes", "WrongAnswers":
			for k := range v.Field(i).Len() {
				each(v.Field(i).Index(k), f)
			}
		}
	}
}

// keysOf reads the English of a catalogue.
func keysOf(t *testing.T, file string) map[string]bool {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]bool{}
	for _, entry := range strings.Split(string(data), "\n\n") {
		key, inside := "", false
		for _, line := range strings.Split(entry, "\n") {
			if rest, ok := strings.CutPrefix(line, "msgid "); ok {
				line, inside = rest, true
			} else if !strings.HasPrefix(line, `"`) {
				inside = false
			}
			if inside {
				text, err := strconv.Unquote(line)
				if err != nil {
					t.Fatalf("%s: %s", file, line)
				}
				key += text
			}
		}
		keys[key] = true
	}
	return keys
}
