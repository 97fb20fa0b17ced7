"""Sets up what the lessons run on, inside the checkout: see main's help, or README.md.

Each step has a stamp that holds what it was made from. A step whose stamp still agrees is
skipped, so a second run takes no time, and a run after an interruption continues.
"""

import argparse
import contextlib
import errno
import fcntl
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

KERNEL = Path(__file__).resolve().parent
ROOT = KERNEL.parent
VENV = ROOT / ".venv"
STATE = ROOT / ".unroll"
BIN, STAMPS, LOG = STATE / "bin", STATE / "stamps", STATE / "setup.log"
PYTHON = VENV / "bin/python"
KERNELSPECS = VENV / "share/jupyter/kernels"

GO_NEEDED = (1, 26)
GONB = "github.com/janpfeifer/gonb@" + re.search(r"janpfeifer/gonb (\S+)", (KERNEL / "go.mod").read_text(encoding="utf-8"))[1]

# What the program of a cell is built with. No symbols: linking takes most of a cell's time. No
# cgo: it slows linking too, and no cell needs a C compiler. minimal: gonum/plot leaves out the
# formats that package plots does not use, such as PDF and TeX. safe: gonum adds up in order, without assembly,
# so that a cell prints the same digits on every machine and in the page. No -trimpath: GoNB needs the paths
# to find the cell and line of an error.
CELL = {"CGO_ENABLED": "0", "GOFLAGS": "-buildvcs=false -ldflags=-s -tags=minimal,safe", "GOWORK": ""}

# Where package exercise stores which exercises are done: in a cell's working directory, the notebook's.
LEARNER = {"UNROLL_PROGRESS": "progress.json"}

# The lessons in another language are in a folder with its name. Their cells run on a kernel of their own, so that what they
# say is in their language; what a learner has done is the same in all.
LANGUAGES = sorted({folder.name for folder in [*ROOT.glob("po/*/"), *(notebook.parent for notebook in ROOT.glob("notebooks/*/*.ipynb"))]})

# A Unix socket's path has at most 103 bytes on a Mac; GoNB appends up to 40 to its TMPDIR.
LONGEST_TMP = 60


class Stop(Exception):
    """An error for the user: what went wrong and what to do, in one line."""


class Failed(Exception):
    """A command failed; the text is its output."""


def main():
    parser = argparse.ArgumentParser(
        prog="kernel/install",
        description="Sets up what the lessons run on, inside the checkout: a Python environment in .venv with "
        "JupyterLab, and in .unroll GoNB with its tools. Run again, it does only what is not done yet.",
    )
    parser.add_argument("--test", action="store_true", help="also install what the tests need")
    parser.add_argument("--tmp", metavar="DIR", help="where kernels build; the default is inside the checkout")
    parser.add_argument("--clean", action="store_true", help="remove everything that make has made")
    options = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, interrupted)
    try:
        if options.clean:
            clean()
        else:
            set_up(options)
    except Stop as stop:
        sys.exit(f"{stop}")
    except OSError as error:
        sys.exit(explain_os(error))


def interrupted(*_):
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    raise Stop("Set-up was interrupted; run it again and it continues")


# The steps


def set_up(options):
    check_path()
    with lock():
        go, modules = check_go()
        steps = [
            Step("Python environment in .venv", "venv", f"{VENV}\n{sys.version}", make_venv, made=PYTHON),
            Step("JupyterLab", "jupyterlab", read("requirements.txt"), install_python, "requirements.txt"),
            Step("Go modules", "modules", f"{go}{modules}\n" + read("go.sum", "../go.sum"), download_modules, made=modules / GONB),
            Step("GoNB, goimports and gopls", "tools", go + tools_key(), build_tools),
            Step("the kernel", "kernel", f"{VENV}\n{options.tmp}\n{shutil.which('go')}\n{LANGUAGES}" + read("install.py"),
                 install_kernel, options.tmp),
            Step("the lessons' packages, compiled once", "warm", go + tools_key() + sources(), warm),
            Step("a first cell", "cell", go + tools_key() + str(ROOT), run_cell),
        ]  # fmt: skip
        if options.test:
            steps += [
                Step("pytest and Playwright", "pytest", read("requirements-test.txt"), install_python,
                     "requirements-test.txt"),
                Step("staticcheck, gotestsum, actionlint and avo", "staticcheck", go + read("go.sum", "../internal/simd/gen/go.sum"), build_test_tools),
            ]  # fmt: skip
        todo = [step for step in steps if not step.done()]
        if todo and todo[0].name == "venv":  # a new environment needs everything that is installed into it
            again = {"venv", "jupyterlab", "kernel", "pytest"}
            todo = [step for step in steps if step in todo or step.name in again]
        start = time.monotonic()
        for number, step in enumerate(todo, 1):
            step.stamp.unlink(missing_ok=True)
            with Progress(f"[{number}/{len(todo)}] {step.title}"):
                step.work(*step.arguments)
            write(step.stamp, step.key)
        if todo:
            print(f"Set up in {time.monotonic() - start:.0f} s")


