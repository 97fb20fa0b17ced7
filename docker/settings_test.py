"""A wrong setting is reported in one line, before anything starts."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).with_name("hub")))

import settings  # noqa: E402

WRONG = {
    "ENTRY": [("open", "shared or seats")],
    "PASSWORD": [("tiny", "8 characters or more"), ("пароль-для-всех", "a to z")],
    "ADMIN_PASSWORD": [("a-short-one", "32 characters or more")],
    "SEATS": [("0", "from 1 to 1000"), ("many", "from 1 to 1000"), ("-3", "from 1 to 1000")],
    "PORT": [("70000", "65535"), ("http", "65535")],
    "LABS_PORT": [("0", "65535"), ("8000", "the same")],
    "HTTPS": [("yes", "no or made or given"), ("given", "cert.pem")],
    "RESERVE": [("1", "such as 2G"), ("100M", "from 256M")],
    "MEMORY": [("2", "such as 1536M"), ("100M", "from 256M"), ("lots", "such as 1536M")],
    "CPUS": [("0", "from 0.1"), ("two", "from 0.1")],
    "IDLE_MINUTES": [("0", "from 1")],
    "IMAGE": [("Owner/unroll", "small letters"), ("unroll-lab:1", "without -lab"), ("a b", "small letters"), ("-x", "small letters")],
    "TAG": [("a/b", "such as v1.0"), (":1", "such as v1.0")],
    "SUBNETS": [("8.8.0.0/16", "private"), ("10.0.0.0/30", "256"), ("ours", "private")],
}


@pytest.mark.parametrize(("name", "value", "help"), [(name, *case) for name, cases in WRONG.items() for case in cases])
def test_wrong(name, value, help):
    with pytest.raises(settings.Wrong) as wrong:
        settings.Settings({f"UNROLL_{name}": value})
    said = str(wrong.value)
    assert f"UNROLL_{name}" in said and help in said and "\n" not in said
    if "PASSWORD" in name:
        assert value not in said  # the projector may show the message


def test_a_seat_has_its_own_password():
    with pytest.raises(settings.Wrong, match="remove one"):
        settings.Settings({"UNROLL_ENTRY": "seats", "UNROLL_PASSWORD": "long-enough"})


def test_nothing_set_is_right():
    s = settings.Settings({})
    assert (s.entry, s.password, s.admin_password, s.internet, s.memory) == ("shared", "", "", False, 1536 << 20)


def test_images_can_be_taken_from_elsewhere():
    assert settings.Settings({}).lab == "unroll-lab:latest"
    elsewhere = {"UNROLL_IMAGE": "ghcr.io/owner/unroll", "UNROLL_TAG": "v1.0"}
    assert settings.Settings(elsewhere).lab == "ghcr.io/owner/unroll-lab:v1.0"
    assert settings.Settings({"UNROLL_IMAGE": "localhost:5000/unroll"}).lab == "localhost:5000/unroll-lab:latest"
    if not shutil.which("docker") or subprocess.run(["docker", "compose", "version"], capture_output=True).returncode:
        pytest.skip("it needs Docker's Compose")
    said = subprocess.run(["docker", "compose", "--env-file", "/dev/null", "config", "--images"], cwd=CHECK.parents[1], text=True,
                          stdout=subprocess.PIPE, check=True, env=os.environ | elsewhere)  # fmt: skip
    assert set(said.stdout.split()) == {f"ghcr.io/owner/unroll-{name}:v1.0" for name in ("lab", "hub", "proxy")}


def test_a_certificate_that_is_there_is_right(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "CERTIFICATE", tmp_path)
    (tmp_path / "cert.pem").touch()
    with pytest.raises(settings.Wrong, match="key.pem"):
        settings.Settings({"UNROLL_HTTPS": "given"})
    (tmp_path / "key.pem").touch()
    assert settings.Settings({"UNROLL_HTTPS": "given"}).https == "given"


CHECK = Path(__file__).with_name("check")
WORKS = """
case "$*" in
"info "*) echo /nowhere ;;
"compose version --short") echo 2.40.3 ;;
"compose ps"*) ;;
esac"""


NO_COMPOSE = 'case "$1" in info) echo /nowhere ;; *) exit 1 ;; esac'
DEBIAN12 = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\n'
DEBIAN13 = 'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nID=debian\nVERSION_ID="13"\n'
UBUNTU = 'PRETTY_NAME="Ubuntu 24.04.1 LTS"\nID=ubuntu\nVERSION_ID="24.04"\nID_LIKE=debian\n'
FEDORA = 'PRETTY_NAME="Fedora Linux 43 (Workstation Edition)"\nID=fedora\nVERSION_ID=43\n'


def machine(folder, docker, uname="Linux 6.1", release=DEBIAN12):
    """Runs docker/check on a machine that is made of stand-ins; a port is in use."""
    for name, script in (("docker", docker), ("uname", f"echo '{uname}'")):
        if script:
            (folder / name).write_text(f"#!/bin/bash\n{script}\n")
            (folder / name).chmod(0o755)
    for tool in ("bash", "sed", "tail", "df", "awk", "tr"):
        (folder / tool).symlink_to(shutil.which(tool))
    (folder / "os-release").write_text(release)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        env = {"PATH": str(folder), "USER": "me", "UNROLL_PORT": str(taken.getsockname()[1]), "UNROLL_OS_RELEASE": str(folder / "os-release")}
        done = subprocess.run([CHECK], env=env, text=True, capture_output=True)
    assert done.returncode == 1 and done.stderr.count("\n") == 1, done
    return done.stderr


@pytest.mark.parametrize(("docker", "help"), [
    (None, "not installed on Debian GNU/Linux 12 (bookworm): "),
    ("echo 'permission denied while trying to connect' >&2; exit 1", "usermod -aG docker me"),
    ("echo 'Cannot connect to the Docker daemon' >&2; exit 1", "systemctl enable --now docker"),
    (NO_COMPOSE, "no Compose"),
    (WORKS.replace("2.40.3", "2.4.1"), "too old"),
    (WORKS.replace("2.40.3", "1.29.2"), "too old"),
    (WORKS, "UNROLL_PORT"),
])  # fmt: skip
def test_a_machine_that_cannot(docker, help, tmp_path):
    """What is missing is reported in one line, with what to do."""
    assert help in machine(tmp_path, docker)


@pytest.mark.parametrize(("uname", "release", "name", "install", "start"), [
    ("Linux 6.1", DEBIAN12, "Debian GNU/Linux 12", "docs.docker.com/engine/install/debian", "systemctl"),
    ("Linux 6.12", DEBIAN13, "Debian GNU/Linux 13", "apt install docker.io docker-cli docker-buildx docker-compose", "systemctl"),
    ("Linux 6.8", UBUNTU, "Ubuntu 24.04", "apt install docker.io docker-buildx docker-compose-v2", "systemctl"),
    ("Linux 6.17", FEDORA, "Fedora Linux 43", "dnf install moby-engine docker-buildx docker-compose", "systemctl"),
    ("Linux 6.17", "ID=arch\n", "this system", "docs.docker.com/engine/install/", "systemctl"),
    ("Darwin 25.0", "", "macOS", "mac-install", "Docker Desktop"),
    ("Linux 6.6.87-microsoft-standard-WSL2", UBUNTU, "Windows (WSL 2)", "WSL integration", "WSL integration"),
    ("MINGW64_NT-10.0 3.4", "", "Windows", "windows-install", "Docker Desktop"),
])  # fmt: skip
def test_the_advice_is_for_this_system(uname, release, name, install, start, tmp_path):
    for number, docker in enumerate((None, NO_COMPOSE, WORKS.replace("2.40.3", "1.29.2"), "exit 1")):
        folder = tmp_path / str(number)
        folder.mkdir()
        said = machine(folder, docker, uname, release)
        assert f" on {name}" in said and (start if docker == "exit 1" else install) in said


@pytest.mark.parametrize(("there", "arguments"), [("false", []), ("false", ["--tests"]), ("true", ["--tests"])])
def test_no_space_for_the_image(there, arguments, tmp_path):
    """Who starts a workshop that is built needs no space; the tests build it anew."""
    (tmp_path / "docker").write_text(f"#!/bin/bash\n{WORKS.replace('/nowhere', '/')}\n[ $1 != image ] || {there}\n")
    (tmp_path / "df").write_text("#!/bin/bash\necho head\necho 'x 1 1 500 1% /'\n")
    for file in tmp_path.iterdir():
        file.chmod(0o755)
    done = subprocess.run([CHECK, *arguments], env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, text=True, capture_output=True)
    assert done.returncode == 1 and "500 MB are free" in done.stderr
