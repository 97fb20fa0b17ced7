package lesson

import (
	"math"
	"math/rand/v2"
	"slices"
)

// A Model takes sentences, as indices of words, to a logit for each class,
// (batch, classes), and backpropagates their gradient: a [Classifier], a
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

// FitConfig says how [Fit] trains: with Adam, on batches drawn in a new order in
// each epoch.
type FitConfig struct {
	Epochs    int         // the number of epochs; with validation examples the largest number
	BatchSize int         // sentences of a batch
	LR        float64     // of Adam
	ClipNorm  float64     // largest norm of the gradient; +Inf: no clipping
	Patience  int         // epochs in a row without a smaller validation loss, after which it stops
	Each      func(Epoch) // called after every epoch; nil for nothing
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
// were after the best epoch, which it returns as an index of epochs. A NaN is
// never the best. Without validation examples it takes all epochs, and the last
// is the best.
//
// rng decides the order of the batches, and the dropout of a [Classifier] whose
// encoder has some. Fit panics when a number is out of range, and unless there
// are training examples and every example has a class.
func Fit(rng *rand.Rand, m Model, train, valid Examples, how FitConfig) (epochs []Epoch, best int) {
	return fit("Fit", rng, m, train, valid, how)
}

func fit(fn string, rng *rand.Rand, m Model, train, valid Examples, how FitConfig) (epochs []Epoch, best int) {
	checkRand(fn, rng)
	checkModel(fn, m)
	train.check(fn, "training ")
	validate := len(valid.Seqs) > 0 || len(valid.Classes) > 0
	if validate {
		valid.check(fn, "validation ")
	}
	how.check(fn, validate)
	defer with(fn, m, false, rng)()
	params := m.Parameters()
	checkOptimizer(fn, params, how.LR)
	optimizer := NewAdam(params, how.LR)
	kept := make([][]float64, len(params))
	for epoch := range how.Epochs {
		e := learnEpoch(fn, rng, m, params, optimizer, train, how)
		if validate {
			var right []bool
			e.ValidLoss, right = evaluate(fn, m, valid)
			e.ValidAccuracy = float64(CountTrue(right)) / float64(len(right))
		}
		epochs = append(epochs, e)
		if !validate {
			best = epoch
		} else if lowest := epochs[best].ValidLoss; epoch == 0 || e.ValidLoss < lowest || math.IsNaN(lowest) && !math.IsNaN(e.ValidLoss) {
			best = epoch
			for i, p := range params {
				kept[i] = append(kept[i][:0], p.Value.data...)
			}
		}
		if how.Each != nil {
			how.Each(e)
		}
		if validate && epoch-best >= how.Patience {
			break
		}
	}
	for i, p := range params {
		copy(p.Value.data, kept[i])
	}
	return epochs, best
}

// with sets NoGrad and the source of dropout of a model that is a Classifier, and
// returns a function that sets both back.
func with(fn string, m Model, noGrad bool, dropout *rand.Rand) (restore func()) {
	if c, ok := m.(*Classifier); ok {
		return c.with(fn, noGrad, dropout)
	}
	return func() {}
}

// learnEpoch trains on every example once, and returns the mean loss and accuracy.
func learnEpoch(fn string, rng *rand.Rand, m Model, params []*Parameter, o Optimizer, train Examples, how FitConfig) (e Epoch) {
	var batch Examples
	for chosen := range slices.Chunk(rng.Perm(len(train.Seqs)), how.BatchSize) {
		batch = train.pick(batch, chosen)
		var loss, right float64
		if c, ok := m.(*Classifier); ok {
			loss, right = c.trainStep(fn, o, batch.Seqs, batch.Classes, how.ClipNorm)
		} else {
			logits := m.Forward(batch.Seqs)
			dLogits := new(Tensor)
			loss = crossEntropy(fn, dLogits, logits, batch.Classes)
			right = accuracy(fn, logits, batch.Classes)
			ZeroGrad(params)
			m.Backward(dLogits)
			ClipGradNorm(params, how.ClipNorm)
			o.Step()
		}
		share := float64(len(chosen)) / float64(len(train.Seqs))
		e.Loss += float64(share * loss)
		e.Accuracy += float64(share * right)
	}
	return e
}

func (how FitConfig) check(fn string, validate bool) {
	checkCount(fn, "Epochs", how.Epochs, 1)
	switch {
	case how.BatchSize < 1:
		failf(fn, "BatchSize is %d, want at least 1", how.BatchSize)
	case !(how.ClipNorm > 0):
		failf(fn, "ClipNorm is %v, want more than 0, +Inf for no clipping", how.ClipNorm)
	case validate && how.Patience < 1:
		failf(fn, "Patience is %d, want at least 1", how.Patience)
	case !validate && how.Patience != 0:
		failf(fn, "Patience is %d without validation examples, want 0", how.Patience)
	}
}

// Evaluate returns the mean cross entropy of a model on examples, in nats, and
// for each whether the model tells its class. A [Classifier] computes them
// without dropout and under NoGrad: Backward after it panics. Evaluate panics
// unless there are examples with a class each.
func Evaluate(m Model, data Examples) (loss float64, right []bool) {
	return evaluate("Evaluate", m, data)
}

func evaluate(fn string, m Model, data Examples) (loss float64, right []bool) {
	checkModel(fn, m)
	data.check(fn, "")
	defer with(fn, m, true, nil)()
	order := make([]int, len(data.Seqs))
	for i := range order {
		order[i] = i
	}
	var batch Examples
	for chosen := range slices.Chunk(order, evaluated) {
		batch = data.pick(batch, chosen)
		logits := m.Forward(batch.Seqs)
		l := crossEntropy(fn, nil, logits, batch.Classes)
		loss += float64(l * float64(len(chosen)) / float64(len(order)))
		row := &Tensor{shape: Shape{1, logits.shape[1]}}
		for i := range batch.Classes {
			row.data = logits.data[i*row.shape[1]:][:row.shape[1]]
			right = append(right, Accuracy(row, batch.Classes[i:i+1]) == 1)
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

func checkModel(fn string, m Model) {
	if m == nil {
		failf(fn, "m is nil, want a model")
	}
}

func (e Examples) check(fn, name string) {
	if len(e.Seqs) == 0 || len(e.Classes) != len(e.Seqs) {
		failf(fn, "%d classes for %d %ssentences, want one each and at least 1", len(e.Classes), len(e.Seqs), name)
	}
}

// pick returns some of the examples, in the memory of an earlier pick.
func (e Examples) pick(some Examples, places []int) Examples {
	some.Seqs, some.Classes = some.Seqs[:0], some.Classes[:0]
	for _, i := range places {
		some.Seqs, some.Classes = append(some.Seqs, e.Seqs[i]), append(some.Classes, e.Classes[i])
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
