"""What is printed beside or over a field of a PDF: its name is for programs, "Text1" for one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from detectors.digits import D

_NUMBER = re.compile(rf"(?:[{D}][^{D}]{{0,3}}){{12}}")
_REACH, _OVER = 200.0, 16.0
"""Points to the left of a field, and over it."""
_MOST = 500
"""Fields of a page whose captions are looked for."""
_LONGEST = 60
"""Letters of a caption; what is longer is a text that ends there."""

Box = tuple[float, float, float, float]
"""Left, bottom, right, top, in points."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A field that somebody filled in."""

    name: str
    value: str
    box: Box
    caption: str = ""

    @property
    def line(self) -> str:
        caption = f" {self.caption}" if self.caption and self.caption not in self.name else ""
        return f"{self.name}{caption}: {self.value}"

    def __repr__(self) -> str:
        """Without the value, which is nobody's to read in a log."""
        return f"Filled({self.name!r})"


def captioned(page: Any, fields: Sequence[Filled]) -> Iterator[Filled]:
    """The same, with captions for those that may hold a number."""
    telling = [one for one in fields if _NUMBER.search(one.value)][:_MOST]
    if not telling:
        yield from fields
        return
    textpage = page.get_textpage()
    try:
        for one in fields:
            caption = _caption(textpage, one, fields) if one in telling else ""
            yield Filled(one.name, one.value, one.box, caption)
    finally:
        textpage.close()


def _caption(textpage: Any, one: Filled, fields: Sequence[Filled]) -> str:
    """The text at its left, as far as the next field; else what stands right over it."""
    left, bottom, right, top = one.box
    nearest = max(
        (f.box[2] for f in fields if f.box[2] <= left and f.box[1] < top and f.box[3] > bottom),
        default=0.0,
    )
    start = max(left - _REACH, nearest, 0.0)
    beside = _text(textpage, (start, bottom, left, top)) if start < left else ""
    return beside or _text(textpage, (left, top, right, top + _OVER))


def _text(textpage: Any, box: Box) -> str:
    said = " ".join(str(textpage.get_text_bounded(*box)).split())
    return said if len(said) <= _LONGEST else ""
