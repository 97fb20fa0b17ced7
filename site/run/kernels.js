// The kernels of package simd for a Go program, whose import "simd" they are. With fused multiply-add where the engine has it,
// else with exact products of halves; the bits are the same.
function makeKernels(fused, exact) {
  let module;
  try {
    const probe = new WebAssembly.Instance(fused, { env: { memory: new WebAssembly.Memory({ initial: 2 }) } });
    // What an engine that is free to choose does, it does alike for all numbers.
    module = [1.1, 1 / 3, Math.PI].every((x) => probe.exports.fused(x)) ? fused : exact;
  } catch { module = exact; }
  return {
    name: module === fused ? "fused" : "exact",
    // What a program imports: a memory, and kernels of that memory. It calls them as functions of its own, with no JavaScript between.
    of(pages) {
      const memory = new WebAssembly.Memory({ initial: pages });
      return { go: { memory }, simd: { ready: () => (module ? 1 : 0), ...(module && new WebAssembly.Instance(module, { env: { memory, fma } }).exports) } };
    },
  };

  // x·y + z rounded once, by whole numbers: for what is too large or too small for halves.
  function fma(x, y, z) {
    if (isFinite(x) && isFinite(y) && !isFinite(z)) return z;
    if (!isFinite(x) || !isFinite(y) || !isFinite(z) || x === 0 || y === 0) return x * y + z;
    const number = new Float64Array(1), bits = new BigUint64Array(number.buffer);
    const parts = (v) => {
      number[0] = v;
      const exponent = Number((bits[0] >> 52n) & 0x7ffn), mantissa = bits[0] & 0xfffffffffffffn;
      return [(bits[0] >> 63n ? -1n : 1n) * (exponent ? mantissa | (1n << 52n) : mantissa), (exponent || 1) - 1075];
    };
    const [mx, ex] = parts(x), [my, ey] = parts(y);
    let [mz, ez] = parts(z), m = mx * my, e = ex + ey;
    if (e > ez) {
      m <<= BigInt(e - ez);
      e = ez;
    } else mz <<= BigInt(ez - e);
    let sum = m + mz;
    if (sum === 0n) return x * y + z; // its sign as the rounded sum has it
    const negative = sum < 0n;
    if (negative) sum = -sum;
    const drop = Math.max(sum.toString(2).length - 53, -1074 - e);
    if (drop > 0) {
      const d = BigInt(drop), half = 1n << (d - 1n), low = sum & ((1n << d) - 1n);
      sum >>= d;
      e += drop;
      if (low > half || (low === half && sum & 1n)) sum++;
    }
    let value = Number(sum);
    for (; e > 0; e -= Math.min(e, 1000)) value *= 2 ** Math.min(e, 1000);
    for (; e < 0; e += Math.min(-e, 1000)) value /= 2 ** Math.min(-e, 1000);
    return negative ? -value : value;
  }
}
