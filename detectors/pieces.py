"""A long text in pieces that are looked at one after the other, so that the clock can end it.

Numbers without an end (25 MB of "1 1 1 …") would be held in memory a hundred times over, and keep
the scan from looking at its clock for minutes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from detectors.surface import Excerpts, Text

LONG = 1 << 18
"""Characters of a piece."""
_OVERLAP = 2_000
"""Characters of the piece before that each begins with: the labels of its first number."""


def pieces(surface: Text) -> Iterable[Text]:
    """The text itself where it is short, or sifted to something short.

    >>> from detectors.surface import Spot
    >>> [len(one.text) for one in pieces(Text(Spot("1"), "a line\\n" * 50_000))]
    [262143, 89852]
    """
    read = surface.text if surface.telling is None else surface.telling.text
    return (surface,) if len(read) <= LONG else _pieces(surface)


def _pieces(surface: Text) -> Iterator[Text]:
    text = surface.text
    start, line = 0, 1
    while start < len(text):
        end = _line_end(text, start + LONG - _OVERLAP, start + LONG)
        piece = text[start:end]
        telling = Excerpts(piece, ((1, line),), True, True, True, True)
        yield replace(surface, text=piece, telling=telling)
        if end == len(text):
            return
        following = _line_start(text, end - _OVERLAP, end)
        line += text.count("\n", start, following)
        start = following


def _line_start(text: str, start: int, end: int) -> int:
    """The first one behind `start`, or behind a blank; `start` where there is none."""
    found = max(
        text.find("\n", start, end - 1),
        text.find(" ", start, end - 1) if "\n" not in text[start : end - 1] else -1,
    )
    return start if found < 0 else found + 1


def _line_end(text: str, start: int, end: int) -> int:
    """Behind the last line end of [start, end), or a blank; `end` where there is none."""
    if end >= len(text):
        return len(text)
    found = text.rfind("\n", start, end)
    found = text.rfind(" ", start, end) if found < 0 else found
    return end if found < 0 else found + 1
