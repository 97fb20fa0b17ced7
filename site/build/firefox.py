"""Firefox as it is distributed, driven by WebDriver BiDi: Playwright drives only a Firefox of its own."""

import json
import subprocess
import tempfile
import time
from pathlib import Path

import websocket


class Firefox:
    """A Firefox without a window: with Firefox(program) as firefox."""

    def __init__(self, program):
        self.profile = tempfile.TemporaryDirectory(prefix="firefox", ignore_cleanup_errors=True)
        command = [program, "--headless", "--no-remote", "--profile", self.profile.name, "--remote-debugging-port", "0"]
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        address = Path(self.profile.name, "WebDriverBiDiServer.json")
        while not (address.exists() and (server := address.read_text())):
            if self.process.poll() is not None:
                raise OSError(f"{program} ended with status {self.process.returncode}")
            time.sleep(0.1)
        port = json.loads(server)["ws_port"]
        self.socket = websocket.create_connection(f"ws://127.0.0.1:{port}/session", suppress_origin=True, timeout=300)
        self.number, self.tabs = 0, {}
        self.send("session.new", capabilities={})
        self.send("session.subscribe", events=["log.entryAdded", "network.beforeRequestSent"])

    def send(self, method, **parameters):
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": parameters}))
        while (said := json.loads(self.socket.recv())).get("id") != self.number:
            if said["type"] == "event":
                self.heard(said["method"], said["params"])
        if said["type"] == "error":
            raise OSError(f"{method}: {said['message']}")
        return said["result"]

    def heard(self, event, told):
        tab = self.tabs.get(told.get("context") or told.get("source", {}).get("context"))
        if tab and event == "log.entryAdded":
            tab.complaints.append(told["text"])
        elif tab:
            tab.asked.append(told["request"]["url"])

    def tab(self, width, height):
        return Tab(self, width, height)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()
        self.process.terminate()
        self.process.wait(30)
        self.profile.cleanup()


class Tab:
    """A tab of a size, with what it complained of and the addresses that it asked for."""

    def __init__(self, firefox, width, height):
        self.firefox, self.complaints, self.asked = firefox, [], []
        user = firefox.send("browser.createUserContext")["userContext"]  # with a storage of its own
        self.name = firefox.send("browsingContext.create", type="tab", userContext=user)["context"]
        firefox.tabs[self.name] = self
        firefox.send("browsingContext.setViewport", context=self.name, viewport={"width": width, "height": height})

    def goto(self, url):
        self.firefox.send("browsingContext.navigate", context=self.name, url=url, wait="complete")

    def evaluate(self, function, argument=None):
        """What a function of JavaScript returns, of an argument."""
        expression = f"(async () => JSON.stringify(await ({function})({json.dumps(argument)})) ?? 'null')()"
        said = self.firefox.send("script.evaluate", expression=expression, target={"context": self.name}, awaitPromise=True)
        if said["type"] == "exception":
            raise OSError(said["exceptionDetails"]["text"])
        return json.loads(said["result"]["value"])

    def press(self, *keys):
        """Presses keys, together: "\\uE008" is Shift, "\\uE007" Enter."""
        actions = [{"type": "keyDown", "value": key} for key in keys] + [{"type": "keyUp", "value": key} for key in reversed(keys)]
        self.firefox.send("input.performActions", context=self.name, actions=[{"type": "key", "id": "keyboard", "actions": actions}])

    def screenshot(self):
        """The tab as a PNG, in base64."""
        return self.firefox.send("browsingContext.captureScreenshot", context=self.name)["data"]

    def close(self):
        self.firefox.send("browsingContext.close", context=self.name)
