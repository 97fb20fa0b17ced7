package main

import (
	"bytes"
	"flag"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"unroll/lesson"
)

var train = flag.Bool("train", false, "write the parameters of the figure review anew")

// The committed parameters are those of a training on the lesson's reviews, with
// one seed; go test ./site/figures -run ReviewParameters -train writes them.
func TestReviewParameters(t *testing.T) {
	if runtime.GOARCH != "amd64" || fuses() {
		t.Skip("a training that rounds otherwise ends elsewhere")
	}
	corpus := lesson.Must(lesson.LoadCorpus("../../notebooks/data/reviews-en"))
	rng := rand.New(rand.NewPCG(9, 40))
	bag, lstm := newReviewReaders(rng, corpus.Words.Len())
	how := lesson.FitConfig{Epochs: 20, BatchSize: 32, LR: 0.03, ClipNorm: 1, Patience: 5}
	lesson.Fit(rng, bag, corpus.Train, corpus.Valid, how)
	lesson.Fit(rng, lstm, corpus.Train, corpus.Valid, how)
	for _, m := range []lesson.Model{bag, lstm} {
		_, right := lesson.Evaluate(m, corpus.TestOf("new"))
		t.Logf("%T tells %d of %d reviews of new templates", m, lesson.CountTrue(right), len(right))
	}
	var b bytes.Buffer
	if err := lesson.WriteSafetensors(&b, slices.Concat(lesson.WithPrefix("bag.", bag.Parameters()), lstm.Parameters())); err != nil {
		t.Fatal(err)
	}
	var words []string
	for i := 2; i < corpus.Words.Len(); i++ { // <PAD> and <UNK> are in each vocabulary
		words = append(words, corpus.Words.Word(i))
	}
	list := strings.Join(words, "\n") + "\n"
	if *train {
		if err := os.WriteFile("review.safetensors", b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("review.txt", []byte(list), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(b.Bytes(), reviewParameters) || list != reviewWords {
		t.Error("the training ends with other parameters than the committed ones")
	}
}

// What a review says, by hand.
func TestReviewSentence(t *testing.T) {
	for _, c := range []struct {
		form, not1, first, not2, second, sentence string
		praise                                    bool
	}{
		{"one", "no", "good", "no", "bad", "the plot is good .", true},
		{"one", "not", "good", "no", "good", "the plot is not good .", false},
		{"but", "no", "dull", "no", "fresh", "the plot is dull , but the acting is fresh .", true},
		{"but", "no", "dull", "not", "fresh", "the plot is dull , but the acting is not fresh .", false},
		{"although", "no", "dull", "not", "bad", "although the plot is dull , the acting is not bad .", true},
		{"end", "not", "bad", "no", "dull", "the plot is not bad , although the acting is dull .", true},
	} {
		s := Setting{"form": c.form, "not1": c.not1, "first": c.first, "not2": c.not2, "second": c.second}
		if sentence, praise := reviewSentence(s); sentence != c.sentence || praise != c.praise {
			t.Errorf("%v is %q, %v, want %q, %v", s, sentence, praise, c.sentence, c.praise)
		}
	}
}

// The bag's margin is its bias and the votes of the words, in any order.
func TestReviewMargins(t *testing.T) {
	v := computeReview("the plot is not dull .", true)
	w := computeReview("dull not is plot the .", true)
	end := len(v.tokens) - 1
	near(t, "the bag's margin", v.bag[end], w.bag[end])
	if v.lstm[end] == w.lstm[end] {
		t.Error("the LSTM does not read the order")
	}
	r := trained(struct{}{})
	z := r.lstm.Forward([][]int{r.words.Encode("the plot is not dull .")})
	near(t, "the LSTM's margin", v.lstm[end], z.At(0, 1)-z.At(0, 0))
}
