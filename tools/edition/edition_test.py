"""Checks the editions in other languages as they are committed. website_test.py checks their pages: links, anchors, marks."""

import re

import pytest

from catalogue import Catalogues, Course, languages
from compare import compare
from compose import Edition, with_editions
from edition import all_faults, keep_outputs, other_numbers
from execute import execute
from gotexts import PACKAGES, catalogue_file, go_catalogue
from lessons import NOTEBOOKS, ROOT, dump, read
from strings import Strings
from texts import tokens
from workshoptexts import words_file, words_source

COURSE = Course()
LANGUAGES = languages()
EDITIONS = {language: Edition(language, COURSE) for language in LANGUAGES}


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogues_have_an_entry_for_every_text_and_no_other(language):
    catalogues = Catalogues(ROOT / "po" / language)
    wanted = catalogues.updated(COURSE.wanted())
    there = {path.stem: path.read_text(encoding="utf-8") for path in catalogues.folder.glob("*.po")}
    old = [name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name)]
    assert not old, f"make {language} brings these catalogues up to date: {', '.join(sorted(old))}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_go_has_the_catalogues(language):
    for name in PACKAGES:
        file = catalogue_file(name, language)
        there = file.read_text(encoding="utf-8") if file.exists() else ""
        assert there == go_catalogue(name, language, EDITIONS[language].catalogues), f"make {language} brings {file} up to date"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_workshop_has_its_catalogue(language):
    there = words_file(language).read_text(encoding="utf-8") if words_file(language).exists() else ""
    assert there == words_source(language, EDITIONS[language].catalogues), f"make {language} brings {words_file(language)} up to date"


@pytest.mark.parametrize("language", LANGUAGES)
def test_notebooks_are_composed_of_them(language):
    edition = EDITIONS[language]
    there = sorted(path.name for path in (NOTEBOOKS / language).glob("*.ipynb"))
    assert there == sorted(edition.path(name).name for name in edition.there), f"make {language}"
    for name in edition.there:
        nb = edition.compose(name)
        kept = keep_outputs(nb, edition, name)
        committed = read(edition.path(name))
        assert kept, f"make {language}: other code, or other numbers, in {name}:\n{other_numbers(COURSE.notebooks[name], committed)}"
        assert dump(nb) == dump(committed), f"make {language}: other texts in {name}"


def test_english_notebooks_lead_to_their_translations():
    for lesson in COURSE.lessons:
        paths = {language: f"{language}/{lesson.path.name}" for language, edition in EDITIONS.items() if lesson.slug in edition.there}
        first = COURSE.notebooks[lesson.slug].cells[0].source
        assert first == with_editions(first, paths), f"make {' or '.join(LANGUAGES)}: the first cell of {lesson.name}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_code_differs_in_comments_and_chosen_strings_only(language):
    edition = EDITIONS[language]
    for name in edition.there:
        translated = {cell.id: cell.source for cell in read(edition.path(name)).cells}
        for cell in COURSE.notebooks[name].cells:
            if cell.cell_type == "code":
                assert program(cell.source) == program(translated[cell.id]), f"{language}/{name}, {cell.id}"


def program(source):
    """The tokens of a cell, without comments; of the strings, where they stand and which are data of a path."""
    source = re.sub(r'(["`])(?:\.\./)?data/', r"\1data/", source)
    return [kind if kind == "string" and not token[1:].startswith("data/") else token for kind, token in tokens(source, "go") if kind not in ("comment", "space")]


def test_exceptions_among_the_strings_are_there():
    there = {(name, cell.id): cell.source for name, nb in COURSE.notebooks.items() for cell in nb.cells}
    for name, cell, text in Strings().exceptions:
        assert text in there.get((name, cell), ""), f"strings.txt: {name} {cell} has no {text!r}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_what_has_to_be_kept(language):
    found = all_faults(EDITIONS[language].catalogues)
    assert not found, "\n".join(found)


# Words of package plots may change without the lesson.
RUN = [edition.lesson(name) for edition in EDITIONS.values() for name in edition.there]


@pytest.mark.parametrize("lesson", RUN, ids=lambda lesson: lesson.name)
def test_a_translated_lesson_gives_what_is_committed(lesson):
    difference = compare(read(lesson.path), execute(lesson))
    assert not difference, f"make {lesson.language} LESSON={lesson.slug.partition('/')[2]} gives other outputs:\n{difference}"
