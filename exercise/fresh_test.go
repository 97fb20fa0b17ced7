package exercise

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"unroll/lesson"
)

// An answer may work in place: it is still shown the input as it was, gets the
// hint for its own mistake, and leaves the inputs alone.
func TestAnswerInPlace(t *testing.T) {
	v := ClipNorm.Judge(func(l Long) []float64 {
		floats.Scale(l.Limit/floats.Norm(l.Gradient, 2), l.Gradient)
		return l.Gradient
	})
	if v.Right || !strings.Contains(v.Text, "On [0.3 -0.4], limit 1") || !strings.Contains(v.Hint, "stretched the short one") {
		t.Errorf("the verdict is\n%s", v.Text)
	}
	if v := ClipNorm.Judge(ClipNorm.Solution); !v.Right {
		t.Errorf("afterwards the solution is answered with\n%s", v.Text)
	}
}

func TestFresh(t *testing.T) {
	type input struct {
		Rows   [][]float64
		Index  map[string][]int
		Any    []any
		Matrix *mat.Dense
		Tensor *lesson.Tensor
		Pair   [2]float64
		None   []int
		Ring   *node
		hidden []int
		rng    *rand.Rand
		when   time.Time
		done   chan int
	}
	now, done := time.Now(), make(chan int)
	made := func() input {
		ring := &node{value: 1}
		ring.next = ring
		return input{
			[][]float64{{1}}, map[string][]int{"a": {1}}, []any{[]int{1}}, mat.NewDense(1, 1, []float64{1}), lesson.TensorOf([]float64{1}, 1),
			[2]float64{1, 1}, nil, ring, []int{1}, rand.New(rand.NewPCG(1, 2)), now, done,
		}
	}
	in := made()
	if fresh[any](nil) != nil {
		t.Error("the copy of nothing is something")
	}
	c := fresh(in)
	if !reflect.DeepEqual(c, in) {
		t.Errorf("the copy is %+v of %+v", c, in)
	}
	if c.Ring.next != c.Ring || c.when != in.when || c.done != in.done {
		t.Errorf("the copy has another cycle, time or channel: %+v of %+v", c, in)
	}
	c.Rows[0][0], c.Index["a"][0], c.Pair[0], c.Any[0].([]int)[0] = 2, 2, 2, 2
	c.Index["b"] = nil
	c.Matrix.Set(0, 0, 2)
	c.Tensor.Set(2, 0)
	c.Ring.value, c.hidden[0] = 2, 2
	c.rng.Float64()
	if !reflect.DeepEqual(in, made()) {
		t.Errorf("changing the copy changed the input: %+v", in)
	}
}

// A network has goroutines of its own: it is not copied.
func TestANetworkIsShared(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	lstm := lesson.NewLSTM(rng, 3, 4)
	if fresh(lstm) != lstm {
		t.Error("an LSTM was copied")
	}
}
