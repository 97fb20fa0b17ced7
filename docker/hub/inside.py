"""Runs in a container of its own with one participant's home: reads it within bounds, or puts files into it.

Nothing of the participant's is executed, and nothing but this home can be reached, whatever the files are. Answers are frames on
the standard output: a line of JSON that ends in the number of bytes that follow it.

    python3 -c THIS course LANGUAGE   the lessons and exercises of the image
    python3 -c THIS notebooks         the notebooks of the home, the last saved first
    python3 -c THIS read ADDRESS      one file, whose path has %XX for bytes that are no plain text
    python3 -c THIS collect all|changed
    python3 -c THIS put               what is in /handout
"""

import json
import os
import re
import stat
import sys
import time
from pathlib import Path
from urllib.parse import unquote_to_bytes

HOME = "/home/learner"
COURSE = "/opt/unroll"
HANDOUT = "/handout"

MB = 1 << 20
LARGEST = 64 * MB  # a file that is collected
SUM = 256 * MB  # of one person
NUMBER = 2000  # files of one person
ENTRIES = 10_000  # names that are looked at
DEEP = 16
SECONDS = 60
KEPT = (".ipynb", ".json", ".go", ".py", ".md", ".txt", ".csv", ".png", ".jpg", ".jpeg", ".svg", ".pdf", ".safetensors")
NOTEBOOKS = 200  # that are listed
HEADER = 1 * MB  # an answer's first line
READ = 16 * MB  # a notebook that is compared or shown


def answer(content=b"", **header):
    sys.stdout.buffer.write(json.dumps(header | {"bytes": len(content)}).encode() + b"\n" + content)
    sys.stdout.buffer.flush()


def frames(chunks):
    """The answers in a stream of bytes, as (header, content): how the other side reads them."""
    data = bytearray()
    for chunk in chunks:
        data += chunk
        while (end := data.find(b"\n")) >= 0:
            header = json.loads(data[:end])
            if len(data) < end + 1 + header["bytes"]:
                break
            yield header, bytes(data[end + 1 : end + 1 + header["bytes"]])
            del data[: end + 1 + header["bytes"]]
        else:
            if len(data) > HEADER:
                raise ValueError("an answer without an end")


class TooMuch(Exception):
    """A bound of the whole home was met: its name."""


def walk(root, left, skip_hidden=True):
    """Yields (path below root, its stat) of each regular file, without following links."""
    folders, seen = [("", 0)], 0
    while folders:
        folder, depth = folders.pop()
        try:
            with os.scandir(os.path.join(root, folder)) as entries:
                for entry in entries:
                    seen += 1
                    if seen > ENTRIES:
                        raise TooMuch("number")
                    if skip_hidden and entry.name.startswith("."):
                        continue
                    path = os.path.join(folder, entry.name)
                    info = entry.stat(follow_symlinks=False)
                    if stat.S_ISREG(info.st_mode):
                        yield path, info
                    elif not stat.S_ISDIR(info.st_mode):
                        left(path, "link")
                    elif depth + 1 > DEEP:
                        left(path, "deep")
                    else:
                        folders.append((path, depth + 1))
        except OSError:
            left(folder or ".", "unreadable")


def read(path, most):
    """A regular file's bytes, at most so many; a link, pipe or device in its place is an OSError."""
    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError("no regular file")
        return file.read(most)


def course(language):
    from copies import slug

    sources = sorted(Path(COURSE, "exercise").glob("*.go"))
    exercises = [name for source in sources for name in re.findall(r'Name:\s+"([a-z0-9-]+/[a-z0-9-]+)"', source.read_text())]
    lessons = []
    for path in sorted(Path(COURSE, "notebooks", "" if language == "en" else language).glob("[0-9]*.ipynb")):
        cells = json.loads(path.read_text())["cells"]
        title = next((line for cell in cells for line in "".join(cell["source"]).splitlines() if line.startswith("# ")), path.stem)
        lessons.append([slug(path.stem), title.lstrip("# ")])
    answer(lessons=lessons, exercises=exercises)


