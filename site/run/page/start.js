// Puts Run and Edit on a page's cells. All else is loaded at the first touch, for most readers only read.
(() => {
  "use strict";
  const { src, dataset } = document.currentScript;
  const tr = window.unrollSay; // of the page's own script: a text in its language
  const loading = {};
  // Runs a script. there() tells whether it did what it should: a host may answer with a page that says it has no such file.
  const load = (name, there) => (loading[name] ??= new Promise((resolve, reject) => {
    const script = document.createElement("script"), failed = () => {
      delete loading[name];
      script.remove();
      reject(new Error(location.protocol.startsWith("http")
        ? tr("{name}.js could not be loaded: is the network there? Try again. The file belongs into the folder run beside the pages.", { name })
        : tr("{name}.js is missing or damaged: it belongs into the folder run beside the pages.", { name })));
    };
    script.src = new URL(`${name}.js`, src);
    script.onload = () => (there() ? resolve() : failed());
    script.onerror = failed;
    document.head.append(script);
  }));
  const key = `unroll-cells:${dataset.lesson}`; // the reader's edits
  const run = (window.unrollRun = { home: src, lesson: dataset.lesson, notebook: dataset.notebook, key, load, act, tr, cells: [] });

  const style = document.createElement("style");
  style.textContent = `
    .cell .bar { display: flex; flex-wrap: wrap; gap: .25rem .5rem; align-items: center; min-height: 2.5rem; padding-block: .35rem; }
    .bar button { padding: .1rem .7rem; border: 1px solid var(--line); border-radius: 6px; background: var(--box); color: var(--ink); font: inherit; font-size: .875rem; cursor: pointer; }
    .bar button:hover { border-color: var(--link); }
    .bar .long { color: var(--quiet); font-size: .875rem; }
    @media print {
      .bar :is(button, .long), .cell:not(.stale) .bar { display: none; }
    }`;
  document.head.append(style);

  // The cell does something, with the rest of the page's part; what goes wrong stands beside its buttons.
  async function act(cell, what, ...more) {
    if (!run.page) cell.said.textContent = tr("Loading…");
    try {
      await load("safe", () => run.safe);
      await load("outputs", () => run.Outputs);
      await load("cells", () => run.start);
      run.page ??= run.start();
      await run.page.cells[cell.number - 1][what](...more);
    } catch (error) {
      cell.said.textContent = document.querySelector("#said").textContent = error.message;
    }
  }

  document.querySelectorAll("section.cell").forEach((section, i) => {
    const code = section.querySelector(".highlight pre"), bar = document.createElement("div"), said = document.createElement("span");
    const cell = { section, code, bar, said, number: i + 1, buttons: {} };
    for (const [name, what, label] of [[tr("Run"), "run", tr("Run cell {n}", { n: i + 1 })], [tr("Edit"), "edit", tr("Edit cell {n}", { n: i + 1 })]]) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = name;
      button.setAttribute("aria-label", label);
      button.addEventListener("click", () => act(cell, what));
      bar.append(button);
      cell.buttons[what] = button;
    }
    if (section.dataset.seconds) bar.append(Object.assign(document.createElement("small"), { className: "long", textContent: tr("about {n} s here", { n: section.dataset.seconds }) }));
    bar.className = "bar";
    bar.append(said);
    code.closest(".highlight").append(bar);
    // A click into the code edits it; one that ends a selection does not.
    code.addEventListener("click", (event) => { if (getSelection().isCollapsed) act(cell, "edit", { x: event.clientX, y: event.clientY }); });
    code.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); act(cell, event.shiftKey || event.ctrlKey ? "run" : "edit"); } });
    run.cells.push(cell);
  });
  addEventListener("storage", (event) => { if (event.key === key && !run.page) act(run.cells[0], "show"); }); // edited in another tab
  try { if (localStorage.getItem(key)) act(run.cells[0], "show"); } catch { /* nothing is kept here */ }
})();