class Step:
    def __init__(self, title, name, key, work, *arguments, made=None):
        self.title, self.name, self.key, self.work, self.arguments = title, name, key, work, arguments
        self.stamp = STAMPS / name
        self.made = made  # a file or folder that somebody else can remove: Python, or Go's cache of modules

    def done(self):
        if self.made and not self.made.exists():
            return False
        try:
            return self.stamp.read_text(encoding="utf-8") == self.key
        except FileNotFoundError:
            return False


def make_venv():
    shutil.rmtree(VENV, ignore_errors=True)  # pip would take an incomplete one for complete
    try:
        run(sys.executable, "-m", "venv", str(VENV))
    except Failed as failed:
        if re.search("ensurepip is not|No module named '?(venv|ensurepip)", str(failed)):
            raise Stop(
                f"{sys.executable} has no venv module: install it (on Debian and Ubuntu "
                "apt install python3-venv) and run set-up again"
            ) from None
        raise explain(failed, "the Python environment could not be made") from None


def install_python(requirements):
    try:
        run(PYTHON, "-m", "pip", "install", "--require-hashes", "--no-deps", "--only-binary", ":all:", "--no-compile",
            "--disable-pip-version-check", "--no-input", "--retries", "2", "-r", KERNEL / requirements,
            PIP_CACHE_DIR=STATE / "pip", PIP_REQUIRE_VIRTUALENV="", PIP_USER="0")  # fmt: skip
    except Failed as failed:
        raise explain(failed, "the Python packages could not be installed") from None


def download_modules():
    go("mod", "download", directory=ROOT)
    go("mod", "download")


def build_tools():
    (STATE / "lib").mkdir(exist_ok=True)
    for name in ("gonb", "goimports", "leash", "gopls"):
        (BIN / name).unlink(missing_ok=True)  # go build does not overwrite a file that it has not built
    with tempfile.TemporaryDirectory(dir=STATE) as folder:  # nothing of it may stay: GoNB reads every Go file of the checkout
        gonb = Path(folder, "gonb")
        patched_gonb(gonb)
        replaced = read("go.mod") + f"\nreplace github.com/janpfeifer/gonb => {json.dumps(str(gonb))}\n"
        write(Path(folder, "go.mod"), replaced)
        write(Path(folder, "go.sum"), read("go.sum"))
        go("build", *SMALL, "-modfile", Path(folder, "go.mod"), "-o", f"{BIN}/",
           "github.com/janpfeifer/gonb", "golang.org/x/tools/cmd/goimports", "./leash", "./gopls")  # fmt: skip
    go("build", *SMALL, "-o", STATE / "lib/gopls", "golang.org/x/tools/gopls")


def patched_gonb(folder):
    """Makes a copy of GoNB's module with what gonb.patch changes and the packages of this checkout that it uses."""
    module = go("list", "-m", "-f", "{{.Dir}}", "github.com/janpfeifer/gonb").strip()
    shutil.copytree(module, folder, ignore=shutil.ignore_patterns("examples", "docs"), copy_function=shutil.copyfile)
    for path in (folder, *folder.rglob("*")):
        if path.is_dir():
            path.chmod(0o700)  # Go's folder of modules may not be written to
    for package in PACKAGES:
        copy = shutil.copytree(package, folder / "internal" / package.name, ignore=shutil.ignore_patterns("*_test.go", "testdata"))
        for file in copy.glob("*.go"):
            write(file, file.read_text(encoding="utf-8").replace('"unroll/internal/', '"github.com/janpfeifer/gonb/internal/'))
    apply(read("gonb.patch"), folder)


