"""Opens the pages and JupyterLab in a real browser and does what a reader and a learner do.

Needs Chromium or Chrome: the one that CHROMIUM names, or the first on the PATH.
"""

import re
import socket
import subprocess
import time
from urllib.parse import unquote

import pytest
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup
from playwright.sync_api import expect, sync_playwright

import figures
import pdf
import website
from copies import Copies
from lessons import NOTEBOOKS, ROOT, dump, find, read
from samples import code, display, notebook

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
).split()


@pytest.fixture(scope="module")
def browser():
    found = pdf.browser()
    if not found:
        pytest.skip("there is no Chromium: install it, or say where it is with CHROMIUM=…")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield chromium
        chromium.close()


# The pages


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The pages, those of the lessons first and in their order."""
    made = website.build(find(), out=tmp_path_factory.mktemp("site") / "html")
    order = [f"{lesson.slug}.html" for lesson in find()]
    return sorted(made, key=lambda page: order.index(page.name) if page.name in order else len(order))


# The layout shift: how far painted elements moved, as Lighthouse measures it.
SHIFT = """() => new Promise((done) => {
  let sum = 0;
  new PerformanceObserver((list) => list.getEntries().forEach((e) => { sum += e.value; })).observe({ type: "layout-shift", buffered: true });
  requestAnimationFrame(() => setTimeout(() => done(sum), 50));
})"""


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_work_from_disk_offline(browser, pages, width, theme):
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=theme, offline=True)
    tab = context.new_page()
    asked, complaints = [], []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("console", lambda message: complaints.append(message.text))
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    papers = set()
    for path in pages:
        tab.goto(path.as_uri())
        assert tab.evaluate("document.documentElement.scrollWidth") <= width, f"{path.name} is too wide"
        boxes = tab.evaluate(
            "[...document.querySelectorAll('.figure svg, img, math')].map(e => e.getBoundingClientRect())"
            ".map(r => [r.width, r.height])"
        )
        assert all(w > 0 and h > 0 for w, h in boxes), f"{path.name} shows nothing where a figure should be"
        letters = tab.evaluate(
            "[...document.querySelectorAll('figure.output > svg')].flatMap(svg => [...svg.querySelectorAll('text')].map("
            "e => parseFloat(getComputedStyle(e).fontSize) * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width))"
        )
        least = 10 if width > 360 else 8.4  # px; of a figure on a very narrow screen
        assert all(size >= least for size in letters), f"{path.name} has a figure with letters of {min(letters):.1f} px"
        assert tab.evaluate(SHIFT) < 0.01, f"the layout of {path.name} shifts while it loads"
        papers.add(tab.evaluate("getComputedStyle(document.body).backgroundColor"))
    context.close()
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert complaints == []
    (paper,) = papers
    assert (sum(map(int, re.findall(r"\d+", paper)[:3])) > 384) == (theme == "light")


# The names of the elements that reach out of the page, unless a box around them scrolls, and how many scroll.
WIDE = """() => {
  document.querySelectorAll("details").forEach((d) => { d.open = true; });
  const inside = (e) => { const r = e.getBoundingClientRect(); return r.left > -1 && r.right < innerWidth + 1; };
  const scrolls = (e) => e && (["auto", "scroll"].includes(getComputedStyle(e).overflowX) ? e : scrolls(e.parentElement));
  const all = [...document.querySelectorAll("math, table, pre, img, main svg")].map((e) => [e, scrolls(e)]);
  return [
    all.filter(([e, box]) => !inside(box ?? e)).map(([e]) => `${e.localName}: ${e.textContent.trim().slice(0, 40)}`),
    all.filter(([e, box]) => box && box.scrollWidth > box.clientWidth).length,
  ];
}"""


# Of the figures: the letters that stand outside their figure, the smallest, and how many figures do not fit into their box.
LETTERS = """() => {
  const figures = [...document.querySelectorAll("figure.output > svg")].filter((svg) => svg.checkVisibility());
  const all = figures.flatMap((svg) => [...svg.querySelectorAll("text")].map((text) => [svg.getBoundingClientRect(), text.getBoundingClientRect(), parseFloat(getComputedStyle(text).fontSize) / svg.viewBox.baseVal.width, text.textContent]));
  return [
    all.filter(([figure, text]) => text.left < figure.left - 1 || text.right > figure.right + 1).map((one) => one[3]),
    Math.min(...all.map(([figure, , size]) => size * figure.width)),
    figures.filter((svg) => svg.parentElement.scrollWidth > svg.parentElement.clientWidth).length,
  ];
}"""


def test_on_a_phone_figures_are_whole_and_stay_in_sight_beside_their_controls(browser, pages):
    tab = browser.new_page(viewport={"width": 390, "height": 844})
    seen = 0
    for path in pages:
        tab.goto(path.as_uri())
        tab.evaluate("document.querySelectorAll('.answer').forEach((d) => { d.open = true; })")
        outside, smallest, cut = tab.evaluate(LETTERS)
        assert outside == [] and cut == 0, path.name
        assert (smallest or 9) >= 9, f"{path.name} has letters of {smallest:.1f} px"
        for figure in tab.locator(".living").all():
            tall = "tall" in figure.get_attribute("class")
            for slider in figure.locator("input[type=range]").all():
                # A slider at the lower end of the screen, and in its middle; in a tall figure, the middle of the drawing.
                for block in ("end", "center"):
                    (figure.locator(".drawing") if tall else slider).evaluate("(e, block) => e.scrollIntoView({ block: block })", "center" if tall else block)
                    expect(slider).to_be_in_viewport(ratio=0.9)
                    inside = slider.evaluate(
                        "(e, tall) => { const r = e.closest('.living').querySelector('.drawing').getBoundingClientRect(), below = tall ? e.form.getBoundingClientRect().top : innerHeight;"
                        " return Math.min(r.bottom, below) - Math.max(r.top, 0); }", tall
                    )  # fmt: skip
                    assert inside >= 240, f"{path.name}: {inside} px of the figure are in sight"
                seen += 1
    tab.close()
    assert seen > 20


def test_on_a_phone_what_is_wide_scrolls_in_a_box_of_its_own(browser, pages):
    tab = browser.new_page(viewport={"width": 390, "height": 844})
    scrolling = 0
    for path in pages:
        tab.goto(path.as_uri())
        wide, scroll = tab.evaluate(WIDE)
        assert wide == [], path.name
        assert tab.evaluate("document.documentElement.scrollWidth") <= 390, f"{path.name} is too wide"
        scrolling += scroll
    tab.close()
    assert scrolling > 0


# The texts of formulas with letters that stand on a line below.
TORN = """() => {
  const parts = [...document.querySelectorAll("main .whole")].filter((part) => part.checkVisibility());
  return [parts.length, parts.filter((part) => {
    const last = document.createTreeWalker(part, NodeFilter.SHOW_TEXT), range = document.createRange();
    while (last.nextNode());
    range.selectNodeContents(last.currentNode);
    return range.getBoundingClientRect().top > part.querySelector("math").getBoundingClientRect().bottom;
  }).map((part) => part.parentElement.textContent)];
}"""


def test_no_line_begins_with_the_particle_of_a_formula(browser, tmp_path):
    tab = browser.new_page(viewport={"width": 390, "height": 844})
    seen = 0
    for path in website.build(find(language="ko"), out=tmp_path / "html"):
        tab.goto(path.as_uri())
        count, torn = tab.evaluate(TORN)
        assert torn == [], path.name
        seen += count
    tab.close()
    assert seen > 300


def test_the_keyboard_alone_reaches_the_lessons(browser, pages):
    tab = browser.new_page()
    tab.goto(pages[-1].with_name("index.html").as_uri())
    tab.keyboard.press("Tab")
    expect(tab.locator(".skip")).to_be_focused()
    for _ in range(8):  # past the course, the search and the theme, to the first lesson
        tab.keyboard.press("Tab")
        assert tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
        if tab.evaluate("document.activeElement.href") == pages[0].as_uri():
            break
    tab.keyboard.press("Enter")
    expect(tab).to_have_url(pages[0].as_uri())
    expect(tab.locator("main h1")).to_be_visible()
    tab.close()


# Colours depend on the theme and the rest on the width, so two of the four pairs see all.
@pytest.mark.parametrize("width, theme", [(320, "light"), (1440, "dark")])
def test_axe_finds_no_violation(browser, pages, width, theme):
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme, bypass_csp=True)
    tab = context.new_page()
    found = []

    def look(name):
        # What is inside a figure is one picture to a screen reader, and its colours are package plots'.
        result = Axe().run(tab, {"exclude": [["svg > *"]]}, {"resultTypes": ["violations"]})
        for violation in result.response["violations"]:
            where = [node["target"] for node in violation["nodes"]][:3]
            found.append(f"{name}: {violation['id']}: {violation['help']}: {where}")

    for path in pages:
        tab.goto(path.as_uri())
        tab.evaluate("document.querySelectorAll('.text details, .folded, .answer').forEach(d => d.open = true)")
        look(path.name)
    tab.goto(pages[0].as_uri())
    tab.evaluate("""localStorage.setItem('unroll-progress', '{"order-matters/a": {"solved": true}}'); dispatchEvent(new Event('unroll-progress'))""")
    tab.evaluate("document.querySelector('.contents details').open = true")
    look("the contents")
    tab.locator("#search input").fill("gradient")
    expect(tab.locator("#search b mark").first).to_be_visible()
    look("the search")
    context.close()
    assert found == []


def test_without_scripts_everything_but_the_tools_is_there(browser, pages):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(pages[0].as_uri())
    expect(tab.locator("#search")).to_be_hidden()
    expect(tab.locator("#theme")).to_be_hidden()
    expect(tab.locator("figure svg").first).to_be_visible()
    tab.locator(".turn [rel=next]").click()
    expect(tab).to_have_url(pages[1].as_uri())
    expect(tab.locator("main h1")).to_be_visible()
    context.close()


@pytest.fixture
def folded(pages):
    """A lesson's page with folded answers, and how many."""
    page = next(page for page in pages if 'class="answer"' in page.read_text())
    return page, page.read_text().count('class="answer"')


