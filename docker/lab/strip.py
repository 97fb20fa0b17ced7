"""Removes from /opt/unroll and the caches what neither cells nor completions need, when the image is built."""

import compileall
import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path("/opt/unroll")
CACHE = Path("/opt/cache")
MODULES = CACHE / "modules"
PYTHON = ROOT / ".venv/bin/python"

# Packages that are required and never used: the hub's database, a kernel for Python, and a validator that takes long
# to load (jsonschema does without it).
UNUSED = """sqlalchemy alembic mako greenlet certipy cryptography pamela
    ipykernel ipython ipython-pygments-lexers jedi parso debugpy matplotlib-inline stack-data executing asttokens pure-eval
    prompt-toolkit nest-asyncio2 comm rfc3986-validator""".split()


def remove(path):
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


subprocess.run([PYTHON, "-m", "pip", "uninstall", "-q", "-y", *UNUSED], check=True)

# The list of packages in the image; the Dockerfile adds Debian's.
python = "import importlib.metadata as m; print(*sorted(f'python {d.name.lower()} {d.version}' for d in m.distributions()), sep='\\n')"
go = "go {{.Path}} {{.Version}}"
said = subprocess.run([PYTHON, "-c", python], stdout=subprocess.PIPE, text=True, check=True).stdout
said += subprocess.run(["go", "list", "-m", "-f", go, "all"], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout
said += "go " + subprocess.run(["go", "env", "GOVERSION"], stdout=subprocess.PIPE, text=True, check=True).stdout
(ROOT / "packages.txt").write_text(said)

# Modules: those that the lessons' packages import stay, without their tests; of the others only the files from which
# go selects versions.
listed = ["go", "list", "-tags=minimal,safe", "-deps", "-f", "{{with .Module}}{{.Dir}}{{end}}", "./lesson", "./plots", "./exercise",
          "github.com/janpfeifer/gonb/gonbui", "github.com/janpfeifer/gonb/cache"]  # fmt: skip
used = {Path(line) for line in subprocess.run(listed, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout.split("\n")
        if line.startswith(str(MODULES))}  # fmt: skip
for folder, folders, files in os.walk(MODULES, topdown=True):
    os.chmod(folder, 0o755)
    here = Path(folder)
    if here == MODULES / "cache":
        continue
    if "@" in here.name and MODULES / "cache" not in here.parents and here not in used:
        shutil.rmtree(here)
        folders.clear()
        continue
    for name in list(folders):
        if name == "testdata":
            os.system(f"chmod -R u+w '{here / name}'")
            remove(here / name)
            folders.remove(name)
    for name in files:
        if name.endswith((".zip", "_test.go", ".partial", ".lock")):
            remove(here / name)
for path in (MODULES / "cache/vcs", MODULES / "cache/download/sumdb"):
    remove(path)

# The tools of the build and the tests: pip and its cache, staticcheck, the notebooks' checks.
for path in (".unroll/pip", ".unroll/pycache", ".unroll/staticcheck", ".unroll/jupyter", ".unroll/ipython", ".unroll/tmp",
             ".unroll/lock", "kernel/test", "build/wasm", "site/figures", "site/lesson.png", "docker"):  # fmt: skip
    remove(ROOT / path)
for folder in ("tools/notebooks", "site/build"):
    for path in (ROOT / folder).glob("*_test.py"):
        remove(path)
packages = next(ROOT.glob(".venv/lib/python3*/site-packages"))
for pattern in ("pip", "pip-*", "setuptools", "setuptools-*", "**/tests", "**/*.map", "**/__pycache__"):
    for path in list(packages.glob(pattern)):
        remove(path)
for path in list(ROOT.glob(".venv/share/jupyter/**/*.map")) + list(ROOT.glob(".venv/share/jupyter/kernels/python3")):
    remove(path)
for pattern in ("lesson", "plots", "exercise", "internal"):
    for path in [*ROOT.glob(f"{pattern}/**/*_test.go"), *ROOT.glob(f"{pattern}/**/testdata")]:
        remove(path)
compileall.compile_dir(packages, quiet=2, optimize=0)

# gopls writes to its cache; start copies the filled cache to where it can write.
shutil.move(ROOT / ".unroll/gopls", CACHE / "gopls")
(ROOT / ".unroll/gopls").symlink_to("/tmp/gopls")
os.system(f"chmod -R a+rX,go-w {ROOT} {CACHE}")
