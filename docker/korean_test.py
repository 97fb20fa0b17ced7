"""A workshop in Korean: what a participant and the teacher see from the board to a cell's answer."""

import html
import re
import time

import pytest
import requests
from client import Participant
from conftest import ADMIN, PASSWORD, Workshop, docker
from words_ko import WORDS

import words

# What stays as it is: names, what a participant has typed, and the title of a dialog that JupyterHub finds by it.
NAMES = r"(?<![A-Za-z])(?:Error|OK|JupyterHub|HTTPS?|JavaScript|progress\.json|ada|ben|leaves|stops|[A-Z]{2,4}|https?:\S*|seq2seq|Go)(?![A-Za-z])"


@pytest.fixture(scope="module")
def korean(images):
    with Workshop("unrollko", UNROLL_PASSWORD=PASSWORD, UNROLL_LANGUAGE="ko") as it:
        yield it


@pytest.fixture(scope="module")
def ada(korean):
    person = Participant(korean.address, "ada", PASSWORD).login()
    person.spawn()
    yield person
    person.close()


def said(page):
    """What a reader of a page reads, with the names of pictures and buttons."""
    assert '<html lang="ko">' in page
    page = re.sub(r"<(script|style|option)\b.*?</\1>|<!--.*?-->", "", page, flags=re.S)
    spoken = re.findall(r'\b(?:title|alt|aria-label|placeholder)="([^"]*)"|<input[^>]*type="submit"[^>]*value=[\'"]([^\'"]*)', page)
    return html.unescape("\n".join([re.sub(r"<[^>]*>", "\n", page), *map("\n".join, spoken)]))


def read(reply):
    """A page's text; the hub does not name its encoding."""
    return reply.content.decode()


def is_korean(page):
    text = said(page)
    left = {word for word in re.findall(r"[A-Za-z][A-Za-z.]+", re.sub(NAMES, "", text))}
    assert re.search("[가-힣]", text) and not left, left


def test_the_board(korean):
    end = time.monotonic() + 30
    while WORDS[words.BOARD_TEACHER] not in (board := korean.compose("logs", "--no-log-prefix", "hub")):
        assert time.monotonic() < end, board
        time.sleep(1)
    assert WORDS["The workshop is open."] in board and f"비밀번호   {PASSWORD}" in board


def test_the_door(korean):
    web = requests.Session()
    page = read(web.get(f"{korean.address}/hub/login"))
    is_korean(page)
    assert WORDS[words.NAME_RULE] in said(page)
    for name, password, why in (("", PASSWORD, words.NAME_EMPTY), ("ada", "not-the-password", words.WRONG_PASSWORD)):
        token = re.search(r'name="_xsrf"\s+value="([^"]+)"', page)[1]
        refused = read(web.post(f"{korean.address}/hub/login", data={"username": name, "password": password, "_xsrf": token}))
        is_korean(refused)
        assert WORDS[why] in said(refused)


@pytest.mark.parametrize("path", ["home", "stuck", "taken?before=1", "nowhere", "gate?next=/user/ben/", "logout"])
def test_the_pages_of_a_participant(korean, ada, path):
    web = ada.web if path != "logout" else Participant(korean.address, "leaves", PASSWORD).login().web
    is_korean(read(web.get(f"{korean.address}/hub/{path}")))


def test_a_name_that_is_taken(korean, ada):
    other = Participant(korean.address, "ada", PASSWORD)
    token = re.search(r'name="_xsrf"\s+value="([^"]+)"', other.web.get(f"{korean.address}/hub/login").text)[1]
    page = read(other.web.post(f"{korean.address}/hub/login", data={"username": "Ada", "password": PASSWORD, "_xsrf": token}))
    is_korean(page)
    assert WORDS[words.TAKEN_CHOOSE] in said(page)


def test_the_pages_of_the_teacher(korean, ada):
    ada.web.post(f"{korean.address}/hub/stuck", data={"_xsrf": xsrf(ada.web, f"{korean.address}/hub/stuck"), "lesson": "lstm-gates"})
    teacher = Participant(korean.address, "teacher", ADMIN).login().web
    address = f"{korean.address}/services/class/"
    for path in ("", "?names=1", "people/ada", "hand-out"):
        page = read(teacher.get(address + path))
        is_korean(re.sub(r"[\w/-]+\.ipynb", "", page))
    assert "게이트" in read(teacher.get(f"{address}?names=1"))  # the title of the lesson
    is_korean(read(teacher.post(f"{address}hand-out", data={"_xsrf": xsrf(teacher, f"{address}hand-out")})))


def xsrf(web, address):
    return re.search(r'name="_xsrf" value="([^"]+)"', web.get(address).text)[1]


def test_a_server_that_is_stopped(korean):
    person = Participant(korean.address, "stops", PASSWORD).login()
    person.spawn()
    docker("kill", korean.container("stops"))
    end = time.monotonic() + 60
    while WORDS[words.SERVER_START_IT] not in (page := read(person.web.get(f"{person.home}/lab"))):
        assert time.monotonic() < end
        time.sleep(1)
    is_korean(page)


def test_the_lessons_the_kernel_and_jupyterlab(ada):
    assert "/lab/tree/ko/01-" in ada.web.get(f"{ada.home}/").url
    lesson = ada.api("GET", "contents/ko/02-how-a-network-learns.ipynb")["content"]
    assert lesson["metadata"]["kernelspec"]["name"] == "gonb-ko" and "경사" in lesson["cells"][0]["source"] + lesson["cells"][1]["source"]
    assert ada.api("GET", "kernelspecs")["default"] == "gonb-ko"
    ada.start_kernel(ada.api("POST", "kernels", json={"name": "gonb-ko"})["id"])
    answer, _ = ada.run('import "unroll/exercise"\n%%\nexercise.HalfLife.Check(nil)')
    assert "아직" in answer, answer
    assert "모든 셀 실행" in str(ada.web.get(f"{ada.home}/lab/api/translations/ko_KR").json()["data"]["jupyterlab"])
    assert "ko_KR" in read(ada.web.get(f"{ada.home}/lab/api/settings/@jupyterlab/translation-extension:plugin"))
    panel = str(ada.web.get(f"{ada.home}/lab/api/settings/@jupyterlab/notebook-extension:panel").json())
    assert WORDS[words.STUCK_TITLE] in panel and "/hub/stuck" in panel
