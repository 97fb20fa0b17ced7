package lesson

import (
	"reflect"
	"slices"
	"testing"
)

var twoSentences = [][]int{{1, 2, 3}, {4, 5, 6, 7}}

// The two axes that the lesson on flipping distinguishes.
func TestFlipOfPostPaddedIsPrePaddedReversed(t *testing.T) {
	post, _ := PadPost(twoSentences, 6)
	reversed := [][]int{{3, 2, 1}, {7, 6, 5, 4}}
	pre, _ := PadPre(reversed, 6)
	if got := post.Flip(1); !reflect.DeepEqual(got, pre) {
		t.Errorf("flip gives\n%v\nwant\n%v", got, pre)
	}
	words, _ := PadPre(twoSentences, 6)
	if reflect.DeepEqual(post.Flip(1), words) {
		t.Error("flip keeps the order of the words")
	}
}

func TestPadTakesTheLongestForZero(t *testing.T) {
	for name, pad := range map[string]func([][]int, int) (Indices, []int){"PadPost": PadPost, "PadPre": PadPre} {
		x, lengths := pad(twoSentences, 0)
		if !x.Shape().Equal(Shape{2, 4}) || !slices.Equal(lengths, []int{3, 4}) {
			t.Errorf("%s: shape %v, lengths %v", name, x.Shape(), lengths)
		}
	}
}

func TestIndicesBelongToTheCaller(t *testing.T) {
	seqs := [][]int{{1, 2}, {3, 4}}
	x, lengths := PadPost(seqs, 2)
	for name, y := range map[string]Indices{
		"PadPost": x, "Flip(0)": x.Flip(0), "Flip(1)": x.Flip(1), "Clone": x.Clone(), "ReversePadded": ReversePadded(x, lengths),
	} {
		y[0][0], y[1][1] = -1, -1
		if !reflect.DeepEqual(seqs, [][]int{{1, 2}, {3, 4}}) {
			t.Fatalf("writing to what %s returned changed the sequences to %v", name, seqs)
		}
		if name != "PadPost" && !reflect.DeepEqual(x, Indices(seqs)) && x[0][0] != -1 {
			t.Fatalf("writing to what %s returned changed its argument to %v", name, x)
		}
	}
}

func TestReversePaddedTwiceIsNothing(t *testing.T) {
	x, lengths := PadPost(twoSentences, 6)
	if got := ReversePadded(ReversePadded(x, lengths), lengths); !reflect.DeepEqual(got, x) {
		t.Errorf("got %v, want %v", got, x)
	}
}

func TestFlipAxisZeroTakesRaggedRows(t *testing.T) {
	if got := Indices(twoSentences).Flip(0); !reflect.DeepEqual(got, Indices{{4, 5, 6, 7}, {1, 2, 3}}) {
		t.Errorf("got %v", got)
	}
}

func TestIndicesPrintRagged(t *testing.T) {
	for _, c := range []struct {
		x    Indices
		want string
	}{
		{Indices(twoSentences), "[[1, 2, 3],\n [4, 5, 6, 7]]"},
		{Indices{}, "[]"},
		{nil, "[]"},
		{Indices{{}}, "[[]]"},
		{Indices{{}, {1}}, "[[],\n [1]]"},
	} {
		if got := c.x.String(); got != c.want {
			t.Errorf("prints as\n%s\nwant\n%s", got, c.want)
		}
	}
}

// GatherLastBackward is the transpose of GatherLast: ⟨gather x, d⟩ = ⟨x, back d⟩
// for all x and d.
func TestGatherLastBackwardIsTheTranspose(t *testing.T) {
	rng := newRand(1)
	for _, batchFirst := range []bool{false, true} {
		shape := []int{4, 3, 2}
		if batchFirst {
			shape = []int{3, 4, 2}
		}
		lengths := []int{4, 1, 2}
		x, d := Randn(rng, shape...), Randn(rng, 3, 2)
		last, back := GatherLast(x, lengths, batchFirst), GatherLastBackward(d, lengths, 4, batchFirst)
		if a, b := dot(last, d), dot(x, back); a-b > 1e-12 || b-a > 1e-12 || !back.shape.Equal(x.shape) {
			t.Errorf("batch first %v: %v and %v, shape %v", batchFirst, a, b, back.shape)
		}
		for i, n := range lengths {
			want := x.data[stepOf(i, n-1, 3, 4, batchFirst)*2:][:2]
			if !sameFloats(last.Slice(i).data, want) {
				t.Errorf("batch first %v: row %d is %v, want %v", batchFirst, i, last.Slice(i).data, want)
			}
		}
	}
	// Each element is its own position, so the result says which rows were taken.
	if got := GatherLast(counting(2, 3, 1), []int{3, 2}, true).data; !slices.Equal(got, []float64{2, 4}) {
		t.Errorf("(batch, steps): %v, want [2 4]", got)
	}
	if got := GatherLast(counting(3, 2, 1), []int{3, 2}, false).data; !slices.Equal(got, []float64{4, 3}) {
		t.Errorf("(steps, batch): %v, want [4 3]", got)
	}
}