def show(tab, count):
    """Waits until so many answers can be seen: what an action does to the layout may take the browser a moment."""
    expect(tab.locator(".answer > .outputs:visible")).to_have_count(count)


def test_answers_wait_for_the_reader(browser, folded):
    page, count = folded
    context = browser.new_context()
    tab = context.new_page()
    tab.goto(page.as_uri())
    show(tab, 0)
    summary = tab.locator(".answer > summary").first
    summary.focus()
    tab.keyboard.press("Enter")
    show(tab, 1)
    tab.keyboard.press("Space")
    show(tab, 0)
    switch = tab.get_by_role("button", name="Show all answers", pressed=False)
    switch.press("Enter")
    expect(tab.get_by_role("button", name="Show all answers", pressed=True)).to_be_visible()
    show(tab, count)
    tab.reload()  # it is kept
    show(tab, count)
    tab.get_by_role("button", name="Show all answers").click()
    tab.reload()
    show(tab, 0)
    context.close()


@pytest.mark.parametrize("width", [794, 1123, 1587])  # A4, and A3 upright and across
def test_the_text_takes_its_column_on_any_paper(browser, pages, width):
    tab = browser.new_page(viewport={"width": width, "height": 1123})
    tab.goto(next(path for path in pages if 'class="contents"' in path.read_text(encoding="utf-8")).as_uri())
    tab.emulate_media(media="print")
    assert tab.locator("main").bounding_box()["width"] >= 700
    tab.close()


