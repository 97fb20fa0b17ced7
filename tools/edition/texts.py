"""Takes a notebook's cell apart into what a translator translates and what stays as it is.

Of Markdown, every block is a text of its own: a heading, a paragraph, an item of a list, a table. Of code, every comment
and every string that a person reads. What stands between them stays: the marks of headings and lists, formulas on lines
of their own, and the code itself. The lines of a paragraph or a comment are joined, so that breaking them elsewhere
changes no text, and links to lessons go without numbers, so that renumbering the course changes none.
"""

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

from copies import slug
from lessons import EDITIONS


@dataclass
class Text:
    """A text of a cell: what it is (text, comment or string), what it says in English, and how a translation is written
    in the cell. As a string, it is the text as it was."""

    kind: str
    english: str
    written: Callable[[str], str]
    source: str


def pieces(cell, chosen):
    """The pieces of a cell, in order: strings, which stay, and Texts. chosen(string) tells the strings of its code that a
    person reads; see strings.py."""
    if cell.cell_type == "markdown":
        return markdown(cell.source)
    if cell.cell_type == "code":
        return code(cell.source, "go", chosen)
    return [cell.source]


# Markdown

FENCE = re.compile(r"\s*(```+|~~~+)\s*(\w*)\s*")
HEADING = re.compile(r"(#+ +(?:\d+\. )?)(.*)")
ITEM = re.compile(r"(\s*(?:[-*+]|\d+[.)]) +)(.*)")
SUMMARY = re.compile(r"(\s*<summary>)(.*)(</summary>\s*)")
TAGS = re.compile(r"\s*(?:</?\w+[^>]*>\s*)+")
BLOCKS = (FENCE, HEADING, ITEM, SUMMARY, TAGS, re.compile(r">.*"), re.compile(r"\s*\|.*"), re.compile(r"\s*\$\$.*"))


def markdown(source):
    found, lines = [], source.split("\n")[::-1]

    def take(belongs):
        taken = []
        while lines and belongs(lines[-1]):
            taken.append(lines.pop())
        return taken

    def text(prefix, words, after=""):
        speaks = re.search(r"[^\W\d_]", re.sub(r"`[^`]*`|<[^>]*>", "", words))
        found.extend([prefix, Text("text", unnumbered(words), str, words) if speaks else words, after])

    while lines:
        line = lines.pop()
        if fence := FENCE.fullmatch(line):
            inside = take(lambda row: not row.strip().startswith(fence[1]))
            found += [line + "\n", *code("\n".join(inside), fence[2])]
            found += ["\n" * bool(inside) + lines.pop()] if lines else []
        elif not line.strip() or TAGS.fullmatch(line) or EDITIONS.fullmatch(line):
            found.append(line)
        elif line.lstrip().startswith("$$"):
            formula = [line] + (take(lambda row: "$$" not in row) if line.count("$$") == 1 else [])
            formula += [lines.pop()] if line.count("$$") == 1 and lines else []
            words = "\n".join(formula)
            found.append(Text("text", words, str, words) if "\\text" in words else words)
        elif match := SUMMARY.fullmatch(line) or HEADING.fullmatch(line):
            text(*match.groups())
        elif line.startswith(">"):
            quoted = [line, *take(lambda row: row.startswith(">"))]
            inner = markdown("\n".join(row.removeprefix(">").removeprefix(" ") for row in quoted))
            found += ["> ", *map(in_quotation, inner)]
        elif line.lstrip().startswith("|"):
            text("", "\n".join([line, *take(lambda row: row.lstrip().startswith("|"))]))
        else:
            match = ITEM.fullmatch(line) or re.fullmatch(r"(\s*)(.*)", line)
            more = take(lambda row: row.strip() and not any(block.fullmatch(row) for block in BLOCKS))
            # A line that ends in two spaces is broken there; other ends of lines are spaces.
            words = re.sub(r"(?<!  )\n", " ", "\n".join([match[2], *(row.lstrip() for row in more)]))
            text(match[1], words.rstrip())
        if lines:
            found.append("\n")
    return merged(found)


def in_quotation(piece):
    if isinstance(piece, str):
        return piece.replace("\n", "\n> ")
    return Text(piece.kind, piece.english, lambda words: piece.written(words).replace("\n", "\n> "), piece.source)


def merged(found):
    """The pieces, without empty ones, and no two neighbours are strings."""
    pieces = []
    for piece in filter(None, found):
        if isinstance(piece, str) and pieces and isinstance(pieces[-1], str):
            pieces[-1] += piece
        else:
            pieces.append(piece)
    return pieces


def unnumbered(words):
    """Words whose links to lessons go without numbers: [lesson N](slug.ipynb)."""
    link = r"\[((?:[Ll]essons?\s+)?)(?:\d+\b)?([^\]]*\]\()(\d+[a-z]?-[\w-]+\.ipynb)"

    def short(match):
        number = "N" * match[0][1 + len(match[1])].isdigit()
        return f"[{match[1]}{number}{match[2]}{slug(match[3])}"

    return re.sub(link, short, words)


