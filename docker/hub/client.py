"""A simulated participant: logs in, starts a server and runs cells through the kernel's websocket, as a browser does."""

import base64
import json
import re
import time
import uuid
from urllib.parse import quote, urljoin, urlsplit

import requests
import websocket

import names
import words


class Failure(Exception):
    """An error that a participant would see."""


class Participant:
    def __init__(self, address, name, password, verify=True):
        self.address, self.name, self.password = address.rstrip("/"), name, password
        self.account = names.account(name)
        self.web = requests.Session()
        self.web.trust_env = False
        self.web.headers["Accept"] = "text/html,*/*"  # as a page is requested, which may be led to log in
        self.web.verify = verify
        self.socket = None
        self.last = 0

    def login(self):
        page = self.web.get(f"{self.address}/hub/login", timeout=60)
        token = re.search(r'name="_xsrf"\s+value="([^"]+)"', page.text)
        if not token:
            raise Failure(f"no form to log in: {page.status_code}")
        form = {"username": self.name, "password": self.password, "_xsrf": token[1]}
        reply = self.web.post(f"{self.address}/hub/login", data=form, timeout=60, allow_redirects=False)
        if reply.status_code != 302:
            raise Failure(f"{self.name} may not log in: {reply.status_code}")
        path = f"/user/{self.account}"
        reply = self.web.get(f"{self.address}{path}/", timeout=60, allow_redirects=False)
        self.labs = "{0.scheme}://{0.netloc}".format(urlsplit(urljoin(self.address, reply.headers["Location"])))  # an origin of their own
        self.home = f"{self.labs}{path}"
        return self

    def spawn(self, patience=150):
        """Starts the server, and returns the seconds until JupyterLab answers."""
        start = time.monotonic()
        page = self.web.get(f"{self.address}/hub/spawn", timeout=60)
        while page.status_code != 200 or not urlsplit(page.url).path.startswith(urlsplit(self.home).path):
            if time.monotonic() - start > patience:
                raise Failure(f"no server for {self.name} within {patience} s")
            if words.SERVER_FAILED in page.content.decode(errors="replace"):
                raise Failure(f"the server of {self.name} did not start: {page.url}")
            self.wait_for_progress(page.text)
            page = self.web.get(f"{self.home}/lab", timeout=60)
            if page.status_code == 424:  # the server is not running, for example just stopped; the page offers to start it
                page = self.web.get(f"{self.address}/hub/spawn", timeout=60)
        return time.monotonic() - start

    def wait_for_progress(self, page):
        """Waits for the hub's event that the server is ready, as the progress page does."""
        events = re.search(r'EventSource\("([^"]+)"', page)
        if not events:
            time.sleep(0.25)
            return
        with self.web.get(f"{self.address}{events[1]}", stream=True, timeout=150, headers={"Accept": "text/event-stream"}) as said:
            for line in said.iter_lines():
                event = json.loads(line[5:]) if line.startswith(b"data:") else {}
                if event.get("failed"):
                    raise Failure(f"the server of {self.name} did not start: {event.get('message')}")
                if event.get("ready"):
                    return

    def api(self, method, path, **arguments):
        """Sends a request to the participant's own server, and returns the JSON of the reply."""
        path_of_cookie = urlsplit(self.home).path + "/"
        token = next((c.value for c in self.web.cookies if c.name == "_xsrf" and c.path == path_of_cookie), "")
        reply = self.web.request(method, f"{self.home}/api/{path}", headers={"X-XSRFToken": token}, timeout=120, **arguments)
        if not reply.ok:
            raise Failure(f"{method} {path}: {reply.status_code} {reply.text[:200]}")
        return reply.json() if reply.content else None

    def notebook(self, name):
        """The code of a notebook's cells."""
        cells = self.api("GET", f"contents/{quote(name)}")["content"]["cells"]
        return [cell["source"] for cell in cells if cell["cell_type"] == "code"]

    def start_kernel(self, kernel=None):
        """Starts a kernel, or connects to a running one, and returns its id."""
        self.kernel = kernel or self.api("POST", "kernels", json={"name": "gonb"})["id"]
        self.socket = self.channels(self.home, self.kernel)
        self.last = time.monotonic()
        return self.kernel

    def channels(self, home, kernel):
        """Connects to a kernel as JupyterLab does, with the cookies of its page."""
        path = urlsplit(home).path
        cookies = "; ".join(f"{c.name}={c.value}" for c in self.web.cookies if path.startswith(c.path.rstrip("/")) or c.path == path + "/")
        secure = {"sslopt": {"cert_reqs": 0}} if self.web.verify is False else {}
        address = f"ws{home[4:]}/api/kernels/{kernel}/channels"
        return websocket.create_connection(address, cookie=cookies, timeout=150, origin=self.labs, **secure)

    def ask(self, kind, content, patience=150):
        """Sends a message, and returns the reply and what was printed meanwhile."""
        if time.monotonic() - self.last > 15:  # the server's pings went unanswered
            self.socket.close()
            self.start_kernel(self.kernel)
        number = uuid.uuid4().hex
        header = {"msg_id": number, "msg_type": kind, "username": "", "session": number, "version": "5.3", "date": ""}
        self.socket.send(json.dumps(
            {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell", "buffers": []}
        ))  # fmt: skip
        end, reply, idle, said, failed = time.monotonic() + patience, None, False, [], False
        while not (reply and idle):
            self.socket.settimeout(max(0.1, end - time.monotonic()))
            data = self.socket.recv()
            if isinstance(data, bytes):
                continue
            message = json.loads(data)
            if message["parent_header"].get("msg_id") != number:
                continue
            if message["msg_type"] == "stream":
                said.append(message["content"]["text"])
            elif message["msg_type"] == "error":
                failed = True
            elif message["msg_type"] == "display_data" and failed:  # what can be done about it
                said.append(message["content"]["data"].get("text/plain", ""))
            elif message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                idle = True
            elif message["channel"] == "shell":
                reply = message["content"]
        self.last = time.monotonic()
        return reply, "".join(said)

    def run(self, code, patience=150):
        """Returns a cell's output and the seconds that it took."""
        start = time.monotonic()
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False, "stop_on_error": True}
        reply, said = self.ask("execute_request", content, patience)
        if reply["status"] != "ok":
            raise Failure(f"a cell of {self.name} failed: {reply.get('evalue', reply)}\n{said[-2000:]}")
        return said, time.monotonic() - start

    def shell(self, command, patience=150):
        """Returns the output of a command in the participant's container, both streams; a failing command is no error."""
        line = base64.b64encode(command.encode()).decode()  # no shell in between interprets it
        said, _ = self.run(f"!echo {line} | base64 -d | bash 2>&1; true", patience)
        return said

    def complete(self, code):
        start = time.monotonic()
        reply, _ = self.ask("complete_request", {"code": code, "cursor_pos": len(code)})
        return reply.get("matches", []), time.monotonic() - start

    def close(self):
        if self.socket:
            self.socket.close()