# What gonb.patch uses.
PACKAGES = (ROOT / "internal/explain", ROOT / "internal/words", KERNEL / "output")


def apply(patch, folder):
    """Applies a unified diff, as git writes it, to existing files; a context that is not there is an error."""
    for part in re.split("^diff .*\n", patch, flags=re.M)[1:]:
        path = folder / re.search(r"^\+\+\+ b/(.*)$", part, re.M)[1]
        old, new, at = path.read_text(encoding="utf-8").splitlines(keepends=True), [], 0
        for hunk in re.split("^@@ ", part, flags=re.M)[1:]:
            head, *lines = hunk.splitlines(keepends=True)
            start = int(re.match(r"-(\d+)", head)[1]) - 1
            new += old[at:start]
            at = start
            for line in lines:
                if line[0] != "+":
                    if old[at : at + 1] != [line[1:]]:
                        raise Stop(f"kernel/gonb.patch does not fit {path.name}, line {at + 1}: it is for another version of GoNB")
                    at += 1
                if line[0] != "-":
                    new.append(line[1:])
        write(path, "".join(new + old[at:]))


def build_test_tools():
    go("build", *SMALL, "-o", f"{BIN}/", "honnef.co/go/tools/cmd/staticcheck", "gotest.tools/gotestsum",
       "github.com/rhysd/actionlint/cmd/actionlint")  # fmt: skip
    go("build", "-o", os.devnull, ".", directory=ROOT / "internal/simd/gen")  # a test runs it, and downloads nothing


SMALL = ("-trimpath", "-ldflags=-s -w")


def tools_key():
    packages = "".join(path.read_text(encoding="utf-8") for package in PACKAGES for path in sorted(package.glob("*.go")))
    return read("go.mod", "go.sum", "leash/main.go", "gopls/main.go", "gonb.patch") + packages


def install_kernel(tmp):
    tmp = tmp or str(STATE / "tmp")
    if len(os.fsencode(tmp)) > LONGEST_TMP:
        tmp = tempfile.gettempdir()
    spec = {
        "argv": [
            str(BIN / "leash"), "-tmp", tmp,
            str(BIN / "gonb"), "--kernel", "{connection_file}", f"-go_work={ROOT}",
            "-logtostderr=false", "-stderrthreshold=FATAL",  # log into a file in TMPDIR, not to the terminal
        ],
        "display_name": "Go (gonb)",
        "language": "go",
        "interrupt_mode": "message",
        "env": {key: value.replace("$", "$$") for key, value in (CELL | LEARNER).items()}
        | {"PATH": f"{BIN}:{Path(shutil.which('go')).parent}:".replace("$", "$$") + "${PATH}"},
        "metadata": {"debugger": False},
    }  # fmt: skip
    module = go("list", "-m", "-f", "{{.Dir}}", "github.com/janpfeifer/gonb").strip()
    specs = {"gonb": spec}
    for language in LANGUAGES:
        env = spec["env"] | {"UNROLL_LANGUAGE": language, "UNROLL_PROGRESS": f"../{LEARNER['UNROLL_PROGRESS']}"}
        specs[f"gonb-{language}"] = spec | {"display_name": f"Go (gonb, {language})", "env": env}
    for name, spec in specs.items():
        folder = KERNELSPECS / name
        folder.mkdir(parents=True, exist_ok=True)
        write(folder / "logo-svg.svg", Path(module, "internal/kernel/Go_gopher_favicon.svg").read_text())
        write(folder / "kernel.json", json.dumps(spec, indent=1) + "\n")


def lesson_imports():
    """The import paths of the lessons' cells."""
    found = {"fmt", "unroll/lesson", "unroll/plots"}
    for notebook in ROOT.glob("notebooks/**/*.ipynb"):
        for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
            source = "".join(cell["source"])
            if cell["cell_type"] == "code" and re.search("^import", source, re.M):
                found |= set(re.findall(r'^(?:import)?\s*(?:\w+ )?"([\w./-]+)"$', source, re.M))
    return sorted(found)


