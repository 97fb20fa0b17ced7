"""Go in the page, in node: what a reader may do to the engine, and the cells of the lessons."""

import json
import os
import shutil
import subprocess

import pytest

import toolchain
from lessons import BUILD, ROOT

LESSONS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
# How many cells of a lesson run in a test: each takes a second to build. UNROLL_PAGE_CELLS=all runs all of them,
# which takes half an hour on two cores.
EVERY = 1 if os.environ.get("UNROLL_PAGE_CELLS") == "all" else 8


@pytest.fixture(scope="module")
def node():
    if not shutil.which("node"):
        pytest.skip("it needs node")
    toolchain.built(BUILD / "run")

    # Node 20 has relaxed SIMD behind a flag, which a later one, where it is on, may not know.
    relaxed = ["--experimental-wasm-relaxed-simd"]
    if subprocess.run(["node", *relaxed, "-e", ""], capture_output=True).returncode:
        relaxed = []

    def run(script, *arguments):
        command = ["node", "--stack-size=8192", *relaxed, f"site/run/{script}", BUILD / "run"]
        done = subprocess.run([*command, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=1800)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def test_engine(node):
    assert node("engine.test.mjs").count("ok ") >= 17


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_cells_give_the_outputs_of_the_notebook(node, lesson):
    shard = 1 if lesson.stem.endswith("sentiment") else 3  # some of its cells read a file that an earlier one writes
    said = node("check.mjs", "--shard", f"{min(shard, EVERY)}/{EVERY}", lesson)
    assert said.endswith("all equal\n")


def test_the_first_run_loads_15_megabytes(node):
    engine = (BUILD / "run/engine.js").read_text(encoding="utf-8")
    parts = json.loads(engine.split("UnrollEngine.parts = ")[1].split(";\n")[0])
    assert sum(part["packed"] for part in parts.values()) < 15.5e6


def test_lessons_import_what_the_page_has():
    has = set((ROOT / "site/run/packages.txt").read_text(encoding="utf-8").split())
    for lesson in LESSONS:
        for cell in json.loads(lesson.read_text(encoding="utf-8"))["cells"]:
            source = "".join(cell["source"])
            if cell["cell_type"] == "code" and source.startswith("import ("):
                paths = {line.split('"')[1] for line in source.partition(")")[0].splitlines() if '"' in line}
                assert paths <= has, f"{lesson.stem}: add {paths - has} to site/run/packages.txt"