def test_no_answer_is_folded_on_paper_or_without_scripts(browser, folded):
    page, count = folded
    context = browser.new_context()
    tab = context.new_page()
    tab.goto(page.as_uri())
    tab.emulate_media(media="print")
    show(tab, count)
    expect(tab.locator(".answer > summary:visible")).to_have_count(0)
    context.close()
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(page.as_uri())
    expect(tab.locator("#answers")).to_be_hidden()
    show(tab, count)
    for answer in tab.locator(".answer > .outputs").all():
        assert answer.bounding_box()["height"] > 10
    expect(tab.locator(".answer > summary:visible")).to_have_count(0)
    context.close()


def test_the_switch_between_light_and_dark(browser, pages):
    context = browser.new_context(color_scheme="light")
    tab = context.new_page()
    paper = tab.locator("body")
    tab.goto(pages[0].as_uri())
    expect(paper).to_have_css("background-color", "rgb(255, 255, 255)")
    switch = tab.get_by_role("button", name="Dark", pressed=False)
    switch.press("Enter")
    expect(tab.get_by_role("button", name="Dark", pressed=True)).to_be_visible()
    expect(paper).to_have_css("background-color", "rgb(21, 24, 29)")
    tab.reload()  # it is kept
    expect(paper).to_have_css("background-color", "rgb(21, 24, 29)")
    tab.emulate_media(media="print")
    expect(paper).to_have_css("background-color", "rgb(255, 255, 255)")
    context.close()


