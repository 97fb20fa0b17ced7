"""What the tests of the notebooks and of the pages share: small lessons in a temporary folder."""

import io

import nbformat
import pytest

from execute import Line, execute
from lessons import Lesson, write

SETUP = '%noautoget\nimport (\n\t"flag"\n\t"fmt"\n)'


def code(source, outputs=(), tags=()):
    cell = nbformat.v4.new_code_cell(source, outputs=[nbformat.from_dict(o) for o in outputs])
    if tags:
        cell.metadata.tags = list(tags)
    return cell


def stream(text, name="stdout"):
    return {"output_type": "stream", "name": name, "text": text}


def display(data):
    return {"output_type": "display_data", "metadata": {}, "data": data}


def notebook(*cells):
    """A notebook of cells; a string is Markdown."""
    nb = nbformat.v4.new_notebook()
    for number, cell in enumerate(cells):
        cell = nbformat.v4.new_markdown_cell(cell) if isinstance(cell, str) else cell
        cell.id = f"c{number}"
        nb.cells.append(cell)
    return nb


@pytest.fixture
def lesson(tmp_path):
    """lesson(name, cells…) writes a lesson into the test's folder and returns it."""

    def make(name, *cells):
        path = tmp_path / "notebooks" / f"{name}.ipynb"
        write(notebook(*cells), path)
        return Lesson(path, tmp_path / "notebooks")

    return make


@pytest.fixture
def run(lesson):
    """run(cells…) executes Go cells on the real kernel, after a cell with the imports."""

    def start(*cells, **options):
        cells = [cell if not isinstance(cell, str) else code(cell) for cell in (SETUP, *cells)]
        return execute(lesson("00-sample", *cells), Line(io.StringIO()), **options)

    return start
