package main

import (
	. "github.com/mmcloughlin/avo/operand"
)

// elementwise builds the loops of ../cell.go and ../update.go whose elements
// are independent.
func elementwise(s isa) {
	s.function("tanhBackward", "func(dz, dh, h *float64, n int)", "tanhBackward"+s.name+" is the loop of TanhBackward.")
	dz, dh, h := param("dz"), param("dh"), param("h")
	each(s, func(s isa, at addresses) {
		s.store(s.mul(s.load(at(dh)...), s.tanhSlope(s.load(at(h)...))), at(dz)...)
	})
	ret()

	s.function("relu", "func(dst, src *float64, n int)", "relu"+s.name+" is the loop of ReLUTo.")
	dst, src := param("dst"), param("src")
	zero := s.zero(1)
	each(s, func(s isa, at addresses) {
		s.store(s.max(s.load(at(src)...), zero), at(dst)...)
	})
	ret()

	s.function("reluBackward", "func(dz, dh, h *float64, n int)", "reluBackward"+s.name+" is the loop of ReLUBackward.")
	dz, dh, h = param("dz"), param("dh"), param("h")
	zero = s.zero(1)
	each(s, func(s isa, at addresses) {
		// "Not less than or equal" is true for a NaN.
		const nle = 0x16
		y, pass := s.load(at(h)...), vec{s.reg()}
		g.VCMPPD(U8(nle), zero[0], y[0], pass[0])
		s.store(s.and(s.load(at(dh)...), pass), at(dz)...)
	})
	ret()

	s.function("axpy", "func(alpha float64, x, y *float64, n int)", "axpy"+s.name+" is the loop of Axpy.")
	alpha := s.broadcast(float("alpha"))
	x, y := param("x"), param("y")
	each(s, func(s isa, at addresses) {
		v := s.load(at(y)...)
		s.fma(alpha, s.load(at(x)...), v)
		s.store(v, at(y)...)
	})
	ret()

	s.function("scale", "func(alpha float64, x *float64, n int)", "scale"+s.name+" is the loop of Scale.")
	alpha = s.broadcast(float("alpha"))
	x = param("x")
	each(s, func(s isa, at addresses) {
		s.store(s.mul(s.load(at(x)...), alpha), at(x)...)
	})
	ret()

	s.function("adam", "func(p, dp, m, v *float64, n int, by *[7]float64)", "adam"+s.name+" is the loop of Adam.")
	p, dp, m, v := param("p"), param("dp"), param("m"), param("v")
	by := param("by")
	c := func(i int) vec { return s.broadcast(Mem{Base: by, Disp: 8 * i}) }
	each(s, func(s isa, at addresses) {
		d := s.load(at(dp)...)
		mt := s.mul(s.load(at(m)...), c(0))
		s.fma(d, c(1), mt)
		s.store(mt, at(m)...)
		vt := s.mul(s.load(at(v)...), c(2))
		s.fma(s.mul(d, c(3)), d, vt)
		s.store(vt, at(v)...)
		root := vec{s.reg()}
		g.VSQRTPD(vt[0], root[0])
		q := s.div(mt, s.add(s.div(root, c(4)), c(5)))
		pt := s.load(at(p)...)
		s.fnma(q, c(6), pt)
		s.store(pt, at(p)...)
	})
	ret()
}

// each is a loop over n elements, a vector at a time, for bodies whose
// iterations do not wait for each other.
func each(s isa, body func(s isa, at addresses)) { s.loop(param("n"), 1, body) }

// float is the address of a float64 argument.
func float(name string) Mem {
	b, err := g.Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	return b.Addr
}

// dot is the loop of Dot: sixteen accumulators in four vectors.
func dot(s isa) {
	s.function("dot", "func(x, y *float64, n int, sums *[16]float64)", "dot"+s.name+" is the first loop of Dot. n is a multiple of 16, at least 16.")
	x, y, n := param("x"), param("y"), param("n")
	acc := s.zero(4)
	g.Label("loop")
	s.fma(s.load(s.offset(Mem{Base: x}, 4)...), s.load(s.offset(Mem{Base: y}, 4)...), acc)
	g.ADDQ(U32(128), x)
	g.ADDQ(U32(128), y)
	g.SUBQ(U8(16), n)
	g.JNE(LabelRef("loop"))
	s.store(acc, s.offset(Mem{Base: param("sums")}, 4)...)
	ret()
}

// sumRows adds up sixteen columns, all rows of them.
func sumRows(s isa) {
	s.function("sumRows", "func(dst, src *float64, stride, rows int)", "sumRows"+s.name+" is the loop of SumRows over sixteen columns.")
	dst, src, step, rows := param("dst"), param("src"), stride("stride"), param("rows")
	acc := s.load(s.offset(Mem{Base: dst}, 4)...)
	g.Label("row")
	for i, m := range s.offset(Mem{Base: src}, 4) {
		g.VADDPD(m, acc[i], acc[i])
	}
	g.ADDQ(step, src)
	g.DECQ(rows)
	g.JNE(LabelRef("row"))
	s.store(acc, s.offset(Mem{Base: dst}, 4)...)
	ret()
}
