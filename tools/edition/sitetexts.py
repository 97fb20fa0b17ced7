"""The texts of the pages around the lessons: in templates {{ "…" | say(language) }}, in scripts and programs say("…")."""

import functools
import re

from lessons import ROOT

SITE = "site"
FILES = ("site/*.j2", "site/*.js", "site/build/*.py", "site/figures/*.js", "site/run/page/*.js", "tools/edition/*.py")
SAYS = re.compile(r'"((?:[^"\\\n]|\\.)*)"\s*\|\s*say\(|\b(?:say|tr)\(\s*"((?:[^"\\\n]|\\.)*)"')


@functools.cache
def site_texts(root=ROOT):
    """The texts, each with the files that say it."""
    found = {}
    for pattern in FILES:
        for file in sorted(root.glob(pattern)):
            if not file.name.endswith(("_test.py", "editor.js")):
                for one, other in SAYS.findall(file.read_text(encoding="utf-8")):
                    text = re.sub(r'\\(["\\])', r"\1", one or other)
                    found.setdefault(text, [])
                    name = file.relative_to(root).as_posix()
                    found[text] += [name] * (name not in found[text])
    return {text: found[text] for text in found if text != "…"}
