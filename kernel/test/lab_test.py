"""What a learner sees in JupyterLab, in a real browser: errors, long outputs, an untouched notebook, the menu."""

import json
import os
import re
import socket
import subprocess
import time

import pytest
from playwright.sync_api import expect

import goprogram
from browser_test import Lab, browser  # noqa: F401, a fixture
from lessons import dump, find, read
from places import ROOT
from samples import code, notebook

MISTAKES = (
    'import "fmt"\n\n%%\nfmt.Println("set up")',
    'fmt.Println("hello")',
    "func last(x []float64) float64 {\n\treturn x[len(x)]\n}\n\n%%\nfmt.Println(last([]float64{1, 2, 3}))",
    "%%\nfmt.Println(6 * 7)",
)
LONG = ("%%\nfor i := range 100_000 {\n\tfmt.Println(\"line\", i)\n}", "%%\nfor i := 0; ; i++ {\n\tfmt.Println(\"line\", i)\n}")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lab")
    for name, cells in (("mistakes", MISTAKES), ("long", LONG)):
        nb = notebook(f"# {name}", *(code(cell) for cell in cells))
        nb.metadata = read(find()[0].path).metadata
        (folder / f"{name}.ipynb").write_text(dump(nb))
    lesson = read(find()[1].path)
    for one in find():
        (folder / f"{one.name}.ipynb").write_text("{}")  # for its name
    (folder / "with-outputs.ipynb").write_text(dump(lesson))
    for cell in lesson.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    (folder / "untouched.ipynb").write_text(dump(lesson))
    (folder / "broken.ipynb").write_text("[")
    return folder


@pytest.fixture(scope="module")
def lab(folder):
    """The address and the token of a JupyterLab with the settings of `make lab`."""
    subprocess.run([ROOT / "kernel/run", "python", ROOT / "kernel/trust.py", folder], check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = folder / "lab.log"
    with open(log, "w") as out:
        server = subprocess.Popen(
            [ROOT / "kernel/run", "jupyter", "lab", "--no-browser", "--allow-root", "--LabApp.expose_app_in_browser=True",
             f"--ServerApp.root_dir={folder}", f"--ServerApp.port={port}", "--ServerApp.port_retries=0"],
            stdout=out, stderr=out, start_new_session=True,
        )  # fmt: skip
    try:
        deadline = time.monotonic() + 60
        while not (match := re.search(rf"http://127\.0\.0\.1:{port}/lab\S*token=(\w+)", log.read_text())):
            assert server.poll() is None and time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}", match[1]
    finally:
        server.terminate()
        server.wait(30)


def trusted(it):
    return it.tab.locator(".jp-StatusItem-trust").get_attribute("title")


def test_a_notebook_that_is_only_opened_stays_as_it_is(browser, lab, folder):  # noqa: F811
    before = (folder / "untouched.ipynb").read_bytes()
    it = Lab(browser, lab, "untouched")
    expect(it.tab.locator("#jp-main-statusbar", has_text="Go (gonb) | Idle")).to_be_visible(timeout=60_000)
    it.tab.wait_for_timeout(1000)  # for what the kernel's answer changes
    assert it.tab.evaluate("jupyterapp.shell.currentWidget.context.model.dirty") is False
    assert (folder / "untouched.ipynb").read_bytes() == before
    assert "Notebook trusted" in trusted(it)
    expect(it.tab.locator(".cm-lineNumbers").first).to_be_visible()  # errors name them
    it.context.close()


# The letters of the longest line of text.
LONGEST = """elements => Math.max(...elements.flatMap((element) => {
  const range = document.createRange(), lines = new Map();
  const walk = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  for (let node; (node = walk.nextNode()); ) for (let i = 0; i < node.length; i++) {
    range.setStart(node, i);
    range.setEnd(node, i + 1);
    const { bottom, height } = range.getBoundingClientRect();
    if (height) lines.set(Math.round(bottom), (lines.get(Math.round(bottom)) ?? 0) + 1);
  }
  return [...lines.values()];
}))"""


