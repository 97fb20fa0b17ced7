"""Go in the page, in node: what a reader may do to the engine, and the cells of the lessons."""

import json
import os
import re
import shutil
import subprocess

import pytest

import toolchain
import website
from lessons import BUILD, ROOT, find
from samples import code

LESSONS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
# A run of the tests takes a lesson through the page's toolchain once: the cells of every second lesson, and the exercises of
# the others (tools/notebooks/exercises_test.py). UNROLL_PAGE_CELLS=all takes all of both, and the cells too that take long by
# site/run/times.json.
EVERY = os.environ.get("UNROLL_PAGE_CELLS") == "all"
LONG = ["--long"] if EVERY else []


def in_turn(number, other):
    """Skips the lessons with odd numbers, or the others."""
    if not EVERY and number % 2 != other:
        pytest.skip("UNROLL_PAGE_CELLS=all runs it; otherwise " + ("the lesson's exercises run in the page" if number % 2 else "the lesson's cells do"))


@pytest.fixture(scope="module")
def node():
    """Runs a script in node: toolchain.in_node."""
    if not shutil.which("node"):
        pytest.skip("it needs node")
    toolchain.built(BUILD / "run")
    return toolchain.in_node


@pytest.mark.parametrize("kernels", ["fused", "exact"])
def test_the_kernels_of_the_page_give_the_same_bits(node, kernels):
    simd = ROOT / "internal/simd"
    by = " ".join([*toolchain.node(), str(simd / "wasm/exec.cjs"), kernels])
    command = ["go", "test", "-tags=simd128", "-run=SameBits", f"-exec={by}", "."]
    done = subprocess.run(command, cwd=simd, env=os.environ | {"GOOS": "js", "GOARCH": "wasm"}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_engine(node):
    assert node("engine.test.mjs").count("ok ") >= 22


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_cells_give_the_outputs_of_the_notebook(node, lesson, capsys):
    in_turn(int(lesson.name[:2]), 0)
    said = node("check.mjs", *LONG, lesson)
    with capsys.disabled():
        print(f"\n{said}", end="")  # what is left out too
    assert said.endswith("all equal\n")


def test_the_cells_that_take_long_are_there():
    cells = set()
    for lesson in LESSONS:
        slug = lesson.stem.partition("-")[2]
        cells |= {f"{slug}/{cell['id']}" for cell in json.loads(lesson.read_text(encoding="utf-8"))["cells"]}
    kept = json.loads((ROOT / "site/run/times.json").read_text(encoding="utf-8"))["cells"]
    assert kept.keys() <= cells


def test_a_page_knows_the_cells_that_take_long(tmp_path, monkeypatch, lesson):
    monkeypatch.setattr(toolchain, "SOURCE", tmp_path)
    cells = {"pool/a": {"kernel": 4, "page": 12.4}, "pool/b": {"kernel": 2, "page": 9.9}, "pools/a": {"kernel": 9, "page": 33}}
    (tmp_path / "times.json").write_text(json.dumps({"cells": cells}))
    assert toolchain.long_cells("pool") == {"a": 10}
    (tmp_path / "times.json").write_text(json.dumps({"cells": {"pool/c1": {"kernel": 4, "page": 12.4}}}))
    for name in ("01-pool", "ko/01-pool"):
        lesson(name, "# T", code("f()"))
    website.build(find(base=tmp_path / "notebooks", language=None), out=tmp_path / "html", go=tmp_path / "none")
    for name in ("pool", "ko/pool"):
        assert re.findall(r'data-seconds="(\d+)" id="cell-(\w+)"', (tmp_path / f"html/{name}.html").read_text()) == [("10", "c1")]


def test_the_first_run_loads_15_megabytes(node):
    engine = (BUILD / "run/engine.js").read_text(encoding="utf-8")
    parts = json.loads(engine.split("UnrollEngine.parts = ")[1].split(";\n")[0])
    assert sum(part["packed"] for part in parts.values()) <= 15e6


def test_lessons_import_what_the_page_has():
    has = set((ROOT / "site/run/packages.txt").read_text(encoding="utf-8").split())
    for lesson in LESSONS:
        for cell in json.loads(lesson.read_text(encoding="utf-8"))["cells"]:
            source = "".join(cell["source"])
            if cell["cell_type"] == "code" and source.startswith("import ("):
                paths = {line.split('"')[1] for line in source.partition(")")[0].splitlines() if '"' in line}
                assert paths <= has, f"{lesson.stem}: add {paths - has} to site/run/packages.txt"
