package simd

// LSTM computes a time step of an LSTM with n units for len(h)/n sequences, by
// the equations of PyTorch's nn.LSTM. On entry, a row of z has the
// pre-activations of a sequence's gates [i f g o], n each; on return, the gates.
// A row of cPrev is its cell state before the step; rows of c and h, n long,
// become its cell state and hidden state. c may be cPrev.
func LSTM(z, cPrev, c, h []float64, n int) {
	rows := checkRows("LSTM", "h", len(h), n)
	checkLen("LSTM", "z", len(z), 4*len(h))
	checkLen("LSTM", "cPrev", len(cPrev), len(h))
	checkLen("LSTM", "c", len(c), len(h))
	if rows == 0 {
		return
	}
	switch path {
	case AVX512:
		lstmAVX512(&z[0], &cPrev[0], &c[0], &h[0], n, rows)
	case AVX2, SIMD128:
		lstmAVX2(&z[0], &cPrev[0], &c[0], &h[0], n, rows)
	default:
		for row := range rows {
			z, cPrev, c, h := z[4*row*n:4*(row+1)*n], cPrev[row*n:], c[row*n:], h[row*n:]
			for j := range n {
				i := Sigmoid(z[j])
				f := Sigmoid(z[n+j])
				g := Tanh(z[2*n+j])
				o := Sigmoid(z[3*n+j])
				ct := fma(f, cPrev[j], float64(i*g))
				z[j], z[n+j], z[2*n+j], z[3*n+j] = i, f, g, o
				c[j], h[j] = ct, o*Tanh(ct)
			}
		}
	}
}

// LSTMBackward backpropagates through a step of [LSTM]. z, cPrev and c are as
// after LSTM; dh is the gradient of h; dc is the gradient of c on entry and of
// cPrev on return. dz becomes the gradient of the pre-activations; it may be z.
func LSTMBackward(dz, dc, dh, z, cPrev, c []float64, n int) {
	rows := checkRows("LSTMBackward", "dh", len(dh), n)
	checkLen("LSTMBackward", "dz", len(dz), 4*len(dh))
	checkLen("LSTMBackward", "dc", len(dc), len(dh))
	checkLen("LSTMBackward", "z", len(z), 4*len(dh))
	checkLen("LSTMBackward", "cPrev", len(cPrev), len(dh))
	checkLen("LSTMBackward", "c", len(c), len(dh))
	for row := range rows {
		dz, z := dz[4*row*n:4*(row+1)*n], z[4*row*n:4*(row+1)*n]
		dc, dh, cPrev, c := dc[row*n:], dh[row*n:], cPrev[row*n:], c[row*n:]
		switch path {
		case AVX512:
			lstmBackwardAVX512(&dz[0], &dc[0], &dh[0], &z[0], &cPrev[0], &c[0], n)
		case AVX2, SIMD128:
			lstmBackwardAVX2(&dz[0], &dc[0], &dh[0], &z[0], &cPrev[0], &c[0], n)
		default:
			for j := range n {
				i, f, g, o, tc := z[j], z[n+j], z[2*n+j], z[3*n+j], Tanh(c[j])
				dct := fma(float64(dh[j]*o), fma(-tc, tc, 1), dc[j])
				dz[j] = dct * g * fma(-i, i, i)
				dz[n+j] = dct * cPrev[j] * fma(-f, f, f)
				dz[2*n+j] = dct * i * fma(-g, g, 1)
				dz[3*n+j] = dh[j] * tc * fma(-o, o, o)
				dc[j] = dct * f
			}
		}
	}
}

// TanhBackward backpropagates through h = tanh z: dz[i] = dh[i]·(1 − h[i]²). dz
// may be dh or h.
func TanhBackward(dz, dh, h []float64) {
	checkLen("TanhBackward", "dh", len(dh), len(dz))
	checkLen("TanhBackward", "h", len(h), len(dz))
	if len(dz) == 0 {
		return
	}
	if path != Go {
		tanhBackwardAVX2(&dz[0], &dh[0], &h[0], len(dz))
		return
	}
	for i, y := range h {
		dz[i] = dh[i] * fma(-y, y, 1)
	}
}

// ReLUTo sets dst[i] = max(0, src[i]). The slices may be the same.
func ReLUTo(dst, src []float64) {
	checkLen("ReLUTo", "src", len(src), len(dst))
	if len(dst) == 0 {
		return
	}
	if path != Go {
		reluAVX2(&dst[0], &src[0], len(dst))
		return
	}
	for i, x := range src {
		if x < 0 {
			x = 0
		}
		dst[i] = x
	}
}

// ReLUBackward backpropagates through h = max(0, z): dz[i] is dh[i] where h[i]
// is above zero or NaN, and zero elsewhere. dz may be dh or h.
func ReLUBackward(dz, dh, h []float64) {
	checkLen("ReLUBackward", "dh", len(dh), len(dz))
	checkLen("ReLUBackward", "h", len(h), len(dz))
	if len(dz) == 0 {
		return
	}
	if path != Go {
		reluBackwardAVX2(&dz[0], &dh[0], &h[0], len(dz))
		return
	}
	for i, y := range h {
		d := dh[i]
		if y <= 0 {
			d = 0
		}
		dz[i] = d
	}
}
