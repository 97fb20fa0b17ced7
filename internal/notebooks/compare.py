"""Compares a lesson's outputs with those committed.

On amd64, where the committed outputs are made, they must be equal. Elsewhere Go may
fuse a multiplication with an addition, so numbers may differ: by one part in a
million, or by two units in the last digit printed, whichever is more; in a figure by
a hundredth of a point. Words must be equal everywhere. A PNG repeats the SVG
beside it, so elsewhere it only has to be there.
"""

import difflib
import hashlib
import platform
import re

from lessons import dump

EXACT = platform.machine().lower() in ("x86_64", "amd64")
RELATIVE, FIGURE = 1e-6, 0.01

NUMBER = re.compile(r"[-+−]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")


def compare(committed, fresh, exact=EXACT):
    """What differs between two runs of a notebook, as text; empty if nothing does."""
    if exact:
        before, after = ([clip(s) for s in dump(nb).splitlines(True)] for nb in (committed, fresh))
        return "".join(difflib.unified_diff(before, after, "committed", "executed", n=2))
    return "\n".join(differences(committed, fresh, ""))


def clip(line):
    """A line short enough to be read in a difference: an image is one long line."""
    if len(line) <= 400:
        return line
    digest = hashlib.sha256(line.encode()).hexdigest()[:16]  # the rest still counts
    return f"{line[:300]}… ({len(line)} characters, sha256 {digest})\n"


def differences(a, b, where):
    """One line for each place where a and b differ by more than the tolerance."""
    if isinstance(a, dict) and isinstance(b, dict):
        if a.keys() != b.keys():
            yield f"{where}: {sorted(a)} became {sorted(b)}"
            return
        for key in a:
            if key != "image/png":
                yield from differences(a[key], b[key], f"{where}/{key}")
    elif isinstance(a, list) and isinstance(b, list):
        if len(a) != len(b):
            yield f"{where}: {len(a)} became {len(b)}"
            return
        for i, (x, y) in enumerate(zip(a, b)):
            yield from differences(x, y, f"{where}/{i + 1}")
    elif isinstance(a, str) and isinstance(b, str):
        absolute = FIGURE if where.endswith("image/svg+xml") else 0
        for x, y in zip(a.splitlines(), b.splitlines()):
            if not same_line(x, y, absolute):
                yield f"{where}: {clip(x)!r} became {clip(y)!r}"
        if len(a.splitlines()) != len(b.splitlines()):
            yield f"{where}: {len(a.splitlines())} lines became {len(b.splitlines())}"
    elif a != b:
        yield f"{where}: {a!r} became {b!r}"


def same_line(a, b, absolute):
    a, b = " ".join(a.split()), " ".join(b.split())  # columns shift with a digit
    if NUMBER.split(a) != NUMBER.split(b):
        return False
    for x, y in zip(NUMBER.findall(a), NUMBER.findall(b)):
        u, v = (float(s.replace("−", "-")) for s in (x, y))
        if abs(u - v) > max(absolute, RELATIVE * abs(u), 2 * last_digit(x), 2 * last_digit(y)):
            return False
    return True


def last_digit(number):
    """What one unit in a number's last printed digit is worth; nothing for a whole number."""
    mantissa, _, exponent = number.lower().partition("e")
    if "." not in mantissa and not exponent:
        return 0
    return 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
