"""個人番号 in records of fixed length whose layout the mail tells: 「9-20 個人番号」.

     1- 8 職員コード
     9-20 個人番号
    0012345612345678901820261031

What stands there in any line is one as surely as under a heading, if it passes: one in eleven of
other lines that are as long would. Places are counted in octets of Shift_JIS where names stand
before the number, as machines do that write such files, or in characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from detectors import words
from detectors.folding import nfkc
from detectors.layout import lines
from detectors.numbers import individual_number
from detectors.runs import Candidate
from detectors.words import INDIVIDUAL, Label

_DIGITS = 12
_UNIT = "(?:カラム|バイト|文字|桁|列|欄)?目?"
_SPAN = re.compile(
    rf"(?<![\d.,/-])(\d{{1,4}}) ?{_UNIT} ?(?:[-~〜―ー]|から|to)"
    rf" ?(?:12(?:桁|文字|バイト)(?!目)|(\d{{1,4}}) ?{_UNIT}(?![\d.,/]))"
)
"""From the first to the last, or so many from the first on."""
_FIELDS = re.compile("[、，,;|\t]")
_LAYOUT = 400
"""Characters of a line that tells places, at most."""
_QUOTED = re.compile("(?:> ?)*")
_MOST = 4
"""Places that a text tells."""


def look(text: str, named: Sequence[int]) -> Iterator[Candidate]:
    """`named`: where labels may end (`individual_number.named`).

    >>> text = "9-20 個人番号\\n12345678123456789018202610\\n"
    >>> [(one.start, one.end) for one in look(text, [9])]
    [(18, 30)]
    """
    places = dict(_places(text, named))
    if not places:
        return
    for start, line, _ in lines(text, named):
        quoted = _QUOTED.match(line)
        own = quoted.end() if quoted else 0
        for first, label in places.items():
            at = _number(line[own:], first)
            if at is not None:
                begin = start + own + at
                digits = text[begin : begin + _DIGITS]
                yield Candidate(begin, begin + _DIGITS, digits, "12", "", heading=label)
                break


def _places(text: str, named: Sequence[int]) -> list[tuple[int, Label]]:
    """Where the number begins in a record, counted from 0, as lines with its label tell."""
    told = lines(text, named) if named else ()
    layouts = (line for _, line, is_named in told if is_named and len(line) <= _LAYOUT)
    fields = (field for line in layouts for field in _FIELDS.split(nfkc(line)))
    return list(islice(filter(None, map(_place, fields)), _MOST))


def _place(field: str) -> tuple[int, Label] | None:
    told = _SPAN.search(field)
    label = words.heading(_SPAN.sub(" ", field)) if told else None
    if not told or not label or label.kind != INDIVIDUAL:
        return None
    first = int(told[1])
    last = int(told[2] or first + _DIGITS - 1)
    return (first - 1, label) if first and last - first + 1 == _DIGITS else None


def _number(line: str, first: int) -> int | None:
    """Where in the line it stands: by octets, or else by characters."""
    if len(line) < _DIGITS:
        return None
    octets = line[:first].encode("cp932", "replace")
    before = octets[:first].decode("cp932", "ignore")
    for at in dict.fromkeys((len(before), first)):
        digits = line[at : at + _DIGITS]
        if digits.isascii() and digits.isdecimal() and individual_number.is_valid(digits):
            return at
    return None