def sources():
    """What the cache of step warm depends on: the lessons' imports, and the times of the packages' files."""
    files = sorted(file for name in ("lesson", "plots", "exercise", "internal") for file in ROOT.glob(f"{name}/**/*.go"))
    text = "".join(f"{file} {file.stat().st_mtime_ns}\n" for file in files)
    return read("../go.sum") + "\n".join(lesson_imports()) + "\n" + text


def warm():
    """Fills the caches of go and gopls with what cells import, so that the first cell is as fast as the tenth."""
    (STATE / "tmp").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=STATE / "tmp") as folder:
        main = Path(folder, "main.go")
        imports = "package main\n" + "".join(f'import _ "{name}"\n' for name in lesson_imports())
        try:
            run("go", "mod", "init", "cell", directory=folder, **CELL)
            run("go", "work", "init", ".", ROOT, directory=folder, **CELL)
            write(main, imports + "func main() {}\n")
            run("go", "build", directory=folder, **CELL)
            write(main, imports + 'import "unroll/lesson"\nvar _ = lesson.')
            run(BIN / "gopls", "-warm", folder, directory=folder, **CELL, TMPDIR=folder)  # which goes, with what gopls leaves in it
        except Failed as failed:
            if re.search(FULL, str(failed)):
                raise Stop(full()) from None
            # Any other error is in a package that is being edited; a cell will show what the compiler reports.


def run_cell():
    """Runs a cell on the kernel as JupyterLab does, to check the whole set-up."""
    try:
        said = run(KERNEL / "run", PYTHON, KERNEL / "cell.py", 'fmt.Println("ready")')
    except Failed as failed:
        raise explain(failed, "the kernel does not run a cell") from None
    if said != "ready\n":
        raise Stop(f"The kernel does not run a cell; it prints: {last_line(said)}")


def clean():
    for path in (STAMPS, STATE, VENV, ROOT / "build"):  # stamps first: a step that is half removed has none
        shutil.rmtree(path, ignore_errors=not path.exists())
    for name in ("__pycache__", ".ipynb_checkpoints", ".pytest_cache", ".virtual_documents"):
        for path in ROOT.glob(f"**/{name}"):
            if ROOT / "my-lessons" not in path.parents:  # a learner's
                shutil.rmtree(path, ignore_errors=True)


# What has to be there before


def check_path():
    wrong = [c for c in ",:\n" if c in str(ROOT)]
    if wrong:
        raise Stop(f"The checkout's path {str(ROOT)!r} contains {wrong[0]!r}, which Go's tools do not allow: move it")


def check_go():
    """The version of Go and its folder of modules; raises Stop unless the version is new enough."""
    needed = ".".join(map(str, GO_NEEDED))
    try:
        said = subprocess.run(
            ["go", "env", "GOVERSION", "GOMODCACHE"], cwd=KERNEL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ).stdout.strip()
    except FileNotFoundError:
        raise Stop(
            f"Go {needed} or later is needed, and there is no go on the PATH: install it from https://go.dev/dl/"
        ) from None
    version = re.fullmatch(r"(go(\d+)\.(\d+)\S*)\n?(.*)", said)
    if not version:  # an older Go, which tried to fetch a newer one
        raise Stop(f"Go {needed} or later is needed; this one prints {last_line(said)!r}: install it from https://go.dev/dl/")
    name, major, minor, modules = version.groups()
    if (int(major), int(minor)) < GO_NEEDED:
        raise Stop(f"Go {needed} or later is needed, and this is {name}: install it from https://go.dev/dl/")
    return name + "\n", Path(modules)


def go(*arguments, directory=KERNEL, **environment):
    try:
        return run("go", *arguments, directory=directory, **{**CELL, "GOFLAGS": "", **environment})
    except Failed as failed:
        raise explain(failed, f"go {arguments[0]} failed") from None


