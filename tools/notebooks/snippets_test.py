"""The PyTorch beside the Go: each snippet runs as it stands, and prints what stands behind it.

A comment behind a print is what it prints: a shape, or a word. A print without a comment prints
numbers that the code cell above it has printed too.
"""

import json
import os
import re
import subprocess

import pytest

from lessons import NOTEBOOKS, ROOT, find, read

# Runs the snippets of standard input, each in an empty module, and answers with what each printed,
# line by line of the snippet, or with its error. CUDA's libraries may be empty: see tools/bench/bench.py.
RUN = """
import json, os, sys
if hasattr(os, "RTLD_LAZY"):
    sys.setdlopenflags(os.RTLD_LAZY)
import torch
answers = []
for snippet in json.load(sys.stdin):
    printed = []
    def say(*values):
        printed.append((sys._getframe(1).f_lineno, " ".join(map(str, values))))
    try:
        torch.manual_seed(1)
        exec(compile(snippet, "snippet", "exec"), {"__name__": "__main__", "print": say})
        answers.append({"printed": printed})
    except Exception as error:
        answers.append({"error": f"{type(error).__name__}: {error}"})
json.dump(answers, sys.stdout)
"""

FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHAPE = re.compile(r"[(\[]\d[\d, ]*[)\]]")
NUMBER = re.compile(r"\d+(?:\.\d+)?")


def snippets():
    """Of each snippet: its lesson and cell, its text, and what the code cell above it printed."""
    found = []
    for lesson in find():
        above = ""
        for cell in read(lesson.path).cells:
            if cell.cell_type == "code":
                above = "".join(output.get("text", "") for output in cell.outputs)
                continue
            for language, text in FENCE.findall(cell.source):
                assert language in ("python", "go", "text"), f"{lesson.name}, {cell.id}: a fence of {language!r}"
                if language == "python":
                    found.append((f"{lesson.name}, {cell.id}", text, above))
    return found


def torch_answers(texts):
    python = os.environ.get("TORCH_PYTHON") or ROOT / "build/bench/torch/bin/python"
    try:
        done = subprocess.run([python, "-c", RUN], input=json.dumps(texts), capture_output=True, text=True, timeout=300, cwd=NOTEBOOKS)
    except OSError as error:
        pytest.skip(f"no PyTorch: {python} does not run ({error.strerror}); make bench installs it, or TORCH_PYTHON=… names yours")
    if "import torch" in done.stderr or "No module named 'torch'" in done.stderr:
        pytest.skip(f"no PyTorch in {python}: {done.stderr.strip().splitlines()[-1]}")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def disagreements(text, printed, above):
    """What a snippet says of its prints, and what it prints instead."""
    lines = text.splitlines()
    wrong = []
    for number, said in printed:
        _, mark, comment = lines[number - 1].partition("  # ")
        if not mark:
            missing = [n for n in NUMBER.findall(said) if n not in NUMBER.findall(above)]
            if missing:
                wrong.append(f"line {number} prints {said}; the cell above has no {', '.join(missing)}")
        elif shapes := SHAPE.findall(comment):
            if NUMBER.findall(" ".join(SHAPE.findall(said))) != NUMBER.findall(" ".join(shapes)):
                wrong.append(f"line {number} prints {said}, its comment is {comment}")
        elif said != comment:
            wrong.append(f"line {number} prints {said}, its comment is {comment}")
    return wrong


def test_each_snippet_runs_and_prints_what_it_says():
    found = snippets()
    assert len({where.split(",")[0] for where, _, _ in found}) > 5
    problems = []
    for (where, text, above), answer in zip(found, torch_answers([text for _, text, _ in found]), strict=True):
        if answer.get("error") == "ModuleNotFoundError: No module named 'safetensors'":
            continue  # what make bench installs has torch alone
        wrong = [answer["error"]] if "error" in answer else disagreements(text, answer["printed"], above)
        problems += [f"{where}: {what}" for what in wrong]
        if not answer.get("printed") and "error" not in answer:
            problems.append(f"{where}: it prints nothing, so nothing of it is compared")
    assert not problems, "\n".join(problems)


def test_disagreements():
    shape, text = "print(x.shape)  # (1, 2), rows\n", "print(x)  # True\n"
    assert not disagreements(shape, [(1, "torch.Size([1, 2])")], "")
    assert disagreements(shape, [(1, "torch.Size([2, 1])")], "")
    assert not disagreements(text, [(1, "True")], "")
    assert disagreements(text, [(1, "False")], "")
    assert not disagreements("print(x)\n", [(1, "gate 0.73")], "a gate of 0.73")
    assert disagreements("print(x)\n", [(1, "gate 0.73")], "a gate of 0.731")
