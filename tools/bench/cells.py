"""Cells edited and run again through a Jupyter client, beside `go build` and run of the same program.

Between the two lies what GoNB adds: goimports, whose time is measured beside, and the messages
to the client and from it.
"""

import os
import re
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from execute import execute
from jupyter_client.manager import KernelManager
from lessons import find
from spread import middle_half

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent

# What each lesson begins with; a cell's program is this and the cell's body in main.
SETUP = """%noautoget
import (
	"flag"
	"fmt"
	"math/rand/v2"

	"unroll/lesson"
	"unroll/plots"
)
"""

# EDIT is replaced by a number that changes from run to run, as a learner's edit does.
CELLS = {
    "hello": ('fmt.Println("hello", EDIT)', ["fmt"]),
    "lesson": (
        "rng := rand.New(rand.NewPCG(EDIT, 2))\n"
        "rnn := lesson.NewRNN(rng, 128, 64, lesson.BatchFirst)\n"
        "output, hidden := rnn.Forward(lesson.Randn(rng, 32, 10, 128), nil)\n"
        "fmt.Println(output.Shape(), hidden.Shape())",
        ["fmt", "math/rand/v2", "unroll/lesson"],
    ),
    "plot": (
        "rng := rand.New(rand.NewPCG(EDIT, 2))\n"
        "rnn := lesson.NewRNN(rng, 8, 32)\n"
        "norms := lesson.GradientNorms(rnn, lesson.Randn(rng, 50, 8), nil)\n"
        'plots.Show(plots.GradientDecay([]plots.Curve{{Name: "tanh RNN", Values: norms}}))',
        ["math/rand/v2", "unroll/lesson", "unroll/plots"],
    ),
}


def say(text):
    print(text, flush=True)


class Kernel:
    """The tutorial's kernel, with a Jupyter client."""

    def __init__(self):
        self.manager = KernelManager(kernel_name="gonb")
        self.manager.start_kernel(cwd=str(ROOT / "notebooks"), stderr=subprocess.DEVNULL)
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    def run(self, code):
        """Seconds from sending the cell to its reply and its last output."""
        start = time.perf_counter()
        failed = []

        def output(message):
            if message["msg_type"] == "error":
                failed.append("\n".join(message["content"]["traceback"]))

        reply = self.client.execute_interactive(code, timeout=120, output_hook=output)
        seconds = time.perf_counter() - start
        if failed or reply["content"]["status"] != "ok":
            raise SystemExit(f"bench: a cell failed:\n{code}\n{failed}")
        return seconds

    def megabytes(self):
        """Resident memory of the kernel and all it started, without the cell's program: (GoNB, gopls)."""
        gonb = self.manager.provisioner.process.pid
        tree, grew = {gonb}, True
        while grew:
            grew = False
            for stat in Path("/proc").glob("[0-9]*/stat"):
                try:
                    pid, parent = int(stat.parent.name), int(stat.read_text().rsplit(")", 1)[1].split()[1])
                except (OSError, ValueError):
                    continue
                if parent in tree and pid not in tree:
                    tree.add(pid)
                    grew = True
        total = 0
        for pid in tree:
            try:
                status = Path(f"/proc/{pid}/status").read_text()
            except OSError:
                continue
            total += int(re.search(r"VmRSS:\s+(\d+)", status)[1]) if "VmRSS" in status else 0
        return total / 1024

    def complete(self):
        self.client.complete("%%\nrng := rand.New(rand.NewPCG(1, 2))\nrnn := lesson.NewR", 52)
        self.client.get_shell_msg(timeout=120)

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel()


def linker_flags():
    """The GOFLAGS of the kernel specification, so that both sides build alike."""
    return {**os.environ, **KernelManager(kernel_name="gonb").kernel_spec.env}


class Floor:
    """`go build` and run of a cell's program from the shell."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="unroll-bench-"))
        (self.folder / "go.mod").write_text("module cell\n\ngo 1.26\n")
        (self.folder / "go.work").write_text(f"go 1.26\n\nuse (\n\t.\n\t{str(ROOT)!r}\n)\n".replace("'", '"'))
        self.env = {**linker_flags(), "UNROLL_FIGURES": str(self.folder)}

    def run(self, body, imports):
        """Seconds of go build and of the program, and of goimports on its own."""
        lines = "".join(f'\t"{path}"\n' for path in ["flag", *imports])
        (self.folder / "main.go").write_text(f"package main\n\nimport (\n{lines})\n\nfunc main() {{\n\tflag.Parse()\n{body}\n}}\n")

        def seconds(*command):
            start = time.perf_counter()
            subprocess.run(command, cwd=self.folder, env=self.env, check=True, capture_output=True)
            return time.perf_counter() - start

        return seconds("go", "build", "-o", "cell"), seconds("./cell"), seconds("goimports", "-w", "main.go")

    def close(self):
        shutil.rmtree(self.folder)


def measure(runs):
    """A row for each cell, and the kernel's memory in megabytes before and after a completion."""
    say("cell edited and run again: median seconds, and the middle half of them")
    kernel, floor = Kernel(), None
    rows = []
    try:
        floor = Floor()
        kernel.run(SETUP)
        time.sleep(1)
        memory = {"idle": round(kernel.megabytes(), 1)}
        for name, (body, imports) in CELLS.items():
            ours, theirs = [], []
            for n in range(runs + 1):  # the first fills the caches of both
                edited = body.replace("EDIT", str(1000 + n))
                sides = [lambda: ours.append(kernel.run("%%\n" + edited)), lambda: theirs.append(floor.run(edited, imports))]
                for side in sides if n % 2 else reversed(sides):
                    side()
            rows.append(row(name, ours[1:], theirs[1:]))
        kernel.complete()
        memory["after_completion"] = round(kernel.megabytes(), 1)
        say(f"kernel  idle {memory['idle']} MB   after a completion {memory['after_completion']} MB")
    finally:
        kernel.close()
        if floor:
            floor.close()
    return rows, memory


def row(name, ours, theirs):
    build, run, imports = (statistics.median(part) for part in zip(*theirs, strict=True))
    ground = [build + run for build, run, _ in theirs]
    r = {
        "cell": name,
        "ours_s": statistics.median(ours),
        "floor_s": statistics.median(ground),
        "ratio": statistics.median(ours) / statistics.median(ground),
        "ours_middle_s": middle_half(ours),
        "floor_middle_s": middle_half(ground),
        "build_s": build,
        "run_s": run,
        "goimports_s": imports,
    }
    spread = [f"{a:.3f}–{b:.3f}" for a, b in (r["ours_middle_s"], r["floor_middle_s"])]
    say(
        f"{name:7} cell {r['ours_s']:.3f} ({spread[0]})   go build and run {r['floor_s']:.3f} ({spread[1]})   "
        f"ratio {r['ratio']:.2f}   build {build:.3f}, run {run:.3f}, goimports {imports:.3f}"
    )
    return r


def lessons():
    """Seconds that each lesson takes from clean on the kernel."""
    seconds = {}
    for lesson in filter(lambda lesson: lesson.numbered, find()):
        start = time.perf_counter()
        execute(lesson)
        seconds[lesson.slug] = round(time.perf_counter() - start, 2)
    return seconds
