"""The teacher's page: who is connected, and how many have done each exercise. A service of the hub."""

import asyncio
import html
import io
import json
import os
import socket
import tarfile
import urllib.request
from collections import Counter

import docker
from jupyterhub.services.auth import HubOAuthCallbackHandler, HubOAuthenticated
from jupyterhub.utils import url_path_join
from tornado import web

import banner
import progress
from settings import Settings

PROJECT = os.environ["UNROLL_PROJECT"]
PREFIX = os.environ["JUPYTERHUB_SERVICE_PREFIX"]
LARGEST = 1 << 20  # the most bytes of a progress file; a longer one is not genuine

client = docker.APIClient(version="auto", timeout=20)
known = {}  # the last progress of each participant, also of those whose server has stopped


def read_progress(container):
    """A participant's progress file, as {exercise: solved}; empty if there is none or it is malformed."""
    try:
        stream, stat = client.get_archive(container, "/home/learner/progress.json")
        if stat["size"] > LARGEST or stat["linkTarget"]:
            return {}
        data = b""
        for chunk in stream:
            data += chunk
            if len(data) > LARGEST + 10240:
                return {}
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            content = json.load(archive.extractfile(archive.next()))
        return progress.read(content)
    except (docker.errors.APIError, OSError, ValueError, AttributeError, KeyError, TypeError, tarfile.TarError):
        return {}


def look():
    """Returns the participants whose container runs, and updates everyone's progress."""
    running = set()
    for container in client.containers(filters={"label": [f"unroll.project={PROJECT}", "unroll.user"]}):
        name = container["Labels"]["unroll.user"]
        running.add(name)
        exercises = read_progress(container["Id"])
        if exercises or name not in known:
            known[name] = exercises
    return running


def page(running, names):
    done, tried = Counter(), Counter()
    for exercises in known.values():
        for exercise, solved in exercises.items():
            tried[exercise] += 1
            done[exercise] += solved
    rows = "".join(
        f"<tr><td>{html.escape(exercise)}</td><td>{done[exercise]}</td><td>{tried[exercise]}</td>"
        f'<td><progress max="{len(known)}" value="{done[exercise]}">{done[exercise]} of {len(known)}</progress></td></tr>'
        for exercise in sorted(tried)
    )
    table = (
        f"<table><tr><th>Exercise</th><th>Done by</th><th>Tried by</th><th>of {len(known)}</th></tr>{rows}</table>"
        if rows
        else "<p>Nobody has tried an exercise yet.</p>"
    )
    if names:
        people = "".join(
            f"<tr><td>{html.escape(name)}</td><td>{'yes' if name in running else 'no'}</td>"
            f"<td>{sum(known[name].values())}</td></tr>"
            for name in sorted(known)
        )
        who = f"<table><tr><th>Name</th><th>Connected</th><th>Exercises done</th></tr>{people}</table>"
        other = '<a href="?">Hide the names</a>'
    else:
        who, other = "", '<a href="?names=1">Show names</a>'
    return f"""<!doctype html>
<html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="15">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>The class</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 1.1rem/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem }}
table {{ border-collapse: collapse; margin: 1rem 0 }}
th, td {{ text-align: left; padding: .2rem 1.2rem .2rem 0; border-bottom: 1px solid #8886 }}
strong {{ font-size: 2rem }}
</style>
<h1>The class</h1>
<p><strong>{len(running)}</strong> connected, {len(known)} have been here since the hub started.</p>
{table}
{who}
<p>{other} · <a href="/hub/admin">Stop servers</a> · This page reloads every 15 seconds.</p>
</html>
"""


class Page(HubOAuthenticated, web.RequestHandler):
    @web.authenticated
    async def get(self):
        running = await asyncio.to_thread(look)
        self.set_header("Cache-Control", "no-store")
        self.set_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
        self.finish(page(running, self.get_argument("names", "") == "1"))


async def main():
    app = web.Application(
        [(PREFIX, Page), (url_path_join(PREFIX, "oauth_callback"), HubOAuthCallbackHandler)],
        cookie_secret=os.urandom(32),
    )
    app.listen(10101, socket.gethostbyname("hub"))  # not on the participants' networks
    for _ in range(600):
        try:
            await asyncio.to_thread(urllib.request.urlopen, "http://proxy:8000/hub/health", None, 5)
            break
        except OSError:
            if Settings().https != "no":
                break  # it answers in HTTPS only; the hub is up
            await asyncio.sleep(0.5)
    await asyncio.to_thread(banner.show, client)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
