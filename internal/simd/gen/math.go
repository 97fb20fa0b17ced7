package main

import (
	. "github.com/mmcloughlin/avo/operand"
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

// reduce is the function reduce of ../exp.go. It also returns t = n + cRound,
// whose low bits are n.
func (s isa) reduce(x vec) (t, n, p vec) {
	round := s.c(cRound)
	t = s.copy(round, len(x))
	s.fma(x, s.c(cLog2e), t)
	n = s.sub(t, round)
	r := s.copy(x, len(x))
	s.fnma(n, s.c(cLn2Hi), r)
	s.fnma(n, s.c(cLn2Lo), r)
	r2 := s.mul(r, r)
	even := s.copy(s.c(cPoly+10), len(x))
	odd := s.copy(s.c(cPoly+9), len(x))
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
func (s isa) pow2(t vec) vec {
	v := make(vec, len(t))
	bias := s.c(cBias)
	for i := range v {
		v[i] = s.reg()
		g.VPSLLQ(U8(52), t[i], v[i])
		g.VPADDQ(bias.at(i), v[i], v[i])
	}
	return v
}

// scale returns x·2^n, rounded once.
func (s isa) scale(x, t, n vec) vec {
	if s.lanes == 8 {
		return s.op2(g.VSCALEFPD, x, n)
	}
	h := s.copy(s.c(cRound), len(x))
	s.fma(n, s.c(cHalf), h)
	rest := make(vec, len(x))
	for i := range rest {
		rest[i] = s.reg()
		g.VPSUBQ(h[i], t[i], rest[i])
	}
	return s.mul(s.mul(x, s.pow2(h)), s.pow2(rest))
}

// exp is the function Exp of ../exp.go; sigmoid and tanh likewise.
func (s isa) exp(x vec) vec {
	x = s.min(x, s.c(cExpMax))
	x = s.max(x, s.c(cExpMin))
	t, n, p := s.reduce(x)
	return s.scale(s.add(p, s.c(cOne)), t, n)
}

func (s isa) sigmoid(x vec) vec {
	a := s.max(s.or(x, s.c(cSign)), s.c(cExpMin))
	t, n, p := s.reduce(a)
	one := s.c(cOne)
	e := s.scale(s.add(p, one), t, n)
	return s.div(s.ifNegative(x, e, one), s.add(e, one))
}

func (s isa) tanh(x vec) vec {
	a := s.min(s.andNot(s.c(cSign), x), s.c(cTanhMax))
	t, _, p := s.reduce(s.add(a, a))
	pow := s.pow2(t)
	u := s.sub(pow, s.c(cOne))
	s.fma(pow, p, u)
	y := s.div(u, s.add(u, s.c(cTwo)))
	return s.or(y, s.and(x, s.c(cSign)))
}

// unary applies f to each element.
func unary(s isa, name string, f func(x vec) vec) {
	s.function(name, "func(dst, src *float64, n int)", name+s.name+" sets dst[i] = "+name+"(src[i]).")
	dst, src := param("dst"), param("src")
	s.loop(param("n"), 2, func(s isa, at addresses) {
		s.store(f(s.load(at(src)...)), at(dst)...)
	})
	ret()
}
