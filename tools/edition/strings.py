"""Chooses the strings of code that a person reads, and so a translator translates.

They are what is printed and what figures say. Data stay as they are, and so do the heads of columns: in a printed table
a column's width counts letters, and Hangul is two columns wide. strings.txt has the exceptions.
"""

import re
from pathlib import Path

VERB = re.compile(r"%(?:\[\d+\])?[-+#0]*(?:\d+|\*)?(?:\.(?:\d+|\*)?)?(?:\[\d+\])?[a-zA-Z%]")
SAYS = re.compile(r"fmt\.(?:Print|Printf|Println|Sprint|Sprintf|Sprintln|Errorf)|plots\.\w+|progress\.Done")
FIELDS = {"Name", "Title", "Text", "X", "Y", "Z"}


def readable(text):
    """Whether a string has a word; the heads of columns, between which there are several spaces, have none."""
    words = VERB.sub("\0", text)
    return bool(re.search(r"[a-z]{2}", words)) and not re.search(r"[^\W\d_] {2,}[^\W\d_]", words)


class Strings:
    """The strings to translate of a lesson."""

    def __init__(self, file=Path(__file__).with_name("strings.txt")):
        self.exceptions = {}  # (slug, cell, string) → whether it is translated
        for line in file.read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                mark, name, cell, text = line.split(maxsplit=3)
                self.exceptions[name, cell, text] = mark == "+"

    def chooser(self, slug, cell):
        """chosen(place, string) for the code of a cell."""

        def chosen(place, text):
            known = self.exceptions.get((slug, cell, text))
            return (SAYS.fullmatch(place.call) or place.key in FIELDS) and readable(text) if known is None else known

        return chosen
