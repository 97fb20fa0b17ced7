"""The lab's image behind other doors: Dev Containers (VS Code, Codespaces) and Binder. Neither is installed here; the tests do
with the image what their documentation says that they do."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from conftest import ROOT, docker

HELLO = "/opt/unroll/kernel/cell.py"


@pytest.fixture(scope="module", autouse=True)
def built(images):
    pass


def settings():
    """devcontainer.json is JSON with comments; ours has whole lines of them."""
    lines = (ROOT / ".devcontainer/devcontainer.json").read_text(encoding="utf-8").splitlines()
    return json.loads("\n".join(line for line in lines if not line.startswith("//")))


def test_the_dev_container_runs_a_cell():
    """It replaces the entry point by a shell, starts as remoteUser, mounts the checkout, and runs postStartCommand."""
    dev = settings()
    build = dev["build"]
    assert (ROOT / ".devcontainer" / build["dockerfile"]).resolve() == ROOT / "docker/Dockerfile"
    assert (ROOT / ".devcontainer" / build["context"]).resolve() == ROOT and build["target"] == "lab"
    python = dev["customizations"]["vscode"]["settings"]["python.defaultInterpreterPath"]
    said = docker(
        "run", "--rm", "--network=none", f"--user={dev['remoteUser']}", "--entrypoint=/bin/sh", f"--volume={ROOT}:/workspaces/unroll:ro",
        "--workdir=/workspaces/unroll", "unroll-lab", "-c",
        # VS Code looks for kernels in share/jupyter/kernels of the interpreter, among other places.
        f"{dev['postStartCommand']} && {python} -m jupyter kernelspec list --json && {python} {HELLO} 'fmt.Println(\"a cell\")' && ls ~",
    )  # fmt: skip
    assert f"{Path(python).parents[1]}/share/jupyter/kernels/gonb" in said
    assert "a cell" in said.splitlines() and "01-order-matters.ipynb" in said


def test_binder_makes_the_image_of_the_lab():
    """repo2docker builds binder/Dockerfile with the repository as context and no target, and gives the user's number 1000."""
    env = os.environ | ({} if has_buildx() else {"DOCKER_BUILDKIT": "0"})
    docker("build", "-q", "-t", "unroll-binder-test", "-f", "binder/Dockerfile", "--build-arg=NB_USER=jovyan", "--build-arg=NB_UID=1000", ".",
           cwd=ROOT, env=env, timeout=3000)  # fmt: skip
    layers = "{{json .RootFS.Layers}}"
    try:
        assert docker("inspect", "-f", layers, "unroll-binder-test") == docker("inspect", "-f", layers, "unroll-lab")
        said = docker("run", "--rm", "--network=none", "unroll-binder-test", "sh", "-c", "id -u && jupyter lab --version")  # BinderHub starts jupyter-lab
    finally:
        docker("rmi", "-f", "unroll-binder-test")
    assert "1000" in said.splitlines()


def has_buildx():
    return not subprocess.run(["docker", "buildx", "version"], capture_output=True).returncode
