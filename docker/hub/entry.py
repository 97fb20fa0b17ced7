"""Who gets in: a shared password with free names, or seats with a password each. Attempts are counted."""

import math
import time
from collections import defaultdict, deque
from secrets import compare_digest

from jupyterhub.authenticators.shared import SharedPasswordAuthenticator
from tornado import web
from traitlets import Bool

import secretsfile


class Attempts:
    """Counts what failed within the last minute; with too many, all attempts have to wait, right ones too."""

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
        if len(self.failed) > 10_000:  # somebody tries names: what is old may go
            for other in list(self.failed):
                self.wait(other, now)
        self.failed[key].append(now)


class Entry(SharedPasswordAuthenticator):
    seats = Bool(config=True, help="whether everyone has a password of their own")

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        # A room may share one address, so an address may err more often than a name.
        self.by_name, self.by_address = Attempts(5), Attempts(60)

    async def authenticate(self, handler, data, clock=time.monotonic):
        name, password, now = self.normalize_username(data["username"]), data["password"], clock()
        address = handler.request.remote_ip
        wait = max(self.by_name.wait(name, now), self.by_address.wait(address, now))
        if wait:
            raise web.HTTPError(429, f"That was wrong too often. Wait {wait} seconds, then try again.")
        model = None
        if password.isascii():  # which compare_digest wants
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
