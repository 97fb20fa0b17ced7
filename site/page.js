// The tools of a page: the switches for light and dark and for the answers, buttons that copy
// code, what the contents mark, and the search. Without scripts none of them shows, and everything else works.
(() => {
  "use strict";
  const root = document.documentElement;
  const translated = JSON.parse(document.querySelector("#words")?.textContent || "{}");
  // A text in the language of the page, with the values of its {names}.
  const say = (window.unrollSay = (english, values = {}) => (translated[english] ?? english).replace(/\{(\w+)\}/g, (name, key) => values[key] ?? name));

  const theme = document.querySelector("#theme");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme || (dark.matches ? "dark" : "light")) === "dark";
  const show = () => theme.setAttribute("aria-pressed", isDark());
  theme.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    try { localStorage.setItem("unroll-theme", root.dataset.theme); } catch { /* not kept, then */ }
    show();
  });
  dark.addEventListener("change", show);
  show();

  const answers = document.querySelector("#answers");
  const showAnswers = (yes) => {
    for (const answer of document.querySelectorAll(".answer")) answer.open = yes;
    answers.setAttribute("aria-pressed", yes);
  };
  answers?.addEventListener("click", () => {
    const yes = answers.getAttribute("aria-pressed") !== "true";
    try { localStorage.setItem("unroll-answers", yes ? "shown" : ""); } catch { /* not kept, then */ }
    showAnswers(yes);
  });
  try { if (answers && localStorage.getItem("unroll-answers")) showAnswers(true); } catch { /* none kept */ }

  const said = document.querySelector("#said"); // read out by screen readers
  for (const code of document.querySelectorAll(".highlight pre, .text pre")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = say("Copy");
    button.addEventListener("click", async () => {
      const copied = await copy(code.textContent);
      button.textContent = said.textContent = copied ? say("Copied") : say("Select the code and copy it by hand");
      setTimeout(() => { button.textContent = say("Copy"); said.textContent = ""; }, 2000);
    });
    const box = document.createElement("div");
    box.className = "copying";
    code.before(box);
    box.append(code, button);
  }

  // A page whose cells could run says why they do not.
  addEventListener("load", () => {
    const first = [...document.querySelectorAll("section.cell")].find((cell) => !cell.closest("details"));
    if (!document.querySelector("script[data-lesson]") || !first || first.querySelector(".bar")) return;
    const note = document.createElement("p");
    note.className = "norun";
    note.textContent = say("Cells do not run here: the folder run, which belongs beside the pages, is missing or damaged. Copy it again, whole.");
    first.before(note);
  });

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch { // a page opened from disk may have no clipboard
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      return done;
    }
  }

  // Makes boxes that scroll horizontally focusable, so that the keyboard can scroll them.
  const wide = () => {
    for (const box of document.querySelectorAll("main :is(p, li, h2, h3, dd, table, .figure, math[display=block])")) {
      if (box.scrollWidth > box.clientWidth && box.clientWidth && getComputedStyle(box).overflowX === "auto") {
        box.setAttribute("tabindex", "0");
      } else if (box.hasAttribute("tabindex")) {
        box.removeAttribute("tabindex");
      }
    }
  };
  addEventListener("resize", wide);
  document.addEventListener("toggle", wide, true);
  wide();

  // What the reader has done of each lesson's exercises, which the cells that run keep.
  const showDone = () => {
    let kept;
    try { kept = Object.entries(JSON.parse(localStorage.getItem("unroll-progress")) ?? {}); } catch { kept = []; }
    for (const place of document.querySelectorAll("[data-exercises]")) {
      const { lesson, exercises: all } = place.dataset;
      const solved = kept.filter(([name, one]) => one?.solved && name.startsWith(`${lesson}/`)).length;
      const done = Math.min(solved, all), words = say("{done} of {all} exercises are solved.", { done, all });
      place.hidden = !kept.length;
      place.textContent = place.role ? `${done}/${all}` : words;
      if (place.role) place.ariaLabel = place.title = words;
      place.classList.toggle("all", done === +all);
    }
  };
  addEventListener("storage", showDone);
  addEventListener("unroll-progress", showDone);
  showDone();

  // The contents mark the section that is read. They are a fold at the top where there is no room beside the text.
  const contents = document.querySelector(".contents details");
  if (contents) {
    const list = contents.querySelector("ol"), label = contents.querySelector("summary span");
    const links = [...list.querySelectorAll('a[href^="#"]')];
    const headings = links.map((link) => document.getElementById(decodeURIComponent(link.hash.slice(1))));
    let marked;
    const inView = () => {
      const link = marked ?? list.querySelector("[aria-current]");
      const box = list.getBoundingClientRect(), line = link?.getBoundingClientRect();
      if (line && (line.top < box.top || line.bottom > box.bottom)) list.scrollTop += line.top - box.top - box.height / 3;
    };
    const mark = () => {
      const atEnd = scrollY > 0 && scrollY + innerHeight >= root.scrollHeight - 2;
      const now = links[headings.findLastIndex((heading) => atEnd || heading?.getBoundingClientRect().top < innerHeight / 4)];
      if (now === marked) return;
      marked?.removeAttribute("aria-current");
      marked = now;
      marked?.setAttribute("aria-current", "location");
      label.textContent = marked?.textContent ?? "";
      inView();
    };
    addEventListener("scroll", mark, { passive: true });
    mark();
    inView();
    const fold = () => { contents.open = false; };
    contents.addEventListener("toggle", inView);
    contents.addEventListener("click", (event) => { if (event.target.closest("a")) fold(); });
    contents.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !contents.open) return;
      fold();
      contents.querySelector("summary").focus();
    });
    document.addEventListener("click", (event) => { if (!contents.contains(event.target)) fold(); });
  }

  // A link to the page in another language leads to the cell that was read last here: it stands at the top, where nobody
  // reads, so what counts is where the page rested for a second. The reader's choice is kept; who has made none
  // is offered the browser's language on English pages; who has, that language.
  const chosen = () => { try { return localStorage.getItem("unroll-language"); } catch { return null; } };
  const choose = (language) => { try { localStorage.setItem("unroll-language", language); } catch { /* not kept, then */ } };
  let read, rests;
  const note = () => {
    const cells = [...document.querySelectorAll("main section[id]")];
    if (scrollY > 200) read = cells.findLast((section) => section.getBoundingClientRect().top <= 80) ?? read;
  };
  addEventListener("scroll", () => { clearTimeout(rests); rests = setTimeout(note, 1000); }, { passive: true });
  for (const link of document.querySelectorAll(".editions a, .offer a")) {
    link.addEventListener("click", () => {
      choose(link.hreflang);
      if (read) link.hash = read.id;
    });
  }
  const language = chosen() ?? navigator.languages[0].split("-")[0];
  for (const offer of document.querySelectorAll(".offer")) {
    offer.hidden = offer.lang !== language || (chosen() === null && root.lang !== "en");
    offer.querySelector("button").addEventListener("click", () => { choose(root.lang); offer.hidden = true; });
  }

  // The search is in a script of its own. The key / brings it, with the head of the page, to where the reader is.
  const search = document.querySelector("#search");
  if (!search) return;
  const field = search.querySelector("input"), head = search.closest("header");
  field.addEventListener("focus", () => {
    const script = document.createElement("script");
    script.src = `${search.dataset.root}search.js`;
    document.head.append(script);
  }, { once: true });
  let before;
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.target.closest("input, textarea, select, [contenteditable]")) return;
    event.preventDefault();
    before = document.activeElement;
    head.classList.add("here");
    field.focus({ preventScroll: true });
  });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || field.value || !head.classList.contains("here")) return;
    field.blur();
    before?.focus({ preventScroll: true });
  });
  head.addEventListener("focusout", (event) => {
    if (!head.contains(event.relatedTarget)) head.classList.remove("here");
  });
})();
