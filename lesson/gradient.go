package lesson

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"unroll/internal/simd"
)

// GradientNorms returns how much the last hidden state depends on earlier
// ones: norms[k] is the spectral norm ‖∂h_T/∂h_{T−k}‖₂, the largest factor by
// which a small change of the state k steps before the end arrives in the last
// one. k runs from 0, where the norm is 1, to T, where the state is h0.
//
// The Jacobians are multiplied out exactly, from the last step backwards:
//
//	∂h_T/∂h_{T−k} = J_T J_{T−1} … J_{T−k+1}      J_t = diag(φ′(a_t)) W_hh
//
// φ′(a_t) is 1 − h_t² for tanh; for ReLU 1 where a_t > 0, else 0. The product
// is kept beside a power of two, so that a norm is 0 or +Inf only where it is
// outside the range of a float64. Where the state is NaN, so is the norm.
//
// x is one sequence, (T, InputSize) or with a batch axis of length 1; h0 may be
// nil. GradientNorms panics for an RNN of several layers or directions, for a
// batch of several sequences, and as [RNN.Forward] does.
func GradientNorms(r *RNN, x, h0 *Tensor) []float64 {
	const fn = "GradientNorms"
	trace := r.traces(fn, x, h0)[0]
	r.checkOneSequence(fn, x)
	n := r.config.HiddenSize
	slope := make([]float64, n) // φ′(a_t)
	var whh simd.Packed
	whh.Pack(r.layers[0][0].hh.Value.simd())

	p := identity(n) // ∂h_T/∂h_{T−k}, times 2^exponent
	exponent := 0
	u := make([]float64, n*n) // ∂h_T/∂a_{T−k}
	var sigma singular
	norms := []float64{1}
	for t := len(trace.Hidden.data)/n - 1; t >= 0; t-- {
		hidden, a := trace.Hidden.data[t*n:][:n], trace.PreActivation.data[t*n:][:n]
		for j := range slope {
			switch {
			case !r.config.ReLU:
				slope[j] = 1 - float64(hidden[j]*hidden[j])
			case a[j] <= 0:
				slope[j] = 0
			default:
				slope[j] = a[j] / a[j] // 1, or NaN
			}
		}
		for i, v := range p {
			u[i] = v * slope[i%n]
		}
		simd.Gemm(matrix(p, 0, n, n), simd.Matrix{}, matrix(u, 0, n, n), &whh)
		exponent += normalize(p)
		norms = append(norms, math.Ldexp(sigma.of(matrix(p, 0, n, n)), exponent))
	}
	return norms
}

// LSTMGradientNorms returns how much the last states of an LSTM depend on
// earlier ones: h[k] is ‖∂h_T/∂h_{T−k}‖₂ with c_{T−k} held, and c[k] is
// ‖∂c_T/∂c_{T−k}‖₂ with h_{T−k} held. Both are total derivatives: a change
// of c_{T−k} also goes through h and the gates of all steps after. k runs from
// 0, where both norms are 1, to T, where the states are s0.
//
// As in [GradientNorms] the Jacobians are multiplied out exactly from the last
// step backwards. Those of one step, from (h_{t−1}, c_{t−1}) to (h_t, c_t), are
//
//	∂c_t/∂c_{t−1} = diag(f)
//	∂c_t/∂h_{t−1} = Q = diag(c_{t−1} f(1−f)) W_hf + diag(g i(1−i)) W_hi + diag(i(1−g²)) W_hg
//	∂h_t/∂c_t     = diag(o (1−tanh² c_t))
//	∂h_t/∂h_{t−1} = diag(tanh c_t · o(1−o)) W_ho + diag(o (1−tanh² c_t)) Q
//
// It panics for an LSTM of several layers or directions, for a batch of several
// sequences, and as [LSTM.Forward] does.
func LSTMGradientNorms(l *LSTM, x *Tensor, s0 *State) (h, c []float64) {
	var sigma singular
	h, c = []float64{1}, []float64{1}
	lstmJacobians("LSTMGradientNorms", l, x, s0, func(*lstmRows) {}, func(ofH, ofC *lstmRows) {
		n := l.config.HiddenSize
		h = append(h, math.Ldexp(sigma.of(matrix(ofH.byH, 0, n, n)), ofH.exponent))
		c = append(c, math.Ldexp(sigma.of(matrix(ofC.byC, 0, n, n)), ofC.exponent))
	})
	return h, c
}

