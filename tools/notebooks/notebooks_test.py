"""Executes every lesson and compares it with what is committed."""

import pytest

from compare import compare
from execute import execute
from lessons import dump, find, normalize, read


@pytest.mark.parametrize("lesson", find(), ids=lambda lesson: lesson.name)
def test_lesson(lesson):
    committed = read(lesson.path)
    assert dump(committed) == dump(normalize(read(lesson.path))), "not written by make notebooks"
    difference = compare(committed, execute(lesson))
    assert not difference, f"make notebooks LESSON={lesson.name} gives other outputs:\n{difference}"
