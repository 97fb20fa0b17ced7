"""A workshop on the real engine, for the tests beside this file: make test-workshop.

Where no registry answers, Debian's debootstrap makes a stand-in for the base image.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
import requests
import urllib3

sys.path.insert(0, str(Path(__file__).with_name("hub")))

from client import Participant  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
BASE = "debian:bookworm-slim"
urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)  # of the self-signed certificate
PASSWORD, ADMIN = "a-word-for-the-tests", "a-long-word-for-the-teacher-of-the-tests"


def run(*command, check=True, timeout=300, **options):
    done = subprocess.run([str(part) for part in command], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=timeout, **options)  # fmt: skip
    if check and done.returncode:
        pytest.fail(f"{' '.join(map(str, command))}\n{done.stdout[-4000:]}")
    return done.stdout.strip()


def docker(*arguments, **options):
    return run("docker", *arguments, **options)


def inspect(name, form):
    return docker("inspect", "-f", form, name)


@pytest.fixture(scope="session")
def base():
    found = subprocess.run(["docker", "image", "inspect", BASE], capture_output=True).returncode == 0
    if found or subprocess.run(["docker", "pull", "-q", BASE], capture_output=True).returncode == 0:
        return
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "root")
        run("debootstrap", "--variant=minbase", "bookworm", root, timeout=600)
        certificates = Path("/etc/ssl/certs/ca-certificates.crt")
        if certificates.exists():  # those of this machine, which may be behind a proxy
            to = root / "etc/ssl/certs/ca-certificates.crt"
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(certificates, to)
            own = Path("/usr/local/share/ca-certificates")
            shutil.copytree(own, root / own.relative_to("/"), dirs_exist_ok=True)
        shutil.rmtree(root / "var/cache/apt/archives", ignore_errors=True)
        run("sh", "-c", f"tar -C {root} -c . | docker import - {BASE}", timeout=600)


class Workshop:
    def __init__(self, project, **settings):
        self.project = project
        with socket.socket() as free, socket.socket() as other:
            free.bind(("127.0.0.1", 0))
            other.bind(("127.0.0.1", 0))
            port, labs = free.getsockname()[1], other.getsockname()[1]
        self.address = f"http{'s' if settings.get('UNROLL_HTTPS') else ''}://127.0.0.1:{port}"
        self.settings = {"UNROLL_PORT": port, "UNROLL_LABS_PORT": labs, "UNROLL_ADMIN_PASSWORD": ADMIN} | settings

    def compose(self, *arguments, **options):
        env = {k: v for k, v in os.environ.items() if not k.startswith("UNROLL_")} | {k: str(v) for k, v in self.settings.items()}
        if subprocess.run(["docker", "buildx", "version"], capture_output=True).returncode:
            env["DOCKER_BUILDKIT"] = "0"
        return run("docker", "compose", "--env-file", "/dev/null", "-p", self.project, *arguments, cwd=ROOT, env=env, **options)

    @property
    def labs(self):
        """The origin of participants' servers."""
        return f"{self.address.rsplit(':', 1)[0]}:{self.settings['UNROLL_LABS_PORT']}"

    def __enter__(self):
        self.remove()
        try:
            self.up()
        except BaseException:
            self.remove()
            raise
        return self

    def __exit__(self, *_):
        self.remove()

    def up(self):
        self.compose("up", "-d", timeout=3000)
        self.wait()

    def wait(self, seconds=120):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                pages = [f"{self.address}/hub/login", f"{self.address}/services/class/"]  # the second leads to the first
                if all(requests.get(page, timeout=10, verify=False).status_code == 200 for page in pages):
                    return
            except requests.RequestException:
                pass
            time.sleep(0.3)
        pytest.fail("the hub does not answer\n" + self.compose("logs", "--tail=15"))

    def participant(self, name, password=PASSWORD):
        return Participant(self.address, name, password, verify=self.address.startswith("http:")).login()

    def container(self, name):
        return f"{self.project}-{name}"

    def ip(self, name):
        networks = json.loads(inspect(self.container(name), "{{json .NetworkSettings.Networks}}"))
        return next(iter(networks.values()))["IPAddress"]

    def remove(self):
        self.compose("run", "--rm", "--no-deps", "-T", "hub", "/srv/hub/workshop", "remove", input="remove\n", check=False)
        self.compose("--profile", "solo", "down", "--volumes", "--timeout", "60", check=False)


@pytest.fixture(scope="session")
def images(base):
    Workshop("unrolltest").compose("build", "check", "hub", "proxy", timeout=3000)


@pytest.fixture(scope="module")
def workshop(images):
    with Workshop("unrolltest", UNROLL_PASSWORD=PASSWORD) as it:
        yield it