// LSTMMemoryNorms returns how much the last hidden state of an LSTM depends on
// earlier cell states: norms[k] is ‖∂h_T/∂c_{T−k}‖₂, for k from 0 to T. It is
// the total derivative, what backpropagation from h_T brings to c_{T−k}: a change
// of c_{T−k} goes through h_{T−k} = o tanh c_{T−k}, too, through the gates of all
// steps after, and in the end through the read-out, as
//
//	∂h_T/∂c_T = diag(o (1−tanh² c_T))
//
// of which norms[0] is the largest element. For k = T the state is s0, whose h is
// held. It panics as [LSTMGradientNorms] does.
func LSTMMemoryNorms(l *LSTM, x *Tensor, s0 *State) []float64 {
	var sigma singular
	var norms, byC []float64
	lstmJacobians("LSTMMemoryNorms", l, x, s0, func(ofH *lstmRows) {
		n := l.config.HiddenSize
		byC = append(byC[:0], ofH.byC...)
		exponent := normalize(byC) // it may be far smaller than ofH.byH
		norms = append(norms, math.Ldexp(sigma.of(matrix(byC, 0, n, n)), ofH.exponent+exponent))
	}, func(ofH, ofC *lstmRows) {})
	return norms
}

// lstmRows are, of h_T or of c_T, the derivatives by h_{T−k} and by c_{T−k}, the
// other held: times 2^exponent.
type lstmRows struct {
	byH, byC []float64
	exponent int
}

// lstmJacobians calls held for k from 1 to T. It calls total before, for k from 0 to
// T, with the derivative of h_T by c_{T−k} that goes through h_{T−k}, too; for k = T
// that is the state s0, whose h is held.
func lstmJacobians(fn string, l *LSTM, x *Tensor, s0 *State, total func(ofH *lstmRows), held func(ofH, ofC *lstmRows)) {
	trace := l.traces(fn, x, s0)[0]
	l.checkOneSequence(fn, x)
	n := l.config.HiddenSize
	whh := l.layers[0][0].hh.Value.data
	wi, wf, wg := whh[:n*n], whh[n*n:2*n*n], whh[2*n*n:3*n*n]
	var packedO, packedQ simd.Packed
	packedO.Pack(matrix(whh, 3*n, 4*n, n))
	c0 := make([]float64, n)
	if s0 != nil && s0.C != nil {
		c0 = s0.C.data
	}

	ofH := lstmRows{byH: identity(n), byC: make([]float64, n*n)}
	ofC := lstmRows{byH: make([]float64, n*n), byC: identity(n)}
	q, byO := make([]float64, n*n), make([]float64, n*n)
	hFromC, hFromO := make([]float64, n), make([]float64, n) // ∂h_t/∂c_t and ∂h_t/∂(pre-activation of o_t)
	for t := len(trace.Hidden.data)/n - 1; t >= 0; t-- {
		i, f, g, o := trace.Input.data[t*n:][:n], trace.Forget.data[t*n:][:n], trace.Candidate.data[t*n:][:n], trace.Output.data[t*n:][:n]
		ct, before := trace.Cell.data[t*n:][:n], c0
		if t > 0 {
			before = trace.Cell.data[(t-1)*n:][:n]
		}
		for j := range n {
			tanhC := simd.Tanh(ct[j])
			hFromC[j] = o[j] * (1 - float64(tanhC*tanhC))
			hFromO[j] = tanhC * o[j] * (1 - o[j])
			row := q[j*n:][:n]
			clear(row)
			simd.Axpy(before[j]*f[j]*(1-f[j]), wf[j*n:][:n], row)
			simd.Axpy(g[j]*i[j]*(1-i[j]), wi[j*n:][:n], row)
			simd.Axpy(i[j]*(1-float64(g[j]*g[j])), wg[j*n:][:n], row)
		}
		packedQ.Pack(matrix(q, 0, n, n))
		for _, of := range [...]*lstmRows{&ofH, &ofC} {
			for k, byH := range of.byH {
				j := k % n
				of.byC[k] += float64(byH * hFromC[j]) // by c_t, along both paths
				byO[k] = byH * hFromO[j]
			}
			if of == &ofH {
				total(of)
			}
			byH := matrix(of.byH, 0, n, n)
			simd.Gemm(byH, simd.Matrix{}, matrix(of.byC, 0, n, n), &packedQ)
			simd.Gemm(byH, byH, matrix(byO, 0, n, n), &packedO)
			for k := range of.byC {
				of.byC[k] *= f[k%n]
			}
			of.exponent += normalize(of.byH, of.byC)
		}
		held(&ofH, &ofC)
	}
	total(&ofH)
}