def test_the_first_screen_reads_well_on_a_wide_screen(browser, lab):  # noqa: F811
    it = Lab(browser, lab, "untouched")
    it.tab.set_viewport_size({"width": 1920, "height": 1000})
    it.tab.wait_for_function("document.querySelector('.jp-Notebook').clientWidth > 1200")
    longest = it.tab.locator(".jp-RenderedMarkdown p").evaluate_all(LONGEST)
    print(f"the longest line has {longest} letters")
    assert 60 < longest <= 90
    cut = it.tab.locator(".jp-DirListing-itemName").evaluate_all("names => names.filter((name) => name.scrollWidth > name.clientWidth).map((name) => name.innerText)")
    assert not cut
    it.context.close()


def test_a_stranger_s_outputs_are_not_trusted(browser, lab):  # noqa: F811
    it = Lab(browser, lab, "with-outputs")
    assert "not trusted" in trusted(it)
    it.context.close()


# The contrast of a text with what is behind it, by WCAG 2.
CONTRAST = """element => {
  const numbers = (color) => color.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const layers = [];
  for (let at = element; at; at = at.parentElement) {
    const [r, g, b, a = 1] = numbers(getComputedStyle(at).backgroundColor);
    layers.push([r, g, b, a]);
    if (a === 1) break;
  }
  const behind = layers.reverse().reduce((under, [r, g, b, a]) => [r, g, b].map((v, i) => v * a + under[i] * (1 - a)), [255, 255, 255]);
  const [one, two] = [light(numbers(getComputedStyle(element).color)), light(behind)].sort((a, b) => b - a);
  return (one + 0.05) / (two + 0.05);
}"""


def test_run_all_stops_at_an_error_that_says_what_to_do(browser, lab):  # noqa: F811
    it = Lab(browser, lab, "mistakes")
    it.menu("Run", "Run All Cells")
    it.idle()
    counts = [cell["execution_count"] for cell in it.cells()]
    assert counts == [1, 2, None, None]
    kinds = [output["output_type"] for output in it.cells()[1]["outputs"]]
    assert kinds == ["error", "display_data"]
    it.tab.locator(".jp-CodeCell").nth(2).locator(".cm-content").click()
    it.tab.keyboard.press("Shift+Enter")
    it.idle()
    panicked = it.tab.locator(".jp-CodeCell").nth(2)
    expect(panicked.locator(".jp-OutputArea-output pre").first).to_contain_text("Cell 3, line 2: panic: runtime error: index out of range [3] with length 3")
    expect(panicked.locator("details pre")).to_be_hidden()
    panicked.locator("summary").click()
    expect(panicked.locator("details pre")).to_contain_text("goroutine 1")
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        it.tab.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', { theme })", theme)
        expect(it.tab.locator(f'body[data-jp-theme-name="{theme}"]')).to_have_count(1, timeout=60_000)
        for shown in it.tab.locator(".jp-OutputArea-output :is(pre, p, summary, code)").all():
            assert shown.evaluate(CONTRAST) >= 4.5, (theme, shown.inner_text())
    it.context.close()


def test_printing_does_not_hang_the_tab(browser, lab):  # noqa: F811
    it = Lab(browser, lab, "long")
    it.tab.locator(".jp-CodeCell").first.locator(".cm-content").click()
    it.tab.keyboard.press("Shift+Enter")
    it.idle(60)
    first = json.dumps(it.cells()[0]["outputs"])
    assert "line 99999" in first and "95" in first and len(first) < 300_000
    it.tab.keyboard.press("Shift+Enter")
    expect(it.tab.locator(".jp-OutputArea-output", has_text="what follows is in long-output.txt").nth(1)).to_be_visible(timeout=60_000)
    start = time.monotonic()
    it.menu("Kernel", "Interrupt Kernel")
    it.idle(60)
    print(f"interrupted after {time.monotonic() - start:.1f} s, of which 0.6 are this test's")
    assert time.monotonic() - start < 30
    assert it.cells()[1]["outputs"][-1]["evalue"] == "interrupted"
    it.context.close()


