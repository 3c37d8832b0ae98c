"""Texts made alike before the administrator's own words and patterns are looked for.

Only what has a compatibility form is touched (NFKC): full-width letters, half-width kana, ㈱ and ①.
Normalising every character of a mail costs ten times the whole scan; one in a hundred has another
form. Line ends stay, so that lines can be counted; other offsets do not.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise
from sys import getsizeof


def _ranges(codes: Sequence[int]) -> str:
    """Sorted code points as the inside of a character class.

    >>> _ranges((0x61, 0x62, 0x63, 0x78))
    'a-cx-x'
    """
    cuts = [0, *(i for i, (a, b) in enumerate(pairwise(codes), 1) if b - a > 1), len(codes)]
    return "".join(f"{chr(codes[a])}-{chr(codes[b - 1])}" for a, b in pairwise(cuts))


def run(of: str, most: int | None = None) -> str:
    """An expression for a run of the characters `of`, at most so many.

    Of a class that is not repeated the engine skips all other characters in C, ten times as fast
    as it tries `[…]+` at each of them.

    >>> run("ab"), run("ab", 64)
    ('[ab][ab]*', '[ab][ab]{0,63}')
    """
    return f"[{of}][{of}]*" if most is None else f"[{of}][{of}]{{0,{most - 1}}}"


_FORMS = tuple(
    code
    for code in range(0x80, 0x10000)
    if not 0xD800 <= code < 0xE000 and unicodedata.normalize("NFKC", chr(code)) != chr(code)
)
_INVISIBLE = "\xad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
# What may become one letter with the one before it, and what turns into such a sign: か and ﾞ.
_SECOND = frozenset(
    chr(int(parts[1], 16))
    for parts in (unicodedata.decomposition(chr(code)).split() for code in range(0x10000))
    if len(parts) == 2 and "<" not in parts[0]
)
_JOINING = tuple(
    code
    for code in range(0x80, 0x10000)
    if 0xD800 <= code < 0xE000
    or 0x1100 <= ord(first := unicodedata.normalize("NFKC", chr(code))[0]) < 0x1200
    or unicodedata.combining(first)
    or first in _SECOND
)
_ANY_FORM = _ranges(sorted({*_FORMS, *_JOINING}))
_JOINS = re.compile(f"[{_ranges(_JOINING)}](?<![{_ANY_FORM}].)")
"""Behind a plain character, which is then part of the form."""
_ASTRAL = re.compile("[\U00010000-\U0001f2ff\U0001fb00-\U0001ffff\U0002f800-\U0010ffff]")
"""Beyond U+FFFF all but emoji and ideographs, which have one form and join with nothing."""
_UNSEEN = re.compile(run(_INVISIBLE))
_FORM = re.compile(run(_ANY_FORM))
_OTHER = f"{_ranges(_FORMS)}{_INVISIBLE}"
_OTHER_FORM = re.compile(run(_OTHER, 64))
_OTHER_ASTRAL = re.compile(run(f"{_OTHER}\U0001d400-\U0001d7ff\U0001f100-\U0001f1ff", 64))
"""Half as fast: a class that ends at U+FFFF is one look into a table."""
# か and ゛ in two, as macOS writes file names: what stands before is part of the form. Pieces are
# short, here and above, since normalising sorts combining marks in quadratic time. (A class of
# three ranges is a table, of two it is compared one by one.)
_COMBINING = re.compile("[\u0300-\u036f\u3099\u309a\ufe20-\ufe2f]")
_COMBINED = re.compile(".[\u0300-\u036f\u3099\u309a]{1,8}")
BLANKS = "".join(chr(code) for code in range(0x10000) if chr(code).isspace() and code != 10)
"""All but the line end: as `[^\\S\\n]`, and a class that is searched three times as fast."""
_BLANKS = re.compile(run(BLANKS))
_ODD_BLANK = re.compile(f"[{BLANKS.replace(' ', '')}]")
_BETWEEN = "\ue000"
"""For private use: nothing else becomes it, nor does it join with what stands beside it."""
_SINGLE = {chr(code): unicodedata.normalize("NFKC", chr(code)) for code in _FORMS}


def nfkc(text: str) -> str:
    """As `unicodedata.normalize("NFKC", text)`, which for one full-width letter takes all apart.

    >>> nfkc('番号：１２ ﾊﾞ')
    '番号:12 バ'
    """
    if unicodedata.is_normalized("NFKC", text):
        return text
    if _JOINS.search(text) or (getsizeof(text) >= 4 * len(text) and _ASTRAL.search(text)):
        return unicodedata.normalize("NFKC", text)
    return _FORM.sub(lambda run: unicodedata.normalize("NFKC", run[0]), text)


def _plain(run: re.Match[str]) -> str:
    form = run[0]
    return _SINGLE.get(form) or _UNSEEN.sub("", unicodedata.normalize("NFKC", form))


def unify(text: str) -> str:
    """One form for each character, nothing invisible, `\\n` at line ends; case and blanks stay.

    >>> unify('ＡＢ－１２３４\\r\\n㈱ﾐﾄﾞﾘ')
    'AB-1234\\n(株)ミドリ'
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.isascii():
        return text
    if unicodedata.is_normalized("NFKC", text):
        return _UNSEEN.sub("", text)
    if _COMBINING.search(text):
        text = _COMBINED.sub(lambda pair: unicodedata.normalize("NFC", pair[0]), text)
    # See `digits.without_astral` about the size.
    bmp = getsizeof(text) < 4 * len(text)
    return (_OTHER_FORM if bmp else _OTHER_ASTRAL).sub(_plain, text)


def unified(texts: Sequence[str]) -> list[str]:
    """Each unified; all at once, since each call costs."""
    together = unify(_BETWEEN.join(texts)).split(_BETWEEN)
    return together if len(together) == len(texts) else [unify(text) for text in texts]


def spaced(unified: str) -> str:
    """A unified text in lower case, with single blanks inside its lines.

    >>> spaced('社　外  秘 / Top Secret')
    '社 外 秘 / top secret'
    """
    text = unified.lower()
    return _BLANKS.sub(" ", text) if "  " in text or _ODD_BLANK.search(text) else text
