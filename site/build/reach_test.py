"""Runs cells with Go in the page, in the browsers that are here: from disk and from a server, on a desktop's
screen and on a phone's.

Chromium must be there, as for browser_test.py. Firefox is the one that FIREFOX names, or Debian's firefox-esr.
More on demand: EVERY_LESSON=yes runs all cells of all lessons, RUNS=200 as many runs in one tab.
"""

import http.server
import json
import os
import re
import shutil
import statistics
import threading
import time
from functools import partial
from pathlib import Path

import pytest
from browser_test import browser  # noqa: F401, a fixture
from playwright.sync_api import expect
from run_test import Reader, context, soon  # noqa: F401, context is a fixture

import toolchain
import website
from firefox import Firefox
from lessons import BUILD, find, read

START = 180  # seconds that a first run may take, beside other tests
MOST = 700  # megabytes that a tab may take with a lesson run whole


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The pages of the course, with the engine."""
    go = BUILD / "run"
    toolchain.built(go)
    out = tmp_path_factory.mktemp("site") / "html"
    website.build(find(), out=out, go=go)
    return out


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def host(site):
    """The address of the pages on a static host."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=site))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="module")
def firefox():
    found = os.environ.get("FIREFOX") or shutil.which("firefox-esr")
    if not found:
        pytest.skip("there is no Firefox: install Debian's firefox-esr, or say where it is with FIREFOX=…")
    with Firefox(found) as firefox:
        yield firefox


def named(slug):
    return next(lesson for lesson in find() if lesson.slug == slug)


def number_of(slug, cell):
    return [c.id for c in read(named(slug).path).cells if c.cell_type == "code"].index(cell) + 1


class Runner:
    """Runs the cells of a page in a tab of any browser, by their numbers."""

    def __init__(self, tab):
        self.tab = tab

    def press(self, number, name="Run"):
        self.tab.evaluate("([n, name]) => [...document.querySelectorAll('section.cell')[n].querySelectorAll('.bar button')]"
                          ".find((b) => b.textContent === name && !b.hidden).click()", [number - 1, name])  # fmt: skip

    def said(self, number):
        return self.tab.evaluate("n => document.querySelectorAll('section.cell')[n].querySelector('.bar > span').textContent", number - 1)

    def output(self, number):
        return self.tab.evaluate("n => document.querySelectorAll('section.cell')[n].querySelector('.own').innerText", number - 1)

    def end(self, number, seconds=60):
        return soon(lambda: self.said(number), re.compile("done|error|stopped|exit status").search, seconds)

    def run(self, number, seconds=60):
        self.press(number)
        return self.end(number, seconds)

    def write(self, number, text):
        """Puts a text into the cell's editor, which is opened."""
        self.tab.evaluate("async ([n, text]) => { const cell = unrollRun.page.cells[n]; await cell.open(); cell.editor.text = text; }", [number - 1, text])


# Five cells that take a second or two: text, figures and both.
LESSON, CELLS = "gradient-decay", ["first-run", "bptt-run", "witness-run", "exact-figure", "shares-figure"]


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("home", ["disk", "host"])
@pytest.mark.parametrize("name", ["Chromium", "Firefox"])
def test_five_cells_give_what_the_page_shows(request, site, host, name, home, width):
    address = f"{host}/{LESSON}.html" if home == "host" else (site / f"{LESSON}.html").as_uri()
    if name == "Firefox":
        tab = request.getfixturevalue("firefox").tab(width, 844)
        complaints, asked = tab.complaints, tab.asked
    else:
        program, asked, complaints = request.getfixturevalue("browser"), [], []
        phone = {"has_touch": True, "is_mobile": True} if width < 400 else {}
        tab = program.new_context(viewport={"width": width, "height": 844}, **phone).new_page()
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.goto(address)
    it, times = Runner(tab), []
    for cell in CELLS:
        start = time.monotonic()
        said = it.run(number_of(LESSON, cell), START)
        times.append(time.monotonic() - start)
        assert said.endswith("the same as on the page"), (cell, it.output(number_of(LESSON, cell)))
    assert tab.evaluate("() => document.documentElement.scrollWidth") <= width
    assert complaints == []
    assert all(url.startswith(("file:", "data:", "blob:", host)) for url in asked)
    print(f"{name}, {home}, {width}: first cell {times[0]:.1f} s, median of the next {statistics.median(times[1:]):.1f} s")
    tab.close()


