// Cells that run: what start.js loads at the first touch of one. The page sends each run to the engine,
// with the cells above it, and shows what comes back; edits and progress are kept in the browser.
(() => {
  "use strict";
  const { make, Outputs, difference, load, act, key, tr } = unrollRun;
  const MOST = 500_000; // characters of edits that a lesson may keep
  const PROGRESS = "unroll-progress";

  const style = make("style");
  style.textContent = `
    .cell.changed > .highlight, .cell.changed > .folded { border-left: 3px solid var(--link); padding-left: .5rem; margin-left: calc(-.5rem - 3px); }
    .bar > span { color: var(--quiet); font-size: .875rem; line-height: 1.3; }
    .outputs .outputs { margin-top: .5rem; }
    .cell .own:not(:empty), .cell .page:not([hidden]) { margin-top: .5rem; }
    .own .html, .own .figure { contain: paint; }
    .own pre[data-cut]::before { content: attr(data-cut); display: block; white-space: normal; color: var(--quiet); }
    .page { padding: .4rem 1rem; border: 1px dashed var(--quiet); border-radius: 8px; }
    .page > summary { color: var(--link); font-size: .9375rem; font-weight: 400; }
    .page > p { margin: .5rem 0; }
    .wrong { padding: .6rem 1rem; }
    .wrong p { margin: 0 0 .25rem; white-space: pre-wrap; overflow-wrap: anywhere; }
    .wrong .first { font-weight: 600; font-family: var(--mono); font-size: .875em; }
    .wrong .hint, .note { color: var(--ink); }
    .wrong .hint { margin-top: .5rem; }
    .wrong .hint + .first { margin-top: .9rem; }
    .wrong .hint code { background: none; padding: 0; }
    .wrong pre { padding: 0 1rem .4rem; color: var(--ink); }
    .wrong details pre { padding: .4rem 0; }
    :is(.wrong, .note, .bench > p) button { padding: 0; border: 0; background: none; color: inherit; font: inherit; text-decoration: underline; cursor: pointer; }
    .note { margin: 0; padding: .3rem 1rem; border-left: 3px solid var(--quiet); font-size: .9375rem; }
    .reads { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; font-size: .9375rem; }
    .reads input { flex: 1 1 12rem; min-width: 0; padding: .3rem .7rem; border: 1px solid var(--quiet); border-radius: 6px; background: var(--paper); color: var(--ink); font: .9375rem var(--mono); }
    .reads button, .bench button { padding: .2rem .8rem; border: 1px solid var(--line); border-radius: 6px; background: var(--box); color: var(--ink); font: inherit; font-size: .875rem; cursor: pointer; }
    .bench button:hover { border-color: var(--link); }
    .bench { position: sticky; bottom: 0; z-index: 1; max-height: 80vh; overflow-y: auto; display: flex; flex-wrap: wrap; gap: .25rem .75rem; align-items: center; margin-top: 2rem; padding: .4rem .75rem; border: 1px solid var(--line); border-bottom: 0; border-radius: 8px 8px 0 0; background: var(--paper); font-size: .875rem; line-height: 1.4; }
    .bench > p { flex: 1 1 12rem; min-width: 0; margin: 0; }
    .bench progress { width: 8rem; accent-color: var(--link); }
    .bench summary { padding-block: .15rem; font-weight: 600; }
    .bench details[open] { flex-basis: 100%; }
    .bench details > div { display: flex; flex-wrap: wrap; gap: .4rem; padding: .5rem 0 .25rem; }
    .bench details p { margin: .25rem 0; color: var(--quiet); }
    html:has(.bench) { scroll-padding-bottom: 4rem; }
    @media (max-width: 30rem) { .bench progress { width: 100%; } }
    .bar .keys { display: none; margin-left: auto; color: var(--quiet); }
    @media (min-width: 48rem) { .cell:has(.cm-focused) .keys { display: inline; } }
    @media print { .cell .cm-editor { outline: none; } .bench, .reads { display: none; } .own pre.output { max-height: none; } }`;
  document.head.append(style);

  const button = (text, act) => {
    const made = make("button", { type: "button" }, text);
    made.addEventListener("click", act);
    return made;
  };
  const seconds = (time) => tr("{n} s", { n: time < 10 ? time.toFixed(1) : Math.round(time) });
  const megabytes = (bytes) => (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);
  const brief = (text) => (text.length > 500 ? `${text.slice(0, 500)}…` : text);
  const text = (bytes) => new TextDecoder().decode(bytes);
  const object = (text) => { try { const value = JSON.parse(text); return value?.constructor === Object ? value : {}; } catch { return {}; } };
  // Progress as package exercise reads it.
  const isAttempt = ([name, one]) => name !== "__proto__" && Number.isSafeInteger(one?.tries) && one.tries >= 0 && typeof one.solved === "boolean";

  // The engine names cells by their ids, readers by their numbers.
  const number = (id) => page.cells.find((one) => one.id === id)?.number ?? id;
  const numbered = (text) => text.replace(/(\b[Cc]ell|셀) ([\w-]+)/g, (all, word, id) => `${word} ${number(id)}`);
  const inLine = (cell, line, text) => tr("Cell {n}, line {line}: {text}", { n: number(cell), line, text });

  // What the engine says itself, in the page's language: {cell} and {other} are cells.
  const say = (english) => english; // for the catalogue
  const SAYS = [
    say("Cell {cell} does not compile, and was left out."), say("Cell {cell} needs {name} of cell {other}, and was left out."), say("The page has no shell and none of the kernel's commands: such a line works in JupyterLab."),
    say("the page does not have package {name}"), say("It has the lessons' packages and a part of the standard library; JupyterLab has all."),
    say("the program wants more memory than the page has"), say("the program calls itself too deep"), say("the cell is nested too deep for the page"),
    say("Does each recursion end? A page has room for thousands of calls within each other, JupyterLab for millions."), say("another cell is running"),
    say("{name} could not be loaded"), say("{name} is damaged"), say("{name} or one of the files beside it is damaged"),
  ];
  function translated(text = "") {
    for (const english of SAYS) {
      const pattern = english.replace(/[.?]/g, "\\$&").replace(/\{(\w+)\}/g, "(?<$1>\\S+)"); // no name has a space; a program's text may have any, and end nowhere
      const found = new RegExp(`^${pattern}$`).exec(text);
      if (!found) continue;
      const { cell, other, ...rest } = found.groups ?? {};
      return tr(english, { cell: number(cell), other: number(other), ...rest });
    }
    return numbered(text);
  }

  // Progress after a program has made now of before, while other pages may have changed what is kept. What is solved stays so.
  function merged(kept, before, now) {
    const all = { ...kept };
    for (const name of Object.keys(before)) if (!now[name]) delete all[name]; // it has another name now
    for (const [name, one] of Object.entries(now)) {
      if (all[name]?.solved || !Number.isInteger(one?.tries)) continue;
      const tries = (all[name]?.tries || 0) + Math.max(0, one.tries - (before[name]?.tries || 0));
      all[name] = { tries, solved: Boolean(one.solved) };
    }
    return all;
  }

  // What the browser keeps. It may keep nothing, in a private window or if its space is full.
  const store = {
    troubles: {}, // by the key
    progress: undefined, // what it has not kept: here as long as the page
    get trouble() { return Object.values(store.troubles).find(Boolean) ?? ""; },
    warn(key, text) {
      if (text && text !== store.trouble) page.say(text);
      store.troubles[key] = text;
    },
    get(key) {
      if (key === PROGRESS && store.progress !== undefined) return store.progress;
      try { return localStorage.getItem(key); } catch { store.warn(key, NOTHING()); return null; }
    },
    set(key, value) {
      try {
        if (value === null) localStorage.removeItem(key);
        else localStorage.setItem(key, value);
        if (key === PROGRESS) store.progress = undefined;
        store.warn(key, "");
      } catch (error) {
        if (key === PROGRESS) store.progress = value;
        store.warn(key, error.name === "QuotaExceededError" ? tr("The browser's space for this page is full: what you change now is not kept. Download it first.") : NOTHING());
      }
      if (key === PROGRESS) dispatchEvent(new Event(PROGRESS)); // the contents show it
      page.tell();
    },
  };
  const NOTHING = () => tr("This browser keeps nothing for this page: what you change is gone when you leave it. Download it first.");

  const KEYS = () => tr("Shift and Enter runs the cell. Tab indents; Escape, then Tab, leaves the editor.");

  class Cell {
    constructor({ section, code, bar, said, number, buttons }) {
      Object.assign(this, { section, code, bar, said, number, buttons, id: section.id.slice("cell-".length) });
      this.original = this.source = code.textContent.replace(/\n$/, "");
      this.box = code.closest(".copying") ?? code;
      this.given = section.querySelector(".outputs"); // what the page has
      this.answer = section.querySelector("details.answer");
      const more = (name, text, label, act) => {
        this.buttons[name] = button(text, act);
        this.buttons[name].setAttribute("aria-label", label);
        said.before(this.buttons[name]);
      };
      more("reset", tr("Reset"), tr("Reset cell {n}", { n: number }), () => this.reset());
      more("above", tr("Run all above"), tr("Run all above cell {n}", { n: number }), () => page.run(page.cells.slice(0, number - 1)));
      more("stop", tr("Stop"), tr("Stop cell {n}", { n: number }), () => (this.state === "waits" ? page.drop(this) : page.stop()));
      this.drawn = [...code.childNodes];
      this.show();
    }

    show(state = this.state) {
      this.state = state;
      const changed = this.source !== this.original, busy = state === "waits" || state === "runs", { activeElement } = document;
      this.section.classList.toggle("changed", changed);
      this.buttons.edit.hidden = Boolean(this.editor);
      this.buttons.stop.hidden = !busy;
      this.buttons.above.hidden = busy || this.number === 1 || !(this.touched || this.editor);
      this.buttons.reset.hidden = !changed && !this.outputs;
      if (activeElement.hidden && Object.values(this.buttons).includes(activeElement)) this.buttons[busy ? "stop" : "run"].focus({ preventScroll: true }); // not back to the page's top
      const parts = [changed ? tr("changed") : ""];
      if (state === "waits") parts.push(tr("waits"));
      else if (state === "runs") parts.push(this.stage ?? tr("runs"), page.queue.includes(this) ? tr("then runs again") : "");
      else parts.push(this.ended, this.outputs ? this.since() : "");
      this.section.classList.toggle("stale", Boolean(this.outputs && this.since())); // paper says it
      this.said.textContent = parts.filter(Boolean).join(" · ");
    }

    // The texts that a run of this cell has: its own is the last.
    get texts() { return page.cells.slice(0, this.number).map(({ source }) => source); }

    // Says whether the outputs are of an earlier text.
    since() {
      const other = this.texts.findLastIndex((text, i) => text !== this.ran[i]);
      return other < 0 ? "" : other === this.number - 1 ? tr("edited since it ran") : tr("a cell above was edited since it ran");
    }

    // Puts an editor in the place of the code.
    async open() {
      await load("editor", () => window.unrollEditor);
      if (this.editor) return;
      const box = make("div");
      this.box.before(box);
      this.box.hidden = true;
      this.editor = unrollEditor(box, {
        text: this.source, label: tr("Go of cell {n}", { n: this.number }), description: "unroll-keys",
        changed: (source) => { this.source = source; page.keep(this); },
        run: () => this.run(),
      });
      this.editor.wrong = this.wrongLines ?? [];
      this.said.after(make("small", { className: "keys", ariaHidden: "true" }, tr("Shift+Enter runs. Esc, then Tab leaves."))); // its description says it, too
      this.show();
    }

    // Lets the reader edit, at a point of the screen or at a line and column.
    async edit({ x, y, line, column } = {}) {
      await this.open();
      if (x !== undefined) this.editor.focusAt(x, y);
      else this.editor.focus(line, column);
    }

    // Puts a text in the place of the cell's.
    put(source) {
      this.source = source;
      if (this.editor) this.editor.text = source;
      if (source === this.original) this.code.replaceChildren(...this.drawn);
      else {
        this.code.textContent = `${source}\n`; // as long as there is no editor
        act(this, "open");
      }
      page.keep(this);
    }

    run() {
      this.touched = true;
      return page.run([this]);
    }

    reset() {
      page.drop(this);
      this.put(this.original);
      if (this.outputs) {
        this.outputs.box.remove();
        if (this.given) this.page.replaceWith(this.given);
        this.page.remove();
        this.outputs = null;
      }
      this.ended = this.wrongLines = null;
      this.begun = false;
      this.show();
      page.say(tr("Cell {n} is as the page has it.", { n: this.number }));
    }

    begin() {
      this.failed = this.stage = this.ended = null;
      this.begun = false;
      this.sent = this.texts;
      this.show("runs");
    }

    // Puts the reader's own outputs in the place of the page's, which are folded behind them.
    clear() {
      this.begun = true;
      if (!this.outputs) {
        this.outputs = new Outputs(make("div", { className: "outputs own" }), `own-${this.number}`);
        this.page = make("details", { className: "page" }, make("summary", {}, tr("What the page shows")), make("p"));
        const after = this.given ?? this.answer;
        if (after) after.before(this.outputs.box, this.page);
        else this.section.append(this.outputs.box, this.page);
        if (this.given) this.page.append(this.given);
      }
      this.outputs.clear();
      this.page.hidden = true;
      this.page.open = false;
      this.wrongLines = null;
      if (this.editor) this.editor.wrong = [];
      this.ran = this.sent;
      this.show();
    }

    // What stood below the cell stays there until its program begins, or says why it does not.
    heard(message) {
      const begins = message.type === "progress" ? message.stage === "run" : message.type !== "file" && !message.stopped;
      if (begins && !this.begun) this.clear();
      if (this.answer && begins && message.type !== "progress") this.answer.open = true;
      switch (message.type) {
        case "progress":
          this.stage = { load: tr("Go is loading"), start: tr("Go starts"), again: tr("Go starts again"), ready: tr("Go is ready"), compile: tr("compiles"), link: tr("links"), run: tr("runs") }[message.stage];
          this.show();
          break;
        case "stream": this.outputs.stream(message); break;
        case "display": this.outputs.display(message); break;
        case "note": this.outputs.box.append(make("p", { className: "note" }, ...this.linked(translated(message.text)))); break;
        case "input": this.ask(); break;
        case "error": {
          const { kind, text, places } = message;
          // Of what is no error of Go, there is but a text.
          const [, cell, line, rest] = /^Cell ([\w-]+), line (\d+): (.*)$/s.exec(text) ?? [, "", 0, text];
          const told = message.problems?.length ? message.problems : [{ cell, line, message: rest, hint: message.hint || (kind !== "load" ? "" : location.protocol.startsWith("http") ? tr("Is the network there? Try again.") : tr("Copy the folder run again, whole, to beside the pages.")) }];
          const problems = told.map(({ cell, line, code, message, hint }) => ({ text: brief(cell ? inLine(cell, line, translated(message)) : translated(message)), code, hint: translated(hint) }));
          const calls = (message.calls ?? []).map(({ cell, line, code }) => ({ text: tr("Called from {place}", { place: tr("cell {n}, line {line}", { n: number(cell), line }) }), code }));
          const long = told.map(({ message }) => message).filter((one) => brief(one) !== one && !message.details.includes(one));
          this.failed = told[0].cell ? problems[0].text : tr("Cell {n}: {text}", { n: this.number, text: problems[0].text });
          this.outputs.error({ problems, calls, details: numbered([...long, message.details].filter(Boolean).join("\n")) }, (text) => this.linked(text, places));
          this.wrongLines = places.filter(({ cell }) => cell === this.id).map(({ line }) => line);
          if (this.editor) this.editor.wrong = this.wrongLines;
          break;
        }
        case "done": this.done(message);
      }
    }

    // A text with its places as buttons that go there.
    linked(text, places = []) {
      const made = [];
      let at = 0;
      for (const match of text.matchAll(/(?:\b[Cc]ell|셀) (\d+)(?:, line (\d+)|, (\d+)행)?/g)) {
        const cell = page.cells[match[1] - 1], line = +(match[2] ?? match[3] ?? 1);
        if (!cell) continue;
        const column = places.find((place) => place.cell === cell.id && place.line === line)?.column ?? 1;
        made.push(text.slice(at, match.index), button(match[0], () => act(cell, "edit", { line, column })));
        at = match.index + match[0].length;
      }
      return [...made, text.slice(at)];
    }

    ask() {
      const { activeElement } = document, reader = activeElement === document.body || this.section.contains(activeElement); // or types elsewhere
      this.form?.remove();
      const field = make("input", { autocomplete: "off", spellcheck: false });
      const send = (text) => {
        this.form.remove();
        if (text !== null) this.outputs.stream({ name: "stdout", text });
        page.engine.post({ type: "stdin", text });
        this.buttons.stop.focus();
      };
      this.form = make("form", { className: "reads" }, make("label", {}, tr("The program reads a line: "), field), make("button", { type: "submit" }, tr("Send")), button(tr("End of input"), () => send(null)));
      this.form.addEventListener("submit", (event) => { event.preventDefault(); send(`${field.value}\n`); });
      this.outputs.end();
      this.outputs.box.append(this.form);
      page.say(tr("Cell {n} reads a line.", { n: this.number }));
      if (reader) field.focus();
    }

    done({ ok, stopped, code, seconds: times = {} }) {
      this.form?.remove();
      if (this.begun) this.outputs.end();
      const how = stopped ? tr("stopped") : ok ? tr("done") : code && !this.failed ? tr("exit status {code}", { code }) : tr("error");
      const time = times.run >= 0.05 ? tr(" in {time}", { time: seconds(times.run) }) : "";
      let same = "";
      if (ok) {
        const other = difference(this.outputs.box, this.given);
        if (!other && this.given) same = tr("the same as on the page");
        if (!this.given) this.page.hidden = true;
        else if (other) {
          same = this.source === this.original ? tr("not the same as on the page") : "";
          this.page.hidden = false;
          this.page.querySelector(":scope > p").textContent = other;
          if (this.answer) this.page.open = true; // a prediction wants both in view
        }
      } else if (this.given && this.begun) {
        this.page.hidden = false;
        this.page.querySelector(":scope > p").textContent = "";
      }
      this.ended = [how + (ok ? time : ""), same].filter(Boolean).join(", ");
      page.say(this.failed ? tr("Error. {text}", { text: this.failed }) : tr("Cell {n}: {text}", { n: this.number, text: this.ended }));
      this.show("");
    }
  }

  class Page {
    constructor() {
      this.queue = [];
      this.notes = "";
      this.edited = new Set(); // cells whose text is not kept yet
      this.progress = {}; // as the engine has it
    }

    start() {
      document.body.append(make("p", { id: "unroll-keys", hidden: true }, KEYS()));
      this.state = make("p", {}, tr("Cells run here, in the browser."));
      this.bar = make("progress", { hidden: true });
      this.bar.setAttribute("aria-label", tr("Loading Go"));
      this.halt = button(tr("Stop"), () => this.stop());
      this.halt.hidden = true;
      this.file = make("input", { type: "file", accept: ".json,application/json", hidden: true });
      this.file.addEventListener("change", () => { this.importProgress(this.file.files[0]); this.file.value = ""; });
      this.about = make("p");
      this.work = make("summary", {}, tr("My work"));
      const work = make("details", {}, this.work, make("div", {},
        button(tr("Run all cells"), () => this.run(this.cells)),
        button(tr("Reset all cells"), () => { if (!confirm(tr("Take back all your changes on this page?"))) return; this.stop(); for (const cell of this.cells) cell.reset(); }),
        unrollRun.notebook ? button(tr("Download my notebook"), () => this.download()) : "",
        button(tr("Export progress"), () => this.exportProgress()),
        button(tr("Import progress"), () => this.file.click()), this.file,
        button(tr("Free the memory"), () => this.unload())), this.about, make("a", { href: new URL("licences.txt", unrollRun.home) }, tr("Licences of what runs here")));
      work.addEventListener("keydown", (event) => { if (event.key === "Escape" && work.open) { work.open = false; this.work.focus(); } });
      const bench = make("section", { className: "bench" }, this.state, this.bar, this.halt, work);
      bench.setAttribute("aria-label", tr("Go in this page"));
      document.querySelector("main").append(bench);

      this.cells = unrollRun.cells.map((cell) => new Cell(cell));
      this.take();
      addEventListener("storage", (event) => { if (event.key === key) this.take(); }); // the lesson is open elsewhere, too
      addEventListener("pagehide", () => this.save());
      this.attempts();
      this.tell();
      return this;
    }

    announce(text) { this.tell(text); this.say(text); }
    say(text) { document.querySelector("#said").textContent = text; } // read out by screen readers
    tell(text = this.notes) {
      this.notes = text;
      const all = [text, this.lost, store.trouble].filter(Boolean).join(" ") || tr("Cells run here, in the browser.");
      this.state.replaceChildren(...(this.now ? [all] : this.cells[0].linked(all)));
      this.about.textContent = store.trouble || tr("Your changes and your progress stay in this browser. Nothing is sent anywhere.");
    }

    // Edits

    // Puts the texts that are kept into the cells, but where this page has one that is not kept yet.
    take() {
      const edits = object(store.get(key));
      for (const cell of this.cells) {
        const kept = edits[cell.id], source = typeof kept === "string" ? kept : cell.original;
        if (source === cell.source || this.edited.has(cell)) continue;
        cell.put(source);
        this.edited.delete(cell);
      }
    }
    keep(cell) {
      for (const one of this.cells.slice(cell.number - 1)) if (one === cell || one.outputs) one.show();
      this.edited.add(cell);
      clearTimeout(this.keeping);
      this.keeping = setTimeout(() => this.save(), 300);
    }
    save() {
      clearTimeout(this.keeping);
      if (!this.edited.size) return;
      const edits = object(store.get(key)); // the same lesson may be open elsewhere, too
      for (const { id, source, original } of this.edited) {
        if (source === original) delete edits[id];
        else edits[id] = source;
      }
      const whole = JSON.stringify(edits);
      if (whole.length > MOST) {
        store.warn(key, tr("What you wrote here is too long to be kept. Download it."));
        this.tell();
        return;
      }
      store.set(key, whole === "{}" ? null : whole);
      if (!store.troubles[key]) this.edited.clear();
    }

    // Runs

    async begin() { // the engine's script; the engine loads the rest when it runs
      await load("engine", () => window.UnrollEngine);
      this.engine ??= new UnrollEngine((message) => this.heard(message), unrollRun.home);
      const progress = (this.progress = this.attempts());
      this.engine.post({ type: "file", path: "progress.json", bytes: progress && new TextEncoder().encode(JSON.stringify(progress)) });
    }

    // The progress that is kept, or null; what of it cannot be read is taken out, for the exercises would end there.
    attempts() {
      const kept = store.get(PROGRESS);
      if (kept === null) return null;
      const good = Object.entries(object(kept)).filter(isAttempt), all = JSON.stringify(Object.fromEntries(good));
      let same = false;
      try { same = JSON.stringify(JSON.parse(kept)) === all; } catch { /* it is damaged */ }
      if (!same) {
        this.lost = tr("The progress that this browser kept was damaged: what cannot be read of it begins anew.");
        store.set(PROGRESS, good.length ? all : null);
      }
      return same || good.length ? JSON.parse(all) : null;
    }

    // A program wrote the progress, or removed it.
    wrote(bytes) {
      const now = bytes ? object(text(bytes)) : {};
      store.set(PROGRESS, bytes && JSON.stringify(merged(object(store.get(PROGRESS)), this.progress ?? {}, now), null, 1) + "\n");
      this.progress = now;
    }

    async run(cells) {
      for (const cell of cells) {
        const same = this.now === cell && cell.texts.every((text, i) => text === cell.sent[i]);
        if (same || this.queue.includes(cell)) continue;
        this.queue.push(cell);
        cell.show(this.now === cell ? "runs" : "waits");
      }
      if (!this.now) await this.next();
    }

    async next(end = "") {
      const cell = (this.now = this.queue.shift()), turn = (this.turn = {});
      if (!cell && this.halt === document.activeElement) this.work.focus({ preventScroll: true });
      this.halt.hidden = !cell;
      this.bar.hidden = true;
      if (!cell) { this.tell(end); return; }
      cell.begin();
      this.tell(tr("Cell {n} runs.", { n: cell.number }));
      this.say(tr("Cell {n} runs.", { n: cell.number }));
      try {
        await this.begin();
      } catch (error) {
        if (this.turn !== turn) return; // stopped
        this.heard({ type: "error", kind: "", text: error.message, hint: "", places: [], details: "" });
        return this.heard({ type: "done", ok: false, stopped: false });
      }
      if (this.turn !== turn) return;
      this.engine.post({ type: "run", cell: cell.id, cells: this.cells.slice(0, cell.number).map(({ id, source }) => ({ id, source })) });
    }

    stop() {
      for (const cell of this.queue.splice(0)) if (cell !== this.now) cell.show("");
      if (!this.now) return;
      if (this.engine) this.engine.post({ type: "stop" });
      else this.heard({ type: "done", cell: this.now.id, ok: false, stopped: true });
    }

    // The cell runs no more, nor waits for it.
    drop(cell) {
      if (cell === this.now) this.stop();
      this.queue = this.queue.filter((one) => one !== cell);
      cell.show("");
    }

    heard(message) {
      const cell = message.cell ? this.cells.find(({ id }) => id === message.cell) : this.now;
      if (message.type === "progress" && this.now) this.stages(message, cell); // what a stopped run began to load comes later
      if (message.type === "file" && message.path === "/notebooks/progress.json") this.wrote(message.bytes);
      if (!cell || cell !== this.now) return;
      try {
        cell.heard(message);
      } catch (error) { // the page goes on
        console.error(error);
        cell.outputs?.box.append(make("p", { className: "note" }, error.message));
        if (message.type === "done") cell.show("");
      }
      if (message.type !== "done") return;
      this.now = null;
      let end = "";
      if (!message.ok) { // as JupyterLab: what follows does not run, but for the cell itself with another text
        const again = this.queue.includes(cell), others = this.queue.splice(0).filter((one) => one !== cell);
        for (const one of others) one.show("");
        if (again) this.queue.push(cell);
        if (others.length && !message.stopped) end = tr("Cell {n} ended with an error; what waited for it did not run.", { n: cell.number });
      }
      this.next(end);
    }

    stages({ stage, loaded, total }, cell) {
      const loading = ["load", "start", "again"].includes(stage);
      this.bar.hidden = !loading;
      if (stage === "load" && total) Object.assign(this.bar, { max: total, value: loaded });
      else this.bar.removeAttribute("value");
      if (stage === "load") this.tell(total ? tr("Go is loading: {loaded} of {total} MB, this once.", { loaded: megabytes(loaded), total: megabytes(total) }) : tr("Go is loading, this once."));
      else if (stage === "start") this.tell(tr("The browser compiles Go's compiler."));
      else if (stage === "again") this.tell(tr("Go starts again."));
      else if (stage === "ready") this.tell("");
      else this.tell({ compile: tr("Cell {n} is compiled.", { n: cell.number }), link: tr("Cell {n} is linked.", { n: cell.number }) }[stage] ?? tr("Cell {n} runs.", { n: cell.number }));
      if (loading && this.stage !== stage) this.say(this.state.textContent);
      this.stage = stage;
    }

    unload() {
      this.stop();
      this.engine?.post({ type: "unload" });
      this.announce(tr("The memory is free; the next run loads Go again."));
    }

    // Files

    save_as(name, type, content) {
      const url = URL.createObjectURL(new Blob([content], { type }));
      make("a", { href: url, download: name }).click();
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
    }

    async download() {
      let nb;
      window.unrollNotebook = (given) => { nb = given; };
      try { await load(`notebooks/${unrollRun.lesson}`, () => nb); } catch (error) { return this.announce(error.message); }
      nb = structuredClone(this.whole ??= nb);
      for (const { id, source, original, outputs, ran } of this.cells) {
        const cell = nb.cells.find((one) => one.id === id);
        if (!cell) continue;
        if (outputs && ran.at(-1) === source) cell.outputs = outputs.notebook;
        else if (source !== original) cell.outputs = [];
        if (source !== original) cell.source = source;
        cell.execution_count = null;
      }
      this.save_as(unrollRun.notebook, "application/x-ipynb+json", JSON.stringify(nb, null, 1) + "\n");
      this.announce(tr("Your notebook is downloaded: it opens in JupyterLab."));
    }

    exportProgress() {
      this.save_as("progress.json", "application/json", store.get(PROGRESS) ?? "{}\n");
      this.announce(tr("progress.json is downloaded: beside the notebooks, JupyterLab reads it."));
    }

    async importProgress(file) {
      if (!file) return;
      let given;
      try {
        given = file.size < 1e6 && JSON.parse(await file.text());
        const entries = Object.entries(given);
        if (given.constructor !== Object || !entries.every(isAttempt)) throw new Error();
        const mine = object(store.get(PROGRESS));
        for (const [name, { tries, solved }] of entries) if (!mine[name]?.solved) mine[name] = { tries, solved }; // what is solved stays so
        store.set(PROGRESS, JSON.stringify(mine));
        this.tell(entries.length === 1 ? tr("The progress of 1 exercise is here.") : tr("The progress of {n} exercises is here.", { n: entries.length }));
      } catch {
        this.tell(tr("{name} is no progress file: it wants {example}.", { name: file.name, example: '{"lesson/exercise": {"tries": 1, "solved": true}, …}' }));
      }
      this.say(this.notes);
    }
  }
  const page = new Page();
  unrollRun.start = () => page.start();
})();
