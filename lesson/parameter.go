package lesson

import "fmt"

// Parameter is a tensor that is learned, and the gradient of the loss with
// respect to it. Backward adds to Grad, as PyTorch does; [ZeroGrad] clears it.
type Parameter struct {
	Name  string  // PyTorch's name within the layer, such as "weight_ih_l0"
	Value *Tensor // read and changed in place by optimisers
	Grad  *Tensor // of Value's shape, zero at first
}

// NewParameter returns a parameter that holds value, with a zero gradient. It
// panics when value is nil or empty.
func NewParameter(name string, value *Tensor) *Parameter {
	if len(value.axes()) == 0 {
		failf("NewParameter", "value is %s, want 1 to 3 axes", shapeOf(value))
	}
	return &Parameter{Name: name, Value: value, Grad: NewTensor(value.shape...)}
}

// check panics unless the parameter has the wanted shape, and its gradient too:
// a caller may have put others in their place.
func (p *Parameter) check(fn, name string, want ...int) {
	switch {
	case p == nil:
		failf(fn, "%s is nil, want a *lesson.Parameter of shape %s", name, Shape(want).times())
	case !p.Value.axes().Equal(want):
		failf(fn, "%s is %s, want %s", name, shapeOf(p.Value), Shape(want).times())
	case !p.Grad.axes().Equal(want):
		failf(fn, "the gradient of %s is %s, want %s", name, shapeOf(p.Grad), Shape(want).times())
	}
}

// checkParameters panics unless each parameter has a value, and a gradient of
// the same shape.
func checkParameters(fn string, params []*Parameter) {
	for i, p := range params {
		if p == nil || len(p.Value.axes()) == 0 || !p.Grad.axes().Equal(p.Value.shape) {
			failf(fn, "parameter %d is %s, want a value and a gradient of the same shape", i, p.describe())
		}
	}
}

// describe says what is in a parameter.
func (p *Parameter) describe() string {
	if p == nil {
		return "nil"
	}
	return fmt.Sprintf("%q, value %s, gradient %s", p.Name, shapeOf(p.Value), shapeOf(p.Grad))
}

// ZeroGrad sets the gradient of every parameter to zero. It panics when a
// parameter is nil, and unless its value and gradient have the same shape.
func ZeroGrad(params []*Parameter) {
	checkParameters("ZeroGrad", params)
	for _, p := range params {
		clear(p.Grad.data)
	}
}
