"""The lesson notebooks as files: finding them, reading them, and writing them
so that the same content always gives the same bytes."""

import contextlib
import fcntl
import hashlib
import json
import re
import shutil
from pathlib import Path

import nbformat

from copies import slug

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ROOT / "notebooks"
BUILD = ROOT / "build"


class Problem(Exception):
    """Something the person at the terminal has to know; its text says what to do."""


class Lesson:
    """A notebook. Its name is its file's: NN-slug, ko/NN-slug or glossary. Its slug, the name without
    the number, identifies it; the number is only its place in the course."""

    def __init__(self, path, base=NOTEBOOKS):
        self.path = Path(path)
        self.name = self.path.relative_to(base).with_suffix("").as_posix()
        self.slug = slug(self.name)
        self.language = (self.name.rpartition("/")[0] or "en").partition("/")[0]  # the folder's name
        self.numbered = self.slug != self.name  # a lesson, not a page beside the lessons

    def begins(self, name):
        return self.name.startswith(name) or self.slug.startswith(name)


def find(names=(), base=NOTEBOOKS, language="en"):
    """The lessons of a language, or of all with None, in reading order; with names, those whose name or slug starts with one
    of them."""
    every = [
        lesson
        for path in sorted(base.rglob("*.ipynb"))
        if not any(part.startswith(".") for part in path.relative_to(base).parts)
        and (lesson := Lesson(path, base)).language in (language, language or lesson.language)
    ]
    if not every:
        raise Problem(f"there is no lesson in {base}")
    known = {}
    for lesson in every:
        other = known.setdefault(lesson.slug, lesson)
        if other is not lesson:
            raise Problem(f"{other.name} and {lesson.name} are one lesson by their names: rename one")
    for name in names:
        if not any(lesson.begins(name) for lesson in every):
            there = ", ".join(lesson.name for lesson in every)
            raise Problem(f"no lesson begins with {name!r}; there are {there}")
    return [lesson for lesson in every if not names or any(map(lesson.begins, names))]


def read(path):
    """The notebook at path, every cell with an id."""
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
        if content.get("nbformat") != 4:
            raise ValueError("it is not of format 4")
        # nbformat would fill a missing id with a random one, so it is filled here.
        content["nbformat_minor"] = max(content.get("nbformat_minor", 0), 5)
        for number, cell in enumerate(content["cells"]):
            if not cell.get("id"):
                seed = f"{number} {cell.get('source', '')}"
                cell["id"] = hashlib.sha256(seed.encode()).hexdigest()[:8]
        nb = nbformat.reads(json.dumps(content), as_version=4)
        nbformat.validate(nb)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, nbformat.ValidationError) as error:
        first = str(error).splitlines()[0]
        raise Problem(f"{path} cannot be read as a notebook: {first}") from error
    return nb


def write(nb, path):
    """Writes nb to path, leaving either the old file or the whole new one."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_text(dump(nb), encoding="utf-8")
    part.replace(path)


@contextlib.contextmanager
def alone(folder):
    """Lets one process at a time make a folder; the next one waits, and says so."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(folder.with_name(f"{folder.name}.lock"), "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"Waiting for another run that makes {folder.name} …", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def renew(folder, key, make):
    """Makes a folder anew by make(part), unless it was made of what key stands for. An interrupted run leaves it as it was."""
    mark = folder / "key"
    if mark.exists() and mark.read_text() == key:
        return
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    make(part)
    (part / "key").write_text(key)
    shutil.rmtree(folder, ignore_errors=True)
    part.rename(folder)


def dump(nb):
    """The text of a notebook file: keys sorted, indented by one, newline at the end."""
    return nbformat.writes(nb).rstrip("\n") + "\n"


def kernel(language):
    """The name of the kernel whose cells speak a language; kernel/install.py makes one for each."""
    return "gonb" if language == "en" else f"gonb-{language}"


# The line by which a notebook leads to itself in another language; pages do so at their top.
EDITIONS = re.compile(r"(?:\n\n)?^\[[^\]]+\]\((?:\w+/|\.\./)[\w-]+\.ipynb\)(?: · \[[^\]]+\]\((?:\w+/|\.\./)[\w-]+\.ipynb\))*$", re.M)


# What a front end or a run leaves in a cell's metadata and no reader needs.
PASSING = ("ExecuteTime", "collapsed", "execution", "scrolled", "trusted", "vscode")


def normalize(nb, language="en"):
    """Removes from nb, in place, what depends on the run, the machine or the editor; names the kernel of its language."""
    nb.metadata = nbformat.from_dict({
        "kernelspec": {"display_name": "Go (gonb)" if language == "en" else f"Go (gonb, {language})", "language": "go", "name": kernel(language)},
        # As the kernel reports it, so that JupyterLab has nothing to change in a lesson that is only opened.
        "language_info": {
            "file_extension": ".go",
            "mimetype": "text/x-go",
            "name": "go",
            "pygments_lexer": "go",
        },
    })
    scrub = Scrub()
    count = 0
    for cell in nb.cells:
        for key in PASSING:
            cell.metadata.pop(key, None)
        if cell.cell_type != "code":
            continue
        count += 1
        cell.execution_count = count
        cell.outputs = tidy_streams(cell.outputs)
        for output in cell.outputs:
            if output.output_type == "stream":
                output.text = scrub(output.text)
            elif output.output_type == "error":
                output.evalue = scrub(output.evalue)
                output.traceback = [scrub(line) for line in output.traceback]
            else:
                for kind, value in output.data.items():
                    if isinstance(value, str) and not kind.startswith("image/png"):
                        output.data[kind] = scrub(value)
                if "execution_count" in output:
                    output.execution_count = count
    return nb


def tidy_streams(outputs):
    """Joins adjacent pieces of a stream, which are cut at random, puts stdout before stderr,
    and keeps only the last state of a line that was updated in place."""
    tidy = []
    for output in outputs:
        if output.output_type != "stream":
            tidy.append(output)
            continue
        same = [o for o in tail_streams(tidy) if o.name == output.name]
        if same:
            same[0].text += output.text
        elif output.name == "stdout":
            tidy.insert(len(tidy) - len(tail_streams(tidy)), output)
        else:
            tidy.append(output)
    for output in tidy:
        if output.output_type == "stream":
            output.text = re.sub(r"[^\n]*\r(?!\n|$)", "", output.text)
    return tidy


def tail_streams(outputs):
    """The streams that outputs end with."""
    start = len(outputs)
    while start and outputs[start - 1].output_type == "stream":
        start -= 1
    return outputs[start:]


class Scrub:
    """Replaces what differs from run to run in what a cell printed: GoNB's random
    names by numbers in order of appearance; directories and addresses by nothing."""

    def __init__(self):
        self.names = {}

    def __call__(self, text):
        text = text.replace(f"{ROOT}/", "")
        text = re.sub(r"(?<![\w/])\.unroll/tmp/[^\s\"'<>:]*/(?=[^\s/\"'<>]+\.go:\d)", "", text)
        text = re.sub(r"(?<![\w/])/[^\s\"'<>:]*/(?=[^\s/\"'<>]+\.go:\d)", "", text)
        text = re.sub(r"\(\{?0x[^)\n]*\)", "(…)", text)
        text = re.sub(r" \+0x[0-9a-f]+", "", text)
        return re.sub(
            r"gonb_(id_)?[0-9a-f]{8,}",
            lambda m: self.names.setdefault(m[0], f"gonb_{len(self.names) + 1}"),
            text,
        )
