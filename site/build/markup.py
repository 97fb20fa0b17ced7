"""Turns a notebook into the HTML that the template in site/ frames: Markdown into safe
HTML, formulas into MathML, figures into inline SVG with their text alternative.

It is an nbconvert preprocessor, so the same page comes out of `make html` and of
JupyterLab's File → Save and Export Notebook As → HTML.
"""

import base64
import csv
import functools
import hashlib
import re
import unicodedata
from html import escape, unescape
from pathlib import Path
from urllib.parse import quote, urlsplit

import bleach
from bleach.css_sanitizer import CSSSanitizer
from bs4 import BeautifulSoup
from math_core import LatexError, LatexToMathML
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.preprocessors import Preprocessor
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import GoLexer
from traitlets import Bool

import figures
from interface import say
from lessons import BUILD, EDITIONS, Problem, slug


# What a reader reads per minute: words of technical prose, of which Korean has fewer, and lines of code with their output.
WORDS, LINES = {"en": 150, "ko": 105}, 15

# What a lesson says before a cell whose outputs would give the answer away; an exercise gives nothing away.
PREDICT = re.compile(r"\*\*Predict\b[^*]*\*\*")
EXERCISE = re.compile(r"\bexercise\.\w+\.Check\(")


class LessonPage(Preprocessor):
    """Renders the Markdown of a notebook and gathers its title, contents and summary."""

    strict = Bool(True, help="whether a formula or figure that cannot be shown is an error").tag(
        config=True
    )

    def preprocess(self, nb, resources):
        self.language = resources.get("language") or "en"
        if not self.strict:
            figures.alone_in(resources, nb, BUILD / "wasm")
        name = resources.get("metadata", {}).get("name", "notebook")
        path = resources.get("metadata", {}).get("path", "")
        headings = []  # (level, id, HTML), shared by all cells so that ids stay unique
        summary = needs = ""
        paragraphs = []
        words = lines = exercises = 0
        number = 0  # of code cells so far, as everyone counts them
        predict = answers = False
        pictures = []  # outputs with a figure; those of the cell with the tag cover come first
        for cell in nb.cells:
            number += cell.cell_type == "code"
            where = f"{name}, cell {number}"
            if cell.cell_type == "markdown":
                cell.source = EDITIONS.sub("", cell.source)
                where = f"{name}, text after cell {number}" if number else f"{name}, text at the top"

            def render(source):
                renderer = Renderer(where, self.strict, headings, path, cell.get("attachments"), self.language)
                html = MarkdownWithMath(renderer=renderer).render(source)
                return whole(cited(safe(re.sub(r"<table>.*?</table>", row_heads, html, flags=re.S))))

            if cell.cell_type == "markdown":
                above = headings[-1][2] if headings else ""
                predict = bool(PREDICT.search(cell.source)) or "predict" in cell.metadata.get("tags", [])
                cell.source = labelled(render(cell.source), above)
                words += len(plain(cell.source).split())
                for paragraph in re.findall(r"<p>(.*?)</p>", cell.source, re.S):
                    paragraphs.append(without_links(paragraph))
                    summary = summary or paragraphs[-1]
                    # "You need lesson 2 and the chain rule." is for the cover, too.
                    needs = needs or (re.match(r"You need .*?[.](?=\s|$)", without_links(paragraph), re.S) or [""])[0]
            elif cell.cell_type == "code":
                lines += len(cell.source.splitlines())
                cell.metadata.answer = bool(predict and cell.outputs and not EXERCISE.search(cell.source))
                answers = answers or cell.metadata.answer
                exercises += bool(EXERCISE.search(cell.source))
                for output in cell.outputs:
                    if "data" in output:
                        self.prepare(output, render, where)
                        if "image/svg+xml" in output.data:
                            pictures.append(("cover" not in cell.metadata.get("tags", []), len(pictures), output.data))
        picture = min(pictures)[2] if pictures else {}
        title = next((html for level, _, html in headings if level == 1), "")
        if not title and self.strict:
            raise Problem(f"{name} has no title: its first cell must begin with a # heading")
        resources.update(
            title=title or escape(name),
            plain_title=plain(title) or name,
            summary=summary,
            needs=needs,
            paragraphs=paragraphs,
            minutes=max(5, 5 * round((words / WORDS.get(self.language, WORDS["en"]) + lines / LINES) / 5)),
            contents=[h for h in headings if h[0] in (2, 3)],
            answers=answers,
            exercises=exercises,
            picture=thumbnail(picture.get("image/svg+xml", "")),
            photo=picture.get("image/png", ""),
            photo_alt=picture.get("text/plain", ""),
        )
        return nb, resources

    def prepare(self, output, render, where):
        """Makes an output's Markdown and formulas HTML, and its figure ready to be in a page."""
        data = output.data
        if "text/html" not in data:
            for kind in ("text/markdown", "text/latex"):
                if kind in data:
                    data["text/html"] = render(data[kind])
                    break
        if not data.keys() & {"image/svg+xml", "image/png", "image/jpeg"}:
            return
        alt = data.get("text/plain", "").strip()
        if not alt and self.strict:
            raise Problem(f"{where}: a figure comes without a text alternative (text/plain)")
        alt = output.metadata["alt"] = alt or say("A figure without a description", self.language)
        if "image/svg+xml" in data:
            data["image/svg+xml"] = inline_svg(data["image/svg+xml"], alt)
        if "text/csv" in data:
            output.metadata["table"] = list(csv.reader(data["text/csv"].splitlines()))
            title = re.search(r"<title\b[^>]*>(.*?)</title>", data.get("image/svg+xml", ""), re.S)
            output.metadata["title"] = unescape(title[1]) if title else alt


