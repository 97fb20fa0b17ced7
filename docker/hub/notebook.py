"""A participant's notebook as a page without scripts, forms and links, which loads nothing: python notebook.py < file > page.

It runs as a process of its own with bounds on its time and memory. The page has a policy that would refuse what the cleaning missed.
"""

import base64
import binascii
import json
import re
import resource
import sys
from html import escape
from html.parser import HTMLParser

import mistune

import words

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; frame-ancestors 'self'; base-uri 'none'; form-action 'none'"
CELLS = 500
TEXT = 20_000  # characters of one cell or output
PAGE = 8 << 20  # characters of the page
PICTURE = 3 << 20  # characters of a picture, as the file has it
SECONDS, MEMORY = 10, 1 << 30

STYLE = """
:root { color-scheme: light dark; --line: #8886; --code: #8881; --bad: #b3261e; --good: #0a6b3d }
@media (prefers-color-scheme: dark) { :root { --bad: #ff9d94; --good: #7fd6a4 } }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto; padding: .5rem 1rem 40vh; max-width: 60rem; overflow-wrap: anywhere }
pre { font: .875rem/1.45 ui-monospace, monospace; white-space: pre-wrap; margin: 0; padding: .5rem .7rem }
section { margin: 1rem 0; border-inline-start: 3px solid transparent; padding-inline-start: .7rem }
section > pre:first-of-type { background: var(--code); border-radius: 4px }
section.last { border-color: var(--good) } section.error { border-color: var(--bad) }
.mark { font-size: .8rem; margin: 0; opacity: .85 }
.last > .mark { color: var(--good); font-weight: 600 } .error > .mark { color: var(--bad); font-weight: 600 }
.bad { color: var(--bad) }
img { max-width: 100%; background: #fff } table { border-collapse: collapse } td, th { border: 1px solid var(--line); padding: .1rem .5rem }
nav { position: sticky; top: 0; background: Canvas; padding: .3rem 0 } nav a { margin-inline-end: 1rem } [id] { scroll-margin-top: 3rem }
h1 { font-size: 1.5rem } h2 { font-size: 1.25rem } h3, h4, h5, h6 { font-size: 1.05rem }
"""

class Plain(mistune.HTMLRenderer):
    """Markdown without links and pictures: their text stays."""

    def link(self, text, url, title=None):
        return text

    def image(self, text, url, title=None):
        return text


markdown = mistune.create_markdown(escape=True, renderer=Plain(escape=True), plugins=["table", "strikethrough"])


class Broken(Exception):
    """Why a file cannot be shown."""


def text(value):
    """A notebook's text: a string or a list of strings. Anything else is empty."""
    if isinstance(value, list):
        value = "".join(part for part in value if isinstance(part, str))
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else ""


def cut(value):
    value = text(value)
    if len(value) <= TEXT:
        return value, ""
    return value[:TEXT], f'<p class="mark">{escape(words.BOOK_CUT.format(n=len(value) - TEXT))}</p>'


def pre(value, kind=""):
    value, more = cut(re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text(value)))
    value = "\n".join(line.rsplit("\r", 1)[-1] for line in value.replace("\r\n", "\n").split("\n"))
    return f'<pre dir="auto"{kind and f" class={kind}"}>{escape(value)}</pre>{more}'


class Words(HTMLParser):
    """The text of HTML, without its tags, scripts and styles."""

    @classmethod
    def of(cls, source):
        parser = cls()
        parser.said, parser.hidden = [], 0
        parser.feed(source)
        parser.close()
        return "".join(parser.said).strip()

    def handle_starttag(self, tag, attributes):
        self.hidden += tag in ("script", "style")
        self.said.append({"td": "\t", "th": "\t", "tr": "\n", "p": "\n", "br": "\n", "div": "\n", "li": "\n"}.get(tag, ""))

    def handle_endtag(self, tag):
        self.hidden -= tag in ("script", "style") and self.hidden > 0

    def handle_data(self, data):
        if not self.hidden:
            self.said.append(data)


def picture(kind, value):
    value = text(value)
    if len(value) > PICTURE:
        return f"<p>{escape(words.BOOK_PICTURE_LARGE)}</p>"
    if kind == "image/svg+xml":  # in an img, a browser runs no script of it and loads nothing for it
        data = base64.b64encode(value.encode()).decode()
    else:
        try:
            data = base64.b64encode(base64.b64decode("".join(value.split()), validate=True)).decode()
        except (binascii.Error, ValueError):
            return ""
    return f'<img alt="{escape(words.BOOK_PICTURE)}" src="data:{kind};base64,{data}">'


