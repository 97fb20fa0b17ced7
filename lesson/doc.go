// Package lesson holds the mathematics of Unroll's lessons: recurrent layers
// with their gradients, what feeds them (vocabulary, padding, embedding) and
// what trains them (losses, optimisers), in float64 on gonum.
//
// PyTorch is the reference. Names, defaults, shapes and the order of gates are
// those of torch.nn, in Go spelling, and the tests compare every output and
// every gradient with PyTorch's. Data flows through the package in one order:
//
//	words → Vocabulary → indices → Embedding → RNN, LSTM, GRU or MinGRU → last true step → Linear → loss
//
// or, in a [LanguageModel], with the state carried on and a loss at every step,
//
//	characters → Alphabet → indices → Embedding → RNN, LSTM, GRU or MinGRU → Linear → loss
//
// or, in a [Seq2Seq], from a source to a target,
//
//	source → Embedding → LSTM → last state, all states → LSTM, DecoderAttention → Linear → loss
//
// and each of these layers has a Backward that backpropagates through it. A
// Backward belongs to the Forward called last on the same value: it takes the
// gradient of the loss with respect to what that Forward returned, adds the
// gradients of the parameters to [Parameter.Grad], and returns the gradient with
// respect to the input. A [Sampler] or a [BeamSearch] says how a trained network writes,
// an [NGram] predicts by counting what a LanguageModel has to beat, and [BLEU] scores
// what was written.
//
// What a call returns belongs to the caller: no later call changes it. The steps
// of a training loop have a second form, XxxTo, which writes to tensors of the
// caller instead of returning new ones: Forward and Backward of RNN, LSTM, GRU,
// MinGRU, Linear, Embedding, Classifier and LanguageModel, as far as they return
// tensors, [GatherLast], [GatherLastBackward], [CrossEntropy] and [MSE]. What is called
// once, or only to look at a result, has none. The tensors to write to are the first arguments.
// They take the shapes of the results and keep their memory, so that a training
// loop allocates nothing once each has its largest size. The zero [Tensor] may be
// one of them; nil leaves a result out, where the function has a use without it. They must not share
// memory with one another or with other arguments, unless the function says so,
// and the function panics where they do.
//
// A wrong shape, an index out of range or a nil that has no meaning is a
// programmer's error: as in gonum the function panics, here with an [Error] that
// names the function, what it got and what it wanted. Only a method that a nil
// pointer has from an embedded type, such as Forward of a nil *RNN, panics
// with Go's own error. What depends on the world, such as a file, returns an
// error. Randomness comes in as a *rand.Rand: the same seed gives the same
// result, independent of the number of cores.
package lesson
