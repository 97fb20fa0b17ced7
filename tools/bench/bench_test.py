"""bench.py measures a little of everything, and says what it leaves out."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
import bench


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    output = tmp_path_factory.mktemp("bench") / "bench.json"
    environment = {**os.environ, "TORCH_PYTHON": str(output.parent / "python"), "GOPROXY": "off"}
    command = [sys.executable, HERE / "bench.py", "--quick", "--output", output]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(output.read_text()), done.stdout


def test_form(quick):
    result, _ = quick
    assert result["machine"]["cores"] >= 1
    assert {(r["layer"], r["pass"]) for r in result["layers"]} == {(a, b) for a in bench.LAYERS for b in bench.PASSES}
    for r in result["layers"]:
        assert {type(r[key]) for key in ("batch", "steps", "input", "hidden")} == {int}
        assert r["ours_ms"] > 0 and r["ours_middle_ms"][0] <= r["ours_ms"] <= r["ours_middle_ms"][1]
        assert 0 < r["gflops"] < r["peak_gflops"]
        assert r["reused_ms"] > 0
        assert r["ratio_spago"] is None or r["ratio_spago"] == r["ours_ms"] / r["spago_ms"]
        assert r["ratio_spago_reused"] is None or r["ratio_spago_reused"] == r["reused_ms"] / r["spago_ms"]
    assert [c["cell"] for c in result["cells"]] == ["hello", "lesson", "plot"]
    for c in result["cells"]:
        assert c["ratio"] == c["ours_s"] / c["floor_s"] and c["build_s"] < c["floor_s"]
    assert 0 < result["kernel_mb"]["idle"] <= result["kernel_mb"]["after_completion"]
    assert result["lessons_s"] == {}  # too long for a test


def test_growth(quick):
    norms = quick[0]["growth"][-1]
    assert norms["layer"] == "GradientNorms"
    assert 0.8 < norms["bytes_exponent"] < 1.2, "the memory of gradient norms is linear in the steps"


def test_says_what_is_left_out(quick):
    result, said = quick
    why = result["left_out"]["torch"]
    assert "does not run: No such file" in why and f"left out: torch, because {why}" in said
    spago = {r["spago_ms"] is None for r in result["layers"] if r["layer"] not in bench.ALONE}
    assert spago == {"spago" in result["left_out"]}
    for r in result["layers"]:
        assert r["torch64_ms"] is r["torch32_ms"] is r["ratio64"] is None


def test_table(quick):
    rows = [line for line in bench.table(quick[0]).splitlines() if line.startswith("| ")]
    assert len(rows) == 1 + len(quick[0]["layers"]) / 2 + 1 + 3
    assert rows[1].startswith("| RNN | 32 × 10 × 128 → 64 | ") and " | – | – | " in rows[1]
    assert {row.count("|") for row in rows} == {12, 5}


def test_slope():
    xs = [1, 2, 4, 8]
    exponent, between = bench.slope(xs, [3 * x**1.5 for x in xs])
    assert math.isclose(exponent, 1.5) and all(math.isclose(b, 1.5) for b in between)
    exponent, between = bench.slope(xs, [1, 2, 4, 16])
    assert 1 < exponent < 2 and [round(b, 9) for b in between] == [1, 2]


def test_operations():
    # One step of one sequence: an LSTM's four gates, each a row of 3 + 2 multiply-adds for its 2 units.
    assert bench.operations("LSTM", 1, 1, 3, 2, False) == 2 * 4 * 2 * (3 + 2)
    assert bench.operations("RNN", 2, 5, 3, 2, True) == 3 * 10 * bench.operations("RNN", 1, 1, 3, 2, False)


def test_cells_link_little():
    """What costs a cell a third of its time and serves no figure stays out of its program."""
    command = ["go", "list", "-deps", "-tags=minimal,safe", "./lesson", "./plots", "./exercise"]
    packages = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    assert "gonum.org/v1/plot" in packages and "github.com/janpfeifer/gonb/gonbui" in packages
    assert not {"net", "log/slog", "crypto/rand", "text/template", "codeberg.org/go-pdf/fpdf"} & set(packages)
