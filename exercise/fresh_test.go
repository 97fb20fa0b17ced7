package exercise

import (
	"strings"
	"testing"

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
		Matrix *mat.Dense
		Tensor *lesson.Tensor
		Pair   [2]float64
		None   []int
		hidden int
	}
	in := input{[][]float64{{1}}, map[string][]int{"a": {1}}, mat.NewDense(1, 1, []float64{1}), lesson.TensorOf([]float64{1}, 1), [2]float64{1, 1}, nil, 1}
	if fresh[any](nil) != nil {
		t.Error("the copy of nothing is something")
	}
	c := fresh(in)
	if c.None != nil || c.hidden != 1 || c.Rows[0][0] != 1 || c.Index["a"][0] != 1 || c.Matrix.At(0, 0) != 1 || c.Tensor.At(0) != 1 || c.Pair[1] != 1 {
		t.Errorf("the copy is %+v of %+v", c, in)
	}
	c.Rows[0][0], c.Index["a"][0], c.Pair[0] = 2, 2, 2
	c.Index["b"] = nil
	c.Matrix.Set(0, 0, 2)
	c.Tensor.Set(2, 0)
	if in.Rows[0][0] != 1 || in.Index["a"][0] != 1 || len(in.Index) != 1 || in.Matrix.At(0, 0) != 1 || in.Tensor.At(0) != 1 || in.Pair[0] != 1 {
		t.Errorf("changing the copy changed the input: %+v", in)
	}
}
