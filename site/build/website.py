"""Makes build/html: the executed lessons as pages that work from disk, offline."""

import base64
import hashlib
import json
import os
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from html.parser import HTMLParser
from urllib.parse import quote, unquote, urlsplit

from bs4 import BeautifulSoup
from nbconvert import HTMLExporter

import figures
import toolchain
from copies import to_figures
from execute import Line, execute
from exporter import config
from interface import say
from lessons import BUILD, ROOT, Problem, alone, dump, read, write
from markup import LessonPage, line, linear


PICTURE = ROOT / "site/lesson.png"  # of a page without figures


def build(lessons, run=(), out=BUILD / "html", store=BUILD / "executed", go=None):
    """Writes a page per notebook and the cover to out, and returns the pages' paths. The
    numbered lessons link to their neighbours; other pages do not. A page's name is its lesson's slug,
    so links to it stay valid when the lesson gets another number.

    The lessons to run are executed first, except those whose last run, kept in store, was
    of the same notebook and the same code; of the others the committed outputs are shown.
    With go, the folder that toolchain.built makes, the cells of the pages run.
    """
    with alone(out):
        return make(lessons, run, out, store, go)


def make(lessons, run, out, store, go):
    linked = [figures.linked(read(lesson.path)) for lesson in lessons]
    with ThreadPoolExecutor() as beside:
        compiling = beside.submit(figures.compiled, BUILD / "wasm") if any(linked) else None
        notebooks = [
            executed(lesson, store) if lesson.slug in run else read(lesson.path) for lesson in lessons
        ]
        described = compiling.result() if compiling else {}
    # Built beside the old pages and then put in their place: a build that fails leaves them.
    part = out.with_name(out.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    exporter = HTMLExporter(config=config(strict=True))
    # A page names its neighbours by their titles, so the titles are gathered first.
    pages = {}  # by slug
    for lesson, nb in zip(lessons, notebooks):
        pages[lesson.slug] = describe(lesson, nb, pages.get(own_slug(lesson)))
    editions = {language: [lesson for lesson in lessons if lesson.language == language] for language in ["en", *languages(lessons)]}
    sections = {language: [] for language in editions}
    headed = {}  # the headings of each page
    trials = {}  # the cell that the cover shows to be tried, by language
    for lesson, nb, names in zip(lessons, notebooks, linked):
        depth = lesson.slug.count("/")
        row = [pages[other.slug] for other in editions[lesson.language] if other.numbered]
        resources = origin(lesson)
        resources["site"] = {
            "root": "../" * depth,
            "home": home(lesson.language),
            "notebook": lesson.path.name,
            "head": pages[lesson.slug]["head"],
            # A translated notebook is made from its catalogue.
            "source": source(f"notebooks/{lesson.name}.ipynb" if lesson.language == "en" else f"po/{lesson.slug}.po"),
            "lessons": [
                pages[other.slug] | {"href": "../" * depth + pages[other.slug]["href"], "here": other is lesson}
                for other in editions[lesson.language]
            ],
            "editions": same_in_all(own_slug(lesson), editions, "../" * depth),
        }
        if go and any(cell.cell_type == "code" for cell in nb.cells):
            resources["site"]["runs"] = lesson.slug
            resources["site"]["seconds"] = toolchain.long_cells(own_slug(lesson))
        if lesson.numbered:
            i = row.index(pages[lesson.slug])
            resources["site"] |= {"previous": neighbour(row, i - 1, depth), "next": neighbour(row, i + 1, depth)}
        unknown = set(names) - described.keys()
        if unknown:
            raise Problem(f"{lesson.name} links to the living figure {min(unknown)}; there are {', '.join(described)}")
        own = described if lesson.language == "en" or not names else figures.compiled(BUILD / "wasm", lesson.language)
        resources["figures"] = {name: own[name] for name in names}
        html, _ = exporter.from_notebook_node(nb, resources)
        page = part / f"{lesson.slug}.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(html, encoding="utf-8")
        hand_out(lesson, nb, page)
        if go and lesson.language not in trials and (trial := to_try(nb, html, pages[lesson.slug])):
            trials[lesson.language] = trial
        if "runs" in resources["site"]:
            script = part / "run/notebooks" / f"{lesson.slug}.js"
            script.parent.mkdir(parents=True, exist_ok=True)
            script.write_text(f"unrollNotebook({dump(nb).strip()});\n", encoding="utf-8")
        if "url" in pages[lesson.slug]["head"] and (photo := pages[lesson.slug]["photo"]):
            picture = part / "pictures" / f"{lesson.slug}.png"
            picture.parent.mkdir(parents=True, exist_ok=True)
            picture.write_bytes(base64.b64decode(photo))
        headed[lesson.slug] = headings(html)
        sections[lesson.language] += index(f"{lesson.slug}.html", html, headed.get(own_slug(lesson)))
        carry(lesson, html, page)
    if described:
        homes = {name: pages[lesson.slug] for lesson, names in zip(lessons, linked) if lesson.language == "en" for name in names}
        described = {name: described[name] for name in homes}
        figures.write_pages(part, BUILD / "wasm", described, exporter, {"root": "../", "home": ""}, homes)
    if go:
        carry_go(part / "run", go)
    shutil.copyfile(ROOT / "site/search.js", part / "search.js")
    if os.environ.get("UNROLL_SITE"):
        shutil.copyfile(PICTURE, part / PICTURE.name)
    cover = exporter.environment.get_template("cover.html.j2")
    for language, own in editions.items():
        if not own:
            continue
        folder, root = part / home(language), "../" * bool(home(language))
        described_here = [(lesson, pages[lesson.slug] | {"href": root + pages[lesson.slug]["href"]}) for lesson in own]
        html = cover.render(
            pages=[page for lesson, page in described_here if lesson.numbered],
            beside=[page for lesson, page in described_here if not lesson.numbered],
            runs=bool(go),
            trial=trials.get(language),
            language=language,
            root=root,
            site={
                "root": root, "home": home(language), "runs": language in trials, "editions": same_in_all("index", editions, root),
                "head": {"description": say("Recurrent networks in Go: what an RNN and an LSTM compute, step by step, and what they remember and forget.", language)} | published(f"{home(language)}index", "", ""), "source": source("site/cover.html.j2"),
            },
            resources=exporter._init_resources({}),
        )
        (folder / "index.html").write_text(html, encoding="utf-8")
        # A script, for a page from disk may not fetch a file; "</" could not end one in a page.
        script = json.dumps(sections[language], ensure_ascii=False, separators=(",", ":"))
        (folder / "search-index.js").write_text(f"unrollIndex({script});\n", encoding="utf-8")
    check_links(part)
    shutil.rmtree(out, ignore_errors=True)
    part.rename(out)
    return sorted(out.rglob("*.html"))


def to_try(nb, html, page):
    """The cell of a lesson that the cover shows to be tried, the one with the tag try, and the lesson's imports."""
    cells = [cell for cell in nb.cells if cell.cell_type == "code"]
    chosen = [cell.id for cell in cells if "try" in cell.metadata.get("tags", [])]
    if not chosen:
        return None
    imports, cell = (re.search(f'<section class="cell" id="cell-{id}">.*?</section>', html, re.S)[0] for id in (cells[0].id, chosen[0]))
    return {"imports": imports, "cell": cell.replace('<details class="answer">', '<details class="answer" open>'), "page": page}


def languages(lessons):
    """The languages of lessons, besides English."""
    return sorted({lesson.language for lesson in lessons} - {"en"})


def home(language):
    """The folder of a language's pages: of English, the site's."""
    return "" if language == "en" else f"{language}/"


def own_slug(lesson):
    """A lesson's slug without its language: that of the English lesson."""
    return lesson.slug.removeprefix(home(lesson.language))


def same_in_all(slug, editions, root):
    """The addresses of a page in all languages that have it, if there are several."""
    there = [language for language, lessons in editions.items() if lessons and (slug == "index" or slug in map(own_slug, lessons))]
    return {language: f"{root}{home(language)}{slug}.html" for language in there} if len(there) > 1 else {}


def headings(html):
    """The headings of a page: by the cell, and their place in it."""
    found = {}
    for cell in BeautifulSoup(html, "html.parser").main.select("section[id]"):
        for anchor in cell.select(".anchor"):
            anchor.decompose()
        for place, heading in enumerate(cell.select("h1, h2, h3")):
            found[cell["id"], place] = " ".join(heading.get_text().split())
    return found


def index(href, html, english=None):
    """The entries of a page in the search index: each section's address, heading and text; of a translated page also the
    English heading, by which it is found too."""
    main = BeautifulSoup(html, "html.parser").main
    for formula in main.select("math"):
        formula.replace_with(linear(formula))
    for unread in main.select(".outputs, .anchor, .living"):
        unread.decompose()
    sections = []
    for part in main.select("h1, h2, h3, p, li, pre, td, th"):
        text = " ".join(part.get_text().split())
        if part.name in ("h1", "h2", "h3"):
            lesson = sections[0]["lesson"] if sections else text
            address = f"{href}#{quote(part['id'])}" if sections else href
            sections.append({"href": address, "lesson": lesson, "heading": text, "text": ""})
            cell = part.find_parent("section", id=True)
            here = cell and (english or {}).get((cell["id"], cell.select("h1, h2, h3").index(part)))
            if here and here != text:
                sections[-1]["english"] = here
        elif sections and text and not part.find_parent(["p", "li", "pre", "td", "th"]):
            sections[-1]["text"] = f"{sections[-1]['text']} {text}".strip()
    return sections


def carry(lesson, html, page):
    """Puts the files beside the notebooks that a lesson links to beside the pages."""
    base = lesson.path.parents[lesson.slug.count("/")].resolve()
    for url in Links(html).links:
        parts = urlsplit(url)
        if parts.scheme or parts.netloc or not parts.path:
            continue
        file = (lesson.path.parent / unquote(parts.path)).resolve()
        target = page.parent / unquote(parts.path)
        if file.is_file() and file.is_relative_to(base) and not target.exists():  # as the notebook itself is there
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)


