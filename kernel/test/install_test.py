"""Runs set-up where something is missing, and interrupts it: each failure is one line that says what to do.

Where it costs little, the failure is real: a closed port for the network, a tiny file system for the
disk. Otherwise a script on the PATH prints what an old go or python3 prints.
"""

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import time

import pytest

import places
from places import GO, ROOT, environment, fails_in_one_line, run, tools


@pytest.fixture
def place(tmp_path):
    """A bare checkout."""
    return places.copy(tmp_path / "checkout")


@pytest.fixture
def install(tmp_path, place):
    """install(go=…, python3=…) runs kernel/install with these scripts on the PATH."""

    def start(*arguments, env=(), **scripts):
        path = tools(tmp_path / "tools", **scripts)
        return run(place / "kernel/install", *arguments, cwd="/", env=environment(tmp_path / "home", path, **dict(env)))

    return start


OLD_PYTHON = 'case $1 in -c) exit 1 ;; *) echo "Python 3.9.2" ;; esac'


@pytest.mark.parametrize("python3, said", [(None, "there is none"), (OLD_PYTHON, "there is Python 3.9.2")])
def test_python_is_missing_or_too_old(install, place, python3, said):
    fails_in_one_line(install(python3=python3), "Python 3.11 or later is needed", said, "https://www.python.org/downloads/", "PYTHON=")
    assert not (place / ".unroll").exists() and not (place / ".venv").exists()


def test_python_can_be_chosen(install):
    done = install(python3=OLD_PYTHON, go=None, env={"PYTHON": places.PYTHON})
    fails_in_one_line(done, "Go 1.26 or later is needed")


FETCHING = 'echo "go: downloading go1.26 (linux/amd64)"; echo "go: download go1.26 for linux/amd64: toolchain not available"; exit 1'


@pytest.mark.parametrize(
    "go, said",
    [
        (None, "there is no go on the PATH"),
        ("echo go1.25.7", "this is go1.25.7"),
        ("echo go1.9", "this is go1.9"),
        (FETCHING, "toolchain not available"),
        ("exit 0", "no output"),
    ],
    ids=["missing", "1.25", "1.9", "fetching", "silent"],
)
def test_go_is_missing_or_too_old(install, place, go, said):
    fails_in_one_line(install(go=go), "Go 1.26 or later is needed", said, "https://go.dev/dl/")
    assert not (place / ".venv").exists()


@pytest.mark.parametrize("character", [",", ":"])
def test_a_path_that_go_cannot_take(tmp_path, character):
    place = places.copy(tmp_path / f"a{character}b")
    done = run(place / "kernel/install", cwd="/", env=environment(tmp_path / "home", tools(tmp_path / "tools")))
    fails_in_one_line(done, str(place), f"{character!r}", "move it")


@pytest.mark.parametrize("name", ["MINGW64_NT-10.0-26100", "MSYS_NT-10.0", "CYGWIN_NT-10.0"])
def test_windows_is_told_where_it_works(place, tmp_path, name):
    folder = tools(tmp_path / "tools")
    places.script(folder / "uname", f"echo {name}")
    done = run(place / "kernel/install", cwd="/", env=environment(tmp_path / "home", folder))
    fails_in_one_line(done, "WSL 2", "docker compose up solo")


def test_before_any_set_up(place, tmp_path):
    env = environment(tmp_path / "home", tools(tmp_path / "tools"))
    for command in (("kernel/run", "python", "-c", "print(1)"), ("kernel/lab",)):
        fails_in_one_line(run(*command, cwd=place, env=env), "Nothing is set up here yet", "make setup")


# The causes of failures