def test_the_menu_exports_what_works_here(browser, lab):  # noqa: F811
    context = browser.new_context()
    kinds = context.request.get(f"{lab[0]}/api/nbconvert?token={lab[1]}").json()
    assert set(kinds) == {"html", "notebook", "markdown", "script"}
    for kind in kinds:
        answer = context.request.get(f"{lab[0]}/nbconvert/{kind}/with-outputs.ipynb?download=true&token={lab[1]}")
        assert answer.ok, (kind, answer.status)
        if kind == "script":
            assert answer.headers["content-disposition"].endswith("with-outputs.go")
            assert "func main() {" in answer.text()
    context.close()


def test_every_lesson_is_a_program_that_compiles(tmp_path):
    overlay = {}
    for lesson in find():
        sources = [cell.source for cell in read(lesson.path).cells if cell.cell_type == "code"]
        if sources:
            (tmp_path / f"{lesson.name}.go").write_text(goprogram.program(sources, lesson.name))
            overlay[str(ROOT / f"tools/exported/{lesson.name}/main.go")] = str(tmp_path / f"{lesson.name}.go")
    (tmp_path / "overlay.json").write_text(json.dumps({"Replace": overlay}))
    folders = sorted(f"./{path.rsplit('/', 1)[0].removeprefix(f'{ROOT}/')}" for path in overlay)
    for out, what in (([], folders), (["-o", tmp_path / "program"], ["./tools/exported/03-rnn-equation"])):
        done = subprocess.run(["go", "build", "-overlay", tmp_path / "overlay.json", "-tags=minimal,safe", *out, *what],
                              cwd=ROOT, capture_output=True, text=True, check=False)  # fmt: skip
        assert done.returncode == 0, done.stderr
    (tmp_path / "data").symlink_to(ROOT / "notebooks/data")
    said = subprocess.run([tmp_path / "program"], cwd=tmp_path, capture_output=True, text=True, check=False,
                          env=os.environ | {"UNROLL_PROGRESS": str(tmp_path / "progress.json")})  # fmt: skip
    printed = [o.text for cell in read(ROOT / "notebooks/03-rnn-equation.ipynb").cells for o in cell.get("outputs", []) if o.get("name") == "stdout"]
    assert said.returncode == 0, said.stderr
    assert all(line in said.stdout for text in printed for line in text.splitlines()[:1])


def test_an_earlier_cell_keeps_the_function_that_it_had():
    text = goprogram.program(["func f() int { return 1 }\n%%\nfmt.Println(f(), x.f)", "func f() string { return `f` }\n%%\nfmt.Println(f())"], "n")
    assert "func fBefore2() int" in text and "fmt.Println(fBefore2(), x.f)" in text and "func f() string" in text and "fmt.Println(f())" in text


def test_a_cell_that_is_no_go_is_left_out():
    text = goprogram.program(["! ls", "%%\nfmt.Println(1)", "x := 3", "func f() {}"], "n")
    assert "// Cell 1 is left out" in text and "// Cell 3 is left out" in text and "cell2()\n}" in text and "func f()" in text


def test_the_terminal_shows_the_address_alone(lab, folder):
    said = (folder / "lab.log").read_text()
    assert not re.search(r"^\[[WIE] ", said, re.M) and "Traceback" not in said, said


@pytest.mark.parametrize(("edition", "locale"), [("ko", "ko_KR"), ("en", None), ("", None)])
def test_jupyterlab_speaks_the_language_of_the_edition(edition, locale):
    ask = ("import json, os\nfrom jupyterlab_server.settings_utils import _get_overrides\nfrom jupyterlab_server.translation_utils import get_language_packs\n"
           f"said = _get_overrides({str(ROOT / 'kernel/settings')!r})[0]\n"
           "print(json.dumps([said.get('@jupyterlab/translation-extension:plugin', {}).get('locale'), 'ko_KR' in get_language_packs()[0]]))")  # fmt: skip
    said = subprocess.run([ROOT / "kernel/run", "python", "-c", ask], stdout=subprocess.PIPE, text=True, env=os.environ | {"EDITION": edition}, check=True).stdout
    assert json.loads(said) == [locale, True]
