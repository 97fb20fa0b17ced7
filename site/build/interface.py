"""What the pages say around the lessons, in the language of the page: the catalogue po/LANGUAGE/site.po has it.

A template says {{ "Search all lessons" | say(language) }}, and a page's script say("Copied"), for which the page carries
the words of the scripts.
"""

import functools
import json

from lessons import ROOT

PSEUDO = "pseudo"  # a language of the tests, as in package words: what no catalogue has shows without « and »
SCRIPTS = ("site/page.js", "site/search.js", "site/figures/figures.js", "site/run/page/start.js", "site/run/page/cells.js", "site/run/page/outputs.js")


@functools.cache
def catalogue(language):
    import polib  # JupyterLab's server, which exports pages too, starts without it

    file = ROOT / f"po/{language}/site.po"
    known = polib.pofile(str(file)) if language != "en" and file.exists() else ()
    return {entry.msgid: (entry.msgstr, entry.occurrences) for entry in known if entry.msgstr and not entry.fuzzy}


def say(english, language):
    """A text in a language; English, as long as it has no translation."""
    if language == PSEUDO:
        return f"«{english}{' ···' * (len(english) // 12)}»"
    return catalogue(language or "en").get(english, (english,))[0]


def scripts_words(language):
    """What the scripts of a page say in its language, as JSON: by the English."""
    said = {english: text for english, (text, files) in catalogue(language or "en").items() if {name for name, _ in files} & {*SCRIPTS}}
    return json.dumps(said, ensure_ascii=False).replace("</", "<\\/")


def names(language):
    """How a language calls itself."""
    return {"en": "English", "ko": "한국어"}.get(language, language)