def test_code_is_copied_as_it_stands(browser, pages):
    context = browser.new_context()
    tab = context.new_page()
    tab.goto(pages[0].as_uri())
    box = tab.locator(".cell .highlight").first
    box.get_by_role("button", name="Copy").click()
    expect(tab.locator("#said")).to_have_text("Copied")
    tab.locator("#search input").press("Control+v")
    source = next(cell.source for cell in read(find()[0].path).cells if cell.cell_type == "code")
    assert source
    expect(tab.locator("#search input")).to_have_value(source.replace("\n", " "))
    context.close()


def test_the_contents_mark_what_is_read_and_fold_away_on_a_phone(browser, pages):
    page = pages[0].with_name("gradient-decay.html").as_uri()
    tab = browser.new_page(viewport={"width": 1280, "height": 800})
    tab.goto(page)
    here = tab.locator(".contents [aria-current=location]")
    expect(here).to_have_count(0)
    for heading in tab.locator("main h2").all()[1:4]:
        heading.evaluate("e => e.scrollIntoView()")
        expect(here).to_have_text(heading.evaluate("e => e.firstChild.textContent"))
        expect(here).to_be_in_viewport()
    tab.evaluate("scrollTo(0, document.body.scrollHeight)")
    expect(here).to_have_text(tab.locator("main h2").last.evaluate("e => e.firstChild.textContent"))
    tab.set_viewport_size({"width": 390, "height": 700})
    summary, links = tab.locator(".contents summary"), tab.locator(".contents a")
    expect(summary).to_be_in_viewport()  # wherever the reader is
    expect(summary).to_contain_text(here.text_content())
    expect(links.first).to_be_hidden()
    summary.press("Enter")
    expect(here).to_be_in_viewport()
    tab.keyboard.press("Tab")
    expect(links.first).to_be_focused()
    tab.keyboard.press("Escape")
    expect(links.first).to_be_hidden()
    expect(summary).to_be_focused()
    summary.click()
    tab.locator(".contents li li a").first.click()
    expect(links.first).to_be_hidden()
    bar = summary.bounding_box()
    assert tab.locator("main h2").first.bounding_box()["y"] >= bar["y"] + bar["height"]  # not below the fold
    summary.click()
    tab.locator("main p").first.click(position={"x": 5, "y": 5}, force=True)
    expect(links.first).to_be_hidden()
    tab.emulate_media(media="print")
    expect(tab.locator(".contents")).to_be_hidden()
    tab.close()
    for width in (390, 1280):
        context = browser.new_context(java_script_enabled=False, viewport={"width": width, "height": 800})
        tab = context.new_page()
        tab.goto(page)
        if width == 390:
            tab.locator(".contents summary").click()
        expect(tab.locator(".contents").get_by_role("link", name="Glossary")).to_be_visible()
        context.close()