// GRUGradientNorms is [GradientNorms] for a GRU: norms[k] is ‖∂h_T/∂h_{T−k}‖₂,
// for k from 0 to T. The Jacobian of one step is
//
//	J_t = diag(z) + diag((h_{t−1} − n) z(1−z)) W_hz
//	    + diag((1−z)(1−n²)) (diag(r) W_hn + diag(u r(1−r)) W_hr)
//
// where u = W_hn h_{t−1} + b_hn. It panics for a GRU of several layers or
// directions, for a batch of several sequences, and as [GRU.Forward] does.
func GRUGradientNorms(g *GRU, x, h0 *Tensor) []float64 {
	const fn = "GRUGradientNorms"
	trace := g.traces(fn, x, h0)[0]
	g.checkOneSequence(fn, x)
	n := g.config.HiddenSize
	whh := g.layers[0][0].hh.Value.data
	wr, wz, wn := whh[:n*n], whh[n*n:2*n*n], whh[2*n*n:]
	bhn := make([]float64, n)
	if g.config.Bias {
		bhn = g.layers[0][0].bHH.Value.data[2*n:]
	}
	start := make([]float64, n)
	if h0 != nil {
		start = h0.data
	}

	p := identity(n) // ∂h_T/∂h_{T−k}, times 2^exponent
	exponent := 0
	j, next := make([]float64, n*n), make([]float64, n*n)
	var packed simd.Packed
	var sigma singular
	norms := []float64{1}
	for t := len(trace.Hidden.data)/n - 1; t >= 0; t-- {
		r, z, c := trace.Reset.data[t*n:][:n], trace.Update.data[t*n:][:n], trace.Candidate.data[t*n:][:n]
		before := start
		if t > 0 {
			before = trace.Hidden.data[(t-1)*n:][:n]
		}
		for i := range n {
			u := simd.Dot(wn[i*n:][:n], before) + bhn[i]
			slope := (1 - z[i]) * (1 - float64(c[i]*c[i])) // ∂h_t/∂(pre-activation of n_t)
			row := j[i*n:][:n]
			clear(row)
			row[i] = z[i]
			simd.Axpy((before[i]-c[i])*z[i]*(1-z[i]), wz[i*n:][:n], row)
			simd.Axpy(slope*r[i], wn[i*n:][:n], row)
			simd.Axpy(slope*u*r[i]*(1-r[i]), wr[i*n:][:n], row)
		}
		packed.Pack(matrix(j, 0, n, n))
		simd.Gemm(matrix(next, 0, n, n), simd.Matrix{}, matrix(p, 0, n, n), &packed)
		p, next = next, p
		exponent += normalize(p)
		norms = append(norms, math.Ldexp(sigma.of(matrix(p, 0, n, n)), exponent))
	}
	return norms
}

