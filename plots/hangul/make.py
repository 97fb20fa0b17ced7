"""Makes hangul.otf.gz: the letters of Hangul that the PNG of a figure can draw.

    python make.py NotoSansCJK-Regular.ttc

It takes the 2350 syllables of KS X 1001, which hold all but rare words, and
the letters they are made of, out of Noto Sans CJK KR, without hints and
tables that a figure has no use for. Needs fonttools (4.68 made the file here).
"""

import gzip
import io
import sys

from fontTools import subset
from fontTools.ttLib import TTFont


def korean():
    for row in range(0xB0, 0xC9):
        for cell in range(0xA1, 0xFF):
            yield ord(bytes([row, cell]).decode("euc_kr"))
    yield from range(0x3131, 0x3164)


font = next(
    f
    for f in (TTFont(sys.argv[1], fontNumber=n, recalcTimestamp=False) for n in range(5))
    if f["name"].getDebugName(1) == "Noto Sans CJK KR"
)
options = subset.Options(
    hinting=False,
    desubroutinize=True,  # smaller once packed
    layout_features=[],
    drop_tables=["GPOS", "GSUB", "GDEF", "BASE", "VORG", "vhea", "vmtx", "kern", "DSIG"],
    name_IDs=[0, 13, 14],  # whose work it is, and its licence
    name_languages=[0x409],
    notdef_outline=True,
)
subsetter = subset.Subsetter(options)
subsetter.populate(unicodes=korean())
subsetter.subset(font)
out = io.BytesIO()
font.save(out)
with open("hangul.otf.gz", "wb") as f:
    f.write(gzip.compress(out.getvalue(), 9, mtime=0))
