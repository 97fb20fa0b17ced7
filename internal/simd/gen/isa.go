package main

import (
	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// isa is an instruction set, and the mask under which its loads and stores run.
// Its methods build the operations that both sets have, so that a kernel is
// written once. Operands come in the order of Go's assembler: the destination
// last.
type isa struct {
	name  string
	lanes int // float64s in a vector
	mask  reg.Register
}

var (
	avx2   = isa{name: "AVX2", lanes: 4}
	avx512 = isa{name: "AVX512", lanes: 8}
)

// function begins the function name followed by the instruction set's. It
// calls nothing and keeps no pointer.
func (s isa) function(name, signature, doc string) {
	g.Function(name + s.name)
	g.Attributes(attr.NOSPLIT)
	g.SignatureExpr(signature)
	g.Pragma("noescape")
	g.Doc(doc)
}

func ret() {
	g.VZEROUPPER()
	g.RET()
}

// param loads an integer or pointer argument.
func param(name string) reg.GPVirtual {
	r := g.GP64()
	g.Load(g.Param(name), r)
	return r
}

// bytes8 turns a number of float64s into their size.
func bytes8(r reg.GPVirtual) reg.GPVirtual {
	g.SHLQ(U8(3), r)
	return r
}

// strided returns the addresses of n rows that begin stride bytes apart, and
// the registers that they need: one for every three rows.
func strided(base, stride reg.GPVirtual, n int) (rows []Mem, bases []reg.GPVirtual) {
	for i := range n {
		if i == 0 {
			bases = append(bases, base)
		} else if i%3 == 0 {
			next := g.GP64()
			g.LEAQ(Mem{Base: bases[len(bases)-1]}.Idx(stride, 2), next)
			g.ADDQ(stride, next)
			bases = append(bases, next)
		}
		m := Mem{Base: bases[i/3]}
		if i%3 != 0 {
			m = m.Idx(stride, uint8(i%3))
		}
		rows = append(rows, m)
	}
	return rows, bases
}

func (s isa) vec() reg.VecVirtual {
	if s.lanes == 8 {
		return g.ZMM()
	}
	return g.YMM()
}

func (s isa) zero() reg.VecVirtual {
	v := s.vec()
	g.VXORPD(v, v, v)
	return v
}

func (s isa) load(m Mem) reg.VecVirtual {
	v := s.vec()
	switch {
	case s.mask == nil:
		g.VMOVUPD(m, v)
	case s.lanes == 8:
		g.VMOVUPD_Z(m, s.mask, v)
	default:
		g.VMASKMOVPD(m, s.mask, v)
	}
	return v
}

func (s isa) store(v reg.VecVirtual, m Mem) {
	switch {
	case s.mask == nil:
		g.VMOVUPD(v, m)
	case s.lanes == 8:
		g.VMOVUPD(v, s.mask, m)
	default:
		g.VMASKMOVPD(v, s.mask, m)
	}
}

func (s isa) broadcast(m Mem) reg.VecVirtual {
	v := s.vec()
	g.VBROADCASTSD(m, v)
	return v
}

// loop runs body for the elements 0 to n−1, a vector at a time. at gives the
// address of the current elements of an array. n is at least 1 and is lost.
func (s isa) loop(n reg.GPVirtual, body func(s isa, at func(base reg.GPVirtual) Mem)) {
	i := g.GP64()
	g.XORQ(i, i)
	at := func(base reg.GPVirtual) Mem { return Mem{Base: base}.Idx(i, 8) }
	if s.lanes == 8 {
		// Masks cost nothing: the last, shorter vector takes the same body.
		k := g.K()
		g.KXNORW(k, k, k)
		g.Label("next")
		g.CMPQ(n, U8(8))
		g.JGE(LabelRef("body"))
		ones := g.GP64()
		g.MOVQ(I32(-1), ones)
		g.BZHIQ(n, ones, ones)
		g.KMOVW(ones.As32(), k)
		g.MOVQ(U32(8), n)
		g.Label("body")
		s.mask = k
		body(s, at)
		g.ADDQ(U8(8), i)
		g.SUBQ(U8(8), n)
		g.JG(LabelRef("next"))
		return
	}
	g.SUBQ(U8(4), n)
	g.JL(LabelRef("tail"))
	g.Label("body")
	body(s, at)
	g.ADDQ(U8(4), i)
	g.SUBQ(U8(4), n)
	g.JGE(LabelRef("body"))
	g.Label("tail")
	g.ADDQ(U8(4), n)
	g.JE(LabelRef("done"))
	mask := s.vec()
	g.VMOVQ(n, mask.AsX())
	g.VPBROADCASTQ(mask.AsX(), mask)
	g.VPCMPGTQ(constant("lanes", 0), mask, mask)
	s.mask = mask
	body(s, at)
	g.Label("done")
}

// constant is the address of element i of an array in the Go package.
func constant(array string, i int) Mem {
	return Mem{Symbol: Symbol{Name: "·" + array}, Base: reg.StaticBase, Disp: 8 * i}
}

// c returns element i of the Go package's table of constants in every lane.
func (s isa) c(i int) reg.VecVirtual { return s.broadcast(constant("constants", i)) }

func (s isa) add(x, y reg.VecVirtual) reg.VecVirtual {
	v := s.vec()
	g.VADDPD(y, x, v)
	return v
}

func (s isa) sub(x, y reg.VecVirtual) reg.VecVirtual {
	v := s.vec()
	g.VSUBPD(y, x, v)
	return v
}

func (s isa) mul(x, y reg.VecVirtual) reg.VecVirtual {
	v := s.vec()
	g.VMULPD(y, x, v)
	return v
}

func (s isa) div(x, y reg.VecVirtual) reg.VecVirtual {
	v := s.vec()
	g.VDIVPD(y, x, v)
	return v
}

func (s isa) copy(x reg.VecVirtual) reg.VecVirtual {
	v := s.vec()
	g.VMOVAPD(x, v)
	return v
}

// fma adds x·y to z, fnma subtracts it.
func (s isa) fma(x, y, z reg.VecVirtual)  { g.VFMADD231PD(x, y, z) }
func (s isa) fnma(x, y, z reg.VecVirtual) { g.VFNMADD231PD(x, y, z) }

// step sets acc = acc·x + constant i, as Horner's rule does.
func (s isa) step(acc, x reg.VecVirtual, i int) {
	if s.lanes == 8 {
		g.VFMADD213PD_BCST(constant("constants", i), x, acc)
		return
	}
	g.VFMADD213PD(s.c(i), x, acc)
}

// min and max return x where either is a NaN.
func (s isa) min(x, limit reg.VecVirtual) reg.VecVirtual {
	v := s.vec()
	g.VMINPD(x, limit, v)
	return v
}

func (s isa) max(x, limit reg.VecVirtual) reg.VecVirtual {
	v := s.vec()
	g.VMAXPD(x, limit, v)
	return v
}

// ifNegative returns x where the sign of sign is set, y elsewhere.
func (s isa) ifNegative(sign, x, y reg.VecVirtual) reg.VecVirtual {
	v := s.vec()
	if s.lanes == 8 {
		k := g.K()
		g.VPMOVQ2M(sign, k)
		g.VBLENDMPD(x, y, k, v)
	} else {
		g.VBLENDVPD(sign, x, y, v)
	}
	return v
}