def test_the_search_works_from_disk(browser, pages):
    context = browser.new_context(offline=True)
    tab = context.new_page()
    asked = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(pages[0].as_uri())
    assert asked[0] == pages[0].as_uri() and not any("search" in url for url in asked)  # it is loaded when it is wanted
    tab.evaluate("scrollTo(0, 2000)")
    tab.locator("main a").nth(9).evaluate("e => e.focus({ preventScroll: true })")
    tab.keyboard.press("/")
    tab.keyboard.type("spectral radius <b>")
    status, first = tab.locator("#search [role=status]"), tab.locator("#search li a").first
    expect(status).to_have_text("Nothing found")
    expect(tab.locator("#search input")).to_be_in_viewport()
    assert tab.evaluate("scrollY") == 2000  # the search comes to the reader
    tab.keyboard.press("Escape")
    tab.keyboard.press("Escape")
    expect(tab.locator("main a").nth(9)).to_be_focused()
    expect(tab.locator("#search input")).not_to_be_in_viewport()
    tab.keyboard.press("/")
    tab.keyboard.type("spectral radius")
    expect(first.locator("mark").first).to_be_visible()
    tab.keyboard.press("ArrowDown")
    expect(first).to_be_focused()
    address = first.evaluate("e => e.href")
    assert "#" in address
    tab.keyboard.press("Enter")
    expect(tab.locator("#search li")).to_have_count(0)
    expect(tab).to_have_url(address)

    def search(words):
        tab.locator("#search input").fill(words)
        return status.inner_text(), [row.split("\n") for row in tab.locator("#search li a").all_inner_texts()]

    tab.locator("#search input").focus()
    search("radius")
    expect(first).to_be_visible()
    for name, letter in (("alpha", "α"), ("tau", "τ"), ("eta", "η"), ("lambda", "λ"), ("\\rho", "ρ"), ("sigma", "σ")):
        assert search(name) == search(letter), name
        assert search(name)[0] != "Nothing found", name
    assert "σ" in tab.locator("#search mark").all_inner_texts()
    assert search("bag-of-words") == search("bag of words")
    for term in ("Hidden state", "Forget gate", "Attention"):  # the glossary's entry comes first
        search(term.lower())
        assert first.locator("b").inner_text() == term and first.get_attribute("href").startswith("glossary.html#")
    said, exact = search("gradient")
    for typo in ("gradeint", "gradiant", "gradint", "gradieent"):
        count, found = search(typo)
        assert found == exact and count == f"Sections with “gradient”: {said.split()[0]}"
    assert search("gatee")[0] != "Nothing found" and search("gaet")[0] == "Nothing found"  # of five letters and more
    assert "h_(t−1)" in "".join(row[-1] for row in search("h_{t-1}")[1])  # as it is written, without TeX
    assert search("odot")[0] == search("mathrm")[0] == search("fracpartial")[0] == "Nothing found"
    assert all(url.startswith(("file:", "data:")) for url in asked)
    context.close()


