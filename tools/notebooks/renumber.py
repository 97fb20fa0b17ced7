"""Numbers the lessons in the order of their files' names, and everything that tells a lesson's number.

A lesson is known by its slug. Its number stands in the name of its file, NN-slug.ipynb, and from there
it comes into the heading, into every link to the lesson, its text and its address, into the last line
of the lesson before, and into README's table. To insert a lesson behind the first, name it
01b-slug.ipynb; to make the fourth the second, name it 02-slug.ipynb. The translations of a lesson
follow it.
"""

import re

from lessons import ROOT, Problem, find, read, write

HEADING = re.compile(r"\A# (?:(\d+)\. )?(.+)")
FILE = r"(?<![\w-])\d+[a-z]?-(?P<slug>[\w-]+)\.ipynb"
LINK = re.compile(rf"(\[(?:[Ll]essons?\s+)?)\d+((?:\. [^\]]*)?\]\((?:[\w.-]+/)*{FILE})")
NEXT = re.compile(r"\*\*Next:\*\* (.*)\Z")
ROWS = re.compile(rf"(?:^\| \d+ \| \[.*{FILE}.*\n)+", re.M)


def renumber(root=ROOT):
    """Mends a checkout, and returns what became of the files that have another name now."""
    notebooks = {lesson: read(lesson.path) for lesson in find(base=root / "notebooks")}
    lessons = [lesson for lesson in notebooks if lesson.numbered]
    heads = {lesson: HEADING.match(notebooks[lesson].cells[0].source) for lesson in lessons}
    for lesson in lessons:
        if not heads[lesson]:
            raise Problem(f"{lesson.name} has no title: its first cell must begin with a # heading")

    def place(lesson):
        number, letter = re.match(r"(\d+)([a-z]?)", lesson.name).groups()
        # Of two files with one number the lesson that came from behind, as its heading tells, goes first,
        # and the lesson that came from before goes last: in the end it has the number.
        was = heads[lesson][1] or int(number) + 1
        return int(number), letter, int(number) - int(was)

    row = sorted((lesson for lesson in lessons if "/" not in lesson.name), key=place)
    numbers = {lesson.slug: number for number, lesson in enumerate(row, 1)}
    last = next(filter(None, (says_next(notebooks[lesson]) for lesson in row)), "")
    for lesson, after in zip(row, [*row[1:], None]):
        link = after and f"[{numbers[after.slug]}. {heads[after][2]}]({after.path.name})"
        say_next(notebooks[lesson], link or last)

    moved = []
    for lesson, nb in notebooks.items():
        number = numbers.get(lesson.slug.rpartition("/")[2])
        if lesson in heads and number:
            nb.cells[0].source = HEADING.sub(rf"# {number}. \2", nb.cells[0].source)
        for cell in nb.cells:
            if cell.cell_type == "markdown":
                cell.source = mended(cell.source, numbers)
        if nb != read(lesson.path):
            write(nb, lesson.path)
        name = mended(lesson.path.name, numbers)
        if name != lesson.path.name:
            lesson.path.rename(lesson.path.with_name(name))
            moved.append(f"{lesson.path.name} is {name}")
    for file in texts(root):
        text = file.read_text(encoding="utf-8")
        if mended(text, numbers) != text:
            file.write_text(mended(text, numbers), encoding="utf-8")
    return moved


def texts(root):
    """The documents and programs that may name a lesson's file."""
    for top in root.iterdir():
        if top.is_dir() and not top.name.startswith(".") and top.name != "build":
            yield from (file for end in ("md", "py") for file in top.rglob(f"*.{end}"))
        elif top.suffix == ".md":
            yield top


def mended(text, numbers):
    """A text with the lessons' numbers in its links, names of files, and table."""

    def number(match):
        return numbers.get(match["slug"])

    text = LINK.sub(lambda m: f"{m[1]}{number(m)}{m[2]}" if number(m) else m[0], text)
    text = re.sub(FILE, lambda m: f"{number(m):02}-{m['slug']}.ipynb" if number(m) else m[0], text)

    def in_order(match):
        rows = [(numbers.get(re.search(FILE, row)["slug"], 0), row) for row in match[0].splitlines(True)]
        return "".join(re.sub(r"^\| \d+", f"| {number}", row) for number, row in sorted(rows))

    return ROWS.sub(in_order, text)


def end(nb):
    """The text that a lesson ends with."""
    return [cell for cell in nb.cells if cell.cell_type == "markdown"][-1]


def says_next(nb):
    """What a lesson says of the next, unless that is a link to it."""
    said = NEXT.search(end(nb).source)
    return said and not LINK.match(said[1]) and said[1]


def say_next(nb, text):
    source = NEXT.sub("", end(nb).source).rstrip()
    end(nb).source = f"{source}\n\n**Next:** {text}" if text else source
