"""A learner's copies while a course changes: every way in which a file of theirs and the course's may have changed."""

import errno
import json
import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

import copies
from lessons import find
from samples import code, notebook, stream


class Course:
    """A course and a learner's folder, with notebooks that say a word."""

    def __init__(self, base):
        self.course, self.home = base / "notebooks", base / "my-lessons"
        (self.course / "data").mkdir(parents=True)
        self.home.mkdir()

    def write(self, name, text="first", output="3\n", folder=None):
        path = (folder or self.course) / name
        path.parent.mkdir(exist_ok=True)
        nb = notebook(f"# {text}", code("%%\nfmt.Println(1 + 2)", [stream(output)] if output else []))
        path.write_text(json.dumps(nb) if name.endswith(".ipynb") else text)
        return path

    def renew(self):
        return list(copies.Copies(self.course, self.home).renew())

    def save(self, name, change=lambda nb: None):
        """Saves a copy as JupyterLab does after a kernel has run: other formatting, other metadata."""
        path = self.home / name
        nb = json.loads(path.read_text())
        nb["metadata"]["language_info"] = {"name": "go", "version": "go1.26.8", "pygments_lexer": ""}
        for number, cell in enumerate(nb["cells"]):
            cell["id"] = f"n{number}"
            cell["metadata"] = {"trusted": True, "scrolled": True}
            if not isinstance(cell["source"], str):
                cell["source"] = "".join(cell["source"])
        change(nb)
        path.write_text(json.dumps(nb, separators=(",", ":")))

    def there(self):
        """Each file of the folder by its name, with the word that it says."""
        found = {}
        for path in sorted(self.home.rglob("*")):
            if path.is_file() and path.name != copies.GIVEN:
                text = path.read_text()
                if path.suffix == ".ipynb":
                    text = "".join(json.loads(text)["cells"][0]["source"]).removeprefix("# ")
                found[path.relative_to(self.home).as_posix()] = text
        return found


@pytest.fixture
def course(tmp_path):
    return Course(tmp_path)


def edit(nb):
    nb["cells"][0]["source"] = "# mine"


def run(nb):
    nb["cells"][1]["outputs"] = [stream("3\n")]
    nb["cells"][1]["execution_count"] = 1


def swap(nb):
    nb["cells"].reverse()


def test_the_first_start(course):
    course.write("01-a.ipynb"), course.write("ko/01-a.ipynb"), course.write("data/numbers.json", "[1]")
    course.write(".ipynb_checkpoints/01-a-checkpoint.ipynb"), course.write("progress.json.part", "{}")
    assert course.renew() == ["The lessons are in my-lessons: copies of your own, without outputs"]
    assert course.there() == {"01-a.ipynb": "first", "ko/01-a.ipynb": "first", "data/numbers.json": "[1]"}
    _, cell = json.loads((course.home / "01-a.ipynb").read_text())["cells"]
    assert cell["outputs"] == [] and cell["execution_count"] is None and cell["source"]
    assert course.renew() == []


def test_an_update_of_a_copy_that_nobody_touched(course):
    course.write("01-a.ipynb"), course.write("data/numbers.json", "[1]")
    course.renew()
    course.save("01-a.ipynb", lambda nb: nb["cells"].append(code("")))  # what running the last cell leaves
    course.write("01-a.ipynb", "second"), course.write("data/numbers.json", "[2]"), course.write("02-b.ipynb")
    assert course.renew() == ["01-a.ipynb is renewed", "02-b.ipynb is new"]
    assert course.there() == {"01-a.ipynb": "second", "02-b.ipynb": "first", "data/numbers.json": "[2]"}
    assert course.renew() == []


def test_new_outputs_alone_are_no_update(course):
    course.write("01-a.ipynb", output="3\n")
    course.renew()
    course.write("01-a.ipynb", output="4\n")
    assert course.renew() == []


