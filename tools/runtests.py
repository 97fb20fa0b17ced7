"""Runs the tests of the project: python runtests.py house workshop. The Makefile calls it with the kernel's Python.

Of the house, Go, and then what is tested of set-up, runs beside the tests of the lessons; the
workshop's tests, which measure, run alone. A line appears for each package and each file of
tests as it ends, failures are printed whole at the end, and the last line counts the single tests.
"""

import json
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
    """Counts, failures and the progress shown, shared by the lanes."""

    def __init__(self):
        self.count = Counter()
        self.failures, self.skips, self.said = [], [], []
        self.now = {}  # what each lane does, for the line at the bottom of a terminal
        self.lock = threading.Lock()
        self.start = time.monotonic()

    def test(self, outcome, name, text=""):
        with self.lock:
            self.count[outcome] += 1
            if outcome == "failed":
                self.failures.append((name, text.strip() or "it says nothing"))
            elif outcome == "skipped":
                self.skips.append(f"skipped {name}: {text.strip()}")

    def line(self, name, seconds, count):
        """A line for what has ended."""
        note = ", ".join(f"{kind} {n}" for kind, n in count.items())
        with self.lock:
            clear = "\r\x1b[K" if sys.stdout.isatty() else ""
            print(f"{clear}{name:<44} {note:<28} {seconds:6.1f} s", flush=True)

    def doing(self, lane, text):
        if not sys.stdout.isatty():
            return
        with self.lock:
            self.now[lane] = text
            line = f"{time.monotonic() - self.start:4.0f} s  " + " | ".join(self.now.values())
            print(f"\r{line[: shutil.get_terminal_size().columns - 1]}\x1b[K", end="", flush=True)

    def end(self):
        print("\r\x1b[K" if sys.stdout.isatty() else "", end="")
        for name, text in self.failures:
            print(f"\n--- {name}\n{text}")
        print("", *self.said, *self.skips, f"{time.monotonic() - self.start:.0f} s", sep="\n")
        print(", ".join(f"{self.count[kind]} {kind}" for kind in ("passed", "failed", "skipped")))
        return 1 if self.failures or not self.count["passed"] else 0


