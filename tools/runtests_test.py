"""Tries the test runner on tests that pass, fail, skip and crash."""

import subprocess
import sys
from pathlib import Path

import pytest

import runtests

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def report(tmp_path, monkeypatch):
    monkeypatch.setattr(runtests, "ROOT", tmp_path)
    (tmp_path / "go.mod").write_text("module sample\n\ngo 1.26\n")
    return runtests.Report()


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_go(report, tmp_path, capsys):
    write(
        tmp_path / "a/a_test.go",
        'package a\n\nimport "testing"\n\n'
        "func TestGood(t *testing.T) {}\n"
        'func TestBad(t *testing.T) { t.Error("two is not three") }\n'
        'func TestSkip(t *testing.T) { t.Skip("no moon tonight") }\n'
        'func TestTable(t *testing.T) { t.Run("one", func(t *testing.T) {}) }\n',
    )
    write(tmp_path / "b/b_test.go", 'package b\n\nimport "testing"\n\nfunc TestBroken(t *testing.T) { nope() }\n')
    write(tmp_path / "c/c_test.go", 'package c\n\nimport (\n\t"os"\n\t"testing"\n)\n\nfunc TestExit(t *testing.T) { os.Exit(3) }\n')
    runtests.race_test(report, tmp_path)
    capsys.readouterr()
    assert report.end() == 1
    said = capsys.readouterr().out
    assert said.endswith("3 passed, 3 failed, 1 skipped\n")  # a test and its subtest are two
    for words in ("a TestBad", "two is not three", "undefined: nope", "c TestExit", "skipped sample/a TestSkip: a_test.go:7: no moon tonight\n"):
        assert words in said


@pytest.mark.parametrize("compiler", ["missing", "broken", "works"])
def test_only_the_race_detector_needs_a_c_compiler(report, tmp_path, monkeypatch, compiler):
    write(tmp_path / "a_test.go", 'package sample\n\nimport "testing"\n\nfunc TestGood(t *testing.T) {}\n')
    write(tmp_path / "bin/broken", "#!/bin/sh\necho 'stdlib.h: No such file or directory' >&2; exit 1\n")
    (tmp_path / "bin/broken").chmod(0o755)
    if compiler != "works":
        monkeypatch.setenv("CC", str(tmp_path / "bin" / compiler))
    runtests.race_test(report, tmp_path)
    assert report.count["passed"] == 1 and report.count["failed"] == 0
    if compiler == "works":
        assert report.notes == []
    else:
        (note,) = report.notes
        assert note.startswith("skipped go test -race: it needs a C compiler that works") and "gcc" in note


def test_go_elsewhere(report, tmp_path, monkeypatch, capsys):
    for folder in ("internal/simd", "lesson"):
        write(
            tmp_path / folder / "a_test.go",
            'package a\n\nimport (\n\t"runtime"\n\t"testing"\n)\n\n'
            'func TestSameBits(t *testing.T) { if runtime.GOARCH == "wasm" { t.Error("other bits on " + runtime.GOARCH) } }\n',
        )
    missing = {"qemu-aarch64", "qemu-aarch64-static"}
    found = runtests.shutil.which
    monkeypatch.setattr(runtests.shutil, "which", lambda name: None if name in missing else found(name))
    runtests.elsewhere(report)
    failed = 0
    if found("node"):
        failed = 2
        assert "WebAssembly" in report.failures[0] and "other bits on wasm" in report.failures[0]
    assert report.count["passed"] == 2 and report.count["failed"] == failed
    assert "skipped the same bits on arm64: it needs Debian's package qemu-user, or its like" in report.notes


