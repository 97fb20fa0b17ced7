// The tools of a page: the switches for light and dark and for the answers, buttons that copy
// code, and the search. Without scripts none of them shows, and everything else works.
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

  const search = document.querySelector("#search");
  if (!search) return;
  const field = search.querySelector("input");
  const found = search.querySelector("ol");
  const count = search.querySelector("[role=status]");
  const home = search.dataset.root;
  const INITIALS = /^[ㄱ-ㅎ]+$/;
  let sections; // of all lessons: address, lesson, heading, text, and the English heading of a translated one

  // A page opened from disk may load a script, but not fetch a file, so the index is a script.
  window.unrollIndex = (index) => {
    sections = index.map((s) => ({ ...s, title: `${s.heading} ${s.lesson} ${s.english ?? ""}`.toLowerCase(), body: s.text.toLowerCase() }));
    look();
  };
  const close = () => {
    found.replaceChildren();
    count.textContent = "";
  };
  const load = () => {
    if (search.dataset.loading) return;
    search.dataset.loading = "yes";
    const script = document.createElement("script");
    script.src = search.dataset.index;
    script.onerror = () => { count.textContent = say("The index of the search is missing: search-index.js."); };
    document.head.append(script);
  };
  for (const event of ["focus", "input"]) field.addEventListener(event, () => { load(); look(); });
  search.addEventListener("submit", (event) => {
    event.preventDefault();
    found.querySelector("a")?.click();
  });
  search.addEventListener("keydown", (event) => {
    const stops = [field, ...found.querySelectorAll("a")];
    const here = stops.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") {
      field.value = "";
      field.focus();
      look();
    } else if (step && here >= 0) {
      event.preventDefault();
      stops[Math.min(Math.max(here + step, 0), stops.length - 1)].focus();
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.target.closest("input, textarea, select")) return;
    event.preventDefault();
    field.focus();
  });
  document.addEventListener("click", (event) => {
    if (!search.contains(event.target)) close();
  });

  // A section is found if it contains every word; words in its heading count most.
  function look() {
    const words = field.value.normalize("NFC").toLowerCase().split(/\s+/).filter(Boolean);
    if (!sections || !words.length) return close();
    const hits = [];
    for (const s of sections) {
      let score = 0;
      for (const word of words) {
        const [title, body] = INITIALS.test(word) ? [initials(s.title), initials(s.body)] : [s.title, s.body];
        const inTitle = title.includes(word), inBody = body.includes(word);
        if (!inTitle && !inBody) { score = 0; break; }
        score += (inTitle ? 100 : 0) + Math.min(body.split(word).length, 20);
      }
      if (score) hits.push([score, s]);
    }
    hits.sort((a, b) => b[0] - a[0]);
    count.textContent = hits.length === 0 ? say("Nothing found") : hits.length === 1 ? say("1 section") : say("{n} sections", { n: hits.length });
    found.replaceChildren(...hits.slice(0, 12).map(([, s]) => result(s, words)));
  }

  function result(s, words) {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = home + s.href;
    link.addEventListener("click", close);
    const title = document.createElement("b");
    title.textContent = s.heading;
    const lesson = document.createElement("small");
    lesson.textContent = s.lesson === s.heading ? "" : s.lesson;
    const text = document.createElement("span");
    const at = Math.max(0, ...words.map((word) => (INITIALS.test(word) ? initials(s.body) : s.body).indexOf(word)));
    const from = Math.max(0, at - 40);
    const shown = (from ? "…" : "") + s.text.slice(from, from + 120) + (s.text.length > from + 120 ? "…" : "");
    text.append(...marked(shown, words));
    link.append(title, lesson, text);
    item.append(link);
    return item;
  }

  // ㅍㄷ finds 패딩: the first consonants of syllables, letter for letter.
  function initials(text) {
    return text.replace(/[가-힣]/g, (syllable) => "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"[Math.floor((syllable.charCodeAt(0) - 0xac00) / 588)]);
  }

  function marked(text, words) {
    words = words.map((word) => {
      const at = INITIALS.test(word) ? initials(text).indexOf(word) : -1;
      return at < 0 ? word : text.slice(at, at + word.length);
    });
    const pattern = words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
    return text.split(new RegExp(`(${pattern})`, "i")).map((part, i) => {
      if (i % 2 === 0) return part;
      const mark = document.createElement("mark");
      mark.textContent = part;
      return mark;
    });
  }
})();
