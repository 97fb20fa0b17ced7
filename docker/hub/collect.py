"""Everyone's work as a zip file, which unpacks on any system, and a report of what is not in it."""

import sys
import time
import zipfile

import homes
import inside
import portable
import words
from roll import Roll


def collect(client, project, everything, out):
    """Writes the zip, and returns the number of people, of files, and of those left out."""
    shown, names, report = Roll().names(), portable.Names(), []
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
