"""Copies the lessons, without outputs, into a learner's own folder, and keeps the copies up to date.

`make lab` and a participant's container in the workshop run this when they start. It copies what the folder does not
have, and renews a copy that nobody has touched. A copy that the learner has touched stays as it is, and the course's
new version is put beside it. A copy counts as touched when the text of its cells, their order or their outputs
differ: outputs are a learner's work. What JupyterLab and the kernel write into metadata when they save does not count.

The folder's file .lessons holds the digest of each file's last version from the course. A lesson's slug identifies it,
so a copy follows a lesson that gets another number. Only the standard library is imported: a container starts with this.
"""

import hashlib
import itertools
import json
import os
import re
import shutil
import sys
import unicodedata
from pathlib import Path

GIVEN = ".lessons"
LARGEST = 64 << 20  # bytes; a larger file is not one of our copies and is not read
PROGRESS = "progress.json"  # which exercises are done; before there were copies it was beside the notebooks


def main():
    course, home = (Path(os.path.abspath(path)) for path in sys.argv[1:])
    try:
        home.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        sys.exit(f"{home} is in the way: it is no folder, and the lessons should come there")
    except OSError as error:
        sys.exit(f"The folder {home} cannot be made: {error.strerror}")
    for line in Copies(course, home).renew():
        print(line)


def slug(name):
    """A notebook's name without its number, which may have a letter: 03-slug, 03b-slug."""
    return re.sub(r"(^|/)\d+[a-z]?-(?=[^/]+$)", r"\1", name)


class Copies:
    def __init__(self, course, home):
        self.course, self.home = course, home
        names = {file: file.relative_to(course) for file in sorted(course.rglob("*")) if file.is_file()}
        self.files = {
            composed(name.as_posix()): file
            for file, name in names.items()
            if not name.name.startswith(PROGRESS) and not any(part.startswith(".") for part in name.parts)
        }
        self.given = self.read_given()
        self.first = not self.given
        self.failed = {}  # by the reason

    def renew(self):
        """Brings the copies up to date, and yields a line for each change that the learner should know of."""
        if not any(name.endswith(".ipynb") for name in self.files):
            yield f"There is no lesson in {self.course}"
            return
        if self.first:
            yield f"The lessons are in {self.home.name}: copies of your own, without outputs"
        yield from self.each(self.move_progress, [self.course / PROGRESS])
        yield from self.each(self.rename_or_retire, [name for name in self.given if name not in self.files])
        yield from self.each(self.put, self.files)
        yield from self.each(self.write_given, [GIVEN])
        for reason, (first, *more) in self.failed.items():
            yield f"{first}{f' and {len(more)} more' if more else ''} cannot be brought up to date in {self.home}: {reason}"

    def each(self, work, names):
        """Calls work with each name and yields the lines that it returns. An error does not stop the others."""
        for name in list(names):
            try:
                if said := work(name):
                    yield said
            except OSError as error:
                self.failed.setdefault(error.strerror, []).append(Path(name).name)
            except ValueError as error:
                yield f"{self.course / name} is no notebook: {error}"

    def put(self, name):
        """Copies a file of the course, beside the learner's if that was touched."""
        data = self.files[name].read_bytes()
        if name.endswith(".ipynb"):
            data = without_outputs(data)
        new, before = digest(name, data), self.given.get(name)
        to = self.find(name)
        now = digests(name, to)
        told = name.endswith(".ipynb") and not self.first
        said = None
        if now is None:
            write(to, data)
            said = told and f"{name} is {'there again' if before else 'new'}"
        elif before in now and new not in now:
            write(to, data)
            said = told and f"{name} is renewed"
        elif before != new and new not in now:
            beside = self.free(to, (before, new))
            write(beside, data)
            said = f"{name} has your changes and stays; its new version is {beside.name}"
        self.given[name] = new
        return said

    def free(self, to, ours):
        """A path beside a touched file for its new version: a free one, or that of an earlier, untouched version."""
        for number in itertools.count(1):
            beside = to.with_name(f"{to.stem}-new{number if number > 1 else ''}{to.suffix}")
            now = digests(to.name, beside)
            if now is None or now & set(ours):
                return beside

    def rename_or_retire(self, name):
        """Renames or removes the copy of a lesson that has another number now or is no longer in the course."""
        if not name.endswith(".ipynb"):
            return None  # data, which a touched lesson may read
        now = next((other for other in self.files if other.endswith(".ipynb") and slug(other) == slug(name)), None)
        copy = self.find(name)
        given = self.given.pop(name)
        untouched = given in (digests(name, copy) or ())
        if now and untouched and digests(now, self.find(now)) is None:
            copy.rename(self.home / now)
            self.given[now] = given
            return f"{name} is {now} now"
        if untouched:
            copy.unlink()
            return None if now else f"{name} is no longer in the course, and your copy was as it came: it is removed"
        if digests(name, copy) is None:
            return None
        return f"{name} has your changes and stays; in the course it is " + (f"{now} now" if now else "no more")

    def move_progress(self, old):
        to = self.home / PROGRESS
        if old.is_file() and digests(PROGRESS, to) is None:
            shutil.move(old, to)
            return f"{old.parent.name}/{PROGRESS}, the exercises that you have done, is in {self.home.name} now"

    def find(self, name):
        """The path of a file in the folder, whose name may be in another Unicode normal form, as on a Mac."""
        path = self.home / name
        if not name.isascii() and not path.exists() and path.parent.is_dir():
            return next((other for other in path.parent.iterdir() if composed(other.name) == path.name), path)
        return path

    def read_given(self):
        path = self.home / GIVEN
        try:
            if path.is_symlink() or not path.is_file() or path.stat().st_size > LARGEST:
                return {}
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return {}
        return {composed(name): digest for digest, mark, name in (line.partition("  ") for line in lines) if mark}

    def write_given(self, name):
        if self.given != self.read_given():
            write(self.home / name, "".join(f"{digest}  {name}\n" for name, digest in sorted(self.given.items())).encode())


