"""Gives a learner copies of the lessons, without outputs, in a folder of their own, and keeps them up to date.

`make lab` and a participant's container in the workshop run it when they start. What the course has anew is copied; a
copy that nobody touched is renewed; one that was touched stays, and the course's new version is laid beside it. A copy
is touched when its cells say something else or have outputs: to run a lesson is work, too. That JupyterLab saved it,
and what the kernel wrote into its metadata, does not count.

The folder's file .lessons has, of each file, the digest of what the course gave last. A lesson that got another number
is known by its slug. It takes the standard library alone, for a container starts with it.
"""

import hashlib
import itertools
import json
import re
import shutil
import sys
import unicodedata
from pathlib import Path

GIVEN = ".lessons"
LARGEST = 64 << 20  # bytes of a file that are looked into; a larger one is no copy of ours
PROGRESS = "progress.json"  # which exercises are done; it lay beside the notebooks when learners worked on these


def main():
    course, home = map(Path, sys.argv[1:])
    try:
        home.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        sys.exit(f"{home} is in the way: it is no folder, and the lessons should come there")
    except OSError as error:
        sys.exit(f"The folder {home} cannot be made: {error.strerror}")
    for line in Copies(course, home).renew():
        print(line)


def slug(name):
    """A notebook's name without its number, with which a letter may stand: 03-slug, 03b-slug."""
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
        """Brings the copies up to date, and yields a line for everything that the learner has to know."""
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
        """What work says of each; one that cannot be done does not keep the others from it."""
        for name in list(names):
            try:
                if said := work(name):
                    yield said
            except OSError as error:
                self.failed.setdefault(error.strerror, []).append(Path(name).name)
            except ValueError as error:
                yield f"{self.course / name} is no notebook: {error}"

    def put(self, name):
        """Copies a file of the course, unless the learner's has to stay."""
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
        """Where the new version of a file goes that stays: not where the learner has something."""
        for number in itertools.count(1):
            beside = to.with_name(f"{to.stem}-new{number if number > 1 else ''}{to.suffix}")
            now = digests(to.name, beside)
            if now is None or now & set(ours):
                return beside

    def rename_or_retire(self, name):
        """Does with a lesson's copy what the course did with the lesson: it has another number now, or is gone."""
        if not name.endswith(".ipynb"):
            return None  # data, which a lesson that stays may read
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
        """The path of a file of the folder; a Mac may have written its name in another normal form."""
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
    """A notebook as a learner gets it: no outputs, and links to living figures that JupyterLab opens."""
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
    """What a file may be known by, for a notebook its content or its bytes; none if something else is there that has
    to stay, and None if there is nothing."""
    if path.is_symlink() or path.exists() and not (path.is_file() and path.stat().st_size <= LARGEST):
        return set()
    if not path.exists():
        return None
    data = path.read_bytes()
    return {digest(name, data), hashlib.sha256(data).hexdigest()}


def digest(name, data):
    """A digest of what a file says: of a notebook, its cells in their order with their outputs; a blank one says nothing."""
    if name.endswith(".ipynb"):
        try:
            cells = [
                [cell["cell_type"], "".join(cell["source"]).rstrip(), cell.get("attachments") or {}, cell.get("outputs") or []]
                for cell in json.loads(data)["cells"]
            ]
            data = json.dumps([cell for cell in cells if any(cell[1:])], sort_keys=True).encode()
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            pass  # the bytes, then
    return hashlib.sha256(data).hexdigest()


def write(to, data):
    """Writes a file whole or not at all."""
    to.parent.mkdir(parents=True, exist_ok=True)
    part = to.with_name(f".{to.name}.part")
    try:
        part.unlink(missing_ok=True)  # it may be a link to elsewhere
        part.write_bytes(data)
        part.replace(to)
    except OSError:
        part.unlink(missing_ok=True)
        raise


if __name__ == "__main__":
    main()
