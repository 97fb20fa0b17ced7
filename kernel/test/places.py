"""What the tests of the set-up share: checkouts to try it in, and processes to look for."""

import os
import shutil
import subprocess
import sys
import time
import uuid
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PYTHON = sys._base_executable  # the one that the environment was made with
GO = shutil.which("go")


def copy(place, *names):
    """Copies files and folders of this checkout into a new one, by default what set-up itself needs, without lessons."""
    place.mkdir(parents=True)
    for name in names or ("kernel", "internal", "Makefile", "go.mod", "go.sum"):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints"))
        else:
            shutil.copy(ROOT / name, place / name)
    return place


def script(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def tools(folder, *, go=f'exec {GO} "$@"', python3=f'exec {PYTHON} "$@"'):
    """A folder for the PATH with these and the few common commands that set-up needs; no C compiler."""
    folder.mkdir(parents=True)
    for name in ("bash", "sh", "env", "dirname", "id", "make", "sed", "expand", "sleep", "touch", "rm", "stty"):
        if found := shutil.which(name):
            (folder / name).symlink_to(found)
    for name, text in (("go", go), ("python3", python3)):
        if text is not None:
            script(folder / name, text)
    return folder


def environment(home, path, **more):
    """The environment of a person with nothing set, except that Go's caches are those of this machine."""
    home.mkdir(parents=True, exist_ok=True)
    said = subprocess.run([GO, "env", "GOCACHE", "GOMODCACHE"], capture_output=True, text=True, check=True).stdout
    caches = dict(zip(("GOCACHE", "GOMODCACHE"), said.splitlines()))
    return {"HOME": str(home), "PATH": str(path), "LANG": "C.UTF-8", "GOPROXY": "off", **caches, **more}


def run(*command, cwd, env, timeout=120):
    return subprocess.run(
        [str(part) for part in command], cwd=cwd, env=env, stdin=subprocess.DEVNULL, text=True, timeout=timeout,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def fails_in_one_line(done, *words):
    """It failed, and what it says of that is one line with these words in it."""
    assert done.returncode != 0, done.stdout
    assert done.stderr.count("\n") == 1 and done.stderr.endswith("\n"), done.stderr
    for word in words:
        assert word in done.stderr


def wait_for(what, done, timeout=20):
    deadline = time.monotonic() + timeout
    while not (result := done()):
        assert time.monotonic() < deadline, f"after {timeout} s still not: {what}"
        time.sleep(0.05)
    return result


class Mark:
    """A mark in the environment, by which every process that comes of a command can be found."""

    def __init__(self):
        self.text = f"UNROLL_TEST_MARK={uuid.uuid4()}"

    def on(self, env):
        return {**env, **dict([self.text.split("=")])}

    def processes(self):
        """The processes that carry the mark, each with its command."""
        found = {}
        for path in Path("/proc").glob("[0-9]*"):
            try:
                if self.text.encode() in (path / "environ").read_bytes().split(b"\0"):
                    found[int(path.name)] = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
            except OSError:
                continue  # it has ended, or is not ours
        return found

    def gone(self, timeout=20):
        """Waits until no process carries the mark."""
        deadline = time.monotonic() + timeout
        while left := self.processes():
            assert time.monotonic() < deadline, f"still there after {timeout} s: {left}"
            time.sleep(0.1)

    def megabytes(self):
        """The memory that the processes with the mark occupy, pages that they share counted in each: rather too much."""
        total = 0
        for pid in self.processes():
            try:
                lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            except OSError:
                continue  # it has ended
            for line in lines:
                if line.startswith("Rss:"):
                    total += int(line.split()[1]) * 1024 / 1e6
        return total


def files(folder):
    """Every file and folder in the folder, by its path in it."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}
