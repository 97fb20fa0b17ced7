package main

import (
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The order of the table in ../exp.go.
const (
	cLog2e = iota
	cRound
	cLn2Hi
	cLn2Lo
	cExpMax
	cExpMin
	cTanhMax
	cBias
	cSign
	cHalf
	cOne
	cTwo
	cPoly
)

// reduce is the function reduce of ../exp.go. Of t = n + cRound it returns the
// bits as well.
func (s isa) reduce(x reg.VecVirtual) (t, n, p reg.VecVirtual) {
	round := s.c(cRound)
	t = s.copy(round)
	s.fma(x, s.c(cLog2e), t)
	n = s.sub(t, round)
	r := s.copy(x)
	s.fnma(n, s.c(cLn2Hi), r)
	s.fnma(n, s.c(cLn2Lo), r)
	r2 := s.mul(r, r)
	even, odd := s.c(cPoly+10), s.c(cPoly+9)
	s.step(even, r2, cPoly+8)
	s.step(odd, r2, cPoly+7)
	for i := 6; i >= 2; i -= 2 {
		s.step(even, r2, cPoly+i)
		s.step(odd, r2, cPoly+i-1)
	}
	s.step(even, r2, cPoly)
	s.fma(odd, r, even)
	s.fma(r2, even, r)
	return t, n, r
}

// pow2 returns 2^n for the bits of n + cRound, modulo 2^12.
func (s isa) pow2(t reg.VecVirtual) reg.VecVirtual {
	v := s.vec()
	g.VPSLLQ(U8(52), t, v)
	g.VPADDQ(s.c(cBias), v, v)
	return v
}

// scale returns x·2^n, rounded once.
func (s isa) scale(x, t, n reg.VecVirtual) reg.VecVirtual {
	if s.lanes == 8 {
		v := s.vec()
		g.VSCALEFPD(n, x, v)
		return v
	}
	h := s.c(cRound)
	s.fma(n, s.c(cHalf), h)
	rest := s.vec()
	g.VPSUBQ(h, t, rest)
	return s.mul(s.mul(x, s.pow2(h)), s.pow2(rest))
}

// exp is the function Exp of ../exp.go; sigmoid and tanh likewise.
func (s isa) exp(x reg.VecVirtual) reg.VecVirtual {
	x = s.min(x, s.c(cExpMax))
	x = s.max(x, s.c(cExpMin))
	t, n, p := s.reduce(x)
	return s.scale(s.add(p, s.c(cOne)), t, n)
}

func (s isa) sigmoid(x reg.VecVirtual) reg.VecVirtual {
	a := s.vec()
	g.VORPD(x, s.c(cSign), a)
	t, n, p := s.reduce(s.max(a, s.c(cExpMin)))
	one := s.c(cOne)
	e := s.scale(s.add(p, one), t, n)
	return s.div(s.ifNegative(x, e, one), s.add(e, one))
}

func (s isa) tanh(x reg.VecVirtual) reg.VecVirtual {
	sign, a := s.c(cSign), s.vec()
	g.VANDNPD(x, sign, a)
	a = s.min(a, s.c(cTanhMax))
	t, _, p := s.reduce(s.add(a, a))
	pow := s.pow2(t)
	u := s.sub(pow, s.c(cOne))
	s.fma(pow, p, u)
	y := s.div(u, s.add(u, s.c(cTwo)))
	g.VANDPD(x, sign, sign)
	g.VORPD(sign, y, y)
	return y
}

// unary applies f to each element.
func unary(s isa, name string, f func(x reg.VecVirtual) reg.VecVirtual) {
	s.function(name, "func(dst, src *float64, n int)", name+s.name+" sets dst[i] = "+name+"(src[i]).")
	dst, src := param("dst"), param("src")
	s.loop(param("n"), func(s isa, at func(reg.GPVirtual) Mem) {
		s.store(f(s.load(at(src))), at(dst))
	})
	ret()
}