SHIFT, ENTER = "\ue008", "\ue007"


def test_firefox_edits_and_stops(firefox, site):
    tab = firefox.tab(1280, 844)
    tab.goto((site / f"{LESSON}.html").as_uri())
    it, cell = Runner(tab), number_of(LESSON, "first-run")
    it.press(cell, "Edit")
    soon(lambda: tab.evaluate("() => document.activeElement.className"), lambda name: "cm-content" in name)
    it.write(cell, "%%\nfmt.Println(6 * 7)")
    tab.press(SHIFT, ENTER)
    assert it.end(cell, START).startswith("changed · done") and it.output(cell).startswith("42\n")
    for loop in LOOPS[:3]:
        it.write(cell, f"%%\n{loop}")
        it.press(cell)
        soon(lambda: it.said(cell), lambda said: "runs" in said, 60)
        it.press(cell, "Stop")
        assert "stopped" in it.end(cell)  # and edited since it ran, where it had not begun
    it.write(cell, "func f(n int) int { return f(n+1) + 1 }\n\n%%\nfmt.Println(f(0))")  # a browser's own error, whose words each has
    it.press(cell)
    assert "error" in it.end(cell)
    assert it.output(cell).startswith("the program calls itself too deep\n")
    it.press(cell, "Reset")
    assert it.run(cell).endswith("the same as on the page")
    assert tab.complaints == []
    tab.close()


def test_the_cover_has_a_cell_to_try(context, site):  # noqa: F811
    it = Reader(context, site / "index.html")
    cell = it.tab.locator("section.cell").count()
    expect(it.button(cell, "Run cell")).to_be_visible()
    assert {url.rsplit("/", 1)[1] for url in it.asked if not url.startswith("data:")} == {"index.html", "start.js"}
    assert it.tab.locator(".cell figure svg").is_visible()
    said, _ = it.run(cell, START * 1000)
    assert said.endswith("the same as on the page") and it.complaints == []


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


def test_exercises_answer_offline(context, site):  # noqa: F811
    slug = "order-matters"
    context.set_offline(True)
    it = Reader(context, site / f"{slug}.html")
    exercise, progress = number_of(slug, "exercise-encode"), number_of(slug, "progress")
    it.run(exercise, START * 1000)
    it.edit(exercise, SOLVED)
    it.tab.keyboard.press("Shift+Enter")
    expect(it.cell(exercise).locator(".bar > span")).to_have_text(re.compile("changed · done"), timeout=60_000)
    assert json.loads(it.kept("unroll-progress"))["order-matters/encode"] == {"tries": 1, "solved": True}  # the empty answer is no try
    it.tab.reload()
    _, own = it.run(progress, 60_000)
    expect(own).to_contain_text("done, at the first try")
    it.edit(progress, "%%\nexercise.ResetProgress()")
    it.run(progress, 60_000)
    assert it.kept("unroll-progress") is None
    assert it.complaints == []


LOOPS = [
    "for {\n}",
    'for {\n\tfmt.Println("again")\n}',
    "for {\n\ttime.Sleep(time.Second)\n}",
    "for {\n\tfmt.Fprintln(os.Stderr, 1)\n}",
    "var all [][]byte\nfor len(all) < 600 {\n\tall = append(all, make([]byte, 1<<20))\n\tclear(all[len(all)-1])\n}\nfor {\n}",
    "select {\ncase <-time.After(time.Hour):\n}",
    "for {\n\tgo func() { select {} }()\n}",
    "m := map[int]int{}\nfor i := 0; ; i++ {\n\tm[i%1000] = i\n}",
    'for i := 0; ; i++ {\n\tos.WriteFile(fmt.Sprint("/tmp/", i%10), []byte("x"), 0o644)\n}',
    'for i := 0; ; i++ {\n\tplots.Show(plots.Lines(plots.Axes{X: "x", Y: "y"}, []float64{0, 1}, []plots.Curve{{Name: "c", Values: []float64{0, float64(i)}}}))\n}',
]
# From the click to what the reader sees, as the page has it: a page that is busy hears of the click later.
WATCH = """n => {
  addEventListener("click", (event) => { window.pressed = event.timeStamp; }, true);
  const said = document.querySelectorAll("section.cell")[n].querySelector(".bar > span");
  new MutationObserver(() => { if (/stopped|error/.test(said.textContent)) window.took = performance.now() - window.pressed; }).observe(said, { childList: true });
}"""


