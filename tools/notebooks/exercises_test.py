"""Tries the exercises of every lesson as a learner does, on the real kernel: with the stubs
as they are in the notebook, and with the solutions that are folded below them.

An exercise is a code cell that calls Check. Its solution is the Go code of the next text's
<details>: what to write in place of all above the cell's %%, or a cell with a %% of its own.
The same cells run in the page, where they say the same.
"""

import functools
import json
import re
import subprocess
import tempfile
from pathlib import Path

import pytest
from jupyter_client.kernelspec import get_kernel_spec

from execute import execute
from lessons import ROOT, Lesson, Problem, find, read, write
from samples import code, notebook
from toolchain_test import in_turn, node  # noqa: F401, a fixture

CHECK = re.compile(r"\bexercise\.(\w+)\.Check\(")
EMPTY = (
    "Not yet: nothing is computed",
    "Not yet: there is no answer",
    "Not yet: put your answer",
    "Your guess first",
)


def exercises(nb):
    """The cells of a notebook that check an answer, each with its solution."""
    found = []
    for i, cell in enumerate(nb.cells):
        if cell.cell_type == "code" and CHECK.search(cell.source):
            texts = [c.source for c in nb.cells[i + 1 : i + 2] if c.cell_type == "markdown"]
            solution = re.search(r"<details>.*?```go\n(.*?)```.*?</details>", "".join(texts), re.S)
            found.append((cell, solution and solution[1]))
    return found


def halves(source):
    """What a cell declares and what its main does."""
    declared, _, main = re.sub("^%%$", "\0", source, count=1, flags=re.M).partition("\0")
    return declared, main


# Prints what the typical wrong answers to an exercise are told: its Mistakes, or a question's WrongAnswers.
TOLD = """func told(exercise any) {
	e := reflect.ValueOf(exercise)
	for _, field := range []string{"Mistakes", "WrongAnswers"} {
		wrong := e.Elem().FieldByName(field)
		if !wrong.IsValid() {
			continue
		}
		for i := range wrong.Len() {
			verdict := e.MethodByName("Judge").Call([]reflect.Value{wrong.Index(i).FieldByName("Answer")})[0]
			fmt.Println(verdict.FieldByName("Text"))
		}
	}
}

%%
"""


def solved(nb):
    """A notebook of four cells: the imports, what all cells declare, every solution checked, and what wrong answers are told."""
    answers = {cell.id: solution for cell, solution in exercises(nb)}
    cells = [cell for cell in nb.cells if cell.cell_type == "code"]
    declared, mains = [], []
    for cell in cells[1:]:
        above, main = halves(cell.source)
        if cell.id in answers:
            given, own = halves(answers[cell.id])
            above, main = given, own or main
            mains.append(f"{{{main}}}")
        declared.append(above)
    show = re.findall(r"^exercise\.ShowProgress\(.*\)$", "\n".join(cell.source for cell in cells), re.M)
    names = [name for cell, _ in exercises(nb) for name in CHECK.findall(cell.source)]
    told = TOLD + "\n".join(f"told(&exercise.{name})" for name in names)
    return notebook(code(cells[0].source), code("\n".join(declared)), code("\n".join(["%%", *mains, *show])), code(told))


LESSONS = [lesson for lesson in find() if lesson.numbered]


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_a_lesson_has_a_few_exercises(lesson):
    assert 3 <= len(exercises(read(lesson.path))) <= 6


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_stubs_are_answered_politely(lesson):
    # These outputs are what a run gives: notebooks_test.py compares.
    for cell, _ in exercises(read(lesson.path)):
        said = "".join(output.get("text", "") for output in cell.outputs)
        assert said.startswith(EMPTY), f"the stub of {cell.id} is answered with\n{said}"


@functools.cache
def answered(lesson):
    with tempfile.TemporaryDirectory() as folder:
        return answer(lesson, read(lesson.path), Path(folder))


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_solutions_are_accepted(lesson):
    answered(lesson)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_solutions_and_hints_are_told_in_the_page_as_on_the_kernel(lesson, node, tmp_path):  # noqa: F811, the fixture
    in_turn(int(lesson.path.name[:2]), 1)
    ran = answered(lesson)
    write(ran, tmp_path / lesson.path.name)
    assert node("check.mjs", tmp_path / lesson.path.name).endswith("all equal\n")


def test_a_teachers_own_exercise_works_in_a_cell(lesson):
    text = (ROOT / "exercise/exercise.go").read_text()
    own, check = re.findall(r"(?:^//\t.*\n)+", text[: text.index("\npackage")], re.M)
    made = lesson(
        "00-sample",
        code('%noautoget\nimport "unroll/exercise"'),
        code(re.sub("^//\t", "", own, flags=re.M)),
        code("func myDouble(x float64) float64 { return x * x }\n\n%%\n" + check.removeprefix("//\t")),
    )
    assert "Hint: That is the square" in execute(made).cells[2].outputs[0].text


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="this is no clone")
def test_git_ignores_what_a_learner_has_done():
    for path in ("my-lessons/01-order-matters.ipynb", "my-lessons/progress.json", "notebooks/progress.json", "notebooks/ko/progress.json"):
        subprocess.run(["git", "check-ignore", "-q", path], cwd=ROOT, check=True)


def answer(lesson, nb, folder):
    for cell, solution in exercises(nb):
        assert solution, f"{cell.id} has no Go code in the <details> of the text below it"
    path = folder / lesson.path.name
    write(solved(nb), path)
    name = get_kernel_spec("gonb").env["UNROLL_PROGRESS"]  # where JupyterLab keeps it
    progress = folder / name
    progress.unlink(missing_ok=True)
    ran = execute(Lesson(path, folder), progress=name)
    said = "".join(output.get("text", "") for output in ran.cells[2].outputs)
    assert all(kept["solved"] for kept in json.loads(progress.read_text()).values()), said
    listed = re.search(r"^(\d+) of (\d+) exercises of this lesson are done$", said, re.M)
    assert listed, f"no cell of {lesson.name} shows the progress:\n{said}"
    assert listed[1] == listed[2] == str(len(exercises(nb))), said
    told = "".join(output.get("text", "") for output in ran.cells[3].outputs)
    assert told.count("Hint: ") >= 3 * len(exercises(nb)), told
    return ran


def test_a_solution_that_is_not_accepted_is_found(tmp_path):
    lesson = LESSONS[0]
    stub, _ = halves(exercises(read(lesson.path))[0][0].source)
    for wrong, said in [
        ("not Go\n", "cell 2 failed"),
        ("func nothing() {}\n", "cell 3 failed"),
        (stub, "nothing is computed so far"),
    ]:
        nb = read(lesson.path)
        cell, solution = exercises(nb)[0]
        following = nb.cells[nb.cells.index(cell) + 1]
        following.source = following.source.replace(solution, wrong)
        with pytest.raises((Problem, AssertionError), match=said):
            answer(lesson, nb, tmp_path)


def test_a_run_knows_nothing_of_what_a_learner_has_done(lesson, monkeypatch):
    made = lesson("00-sample", code('%noautoget\nimport "os"'), code('%%\nfmt.Printf("%q", os.Getenv("UNROLL_PROGRESS"))'))
    monkeypatch.setenv("UNROLL_PROGRESS", "progress.json")
    assert execute(made).cells[1].outputs[0].text == '""'
