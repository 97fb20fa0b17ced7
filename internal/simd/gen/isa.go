package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// isa is an instruction set, and the masks under which its loads and stores
// run. Its methods build the operations that both sets have, so that a kernel
// is written once.
type isa struct {
	name  string
	lanes int            // float64s in a vector
	masks []reg.Register // of each vector of a group
}

var (
	avx2   = isa{name: "AVX2", lanes: 4}
	avx512 = isa{name: "AVX512", lanes: 8}
)

// vec is a group of vectors that take the same operations, interleaved, so that
// their latencies overlap. A single vector combines with a group of any length.
type vec []reg.VecVirtual

func (v vec) at(i int) reg.VecVirtual {
	if len(v) == 1 {
		i = 0
	}
	return v[i]
}

// function begins the function name followed by the instruction set's. It
// calls nothing and keeps no pointer.
func (s isa) function(name, signature, doc string) {
	g.Function(name + s.name)
	g.Attributes(attr.NOSPLIT)
	g.SignatureExpr(signature)
	g.Pragma("noescape")
	g.Doc(doc)
	loops = 0
}

// loops is how many loops the function has so far, to tell their labels apart.
var loops int

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

// stride loads an argument that counts elements, as bytes.
func stride(name string) reg.GPVirtual {
	r := param(name)
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

// reg returns a new vector register.
func (s isa) reg() reg.VecVirtual {
	if s.lanes == 8 {
		return g.ZMM()
	}
	return g.YMM()
}

// zero returns n vectors of zeros.
func (s isa) zero(n int) vec {
	v := make(vec, n)
	for i := range v {
		v[i] = s.reg()
		g.VXORPD(v[i], v[i], v[i])
	}
	return v
}

func (s isa) load(from ...Mem) (v vec) {
	for i, m := range from {
		v = append(v, s.reg())
		switch {
		case s.masks == nil:
			g.VMOVUPD(m, v[i])
		case s.lanes == 8:
			g.VMOVUPD_Z(m, s.masks[i], v[i])
		default:
			g.VMASKMOVPD(m, s.masks[i], v[i])
		}
	}
	return v
}

func (s isa) store(v vec, to ...Mem) {
	for i, m := range to {
		switch {
		case s.masks == nil:
			g.VMOVUPD(v[i], m)
		case s.lanes == 8:
			g.VMOVUPD(v[i], s.masks[i], m)
		default:
			g.VMASKMOVPD(v[i], s.masks[i], m)
		}
	}
}

func (s isa) broadcast(m Mem) vec {
	v := s.reg()
	g.VBROADCASTSD(m, v)
	return vec{v}
}

// offset returns n addresses from m, a vector apart.
func (s isa) offset(m Mem, n int) (at []Mem) {
	for i := range n {
		at = append(at, m.Offset(8*s.lanes*i))
	}
	return at
}

// addresses returns the addresses of an array's current elements, one for each
// vector.
type addresses func(base reg.GPVirtual) []Mem

// loop runs body for the elements 0 to n−1, a group of so many vectors at a
// time, and fewer at the end. n is at least 1 and is lost.
func (s isa) loop(n reg.GPVirtual, group int, body func(s isa, at addresses)) {
	number := loops
	loops++
	label := func(name string) string { return fmt.Sprint(name, number) }
	i := g.GP64()
	g.XORQ(i, i)
	at := func(base reg.GPVirtual) []Mem { return s.offset(Mem{Base: base}.Idx(i, 8), group) }
	step := s.lanes * group
	if s.lanes == 8 {
		// Masks cost nothing, so the last, shorter group has the same body.
		for range group {
			k := g.K()
			g.KXNORW(k, k, k)
			s.masks = append(s.masks, k)
		}
		g.Label(label("next"))
		g.CMPQ(n, U8(step))
		g.JGE(LabelRef(label("body")))
		ones := g.GP64()
		g.MOVQ(I32(-1), ones)
		g.BZHIQ(n, ones, ones)
		for i, k := range s.masks {
			if i > 0 {
				g.SHRQ(U8(8), ones)
			}
			g.KMOVW(ones.As32(), k)
		}
		g.MOVQ(U32(step), n)
		g.Label(label("body"))
		body(s, at)
		g.ADDQ(U8(step), i)
		g.SUBQ(U8(step), n)
		g.JG(LabelRef(label("next")))
		return
	}
	g.SUBQ(U8(step), n)
	g.JL(LabelRef(label("rest")))
	g.Label(label("body"))
	body(s, at)
	g.ADDQ(U8(step), i)
	g.SUBQ(U8(step), n)
	g.JGE(LabelRef(label("body")))
	g.Label(label("rest"))
	g.ADDQ(U8(step), n)
	g.JE(LabelRef(label("done")))
	// One vector at a time, with a mask: some processors store those slowly.
	group = 1
	g.Label(label("single"))
	mask := s.reg()
	g.VMOVQ(n, mask.AsX())
	g.VPBROADCASTQ(mask.AsX(), mask)
	g.VPCMPGTQ(variable("lanes"), mask, mask)
	s.masks = []reg.Register{mask}
	body(s, at)
	if step > s.lanes {
		g.ADDQ(U8(s.lanes), i)
		g.SUBQ(U8(s.lanes), n)
		g.JG(LabelRef(label("single")))
	}
	g.Label(label("done"))
}

// variable is the address of a variable of the Go package.
func variable(name string) Mem {
	return Mem{Symbol: Symbol{Name: "·" + name}, Base: reg.StaticBase}
}

// c returns element i of the Go package's table of constants in every lane.
func (s isa) c(i int) vec { return s.broadcast(variable("constants").Offset(8 * i)) }

// op2 returns op(x, y). Go's assembler takes the operands from the last to the
// first.
func (s isa) op2(op func(...Op), x, y vec) vec {
	v := make(vec, max(len(x), len(y)))
	for i := range v {
		v[i] = s.reg()
		op(y.at(i), x.at(i), v[i])
	}
	return v
}

func (s isa) add(x, y vec) vec { return s.op2(g.VADDPD, x, y) }
func (s isa) sub(x, y vec) vec { return s.op2(g.VSUBPD, x, y) }
func (s isa) mul(x, y vec) vec { return s.op2(g.VMULPD, x, y) }
func (s isa) div(x, y vec) vec { return s.op2(g.VDIVPD, x, y) }
func (s isa) and(x, y vec) vec { return s.op2(g.VANDPD, x, y) }
func (s isa) or(x, y vec) vec  { return s.op2(g.VORPD, x, y) }

// andNot returns the bits of y that are not set in x.
func (s isa) andNot(x, y vec) vec { return s.op2(g.VANDNPD, x, y) }

// min and max return x where either is a NaN.
func (s isa) min(x, limit vec) vec { return s.op2(g.VMINPD, limit, x) }
func (s isa) max(x, limit vec) vec { return s.op2(g.VMAXPD, limit, x) }

func (s isa) copy(x vec, n int) vec {
	v := make(vec, n)
	for i := range v {
		v[i] = s.reg()
		g.VMOVAPD(x.at(i), v[i])
	}
	return v
}

// fma adds x·y to each of z, fnma subtracts it.
func (s isa) fma(x, y, z vec) {
	for i := range z {
		g.VFMADD231PD(x.at(i), y.at(i), z[i])
	}
}

func (s isa) fnma(x, y, z vec) {
	for i := range z {
		g.VFNMADD231PD(x.at(i), y.at(i), z[i])
	}
}

// step sets acc = acc·x + constant i, as Horner's rule does.
func (s isa) step(acc, x vec, constant int) {
	c := s.c(constant)
	for i := range acc {
		g.VFMADD213PD(c.at(i), x.at(i), acc[i])
	}
}

// ifNegative returns x where the sign of sign is set, y elsewhere.
func (s isa) ifNegative(sign, x, y vec) vec {
	v := make(vec, len(sign))
	for i := range v {
		v[i] = s.reg()
		if s.lanes == 8 {
			k := g.K()
			g.VPMOVQ2M(sign[i], k)
			g.VBLENDMPD(x.at(i), y.at(i), k, v[i])
		} else {
			g.VBLENDVPD(sign[i], x.at(i), y.at(i), v[i])
		}
	}
	return v
}
