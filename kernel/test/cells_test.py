"""What a learner reads of a cell that fails, prints without an end, or reads its input: on the real kernel."""

import html
import re
import subprocess
import time
from pathlib import Path

import pytest

from kernel_test import Kernel
from places import ROOT

MISTAKES = (ROOT / "internal/explain/testdata/mistakes.txt").read_text(encoding="utf-8").split("\n=== ")[1:]
# goimports removes an import that nothing uses, or of which only what is not there is used: the first is then no mistake,
# and the second is said in other words.
ELSEWHERE = {"an unused import", "a small letter"}


class Cells(Kernel):
    """A kernel whose cells are run in a folder."""

    def __init__(self, folder, **options):
        self.folder = folder
        super().__init__(cwd=str(folder), **options)
        self.run("%noautoget")

    def outputs(self, cell, timeout=60, interrupt=None):
        """Runs a cell and returns its outputs, as (type, content), and the reply. Interrupts it when it has printed this."""
        found = []

        def take(message):
            found.append((message["msg_type"], message["content"]))
            if interrupt and interrupt in message["content"].get("text", ""):
                self.interrupted = time.monotonic()
                self.manager.interrupt_kernel()

        reply = self.client.execute_interactive(cell, timeout=timeout, output_hook=take, allow_stdin=False)
        return [(kind, content) for kind, content in found if kind not in ("status", "execute_input")], reply["content"]

    def printed(self, cell, **options):
        """The cell's text, by stream."""
        text = {"stdout": "", "stderr": ""}
        outputs, reply = self.outputs(cell, **options)
        for kind, content in outputs:
            if kind == "stream":
                text[content["name"]] += content["text"]
        return text, reply, outputs


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    kernel = Cells(tmp_path_factory.mktemp("cells"))
    try:
        yield kernel
    finally:
        kernel.end()


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.split("\n")[0])
def test_a_usual_mistake_is_explained(kernel, mistake):
    title, text = mistake.split("\n", 1)
    if title in ELSEWHERE:
        pytest.skip("goimports changes it")
    source, reads = text.split("\n--- reads\n")
    kernel.run("%reset")
    for cell in source.split("\n--- cell\n"):
        outputs, reply = kernel.outputs(cell.strip("\n") if cell.strip("\n") else cell)
    first = reply["execution_count"] - source.count("\n--- cell\n") - 1
    assert reply["status"] == "error"
    kinds = [kind for kind, _ in outputs if kind != "stream"]
    assert kinds in (["error"], ["error", "display_data"]), outputs
    said = "\n".join(next(content for kind, content in outputs if kind == "error")["traceback"])
    for kind, content in outputs:
        if kind == "display_data":
            said += "\n" + content["data"]["text/plain"]
    said = re.sub(r"\b([Cc]ell) (\d+)", lambda m: f"{m[1]} {int(m[2]) - first}", said)
    assert said.strip() == reads.strip()
    assert reply["evalue"] in re.sub(r"\b([Cc]ell) (\d+)", lambda m: f"{m[1]} {int(m[2]) + first}", reads)


def test_each_thing_is_said_once(kernel):
    kernel.run("%reset")
    cell = 'func pour() {\n\tpanic("the glass is full")\n}\n\n%%\nfmt.Println("before")\npour()'
    outputs, reply = kernel.outputs(cell)
    count = reply["execution_count"]
    assert [kind for kind, _ in outputs] == ["stream", "error", "display_data"]
    assert outputs[0][1]["text"] == "before\n"
    assert outputs[1][1]["traceback"] == [
        f"Cell {count}, line 2: panic: the glass is full", '    panic("the glass is full")', f"called from cell {count}, line 7", "    pour()"]  # fmt: skip
    details = html.unescape(outputs[2][1]["data"]["text/html"])
    assert re.fullmatch(r"<details><summary>.*?</summary><pre>panic: the glass is full\n\ngoroutine 1 .*exit status 2</pre></details>", details, re.S)
    assert "line 2\n" in details and "main.go" not in details


def test_the_korean_kernel_explains_in_korean(tmp_path):
    kernel = Cells(tmp_path, name="gonb-ko")
    try:
        outputs, reply = kernel.outputs("%%\nvar s string = 5\n_ = s")
        assert reply["traceback"][0].endswith(", 2행: cannot use 5 (untyped int constant) as string value in variable declaration"), reply
        assert reply["traceback"][0].startswith("셀 ")
        assert "<code>fmt.Sprint(…)</code>로 문자열을 만드세요." in outputs[-1][1]["data"]["text/html"]
        outputs, reply = kernel.outputs("%%\nxs := []int{1}\nfmt.Println(xs[len(xs)])")
        assert "마지막 인덱스는 길이보다 하나 작습니다. 여기에서 길이는 1입니다." in outputs[-1][1]["data"]["text/plain"]
    finally:
        kernel.end()


def test_what_only_looks_like_a_crash_is_output(kernel):
    text, reply, _ = kernel.printed('%%\nfmt.Fprintln(os.Stderr, "panic: only words")\nfmt.Println("on")')
    assert (text, reply["status"]) == ({"stdout": "on\n", "stderr": "panic: only words\n"}, "ok")


