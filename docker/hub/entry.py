"""Authentication: a shared password with free names, or seats with a password each. Guesses are slowed down; nobody is locked out.

Everyone in a room may have one address, and one of them may guess: so the right password is always taken, sooner or later. Whoever
has logged in before, and the teacher, whose password is too long to be guessed, do not wait for others' guesses.
"""

import asyncio
import time
from collections import defaultdict, deque
from secrets import compare_digest

from jupyterhub.auth import Authenticator
from tornado import web
from traitlets import Bool, Unicode

import door
import gate
import names
import secretsfile
import words


class Guesses:
    """Wrong passwords by where they come from. After FREE of them within a minute, that place has one answer in PAUSE seconds."""

    FREE, PAUSE, MOST = 60, 0.5, 100

    def __init__(self):
        self.wrong, self.waiting, self.next = defaultdict(deque), defaultdict(int), {}

    def many(self, place, now):
        times = self.wrong.get(place, ())
        while times and times[0] <= now - 60:
            times.popleft()
        if not times:
            self.wrong.pop(place, None)
        return len(times) >= self.FREE

    def add(self, place, now):
        if len(self.wrong) > 10_000:  # remove expired entries
            for other in list(self.wrong):
                self.many(other, now)
        self.wrong[place].append(now)
        if len(self.wrong[place]) > self.FREE:
            self.wrong[place].popleft()

    async def turn(self, place, clock=time.monotonic, sleep=asyncio.sleep):
        """Returns when an attempt from this place may be answered, and False if too many wait already."""
        now = clock()
        if not self.many(place, now):
            return True
        if self.waiting[place] >= self.MOST:
            return False
        self.waiting[place] += 1
        try:
            at = self.next[place] = max(now, self.next.get(place, now)) + self.PAUSE
            await sleep(at - now)
        finally:
            self.waiting[place] -= 1
            if not self.waiting[place]:
                del self.waiting[place], self.next[place]
        return True


class Entry(Authenticator):
    seats = Bool(config=True, help="whether everyone has a password of their own")
    teacher = Unicode(config=True, help="the teacher's name")
    user_password = Unicode(config=True)
    admin_password = Unicode(config=True)

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.guesses = Guesses()

    def normalize_username(self, username):
        """authenticate makes the account's name of what was typed; it stays as it is."""
        return username

    def get_handlers(self, app):
        return [*door.HANDLERS, ("/gate", gate.Enter), ("/gate/check", gate.Check)]

    async def authenticate(self, handler, data):
        try:
            name = names.account(data["username"])
        except names.Refused as refused:
            raise web.HTTPError(400, str(refused)) from None
        place = self.place(handler)
        if name != self.teacher and not await self.guesses.turn(place):
            raise web.HTTPError(429, words.MANY_GUESSES)
        password = self.password_of(name)
        given = data["password"]
        if password and given.isascii() and compare_digest(given, password):  # compare_digest takes no other str
            handler._set_cookie(door.KNOWN, name, path=handler.hub.base_url, samesite="Lax", expires_days=30)
            return {"name": name, "admin": False, "groups": []}
        self.guesses.add(place, time.monotonic())
        return None

    def password_of(self, name):
        if name == self.teacher:
            return self.admin_password
        return secretsfile.seats().get(name) if self.seats else self.user_password

    def place(self, handler):
        """Where an attempt comes from: a browser that has logged in before, or else an address."""
        known = handler.get_secure_cookie(door.KNOWN)
        return known or handler.request.remote_ip
