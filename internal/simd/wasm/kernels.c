// The kernels of package simd for WebAssembly, two numbers a vector. Each computes what the Go
// loop beside its call computes, to the bit. Two modules are made of this file, as build says:
// fused uses relaxed_madd, where the machine that runs it rounds once (fused tells); exact, with
// -DEXACT, computes the fused multiply-add as softFMA does. No function has a stack or data: the
// memory is that of the Go program.
#include <wasm_simd128.h>
typedef v128_t V;
#define EXPORT(n) __attribute__((export_name(#n))) void n
#define ALWAYS static inline __attribute__((always_inline))
#define S(x) wasm_f64x2_splat(x)
#define LD(p) wasm_v128_load(p)
#define ST(p, v) wasm_v128_store(p, v)
#define ADD wasm_f64x2_add
#define SUB wasm_f64x2_sub
#define MUL wasm_f64x2_mul
#define DIV wasm_f64x2_div
#define NEG wasm_f64x2_neg

#ifndef EXACT
ALWAYS V FMA(V a, V b, V c) { return (V)__builtin_wasm_relaxed_madd_f64x2((__f64x2)a, (__f64x2)b, (__f64x2)c); }
// Is it fused? x·x − p where p is x·x rounded.
__attribute__((export_name("fused"))) int fused(double x) {
  V v = S(x); V p = MUL(v, v);
  V r = FMA(v, v, NEG(p));
  return wasm_f64x2_extract_lane(r, 0) != 0;
}
#else
// math.FMA of the host for what is out of range: imported.
__attribute__((import_module("env"), import_name("fma"))) double hostfma(double, double, double);
ALWAYS void twosum(V x, V y, V *s, V *e) { V t0 = ADD(x, y), t = SUB(t0, x); *s = t0; *e = ADD(SUB(x, SUB(t0, t)), SUB(y, t)); }
static __attribute__((noinline)) V slowfma(V x, V y, V z) {
  return wasm_f64x2_make(hostfma(wasm_f64x2_extract_lane(x, 0), wasm_f64x2_extract_lane(y, 0), wasm_f64x2_extract_lane(z, 0)),
                         hostfma(wasm_f64x2_extract_lane(x, 1), wasm_f64x2_extract_lane(y, 1), wasm_f64x2_extract_lane(z, 1)));
}
ALWAYS V FMA(V x, V y, V z) {
  V p = MUL(x, y), a = wasm_f64x2_abs(p), big = S(0x1p900);
  V ok = wasm_v128_and(wasm_v128_and(wasm_f64x2_gt(a, S(0x1p-900)), wasm_f64x2_lt(a, big)),
         wasm_v128_and(wasm_v128_and(wasm_f64x2_lt(wasm_f64x2_abs(x), big), wasm_f64x2_lt(wasm_f64x2_abs(y), big)), wasm_f64x2_lt(wasm_f64x2_abs(z), big)));
  V zero = wasm_v128_or(wasm_f64x2_eq(x, S(0)), wasm_f64x2_eq(y, S(0)));
  if (__builtin_expect(!wasm_i64x2_all_true(wasm_v128_or(ok, zero)), 0)) return slowfma(x, y, z);
  V sp = S(134217729.0), t = MUL(sp, x), xh = SUB(t, SUB(t, x)), xl = SUB(x, xh);
  t = MUL(sp, y); V yh = SUB(t, SUB(t, y)), yl = SUB(y, yh);
  V e = SUB(MUL(xl, yl), SUB(SUB(SUB(p, MUL(xh, yh)), MUL(xl, yh)), MUL(xh, yl)));
  V s, u, v, w, r, err;
  twosum(z, e, &s, &u); twosum(p, s, &v, &w); twosum(u, w, &r, &err);
  // round r to odd: where err ≠ 0 and r is even, one step towards err
  V inexact = wasm_f64x2_ne(err, S(0));
  V even = wasm_i64x2_eq(wasm_v128_and(r, wasm_i64x2_const(1, 1)), wasm_i64x2_const(0, 0));
  V up = wasm_i64x2_eq(wasm_f64x2_gt(err, S(0)), wasm_f64x2_gt(r, S(0))); // −1 where away from zero
  V step = wasm_v128_or(up, wasm_i64x2_const(1, 1));                       // −1 or 1
  r = wasm_i64x2_sub(r, wasm_v128_and(wasm_v128_and(inexact, even), step));
  return wasm_v128_bitselect(ADD(p, z), ADD(v, r), zero);
}
#endif