def carry_go(folder, go):
    """Puts what the pages' cells run on into folder."""
    for file in (ROOT / "site/run/page").glob("*.js"):
        shutil.copyfile(file, folder / file.name)
    for file in go.glob("*.*"):
        try:
            os.link(file, folder / file.name)  # they are large, and never changed in place
        except OSError:
            shutil.copyfile(file, folder / file.name)


def hand_out(lesson, nb, page):
    """Puts the notebook itself beside its page, with the data that its cells read."""
    code = ""
    for cell in nb.cells:
        if cell.cell_type == "code":
            code += cell.source
        else:
            cell.source = to_figures(cell.source, "../" * lesson.slug.count("/") + "figures")
    write(nb, page.with_name(lesson.path.name))
    if "data/" in code:
        up = ".." if lesson.language != "en" else "."
        hidden = shutil.ignore_patterns(".*")
        shutil.copytree(lesson.path.parent / up / "data", page.parent / up / "data", dirs_exist_ok=True, ignore=hidden)


def origin(lesson):
    return {
        "metadata": {"name": lesson.name, "path": str(lesson.path.parent)},
        "language": lesson.language,
    }


def describe(lesson, nb, english=None):
    """What the cover and the neighbouring lessons show of a lesson. What a translated one needs stands in it where it
    stands in the English one."""
    _, found = LessonPage(strict=True).preprocess(deepcopy(nb), origin(lesson))
    if english and english["needs"]:
        place = [words.startswith(english["needs"]) for words in english["paragraphs"]].index(True)
        here = found["paragraphs"][place : place + 1]
        found["needs"] = re.match(r".*?[.](?=\s|$)|", "".join(here), re.S)[0]
    # The progress that a browser keeps has exercises by the lesson's own slug.
    about = {"href": f"{lesson.slug}.html", "progress": own_slug(lesson)}
    about |= {"head": {"description": described(found["summary"])} | published(lesson.slug, found["photo"], found["photo_alt"])}
    return about | {k: found[k] for k in ("title", "summary", "minutes", "needs", "picture", "paragraphs", "exercises", "photo")}


