"""Measures what the cells of lessons take in the page and natively, as on the kernel, in one run:

    kernel/run python site/build/times.py [LESSON…] [--keep]

It prints the seconds of the processor that the program of each cell takes, and the ratio. --keep writes the cells
that take a reader long to site/run/times.json: the pages name their time beforehand, and the tests leave them out.
"""

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import tempfile
from pathlib import Path

from jupyter_client.kernelspec import get_kernel_spec

import toolchain
from lessons import BUILD, ROOT, find, read

KEPT = ROOT / "site/run/times.json"
LONG = 5  # seconds in the page, from which they are kept
TRAINING = 0.3  # seconds on the kernel, from which a ratio says something of more than the start


def natively(lesson, folder):
    """Seconds of the processor that the programs of a lesson's cells take, by the cell's id."""
    (folder / "go.mod").write_text("module cell\n\ngo 1.26\n")
    (folder / "go.work").write_text(f'go 1.26\n\nuse (\n\t.\n\t"{ROOT}"\n)\n')
    (folder / "data").symlink_to(ROOT / "notebooks/data")
    env = os.environ | get_kernel_spec("gonb").env | {"UNROLL_FIGURES": str(folder / "figures"), "UNROLL_PROGRESS": ""}
    packages = (toolchain.SOURCE / "packages.txt").read_text(encoding="utf-8").split()
    listed = subprocess.run(["go", "list", "-f", "{{.ImportPath}} {{.Name}}", *packages], cwd=ROOT, check=True, capture_output=True, text=True)
    names = dict(line.split() for line in listed.stdout.splitlines())
    subprocess.run(["go", "build", "-o", folder / "compose", "./site/run/compose"], cwd=ROOT, check=True)
    seconds, cells = {}, []
    for cell in read(lesson.path).cells:
        if cell.cell_type != "code":
            continue
        cells.append({"id": cell.id, "source": cell.source})
        (folder / "request").write_text(json.dumps({"cells": cells, "packages": names}))
        subprocess.run([folder / "compose", folder / "request", folder / "answer"], check=True)
        answer = json.loads((folder / "answer").read_text())
        (folder / "main.go").write_text(answer["program"])
        subprocess.run(["go", "build", "-o", "program", "."], cwd=folder, env=env, check=True)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([folder / "program", *(answer["args"] or [])], cwd=folder, env=env, stdin=subprocess.DEVNULL, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds[cell.id] = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lesson", nargs="*")
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    toolchain.built(BUILD / "run")
    kept = json.loads(KEPT.read_text())["cells"]
    ratios = []
    for lesson in find(options.lesson):
        if not lesson.numbered or lesson.language != "en":
            continue
        with tempfile.TemporaryDirectory() as folder:
            kernel = natively(lesson, Path(folder))
            file = Path(folder, "times")
            toolchain.in_node("check.mjs", "--long", "--times", file, lesson.path)
            page = json.loads(file.read_text())
        kept = {name: row for name, row in kept.items() if not name.startswith(f"{lesson.slug}/")}
        for cell, native in kernel.items():
            name = f"{lesson.slug}/{cell}"
            ours = page[name]["processor"]
            if native >= TRAINING:
                ratios.append(ours / native)
            print(f"{name:50} kernel {native:7.2f} s  page {ours:7.2f} s  {ours / native:5.1f}  wall {page[name]['seconds']:7.2f} s", flush=True)
            if ours >= LONG:
                kept[name] = {"kernel": round(native, 1), "page": round(ours, 1)}
    if ratios:
        print(f"of {len(ratios)} cells from {TRAINING} s: median {statistics.median(ratios):.2f}, largest {max(ratios):.2f}")
    if options.keep:
        rows = ",\n".join(f'  "{name}": {json.dumps(row)}' for name, row in sorted(kept.items()))
        KEPT.write_text(f'{{"cells": {{\n{rows}\n}}}}\n')


if __name__ == "__main__":
    main()
