"""Participants' progress files: old names and new, and anything that a file can contain."""

import json
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).with_name("hub")))

import progress  # noqa: E402

EXERCISES = ["order-matters/words", "gradient-decay/half-life", "gradient-decay/clip", "attention/attend", "sentiment/x"]


def read(content):
    return progress.read(content if isinstance(content, (bytes, str)) else json.dumps(content), EXERCISES)


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        ({"03-half-life": True}, {"gradient-decay/half-life": True}),
        ({"gradient-decay/half-life": False}, {"gradient-decay/half-life": False}),
        ({"03-clip": True, "gradient-decay/clip": False}, {"gradient-decay/clip": True}),
        ({"gradient-decay/clip": True, "03-clip": False}, {"gradient-decay/clip": True}),
        ({"08-attend": True}, {"attention/attend": True}),
        ({"both-directions/attend": True}, {"attention/attend": True}),
        ({"09-x": False, "10-x": True, "03-none": True, "double": True}, {"sentiment/x": False}),
    ],
)
def test_names(content, wanted):
    assert read({name: {"tries": 1, "solved": solved} for name, solved in content.items()}) == wanted


def test_invented_exercises_are_not_shown():
    assert read({f"gradient-decay/{n}": {"solved": True} for n in range(500)} | {"<script>": {"solved": True}}) == {}


@pytest.mark.parametrize("content", [
    b"[" * 200_000, b'{"a":' * 200_000, b"\xff\xfe", b"", b"null", b"3", b"[]", b'"x"', b"1" * 10_000,
], ids=lambda content: repr(content[:12]))  # fmt: skip
def test_a_file_that_cannot_be_read(content):
    assert read(content) is None


@pytest.mark.parametrize("content", [
    b'{"\\ud800": {"solved": true}}', {"a": 1}, {"03-clip": 1}, {"03-clip": []}, {"03-clip": None}, {"03-clip": True}, b'{"a": NaN}',
    b'{"a": 1e999999}',
], ids=repr)  # fmt: skip
def test_nonsense_in_a_file_is_left_out(content):
    assert read(content) == {}


@pytest.mark.parametrize("solved", ["yes", 1, [0], None])
def test_solved_is_true_or_false(solved):
    assert read({"03-clip": {"solved": solved}}) == {"gradient-decay/clip": False}


def test_the_kernel_has_the_same_lessons():
    text = Path(__file__).parents[1].joinpath("exercise/progress.go").read_text()
    numbered = re.search(r"numbered = \[\.\.\.\]string\{(.*?)\}", text, re.S)[1]
    assert tuple(re.findall(r'"(.*?)"', numbered)) == progress.NUMBERED
    moved = re.search(r"moved = map\[string\]string\{(.*?)\}", text, re.S)[1]
    assert dict(re.findall(r'"(.*?)": "(.*?)"', moved)) == progress.MOVED
