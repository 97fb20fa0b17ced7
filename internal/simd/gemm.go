package simd

import "unsafe"

// Matrix is a row-major view: element (i, j) is Data[i*Stride+j]. It converts
// to and from gonum's blas64.General.
type Matrix struct {
	Rows, Cols int
	Data       []float64
	Stride     int
}

// fits reports whether m is a rows×cols matrix whose elements are all in Data. It is so
// small that the compiler puts it in the place of a call; of what is odd and may be right,
// such as rows without columns, it says false, and check decides.
func (m *Matrix) fits(rows, cols int) bool {
	return m.Rows == rows && m.Cols == cols && uint(rows|cols|m.Stride) < 1<<31 &&
		int64(rows-1)*int64(m.Stride)+int64(cols) <= int64(len(m.Data))
}

// check panics unless m is a rows×cols matrix whose elements are all in Data.
func (m *Matrix) check(fn, name string, rows, cols int) {
	if !m.fits(rows, cols) {
		m.checkSlowly(fn, name, rows, cols)
	}
}

func (m *Matrix) checkSlowly(fn, name string, rows, cols int) {
	if m.Rows != rows || m.Cols != cols {
		failf(fn, "%s is %d×%d, want %d×%d", name, m.Rows, m.Cols, rows, cols)
	}
	if m.Rows < 0 || m.Cols < 0 || m.Stride < 0 {
		failf(fn, "%s is %d×%d with stride %d", name, m.Rows, m.Cols, m.Stride)
	}
	if m.Rows == 0 || m.Cols == 0 {
		return
	}
	// As an int it could overflow, and then pass the check.
	if need := float64(m.Rows-1)*float64(m.Stride) + float64(m.Cols); float64(len(m.Data)) < need {
		failf(fn, "%s is %d×%d with stride %d, which takes %.0f elements, and has %d",
			name, m.Rows, m.Cols, m.Stride, need, len(m.Data))
	}
}

func (m *Matrix) checkData(fn, name string) { m.check(fn, name, m.Rows, m.Cols) }

// checkOut is check for a matrix that is written: its rows must not overlap.
func (m *Matrix) checkOut(fn, name string, rows, cols int) {
	m.check(fn, name, rows, cols)
	if m.Rows > 1 && m.Stride < m.Cols {
		failf(fn, "%s has stride %d, which is less than its %d columns", name, m.Stride, m.Cols)
	}
}

// checkStart checks the matrix that a product starts from.
func (m *Matrix) checkStart(fn string, rows, cols int) {
	if m.Data != nil {
		m.check(fn, "d", rows, cols)
	}
}

// set copies d to m, or clears m if d is the zero Matrix.
func (m Matrix) set(d Matrix) {
	if m.Cols == 0 {
		return
	}
	for i := range m.Rows {
		row := m.Data[i*m.Stride : i*m.Stride+m.Cols]
		if d.Data == nil {
			clear(row)
		} else {
			copy(row, d.Data[i*d.Stride:])
		}
	}
}

const (
	// panel is the number of columns that a packed matrix keeps together.
	panel = 8
	// depth is the number of k in one pass over a tile: what a tile reads of a
	// then stays in the first-level cache while it meets each panel of b.
	depth = 256
	// chunk is the number of elements of b that stay in the second-level cache
	// while they meet each row of a.
	chunk = 32768
	// maxTile is the largest number of columns of a tile.
	maxTile = 128
)

// Packed is the right-hand matrix of [Gemm], laid out in the order in which
// the product reads it: panels of eight columns, row after row, the last one
// filled up with zeros. It keeps its memory, so that packing again allocates
// only to grow. The zero value is an empty matrix.
type Packed struct {
	rows, cols int
	data       []float64
}

// Pack makes p a copy of b.
func (p *Packed) Pack(b Matrix) {
	b.checkData("Packed.Pack", "b")
	p.resize(b.Rows, b.Cols)
	if b.Rows > 0 {
		packPanels(p.data, b, 0, b.Rows)
	}
}

// PackTrans makes p a copy of the transpose of b.
func (p *Packed) PackTrans(b Matrix) {
	b.checkData("Packed.PackTrans", "b")
	p.resize(b.Cols, b.Rows)
	if p.rows == 0 {
		return
	}
	for j := 0; j < p.cols; j += panel {
		packTrans(p.data[j*p.rows:], b.Data[j*b.Stride:], b.Stride, min(panel, p.cols-j), p.rows)
	}
}

// Dims returns the rows and columns of the matrix that p holds.
func (p *Packed) Dims() (rows, cols int) { return p.rows, p.cols }

func (p *Packed) resize(rows, cols int) {
	p.rows, p.cols = rows, cols
	p.grow(rows * panels(cols) * panel)
}

// grow makes p.data n long and starts it on a cache line.
func (p *Packed) grow(n int) {
	if n <= cap(p.data) {
		p.data = p.data[:n]
		return
	}
	data := make([]float64, n+7)
	skip := -int(uintptr(unsafe.Pointer(&data[0]))/8) & 7
	p.data = data[skip : skip+n]
}

