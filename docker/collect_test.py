"""Collecting: names for every system, and homes that hold anything. The homes are volumes that are filled here."""

import io
import json
import subprocess
import zipfile

import pytest
from conftest import ROOT, docker

import inside
import portable


@pytest.mark.parametrize(("name", "wanted"), [
    ("lesson.ipynb", "lesson.ipynb"), ("한별 é.txt", "한별 é.txt"), ("e\u0301.txt", "é.txt"), ("con.txt", "_con.txt"), ("CON", "_CON"), ("aux .md", "_aux .md"),
    ("Lpt1.tar.gz", "_Lpt1.tar.gz"), ("com¹", "_com¹"), ("conin$", "_conin$"), ("console.txt", "console.txt"), ("a\\..\\..\\evil.txt", "a_.._.._evil.txt"),
    ("a:b?.txt", "a_b_.txt"), ("a\nb\x7f.txt", "a_b_.txt"), ("photo\u202egpj.txt", "photogpj.txt"), ("dots. . .", "dots"), ("...", "_"), (" ", "_"), ("", "_"),
    ("\udcff.txt", "_xff.txt"), ("x" * 300 + ".ipynb", "x" * 74 + ".ipynb"), ("\u2028.txt", "_.txt"), ("com1.", "_com1"),
])  # fmt: skip
def test_a_name_that_every_system_takes(name, wanted):
    assert portable.portable(name) == wanted
    assert portable.portable(wanted) == wanted


def test_paths_differ_on_a_system_that_ignores_capital_letters():
    names = portable.Names()
    ada = names.name("", "Ada", "ada"), names.name("", "ADA", "ada-2"), names.name("", "Ada", "ada")
    assert ada == ("Ada", "ADA (2)", "Ada")
    paths = ["a.txt", "A.txt", "b/x", "B/x", "b/X", "a:.txt", "a_.txt", "\udcff.txt", "_xff.txt", "e\u0301", "é"]
    got = [names.path("Ada", path) for path in paths]
    assert len({path.casefold() for path in got}) == len(paths)
    assert got[:4] == ["Ada/a.txt", "Ada/A (2).txt", "Ada/b/x", "Ada/B (2)/x"]
    assert [names.path("Ada", path) for path in paths] == got
    deep = names.path("Ada", "/".join(["folder"] * 30) + "/my.txt")
    assert len(deep) < 160 and deep.endswith("/my.txt")


PROJECT = "unrollcollect"

FILL = {
    "wild": r"""
import os, json
os.chdir(b"/home/learner")
def put(name, data=b"mine"):
    folder = os.path.dirname(name)
    if folder: os.makedirs(folder, exist_ok=True)
    open(name, "wb").write(data)
for name in (b"\xff.txt", b"new\nline.txt", b"con.txt", "photo\u202egpj.txt".encode(), b"a\\..\\evil.txt", b"A.txt", b"a.txt", "e\u0301.txt".encode(),
             b"x" * 240 + b".txt", b".hidden/x.txt", b"virus.exe", b"d/" * 40 + b"deep.txt"): put(name)
os.symlink(b"/etc/passwd", b"link.txt"); os.mkfifo(b"pipe.txt"); os.symlink(b"/", b"root")
put(b"mine.ipynb", json.dumps({"cells": []}).encode())
put(b"deep.ipynb", b"[" * 500_000); put(b"deep.json", b"[" * 500_000)
put(b"secret.txt"); os.chmod(b"secret.txt", 0)
put(b"locked/x.txt"); os.chmod(b"locked", 0)
""",
    "sparse": r"""
for n in range(6): open(f"/home/learner/sparse{n}.txt", "wb").truncate(1 << 30)
for n in range(6): open(f"/home/learner/small{n}.txt", "wb").truncate(60 << 20)
open("/home/learner/mine.ipynb", "w").write("{}")
""",
    "many": r"""
import os
os.mkdir("/home/learner/m")
for n in range(3000): open(f"/home/learner/m/{n}.txt", "w").write("x")
open("/home/learner/mine.ipynb", "w").write("{}")
""",
    "crowd": r"""
import os
for n in range(10500): os.mknod(f"/home/learner/{n}.txt")
open("/home/learner/mine.ipynb", "w").write("{}")
""",
    "normal": r"""
import json, sys
sys.path.insert(0, "/opt/unroll/tools/notebooks")
from copies import Copies
from pathlib import Path
home = Path("/home/learner")
list(Copies(Path("/opt/unroll/notebooks"), home).renew())
one, two, three, *_ = sorted(home.glob("0*.ipynb"))
book = json.loads(one.read_text()); book["metadata"]["x"] = 1; one.write_text(json.dumps(book))  # saved, not changed
book = json.loads(two.read_text())
cell = next(cell for cell in book["cells"] if cell["cell_type"] == "code"); cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "ran"}]
two.write_text(json.dumps(book))
(home / "notes.md").write_text("mine")
(home / "again.ipynb").write_bytes(three.read_bytes())  # a copy that is as it came
""",
}  # fmt: skip


