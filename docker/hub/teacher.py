"""The teacher's pages, a service of the hub: who is connected and stuck, how many have done each exercise; a participant's
notebooks to read; a new server for a participant; handing out files."""

import asyncio
import io
import json
import os
import resource
import socket
import subprocess
import sys
import tarfile
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from pathlib import Path
from urllib.parse import quote

import docker
import jinja2
from jupyterhub.services.auth import HubOAuthCallbackHandler, HubOAuthenticated
from tornado import web

import banner
import handout
import homes
import notebook
import progress
import watch
import words
from roll import Roll
from settings import Settings

PROJECT = os.environ.get("UNROLL_PROJECT", "")
PREFIX = os.environ.get("JUPYTERHUB_SERVICE_PREFIX", "/services/class/")
os.environ["JUPYTERHUB_OAUTH_CALLBACK_URL"] = f"{PREFIX}oauth_callback"  # as the hub's configuration has it
RESERVE = watch.reserve(Settings())
LARGEST = 1 << 20  # the most bytes of a progress file; a longer one is not genuine
POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; frame-ancestors 'none'; form-action 'self'; base-uri 'none'"

pages = jinja2.Environment(loader=jinja2.FileSystemLoader(Path(__file__).with_name("templates")), autoescape=True)
pages.globals.update(words=words, prefix=PREFIX)


class Class:
    """What the pages know of the class."""

    def __init__(self, client, roll, lessons, exercises):
        self.client, self.roll, self.exercises = client, roll, exercises
        self.lessons = dict(lessons)
        self.running, self.known, self.unreadable = set(), {}, set()
        self.looked, self.looking = 0, threading.Lock()

    def look(self):
        """Updates who is there and their progress, at most once in 3 s, however many ask."""
        with self.looking:
            if time.monotonic() - self.looked < 3:
                return
            running, unreadable = set(), set()
            for container in self.client.containers(filters={"label": [f"unroll.project={PROJECT}", "unroll.user"]}):
                account = container["Labels"]["unroll.user"]
                running.add(account)
                done = self.read_progress(container["Id"])
                if done is None:
                    unreadable.add(account)
                if done or account not in self.known:
                    self.known[account] = done or {}
            self.running, self.unreadable, self.looked = running, unreadable, time.monotonic()

    def read_progress(self, container):
        """A participant's progress, {exercise: solved}; empty without a file, None if it cannot be read."""
        try:
            stream, stat = self.client.get_archive(container, "/home/learner/progress.json")
        except docker.errors.NotFound:
            return {}
        except (docker.errors.APIError, OSError):
            return None
        try:
            if stat["size"] > LARGEST or stat["linkTarget"]:
                return None
            data = bytearray()
            for chunk in stream:
                data += chunk
                if len(data) > LARGEST + 10240:
                    return None
            with tarfile.open(fileobj=io.BytesIO(data)) as archive:
                file = archive.next()
                return progress.read(archive.extractfile(file).read(), self.exercises) if file and file.isfile() else None
        except (OSError, ValueError, KeyError, tarfile.TarError):
            return None

    def by_lesson(self):
        """(title, [(exercise, done by, tried by)]) of the lessons that someone has tried."""
        done, tried = Counter(), Counter()
        for exercises in self.known.values():
            tried.update(exercises.keys())
            done.update(exercise for exercise, solved in exercises.items() if solved)
        rows = [(title, [(name, done[name], tried[name]) for name in self.exercises if name.split("/")[0] == slug and tried[name]])
                for slug, title in self.lessons.items()]  # fmt: skip
        return [row for row in rows if row[1]]

    def title(self, lesson):
        return self.lessons.get(lesson, words.STUCK_ANY)


class Page(HubOAuthenticated, web.RequestHandler):
    def initialize(self, known):
        self.known = known

    def prepare(self):
        self.set_header("Cache-Control", "no-store")
        self.set_header("Content-Security-Policy", POLICY)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "same-origin")

    def show(self, page, /, **values):
        self.finish(pages.get_template(f"class/{page}.html").render(xsrf=self.xsrf_token.decode("ascii"), shown=self.known.roll.shown, **values))

    async def volume(self, account):
        found = (await asyncio.to_thread(homes.homes, self.known.client, PROJECT)).get(account)
        if not found:
            raise web.HTTPError(404, words.PERSON_NOBODY)
        return found

    async def ask(self, *arguments):
        """The one answer about a home, as (header, content)."""
        return (await asyncio.to_thread(lambda: list(homes.ask(self.known.client, *arguments[1:], home=arguments[0]))))[0]

    def questions(self):
        now = time.time()
        return [(account, self.known.title(lesson), said, words.ago(now - since)) for account, lesson, said, since in self.known.roll.questions()]


