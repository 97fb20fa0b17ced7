"""A participant's name: what is typed at the door, what is shown, and the account's name, which is made from it.

Two names are the same when they differ only in capital letters, in spaces around and between the words, in the Unicode normal form
that the keyboard makes (é as one character or as two), or in marks that nobody sees. Different names get different accounts.
"""

import base64
import hashlib
import re
import unicodedata

import words

LETTERS = 64
CHARACTERS = 512  # an emoji of a family is one letter and seven characters
PLAIN = re.compile("[a-z0-9][a-z0-9_-]{0,19}")
JOINERS = "\u200c\u200d"  # they join letters in Hindi and Persian, and pictures to one emoji
EMPTY = "\u115f\u1160\u2800\u3164\uffa0"  # letters and signs that are drawn as nothing


class Refused(ValueError):
    """The text says which names are taken."""


def shown(typed):
    """The name as it is shown: as typed, in normal form C, without invisible marks and superfluous spaces."""
    seen = "".join(c for c in typed if unicodedata.category(c) != "Cf" or c in JOINERS or "\U000e0020" <= c <= "\U000e007f")
    name = " ".join(part for part in (part.strip(JOINERS) for part in unicodedata.normalize("NFC", seen).split()) if part)
    if not any(unicodedata.category(c)[0] in "LNSP" and c not in EMPTY for c in name):
        raise Refused(words.NAME_EMPTY)
    if any(unicodedata.category(c) in ("Cc", "Cs", "Co", "Cn") for c in name):
        raise Refused(words.NAME_CONTROL)
    if letters(name) > LETTERS or len(name) > CHARACTERS:
        raise Refused(words.NAME_LONG.format(most=LETTERS))
    return name


def letters(name):
    """The number of letters that a reader counts: marks and joined pictures belong to the letter before."""
    return sum(
        not unicodedata.category(c).startswith(("M", "Cf")) and before != "\u200d" and not "\U0001f3fb" <= c <= "\U0001f3ff"
        for before, c in zip(" " + name, name)
    )


def account(typed):
    """The name of the account: ASCII, at most 41 characters, safe in a path, an address and the names of containers and volumes.

    A short name of the letters a to z is its own account. Any other gets what is readable of it and 100 bits of its SHA-256,
    which makes it longer than any of the first kind: no two names have one account.
    """
    name = unicodedata.normalize("NFC", shown(typed).lower())
    if PLAIN.fullmatch(name):
        return name
    base = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.category(c).startswith("M"))
    readable = "-".join(re.findall("[a-z0-9]+", base))[:20].strip("-")
    digest = base64.b32encode(hashlib.sha256(name.encode()).digest()).decode().lower()[:20]
    return f"{readable or 'name'}-{digest}"
