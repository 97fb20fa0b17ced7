"""Tries what compare reports, and what it tolerates on other machines."""

import pytest

from compare import compare
from samples import code, display, notebook, stream


def one(output):
    return notebook("# T", code("f()", [output]))


def printed(text):
    return one(stream(text))


def figure(svg, alt="falls to 0.5", png="aaaa"):
    return one(display({"image/svg+xml": svg, "image/png": png, "text/plain": alt}))


def test_equal_is_equal():
    assert compare(printed("1.25\n"), printed("1.25\n"), exact=True) == ""
    assert compare(printed("1.25\n"), printed("1.25\n"), exact=False) == ""


def test_exact_shows_the_line_that_differs():
    said = compare(printed("1.25\n"), printed("1.26\n"), exact=True)
    removed, added = (line for line in said.splitlines() if line[:2] in ("- ", "+ "))
    assert "1.25" in removed and "1.26" in added


def test_exact_sees_the_last_byte_of_a_long_line():
    assert compare(figure("x" * 9000 + "a"), figure("x" * 9000 + "b"), exact=True)


@pytest.mark.parametrize("a, b", [
    ("1.0000001", "1.0000002"),
    ("3.14", "3.15"),  # rounded the other way
    ("1e-05", "9.99999e-06"),
    ("12345678.5 and −0.25", "12345678.4 and −0.25"),
])
def test_elsewhere_forgives_the_last_digit(a, b):
    assert compare(printed(a), printed(b), exact=True)
    assert compare(printed(a), printed(b), exact=False) == ""


@pytest.mark.parametrize("a, b", [
    ("3.14", "3.17"),
    ("0.5", "-0.5"),
    ("32", "33"),
    ("123456789", "123456790"),
    ("[1 32 64]", "[1 32 64 1]"),
    ("falls", "rises"),
    ("NaN", "1.0"),
    ("1\n", "1\n2\n"),
])
def test_elsewhere_sees_the_rest(a, b):
    assert compare(printed(a), printed(b), exact=False)


def test_figures():
    drawn = figure('<path d="M1.1,2.5"/>\n<text x="9">0.5</text>')
    moved = figure('<path d="M1.2,2.5h3"/>\n<text x="9.1">0.5</text>', png="bbbb")
    assert compare(drawn, moved, exact=True)
    assert compare(drawn, moved, exact=False) == ""
    assert compare(drawn, figure('<path d="M1.1,2.5"/>\n<text x="9">0.8</text>'), exact=False)
    assert compare(drawn, figure('<path d="M1.1,2.5"/>\n<text x="9">0.5</text>', alt="falls to 0.8"), exact=False)
    assert compare(drawn, printed("falls to 0.5"), exact=False)
