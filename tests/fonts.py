"""A small part of the machine's Japanese font: to put the whole of it into a PDF takes a second."""

from __future__ import annotations

import fcntl
import os
from functools import cache
from itertools import product
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

WHOLE = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sekisho-fonts"
_RANGES = ((0x20, 0x7F), (0xA0, 0x100), (0x2010, 0x2030), (0x2200, 0x2220), (0x2460, 0x2474))
_WIDE = ((0x2500, 0x2600), (0x3000, 0x3100), (0xFF00, 0xFFF0))


@cache
def small() -> str:
    """Path of a font with kana, signs and the kanji of level 1; made once on a machine. "" where it
    has no Japanese font."""
    if not WHOLE.exists():
        return ""
    _CACHE.mkdir(parents=True, exist_ok=True)
    made = _CACHE / "small-1.otf"
    with (_CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # other workers want it, too
        if not made.exists():
            _make(made.with_suffix(".part"))
            made.with_suffix(".part").replace(made)
    return str(made)


def _make(path: Path) -> None:
    options = subset.Options(layout_features=[], glyph_names=False, notdef_outline=True)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=_letters())
    font = TTFont(WHOLE, fontNumber=0, lazy=True)
    subsetter.subset(font)
    font.save(path)


def _letters() -> set[int]:
    pairs = (bytes(pair) for pair in product(range(0x88, 0x99), range(0x40, 0xFD)))
    kanji = "".join(pair.decode("cp932", "ignore") for pair in pairs)
    signs = (code for first, end in (*_RANGES, *_WIDE) for code in range(first, end))
    return {*map(ord, kanji), *signs}
