"""Runs cells in the pages: with a double of the engine that says what a cell's comments tell it to, and with the
engine itself. A reader does it with the mouse, a keyboard or a phone, from disk and from a server.

Needs Chromium or Chrome, as browser_test.py does.
"""

import gzip
import http.server
import json
import os
import re
import threading
import time
from functools import partial

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from browser_test import SHIFT, browser, player  # noqa: F401, fixtures
from nbconvert import HTMLExporter
from playwright.sync_api import expect

import toolchain
import website
from exporter import config
from lessons import BUILD, ROOT, find, read
from samples import code, display, notebook, stream

# The engine's protocol (see site/run/README.md): a line of a cell that begins with //: is a message of its run.
# After {"type": "input"} the double waits for a line, and {"type": "loop"} ends with Stop.
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
      if (message.type === "file") message.bytes = new TextEncoder().encode(message.text);
      if (message.type === "input") {
        const text = await new Promise((done) => { this.resume = done; this.tell({ type: "input", cell }); });
        this.tell({ type: "stream", cell, name: "stdout", text: text === null ? "end of file\\n" : `read ${text}` });
        continue;
      }
      if (message.type === "error") { message.places ??= []; message.hint ??= ""; message.details ??= ""; more = { code: message.code ?? 1 }; }
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
        website.build(find(base=tmp_path / "notebooks"), out=tmp_path / "html", go=go)
        return tmp_path / "html" / "sample.html"

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


def test_without_the_engine_no_page_runs(lesson, tmp_path):
    lesson("01-sample", "# T", code("f()"))
    website.build(find(base=tmp_path / "notebooks"), out=tmp_path / "html")
    assert not (tmp_path / "html/run").exists()
    page = (tmp_path / "html/sample.html").read_text()
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


# Errors


def test_an_error_says_first_where(open_page):
    error = {
        "type": "error", "kind": "compile", "text": "line 3: undefined: x", "hint": "Nothing named x is declared.",
        "places": [{"cell": "?", "line": 3, "column": 5, "text": "undefined: x"}], "details": "line 3: undefined: x\nline 4: undefined: y",
    }  # fmt: skip
    it = open_page(code("%%\n" + "a := 1\nb := x\n" + say(error | {"places": []})), code(say(prints("never\n"))))
    said, own = it.run(1)
    assert said == "error"
    expect(it.tab.locator("#said")).to_have_text("Cell 1: error. line 3: undefined: x")
    assert own.locator(".first").inner_text() == "line 3: undefined: x" and own.locator(".hint").is_visible()
    expect(own.locator("details pre")).to_be_hidden()
    own.get_by_role("button", name="line 3").click()
    expect(it.cell(1).locator(".cm-content")).to_be_focused()
    it.tab.keyboard.type("Z")
    expect(it.cell(1).locator(".cm-line").nth(2)).to_have_text("Zb := x")


def test_an_error_in_another_cell_names_it_by_its_number(open_page):
    other = {"type": "note", "text": "Cell c1 does not compile, and was left out."}
    error = {"type": "error", "kind": "panic", "text": "cell c1, line 2: panic: x", "details": "panic: x\n\tcell c1, line 2"}
    it = open_page(code("one()\ntwo()"), code(say(other, error)))
    _, own = it.run(2)
    assert own.locator(".note").inner_text() == "Cell 1 does not compile, and was left out."
    assert own.locator(".first").inner_text() == "cell 1, line 2: panic: x" and "cell 1, line 2" in own.locator("details pre").text_content()
    own.get_by_role("button", name="cell 1, line 2").click()
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


def test_a_run_has_the_cells_above_it(open_page):
    it = open_page(code("a()"), code("b()"), code("c()"))
    it.edit(1, "changed()")
    it.run(2)
    run = [m for m in it.tab.evaluate("posted") if m["type"] == "run"][-1]
    assert [cell["source"] for cell in run["cells"]] == ["changed()", "b()"] and run["cell"] == run["cells"][1]["id"]


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
    other.write_text('{"a/x": "<b>"}')
    it.tab.locator("input[type=file]").set_input_files(other)
    expect(it.tab.locator(".bench > p")).to_contain_text("progress.json is no progress file")
    assert json.loads(it.kept("unroll-progress"))["a/x"]["tries"] == 2


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


