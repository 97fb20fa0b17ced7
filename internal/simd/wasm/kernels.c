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
// One row of a panel, or two, as 2n columns, or 2n−1 where odd: see tile.
ALWAYS void rows(int n, int odd, int two, int k, double *c, int cs, const double *d, int ds, const double *a, int rs, int ks, const double *b) {
#define FROM(q, p) (n <= q ? S(0) : odd && n == q + 1 ? LOAD1(p + 2 * q) : LD(p + 2 * q))
#define TO(q, p, v) if (odd && n == q + 1) ST1(p + 2 * q, v); else if (n > q) ST(p + 2 * q, v);
#define STEP(q, s, t) if (n > q) { V e = LD(b + 2 * q); s = FMA(x, e, s); if (two) t = FMA(y, e, t); }
  if (!two) cs = ds = rs = 0;
  V s0 = FROM(0, d), s1 = FROM(1, d), s2 = FROM(2, d), s3 = FROM(3, d);
  d += ds;
  V t0 = FROM(0, d), t1 = FROM(1, d), t2 = FROM(2, d), t3 = FROM(3, d);
  for (int l = 0; l < k; l++, b += 8, a += ks) {
    V x = wasm_v128_load64_splat(a), y = wasm_v128_load64_splat(a + rs);
    STEP(0, s0, t0) STEP(1, s1, t1) STEP(2, s2, t2) STEP(3, s3, t3)
  }
  TO(0, c, s0) TO(1, c, s1) TO(2, c, s2) TO(3, c, s3)
  c += cs;
  if (two) { TO(0, c, t0) TO(1, c, t1) TO(2, c, t2) TO(3, c, t3) }
#undef FROM
#undef TO
#undef STEP
}
// The h×w tile c = d + a·b: see tile in gemm.go. The last panel may be a part of one.
EXPORT(tile)(int h, int w, int k, double *c, int cs, const double *d, int ds, const double *a, int rs, int ks, const double *b, int bs) {
  for (; w > 0; w -= 8, b += bs, c += 8, d += 8) {
    int odd = w < 8 && w % 2;
#define PANEL(n) { int i = 0; \
    for (; i + 2 <= h; i += 2) rows(n, odd, 1, k, c + i * cs, cs, d + i * ds, ds, a + i * rs, rs, ks, b); \
    if (i < h) rows(n, odd, 0, k, c + i * cs, cs, d + i * ds, ds, a + i * rs, rs, ks, b); }
    switch (w) { case 1: case 2: PANEL(1) break; case 3: case 4: PANEL(2) break; case 5: case 6: PANEL(3) break; default: PANEL(4) }
#undef PANEL
  }
}

ALWAYS V clampmin(V x, double m) { return wasm_f64x2_pmax(x, S(m)); } // keeps NaN
ALWAYS V clampmax(V x, double m) { return wasm_f64x2_pmin(x, S(m)); }
#define ROUND S(0x1.8p52)
ALWAYS V reduce(V x, V *p) {
  V t = FMA(x, S(1 / 0.693147180559945309417232121458176568), ROUND), n = SUB(t, ROUND), m = NEG(n);
  V r = FMA(m, S(0.693147180559945309417232121458176568), x);
  r = FMA(m, S(0x1.abc9e3b39803fp-56), r);
  V s = MUL(r, r);
  V even = FMA(S(0x1.1f8b4e34e2489p-29), s, S(0x1.27e4ccccc090bp-22));
  V odd = FMA(S(0x1.af4dea17e3fc2p-26), s, S(0x1.71de023141a2ep-19));
  even = FMA(even, s, S(0x1.a01a01acfb531p-16)); odd = FMA(odd, s, S(0x1.a01a01abe81ccp-13));
  even = FMA(even, s, S(0x1.6c16c16c151fbp-10)); odd = FMA(odd, s, S(0x1.11111111100dbp-7));
  even = FMA(even, s, S(0x1.5555555555558p-5)); odd = FMA(odd, s, S(0x1.5555555555557p-3));
  even = FMA(even, s, S(0x1.0000000000000p-1));
  *p = FMA(s, FMA(odd, r, even), r);
  return n;
}
ALWAYS V pow2(V n) { return wasm_i64x2_add(wasm_i64x2_shl(ADD(n, ROUND), 52), wasm_i64x2_const(0x3ff0000000000000LL, 0x3ff0000000000000LL)); }
ALWAYS V scale2(V x, V n) { V h = SUB(ADD(MUL(n, S(0.5)), ROUND), ROUND); return MUL(MUL(x, pow2(h)), pow2(SUB(n, h))); }
ALWAYS V vexp(V x) { V p, n = reduce(clampmin(clampmax(x, 720), -750), &p); return scale2(ADD(S(1), p), n); }
ALWAYS V vsigmoid(V x) {
  V a = clampmin(NEG(wasm_f64x2_abs(x)), -750), p, n = reduce(a, &p), e = scale2(ADD(S(1), p), n);
  V num = wasm_v128_bitselect(e, S(1), wasm_f64x2_lt(x, S(0)));
  return DIV(num, ADD(S(1), e));
}
ALWAYS V vtanh(V x) {
  V a = clampmax(wasm_f64x2_abs(x), 20), p, n = reduce(ADD(a, a), &p), s = pow2(n);
  V u = FMA(s, p, SUB(s, S(1))), q = DIV(u, ADD(u, S(2)));
  V sign = wasm_i64x2_const(0x8000000000000000LL, 0x8000000000000000LL);
  return wasm_v128_or(wasm_v128_andnot(q, sign), wasm_v128_and(x, sign));
}
ALWAYS V vrelu(V x) { return clampmin(x, 0); }
#define MAP(name, f) EXPORT(name)(double *dst, const double *src, int n) { int i = 0; for (; i + 2 <= n; i += 2) ST(dst + i, f(LD(src + i))); if (i < n) ST1(dst + i, f(LOAD1(src + i))); }
MAP(expTo, vexp)
MAP(sigmoidTo, vsigmoid)
MAP(tanhTo, vtanh)
MAP(relu, vrelu)