#define LOAD1(p) wasm_v128_load64_zero(p)
#define ST1(p, v) wasm_v128_store64_lane(p, v, 0)
// Two products of a row and a panel at once, which eight sums are, enough to hide the latency of the multiply-add: of two rows
// and one panel, or of one row and two panels; or a single one. A panel is 2n columns, or 2n−1 where odd: see tile.
enum { SINGLE, ROWS, PANELS };
ALWAYS void products(int of, int n, int odd, int k, double *c, int cs, const double *d, int ds, const double *a, int rs, int ks, const double *b, int bs) {
#define FROM(q, p) (n <= q ? S(0) : odd && n == q + 1 ? LOAD1(p + 2 * q) : LD(p + 2 * q))
#define TO(q, p, v) if (odd && n == q + 1) ST1(p + 2 * q, v); else if (n > q) ST(p + 2 * q, v);
#define STEP(q, s, t) if (n > q) { V e = LD(b + 2 * q); s = FMA(x, e, s); if (of == ROWS) t = FMA(y, e, t); if (of == PANELS) t = FMA(x, LD(b + bs + 2 * q), t); }
  const double *d2 = of == ROWS ? d + ds : of == PANELS ? d + 8 : d;
  V s0 = FROM(0, d), s1 = FROM(1, d), s2 = FROM(2, d), s3 = FROM(3, d);
  V t0 = FROM(0, d2), t1 = FROM(1, d2), t2 = FROM(2, d2), t3 = FROM(3, d2);
  for (int l = 0; l < k; l++, b += 8, a += ks) {
    V x = wasm_v128_load64_splat(a), y = of == ROWS ? wasm_v128_load64_splat(a + rs) : x;
    STEP(0, s0, t0) STEP(1, s1, t1) STEP(2, s2, t2) STEP(3, s3, t3)
  }
  TO(0, c, s0) TO(1, c, s1) TO(2, c, s2) TO(3, c, s3)
  c += of == ROWS ? cs : 8;
  if (of) { TO(0, c, t0) TO(1, c, t1) TO(2, c, t2) TO(3, c, t3) }
#undef FROM
#undef TO
#undef STEP
}
// The h×w tile c = d + a·b: see tile in gemm.go. The last panel may be a part of one.
EXPORT(tile)(int h, int w, int k, double *c, int cs, const double *d, int ds, const double *a, int rs, int ks, const double *b, int bs) {
#define PRODUCTS(of, n) products(of, n, odd, k, cj + i * cs, cs, dj + i * ds, ds, a + i * rs, rs, ks, bj, bs)
#define PANEL(DO) { int odd = w < 8 && w % 2; switch (w) { case 1: case 2: DO(1); break; case 3: case 4: DO(2); break; case 5: case 6: DO(3); break; default: DO(4); } }
#define ALONG(width) w -= width, bj += width / 8 * bs, cj += width, dj += width
  int all = w, i = h - 1;
  double *cj = c; const double *dj = d, *bj = b;
  if (h % 2) {
    for (; w >= 16; ALONG(16)) { int odd = 0; PRODUCTS(PANELS, 4); }
#define DO(n) PRODUCTS(SINGLE, n)
    for (; w > 0; ALONG(8)) PANEL(DO)
#undef DO
  }
  if (h < 2) return;
#define DO(n) for (i = 0; i + 2 <= h; i += 2) PRODUCTS(ROWS, n)
  for (w = all, cj = c, dj = d, bj = b; w > 0; ALONG(8)) PANEL(DO)
#undef DO
#undef ALONG
#undef PANEL
#undef PRODUCTS
}