def test_ten_kinds_of_loops_stop(browser, context, site):  # noqa: F811
    it = Reader(context, site / f"{LESSON}.html")
    cell = number_of(LESSON, "first-run")
    it.run(cell, START * 1000)
    run, took = Runner(it.tab), []
    it.tab.evaluate(WATCH, cell - 1)
    before = megabytes(browser)
    for loop in LOOPS:
        run.write(cell, f"%%\n{loop}")
        it.button(cell, "Run cell").click()
        expect(it.cell(cell).locator(".bar > span")).to_contain_text("runs", timeout=60_000)
        it.tab.wait_for_timeout(500)
        it.button(cell, "Stop").click()
        expect(it.cell(cell).locator(".bar > span")).to_contain_text("stopped", timeout=10_000)
        took.append(it.tab.evaluate("window.took"))
    print("stopped after", ", ".join(f"{ms:.0f}" for ms in took), "ms")
    assert statistics.median(took) < 500 and max(took) < 3000  # half a second each where nothing else runs
    soon(lambda: megabytes(browser), lambda now: now < before + 150, 20)
    run.write(cell, "%%\nvar all [][]byte\nfor {\n\tall = append(all, make([]byte, 1<<20))\n}")
    said, own = it.run(cell, 60_000)
    assert said.endswith("error") and "out of memory" in own.locator(".first").inner_text()
    it.button(cell, "Reset").click()
    assert it.run(cell, 60_000)[0].endswith("the same as on the page")
    soon(lambda: megabytes(browser), lambda now: now < before + 150, 20)


def megabytes(browser):  # noqa: F811
    """What the tab takes: the proportional set size of the process that renders it and runs its workers. A browser keeps
    a second, empty one for the next tab."""
    session = browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    sizes = [0]
    for process in processes:
        if process["type"] == "renderer":
            try:
                sizes.append(int(re.search(r"^Pss: +(\d+)", Path(f"/proc/{process['id']}/smaps_rollup").read_text(), re.M)[1]) / 1e3)
            except FileNotFoundError:  # it has ended
                pass
    return max(sizes)


CHOSEN = "how-a-network-learns"


@pytest.mark.parametrize("slug", [lesson.slug for lesson in find() if lesson.numbered])
def test_every_cell_of_a_lesson_gives_what_the_page_shows(browser, context, site, slug):  # noqa: F811
    if slug != CHOSEN and not os.environ.get("EVERY_LESSON"):
        pytest.skip(f"all lessons take half an hour: EVERY_LESSON=yes runs them, {CHOSEN} alone is run always")
    it = Reader(context, site / f"{slug}.html")
    before, most, start = megabytes(browser), 0, time.monotonic()
    it.run(1, START * 1000)
    it.tab.get_by_text("My work").click()
    it.tab.get_by_role("button", name="Run all cells").click()
    expect(it.tab.locator(".bench > button")).to_be_visible()  # Stop, while cells run
    while it.tab.locator(".bench > button").is_visible():
        assert time.monotonic() - start < 1200
        most = max(most, megabytes(browser))
        it.tab.wait_for_timeout(250)
    said = it.tab.evaluate("() => unrollRun.page.cells.map((cell) => [cell.id, cell.ended, Boolean(cell.given)])")
    assert [(id, words) for id, words, given in said if not (words or "").endswith("the same as on the page" if given else "")] == []
    assert all(words.startswith("done") for _, words, _ in said) and it.complaints == []
    it.tab.get_by_role("button", name="Free the memory").click()
    print(f"{slug}: {time.monotonic() - start:.0f} s, {most:.0f} MB at most, {before:.0f} MB before")
    assert most <= MOST
    print(f"{soon(lambda: megabytes(browser), lambda now: now < before + 350, 20):.0f} MB when it is free")