def bundle(data):
    """The richest of an output's forms that can be shown."""
    if not isinstance(data, dict):
        return ""
    for kind in ("image/svg+xml", "image/png", "image/jpeg"):
        if kind in data:
            return picture(kind, data[kind])
    if "text/markdown" in data:
        value, more = cut(data["text/markdown"])
        return markdown(value) + more
    if "text/plain" in data:
        return pre(data["text/plain"])
    if "text/html" in data:
        return pre(Words.of(text(data["text/html"])[:TEXT]))
    kinds = ", ".join(text(kind)[:60] for kind in list(data)[:5])
    return f"<p>{escape(words.BOOK_NO_TEXT.format(kinds=kinds))}</p>" if kinds else ""


def output(one):
    kind = one.get("output_type")
    if kind == "stream":
        return pre(one.get("text"), "bad" if one.get("name") == "stderr" else "")
    if kind == "error":
        trace = one.get("traceback")
        said = "\n".join(map(text, trace)) if isinstance(trace, list) else ""
        return pre(said or f"{text(one.get('ename'))}: {text(one.get('evalue'))}", "bad")
    return bundle(one.get("data"))


def is_error(one):
    """Whether an output is an error's: GoNB sends what the compiler and a panic say as an error."""
    return one.get("output_type") == "error"


def dicts(value):
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def render(content):
    """The page of a notebook file's bytes, and which of its marks it has."""
    try:
        book = json.loads(content)
    except (ValueError, RecursionError):
        raise Broken(words.BOOK_NOT_JSON) from None
    if not isinstance(book, dict) or not isinstance(book.get("cells"), list):
        raise Broken(words.BOOK_NO_CELLS)
    cells = dicts(book["cells"])
    counts = [cell.get("execution_count") for cell in cells]
    counts = [n if isinstance(n, int) and not isinstance(n, bool) else 0 for n in counts]
    last = max(range(len(cells)), key=lambda i: counts[i], default=None)
    last = last if last is not None and counts[last] > 0 else None
    errors = [i for i, cell in enumerate(cells) if any(map(is_error, dicts(cell.get("outputs"))))]
    error = max(errors, key=lambda i: counts[i], default=None)
    ways = ((words.BOOK_TO_LAST, "last", last), (words.BOOK_TO_ERROR, "error", error))
    shown = length = 0
    parts = ["<nav>", *(f'<a href="#{name}">{escape(said)}</a> ' for said, name, at in ways if at is not None), "</nav>"]
    for i, cell in enumerate(cells[:CELLS]):
        source, more = cut(cell.get("source"))
        if cell.get("cell_type") == "code":
            marks = [words.BOOK_LAST] * (i == last) + [words.BOOK_ERROR] * (i in errors) + [words.BOOK_NOT_RUN] * (not counts[i])
            names = " ".join(["last"] * (i == last) + ["error"] * (i in errors))
            ids = "".join(f'<a id="{name}"></a>' for name, at in (("last", last), ("error", error)) if at == i)
            number = f"[{counts[i]}]" if counts[i] else "[ ]"
            body = "".join(map(output, dicts(cell.get("outputs"))[:50]))
            part = f'<section class="{names}">{ids}<p class="mark">{number} {escape(" · ".join(marks))}</p>{pre(source)}{more}{body}</section>'
        elif cell.get("cell_type") == "markdown":
            part = f'<section dir="auto">{markdown(source)}{more}</section>'
        else:
            part = f"<section>{pre(source)}{more}</section>"
        if length + len(part) > PAGE:
            break
        parts.append(part)
        length += len(part)
        shown = i + 1
    if shown < len(cells):
        parts.append(f"<p>{escape(words.BOOK_CELLS_CUT.format(n=len(cells) - shown))}</p>")
    return (
        f'<!doctype html><html lang="{words.LANGUAGE}"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(words.BOOK_NOTEBOOK)}</title><style>{STYLE}</style>{''.join(parts)}</html>"
    )


def main():
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    try:
        sys.stdout.write(render(sys.stdin.buffer.read()))
    except Broken as broken:
        sys.exit(str(broken))
    except (RecursionError, MemoryError):
        sys.exit(words.BOOK_TOO_LONG)


if __name__ == "__main__":
    main()