// Each operation of a function needs the result of the one before, and a core looks ahead over few such chains: it is faster where
// the operations of several vectors stand side by side. KEEP holds them there: clang would put those of a vector together again.
// On a Zen 5, one vector, two, and four at a time, in nanoseconds a number: Chromium 156, tanh 2.9, 2.1, 1.6 and a unit's step of an
// LSTM 14.7, 11.8, 9.2; Firefox 153, tanh 1.9, 1.7, 2.3 and the LSTM 13.4, 12.4, 12.4.
#ifndef EXACT
#define SIDE 4
#define KEEP(v) __asm__ volatile("" : "+r"(v))
#else
#define SIDE 1 // fused multiply-adds are long there, and so many themselves that the rest does not matter
#define KEEP(v)
#endif
#define EACH _Pragma("clang loop unroll(full)") for (int q = 0; q < n; q++)
#define ALL(v, e) { EACH v[q] = e; EACH KEEP(v[q]); }
ALWAYS V clampmin(V x, double m) { return wasm_f64x2_pmax(x, S(m)); } // keeps NaN
ALWAYS V clampmax(V x, double m) { return wasm_f64x2_pmin(x, S(m)); }
#define ROUND S(0x1.8p52)
// p = exp(r) − 1 where x = r + m·ln 2, and t = m + ROUND: the function reduce of exp.go, of n vectors, as the functions that follow.
ALWAYS void reduce(int n, const V *x, V *t, V *p) {
  V m[SIDE], r[SIDE], s[SIDE], even[SIDE], odd[SIDE];
  ALL(t, FMA(x[q], S(1 / 0.693147180559945309417232121458176568), ROUND))
  ALL(m, SUB(ROUND, t[q]))
  ALL(r, FMA(m[q], S(0.693147180559945309417232121458176568), x[q]))
  ALL(r, FMA(m[q], S(0x1.abc9e3b39803fp-56), r[q]))
  ALL(s, MUL(r[q], r[q]))
  ALL(even, FMA(S(0x1.1f8b4e34e2489p-29), s[q], S(0x1.27e4ccccc090bp-22)))
  ALL(odd, FMA(S(0x1.af4dea17e3fc2p-26), s[q], S(0x1.71de023141a2ep-19)))
  ALL(even, FMA(even[q], s[q], S(0x1.a01a01acfb531p-16)))
  ALL(odd, FMA(odd[q], s[q], S(0x1.a01a01abe81ccp-13)))
  ALL(even, FMA(even[q], s[q], S(0x1.6c16c16c151fbp-10)))
  ALL(odd, FMA(odd[q], s[q], S(0x1.11111111100dbp-7)))
  ALL(even, FMA(even[q], s[q], S(0x1.5555555555558p-5)))
  ALL(odd, FMA(odd[q], s[q], S(0x1.5555555555557p-3)))
  ALL(even, FMA(even[q], s[q], S(0x1.0000000000000p-1)))
  ALL(even, FMA(odd[q], r[q], even[q]))
  ALL(p, FMA(s[q], even[q], r[q]))
}
// 2 to the power of m, where t = m + ROUND.
ALWAYS V pow2(V t) { return wasm_i64x2_add(wasm_i64x2_shl(t, 52), wasm_i64x2_const(0x3ff0000000000000LL, 0x3ff0000000000000LL)); }
// x = exp(x) where x is from −750 to 720: the power of two in two parts, one of which may be out of range.
ALWAYS void expInRange(int n, V *x) {
  V t[SIDE], p[SIDE], h[SIDE];
  reduce(n, x, t, p);
  ALL(h, ADD(MUL(SUB(t[q], ROUND), S(0.5)), ROUND))
  ALL(t, SUB(t[q], SUB(h[q], ROUND)))
  ALL(p, MUL(ADD(S(1), p[q]), pow2(h[q])))
  ALL(x, MUL(p[q], pow2(t[q])))
}
ALWAYS void vexp(int n, V *x) {
  ALL(x, clampmin(clampmax(x[q], 720), -750))
  expInRange(n, x);
}
ALWAYS void vsigmoid(int n, V *x) {
  V e[SIDE];
  ALL(e, clampmin(NEG(wasm_f64x2_abs(x[q])), -750))
  expInRange(n, e);
  ALL(x, wasm_v128_bitselect(e[q], S(1), wasm_f64x2_lt(x[q], S(0))))
  ALL(x, DIV(x[q], ADD(S(1), e[q])))
}
ALWAYS void vtanh(int n, V *x) {
  V a[SIDE], t[SIDE], p[SIDE], sign = wasm_i64x2_const(0x8000000000000000LL, 0x8000000000000000LL);
  ALL(a, clampmax(wasm_f64x2_abs(x[q]), 20))
  ALL(a, ADD(a[q], a[q]))
  reduce(n, a, t, p);
  ALL(t, pow2(t[q]))
  ALL(p, FMA(t[q], p[q], SUB(t[q], S(1))))
  ALL(p, DIV(p[q], ADD(p[q], S(2))))
  ALL(x, wasm_v128_or(wasm_v128_andnot(p[q], sign), wasm_v128_and(x[q], sign)))
}
ALWAYS void vrelu(int n, V *x) { ALL(x, clampmin(x[q], 0)) }
#define MAP(m, L, W, f, dst, src) { enum { n = m }; V x[SIDE]; EACH x[q] = L(src + j + 2 * q); f(n, x); EACH W(dst + j + 2 * q, x[q]); }
// STEP(m, L, W, arg) of the elements from j on, m vectors at a time, and of the last element if the count is odd.
#define STEPS(STEP, count, arg) { int j = 0; \
    for (; j + 2 * SIDE <= count; j += 2 * SIDE) STEP(SIDE, LD, ST, arg) \
    if (SIDE > 1) for (; j + 2 <= count; j += 2) STEP(1, LD, ST, arg) \
    if (j < count) STEP(1, LOAD1, ST1, arg) }