def test_many_runs_in_one_tab(browser, context, site):  # noqa: F811
    runs = int(os.environ.get("RUNS", 20))
    it = Reader(context, site / f"{LESSON}.html")
    cell, given = number_of(LESSON, "first-run"), number_of(LESSON, "exact-figure")
    run = Runner(it.tab)
    run.run(cell, START)
    took, weights = [], []
    for i in range(runs):
        if i % 10 == 9:
            run.write(cell, f"%%\nvar x{i} string = {i}")
            assert run.run(cell).endswith("error") and "cannot use" in run.output(cell)
        elif i % 10 == 4:
            assert run.run(given).endswith("the same as on the page")
        elif i % 10 == 7:
            run.write(cell, f'%%\npanic("number {i}")')
            assert run.run(cell).endswith("error") and f"panic: number {i}" in run.output(cell)
        else:
            run.write(cell, f"func square(x int) int {{ return x * x }}\n\n%%\nfmt.Println(square({i}), lesson.NewTensor(2, {i + 1}).Shape())")
            start = time.monotonic()
            assert run.run(cell).startswith("changed · done"), run.output(cell)
            took.append(time.monotonic() - start)
            assert run.output(cell).split("\n")[0] == f"{i * i} [2 {i + 1}]"
        weights.append(megabytes(browser))
    tenths = [statistics.mean(weights[at:at + max(1, runs // 10)]) for at in range(0, runs, max(1, runs // 10))]
    print(f"{runs} runs: median {statistics.median(took):.2f} s; MB, tenth by tenth:", *(f"{w:.0f}" for w in tenths))
    assert statistics.median(weights[-5:]) < statistics.median(weights[5:15]) + 100 and max(weights) <= MOST
    assert it.complaints == []


def test_reset_ends_a_run_and_another_text_runs_after_it(context, site):  # noqa: F811
    it = Reader(context, site / f"{LESSON}.html")
    cell = number_of(LESSON, "first-run")
    run, said = Runner(it.tab), it.cell(cell).locator(".bar > span")
    it.edit(cell, "%%\nfor {\n}")
    for wait in ("Go is loading", "runs"):
        it.button(cell, "Run cell").click()
        expect(said).to_contain_text(wait, timeout=START * 1000)
        it.button(cell, "Reset").click()
        expect(said).to_have_text("")
        run.write(cell, "%%\nfor {\n}")
    run.write(cell, '%%\nfmt.Println("first")\ntime.Sleep(2 * time.Second)')
    it.button(cell, "Run cell").click()
    expect(it.cell(cell).locator(".own")).to_have_text("first\n", timeout=60_000)
    run.write(cell, '%%\nfmt.Println("second")')
    it.button(cell, "Run cell").click()
    expect(said).to_contain_text("then runs again")
    expect(it.cell(cell).locator(".own")).to_have_text("second\n", timeout=60_000)
    assert it.complaints == []


def test_errors_are_explained_in_the_language_of_the_page(context, site):  # noqa: F811
    it = Reader(context, site / f"{LESSON}.html")
    it.tab.evaluate("document.documentElement.lang = 'ko'")
    cell = number_of(LESSON, "first-run")
    it.edit(cell, "%%\nvar s string = 5\n_ = s")
    said, own = it.run(cell, START * 1000)
    assert said.endswith("error") and own.locator(".hint").inner_text() == "fmt.Sprint(…)로 문자열을 만드세요."


def test_errors_of_go_have_their_place(context, site):  # noqa: F811
    it = Reader(context, site / f"{LESSON}.html")
    cell = number_of(LESSON, "first-run")
    it.edit(cell, '%%\nfmt.Println("before")\nvar s string = 5\n_ = s')
    said, own = it.run(cell, START * 1000)
    assert said.endswith("error") and own.locator(".first").inner_text().startswith(f"Cell {cell}, line 3: cannot use 5")
    assert own.locator(".hint").inner_text() == "Make text of it: fmt.Sprint(…)."  # as the kernel says it
    own.get_by_role("button", name=f"Cell {cell}, line 3").click()
    expect(it.cell(cell).locator(".cm-content")).to_be_focused()
    it.tab.keyboard.press("Control+a")
    it.tab.keyboard.insert_text('%%\nfmt.Println("before")\nxs := []int{1}\nfmt.Println(xs[len(xs)])')
    said, own = it.run(cell, 60_000)
    assert "before" in own.inner_text() and "index out of range" in own.locator(".first").inner_text()
    assert own.locator(".first").inner_text().startswith(f"Cell {cell}, line 4")
    it.cell(cell).locator(".cm-content").focus()
    it.tab.keyboard.press("Control+a")
    it.tab.keyboard.insert_text('%%\nvar name string\nfmt.Scanln(&name)\nfmt.Println("hello", name)')
    it.button(cell, "Run cell").click()
    it.cell(cell).get_by_label("The program reads a line").fill("개", timeout=60_000)
    it.tab.keyboard.press("Enter")
    _, own = it.wait(cell, 60_000)
    expect(own).to_contain_text("hello 개")
