"""Runs Go's tests where there is no C compiler, or a broken one: they run all the same, without -race."""

import sys

import pytest

from places import ROOT, script

sys.path.insert(0, str(ROOT / "tools"))
import runtests

TEST = """package sample

import "testing"

func TestGood(t *testing.T) {}
"""


@pytest.mark.parametrize("compiler", ["missing", "broken", "works"])
def test_only_the_race_detector_needs_a_c_compiler(tmp_path, monkeypatch, capsys, compiler):
    (tmp_path / "go.mod").write_text("module sample\n\ngo 1.26\n")
    (tmp_path / "a_test.go").write_text(TEST)
    script(tmp_path / "tools/broken", "echo 'stdlib.h: No such file or directory' >&2; exit 1")
    if compiler != "works":
        monkeypatch.setenv("CC", str(tmp_path / "tools" / compiler))
    report = runtests.Report()
    runtests.race_test(report, tmp_path)
    assert report.end() == 0
    said = capsys.readouterr().out
    skipped = [line for line in said.splitlines() if line.startswith("skipped")]
    if compiler == "works":
        assert skipped == [] and said.endswith("1 passed, 0 failed, 0 skipped\n")
    else:
        assert len(skipped) == 1 and "a C compiler that works" in skipped[0] and "gcc" in skipped[0]
        assert said.endswith("1 passed, 0 failed, 1 skipped\n")
