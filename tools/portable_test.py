"""The checkout on other systems: macOS' tools, file systems that ignore case, Windows' line endings."""

import shutil
import subprocess
from collections import Counter
from pathlib import PurePosixPath

import pytest

from lessons import ROOT

WINDOWS = {"con", "prn", "aux", "nul"} | {f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10)}


@pytest.fixture(scope="module")
def tracked():
    if not (ROOT / ".git").exists():
        pytest.skip("this is no clone")
    said = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [PurePosixPath(name) for name in said.split("\0") if name]


def scripts():
    """The scripts that a person's commands run, outside of containers."""
    return [ROOT / "kernel/install", ROOT / "kernel/run", ROOT / "kernel/lab"]


@pytest.mark.parametrize("script", scripts(), ids=lambda path: path.name)
@pytest.mark.parametrize("shell", ["dash", "busybox"])
def test_a_shell_without_extensions_takes_the_scripts(shell, script, tmp_path):
    """macOS' bash is 3.2 of 2007, and its tools are BSD's: the scripts use what POSIX has."""
    found = shutil.which(shell)
    if not found:
        pytest.skip(f"it needs Debian's package {shell}")
    assert script.read_text(encoding="utf-8").startswith("#!/bin/sh\n")
    command = [found, *(["sh"] if shell == "busybox" else [])]
    if shell == "busybox":  # its own dirname, id, nice and sed, not GNU's
        for tool in ("dirname", "id", "nice", "sed"):
            (tmp_path / tool).symlink_to(found)
    (tmp_path / "python3").write_text('#!/bin/sh\necho "python3 $*"\n')
    (tmp_path / "python3").chmod(0o755)
    wanted, options, env = {
        "install": ("install.py --help", ["--help"], {}),
        "run": ("a b", ["echo", "a b"], {}),
        "lab": ("PORT=none is not a port", [], {"PORT": "none"}),
    }[script.name]
    done = subprocess.run([*command, script, *options], env={"PATH": f"{tmp_path}:/usr/bin:/bin"} | env, cwd="/", text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)  # fmt: skip
    assert wanted in done.stdout, done.stdout


def test_no_two_names_differ_in_case_alone(tracked):
    names = {str(part) for name in tracked for part in (name, *name.parents)}
    assert [name for name, times in Counter(name.casefold() for name in names).items() if times > 1] == []


def test_windows_can_write_every_name(tracked):
    for name in tracked:
        for part in name.parts:
            assert not set(part) & set('<>:"\\|?*') and part[-1] not in ". " and part.partition(".")[0].lower() not in WINDOWS, name


def test_git_gives_every_system_the_same_bytes(tracked):
    said = subprocess.run(["git", "ls-files", "--eol"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for line in said.splitlines():
        index, tree, attributes = line.partition("\t")[0].split(maxsplit=2)
        assert index in ("i/lf", "i/-text", "i/none", "i/"), line
        assert "eol=lf" in attributes or attributes.strip() == "attr/-text" or index == "i/", line
