"""Measures what the cells of lessons take in the page and on the kernel, in one run:

    kernel/run python site/build/times.py [LESSON…] [--keep]

The page is in Chromium, the kernel is GoNB. It prints the seconds of the processor that the programs of cells take, and the
ratio; then the seconds that a reader waits for the whole cell, which is built, too. Of cells whose programs take less than a
second in the page it says nothing, for most of that is the start. --keep writes those that take a reader long to
site/run/times.json: the pages name their time beforehand, and the tests leave the longest out.
"""

import argparse
import asyncio
import json
import os
import resource
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from jupyter_client.kernelspec import get_kernel_spec
from nbclient import NotebookClient
from playwright.sync_api import sync_playwright

import pdf
import toolchain
import website
from lessons import BUILD, ROOT, find, kernel, read

KEPT = ROOT / "site/run/times.json"
LONG = 5  # seconds that a reader of the page waits, from which they are kept
SHORT = 1  # seconds of the processor in the page, below which a ratio would be one of starts


# Tells when a cell's program begins and when it has ended.
WATCH = """() => {
  const { page } = unrollRun, { heard } = page;
  page.heard = function (message) {
    if (message.type === "done" || message.stage === "run") tell(message.type);
    return heard.call(this, message);
  };
}"""
# Runs a cell, and gives the seconds until the reader has its outputs.
RUN = """number => new Promise((resolve) => {
  const cell = document.querySelectorAll("section.cell")[number], start = performance.now();
  new MutationObserver((_, observer) => {
    if (!/done|error|exit/.test(cell.querySelector(".bar > span").textContent)) return;
    observer.disconnect();
    resolve((performance.now() - start) / 1000);
  }).observe(cell.querySelector(".bar > span"), { childList: true });
  cell.querySelector(".bar button").click();
})"""


def in_the_page(lesson, site):
    """Of a lesson's cells, by their ids: the seconds of the processor from the program's start to its end, those of the
    engine that compiles it among them, and the seconds until a reader has the outputs."""
    seconds, marks = {}, {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=pdf.browser(), args=["--no-sandbox"] if os.geteuid() == 0 else [])
        tab = browser.new_page()
        tab.set_default_timeout(600_000)
        tab.goto((site / f"{lesson.slug}.html").as_uri())
        ids = [cell.id for cell in read(lesson.path).cells if cell.cell_type == "code"]
        tab.evaluate(RUN, 0)  # loads the toolchain
        process = process_of(browser)
        rest(process)  # a reader reads now, and the page warms up
        tab.expose_function("tell", lambda kind: marks.__setitem__(kind, processor(process)))
        tab.evaluate(WATCH)
        for number, cell in enumerate(ids):
            waits = tab.evaluate(RUN, number)
            seconds[cell] = marks["done"] - marks["progress"], waits
        browser.close()
    return seconds


def process_of(browser):
    """The number of the process that renders the tab and runs its workers."""
    session = browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    return max((process["cpuTime"], process["id"]) for process in processes if process["type"] == "renderer")[1]


def rest(process):
    """Waits until a process has computed nothing for a second."""
    before = None
    while before != (now := processor(process)):
        before = now
        time.sleep(1)


def processor(number):
    """The seconds of the processor that a process has taken."""
    user, system = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def on_the_kernel(lesson):
    """Of a lesson's cells, by their ids: the seconds until a reader has the outputs."""
    began, seconds = {}, {}

    def begins(cell, cell_index):
        began[cell.id] = time.monotonic()

    def ended(cell, cell_index, execute_reply):
        seconds[cell.id] = time.monotonic() - began[cell.id]

    client = NotebookClient(read(lesson.path), kernel_name=kernel(lesson.language), allow_errors=True, timeout=600, on_cell_execute=begins,
                            on_cell_executed=ended, resources={"metadata": {"path": str(lesson.path.parent)}})  # fmt: skip
    client.create_kernel_manager()
    client.km.kernel_spec.env["UNROLL_PROGRESS"] = ""
    asyncio.run(client.async_execute())
    return seconds


def natively(lesson, folder, chosen):
    """Of a lesson's chosen cells, by their ids: the seconds of the processor that the program takes."""
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
        subprocess.run(["go", "build", "-o", "program", "."], cwd=folder, env=env, check=True)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        fails = "raises-exception" in cell.metadata.get("tags", [])
        subprocess.run([folder / "program", *(answer["args"] or [])], cwd=folder, env=env, stdin=subprocess.DEVNULL, capture_output=True, check=not fails)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds[cell.id] = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lesson", nargs="*")
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    toolchain.built(BUILD / "run")
    made = tempfile.TemporaryDirectory()
    site = Path(made.name, "html")
    website.build(find(), out=site, go=BUILD / "run")
    kept = json.loads(KEPT.read_text())["cells"]
    ratios = []
    for lesson in find(options.lesson):
        if not lesson.numbered or lesson.language != "en":
            continue
        with tempfile.TemporaryDirectory() as folder:
            page = in_the_page(lesson, site)
            program = natively(lesson, Path(folder), [cell for cell, (seconds, _) in page.items() if seconds >= SHORT])
        waits = on_the_kernel(lesson) if program else {}
        kept = {name: row for name, row in kept.items() if not name.startswith(f"{lesson.slug}/")}
        for cell, native in program.items():
            name, (ours, wait) = f"{lesson.slug}/{cell}", page[cell]
            ratios.append(ours / native)
            print(f"{name:45} kernel {native:6.2f} s  page {ours:6.2f} s  {ours / native:5.1f}"
                  f"    whole cell: {waits[cell]:6.2f} s  {wait:6.2f} s  {wait / waits[cell]:5.1f}", flush=True)  # fmt: skip
            if wait >= LONG:
                kept[name] = {"kernel": round(waits[cell], 1), "page": round(wait, 1)}
        if options.keep:
            rows = ",\n".join(f'  "{name}": {json.dumps(row)}' for name, row in sorted(kept.items()))
            KEPT.write_text(f'{{"cells": {{\n{rows}\n}}}}\n')
    if ratios:
        print(f"of {len(ratios)} cells: median {statistics.median(ratios):.2f}, largest {max(ratios):.2f}")


if __name__ == "__main__":
    main()
