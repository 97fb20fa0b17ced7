"""Lets the test runner loose on tests that pass, fail, skip and break."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import runtests


@pytest.fixture
def report(tmp_path, monkeypatch):
    monkeypatch.setattr(runtests, "ROOT", tmp_path)
    (tmp_path / "go.mod").write_text("module sample\n\ngo 1.26\n")
    return runtests.Report()


def test_go(report, tmp_path, capsys):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "a_test.go").write_text(
        'package a\n\nimport "testing"\n\n'
        "func TestGood(t *testing.T) {}\n"
        'func TestBad(t *testing.T) { t.Error("two is not three") }\n'
        'func TestSkip(t *testing.T) { t.Skip("no moon tonight") }\n'
        "func TestTable(t *testing.T) {\n"
        '\tt.Run("one", func(t *testing.T) {})\n\tt.Run("two", func(t *testing.T) { t.Fatal("inner") })\n}\n'
    )
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "b_test.go").write_text('package b\n\nimport "testing"\n\nfunc TestBroken(t *testing.T) { nope() }\n')
    runtests.race_test(report, tmp_path)
    assert report.end() == 1
    said = capsys.readouterr().out
    assert said.endswith("2 passed, 3 failed, 1 skipped\n")
    for words in ("sample/a TestBad", "two is not three", "sample/a TestTable/two", "undefined: nope", "no moon tonight"):
        assert words in said


def test_go_elsewhere(report, tmp_path, monkeypatch, capsys):
    for folder in ("internal/simd", "lesson"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "a_test.go").write_text(
            'package a\n\nimport (\n\t"runtime"\n\t"testing"\n)\n\n'
            'func TestSameBits(t *testing.T) { if runtime.GOARCH == "wasm" { t.Error("other bits on " + runtime.GOARCH) } }\n'
        )
    missing = {"qemu-aarch64", "qemu-aarch64-static"}
    found = runtests.shutil.which
    monkeypatch.setattr(runtests.shutil, "which", lambda name: None if name in missing else found(name))
    runtests.elsewhere(report)
    failed = 0
    if found("node"):
        failed = 2
        assert sorted(name for name, _ in report.failures) == [
            f"sample/{folder} (WebAssembly) TestSameBits" for folder in ("internal/simd", "lesson")
        ] and "other bits on wasm" in report.failures[0][1]
    assert report.count["passed"] == 2 and report.count["failed"] == failed
    assert "skipped the same bits on arm64: it needs Debian's package qemu-user, or its like" in report.skips


def test_pytest(report, tmp_path, capsys):
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "a_test.py").write_text(
        "import pytest\n\n"
        "def test_good(): pass\n"
        "def test_bad(): assert 2 == 3, 'two is not three'\n"
        "@pytest.mark.skip('no moon tonight')\ndef test_skip(): pass\n"
        "@pytest.fixture\ndef broken(): raise OSError('no paper')\n"
        "def test_error(broken): pass\n"
    )
    runtests.python(report, "python", "tools")
    assert report.end() == 1
    said = capsys.readouterr().out
    assert said.endswith("1 passed, 2 failed, 1 skipped\n")
    for words in ("a_test test_bad", "two is not three", "no paper", "no moon tonight"):
        assert words in said


def test_the_workshop_says_what_it_measured_or_why_it_was_left_out(report, tmp_path, monkeypatch, capsys):
    (tmp_path / "docker").mkdir()
    (tmp_path / "docker" / "a_test.py").write_text("def test_fast(): print('2.5 s')\n")
    check = tmp_path / "docker/check"
    check.write_text("#!/bin/sh\necho 'There is no Docker here' >&2; exit 1\n")
    check.chmod(0o755)
    runtests.workshop(report)
    assert report.count == {"skipped": 1} and "There is no Docker here" in report.skips[0]
    check.write_text("#!/bin/sh\n")
    runtests.workshop(report)
    assert report.end() == 0
    assert "test_fast: 2.5 s" in capsys.readouterr().out


def test_a_file_that_cannot_be_imported_is_a_failure(report, tmp_path):
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "a_test.py").write_text("import nosuchmodule\n")
    runtests.python(report, "python", "tools")
    assert report.count["failed"] == 1 and "nosuchmodule" in report.failures[0][1]


def test_a_lane_that_breaks_and_no_tests_at_all_are_failures(report):
    assert report.end() == 1
    runtests.guarded(lambda report: 1 / 0, report)
    assert "ZeroDivisionError" in report.failures[0][1]


def test_all_good(report, capsys):
    report.test("passed", "a")
    assert report.end() == 0
    assert capsys.readouterr().out.endswith("1 passed, 0 failed, 0 skipped\n")
