package main

import (
	"bytes"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"testing"

	"unroll/lesson"
)

// The parameters that ship are those of one training; go test ./site/figures -run
// DateParameters -train writes them.
func TestDateParameters(t *testing.T) {
	if runtime.GOARCH != "amd64" || fuses() {
		t.Skip("a training that rounds otherwise ends elsewhere")
	}
	rng := rand.New(rand.NewPCG(13, 700))
	var all strings.Builder
	for _, d := range lesson.DateTask(rng, 5000) {
		all.WriteString(d.Text)
	}
	if want := lesson.NewAlphabet(all.String(), 1).String(); dateCharacters != want {
		t.Fatalf("the characters are %q, want %q", dateCharacters, want)
	}
	m, from, to := newDateReader(rng)
	sample := func(n int) (sources, targets [][]int) {
		for _, d := range lesson.DateTask(rng, n) {
			sources, targets = append(sources, from.Encode(d.Text)), append(targets, to.Encode(d.ISO))
		}
		return sources, targets
	}
	adam := lesson.NewAdam(m.Parameters(), 0.01)
	for step := range 1000 {
		if step == 700 {
			adam.LR = 0.002
		}
		sources, targets := sample(32)
		m.TrainStep(adam, sources, targets, 1)
	}
	right := 0
	sources, targets := sample(1000)
	for i, written := range m.Translate(sources, maxWrite) {
		if to.Decode(written) == to.Decode(targets[i]) {
			right++
		}
	}
	t.Logf("%d of 1000 new dates are right", right)
	if right < 990 {
		t.Errorf("%d of 1000 new dates are right, want 990 or more", right)
	}
	var b bytes.Buffer
	if err := lesson.WriteSafetensors(&b, m.Parameters()); err != nil {
		t.Fatal(err)
	}
	if *train {
		if err := os.WriteFile("alignment.safetensors", b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(b.Bytes(), dateParameters) {
		t.Error("the training ends with other parameters than those that ship")
	}
	if len(dateParameters) > 100_000 {
		t.Errorf("%d bytes of parameters, want at most 100000", len(dateParameters))
	}
}

func TestAlignment(t *testing.T) {
	for date, want := range map[string]string{
		"Nov 28, 2026": "2026-11-28", "2026년 11월 28일 토요일": "2026-11-28", "3rd of May 1975": "1975-05-03", "07/04/76": "1976-07-04",
	} {
		for _, width := range []int{1, 4} {
			a := computeAlignment(date, width)
			if a.texts[0] != want || len(a.target) != 11 || len(a.beam) > width {
				t.Errorf("%q, width %d: written %q of %d, %d characters, want %s", date, width, a.texts[0], len(a.beam), len(a.target), want)
			}
			for i, row := range a.weights {
				sum := 0.0
				for _, w := range row {
					sum += w
				}
				if math.Abs(sum-1) > 1e-12 || len(row) != len([]rune(date)) {
					t.Errorf("%q: the weights of character %d sum to %v over %d", date, i+1, sum, len(row))
				}
			}
		}
	}
	a := computeAlignment("Nov §, 2026 and very many more characters", 2)
	if len(a.source) != maxDate || len(a.unknown) == 0 || a.unknown[0] != "§" {
		t.Errorf("%d characters, unknown %q", len(a.source), a.unknown)
	}
}