def run(*command, directory=ROOT, **environment):
    """Returns the command's output; raises Failed if it fails. The command ends when this program does."""
    process = subprocess.Popen(
        [str(part) for part in command], cwd=directory, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
        env={**os.environ, **{key: str(value) for key, value in environment.items()}},
        start_new_session=True, pass_fds=[LOCK.fileno()],
    )  # fmt: skip
    try:
        said = process.communicate()[0]
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise
    if process.returncode:
        raise Failed(said)
    return said


LOCK = None


@contextlib.contextmanager
def lock():
    """Lets one set-up run at a time. Its commands inherit the lock: if it is killed, the next one waits for them."""
    global LOCK
    STAMPS.mkdir(parents=True, exist_ok=True)
    BIN.mkdir(exist_ok=True)
    with open(STATE / "lock", "w") as LOCK:
        try:
            fcntl.flock(LOCK, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Waiting for the set-up that is already running …", flush=True)
            fcntl.flock(LOCK, fcntl.LOCK_EX)
        yield


class Progress:
    """The line of a step: its title while it runs, then the seconds that it took."""

    def __init__(self, title):
        self.title, self.start, self.over = title, time.monotonic(), threading.Event()
        self.ticking = threading.Thread(target=self.tick, daemon=True)

    def __enter__(self):
        print(self.title, end="", flush=True)
        if sys.stdout.isatty():
            self.ticking.start()

    def __exit__(self, kind, *_):
        self.over.set()
        if self.ticking.is_alive():
            self.ticking.join()
        print("" if kind else f"  {time.monotonic() - self.start:.1f} s", flush=True)

    def tick(self):
        while not self.over.wait(1):
            print(f"\r{self.title}  {time.monotonic() - self.start:.0f} s", end="", flush=True)
        print(f"\r{self.title}", end="")


# Errors

FULL = "[Nn]o space left on device|[Dd]isk quota exceeded|Errno 28|Errno 122"
OFFLINE = (
    "Max retries exceeded|connection broken by|Could not fetch URL|[Nn]ame resolution|Name or service not known|"
    "dial tcp|no such host|[Cc]onnection refused|i/o timeout|[Nn]etwork is unreachable|proxyconnect|"
    "disabled by GOPROXY=off|TLS handshake|unexpected EOF|ProxyError|Read timed out"
)


def explain(failed, what):
    """The Stop for a failed command: its cause, if it is a common one, otherwise the last line of the output."""
    said = str(failed)
    try:
        write(LOG, said)
        where = f" (the whole output is in {LOG.relative_to(ROOT)})"
    except OSError:
        where = ""
    if re.search(FULL, said) or fullest()[0] < 50e6:  # venv does not report why it failed
        return Stop(full())
    if re.search(OFFLINE, said):
        return Stop("The package registries cannot be reached: check the network and run set-up again; it continues")
    if missing := re.search(r"No matching distribution found for (\S+)", said):
        return Stop(
            f"There is no {missing[1]} for Python {sys.version.split()[0]} on this machine: choose another Python, "
            "3.11 to 3.14, with PYTHON=…"
        )
    if "DO NOT MATCH THE HASHES" in said:
        return Stop("A downloaded package does not have the pinned checksum: run set-up again; if the error stays, do not use the package")
    return Stop(f"{what[0].upper()}{what[1:]}: {last_line(said)}{where}")


def explain_os(error):
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return full()
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"{error.filename} cannot be written: the checkout must be in a folder that you can write to"
    return f"{error.strerror}: {error.filename}"


def fullest():
    """The least free space, in bytes, of the folders that set-up and Go write to, and the folder that has it."""
    folders = filter(os.path.exists, (str(ROOT), os.environ.get("TMPDIR") or "/tmp", str(Path.home())))
    return min((shutil.disk_usage(folder).free, folder) for folder in folders)


def full():
    free, folder = fullest()
    return (
        f"The disk is full ({free / 1e6:.0f} MB are free in {folder}): make room for about 2 GB, "
        "and run set-up again; it continues"
    )


def last_line(text):
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no output"


# Files


def read(*names):
    """The text of files, by their paths from kernel/."""
    return "".join((KERNEL / name).read_text(encoding="utf-8") for name in names)


def write(path, text):
    """Writes a file completely or not at all."""
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


if __name__ == "__main__":
    main()
