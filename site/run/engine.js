// The page's part of Go in the page: see README.md for its messages. It loads nothing until it
// is asked to.
(() => {
  "use strict";
  const HOME = document.currentScript?.src;
  const OTHERS = 1 << 26; // bytes of files outside /notebooks that the next program finds, each with
  const FILE = 1 << 10; // so many for what a file takes beside its bytes
  const UNLOADED = new Error("it was unloaded");
  const LARGE = 1 << 26; // bytes that the runs of a program may take together: the browser lets what has ended lie
  const waiting = {}; // what to do with the pieces that scripts bring
  // Their text is the comment of a function: a literal would stay in the page's memory.
  window.unrollPart = (name, bearer) => {
    const text = String(bearer), give = waiting[name];
    delete waiting[name]; // it would keep the piece
    give?.(decode(text.slice(text.indexOf("/*") + 2, text.lastIndexOf("*/"))));
  };

  // A page from disk may not fetch a file, but may run a script, so what is loaded is in scripts.
  function load(name, home) {
    return new Promise((resolve, reject) => {
      waiting[name] = resolve;
      const script = document.createElement("script");
      script.src = new URL(`${name}.js`, home);
      script.onerror = () => reject(new Error(`${script.src} could not be loaded`));
      script.onload = () => { script.remove(); reject(new Error(`${script.src} is damaged`)); }; // no matter where it has resolved
      document.head.append(script);
    });
  }

  function decode(text) {
    if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
    const binary = atob(text), bytes = new Uint8Array(binary.length);
    for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
    return bytes;
  }

  // In a worker of its own, which takes its memory with it.
  const UNPACK = `onmessage = ({ data: { module, pieces, size } }) => {
    const { memory, base, unpack } = new WebAssembly.Instance(module).exports, from = base();
    const packed = pieces.reduce((n, piece) => n + piece.length, 0), to = from + packed;
    memory.grow(Math.ceil((to + size - memory.buffer.byteLength) / 65536));
    let at = from;
    for (const piece of pieces) { new Uint8Array(memory.buffer).set(piece, at); at += piece.length; }
    const good = unpack(from, packed, to, size) === size, all = good ? memory.buffer.slice(to, to + size) : null;
    postMessage(all, all ? [all] : []);
  }`;

  // A part as it is loaded: its pieces.
  async function fetchPart(name, home, came) {
    const { packed, pieces } = UnrollEngine.parts[name], loaded = [];
    for (let number = 0; number < pieces; number++) {
      loaded.push(await load(`${name}-${number}`, home));
      came(loaded.at(-1).length);
    }
    const damaged = new Error(`${new URL(`${name}-0.js`, home)} or one of the files beside it is damaged`);
    if (loaded.reduce((n, piece) => n + piece.length, 0) !== packed) throw damaged;
    return { ...UnrollEngine.parts[name], loaded, damaged };
  }

  // The files of a part, in one buffer: a header of names and sizes, then their bytes. It may be unpacked again if it is kept.
  async function unpack({ size, loaded, damaged }, kept = false) {
    const module = await WebAssembly.compile(decode(UnrollEngine.lzma));
    const worker = workerOf(UNPACK);
    const all = await new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => (data ? resolve(data) : reject(damaged));
      worker.onerror = (event) => reject(new Error(event.message));
      worker.postMessage({ module, pieces: loaded, size }, kept ? [] : loaded.map(({ buffer }) => buffer));
    }).finally(() => worker.terminate());
    const length = new DataView(all).getUint32(0, true), files = new Map();
    let at = 4 + length;
    for (const [file, bytes] of JSON.parse(new TextDecoder().decode(new Uint8Array(all, 4, length)))) {
      files.set(file, new Uint8Array(all, at, bytes));
      at += bytes;
    }
    return files;
  }

  // Gives the memory of a buffer back now, not when the browser looks: it goes to nobody.
  function release(buffer) {
    const { port1, port2 } = new MessageChannel();
    port2.close();
    port1.postMessage(null, [buffer]);
    port1.close();
  }

  function workerOf(source) {
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    setTimeout(() => URL.revokeObjectURL(url), 60000);
    return new Worker(url);
  }

  const SAYS = {
    command: ({ text }) => ({ message: text, hint: "The page has no shell and none of the kernel's commands: such a line works in JupyterLab." }),
    import: ({ text }) => ({ message: `the page does not have package ${text}`, hint: "It has the lessons' packages and a part of the standard library; JupyterLab has all." }),
  };

  class UnrollEngine {
    #tell; #home; #loading; #source; #modules; #packages; #packed; #kept = new Map(); #broken = new Map(); #run = null; #used = 0; #data; #kernels; #base; #warm;

    static patience = 8000; // ms for a build that was stopped: about what another builder takes on a slow machine

    constructor(tell, home = HOME) {
      this.#tell = tell;
      this.#home = home;
    }

    post(message) {
      const act = {
        load: () => this.#load().catch((error) => error === UNLOADED || this.#end({ kind: "load", text: error.message })),
        run: () => this.#start(message),
        stdin: () => this.#workers.runner?.postMessage({ type: "stdin", text: message.text }),
        stop: () => this.#stop(),
        file: () => this.#file(message),
        unload: () => this.#unload(),
      };
      act[message.type]();
    }

    #load() {
      if (this.#stage) this.#tell(this.#stage); // who joins hears how far it is
      if (this.#loading) return this.#loading;
      const loading = this.#fetch().catch((error) => {
        if (this.#loading === loading) this.#loading = this.#stage = undefined;
        throw error;
      });
      return (this.#loading = loading);
    }

    async #fetch() {
      const total = UnrollEngine.parts.toolchain.packed + UnrollEngine.parts.packages.packed, until = this.#until;
      let loaded = 0;
      const stage = (stage) => {
        if (until !== this.#until) return;
        this.#stage = { type: "progress", stage, loaded, total };
        this.#tell(this.#stage);
      };
      const came = (bytes) => { loaded += bytes; stage("load"); };
      stage("load");
      const core = await unpack(await fetchPart("toolchain", this.#home, came));
      const text = (name) => new TextDecoder().decode(core.get(name));
      const compiling = Promise.all(["compile", "link", "compose", "fused", "exact"].map((name) => WebAssembly.compile(core.get(`${name}.wasm`)).catch((error) => {
        if (name === "fused") return null; // an engine without relaxed SIMD
        throw error;
      })));
      compiling.catch(() => {}); // it is awaited below
      const packed = await fetchPart("packages", this.#home, came), packages = await unpack(packed, true);
      stage("start");
      const [compile, link, compose, ...kernels] = await compiling;
      if (until !== this.#until) throw UNLOADED;
      this.#packed = packed;
      this.#kernels = kernels;
      this.#modules = { compile, link, compose };
      this.#packages = JSON.parse(text("packages.json"));
      this.#source = ["wasm_exec.js", "files.js", "kernels.js", "worker.js"].map(text).join("\n;\n") + `\n;\n${release}`;
      release(core.values().next().value.buffer);
      this.#data = [...packages].filter(([name]) => name.startsWith("/notebooks/")).map(([name, bytes]) => [name, bytes.slice()]); // without the rest of the part
      await Promise.all([this.#renew("builder", packages), this.#renew("runner")]);
      stage("ready");
      this.#stage = undefined;
    }
    #stage; // how far the loading is

    #workers = {}; // the builder and the runner, where they can begin
    #until = {}; // the promises of those that are on their way; others once it was unloaded

    // Another worker in place of the builder or the runner, where none is on its way yet.
    #renew(kind, packages) {
      const workers = this.#workers, until = this.#until;
      if (until[kind] && !workers[kind]) return until[kind];
      workers[kind]?.terminate();
      workers[kind] = null;
      if (kind === "runner") this.#forget();
      until[kind] = (kind === "builder" ? this.#newBuilder(packages) : this.#newRunner()).then((worker) => {
        if (until === this.#until) workers[kind] = worker;
        else worker.terminate();
      }).catch((error) => {
        delete until[kind]; // the next run tries again
        throw error;
      });
      until[kind].catch(() => {}); // it is told where it is awaited
      return until[kind];
    }
    #forget() { this.#there = false; this.#used = 0; }

    // The archives go to the builder, which keeps what it needs of them; another unpacks them again.
    async #newBuilder(packages) {
      const until = this.#until;
      packages ??= await unpack(this.#packed, true);
      if (until !== this.#until) throw UNLOADED;
      const files = [...packages].filter(([name]) => !name.startsWith("/notebooks/"));
      return this.#worker({ modules: this.#modules, packages: this.#packages, files }, [files[0][1].buffer]);
    }

    async #newRunner(kept = this.#kept) { return this.#worker({ kernels: this.#kernels, files: [...new Map([...this.#data, ...kept])].filter(([, bytes]) => bytes) }); }

    #worker(message, transfer = []) {
      const worker = workerOf(this.#source);
      return new Promise((resolve, reject) => {
        const failed = (text) => {
          if (Object.values(this.#workers).includes(worker)) { this.#heard({ type: "failed", text }, worker); return; }
          worker.terminate();
          reject(new Error(text));
        };
        worker.onerror = (event) => failed(event.message);
        worker.onmessage = ({ data }) => {
          if (data.type === "started") {
            this.#base = data.base ?? this.#base;
            this.#warm ??= data.warm;
            resolve(worker);
          }
          else if (data.type === "failed" && !Object.values(this.#workers).includes(worker)) failed(data.text);
          else this.#heard(data, worker);
        };
        worker.postMessage({ type: "start", ...message }, transfer);
      });
    }

    async #start({ cells, cell }) {
      if (this.#run) {
        this.#tell({ type: "error", cell, kind: "busy", text: "another cell is running", hint: "", places: [], details: "" });
        return;
      }
      const run = (this.#run = { cell, cells, seconds: { load: 0, compose: 0, compile: 0, link: 0, start: 0, run: 0 }, sources: new Map() });
      let all = ""; // whether a cell compiles depends on those above it, too
      for (const { id, source } of cells) run.sources.set(id, all += `\0${id}\0${source}`);
      const start = performance.now();
      try {
        await this.#load();
        const { builder, runner } = this.#workers;
        if (this.#left || !builder) this.#tell({ type: "progress", cell, stage: "again" });
        if (!builder) this.#renew("builder");
        if (!runner) this.#renew("runner");
        await Promise.all(Object.values(this.#until));
      } catch (error) {
        if (this.#run === run) this.#end({ kind: "load", text: error.message });
        return;
      }
      if (this.#run !== run) return; // stopped
      run.seconds.load = (performance.now() - start) / 1000;
      this.#build(run);
    }

    #build(run) {
      const { cell, cells } = run, upTo = cells.slice(0, cells.findIndex((one) => one.id === cell) + 1);
      // What did not compile before, and is as it was, is left out.
      const broken = upTo.filter(({ id }) => id !== cell && this.#broken.get(id) === run.sources.get(id)).map(({ id }) => id);
      run.building = true;
      this.#workers.builder.postMessage({ type: "build", cells: upTo.map(({ id, source }) => ({ id, source })), broken, there: this.#there });
    }
    #left; // what to call when the builder has ended what nobody waits for

    #heard(message, worker) {
      const { builder, runner, warmer } = this.#workers;
      if (worker === warmer && (message.type === "ran" || message.type === "failed")) {
        worker.terminate();
        delete this.#workers.warmer;
      }
      if (worker !== builder && worker !== runner) return; // it was ended, or nobody asked
      if (this.#left && worker === builder) {
        if (message.program) release(message.program.buffer);
        if (message.type !== "stage") this.#left(message.type === "failed");
        return;
      }
      const run = this.#run;
      if (message.type === "file") this.#kept.set(message.path, message.bytes);
      if (message.type === "others") this.#keep(message.files);
      if (message.type === "failed") {
        this.#renew(worker === runner ? "runner" : "builder");
        if (run && (worker === runner) !== Boolean(run.running)) return; // that has no part in the run
      }
      if (!run) return;
      const { cell } = run;
      switch (message.type) {
        case "stage":
          if (message.stage === "link" && this.#there) this.#renew("runner"); // for another program: what the last one took is given back
          this.#tell({ type: "progress", cell, stage: message.stage });
          break;
        case "stream": case "display": case "input": case "file": this.#tell({ ...message, cell }); break;
        case "built": this.#built(run, message); break;
        case "compiled": run.seconds.start = message.seconds; break;
        case "ran": this.#ran(run, message); break;
        case "explained": this.#explained(run, message.report); break;
        case "failed": this.#failed(run, message);
      }
    }

    // The worker has failed, not Go. In Firefox a stack has no message.
    #failed(run, { text, stack = "", memory }) {
      const details = stack.includes(text) ? stack : `${text}\n${stack}`.trim();
      if (/call stack|recursion/i.test(text)) {
        this.#end(run.running
          ? { kind: "panic", text: "the program calls itself too deep", hint: "Does each recursion end? A page has room for thousands of calls within each other, JupyterLab for millions.", details }
          : { kind: "panic", text: "the cell is nested too deep for the page", details });
      } else if (memory || /memory/i.test(text)) this.#end({ kind: "memory", text: "the program wants more memory than the page has", details });
      else this.#end({ kind: "panic", text: text.split("\n")[0], details });
    }

    #built(run, message) {
      run.building = false;
      if (message.cached && !this.#there) { this.#build(run); return; } // the runner that had it has failed
      Object.assign(run.seconds, message.seconds);
      run.cached = Boolean(message.cached);
      run.left = [...message.broken, ...message.needs.map(([id]) => id)];
      for (const id of message.broken) {
        this.#broken.set(id, run.sources.get(id));
        this.#tell({ type: "note", cell: run.cell, text: `Cell ${id} does not compile, and was left out.` });
      }
      // Those that only need one are right as they are, so the next run tries them again.
      for (const [id, name, other] of message.needs) this.#tell({ type: "note", cell: run.cell, text: `Cell ${id} needs ${name} of cell ${other}, and was left out.` });
      if (message.kind) {
        this.#broken.set(run.cell, run.sources.get(run.cell));
        const { kind, places } = message;
        if (SAYS[kind]) this.#end({ kind, places, ...this.#first(SAYS[kind](places[0]), places[0]) });
        else this.#explain(run, { kind, places }, message.details ?? places.map(({ cell, line, column, text }) => `/cell/${cell}:${line}:${column}: ${text}`).join("\n"));
        return;
      }
      this.#broken.delete(run.cell);
      if (message.nothing) this.#end(null);
      else this.#runs(run, message);
    }

    async #runs(run, { program, args }) {
      run.running = true;
      try {
        if (!this.#workers.runner) await this.#renew("runner");
      } catch (error) {
        if (this.#run === run) this.#end({ kind: "load", text: error.message });
        return;
      }
      if (this.#run !== run) { // stopped
        if (program) release(program.buffer);
        return;
      }
      this.#tell({ type: "progress", cell: run.cell, stage: "run" });
      this.#there = true;
      this.#workers.runner.postMessage({ type: "run", program, args, base: program && this.#base, language: globalThis.document?.documentElement?.lang }, program ? [program.buffer] : []);
    }
    #there = false; // whether the runner has the program that was built last

    #ran(run, { code, memory, errors, seconds }) {
      run.seconds.run = seconds;
      run.running = false;
      if ((this.#used += memory) > LARGE) this.#renew("runner"); // it is given back now, not when the next program comes
      if (!code) { this.#end(null, { code, memory }); return; }
      const kind = !errors ? "exit" : /out of memory/.test(errors.slice(0, 200)) ? "memory" : "panic";
      run.ended = { code, memory };
      this.#explain(run, { kind }, errors, `exit status ${code}`);
    }

    // What a learner reads of what Go wrote is made where the cells can be parsed.
    #explain(run, error, text, status = "") {
      run.error = error;
      run.building = true;
      this.#workers.builder.postMessage({ type: "explain", input: { text, status, page: true, left: run.left, language: globalThis.document?.documentElement?.lang, cells: run.cells.map(({ id, source }) => ({ id, source })) } });
    }

    #explained(run, { problems, calls, details }) {
      const [{ cell, line, message, hint }] = problems;
      const places = run.error.places ?? (cell ? [{ cell, line, column: 1, text: message }] : []);
      this.#end({ ...run.error, ...this.#first({ message, hint }, { cell, line }), problems, calls: calls ?? [], places, details }, run.ended);
    }

    // An error in a line, as the kernel says it.
    #first({ message, hint }, { cell, line } = {}) {
      return { text: cell ? `Cell ${cell}, line ${line}: ${message}` : message, hint };
    }

    #end(error, more = {}) {
      const run = this.#run, cell = run?.cell;
      if (error) this.#tell({ type: "error", cell, hint: "", places: [], details: "", problems: [], calls: [], ...error });
      if (!run) return;
      this.#run = null;
      this.#tell({ type: "done", cell, ok: !error && !more.stopped, stopped: false, code: 0, memory: 0, cached: Boolean(run.cached), seconds: run.seconds, ...more });
      this.#warmUp();
    }

    // The base's first program runs once, beside the reader's, in a worker that nobody hears.
    async #warmUp() {
      const until = this.#until, program = this.#warm;
      if (!program) return;
      this.#warm = false; // that of another builder is not wanted
      const worker = await this.#newRunner([]).catch(() => null); // the lessons' own files, whatever cells have written
      if (!worker || until !== this.#until) {
        worker?.terminate();
        return;
      }
      this.#workers.warmer = worker;
      worker.postMessage({ type: "run", program, args: [], base: this.#base }, [program.buffer]);
    }

    #stop() {
      const run = this.#run;
      if (!run) return; // where it loads, the run ends and the loading goes on
      if (run.running) this.#renew("runner");
      else if (run.building) this.#leave();
      this.#end(null, { stopped: true });
    }

    // What nobody waits for is built to its end: that takes a second, another builder three to eight. But a build may take long.
    #leave() {
      this.#renew("runner"); // it lacks what the builder then built last
      this.#until.builder = new Promise((resolve) => {
        const left = (dead) => {
          clearTimeout(late);
          this.#left = null;
          resolve(dead ? this.#renew("builder") : undefined);
        };
        const late = setTimeout(() => { if (this.#left === left) left(true); }, UnrollEngine.patience);
        this.#left = left;
      });
    }

    // What a program leaves outside /notebooks, within a bound: it is the page that has it.
    #keep(files) {
      for (const [path] of files) this.#kept.delete(path);
      let all = 0;
      const takes = (path, bytes) => (path.startsWith("/notebooks/") ? 0 : bytes.length + FILE);
      for (const [path, bytes] of this.#kept) all += takes(path, bytes);
      for (const [path, bytes] of files) {
        if (!bytes || all + takes(path, bytes) > OTHERS) continue;
        this.#kept.set(path, bytes);
        all += takes(path, bytes);
      }
    }

    #file({ path, bytes }) {
      path = path.startsWith("/") ? path : `/notebooks/${path}`;
      this.#kept.set(path, bytes);
      const give = () => this.#workers.runner?.postMessage({ type: "file", path, bytes });
      if (this.#workers.runner) give();
      else this.#until.runner?.then(give, () => {}); // it had what was there when it was made
    }

    #unload() {
      for (const worker of Object.values(this.#workers)) worker?.terminate();
      this.#workers = {};
      this.#until = {};
      this.#left = null;
      this.#forget();
      for (const path of this.#kept.keys()) if (!path.startsWith("/notebooks/")) this.#kept.delete(path);
      this.#loading = this.#stage = this.#source = this.#modules = this.#packages = this.#packed = this.#data = this.#kernels = this.#base = this.#warm = undefined;
      this.#end(null, { stopped: true });
    }
  }
  window.UnrollEngine = UnrollEngine;
})();