// panels returns how many panels hold cols columns.
func panels(cols int) int { return (cols + panel - 1) / panel }

// packPanels writes rows [k0, k1) of b, at least one, to dst as panels.
func packPanels(dst []float64, b Matrix, k0, k1 int) {
	if b.Cols > 0 {
		pack(dst, b.Data[k0*b.Stride:], b.Stride, b.Cols, k1-k0)
	}
}

// pack copies a k×cols block of src to dst as panels.
func pack(dst, src []float64, stride, cols, k int) {
	if k == 0 {
		return
	}
	if path == SIMD128 {
		packSIMD128(&dst[0], &src[0], stride, cols, k)
		return
	}
	for j := 0; j < cols; j += panel {
		dst, src, n := dst[j*k:], src[j:], min(panel, cols-j)
		if path != Go && n == panel {
			packAVX2(&dst[0], &src[0], stride, k)
			continue
		}
		for l := range k {
			row := dst[l*panel : l*panel+panel]
			clear(row[copy(row, src[l*stride:l*stride+n]):])
		}
	}
}

// packTrans copies the transpose of a cols×k block of src, cols ≤ 8, to dst,
// eight elements a row.
func packTrans(dst, src []float64, stride, cols, k int) {
	l := 0
	if path != Go && cols == panel && k >= 4 {
		l = k &^ 3
		packTransAVX2(&dst[0], &src[0], stride, l)
	}
	for ; l < k; l++ {
		row := dst[l*panel : l*panel+panel]
		for j := range cols {
			row[j] = src[j*stride+l]
		}
		clear(row[cols:])
	}
}

// Gemm sets c = d + a·b, where b is packed:
//
//	for i := range a.Rows {
//		for j := range b.cols {
//			sum := d[i, j]
//			for k := range a.Cols {
//				sum = math.FMA(a[i, k], b[k, j], sum)
//			}
//			c[i, j] = sum
//		}
//	}
//
// The matrix d may be c itself, which adds to it; have stride 0, which starts
// every row from the same one, such as a bias; or be the zero Matrix, which
// starts from zero. Otherwise c must not overlap a, b or d.
func Gemm(c, d, a Matrix, b *Packed) {
	c.checkOut("Gemm", "c", a.Rows, b.cols)
	d.checkStart("Gemm", a.Rows, b.cols)
	a.check("Gemm", "a", a.Rows, b.rows)
	if b.rows == 0 {
		c.set(d)
	}
	if a.Rows == 0 || b.rows == 0 || b.cols == 0 {
		return
	}
	height, width := tileSize(a.Rows)
	cols := max(chunk/b.rows/width, 1) * width
	for j0 := 0; j0 < b.cols; j0 += cols {
		j1 := min(j0+cols, b.cols)
		// Each pass adds to the sums that the last one left in c.
		from := &d
		for k0 := 0; k0 < b.rows; k0 += depth {
			k := min(depth, b.rows-k0)
			for i := 0; i < a.Rows; {
				h := tileHeight(a.Rows-i, height)
				ai := a.Data[i*a.Stride+k0:]
				for j := j0; j < j1; {
					w := tileWidth(j1-j, width)
					tile(h, w, k, &c, from, i, j, ai, a.Stride, 1, b.data[j*b.rows+k0*panel:], b.rows*panel)
					j += w
				}
				i += h
			}
			from = &c
		}
	}
}

// GemmTA sets c = d + aᵀ·b:
//
//	for i := range a.Cols {
//		for j := range b.Cols {
//			sum := d[i, j]
//			for k := range a.Rows {
//				sum = math.FMA(a[k, i], b[k, j], sum)
//			}
//			c[i, j] = sum
//		}
//	}
//
// The matrix d is as in [Gemm]. GemmTA overwrites work.
func GemmTA(c, d, a, b Matrix, work *Packed) {
	c.checkOut("GemmTA", "c", a.Cols, b.Cols)
	d.checkStart("GemmTA", a.Cols, b.Cols)
	a.checkData("GemmTA", "a")
	b.check("GemmTA", "b", a.Rows, b.Cols)
	if a.Rows == 0 {
		c.set(d)
	}
	if a.Cols == 0 || a.Rows == 0 || b.Cols == 0 {
		return
	}
	height, width := tileSize(a.Cols)
	height = min(height, panel)
	kmax := min(depth, a.Rows)
	size := kmax * panels(b.Cols) * panel
	work.rows, work.cols = 0, 0
	work.grow(size + kmax*panel)
	bp, ap := work.data[:size], work.data[size:]
	from := &d
	for k0 := 0; k0 < a.Rows; k0 += depth {
		k := min(depth, a.Rows-k0)
		packPanels(bp, b, k0, k0+k)
		for i := 0; i < a.Cols; {
			h := tileHeight(a.Cols-i, height)
			pack(ap, a.Data[k0*a.Stride+i:], a.Stride, min(panel, a.Cols-i), k)
			for j := 0; j < b.Cols; {
				w := tileWidth(b.Cols-j, width)
				tile(h, w, k, &c, from, i, j, ap, 1, panel, bp[j*k:], k*panel)
				j += w
			}
			i += h
		}
		from = &c
	}
}

