"""Checks that the glossary and the lessons link to each other. website.py checks that each link has a target."""

import re

import pytest

from lessons import find, read

LESSONS = [lesson for lesson in find() if lesson.numbered and lesson.language == "en"]


def text(lesson):
    return [cell.source for cell in read(lesson.path).cells if cell.cell_type == "markdown"]


def test_terms_stand_in_alphabetical_order_and_name_their_lesson():
    _, *entries = text(*find(["glossary"]))
    terms = [re.match(r"## (.+)\n", entry)[1] for entry in entries]
    assert terms == sorted(set(terms), key=str.casefold)
    for entry in entries:
        assert re.search(r"\*\(\[Lesson \d+\]\(\d+-[\w-]+\.ipynb\)\)\*$", entry), entry


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_lessons_link_to_the_glossary_once_for_each_term(lesson):
    linked = re.findall(r"\(glossary\.ipynb#([^)]+)\)", "\n".join(text(lesson)))
    assert len(linked) >= 3, "link a term to the glossary where it is used first"
    assert len(linked) == len(set(linked)), linked