// InputGradientNorms returns how much a result y, such as a last hidden state,
// depends on each step of the input it came from: norms[k] is ‖∂y/∂x_{T−k}‖₂,
// the step k before the last. Unlike the other norms here these exist for any
// layer and any y, so that layers can be compared.
//
// size is the length of y, and backward takes a gradient of y, (size), to that
// of x: one sequence, (T, InputSize) or with a batch axis of length 1. It is
// called once for each place of y, as after
//
//	_, hidden := rnn.Forward(x, nil)
//	norms := InputGradientNorms(n, func(dy *Tensor) *Tensor {
//		dx, _ := rnn.Backward(nil, dy.Reshape(hidden.Shape()...))
//		return dx
//	})
//
// Whatever backward adds to the gradients of parameters stays there. It panics
// when size is below 1, when backward is nil, and unless it returns one sequence
// of the same shape each time.
func InputGradientNorms(size int, backward func(dy *Tensor) *Tensor) []float64 {
	const fn = "InputGradientNorms"
	checkCount(fn, "size", size, 1)
	if backward == nil {
		failf(fn, "backward is nil, want a function")
	}
	var jacobians [][]float64 // by step, ∂y/∂x_t
	in := 0
	for i := range size {
		dy := NewTensor(size)
		dy.data[i] = 1
		dx := backward(dy)
		axes := len(dx.axes())
		if axes < 2 || axes == 3 && dx.shape[0] != 1 && dx.shape[1] != 1 {
			failf(fn, "backward returned %s, want the gradient of one sequence", shapeOf(dx))
		}
		if jacobians == nil {
			in = dx.shape[axes-1]
			jacobians = make([][]float64, len(dx.data)/in)
		}
		if dx.shape[axes-1] != in || len(dx.data) != len(jacobians)*in {
			failf(fn, "backward returned %s, and before that %d steps of %d", shapeOf(dx), len(jacobians), in)
		}
		for t := range jacobians {
			jacobians[t] = append(jacobians[t], dx.data[t*in:][:in]...)
		}
	}
	norms := make([]float64, len(jacobians))
	var sigma singular
	for t, j := range jacobians {
		exponent := normalize(j)
		norms[len(norms)-1-t] = math.Ldexp(sigma.of(matrix(j, 0, size, in)), exponent)
	}
	return norms
}

// InputGradientNorms returns how much the vector r that represents a sentence, as
// [Classifier.Represent] has it, depends on the vector of each word, and so of its
// place: norms[k] is ‖∂r/∂x_{T−k}‖₂, the word k before the last. It works without
// dropout, leaves the gradients of the parameters as they were, and panics as
// [Classifier.Forward] does.
func (c *Classifier) InputGradientNorms(sentence []int) []float64 {
	const fn = "Classifier.InputGradientNorms"
	c.check(fn)
	defer c.with(fn, false, nil)()
	defer keepGrads(c.Parameters())()
	w := &c.work
	c.representTo(fn, &w.state, [][]int{sentence})
	padded := InputGradientNorms(len(w.state.data), func(dy *Tensor) *Tensor {
		w.dState.resize(w.state.shape...)
		copy(w.dState.data, dy.data)
		return c.backwardState(fn)
	})
	norms, n := make([]float64, len(sentence)), len(sentence)
	for k := range norms {
		norms[k] = padded[c.steps()-1-c.Reading.placeOf(n-1-k, n, c.steps())]
	}
	return norms
}