@pytest.mark.parametrize("touch", [edit, run, swap, lambda nb: nb["cells"].pop()], ids=["edit", "run", "swap", "delete"])
def test_an_update_of_a_copy_that_was_touched(course, touch):
    course.write("01-a.ipynb")
    course.renew()
    course.save("01-a.ipynb", touch)
    mine = (course.home / "01-a.ipynb").read_bytes()
    assert course.renew() == []  # the course has nothing new
    course.write("01-a.ipynb", "second")
    assert course.renew() == ["01-a.ipynb has your changes and stays; its new version is 01-a-new.ipynb"]
    assert course.renew() == []  # said once
    course.write("01-a.ipynb", "third")
    assert course.renew() == ["01-a.ipynb has your changes and stays; its new version is 01-a-new.ipynb"]
    assert course.there()["01-a-new.ipynb"] == "third"
    course.save("01-a-new.ipynb", edit)
    course.write("01-a.ipynb", "fourth")
    assert course.renew() == ["01-a.ipynb has your changes and stays; its new version is 01-a-new2.ipynb"]
    assert course.there()["01-a-new.ipynb"] == "mine" and course.there()["01-a-new2.ipynb"] == "fourth"
    assert (course.home / "01-a.ipynb").read_bytes() == mine


def test_data_that_a_learner_changed_stays(course):
    course.write("01-a.ipynb"), course.write("data/reviews.tsv", "theirs")
    course.renew()
    (course.home / "data/reviews.tsv").write_text("mine")
    (course.home / "data/own.tsv").write_text("own")
    course.write("data/reviews.tsv", "new")
    assert course.renew() == ["data/reviews.tsv has your changes and stays; its new version is reviews-new.tsv"]
    assert course.there() == {
        "01-a.ipynb": "first", "data/reviews.tsv": "mine", "data/reviews-new.tsv": "new", "data/own.tsv": "own"
    }  # fmt: skip


def test_a_copy_that_was_removed_comes_again(course):
    course.write("01-a.ipynb")
    course.renew()
    (course.home / "01-a.ipynb").unlink()
    assert course.renew() == ["01-a.ipynb is there again"]


def test_a_lesson_that_left_the_course(course):
    for name in ("01-a.ipynb", "02-b.ipynb", "03-c.ipynb", "data/numbers.json"):
        course.write(name)
    course.renew()
    course.save("02-b.ipynb", run)
    for name in ("01-a.ipynb", "02-b.ipynb", "data/numbers.json"):
        (course.course / name).unlink()
    assert course.renew() == [
        "01-a.ipynb is no longer in the course, and your copy was as it came: it is removed",
        "02-b.ipynb has your changes and stays; in the course it is no more",
    ]
    assert course.there() == {"02-b.ipynb": "first", "03-c.ipynb": "first", "data/numbers.json": "first"}
    assert course.renew() == []


def test_lessons_with_other_numbers(course):
    for name in ("01-a.ipynb", "02-b.ipynb", "03-c.ipynb"):
        course.write(name)
    course.renew()
    course.save("02-b.ipynb", edit), course.save("03-c.ipynb")
    for old, new in (("03-c", "04-c"), ("02-b", "03-b")):
        (course.course / f"{old}.ipynb").rename(course.course / f"{new}.ipynb")
    course.write("04-c.ipynb", "4. first"), course.write("02-n.ipynb")
    assert course.renew() == [
        "02-b.ipynb has your changes and stays; in the course it is 03-b.ipynb now",
        "03-c.ipynb is 04-c.ipynb now",
        "02-n.ipynb is new",
        "03-b.ipynb is new",
        "04-c.ipynb is renewed",
    ]
    assert course.there() == {
        "01-a.ipynb": "first", "02-b.ipynb": "mine", "02-n.ipynb": "first", "03-b.ipynb": "first", "04-c.ipynb": "4. first"
    }  # fmt: skip
    assert course.renew() == []


