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