#define STEP(m, L, W, f) MAP(m, L, W, f, dst, src)
EXPORT(expTo)(double *dst, const double *src, int count) STEPS(STEP, count, vexp)
EXPORT(sigmoidTo)(double *dst, const double *src, int count) STEPS(STEP, count, vsigmoid)
EXPORT(tanhTo)(double *dst, const double *src, int count) STEPS(STEP, count, vtanh)
EXPORT(relu)(double *dst, const double *src, int count) STEPS(STEP, count, vrelu)
#undef STEP

// top and the sum of the exponentials.
EXPORT(expSum)(double *dst, const double *src, int count, double *both) {
  V most = S(-__builtin_inf()); int k = 0;
  for (; k + 2 <= count; k += 2) most = wasm_f64x2_pmax(most, LD(src + k)); // keeps most where the other is NaN
  double top = wasm_f64x2_extract_lane(most, 0), other = wasm_f64x2_extract_lane(most, 1), sum = 0;
  if (other > top) top = other;
  if (k < count && src[k] > top) top = src[k];
#define STEP(m, L, W, unused) { enum { n = m }; V x[SIDE]; EACH x[q] = SUB(L(src + j + 2 * q), S(top)); vexp(n, x); EACH W(dst + j + 2 * q, x[q]); }
  STEPS(STEP, count, )
#undef STEP
  for (k = 0; k < count; k++) sum += dst[k];
  both[0] = top;
  both[1] = sum;
}
EXPORT(lstm)(double *z, const double *cp, double *c, double *h, int units, int rows) {
  for (int r = 0; r < rows; r++, z += 4 * units, cp += units, c += units, h += units) {
    double *i = z, *f = z + units, *g = f + units, *o = g + units;
#define STEP(m, L, W, unused) { \
    MAP(m, L, W, vsigmoid, i, i) MAP(m, L, W, vsigmoid, f, f) MAP(m, L, W, vtanh, g, g) MAP(m, L, W, vsigmoid, o, o) \
    for (int q = 0; q < 2 * m; q += 2) W(c + j + q, FMA(L(f + j + q), L(cp + j + q), MUL(L(i + j + q), L(g + j + q)))); \
    MAP(m, L, W, vtanh, h, c) \
    for (int q = 0; q < 2 * m; q += 2) W(h + j + q, MUL(L(o + j + q), L(h + j + q))); }
    STEPS(STEP, units, )
#undef STEP
  }
}
EXPORT(lstmBackward)(double *dz, double *dc, const double *dh, const double *z, const double *cp, const double *c, int units) {
#define STEP(m, L, W, unused) { enum { n = m }; V tanh[SIDE]; EACH tanh[q] = L(c + j + 2 * q); vtanh(n, tanh); EACH { \
    int k = j + 2 * q; V tc = tanh[q], i = L(z + k), f = L(z + units + k), g = L(z + 2 * units + k), o = L(z + 3 * units + k), dhk = L(dh + k); \
    V dct = FMA(MUL(dhk, o), FMA(NEG(tc), tc, S(1)), L(dc + k)), cpk = L(cp + k); \
    W(dz + k, MUL(MUL(dct, g), FMA(NEG(i), i, i))); W(dz + units + k, MUL(MUL(dct, cpk), FMA(NEG(f), f, f))); \
    W(dz + 2 * units + k, MUL(MUL(dct, i), FMA(NEG(g), g, S(1)))); W(dz + 3 * units + k, MUL(MUL(dhk, tc), FMA(NEG(o), o, o))); W(dc + k, MUL(dct, f)); } }
  STEPS(STEP, units, )
