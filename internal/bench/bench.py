"""Measures Unroll beside what a learner would compare it with, all in one run.

    make bench                 everything
    make bench ONLY=layers     only the layers (or: cells, lessons)

Prints a table and writes build/bench.json. The sides take turns, round by round, so that a
noisy moment falls on all of them; each figure is the median over the rounds' runs, with the
middle half of them as its spread.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = ROOT / "build" / "bench"
TORCH = "2.15.0"

SHAPES = [  # batch, steps, input, hidden
    (32, 10, 128, 64),
    (32, 100, 128, 64),
    (32, 1000, 128, 64),
    (32, 20, 8, 32),
]
GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}


def say(text):
    print(text, file=sys.stderr, flush=True)


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
        self.process.stdin.close()
        self.process.wait()


def go_worker(name, folder):
    binary = BUILD / name
    subprocess.run(["go", "build", "-o", binary, "."], cwd=folder, check=True)
    return Worker(str(binary))


def torch_python():
    """A Python that has PyTorch: PyPI's release installed here, or else Debian's; None and why where neither is."""
    if os.environ.get("TORCH_PYTHON"):
        return os.environ["TORCH_PYTHON"], ""
    venv = BUILD / "torch"
    python = venv / "bin" / "python"
    if not (venv / "ready").exists():
        say(f"bench: installing PyTorch {TORCH} from PyPI into build/bench/torch (once, about 5 GB; TORCH_PYTHON=… uses yours)")
        if shutil.disk_usage(BUILD).free < 12e9:
            reason = "less than 12 GB are free"
        else:
            subprocess.run([sys.executable, "-m", "venv", venv], check=True)
            done = subprocess.run([python, "-m", "pip", "install", "-q", f"torch=={TORCH}", "numpy"])
            reason = f"pip ended with status {done.returncode}" if done.returncode else ""
        if not reason:
            (venv / "ready").touch()
        else:
            debian = "/usr/bin/python3"
            if subprocess.run([debian, "-c", "import torch"], capture_output=True).returncode == 0:
                say(f"bench: PyPI's PyTorch is not to be had ({reason}); comparing with Debian's")
                return debian, ""
            return None, reason
    return str(python), ""


def spread(values):
    values = sorted(values)
    n = len(values)
    return [round(values[n // 4], 4), round(values[(3 * n) // 4], 4)]


def operations(layer, batch, steps, inp, hidden, backward):
    """Multiply-adds of the matrix products, counted twice each; backward costs twice forward."""
    forward = 2 * batch * steps * GATES[layer] * hidden * (inp + hidden)
    return forward * (3 if backward else 1)


def measure_layers(rounds, seconds):
    ours = go_worker("layers", HERE / "layers")
    python, why = torch_python()
    torch = Worker(python, str(HERE / "torch_worker.py")) if python else None
    about = torch.answer() if torch else {}
    if not torch:
        say(f"bench: leaving out PyTorch: {why}")
    try:
        spago = go_worker("spago", HERE / "spago")
    except subprocess.CalledProcessError:
        spago = None
        say("bench: leaving out spago: its module could not be built (is the network there?)")
    peak = ours.ask({"peak": True})
    cores = os.cpu_count()
    peak_all = peak["gflops"] * cores
    threads = [1, cores] if cores > 1 else [1]
    rows = []
    for layer in ("RNN", "LSTM"):
        for batch, steps, inp, hidden in SHAPES:
            for backward in (False, True):
                case = {"layer": layer, "batch": batch, "steps": steps, "input": inp, "hidden": hidden, "backward": backward, "seconds": seconds}
                times = {}
                for _ in range(rounds):
                    times.setdefault("ours", []).extend(ours.ask(case)["ms"])
                    if torch:
                        for dtype in ("float64", "float32"):
                            for n in threads:
                                times.setdefault((dtype, n), []).extend(torch.ask({**case, "dtype": dtype, "threads": n})["ms"])
                    if spago and layer == "LSTM" and steps <= 100:
                        times.setdefault("spago", []).extend(spago.ask(case)["ms"])
                row = {k: case[k] for k in ("layer", "batch", "steps", "input", "hidden")}
                row["pass"] = "forward+backward" if backward else "forward"
                row["ours_ms"] = statistics.median(times["ours"])
                row["ours_spread_ms"] = spread(times["ours"])
                for dtype, name in (("float64", "torch64"), ("float32", "torch32")):
                    if torch:
                        best = min(threads, key=lambda n: statistics.median(times[dtype, n]))
                        row[f"{name}_ms"] = statistics.median(times[dtype, best])
                        row[f"{name}_spread_ms"] = spread(times[dtype, best])
                        row[f"{name}_threads"] = best
                        row[f"ratio{name[-2:]}"] = row["ours_ms"] / row[f"{name}_ms"]
                if "spago" in times:
                    row["spago_ms"] = statistics.median(times["spago"])
                row["gflops"] = operations(layer, batch, steps, inp, hidden, backward) / row["ours_ms"] / 1e6
                row["peak_gflops"] = peak_all
                rows.append(row)
                print_layer(row)
    for w in (ours, torch, spago):
        if w:
            w.close()
    return rows, {"peak_gflops_core": peak["gflops"], "kernel": peak["kernel"], **about}


def print_layer(r):
    def ms(key):
        return f"{r[key]:9.3f}" if key in r else "        –"

    ratio = f"{r['ratio64']:6.2f}" if "ratio64" in r else "     –"
    ratio32 = f"{r['ratio32']:6.2f}" if "ratio32" in r else "     –"
    print(
        f"{r['layer']:4} {r['batch']}×{r['steps']:<4}×{r['input']:<3}→{r['hidden']}  {r['pass']:16}"
        f" {ms('ours_ms')} {ms('torch64_ms')} {ms('torch32_ms')} {ms('spago_ms')} {ratio} {ratio32}"
        f" {r['gflops']:6.1f} {100 * r['gflops'] / r['peak_gflops']:4.0f} %",
        flush=True,
    )


def fit_growth(rows):
    """Milliseconds per step from the lengths of one shape: the slope of time over T, by least squares."""
    out = []
    for layer in ("RNN", "LSTM"):
        for p in ("forward", "forward+backward"):
            pts = [(r["steps"], r["ours_ms"]) for r in rows if r["layer"] == layer and r["pass"] == p and r["input"] == 128]
            if len(pts) < 2:
                continue
            slope, start = statistics.linear_regression([t for t, _ in pts], [m for _, m in pts])
            out.append({"layer": layer, "pass": p, "over": "steps", "ms_per_step": slope, "ms_at_zero": start})
    return out


def machine():
    model = platform.processor()
    try:
        model = next(l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name"))
    except (OSError, StopIteration):
        pass
    go = subprocess.run(["go", "version"], capture_output=True, text=True).stdout.split()
    return {"cpu": model, "cores": os.cpu_count(), "os": platform.system().lower(), "arch": platform.machine(), "go": go[2] if len(go) > 2 else ""}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=["layers", "cells", "lessons"])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.3, help="of each side in each round")
    args = parser.parse_args()
    BUILD.mkdir(parents=True, exist_ok=True)
    path = ROOT / "build" / "bench.json"
    result = json.loads(path.read_text()) if args.only and path.exists() else {}
    result["machine"] = {**result.get("machine", {}), **machine()}
    start = time.monotonic()
    if args.only in (None, "layers"):
        print("layer batch×steps×input→hidden  pass        ours ms  torch f64  torch f32     spago  ÷f64   ÷f32 GFLOPS  of peak")
        result["layers"], more = measure_layers(args.rounds, args.seconds)
        result["machine"].update(more)
        result["growth"] = fit_growth(result["layers"])
    if args.only in (None, "cells", "lessons"):
        import cells  # needs the environment that make sets up

        if args.only != "lessons":
            result["cells"], result["kernel_mb"] = cells.measure()
        if args.only != "cells":
            result["lessons_s"] = cells.lessons()
    path.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")
    print(f"wrote build/bench.json in {time.monotonic() - start:.0f} s")


main()
