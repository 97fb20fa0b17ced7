"""The door, the teacher's pages and what participants can do to them, in a workshop that runs."""

import html
import json
import re
import time

import pytest
import requests
from client import Failure, Participant
from conftest import ADMIN, PASSWORD, docker, inspect
from playwright.sync_api import expect, sync_playwright
from workshop_test import FLAGS, a_chromium

import names
import words

TYPED = ["Ada Lovelace", "김 민수", "ada@uni.edu", "O'Brien", "प्रिया", "กิตติ", "מֹשֶׁה", "İlker", "🦊 Fox", "x" * 64, "<b>Bold</b>"]


class Teacher:
    def __init__(self, workshop):
        self.web = workshop.participant("teacher", ADMIN).web
        self.address = f"{workshop.address}/services/class/"

    def get(self, path="", status=200):
        reply = self.web.get(self.address + path, timeout=120)
        assert reply.status_code == status, reply.text
        return reply.text

    def post(self, path, page, **options):
        token = re.search(r'name="_xsrf" value="([^"]+)"', self.get(page))[1]
        return self.web.post(self.address + path, data={"_xsrf": token}, timeout=120, **options)


@pytest.fixture(scope="module")
def teacher(workshop):
    return Teacher(workshop)


@pytest.fixture(scope="module")
def ada(workshop):
    person = workshop.participant("ada")
    person.spawn()
    person.start_kernel()
    yield person
    person.close()


def put(person, path, content, kind="text"):
    person.api("PUT", f"contents/{path}", json={"type": "file", "format": kind, "content": content})


def door(workshop, name, password=PASSWORD, web=None):
    """The answer of the door to a name, in a new browser or a known one."""
    web = web or requests.Session()
    token = re.search(r'name="_xsrf"\s+value="([^"]+)"', web.get(f"{workshop.address}/hub/login").text)[1]
    reply = web.post(f"{workshop.address}/hub/login", data={"username": name, "password": password, "_xsrf": token}, allow_redirects=False)
    return reply, web


# Names


@pytest.mark.parametrize("name", TYPED)
def test_any_name_is_taken_and_shown_as_typed(workshop, name):
    reply, web = door(workshop, name)
    assert reply.status_code == 302
    page = web.get(f"{workshop.address}/hub/home").content.decode()
    assert html.unescape(re.search(r"<bdi [^>]*>(.*?)</bdi>", page)[1]) == names.shown(name)


def test_a_name_of_marks_has_a_server_and_a_home(workshop):
    person = workshop.participant("प्रिया 'दे' <i>")
    person.spawn()
    put(person, "mine.txt", "my work")
    assert person.api("GET", "contents/mine.txt")["content"] == "my work"
    assert docker("volume", "ls", "-q", "--filter", f"label=unroll.user={person.account}")


@pytest.mark.parametrize("name", ["", "x" * 65, "\ue000", "\u200b"])
def test_a_name_that_is_refused_is_told_the_rule(workshop, name):
    with pytest.raises(names.Refused) as refused:
        names.account(name)
    reply, _ = door(workshop, name)
    assert reply.status_code == 400 and html.escape(str(refused.value)) in reply.text
    assert words.NAME_RULE in reply.text


def test_a_wrong_password_is_said_to_be_one(workshop):
    reply, _ = door(workshop, "Wendy", "not-the-password")
    assert reply.status_code == 403 and words.WRONG_PASSWORD in reply.text


def test_two_people_with_one_name_are_told(workshop):
    first, mine = door(workshop, "Noor Ali")
    assert "/hub/taken" not in first.headers["Location"]
    second, other = door(workshop, " noor  ALI")
    assert second.headers["Location"].startswith("/hub/taken?")
    page = other.get(workshop.address + second.headers["Location"]).text
    assert "Noor Ali" in page and words.TAKEN_CHOOSE in page and 'href="/hub/spawn"' in page
    mine.get(f"{workshop.address}/hub/logout")
    again, _ = door(workshop, "Noor Ali", web=mine)
    assert "/hub/taken" not in again.headers["Location"]  # a browser that has used the name before


# The class page


@pytest.mark.parametrize("content", ["[" * 200_000, '{"\\ud800": {"solved": true}}', "\0" * 2_000_000, "{}"], ids=lambda content: repr(content[:8]))
def test_no_progress_file_breaks_the_page(teacher, ada, content):
    put(ada, "progress.json", content)
    time.sleep(3.1)  # the page looks at most once in 3 s
    assert words.CLASS_CONNECTED.format(n="").strip() in teacher.get("?names=1")
    unreadable = words.CLASS_PROGRESS_UNREADABLE in teacher.get("?names=1")
    assert unreadable == (content[0] in "[\0")


def test_only_exercises_that_exist_are_shown(teacher, ada):
    put(ada, "progress.json", json.dumps({f"gradient-decay/rude-{n}": {"solved": True} for n in range(500)} | {"gradient-decay/half-life": {"solved": True}}))
    time.sleep(3.1)
    page = teacher.get()
    assert "gradient-decay/half-life" in page and "rude" not in page