// GradientBound returns the bound of Pascanu et al. (2013) on what
// [GradientNorms] returns for tanh or ReLU: ‖∂h_T/∂h_{T−k}‖₂ ≤ σ^k for k from 0
// to steps, where σ is the largest singular value of W_hh, its [SpectralNorm].
// It panics when sigma is negative or NaN, and when steps is negative.
func GradientBound(sigma float64, steps int) []float64 {
	if !(sigma >= 0) {
		failf("GradientBound", "sigma is %v, want 0 or more", sigma)
	}
	checkCount("GradientBound", "steps", steps, 0)
	bound := make([]float64, steps+1)
	for k := range bound {
		bound[k] = power(sigma, k)
	}
	return bound
}

// SpectralNorm returns the largest singular value of m, the most that
// multiplying by m stretches a vector. It is NaN where an element is, and else
// +Inf where one is infinite. It panics for an empty matrix.
func SpectralNorm(m mat.Matrix) float64 {
	if m == nil {
		failf("SpectralNorm", "m is nil, want a matrix")
	}
	rows, cols := m.Dims()
	if rows == 0 {
		failf("SpectralNorm", "m is empty, want at least 1×1")
	}
	a := mat.DenseCopyOf(m)
	exponent := normalize(a.RawMatrix().Data)
	return math.Ldexp(new(singular).of(matrix(a.RawMatrix().Data, 0, rows, cols)), exponent)
}

// SpectralRadius returns the largest absolute value of an eigenvalue of m: in
// the long run each multiplication by m stretches by that. It is never above
// [SpectralNorm], and may be far below. It is NaN where an element is NaN or
// infinite. It panics unless m is square.
//
// The eigenvalues are gonum's: alone in this package they may differ between
// machines, in the last digits.
func SpectralRadius(m mat.Matrix) float64 {
	if m == nil {
		failf("SpectralRadius", "m is nil, want a matrix")
	}
	if rows, cols := m.Dims(); rows != cols || rows == 0 {
		failf("SpectralRadius", "m is %d×%d, want a square matrix", rows, cols)
	}
	a := mat.DenseCopyOf(m)
	exponent := normalize(a.RawMatrix().Data)
	for _, v := range a.RawMatrix().Data {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return math.NaN()
		}
	}
	var e mat.Eigen
	if !e.Factorize(a, mat.EigenNone) {
		failf("SpectralRadius", "the eigenvalues of this matrix do not converge")
	}
	radius := 0.0
	for _, v := range e.Values(nil) {
		radius = max(radius, math.Hypot(real(v), imag(v)))
	}
	return math.Ldexp(radius, exponent)
}

// checkOneSequence panics unless the layer has one layer and one direction,
// and x, where it has a batch axis, one sequence.
func (r *recurrent) checkOneSequence(fn string, x *Tensor) {
	if r.config.NumLayers != 1 || r.config.Bidirectional {
		failf(fn, "%d layers and %d directions, want one of each", r.config.NumLayers, r.config.directions())
	}
	if _, batch := r.config.checkInput(fn, x); batch != 1 {
		failf(fn, "x is %s, a batch of %d, want one sequence", x.shape.times(), batch)
	}
}

// identity returns the n×n matrix.
func identity(n int) []float64 {
	a := make([]float64, n*n)
	for i := range n {
		a[i*n+i] = 1
	}
	return a
}

// normalize divides all elements by 2^e so that the largest is in [½, 1), and
// returns e. It leaves elements alone that are all zero or not all finite.
func normalize(parts ...[]float64) (e int) {
	top := 0.0
	for _, a := range parts {
		top = max(top, largest(a))
	}
	if top == 0 || math.IsInf(top, 0) || math.IsNaN(top) {
		return 0
	}
	_, e = math.Frexp(top)
	e = max(e, -1000) // 2^−e must be finite
	for _, a := range parts {
		simd.Scale(math.Ldexp(1, -e), a)
	}
	return e
}

// largest returns the largest absolute value, NaN where there is a NaN.
func largest(a []float64) float64 {
	top := 0.0
	for _, v := range a {
		if v = math.Abs(v); !(v <= top) {
			if v != v {
				return v
			}
			top = v
		}
	}
	return top
}

