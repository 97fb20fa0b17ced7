// Runs a page's living figures. The page holds each figure as it was drawn when the page was
// made; the first touch loads package lesson as WebAssembly, and from then on each change of a
// control asks it again. It answers with numbers, words and the marks to draw.
(() => {
  "use strict";
  const LANGUAGE = document.documentElement.lang === "en" ? "" : document.documentElement.lang;
  const say = (english, values) => window.unrollSay?.(english, values) ?? english;
  const SVG = "http://www.w3.org/2000/svg";
  const home = document.currentScript.src;
  let module; // the promise of window.unroll

  function load() {
    // A page from disk may not fetch a file, but may run a script, so the module is in one.
    module ??= new Promise((resolve, reject) => {
      window.unrollModule = async (text) => {
        try {
          const zipped = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
          const stream = new Blob([zipped]).stream().pipeThrough(new DecompressionStream("gzip"));
          const bytes = await new Response(stream).arrayBuffer();
          const go = new Go();
          const { instance } = await WebAssembly.instantiate(bytes, go.importObject);
          go.run(instance);
          resolve((request) => JSON.parse(window.unroll(JSON.stringify(request))));
        } catch (error) {
          reject(error);
        }
      };
      const script = document.createElement("script");
      const inside = document.getElementById("lesson-module"); // of a page that stands alone
      if (inside) script.textContent = inside.textContent;
      else script.src = new URL("lesson.wasm.js", home);
      script.onerror = () => reject(new Error(`${script.src} is missing`));
      document.head.append(script);
    });
    return module;
  }

  // The children of an element as marks.
  function marks(element) {
    return [...element.children].map((child) => ({
      tag: child.tagName,
      attr: Object.fromEntries([...child.attributes].map(({ name, value }) => [name, value])),
      ...(child.childElementCount ? { in: marks(child) } : { text: child.textContent }),
    }));
  }

  // Makes the children of a node those that marks describe. The marks drawn before are known,
  // so a drag changes only what differs; elements that stay can be animated.
  function draw(node, marks, before) {
    marks.forEach((mark, i) => {
      let element = node.children[i], was = before[i];
      if (was?.tag !== mark.tag) {
        const made = document.createElementNS(SVG, mark.tag);
        element ? element.replaceWith(made) : node.append(made);
        element = made;
        was = { attr: {} };
      }
      for (const name in was.attr) {
        if (!(name in mark.attr)) element.removeAttribute(name);
      }
      for (const name in mark.attr) {
        if (mark.attr[name] !== was.attr[name]) element.setAttribute(name, mark.attr[name]);
      }
      if (mark.in) draw(element, mark.in, was.in ?? []);
      else if ((mark.text ?? "") !== (was.text ?? "")) element.textContent = mark.text ?? "";
    });
    while (node.children.length > marks.length) node.lastElementChild.remove();
  }

  class LivingFigure {
    constructor(figure) {
      this.figure = figure;
      this.form = figure.querySelector("form");
      this.drawing = figure.querySelector(".drawing");
      this.inputs = [...this.form.querySelectorAll("input")];
      this.form.addEventListener("submit", (event) => event.preventDefault());
      const act = (event) => {
        this.preset(event.target);
        this.change();
      };
      this.form.addEventListener("input", act);
      this.form.addEventListener("click", (event) => event.target.matches("button[data-sets]") && act(event));
      this.form.addEventListener("reset", () => setTimeout(() => this.change()));
      figure.addEventListener("pointerdown", () => this.wake());
      figure.addEventListener("focusin", () => this.wake());
      this.drawing.addEventListener("pointermove", (event) => this.pick(event));
      this.drawing.addEventListener("pointerdown", (event) => this.pick(event));
      addEventListener("resize", () => this.answer && this.ask());
      addEventListener("hashchange", () => this.restore());
      this.restore();
    }

    set(name, value) {
      for (const input of this.inputs.filter((one) => one.name === name)) {
        if (input.type !== "radio") input.value = value;
        else if (input.value === value) {
          input.checked = true;
          this.preset(input);
        }
      }
    }

    // Sets the other controls that a choice or a button sets.
    preset(chosen) {
      for (const [name, value] of Object.entries(JSON.parse(chosen.dataset.sets ?? "{}"))) this.set(name, value);
    }

    // The values that differ from the controls' initial ones.
    changed() {
      const setting = {};
      for (const input of this.inputs) {
        if (input.type === "radio" ? input.checked && !input.defaultChecked : input.value !== input.defaultValue) {
          setting[input.name] = input.value;
        }
      }
      return setting;
    }

    // The address holds the setting: #gradient-decay?scale=1.5&steps=20.
    restore() {
      const [name, setting] = decodeFragment();
      if (name !== this.figure.id || setting === undefined || setting === this.kept) return;
      this.form.reset();
      for (const [key, value] of new URLSearchParams(setting)) this.set(key, value);
      this.figure.scrollIntoView();
      this.change();
    }

    async wake() {
      if (this.module || this.failed) return;
      this.drawing.ariaBusy = "true";
      try {
        this.module = await load();
        this.ask();
      } catch (error) {
        this.failed = true;
        this.drawing.ariaBusy = "false";
        this.figure.querySelector(".words").textContent = say("This figure cannot answer here: {error}.", { error: error.message });
      }
    }

    change() {
      for (const output of this.form.querySelectorAll("output")) {
        output.value = this.form.elements[output.htmlFor.value].value.replace("-", "−");
      }
      this.touched = true;
      this.wake();
      this.ask();
    }

    // Asks once for all that has changed until the next frame.
    ask() {
      if (!this.module || this.asked) return;
      this.drawing.ariaBusy = "true";
      this.asked = requestAnimationFrame(() => {
        this.asked = 0;
        this.show(this.module({ name: this.figure.id, setting: this.setting(), width: this.drawing.clientWidth, language: LANGUAGE }));
      });
    }

    setting() {
      return Object.fromEntries(new FormData(this.form));
    }

    show(answer) {
      this.answer = answer;
      if (!this.svg) {
        this.svg = this.drawing.firstElementChild;
        this.svg.classList.add("alive");
        this.drawing.replaceChildren(this.svg);
        this.drawn = marks(this.drawing);
      }
      const { width, height, label } = answer;
      const attr = { ...this.drawn[0].attr, width: `${width}`, height: `${height}`, viewBox: `0 0 ${width} ${height}`, "aria-label": label };
      const drawn = [{ tag: "svg", attr, in: answer.marks }];
      draw(this.drawing, drawn, this.drawn);
      this.drawn = drawn;
      this.figure.querySelector(".words").textContent = answer.words;
      clearTimeout(this.pause);
      this.pause = setTimeout(() => this.settle(), 300);
    }

    // Updates, once the controls have not changed for a while, the table, the address and the words
    // for screen readers.
    settle() {
      const { head, rows, names, words } = this.answer;
      this.drawing.ariaBusy = "false";
      const cell = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });
      const line = (cells) => {
        const row = document.createElement("tr");
        row.append(...cells);
        return row;
      };
      this.figure.querySelector("thead").replaceChildren(line(head.map((name) => Object.assign(cell("th", name), { scope: "col" }))));
      this.figure.querySelector("tbody").replaceChildren(
        ...rows.map((row, i) => line([...(names ? [names[i]] : []), ...row].map((value) => cell("td", value)))),
      );
      if (!this.touched) return;
      this.figure.querySelector(".said").textContent = words;
      const kept = new URLSearchParams(this.changed()).toString();
      if (kept !== this.kept) {
        this.kept = kept;
        history.replaceState(null, "", `#${this.figure.id}${kept && "?"}${kept}`);
      }
    }

    // A pointer on the drawing moves the slider of its x axis.
    pick(event) {
      const pick = this.answer?.pick;
      if (!pick) return;
      const box = this.svg.getBoundingClientRect();
      const x = ((event.clientX - box.left) * this.answer.width) / box.width;
      const slider = this.form.elements[pick.control];
      const before = slider.value;
      slider.value = Math.round((x - pick.from) / pick.by);
      if (slider.value !== before) this.change();
    }
  }

  function decodeFragment() {
    const fragment = location.hash.slice(1);
    const at = fragment.indexOf("?");
    return at < 0 ? [fragment, undefined] : [fragment.slice(0, at), fragment.slice(at + 1)];
  }

  for (const figure of document.querySelectorAll(".living")) new LivingFigure(figure);
})();