@pytest.fixture
def module(monkeypatch, tmp_path):
    spec = importlib.util.spec_from_file_location("kernel_install", ROOT / "kernel/install.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "LOG", tmp_path / "setup.log")
    return module


@pytest.mark.parametrize(
    "text, said",
    [
        ("OSError: [Errno 28] No space left on device: '/x'", "The disk is full"),
        ("link: writing output: write $WORK/b001/exe/a.out: no space left on device", "The disk is full"),
        ("write /x: disk quota exceeded", "The disk is full"),
        ("Failed to establish a new connection: [Errno -3] Temporary failure in name resolution", "check the network"),
        ('Get "https://example.com/x": dial tcp: lookup example.com: no such host', "check the network"),
        ("read tcp: i/o timeout", "check the network"),
        ("ERROR: No matching distribution found for zmq==1", "There is no zmq==1 for Python"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "does not have the pinned checksum"),
        ("one thing\nand another\n\n", "It failed: and another (the whole output is in setup.log)"),
        ("", "It failed: no output"),
    ],
)
def test_the_cause_of_a_failure(module, text, said):
    stop = str(module.explain(module.Failed(text), "it failed"))
    assert said in stop and "\n" not in stop
    assert module.LOG.read_text() == text


def test_python_without_venv(module, monkeypatch):
    def debian(*_):
        raise module.Failed("The virtual environment was not created successfully because ensurepip is not\navailable.")

    monkeypatch.setattr(module, "VENV", module.ROOT / ".venv")
    monkeypatch.setattr(module, "run", debian)
    with pytest.raises(module.Stop, match="apt install python3-venv.*run set-up again"):
        module.make_venv()


# Failures half way


@pytest.fixture(scope="module")
def half(tmp_path_factory):
    """A checkout whose set-up made the Python environment and then found no network, and the outputs of two runs.

    After the first run its requirements are empty, so that pip succeeds, and its first cell only prints a word.
    """
    base = tmp_path_factory.mktemp("half")
    place = places.copy(base / "checkout")
    with socket.socket() as closed:  # bound, but nobody listens
        closed.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{closed.getsockname()[1]}"
        env = environment(base / "home", tools(base / "tools"), PIP_INDEX_URL=nowhere, GOPROXY=nowhere)
        first = run(place / "kernel/install", cwd="/", env=env)
        (place / "kernel/requirements.txt").write_text("")
        (place / "kernel/cell.py").write_text('print("ready")\n')
        second = run(place / "kernel/install", cwd="/", env={**env, "GOMODCACHE": str(base / "empty")})
    return place, first, second


def test_no_network(half):
    _, first, second = half
    for done in (first, second):
        fails_in_one_line(done, "The package registries cannot be reached", "run set-up again", "it continues")
    assert "[1/7] Python environment" in first.stdout and "[2/7] JupyterLab\n" in first.stdout
    assert second.stdout.startswith("[1/6] JupyterLab  ") and second.stdout.endswith("[2/6] Go modules\n"), second.stdout


def with_a_tiny_disk(folder, size, *command, **more):
    """Runs a command with a file system of the given size at the folder, in a mount namespace of its own."""
    alone = ["unshare", "--map-root-user", "--mount"]
    try:
        subprocess.run([*alone, "mount", "-t", "tmpfs", "none", str(folder)], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this machine does not allow mounting a tiny file system")
    mount = 'mount -t tmpfs -o size="$1" none "$2" && shift 2 && exec "$@"'
    return run(*alone, "sh", "-c", mount, "sh", size, folder, *command, **more)


def test_the_checkouts_disk_is_full(tmp_path):
    origin, disk = places.copy(tmp_path / "origin"), tmp_path / "disk"
    disk.mkdir()
    places.script(tmp_path / "start", f'cp -r {origin}/. {disk}; PATH={tools(tmp_path / "tools")} exec {disk}/kernel/install')
    done = with_a_tiny_disk(disk, "4m", tmp_path / "start", cwd="/", env=environment(tmp_path / "home", os.environ["PATH"]))
    fails_in_one_line(done, "The disk is full", str(disk), "make room for about 2 GB", "it continues")
    assert "[1/7] Python environment" in done.stdout


def test_the_disk_that_go_builds_on_is_full(half, tmp_path):
    place = half[0]
    disk = tmp_path / "disk"
    disk.mkdir()
    env = environment(tmp_path / "home", tools(tmp_path / "tools"), TMPDIR=str(disk))
    (place / ".unroll/stamps/tools").unlink(missing_ok=True)
    env["PATH"] += os.pathsep + os.environ["PATH"]
    done = with_a_tiny_disk(disk, "1m", place / "kernel/install", cwd="/", env=env)
    fails_in_one_line(done, "The disk is full", str(disk), "make room for about 2 GB", "it continues")
    assert "GoNB, goimports and gopls\n" in done.stdout


class Slow:
    """A set-up whose first go build hangs for some seconds."""

    def __init__(self, place, folder, seconds):
        self.place, self.mark = place, places.Mark()
        (place / ".unroll/stamps/tools").unlink(missing_ok=True)
        self.began = folder / "began"
        hang = f'if [ "$1" = build ] && [ ! -e {self.began} ]; then touch {self.began}; sleep {seconds}; exit 1; fi'
        path = tools(folder / "tools", go=f'{hang}\nexec {GO} "$@"')
        self.env = self.mark.on(environment(folder / "home", path))

    def start(self):
        process = subprocess.Popen(
            [self.place / "kernel/install"], env=self.env, stdin=subprocess.DEVNULL, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        places.wait_for("go build runs", lambda: self.began.exists() or process.poll() is not None, 100)
        assert process.poll() is None, process.communicate()
        return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_set_up_leaves_nothing_running(half, tmp_path, number):
    slow = Slow(half[0], tmp_path, 600)
    process = slow.start()
    os.killpg(process.pid, number)
    out, err = process.communicate(timeout=20)
    fails_in_one_line(subprocess.CompletedProcess([], process.returncode, out, err), "interrupted", "run it again and it continues")
    slow.mark.gone()


def test_a_killed_set_up_is_waited_for_and_continued(half, tmp_path):
    slow = Slow(half[0], tmp_path, 3)
    process = slow.start()
    start = time.monotonic()
    process.kill()
    process.communicate()
    done = run(slow.place / "kernel/install", cwd="/", env=slow.env)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("Waiting for the set-up that is already running")
    assert time.monotonic() - start > 2.5
    assert "] GoNB, goimports and gopls  " in lines[1] and lines[-1].startswith("Set up in ")
    assert not any(word in done.stdout for word in ("JupyterLab", "Go modules", "Python environment"))
    for name in ("bin/gonb", "bin/goimports", "bin/gopls", "bin/leash", "lib/gopls"):
        assert os.access(slow.place / ".unroll" / name, os.X_OK), name
    again = run(slow.place / "kernel/install", cwd="/", env=slow.env)
    assert (again.returncode, again.stdout, again.stderr) == (0, "", ""), "there was nothing to do"


def test_half_an_environment_is_made_anew(half, tmp_path):
    """The stamp says that it was made, but it has been removed since."""
    place = half[0]
    assert (place / ".unroll/stamps/venv").exists()
    shutil.rmtree(place / ".venv")
    done = run(place / "kernel/install", cwd="/", env=environment(tmp_path / "home", tools(tmp_path / "tools")))
    assert done.returncode == 0, done.stderr
    assert "] Python environment in .venv  " in done.stdout and (place / ".venv/bin/python").exists()
    assert (place / ".venv/share/jupyter/kernels/gonb/kernel.json").exists()


def test_the_cache_of_modules_was_moved_or_emptied(half, tmp_path):
    place = half[0]
    env = environment(tmp_path / "home", tools(tmp_path / "tools"))
    cache = tmp_path / "moved"
    cache.symlink_to(run("go", "env", "GOMODCACHE", cwd=place, env=env).stdout.strip())
    env["GOMODCACHE"] = str(cache)
    moved = run(place / "kernel/install", cwd="/", env=env)
    assert moved.returncode == 0 and "] Go modules  " in moved.stdout, moved.stderr
    cache.unlink()
    emptied = run(place / "kernel/install", cwd="/", env={**env, "GOPROXY": "off"})
    fails_in_one_line(emptied, "registries cannot be reached")
