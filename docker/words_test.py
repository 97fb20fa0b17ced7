"""What the workshop says, in each of its languages."""

import json
import re
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "hub"))

import settings  # noqa: E402
import words  # noqa: E402

LANGUAGES = settings.LANGUAGES[1:]
NAMES = "JupyterHub|JavaScript|HTTPS?|JSON|MB|progress\\.json|report\\.txt|docker compose \\S+ hub \\S+ \\w+|> seats\\.html|workshop collect all|\\{\\w+\\}"
TEMPLATES = sorted((HERE / "hub/templates").rglob("*.html"))


@pytest.fixture(params=LANGUAGES)
def language(request):
    words.speak(request.param)
    yield request.param
    words.speak("en")


def every_text():
    for name in words.ENGLISH:
        said, english = getattr(words, name), words.ENGLISH[name]
        yield from ((f"{name} {key}", said[key], english[key]) for key in said) if isinstance(said, dict) else [(name, said, english)]


def test_the_languages_are_those_of_the_course():
    assert settings.LANGUAGES == ("en", *sorted(path.name for path in (HERE.parent / "po").iterdir() if path.is_dir()))


def test_everything_is_said_in_the_language(language):
    for name, said, english in every_text():
        bare = re.sub(NAMES, "", said)
        assert said != english or not re.search("[A-Za-z]{2}", re.sub(NAMES, "", english)), name
        assert not re.search("[A-Za-z]{2}", bare), f"{name}: {said}"
        assert sorted(re.findall(r"\{\w+\}", said)) == sorted(re.findall(r"\{\w+\}", english)), name


def test_it_goes_back_to_english(language):
    words.speak("en")
    assert all(said == english for _, said, english in every_text())


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: file.stem)
def test_templates_say_nothing_of_their_own(file):
    source = re.sub(r"\{% block style %\}.*?\{% endblock %\}|<(script|style)\b.*?</\1>", "", file.read_text(), flags=re.S)
    source = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", source, flags=re.S)
    source = re.sub(r"\b(?:value|title|alt|aria-label|placeholder)=\"([^\"]*)\"", r">\1<", source)
    said = {" ".join(text.split()) for text in re.sub(r"<[^>]*>", "\n", source).splitlines()}
    assert {text for text in said if re.search("[A-Za-z]", text)} <= set(words.hub())


def test_jupyterlab_says_it_too(language):
    """The button and the menu, with the same words as the page that they open."""
    files = [HERE / f"lab/workshop/{folder}labconfig/default_setting_overrides.json" for folder in ("", f"{language}/")]
    english, own = (file.read_text() for file in files)
    for name in ("STUCK_CAPTION", "STUCK_TITLE"):
        english = english.replace(f'"{words.ENGLISH[name]}"', json.dumps(getattr(words, name), ensure_ascii=False))
    assert english == own


def test_columns_of_the_board():
    assert words.pad("Address", 10) == "Address   " and words.pad("주소", 10) == "주소      "
