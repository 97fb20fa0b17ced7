"""Everyone's work as a zip file, which unpacks on any system, and a report of what is not in it."""

import itertools
import os
import re
import sys
import time
import unicodedata
import zipfile

import homes
import inside
import words
from roll import Roll

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


def collect(client, project, everything, out):
    """Writes the zip, and returns the number of people, of files, and of those left out."""
    shown, names, report = Roll().names(), Names(), []
    people = files = left = 0
    # zipfile can write to a pipe, although it cannot seek; a temporary file would need space.
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        names.name("", "report.txt", "")
        for account, volume in homes.homes(client, project).items():
            folder, own, lines = names.name("", shown.get(account, account), account), 0, []
            people += 1
            try:
                for header, content in homes.ask(client, "collect", "all" if everything else "changed", home=volume):
                    if header.get("end"):
                        lines += summary(header)
                        left += sum(count for _, count in header["left"].values())
                        continue
                    path = names.path(folder, header["path"])
                    if path != f"{folder}/{header['path']}":
                        lines.append(words.COLLECT_RENAMED.format(path=plain(header["path"]), new=path))
                    add(archive, path, content, header["saved"])
                    own += 1
            except homes.Failed as failed:
                lines.append(words.COLLECT_LEFT.format(path="…", why=why("broken", failed)))
                left += 1
            files += own
            report += [words.COLLECT_PERSON.format(name=folder, files=own), *lines, ""]
        text = "\r\n".join([words.COLLECT_TITLE, "", words.COLLECT_PEOPLE.format(n=people, files=files), "", *report])
        add(archive, "report.txt", text.encode("utf-8", "backslashreplace"), time.time())
    return people, files, left


def add(archive, path, content, saved):
    moment = time.gmtime(min(max(saved, 315532800), 4354819198))  # zip files know the years 1980 to 2107
    info = zipfile.ZipInfo(path, moment[:6])
    info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
    archive.writestr(info, content)


def summary(header):
    """The lines of the report on what is not in the zip."""
    lines = [words.COLLECT_AS_THEY_CAME.format(n=header["as_they_came"])] if header["as_they_came"] else []
    for reason, (paths, count) in header["left"].items():
        lines += [words.COLLECT_LEFT.format(path=plain(path), why=why(reason)) for path in paths]
        if count > len(paths):
            lines.append(words.COLLECT_MORE.format(n=count - len(paths), why=why(reason)))
    return lines


def why(reason, failed=""):
    size = inside.SUM if reason == "sum" else inside.LARGEST
    return words.COLLECT_WHY[reason].format(mb=size // inside.MB, n=inside.DEEP if reason == "deep" else inside.NUMBER, why=failed)


def plain(path):
    """A participant's path in one line of the report, which it cannot forge."""
    text = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def main(client, project, everything):
    if sys.stdout.isatty():
        sys.exit("The output is a zip file: run make collect, or redirect it to a file")
    people, files, left = collect(client, project, everything, sys.stdout.buffer)
    print(words.COLLECT_PEOPLE.format(n=people, files=files), file=sys.stderr)
    if left:
        print(words.COLLECT_SEE.format(n=left), file=sys.stderr)