def test_the_course_is_printed_as_one_pdf(browser, lesson, tmp_path, monkeypatch):
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home" / name.lower()))
    solution = "<details><summary>Solution</summary>\n\nThe sum is $1$.\n\n</details>"
    lesson("01-a", "# 1. A *short* one\n\nSee [the second](02-b.ipynb#Of-x_t) and [state](glossary.ipynb#State).", "## Why (and how)", code("f()"), solution, "**Next:** [2](02-b.ipynb)")
    lesson("02-b", "# 2. 순서\n\nA text.\n\n" + "Much.\n\n" * 60, "## Of $x_t$", code("a\n" * 45, [display({"text/plain": "b\n" * 20})]))
    lesson("glossary", "# Glossary\n\n## State\n\nWhat stays: [1](01-a.ipynb)."), lesson("ko/01-a", "# 1. 가")
    lessons, pages = find(base=tmp_path / "notebooks", language=None), tmp_path / "html"
    website.build(lessons, out=pages)
    found, count = pdf.make(lessons, pages, tmp_path / "course.pdf")
    assert not (tmp_path / "home").exists(), "the browser leaves nothing in the reader's folders"
    assert [title for title, _ in found][:4] == ["Contents", "1. A short one", "Why (and how)", "2. 순서"] and [title for title, _ in found][-2:] == ["Glossary", "State"]
    assert found[4][0].startswith("Of") and found[1][1] == found[2][1] == 3 and found[3][1] == 4 < found[4][1] < found[5][1] == found[6][1] == count
    made = BeautifulSoup(pdf.book(lessons, pages, "en", [number for _, number in found]), "html.parser")
    assert [b.text for b in made.select(".list b")] == [str(found[place][1]) for place in (1, 2, 3, 4, 5)]
    assert {unquote(a["href"][1:]) for a in made.select("a[href^='#']")} <= {part["id"] for part in made.select("[id]")}
    assert not made.select("script") and "Next:" not in made.text and "가" not in made.text
    data = (tmp_path / "course.pdf").read_bytes()
    objects = dict(re.findall(rb"(?ms)^(\d+) 0 obj\s*(<<.*?)^endobj", data))
    fonts = [font for font in objects.values() if re.search(rb"/Subtype /(CIDFontType\d|TrueType|Type1)\b", font)]
    assert fonts and all(b"/FontFile" in objects[re.search(rb"/FontDescriptor (\d+) 0 R", font)[1]] for font in fonts)  # embedded, as Type 3 always is
    tab = browser.new_page()
    (tmp_path / "book.html").write_text(str(made), encoding="utf-8")
    tab.goto((tmp_path / "book.html").as_uri())
    tab.emulate_media(media="print")
    expect(tab.get_by_text("The sum is")).to_be_visible()  # paper does not unfold
    tab.close()


HTML = "<b onclick='window.caught = 1'>press</b><script>window.caught = 1</script>"
MARKDOWN = (
    "# T\n\n<script>window.caught = 1</script>\n\n"
    '<img src="data:," onerror="window.caught = 1"> <svg onload="window.caught = 1"></svg>\n\n'
    '<details open ontoggle="window.caught = 1"><summary>x</summary></details>\n\n'
    "[press](javascript:window.caught=1)"
)


@pytest.mark.parametrize("cells", [["# T", code("f()", [display({"text/html": HTML})])], [MARKDOWN]])
def test_scripts_in_html_and_markdown_do_not_run(browser, lesson, tmp_path, cells):
    lesson("01-sample", *cells)
    website.build(find(base=tmp_path / "notebooks"), out=tmp_path / "html")
    tab = browser.new_page()
    tab.goto((tmp_path / "html" / "sample.html").as_uri())
    tab.get_by_text("press").click()
    tab.wait_for_timeout(300)
    assert tab.evaluate("window.caught") is None
    tab.close()


# JupyterLab


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The address of a JupyterLab as `make lab` starts it, on a learner's copies."""
    folder = tmp_path_factory.mktemp("lab")
    list(Copies(NOTEBOOKS, folder).renew())
    loop = notebook(
        "# Loop",
        code('%%\nfmt.Println("begun")\nfor {\n\ttime.Sleep(time.Second)\n}'),
        code("%%\nfmt.Println(6 * 7)"),
    )
    loop.metadata.kernelspec = {"display_name": "Go (gonb)", "language": "go", "name": "gonb"}
    (folder / "loop.ipynb").write_text(dump(loop))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = folder / "lab.log"
    command = [
        ROOT / "kernel/run", "jupyter", "lab", "--no-browser", "--allow-root", "--LabApp.expose_app_in_browser=True",
        f"--ServerApp.root_dir={folder}", f"--ServerApp.port={port}", "--ServerApp.port_retries=0",
    ]
    with open(log, "w") as out:
        server = subprocess.Popen(command, stdout=out, stderr=out, start_new_session=True)
    try:
        for _ in range(300):
            if match := re.search(rf"http://127\.0\.0\.1:{port}/lab\S*token=(\w+)", log.read_text()):
                break
            assert server.poll() is None, log.read_text()
            time.sleep(0.1)
        else:
            pytest.fail(f"JupyterLab did not say its address in 30 s:\n{log.read_text()}")
        yield f"http://127.0.0.1:{port}", match[1]
    finally:
        server.terminate()
        server.wait(30)