def test_a_poisoned_declaration_can_be_removed(kernel):
    kernel.run("%reset")
    kernel.outputs('func load() int { panic("no data") }\n\nvar data = load()')
    outputs, reply = kernel.outputs("%%\nfmt.Println(1)")
    assert reply["status"] == "error"
    command = re.search(r"<code>(%rm \w+)</code>", outputs[-1][1]["data"]["text/html"])[1]
    kernel.run(command)
    text, reply, _ = kernel.printed("%%\nfmt.Println(1)")
    assert (text["stdout"], reply["status"]) == ("1\n", "ok")


def test_a_hundred_thousand_lines(kernel):
    start = time.monotonic()
    text, reply, outputs = kernel.printed('%%\nfor i := range 100_000 {\n\tfmt.Println("line", i)\n}')
    assert reply["status"] == "ok" and time.monotonic() - start < 30
    assert len(outputs) < 200 and len(text["stdout"]) < 100_000
    assert text["stdout"].startswith("line 0\nline 1\n") and text["stdout"].endswith("line 99998\nline 99999\n")
    left = int(re.search(r"(\d+) lines were left out", text["stderr"])[1])
    assert left + text["stdout"].count("\n") == 100_000
    assert (kernel.folder / "long-output.txt").read_text() == "".join(f"line {i}\n" for i in range(100_000))
    assert "long-output.txt" in text["stderr"]


def test_an_endless_loop_that_prints_is_interrupted(kernel):
    text, reply, outputs = kernel.printed('%%\nfor i := 0; ; i++ {\n\tfmt.Println("line", i)\n}', interrupt="line 4000")
    assert time.monotonic() - kernel.interrupted < 10  # usually 0.1 s
    assert reply["status"] == "error" and reply["evalue"] == "interrupted"
    assert len(outputs) < 500 and len(text["stdout"]) < 1e6
    most = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{kernel.manager.provisioner.pid}/status").read_text())
    assert int(most[1]) < 100_000
    assert (kernel.folder / "long-output.txt").stat().st_size <= 16 << 20


SHOW = 'import "github.com/janpfeifer/gonb/gonbui"\n\n%%\nfig := strings.Repeat("x", {size})\nfor i := {loop} {{\n\t{show}\n}}\ngonbui.Sync()'


def test_more_figures_than_a_cell_may_show(kernel):
    text, reply, outputs = kernel.printed(SHOW.format(size=100, loop="range 1000", show='gonbui.DisplayHTML(fmt.Sprint(i, " ", fig))'))
    assert reply["status"] == "ok", outputs
    shown = [content["data"]["text/html"].split()[0] for kind, content in outputs if kind == "display_data"]
    assert shown == [str(i) for i in range(200)]
    assert "a cell shows 200 figures at most" in text["stderr"] and text["stderr"].endswith("… 800 figures were left out\n")


def test_a_figure_that_changes_shows_its_last_change(kernel):
    _, reply, outputs = kernel.printed(SHOW.format(size=100, loop="range 5000", show='gonbui.UpdateHTML("one", fmt.Sprint(i, " ", fig))'))
    assert reply["status"] == "ok", outputs
    kinds = [kind for kind, _ in outputs]
    assert kinds[0] == "display_data" and set(kinds[1:]) == {"update_display_data"} and len(kinds) < 200
    assert outputs[-1][1]["data"]["text/html"].startswith("4999 ")


@pytest.mark.parametrize("show", ["gonbui.DisplayHTML(fig)", 'gonbui.UpdateHTML("two", fig)'])
def test_an_endless_loop_that_shows_figures_is_interrupted(kernel, show):
    cell = SHOW.format(size="1<<20", loop="0; ; i++", show=show + '\n\tif i == 500 {\n\t\tfmt.Println("five hundred")\n\t}')
    _, reply, outputs = kernel.printed(cell.replace("\ngonbui.Sync()", ""), interrupt="five hundred")
    assert reply["status"] == "error" and reply["evalue"] == "interrupted"
    print(f"interrupted within {time.monotonic() - kernel.interrupted:.2f} s")
    assert time.monotonic() - kernel.interrupted < 10  # usually 0.2 s
    assert sum(len(content.get("data", {}).get("text/html", "")) for _, content in outputs) < 300 << 20
    most = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{kernel.manager.provisioner.pid}/status").read_text())
    print(f"the kernel took {int(most[1]) >> 10} MB at most")
    assert int(most[1]) < 400_000


def test_a_loop_that_ignores_the_interrupt_ends_too(kernel):
    cell = '%%\nsignal.Ignore(os.Interrupt)\nfmt.Println("begun")\nfor {\n}'
    reply = kernel.outputs(cell, interrupt="begun")[1]
    assert reply["evalue"] == "interrupted" and time.monotonic() - kernel.interrupted < 10


