"""Makes one PDF of the course: the pages as a book, printed by a browser."""

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from html import unescape
from pathlib import Path
from urllib.parse import unquote

from interface import say
from lessons import Problem
from website import home, own_slug

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
PAPER = """
@page { size: A4; margin: 20mm 20mm 18mm; @bottom-center { content: counter(page); font: 9pt var(--sans); } }
@page :first { @bottom-center { content: none; } }
body { font-size: 9.5pt; line-height: 1.5; }
pre { font-size: 7.5pt; line-height: 1.4; overflow: visible; }
.sheet { width: auto; }
section.lesson { break-before: page; }
main { padding: 0; }
h1 { margin-top: 0; font-size: 22pt; }
h2 { margin-top: 2em; }
.cell { break-inside: auto; }
.highlight, .highlight pre, pre.output, .output.figure, table, .living, math[display="block"], li { break-inside: avoid; }
.highlight { padding-top: 1px; } /* else the border of code at the top of a page shows on the page before too */
p { orphans: 3; widows: 3; }
.figure svg { max-width: 130mm !important; }
details:not(.numbers)::details-content { content-visibility: visible; block-size: auto; }
details:not(.answer) > summary { list-style: none; break-after: avoid; }
.text details, .folded { padding-block: 0; border-width: 0 0 0 3px; border-radius: 0; } /* a whole border would begin alone at the foot of a page */
.title { display: flex; flex-direction: column; height: 250mm; justify-content: center; }
.title p:first-child { margin: 0 0 4mm; font-size: 48pt; font-weight: 700; line-height: 1.1; }
.title svg { width: 120mm; margin-top: 20mm; }
.list ol { margin: 0; padding: 0; list-style: none; }
.list > ol > li { margin-top: 3mm; font-weight: 600; break-inside: auto; }
.list li li { padding-left: 6mm; font-weight: 400; font-size: .9em; }
.list a { display: flex; gap: 2mm; color: inherit; text-decoration: none; break-inside: avoid; }
.list a::after { order: 1; flex: 1; border-bottom: 1px dotted var(--quiet); content: ""; }
.list a > b { order: 2; font-weight: inherit; font-variant-numeric: tabular-nums; }
.list > ol > li > a { break-after: avoid; }
"""


def book(lessons, pages, language, numbers=None):
    """The pages of a language's lessons, in their folder, as one HTML document. Numbers are of the pages on paper, of each heading in order:
    known after a first print."""
    own = [lesson for lesson in lessons if lesson.language == language]
    texts = {own_slug(lesson): (pages / f"{lesson.slug}.html").read_text(encoding="utf-8") for lesson in own}
    style = re.search(r"<style[^>]*>.*?</style>", texts[own_slug(own[0])], re.S)[0]
    cover = (pages / home(language) / "index.html").read_text(encoding="utf-8")
    lead = re.search(r'<p class="lead">(.*?)</p>', cover, re.S)[1]
    picture = re.search(r'<svg aria-hidden="true".*?</svg>', cover, re.S)
    heads, lines, sections = "", [], []
    numbers = iter(numbers or ())
    next(numbers, 0)  # of the list itself
    for place, (slug, text) in enumerate(texts.items()):
        main = re.search(r'<main id="main">(.*)</main>', text, re.S)[1]
        main = re.sub(r'<p><strong>[^<]*</strong>\s*<a [^>]*>[^<]*</a></p>(?=\s*</section>\s*$)', "", main)  # the lesson that follows
        title = ""
        inner = []
        for level, anchor, heading in re.findall(r'<h([1-6]) id="([^"]*)">(.*?)</h\1>', main, re.S):
            heading = re.sub(r'<a [^>]*class="anchor".*?</a>|</?a\b[^>]*>', "", heading)
            line = f'<a href="#{short(slug, anchor)}"><span>{heading}</span><b>{next(numbers, "")}</b></a>'
            if level == "1" and not title:
                title = line, " ".join(unescape(re.sub(r"<annotation.*?</annotation>|<[^>]*>", "", heading, flags=re.S)).split())
            elif level == "2" and not slug.startswith("glossary"):
                inner.append(f"<li>{line}</li>")
        lines.append(f"<li>{title[0]}<ol>{''.join(inner)}</ol></li>")
        quoted = title[1].replace("\\", "").replace('"', "'")
        heads += f'@page p{place} {{ @top-right {{ content: "{quoted}"; font: 9pt var(--sans); }} }}\n'
        sections.append(f'<section class="lesson" id="{slug}" style="page: p{place}">{joined(main, slug, texts)}</section>')
    contents = say("Contents", language)
    return f"""<!doctype html>
<html lang="{language}" data-theme="light">
<head><meta charset="utf-8"><title>{say("Unroll: recurrent networks in Go", language)}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
{style}<style>{PAPER}{heads.replace("</", "<")}</style></head>
<body><div class="sheet"><main>
<section class="title"><p>Unroll</p><p class="lead">{lead}</p>{picture[0] if picture else ""}</section>
<section class="lesson list"><h1>{contents}</h1><ol>{"".join(lines)}</ol></section>
{"".join(sections)}
</main></div></body></html>
"""