def test_pytest(report, tmp_path, capsys):
    write(
        tmp_path / "tools/a_test.py",
        "import pytest\n\n"
        "def test_good(): print('aloud')\n"
        "def test_bad(): assert 2 == 3, 'two is not three'\n"
        "@pytest.mark.skip('no moon tonight')\ndef test_skip(): pass\n"
        "@pytest.fixture\ndef broken(): raise OSError('no paper')\n"
        "def test_error(broken): pass\n",
    )
    runtests.pytest(report, "python", "tools")
    assert "a_test.py::test_good PASSED" in capsys.readouterr().out  # while it runs
    assert report.end() == 1
    said = capsys.readouterr().out
    assert said.endswith("1 passed, 2 failed, 1 skipped\n")
    for words in ("test_bad", "two is not three", "no paper", "skipped tools.a_test test_skip: no moon tonight"):
        assert words in said


def test_the_workshop_says_what_it_measured_or_why_it_was_left_out(report, tmp_path, monkeypatch, capsys):
    write(tmp_path / "docker/a_test.py", "def test_fast(): print('2.5 s')\n")
    check = tmp_path / "docker/check"
    check.write_text("#!/bin/sh\necho 'There is no Docker here' >&2; exit 1\n")
    check.chmod(0o755)
    runtests.workshop(report)
    assert report.count == {"skipped": 1} and "There is no Docker here" in report.notes[0]
    check.write_text("#!/bin/sh\n")
    runtests.workshop(report)
    capsys.readouterr()
    assert report.end() == 0
    assert "test_fast: 2.5 s" in capsys.readouterr().out


@pytest.mark.parametrize(
    "text, said",
    [
        ("import nosuchmodule\n", "nosuchmodule"),
        ("import os\n\ndef test_exit(): os._exit(1)\n", "test_exit"),
        ("def test_good(): pass\n\nimport atexit, os\natexit.register(os._exit, 3)\n", "test_good PASSED"),
        ("", "no tests ran"),
    ],
    ids=["import", "crash", "crash at the end", "no tests"],
)
def test_what_breaks_or_tests_nothing_is_a_failure(report, tmp_path, text, said):
    write(tmp_path / "tools/a_test.py", text)
    runtests.pytest(report, "python", "tools")
    assert report.count["failed"] == 1 and said in report.failures[0]


def test_a_command_that_says_something_is_a_failure(report):
    report.check("quiet", "true")
    report.check("loud", "echo", "main.go")
    report.check("no good", "false")
    assert report.count == {"passed": 1, "failed": 2}
    assert report.failures == ["\n---- loud\nmain.go", "\n---- no good\nno output"]


def test_a_lane_that_breaks_and_no_tests_at_all_are_failures(report):
    assert report.end() == 1
    report.lane(lambda report: 1 / 0)
    assert report.count["failed"] == 1 and "ZeroDivisionError" in report.failures[0]


def test_all_good(report, capsys):
    report.count["passed"] += 1
    assert report.end() == 0
    assert capsys.readouterr().out.endswith("1 passed, 0 failed, 0 skipped\n")


def test_every_python_test_is_run(monkeypatch):
    """pytest passes over some folders by their names, build among them, unless they are named themselves."""
    found = set()

    def collect(report, name, *where):
        said = subprocess.run([sys.executable, "-m", "pytest", "--collect-only", "-q", "--no-header", "-p", "no:cacheprovider", *where],
                              cwd=ROOT, capture_output=True, text=True).stdout  # fmt: skip
        found.update(line.partition("::")[0] for line in said.splitlines() if "::" in line)

    monkeypatch.setattr(runtests, "pytest", collect)
    monkeypatch.setattr(runtests, "go", lambda report: None)
    monkeypatch.setattr(runtests.subprocess, "run", run_but_docker)
    for part in (runtests.machine, runtests.lessons, runtests.workshop):
        part(None)
    there = {str(path.relative_to(ROOT)) for folder in ("docker", "kernel", "site", "tools") for path in (ROOT / folder).rglob("*_test.py")}
    assert found == there


def run_but_docker(command, *arguments, run=subprocess.run, **options):
    return run(["true"] if command[0] == "docker/check" else command, *arguments, **options)