def inline_svg(svg, alt):
    """An SVG document as a part of a page."""
    svg = svg[max(svg.find("<svg"), 0) :]  # HTML allows no XML prologue
    tag = svg[: svg.find(">")]
    if "aria-label" not in tag:  # plots names its figures itself, by their <title> and <desc>
        svg = svg.replace("<svg", f'<svg role="img" aria-label="{escape(alt)}"', 1)
    return svg


def thumbnail(svg):
    """A figure of a page as a small picture: without words, which nobody could read, and without a name of its own."""
    svg = re.sub(r"<(title|desc|text)\b.*?</\1>", "", svg, flags=re.S)
    bare = re.sub(r' (?:id|role|aria-\w+|width|height|style)="[^"]*"', "", svg[: svg.find(">")])
    return svg and bare.replace("<svg", '<svg aria-hidden="true"', 1) + svg[svg.find(">") :]


def whole(html):
    """HTML whose lines do not end between a formula and the letters that belong to it, such as a Korean particle."""
    return re.sub(r"<math\b(?:(?!</?math\b).)*</math>[^\W\d_]+", r'<span class="whole">\g<0></span>', html, flags=re.S)


def row_heads(table):
    """A table without empty header cells; below an empty corner, the first cells become the rows' headers."""
    html = table[0]
    if re.search(r"<tr>\s*<th[^>]*>\s*</th>", html):
        words = r"(?!\s*<math)(.*?)"  # of a formula alone, axe says that it is empty
        html = re.sub(rf"(<tr>\s*)<td([^>]*)>{words}</td>", r'\1<th scope="row"\2>\3</th>', html, flags=re.S)
    return re.sub(r"<th([^>]*)>\s*</th>", r"<td\1></td>", html)


def labelled(html, heading=""):
    """HTML whose tables have a name for screen readers: the sentence that announces the table, or the heading above it."""
    said = line(heading)

    def name(match):
        nonlocal said
        if match[1]:
            last = re.split(r"(?<=[.?!]) ", line(match[1]))[-1]
            if match[0].startswith("<h"):
                said = line(match[1])
            elif last.endswith(":") and len(last) <= 120:
                said = last.rstrip(":")
            return match[0]
        return f'<table aria-label="{escape(said)}">' if said else match[0]

    return re.sub(r"<(?:p|h[1-6])\b[^>]*>(.*?)</(?:p|h[1-6])>|<table>", name, html, flags=re.S)


@functools.cache
def references():
    """The addresses of papers by their titles: of a DOI, or on arXiv."""
    rows = [row.split("\t") for row in (Path(__file__).parents[1] / "references.tsv").read_text(encoding="utf-8").splitlines()]
    return {title: f"https://doi.org/{quote(key, safe='/()')}" if key.startswith("10.") else f"https://arxiv.org/abs/{key}" for key, title in rows}


def cited(html):
    """HTML whose titles of papers lead to them, unless they lead somewhere already."""

    def lead(match):
        url = references().get(" ".join(unescape(match[2]).split()))
        return f'<a href="{url}">{match[0]}</a>' if url and not match[1] else match[0]

    return re.sub(r"(<a [^>]*>)?<em>([^<]*)</em>", lead, html)


def highlight_go(source, **_):
    """Go in colours. GoNB names no lexer, and nbconvert would take Python's."""
    html = highlight(source, GoLexer(), HtmlFormatter(cssclass="highlight"))
    html = re.sub(r'<span class="(?:n|nx|o|p|w)">([^<]*)</span>', r"\1", html)  # not coloured
    return focusable(html)


PIECE = re.compile(r"<!--.*?-->|<(script|style|svg|math|option|textarea)\b.*?</\1>|<[^>]*>|[^<]+", re.S)
HANGUL = re.compile(r"[ㄱ-ㅣ가-힣](?:[^A-Za-z]*[ㄱ-ㅣ가-힣])?")


