"""Numbers the lessons in the order of their files' names, and updates every place that shows a number.

A lesson's slug identifies it. Its number is in the name of its file, NN-slug.ipynb, and is copied from
there to its heading, to the text and the target of every link to it, to the last line of the lesson
before it, and to README's table. To insert a lesson after the first, name it 01b-slug.ipynb; to make
the fourth lesson the second, name it 02-slug.ipynb. A lesson's translations get its number.
"""

import re

from lessons import ROOT, Problem, find, read, write

HEADING = re.compile(r"\A# (?:(\d+)\. )?(.+)")
FILE = r"(?<![\w-])\d+[a-z]?-(?P<slug>[\w-]+)\.ipynb"
LINK = re.compile(rf"(\[(?:[Ll]essons?\s+)?)\d+((?:[^\W\d]{{1,2}}|\. [^\]]*)?\]\((?:[\w.-]+/)*{FILE})")
NEXT = re.compile(r"\*\*Next:\*\* (.*)\Z")
ROWS = re.compile(rf"(?:^\| \d+ \| \[.*{FILE}.*\n)+", re.M)


def renumber(root=ROOT):
    """Renumbers the lessons of a checkout, and returns a line for each file that it renamed."""
    notebooks = {lesson: read(lesson.path) for lesson in find(base=root / "notebooks", language=None)}
    lessons = [lesson for lesson in notebooks if lesson.numbered]
    heads = {lesson: HEADING.match(notebooks[lesson].cells[0].source) for lesson in lessons}
    for lesson in lessons:
        if not heads[lesson]:
            raise Problem(f"{lesson.name} has no title: its first cell must begin with a # heading")

    def place(lesson):
        number, letter = re.match(r"(\d+)([a-z]?)", lesson.name).groups()
        # If two files have the same number, one was moved there; its heading still has the old number. It
        # goes first if it moved forward and last if it moved back: then that number becomes its own.
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
    """The documents and programs that may contain the name of a lesson's file."""
    for top in root.iterdir():
        if top.is_dir() and not top.name.startswith(".") and top.name not in ("build", "my-lessons"):
            yield from (file for end in ("md", "py") for file in top.rglob(f"*.{end}"))
        elif top.suffix == ".md":
            yield top


def mended(text, numbers):
    """The text with new numbers in its links, file names and table."""

    def number(match):
        return numbers.get(match["slug"])

    text = LINK.sub(lambda m: f"{m[1]}{number(m)}{m[2]}" if number(m) else m[0], text)
    text = re.sub(FILE, lambda m: f"{number(m):02}-{m['slug']}.ipynb" if number(m) else m[0], text)

    def in_order(match):
        rows = [(numbers.get(re.search(FILE, row)["slug"], 0), row) for row in match[0].splitlines(True)]
        return "".join(re.sub(r"^\| \d+", f"| {number}", row) for number, row in sorted(rows))

    return ROWS.sub(in_order, text)


def end(nb):
    """The last text of a lesson."""
    return [cell for cell in nb.cells if cell.cell_type == "markdown"][-1]


def says_next(nb):
    """What the last lesson says in place of a link to the next; None for other lessons."""
    said = NEXT.search(end(nb).source)
    return said and not LINK.match(said[1]) and said[1]


def say_next(nb, text):
    source = NEXT.sub("", end(nb).source).rstrip()
    end(nb).source = f"{source}\n\n**Next:** {text}" if text else source
