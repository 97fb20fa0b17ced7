// The search of all lessons, loaded when it is wanted. The index is a script too: a page opened from disk may load
// a script, but not fetch a file.
(() => {
  "use strict";
  const say = window.unrollSay;
  const search = document.querySelector("#search");
  const field = search.querySelector("input");
  const found = search.querySelector("ol");
  const count = search.querySelector("[role=status]");
  const home = search.dataset.root;
  const INITIALS = /^[ㄱ-ㅎ]+$/;
  const GREEK = "α alpha 알파,β beta 베타,γ gamma 감마,δ delta 델타,εϵ epsilon 엡실론,ζ zeta 제타,η eta 에타,θϑ theta 세타,ι iota 이오타,κ kappa 카파,λ lambda 람다,μ mu 뮤,ν nu 누,ξ xi 크시,π pi 파이,ρ rho 로,σς∑ sigma 시그마,τ tau 타우,υ upsilon 입실론,φϕ phi 피,χ chi 카이,ψ psi 프시,ω omega 오메가"
    .split(",").map((letter) => letter.split(" "));
  let sections; // of all lessons: address, lesson, heading, text, and the English heading of a translated one
  let vocabulary; // how often each word is there, counted when one is found nowhere

  window.unrollIndex = (index) => {
    sections = index.map((s) => ({
      ...s, title: plain(`${s.heading} ${s.lesson} ${s.english ?? ""}`), body: plain(s.text), term: /(^|\/)glossary\.html#/.test(s.href) && plain(`${s.heading} ${s.english ?? ""}`),
    }));
    look();
  };
  const script = document.createElement("script");
  script.src = search.dataset.index;
  script.onerror = () => { count.textContent = say("The index of the search is missing: search-index.js."); };
  document.head.append(script);

  const close = () => {
    found.replaceChildren();
    count.textContent = "";
  };
  field.addEventListener("input", look);
  field.addEventListener("focus", look);
  search.addEventListener("submit", (event) => {
    event.preventDefault();
    found.querySelector("a")?.click();
  });
  search.addEventListener("keydown", (event) => {
    const stops = [field, ...found.querySelectorAll("a")];
    const here = stops.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape" && (field.value || event.target !== field)) {
      field.value = "";
      field.focus({ preventScroll: true });
      look();
    } else if (step && here >= 0) {
      event.preventDefault();
      stops[Math.min(Math.max(here + step, 0), stops.length - 1)].focus();
    }
  });
  document.addEventListener("click", (event) => {
    if (!search.contains(event.target)) close();
  });

  // Hyphens are spaces and braces are parentheses, letter for letter: bag-of-words is bag of words, h_{t-1} is h_(t−1).
  function plain(text) {
    return text.normalize("NFC").toLowerCase().replace(/[-‐‑–—−]/g, " ").replace(/{/g, "(").replace(/}/g, ")");
  }

  // ㅍㄷ finds 패딩: the first consonants of syllables, letter for letter.
  function initials(text) {
    return text.replace(/[가-힣]/g, (syllable) => "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"[Math.floor((syllable.charCodeAt(0) - 0xac00) / 588)]);
  }

  // How to find a word: what to look for, and in which view of a text. A Greek letter and its name find each other.
  function wanted(word) {
    const either = ([letters, name], korean) => `(?:[${letters}]|(?<!\\p{L})${name}s?(?!\\p{L})${korean ? `|${korean}` : ""})`;
    const source = word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/\p{L}+/gu, (run) => {
      const entry = GREEK.find(([, ...names]) => names.includes(run));
      if (entry) return either(entry, run === entry[2] && run);
      return run.replace(/\p{Script=Greek}/gu, (letter) => { const entry = GREEK.find(([letters]) => letters.includes(letter)); return entry ? either(entry) : letter; });
    });
    return { pattern: new RegExp(source, "gu"), view: INITIALS.test(word) ? initials : (text) => text };
  }

  const times = ({ pattern, view }, text) => view(text).match(pattern)?.length ?? 0;

  // A section is found if it has every word. Terms of the glossary come first, then words in headings count most.
  function hitsOf(words) {
    const hits = [];
    for (const s of sections) {
      let score = s.term && words.every((word) => times(word, s.term)) ? 10000 / (s.heading.length + 10) + 1000 : 0;
      for (const word of words) {
        const inTitle = times(word, s.title), inBody = times(word, s.body);
        if (!inTitle && !inBody) { score = 0; break; }
        score += (inTitle ? 100 : 0) + Math.min(inBody, 20) + 1;
      }
      if (score) hits.push([score, s]);
    }
    return hits.sort((a, b) => b[0] - a[0]).map(([, s]) => s);
  }

  // The most frequent word that one edit makes of a word: a letter more, less, other, or exchanged with the next.
  function near(word) {
    if (word.length < 5) return "";
    if (!vocabulary) {
      vocabulary = new Map();
      for (const s of sections) for (const one of `${s.title} ${s.body}`.match(/[\p{L}\p{N}]+/gu) ?? []) vocabulary.set(one, (vocabulary.get(one) ?? 0) + 1);
    }
    const others = [...vocabulary.keys()].filter((other) => {
      if (Math.abs(other.length - word.length) > 1) return false;
      let from = 0, end = 0;
      while (from < word.length && word[from] === other[from]) from++;
      while (end < Math.min(word.length, other.length) - from && word.at(-1 - end) === other.at(-1 - end)) end++;
      const [a, b] = [word.slice(from, word.length - end), other.slice(from, other.length - end)];
      return (a.length <= 1 && b.length <= 1) || (a.length === 2 && b === a[1] + a[0]);
    });
    return others.reduce((best, other) => (vocabulary.get(other) > (vocabulary.get(best) ?? 0) ? other : best), "");
  }

  function look() {
    const asked = plain(field.value.replace(/[\\$]/g, "")).split(/\s+/).filter(Boolean);
    if (!sections || !asked.length) return close();
    let words = asked.map(wanted), hits = hitsOf(words), instead = "";
    if (!hits.length) {
      const mended = asked.map((word, i) => (sections.some((s) => times(words[i], s.title) || times(words[i], s.body)) ? word : near(word)));
      if (mended.every(Boolean)) {
        words = mended.map(wanted);
        hits = hitsOf(words);
        instead = mended.join(" ");
      }
    }
    const n = hits.length;
    count.textContent = n === 0 ? say("Nothing found") : instead ? say("Sections with “{words}”: {n}", { words: instead, n }) : n === 1 ? say("1 section") : say("{n} sections", { n });
    found.replaceChildren(...hits.slice(0, 12).map((s) => result(s, words)));
  }

  // Where the words stand in a text.
  const places = (words, text) => words.flatMap(({ pattern, view }) => [...view(plain(text)).matchAll(pattern)].map((match) => [match.index, match.index + match[0].length]));

  // A text with the words marked in it.
  function marked(text, words) {
    const parts = [];
    let at = 0;
    for (const [start, end] of places(words, text).sort((a, b) => a[0] - b[0])) {
      if (start < at) continue;
      const mark = document.createElement("mark");
      mark.textContent = text.slice(start, end);
      parts.push(text.slice(at, start), mark);
      at = end;
    }
    return [...parts, text.slice(at)];
  }

  function result(s, words) {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = home + s.href;
    link.addEventListener("click", close);
    const title = document.createElement("b");
    title.append(...marked(s.heading, words));
    const lesson = document.createElement("small");
    lesson.textContent = s.lesson === s.heading ? "" : s.lesson;
    const text = document.createElement("span");
    const first = Math.min(...places(words, s.text).map(([at]) => at));
    const from = first < Infinity ? Math.max(0, first - 40) : 0;
    text.append(...marked((from ? "…" : "") + s.text.slice(from, from + 120) + (s.text.length > from + 120 ? "…" : ""), words));
    link.append(title, lesson, text);
    item.append(link);
    return item;
  }
})();
