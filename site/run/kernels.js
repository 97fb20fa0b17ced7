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
    // What a program imports that withMemory made: a memory, and kernels of that memory. It calls them as functions of
    // its own, with no JavaScript between.
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

// A program as Go links it makes its memory; this one is given it (as `memory` of `go`), so that the kernels can be there
// before it. What is changed: the section of the memory (5) goes, and one import is more (section 2).
function withMemory(wasm) {
  let at = 8;
  const number = () => {
    let value = 0, shift = 0, byte;
    do { byte = wasm[at++]; value |= (byte & 127) << shift; shift += 7; } while (byte & 128);
    return value;
  };
  const name = (text) => [text.length, ...[...text].map((letter) => letter.charCodeAt(0))];
  const leb = (value) => (value < 128 ? [value] : [value & 127 | 128, ...leb(value >>> 7)]);
  const sections = new Map(); // kind → where it begins, where its content does, where it ends
  while (at < wasm.length) {
    const begin = at, kind = wasm[at++], size = number();
    sections.set(kind, { begin, content: at, end: at + size });
    at += size;
  }
  const imports = sections.get(2), memory = sections.get(5);
  at = memory.content + 2; // after the number of memories, which is 1, and what limits there are
  const pages = number(), limits = wasm.subarray(memory.content + 1, memory.end);
  at = imports.content;
  const count = leb(number() + 1), others = wasm.subarray(at, imports.end);
  const added = [...name("go"), ...name("memory"), 2, ...limits];
  const parts = [wasm.subarray(0, imports.begin), [2, ...leb(count.length + others.length + added.length)], count, others, added,
    wasm.subarray(imports.end, memory.begin), wasm.subarray(memory.end)];
  const changed = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  let to = 0;
  for (const part of parts) { changed.set(part, to); to += part.length; }
  return { bytes: changed, pages };
}
