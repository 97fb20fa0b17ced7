package lesson

import "unroll/internal/simd"

// Attribution returns how much each word of a sentence contributes to a class, to
// first order: gradient times embedding,
//
//	a_t = e_t · ∂m/∂e_t
//
// where e_t is the embedding of word t and m the margin of the class: its logit
// less the mean of the others. If m is linear in e_t, a_t is how far m falls when
// e_t is replaced by zeros. It panics as [Classifier.Forward] does, and
// unless there is such a class and another. The gradients of the parameters are
// left as they were.
func Attribution(c *Classifier, sentence []int, class int) []float64 {
	const fn = "Attribution"
	c.check(fn)
	defer keepGrads(c.Parameters())()
	return attribution(fn, c, sentence, class)
}

// attribution is Attribution, and adds to the gradients of the parameters.
func attribution(fn string, c *Classifier, sentence []int, class int) []float64 {
	logits := new(Tensor)
	c.forwardTo(fn, logits, [][]int{sentence})
	classes := logits.shape[1]
	if class < 0 || class >= classes || classes < 2 {
		failf(fn, "class is %d of %d, want 0 to %d and at least two classes", class, classes, classes-1)
	}
	dLogits := NewTensor(1, classes)
	for k := range dLogits.data {
		dLogits.data[k] = -1 / float64(classes-1)
	}
	dLogits.data[class] = 1

	d := c.backward(fn, dLogits)
	words := make([]float64, len(sentence))
	for t := range words {
		at := c.Reading.placeOf(t, len(sentence), c.steps())
		e := c.Embedding.Weight.Value.Slice(sentence[t]).data
		for j, v := range d.Slice(0).Slice(at).data {
			words[t] += float64(e[j] * v)
		}
	}
	return words
}

// keepGrads returns a function that sets the gradients back to what they are now.
func keepGrads(params []*Parameter) (restore func()) {
	before := make([]*Tensor, len(params))
	for i, p := range params {
		before[i] = p.Grad.Clone()
	}
	return func() {
		for i, p := range params {
			copy(p.Grad.data, before[i].data)
		}
	}
}

// IntegratedGradients is [Attribution] along the path from the zero baseline,
// embeddings of zeros, to the sentence (Sundararajan, Taly & Yan, 2017), its
// integral taken at the middles of so many steps:
//
//	a_t = e_t · ∫ ∂m/∂e_t (α e) dα      α from 0 to 1
//
// where all embeddings are multiplied by α. The sum over all words is the margin
// less that of the baseline, up to an error that shrinks with more steps. It panics
// as Attribution does, and when steps is below 1.
func IntegratedGradients(c *Classifier, sentence []int, class, steps int) []float64 {
	const fn = "IntegratedGradients"
	if steps < 1 {
		failf(fn, "steps is %d, want at least 1", steps)
	}
	c.check(fn)
	defer keepGrads(c.Parameters())()
	table := c.Embedding.Weight.Value.data
	whole := append([]float64(nil), table...)
	defer copy(table, whole)
	sum := make([]float64, len(sentence))
	for k := range steps {
		alpha := (float64(k) + 0.5) / float64(steps)
		copy(table, whole)
		simd.Scale(alpha, table)
		for t, a := range attribution(fn, c, sentence, class) {
			sum[t] += a / (alpha * float64(steps))
		}
	}
	return sum
}