def test_what_a_learner_has_in_the_place_of_a_new_lesson_stays(course):
    course.write("01-a.ipynb")
    course.renew()
    course.write("02-b.ipynb", "mine", folder=course.home)
    (course.home / "03-c.ipynb").mkdir()
    course.write("02-b.ipynb"), course.write("03-c.ipynb")
    assert course.renew() == [
        "02-b.ipynb has your changes and stays; its new version is 02-b-new.ipynb",
        "03-c.ipynb has your changes and stays; its new version is 03-c-new.ipynb",
    ]
    assert course.there() == {
        "01-a.ipynb": "first", "02-b.ipynb": "mine", "02-b-new.ipynb": "first", "03-c-new.ipynb": "first"
    }  # fmt: skip


def test_a_link_in_the_way_is_neither_followed_nor_replaced(course, tmp_path):
    course.write("01-a.ipynb"), course.write("02-b.ipynb")
    course.renew()
    outside = tmp_path / "outside"
    outside.write_bytes((course.home / "01-a.ipynb").read_bytes())
    kept = outside.read_bytes()
    for name in ("01-a.ipynb", ".02-b.ipynb.part", copies.GIVEN):
        (course.home / name).unlink(missing_ok=True)
        (course.home / name).symlink_to(outside)
    course.write("01-a.ipynb", "second"), course.write("02-b.ipynb", "second")
    course.renew()
    assert outside.read_bytes() == kept and (course.home / "01-a.ipynb").is_symlink()
    assert course.there()["01-a-new.ipynb"] == "second"


@pytest.mark.skipif(sys.platform == "darwin", reason="the file system makes them one")
def test_names_in_another_normal_form_are_the_same(course):
    name = "01-수업.ipynb"
    course.write(unicodedata.normalize("NFC", name))
    course.renew()
    (course.home / unicodedata.normalize("NFC", name)).rename(course.home / unicodedata.normalize("NFD", name))
    assert course.renew() == []
    course.write(unicodedata.normalize("NFC", name), "second")
    assert course.renew() == [f"{unicodedata.normalize('NFC', name)} is renewed"]
    assert list(course.there()) == [unicodedata.normalize("NFD", name)]


def test_a_disk_that_is_full(course, monkeypatch):
    for name in ("01-a.ipynb", "02-b.ipynb", "03-c.ipynb"):
        course.write(name)
    course.renew()

    def full(self, data):
        self.touch()
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self))

    for name in ("01-a.ipynb", "02-b.ipynb"):
        course.write(name, "second")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        assert course.renew() == [
            f"01-a.ipynb and 1 more cannot be brought up to date in {course.home}: No space left on device"
        ]
    assert set(course.there().values()) == {"first"} and not list(course.home.glob(".*.part"))
    assert course.renew() == ["01-a.ipynb is renewed", "02-b.ipynb is renewed"]


def test_a_folder_that_cannot_be_written(course, monkeypatch):
    course.write("01-a.ipynb")

    def refused(self, data):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(self))

    monkeypatch.setattr(Path, "write_bytes", refused)
    assert course.renew()[1:] == [f"01-a.ipynb cannot be brought up to date in {course.home}: Read-only file system"]


@pytest.mark.parametrize("content", ["", "<<<<<<< HEAD", "[]", '{"cells": [{}]}', '{"cells": 3}'])
def test_a_notebook_of_the_course_that_is_none(course, content):
    course.write("01-a.ipynb"), course.write("02-b.ipynb")
    course.renew()
    (course.course / "01-a.ipynb").write_text(content)
    course.write("02-b.ipynb", "second")
    broken, renewed = course.renew()
    assert broken.startswith(f"{course.course / '01-a.ipynb'} is no notebook: ") and renewed == "02-b.ipynb is renewed"
    assert course.there() == {"01-a.ipynb": "first", "02-b.ipynb": "second"}


@pytest.mark.parametrize("content", [b"", b"no notebook", b"[" * 100_000, b'{"cells": [3]}', b"\xff\xfe"])
def test_a_copy_that_is_none_is_the_learners(course, content):
    course.write("01-a.ipynb")
    course.renew()
    (course.home / "01-a.ipynb").write_bytes(content)
    course.write("01-a.ipynb", "second")
    assert course.renew() == ["01-a.ipynb has your changes and stays; its new version is 01-a-new.ipynb"]
    assert (course.home / "01-a.ipynb").read_bytes() == content


