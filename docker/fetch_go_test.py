"""The image gets Go for its own architecture, and only with the pinned checksum."""

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ARCHIVE = b"not the Go that was pinned"


@pytest.fixture
def fetch(tmp_path):
    def run(machine, there=True, **sums):
        archive = tmp_path / f"v0.0.1-go1.26.8.linux-{machine}.zip"
        archive.write_bytes(ARCHIVE)
        answer = {"Zip": str(archive)} if there else {"Error": "no such version"}
        for name, said in (("dpkg", machine), ("go", json.dumps(answer))):
            (tmp_path / name).write_text(f"#!/bin/sh\necho '{said}'\n")
            (tmp_path / name).chmod(0o755)
        command = [sys.executable, HERE / "lab/fetch_go.py", "1.26.8", *(f"{name}={sum}" for name, sum in sums.items())]
        return subprocess.run(command, env=os.environ | {"PATH": f"{tmp_path}:/usr/bin:/bin"}, text=True, capture_output=True)

    return run


@pytest.mark.parametrize("machine", ["amd64", "arm64"])
def test_another_file_is_refused(fetch, machine):
    done = fetch(machine, amd64="0" * 64, arm64="0" * 64)
    assert done.returncode == 1 and f"for {machine} does not have the pinned checksum" in done.stderr
    assert hashlib.sha256(ARCHIVE).hexdigest() in done.stderr


def test_what_the_go_command_says_is_passed_on(fetch):
    done = fetch("amd64", there=False, amd64="0" * 64)
    assert done.returncode == 1 and "Go 1.26.8 cannot be downloaded: no such version" in done.stderr


def test_another_machine_is_refused(fetch):
    done = fetch("riscv64", amd64="0" * 64, arm64="0" * 64)
    assert done.returncode == 1 and "build on amd64 or arm64" in done.stderr


def test_both_machines_have_a_checksum():
    text = (HERE / "Dockerfile").read_text()
    assert set(re.findall(r"^ARG GO_SHA256_(\w+)=[0-9a-f]{64}$", text, re.M)) == {"AMD64", "ARM64"}