class Lab:
    """A tab with a notebook open in JupyterLab."""

    def __init__(self, browser, lab, name):
        address, token = lab
        self.context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
        self.asked = []
        self.context.on("request", lambda request: self.asked.append(request.url))
        self.tab = self.context.new_page()
        self.tab.goto(f"{address}/lab/tree/{name}.ipynb?token={token}&reset")
        expect(self.tab.locator(".jp-Notebook")).to_be_visible(timeout=60_000)
        self.idle()

    def menu(self, *path):
        self.tab.locator("#jp-MainMenu").get_by_role("menuitem", name=path[0], exact=True).click()
        for name in path[1:]:
            self.tab.locator(".lm-Menu-item", has=self.tab.locator(".lm-Menu-itemLabel", has_text=re.compile(f"^{name}"))).locator("visible=true").first.click()

    def cells(self):
        """The code cells as the notebook on the screen has them."""
        nb = self.tab.evaluate("jupyterapp.shell.currentWidget.content.model.toJSON()")
        return [cell for cell in nb["cells"] if cell["cell_type"] == "code"]

    def idle(self, timeout=120):
        """Waits until the kernel is there and has nothing left to do."""
        deadline = time.monotonic() + timeout
        quiet = 0
        while quiet < 3:
            assert time.monotonic() < deadline, "the kernel is still busy"
            connection, status = self.tab.evaluate(
                "(kernel => [kernel?.connectionStatus, kernel?.status])"
                "(jupyterapp.shell.currentWidget?.sessionContext.session?.kernel)"
            )
            free = connection == "connected" and status == "idle"
            waiting = self.tab.locator(".jp-InputPrompt", has_text="[*]").count()
            quiet = quiet + 1 if free and not waiting else 0
            self.tab.wait_for_timeout(200)

    def dialog(self, button):
        self.tab.locator(".jp-Dialog button", has_text=button).last.click()


def said(cell):
    return "".join(o.get("text", "") for o in cell["outputs"])


def test_run_all_shows_the_figures_and_the_menu_exports_the_page(browser, lab, tmp_path):
    lesson = find()[0]
    committed = [cell for cell in read(lesson.path).cells if cell.cell_type == "code"]
    figures = sum("image/svg+xml" in o.get("data", {}) for cell in committed for o in cell.outputs)
    assert figures
    it = Lab(browser, lab, lesson.name)
    assert not any(cell["outputs"] for cell in it.cells())
    it.menu("Run", "Run All Cells")
    it.idle()
    for before, now in zip(committed, it.cells()):
        assert now["execution_count"], now["source"]
        expected = "raises-exception" in before.metadata.get("tags", [])
        assert expected or not any(o["output_type"] == "error" for o in now["outputs"]), now["outputs"]
    shown = [o for cell in it.cells() for o in cell["outputs"] if "image/svg+xml" in o.get("data", {})]
    assert len(shown) == figures
    drawn = it.tab.locator(".jp-OutputArea-output").locator("img, svg").first
    drawn.scroll_into_view_if_needed()
    box = drawn.bounding_box()
    assert box["width"] > 200 and box["height"] > 100

    # The page that opens for the download is gone at once, so what it asked for is asked again.
    it.menu("File", "Save and Export Notebook As", "HTML")
    it.dialog("Ok")  # it asks whether to sanitise
    for _ in range(150):
        if exported := [url for url in it.asked if "/nbconvert/html/" in url]:
            break
        it.tab.wait_for_timeout(200)
    page = tmp_path / "exported.html"
    answer = it.context.request.get(f"{exported[0]}&token={lab[1]}")
    assert answer.ok and "attachment" in answer.headers["content-disposition"]
    page.write_bytes(answer.body())
    assert [url for url in it.asked if "127.0.0.1" not in url and not url.startswith(("data:", "blob:"))] == []
    it.context.close()

    context = browser.new_context(offline=True)
    tab = context.new_page()
    asked = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(page.as_uri())
    expect(tab.locator("main h1")).to_be_visible()
    expect(tab.locator("figure > svg")).to_have_count(figures)
    assert tab.locator("pre .k, pre .kd").count() and tab.locator("math").count()
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    context.close()


