"""Sets up a checkout, in a folder with spaces and non-ASCII letters and with an empty home, and works in it.

What pip would download is linked from this checkout's environment; everything else is really made.
"""

import fcntl
import json
import os
import re
import signal
import socket
import subprocess
import termios
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from jupyter_client import BlockingKernelClient

import places
from places import PYTHON, ROOT, Mark, environment, fails_in_one_line, files, run, tools, wait_for

# What Go and its tools write into a home. The caches themselves are this machine's: see environment.
OF_GO = ".config .config/go .config/go/telemetry .cache .cache/goimports go go/pkg go/pkg/sumdb Library".split()


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    base = tmp_path_factory.mktemp("course")
    root = base / "Ünröll 循環" / "a course"
    root.parent.mkdir()
    places.copy(root, "kernel", "internal", "lesson", "plots", "exercise", "site", "tools", "notebooks", "Makefile", "go.mod", "go.sum")
    committed = files(root)
    (base / "tmp").mkdir()
    path = tools(base / "tools")
    places.script(path / "node", "exit 0")  # a person may have it, and JupyterLab then runs npm, which writes a log
    places.script(path / "npm", 'touch "$HOME/.npm"')
    env = environment(base / "home", path, TMPDIR=str(base / "tmp"))

    # The environment, as the first two steps of set-up leave it.
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", root / ".venv"], check=True)
    (library,) = (root / ".venv/lib").glob("python*/site-packages")
    library.rmdir()
    library.symlink_to(ROOT / library.relative_to(root))
    (root / ".venv/etc").symlink_to(ROOT / ".venv/etc")
    (root / ".venv/share").mkdir()
    (root / ".venv/share/jupyter").mkdir()
    for path in (ROOT / ".venv/share/jupyter").iterdir():
        if path.name != "kernels":
            (root / ".venv/share/jupyter" / path.name).symlink_to(path)
    stamps = root / ".unroll/stamps"
    stamps.mkdir(parents=True)
    version = subprocess.run([PYTHON, "-c", "import sys; print(sys.version, end='')"], capture_output=True, text=True).stdout
    (stamps / "venv").write_text(f"{root / '.venv'}\n{version}")
    (stamps / "jupyterlab").write_text((root / "kernel/requirements.txt").read_text())

    done = run("make", "setup", cwd=root, env=env, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return SimpleNamespace(base=base, root=root, env=env, home=base / "home", committed=committed, said=done.stdout)


def test_it_says_what_it_does_and_does_it_once(course):
    lines = course.said.splitlines()
    assert [re.sub(r"  [\d.]+ s$", "", line) for line in lines[:-1]] == [
        f"[{n}/5] {title}"
        for n, title in enumerate(
            ("Go modules", "GoNB, goimports and gopls", "the kernel", "the lessons' packages, compiled once", "a first cell"), 1
        )
    ]
    assert re.fullmatch(r"Set up in \d+ s", lines[-1])
    again = run("make", "setup", cwd=course.root, env=course.env)
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")


def in_the_foreground():
    """Makes standard input the controlling terminal, and restores SIGINT, which a job in the background ignores."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Lab:
    """`make lab` in a terminal, after it has printed its address."""

    def __init__(self, course):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.mark, self.log = Mark(), course.base / f"lab-{self.port}.log"
        start = time.monotonic()
        self.terminal, inside = os.openpty()
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                ["make", "lab", f"PORT={self.port}", "BROWSER=none"], cwd=course.root, env=self.mark.on(course.env),
                stdin=inside, stdout=log, stderr=log, start_new_session=True, preexec_fn=in_the_foreground,
            )  # fmt: skip
        os.close(inside)
        address = rf"http://127\.0\.0\.1:{self.port}(/lab\S*)\?token=(\w+)"
        said = wait_for("the address", lambda: self.process.poll() is not None or re.search(address, self.log.read_text()), 60)
        assert said is not True, self.log.read_text()
        self.path, self.token = said[1], said[2]
        self.seconds = time.monotonic() - start

    def end(self, number):
        """Ends it by a signal; by Ctrl-C, if that is SIGINT."""
        (server,) = (pid for pid, command in self.mark.processes().items() if "jupyterlab" in command)
        if number == signal.SIGINT:
            os.write(self.terminal, b"\x03")
        else:
            os.kill(server, number)
        self.process.wait(90)  # for a busy machine

    def ask(self, path, data=None, token=True):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data and json.dumps(data).encode())
        if token:
            request.add_header("Authorization", f"token {self.token}")
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as answer:
            return answer.read()

    def kernel(self, course):
        """A client of a new kernel that the server starts."""
        number = json.loads(self.ask("/api/kernels", {"name": "gonb"}))["id"]
        client = BlockingKernelClient(connection_file=str(course.root / f".unroll/jupyter/runtime/kernel-{number}.json"))
        client.load_connection_file()
        client.start_channels()
        client.wait_for_ready(timeout=60)
        return client


ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)


@pytest.fixture(scope="module")
def labs(course):
    """Servers with a kernel that has run the beginning of a lesson and completed a word, by the signal to end them."""
    labs = {}
    try:
        for number in ENDS:
            labs[number] = Lab(course)
        nb = nbformat.read(next(course.root.glob("notebooks/*-rnn-equation.ipynb")), as_version=4)
        cells = [cell.source for cell in nb.cells if cell.cell_type == "code"][:4]
        clients = [lab.kernel(course) for lab in labs.values()]
        for client in clients:
            for cell in cells:
                reply = client.execute_interactive(cell, timeout=120, output_hook=lambda message: None)["content"]
                assert reply["status"] == "ok", reply
            client.complete("%%\nlesson.", 10)
        for client in clients:
            found = client.get_shell_msg(timeout=60)["content"]["matches"]
            for _ in range(5):  # GoNB waits only 8 s for a completion, which a busy machine may exceed
                if not found:
                    found = client.complete("%%\nlesson.", 10, reply=True, timeout=60)["content"]["matches"]
            assert "NewRNN" in found
            client.stop_channels()
        yield labs
    finally:
        for lab in labs.values():
            for pid in lab.mark.processes():
                os.kill(pid, signal.SIGKILL)
            os.close(lab.terminal)


def test_lab_says_its_address_soon(labs):
    seconds = [lab.seconds for lab in labs.values()]
    print("second start:", *(f"{s:.1f} s" for s in seconds[1:]))
    # The aim is 5 s on a quiet machine; here, other tests run at the same time.
    assert min(seconds[1:]) < 5 * max(1, os.getloadavg()[0] / os.cpu_count())


def test_lab_opens_copies_of_the_lessons_without_outputs(labs, course):
    first, *others = labs.values()
    assert "The lessons are in my-lessons: copies of your own, without outputs" in first.log.read_text()
    assert all("lessons" not in lab.log.read_text().replace("/lab/tree", "") for lab in others), "they have nothing to say"
    given = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
    assert first.path == f"/lab/tree/{given[0]}"
    there = {entry["name"]: entry for entry in json.loads(first.ask("/api/contents/"))["content"]}
    editions = sorted({path.parent.name for path in (ROOT / "notebooks").glob("*/*.ipynb")})
    assert sorted(there) == sorted([*given, "data", *editions])
    for name in given:
        nb = nbformat.reads(json.dumps(json.loads(first.ask(f"/api/contents/{name}"))["content"]), as_version=4)
        assert not any(cell.get("outputs") for cell in nb.cells)
        for file in re.findall(r'"(data/[\w-]+\.\w+)"', "".join(cell.source for cell in nb.cells)):
            assert (course.root / "my-lessons" / file).is_file()
        assert (course.root / "notebooks" / name).read_bytes() == (ROOT / "notebooks" / name).read_bytes()


def test_lab_is_for_this_machine_and_this_person_alone(labs, course):
    lab = labs[signal.SIGTERM]
    assert b"gonb" in lab.ask("/api/kernelspecs")
    with pytest.raises(urllib.error.HTTPError) as refused:
        lab.ask("/api/kernelspecs", token=False)
    assert refused.value.code in (401, 403)
    listening = {
        line.split()[1].split(":")[0]
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]
        if int(line.split()[1].split(":")[1], 16) == lab.port and line.split()[3] == "0A"
    }
    assert listening == {"0100007F"}, "it does not listen on 127.0.0.1 alone"
    assert lab.path.startswith("/lab")


def test_an_edition_that_is_not_there(labs, course):
    for edition in ("tlh", "data", "..", "k", "en, ko"):
        env = {**course.env, "EDITION": edition, "BROWSER": "none"}
        fails_in_one_line(run("kernel/lab", cwd=course.root, env=env), f"no lessons in EDITION={edition}: choose one of en, ko")


def test_cells_of_an_edition_speak_its_language(labs):
    lab = labs[signal.SIGTERM]
    specs = json.loads(lab.ask("/api/kernelspecs"))["kernelspecs"]
    assert sorted(specs) == ["gonb", "gonb-ko"]
    assert specs["gonb-ko"]["spec"]["env"]["UNROLL_LANGUAGE"] == "ko" and "UNROLL_LANGUAGE" not in specs["gonb"]["spec"]["env"]
    assert specs["gonb-ko"]["spec"]["env"]["UNROLL_PROGRESS"] == "../progress.json"  # one for all editions


def test_a_port_in_use_or_none_at_all(labs, course):
    port = labs[signal.SIGTERM].port
    for value, *words in (
        (port, f"Port {port} is in use", "make lab PORT="),
        ("web", "PORT=web is not a port", "1024 to 65535"),
        (70000, "PORT=70000 is not a port"),
    ):
        env = {**course.env, "PORT": str(value), "BROWSER": "none"}
        fails_in_one_line(run("kernel/lab", cwd=course.root, env=env), *words)


@pytest.mark.parametrize("number", ENDS, ids=lambda number: number.name)
def test_no_process_is_left_when_the_server_stops(labs, course, number):
    lab = labs[number]
    commands = lab.mark.processes()
    assert sum("gopls" in command for command in commands.values()) == 2, commands
    lab.end(number)
    lab.mark.gone()
    wait_for("its kernel's folder is gone", lambda: len(list((course.root / ".unroll/tmp").iterdir())) < len(ENDS) - ENDS.index(number))


def test_nothing_is_written_elsewhere(course, labs):
    written = {path for path in files(course.home) if path not in OF_GO}
    assert [path for path in written if not path.startswith((".config/go/telemetry/", ".cache/goimports/", "go/pkg/sumdb/", "Library/"))] == []
    left = [path for path in files(course.base / "tmp") if not path.startswith(".org.chromium")]
    assert left == []
    new = {path.split("/")[0] for path in files(course.root) - course.committed}
    assert new == {".venv", ".unroll", "my-lessons"}


def test_clean_removes_what_was_made(course, labs):
    mine = {path for path in files(course.root) if path.startswith("my-lessons")}
    for made in ("build/html/index.html", "notebooks/.ipynb_checkpoints/a.ipynb", "notebooks/.virtual_documents/a", "internal/__pycache__/a.pyc"):
        (course.root / made).parent.mkdir(parents=True, exist_ok=True)
        (course.root / made).write_text("made")
    done = run("make", "clean", cwd=course.root, env=course.env)
    assert (done.returncode, done.stderr) == (0, "")
    assert files(course.root) == course.committed | mine  # a learner's work stays
    assert run("make", "clean", cwd=course.root, env=course.env).returncode == 0
