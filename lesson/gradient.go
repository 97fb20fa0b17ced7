package lesson

import (
	"math"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack"
	"gonum.org/v1/gonum/lapack/lapack64"
	"gonum.org/v1/gonum/mat"
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
// is kept beside a power of two, so that a norm is 0 or +Inf only where it lies
// outside the range of a float64. Where the state is NaN, so is the norm.
//
// x is one sequence, (T, InputSize) or with a batch axis of length 1; h0 may be
// nil. GradientNorms panics for an RNN of several layers or directions, for a
// batch of several sequences, and as [RNN.Forward] does.
func GradientNorms(r *RNN, x, h0 *Tensor) []float64 {
	r.checkOneSequence("GradientNorms", x)
	trace := r.Trace(x, h0)[0]
	n := r.config.HiddenSize
	whh := r.Parameter("weight_hh_l0").Value.data
	slope := make([]float64, n) // φ′(a_t)

	p := identity(n) // ∂h_T/∂h_{T−k}, times 2^exponent
	exponent := 0
	u := make([]float64, n*n) // ∂h_T/∂a_{T−k}
	var sigma spectralNorm
	norms := []float64{1}
	for t := len(trace.Hidden.data)/n - 1; t >= 0; t-- {
		hidden, a := trace.Hidden.data[t*n:][:n], trace.PreActivation.data[t*n:][:n]
		for j := range slope {
			switch {
			case !r.config.ReLU:
				slope[j] = 1 - hidden[j]*hidden[j]
			case a[j] <= 0:
				slope[j] = 0
			default:
				slope[j] = a[j] / a[j] // 1, or NaN
			}
		}
		for i, v := range p {
			u[i] = v * slope[i%n]
		}
		clear(p)
		mulAdd(n, n, n, u, n, whh, n, p, n)
		exponent += normalize(p)
		norms = append(norms, math.Ldexp(sigma.of(p, n, n), exponent))
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
	l.checkOneSequence("LSTMGradientNorms", x)
	trace := l.Trace(x, s0)[0]
	n := l.config.HiddenSize
	whh := l.Parameter("weight_hh_l0").Value.data
	wi, wf, wg, wo := whh[:n*n], whh[n*n:2*n*n], whh[2*n*n:3*n*n], whh[3*n*n:]
	c0 := make([]float64, n)
	if s0 != nil && s0.C != nil {
		c0 = s0.C.data
	}

	// Of h_T and of c_T: the derivatives by h_{T−k} and c_{T−k}, times 2^exponent.
	type rows struct {
		byH, byC []float64
		exponent int
	}
	ofH := rows{byH: identity(n), byC: make([]float64, n*n)}
	ofC := rows{byH: make([]float64, n*n), byC: identity(n)}
	q, byO := make([]float64, n*n), make([]float64, n*n)
	hFromC, hFromO := make([]float64, n), make([]float64, n) // ∂h_t/∂c_t and ∂h_t/∂(pre-activation of o_t)
	var sigma spectralNorm
	h, c = []float64{1}, []float64{1}
	for t := len(trace.Hidden.data)/n - 1; t >= 0; t-- {
		i, f, g, o := trace.Input.data[t*n:][:n], trace.Forget.data[t*n:][:n], trace.Candidate.data[t*n:][:n], trace.Output.data[t*n:][:n]
		ct, before := trace.Cell.data[t*n:][:n], c0
		if t > 0 {
			before = trace.Cell.data[(t-1)*n:][:n]
		}
		for j := range n {
			tanhC := math.Tanh(ct[j])
			hFromC[j] = o[j] * (1 - tanhC*tanhC)
			hFromO[j] = tanhC * o[j] * (1 - o[j])
			cFromF, cFromI, cFromG := before[j]*f[j]*(1-f[j]), g[j]*i[j]*(1-i[j]), i[j]*(1-g[j]*g[j])
			for k := j * n; k < (j+1)*n; k++ {
				q[k] = cFromF*wf[k] + cFromI*wi[k] + cFromG*wg[k]
			}
		}
		for _, of := range []*rows{&ofH, &ofC} {
			for k, byH := range of.byH {
				j := k % n
				of.byC[k] += byH * hFromC[j] // by c_t, on both ways
				byO[k] = byH * hFromO[j]
			}
			clear(of.byH)
			mulAdd(n, n, n, of.byC, n, q, n, of.byH, n)
			mulAdd(n, n, n, byO, n, wo, n, of.byH, n)
			for k := range of.byC {
				of.byC[k] *= f[k%n]
			}
			of.exponent += normalize(of.byH, of.byC)
		}
		h = append(h, math.Ldexp(sigma.of(ofH.byH, n, n), ofH.exponent))
		c = append(c, math.Ldexp(sigma.of(ofC.byC, n, n), ofC.exponent))
	}
	return h, c
}

// GradientBound returns the bound of Pascanu et al. (2013) on what
// [GradientNorms] returns for tanh or ReLU: ‖∂h_T/∂h_{T−k}‖₂ ≤ σ^k for k from 0
// to steps, where σ is the largest singular value of W_hh, its [SpectralNorm].
// It panics when sigma or steps is negative.
func GradientBound(sigma float64, steps int) []float64 {
	if sigma < 0 {
		failf("GradientBound", "sigma is %v, want 0 or more", sigma)
	}
	if steps < 0 {
		failf("GradientBound", "steps is %d, want 0 or more", steps)
	}
	bound := make([]float64, steps+1)
	for k := range bound {
		bound[k] = math.Pow(sigma, float64(k))
	}
	return bound
}

// SpectralNorm returns the largest singular value of m, the most that
// multiplying by m stretches a vector. It is NaN where an element is, and else
// +Inf where one is infinite. It panics for an empty matrix.
func SpectralNorm(m mat.Matrix) float64 {
	rows, cols := m.Dims()
	if rows == 0 {
		failf("SpectralNorm", "m is empty, want at least 1×1")
	}
	a := mat.DenseCopyOf(m)
	exponent := normalize(a.RawMatrix().Data)
	return math.Ldexp(new(spectralNorm).of(a.RawMatrix().Data, rows, cols), exponent)
}

// SpectralRadius returns the largest absolute value of an eigenvalue of m: in
// the long run each multiplication by m stretches by that. It is never above
// [SpectralNorm], and may be far below. It is NaN where an element is NaN or
// infinite. It panics unless m is square.
func SpectralRadius(m mat.Matrix) float64 {
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
		failf(fn, "an %s of %d layers and %d directions, want 1 of each", r.kind, r.config.NumLayers, r.config.directions())
	}
	if _, batch := r.checkInput(fn, x, nil); batch != 1 {
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

// normalize divides all elements by 2^e so that the largest lies in [½, 1), and
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
	scale := math.Ldexp(1, -e)
	for _, a := range parts {
		for i := range a {
			a[i] *= scale
		}
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

// A spectralNorm computes largest singular values, with memory that is used
// again.
type spectralNorm struct{ a, s, work []float64 }

// of returns the largest singular value of a, whose elements are 1 at most.
func (w *spectralNorm) of(a []float64, rows, cols int) float64 {
	if top := largest(a); math.IsNaN(top) || math.IsInf(top, 0) {
		return top
	}
	if norm, ok := rankOneNorm(a, cols); ok {
		return norm
	}
	w.a = append(w.a[:0], a...)
	w.s = resize(w.s, min(rows, cols))
	m := blas64.General{Rows: rows, Cols: cols, Stride: cols, Data: w.a}
	if w.work == nil {
		w.work = make([]float64, 1)
		lapack64.Gesvd(lapack.SVDNone, lapack.SVDNone, m, blas64.General{}, blas64.General{}, w.s, w.work, -1)
		w.work = make([]float64, int(w.work[0]))
	}
	if !lapack64.Gesvd(lapack.SVDNone, lapack.SVDNone, m, blas64.General{}, blas64.General{}, w.s, w.work, len(w.work)) {
		failf("SpectralNorm", "the singular values of this matrix do not converge")
	}
	return w.s[0]
}

// rankOneNorm returns the largest singular value of a matrix of rank one to
// within rounding, as a product of many Jacobians becomes, and whether it is
// one. It takes a twentieth of the time of the general way.
//
// With v a unit vector and R = A − A v vᵀ, ‖A‖_F² − ‖R‖_F² = ‖A v‖² ≤ σ² ≤ ‖A‖_F².
// Where ‖R‖_F is below 1e-9 ‖A‖_F, σ and ‖A‖_F are thus the same float64. The
// v to try is the direction of the longest row.
func rankOneNorm(a []float64, cols int) (norm float64, ok bool) {
	longest, total := 0.0, 0.0
	var v []float64
	for i := 0; i < len(a); i += cols {
		row := a[i:][:cols]
		square := 0.0
		for _, x := range row {
			square += x * x
		}
		if square >= longest {
			longest, v = square, row
		}
		total += square
	}
	if total == 0 {
		return 0, true
	}
	rest := 1e-18 * total
	for i := 0; i < len(a); i += cols {
		row := a[i:][:cols]
		dot := 0.0
		for j, x := range row {
			dot += x * v[j]
		}
		dot /= longest
		for j, x := range row {
			r := x - dot*v[j]
			rest -= r * r
		}
		if !(rest >= 0) {
			return 0, false
		}
	}
	return math.Sqrt(total), true
}