func TestPaddingPanics(t *testing.T) {
	x := Indices{{1, 2}, {3, 4}}
	ragged := Indices{{1, 2, 3}, {4}}
	output := NewTensor(2, 5, 3)
	for want, f := range map[string]func(){
		"lesson: Indices.Shape: no rows, want at least 1":                                                                         func() { Indices{}.Shape() },
		"lesson: Indices.Shape: row 0 is empty, want at least 1 index":                                                            func() { Indices{{}}.Shape() },
		"lesson: Indices.Shape: row 1 has 1 indices and row 0 has 3, want all rows equally long: PadPost or PadPre makes them so": func() { ragged.Shape() },
		"lesson: Indices.Flip: row 1 has 1 indices and row 0 has 3, want all rows equally long: PadPost or PadPre makes them so":  func() { ragged.Flip(1) },
		"lesson: Indices.Flip: axis 2, want 0 or 1":                                                                               func() { x.Flip(2) },
		"lesson: Indices.Flip: axis -1, want 0 or 1":                                                                              func() { x.Flip(-1) },
		"lesson: PadPost: no sequences, want at least 1":                                                                          func() { PadPost(nil, 3) },
		"lesson: PadPost: length is -1, want at least 1, or 0 for that of the longest sequence":                                   func() { PadPost(x, -1) },
		"lesson: PadPost: sequence 1 is empty, want at least 1 index":                                                             func() { PadPost([][]int{{1}, {}}, 3) },
		"lesson: PadPost: sequence 0 has 3 indices, want at most the length 2":                                                    func() { PadPost(ragged, 2) },
		"lesson: PadPre: sequence 0 has 3 indices, want at most the length 2":                                                     func() { PadPre(ragged, 2) },
		"lesson: PadPre: no sequences, want at least 1":                                                                           func() { PadPre(nil, 0) },
		"lesson: ReversePadded: 1 lengths for 2 sequences, want one each":                                                         func() { ReversePadded(x, []int{1}) },
		"lesson: ReversePadded: length 3 of sequence 1, want 1 to 2":                                                              func() { ReversePadded(x, []int{1, 3}) },
		"lesson: ReversePadded: length 0 of sequence 0, want 1 to 2":                                                              func() { ReversePadded(x, []int{0, 1}) },
		"lesson: ReversePadded: row 1 has 1 indices and row 0 has 3, want all rows equally long: PadPost or PadPre makes them so": func() { ReversePadded(ragged, []int{1, 1}) },
		"lesson: GatherLast: output is 2×5, want 3 axes":                                                                          func() { GatherLast(NewTensor(2, 5), []int{1, 1}, true) },
		"lesson: GatherLast: length 6 of sequence 1, want 1 to 5":                                                                 func() { GatherLast(output, []int{5, 6}, true) },
		"lesson: GatherLast: length 0 of sequence 0, want 1 to 5":                                                                 func() { GatherLast(output, []int{0, 6}, true) },
		"lesson: GatherLast: 2 lengths for 5 sequences, want one each":                                                            func() { GatherLast(output, []int{1, 1}, false) },
		"lesson: GatherLastBackward: dLast is 2×5×3, want 2 axes":                                                                 func() { GatherLastBackward(output, []int{1, 1}, 5, true) },
		"lesson: GatherLastBackward: steps is 0, want at least 1":                                                                 func() { GatherLastBackward(NewTensor(2, 3), []int{1, 1}, 0, true) },
		"lesson: GatherLastBackward: length 6 of sequence 1, want 1 to 5":                                                         func() { GatherLastBackward(NewTensor(2, 3), []int{1, 6}, 5, true) },
		"lesson: GatherLastBackward: 1 lengths for 2 sequences, want one each":                                                    func() { GatherLastBackward(NewTensor(2, 3), []int{1}, 5, true) },
	} {
		wantPanic(t, want, f)
	}
}
