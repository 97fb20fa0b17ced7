// Runs the cells of lessons as a page does, and compares with the outputs that the notebooks have:
//
//     node site/run/check.mjs build/run [--cell ID] [--long] notebooks/01-order-matters.ipynb …
//
// It prints a line for each cell that differs or fails, and for each lesson; its exit code says whether there are
// such cells. It leaves out, and names, the cells that take more than LONG seconds by times.json, unless --long or
// --cell asks for them.
import { readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Worker as Thread } from "node:worker_threads";

// The parts of a browser that engine.js wants. Workers begin with the script `first`.
export function browser(store, first = "") {
  const sources = [];
  globalThis.window = globalThis;
  globalThis.document = {
    documentElement: { lang: "en" },
    currentScript: { src: pathToFileURL(join(resolve(store), "engine.js")).href },
    createElement: () => ({ remove() {} }),
    head: {
      append(script) {
        queueMicrotask(() => {
          try {
            (0, eval)(readFileSync(fileURLToPath(script.src), "utf8"));
            script.onload?.();
          } catch (error) { script.onerror?.(error); }
        });
      },
    },
  };
  URL.createObjectURL = (blob) => `${sources.push(blob.text()) - 1}`;
  URL.revokeObjectURL = () => {};
  const shim = `const { parentPort } = require("node:worker_threads");
    globalThis.self = globalThis; globalThis.postMessage = (m, t) => parentPort.postMessage(m, t);
    Object.defineProperty(globalThis, "process", { value: undefined, writable: true, configurable: true });
    globalThis.crypto ??= require("node:crypto").webcrypto;
    parentPort.on("message", (data) => globalThis.onmessage({ data }));\n${first}\n`;
  globalThis.Worker = class Worker {
    static number = 0; // of all that there were
    static alive = 0;
    constructor(url) {
      Worker.number++;
      Worker.alive++;
      this.thread = sources[+url].then((text) => {
        const thread = new Thread(shim + text, { eval: true, resourceLimits: { stackSizeMb: 16, maxOldGenerationSizeMb: 8192 } });
        thread.on("message", (data) => this.onmessage?.({ data }));
        thread.on("error", (error) => this.onerror?.({ message: String(error.stack ?? error) }));
        return thread;
      });
    }
    postMessage(message, transfer) { this.thread.then((thread) => thread.postMessage(message, transfer)); }
    terminate() {
      if (!this.ended) Worker.alive--;
      this.ended = true;
      this.thread.then((thread) => thread.terminate());
    }
  };
  (0, eval)(readFileSync(join(store, "engine.js"), "utf8"));
  return globalThis.UnrollEngine;
}

// Runs cells one after the other: run(cells, id) gives all messages of the run of one. What a
// program reads, input gives.
export function runner(Engine) {
  let all, done, input, hear;
  const engine = new Engine((message) => {
    all?.push(message);
    hear?.(message);
    if (message.type === "done") done();
    if (message.type === "input") engine.post({ type: "stdin", text: input() });
  });
  return {
    engine,
    messages: (heard) => { hear = heard; },
    run: (cells, cell, gives = () => null) => new Promise((resolve) => {
      all = [];
      input = gives;
      done = () => resolve(all);
      engine.post({ type: "run", cells, cell });
    }),
  };
}

const joined = (text) => (Array.isArray(text) ? text.join("") : text ?? "");
// What stands in a line in the end, where \r went back to its beginning.
const settled = (text) => text.split("\n").map((line) => line.slice(line.lastIndexOf("\r", line.length - 2) + 1)).join("\n");

// What a reader sees of a run: text, figures, and the last of each line of progress.
function seen(outputs) {
  let text = "";
  const figures = [], lines = new Map();
  for (const output of outputs) {
    if (output.type === "stream" || output.output_type === "stream") text += joined(output.text);
    if (output.type !== "display" && output.output_type !== "display_data") continue;
    const svg = joined(output.data["image/svg+xml"]);
    if (svg) figures.push([svg.trim(), joined(output.data["text/plain"]), joined(output.data["text/csv"])].join("\n"));
    else lines.set(output.id || output.transient?.display_id || `${lines.size}`, joined(output.data["text/plain"]));
  }
  return { text: settled(text), figures, lines: [...lines.values()].join("\n") };
}

const LONG = 30;
const SECONDS = JSON.parse(readFileSync(new URL("times.json", import.meta.url), "utf8")).cells;

async function main(args) {
  const [store, ...rest] = args;
  const option = (name) => { const i = rest.indexOf(name); return i < 0 ? undefined : rest.splice(i, 2)[1]; };
  const flag = (name) => { const i = rest.indexOf(name); return i >= 0 && Boolean(rest.splice(i, 1)); };
  const only = option("--cell"), all = flag("--long") || Boolean(only);
  const { run, engine } = runner(browser(store));
  let bad = 0;
  for (const file of rest) {
    const slug = basename(file, ".ipynb").replace(/^\d+-/, "");
    const cells = JSON.parse(readFileSync(file, "utf8")).cells.filter((cell) => cell.cell_type === "code");
    const sources = cells.map((cell) => ({ id: cell.id, source: joined(cell.source) }));
    const sum = { compose: 0, compile: 0, link: 0, start: 0, run: 0 };
    let equal = 0, memory = 0;
    const skipped = [];
    for (const [i, cell] of cells.entries()) {
      const name = `${slug}/${cell.id}`;
      if (only && cell.id !== only) continue;
      if (!all && SECONDS[name]?.page > LONG) { skipped.push(`${cell.id} (${Math.round(SECONDS[name].page)} s)`); continue; }
      const said = await run(sources.slice(0, i + 1), cell.id);
      const done = said.at(-1), error = said.find(({ type }) => type === "error");
      for (const part in sum) sum[part] += done.seconds[part];
      memory = Math.max(memory, done.memory);
      const got = seen(said), want = seen(cell.outputs);
      const failed = error && !cell.metadata.tags?.includes("raises-exception");
      const wrong = Object.keys(want).filter((part) => JSON.stringify(got[part]) !== JSON.stringify(want[part]));
      if (failed || wrong.length) {
        bad++;
        console.log(`${cell.id}: ${failed ? `${error.kind}: ${error.text}\n${error.details}` : `other ${wrong.join(", ")}`}`);
        for (const part of failed ? [] : wrong) {
          const a = String(want[part]).split("\n"), b = String(got[part]).split("\n");
          const at = a.findIndex((line, k) => line !== b[k]);
          console.log(`  want ${a[at]?.slice(0, 400)}\n  got  ${b[at < 0 ? a.length : at]?.slice(0, 400)}`);
        }
      } else equal++;
      if (only || process.env.VERBOSE) console.log(`  ${cell.id.padEnd(28)} ${Object.entries(done.seconds).map(([part, s]) => `${part} ${s.toFixed(2)}`).join("  ")}  ${(done.memory / 1e6).toFixed(0)} MB`);
    }
    const parts = Object.entries(sum).map(([part, seconds]) => `${part} ${seconds.toFixed(1)} s`).join(", ");
    console.log(`${basename(file, ".ipynb")}: ${equal} equal; ${parts}; at most ${(memory / 1e6).toFixed(0)} MB${skipped.length ? `; left out as long: ${skipped.join(", ")}` : ""}`);
  }
  engine.post({ type: "unload" });
  console.log(bad ? `${bad} cells differ` : "all equal");
  process.exit(bad ? 1 : 0);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2));
