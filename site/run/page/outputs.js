// What a cell gives while it runs: built as the page's own outputs are (index.html.j2), kept as a notebook keeps it.
(() => {
  "use strict";
  const { tr } = unrollRun;
  const MOST = 200_000; // characters of a text that are kept
  const ROWS = 1000; // of a figure's table
  const PARTS = 500; // of a cell's outputs
  const COLOURS = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

  const make = (name, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };

  // A line as a terminal shows it: what comes after \r stands over what was there.
  function settled(line) {
    let shown = "";
    for (const part of line.split("\r").reverse()) { // an earlier part shows where it reaches out
      const whole = part.replaceAll("\x1b[K", "");
      if (whole.length > shown.length) shown += whole.slice(shown.length);
      if (whole.length < part.length) break; // what was there is erased
    }
    return shown;
  }

  // Text with a terminal's colours, as elements with the classes that the page's own outputs have.
  function coloured(text, state) {
    const pieces = [];
    text.split(/\x1b\[([\d;]*)m/).forEach((piece, i) => {
      if (i % 2 === 0) {
        piece = piece.replace(/\x1b(?:\[[\d;?]*[A-Za-z]|\][^\x07\x1b]*(?:\x07|\x1b\\))/g, ""); // what moves a cursor or names a window
        const className = [state.bold, state.colour].filter(Boolean).join(" ");
        if (piece) pieces.push(className ? make("span", { className }, piece) : piece);
        return;
      }
      for (const code of piece.split(";").map(Number)) {
        if (code === 0) state.bold = state.colour = "";
        else if (code === 1) state.bold = "ansi-bold";
        else if (code === 22) state.bold = "";
        else if (code === 39) state.colour = "";
        else if (code >= 30 && code <= 37) state.colour = `ansi-${COLOURS[code - 30]}-fg`;
        else if (code >= 90 && code <= 97) state.colour = `ansi-${COLOURS[code - 90]}-intense-fg`;
      }
    });
    return pieces;
  }

  // One text that grows. What an endless loop prints must not fill the browser, so only its end is kept.
  class Text {
    constructor(name) {
      this.name = name;
      this.box = make("pre", { className: name === "stderr" ? "output error" : "output", tabIndex: 0 });
      this.last = make("span");
      this.box.append(this.last);
      this.text = this.line = this.waiting = "";
      this.cut = 0;
      this.state = {};
    }
    add(text) {
      this.waiting += text;
      if (this.waiting.length > 2 * MOST) this.drop(this.waiting.length - MOST);
      this.timer ??= setTimeout(() => this.paint(), 30);
    }
    drop(count) {
      this.cut += count + this.text.length + this.line.length;
      this.waiting = this.waiting.slice(count);
      this.text = this.line = "";
      this.box.replaceChildren(this.last);
    }
    paint() {
      clearTimeout(this.timer);
      this.timer = undefined;
      const lines = (this.line + this.waiting).split("\n");
      this.waiting = "";
      this.line = lines.pop();
      const back = this.line.lastIndexOf("\r");
      if (back > 0) this.line = settled(this.line.slice(0, back)) + this.line.slice(back); // not again the next time
      if (this.line.length > MOST) { // its end alone is kept
        this.cut += lines.splice(0).reduce((n, line) => n + line.length + 1, 0) + this.text.length + this.line.length - MOST;
        this.line = this.line.slice(-MOST);
        this.text = "";
        this.box.replaceChildren(this.last);
      }
      if (lines.length) {
        const done = lines.map((line) => settled(line) + "\n").join("");
        this.text += done;
        this.last.before(...coloured(done, this.state));
      }
      this.last.replaceChildren(...coloured(settled(this.line), { ...this.state }));
      while (this.text.length > 2 * MOST && this.box.firstChild !== this.last) {
        const first = this.box.firstChild, size = first.textContent.length;
        this.cut += size;
        this.text = this.text.slice(size);
        first.remove();
      }
      if (this.cut) this.box.dataset.cut = tr("… {n} characters before this are not kept", { n: this.cut.toLocaleString("en") });
    }
    get all() { this.paint(); return this.text + settled(this.line); }
    set all(text) { this.text = this.line = ""; this.box.replaceChildren(this.last); this.waiting = text; this.paint(); }
    get notebook() { return { output_type: "stream", name: this.name, text: this.all }; }
  }

  function rows(csv) {
    const table = [[]];
    for (const [, quoted, bare, end] of csv.matchAll(/(?:"([^"]*(?:""[^"]*)*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
      if (table.at(-1).length === 0 && !quoted && !bare && !end) break;
      table.at(-1).push(quoted === undefined ? bare : quoted.replaceAll('""', '"'));
      if (end !== ",") table.push([]);
      if (!end) break;
    }
    return table.filter((row) => row.length && row.join("") !== "");
  }

  function numbers(csv, note) {
    if (csv.length > 1000 * ROWS) return "";
    const [head, ...body] = rows(csv);
    const more = body.splice(ROWS).length;
    if (more) note = `${note ? `${note} ` : ""}${tr("{n} more rows are not shown.", { n: more.toLocaleString("en") })}`;
    const row = (cells, name) => make("tr", {}, ...cells.map((text) => make(name, name === "th" ? { scope: "col" } : {}, text)));
    const box = make("div", { tabIndex: 0 }, make("table", {}, make("thead", {}, row(head ?? [], "th")), make("tbody", {}, ...body.map((cells) => row(cells, "td")))));
    if (note) box.append(make("p", {}, note));
    return make("details", { className: "numbers" }, make("summary", {}, tr("This figure as a table")), box);
  }

  // A figure, a table or a line of Progress.
  class Display {
    constructor(message, mark) {
      this.mark = mark;
      this.set(message);
    }
    set({ data, metadata }) {
      const box = this.draw(data, metadata ?? {});
      this.box?.replaceWith(box);
      Object.assign(this, { box, data, metadata: metadata ?? {} });
    }
    draw(data, metadata) {
      try {
        return this.drawn(data, metadata);
      } catch (error) {
        return make("p", { className: "output note" }, tr("This output is too large for the page: {error}.", { error: error.message }));
      }
    }
    drawn(data, metadata) {
      const text = String(data["text/plain"] ?? "").slice(0, MOST), safe = unrollRun.safe;
      const svg = data["image/svg+xml"] && safe.svg(String(data["image/svg+xml"]), this.mark);
      const raster = ["image/png", "image/jpeg"].find((kind) => typeof data[kind] === "string");
      let picture = null;
      if (data["text/html"]) return make("div", { className: "output html" }, safe.html(String(data["text/html"]), this.mark));
      if (svg) {
        if (!svg.hasAttribute("aria-label") && !svg.hasAttribute("aria-labelledby")) {
          svg.setAttribute("role", "img");
          svg.setAttribute("aria-label", text.trim() || tr("A figure without a description"));
        }
        for (const words of svg.querySelectorAll("text")) if (/[ㄱ-ㅣ가-힣]/.test(words.textContent)) words.setAttribute("lang", "ko");
        picture = svg;
      } else if (raster) {
        picture = make("img", { src: `data:${raster};base64,${data[raster].replace(/[^\w+/=]/g, "")}`, alt: text.trim() || tr("A figure without a description") });
      }
      if (!picture) return make("pre", { className: "output", tabIndex: 0 }, ...coloured(text, {}));
      const figure = make("figure", { className: "output figure" }, picture);
      if (data["text/csv"]) figure.append(numbers(String(data["text/csv"]), metadata["text/csv"]?.note));
      return figure;
    }
    get notebook() { return { output_type: "display_data", data: this.data, metadata: this.metadata }; }
  }

  // An error as the kernel says it (package explain): where it is and Go's words, with the line; what to do about it; the rest is folded.
  class Failure {
    constructor(message, link) {
      this.message = message;
      const { problems, calls, details } = message;
      this.box = make("div", { className: "output error wrong" });
      const line = (text, code) => this.box.append(make("p", { className: "first" }, ...link(text)), code ? make("pre", { tabIndex: 0 }, code) : "");
      problems.forEach(({ text, code, hint }, i) => {
        line(text, code);
        if (i === problems.length - 1) for (const { text, code } of calls) line(text, code);
        if (!hint || hint === problems[i + 1]?.hint) return; // once for errors in a row
        this.box.append(make("p", { className: "hint" }, ...hint.split("`").map((part, i) => (i % 2 ? make("code", {}, part) : part))));
      });
      if (details) this.box.append(make("details", {}, make("summary", {}, tr("Details")), make("pre", { tabIndex: 0 }, ...coloured(details, {}))));
    }
    get notebook() {
      const { problems, calls, details } = this.message, where = [...problems, ...calls].flatMap(({ text, code, hint }) => [text, code && `    ${code}`, hint].filter(Boolean));
      return { output_type: "error", ename: "Error", evalue: problems[0].text, traceback: [[...where, ...(details ? ["", details] : [])].join("\n")] };
    }
  }

  class Outputs {
    constructor(box, mark) {
      this.box = box;
      this.mark = mark;
      this.parts = [];
      this.ids = new Map();
    }
    clear() {
      this.parts = [];
      this.ids.clear();
      this.more = null;
      this.box.replaceChildren();
    }
    put(part) {
      this.parts.push(part);
      this.box.append(part.box);
      return part;
    }
    stream({ name, text }) {
      let last = this.parts.at(-1);
      if (!(last instanceof Text) || last.name !== name) last = this.put(new Text(name));
      last.add(text);
    }
    display(message) {
      if (!Object.keys(message.data ?? {}).length) return; // a program may write anything there
      const before = message.id && this.ids.get(message.id);
      if (before) return before.set(message);
      if (this.parts.length >= PARTS) { // a loop that draws
        if (!this.more) this.box.append(this.more = make("p", { className: "note" }));
        this.more.count = (this.more.count ?? 0) + 1;
        this.more.textContent = tr("These are too many outputs for the page. Figures that are left out: {n}.", { n: this.more.count.toLocaleString("en") });
        return;
      }
      const part = this.put(new Display(message, `${this.mark}-${this.parts.length}-`));
      if (message.id) this.ids.set(message.id, part);
    }
    error(message, link) {
      // Go has written why it ended to standard error, too: it stands in the details.
      const last = this.parts.at(-1);
      if (message.details && last instanceof Text && last.name === "stderr") {
        const said = last.all, at = said.search(/^(?:panic: |fatal error: |runtime: |unexpected fault address )/m);
        if (at === 0) { this.parts.pop(); last.box.remove(); } else if (at > 0) last.all = said.slice(0, at);
      }
      this.put(new Failure(message, link));
    }
    end() { for (const part of this.parts) if (part instanceof Text) part.paint(); }
    get notebook() { return this.parts.map((part) => part.notebook); }
  }

  // A drawing as text: without the names of its parts, and its attributes in one order, which nothing shows.
  function drawn(node) {
    if (node.nodeType !== Node.ELEMENT_NODE) return node.data ?? "";
    const shown = [...node.attributes].filter(({ name }) => !["id", "aria-labelledby", "aria-describedby", "lang"].includes(name));
    const attributes = shown.map(({ name, value }) => ` ${name}="${value.replace(/url\(#[\w-]+\)/g, "")}"`).sort().join("");
    return `<${node.localName}${attributes}>${[...node.childNodes].map(drawn).join("")}</>`;
  }

  // What outputs say, as lines to compare: text, and figures as the page would have them.
  function essence(box) {
    const lines = [];
    for (const output of box?.querySelectorAll(":scope > .output") ?? []) {
      const svg = output.querySelector(":scope > svg");
      if (svg) {
        const bare = unrollRun.safe.svg(svg, "");
        lines.push({ figure: (svg.querySelector("title") ?? svg).textContent.trim() || svg.getAttribute("aria-label"), text: drawn(bare) });
      } else {
        const text = output.matches("pre") ? output.textContent : output.innerText;
        for (const line of text.replace(/\n$/, "").split("\n")) lines.push({ text: line });
      }
    }
    return lines;
  }

  // Says where two outputs first differ, or nothing.
  function difference(own, page) {
    const [a, b] = [essence(own), essence(page)];
    const at = a.findIndex((line, i) => line.text !== b[i]?.text), i = at < 0 ? a.length : at;
    if (i === a.length && i === b.length) return "";
    const short = (text) => (text.trim() ? `“${text.trim().length > 60 ? `${text.trim().slice(0, 60)}…` : text.trim()}”` : tr("an empty line"));
    if (!a[i]) return b[i].figure !== undefined ? tr("The page shows one more figure: {what}.", { what: short(b[i].figure) }) : tr("The page goes on with {what}.", { what: short(b[i].text) });
    if (!b[i]) return a[i].figure !== undefined ? tr("Your figure {what} is not on the page.", { what: short(a[i].figure) }) : tr("Your output goes on with {what}.", { what: short(a[i].text) });
    if (a[i].figure !== undefined && b[i].figure !== undefined) return tr("The figure {what} is another here.", { what: short(b[i].figure) });
    const say = (line) => (line.figure !== undefined ? tr("a figure, {what}", { what: short(line.figure) }) : short(line.text));
    return tr("Line {n} differs: here {here}, on the page {there}.", { n: i + 1, here: say(a[i]), there: say(b[i]) });
  }

  Object.assign(unrollRun, { Outputs, difference, make });
})();