def composed(name):
    return unicodedata.normalize("NFC", name)


def without_outputs(data):
    """A notebook without its outputs, and with links to the living figures' pages on JupyterLab's server."""
    nb = json.loads(data)
    try:
        for cell in nb["cells"]:
            if cell["cell_type"] == "code":
                cell["outputs"], cell["execution_count"] = [], None
            elif isinstance(cell["source"], str):
                cell["source"] = to_figures(cell["source"], "/static/figures")
            else:
                cell["source"] = [to_figures(line, "/static/figures") for line in cell["source"]]
    except (LookupError, TypeError) as error:
        raise ValueError(f"it has no {error}" if isinstance(error, KeyError) else error) from None
    return (json.dumps(nb, indent=1, ensure_ascii=False) + "\n").encode()


def to_figures(text, folder):
    """Text whose links to living figures lead to the figures' pages, which are in folder."""
    link = r"\((?:\.\./)+site/figures/README\.md#(([\w-]+)[^)\s]*)\)"
    return re.sub(link, lambda m: f"({folder}/{m[2]}.html#{m[1]})", text)


def digests(name, path):
    """The digests that identify a file: of a notebook, that of its cells and that of its bytes. Empty if something else
    has the name, such as a link or a folder; None if nothing has."""
    if path.is_symlink() or path.exists() and not (path.is_file() and path.stat().st_size <= LARGEST):
        return set()
    if not path.exists():
        return None
    data = path.read_bytes()
    return {digest(name, data), hashlib.sha256(data).hexdigest()}


def digest(name, data):
    """A digest of a file's bytes; of a notebook, of its cells in order with their outputs, except blank cells."""
    if name.endswith(".ipynb"):
        try:
            cells = [
                [cell["cell_type"], "".join(cell["source"]).rstrip(), cell.get("attachments") or {}, cell.get("outputs") or []]
                for cell in json.loads(data)["cells"]
            ]
            data = json.dumps([cell for cell in cells if any(cell[1:])], sort_keys=True).encode()
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            pass  # not a notebook: its bytes count
    return hashlib.sha256(data).hexdigest()


def write(to, data):
    """Writes a file completely or not at all."""
    to.parent.mkdir(parents=True, exist_ok=True)
    part = to.with_name(f".{to.name}.part")
    try:
        part.unlink(missing_ok=True)  # it may be a symbolic link
        part.write_bytes(data)
        part.replace(to)
    except OSError:
        part.unlink(missing_ok=True)
        raise


if __name__ == "__main__":
    main()
