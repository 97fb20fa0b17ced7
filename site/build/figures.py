"""The living figures, which compute while they are touched, with package lesson as WebAssembly.

A lesson leads to one by a link in a paragraph of its own, [Try it: …](../site/figures/README.md#NAME), and
elsewhere to a setting of it, [one](../site/figures/README.md#NAME?wh=0.5). As it stands the link is for readers on
GitHub, which runs no scripts: there it leads to what README.md says of the figure. On the site the figure itself
stands in the link's place. The notebooks that are handed out, a learner's copies (see copies.py) and the one beside
its page, lead to the figure's own page instead: JupyterLab's server has what `for_lab` makes, under AT_LAB.
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
from lessons import ROOT, Problem, alone, renew

SOURCE = ROOT / "site/figures"
AT_LAB = "/static/figures"
LINK = rf"(?:(?:\.\./)+site/figures/README\.md|{AT_LAB}/[\w-]+\.html)#"  # in a lesson, or in a learner's copy
MODULE = "lesson.wasm.js"
TALL = 480  # pixels


def linked(nb):
    """The names of the figures that a notebook links to, in order."""
    text = "\n".join(cell.source for cell in nb.cells if cell.cell_type == "markdown")
    return list(dict.fromkeys(re.findall(rf"\]\({LINK}([\w-]+)", text)))


def compiled(store, language="en"):
    """Compiles the figures into store, unless what they are made of is as it was there,
    and returns their descriptions in a language, by name."""
    with alone(store):
        renew(store, fingerprint(), compile_into)
        described = store / f"figures-{language}.json"
        if not described.exists():
            described.write_bytes(go("run", "./site/figures", UNROLL_LANGUAGE="" if language == "en" else language))
        every = json.loads(described.read_bytes())
        for e in every:  # too tall, as a phone shows it, to stay in sight beside its controls
            e["tall"] = float(re.search(r'<svg[^>]* height="([\d.]+)"', e["Narrow"])[1]) > TALL
        return {e["name"]: e for e in every}


def compile_into(part):
    start = time.monotonic()
    wasm = part / "lesson.wasm"
    go("build", "-trimpath", "-ldflags=-s -w", "-o", wasm, "./site/figures", GOOS="js", GOARCH="wasm")
    # What runs a module is Go's own; the module is packed into a script, for a page
    # from disk may run a script, but not fetch a file.
    runner = go("env", "GOROOT").decode().strip() + "/lib/wasm/wasm_exec.js"
    packed = base64.b64encode(gzip.compress(wasm.read_bytes(), 9, mtime=0)).decode()
    with open(runner, encoding="utf-8") as file:
        (part / MODULE).write_text(f'{file.read()}\nunrollModule("{packed}");\n', encoding="utf-8")
    wasm.unlink()
    Line().end(f"figures  {time.monotonic() - start:.1f} s")


def for_lab(folder, store):
    """Makes the pages that JupyterLab's server has under AT_LAB, unless they are there."""
    described = compiled(store)

    def make(part):
        from nbconvert import HTMLExporter  # a slow import, which most starts do not need

        write_pages(part, store, described, HTMLExporter(config=config(strict=True)))

    with alone(folder):
        renew(folder, fingerprint(*(ROOT / "site").glob("*.*")), make)


def fingerprint(*more):
    """A digest of what the figures are made of, and of more files."""
    digest = hashlib.sha256(go("env", "GOVERSION"))
    files = [ROOT / "go.mod", ROOT / "go.sum", *more]
    for folder in (SOURCE, ROOT / "lesson", ROOT / "internal/simd", ROOT / "internal/safetensors", ROOT / "internal/words"):
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
        described = compiled(store, resources.get("language") or "en")
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
        return str(figure(waiting[link[1]], language=resources.get("language") or "en"))

    def lead(link):
        return f'<a href="#{link[1]}">{link[3]}</a>' if link[2] in waiting else link[3]

    html = re.sub(rf'<p><a href="{LINK}([\w-]+)">[^<]*</a></p>', put, html)
    return re.sub(rf'<a href="{LINK}(([\w-]+)[^"]*)">(.*?)</a>', lead, html, flags=re.S)


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
            site={"figures": True, "head": {"description": figure["lead"]}} | (site or {}),
            lesson=(lessons or {}).get(name),
            resources=exporter._init_resources({}),
        )
        (folder / f"{name}.html").write_text(page, encoding="utf-8")
