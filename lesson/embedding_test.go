package lesson

import (
	"math"
	"testing"
)

func TestEmbeddingCentralDifferences(t *testing.T) {
	e := NewEmbedding(newRand(1), 5, 3)
	x := Indices{{0, 4, 4}, {2, 0, 1}}
	d := Randn(newRand(2), 2, 3, 3)
	e.Forward(x)
	e.Backward(d)
	checkDifferences(t, "weight.grad", func() float64 { return dot(e.Forward(x), d) }, e.Weight.Value.data, e.Weight.Grad.data)
}

func TestPaddingIdxStaysZero(t *testing.T) {
	with, without := NewEmbedding(newRand(1), 4, 3, PaddingIdx(2)), NewEmbedding(newRand(1), 4, 3)
	for i := range 4 {
		got, want := with.Weight.Value.Slice(i).data, without.Weight.Value.Slice(i).data
		if i == 2 {
			want = []float64{0, 0, 0}
		}
		if !sameFloats(got, want) {
			t.Errorf("row %d is %v, want %v", i, got, want)
		}
	}
	adam := NewAdam(with.Parameters(), 0.1)
	for range 3 {
		with.Backward(Randn(newRand(2), with.Forward(Indices{{2, 1, 2}}).Shape()...))
		adam.Step()
	}
	if got := with.Weight.Value.Slice(2).data; !sameFloats(got, []float64{0, 0, 0}) {
		t.Errorf("after three steps PAD is %v", got)
	}
}

func TestEmbeddingOutputsAndIndicesAreTheCallers(t *testing.T) {
	e := NewEmbedding(newRand(1), 5, 3)
	x := Indices{{1, 2}}
	first := e.Forward(x)
	kept := first.Clone()
	x[0][0], x[0][1] = 3, 3 // before Backward
	e.Backward(Randn(newRand(2), 1, 2, 3))
	if g := e.Weight.Grad; g.At(1, 0) == 0 || g.At(3, 0) != 0 {
		t.Errorf("Backward follows a change of the caller's indices: %v", g)
	}
	e.Forward(x)
	e.Weight.Value.data[3] = 99
	if MaxAbsDiff(first, kept) != 0 {
		t.Error("the first output changed")
	}
}

func TestEmbeddingIsDeterministic(t *testing.T) {
	a, b := NewEmbedding(newRand(1), 5, 3), NewEmbedding(newRand(1), 5, 3)
	if !sameFloats(a.Weight.Value.data, b.Weight.Value.data) {
		t.Error("same seed, other vectors")
	}
}

func TestEmbeddingPassesNaNOn(t *testing.T) {
	e := NewEmbedding(newRand(1), 3, 2)
	e.Weight.Value.Set(math.NaN(), 1, 0)
	y := e.Forward(Indices{{0, 1}})
	if math.IsNaN(y.At(0, 0, 0)) || !math.IsNaN(y.At(0, 1, 0)) || math.IsNaN(y.At(0, 1, 1)) {
		t.Errorf("got %v", y)
	}
}

func TestEmbeddingAllocatesOnlyWhatItReturns(t *testing.T) {
	e := NewEmbedding(newRand(1), 50, 16)
	x, _ := PadPost([][]int{{1, 2, 3}, {4}}, 20)
	d := e.Forward(x)
	forward := allocations(20, func() { e.Forward(x) })
	backward := allocations(20, func() { e.Backward(d) })
	if forward > 4 || backward > 0 { // tensor, its shape twice, elements
		t.Errorf("%v allocations in Forward, %v in Backward, want 4 and 0", forward, backward)
	}
}

func TestEmbeddingPanics(t *testing.T) {
	e := NewEmbedding(newRand(1), 7, 3)
	for _, c := range []struct {
		want string
		f    func()
	}{
		{"lesson: NewEmbedding: rng is nil, want a source of randomness", func() { NewEmbedding(nil, 7, 3) }},
		{"lesson: NewEmbedding: numEmbeddings is 0, want at least 1", func() { NewEmbedding(newRand(1), 0, 3) }},
		{"lesson: NewEmbedding: embeddingDim is -1, want at least 1", func() { NewEmbedding(newRand(1), 7, -1) }},
		{"lesson: NewEmbedding: PaddingIdx is 7, want 0 to 6", func() { NewEmbedding(newRand(1), 7, 3, PaddingIdx(7)) }},
		{"lesson: NewEmbedding: PaddingIdx is -1, want 0 to 6", func() { NewEmbedding(newRand(1), 7, 3, PaddingIdx(-1)) }},
		{"lesson: Embedding.Backward: no Forward before it", func() { e.Backward(NewTensor(1, 1, 3)) }},
		{"lesson: Embedding.Forward: no rows, want at least 1", func() { e.Forward(nil) }},
		{"lesson: Embedding.Forward: row 0 is empty, want at least 1 index", func() { e.Forward(Indices{{}}) }},
		{"lesson: Embedding.Forward: row 1 has 1 indices and row 0 has 2, want all rows equally long: PadPost or PadPre makes them so", func() { e.Forward(Indices{{1, 2}, {1}}) }},
		{"lesson: Embedding.Forward: index 7 in row 1, place 0, want 0 to 6: NumEmbeddings is 7", func() { e.Forward(Indices{{1, 2}, {7, 1}}) }},
		{"lesson: Embedding.Forward: index -1 in row 0, place 1, want 0 to 6: NumEmbeddings is 7", func() { e.Forward(Indices{{1, -1}, {7, 1}}) }},
		{"lesson: Embedding.Backward: no Forward before it", func() { e.Backward(NewTensor(2, 2, 3)) }}, // the last one panicked
		{"lesson: Embedding.Backward: d is 2×2×3, want 1×2×3 as Forward returned", func() { e.Forward(Indices{{1, 2}}); e.Backward(NewTensor(2, 2, 3)) }},
	} {
		wantPanic(t, c.want, c.f)
	}
}
