"""Runs the tests of the project: python runtests.py house workshop. The Makefile calls it with the kernel's Python.

gotestsum and pytest run the tests, print each result at once, and write JUnit files. This program does what
they cannot: it runs Go's tests and the lessons' in parallel, prints all failures again at the end, and counts
all tests in the last line. A runner that crashes, or runs no test, counts as failed. The workshop's tests
measure times, so they run alone.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[1]


class Report:
    """The results of all lanes."""

    def __init__(self):
        self.count = Counter()
        self.failures, self.notes = [], []  # to print at the end

    def run(self, name, *command, cwd=None, **env):
        """Runs a command, prints its output, and returns its status and its output."""
        print(f"==== {name}", flush=True)
        process = subprocess.Popen([str(part) for part in command], cwd=cwd or ROOT, env=os.environ | env, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace")  # fmt: skip
        said = []
        for line in process.stdout:  # whole lines: the other lane prints too
            said.append(line)
            print(line, end="", flush=True)
        return process.wait(), "".join(said)

    def check(self, name, *command, cwd=None):
        """Runs a command as one test: it passes if its status is 0 and it prints nothing."""
        status, said = self.run(name, *command, cwd=cwd)
        if status or said:
            self.fail(name, said)
        else:
            self.count["passed"] += 1

    def tests(self, name, *command, **options):
        """Runs a command that writes a JUnit file, and counts its tests. The path replaces None in the command."""
        with tempfile.TemporaryDirectory() as folder:
            xml = Path(folder, "junit.xml")
            status, said = self.run(name, *(xml if part is None else part for part in command), **options)
            try:
                cases = list(ElementTree.parse(xml).iter("testcase"))
            except (OSError, ElementTree.ParseError):
                cases = []
        failed = 0
        for case in cases:
            skipped = case.find("skipped")
            if case.find("failure") is not None or case.find("error") is not None:
                failed += 1
            elif skipped is not None:
                why = [row.strip() for row in skipped.get("message", "").splitlines() if not row.startswith(("===", "---"))]
                self.skip(f"{case.get('classname')} {case.get('name')}", " ".join(why))
            else:
                self.count["passed"] += 1
            if name == "workshop" and (measured := case.findtext("system-out")):
                self.notes += [f"{case.get('name')}: {row}" for row in measured.splitlines() if row and not row.startswith("---")]
        if failed or status or not cases:  # it may have crashed, or found no test
            told = re.search(r"^=+ (FAILURES|ERRORS|Failed|Errors)\b.*", said, re.M | re.S)
            self.fail(name, told[0] if told else said, failed or 1)

    def fail(self, name, said, number=1):
        self.count["failed"] += number
        self.failures.append(f"\n---- {name}\n{said.strip() or 'no output'}")

    def skip(self, name, why):
        self.count["skipped"] += 1
        self.notes.append(f"skipped {name}: {why}")

    def lane(self, work):
        try:
            work(self)
        except Exception:  # otherwise the lane would end without a word
            self.fail(work.__name__, traceback.format_exc())

    def end(self):
        print(*self.failures, "", *self.notes, sep="\n")
        print(", ".join(f"{self.count[kind]} {kind}" for kind in ("passed", "failed", "skipped")))
        return 1 if self.count["failed"] or not self.count["passed"] else 0


def go_test(report, name, *flags, cwd=None, **env):
    """go test; vetted already."""
    report.tests(name, "gotestsum", "--format=pkgname", "--hide-summary=skipped", "--junitfile", None, "--", "-vet=off", *flags, cwd=cwd, **env)


def pytest(report, name, *where):
    report.tests(name, sys.executable, "-u", "-m", "pytest", *where, "-v", "--no-header", "--color=no", "--tb=short", "-p", "no:cacheprovider",
                 "--junit-xml", None, "-o", "junit_logging=all")  # fmt: skip


def go(report):
    folders = [path for path in ROOT.iterdir() if not path.name.startswith((".", "build", "my-lessons"))]
    report.check("gofmt", "gofmt", "-l", *(file for path in folders for file in path.rglob("*.go")))
    for module in (ROOT, ROOT / "kernel"):
        report.check(f"go vet {module.name}", "go", "vet", "./...", cwd=module)
        report.check(f"staticcheck {module.name}", "staticcheck", "./...", cwd=module)
        race_test(report, module)
    report.check("actionlint", "actionlint", "-shellcheck=", "-pyflakes=", *sorted((ROOT / ".github/workflows").glob("*.yml")))
    elsewhere(report)


def race_test(report, module):
    # There may be no C compiler, one that is too old, or one without the C library's headers.
    compiles = subprocess.run(["go", "build", "-race", "runtime/cgo"], cwd=module, capture_output=True).returncode == 0
    if not compiles:
        report.skip("go test -race", "it needs a C compiler that works, such as gcc and libc6-dev; the tests ran without")
    go_test(report, "go test", *["-race"] * compiles, "-shuffle=on", "./...", cwd=module)


def elsewhere(report):
    """The mathematics without assembly and on other machines: the same bits."""
    packages = ["./internal/simd", "./lesson"]
    go_test(report, "no assembly", "-tags=noasm", *packages)
    root = subprocess.run(["go", "env", "GOROOT"], text=True, stdout=subprocess.PIPE).stdout.strip()
    qemu = shutil.which("qemu-aarch64") or shutil.which("qemu-aarch64-static")
    for where, system, machine, tool, wanted in (
        ("arm64", "linux", "arm64", qemu, "qemu-user"),
        ("WebAssembly", "js", "wasm", shutil.which("node") and f"{root}/lib/wasm/go_js_wasm_exec", "nodejs"),
    ):
        if tool:
            go_test(report, where, f"-exec={tool}", "-run=SameBits", *packages, GOOS=system, GOARCH=machine)
        else:
            report.skip(f"the same bits on {where}", f"it needs Debian's package {wanted}, or its like")


BROWSER = [f"site/build/{name}_test.py" for name in ("browser", "figures", "reach", "run")]


def machine(report):
    """The tests that run no lesson, and those of pages in browsers: they take about as long as the lessons' on the other core."""
    go(report)
    pytest(report, "python", "kernel", "tools", "--ignore=tools/notebooks")
    pytest(report, "pages", *BROWSER)


def lessons(report):
    pytest(report, "lessons", "tools/notebooks", "site/build", *(f"--ignore={file}" for file in BROWSER))


def house(report):
    lanes = [threading.Thread(target=report.lane, args=(work,), daemon=True) for work in (machine, lessons)]
    for lane in lanes:
        lane.start()
    for lane in lanes:
        lane.join()


def workshop(report):
    can = subprocess.run(["docker/check", "--tests"], cwd=ROOT, text=True, stderr=subprocess.PIPE)
    if can.returncode:
        report.skip("the workshop", can.stderr.strip())
    else:
        pytest(report, "workshop", "docker")


def main():
    report, start = Report(), time.monotonic()
    for part in sys.argv[1:]:
        report.lane({"house": house, "workshop": workshop}[part])
    report.notes.append(f"{time.monotonic() - start:.0f} s")
    return report.end()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("interrupted")