@pytest.fixture(scope="module")
def filled(images):
    """A home for each of FILL."""
    try:
        for name, program in FILL.items():
            docker("volume", "create", "--label", f"unroll.project={PROJECT}", "--label", f"unroll.user={name}", f"{PROJECT}-{name}")
            docker("run", "--rm", "--network=none", "-v", f"{PROJECT}-{name}:/home/learner", "--entrypoint=/usr/bin/python3", "unroll-lab", "-c", program)
        yield
    finally:
        docker("volume", "rm", "-f", *(f"{PROJECT}-{name}" for name in FILL), check=False)


RUN = """
import sys, docker, collect, roll
roll.FILE = "/tmp/class.sqlite"
roll.Roll().enter("normal", "Nor: Mal", False)
collect.main(docker.APIClient(version="auto", timeout=120), sys.argv[1], sys.argv[2] == "all")
"""


def gather(which):
    """The zip, its report, and what was printed."""
    done = subprocess.run(["docker", "run", "--rm", "-v", "/var/run/docker.sock:/var/run/docker.sock", "unroll-hub", "python", "-c", RUN, PROJECT, which],
                          capture_output=True, timeout=300)  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    archive = zipfile.ZipFile(io.BytesIO(done.stdout))
    return archive, archive.read("report.txt").decode(), done.stderr.decode()


@pytest.fixture(scope="module")
def changed(filled):
    return gather("changed")


def part(report, name):
    """What the report says of one person."""
    return next(text for text in report.split("\r\n\r\n") if text.startswith(f"{name}:"))


def test_one_home_never_stops_the_others(changed):
    archive, _, _ = changed
    assert archive.testzip() is None
    assert {f"{name}/mine.ipynb" for name in ("wild", "sparse", "many")} <= set(archive.namelist())
    assert {name.split("/")[0] for name in archive.namelist()} >= {"wild", "sparse", "many", "Nor_ Mal", "report.txt"}


def test_names_in_the_zip_are_safe_and_different(changed):
    archive, report, _ = changed
    names = archive.namelist()
    assert len({name.casefold() for name in names}) == len(names)
    for name in names:
        for step in name.split("/"):
            assert portable.portable(step) == step
        assert len(name) <= 240
    wild = part(report, "wild")
    for shown in (r"\xff.txt is wild/_xff.txt here", r"new\nline.txt is", r"con.txt is wild/_con.txt here", r"photo\u202egpj.txt is wild/photogpj.txt here"):
        assert shown in wild
    assert archive.read("wild/_xff.txt") == b"mine" and archive.read("wild/deep.ipynb") == b"[" * 500_000


def test_each_file_that_is_left_out_is_named_with_the_reason(changed):
    _, report, said = changed
    wild = part(report, "wild")
    for line in ("link.txt: a link or no file", "pipe.txt: a link or no file", "root: a link or no file", "virus.exe: of another type",
                 "secret.txt: it cannot be read", "locked: it cannot be read", f"more than {inside.DEEP} folders deep"):  # fmt: skip
        assert line in wild
    assert "hidden" not in wild and "passwd" not in wild
    sparse = part(report, "sparse")
    assert sparse.count("larger than 64 MB") == 6 and sparse.count("more than 256 MB of one person") == 2
    many = part(report, "many")
    assert "more than 2000 files of one person" in many and "and 981 more" in many
    assert "more than" in part(report, "crowd")
    assert "report.txt" in said


def test_only_what_was_changed_unless_all_is_asked_for(changed):
    archive, report, _ = changed
    mine = {name for name in archive.namelist() if name.startswith("Nor_ Mal/")}
    lessons = sorted(path.name for path in (ROOT / "notebooks").glob("0*.ipynb"))
    assert mine == {f"Nor_ Mal/{lessons[1]}", "Nor_ Mal/notes.md"}
    assert "files of the course as they came" in part(report, "Nor_ Mal")
    everything, _, _ = gather("all")
    assert {f"Nor_ Mal/{lesson}" for lesson in lessons} | {"Nor_ Mal/again.ipynb"} <= set(everything.namelist())


def test_answers_are_read_in_any_pieces():
    sent = json.dumps({"path": "a", "bytes": 3}).encode() + b"\nx\ny" + json.dumps({"end": True, "bytes": 0}).encode() + b"\n"
    for size in (1, 2, 7, 1000):
        got = list(inside.frames(sent[i : i + size] for i in range(0, len(sent), size)))
        assert [(header.get("path"), content) for header, content in got] == [("a", b"x\ny"), (None, b"")]
    with pytest.raises(ValueError):
        list(inside.frames([b"x" * (inside.HEADER + 1)]))
