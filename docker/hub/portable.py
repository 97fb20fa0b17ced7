"""Names of files that every system takes, Windows too."""

import itertools
import os
import re
import unicodedata

import words

LONGEST, LONGEST_PATH = 80, 150  # characters of a name, and of a path in a person's folder; Windows takes 260 in all
RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])[ .]*(\..*)?", re.I | re.S)


def portable(name):
    """A file's name that every system takes: Windows has names and characters that mean something else to it."""
    name = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")  # b"\xff" becomes \xff, and then _xff
    name = unicodedata.normalize("NFC", name)
    name = "".join("" if unicodedata.category(c) == "Cf" and c not in "\u200c\u200d" else c for c in name)  # they turn or hide what follows
    name = "".join("_" if c in '<>:"/\\|?*' or unicodedata.category(c) in ("Cc", "Cs", "Cn", "Co", "Zl", "Zp") else c for c in name)
    if len(name) > LONGEST:
        dot = name.rfind(".", len(name) - 12)
        name = name[: LONGEST - len(name) + dot] + name[dot:] if dot > 0 else name[:LONGEST]
    name = name.rstrip(" .").lstrip(" ") or "_"
    return "_" + name if RESERVED.fullmatch(name) else name


class Names:
    """Gives paths that differ even on a system that does not tell capital letters apart."""

    def __init__(self):
        self.taken = {}  # (folder, name in lower case): what it stands for

    def name(self, folder, name, of, file=False):
        """The path of name in folder; the same thing always gets the same one, and no other thing gets it."""
        stem, suffix = os.path.splitext(portable(name)) if file else (portable(name), "")
        for number in itertools.count(1):
            new = f"{stem}{f' ({number})' if number > 1 else ''}{suffix}"
            if self.taken.setdefault((folder, new.casefold()), of) == of:
                return f"{folder}/{new}" if folder else new

    def path(self, folder, path):
        """The path in the zip of a person's file."""
        *parents, last = path.split("/")
        if sum(len(portable(part)) + 1 for part in path.split("/")) > LONGEST_PATH:
            parents = [words.COLLECT_LONG]
        place = folder
        for depth, part in enumerate(parents, 1):
            place = self.name(place, part, tuple(parents[:depth]))
        return self.name(place, last, path, file=True)