def test_an_exported_page_brings_its_figures(browser, lab, tmp_path):
    # A lesson with one figure, and links to settings of it.
    lesson, name = next((lesson, names[0]) for lesson in find() if len(names := figures.linked(read(lesson.path))) == 1
                        and f"#{names[0]}?" in lesson.path.read_text(encoding="utf-8"))  # fmt: skip
    context = browser.new_context()
    answer = context.request.get(f"{lab[0]}/nbconvert/html/{lesson.name}.ipynb?download=true&token={lab[1]}")
    page = tmp_path / "exported.html"
    page.write_bytes(answer.body())
    context.close()
    context = browser.new_context(offline=True)
    tab = context.new_page()
    asked, complaints = [], []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("console", lambda message: complaints.append(message.text))
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.goto(page.as_uri())
    figure = tab.locator(f"#{name}")
    words = figure.locator(".words").inner_text()
    figure.locator("input[type=range]").first.press("ArrowRight")
    expect(figure.locator(".said")).not_to_be_empty(timeout=30_000)
    now = figure.locator(".words").inner_text()
    assert now != words
    tab.locator(f'main a[href^="#{name}?"]').first.click()  # a setting to compare
    expect(figure.locator(".words")).not_to_have_text(now)
    assert not tab.locator('[href*="README.md"], [href*="static/figures"]').count()
    assert asked == [page.as_uri()] and complaints == []
    context.close()


def test_a_link_in_a_lesson_opens_a_figure(browser, lab):
    figures.for_lab(website.BUILD / "lab", website.BUILD / "wasm")  # as `make lab` does
    lesson = next(lesson for lesson in find() if figures.linked(read(lesson.path)))
    it = Lab(browser, lab, lesson.name)
    linked = ["site/figures/README.md#" in cell.source for cell in read(lesson.path).cells]
    it.tab.evaluate("at => jupyterapp.shell.currentWidget.content.scrollToItem(at)", linked.index(True))
    with it.context.expect_page() as opened:
        it.tab.get_by_role("link", name="Try it").click()
    page = opened.value
    slider = page.locator("input[type=range]").first
    words = page.locator(".words").inner_text()
    slider.press("ArrowRight")
    expect(page.locator(".said")).not_to_be_empty(timeout=30_000)
    expect(page.locator(".words")).not_to_have_text(words)
    it.context.close()


def test_a_loop_is_interrupted_and_the_kernel_restarts(browser, lab):
    it = Lab(browser, lab, "loop")
    it.tab.locator(".jp-CodeCell").first.click()
    it.menu("Run", "Run Selected Cell")
    expect(it.tab.locator(".jp-OutputArea-output", has_text="begun")).to_be_visible(timeout=60_000)
    assert it.cells()[0]["execution_count"] is None  # it runs
    it.menu("Kernel", "Interrupt Kernel")
    it.idle(20)
    it.tab.locator(".jp-CodeCell").nth(1).click()
    it.menu("Run", "Run Selected Cell")
    expect(it.tab.locator(".jp-OutputArea-output", has_text="42")).to_be_visible(timeout=60_000)
    it.idle()  # the number comes after the output
    assert it.cells()[1]["execution_count"] == 2

    it.menu("Kernel", "Restart Kernel and Clear")
    it.dialog("Restart")
    it.idle()
    assert not said(it.cells()[1])
    it.tab.locator(".jp-CodeCell").nth(1).click()
    it.menu("Run", "Run Selected Cell")
    expect(it.tab.locator(".jp-OutputArea-output", has_text="42")).to_be_visible(timeout=60_000)
    it.idle()  # the number comes after the output
    assert it.cells()[1]["execution_count"] == 1  # a new kernel counts from one
    it.context.close()
