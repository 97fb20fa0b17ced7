"""The catalogues of a language: po/LANGUAGE/SLUG.po for each lesson, common.po for the texts that several lessons have, and
one for each of our packages that says something.

An entry is a text of a lesson: msgctxt is the id of its cell, msgid its English, msgstr its translation. When the English
changes, the entry becomes fuzzy: it keeps its translation, and the English that was translated as the previous msgid.
"""

import difflib
from collections import Counter

import polib

from gotexts import PACKAGES, go_texts
from sitetexts import SITE, site_texts
from lessons import ROOT, Problem, find, read
from strings import Strings
from texts import Text, pieces
from workshoptexts import WORKSHOP, workshop_texts

COMMON = "common"
ALIKE = 0.5  # how alike two texts of a cell have to be for one to be the other, changed
HEADER = {"MIME-Version": "1.0", "Content-Type": "text/plain; charset=utf-8", "Content-Transfer-Encoding": "8bit"}


class Course:
    """The texts of all lessons in English."""

    def __init__(self, lessons=None, strings=None):
        self.lessons = find() if lessons is None else lessons
        strings = strings or Strings()
        self.notebooks = {lesson.slug: read(lesson.path) for lesson in self.lessons}
        self.pieces = {
            (name, cell.id): pieces(cell, strings.chooser(name, cell.id)) for name, nb in self.notebooks.items() for cell in nb.cells
        }
        homes = Counter()
        for name in self.notebooks:
            homes.update({text.english for _, text in self.texts(name)})
        self.common = {english for english, lessons in homes.items() if lessons > 1}

    def texts(self, name):
        """The texts of a lesson, each with the id of its cell."""
        return [
            (cell.id, piece) for cell in self.notebooks[name].cells for piece in self.pieces[name, cell.id] if isinstance(piece, Text)
        ]

    def wanted(self):
        """The entries of each catalogue: by cell and English text, what they are. None is a text of common.po, which a lesson's
        own catalogue may say otherwise."""
        wanted = {COMMON: {}} | {name: {} for name in self.notebooks}
        for name in PACKAGES:
            wanted[name] = {(None, text): "string" for text in go_texts(name)}
        wanted[WORKSHOP] = {(None, text): "string" for text in workshop_texts()}
        wanted[SITE] = {(None, text): "string" for text in site_texts()}
        for name in self.notebooks:
            for cell, text in self.texts(name):
                if text.english in self.common:
                    wanted[COMMON].setdefault((None, text.english), text.kind)
                    wanted[name].setdefault((cell, text.english), None)
                else:
                    wanted[name].setdefault((cell, text.english), text.kind)
        return wanted


class Catalogues:
    """The catalogues of a language, as they are in its folder."""

    def __init__(self, folder):
        self.folder = folder
        self.files = {}
        for path in sorted(folder.glob("*.po")):
            try:
                self.files[path.stem] = polib.pofile(str(path), check_for_duplicates=True)
            except (OSError, ValueError) as error:
                raise Problem(f"{path} cannot be read: {error}") from None

    def entries(self, name):
        return {(entry.msgctxt, entry.msgid): entry for entry in self.files.get(name, ())}

    def translation(self, name, cell, english):
        """The translation of a text of a lesson; None while there is none that holds."""
        for entry in (self.entries_of(name).get((cell, english)), self.entries_of(COMMON).get((None, english))):
            if entry and entry.msgstr and not entry.fuzzy:
                return entry.msgstr
        return None

    def entries_of(self, name):
        if not hasattr(self, "_known"):
            self._known = {}
        if name not in self._known:
            self._known[name] = self.entries(name)
        return self._known[name]

    def otherwise(self, name, key):
        """Whether a lesson has its own translation of a text of common.po."""
        own, common = self.entries_of(name).get(key), self.entries_of(COMMON).get((None, key[1]))
        return own and common and own.msgstr not in ("", common.msgstr)

    def updated(self, wanted):
        """The catalogues with the wanted entries, as the texts of their files. A translation follows its text into another
        cell or catalogue; where a text has changed within its cell, the translation stays, fuzzy."""
        known = {}  # by English, what it was translated with
        for name in self.files:
            for entry in self.files[name]:
                if entry.msgstr:
                    known.setdefault(entry.previous_msgid if entry.fuzzy and entry.previous_msgid else entry.msgid, entry.msgstr)
        files = {}
        for name, texts in wanted.items():
            before = self.entries(name)
            texts = {key: kind or wanted[COMMON][None, key[1]] for key, kind in texts.items() if kind or self.otherwise(name, key)}
            gone = [entry for key, entry in before.items() if key not in texts and entry.msgstr]
            po = polib.POFile(wrapwidth=0)
            po.metadata = {"Language": self.folder.name} | HEADER
            for (cell, english), kind in texts.items():
                entry = before.get((cell, english)) or polib.POEntry(msgctxt=cell, msgid=english)
                if entry.fuzzy and entry.previous_msgid == english or not entry.msgstr:
                    entry.flags, entry.previous_msgid = [], None
                    entry.msgstr = known.get(english, "")
                if not entry.msgstr and (old := nearest(entry, gone)):
                    gone.remove(old)
                    entry.msgstr, entry.flags = old.msgstr, ["fuzzy"]
                    entry.previous_msgid = old.previous_msgid or old.msgid
                entry.comment, entry.occurrences = kind, [(file, "") for file in site_texts()[english]] if name == SITE else []
                po.append(entry)
            if texts:
                files[name] = f"{po}".rstrip("\n") + "\n"
        return files

    def write(self, files):
        for path in self.folder.glob("*.po"):
            if path.stem not in files:
                path.unlink()
        for name, text in files.items():
            path = self.folder / f"{name}.po"
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                path.write_text(text, encoding="utf-8")


def nearest(entry, gone):
    """The entry among those gone from the same cell whose text became this one."""
    here = [old for old in gone if old.msgctxt == entry.msgctxt]
    alike = {id(old): difflib.SequenceMatcher(None, old.msgid, entry.msgid, autojunk=False).ratio() for old in here}
    best = max(here, key=lambda old: alike[id(old)], default=None)
    return best if best and alike[id(best)] >= ALIKE else None


def languages():
    """The languages that there are, besides English: the folders of po."""
    return sorted(path.name for path in (ROOT / "po").iterdir() if path.is_dir())
