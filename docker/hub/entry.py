"""Authentication: a shared password with free names, or seats with a password each. Failed attempts are limited."""

import math
import time
from collections import defaultdict, deque
from secrets import compare_digest

from jupyterhub.authenticators.shared import SharedPasswordAuthenticator
from tornado import web
from traitlets import Bool

import door
import names
import secretsfile


class Attempts:
    """Counts the failures of the last minute; after too many, every attempt has to wait, even with the right password."""

    SECONDS = 60

    def __init__(self, most):
        self.most, self.failed = most, defaultdict(deque)

    def wait(self, key, now):
        """The seconds to wait before the next attempt."""
        times = self.failed.get(key, ())
        while times and times[0] <= now - self.SECONDS:
            times.popleft()
        if not times:
            self.failed.pop(key, None)
        return math.ceil(times[0] + self.SECONDS - now) if len(times) >= self.most else 0

    def fail(self, key, now):
        if len(self.failed) > 10_000:  # someone tries many names: remove expired entries
            for other in list(self.failed):
                self.wait(other, now)
        self.failed[key].append(now)


class Entry(SharedPasswordAuthenticator):
    seats = Bool(config=True, help="whether everyone has a password of their own")

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        # A whole room may share one address, so the limit of an address is higher than that of a name.
        self.by_name, self.by_address = Attempts(5), Attempts(60)

    def normalize_username(self, username):
        """authenticate makes the account's name of what was typed; it stays as it is."""
        return username

    def get_handlers(self, app):
        return door.HANDLERS

    async def authenticate(self, handler, data, clock=time.monotonic):
        try:
            name = names.account(data["username"])
        except names.Refused as refused:
            raise web.HTTPError(400, str(refused)) from None
        data = data | {"username": name}
        password, now = data["password"], clock()
        address = handler.request.remote_ip
        wait = max(self.by_name.wait(name, now), self.by_address.wait(address, now))
        if wait:
            raise web.HTTPError(429, f"Too many wrong passwords. Wait {wait} seconds, then try again.")
        model = None
        if password.isascii():  # compare_digest takes no other str
            if self.seats and name not in self.admin_users:
                known = secretsfile.seats().get(name)
                if known and compare_digest(known, password):
                    model = {"name": name, "admin": False, "groups": []}
            else:
                model = await super().authenticate(handler, data)
        if model is None:
            self.by_name.fail(name, now)
            self.by_address.fail(address, now)
        return model
