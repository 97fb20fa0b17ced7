"""Tries what keeps translations on small lessons."""

import re

import polib
import pytest
from nbconvert.filters.markdown_mistune import MarkdownWithMath

import edition
from catalogue import Catalogues, Course
from check import faults, read_terms
from compose import Edition
from lessons import EDITIONS, Problem, find
from markup import Renderer, safe
from samples import code, display, notebook, stream
from strings import Strings
from texts import Text, pieces, tokens


def parts(source):
    """The texts of a cell of Markdown, or of code if it begins with %%."""
    cell = code(source) if source.startswith("%%") else notebook(source).cells[0]
    return [piece.english for piece in pieces(cell, Strings().chooser("a", "c")) if isinstance(piece, Text)]


def test_blocks_of_markdown():
    assert parts("# 6. The title\n\nTwo lines\nof one. [Lesson 3](03-rnn.ipynb#It)\n\n- an item\n  that goes on\n- another\n\n$$x = 1$$\n\n> said\n> here") == [
        "The title", "Two lines of one. [Lesson N](rnn.ipynb#It)", "an item that goes on", "another", "said here",
    ]  # fmt: skip
    assert parts("<details>\n<summary>The same</summary>\n\n```python\nx = 1  # one of them\nprint(x)  # True\n```\n\n</details>\n\n| a | b |\n|---|---|\n| c | `d` |") == [
        "The same", "one of them", "| a | b |\n|---|---|\n| c | `d` |",
    ]  # fmt: skip
    assert parts("A line  \nbroken on purpose\n") == ["A line  \nbroken on purpose"]


def test_texts_of_code():
    source = (
        "%%\n// f returns\n// its argument.\nf(1) // torch.f(1)\nfmt.Println(\"the sum is\", \"one\\ttwo\") // in all\n"
        "x := []string{\"the dog bit\"}\nfmt.Println(\"width    right\")\nfig.Title.Text = \"All \\\"of\\\" them\"\n"
        "plots.Show(plots.Lines(plots.Axes{X: \"steps back\"}, x, []plots.Curve{{Name: kind(\"not this\")}}))"
    )
    assert parts(source) == ["f returns its argument.", "the sum is", "one\ttwo", "in all", 'All "of" them', "steps back"]


def render(source):
    html = safe(MarkdownWithMath(renderer=Renderer("here", True, [], ".", {})).render(source))
    html = re.sub(r"\s+", " ", re.sub(r"\s*(</?(?:p|li|ul|ol|blockquote|h\d)>)\s*", r"\1", html))
    return re.sub(r'</span> ?<span class="c1">(?:#|//) ', " ", html)  # comments are broken elsewhere


class Same:
    """Catalogues that translate every text by itself."""

    def translation(self, name, cell, english):
        return english


def test_a_translation_by_itself_gives_the_english_pages():
    course = Course()
    made = Edition("xx", course, Same())
    assert made.there == [lesson.slug for lesson in course.lessons]
    for name in made.there:
        composed = {cell.id: cell.source for cell in made.compose(name).cells}
        for cell in course.notebooks[name].cells:
            if cell.cell_type == "markdown":
                source = re.sub(r"\]\((?!https?:|[\w-]+\.ipynb|#)", "](../", EDITIONS.sub("", cell.source))
                ours, theirs = (render(text) for text in (source, EDITIONS.sub("", composed[cell.id])))
                assert ours == theirs, f"{name}, {cell.id}"
            else:
                ours, theirs = ([token for kind, token in tokens(text.replace("../data/", "data/"), "go") if kind not in ("space", "comment")] for text in (cell.source, composed[cell.id]))
                assert ours == theirs, f"{name}, {cell.id}"


# A small course


@pytest.fixture
def course(lesson, tmp_path):
    """course(texts…) writes a lesson of these cells and a glossary; course.make() makes the edition ko of it."""

    class Made:
        po = tmp_path / "po/ko"

        def __call__(self, *cells):
            (tmp_path / "po/ko").mkdir(parents=True, exist_ok=True)
            self.notebook = lesson("01-a", "# 1. Title", *cells).path
            lesson("glossary", "# Glossary", "## Batch\n\nSome. [Here](#Step)", "## Step\n\nOne. *([Lesson 1](01-a.ipynb))*")
            return self.update()

        def update(self):
            course = Course(find(base=tmp_path / "notebooks"))
            catalogues = Catalogues(self.po)
            catalogues.write(catalogues.updated(course.wanted()))
            return Edition("ko", course, base=tmp_path / "notebooks")

        def translate(self, name="a", **texts):
            file = self.po / f"{name}.po"
            po = polib.pofile(str(file), wrapwidth=0)
            for english, korean in texts.items():
                (entry,) = (entry for entry in po if entry.msgid.startswith(english.replace("_", " ")))
                entry.msgstr = korean
            file.write_text(f"{po}".rstrip("\n") + "\n")

        def entry(self, english, name="a"):
            return next(entry for entry in polib.pofile(str(self.po / f"{name}.po")) if entry.msgid == english)

    return Made()


