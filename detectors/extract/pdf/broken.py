"""Labels that a PDF writes in pieces one under the other: 「個人」 over 「番号」, or by letters.

The pieces stand on baselines of their own, often between those of the line they belong to, and
would be lines of their own. Only the names of 個人番号 are put together: other words stand so too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from detectors.extract.pdf.lines import Field, Line

_WHOLE = ("個人番号", "マイナンバー")
_FIRST = frozenset(whole[:end] for whole in _WHOLE for end in range(1, len(whole)))
_ASIDE, _BELOW = 0.6, 2.0
"""Of a letter's height: middles or left ends differ by less, and the next is no further down."""


def mended(lines: Sequence[Line]) -> list[Line]:
    """The lines with such labels whole, each in the line that is level with its middle."""
    if not any(field.text in _FIRST for line in lines for field in line):
        return list(lines)
    left = [list(line) for line in lines]
    for pieces in [*_broken(lines)]:
        for line in left:
            line[:] = [field for field in line if not any(field is one for one in pieces)]
        _set(left, _whole(pieces))
    return [line for line in left if line]


def _broken(lines: Sequence[Line]) -> Iterator[list[Field]]:
    for at, line in enumerate(lines):
        for field in line:
            pieces = [field] if field.text in _FIRST else []
            for below in lines[at + 1 : at + 13] if pieces else ():
                pieces += [one for one in below if _goes_on(pieces, one)][:1]
            if "".join(one.text for one in pieces) in _WHOLE:
                yield pieces


def _goes_on(pieces: Sequence[Field], one: Field) -> bool:
    last, text = pieces[-1], "".join(piece.text for piece in pieces) + one.text
    centred = abs(last.left + last.right - one.left - one.right) / 2
    aside = min(centred, abs(last.left - one.left))
    near = 0 < last.middle - one.middle < _BELOW * last.height
    return near and aside < _ASIDE * last.height and any(w.startswith(text) for w in _WHOLE)


def _whole(pieces: Sequence[Field]) -> Field:
    """One field as high as its letters, in the middle of where the pieces stood."""
    first = pieces[0]
    middle = (first.top + pieces[-1].bottom) / 2
    return replace(
        first,
        text="".join(one.text for one in pieces),
        left=min(one.left for one in pieces),
        right=max(one.right for one in pieces),
        bottom=middle - first.height / 2,
        top=middle + first.height / 2,
    )


def _set(lines: list[Line], whole: Field) -> None:
    """Into the nearest line of those that reach into its height, else between two."""
    near = [line for line in lines if line and abs(line[0].middle - whole.middle) < whole.height]
    if near:
        line = min(near, key=lambda one: abs(one[0].middle - whole.middle))
        line.append(whole)
        line.sort(key=lambda field: field.left)
        return
    at = next((i for i, line in enumerate(lines) if line and line[0].middle < whole.middle), None)
    lines.insert(len(lines) if at is None else at, [whole])
