"""What a teacher hands out: made of files that a browser sends, and put into each home as something new."""

import io
import tarfile
import time
import unicodedata
from concurrent.futures import ThreadPoolExecutor

import homes
import words

SIZE = 32 << 20  # bytes of one hand-out
FILES = 500


class Refused(ValueError):
    """The text says why."""


def pack(files):
    """(name to show, tar) of files as (path, bytes). Hidden ones, which systems put into folders, are left out."""
    content, tops = {}, {}
    for sent, data in files:
        path = unicodedata.normalize("NFC", sent.replace("\\", "/"))
        parts = path.split("/")
        if any(part.startswith(".") and part not in (".", "..") for part in parts):
            continue
        if any(part in ("", ".", "..") or not part.isprintable() or len(part.encode()) > 200 for part in parts):
            raise Refused(words.HAND_BAD_NAME.format(name=ascii(sent)[:200]))
        content[path] = data
        tops[parts[0]] = len(parts) > 1
    if not content:
        raise Refused(words.HAND_NOTHING)
    if len(content) > FILES or sum(map(len, content.values())) > SIZE:
        raise Refused(words.HAND_TOO_LARGE.format(mb=SIZE >> 20, files=FILES))
    folders = {"handout"} | {f"handout/{path}".rsplit("/", n)[0] for path in content for n in range(1, path.count("/") + 1)}
    if folders & {f"handout/{path}" for path in content}:
        raise Refused(words.HAND_BAD_NAME.format(name=ascii(min(content))[:200]))
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for path in [*sorted(folders), *(f"handout/{path}" for path in sorted(content))]:
            info = tarfile.TarInfo(path)
            info.uid = info.gid = 1000
            info.mtime, info.type = time.time(), tarfile.DIRTYPE if path in folders else tarfile.REGTYPE
            info.mode = 0o755 if path in folders else 0o644
            data = b"" if path in folders else content[path[len("handout/") :]]
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return ", ".join(f"{top}/" if folder else top for top, folder in sorted(tops.items())), packed.getvalue()


def deliver(client, project, roll):
    """Puts each hand-out into each home that has not had it yet, and notes it."""
    for number, _, _, given in roll.handouts():
        missing = [one for one in homes.homes(client, project).items() if one[0] not in given]
        content = missing and roll.content(number)
        if not content:
            continue

        def put(one):
            account, volume = one
            try:
                for _ in homes.ask(client, "put", home=volume, handout=content):
                    pass
                roll.handed(number, account, "")
            except homes.Failed as failed:
                roll.handed(number, account, str(failed))

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(put, missing))