// A singular computes largest singular values. Its memory is used again.
//
// The largest singular value of A is the root of the largest eigenvalue of AᵀA,
// and unlike the others loses no digits by the square. A tridiagonal matrix
// with the same eigenvalues comes from reflections, and from that the largest
// eigenvalue by bisection: no iteration that may fail to converge, and a few
// products of vectors, which have the same bits on every machine.
type singular struct {
	g, v, w     []float64
	diag, below []float64
	packed      simd.Packed
}

// of returns the largest singular value of a, whose elements are 1 at most.
func (s *singular) of(a simd.Matrix) float64 {
	if top := largest(a.Data); math.IsNaN(top) || math.IsInf(top, 0) {
		return top
	}
	n := a.Cols
	s.g = resizeSlice(s.g, n*n)
	simd.GemmTA(matrix(s.g, 0, n, n), simd.Matrix{}, a, a, &s.packed)
	s.tridiagonalize(n)
	return math.Sqrt(s.largestEigenvalue())
}

// tridiagonalize reduces the symmetric n×n matrix g to diag and the elements
// below it, by Householder's reflections: each makes a column x of what is left
// of g zero but for its first element, by I − v vᵀ with ‖v‖² = 2.
func (s *singular) tridiagonalize(n int) {
	s.diag, s.below = resizeSlice(s.diag, n), resizeSlice(s.below, n-1)
	s.v, s.w = resizeSlice(s.v, n), resizeSlice(s.w, n)
	for k := range n {
		s.diag[k] = s.g[k*n+k]
		if k == n-1 {
			break
		}
		x := s.g[k*n+k+1 : k*n+n] // the row is the column: g is symmetric
		norm := math.Sqrt(simd.Dot(x, x))
		if norm == 0 {
			s.below[k] = 0
			continue
		}
		s.below[k] = norm // its sign does not change the eigenvalues
		m := n - k - 1
		rest := simd.Matrix{Rows: m, Cols: m, Data: s.g[(k+1)*n+k+1:], Stride: n}
		v, w := s.v[:m], s.w[:m]
		copy(v, x)
		v[0] += math.Copysign(norm, v[0])
		// ‖v‖² = 2 norm (norm + |x_0|)
		simd.Scale(1/math.Sqrt(norm*math.Abs(v[0])), v)
		// (I − v vᵀ) G (I − v vᵀ) = G − v wᵀ − w vᵀ with w = G v − ½ (vᵀ G v) v.
		simd.MatVec(w, rest, v)
		simd.Axpy(-0.5*simd.Dot(v, w), v, w)
		simd.Rank2(rest, v, w)
	}
}

// largestEigenvalue returns that of the tridiagonal matrix, by bisection to the
// last digit.
func (s *singular) largestEigenvalue() float64 {
	// It is at least the largest element of the diagonal, and at most the
	// largest sum of the absolute values in a row (Gershgorin).
	lo, hi := s.diag[0], 0.0
	for i, d := range s.diag {
		lo = max(lo, d)
		radius := 0.0
		if i > 0 {
			radius = s.below[i-1]
		}
		if i < len(s.below) {
			radius += s.below[i]
		}
		hi = max(hi, d+radius)
	}
	for {
		mid := lo + (hi-lo)/2
		if !(lo < mid && mid < hi) {
			return lo
		}
		if s.isAbove(mid) {
			hi = mid
		} else {
			lo = mid
		}
	}
}

// isAbove reports whether x is above all eigenvalues of the tridiagonal matrix:
// whether all pivots of T − x I are negative (Sylvester's law of inertia).
func (s *singular) isAbove(x float64) bool {
	pivot := s.diag[0] - x
	for i, b := range s.below {
		if pivot >= 0 {
			return false
		}
		pivot = s.diag[i+1] - x - float64(b*b)/pivot
	}
	return pivot < 0
}
