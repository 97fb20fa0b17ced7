"""JupyterLab's File → Save and Export Notebook As → Executable Script: one Go program that compiles."""

import json
import re
import subprocess
import tempfile
from pathlib import Path

import nbformat
from nbconvert.preprocessors import Preprocessor

ROOT = Path(__file__).resolve().parents[2]
HEAD = """// {name}, as one program: a function for what each cell has below %%. To run it in my-lessons, or in another folder of
// the course that has the lesson's data: go run {name}.go
{left}
"""


class GoProgram(Preprocessor):
    """Puts one cell with the program in place of the notebook's."""

    def preprocess(self, nb, resources):
        name = resources.get("metadata", {}).get("name", "A notebook")
        nb.cells = [nbformat.v4.new_code_cell(program([cell.source for cell in nb.cells if cell.cell_type == "code"], name))]
        return nb, resources


def program(sources, name):
    imported = re.findall(r'^(?:import)?\s*(?:[\w.]+ )?"([\w./-]+)"$', "\n".join(sources), re.M)
    usual = (ROOT / "site/run/packages.txt").read_text(encoding="utf-8").split()
    listed = run("go", "list", "-e", "-f", "{{.ImportPath}} {{.Name}}", *sorted({*usual, *imported}))
    packages = dict(line.split() for line in listed.splitlines() if line.count(" ") == 1 and not line.endswith(" "))
    with tempfile.TemporaryDirectory() as folder:
        given, made, go = (Path(folder, file) for file in ("in.json", "out.json", "main.go"))
        cells = [{"id": str(number), "source": source} for number, source in enumerate(sources, 1)]
        given.write_text(json.dumps({"cells": cells, "packages": packages, "whole": True}), encoding="utf-8")
        run("go", "run", "./site/run/compose", given, made)
        answer = json.loads(made.read_text(encoding="utf-8"))
        go.write_text(answer["program"], encoding="utf-8")
        formatted = run("goimports", go)
    left = "".join(f"// Cell {cell} is left out: it has commands of the kernel, or is no Go.\n" for cell in answer["left"] or ())
    return HEAD.format(name=name, left=left) + formatted


def run(*command):
    done = subprocess.run([str(part) for part in command], cwd=ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise RuntimeError(f"{command[0]} {command[1]}: {done.stderr.strip()}")
    return done.stdout
