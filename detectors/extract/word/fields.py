"""What Word draws for a field of the kind EQ, with which Japanese forms box and encircle digits.

「個人番号 {eq \\x(1)}{eq \\o\\ac(□,2)}…」 has no result beside its code: the code is the text.
"""

from __future__ import annotations

import re

_EQUATION = re.compile(r"\s*eq(?![A-Za-z])", re.IGNORECASE)
_PIECE = re.compile(
    r"\\[A-Za-z]{1,2}(?:\s*[0-9]+(?=\s*[\\(]))?|[()\s]|\\?(?P<shown>[^()\s])", re.DOTALL
)
_OVER_EACH_OTHER = re.compile(r"\\o(?![A-Za-z])", re.IGNORECASE)
_RINGS = frozenset(",;○◯〇◎□▢☐⬜◇△▽")
"""Drawn around what stands over them, and what parts the two."""
CODE, END, FIELD = "\x01", "\x02", "\x03"
"""Around a piece of a code, and where a field begins, while a line is put together: signs that XML
cannot hold, and that are taken out of what was read leniently: no text may pass for a code."""
_PIECES = re.compile(f"{CODE}([^{END}]*){END}")


def drawn(code: str) -> list[tuple[int, int]]:
    """The stretches of a field's code that are seen; none of other fields.

    >>> [r"eq \\x(12)"[start:end] for start, end in drawn(r"eq \\x(12)")]
    ['1', '2']
    >>> drawn("PAGE 1"), drawn(r" EQ \\o\\ac(○,7)")
    ([], [(12, 13)])
    """
    if not (begun := _EQUATION.match(code)):
        return []
    rings = _RINGS if _OVER_EACH_OTHER.search(code) else ()
    found = _PIECE.finditer(code, begun.end())
    return [
        piece.span("shown") for piece in found if piece["shown"] and piece["shown"] not in rings
    ]


def seen(code: str) -> str:
    return "".join(code[start:end] for start, end in drawn(code))


def resolved(line: str) -> str:
    """A line with what is seen of the codes in it."""
    line = line.replace(END + CODE, "")
    return _PIECES.sub(lambda found: seen(found[1]), line).replace(FIELD, "")
