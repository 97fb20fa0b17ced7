// The editor of a cell, of CodeMirror's parts: `npm ci && npm run build` makes ../editor.js of it.
import { closeBrackets, closeBracketsKeymap } from "@codemirror/autocomplete";
import { history, historyKeymap, indentWithTab, standardKeymap, toggleComment } from "@codemirror/commands";
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { go } from "@codemirror/legacy-modes/mode/go";
import { EditorState, StateEffect, StateField } from "@codemirror/state";
import { Decoration, EditorView, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

// A cell is Go with lines for the kernel in it, that begin with % or !.
const cell = StreamLanguage.define({
  ...go,
  token: (stream, state) => (stream.sol() && stream.match(/^(%%|%[a-z]|!).*/) ? "meta" : go.token(stream, state)),
});

// The colours of the page.
const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.definitionKeyword, tags.typeName], color: "var(--keyword)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--string)" },
  { tag: [tags.number, tags.atom, tags.bool, tags.null], color: "var(--number)" },
  { tag: [tags.standard(tags.name), tags.function(tags.name)], color: "var(--function)" },
  { tag: tags.comment, color: "var(--comment)", fontStyle: "italic" },
  { tag: tags.meta, color: "var(--quiet)" },
]);

const look = EditorView.theme({
  "&": { border: "1px solid var(--line)", borderRadius: "8px", background: "var(--box)", color: "var(--ink)" },
  "&.cm-focused": { outline: "3px solid var(--link)", outlineOffset: "2px" },
  ".cm-scroller": { fontFamily: "var(--mono)", fontSize: ".875em", lineHeight: "1.5" },
  ".cm-content": { padding: ".8rem 0", caretColor: "var(--ink)" },
  ".cm-line": { padding: "0 1rem 0 .5rem" },
  ".cm-gutters": { border: "0", background: "none", color: "var(--quiet)" },
  ".cm-wrong": { background: "var(--wrong-box)", boxShadow: "inset 3px 0 var(--wrong)", outline: "1px solid transparent", outlineOffset: "-1px" }, // the outline shows in forced colours
  "&.cm-focused .cm-matchingBracket": { background: "none", outline: "1px solid var(--quiet)" },
});

const setWrong = StateEffect.define();
const wrong = StateField.define({ // the lines that the last run complains of, until they are changed
  create: () => Decoration.none,
  update(marks, change) {
    marks = change.docChanged ? Decoration.none : marks;
    for (const effect of change.effects) {
      if (!effect.is(setWrong)) continue;
      const lines = [...new Set(effect.value)].filter((n) => n >= 1 && n <= change.state.doc.lines).sort((a, b) => a - b);
      marks = Decoration.set(lines.map((n) => Decoration.line({ class: "cm-wrong" }).range(change.state.doc.line(n).from)));
    }
    return marks;
  },
  provide: (field) => EditorView.decorations.from(field),
});

// Puts an editor of text into box. changed(text) and run() are called when the reader does so.
window.unrollEditor = (box, { text, label, description, changed, run }) => {
  const ran = () => { run(); return true; };
  const view = new EditorView({
    parent: box,
    state: EditorState.create({
      doc: text,
      extensions: [
        keymap.of([{ key: "Shift-Enter", run: ran }, { key: "Ctrl-Enter", mac: "Cmd-Enter", run: ran }, { key: "Ctrl-Enter", run: ran }]),
        keymap.of([...closeBracketsKeymap, ...standardKeymap, ...historyKeymap, indentWithTab, { key: "Mod-/", run: toggleComment }]),
        cell, syntaxHighlighting(colours), look, wrong,
        history(), lineNumbers(), bracketMatching(), closeBrackets(), indentOnInput(),
        indentUnit.of("\t"), EditorState.tabSize.of(4),
        EditorView.contentAttributes.of({ "aria-label": label, "aria-describedby": description, tabindex: "0", spellcheck: "false", autocapitalize: "off", autocorrect: "off" }),
        EditorView.updateListener.of((update) => { if (update.docChanged) changed(update.state.doc.toString()); }),
      ],
    }),
  });
  return {
    set text(text) { view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } }); },
    set wrong(lines) { view.dispatch({ effects: setWrong.of(lines) }); },
    // Puts the cursor at a place; lines and columns count from 1, columns in bytes as Go does.
    focus(line = 1, column = 1) {
      const { from, text } = view.state.doc.line(Math.min(Math.max(line, 1), view.state.doc.lines));
      const before = new TextDecoder().decode(new TextEncoder().encode(text).slice(0, column - 1)).length;
      view.focus();
      view.dispatch({ selection: { anchor: from + Math.min(before, text.length) }, scrollIntoView: true });
    },
    // Puts the cursor where the reader pointed.
    focusAt(x, y) {
      view.focus();
      view.dispatch({ selection: { anchor: view.posAtCoords({ x, y }, false) } });
    },
  };
};
