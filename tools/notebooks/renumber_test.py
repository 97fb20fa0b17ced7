"""Inserts and moves lessons in a copy of the course, and checks every number."""

import re
import shutil

import pytest

from lessons import ROOT, Problem, find, read, write
from renumber import FILE, renumber, texts
from samples import code, notebook


@pytest.fixture
def copy(tmp_path):
    """A copy of the course's lessons and texts."""
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks", ignore=shutil.ignore_patterns(".*", "progress.json"))
    for file in texts(ROOT):
        place = tmp_path / file.relative_to(ROOT)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, place)
    return tmp_path


def files(root):
    return {file.relative_to(root): file.read_bytes() for file in root.rglob("*") if file.is_file()}


def row(root):
    return [lesson for lesson in find(base=root / "notebooks") if lesson.numbered]


def rename(root, slug, name):
    (lesson,) = find([slug], root / "notebooks")
    lesson.path.rename(lesson.path.with_name(f"{name}.ipynb"))


def prose(root):
    """The texts that may contain a lesson's number, each with its file."""
    for lesson in find(base=root / "notebooks"):
        yield from ((lesson.path, cell.source) for cell in read(lesson.path).cells if cell.cell_type == "markdown")
    yield from ((file, file.read_text()) for file in texts(root))


def consistent(root):
    """Asserts that headings, last lines, links and README's table have the numbers of the files, and returns the slugs."""
    lessons = row(root)
    titles = []
    for number, lesson in enumerate(lessons, 1):
        assert lesson.name == f"{number:02}-{lesson.slug}"
        head = re.match(r"# (\d+)\. (.+)", read(lesson.path).cells[0].source)
        assert int(head[1]) == number
        titles.append(f"[{number}. {head[2]}]({lesson.path.name})")
    for lesson, following in zip(lessons, [*titles[1:], "this was the last lesson"], strict=True):
        ends = re.findall(r"\n\n\*\*Next:\*\* (.+)", read(lesson.path).cells[-1].source)
        assert len(ends) == 1 and ends[0].startswith(following), lesson.name
    names = {lesson.path.name: number for number, lesson in enumerate(lessons, 1)}
    slugs = [lesson.slug for lesson in lessons]
    links = 0
    for file, text in prose(root):
        for name in re.finditer(FILE, text):
            assert name[0] in names or name[1] not in slugs, f"{file} names {name[0]}"
        for words, name in re.findall(r"\[([^\]]*)\]\((?:[\w./-]+/)?(\d[\w-]*\.ipynb)[^)]*\)", text):
            if name in names and (number := re.search(r"\d+", words)):
                links += 1
                assert int(number[0]) == names[name], f"{file}: [{words}]({name})"
    assert links > 100
    table = re.findall(r"^\| (\d+) \| .*?notebooks/([\w-]+\.ipynb)", (root / "README.md").read_text(), re.M)
    assert [(names[name], name) for _, name in table] == sorted((names[name], name) for _, name in table)
    assert [int(number) for number, _ in table] == [names[name] for _, name in table]
    return slugs


def test_the_course_as_committed_is_in_order(copy):
    before = files(copy)
    assert renumber(copy) == []
    assert files(copy) == before
    slugs = consistent(copy)
    assert len(re.findall(r"^\| \d+ \| .*notebooks/", (copy / "README.md").read_text(), re.M)) == len(slugs)


def test_a_lesson_is_inserted(copy):
    before = [lesson.slug for lesson in row(copy)]
    write(notebook("# How a network learns", code("f()"), "## What you learned\n\nMuch."), copy / "notebooks/01b-how-it-learns.ipynb")
    moved = renumber(copy)
    assert moved[0] == "01b-how-it-learns.ipynb is 02-how-it-learns.ipynb" and len(set(moved)) == len(before)  # translations have the same names
    assert consistent(copy) == [before[0], "how-it-learns", *before[1:]]
    assert renumber(copy) == []


@pytest.mark.parametrize("start, to", [(4, 2), (2, 4), (1, 9), (9, 1)])
def test_a_lesson_moves_to_a_number_that_another_has(copy, start, to):
    slugs = [lesson.slug for lesson in row(copy)]
    start, to = min(start, len(slugs)), min(to, len(slugs))
    rename(copy, slugs[start - 1], f"{to:02}-{slugs[start - 1]}")
    renumber(copy)
    slugs.insert(to - 1, slugs.pop(start - 1))
    assert consistent(copy) == slugs


def test_one_is_inserted_while_another_moves_and_a_third_goes(copy):
    slugs = [lesson.slug for lesson in row(copy)]
    write(notebook("# New", "The end."), copy / "notebooks/03b-new.ipynb")
    rename(copy, slugs[4], f"01b-{slugs[4]}")
    renumber(copy)
    assert consistent(copy) == [slugs[0], slugs[4], *slugs[1:3], "new", slugs[3], *slugs[5:]]


def test_a_program_and_a_translation_follow(tmp_path):
    for name, text in (("01-a", "# 1. A"), ("00-b", "# 2. B\n\nSee [lesson 1](01-a.ipynb#Why) and [it](01-a.ipynb)."), ("ko/01-a", "# 1. 가")):
        write(notebook(text), tmp_path / f"notebooks/{name}.ipynb")
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools/load.py").write_text('LESSONS = ("01-a.ipynb", "02-b.ipynb", "07-other.ipynb")\n')
    renumber(tmp_path)
    lessons = find(base=tmp_path / "notebooks", language=None)
    assert [lesson.name for lesson in lessons] == ["01-b", "02-a", "ko/02-a"]
    first, _, korean = (read(lesson.path).cells[0].source for lesson in lessons)
    assert first == "# 1. B\n\nSee [lesson 2](02-a.ipynb#Why) and [it](02-a.ipynb).\n\n**Next:** [2. A](02-a.ipynb)"
    assert korean == "# 2. 가"
    assert (tmp_path / "tools/load.py").read_text() == 'LESSONS = ("02-a.ipynb", "01-b.ipynb", "07-other.ipynb")\n'


def test_a_lesson_without_a_title_changes_nothing(copy):
    write(notebook("No title."), copy / "notebooks/01b-x.ipynb")
    before = files(copy)
    with pytest.raises(Problem, match="01b-x has no title: its first cell must begin with a # heading"):
        renumber(copy)
    assert files(copy) == before


def unlinked(text):
    """The places that name a lesson by its number without a link to it."""
    rest = re.sub(r"\[[^\]]*\]\([^)]*\)", "@", text)
    return re.findall(r"\blessons?[ \n] *(?:@(?:,|\s|and|to)+)*\d+", rest, re.I)


def test_a_lesson_s_number_occurs_in_links_only():
    assert unlinked("In lesson\n4, lessons [1](a), [2](b) and 3: [lesson 5](c)") == ["lesson\n4", "lessons @, @ and 3"]
    for file, text in prose(ROOT):
        if file.suffix != ".py":
            assert not unlinked(text), f"{file}: link it to the lesson's notebook, so that make renumber knows which one it is"


@pytest.mark.parametrize("lesson", find(), ids=lambda lesson: lesson.name)
def test_cell_ids_are_unique_and_have_no_number(lesson):
    ids = [cell.id for cell in read(lesson.path).cells]
    assert len(ids) == len(set(ids))
    assert not [name for name in ids if re.match(r"\d", name)]
