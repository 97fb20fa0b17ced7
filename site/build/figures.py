"""The living figures, which compute while they are touched, with package lesson as WebAssembly.

A lesson leads to one by a link in a paragraph of its own, [Try it: …](/static/figures/NAME.html).
In JupyterLab the link opens the figure's page, which `for_lab` makes and the server
serves; in a lesson's page on the site the figure itself stands in the link's place.
"""

import base64
import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import time

from markupsafe import escape

from execute import Line
from exporter import config
from lessons import ROOT, Problem, alone

SOURCE = ROOT / "site/figures"
LINK = "/static/figures/"
MODULE = "lesson.wasm.js"


def linked(nb):
    """The names of the figures that a notebook links to, in order."""
    text = "\n".join(cell.source for cell in nb.cells if cell.cell_type == "markdown")
    return list(dict.fromkeys(re.findall(rf"\]\({LINK}([\w-]+)\.html", text)))


def compiled(store):
    """Compiles the figures into store, unless what they are made of is as it was there,
    and returns their descriptions by name."""
    with alone(store):
        compile_into(store)
        return {e["name"]: e for e in json.loads((store / "figures.json").read_bytes())}


def compile_into(store):
    mark, key = store / "key", fingerprint()
    if mark.exists() and mark.read_text() == key:
        return
    start = time.monotonic()
    part = store.with_name(f"{store.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    wasm = part / "lesson.wasm"
    go("build", "-trimpath", "-ldflags=-s -w", "-o", wasm, "./site/figures", GOOS="js", GOARCH="wasm")
    (part / "figures.json").write_bytes(go("run", "./site/figures"))
    # What runs a module is Go's own; the module is packed into a script, for a page
    # from disk may run a script, but not fetch a file.
    runner = go("env", "GOROOT").decode().strip() + "/lib/wasm/wasm_exec.js"
    packed = base64.b64encode(gzip.compress(wasm.read_bytes(), 9, mtime=0)).decode()
    with open(runner, encoding="utf-8") as file:
        (part / MODULE).write_text(f'{file.read()}\nunrollModule("{packed}");\n', encoding="utf-8")
    wasm.unlink()
    (part / "key").write_text(key)
    shutil.rmtree(store, ignore_errors=True)
    part.rename(store)
    Line().end(f"figures  {time.monotonic() - start:.1f} s")


def for_lab(folder, store):
    """Makes the pages that JupyterLab's server has under LINK, unless they are there."""
    described = compiled(store)
    with alone(folder):
        mark, key = folder / "key", fingerprint(*(ROOT / "site").glob("*.*"))
        if mark.exists() and mark.read_text() == key:
            return
        from nbconvert import HTMLExporter  # a slow import, which most starts do not need

        part = folder.with_name(folder.name + ".part")
        shutil.rmtree(part, ignore_errors=True)
        write_pages(part, store, described, HTMLExporter(config=config(strict=True)))
        (part / "key").write_text(key)
        shutil.rmtree(folder, ignore_errors=True)
        part.rename(folder)


def fingerprint(*more):
    """A digest of what the figures are made of, and of more files."""
    digest = hashlib.sha256(go("env", "GOVERSION"))
    files = [ROOT / "go.mod", ROOT / "go.sum", *more]
    for folder in (SOURCE, ROOT / "lesson", ROOT / "internal/simd", ROOT / "internal/safetensors"):
        files += [p for p in folder.glob("*.go") if not p.name.endswith("_test.go")]
    for file in sorted([*files, *(ROOT / "site/build").glob("figures.py")]):
        digest.update(f"{file.relative_to(ROOT)}\0".encode() + file.read_bytes())
    return digest.hexdigest()


def go(*arguments, **environment):
    done = subprocess.run(["go", *arguments], cwd=ROOT, env=os.environ | environment, capture_output=True)
    if done.returncode:
        raise Problem(f"the living figures cannot be made: go {arguments[0]} says\n{done.stderr.decode().strip()}")
    return done.stdout


def alone_in(resources, nb, store):
    """Gives a page that stands alone the figures that its notebook links to, with all they load."""
    try:
        described = compiled(store)
    except (Problem, OSError):  # without Go, or if it does not compile, the page has no living figures
        return
    resources["figures"] = {name: described[name] for name in linked(nb) if name in described}
    if resources["figures"]:
        resources["inside"] = [(folder / name).read_text(encoding="utf-8")
                               for folder, name in ((store, MODULE), (SOURCE, "figures.js"))]  # fmt: skip


def place(html, resources, figure):
    """Text of a lesson with its figures in the place of the links to them, each once."""
    waiting = resources["figures"] or {}
    placed = resources.setdefault("placed", set())

    def put(link):
        if link[1] not in waiting:
            return ""
        if link[1] in placed:
            return link[0]
        placed.add(link[1])
        return str(figure(waiting[link[1]]))

    def lead(link):
        return f'<a href="#{link[2] or link[1]}">{link[3]}</a>' if link[1] in waiting else link[3]

    html = re.sub(rf'<p><a href="{LINK}([\w-]+)\.html">[^<]*</a></p>', put, html)
    return re.sub(rf'<a href="{LINK}([\w-]+)\.html(?:#([^"]*))?">(.*?)</a>', lead, html, flags=re.S)


def subscripts(text):
    return re.sub(r"_(\w)", r"<sub>\1</sub>", str(escape(text)))


def write_pages(folder, store, described, exporter, site=None, lessons=None):
    """Writes a page for each figure, and what they load, to folder/figures. Those of the
    site, rather than of JupyterLab, have its head and lead back to their lessons."""
    folder = folder / "figures"
    folder.mkdir(parents=True)
    for file in (SOURCE / "figures.js", store / MODULE):
        shutil.copyfile(file, folder / file.name)
    template = exporter.environment.get_template("figurepage.html.j2")
    for name, figure in described.items():
        page = template.render(
            figure=figure,
            site={"figures": True} | (site or {}),
            lesson=(lessons or {}).get(name),
            resources=exporter._init_resources({}),
        )
        (folder / f"{name}.html").write_text(page, encoding="utf-8")
