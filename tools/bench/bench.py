"""Measures Unroll beside what a learner would compare it with, all in one run.

    make bench                 everything
    make bench ONLY=layers     only the layers (or: cells, lessons)

Prints tables and writes build/bench.json. The sides take turns, round by round, so that a
noisy moment falls on all of them; each figure is the median over the runs of all rounds, and
the two numbers beside it hold the middle half of them. A comparison that cannot be made is
named, with the reason, and so in the file.
"""

import argparse
import json
import math
import os
import platform
import re
import shutil
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path

from spread import middle_half

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = ROOT / "build" / "bench"
README = ROOT / "README.md"

# PyTorch, and on Linux the small ones of the CUDA libraries that it is linked with: see install_torch.
TORCH = ["torch==2.15.0", "typing_extensions", "sympy", "mpmath", "numpy"]
CUDA = ["nvidia-cuda-runtime==13.2.*", "nvidia-cuda-cupti==13.2.*", "nvidia-nvshmem-cu13==3.7.2"]

LAYERS = ("RNN", "GRU", "LSTM", "MinGRU", "MinGRU scan")
ALONE = ("MinGRU", "MinGRU scan")  # neither PyTorch nor spago has it
GATES = {"RNN": 1, "GRU": 3, "LSTM": 4, "MinGRU": 2, "MinGRU scan": 2}
PASSES = ("forward", "forward+backward")
SIDES = ("ours", "reused", "torch64", "torch32", "spago")  # reused: ours, with results in the caller's tensors
SHAPES = [  # batch, steps, input, hidden; the first three are those of PyTorch's example, made longer
    (32, 10, 128, 64),
    (32, 100, 128, 64),
    (32, 1000, 128, 64),
    (32, 20, 8, 32),
    (1, 4000, 128, 64),  # where only a scan has work for a second core
]
GROWTH = {  # what grows, from the second shape
    "steps": (25, 50, 100, 200, 400, 800),
    "batch": (8, 16, 32, 64, 128, 256),
    "hidden": (16, 32, 64, 128, 256),
}
NORMS = (1000, 2000, 5000, 10000)  # steps of GradientNorms, at H = 32


def say(text):
    print(text, file=sys.stderr, flush=True)


class Missing(Exception):
    """Why a comparison is left out."""


# The sides


class Worker:
    """A process that answers a line of JSON with a line of JSON."""

    def __init__(self, *command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, case):
        self.process.stdin.write(json.dumps(case) + "\n")
        self.process.stdin.flush()
        return self.answer()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"bench: {self.process.args[0]} stopped with status {self.process.wait()}")
        return json.loads(line)

    def close(self):
        self.process.kill()
        self.process.wait()