def test_a_participant_says_that_she_is_stuck(workshop, teacher, ada):
    assert '"/hub/stuck"' in json.dumps(requests_lab_settings(ada))
    page = ada.web.get(f"{workshop.address}/hub/stuck").text
    token = re.search(r'name="_xsrf" value="([^"]+)"', page)[1]
    ada.web.post(f"{workshop.address}/hub/stuck", data={"_xsrf": token, "lesson": "lstm-gates", "question": "<b>Why</b>\n" + "x" * 1000})
    page = teacher.get()
    assert words.CLASS_STUCK_SOME.format(n=1) in page and "gate by gate" in page and "ada" not in page
    page = teacher.get("?names=1")
    assert "&lt;b&gt;Why&lt;/b&gt; x" in page and "x" * 300 not in page
    assert words.STUCK_DONE in ada.web.get(f"{workshop.address}/hub/stuck").text
    teacher.post("people/ada/helped", "?names=1")
    assert words.CLASS_STUCK_NONE in teacher.get()
    assert words.STUCK_DONE not in ada.web.get(f"{workshop.address}/hub/stuck").text


def requests_lab_settings(person):
    return person.web.get(f"{person.home}/lab/api/settings/@jupyterlab/notebook-extension:panel", timeout=60).json()


# A participant's notebook

HOSTILE = {
    "nbformat": 4, "nbformat_minor": 5, "metadata": {},
    "cells": [
        {"cell_type": "markdown", "metadata": {}, "id": "a", "source": "# Mine <script>alert(1)</script> [x](javascript:alert(2)) ![x](http://192.0.2.1/x)"},
        {"cell_type": "code", "metadata": {}, "id": "b", "execution_count": 4, "source": "rng()", "outputs": [
            {"output_type": "error", "ename": "x", "evalue": "y", "traceback": ["undefined: rng"]},
            {"output_type": "display_data", "metadata": {}, "data": {"text/html": "<img src=x onerror=alert(3)><iframe src=/hub/home>"}},
            {"output_type": "display_data", "metadata": {},
             "data": {"image/svg+xml": "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(4)'><script>alert(5)</script></svg>"}},
        ]},
    ],
}  # fmt: skip


def test_the_teacher_reads_a_notebook(teacher, ada):
    put(ada, "mine & yours.ipynb", json.dumps(HOSTILE))
    page = teacher.get("people/ada")
    assert 'notebook?path=mine%20%26%20yours.ipynb">mine &amp; yours.ipynb<' in page
    assert "<iframe sandbox title" in teacher.get("people/ada/notebook?path=mine%20%26%20yours.ipynb")
    reply = teacher.web.get(f"{teacher.address}people/ada/page?path=mine%20%26%20yours.ipynb")
    assert "undefined: rng" in reply.text and 'id="error"' in reply.text and "<script" not in reply.text
    assert "sandbox" in reply.headers["Content-Security-Policy"] and "default-src 'none'" in reply.headers["Content-Security-Policy"]


def test_a_notebook_in_the_teachers_browser_runs_nothing(workshop, teacher, ada):
    put(ada, "mine & yours.ipynb", json.dumps(HOSTILE))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=a_chromium(), args=FLAGS)
        tab = browser.new_page(viewport={"width": 1280, "height": 900})
        said, asked = [], []
        tab.on("dialog", lambda dialog: said.append(dialog.message) or dialog.dismiss())
        tab.on("request", lambda request: asked.append(request.url))
        tab.goto(f"{workshop.address}/hub/login?next=/services/class/people/ada")
        tab.get_by_label("Username").fill("teacher")
        tab.get_by_label("Password").fill(ADMIN)
        tab.get_by_role("button", name="Sign in").click()
        tab.get_by_role("link", name="mine & yours.ipynb").click()
        frame = tab.frame_locator("iframe")
        expect(frame.get_by_text("undefined: rng")).to_be_visible()
        expect(frame.get_by_role("heading", name="Mine")).to_be_visible()
        frame.get_by_role("link", name=words.BOOK_TO_ERROR).click()
        assert tab.frames[1].evaluate("self.origin") == "null"  # an origin of its own, which has no cookie of the hub
        browser.close()
    assert said == [] and not [url for url in asked if "192.0.2.1" in url or url.endswith(("/x", "/hub/home"))]


@pytest.mark.parametrize("path", ["../../../etc/passwd", "/etc/passwd", "link.ipynb", "none.ipynb", "pipe.ipynb", ".", "", "a//b", "%00", "%ff"])
def test_nothing_but_the_home_is_read(teacher, ada, path):
    ada.shell("ln -s /etc/passwd ~/link.ipynb; mkfifo ~/pipe.ipynb")
    page = teacher.get(f"people/ada/page?path={path}")
    assert "root:" not in page and words.BOOK_ABSENT in page


