"""Opens the pages of the editions in a browser; those of a pseudo-language show what no catalogue has, and what has no room."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser_test import browser  # noqa: F401, a fixture
from bs4 import BeautifulSoup

import website
from catalogue import Course
from compose import Edition
from interface import PSEUDO
from lessons import NOTEBOOKS, find, write


class Pseudo:
    """Catalogues that translate every text into itself between « and », a third longer."""

    def translation(self, name, cell, english):
        more = " ···" * (len(english) // 12)
        if english.startswith("|"):
            return re.sub(r"(?<=\| )([^|\n]*[^|\s:-][^|\n]*?)(?= \|)", r"«\1»", english)
        if re.fullmatch(r"\[[^\]]*\]\([^)]*\)", english):  # a living figure takes its place
            return english
        return f"«{english}{more}»"


@pytest.fixture(scope="module")
def pseudo(tmp_path_factory):
    """The folder of the pages of a lesson and the glossary in the pseudo-language."""
    base = tmp_path_factory.mktemp("course") / "notebooks"
    course = Course(find(["flip-reversal", "glossary"]))
    edition = Edition(PSEUDO, course, Pseudo(), base=base)
    for lesson in course.lessons:
        write(course.notebooks[lesson.slug], base / lesson.path.name)
        write(edition.compose(lesson.slug), edition.path(lesson.slug))
    (base / "data").symlink_to(NOTEBOOKS / "data")
    for path in base.rglob("*.ipynb"):  # their other lessons are not there
        path.write_text(re.sub(r"\((?:\.\./)?(?!\d\d-flip|glossary)[\w-]+\.ipynb\)", "(https://example.org/)", path.read_text()))
    website.build(find(base=base, language=None), out=base.parent / "html")
    return base.parent / "html"


def bare(html):
    """The words of a page that stand outside « and », but for code, formulas, what cells print, figures, and
    the sentence of a lesson that the cover cuts out."""
    soup = BeautifulSoup(html, "html.parser")
    for part in soup.select("pre, code, math, .output, .living, script, style, .offer, .editions, .takes"):
        part.decompose()
    said = [*soup.body.stripped_strings, soup.title.text]
    said += [element[name] for element in soup.select("[aria-label], [placeholder], [alt]") for name in ("aria-label", "placeholder", "alt") if element.has_attr(name)]
    text = " ".join(said)
    while "«" in text and (shorter := re.sub(r"«[^«»]*»", " ", text)) != text:
        text = shorter
    return [word for word in re.findall(r"[A-Za-z]{3,}", text) if word not in ("Unroll",)]


def test_every_text_of_the_pages_can_be_translated(pseudo):
    for page in sorted((pseudo / PSEUDO).glob("*.html")):
        assert not bare(page.read_text(encoding="utf-8")), page.name


def test_what_is_not_in_a_catalogue_is_found():
    assert bare("<title>«T»</title><body><main><p>«one <b>two</b>·» three</p></main></body>") == ["three"]


@pytest.mark.parametrize("width", [320, 1280])
def test_a_longer_language_has_room(browser, pseudo, width):  # noqa: F811
    tab = browser.new_page(viewport={"width": width, "height": 800})
    for page in sorted((pseudo / PSEUDO).glob("*.html")):
        tab.goto(page.as_uri())
        assert tab.evaluate("document.documentElement.scrollWidth") <= width, f"{page.name} is too wide"
    tab.close()


# The Korean edition


@pytest.fixture
def site(lesson, tmp_path):
    """A site of two lessons, of which the first is in Korean too."""
    lesson("01-padding", "# Padding", "Much.\n\n" + "More.\n\n" * 60, "## The flip\n\nTurns it round.\n\n" + "More.\n\n" * 60)
    lesson("02-b", "# Another")
    lesson("ko/01-padding", "# 패딩", "많이.\n\n" + "더.\n\n" * 60, "## 뒤집기\n\n은닉 상태를 뒤집습니다.\n\n" + "더.\n\n" * 60)
    website.build(find(base=tmp_path / "notebooks", language=None), out=tmp_path / "html")
    return tmp_path / "html"


@pytest.fixture
def reader(browser):  # noqa: F811
    """reader(locale) is a tab of a new browser."""
    contexts = []

    def make(locale):
        contexts.append(browser.new_context(locale=locale, viewport={"width": 1280, "height": 800}))
        return contexts[-1].new_page()

    yield make
    for context in contexts:
        context.close()


def test_a_browser_in_korean_is_offered_korean_once(reader, site):
    tab = reader("ko-KR")
    tab.goto((site / "index.html").as_uri())
    assert tab.url.endswith("html/index.html")  # no redirect
    offer = tab.locator(".offer")
    assert offer.is_visible() and offer.inner_text() == "한국어로 읽기 아니요, 여기에서 읽을게요"
    tab.goto((site / "b.html").as_uri())
    assert tab.locator(".offer").count() == 0  # it is not translated
    tab.goto((site / "padding.html").as_uri())
    tab.locator(".offer button").click()
    assert not offer.is_visible()
    tab.reload()
    assert not offer.is_visible()


@pytest.mark.parametrize("locale", ["en-GB", "de-DE"])
def test_no_other_browser_is_offered_anything(reader, site, locale):
    tab = reader(locale)
    for page in ("index.html", "padding.html", "ko/index.html", "ko/padding.html"):
        tab.goto((site / page).as_uri())
        assert not tab.locator(".offer").is_visible(), page


def test_a_link_to_the_other_language_leads_to_the_same_cell_and_is_remembered(reader, site):
    tab = reader("en-GB")
    tab.goto((site / "padding.html").as_uri() + "#The-flip")
    tab.wait_for_timeout(2000)  # it is read
    tab.locator(".editions a").click()  # at the top of the page
    tab.wait_for_url("**/ko/padding.html#cell-c2")
    assert tab.evaluate("document.querySelector('#cell-c2').getBoundingClientRect().top") < 100
    tab.goto((site / "index.html").as_uri())
    assert tab.locator(".offer").inner_text().startswith("한국어로 읽기")  # the cover remembers
    tab.goto((site / "ko/index.html").as_uri())
    tab.locator(".editions a").click()
    tab.wait_for_url("**/html/index.html")
    assert not tab.locator(".offer").is_visible()


@pytest.mark.parametrize("asked, heading", [("뒤집", "뒤집기"), ("ㄷㅈㄱ", "뒤집기"), ("ㅇㄴ ㅅㅌ", "뒤집기"), ("flip", "뒤집기"), ("padding", "패딩")])
def test_search_finds_syllables_first_consonants_and_english_terms(reader, site, asked, heading):
    tab = reader("ko-KR")
    tab.goto((site / "ko/padding.html").as_uri())
    tab.locator("#search input").fill(asked)
    tab.locator("#search li").first.wait_for()
    assert tab.locator("#search li b").first.inner_text() == heading
    assert re.fullmatch(r"\d개 절", tab.locator("#search [role=status]").inner_text())
    tab.locator("#search input").fill("ㅋㅋㅋ")
    assert tab.locator("#search [role=status]").inner_text() == "찾은 것이 없습니다"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_to_mend(browser, site, theme):  # noqa: F811
    context = browser.new_context(color_scheme=theme, locale="ko-KR", bypass_csp=True)
    tab = context.new_page()
    for page in ("index.html", "ko/index.html", "ko/padding.html"):
        tab.goto((site / page).as_uri())
        found = Axe().run(tab).response["violations"]
        assert not found, f"{page}: {found}"
    context.close()
