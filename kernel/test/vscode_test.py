"""The kernel without kernel/run around it, as VS Code's Jupyter extension starts it."""

import json
import subprocess
import sys
from pathlib import Path

from places import ROOT

FOUND = Path(sys.prefix, "share/jupyter/kernels/gonb/kernel.json")


def test_vscode_finds_the_kernel():
    """The extension lists the kernels of other languages in share/jupyter/kernels of each Python environment that it knows
    (localPythonAndRelatedNonPythonKernelSpecFinder), and the Python extension knows a folder .venv in the workspace."""
    assert Path(sys.prefix) == ROOT / ".venv"
    spec = json.loads(FOUND.read_text(encoding="utf-8"))
    assert spec["language"] == "go" and Path(spec["argv"][0]).is_absolute() and "{connection_file}" in spec["argv"]


def test_the_kernel_runs_with_the_environment_of_an_editor(tmp_path):
    """VS Code is started by a desktop: no PATH of a shell, none of Jupyter's variables, another folder."""
    done = subprocess.run([sys.executable, ROOT / "kernel/cell.py", 'fmt.Println("ready")'], cwd=tmp_path, text=True, timeout=120,
                          env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)  # fmt: skip
    assert done.stdout == "ready\n"
