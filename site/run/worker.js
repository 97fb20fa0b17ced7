// Builds programs or runs them: a worker of engine.js, after Go's wasm_exec.js, files.js and
// kernels.js.
// Two workers have this source, so that the one that runs may be ended at any time.
(() => {
  "use strict";
  const text = (bytes) => new TextDecoder().decode(bytes), bytes = (text) => new TextEncoder().encode(text);
  let files, modules, packages, kernels;
  let heard = () => {}; // what the program that runs writes
  const say = (message, transfer) => self.postMessage(message, transfer ?? []);

  self.onmessage = async ({ data: message }) => {
    try {
      await take[message.type](message);
    } catch (error) {
      say({ type: "failed", text: String(error?.message ?? error), stack: String(error?.stack ?? ""), memory: error instanceof RangeError });
    }
  };

  const take = {
    async start(message) {
      ({ modules, packages } = message);
      if (message.kernels) kernels = makeKernels(...message.kernels);
      files = makeFiles({
        written: (number, part) => heard(number, part),
        read: (into, callback) => read(into, callback),
        changed(path, now) {
          if (path === DISPLAY) { if (now?.length) show(JSON.parse(text(now))); }
          else if (path.startsWith("/notebooks/") && !path.endsWith("/")) {
            if (!now) tellOthers(); // it may have gone there
            say({ type: "file", path, bytes: now && now.slice() });
          } else touched.set(path, Boolean(now));
        },
      });
      globalThis.fs = files.fs;
      globalThis.process = files.process;
      globalThis.path = { resolve: (...parts) => parts.join("/") };
      for (const [path, content] of message.files) files.put(path, content);
      files.enter("/notebooks");
      if (modules) {
        [compose, compile, link] = [await asleep(modules.compose, COMPOSE), await asleep(modules.compile, COMPILE), await asleep(modules.link, LINK)];
        thin();
        const made = await makeBase();
        return say({ type: "started", ...made }, [made.warm.buffer]);
      }
      say({ type: "started" });
    },
    file({ path, bytes }) { bytes ? files.put(path, bytes) : files.remove(path); },
    stdin(message) { input(message.text); },
    build,
    explain,
    run,
  };

  // Runs a program to its end and returns its exit code. A cell's is a module beside that of the base, whose functions it calls.
  async function execute(module, argv, env, base) {
    const go = new Go();
    go.argv = argv;
    go.env = env;
    if (!base) { // a tool
      const instance = await WebAssembly.instantiate(module, go.importObject);
      return finish(go, instance, () => go.run(instance));
    }
    const [pages] = WebAssembly.Module.customSections(module, "pages");
    Object.assign(go.importObject, kernels.of(new DataView(pages).getUint32(0, true)));
    const instance = await WebAssembly.instantiate(base, go.importObject), { exports } = instance;
    const called = WebAssembly.Module.imports(module).filter((one) => one.module === "base" && one.kind === "function");
    const functions = called.map(({ name }) => [name, exports.table.get(FUNCTIONS + Number(name))]);
    await WebAssembly.instantiate(module, { ...go.importObject, base: { ...exports, ...Object.fromEntries(functions) } });
    return finish(go, instance, () => go.run(instance));
  }
  const FUNCTIONS = 0x1000; // where in the table Go's linker begins with them

  // Starts a program, and waits for its end. Go's own run does not say whether a program sleeps for ever: it does
  // when nothing is left that could wake it. And a program that exits goes on where JavaScript has called it from within a
  // call of its own, while a goroutine is busy: so an exit is thrown through all of them.
  async function finish(go, instance, start) {
    let code = 0;
    go.exit = (given) => { code = given & 255; throw new Error("exit"); };
    const memory = instance.exports.mem;
    const resume = Go.prototype._resume.bind(go);
    const asleep = () => {
      if (go.exited || go._scheduledTimeouts.size || waiting) return;
      go._pendingEvent = { id: 0 };
      proceed();
    };
    let depth = 1; // calls within each other, the first of which starts it
    const proceed = () => {
      depth++;
      try { resume(); } catch (error) {
        if (!go.exited || depth > 1) throw error;
        go._resolveExitPromise();
      } finally { depth--; }
    };
    go._resume = () => {
      proceed();
      if (!depth) setTimeout(asleep);
    };
    try {
      const running = start();
      depth = 0;
      setTimeout(asleep);
      await running.catch((error) => { if (!go.exited) throw error; });
    } finally {
      go.exited = true;
      for (const timer of go._scheduledTimeouts.values()) clearTimeout(timer); // else they wake a program that has ended
      files.closeAll();
      waiting = null;
    }
    return { code, memory: memory.buffer.byteLength };
  }

  // The builder

  const TOOL = { GOROOT: "/go", GOOS: "js", GOARCH: "wasm", GOGC: "400" };
  let built; // the program that was built last

  async function tool(run) {
    let said = "";
    const decoder = new TextDecoder();
    heard = (_, part) => { said += decoder.decode(part, { stream: true }); };
    files.enter("/build");
    const { code } = await run();
    return { code, said };
  }

  // Half of a linker's work is to read the packages, which are the same for all cells. So a tool is started once, and
  // sleeps where it opens what is of a cell; each cell's goes on from what its memory was then. (toolchain.py builds the
  // tools so, and lets the linker read the packages first.)
  const COMPOSE = ["compose /compose.json /composed.json", "/compose.json"];
  const COMPILE = ["compile -o cell.a -p main -lang=go1.26 -complete -dwarf=false -c=1 -nolocalimports -importcfg /importcfg -pack main.go", "main.go"];
  const LINK = ["link -o cell.wasm -importcfg /importcfg -buildmode=exe -s -w /build/cell.a", "/build/cell.a"];
  const AT = 16; // an address that no program of Go uses
  const LARGE = 1 << 16; // the least bytes of a read of which no copy is kept
  let compose, compile, link;

  // What it returns runs the tool. Most of a linker's memory are the archives as it read them, into which it writes
  // nothing: no copy is kept of them, but a sum that would tell if it did.
  async function asleep(module, [command, file]) {
    const name = { compose: "composer", compile: "compiler", link: "linker" }[command.split(" ")[0]];
    const go = new Go(), { open } = files.fs, { gojs } = go.importObject, copy = gojs["syscall/js.copyBytesToGo"];
    const read = []; // from where to where
    let wake, said = "";
    gojs["syscall/js.copyBytesToGo"] = (sp) => {
      const from = go.mem.getUint32((sp >>> 0) + 8, true), bytes = go.mem.getUint32((sp >>> 0) + 16, true);
      if (!wake && bytes >= LARGE) read.push([from + 7 & ~7, from + bytes & ~7]);
      copy(sp);
    };
    go.argv = command.split(" ");
    go.env = TOOL;
    heard = (_, part) => { said += text(part); };
    files.enter("/build");
    files.fs.open = (...given) => { if (given[0] === file) wake = () => open(...given); else open(...given); };
    const instance = await WebAssembly.instantiate(module, go.importObject), { mem, run } = instance.exports;
    go.run(instance);
    files.fs.open = open;
    if (!wake) throw new Error(`the ${name} does not start\n${said}`);
    for (const timer of go._scheduledTimeouts.values()) clearTimeout(timer);
    go._scheduledTimeouts.clear();
    const end = used(instance), parts = []; // what is kept: all that lies between what was read
    let at = 0;
    for (const [from, to] of [...read.sort(([a], [b]) => a - b), [end, end]]) {
      parts.push([at, new Uint8Array(mem.buffer).slice(at, from)]);
      at = to;
    }
    const sums = read.map(([from, to]) => sum(mem.buffer, from, to));
    const kept = { values: [...go._values], counts: [...go._goRefCounts], ids: [...go._ids], pool: [...go._idPool], files: files.keep() };
    files.closeAll();
    return async () => {
      if (read.some(([from, to], i) => sum(mem.buffer, from, to) !== sums[i])) throw new Error(`the ${name} has written into a package`);
      const memory = new Uint8Array(mem.buffer);
      memory.fill(0, end, Math.max(end, used(instance))); // not the rest: a page of memory takes none until it is written
      for (const [from, bytes] of parts) memory.set(bytes, from);
      run(-2, AT);
      Object.assign(go, { _inst: instance, mem: new DataView(mem.buffer), _values: [...kept.values], _goRefCounts: [...kept.counts], _ids: new Map(kept.ids), _idPool: [...kept.pool], _pendingEvent: null, exited: false });
      kept.files();
      return finish(go, instance, () => new Promise((resolve) => { go._resolveExitPromise = resolve; wake(); }));
    };
  }

  // Where the last part of a tool's memory ends that is not zero.
  function used({ exports: { mem, run } }) {
    run(-1, AT);
    const words = new Int32Array(mem.buffer, 0, new DataView(mem.buffer).getUint32(AT + 16, true) / 4);
    let end = words.length;
    while (end && !words[end - 1]) end--;
    return 4 * end + 7 & ~7;
  }

  function sum(buffer, from, to) {
    const words = new Int32Array(buffer, from, (to - from) / 4);
    let a = 0, b = 0; // two chains of products, for a processor that can do both at once
    for (let i = 0; i < words.length; i += 2) {
      a = Math.imul(a, 31) + words[i] | 0;
      b = Math.imul(b, 31) + words[i + 1] | 0;
    }
    return a + 2 ** 32 * b;
  }

  // The base of all cells' programs (_link/base.go), and the first program on it (warm/main.go), linked by the same object. The
  // linker leaves a file beside the base, by which it knows it again.
  async function makeBase() {
    files.put("/build/main.go", bytes(text(files.get("/warm.go")).replace("import (", (start) => start + Object.keys(packages).map((path) => `\n\t_ "${path}"`).join(""))));
    const made = async (...tools) => {
      for (const run of tools) {
        const { code, said } = await tool(run);
        if (code) throw new Error(said);
      }
      return files.take("/build/cell.wasm");
    };
    const base = WebAssembly.compile(await made(compile, link));
    return { warm: await made(link), base: await base };
  }

  // Of the archives only what the compiler reads is kept once the linker has read them: their first members.
  function thin() {
    const all = files.under("/packages");
    for (const [path, archive] of all) {
      const size = parseInt(text(archive.subarray(56, 66)), 10);
      files.put(path, archive.slice(0, 68 + size + size % 2));
    }
    for (const path of ["/importcfg", "/warm.go"]) files.put(path, files.get(path).slice());
    release(all[0][1].buffer); // a function of engine.js
  }

  async function build({ cells, broken, there }) {
    const seconds = { compose: 0, compile: 0, link: 0 };
    const clock = async (part, work) => {
      const start = performance.now();
      try { return await work(); } finally { seconds[part] += (performance.now() - start) / 1000; }
    };
    const cell = cells.at(-1).id;
    broken = new Set(broken);
    const needs = []; // cells that lack only what one that is left out declares: [cell, name, the other]
    const composed = async (cells) => {
      files.put("/compose.json", bytes(JSON.stringify({ cells, broken: [...broken, ...needs.map(([id]) => id)], packages })));
      const { code, said } = await clock("compose", () => tool(compose));
      if (code) throw new Error(said);
      return JSON.parse(text(files.get("/composed.json")));
    };
    // What the compiler says, with the places, and the earlier cells that have some.
    const compiled = async (program) => {
      files.put("/build/main.go", bytes(program));
      const { code, said } = await clock("compile", () => tool(compile)), places = code ? placesOf(said) : [];
      return { code, said, places, others: [...new Set(places.map((place) => place.cell))].filter((id) => id !== cell && cells.some((one) => one.id === id)) };
    };
    for (;;) {
      say({ type: "stage", stage: "compile" });
      const made = await composed(cells);
      for (const id of made.left ?? []) broken.add(id);
      const answer = { type: "built", seconds, args: made.args ?? [], broken: [...broken], needs };
      if (made.kind) return say({ ...answer, kind: made.kind, places: made.places });
      if (made.nothing) return say({ ...answer, nothing: true });
      if (there && made.program === built) return say({ ...answer, cached: true }); // the runner has it

      const { code, said, places, others } = await compiled(made.program);
      if (code) {
        // Earlier cells with errors leave nothing behind, as on the kernel. Where they have none without this cell, it is
        // this one that does not fit.
        const alone = others.length ? await compiled((await composed([...cells.slice(0, -1), { id: cell, source: "" }])).program) : { others };
        const wrong = others.filter((id) => alone.others.includes(id));
        for (const id of wrong) {
          const names = alone.places.filter((place) => place.cell === id).map(({ text }) => LACKS.exec(text)?.[1]);
          if (names.every((name) => Object.hasOwn(made.lost, name))) needs.push([id, names[0], made.lost[names[0]]]);
          else broken.add(id);
        }
        if (wrong.length) continue;
        return say({ ...answer, kind: "compile", places, details: said });
      }
      say({ type: "stage", stage: "link" });
      const linked = await clock("link", () => tool(link));
      if (linked.code) return say({ ...answer, kind: "link", places: [], details: linked.said });
      const program = files.take("/build/cell.wasm");
      built = made.program;
      return say({ ...answer, program }, [program.buffer]);
    }
  }

  const LACKS = /(?:^undefined: |\bmethod )([\p{L}\p{N}_]+)/u;

  // What a learner reads of an error: the kernel's words.
  async function explain({ input }) {
    files.put("/error.json", bytes(JSON.stringify(input)));
    files.enter("/build");
    let said = "";
    heard = (_, part) => { said += text(part); };
    const { code } = await execute(modules.compose, ["explain", "/error.json", "/report.json"], TOOL);
    if (code) throw new Error(said);
    say({ type: "explained", report: JSON.parse(text(files.get("/report.json"))) });
  }

  const PLACE = /^(?:\.\/)?\/cell\/(.+?):(\d+)(?::(\d+))?: (.*)$/;

  function placesOf(said) {
    const places = [];
    for (const line of said.split("\n")) {
      const at = PLACE.exec(line);
      if (at) places.push({ cell: at[1], line: +at[2], column: +(at[3] ?? 1), text: at[4] });
      else if (/^\t/.test(line) && places.length) places.at(-1).text += "\n" + line; // have … want …
    }
    return places;
  }

  // The runner

  const DISPLAY = "/dev/display";
  const touched = new Map(); // what a program has changed beside the notebook's files, and whether it is there
  const MOST = 1 << 26; // bytes of such a file that is there for the next program

  function tellOthers() {
    const others = [...touched].map(([path, there]) => {
      const content = there ? files.get(path) ?? new Uint8Array(0) : null;
      return [path, content?.length > MOST ? null : content?.slice() ?? null];
    });
    touched.clear();
    if (others.length) say({ type: "others", files: others }, others.flatMap(([, content]) => content?.buffer ?? []));
  }
  let shown = new Set();
  let output = { name: "", text: "" }, last = 0, budget = 0;

  function flush() {
    if (!output.text) return;
    say({ type: "stream", name: output.name, text: output.text });
    output = { name: "", text: "" };
    budget--;
  }

  // What is written is told at once, for a program that computes lets no timer run; but a message
  // for each of a thousand lines would drown the page.
  function write(name, part) {
    if (output.name !== name) flush();
    output.name = name;
    output.text += part;
    const now = performance.now();
    budget = Math.min(100, budget + (now - last) / 20);
    last = now;
    if (budget >= 1 || output.text.length > 1 << 16) flush();
  }

  function show({ data, metadata, id }) {
    flush();
    say({ type: "display", data, metadata: metadata ?? {}, id, update: shown.has(id) });
    if (id) shown.add(id);
  }

  // What the program reads: lines that have come, and whether the end has.
  let lines = new Uint8Array(0), over = false, waiting = null;

  function read(into, callback) {
    if (lines.length || over) {
      const n = Math.min(into.length, lines.length);
      into.set(lines.subarray(0, n));
      lines = lines.slice(n);
      callback(null, n);
      return;
    }
    waiting = { into, callback };
    flush();
    say({ type: "input" });
  }

  function input(line) {
    if (line === null) over = true;
    else lines = bytes(text(lines) + line);
    const reader = waiting;
    waiting = null;
    if (reader) read(reader.into, reader.callback);
  }

  // A page's memory never gets smaller, so Go looks for garbage before it takes more than this.
  const ENOUGH = "80MiB";

  let module, base; // of the program that runs, or ran last: each is compiled once

  async function run({ program, args, language = "en", ...given }) {
    if (program) {
      const start = performance.now();
      base = given.base;
      module = await WebAssembly.compile(program);
      release(program.buffer); // it would stay until the engine clears up
      say({ type: "compiled", seconds: (performance.now() - start) / 1000 });
    }
    const [stdout, stderr] = [1, 2].map(() => new TextDecoder("utf-8", { ignoreBOM: true })); // a program may write one
    const crash = makeCrash();
    heard = (number, part) => {
      const said = (number === 1 ? stdout : stderr).decode(part, { stream: true });
      if (number === 2) crash.add(said);
      write(number === 1 ? "stdout" : "stderr", said);
    };
    shown = new Set();
    lines = new Uint8Array(0);
    over = false;
    files.enter("/notebooks");
    const start = performance.now();
    const env = { HOME: "/notebooks", TMPDIR: "/tmp", UNROLL_PROGRESS: "/notebooks/progress.json", UNROLL_DISPLAY: DISPLAY, GOMEMLIMIT: ENOUGH };
    if (language !== "en") { // a translated notebook is in a folder of its own, and its cells speak its language
      env.UNROLL_LANGUAGE = language;
      files.enter(`/notebooks/${language}`);
    }
    const { code, memory } = await execute(module, ["cell", ...args], env, base);
    files.enter("/notebooks");
    for (const [name, decoder] of [["stdout", stdout], ["stderr", stderr]]) if (decoder.decode()) write(name, "\ufffd"); // half a letter
    flush();
    tellOthers();
    say({ type: "ran", code, memory, errors: crash.text, seconds: (performance.now() - start) / 1000 });
  }

  // Of the standard error, what Go writes when a program crashes, as the kernel's package output catches it: from a line
  // that begins so, unless the program goes on for long without a trace.
  const CRASH = /^(?:panic: |fatal error: |runtime: |unexpected fault address )/m;
  const MOST_CAUGHT = 1 << 17; // characters: more than Go writes of one goroutine
  function makeCrash() {
    let line = "", text = "", since = 0; // line: the one that goes on
    return {
      add(said) {
        if (text && performance.now() - since > 1000 && !text.includes("\ngoroutine ")) text = "";
        if (text) { text = (text + said).slice(0, MOST_CAUGHT); return; }
        line += said;
        const at = line.search(CRASH);
        if (at >= 0) [text, since] = [line.slice(at).slice(0, MOST_CAUGHT), performance.now()];
        line = at >= 0 ? "" : line.slice(line.lastIndexOf("\n") + 1).slice(0, 100);
      },
      get text() { return text; },
    };
  }
})();
