"""Composes a lesson in another language from the English notebook and a catalogue.

A text without a translation that holds stays English, and says so by lang="en". Links lead to lessons of the same
language where there are any, and to headings as they are translated; files of the course are one folder up.
"""

import copy
import re
from urllib.parse import quote, unquote

import nbformat

from catalogue import Catalogues, Course
from interface import names, say
from lessons import EDITIONS, NOTEBOOKS, Lesson, normalize, read
from texts import Text

LINK = re.compile(r"\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")
PREDICT = "**Predict"


class Edition:
    """The lessons in a language."""

    def __init__(self, language, course=None, catalogues=None, base=NOTEBOOKS):
        self.language, self.base = language, base
        self.course = course or Course()
        self.catalogues = catalogues or Catalogues(base.parent / "po" / language)
        self.lessons = {lesson.slug: lesson for lesson in self.course.lessons}
        # A lesson is in the edition from when its title is translated.
        self.there = [name for name in self.lessons if self.translated(name, *self.course.texts(name)[0])]
        self.anchors = {name: self.headings(name) for name in self.lessons}

    def translated(self, name, cell, text):
        return self.catalogues.translation(name, cell, text.english)

    def path(self, name):
        return self.base / self.language / self.lessons[name].path.name

    def lesson(self, name):
        return Lesson(self.path(name), self.base)

    def headings(self, name):
        """Of each anchor in the English lesson that in the translated one."""
        anchors, taken = {}, ([], [])
        for cell, nb in ((cell, self.course.pieces[name, cell.id]) for cell in self.course.notebooks[name].cells):
            for before, text in zip(nb, nb[1:]):
                if cell.cell_type == "markdown" and isinstance(before, str) and (mark := re.search(r"(?:^|\n)#+ +(.*)$", before)):
                    here = name in self.there and self.translated(name, cell.id, text) or text.english
                    english, translated = (free(anchor(mark[1] + words), used) for words, used in zip((text.english, here), taken))
                    anchors[english] = translated
        return anchors

    def compose(self, name):
        """The lesson without outputs."""
        nb = copy.deepcopy(self.course.notebooks[name])
        for cell in nb.cells:
            english = cell.source
            cell.source = "".join(
                piece if isinstance(piece, str) else self.say(name, cell, piece) for piece in self.course.pieces[name, cell.id]
            )
            cell.source = re.sub(r"^> $", ">", cell.source, flags=re.M)
            if PREDICT in english:  # pages fold the outputs of the next cell
                cell.metadata["tags"] = [*cell.metadata.get("tags", []), "predict"]
            if cell.cell_type == "code":
                cell.source = re.sub(r'(["`])data/', r"\1../data/", cell.source)
                cell.outputs, cell.execution_count = [], None
        nb.cells[0].source = with_editions(nb.cells[0].source, {"en": f"../{self.lessons[name].path.name}"})
        texts = [text for cell, text in self.course.texts(name) if text.kind == "text" and not self.translated(name, cell, text)]
        if texts:
            note = nbformat.v4.new_markdown_cell(self.note(len(texts), name), id="edition")
            nb.cells.insert(1, note)
        if name == "glossary":
            start = 1 + bool(texts)
            nb.cells[start:] = sorted(nb.cells[start:], key=lambda cell: anchor(re.match(r"#+ +(.*)", cell.source)[1]).casefold())
        return normalize(nb, self.language)

    def note(self, left, name):
        every = sum(text.kind == "text" for _, text in self.course.texts(name))
        return say("*{left} of {all} paragraphs are not translated, or the English has changed since. They are in English.*", self.language).format(left=left, all=every)

    def say(self, name, cell, text):
        words = self.translated(name, cell.id, text)
        if text.kind != "text":
            return text.source if words is None else text.written(words)
        return text.written(self.relink(name, marked_english(text.english) if words is None else words))

    def relink(self, name, words):
        return LINK.sub(lambda match: self.link(name, *match.groups()), words)

    def link(self, name, text, url):
        path, _, fragment = url.partition("#")
        if re.match(r"[a-z]+:", url):
            return f"[{text}]({url})"
        target = name if not path else path.removesuffix(".ipynb")
        if target not in self.lessons:
            return f"[{self.relink(name, text)}](../{url})"
        if self.lessons[target].numbered:
            number = str(int(self.lessons[target].path.name.partition("-")[0]))
            text = re.sub(r"(?<![A-Za-z])N(?![A-Za-z])", number, text)
        file = self.lessons[target].path.name if path else ""
        if path and target not in self.there:
            file = f"../{file}"
        elif fragment:
            known = self.anchors[target]
            fragment = known.get(fragment) or quote(known.get(unquote(fragment), fragment))
        return f"[{text}]({file}{'#' * bool(fragment)}{fragment})"


def with_editions(source, paths):
    """The first cell of a notebook with a line that leads to the notebook in other languages."""
    source = EDITIONS.sub("", source)
    line = " · ".join(f"[{names(language)}]({path})" for language, path in paths.items())
    return f"{source}\n\n{line}" if line else source


def marked_english(words):
    """A text that is not translated, as part of a translated one."""
    if re.fullmatch(r"\[[^\]]*\]\([^)]*\)", words):
        return words  # a link alone, whose place a living figure takes
    if words.startswith("|"):
        return f'<div lang="en">\n\n{words}\n\n</div>'
    return f'<span lang="en">{words}</span>'


def anchor(words):
    """The anchor that JupyterLab and the pages give to a heading."""
    words = LINK.sub(r"\1", words)
    return re.sub(r"<[^>]*>|[`$]|(?<!\w)[*_]+|[*_]+(?!\w)", "", words).strip().replace(" ", "-")


def free(base, taken):
    found, n = base, 1
    while found in taken:
        n += 1
        found = f"{base}-{n}"
    taken.append(found)
    return found