def check(report, name, *command, cwd=ROOT):
    """A command as one test: it passes if it ends well and prints nothing."""
    report.doing("go", name)
    start = time.monotonic()
    done = subprocess.run(command, cwd=cwd, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    outcome = "failed" if done.returncode or done.stdout else "passed"
    report.test(outcome, name, done.stdout)
    report.line(name, time.monotonic() - start, {outcome: 1})


def go(report):
    folders = [path for path in ROOT.iterdir() if not path.name.startswith((".", "build"))]
    check(report, "gofmt", "gofmt", "-l", *(str(file) for path in folders for file in path.rglob("*.go")))
    for module in (ROOT, ROOT / "kernel"):
        at = "" if module == ROOT else f" ({module.name})"
        check(report, f"go vet{at}", "go", "vet", "./...", cwd=module)
        check(report, f"staticcheck{at}", "staticcheck", "./...", cwd=module)
        race_test(report, module)
    elsewhere(report)


def go_env(name):
    return subprocess.run(["go", "env", name], text=True, stdout=subprocess.PIPE).stdout.strip()


def race_test(report, module):
    flags = ["-shuffle=on", "./..."]
    # There may be none, one that is too old, or one without the C library's headers.
    compiles = subprocess.run(["go", "build", "-race", "runtime/cgo"], cwd=module, capture_output=True)
    if compiles.returncode == 0:
        flags.insert(0, "-race")
    else:
        report.test("skipped", "go test -race", "it needs a C compiler that works, such as gcc and libc6-dev; the tests ran without")
    go_test(report, module, flags)


def elsewhere(report):
    """The mathematics without assembly and on other machines: the same bits."""
    packages = ["./internal/simd", "./lesson"]
    go_test(report, ROOT, ["-tags=noasm", *packages], "no assembly")
    qemu = shutil.which("qemu-aarch64") or shutil.which("qemu-aarch64-static")
    wasm = Path(go_env("GOROOT")) / "lib/wasm/go_js_wasm_exec"
    for where, system, machine, tool, wanted in (
        ("arm64", "linux", "arm64", qemu, "qemu-user"),
        ("WebAssembly", "js", "wasm", shutil.which("node") and wasm, "nodejs"),
    ):
        if tool:
            go_test(report, ROOT, [f"-exec={tool}", "-run=SameBits", *packages], where, GOOS=system, GOARCH=machine)
        else:
            report.test("skipped", f"the same bits on {where}", f"it needs Debian's package {wanted}, or its like")


def go_test(report, module, flags, where="", **env):
    """`go test` of packages; `where` tells one run of them from another."""
    command = ["go", "test", "-json", "-vet=off", *flags]  # vetted already
    process = start_command(command, module, env)
    tests, output, other = {}, {}, []
    for line in process.stdout:
        try:
            event = json.loads(line)
        except ValueError:
            other.append(line)
            continue
        action, test = event["Action"], event.get("Test")
        package = event.get("Package") or event["ImportPath"].split()[0]
        if "Output" in event:
            output.setdefault((package, test), []).append(event["Output"])
        elif action not in ("pass", "fail", "skip"):
            continue
        elif test:
            tests.setdefault(package, {})[test] = action
            report.doing("go", f"{package} {len(tests[package])}")
        else:
            broken = event.get("FailedBuild", " ").split(" ")[0]
            words = {name: "".join(said) for (where, name), said in output.items() if where == package}
            words[None] = "".join(output.get((broken, None), [])) + words.get(None, "")
            name = f"{package} ({where})" if where else package
            package_done(report, name, event, tests.get(package, {}), words)
    if process.wait() not in (0, 1):
        report.test("failed", " ".join(command), "".join(other))


def package_done(report, package, event, tests, words):
    """Counts a package's tests; where a test has subtests, those."""
    count = Counter()
    for name, action in tests.items():
        inner = [tests[other] for other in tests if other.startswith(f"{name}/")]
        if inner and (action != "fail" or "fail" in inner):
            continue
        outcome = {"pass": "passed", "fail": "failed", "skip": "skipped"}[action]
        count[outcome] += 1
        report.test(outcome, f"{package} {name}", words.get(name, ""))
    if event["Action"] == "fail" and not count["failed"]:
        count["failed"] += 1
        report.test("failed", package, words.get(None, ""))
    if count:
        report.line(package, event["Elapsed"], count)


def start_command(command, cwd, env={}):
    return subprocess.Popen(
        command, cwd=cwd, env=os.environ | env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=1
    )


def python(report, lane="python", *where):
    """The tests in Python; `where` are pytest's arguments that choose some."""
    with tempfile.TemporaryDirectory() as folder:
        xml = Path(folder) / "results.xml"
        command = [sys.executable, "-u", "-m", "pytest", *(where or ["kernel", "site", "tools"]), "-v",
                   "--color=no", "-p", "no:cacheprovider", f"--junit-xml={xml}", "-o", "junit_logging=all"]
        process = start_command(command, ROOT)
        said, file, count, start = [], "", Counter(), time.monotonic()
        for line in process.stdout:
            said.append(line)
            match = re.match(r"(\S+?)::(.*) (PASSED|FAILED|ERROR|SKIPPED)", line)
            if not match:
                continue
            if file and file != match[1]:
                report.line(file, time.monotonic() - start, count)
                count, start = Counter(), time.monotonic()
            file = match[1]
            count[match[3].lower().replace("error", "failed")] += 1
            report.doing(lane, f"{file} {count.total()}")
        if file:
            report.line(file, time.monotonic() - start, count)
        if process.wait() not in (0, 1) or not xml.exists():
            report.test("failed", "pytest", "".join(said))
            return
        for case in ElementTree.parse(xml).iter("testcase"):
            name = f"{case.get('classname')} {case.get('name')}"
            bad = [e for kind in ("failure", "error") for e in case.iter(kind)]
            skipped = case.find("skipped")
            if bad:
                report.test("failed", name, "\n".join(e.text or e.get("message", "") for e in bad))
            elif skipped is not None:
                report.test("skipped", name, skipped.get("message", ""))
            else:
                report.test("passed", name)
                if said := case.findtext("system-out") if lane == "workshop" else "":  # what it measured
                    report.said += [f"{case.get('name')}: {row}" for row in said.splitlines() if row and not row.startswith("---")]


def machine(report):
    """What does not run the lessons: they take the other core about as long."""
    go(report)
    python(report, "go", "kernel", "tools", "--ignore=tools/notebooks")


def lessons(report):
    python(report, "lessons", "tools/notebooks", "site")


def house(report):
    lanes = [threading.Thread(target=guarded, args=(lane, report), daemon=True) for lane in (machine, lessons)]
    for lane in lanes:
        lane.start()
    for lane in lanes:
        lane.join()


def workshop(report):
    can = subprocess.run(["docker/check", "--tests"], cwd=ROOT, text=True, stderr=subprocess.PIPE)
    if can.returncode:
        report.test("skipped", "the workshop", can.stderr)
    else:
        python(report, "workshop", "docker")


def guarded(lane, report):
    try:
        lane(report)
    except Exception:  # or the lane would end in silence
        report.test("failed", lane.__name__, traceback.format_exc())


def main():
    report = Report()
    for part in sys.argv[1:]:
        guarded({"house": house, "workshop": workshop}[part], report)
    return report.end()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("interrupted")