# Code

TOKENS = {
    "go": r"""(?P<comment>//[^\n]*|/\*.*?\*/)|(?P<string>"(?:\\.|[^"\\\n])*"|`[^`]*`)|'(?:\\.|[^'\\])*'|(?P<line>^[%!][^\n]*)""",
    "python": r"""(?P<comment>\#[^\n]*)|\"{3}.*?\"{3}|(?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')""",
}
TOKENS = {name: re.compile(form + r"|(?P<word>[\w.]+)|(?P<space>\s+)|.", re.S | re.M) for name, form in TOKENS.items()}
WIDTH = 80  # columns of a comment on lines of its own


def tokens(source, language):
    """The tokens of code: what each is (comment, string, line, word, space or None), and its text."""
    return [(match.lastgroup, match[0]) for match in TOKENS[language].finditer(source)]


def code(source, language, chosen=lambda *_: False):
    """The pieces of code in a language; of one that is not known, the source."""
    if language not in TOKENS:
        return [source]
    mark = {"go": "// ", "python": "# "}[language]
    found, place, rest, before = [], Place(), tokens(source, language)[::-1], "\n"
    while rest:
        kind, token = rest.pop()
        if kind == "comment" and token.startswith(mark):
            alone = before.rpartition("\n")[2].isspace() or before.endswith("\n")
            lines = [token]
            between = "\n" + before.rpartition("\n")[2]
            while alone and len(rest) > 1 and rest[-1] == ("space", between) and rest[-2][1].startswith(mark):
                lines.append(rest[-2][1])
                del rest[-2:]
            found.append(comment(lines, mark, between if alone else ""))
        elif kind == "string" and chosen(place, value(token)):
            found.append(string(token))
        else:
            found.append(token)
        if kind not in ("comment", "space"):
            place.pass_by(kind, token)
        before = token
    return merged(found)


def comment(lines, mark, between):
    """The piece of a comment: of lines of its own, between which stands the indentation, or behind code."""
    source = between.join(lines)
    words = " ".join(line.removeprefix(mark).strip() for line in lines)
    # What is no word: a call, a name with a dot or an underscore, a formula.
    rest = re.sub(r"[\w.]+\([^)]*\)|\w*[._]\w[\w.]*|True|False|None", "", words)
    if not re.search(r"[A-Za-z]*[a-z]{2}", rest):
        return source

    def written(words):
        if "\n" in words:
            raise ValueError("a comment has one line")
        if not between:
            return mark + words
        return between.join(mark + row for row in wrapped(words, WIDTH - len(mark) - len(between.expandtabs(4))))

    return Text("comment", words, written, source)


def wrapped(words, width):
    """Words in rows of so many columns; Hangul takes two each."""
    rows = [""]
    for word in words.split(" "):
        if rows[-1] and columns(f"{rows[-1]} {word}") > width:
            rows.append("")
        rows[-1] += f" {word}" if rows[-1] else word
    return rows


def columns(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text if not unicodedata.combining(c))


ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}


def value(token):
    """What a Go string holds; of an escape that ESCAPES does not have, the escape."""
    if token.startswith("`"):
        return token[1:-1]
    return re.sub(r"\\(.)", lambda m: ESCAPES.get(m[1], m[0]), token[1:-1])


def string(token):
    def written(words):
        if token.startswith("`"):
            if "`" in words:
                raise ValueError("a string between ` holds none")
            return f"`{words}`"
        for escape, char in reversed(ESCAPES.items()):
            words = words.replace(char, f"\\{escape}")
        return f'"{words}"'

    if re.search(r"\\[^ntr\"\\]", token) and not token.startswith("`"):
        return token  # an escape that a translation could not write
    return Text("string", value(token), written, token)


class Place:
    """Where a token of Go stands: in the call or composite literal that holds it, behind a key or an assignment."""

    def __init__(self):
        self.before, self.open = [], []  # the last tokens; and of each open bracket, the name before it

    @property
    def call(self):
        """The function whose argument the next token is."""
        return self.open[-1][1] if self.open and self.open[-1][0] == "(" else ""

    @property
    def key(self):
        """The field that the next token is given to: that of {Name: "…"} or fig.Title = "…"."""
        if self.before[-1:] == [":"] and self.open and self.open[-1][0] == "{":
            return self.before[-2]
        if self.before[-1:] == ["="]:
            return self.before[-2].rpartition(".")[2] if "." in self.before[-2] else ""
        return ""

    def pass_by(self, kind, token):
        if kind is None and token in "([{":
            self.open.append((token, self.before[-1] if self.before else ""))
        elif kind is None and token in ")]}" and self.open:
            self.open.pop()
        self.before = [*self.before[-3:], token]
