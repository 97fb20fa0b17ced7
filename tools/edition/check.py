"""What is wrong with a translation, as far as it can be told without understanding it."""

import re
from collections import Counter

from compose import LINK
from strings import VERB

CODE = re.compile(r"(`+)(?!`)(.*?)(?<!`)\1(?!`)", re.S)
FORMULA = re.compile(r"\$\$.*?\$\$|(?<![\\\w])\$[^$]+?\$", re.S)
NUMBER = re.compile(r"(?<![\w.])\d+(?:[.,]\d+)*(?![\w]*_)")


def faults(entry, terms=()):
    """A line for each fault of an entry: what a translation has to keep and does not, and terms that it says otherwise."""
    found = []

    def same(what, take):
        ours, theirs = take(entry.msgid), take(entry.msgstr)
        if ours != theirs:
            less, more = (" ".join(map(str, some.elements())) for some in (Counter(ours) - Counter(theirs), Counter(theirs) - Counter(ours)))
            found.append(f"other {what}:" + f" {less} is missing" * bool(less) + f" {more} is new" * bool(more) + " (in another order)" * (not less + more))

    if entry.comment == "string":
        same("names of values", lambda text: sorted(re.findall(r"\{[a-z]+\}", text)))
        same("verbs", verbs)
        if entry.msgctxt:  # of a cell, whose output has to have the numbers that the English one has
            same("numbers", lambda text: sorted(re.findall(r"\d+(?:\.\d+)?", VERB.sub("", text))))
        same("spaces or line ends at its ends", lambda text: re.findall(r"^\s+|\n+$", text))
    elif entry.comment == "text":
        same("code", lambda text: sorted({match[2] for match in CODE.finditer(text)}))
        same("formulas", lambda text: sorted({wordless(formula) for formula in FORMULA.findall(CODE.sub("", text))}))
        same("targets of links", lambda text: sorted({url for _, url in LINK.findall(CODE.sub("", text))}))
        same("numbers of lessons", lambda text: sorted(url for words, url in LINK.findall(text) if re.search(r"(?<![A-Za-z])N(?![A-Za-z])", words)))
        same("tags", lambda text: sorted(set(re.findall(r"</?[a-z]+", CODE.sub("", text))) - {"<br", "<span", "</span"}))
        same("numbers", lambda text: sorted({number for number in NUMBER.findall(bare(text)) if len(number) > 1}))
        if "\n" in entry.msgstr and "\n" not in entry.msgid:
            found.append("it has more than one line")
    elif "\n" in entry.msgstr:
        found.append("it has more than one line")
    if entry.msgstr != entry.msgid:
        found += [f"{match[0]!r}: the term is {term}" for form, term in terms if (match := form.search(quoted(entry.msgstr)))]
    return found


def verbs(text):
    """What each argument of a format is printed as, in the order of the arguments, and how often % stands for itself."""
    found, at = [], 0
    for verb in VERB.findall(text):
        if verb.endswith("%"):
            found.append((-1, "%"))
            continue
        place = re.search(r"\[(\d+)\]", verb)
        at = int(place[1]) if place else at + 1 + verb.count("*")
        found.append((at, re.sub(r"\[\d+\]", "", verb)))
    return sorted(found)


def wordless(formula):
    """A formula without words; one that has some, in no order, since another language may put them elsewhere."""
    bare = re.sub(r"\\text\{[^}]*\}", "", formula)
    return formula if bare == formula else " ".join(sorted(re.findall(r"\\?[^\W_]+|\S", bare)))


def bare(text):
    """Text without code, formulas and targets of links."""
    return LINK.sub(r"\1", FORMULA.sub("", CODE.sub("", text)))


def quoted(text):
    """Text without what the notes say in their own words."""
    return re.sub(r'<span lang="ko">.*?</span>', "", CODE.sub("", text), flags=re.S)


def read_terms(file):
    """What the table of terms forbids: patterns, each with the term to say instead."""
    if not file.exists():
        return []
    rows = [line.split("\t") for line in file.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return [(re.compile(never), term or "left out") for _, term, never in rows if never]
