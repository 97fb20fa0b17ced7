"""Checks README against the tree: its folders, commands and links exist."""

import re
import subprocess

import pytest

from lessons import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def table(heading):
    """The rows of the table below a heading, by the code in their first column."""
    section = README.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return {row[1]: row[0] for row in re.finditer(r"^\| `([^`]+)` \|.*$", section, re.M)}


def test_what_is_where_names_the_folders_that_there_are():
    rows = table("What is where")
    for folder, row in rows.items():
        assert folder.endswith("/") and (ROOT / folder).is_dir(), folder
        for inner in re.findall(r"\(`([\w/-]+)`\)|in `([\w/-]+)/`", row):
            assert (ROOT / folder / (inner[0] or inner[1])).is_dir(), row


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="this is no clone")
def test_every_folder_at_the_top_is_in_the_table():
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    top = {file.partition("/")[0] + "/" for file in files if "/" in file and not file.startswith(".")}
    assert top == table("What is where").keys()


def test_the_commands_are_commands():
    made = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    for command in re.findall(r"\bmake ([a-z]+(?:-[a-z]+)*)(?=[`\s;:]* *(?:[A-Z]+=|#|`|\)|;))", README):
        assert command in made, f"make {command}"


def test_links_lead_to_files():
    for path in re.findall(r"\]\((?!https?:)([^)#]+)", README):
        assert (ROOT / path).exists(), path