class Overview(Page):
    @web.authenticated
    async def get(self):
        known = self.known
        await asyncio.to_thread(known.look)
        names, questions = self.get_argument("names", "") == "1", self.questions()
        shown, free = known.roll.names(), watch.free()
        people = sorted(known.known.keys() | shown.keys(), key=lambda account: shown.get(account, account).casefold())
        self.show(
            "class", names=names, questions=questions, stuck_lessons=Counter(lesson for _, lesson, _, _ in questions).most_common(),
            people=people, running=known.running, lessons=known.by_lesson(),
            solved={account: sum(known.known.get(account, {}).values()) for account in people},
            browsers=known.roll.browsers() if names else {}, unreadable=known.unreadable,
            stopped={account: words.CLASS_STOPPED.format(size=words.size(taken)) for account, (taken, _) in watch.said().items()},
            disk=words.CLASS_DISK.format(free=words.size(free)) if free < RESERVE else "",
        )  # fmt: skip


class Person(Page):
    @web.authenticated
    async def get(self, account):
        volume, name = await self.volume(account), self.known.roll.shown(account)
        header, failed = {"notebooks": [], "complete": True}, ""
        try:
            header, _ = await self.ask(volume, "notebooks")
        except homes.Failed as error:
            failed = words.PERSON_NOT_READ.format(name=name, why=error)
        now = time.time()
        self.show(
            "person", account=account, name=name, failed=failed, complete=header["complete"], said=self.said(name),
            question=next((one for one in self.questions() if one[0] == account), None),
            notebooks=[(path.encode("utf-8", "replace").decode(), quote(os.fsencode(path)), words.PERSON_SAVED.format(ago=words.ago(now - saved)))
                       for path, saved in header["notebooks"]],
        )  # fmt: skip

    def said(self, name):
        reset = self.get_argument("reset", "")
        return words.PERSON_WAS_RESET.format(name=name) if reset == "done" else words.PERSON_RESET_FAILED.format(name=name) if reset else ""


class Book(Page):
    """A participant's notebook in a frame."""

    @web.authenticated
    async def get(self, account):
        await self.volume(account)
        path = self.decode_path()
        self.show("book", account=account, name=self.known.roll.shown(account), path=path.encode("utf-8", "replace").decode(),
                  frame=f"{PREFIX}people/{account}/page?path={quote(os.fsencode(path))}")  # fmt: skip

    def decode_path(self):
        """The path, whose bytes need not be UTF-8."""
        found = self.request.query_arguments.get("path", [b""])[0]
        return os.fsdecode(found)


class BookPage(Book):
    """What is in the frame: the notebook without scripts, forms and links, in an origin of its own."""

    @web.authenticated
    async def get(self, account):
        volume = await self.volume(account)
        try:
            header, content = await self.ask(volume, "read", quote(os.fsencode(self.decode_path())))
            page = await asyncio.to_thread(self.render, header, content)
        except homes.Failed as error:
            page = self.broken(str(error))
        self.set_header("Content-Security-Policy", notebook.POLICY)
        self.finish(page)

    def render(self, header, content):
        if why := header.get("why"):
            return self.broken(words.BOOK_ABSENT if why == "absent" else words.BOOK_TOO_LARGE.format(mb=16))
        try:
            done = subprocess.run([sys.executable, notebook.__file__], input=content, capture_output=True, timeout=30)
        except subprocess.TimeoutExpired:
            return self.broken(words.BOOK_TOO_LONG)
        if done.returncode:
            return self.broken(done.stderr.decode(errors="replace").strip()[-200:] if done.returncode == 1 else words.BOOK_TOO_LONG)
        return done.stdout

    def broken(self, why):
        return pages.get_template("class/broken.html").render(why=words.BOOK_BROKEN.format(why=why))


