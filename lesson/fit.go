package lesson

import (
	"math"
	"math/rand/v2"
	"slices"
)

// A Model takes sentences, as indices of words, to a logit for each class,
// (batch, classes), and walks their gradient home: a [Classifier], a
// [BagOfWords], or one of your own.
type Model interface {
	Forward(seqs [][]int) *Tensor
	Backward(dLogits *Tensor)
	Parameters() []*Parameter
}

// Examples are sentences with their classes.
type Examples struct {
	Seqs    [][]int
	Classes []int
}

// Fitting says how [Fit] trains.
type Fitting struct {
	Training             // Epochs is the most that there may be
	Patience int         // epochs in a row without a smaller validation loss, after which it stops
	Each     func(Epoch) // called after every epoch; nil for nothing
}

// An Epoch is what [Fit] measured in one: on the training examples before each
// step, on the validation examples at the end.
type Epoch struct {
	Loss, Accuracy           float64
	ValidLoss, ValidAccuracy float64
}

// evaluated is how many sentences Evaluate computes at once, which bounds the
// memory it takes.
const evaluated = 256

// Fit trains a model with early stopping: after each epoch it measures the loss
// on validation examples, which are never trained on. When that has not
// fallen for Patience epochs it stops, and sets the parameters back to what they
// were after the best epoch, which it returns as an index of epochs. An epoch
// whose validation loss is NaN is the best only where all are. rng
// decides the order of the batches. It panics when a number is out of range, and
// unless there are examples of both sets with a class each.
func Fit(rng *rand.Rand, m Model, train, valid Examples, how Fitting) (epochs []Epoch, best int) {
	const fn = "Fit"
	checkRand(fn, rng)
	checkModel(fn, m)
	train.check(fn, "training")
	valid.check(fn, "validation")
	switch {
	case how.Epochs < 1:
		failf(fn, "Epochs is %d, want at least 1", how.Epochs)
	case how.BatchSize < 1:
		failf(fn, "BatchSize is %d, want at least 1", how.BatchSize)
	case !(how.ClipNorm > 0):
		failf(fn, "ClipNorm is %v, want more than 0, +Inf for no clipping", how.ClipNorm)
	case how.Patience < 1:
		failf(fn, "Patience is %d, want at least 1", how.Patience)
	}
	checkCount(fn, "Epochs", how.Epochs, 1)
	params := m.Parameters()
	checkParameters(fn, params)
	if !(how.LR >= 0) || len(params) == 0 {
		failf(fn, "LR is %v for %d parameters, want 0 or more, and at least 1", how.LR, len(params))
	}
	optimizer := NewAdam(params, how.LR)
	kept := make([][]float64, len(params))
	n := float64(len(train.Seqs))
	for epoch := range how.Epochs {
		var e Epoch
		for chosen := range slices.Chunk(rng.Perm(len(train.Seqs)), how.BatchSize) {
			batch := train.pick(chosen)
			logits := m.Forward(batch.Seqs)
			dLogits := new(Tensor)
			loss := crossEntropy(fn, dLogits, logits, batch.Classes)
			ZeroGrad(params)
			m.Backward(dLogits)
			ClipGradNorm(params, how.ClipNorm)
			optimizer.Step()
			share := float64(len(chosen)) / n
			e.Loss += float64(share * loss)
			e.Accuracy += float64(share * accuracy(fn, logits, batch.Classes))
		}
		var right []bool
		e.ValidLoss, right = evaluate(fn, m, valid)
		e.ValidAccuracy = float64(CountTrue(right)) / float64(len(right))
		epochs = append(epochs, e)
		if epoch == 0 || e.ValidLoss < epochs[best].ValidLoss || math.IsNaN(epochs[best].ValidLoss) && !math.IsNaN(e.ValidLoss) {
			best = epoch
			for i, p := range params {
				kept[i] = append(kept[i][:0], p.Value.data...)
			}
		}
		if how.Each != nil {
			how.Each(e)
		}
		if epoch-best >= how.Patience {
			break
		}
	}
	for i, p := range params {
		copy(p.Value.data, kept[i])
	}
	return epochs, best
}

// Evaluate returns the mean cross entropy of a model on examples, in nats, and
// for each whether the model tells its class. It panics unless there are
// examples with a class each.
func Evaluate(m Model, data Examples) (loss float64, right []bool) {
	return evaluate("Evaluate", m, data)
}

// checkModel panics when a function has no model to work with.
func checkModel(fn string, m Model) {
	if m == nil {
		failf(fn, "m is nil, want a model")
	}
}

func evaluate(fn string, m Model, data Examples) (loss float64, right []bool) {
	checkModel(fn, m)
	data.check(fn, "")
	order := make([]int, len(data.Seqs))
	for i := range order {
		order[i] = i
	}
	for chosen := range slices.Chunk(order, evaluated) {
		batch := data.pick(chosen)
		logits := m.Forward(batch.Seqs)
		l := crossEntropy(fn, nil, logits, batch.Classes)
		loss += float64(l * float64(len(chosen)) / float64(len(order)))
		for i, class := range batch.Classes {
			right = append(right, Accuracy(TensorOf(logits.Slice(i).data, 1, logits.shape[1]), []int{class}) == 1)
		}
	}
	return loss, right
}

// CountTrue returns how many are true.
func CountTrue(of []bool) int {
	n := 0
	for _, v := range of {
		if v {
			n++
		}
	}
	return n
}

func (e Examples) check(fn, name string) {
	if name != "" {
		name += " "
	}
	if len(e.Seqs) == 0 || len(e.Classes) != len(e.Seqs) {
		failf(fn, "%d classes for %d %ssentences, want one each and at least 1", len(e.Classes), len(e.Seqs), name)
	}
}

// pick returns some of the examples.
func (e Examples) pick(places []int) Examples {
	var some Examples
	for _, i := range places {
		some.Seqs = append(some.Seqs, e.Seqs[i])
		some.Classes = append(some.Classes, e.Classes[i])
	}
	return some
}

// Wilson returns the interval of Wilson (1927) for a share of which right out of
// n were seen: all shares p from which the seen one, q = right/n, is at most z
// standard deviations away,
//
//	|q − p| ≤ z √( p (1−p) / n )
//
// z = 1.96 gives a confidence of 95%. It panics unless 0 ≤ right ≤ n, n ≥ 1 and
// z ≥ 0.
func Wilson(right, n int, z float64) (lo, hi float64) {
	switch {
	case n < 1:
		failf("Wilson", "n is %d, want at least 1", n)
	case right < 0 || right > n:
		failf("Wilson", "right is %d, want 0 to %d", right, n)
	case !(z >= 0):
		failf("Wilson", "z is %v, want 0 or more", z)
	}
	q, m := float64(right)/float64(n), float64(n)
	zz := float64(z*z) / m
	middle := (q + zz/2) / (1 + zz)
	half := math.Sqrt(float64(zz*q*(1-q))+float64(zz*zz/4)) / (1 + zz)
	return max(0, middle-half), min(1, middle+half)
}
