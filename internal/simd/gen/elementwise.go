package main

import (
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// elementwise builds the loops of ../cell.go and ../update.go that take each
// element by itself.
func elementwise(s isa) {
	s.function("tanhBackward", "func(dz, dh, h *float64, n int)", "tanhBackward"+s.name+" is the loop of TanhBackward.")
	dz, dh, h := param("dz"), param("dh"), param("h")
	s.loop(param("n"), func(s isa, at func(reg.GPVirtual) Mem) {
		s.store(s.mul(s.load(at(dh)), s.slope(s.load(at(h)))), at(dz))
	})
	ret()

	s.function("relu", "func(dst, src *float64, n int)", "relu"+s.name+" is the loop of ReLUTo.")
	dst, src := param("dst"), param("src")
	zero := s.zero()
	s.loop(param("n"), func(s isa, at func(reg.GPVirtual) Mem) {
		s.store(s.max(s.load(at(src)), zero), at(dst))
	})
	ret()

	s.function("reluBackward", "func(dz, dh, h *float64, n int)", "reluBackward"+s.name+" is the loop of ReLUBackward.")
	dz, dh, h = param("dz"), param("dh"), param("h")
	zero = s.zero()
	s.loop(param("n"), func(s isa, at func(reg.GPVirtual) Mem) {
		// Not less than or equal, which holds for a NaN.
		const nle = 0x16
		pass := s.vec()
		g.VCMPPD(U8(nle), zero, s.load(at(h)), pass)
		g.VANDPD(s.load(at(dh)), pass, pass)
		s.store(pass, at(dz))
	})
	ret()

	s.function("axpy", "func(alpha float64, x, y *float64, n int)", "axpy"+s.name+" is the loop of Axpy.")
	alpha := s.broadcast(float("alpha"))
	x, y := param("x"), param("y")
	s.loop(param("n"), func(s isa, at func(reg.GPVirtual) Mem) {
		v := s.load(at(y))
		s.fma(alpha, s.load(at(x)), v)
		s.store(v, at(y))
	})
	ret()

	s.function("scale", "func(alpha float64, x *float64, n int)", "scale"+s.name+" is the loop of Scale.")
	alpha = s.broadcast(float("alpha"))
	x = param("x")
	s.loop(param("n"), func(s isa, at func(reg.GPVirtual) Mem) {
		s.store(s.mul(s.load(at(x)), alpha), at(x))
	})
	ret()

	s.function("adam", "func(p, dp, m, v *float64, n int, by *[7]float64)", "adam"+s.name+" is the loop of Adam.")
	p, dp, m, v := param("p"), param("dp"), param("m"), param("v")
	by := param("by")
	c := func(i int) reg.VecVirtual { return s.broadcast(Mem{Base: by, Disp: 8 * i}) }
	s.loop(param("n"), func(s isa, at func(reg.GPVirtual) Mem) {
		d := s.load(at(dp))
		mt := s.mul(s.load(at(m)), c(0))
		s.fma(d, c(1), mt)
		s.store(mt, at(m))
		vt := s.mul(s.load(at(v)), c(2))
		s.fma(s.mul(d, c(3)), d, vt)
		s.store(vt, at(v))
		root := s.vec()
		g.VSQRTPD(vt, root)
		q := s.div(mt, s.add(s.div(root, c(4)), c(5)))
		pt := s.load(at(p))
		s.fnma(q, c(6), pt)
		s.store(pt, at(p))
	})
	ret()
}

// float is the address of a float64 argument.
func float(name string) Mem {
	b, err := g.Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	return b.Addr
}

// dot is the loop of Dot: four vectors of four, one after the other.
func dot(s isa) {
	s.function("dot", "func(x, y *float64, n int, sums *[16]float64)", "dot"+s.name+" is the first loop of Dot. n is a multiple of 16.")
	x, y, n := param("x"), param("y"), param("n")
	var acc [4]reg.VecVirtual
	for i := range acc {
		acc[i] = s.zero()
	}
	g.TESTQ(n, n)
	g.JE(LabelRef("done"))
	g.Label("loop")
	for i := range acc {
		s.fma(s.load(Mem{Base: x, Disp: 32 * i}), s.load(Mem{Base: y, Disp: 32 * i}), acc[i])
	}
	g.ADDQ(U32(128), x)
	g.ADDQ(U32(128), y)
	g.SUBQ(U8(16), n)
	g.JNE(LabelRef("loop"))
	g.Label("done")
	sums := param("sums")
	for i := range acc {
		s.store(acc[i], Mem{Base: sums, Disp: 32 * i})
	}
	ret()
}

// sumRows adds up sixteen columns, all rows of them.
func sumRows(s isa) {
	s.function("sumRows", "func(dst, src *float64, stride, rows int)", "sumRows"+s.name+" is the loop of SumRows over sixteen columns.")
	dst, src, stride, rows := param("dst"), param("src"), bytes8(param("stride")), param("rows")
	var acc [4]reg.VecVirtual
	for i := range acc {
		acc[i] = s.load(Mem{Base: dst, Disp: 32 * i})
	}
	g.Label("row")
	for i := range acc {
		g.VADDPD(Mem{Base: src, Disp: 32 * i}, acc[i], acc[i])
	}
	g.ADDQ(stride, src)
	g.DECQ(rows)
	g.JNE(LabelRef("row"))
	for i := range acc {
		s.store(acc[i], Mem{Base: dst, Disp: 32 * i})
	}
	ret()
}
