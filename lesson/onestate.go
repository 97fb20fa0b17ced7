package lesson

// oneState is a recurrent layer whose state is one tensor, h: an RNN, a GRU or a
// MinGRU.
type oneState struct{ recurrent }

// Forward reads x, (steps, batch, InputSize), (batch, steps, InputSize) with
// [BatchFirst], or one sequence (steps, InputSize). It starts from h0,
// (directions·layers, batch, H), or from zeros where h0 is nil. Without a
// batch axis in x, states have none either.
//
// output, laid out as x with directions·H in the last place, is the top
// layer's hidden state at every step. hidden, of h0's shape, is every layer's
// at its last step: layer by layer, forward before reverse. It panics when a
// shape does not fit.
func (o *oneState) Forward(x, h0 *Tensor) (output, hidden *Tensor) {
	output, hidden = new(Tensor), new(Tensor)
	o.forward(o.fn("Forward"), passIO{output, [2]*Tensor{hidden}}, x, nil, false, [2]*Tensor{h0})
	return output, hidden
}

// ForwardTo is Forward with its results written to output and hidden. hidden may
// be h0: the next call then continues from it.
func (o *oneState) ForwardTo(output, hidden, x, h0 *Tensor) {
	o.forward(o.fn("ForwardTo"), passIO{output, [2]*Tensor{hidden}}, x, nil, false, [2]*Tensor{h0})
}

// ForwardPacked is Forward over sequences of different lengths, as PyTorch
// runs a packed sequence: sequence i ends after lengths[i] steps, whatever x
// holds there. hidden is taken at each sequence's own end, the reverse
// direction starts there, and output is zero after it. The lengths may be
// in any order. It panics as Forward does, and unless there is one length for
// each sequence, from 1 to the steps of x.
func (o *oneState) ForwardPacked(x *Tensor, lengths []int, h0 *Tensor) (output, hidden *Tensor) {
	output, hidden = new(Tensor), new(Tensor)
	o.forward(o.fn("ForwardPacked"), passIO{output, [2]*Tensor{hidden}}, x, lengths, true, [2]*Tensor{h0})
	return output, hidden
}

// ForwardPackedTo is ForwardPacked with its results written to output and
// hidden, which may be h0.
func (o *oneState) ForwardPackedTo(output, hidden, x *Tensor, lengths []int, h0 *Tensor) {
	o.forward(o.fn("ForwardPackedTo"), passIO{output, [2]*Tensor{hidden}}, x, lengths, true, [2]*Tensor{h0})
}

// Backward backpropagates through the last Forward or ForwardPacked: it takes
// the gradient of the loss with respect to output and hidden, nil meaning zero,
// adds that of the parameters to [Parameter.Grad], and returns that of x and h0.
// Parameters must not change between the two. It panics when there was no
// Forward, when that was under NoGrad, and when a shape does not fit.
func (o *oneState) Backward(dOutput, dHidden *Tensor) (dx, dh0 *Tensor) {
	dx, dh0 = new(Tensor), new(Tensor)
	o.backward(o.fn("Backward"), passIO{dx, [2]*Tensor{dh0}}, dOutput, [2]*Tensor{dHidden})
	return dx, dh0
}

// BackwardTo is Backward with its results written to dx and dh0. dh0 may be
// dHidden.
func (o *oneState) BackwardTo(dx, dh0, dOutput, dHidden *Tensor) {
	o.backward(o.fn("BackwardTo"), passIO{dx, [2]*Tensor{dh0}}, dOutput, [2]*Tensor{dHidden})
}
