"""Measures what the cells of lessons take in the page and natively, as on the kernel, in one run:

    kernel/run python site/build/times.py [LESSON…] [--keep]

It prints the seconds of the processor that the programs of cells take, and the ratio; then the seconds that a reader
waits for the whole cell, which is built, too. Of cells whose programs take less than a second in the page it says nothing, for
most of that is the start. --keep writes those that take a reader long to site/run/times.json: the pages name their time
beforehand, and the tests leave the longest out.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from jupyter_client.kernelspec import get_kernel_spec

import toolchain
from lessons import BUILD, ROOT, find, read

KEPT = ROOT / "site/run/times.json"
LONG = 5  # seconds in the page, from which they are kept
SHORT = 1  # seconds in the page, below which a ratio would be one of starts


def natively(lesson, folder, chosen):
    """Of a lesson's chosen cells, by their ids: the seconds of the processor that the program takes, and the seconds
    until the cell is built and run."""
    (folder / "figures").mkdir()
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
        if cell.id not in chosen:
            continue
        (folder / "request").write_text(json.dumps({"cells": cells, "packages": names}))
        subprocess.run([folder / "compose", folder / "request", folder / "answer"], check=True)
        answer = json.loads((folder / "answer").read_text())
        (folder / "main.go").write_text(answer["program"])
        start = time.monotonic()
        subprocess.run(["go", "build", "-o", "program", "."], cwd=folder, env=env, check=True)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        fails = "raises-exception" in cell.metadata.get("tags", [])
        subprocess.run([folder / "program", *(answer["args"] or [])], cwd=folder, env=env, stdin=subprocess.DEVNULL, capture_output=True, check=not fails)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds[cell.id] = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, time.monotonic() - start
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
            file = Path(folder, "times")
            toolchain.in_node("check.mjs", "--long", "--times", file, lesson.path)
            page = {name.split("/")[1]: row for name, row in json.loads(file.read_text()).items()}
            kernel = natively(lesson, Path(folder), [cell for cell, row in page.items() if row["processor"] >= SHORT])
        kept = {name: row for name, row in kept.items() if not name.startswith(f"{lesson.slug}/")}
        for cell, (native, waits) in kernel.items():
            name, ours, wait = f"{lesson.slug}/{cell}", page[cell]["processor"], page[cell]["whole"]
            ratios.append(ours / native)
            print(f"{name:45} kernel {native:6.2f} s  page {ours:6.2f} s  {ours / native:5.1f}"
                  f"    whole cell: {waits:6.2f} s  {wait:6.2f} s  {wait / waits:5.1f}", flush=True)  # fmt: skip
            if ours >= LONG:
                kept[name] = {"kernel": round(native, 1), "page": round(ours, 1)}
        if options.keep:
            rows = ",\n".join(f'  "{name}": {json.dumps(row)}' for name, row in sorted(kept.items()))
            KEPT.write_text(f'{{"cells": {{\n{rows}\n}}}}\n')
    if ratios:
        print(f"of {len(ratios)} cells: median {statistics.median(ratios):.2f}, largest {max(ratios):.2f}")


if __name__ == "__main__":
    main()