def test_text_is_printed_above_the_figure_that_follows_it(kernel):
    cell = 'import "github.com/janpfeifer/gonb/gonbui"\n\n%%\nfor i := range 3 {\n\tfmt.Println("text", i)\n\tgonbui.DisplayHTML("<b>figure</b>")\n\tgonbui.Sync()\n}'
    outputs, reply = kernel.outputs(cell)
    assert reply["status"] == "ok", outputs
    assert [kind for kind, _ in outputs] == ["stream", "display_data"] * 3, outputs


@pytest.mark.parametrize("cell", ("n, err := fmt.Scanln(new(string))", "n, err := os.Stdin.Read(make([]byte, 1))"))
def test_a_cell_has_no_input(kernel, cell):
    text, reply, _ = kernel.printed(f"%%\n{cell}\nfmt.Println(n, err)")
    assert reply["status"] == "ok" and re.match(r"0 (unexpected newline|EOF)\n", text["stdout"])
    assert "A cell has no input" in text["stderr"]
    assert kernel.printed("!cat; echo over")[0]["stdout"] == "over\n"


RAW = "a\n! echo run by the shell\n% remark\n%%\npackage p\nb\n"


def test_a_raw_string_holds_what_looks_like_commands(kernel):
    text, reply, _ = kernel.printed(f"%%\n/*\n! echo no\n*/\nfmt.Print(`{RAW}`)\n//gonb:! echo yes")
    assert (text, reply["status"]) == ({"stdout": "yes\n" + RAW, "stderr": ""}, "ok")


@pytest.mark.parametrize("cell, text", [
    ("%%\nfmt.Println(1)\n%%\nfmt.Println(2)\n%main\nfmt.Println(3)", "1\n2\n3\n"),
    ("//line x.go:5000\nfunc four() int {\n\treturn 4\n}\n\n%%\nfmt.Println(four())", "4\n"),
    ("type A[T any] struct{ v T }\n\nfunc (a A[T]) Get() T { return a.v }\n\ntype B[T any] struct{ v T }\n\nfunc (b B[T]) Get() T { return b.v }\n\n%%\n"
     'fmt.Println(A[int]{5}.Get(), B[string]{"six"}.Get())', "5 six\n"),
])  # fmt: skip
def test_what_gonb_ended_on(kernel, cell, text):
    said, reply, _ = kernel.printed(cell)
    assert (said["stdout"], reply["status"]) == (text, "ok"), said


def test_cells_behind_one_that_failed_are_not_run(kernel):
    cells = ("%%\nfmt.Println(1)", "%%\nfmt.Println(nope)", "%%\nfmt.Println(3)", "%%\nfmt.Println(4)")
    sent = [kernel.client.execute(cell) for cell in cells]
    status = {}
    while len(status) < len(sent):
        reply = kernel.client.get_shell_msg(timeout=60)
        status[reply["parent_header"]["msg_id"]] = reply["content"]["status"]
    assert [status[id] for id in sent] == ["ok", "error", "aborted", "aborted"]
    assert kernel.printed("%%\nfmt.Println(5)")[0]["stdout"] == "5\n"
    # Who asks for it, as nbclient with allow_errors, has them run.
    sent = [kernel.client.execute(cell, stop_on_error=False) for cell in cells]
    status = [kernel.client.get_shell_msg(timeout=60)["content"]["status"] for _ in sent]
    assert status == ["ok", "error", "ok", "ok"]


def test_the_first_completion_comes_soon(tmp_path):
    kernel = Cells(tmp_path)
    try:
        kernel.ask("%%\nfmt.Pri")
        start = time.monotonic()
        assert "Println" in kernel.matches()
        took = time.monotonic() - start
        print(f"first completion after {took:.1f} s")
        assert took < 11  # GoNB waited 12 s before it connected to gopls; usually 2 s
        # Shift+Tab: what the name is, without a link to a page that pkg.go.dev does not have.
        kernel.run('import "unroll/lesson"')
        cell = "%%\nx := lesson.NewTensor(2)"
        kernel.client.inspect(cell, cell.index("NewTensor") + 3)
        told = kernel.client.get_shell_msg(timeout=60)["content"]["data"]
        assert "func lesson.NewTensor" in told["text/markdown"] and "pkg.go.dev" not in told["text/markdown"]
    finally:
        kernel.end()


def test_a_patch_for_another_version_is_refused(tmp_path):
    install = subprocess.run(
        ["python", "-c", "import sys; sys.path[0] = sys.argv[1]; import install, pathlib\n"
         "install.apply('diff a\\n--- a/x\\n+++ b/x\\n@@ -1,2 +1,2 @@\\n one\\n-two\\n+2\\n', pathlib.Path(sys.argv[2]))",
         ROOT / "kernel", tmp_path], capture_output=True, text=True, check=False)  # fmt: skip
    assert "No such file" in install.stderr
    for text, want in (("one\ntwo\nthree\n", "one\n2\nthree\n"), ("one\nother\n", None)):
        (tmp_path / "x").write_text(text)
        done = subprocess.run([*install.args], capture_output=True, text=True, check=False)
        if want is None:
            assert "does not fit x, line 2" in done.stderr and (tmp_path / "x").read_text() == text
        else:
            assert done.returncode == 0 and (tmp_path / "x").read_text() == want, done.stderr