def test_a_lesson_is_in_the_edition_when_its_title_is_translated(course):
    assert not course("A paragraph.").there
    course.translate(Title="제목")
    made = course.update()
    assert made.there == ["a"]
    assert [cell.source for cell in made.compose("a").cells] == [
        "# 1. 제목\n\n[English](../01-a.ipynb)", "문단 2개 가운데 1개는 아직 번역되지 않았거나, 번역한 뒤에 영어가 바뀌었습니다. 그 문단은 영어로 나옵니다.", '<span lang="en">A paragraph.</span>',
    ]  # fmt: skip


def test_links_lead_to_the_edition_and_to_translated_headings(course):
    course("One [batch](glossary.ipynb#Batch), [steps](glossary.ipynb#Step), [data](data/a.json), [lesson 1](01-a.ipynb).")
    course.translate(Title="제목", One="[배치](glossary.ipynb#Batch), [시점](glossary.ipynb#Step), [자료](data/a.json), [N강](a.ipynb).")
    said = course.update().compose("a").cells[1].source
    assert said == "[배치](../glossary.ipynb#Batch), [시점](../glossary.ipynb#Step), [자료](../data/a.json), [1강](01-a.ipynb)."
    course.translate("glossary", Glossary="용어집", Batch="배치", Step="긴 시점")
    made = course.update()
    assert made.compose("a").cells[1].source.startswith("[배치](glossary.ipynb#배치), [시점](glossary.ipynb#긴-시점), ")
    course.translate("glossary", Batch="파일")
    terms = [cell.source.split("\n")[0] for cell in course.update().compose("glossary").cells]
    assert terms == ["# 용어집", "문단 5개 가운데 2개는 아직 번역되지 않았거나, 번역한 뒤에 영어가 바뀌었습니다. 그 문단은 영어로 나옵니다.", "## 긴 시점", "## 파일"]  # sorted anew
    assert "[Here](#긴-시점)" in course.update().compose("glossary").cells[3].source


def test_what_changes_in_english_shows_in_english_until_it_is_translated_again(course):
    course("The state is zero at first.", "It ends.")
    course.translate(Title="제목", The_state="처음에는 상태가 0입니다.", It="끝입니다.")
    made = course("The state is one at first.", "It ends.")
    changed = course.entry("The state is one at first.")
    assert changed.fuzzy and changed.previous_msgid == "The state is zero at first." and changed.msgstr == "처음에는 상태가 0입니다."
    assert [cell.source for cell in made.compose("a").cells[2:]] == ['<span lang="en">The state is one at first.</span>', "끝입니다."]
    made = course("The state is two at first.", "It ends.")  # the English that was translated stays
    assert course.entry("The state is two at first.").previous_msgid == "The state is zero at first."
    made = course("The state is zero at first.", "It ends.")
    assert not course.entry("The state is zero at first.").fuzzy
    assert made.compose("a").cells[1].source == "처음에는 상태가 0입니다."


def test_a_translation_follows_its_text_into_another_cell(course):
    course("First.", "It ends well.")
    course.translate(It="잘 끝납니다.")
    course("It ends well.", "First.")
    assert course.entry("It ends well.").msgstr == "잘 끝납니다." and course.entry("It ends well.").msgctxt == "c1"
    course("A wholly different paragraph of another length.")
    assert [entry.msgid for entry in polib.pofile(str(course.po / "a.po"))] == ["Title", "A wholly different paragraph of another length."]


def test_a_lesson_says_a_text_of_several_lessons_otherwise(course):
    def own(korean):
        po = polib.pofile(str(course.po / "a.po"), wrapwidth=0)
        po.append(polib.POEntry(msgctxt="c1", msgid="Step", msgstr=korean))
        po.save()
        return course.update()

    course("## Step")
    course.translate(Title="제목")
    course.translate("common", Step="시점")
    course.translate("glossary", Glossary="용어집")
    assert own("단계").compose("a").cells[1].source == "## 단계"
    assert course.entry("Step").comment == "text" and course.update().compose("glossary").cells[-1].source.startswith("## 시점")
    course.translate(Step="시점")
    course.update()
    assert [entry.msgid for entry in polib.pofile(str(course.po / "a.po"))] == ["Title"]


