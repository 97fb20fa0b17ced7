package main

import (
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// parts returns the addresses of the four gates in a row.
func parts(base, n reg.GPVirtual) (p [4]reg.GPVirtual) {
	p[0] = base
	for i := 1; i < 4; i++ {
		p[i] = g.GP64()
		g.LEAQ(Mem{Base: p[i-1]}.Idx(n, 8), p[i])
	}
	return p
}

// lstm is the loops of LSTM in ../cell.go.
func lstm(s isa) {
	s.function("lstm", "func(z, cPrev, c, h *float64, n, rows int)", "lstm"+s.name+" is the loops of LSTM.")
	units, rows := param("n"), param("rows")
	z := parts(param("z"), units)
	cPrev, c, h := param("cPrev"), param("c"), param("h")
	left := g.GP64()
	g.Label("row")
	// Two loops: in one, each h would wait for a long chain of operations, and
	// the processor's window is too short to start the next h meanwhile.
	g.MOVQ(units, left)
	s.loop(left, 2, func(s isa, at addresses) {
		i := s.sigmoid(s.load(at(z[0])...))
		s.store(i, at(z[0])...)
		f := s.sigmoid(s.load(at(z[1])...))
		s.store(f, at(z[1])...)
		candidate := s.tanh(s.load(at(z[2])...))
		s.store(candidate, at(z[2])...)
		ct := s.mul(i, candidate)
		s.fma(f, s.load(at(cPrev)...), ct)
		s.store(ct, at(c)...)
	})
	g.MOVQ(units, left)
	s.loop(left, 2, func(s isa, at addresses) {
		tc := s.tanh(s.load(at(c)...))
		o := s.sigmoid(s.load(at(z[3])...))
		s.store(o, at(z[3])...)
		s.store(s.mul(o, tc), at(h)...)
	})
	for i := range z {
		for range 4 {
			g.LEAQ(Mem{Base: z[i]}.Idx(units, 8), z[i])
		}
	}
	for _, p := range []reg.GPVirtual{cPrev, c, h} {
		g.LEAQ(Mem{Base: p}.Idx(units, 8), p)
	}
	g.DECQ(rows)
	g.JNE(LabelRef("row"))
	ret()
}

// lstmBackward is the loop of LSTMBackward in ../cell.go.
func lstmBackward(s isa) {
	s.function("lstmBackward", "func(dz, dc, dh, z, cPrev, c *float64, n int)", "lstmBackward"+s.name+" is the loop of LSTMBackward.")
	n := param("n")
	dz, z := parts(param("dz"), n), parts(param("z"), n)
	cPrev, c, dc, dh := param("cPrev"), param("c"), param("dc"), param("dh")
	s.loop(n, 2, func(s isa, at addresses) {
		tc := s.tanh(s.load(at(c)...))
		i, f := s.load(at(z[0])...), s.load(at(z[1])...)
		candidate, o := s.load(at(z[2])...), s.load(at(z[3])...)
		dht := s.load(at(dh)...)
		dct := s.load(at(dc)...)
		s.fma(s.mul(dht, o), s.tanhSlope(tc), dct)
		s.store(s.mul(s.mul(dct, candidate), s.sigmoidSlope(i)), at(dz[0])...)
		s.store(s.mul(s.mul(dct, s.load(at(cPrev)...)), s.sigmoidSlope(f)), at(dz[1])...)
		s.store(s.mul(s.mul(dct, i), s.tanhSlope(candidate)), at(dz[2])...)
		s.store(s.mul(s.mul(dht, tc), s.sigmoidSlope(o)), at(dz[3])...)
		s.store(s.mul(dct, f), at(dc)...)
	})
	ret()
}

// tanhSlope returns 1 − y², the derivative of y = tanh x.
func (s isa) tanhSlope(y vec) vec {
	v := s.copy(s.c(cOne), len(y))
	s.fnma(y, y, v)
	return v
}

// sigmoidSlope returns y − y², the derivative of y = sigmoid x.
func (s isa) sigmoidSlope(y vec) vec {
	v := s.copy(y, len(y))
	s.fnma(y, y, v)
	return v
}
