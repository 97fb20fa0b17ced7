"""A wrong setting is reported in one line, before anything starts."""

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
    "MEMORY": [("2", "such as 1536M"), ("100M", "from 256M"), ("lots", "such as 1536M")],
    "CPUS": [("0", "from 0.1"), ("two", "from 0.1")],
    "IDLE_MINUTES": [("0", "from 1")],
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


@pytest.mark.parametrize(("docker", "help"), [
    (None, "install it from"),
    ("echo 'permission denied while trying to connect' >&2; exit 1", "usermod"),
    ("echo 'Cannot connect to the Docker daemon' >&2; exit 1", "start Docker"),
    ('case "$1" in info) echo /nowhere ;; *) exit 1 ;; esac', "docker-compose-plugin"),
    (WORKS.replace("2.40.3", "2.4.1"), "too old"),
    (WORKS.replace("2.40.3", "1.29.2"), "too old"),
    (WORKS, "UNROLL_PORT"),
])  # fmt: skip
def test_a_machine_that_cannot(docker, help, tmp_path):
    """What is missing is reported in one line, with what to do."""
    if docker:
        (tmp_path / "docker").write_text(f"#!/bin/bash\n{docker}\n")
        (tmp_path / "docker").chmod(0o755)
    for tool in ("bash", "sed", "tail", "df", "awk"):
        (tmp_path / tool).symlink_to(shutil.which(tool))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        env = {"PATH": str(tmp_path), "USER": "me", "UNROLL_PORT": str(taken.getsockname()[1])}
        done = subprocess.run([CHECK], env=env, text=True, capture_output=True)
    assert done.returncode == 1 and help in done.stderr, done
    assert done.stderr.count("\n") == 1


def test_no_space_for_the_image(tmp_path):
    (tmp_path / "docker").write_text(f"#!/bin/bash\n{WORKS.replace('/nowhere', '/')}\n[ $1 != image ]\n")
    (tmp_path / "df").write_text("#!/bin/bash\necho head\necho 'x 1 1 500 1% /'\n")
    for file in tmp_path.iterdir():
        file.chmod(0o755)
    done = subprocess.run([CHECK], env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, text=True, capture_output=True)
    assert done.returncode == 1 and "500 MB are free" in done.stderr