def mark_korean(html):
    """HTML whose Korean words say that they are Korean, for screen readers, hyphenation and fonts."""
    pieces, inside, depth = [], "", 0  # inside the element of this name, which says that it is Korean
    for match in PIECE.finditer(html):
        piece = match[0]
        tag = re.match(r"<(/?)([\w-]+)", piece)
        if re.match("<(svg|math)", piece):  # where a span may not be
            if not inside:
                piece = re.sub(r"<(text|annotation|m\w+)(?=[^>]*>[^<]*[ㄱ-ㅣ가-힣])", r'<\1 lang="ko"', piece)
        elif tag and tag[2] == inside:
            depth += -1 if tag[1] else 1
            inside = inside if depth else ""
        elif tag and not inside and re.search(r'\blang="ko"', piece):
            inside, depth = tag[2], 1
        elif not tag and not inside:
            piece = HANGUL.sub(r'<span lang="ko">\g<0></span>', piece)
        pieces.append(piece)
    return "".join(pieces)


def mark_english(html):
    """HTML whose titles in English say that they are English: in Korean pages, what is emphasized and without Hangul."""
    return re.sub(r"<em>(?=[^<]*[A-Za-z]{3,} [^<]*[A-Za-z]{2})(?=[^<ㄱ-힣]*</em>)", '<em lang="en">', html)


