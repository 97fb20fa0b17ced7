"""The names in participants' progress files, old and new."""

import json
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).with_name("hub")))

import progress  # noqa: E402


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        ({"03-half-life": True}, {"gradient-decay/half-life": True}),
        ({"gradient-decay/half-life": False}, {"gradient-decay/half-life": False}),
        ({"03-clip": True, "gradient-decay/clip": False}, {"gradient-decay/clip": True}),
        ({"gradient-decay/clip": True, "03-clip": False}, {"gradient-decay/clip": True}),
        ({"10-x": True, "00-x": True, "double": False}, {"10-x": True, "00-x": True, "double": False}),
        ({"09-" + "x" * 1000: True}, {"sentiment/" + "x" * 50: True}),
        ({"y" * 1000: True}, {"y" * 60: True}),
    ],
)
def test_names(content, wanted):
    content = json.loads(json.dumps({name: {"tries": 1, "solved": solved} for name, solved in content.items()}))
    assert progress.read(content) == wanted


def test_a_file_of_many_names_is_cut():
    assert len(progress.read({str(n): {"solved": True} for n in range(10_000)})) == 500


def test_nonsense_is_an_error_that_the_page_expects():
    for content in ([], "x", None, 3, {"a": 1}, {"a": {}}, {"a": []}, {"a": None}):
        with pytest.raises((AttributeError, KeyError, TypeError)):
            progress.read(content)


def test_the_kernel_has_the_same_lessons():
    text = Path(__file__).parents[1].joinpath("exercise/progress.go").read_text()
    numbered = re.search(r"numbered = \[\.\.\.\]string\{(.*?)\}", text, re.S)[1]
    assert tuple(re.findall(r'"(.*?)"', numbered)) == progress.NUMBERED
