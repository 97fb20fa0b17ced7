// Package lesson holds the mathematics of Unroll's lessons: recurrent layers
// with their gradients, what feeds them (vocabulary, padding, embedding) and
// what trains them (losses, optimisers), in float64 on gonum.
//
// PyTorch is the reference. Names, defaults, shapes and the order of gates are
// those of torch.nn, in Go spelling, and the tests compare every output and
// every gradient with PyTorch's. Data takes one way through the package:
//
//	words → Vocabulary → indices → Embedding → RNN, LSTM or GRU → last true step → Linear → loss
//
// and each station has a Backward that walks it home. A Backward belongs to
// the Forward called last on the same value: it takes the gradient of the loss
// with respect to what that Forward returned, adds the gradients of the
// parameters to [Parameter.Grad], and returns the gradient with respect to the
// input.
//
// What a call returns belongs to the caller: no later call changes it. A
// function that returns tensors has a variant XxxTo that writes them instead to
// tensors of the caller, which stand first among its arguments. These take the
// shapes of the results and keep their memory, so that a training loop, once
// each has grown to its largest, allocates nothing. The zero [Tensor] is ready
// to be one; nil leaves a result out. They must not share memory with one
// another or with other arguments, unless the function says so, and the
// function panics where they do.
//
// A wrong shape or an index out of range is a programmer's error: as in gonum
// the function panics, here with an [Error] that names the function, what it
// got and what it wanted. What depends on the world, such as a file, returns
// an error. Randomness comes in as a *rand.Rand: same seed, same result,
// whatever the number of cores.
package lesson
