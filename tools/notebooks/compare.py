"""Compares a lesson's outputs with those committed.

On amd64, where the committed outputs are made, they must be equal. Elsewhere Go may
fuse a multiplication with an addition, so numbers may differ: by one part in a
million, or by two units in the last digit printed, whichever is more. Words and whole
numbers must be equal everywhere. Of a figure, elsewhere its words, its table and the
text in its SVG are compared: a point that moves by a rounding changes how lines are
written down, not what they show.
"""

import difflib
import hashlib
import platform
import re

from lessons import dump

EXACT = platform.machine().lower() in ("x86_64", "amd64")
RELATIVE = 1e-6

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
        if where.endswith("image/svg+xml"):
            a, b = (re.sub(r"<[^>]*>", "", svg) for svg in (a, b))
        for x, y in zip(a.splitlines(), b.splitlines()):
            if not same_line(x, y):
                yield f"{where}: {clip(x)!r} became {clip(y)!r}"
        if len(a.splitlines()) != len(b.splitlines()):
            yield f"{where}: {len(a.splitlines())} lines became {len(b.splitlines())}"
    elif a != b:
        yield f"{where}: {a!r} became {b!r}"


def same_line(a, b):
    a, b = " ".join(a.split()), " ".join(b.split())  # columns shift with a digit
    return NUMBER.split(a) == NUMBER.split(b) and all(
        abs(value(x) - value(y)) <= tolerance(x, y)
        for x, y in zip(NUMBER.findall(a), NUMBER.findall(b))
    )


def value(number):
    return float(number.replace("−", "-"))


def tolerance(a, b):
    unit = max(last_digit(a), last_digit(b))
    return unit and max(2 * unit, RELATIVE * abs(value(a)))


def last_digit(number):
    """What one unit in a number's last printed digit is worth; nothing for a whole number."""
    mantissa, _, exponent = number.lower().partition("e")
    if "." not in mantissa and not exponent:
        return 0
    return 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
