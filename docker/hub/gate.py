"""The gate: a participant's server answers no browser but its owner's.

A participant may serve anything in place of JupyterLab, so no other browser may run what comes from there, the teacher's least
of all. The proxy asks Check before each request below /user/NAME/ (nginx's auth_request); without NAME's own session it sends
the browser to Enter, which gives NAME's browser, and no other, the cookie that Check looks for. ../proxy/nginx.conf has the rest:
participants' servers are on another port, so another origin, and never receive a cookie of the hub.
"""

import hashlib
from urllib.parse import unquote

from jupyterhub import orm
from jupyterhub.handlers import BaseHandler
from jupyterhub.proxy import Proxy
from tornado import web

import words
from roll import Roll

COOKIE = "unroll-gate"
SESSION = "jupyterhub-session-id"


class Routes(Proxy):
    """The hub's own list of what it serves. The proxy keeps none: it learns from Check where a server is."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.routes = {}

    async def add_route(self, routespec, target, data):
        self.routes[routespec] = {"routespec": routespec, "target": target, "data": data}

    async def delete_route(self, routespec):
        self.routes.pop(routespec, None)

    async def get_all_routes(self):
        return self.routes


class Enter(BaseHandler):
    """/hub/gate?next=/user/NAME/…: lets NAME's browser in, and tells every other whose server it is."""

    @web.authenticated
    def get(self):
        user, path = self.current_user, self.request.query.partition("next=")[2]  # as the proxy got it, not decoded
        parts = path.split("?")[0].split("/")
        if len(parts) < 3 or parts[:2] != ["", "user"] or not parts[2]:
            raise web.HTTPError(404)
        name = unquote(parts[2])
        if name != user.name:
            raise web.HTTPError(403, words.GATE.format(name=Roll().shown(name)))
        session = self.get_session_cookie() or self.set_session_cookie()
        self._set_cookie(COOKIE, f"{user.cookie_id} {session}", path=user.proxy_spec, samesite="Lax")
        self.redirect(user.proxy_spec.rstrip("/") + path[len("/user/" + parts[2]) :])


class Check(BaseHandler):
    """Answers the proxy: 204 with the server's container and the cookies that it may see, 401 without the owner's session,
    403 if the server does not run."""

    async def prepare(self):
        """Nothing: the hub's own cookies do not come here."""

    def get(self):
        value = self.get_secure_cookie(COOKIE, max_age_days=self.cookie_max_age_days) or b""
        identity, _, session = value.decode().partition(" ")
        user = None
        if session and session == self.get_session_cookie():  # logging out ends the session
            user = self._user_from_orm(self.db.query(orm.User).filter(orm.User.cookie_id == identity).first())
        if user is None or user.name != unquote(self.request.headers.get("X-Server", "")):
            self.set_status(401)
            return
        spawner = user.spawners[""]
        if spawner.server is None or spawner.pending in ("spawn", "stop"):
            self.set_status(403)
            return
        # The container's name on its network. An address could be another participant's a moment later.
        self.set_header("X-Container", spawner.object_id[:12])
        self.set_header("X-Cookies", cookies(self.request.headers.get("Cookie", ""), session, user.name))
        self.set_status(204)


def cookies(header, session, name):
    """The cookies for a participant's server: its own, and a session's name that is of no use elsewhere."""
    own = [part for part in map(str.strip, header.split(";")) if part.startswith(("_xsrf=", "jupyterhub-user-"))]
    return "; ".join([*own, f"{SESSION}={hashlib.sha256(f'{session} {name}'.encode()).hexdigest()}"])
