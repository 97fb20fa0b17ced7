"""Checks the editions in other languages as they are committed, without running them; see also edition_run_test.py."""

import re

import pytest
from bs4 import BeautifulSoup

import website
from catalogue import Catalogues, Course, languages
from check import faults, read_terms
from compose import Edition
from edition import keep_outputs, other_numbers
from gotexts import go_catalogue
from lessons import NOTEBOOKS, ROOT, dump, find, read
from texts import tokens

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
    there = (ROOT / "internal/words" / f"catalogue_{language}.go").read_text(encoding="utf-8")
    assert there == go_catalogue(language, EDITIONS[language].catalogues), f"make {language}"


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


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_what_has_to_be_kept(language):
    catalogues = Catalogues(ROOT / "po" / language)
    terms = read_terms(catalogues.folder / "terms.tsv")
    found = [
        f"{name}, {entry.msgctxt}: {entry.msgstr[:60]}…\n    {fault}"
        for name, po in catalogues.files.items()
        for entry in po
        if entry.msgstr and not entry.fuzzy
        for fault in faults(entry, terms)
    ]
    assert not found, "\n".join(found)


def test_pages_show_no_marks_and_link_to_what_is_there(tmp_path):
    website.build(find(language=None), out=tmp_path / "html")  # which checks the links
    for language in LANGUAGES:
        for page in (tmp_path / "html" / language).glob("*.html"):
            marks = shown_marks(page.read_text(encoding="utf-8"))
            assert not marks, f"{language}/{page.name} shows marks of Markdown: {marks}"


def shown_marks(html):
    """Places of a page where Markdown shows: asterisks, dollars and backticks outside code and formulas."""
    main = BeautifulSoup(html, "html.parser").main
    for part in main.select("pre, code, math, svg, table.numbers, .numbers, .output, script, .living"):
        part.decompose()
    text = re.sub(r"\s+", " ", main.get_text())
    return [text[max(match.start() - 20, 0) : match.end() + 20] for match in re.finditer(r"\*\*|(?<!\w)\*\w|\w\*(?!\w)|\$|`", text)]


def test_a_page_that_shows_marks_is_found():
    assert shown_marks("<main><p>**RNN(…)**과</p></main>") and shown_marks("<main><p>값 $x</p></main>")
    assert not shown_marks("<main><p>값 <code>*p</code></p></main>")
