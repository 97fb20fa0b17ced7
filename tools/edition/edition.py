"""Makes the lessons of a language, and lists what is left to translate."""

import difflib
from collections import Counter

from catalogue import Catalogues, Course, languages
from check import faults, read_terms
from compare import NUMBER
from compose import Edition, with_editions
from execute import execute
from gotexts import write_go
from lessons import ROOT, Problem, read, write
from workshoptexts import write_words


def make(language, names=()):
    """Brings the catalogues of a language up to date, and its notebooks: composes them, and runs those whose code or
    numbers changed, and those that are named."""
    if language not in languages():
        raise Problem(f"po has no folder {language}; to begin a translation, make it")
    course = Course()
    catalogues = Catalogues(ROOT / "po" / language)
    catalogues.write(catalogues.updated(course.wanted()))
    edition = Edition(language, course)
    write_go(language, edition.catalogues)
    write_words(language, edition.catalogues)
    for lesson in course.lessons:
        nb = course.notebooks[lesson.slug]
        paths = {other: f"{other}/{lesson.path.name}" for other in languages() if other != language and (edition.base / other / lesson.path.name).exists()}
        paths |= {language: f"{language}/{lesson.path.name}"} if lesson.slug in edition.there else {}
        source = with_editions(nb.cells[0].source, paths)
        if source != nb.cells[0].source:
            nb.cells[0].source = source
            write(nb, lesson.path)
    for path in (edition.base / language).glob("*.ipynb"):
        if path not in map(edition.path, edition.there):
            path.unlink()
    problems = []
    for name in edition.there:
        nb = edition.compose(name)
        kept = keep_outputs(nb, edition, name)
        write(nb, edition.path(name))
        if not kept or any(map(edition.lessons[name].begins, names)):
            try:
                fresh = execute(edition.lesson(name))
            except Problem as problem:
                problems.append(str(problem))
                continue
            if differ := other_numbers(course.notebooks[name], fresh):
                problems.append(f"{edition.lesson(name).name} does not compute what the English lesson does:\n{differ}")
            else:
                write(fresh, edition.path(name))
    if problems:
        raise Problem("\n".join(problems))


def keep_outputs(nb, edition, name):
    """Gives the cells of nb the outputs of the notebook that is there; whether they are those of a run of nb."""
    path = edition.path(name)
    if not path.exists():
        return False
    before = read(path)
    code = [[(cell.id, cell.source) for cell in some.cells if cell.cell_type == "code"] for some in (nb, before)]
    if code[0] != code[1] or other_numbers(edition.course.notebooks[name], before):
        return False
    for cell, old in zip(*([cell for cell in some.cells if cell.cell_type == "code"] for some in (nb, before))):
        cell.outputs, cell.execution_count = old.outputs, old.execution_count
    return True


def other_numbers(english, translated):
    """A line for each cell whose outputs have other numbers than the English cell's. Words may change their order, and
    numbers with them; of a figure, its words and its table count."""
    there = {cell.id: numbers(cell) for cell in translated.cells}
    lines = []
    for cell in english.cells:
        ours, theirs = numbers(cell), there.get(cell.id, Counter())
        if ours != theirs:
            lines.append(f"{cell.id}: {' '.join((ours - theirs).elements()) or 'nothing'} became {' '.join((theirs - ours).elements()) or 'nothing'}")
    return "\n".join(lines)


def numbers(cell):
    said = []
    for output in cell.get("outputs", ()):
        said += [output.get("text", ""), *(output.get("data", {}).get(kind, "") for kind in ("text/plain", "text/csv"))]
    return Counter(NUMBER.findall("\n".join(said)))


def status(language, names=()):
    """Prints what a language lacks: of each lesson, cell by cell, the texts without a translation, and those whose English
    has changed since, with what changed."""
    course, catalogues = Course(), Catalogues(ROOT / "po" / language)
    files = catalogues.updated(course.wanted())
    catalogues.write(files)
    catalogues = Catalogues(ROOT / "po" / language)
    left, every = Counter(), Counter()
    for name, po in catalogues.files.items():
        lesson = next((lesson for lesson in course.lessons if lesson.slug == name), None)
        if names and not (lesson and any(map(lesson.begins, names)) or any(map(name.startswith, names))):
            continue
        for number, entry in enumerate(po, 1):
            every[name] += 1
            if entry.msgstr and not entry.fuzzy:
                continue
            left[name] += 1
            where = f"{lesson.name if lesson else name}, {entry.msgctxt or 'several lessons'}, {entry.comment} {number}"
            if entry.fuzzy:
                print(f"{where}: changed\n  English  {word_diff(entry.previous_msgid or '', entry.msgid)}\n  {language:8} {entry.msgstr}")
            elif names:
                print(f"{where}: not translated\n  English  {entry.msgid}")
    for name in every:
        print(f"{name:26} {every[name] - left[name]:4} of {every[name]}")
    print(f"{'all':26} {sum(every.values()) - sum(left.values()):4} of {sum(every.values())}")


def word_diff(before, after):
    """What changed between two texts, word by word: [-gone-] and {+new+}."""
    a, b = before.split(" "), after.split(" ")
    words = []
    for what, i, j, k, l in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if what == "equal":
            words += a[i:j]
        else:
            words += [f"[-{' '.join(a[i:j])}-]"] * (j > i) + [f"{{+{' '.join(b[k:l])}+}}"] * (l > k)
    return " ".join(words)


def check(language, names=()):
    """Prints the faults of the translations; raises Problem if there are any."""
    catalogues = Catalogues(ROOT / "po" / language)
    found = all_faults(catalogues, names)
    if found:
        raise Problem("\n".join(found))


def all_faults(catalogues, names=()):
    terms = read_terms(catalogues.folder / "terms.tsv")
    return [
        f"{name}, {entry.msgctxt or 'no cell'}: {entry.msgstr[:60]}…\n    {fault}"
        for name, po in catalogues.files.items()
        if not names or any(map(name.startswith, names))
        for entry in po
        if entry.msgstr and not entry.fuzzy
        for fault in faults(entry, terms)
    ]
