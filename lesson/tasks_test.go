package lesson

import (
	"math"
	"slices"
	"testing"
)

func TestFirstWordTask(t *testing.T) {
	const n = 4000
	seqs, classes := FirstWordTask(6).Sample(newRand(1), n)
	seen := map[string]float64{}
	for i, s := range seqs {
		if sorted := slices.Sorted(slices.Values(s)); !slices.Equal(sorted, []int{1, 1, 1, 2, 2, 2}) {
			t.Fatalf("sentence %v, want three of each word", s)
		}
		if classes[i] != s[0]-1 {
			t.Errorf("%v is of class %d", s, classes[i])
		}
		order := ""
		for _, w := range s {
			order += string(rune('@' + w))
		}
		seen[order]++
	}
	// 6!/(3! 3!) orders, each as likely: within five standard deviations.
	if len(seen) != 20 {
		t.Errorf("%d different orders, want 20", len(seen))
	}
	for order, k := range seen {
		if math.Abs(k-n/20) > 5*math.Sqrt(n/20.*19/20) {
			t.Errorf("%s occurs %.0f times of %d, want about %d", order, k, n, n/20)
		}
	}
}

// A reader that does not know the order gives one answer to all sentences, so
// it is right for every sentence or for the same with A and B exchanged, never
// for both: its accuracy is exactly 1/2.
func TestFirstWordTaskNeedsOrder(t *testing.T) {
	const n = 500
	task := FirstWordTask(8)
	rng := newRand(2)
	config := ClassifierConfig{Words: task.Words(), EmbeddingDim: 4, Classes: 2}
	mean, most := config, config
	mean.Reading, most.Reading = MeanPool, MaxPool
	for name, m := range map[string]Model{
		"bag of words":               NewBagOfWords(task.Words(), 2),
		"mean of the words' vectors": NewClassifier(rng, mean),
		"max of the words' vectors":  NewClassifier(rng, most),
	} {
		seqs, classes := task.Sample(rng, n)
		Fit(rng, m, Examples{Seqs: seqs, Classes: classes}, Examples{}, FitConfig{Epochs: 3, BatchSize: 25, LR: 0.03, ClipNorm: math.Inf(1)})
		seqs, classes = task.Sample(rng, n)
		for i, s := range seqs[:n:n] {
			other := make([]int, len(s))
			for j, w := range s {
				other[j] = 3 - w
			}
			seqs, classes = append(seqs, other), append(classes, 1-classes[i])
		}
		logits := m.Forward(seqs)
		for i := range seqs {
			for c := range 2 {
				if d := math.Abs(logits.At(i, c) - logits.At(0, c)); d > 1e-12 {
					t.Fatalf("%s: the answers to two sentences differ by %g", name, d)
				}
			}
		}
		if got := Accuracy(logits, classes); got != 0.5 {
			t.Errorf("%s: accuracy %v, want 1/2", name, got)
		}
	}
}

func TestMarkedWordTask(t *testing.T) {
	const n = 3000
	for place, want := range map[Place]func(words int) int{
		First:  func(int) int { return 0 },
		Middle: func(words int) int { return (words - 2) / 2 },
		Last:   func(words int) int { return words - 2 },
	} {
		seqs, classes := MarkedWordTask{MinLength: 3, MaxLength: 9, Place: place}.Sample(newRand(1), n)
		lengths, ones := map[int]float64{}, 0.0
		for i, s := range seqs {
			var count [4]int
			for _, w := range s {
				count[w]++
			}
			half := len(s) / 2
			if count != [4]int{0, half, half, 1} {
				t.Fatalf("%v: words are %v times there, want [0 %d %d 1]", s, count, half, half)
			}
			marker := slices.Index(s, 3)
			if marker != want(len(s)) || classes[i] != s[marker+1]-1 {
				t.Fatalf("place %d: %v of class %d, want the marker at %d and the class after it", place, s, classes[i], want(len(s)))
			}
			lengths[len(s)]++
			ones += float64(classes[i])
		}
		// Within five standard deviations.
		if math.Abs(ones-n/2) > 5*math.Sqrt(n/4) {
			t.Errorf("%.0f of %d are of class 1, want about half", ones, n)
		}
		for _, words := range []int{3, 5, 7, 9} {
			if math.Abs(lengths[words]-n/4) > 5*math.Sqrt(n*3/16) {
				t.Errorf("%.0f of %d have %d words, want about a quarter", lengths[words], n, words)
			}
		}
	}
}