#undef STEP
}
EXPORT(tanhBackward)(double *dz, const double *dh, const double *h, int n) {
  int j = 0;
#define STEP(L, W) { V y = L(h + j); W(dz + j, MUL(L(dh + j), FMA(NEG(y), y, S(1)))); }
  for (; j + 2 <= n; j += 2) STEP(LD, ST)
  if (j < n) STEP(LOAD1, ST1)
#undef STEP
}
EXPORT(axpy)(double alpha, const double *x, double *y, int n) {
  V a = S(alpha); int j = 0;
  for (; j + 2 <= n; j += 2) ST(y + j, FMA(a, LD(x + j), LD(y + j)));
  if (j < n) ST1(y + j, FMA(a, LOAD1(x + j), LOAD1(y + j)));
}
EXPORT(adam)(double *p, const double *dp, double *m, double *v, int n, const double *by) {
  V b1 = S(by[0]), c1 = S(by[1]), b2 = S(by[2]), c2 = S(by[3]), root = S(by[4]), eps = S(by[5]), step = S(-by[6]); int j = 0;
#define STEP(L, W) { V d = L(dp + j), mt = FMA(c1, d, MUL(L(m + j), b1)), vt = FMA(MUL(d, c2), d, MUL(L(v + j), b2)); \
    W(m + j, mt); W(v + j, vt); W(p + j, FMA(step, DIV(mt, ADD(DIV(wasm_f64x2_sqrt(vt), root), eps)), L(p + j))); }
  for (; j + 2 <= n; j += 2) STEP(LD, ST)
  if (j < n) STEP(LOAD1, ST1)
