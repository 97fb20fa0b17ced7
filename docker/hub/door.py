"""The hub's own pages for participants: the door, where a name is chosen; "somebody has this name"; "I am stuck"."""

import asyncio
import re
import time

import docker
import jinja2.ext
from jupyterhub.handlers.base import BaseHandler
from jupyterhub.handlers.login import LoginHandler
from jupyterhub.utils import url_path_join
from tornado import web
from tornado.httputil import url_concat

import homes
import names
import words
from roll import Roll

KNOWN = "unroll-known"  # the cookie with the account that was last used in this browser
QUESTION = 300  # the most characters


class Door(LoginHandler):
    before = None  # when the name was used before, from another browser

    async def login_user(self, data=None):
        known = self.get_secure_cookie(KNOWN)
        user = await super().login_user(data)
        if user and user.name != self.authenticator.teacher and not self.authenticator.seats:
            self.before = Roll().enter(user.name, names.shown(data["username"]), known == user.name.encode())
        return user

    def get_next_url(self, user=None, default=None):
        url = super().get_next_url(user, default)
        return url_concat(url_path_join(self.hub.base_url, "taken"), {"next": url, "before": int(self.before)}) if self.before else url

    def _render(self, login_error=None, **rest):
        if login_error == "Invalid username or password":
            login_error = words.WRONG_SEAT if self.authenticator.seats else words.WRONG_PASSWORD
        return super()._render(login_error=login_error, **rest)


class Taken(BaseHandler):
    """Tells someone that the name was used before. The next page opens either way; it is a question, not a wall."""

    @web.authenticated
    async def get(self):
        before = self.get_argument("before", "0")
        name = Roll().shown(self.current_user.name)
        ago = words.ago(time.time() - int(before)) if re.fullmatch("[0-9]{1,12}", before) else words.AGO_NOW
        self.finish(await self.render_template("taken.html", who=name, ago=ago, other=f"{name} 2", next=self.get_next_url(self.current_user)))


class Stuck(BaseHandler):
    """Where a participant says "I am stuck"; the class page shows it."""

    client = project = None
    lessons = []  # (slug, title)

    async def show(self):
        mine = next((row for row in Roll().questions() if row[0] == self.current_user.name), None)
        lesson = mine[1] if mine else await asyncio.to_thread(self.recent)
        self.finish(await self.render_template(
            "stuck.html", lessons=self.lessons, lesson=lesson, question=mine[2] if mine else "", most=QUESTION,
            ago=mine and words.ago(time.time() - mine[3]), xsrf=self.xsrf_token.decode("ascii")))  # fmt: skip

    def recent(self):
        """The lesson that this participant has saved last; empty if that is unknown."""
        try:
            home = homes.homes(self.client, self.project)[self.current_user.name]
            header, _ = next(homes.ask(self.client, "notebooks", home=home, seconds=5))
        except (KeyError, homes.Failed, docker.errors.DockerException, OSError):
            return ""
        found = (re.search(r"(?:^|/)\d+[a-z]?-([\w-]+?)(?:-new\d*)?\.ipynb$", path) for path, _ in header["notebooks"])
        return next((match[1] for match in found if match and match[1] in dict(self.lessons)), "")

    @web.authenticated
    async def get(self):
        await self.show()

    @web.authenticated
    async def post(self):
        if self.get_argument("done", ""):
            Roll().helped(self.current_user.name)
        else:
            lesson = self.get_argument("lesson", "")
            lesson = lesson if lesson in dict(self.lessons) else ""
            Roll().stuck(self.current_user.name, lesson, " ".join(self.get_argument("question", "").split())[:QUESTION])
        self.redirect(self.request.path)


class Spoken(jinja2.ext.Extension):
    """Has JupyterHub's own pages speak the language of the workshop."""

    def preprocess(self, source, name, filename=None):
        for english, said in words.hub().items():
            if said != english:
                english = r"\s+".join(map(re.escape, english.split()))
                source = re.sub(rf"(>\s*|\b(?:value|title|alt|aria-label)=[\"'])(?:{english})(?=\s*<|[\"'])", lambda m: m[1] + said, source)
        return source.replace('<html lang="en">', f'<html lang="{words.LANGUAGE}">')


HANDLERS = [("/login", Door), ("/taken", Taken), ("/stuck", Stuck)]