def short(slug, name):
    """A name on a page as one of the book: a PDF's names are short and of ASCII."""
    return f"{slug}-{hashlib.sha256(unquote(unescape(name)).encode()).hexdigest()[:10]}"


def joined(main, slug, texts):
    """The text of a page as a part of the book: names and the links to them are those of the book."""

    def tag(match):
        text = re.sub(r'(?<= id=")[^"]*|(?<= for=")[^"]*|(?<=url\(#)[^)"]*', lambda name: short(slug, name[0]), match[0])
        text = re.sub(r'(?<=aria-labelledby=")[^"]*', lambda names: " ".join(short(slug, name) for name in names[0].split()), text)
        return re.sub(r' (href|xlink:href)="([^"]*)"', lambda m: f' {m[1]}="{target(m[2])}"', text)

    def target(url):
        path, mark, name = url.partition("#")
        if re.match(r"\w+:", url):
            return url
        name = name.partition("?")[0]  # after it comes a figure's setting
        page = path.rpartition("/")[2].removesuffix(".html") if path else slug
        if page in texts:
            return f"#{short(page, name)}" if name else f"#{page}"
        return f"#{slug}"  # a file beside the pages

    return re.sub(r"<[a-zA-Z][^<>]*>", tag, main)


def browser():
    """The program of Chromium or Chrome: the one that CHROMIUM names, or the first on the PATH."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)


def printed(html, pdf):
    """Prints an HTML document, given as text, to a file."""
    program = browser()
    if not program:
        raise Problem("a PDF takes Chromium or Chrome: install it, or say where it is with CHROMIUM=…")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        page = Path(folder, "course.html")
        page.write_text(html, encoding="utf-8")
        home = {"XDG_CONFIG_HOME": folder, "XDG_CACHE_HOME": folder}  # else Chromium leaves files in the reader's
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium refuses root with it
        done = subprocess.run(
            [program, "--headless", *sandbox, "--disable-gpu", "--no-first-run", "--disable-background-networking", f"--user-data-dir={folder}/profile",
             "--no-pdf-header-footer", "--generate-pdf-document-outline", f"--print-to-pdf={pdf}", page.as_uri()],
            env=os.environ | home, capture_output=True, text=True, timeout=600,
        )  # fmt: skip
        if not Path(pdf).exists():
            raise Problem(f"{program} made no PDF:\n{done.stderr.strip()[-2000:]}")


def outline(pdf):
    """The headings in a PDF's outline, in reading order, each with the number of its page; and how many pages there are."""
    data = pdf.read_bytes()
    sheets = re.findall(rb"(?m)^(\d+) 0 obj\s*<<\s*/Type /Page\s", data)
    place = {number: i + 1 for i, number in enumerate(sheets)}
    found = []
    string = rb"\((?:[^\\()]|\\.)*\)|<[0-9A-Fa-f]*>"
    for title, sheet, y in re.findall(rb"/Title (" + string + rb")[^<>]*?/Dest \[(\d+) 0 R /XYZ [\d.-]+ ([\d.-]+)", data, re.S):
        if title[:1] == b"<":
            text = bytes.fromhex(title[1:-1].decode()).decode("utf-16")
        else:
            text = re.sub(rb"\\(.)", rb"\1", title[1:-1]).decode("latin-1")
        found.append((place[sheet], -float(y), " ".join(text.split())))
    return [(title, number) for number, _, title in sorted(found)], len(sheets)


def make(lessons, pages, out, language="en"):
    """Prints the course twice, for the numbers in its list of contents come from the first print. Returns its outline and how many
    pages it has."""
    printed(book(lessons, pages, language), out)
    printed(book(lessons, pages, language, [number for _, number in outline(out)[0]]), out)
    return outline(out)
