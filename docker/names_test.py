"""Whatever a person types at the door is a name; the account is made from it, one for each name."""

import itertools
import re
import sys
import unicodedata
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).with_name("hub")))

import names  # noqa: E402

TYPED = [
    "ada", "seat-01", "ada lovelace", "김 민수", "ada@uni.edu", "O'Brien", "प्रिया", "กิตติ", "מֹשֶׁה", "İlker", "José", "김민수", "Nguyễn Thị Ánh",
    "🦊", "👩‍👩‍👧‍👦", "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "x" * 64, "ก" * 64, "नि" * 64, "👩🏽‍💻" * 64, "a.b", "a-b", "a_b",
    "a b", "ab", "-", "..", ".", "con", "../../etc/passwd", "<script>alert(1)</script>", "%2e%2e", "a/b", "a\\b", "name", "?", "{{1+1}}", "'; DROP",
    "ada-2", "ada 2", "weiß", "weiss", "аda", "ａｄａ", "١٢٣", "می‌خواهم", "میخواهم", "a" * 20, "a" * 21, "İ", "i", "ı", "new", "hub",
]  # fmt: skip


@pytest.mark.parametrize("typed", TYPED)
def test_is_taken_and_shown_as_typed(typed):
    assert names.shown(typed) == unicodedata.normalize("NFC", typed)
    assert re.fullmatch("[a-z0-9][a-z0-9_-]{0,40}", names.account(typed))
    for form in ("NFC", "NFD"):
        assert names.shown(unicodedata.normalize(form, f" {typed}  ")) == names.shown(typed)
        for same in (typed.upper() if typed.upper().lower() == typed.lower() else typed, f"  {typed} ", f"\u200f{typed}\u200e"):
            assert names.account(unicodedata.normalize(form, same)) == names.account(typed)


def test_no_two_names_have_one_account():
    many = TYPED + ["".join(name) for n in (1, 2, 3) for name in itertools.product("a-_. 1é@", repeat=n) if "".join(name).strip()]
    same = {}
    for typed in many:
        same.setdefault(names.account(typed), set()).add(" ".join(unicodedata.normalize("NFC", typed.lower()).split()))
    assert [group for group in same.values() if len(group) > 1] == []


def test_nobody_gets_an_account_by_typing_what_it_is_called():
    for typed in TYPED:
        name = names.account(typed)
        assert len(name) <= 20 or names.account(name) != name


@pytest.mark.parametrize(("typed", "rule"), [
    ("", "letter"), ("   ", "letter"), ("\u200b", "letter"), ("\u3164", "letter"), ("\u200d \u200c", "letter"), ("\u0301", "letter"),
    ("a\x00b", "cannot be shown"), ("a\x1bb", "cannot be shown"), ("a\ue000", "cannot be shown"), ("a\ud800", "cannot be shown"),
    ("x" * 65, "64"), ("ก" * 65, "64"), ("👩🏽‍💻" * 65, "64"), ("a" + "\u0301" * 600, "64"),
])  # fmt: skip
def test_what_is_refused_is_said(typed, rule):
    with pytest.raises(names.Refused, match=rule):
        names.account(typed)


def test_invisible_marks_make_no_second_name():
    assert names.shown("a\u202eda") == "ada" and names.account("a\u200bda") == names.account("ada\u200d") == "ada"


def test_the_roll_tells_two_people_with_one_name(tmp_path):
    from roll import Roll

    roll = Roll(tmp_path / "roll")
    assert roll.enter("ada", "Ada", False, now=1000) is None
    assert roll.enter("ada", "ADA", True, now=2000) is None  # the same browser again
    assert roll.enter("ada", "ada", False, now=3000) == 2000
    assert roll.shown("ada") == "Ada" and roll.browsers() == {"ada": 2} and roll.shown("ben") == "ben"