def csp_hash(script):
    """How a page's Content-Security-Policy names a script that may run in it."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def focusable(html):
    """A code box that the keyboard can reach, and so scroll."""
    return html.replace("<pre>", '<pre tabindex="0">', 1)


class Renderer(IPythonRenderer):
    """nbconvert's renderer with formulas as MathML, links between lessons as links
    between pages, and headings that are counted."""

    def __init__(self, where, strict, headings, path, attachments, language="en"):
        super().__init__(escape=False, embed_images=True, path=path, attachments=attachments)
        self.where, self.strict, self.headings, self.language = where, strict, headings, language

    def heading(self, text, level, **attrs):
        # JupyterLab's rule, so that a link to a heading works there and here.
        base = anchor = plain(text).strip().replace(" ", "-")
        taken = {h[1] for h in self.headings}
        n = 1
        while anchor in taken:
            n += 1
            anchor = f"{base}-{n}"
        self.headings.append((level, anchor, without_links(safe(text))))
        link = f'<a class="anchor" href="#{quote(anchor)}" aria-label="{escape(say("Link to this section", self.language))}">#</a>'
        return f'<h{level} id="{escape(anchor)}">{text}{link}</h{level}>\n'

    def link(self, text, url, title=None):
        parts = urlsplit(url)
        if not parts.scheme and not parts.netloc and parts.path.endswith(".ipynb"):
            url = parts._replace(path=slug(parts.path.removesuffix(".ipynb")) + ".html").geturl()
        return super().link(text, url, title)

    def _html_embed_images(self, html):
        # nbconvert would close <details> here, whose end is a piece of its own.
        return html

    def block_code(self, code, info=None):
        return focusable(super().block_code(code, info))

    def inline_math(self, body):
        return self.formula(body, display=False)

    def block_math(self, body):
        return self.formula(body, display=True)

    def latex_environment(self, name, body):
        return self.formula(f"\\begin{{{name}}}{body}\\end{{{name}}}", display=True)

    def formula(self, tex, display):
        tex = tex.strip()
        try:
            # The annotation keeps the source for those who copy the formula.
            mathml = LatexToMathML(annotation=True, fancy_error=False)
            return mathml.convert_with_local_state(tex, displaystyle=display)
        except LatexError as error:
            if self.strict:
                _, _, reason = str(error).partition(": ")
                raise Problem(f"{self.where}: the formula {tex} cannot be shown: {reason}") from None
            return f"<code>{escape(tex)}</code>"


def without_links(html):
    """HTML without links and images, for a place where links are not allowed or would be wrong."""
    return re.sub(r"</?a\b[^>]*>|<img\b[^>]*>", "", html)


def plain(html):
    """The text of HTML, formulas as their source."""
    html = re.sub(r"<math\b.*?<annotation[^>]*>(.*?)</annotation>.*?</math>", r"\1", html, flags=re.S)
    return unescape(re.sub(r"<[^>]*>", "", html))


def line(html):
    """The text of HTML in one line, formulas as one would write them in it."""
    soup = BeautifulSoup(html, "html.parser")
    for formula in soup.select("math"):
        formula.replace_with(linear(formula))
    for anchor in soup.select(".anchor"):
        anchor.decompose()
    return " ".join(soup.get_text().split())


ACCENTS = {"~": "\u0303", "˜": "\u0303", "^": "\u0302", "ˆ": "\u0302", "¯": "\u0304", "‾": "\u0304", "˙": "\u0307", "→": "\u20d7", "⃗": "\u20d7"}


def linear(formula):
    """A formula of MathML in one line, as one would write it in a text: ∂h_T/∂h_(T−k), σ^k, C̃_t."""

    def group(text, one=r"-?[\w\u0300-\u036f]*[′⊤∗*]?"):
        text = text.strip()
        return text if re.fullmatch(one, text) and not re.search(r"[^\W_]_|\d[^\W\d]", text) else f"({text})"

    def write(node, tight=False):
        if not node.name or node.name in ("annotation", "mspace"):
            return "" if node.name == "annotation" else " " if node.name else node
        parts = [part for part in node.children if part.name or part.strip()]
        scripts = node.name in ("msub", "msup", "msubsup", "munder", "mover", "munderover")
        said = [write(part, tight or scripts and place > 0) for place, part in enumerate(parts)]
        match node.name, said:
            case "mo", [sign] if not tight and re.fullmatch("[=+−<>≤≥≈≠→←↦∈⊙×∼≪≫∝]", sign):
                return f" {sign} "
            case "mfrac", _ if node.get("linethickness", "")[:1] == "0":  # a binomial coefficient
                return " ".join(said)
            case "mfrac", _:
                return "/".join(part if re.fullmatch(r"∂\w+(_\([^()]*\))?\u2063?", part) else group(part) for part in said)
            case "mover", [base, over] if over in ACCENTS:
                return unicodedata.normalize("NFC", base + ACCENTS[over])
            case "msup", [base, "′" | "″" as over]:
                return base + over
            case "msub" | "munder", [base, under]:
                return f"{base}_{group(under)}\u2063"
            case "msup" | "mover", [base, over]:
                return f"{base}^{group(over)}\u2063"
            case "msubsup", [base, under, "′" | "″" as over]:
                return f"{base}_{group(under)}{over}\u2063"
            case "msubsup" | "munderover", [base, under, over]:
                return f"{base}_{group(under)}^{group(over)}\u2063"
            case "msqrt", _:
                return f"√{group(''.join(said))}"
            case "mtr", _:
                return " ".join(said) + "; "
        return "".join(said)

    text = re.sub(r"[\U0001d400-\U0001d7ff]", lambda letter: unicodedata.normalize("NFKC", letter[0]), write(formula))
    text = re.sub(r"[\u2061-\u2063]+ *(?=[\w∂])", " ", text)  # between factors, and a function and its argument
    text = re.sub(r"\s+", " ", re.sub(r"[\u2061-\u2064]", "", text)).strip()
    text = re.sub(r"((?:^|[(\[,=≤<>⋅/]) ?)([−+]) ?", r"\1\2", text)  # a sign, not an operation
    return re.sub(r"; ?(?=[\])|]|$)", "", re.sub(r",(?=\S)", ", ", text))


HTML = set(
    "a abbr b blockquote br caption code dd del details div dl dt em figcaption figure"
    " h1 h2 h3 h4 h5 h6 hr i img kbd li ol p pre q s small span strong sub summary sup"
    " table tbody td tfoot th thead tr ul var".split()
)
MATHML = set(
    "annotation math menclose mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts"
    " mroot mrow ms mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover"
    " semantics".split()
)
ATTRIBUTES = {
    "": {"class", "dir", "id", "lang", "style", "title", "aria-label"},
    "a": {"href"},
    "details": {"open"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start", "type"},
    "pre": {"tabindex"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}
MATH_ATTRIBUTES = set(
    "accent accentunder columnspan depth display displaystyle encoding fence form height"
    " largeop linethickness lspace mathvariant maxsize minsize movablelimits rowspan rspace"
    " scriptlevel separator stretchy style symmetric voffset width".split()
)
STYLES = CSSSanitizer(
    allowed_css_properties=set(
        "color justify-items margin-left padding-left padding-right text-align width".split()
    )
)


def allowed(tag, name, value):
    """Whether an attribute may stay: never one that runs, loads or covers something."""
    if value.strip().lower().startswith("data:") and (tag, name) != ("img", "src"):
        return False
    if tag in MATHML:
        return name in MATH_ATTRIBUTES
    return name in ATTRIBUTES[""] or name in ATTRIBUTES.get(tag, ())


def safe(html):
    """HTML from Markdown with nothing in it that runs; other tags are shown as text."""
    return bleach.clean(
        html,
        tags=HTML | MATHML,
        attributes=allowed,
        protocols={"http", "https", "mailto", "data"},
        css_sanitizer=STYLES,
    )