func TestCueTaskIsSolvedByItsWords(t *testing.T) {
	task := NewCueTask(20)
	rng := newRand(3)
	bag := NewBagOfWords(task.Words(), 2)
	seqs, classes := task.Sample(rng, 2000)
	ones := 0
	for i, s := range seqs {
		if len(s) != 21 || s[0] != 1+classes[i] || slices.Min(s[1:]) < 3 || slices.Max(s[1:]) > 6 {
			t.Fatalf("%v of class %d", s, classes[i])
		}
		ones += classes[i]
	}
	if ones < 900 || ones > 1100 {
		t.Errorf("%d of 2000 are of class 1, want about half", ones)
	}
	Fit(rng, bag, Examples{Seqs: seqs, Classes: classes}, Examples{}, FitConfig{Epochs: 5, BatchSize: 32, LR: 0.1, ClipNorm: math.Inf(1)})
	if seqs, classes = task.Sample(rng, 1000); Accuracy(bag.Forward(seqs), classes) != 1 {
		t.Errorf("a bag of words has accuracy %v, want 1", Accuracy(bag.Forward(seqs), classes))
	}
}

func TestTasksRefuse(t *testing.T) {
	for want, call := range map[string]func(){
		"lesson: NewCueTask: distractors is -1, want at least 0":                                                     func() { NewCueTask(-1) },
		"lesson: FirstWordTask.Sample: the number of words is 7, want an even one":                                   func() { FirstWordTask(7).Sample(newRand(1), 1) },
		"lesson: ParityTask.Sample: MinLength is 0 and MaxLength 3, want 1 ≤ MinLength ≤ MaxLength":                  func() { ParityTask{0, 3}.Sample(newRand(1), 1) },
		"lesson: BracketTask.Sample: MinLength is 4 and MaxLength 3, want 1 ≤ MinLength ≤ MaxLength":                 func() { BracketTask{4, 3}.Sample(newRand(1), 1) },
		"lesson: BracketTask.Sample: n is 0, want at least 1":                                                        func() { BracketTask{1, 3}.Sample(newRand(1), 0) },
		"lesson: FirstWordTask.Sample: the number of words is 0, want at least 2":                                    func() { FirstWordTask(0).Sample(newRand(1), 1) },
		"lesson: FirstWordTask.Sample: n is 0, want at least 1":                                                      func() { FirstWordTask(2).Sample(newRand(1), 0) },
		"lesson: MarkedWordTask.Sample: MinLength is 4 and MaxLength 7, want odd numbers, 3 ≤ MinLength ≤ MaxLength": func() { MarkedWordTask{MinLength: 4, MaxLength: 7}.Sample(newRand(1), 1) },
		"lesson: MarkedWordTask.Sample: MinLength is 7 and MaxLength 5, want odd numbers, 3 ≤ MinLength ≤ MaxLength": func() { MarkedWordTask{MinLength: 7, MaxLength: 5}.Sample(newRand(1), 1) },
		"lesson: MarkedWordTask.Sample: Place is 3, want First, Middle or Last":                                      func() { MarkedWordTask{MinLength: 3, MaxLength: 3, Place: 3}.Sample(newRand(1), 1) },
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

// TestAutomata tells the classes anew: parity by counting, brackets by keeping a
// stack of at most three.
func TestAutomata(t *testing.T) {
	lengths := map[int]bool{}
	seqs, classes := ParityTask{2, 9}.Sample(newRand(1), 500)
	for i, s := range seqs {
		odd := 0
		for _, w := range s {
			if w == 2 {
				odd = 1 - odd
			}
		}
		lengths[len(s)] = true
		if classes[i] != odd {
			t.Errorf("%v has class %d, want %d", s, classes[i], odd)
		}
	}
	if len(lengths) != 8 || lengths[1] || lengths[10] {
		t.Errorf("lengths %v, want 2 to 9", lengths)
	}
	seen := map[int]int{}
	seqs, classes = BracketTask{1, 16}.Sample(newRand(2), 500)
	for i, s := range seqs {
		var stack []int
		for _, c := range s {
			switch {
			case c < 1 || c > 3:
				t.Fatalf("%v holds %d", s, c)
			case c == 1 && len(stack) < 3:
				stack = append(stack, c)
			case c == 2 && len(stack) > 0:
				stack = stack[1:]
			}
		}
		seen[classes[i]]++
		if classes[i] != len(stack) {
			t.Errorf("%v has class %d, want %d", s, classes[i], len(stack))
		}
	}
	if len(seen) != 4 {
		t.Errorf("classes %v, want all of 0 to 3", seen)
	}
}
