// Runs a test of package simd, built for WebAssembly with the tag simd128, in node:
//
//	GOOS=js GOARCH=wasm go test -tags simd128 -exec 'node --experimental-wasm-relaxed-simd wasm/exec.cjs fused' .
"use strict";
const fs = require("fs"), path = require("path"), goroot = require("child_process").execSync("go env GOROOT").toString().trim();
Object.assign(globalThis, { require, fs, path });
require(path.join(goroot, "lib/wasm/wasm_exec.js"));
(0, eval)(fs.readFileSync(path.join(__dirname, "../../../site/run/kernels.js"), "utf8"));
const module_ = (name) => new WebAssembly.Module(fs.readFileSync(path.join(__dirname, `${name}.wasm`)));
const [which, program, ...args] = process.argv.slice(2);
const kernels = makeKernels(which === "fused" ? module_("fused") : null, module_("exact"));
if (kernels.name !== which) throw new Error(`this node has the ${kernels.name} kernels`);
const go = new Go();
go.argv = [program, ...args];
go.env = { TMPDIR: require("os").tmpdir(), ...process.env };
go.exit = process.exit;
const { bytes, pages } = withMemory(fs.readFileSync(program));
Object.assign(go.importObject, kernels.of(pages));
WebAssembly.instantiate(bytes, go.importObject).then(({ instance }) => go.run(instance));

// A program as Go links it makes its memory; this one is given it (as `memory` of `go`), as the page's linker has it, so that the
// kernels can be there before it. What is changed: the section of the memory (5) goes, and one import is more (section 2).
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
