package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/operand"
)

// panel is the number of columns of a packed panel, as in ../gemm.go.
const panel = 8

// tile computes a tile of a product. Its accumulators stay in registers: for
// each k it loads the tile's columns of b and, for each row, broadcasts one
// element of a. It has a loop for each size that ../gemm.go uses.
func tile(s isa) {
	s.function("tile", "func(h, w, k int, c *float64, cs int, d *float64, ds int, a *float64, rs, ks int, b *float64, bs int)",
		"tile"+s.name+" is the function tile of gemm.go for w whole panels. Strides count elements; k is at least 1.")
	widest := []int{1: 4, 2: 2, 3: 2, 4: 1, 5: 1, 6: 1}
	if s.lanes == 8 {
		widest = []int{1: 8, 2: 4, 3: 4, 4: 2, 5: 2, 6: 2, 7: 2, 8: 2}
	}
	label := func(h, w int) string { return fmt.Sprintf("tile%dx%d", h, w*panel) }

	height, width := param("h"), param("w")
	g.CMPQ(width, U8(1))
	g.JE(LabelRef("narrow"))
	for h := len(widest) - 1; h >= 1; h-- {
		if widest[h] > 1 {
			g.CMPQ(height, U8(h))
			g.JE(LabelRef(label(h, widest[h])))
		}
	}
	g.Label("narrow")
	for h := len(widest) - 1; h > 1; h-- {
		g.CMPQ(height, U8(h))
		g.JE(LabelRef(label(h, 1)))
	}
	for h := 1; h < len(widest); h++ {
		g.Label(label(h, 1))
		tileOf(s, h, 1)
		if widest[h] > 1 {
			g.Label(label(h, widest[h]))
			tileOf(s, h, widest[h])
		}
	}
}

func tileOf(s isa, h, w int) {
	vectors := w * panel / s.lanes
	acc := make([]vec, h)
	d, ds := param("d"), stride("ds")
	for i := range acc {
		acc[i] = s.load(s.offset(Mem{Base: d}, vectors)...)
		if i < h-1 {
			g.ADDQ(ds, d)
		}
	}
	// Fetch the tile of c into the cache while the products are summed.
	ahead, step := param("c"), stride("cs")
	for i := range acc {
		for line := range w {
			g.PREFETCHT0(Mem{Base: ahead, Disp: 8 * panel * line})
		}
		if i < h-1 {
			g.ADDQ(step, ahead)
		}
	}
	rs, ks, bs := stride("rs"), stride("ks"), stride("bs")
	rows, as := strided(param("a"), rs, h)
	panels, bbs := strided(param("b"), bs, w)
	k := param("k")
	loop := fmt.Sprintf("loop%dx%d", h, w*panel)
	g.Label(loop)
	var col vec
	for _, b := range panels {
		col = append(col, s.load(s.offset(b, panel/s.lanes)...)...)
	}
	for i := range acc {
		s.fma(s.broadcast(rows[i]), col, acc[i])
	}
	for _, r := range as {
		g.ADDQ(ks, r)
	}
	for _, r := range bbs {
		g.ADDQ(U8(8*panel), r)
	}
	g.DECQ(k)
	g.JNE(LabelRef(loop))
	c, cs := param("c"), stride("cs")
	for i := range acc {
		s.store(acc[i], s.offset(Mem{Base: c}, vectors)...)
		if i < h-1 {
			g.ADDQ(cs, c)
		}
	}
	ret()
}

// pack copies k rows of a panel.
func pack(s isa) {
	s.function("pack", "func(dst, src *float64, stride, k int)",
		"pack"+s.name+" copies k rows of eight elements, stride apart in src, to dst.")
	dst, src, step, k := param("dst"), param("src"), stride("stride"), param("k")
	g.Label("row")
	vectors := panel / s.lanes
	s.store(s.load(s.offset(Mem{Base: src}, vectors)...), s.offset(Mem{Base: dst}, vectors)...)
	g.ADDQ(step, src)
	g.ADDQ(U8(8*panel), dst)
	g.DECQ(k)
	g.JNE(LabelRef("row"))
	ret()
}

// packTrans transposes in squares of 4×4.
func packTrans(s isa) {
	s.function("packTrans", "func(dst, src *float64, stride, k int)",
		"packTrans"+s.name+" copies the transpose of eight rows of k elements, stride apart in src, to dst. k is a multiple of 4, at least 4.")
	dst, src, step, k := param("dst"), param("src"), stride("stride"), param("k")
	rows, bases := strided(src, step, panel)
	g.Label("square")
	for half := 0; half < panel; half += 4 {
		r := s.load(rows[half : half+4]...)
		// a0 b0 a2 b2, a1 b1 a3 b3, and likewise of c and d.
		even, odd := vec{r[0], r[2]}, vec{r[1], r[3]}
		low, high := s.op2(g.VUNPCKLPD, even, odd), s.op2(g.VUNPCKHPD, even, odd)
		for i := range 4 {
			pair := low
			if i%2 == 1 {
				pair = high
			}
			// The low halves of the pairs make a0 b0 c0 d0, the high a2 b2 c2 d2.
			g.VPERM2F128(U8(0x20+0x11*(i/2)), pair[1], pair[0], r[i])
			s.store(vec{r[i]}, Mem{Base: dst, Disp: 8 * (panel*i + half)})
		}
	}
	for _, b := range bases {
		g.ADDQ(U8(32), b)
	}
	g.ADDQ(U32(8*panel*4), dst)
	g.SUBQ(U8(4), k)
	g.JNE(LabelRef("square"))
	ret()
}

// peak has nothing but multiply-adds, in enough chains to hide their latency.
func peak(s isa) {
	s.function("peak", "func(n int)", "peak"+s.name+fmt.Sprintf(" runs n rounds of twelve multiply-adds of %d elements.", s.lanes))
	n := param("n")
	acc, x := s.zero(12), s.zero(1)
	g.Label("round")
	s.fma(x, x, acc)
	g.DECQ(n)
	g.JNE(LabelRef("round"))
	ret()
}