#undef STEP
}
ALWAYS double dot1(const double *x, const double *y, int n) {
  V s0 = S(0), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0; int i = 0;
  for (; i + 16 <= n; i += 16) {
    s0 = FMA(LD(x + i), LD(y + i), s0); s1 = FMA(LD(x + i + 2), LD(y + i + 2), s1); s2 = FMA(LD(x + i + 4), LD(y + i + 4), s2); s3 = FMA(LD(x + i + 6), LD(y + i + 6), s3);
    s4 = FMA(LD(x + i + 8), LD(y + i + 8), s4); s5 = FMA(LD(x + i + 10), LD(y + i + 10), s5); s6 = FMA(LD(x + i + 12), LD(y + i + 12), s6); s7 = FMA(LD(x + i + 14), LD(y + i + 14), s7);
  }
#define REST(s) if (i < n) { int two = i + 2 <= n; s = FMA(two ? LD(x + i) : LOAD1(x + i), two ? LD(y + i) : LOAD1(y + i), s); i += 2; }
  if (i < n) { REST(s0) REST(s1) REST(s2) REST(s3) REST(s4) REST(s5) REST(s6) REST(s7) }
#undef REST
  V sum = ADD(ADD(ADD(s0, s4), ADD(s2, s6)), ADD(ADD(s1, s5), ADD(s3, s7)));
  return wasm_f64x2_extract_lane(sum, 0) + wasm_f64x2_extract_lane(sum, 1);
}
EXPORT(matVec)(double *dst, const double *a, int stride, int rows, const double *x, int n) {
  for (int i = 0; i < rows; i++, a += stride) dst[i] = dot1(a, x, n);
}
EXPORT(rank2)(double *a, int stride, int n, const double *x, const double *y) {
  for (int i = 0; i < n; i++, a += stride) {
    V xi = S(-x[i]), yi = S(-y[i]); int j = 0;
#define STEP(L, W) W(a + j, FMA(yi, L(x + j), FMA(xi, L(y + j), L(a + j))));
    for (; j + 2 <= n; j += 2) STEP(LD, ST)
    if (j < n) STEP(LOAD1, ST1)
#undef STEP
  }
}
EXPORT(scale)(double alpha, double *x, int n) {
  V a = S(alpha); int j = 0;
  for (; j + 2 <= n; j += 2) ST(x + j, MUL(a, LD(x + j)));
  if (j < n) ST1(x + j, MUL(a, LOAD1(x + j)));
}
EXPORT(reluBackward)(double *dz, const double *dh, const double *h, int n) {
  int j = 0;
#define STEP(L, W) W(dz + j, wasm_v128_bitselect(S(0), L(dh + j), wasm_f64x2_le(L(h + j), S(0))));
  for (; j + 2 <= n; j += 2) STEP(LD, ST)
  if (j < n) STEP(LOAD1, ST1)
#undef STEP
}
// The rows of a matrix added to dst, eight columns at a time while there are.
EXPORT(sumRows)(double *dst, const double *src, int stride, int rows, int cols) {
  int j = 0;
  for (; j + 8 <= cols; j += 8) {
    V a = LD(dst + j), b = LD(dst + j + 2), c = LD(dst + j + 4), d = LD(dst + j + 6); const double *p = src + j;
    for (int i = 0; i < rows; i++, p += stride) { a = ADD(a, LD(p)); b = ADD(b, LD(p + 2)); c = ADD(c, LD(p + 4)); d = ADD(d, LD(p + 6)); }
    ST(dst + j, a); ST(dst + j + 2, b); ST(dst + j + 4, c); ST(dst + j + 6, d);
  }
#define STEP(L, W) { V a = L(dst + j); const double *p = src + j; for (int i = 0; i < rows; i++, p += stride) a = ADD(a, L(p)); W(dst + j, a); }
  for (; j + 2 <= cols; j += 2) STEP(LD, ST)
  if (j < cols) STEP(LOAD1, ST1)
#undef STEP
}
ALWAYS void copy(double *dst, const double *src, int n) {
  int j = 0;
  for (; j + 2 <= n; j += 2) ST(dst + j, LD(src + j));
  if (j < n) ST1(dst + j, LOAD1(src + j));
}
EXPORT(copyRows)(double *dst, int ds, const double *src, int ss, int cols, int rows) {
  for (int i = 0; i < rows; i++, dst += ds, src += ss) copy(dst, src, cols);
}
EXPORT(indexSelect)(double *dst, int ds, const double *table, int ts, const long long *index, int cols, int rows) {
  for (int i = 0; i < rows; i++, dst += ds) copy(dst, table + index[i] * ts, cols);
}
EXPORT(indexAdd)(double *table, int ts, const long long *index, const double *src, int ss, long long except, int cols, int rows) {
  for (int i = 0; i < rows; i++, src += ss) {
    if (index[i] == except) continue;
    double *to = table + index[i] * ts; int j = 0;
#define STEP(L, W) W(to + j, ADD(L(src + j), L(to + j)));
    for (; j + 2 <= cols; j += 2) STEP(LD, ST)
    if (j < cols) STEP(LOAD1, ST1)
#undef STEP
  }
}
// k rows of a matrix to dst as panels, the last one filled up with zeros.
EXPORT(pack)(double *dst, const double *src, int stride, int cols, int k) {
  for (; cols > 0; cols -= 8, src += 8) {
    const double *p = src;
    for (int l = 0; l < k; l++, dst += 8, p += stride) {
      if (cols >= 8) { ST(dst, LD(p)); ST(dst + 2, LD(p + 2)); ST(dst + 4, LD(p + 4)); ST(dst + 6, LD(p + 6)); }
      else for (int j = 0; j < 8; j += 2) ST(dst + j, j + 1 < cols ? LD(p + j) : j < cols ? LOAD1(p + j) : S(0));
    }
  }
}
// The transpose of eight rows of k elements, stride apart in src, to dst.
EXPORT(packTrans)(double *dst, const double *src, int stride, int k) {
  for (int l = 0; l < k; l++, dst += 8, src++) for (int j = 0; j < 8; j++) dst[j] = src[j * stride];
}
// Of one number.
#define ONE(name, f) __attribute__((export_name(#name))) double name(double number) { V x[SIDE] = {S(number)}; f(1, x); return wasm_f64x2_extract_lane(x[0], 0); }
ONE(exp1, vexp)
ONE(sigmoid1, vsigmoid)
ONE(tanh1, vtanh)
#define FMA1(x, y, z) wasm_f64x2_extract_lane(FMA(S(x), S(y), S(z)), 0)
__attribute__((export_name("log1"))) double log1(double f, double k) {
  double s = f / (2 + f), s2 = s * s, s4 = s2 * s2, half = 0.5 * f * f;
  double odd = s2 * FMA1(s4, FMA1(s4, FMA1(s4, 1.479819860510658591e-01, 1.818357216161805012e-01), 2.857142874366239149e-01), 6.666666666666735130e-01);
  double even = s4 * FMA1(s4, FMA1(s4, 1.531383769920937332e-01, 2.222219843214978396e-01), 3.999999999940941908e-01);
  return k * 6.93147180369123816490e-01 - ((half - FMA1(s, half + (odd + even), k * 1.90821492927058770002e-10)) - f);
}
// e^x for x from −800 to where it overflows, with the bits of math.Exp on amd64, where Go has it in assembly (exp_amd64.s, after N. Shibata):
// the pages' math.Exp, for math's own for wasm has another last digit in one number of six.
__attribute__((export_name("goexp"))) double goexp(double x) {
  union { long long bits; double number; } power;
  double k = __builtin_rint(x * 1.4426950408889634073599246810018920);
  double r = FMA1(-k, 0.28235290563031577122588448175013436025525412068e-12, FMA1(-k, 0.69314718055966295651160180568695068359375, x)) * 0.0625;
  double p = FMA1(2.4801587301587301587e-5, r, 1.9841269841269841270e-4);
  p = FMA1(p, r, 1.3888888888888888889e-3);
  p = FMA1(p, r, 8.3333333333333333333e-3);
  p = FMA1(p, r, 4.1666666666666666667e-2);
  p = FMA1(p, r, 1.6666666666666666667e-1);
  p = FMA1(p, r, 0.5);
  p = FMA1(p, r, 1.0);
  r *= p;
  for (int i = 0; i < 3; i++) r *= 2 + r;
  r = FMA1(r, 2 + r, 1);
  long long e = (long long)k + 1023;
  if (e >= 2047) return __builtin_inf();
  if (e <= 0) {
    if (e < -52) return 0;
    power.bits = (e + 1022) << 52;
    r *= power.number;
    e = 1;
  }
  power.bits = e << 52;
  return r * power.number;
}