def test_breaking_lines_and_renumbering_change_no_text(course):
    course("One line of [lesson 1](01-a.ipynb) and another.")
    before = (course.po / "a.po").read_text()
    course("One line of [lesson 7](07-a.ipynb)\nand another.")
    assert (course.po / "a.po").read_text() == before


def test_the_list_of_what_is_left(course, monkeypatch, capsys):
    made = course("The state is zero at first.", "It ends.")
    course.translate(Title="제목", The_state="처음에는 상태가 0입니다.")
    made = course("The state is one at first.", "It ends.")
    monkeypatch.setattr(edition, "Course", lambda: made.course)
    monkeypatch.setattr(edition, "ROOT", course.po.parents[1])
    edition.status("ko")
    said = capsys.readouterr().out
    assert "01-a, c1, text 2: changed\n  English  The state is [-zero-] {+one+} at first.\n  ko       처음에는 상태가 0입니다.\n" in said
    assert re.search(r"^a +1 of 3$", said, re.M) and "It ends" not in said
    edition.status("ko", ["a"])
    assert "01-a, c2, text 3: not translated\n  English  It ends.\n" in capsys.readouterr().out


def test_a_language_that_is_not_there():
    with pytest.raises(Problem, match="po has no folder tlh; to begin a translation, make it"):
        edition.make("tlh")


def test_other_numbers_of_a_run():
    def ran(text, words="1 of 2"):
        return notebook(code("a()", [stream(text), display({"text/plain": words, "image/svg+xml": "<svg width='1'/>"})]))

    english = ran("3 of 10 (95%)\n")
    assert not edition.other_numbers(english, ran("10개 가운데 3개(95%)\n", "2번 가운데 1번"))
    assert edition.other_numbers(english, ran("10개 가운데 4개(95%)\n")) == "c0: 3 became 4"
    assert edition.other_numbers(english, ran("3 of 10 (95%)\n", "1 of 3")) == "c0: 2 became 3"


@pytest.mark.parametrize(
    "kind, english, translated, said",
    [
        ("string", "%d of %d, %.2f", "%[2]d번 가운데 %[1]d번, %[3].2f", ""),
        ("string", "%d of %.2f", "%.2f 가운데 %d", "other verbs"),
        ("string", "%d of %d (95%%)\n", "%[2]d 가운데 %[1]d (95%)\n", "other verbs"),
        ("string", "first of %d in 10", "10개 중 1위 %d", "other numbers: 1 is new"),
        ("string", "  the sum\n", "합계\n", "other spaces or line ends"),
        ("comment", "of one", "하나의\n둘의", "more than one line"),
        ("text", "The `output` is", "`hidden`은", "other code: output is missing hidden is new"),
        ("text", "With $h_t$", "$h_{t}$", "other formulas"),
        ("text", "With $p + \\text{those of } h$", "$p + h\\text{의 것}$", ""),
        ("text", "With $p + \\text{those of } h$", "$p + c\\text{의 것}$", "other formulas"),
        ("text", "See [it](glossary.ipynb#Step)", "[그것](glossary.ipynb#시점)", "other targets of links"),
        ("text", "See [lesson N](a.ipynb)", "[3강](a.ipynb)", "other numbers of lessons"),
        ("text", "of 2000 words, 80%", "단어 200개, 80%", "other numbers: 2000 is missing 200 is new"),
        ("text", "the hidden state", "숨겨진 상태", "'숨겨진 상태': the term is 은닉 상태"),
        ("text", "the notes", '<span lang="ko">숨겨진 상태</span>', ""),
        ("text", "a **b** <br>c", "**b** c", ""),
    ],
)
def test_faults_of_a_translation(kind, english, translated, said, tmp_path):
    (tmp_path / "terms.tsv").write_text("# English\tKorean\tnever\nhidden state\t은닉 상태\t숨겨진 상태|숨은 상태\ngate\t게이트\t\n")
    found = faults(polib.POEntry(msgctxt="cell", msgid=english, msgstr=translated, comment=kind), read_terms(tmp_path / "terms.tsv"))
    assert said in "\n".join(found) and bool(said) == bool(found), found


def test_a_catalogue_that_cannot_be_read(tmp_path):
    (tmp_path / "a.po").write_text("nonsense\n")
    with pytest.raises(Problem, match="a.po cannot be read"):
        Catalogues(tmp_path)