// tileSize returns the largest number of rows and of columns of a tile on the
// current path when there are rows rows.
func tileSize(rows int) (height, width int) {
	switch path {
	case AVX512:
		// The accumulators must be enough to hide the latency of the
		// multiply-add: eight or more.
		return 8, [...]int{8, 8, 4, 4, 2}[min(rows, 4)] * panel
	case AVX2:
		return 6, [...]int{4, 4, 2, 2, 1}[min(rows, 4)] * panel
	case SIMD128: // its kernel goes through a tile by itself, and a call takes long
		return 32, maxTile
	}
	return 4, panel
}

// tileHeight returns the number of rows, at most height, of the next tile when
// rows are left. The tiles that are left then have heights as equal as possible.
func tileHeight(rows, height int) int {
	tiles := (rows + height - 1) / height
	return (rows + tiles - 1) / tiles
}

// tileWidth returns the number of columns of the next tile when cols are left:
// width, a panel, or part of a panel; on SIMD128, any up to width.
func tileWidth(cols, width int) int {
	if cols >= width {
		return width
	}
	if path == SIMD128 {
		return cols
	}
	return min(cols, panel)
}

// zeros takes the place of d in a product without d.
var zeros [maxTile]float64

// tile computes the h×w tile of c = d + a·b at (i, j) from k elements of each
// row of a and from the panels of b. The stride is rs between rows of a, ks
// between elements of a row, and bs between panels. w is a width of tileWidth.
func tile(h, w, k int, c, d *Matrix, i, j int, a []float64, rs, ks int, b []float64, bs int) {
	cs, ds := c.Stride, d.Stride
	ct := c.Data[i*cs+j:]
	var dt []float64
	if d.Data == nil {
		dt, ds = zeros[:], 0
	} else {
		dt = d.Data[i*ds+j:]
	}
	switch {
	case path == Go:
		tileGo(h, w, k, ct, cs, dt, ds, a, rs, ks, b, bs)
	case path == SIMD128:
		tileSIMD128(h, w, k, &ct[0], cs, &dt[0], ds, &a[0], rs, ks, &b[0], bs)
	case w < panel:
		tileEdge(h, w, k, ct, cs, dt, ds, a, rs, ks, b, bs)
	case path == AVX512:
		tileAVX512(h, w/panel, k, &ct[0], cs, &dt[0], ds, &a[0], rs, ks, &b[0], bs)
	default:
		tileAVX2(h, w/panel, k, &ct[0], cs, &dt[0], ds, &a[0], rs, ks, &b[0], bs)
	}
}

// tileEdge is tile for part of a panel: it computes a whole one in a buffer.
func tileEdge(h, w, k int, c []float64, cs int, d []float64, ds int, a []float64, rs, ks int, b []float64, bs int) {
	var full [8 * panel]float64
	for i := range h {
		copy(full[i*panel:], d[i*ds:i*ds+w])
	}
	m := Matrix{h, panel, full[:], panel}
	tile(h, panel, k, &m, &m, 0, 0, a, rs, ks, b, bs)
	for i := range h {
		copy(c[i*cs:i*cs+w], full[i*panel:])
	}
}

// tileGo is tile in Go, two rows by four columns at a time.
func tileGo(h, w, k int, c []float64, cs int, d []float64, ds int, a []float64, rs, ks int, b []float64, bs int) {
	for j := 0; j < w; j += 4 {
		bj := b[j/panel*bs+j%panel:]
		n := min(4, w-j)
		for i := 0; i < h; i += 2 {
			// An odd last row is computed twice.
			i1 := min(i+1, h-1)
			var s, t [4]float64
			copy(s[:n], d[i*ds+j:])
			copy(t[:n], d[i1*ds+j:])
			tileGo2x4(&s, &t, k, a[i*rs:], a[i1*rs:], ks, bj)
			copy(c[i*cs+j:i*cs+j+n], s[:])
			copy(c[i1*cs+j:i1*cs+j+n], t[:])
		}
	}
}

func tileGo2x4(s, t *[4]float64, k int, a0, a1 []float64, ks int, b []float64) {
	s0, s1, s2, s3 := s[0], s[1], s[2], s[3]
	t0, t1, t2, t3 := t[0], t[1], t[2], t[3]
	for l := range k {
		x, y := a0[l*ks], a1[l*ks]
		r := b[l*panel : l*panel+4 : l*panel+4]
		s0 = fma(x, r[0], s0)
		s1 = fma(x, r[1], s1)
		s2 = fma(x, r[2], s2)
		s3 = fma(x, r[3], s3)
		t0 = fma(y, r[0], t0)
		t1 = fma(y, r[1], t1)
		t2 = fma(y, r[2], t2)
		t3 = fma(y, r[3], t3)
	}
	*s = [4]float64{s0, s1, s2, s3}
	*t = [4]float64{t0, t1, t2, t3}
}
