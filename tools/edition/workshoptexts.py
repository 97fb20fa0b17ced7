"""The texts of the workshop's pages and board, and the catalogue that they read: docker/hub/words.py and words_LANGUAGE.py."""

import json
import sys

from lessons import ROOT

WORKSHOP = "workshop"
HUB = ROOT / "docker/hub"


def workshop_texts():
    sys.path.insert(0, str(HUB))
    try:
        import words
    finally:
        sys.path.remove(str(HUB))
    said = [text for one in words.ENGLISH.values() for text in (one.values() if isinstance(one, dict) else [one])]
    return list(dict.fromkeys(said))


def words_file(language):
    return HUB / f"words_{language}.py"


def words_source(language, catalogues):
    known = {entry.msgid: entry.msgstr for entry in catalogues.files.get(WORKSHOP, ()) if entry.msgstr and not entry.fuzzy}
    rows = "".join(f"    {json.dumps(english, ensure_ascii=False)}: {json.dumps(text, ensure_ascii=False)},\n" for english, text in known.items())
    return f'"""Made by make {language} of po/{language}/{WORKSHOP}.po."""\n\nWORDS = {{\n{rows}}}\n'


def write_words(language, catalogues):
    """Writes the workshop's catalogue of a language beside what says it."""
    file, source = words_file(language), words_source(language, catalogues)
    if not file.exists() or file.read_text(encoding="utf-8") != source:
        file.write_text(source, encoding="utf-8")