def described(html):
    """A paragraph as the description of a page, which search engines and messengers show: a line of at most 200 letters."""
    text = line(html)
    return text if len(text) <= 200 else f"{text[:199].rpartition(' ')[0]}…"


def published(slug, photo, alt):
    """What the head of a page says of its address and its picture: nothing, unless UNROLL_SITE has the address of the site."""
    site = os.environ.get("UNROLL_SITE", "").rstrip("/")
    if not site:
        return {}
    address = f"{site}/{slug}.html".removesuffix("index.html")
    return {"url": address, "picture": f"{site}/{f'pictures/{slug}.png' if photo else PICTURE.name}", "alt": alt if photo else ""}


def source(path):
    """The address of a file of the course where its repository is to be seen, if UNROLL_SOURCE has that address."""
    base = os.environ.get("UNROLL_SOURCE", "").rstrip("/")
    return f"{base}/{quote(path)}" if base else ""


def neighbour(pages, i, depth):
    if not 0 <= i < len(pages):
        return None
    return pages[i] | {"href": "../" * depth + pages[i]["href"]}


def executed(lesson, store):
    """The lesson after a run: the one in store if nothing changed since, else a new one."""
    kept = store / f"{lesson.slug}.ipynb"
    mark = kept.with_suffix(".sha256")
    key = fingerprint(lesson)
    if kept.exists() and mark.exists() and mark.read_text() == key:
        Line().end(f"{lesson.name}  unchanged since its last run")
        return read(kept)
    nb = execute(lesson)
    write(nb, kept)
    mark.write_text(key)
    return nb


