package lesson

// Parameter is a tensor that is learned, and the gradient of the loss with
// respect to it. Backward adds to Grad, as PyTorch does; [ZeroGrad] clears it.
type Parameter struct {
	Name  string  // PyTorch's name within the layer, such as "weight_ih_l0"
	Value *Tensor // read and changed in place by optimisers
	Grad  *Tensor // of Value's shape, zero at first
}

// NewParameter returns a parameter that holds value, with a zero gradient.
func NewParameter(name string, value *Tensor) *Parameter {
	return &Parameter{Name: name, Value: value, Grad: NewTensor(value.shape...)}
}

// ZeroGrad sets the gradient of every parameter to zero.
func ZeroGrad(params []*Parameter) {
	for _, p := range params {
		clear(p.Grad.data)
	}
}