def go_worker(name):
    binary = BUILD / f"{name}-worker"
    done = subprocess.run(["go", "build", "-o", binary, "."], cwd=HERE / name, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise Missing(f"its worker does not build: {last_line(done.stderr)}")
    return Worker(str(binary))


def torch_worker(install):
    """PyTorch in the Python that TORCH_PYTHON names, or PyPI's, or Debian's."""
    given = os.environ.get("TORCH_PYTHON")
    if given:
        check_torch(given)
        return Worker(given, str(HERE / "torch_worker.py"))
    python = BUILD / "torch/bin/python"
    try:
        if not (BUILD / "torch/ready").exists():
            if not install:
                raise Missing("it is not installed; make bench installs it")
            install_torch(python)
    except Missing as missing:
        debian = "/usr/bin/python3"
        try:
            check_torch(debian)
        except Missing:
            raise missing from None
        say(f"bench: PyPI's PyTorch is not to be had ({missing}); comparing with {debian}'s")
        python = debian
    return Worker(str(python), str(HERE / "torch_worker.py"))


def check_torch(python):
    try:
        subprocess.run([python, HERE / "torch_worker.py", "--check"], check=True, capture_output=True, text=True)
    except OSError as error:
        raise Missing(f"{python} does not run: {error.strerror}") from None
    except subprocess.CalledProcessError as error:
        raise Missing(f"{python} has no PyTorch: {last_line(error.stderr)}") from None


def install_torch(python):
    """Installs PyTorch from PyPI into build/bench/torch.

    Its release for Linux is linked with CUDA's libraries, which take 4 GB and which nothing on a
    CPU calls. In the place of the large ones stand empty libraries of the same names; the worker
    looks names up when they are called, and none of theirs is.
    """
    say(f"bench: installing {TORCH[0]} from PyPI into build/bench/torch (once, 2 GB; TORCH_PYTHON=… uses yours)")
    if shutil.disk_usage(BUILD).free < 4e9:
        raise Missing("less than 4 GB are free")
    linux = sys.platform == "linux"
    if linux and not shutil.which("cc"):
        raise Missing("there is no C compiler to leave out CUDA with")
    venv = BUILD / "torch"
    shutil.rmtree(venv, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    done = subprocess.run([*pip, *TORCH, *(CUDA if linux else [])], stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise Missing(last_line(done.stderr))
    if linux:
        (lib,) = venv.glob("lib/python*/site-packages/torch/lib")
        for library in ("libtorch_python.so", "libtorch_cuda_linalg.so"):
            listed = subprocess.run(["ldd", lib / library], capture_output=True, text=True).stdout
            for name in set(re.findall(r"(\S+) => not found", listed)):
                command = ["cc", "-shared", "-nostdlib", f"-Wl,-soname,{name}", "-o", lib / name, "-xc", os.devnull]
                subprocess.run(command, check=True)
    check_torch(python)
    (venv / "ready").touch()


def last_line(text):
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it does not say why"


class Sides:
    """All that is measured: Unroll always, the others where they are to be had."""

    def __init__(self, install):
        self.left_out = {}
        self.workers = {}
        for name, start in (
            ("ours", lambda: go_worker("layers")),
            ("torch", lambda: torch_worker(install)),
            ("spago", lambda: go_worker("spago")),
        ):
            try:
                self.workers[name] = start()
            except Missing as missing:
                if name == "ours":
                    self.close()
                    raise SystemExit(f"bench: {missing}") from None
                self.left_out[name] = str(missing)
                say(f"bench: leaving out {name}: {missing}")
        self.about = self.workers["torch"].answer() if "torch" in self.workers else {}
        cores = os.cpu_count()
        threads = sorted({1, cores})
        # Of each side, with its number of threads: the worker, and what it is asked beside the case.
        self.all = {("ours", 0): ("ours", {}), ("reused", 0): ("ours", {"reuse": True})}
        if "torch" in self.workers:
            self.all |= {
                (f"torch{bits}", n): ("torch", {"dtype": f"float{bits}", "threads": n}) for bits in (64, 32) for n in threads
            }
        if "spago" in self.workers:
            self.all["spago", 0] = ("spago", {})

    def ask(self, side, case):
        worker, more = self.all[side]
        return self.workers[worker].ask({**case, **more})

    def close(self):
        for worker in self.workers.values():
            worker.close()


# The layers


def operations(layer, batch, steps, inp, hidden, backward):
    """Multiply-adds of the matrix products, counted twice each; backward costs twice forward."""
    seen = inp if layer in ALONE else inp + hidden
    forward = 2 * batch * steps * GATES[layer] * hidden * seen
    return forward * (3 if backward else 1)


def measure_row(sides, case, rounds, peak):
    """One row of the table: the case on every side, in turns."""
    times = {side: [] for side in sides.all}
    for number in range(rounds):
        order = list(sides.all)
        if number % 2:
            order.reverse()
        for side in order:
            if side[0] == "spago" and case["steps"] > 100:
                continue  # seconds for each run
            if case["layer"] in ALONE and side[0] not in ("ours", "reused"):
                continue
            times[side] += sides.ask(side, case)["ms"]
    row = {key: case[key] for key in ("layer", "batch", "steps", "input", "hidden")}
    row["pass"] = PASSES[case["backward"]]
    for name in SIDES:
        runs = [side for side in times if side[0] == name and times[side]]
        row[f"{name}_ms"] = row[f"{name}_middle_ms"] = None
        if runs:
            best = min(runs, key=lambda side: statistics.median(times[side]))
            row[f"{name}_ms"] = statistics.median(times[best])
            row[f"{name}_middle_ms"] = middle_half(times[best])
            if best[1]:
                row[f"{name}_threads"] = best[1]
    for name, other in (("ratio64", "torch64_ms"), ("ratio32", "torch32_ms"), ("ratio_spago", "spago_ms")):
        row[name] = row["ours_ms"] / row[other] if row[other] else None
        row[f"{name}_reused"] = row["reused_ms"] / row[other] if row[other] else None
    row["gflops"] = operations(*(case[k] for k in ("layer", "batch", "steps", "input", "hidden", "backward"))) / row["ours_ms"] / 1e6
    row["peak_gflops"] = peak
    return row


HEAD = (
    f"{'layer       batch×steps×input→hidden  pass':56} {'ours':>9} {'reused':>9} {'torch f64':>9} {'torch f32':>9} {'spago':>9}"
    "   ÷f64   ÷f32 reused GFLOPS of peak"
)


def line(r):
    def number(key, form):
        return format(r[key], form) if r[key] is not None else "–".rjust(int(form.split(".")[0]))

    shape = f"{r['batch']}×{r['steps']}×{r['input']}→{r['hidden']}"
    times = " ".join(number(f"{name}_ms", "9.3f") for name in SIDES)
    share = 100 * r["gflops"] / r["peak_gflops"]
    return (
        f"{r['layer']:11} {shape:25} {r['pass']:18} {times} {number('ratio64', '6.2f')} {number('ratio32', '6.2f')}"
        f" {number('ratio32_reused', '6.2f')}"
        f" {r['gflops']:6.1f} {share:5.0f} %"
    )


def measure_layers(sides, rounds, seconds, shapes):
    ours = sides.workers["ours"]
    peak = ours.ask({"peak": True})
    print(f"peak of multiply-add: {peak['core']:.1f} GFLOPS on one core, {peak['all']:.1f} on all ({peak['kernel']})")
    print(HEAD)
    rows = []
    for layer in LAYERS:
        for batch, steps, inp, hidden in shapes:
            for backward in (False, True):
                case = {"layer": layer, "batch": batch, "steps": steps, "input": inp, "hidden": hidden}
                case |= {"backward": backward, "seconds": seconds}
                rows.append(measure_row(sides, case, rounds, peak["all"]))
                print(line(rows[-1]), flush=True)
    return rows, {"peak_gflops_core": peak["core"], "peak_gflops": peak["all"], "kernel": peak["kernel"], **sides.about}


# How cost grows


def slope(xs, ys):
    """The exponent p of y ∝ x^p by least squares on logarithms, and the least and the greatest between neighbours."""
    logs = [(math.log(x), math.log(y)) for x, y in zip(xs, ys, strict=True)]
    between = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in zip(logs, logs[1:])]
    return statistics.linear_regression(*zip(*logs)).slope, [min(between), max(between)]


def growth_row(about, over, points):
    """What a list of (x, milliseconds, bytes) says of growth."""
    xs, ms, memory = zip(*points)
    row = {**about, "over": over, "points": [{over: x, "ms": m, "bytes": b} for x, m, b in points]}
    row["ms_exponent"], row["ms_exponent_between"] = slope(xs, ms)
    row["bytes_exponent"], row["bytes_exponent_between"] = slope(xs, memory)
    if over == "steps":
        row["ms_per_step"] = statistics.linear_regression(xs, ms).slope
        row["bytes_per_step"] = statistics.linear_regression(xs, memory).slope
    least, most = row["ms_exponent_between"]
    text = f"{about['layer']:14} {about['pass']:17} {over:6} {xs[0]:>5}–{xs[-1]:<5}  time ∝ {over}^{row['ms_exponent']:.2f} ({least:.2f} to {most:.2f})"
    text += f"  bytes ∝ {over}^{row['bytes_exponent']:.2f}"
    if over == "steps":
        text += f"  {1000 * row['ms_per_step']:.1f} µs and {row['bytes_per_step'] / 1000:.1f} kB a step"
    print(text, flush=True)
    return row


def measure_growth(ours, rounds, seconds, growth, norms):
    print("growth: the exponent by least squares, and the least and the greatest between neighbours")
    base = dict(zip(("batch", "steps", "input", "hidden"), SHAPES[1], strict=True))
    rows = []
    for layer in LAYERS:
        for backward in (False, True):
            for over, values in growth.items():
                ms = {x: [] for x in values}
                memory = {}
                for _ in range(rounds):
                    for x in values:
                        answer = ours.ask({"layer": layer, **base, over: x, "backward": backward, "seconds": seconds})
                        ms[x] += answer["ms"]
                        memory[x] = answer["bytes"]
                points = [(x, statistics.median(ms[x]), memory[x]) for x in values]
                rows.append(growth_row({"layer": layer, "pass": PASSES[backward]}, over, points))
    points = []
    for steps in norms:
        answer = ours.ask({"layer": "GradientNorms", "steps": steps, "input": 8, "hidden": 32, "seconds": seconds})
        points.append((steps, statistics.median(answer["ms"]), answer["bytes"]))
    rows.append(growth_row({"layer": "GradientNorms", "pass": "backward"}, "steps", points))
    return rows


# The report


def machine():
    model = platform.processor()
    try:
        model = next(l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name"))
    except (OSError, StopIteration):
        pass
    go = subprocess.run(["go", "version"], capture_output=True, text=True).stdout.split()
    return {
        "cpu": model, "cores": os.cpu_count(), "os": platform.system().lower(), "arch": platform.machine(),
        "go": go[2] if len(go) > 2 else "", "load": round(os.getloadavg()[0], 2),
    }  # fmt: skip


def table(result):
    """README's tables: the rows of bench.json as Markdown."""
    about = result["machine"]
    torch = f"PyTorch {about['torch']} with {about['blas']}" if "torch" in about else "PyTorch (left out)"
    lines = [
        f"Milliseconds for one batch, medians, measured by `make bench` on {about['cores']} cores of {about['cpu']} (load",
        f"{about['load']} before the run), {about['go']}, beside {torch} at its better number of threads, and",
        f"spago v1.1.0, which is left out where a batch takes it seconds. The share is of the {about['peak_gflops']:.0f} GFLOPS that",
        "the cores reach when all they do is multiply and add. Results go to new tensors; behind the dot, to the caller's, as",
        "`ForwardTo` and `BackwardTo` have it and as training does. PyTorch takes the memory of earlier results again by itself.",
        "It has no MinGRU, and neither has spago. The scan is the same layer, with the parallel scan over the steps.",
        "",
        "| layer | batch × steps × input → hidden | forward | PyTorch float64 | float32 | spago"
        " | forward and backward | PyTorch float64 | float32 | spago | share |",
        "|---|---|" + "--:|" * 9,
    ]

    def ms(value):
        return "–" if value is None else f"{value:.3g}" if value < 100 else f"{value:.0f}"

    for forward, both in zip(result["layers"][::2], result["layers"][1::2], strict=True):
        shape = f"{both['batch']} × {both['steps']} × {both['input']} → {both['hidden']}"
        times = []
        for r in (forward, both):
            times += [f"{ms(r['ours_ms'])} · {ms(r['reused_ms'])}", *(ms(r[f"{name}_ms"]) for name in SIDES[2:])]
        share = f"{100 * both['gflops'] / both['peak_gflops']:.0f} %"
        lines.append(f"| {' | '.join([both['layer'], shape, *times, share])} |")
    if "cells" in result:
        lines += [
            "",
            "Seconds for a cell edited and run again, from the notebook's request to its last output, beside `go build` and run",
            "of the same program from the shell:",
            "",
            "| cell | seconds | `go build` and run | ratio |",
            "|---|--:|--:|--:|",
        ]
        lines += [f"| {c['cell']} | {c['ours_s']:.2f} | {c['floor_s']:.2f} | {c['ratio']:.2f} |" for c in result["cells"]]
    return "\n".join(lines)


def write_readme(result):
    begin, end = "<!-- make bench wrote this -->\n", "<!-- to here -->"
    before, rest = README.read_text().split(begin)
    _, after = rest.split(end)
    README.write_text(f"{before}{begin}{table(result)}\n{end}{after}")


def write_json(path, result):
    part = path.with_suffix(".part")
    part.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")
    part.replace(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=["layers", "cells", "lessons"])
    parser.add_argument("--quick", action="store_true", help="a little of everything, to see that it works; installs nothing")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.2, help="of each side in each round")
    parser.add_argument("--output", type=Path, default=ROOT / "build/bench.json")
    parser.add_argument("--readme", action="store_true", help="only put the tables of the last run into README.md")
    args = parser.parse_args()
    if args.readme:
        write_readme(json.loads(args.output.read_text()))
        return
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    BUILD.mkdir(parents=True, exist_ok=True)
    result = json.loads(args.output.read_text()) if args.only and args.output.exists() else {}
    result["machine"] = {**result.get("machine", {}), **machine()}
    rounds, seconds = (1, 0.01) if args.quick else (args.rounds, args.seconds)
    start = time.monotonic()

    def keep():
        """Writes what there is: the rest takes minutes, and may be interrupted."""
        result["machine"]["load_after"] = round(os.getloadavg()[0], 2)
        write_json(args.output, result)

    if args.only in (None, "layers"):
        sides = Sides(install=not args.quick)
        try:
            shapes = [SHAPES[0], SHAPES[3]] if args.quick else SHAPES
            result["layers"], about = measure_layers(sides, rounds, seconds, shapes)
            result["machine"] |= about
            result["left_out"] = sides.left_out
            keep()
            growth = {"steps": (10, 20, 40)} if args.quick else GROWTH
            norms = NORMS[:2] if args.quick else NORMS
            result["growth"] = measure_growth(sides.workers["ours"], rounds, seconds / 2, growth, norms)
        finally:
            sides.close()
        keep()
    if args.only in (None, "cells", "lessons"):
        import cells  # needs the environment that make sets up

        if args.only != "lessons":
            result["cells"], result["kernel_mb"] = cells.measure(1 if args.quick else 15)
            keep()
        if args.only != "cells" and not args.quick:
            result["lessons_s"] = cells.lessons()
    if args.quick:
        result["lessons_s"] = {}
    keep()
    name = args.output.relative_to(ROOT) if args.output.is_relative_to(ROOT) else args.output
    for what, why in result.get("left_out", {}).items():
        print(f"left out: {what}, because {why}")
    load = result["machine"]["load"], result["machine"]["load_after"]
    print(f"wrote {name} in {time.monotonic() - start:.0f} s; load of the machine {load[0]} before, {load[1]} after")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("bench: interrupted; build/bench.json holds what was written before")