class Reset(Page):
    """A new server for a participant. A start without options also mends what the last options have broken."""

    @web.authenticated
    async def post(self, account):
        await self.volume(account)
        try:
            await asyncio.to_thread(self.renew, account)
            said = "done"
        except (OSError, TimeoutError):
            said = "failed"
        self.redirect(f"{PREFIX}people/{account}?reset={said}")

    def renew(self, account, seconds=60):
        end = time.monotonic() + seconds
        self.hub("DELETE", account)
        while self.hub("POST", account) == 400:  # it is still stopping
            if time.monotonic() > end:
                raise TimeoutError
            time.sleep(0.5)

    def hub(self, method, account):
        """The status of a request about a participant's server."""
        asked = urllib.request.Request(
            f"{os.environ['JUPYTERHUB_API_URL']}/users/{quote(account)}/server", method=method, data=b"{}" if method == "POST" else None,
            headers={"Authorization": f"token {os.environ['JUPYTERHUB_API_TOKEN']}"},
        )  # fmt: skip
        try:
            return urllib.request.urlopen(asked, timeout=120).status
        except urllib.error.HTTPError as error:
            if error.code == 400 or (method == "DELETE" and error.code == 404):
                return error.code
            raise


class Helped(Page):
    @web.authenticated
    async def post(self, account):
        self.known.roll.helped(account)
        self.redirect(f"{PREFIX}?names=1")


class HandOut(Page):
    @web.authenticated
    async def get(self):
        self.hand("")

    @web.authenticated
    async def post(self):
        files = self.request.files
        sent = [(file.filename, file.body) for field in ("files", "folder") for file in files.get(field, ()) if file.filename]
        try:
            name, content = await asyncio.to_thread(handout.pack, sent)
        except handout.Refused as refused:
            return self.hand(str(refused))
        self.known.roll.hand_out(name, content)
        self.settings["deliver"].set()
        self.hand(words.HAND_DONE.format(name=name))

    def hand(self, said):
        now, shown = time.time(), self.known.roll.shown
        self.show("hand", said=said, handouts=[
            (number, name, words.ago(now - since), sum(not error for error in given.values()),
             [words.HAND_FAILED.format(name=shown(account), why=error) for account, error in given.items() if error])
            for number, name, since, given in self.known.roll.handouts()
        ])  # fmt: skip


class Withdraw(Page):
    @web.authenticated
    async def post(self, number):
        self.known.roll.withdraw(int(number))
        self.redirect(f"{PREFIX}hand-out")


def application(known, deliver):
    one = f"{PREFIX}people/([a-z0-9_-]+)"
    routes = [(PREFIX, Overview), (one, Person), (f"{one}/notebook", Book), (f"{one}/page", BookPage), (f"{one}/reset", Reset),
              (f"{one}/helped", Helped), (f"{PREFIX}hand-out", HandOut), (f"{PREFIX}hand-out/([0-9]+)/withdraw", Withdraw)]  # fmt: skip
    return web.Application(
        [(route, handler, {"known": known}) for route, handler in routes] + [(f"{PREFIX}oauth_callback", HubOAuthCallbackHandler)],
        cookie_secret=os.urandom(32), deliver=deliver,
    )  # fmt: skip


async def keep_delivering(known, wanted):
    """Hands out at once what is new, and to those who come later."""
    while True:
        try:
            await asyncio.to_thread(handout.deliver, known.client, PROJECT, known.roll)
        except (docker.errors.DockerException, OSError) as error:
            print(f"Handing out: {error}", file=sys.stderr)
        try:
            await asyncio.wait_for(wanted.wait(), 15)
        except asyncio.TimeoutError:  # another class until Python 3.11
            pass
        wanted.clear()


async def main():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    client, wanted = docker.APIClient(version="auto", timeout=60), asyncio.Event()
    known = Class(client, Roll(), *json.loads(os.environ["UNROLL_COURSE"]))
    # Not on the participants' networks.
    application(known, wanted).listen(10101, socket.gethostbyname("hub"), max_body_size=2 * handout.SIZE, max_buffer_size=2 * handout.SIZE)
    for _ in range(600):
        try:
            await asyncio.to_thread(urllib.request.urlopen, "http://proxy:8000/hub/health", None, 5)
            break
        except OSError:
            if Settings().https != "no":
                break  # it answers in HTTPS only; the hub is up
            await asyncio.sleep(0.5)
    await asyncio.to_thread(banner.show, client)
    await keep_delivering(known, wanted)


if __name__ == "__main__":
    asyncio.run(main())