def notebooks():
    found, complete = [], True
    try:
        found += [(info.st_mtime, path) for path, info in walk(HOME, lambda *_: None) if path.endswith(".ipynb")]
    except TooMuch:
        complete = False
    found.sort(reverse=True)
    answer(notebooks=[[path, saved] for saved, path in found[:NOTEBOOKS]], complete=complete and len(found) <= NOTEBOOKS)


def read_one(address):
    path = os.fsdecode(unquote_to_bytes(address))
    parts = path.split("/")
    if path.startswith("/") or ".." in parts or "" in parts:
        return answer(why="absent")
    try:
        content = read(os.path.join(HOME, path), READ + 1)
        saved = os.stat(os.path.join(HOME, path)).st_mtime
    except (OSError, ValueError):
        return answer(why="absent")
    if len(content) > READ:
        return answer(why="large")
    return answer(content, saved=saved)


def collect(everything):
    """The notebooks first, so that other files cannot use up what is for them."""
    import copies

    end, taken, number, as_they_came, left = time.monotonic() + SECONDS, 0, 0, 0, []
    given = set()
    if not everything:
        there = copies.Copies(Path(COURSE, "notebooks"), Path(HOME))
        given.update(there.given.values())
        for name, file in there.files.items():
            data = file.read_bytes()
            given.add(copies.digest(name, copies.without_outputs(data) if name.endswith(".ipynb") else data))
    files, over = [], None
    try:
        files += walk(HOME, lambda *one: left.append(one))
    except TooMuch as bound:
        over = str(bound)
        left.append((".", over))
    for path, info in sorted(files, key=lambda file: (not file[0].endswith(".ipynb"), file[0])):
        suffix = os.path.splitext(path)[1].lower()
        why = (
            "time" if time.monotonic() > end
            else "type" if suffix not in KEPT
            else "large" if info.st_size > LARGEST
            else "sum" if taken + info.st_size > SUM
            else "number" if number >= NUMBER
            else None
        )  # fmt: skip
        if why:
            left.append((path, why))
            continue
        try:
            content = read(os.path.join(HOME, path), LARGEST + 1)
        except OSError:
            left.append((path, "unreadable"))
            continue
        if len(content) > LARGEST:
            left.append((path, "large"))
        elif given and len(content) <= READ and copies.digest(path, content) in given:
            as_they_came += 1
        else:
            taken, number = taken + len(content), number + 1
            answer(content, path=path, saved=info.st_mtime)
    by_reason = {}
    for path, why in sorted(left, key=lambda one: (not one[0].endswith(".ipynb"), one[0])):
        by_reason.setdefault(why, []).append(path)
    answer(end=True, as_they_came=as_they_came, left={why: [paths[:20], len(paths)] for why, paths in by_reason.items()})


def put():
    """Puts each file and folder of the hand-out into the home under a name that is free."""
    os.umask(0o077)
    names = []
    for entry in sorted(os.scandir(HANDOUT), key=lambda entry: entry.name):
        stem, suffix = (entry.name, "") if entry.is_dir() else os.path.splitext(entry.name)
        for number in range(1, 1000):
            name = entry.name if number == 1 else f"{stem} ({number}){suffix}"
            try:
                (put_folder if entry.is_dir() else put_file)(entry.path, os.path.join(HOME, name))
                names.append(name)
                break
            except FileExistsError:
                continue
    answer(names=names)


def put_file(source, to):
    """Writes it completely or not at all: the link fails where the name is taken."""
    part = f"{os.path.dirname(to)}/.{os.getpid()}-{time.monotonic_ns()}.part"
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(Path(source).read_bytes())
        os.link(part, to, follow_symlinks=False)
    finally:
        Path(part).unlink(missing_ok=True)


def put_folder(source, to):
    os.mkdir(to)
    for entry in os.scandir(source):
        (put_folder if entry.is_dir() else put_file)(entry.path, os.path.join(to, entry.name))


def main(command, *arguments):
    sys.path[:0] = [f"{COURSE}/tools/notebooks"]
    sys.dont_write_bytecode = True
    try:
        if command == "collect":
            collect(arguments[0] == "all")
        else:
            {"course": course, "notebooks": notebooks, "read": read_one, "put": put}[command](*arguments)
    except OSError as error:
        answer(error=os.strerror(error.errno or 0))
    except MemoryError:
        answer(error="memory")


if __name__ == "__main__":
    main(*sys.argv[1:])
