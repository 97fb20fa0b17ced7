"""Runs small notebooks on the real kernel and reads what the tool says of them."""

import io
import os
import subprocess
import time

import pytest

import execute
from lessons import Problem, dump
from samples import SETUP, code


def failure(run, *cells, **options):
    with pytest.raises(Problem) as caught:
        run(*cells, **options)
    return str(caught.value)


def test_outputs_are_those_of_the_program(run):
    nb = run("x := 6\n%%\nfmt.Println(7)".replace("x := 6\n", ""), "%%\nfmt.Print(\"a\\r\")\nfmt.Println(\"b\")")
    assert [cell.execution_count for cell in nb.cells] == [1, 2, 3]
    assert nb.cells[1].outputs == [{"output_type": "stream", "name": "stdout", "text": "7\n"}]
    assert nb.cells[2].outputs[0].text == "b\n"


def test_compile_error_names_lesson_cell_and_compilers_text(run):
    said = failure(run, "%%\nfmt.Println(1)", "%%\nfmt.Println(nope)")
    assert said.startswith("00-sample, cell 3 failed:\n")
    assert "Cell 3, line 2: undefined: nope" in said


def test_panic_names_lesson_cell_and_programs_text(run):
    f = 'func f() { panic("the glass is empty") }'
    said = failure(run, f, "func g() {\n\tf()\n}\n%%\ng()")
    assert said == (
        f"00-sample, cell 3 failed:\nCell 2, line 1: panic: the glass is empty\n    {f}\n"
        "called from cell 3, line 2\n    f()\ncalled from cell 3, line 5\n    g()"
    )


def test_exit_status(run):
    assert "00-sample, cell 2 failed:\nexit status 3" in failure(run, "import \"os\"\n%%\nos.Exit(3)")


@pytest.mark.parametrize("cell", ["%nosuch", "!ls /nonexistent"])
def test_commands_that_fail_quietly_are_failures(run, cell):
    said = failure(run, cell)
    assert "cell 2 failed" in said
    assert "%nosuch" in said or "/nonexistent" in said


def test_an_error_on_purpose(run):
    nb = run(code('%%\npanic("as announced")', tags=["raises-exception"]), "%%\nfmt.Println(1)")
    assert nb.cells[1].outputs[0].traceback[0] == "Cell 2, line 2: panic: as announced"
    said = failure(run, code("%%\nfmt.Println(1)", tags=["raises-exception"]))
    assert "cell 2 carries the tag raises-exception, but ran without an error" in said


def test_two_runs_give_the_same_bytes_without_traces(run):
    cells = (
        "%%\nfmt.Println(1)",
        code('%%\npanic("on purpose")', tags=["raises-exception"]),
        code("%%\nfmt.Println(nope)", tags=["raises-exception"]),
    )
    first, second = dump(run(*cells)), dump(run(*cells))
    assert first == second
    for trace in (os.path.expanduser("~"), os.environ.get("TMPDIR", "/tmp"), str(execute.__file__), "0x", "20:"):
        assert trace not in first


def test_a_loop_without_end_is_stopped_and_leaves_no_process(run):
    marker = f"sleep 98{os.getpid()}"
    said = failure(run, f"!{marker}", cell_seconds=4)
    assert said == "00-sample, cell 2 was still running after 4 s"
    for _ in range(50):
        if subprocess.run(["pgrep", "-f", marker], capture_output=True).returncode:
            return
        time.sleep(0.1)
    pytest.fail("the cell's program runs on")


def test_a_kernel_that_dies_is_reported(run):
    said = failure(run, "!kill -9 $PPID")
    assert said.startswith("00-sample, cell 2: the kernel ended")


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize("stream", [Terminal(), io.StringIO()])
def test_progress(lesson, stream):
    execute.execute(lesson("00-sample", code(SETUP), code("%%\nfmt.Println(1)")), execute.Line(stream))
    said = stream.getvalue()
    assert said.count("\n") == 1 and "00-sample  2 cells" in said
    assert ("cell 1 of 2" in said) == stream.isatty()
