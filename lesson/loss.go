package lesson

import (
	"math"

	"unroll/internal/simd"
)

// CrossEntropy returns the mean over all rows of −log softmax(logits)[target],
// in nats, and its gradient with respect to the logits, (batch, classes):
//
//	loss = 1/n Σ_i ( log Σ_k exp z_ik − z_i,target_i )
//	∂loss/∂z_ik = ( softmax(z_i)_k − 1{k = target_i} ) / n
//
// It panics unless logits has two axes and there is one target for each row,
// 0 to classes−1. A NaN among the logits makes the loss NaN.
func CrossEntropy(logits *Tensor, targets []int) (loss float64, dLogits *Tensor) {
	dLogits = new(Tensor)
	return crossEntropy("CrossEntropy", dLogits, logits, targets), dLogits
}

// CrossEntropyTo is [CrossEntropy] with the gradient written to dLogits.
func CrossEntropyTo(dLogits, logits *Tensor, targets []int) (loss float64) {
	return crossEntropy("CrossEntropyTo", dLogits, logits, targets)
}

func crossEntropy(fn string, dLogits, logits *Tensor, targets []int) (loss float64) {
	rows, classes := checkTargets(fn, logits, targets)
	n := float64(rows)
	if dLogits != nil {
		dLogits.checkNoAlias(fn, "dLogits", rows*classes, logits)
		dLogits.resize(rows, classes)
	}
	var e []float64 // exp z, and then the gradient where one is wanted
	if dLogits == nil {
		e = make([]float64, classes)
	}
	for i, target := range targets {
		z := logits.data[i*classes:][:classes]
		if dLogits != nil {
			e = dLogits.data[i*classes:][:classes]
		}
		top, sum := simd.ExpSum(e, z)
		loss += (simd.Log(sum) + (top - z[target])) / n
		if dLogits == nil {
			continue
		}
		whole := sum * n
		for k := range e {
			e[k] /= whole
		}
		e[target] -= 1 / n
	}
	return loss
}

// Accuracy returns the share of rows whose largest logit is the target's, the
// first of equal ones counting as the largest. A row with a NaN is wrong. It
// panics as [CrossEntropy] does.
func Accuracy(logits *Tensor, targets []int) float64 { return accuracy("Accuracy", logits, targets) }

func accuracy(fn string, logits *Tensor, targets []int) float64 {
	rows, classes := checkTargets(fn, logits, targets)
	right := 0
	for i, target := range targets {
		z := logits.data[i*classes:][:classes]
		top, nan := 0, false
		for k, v := range z {
			nan = nan || math.IsNaN(v)
			if v > z[top] {
				top = k
			}
		}
		if top == target && !nan {
			right++
		}
	}
	return float64(right) / float64(rows)
}

func checkTargets(fn string, logits *Tensor, targets []int) (rows, classes int) {
	if len(logits.axes()) != 2 {
		failf(fn, "logits are %s, want 2 axes (batch, classes)", shapeOf(logits))
	}
	rows, classes = logits.shape[0], logits.shape[1]
	if len(targets) != rows {
		failf(fn, "%d targets for %d rows of logits, want one each", len(targets), rows)
	}
	for i, k := range targets {
		if k < 0 || k >= classes {
			failf(fn, "target %d of row %d, want 0 to %d", k, i, classes-1)
		}
	}
	return rows, classes
}

// MSE returns the mean over all elements of (pred − target)², and its gradient
// with respect to pred, 2 (pred − target) / n. It panics unless both have the
// same shape, and when they are empty. A NaN makes the loss NaN.
func MSE(pred, target *Tensor) (loss float64, dPred *Tensor) {
	dPred = new(Tensor)
	return mse("MSE", dPred, pred, target), dPred
}

// MSETo is [MSE] with the gradient written to dPred.
func MSETo(dPred, pred, target *Tensor) (loss float64) {
	return mse("MSETo", dPred, pred, target)
}

func mse(fn string, dPred, pred, target *Tensor) (loss float64) {
	if len(pred.axes()) == 0 || !pred.shape.Equal(target.axes()) {
		failf(fn, "pred is %s and target %s, want the same shape", shapeOf(pred), shapeOf(target))
	}
	if dPred != nil {
		dPred.checkNoAlias(fn, "dPred", len(pred.data), pred, target)
		dPred.resize(pred.shape...)
	}
	n := float64(len(pred.data))
	for i, p := range pred.data {
		d := p - target.data[i]
		loss += d * d / n
		if dPred != nil {
			dPred.data[i] = 2 * d / n
		}
	}
	return loss
}