def test_a_giant_in_the_place_of_a_copy_is_not_read(course):
    course.write("01-a.ipynb")
    course.renew()
    for name in ("01-a.ipynb", copies.GIVEN):
        with open(course.home / name, "wb") as giant:
            giant.truncate(10**13)  # more than there is memory, and nothing on the disk
    assert course.renew()[1:] == ["01-a.ipynb has your changes and stays; its new version is 01-a-new.ipynb"]
    assert (course.home / "01-a.ipynb").stat().st_size == 10**13


def test_a_course_without_lessons_takes_nothing_away(course):
    course.write("01-a.ipynb")
    course.renew()
    (course.course / "01-a.ipynb").unlink()
    assert course.renew() == [f"There is no lesson in {course.course}"]
    assert course.there() == {"01-a.ipynb": "first"}


def test_copies_of_a_workshop_before_this_one_are_known(course):
    """They had their outputs, and their digest was that of the file."""
    old = course.write("01-a.ipynb").read_bytes()
    (course.home / "01-a.ipynb").write_bytes(old)
    (course.home / copies.GIVEN).write_text(f"{copies.hashlib.sha256(old).hexdigest()}  01-a.ipynb\nnonsense\n")
    assert course.renew() == ["01-a.ipynb is renewed"]
    assert json.loads((course.home / "01-a.ipynb").read_text())["cells"][1]["outputs"] == []


def test_what_a_learner_has_done_moves_along(course):
    course.write("01-a.ipynb")
    course.write("progress.json", '{"a": 1}')
    assert "notebooks/progress.json, the exercises that you have done, is in my-lessons now" in course.renew()
    assert (course.home / "progress.json").read_text() == '{"a": 1}' and not (course.course / "progress.json").exists()
    course.write("progress.json", '{"b": 1}')  # of somebody who works on the course itself
    assert course.renew() == []
    assert (course.home / "progress.json").read_text() == '{"a": 1}'


def test_links_to_living_figures(course):
    text = "T\n\n[Try it](../site/figures/README.md#a-b)\n\n[one](../../site/figures/README.md#a-b?x=1&y=2) [b](02-b.ipynb)"
    course.write("01-a.ipynb", text)
    course.renew()
    assert course.there()["01-a.ipynb"] == (
        "T\n\n[Try it](/static/figures/a-b.html#a-b)\n\n[one](/static/figures/a-b.html#a-b?x=1&y=2) [b](02-b.ipynb)"
    )


@pytest.mark.parametrize("make, said", [
    (lambda home: home.write_text("x"), "is in the way: it is no folder, and the lessons should come there"),
    (lambda home: home.symlink_to("/nowhere/at/all"), "is in the way: it is no folder, and the lessons should come there"),
    (lambda home: home.parent.chmod(0o500), "cannot be made: Permission denied"),
])
def test_a_folder_that_cannot_be_made(tmp_path, make, said):
    home = tmp_path / "there" / "my-lessons"
    home.parent.mkdir()
    make(home)
    if os.getuid() == 0 and "denied" in said:
        pytest.skip("root may")
    command = [sys.executable, copies.__file__, str(find()[0].path.parent), str(home)]
    done = subprocess.run(command, text=True, capture_output=True)
    home.parent.chmod(0o700)
    assert done.returncode == 1 and said in done.stderr and done.stderr.count("\n") == 1


def test_the_course_as_committed(tmp_path):
    base = find()[0].path.parent
    home = tmp_path / "my-lessons"
    home.mkdir()
    list(copies.Copies(base, home).renew())
    for lesson in find():
        nb = json.loads((home / f"{lesson.name}.ipynb").read_text())
        assert not any(cell.get("outputs") for cell in nb["cells"])
        assert "README.md#" not in json.dumps(nb)
    assert {path.name for path in base.glob("data/*")} == {path.name for path in home.glob("data/*")}