def fingerprint(lesson):
    """A digest of what a run depends on: the cells' sources, the data beside the
    notebooks, our Go code, and the versions of everything else."""
    digest = hashlib.sha256()
    for cell in read(lesson.path).cells:
        digest.update(f"{cell.cell_type}\0{cell.source}\0{cell.metadata.get('tags', [])}\0".encode())
    files = [ROOT / "go.mod", ROOT / "go.sum", *ROOT.glob("kernel/go.*")]
    for folder in ("lesson", "plots", "exercise", "internal/simd", "internal/safetensors", "notebooks/data"):
        files += [p for p in ROOT.glob(f"{folder}/**/*") if p.is_file() and not p.name.endswith("_test.go")]
    for file in sorted(files):
        digest.update(f"{file.relative_to(ROOT)}\0".encode() + file.read_bytes())
    return digest.hexdigest()


class Links(HTMLParser):
    """What a page offers to link to, what it links to, and what it loads."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.loads = set(), [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name == "id":
                self.ids.add(value)
            elif name in ("href", "xlink:href") and tag == "a":
                self.links.append(value or "")
            elif name in ("src", "srcset", "href", "xlink:href", "poster", "data"):
                self.loads.append(value or "")
            elif name == "style":
                self.loads += re.findall(r"url\(\s*['\"]?([^'\")]*)", value or "")


def check_links(folder):
    """Raises Problem if a page under folder links to nothing or loads anything from outside it."""
    pages = {p.resolve(): Links(p.read_text(encoding="utf-8")) for p in folder.rglob("*.html")}
    for path, page in pages.items():
        name = path.relative_to(folder.resolve())
        for url in page.links + page.loads:
            parts = urlsplit(url)
            if parts.scheme in ("data", "mailto") or (url in page.links and parts.scheme in ("http", "https")):
                continue
            if parts.scheme or parts.netloc:
                raise Problem(f"{name} would load {url} from the network; pages must work offline")
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.exists():
                raise Problem(f"{name} links to {url}, which is not there")
            fragment = unquote(parts.fragment.partition("?")[0])  # after the ? comes a figure's setting
            if fragment and target in pages and fragment not in pages[target].ids:
                raise Problem(f"{name} links to {url}, but that page has no such heading")
