"""Values that a form splits over fields side by side: a letter in each, or groups of digits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from detectors.extract.pdf.captions import Filled

_DIGITS, _LONGEST = 12, 6
"""Of the numbers that forms split in groups, and of one of their groups."""
_GAP = 3.0
"""Between two of them, in their heights: a hyphen may be printed there."""


def whole(fields: Iterable[Filled]) -> list[Filled]:
    """Those that are filled in, in their order; one for all that share a value.

    >>> row = [Filled(name, "1234", (at, 0, at + 9, 9)) for name, at in zip("abc", (0, 10, 20))]
    >>> [one.line for one in whole([*row, Filled("d", "x", (90, 0, 99, 9))])]
    ['a: 1234 1234 1234', 'd: x']
    """
    letters = _joined([one for one in fields if one.value], _is_letter, "")
    return _joined(letters, _is_group, " ")


def _joined(
    filled: Sequence[Filled], is_piece: Callable[[Filled], bool], sign: str
) -> list[Filled]:
    order = {id(one): at for at, one in enumerate(filled)}
    found: dict[int, Filled] = dict(enumerate(filled))
    for run in _runs(list(filter(is_piece, filled))):
        if sign and len(run[0].value) * len(run) != _DIGITS:
            continue
        places = sorted(order[id(one)] for one in run)
        value, box = sign.join(one.value for one in run), (*run[0].box[:2], *run[-1].box[2:])
        found[places[0]] = replace(filled[places[0]], value=value, box=box)
        for place in places[1:]:
            del found[place]
    return [found[place] for place in sorted(found)]


def _is_letter(one: Filled) -> bool:
    return len(one.value) == 1


def _is_group(one: Filled) -> bool:
    return 1 < len(one.value) <= _LONGEST and one.value.isdecimal()


def _runs(pieces: Sequence[Filled]) -> Iterator[list[Filled]]:
    """Pieces of one length that stand one right behind the other."""
    for row in _rows(pieces):
        run = row[:1]
        for one, two in pairwise(row):
            if len(one.value) != len(two.value) or not _abut(one, two):
                yield run
                run = []
            run.append(two)
        yield run


def _rows(pieces: Sequence[Filled]) -> Iterator[list[Filled]]:
    """From the top, each from the left."""
    row: list[Filled] = []
    for one in sorted(pieces, key=_middle, reverse=True):
        if row and _middle(row[0]) - _middle(one) > _height(row[0]) / 2:
            yield sorted(row, key=lambda each: each.box[0])
            row = []
        row.append(one)
    if row:
        yield sorted(row, key=lambda each: each.box[0])


def _abut(one: Filled, two: Filled) -> bool:
    return two.box[0] - one.box[2] <= _GAP * _height(one)


def _middle(one: Filled) -> float:
    return (one.box[1] + one.box[3]) / 2


def _height(one: Filled) -> float:
    return one.box[3] - one.box[1]