EXPORT(lstm)(double *z, const double *cp, double *c, double *h, int n, int rows) {
  for (int r = 0; r < rows; r++, z += 4 * n, cp += n, c += n, h += n) {
    int j = 0;
#define STEP(L, W) { V i = vsigmoid(L(z + j)), f = vsigmoid(L(z + n + j)), g = vtanh(L(z + 2 * n + j)), o = vsigmoid(L(z + 3 * n + j)); \
    V ct = FMA(f, L(cp + j), MUL(i, g)); W(z + j, i); W(z + n + j, f); W(z + 2 * n + j, g); W(z + 3 * n + j, o); W(c + j, ct); W(h + j, MUL(o, vtanh(ct))); }
    for (; j + 2 <= n; j += 2) STEP(LD, ST)
    if (j < n) STEP(LOAD1, ST1)
#undef STEP
  }
}
EXPORT(lstmBackward)(double *dz, double *dc, const double *dh, const double *z, const double *cp, const double *c, int n) {
  int j = 0;
#define STEP(L, W) { V i = L(z + j), f = L(z + n + j), g = L(z + 2 * n + j), o = L(z + 3 * n + j), tc = vtanh(L(c + j)), dhj = L(dh + j); \
    V dct = FMA(MUL(dhj, o), FMA(NEG(tc), tc, S(1)), L(dc + j)); V cpj = L(cp + j); \
    W(dz + j, MUL(MUL(dct, g), FMA(NEG(i), i, i))); W(dz + n + j, MUL(MUL(dct, cpj), FMA(NEG(f), f, f))); \
    W(dz + 2 * n + j, MUL(MUL(dct, i), FMA(NEG(g), g, S(1)))); W(dz + 3 * n + j, MUL(MUL(dhj, tc), FMA(NEG(o), o, o))); W(dc + j, MUL(dct, f)); }
  for (; j + 2 <= n; j += 2) STEP(LD, ST)
  if (j < n) STEP(LOAD1, ST1)
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
EXPORT(copyRows)(double *dst, int ds, const double *src, int ss, int cols, int rows) {
  for (int i = 0; i < rows; i++, dst += ds, src += ss) {
    int j = 0;
    for (; j + 2 <= cols; j += 2) ST(dst + j, LD(src + j));
    if (j < cols) ST1(dst + j, LOAD1(src + j));
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
__attribute__((export_name("exp1"))) double exp1(double x) { return wasm_f64x2_extract_lane(vexp(S(x)), 0); }
__attribute__((export_name("sigmoid1"))) double sigmoid1(double x) { return wasm_f64x2_extract_lane(vsigmoid(S(x)), 0); }
__attribute__((export_name("tanh1"))) double tanh1(double x) { return wasm_f64x2_extract_lane(vtanh(S(x)), 0); }
#define FMA1(x, y, z) wasm_f64x2_extract_lane(FMA(S(x), S(y), S(z)), 0)
__attribute__((export_name("log1"))) double log1(double f, double k) {
  double s = f / (2 + f), s2 = s * s, s4 = s2 * s2, half = 0.5 * f * f;
  double odd = s2 * FMA1(s4, FMA1(s4, FMA1(s4, 1.479819860510658591e-01, 1.818357216161805012e-01), 2.857142874366239149e-01), 6.666666666666735130e-01);
  double even = s4 * FMA1(s4, FMA1(s4, 1.531383769920937332e-01, 2.222219843214978396e-01), 3.999999999940941908e-01);
  return k * 6.93147180369123816490e-01 - ((half - FMA1(s, half + (odd + even), k * 1.90821492927058770002e-10)) - f);
}