def test_names_that_are_no_text_are_listed(teacher, ada):
    ada.shell(r"""printf '{"cells": [{"cell_type": "raw", "source": "found"}]}' > ~/$'\xff<b>.ipynb'; chmod 700 ~""")
    address = re.search(r'href="[^"]*notebook\?path=(%FF%3Cb%3E.ipynb)"', teacher.get("people/ada"))[1]
    assert "found" in teacher.get(f"people/ada/page?path={address}")


def test_participants_cannot_use_the_teachers_pages(workshop, ada):
    for path in ("", "people/ada", "people/ada/page?path=01-order-matters.ipynb", "hand-out"):
        assert ada.web.get(f"{workshop.address}/services/class/{path}").status_code == 403
    token = next(c.value for c in ada.web.cookies if c.name == "_xsrf")
    for path in ("people/ada/reset", "people/ada/helped", "hand-out"):
        assert ada.web.post(f"{workshop.address}/services/class/{path}", data={"_xsrf": token}).status_code == 403


def test_a_page_of_elsewhere_cannot_press_the_teachers_buttons(teacher):
    for path in ("people/ada/reset", "people/ada/helped", "hand-out", "hand-out/1/withdraw"):
        assert teacher.web.post(teacher.address + path, data={"_xsrf": "x"}, headers={"Origin": "http://evil.example"}).status_code == 403


def test_nobody_has_no_page(teacher):
    for path in ("people/nobody", "people/nobody/notebook?path=x"):
        teacher.get(path, 404)


# Help


def test_the_teacher_resets_a_server(workshop, teacher):
    person = workshop.participant("rosa")
    person.spawn()
    put(person, "mine.txt", "my work")
    before = inspect(workshop.container("rosa"), "{{.Id}}")
    assert words.PERSON_WAS_RESET.format(name="rosa") in teacher.post("people/rosa/reset", "people/rosa").text
    person.spawn()
    assert inspect(workshop.container("rosa"), "{{.Id}}") != before
    assert person.api("GET", "contents/mine.txt")["content"] == "my work"


def test_a_file_and_a_folder_are_handed_out_and_overwrite_nothing(workshop, teacher, ada):
    put(ada, "task.txt", "ada's own")
    put(ada, "data.md", "ada's own")
    sent = [("files", ("task.txt", b"new")), ("files", ("data.md", b"new")), ("folder", ("extra/a/b.txt", b"deep")), ("folder", ("extra/.DS_Store", b""))]
    page = teacher.post("hand-out", "hand-out", files=sent).text
    assert "task.txt" in page and "extra/" in page
    assert got(ada, "task (2).txt") == "new" and got(ada, "extra/a/b.txt") == "deep" and got(ada, "data (2).md") == "new"
    assert got(ada, "task.txt") == "ada's own"
    teacher.post("hand-out", "hand-out", files=sent)
    assert got(ada, "task (3).txt") == "new" and got(ada, "extra (2)/a/b.txt") == "deep"
    late = workshop.participant("late")
    late.spawn()
    assert got(late, "task.txt") == "new"
    put(late, "task.txt", "changed")  # it is the participant's own
    assert ".DS_Store" not in json.dumps(ada.api("GET", "contents/extra"))
    assert " have it" in teacher.get("hand-out")
    number = re.search(r"hand-out/(\d+)/withdraw", teacher.get("hand-out"))[1]
    teacher.post(f"hand-out/{number}/withdraw", "hand-out")
    assert f"hand-out/{number}/withdraw" not in teacher.get("hand-out")


def got(person, path, seconds=60):
    """The content of a file as soon as it is there."""
    end = time.monotonic() + seconds
    while True:
        try:
            return person.api("GET", f"contents/{path}")["content"]
        except Failure:
            assert time.monotonic() < end, f"{path} does not arrive"
            time.sleep(1)


@pytest.mark.parametrize("files", [[], [("files", ("../evil.txt", b"x"))], [("files", ("x" * 300, b"x"))], [("files", ("/etc/x", b"x"))], [("files", (".hidden", b"x"))]])
def test_what_cannot_be_handed_out_is_said(teacher, files):
    page = teacher.post("hand-out", "hand-out", **({"files": files} if files else {})).text
    assert words.HAND_NOTHING in page or words.HAND_BAD_NAME.split("{")[0] in page


# The board


def test_the_board_has_nothing_of_the_teachers_and_no_warning(workshop):
    board = workshop.compose("logs", "--no-log-prefix", "hub")
    before = board[: board.index(words.BOARD_OPEN)]
    assert ADMIN not in board and PASSWORD in board and workshop.address.rsplit(":", 1)[1] in board
    assert "arning" not in before and "pycurl" not in before and "[W " not in before and "OAuth" not in before
    assert ADMIN in workshop.compose("exec", "-T", "hub", "/srv/hub/workshop", "teacher")


def test_a_participant_is_somebody_else_for_each_name(workshop):
    assert Participant(workshop.address, "a b", PASSWORD).account != Participant(workshop.address, "a-b", PASSWORD).account