@pytest.mark.parametrize("width, theme", [(390, "light"), (390, "dark"), (1280, "light"), (1280, "dark")])
def test_axe_finds_nothing_to_mend_where_cells_ran(browser, pages, width, theme):  # noqa: F811
    long = "fmt.Println(" + ", ".join(map(str, range(60))) + ")"
    page = pages(
        "# T", code(say(prints("1\n"), prints("2\n", "stderr"), shows(FIGURE), {"type": "input"})), code(long), "**Predict** it.",
        code(say(prints("x" * 300)), [stream("y\n")]),
        code(say({"type": "error", "kind": "compile", "text": "line 1: undefined: " + "x" * 80, "hint": "Declare it.", "details": "Go's words"})),
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


# The engine itself


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The pages of the course, with the engine."""
    go = BUILD / "run"
    toolchain.built(go)
    out = tmp_path_factory.mktemp("site") / "html"
    website.build(find(), out=out, go=go)
    return out


def number_of(lesson, cell):
    return [c.id for c in read(lesson.path).cells if c.cell_type == "code"].index(cell) + 1


CHOSEN = "how-a-network-learns"

SOLVED = """func encode(w exercise.Words) (indices []int) {
	for _, word := range w.Sentence {
		i, known := w.Index[word]
		if !known {
			i = 1
		}
		indices = append(indices, i)
	}
	return indices
}

%%
exercise.EncodeWords.Check(encode)"""


def test_a_lesson_runs_from_disk(context, site):
    lesson = find()[0]
    context.set_offline(True)
    it = Reader(context, site / f"{lesson.slug}.html")
    for cell in ("tokens-run", "bag-run", "states-run"):
        said, _ = it.run(number_of(lesson, cell), 180_000)
        assert said.endswith("the same as on the page"), cell
    exercise = number_of(lesson, "exercise-encode")
    it.run(exercise, 60_000)
    it.edit(exercise, SOLVED)
    it.tab.keyboard.press("Shift+Enter")
    expect(it.cell(exercise).locator(".bar > span")).to_have_text(re.compile("changed · done"), timeout=60_000)
    assert json.loads(it.kept("unroll-progress"))["order-matters/encode"] == {"tries": 1, "solved": True}  # the empty answer is no try
    it.tab.reload()
    it.run(number_of(lesson, "progress"), 60_000)
    expect(it.cell(number_of(lesson, "progress")).locator(".own")).to_contain_text("done, at the first try")
    assert it.complaints == []
    assert all(url.startswith(("file:", "data:", "blob:")) for url in it.asked)


LOOPS = ["for {\n}", 'for {\n\tfmt.Println("again")\n}', "for {\n\ttime.Sleep(time.Second)\n}"]


def test_what_does_not_end_is_stopped(context, site):
    lesson = find()[0]
    it = Reader(context, site / f"{lesson.slug}.html")
    cell = number_of(lesson, "tokens-run")
    it.run(cell, 180_000)
    for loop in LOOPS:
        if it.cell(cell).locator(".cm-content").count():
            it.cell(cell).locator(".cm-content").focus()
            it.tab.keyboard.press("Control+a")
            it.tab.keyboard.insert_text("%%\n" + loop)
        else:
            it.edit(cell, "%%\n" + loop)
        it.button(cell, "Run cell").click()
        expect(it.cell(cell).locator(".bar > span")).to_contain_text("runs", timeout=60_000)
        it.tab.wait_for_timeout(500)
        start = time.monotonic()
        it.button(cell, "Stop").click()
        expect(it.cell(cell).locator(".bar > span")).to_contain_text("stopped")
        assert time.monotonic() - start < 2, loop  # other tests run beside
    it.tab.keyboard.press("Escape")
    it.cell(cell).locator(".cm-content").focus()
    it.tab.keyboard.press("Control+a")
    it.tab.keyboard.insert_text("%%\nvar all [][]byte\nfor {\n\tall = append(all, make([]byte, 1<<20))\n}")
    said, own = it.run(cell, 60_000)
    assert said.endswith("error") and own.locator(".first").inner_text().startswith("line 4: runtime: out of memory")
    it.button(cell, "Reset").click()
    assert it.run(cell, 60_000)[0].endswith("the same as on the page")


@pytest.mark.parametrize("lesson", [lesson for lesson in find() if lesson.numbered], ids=lambda lesson: lesson.slug)
def test_every_cell_of_a_lesson_gives_what_the_page_shows(context, site, lesson):
    if lesson.slug != CHOSEN and not os.environ.get("EVERY_LESSON"):
        pytest.skip(f"all lessons take half an hour: EVERY_LESSON=yes runs them, {CHOSEN} alone is run always")
    it = Reader(context, site / f"{lesson.slug}.html")
    it.button(1, "Run cell").click()
    it.wait(1, 180_000)
    it.tab.get_by_text("My work").click()
    it.tab.get_by_role("button", name="Run all cells").click()
    expect(it.tab.locator(".bench > button")).to_be_visible()  # Stop, while cells run
    expect(it.tab.locator(".bench > button")).to_be_hidden(timeout=1_200_000)
    said = it.tab.evaluate("unrollRun.page.cells.map((cell) => [cell.id, cell.ended, Boolean(cell.given)])")
    assert [(id, words) for id, words, given in said if not (words or "").endswith("the same as on the page" if given else "")] == []
    assert all(words.startswith("done") for _, words, _ in said) and it.complaints == []


def test_errors_of_go_have_their_place(context, site):
    lesson = find()[0]
    it = Reader(context, site / f"{lesson.slug}.html")
    cell = number_of(lesson, "tokens-run")
    it.edit(cell, '%%\nfmt.Println("before")\nvar s string = 5\n_ = s')
    said, own = it.run(cell, 180_000)
    assert said.endswith("error") and own.locator(".first").inner_text().startswith("line 3: cannot use 5")
    own.get_by_role("button", name="line 3").click()
    it.tab.keyboard.press("Control+a")
    it.tab.keyboard.insert_text('%%\nfmt.Println("before")\nxs := []int{1}\nfmt.Println(xs[len(xs)])')
    said, own = it.run(cell, 60_000)
    assert "before" in own.inner_text() and "index out of range" in own.locator(".first").inner_text()
    assert own.locator(".first").inner_text().startswith("line 4")
    it.cell(cell).locator(".cm-content").focus()
    it.tab.keyboard.press("Control+a")
    it.tab.keyboard.insert_text('%%\nvar name string\nfmt.Scanln(&name)\nfmt.Println("hello", name)')
    it.button(cell, "Run cell").click()
    it.cell(cell).get_by_label("The program reads a line").fill("개", timeout=60_000)
    it.tab.keyboard.press("Enter")
    _, own = it.wait(cell, 60_000)
    expect(own).to_contain_text("hello 개")


def test_a_cell_runs_from_a_server(context, site):
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=site))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        lesson = find()[0]
        it = Reader(context, f"http://127.0.0.1:{server.server_port}/{lesson.slug}.html")
        said, _ = it.run(number_of(lesson, "bag-run"), 180_000)
        assert said.endswith("the same as on the page") and it.complaints == []
    finally:
        server.shutdown()
