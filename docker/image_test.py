"""The participants' image, as it runs in a workshop: without a network, with a read-only root."""

import json
from pathlib import Path

import pytest
from conftest import docker, run

START = Path(__file__).with_name("lab") / "start"
BOUNDS = ["--rm", "--network=none", "--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges",
          "--tmpfs=/tmp:exec,mode=1777,size=512m", "--tmpfs=/home/learner:uid=1000,mode=700", "--memory=1536m",
          "--pids-limit=400"]  # fmt: skip


def lab(*command, timeout=300):
    return docker("run", *BOUNDS, "unroll-lab", *command, timeout=timeout)


@pytest.fixture(scope="module", autouse=True)
def built(images):
    pass


def test_is_not_root():
    assert lab("id", "-u").splitlines()[-1] == "1000"  # before it the entry point says what it copied
    assert docker("inspect", "-f", "{{.Config.User}}", "unroll-lab") == "1000:1000"


def test_size():
    size = int(docker("image", "inspect", "-f", "{{.Size}}", "unroll-lab"))
    base = int(docker("image", "inspect", "-f", "{{.Size}}", "debian:bookworm-slim"))
    print(f"{size / 1e6:.0f} MB, of which the base {base / 1e6:.0f} MB")
    assert size <= 1.2e9


def test_nobody_else_can_write_what_matters():
    found = docker("run", *BOUNDS, "--user=0", "--entrypoint=find", "unroll-lab", "/", "-xdev", "-perm", "-0002", "!", "-type", "l",
                   "!", "-type", "c", "!", "-path", "/proc/*", "-print")  # fmt: skip
    assert set(found.split()) <= {"/tmp", "/var/tmp", "/run/lock", "/dev/shm", "/dev/mqueue"}


def test_nothing_gives_rights():
    found = docker("run", *BOUNDS, "--user=0", "--entrypoint=find", "unroll-lab", "/", "-xdev", "-perm", "/6000", "-type", "f")
    assert found == ""


def test_says_what_is_in_it():
    listed = lab("cat", "/opt/unroll/packages.txt")
    for line in ("debian openssl ", "python jupyterlab 4.", "go gonum.org/v1/gonum v0.17.0", "go go1.26"):
        assert any(row.startswith(line) for row in listed.splitlines()), line


def test_every_lesson_runs_without_a_network():
    said = lab("sh", "-c", "cd ~ && for lesson in [0-9]*.ipynb; do jupyter execute --kernel_name=gonb --timeout=300 $lesson || exit 1; "
               "echo done $lesson; done", timeout=1500)  # fmt: skip
    lessons = sorted(path.name for path in (START.parents[2] / "notebooks").glob("[0-9]*.ipynb"))
    assert [line[5:] for line in said.splitlines() if line.startswith("done ")] == lessons


def test_the_lessons_come_into_the_home_without_outputs():
    said = lab("sh", "-c", "cd ~ && ls -a && cat 01-*.ipynb")
    assert ".lessons" in said and "data" in said and '"outputs": []' in said and "image/svg+xml" not in said


def test_solo_has_a_token_and_no_password():
    config = json.loads(run("docker", "compose", "--profile", "solo", "config", "--format", "json", cwd=START.parents[2]))
    assert all(port["host_ip"] == "127.0.0.1" for port in config["services"]["solo"]["ports"])
