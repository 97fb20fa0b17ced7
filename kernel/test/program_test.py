"""A program in a folder of its own imports the packages, as README says, without a network."""

import re

import pytest

from places import ROOT, environment, run, tools

README = (ROOT / "README.md").read_text(encoding="utf-8")
PROGRAM = re.search(r"```go\n(package main\n.*?)```", README, re.S)[1]
COMMANDS = re.search(r"```sh\n(go mod init .*?)```", README, re.S)[1].splitlines()
OTHERS = 'package main\n\nimport (\n\t_ "unroll/exercise"\n\t_ "unroll/plots"\n)\n'


@pytest.fixture
def go(tmp_path):
    folder = tmp_path / "a program"
    folder.mkdir()
    (folder / "main.go").write_text(PROGRAM)
    env = environment(tmp_path / "home", tools(tmp_path / "tools"))

    def command(line):
        return run(*(str(ROOT) if word == "PATH-TO-UNROLL" else word for word in line.split()), cwd=folder, env=env, timeout=300)

    command.folder = folder
    return command


def test_the_program_of_the_readme_runs(go):
    for line in COMMANDS:
        done = go(line)
        assert done.returncode == 0, done.stderr
    assert done.stdout == "[32 10 64] [1 32 64]\n"
    assert sorted(path.name for path in go.folder.iterdir()) == ["go.mod", "go.work", "main.go"]
    (go.folder / "others.go").write_text(OTHERS)
    built = go("go build -tags=minimal,safe")
    assert built.returncode == 0, built.stderr


def test_it_is_the_workspace_that_finds_the_packages(go):
    go("go mod init example")
    assert "unroll/lesson is not in std" in go("go run .").stderr
