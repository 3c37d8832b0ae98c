"""Cells of a workbook that show nothing of what they hold: white on white, tiny, or formatted so.

Only a workbook with such a style is looked through for cells that have it: the others, nearly all,
cost nothing. White on a dark fill is ordinary, and so is what a table or a condition colours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from itertools import islice
from typing import TypeVar

from lxml import etree

from detectors.extract.colours import LEGACY, WHITE, Colour, alike, colour, tinted
from detectors.extract.markup import attribute, local
from detectors.extract.word.styles import child_of
from detectors.places import column_letter, column_number
from detectors.report import Reason
from detectors.surface import Note, Spot

T = TypeVar("T")
Unseen = dict[str, list[tuple[int, int]]]
"""How → cells (row, column) that hold something and show nothing."""
Area = tuple[int, int, int, int]
"""Rows and columns of a range, both ends in it: top, left, bottom, right."""

_TINY = 2.0
"""Points."""
_MOST = 5_000
"""Cells that are looked at."""
_RANGES = 500
"""Of tables and conditions; with more of them a sheet is no longer known well enough."""
_THEME = ("lt1", "dk1", "lt2", "dk2", *(f"accent{n}" for n in range(1, 7)), "hlink", "folHlink")
"""In the order that a workbook counts them, which is not that of the theme."""
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})(?::\$?([A-Z]{1,3})\$?([0-9]{1,7}))?")
_SECTION_NOISE = re.compile(r'""|\[[^\]]*\]|\s')
_CONDITION = re.compile(rb'<(?:\w+:)?conditionalFormatting\s[^<>]*?sqref="([^"<]{1,5000})"')
_PICTURE = re.compile(rb"<(?:\w+:)?picture\s")


def styles(root: etree._Element | None, theme: etree._Element | None) -> dict[int, str]:
    """Index of a style of cells → how it hides them, of those that do."""
    if root is None:
        return {}
    palette = _Palette(root, theme)
    fonts = [_font(font, palette) for font in _members(root, "fonts")]
    fills = [_fill(fill, palette) for fill in _members(root, "fills")]
    blank = {
        attribute(element, "numFmtId"): blanks(attribute(element, "formatCode"))
        for element in root.iter("{*}numFmt")
    }
    found = {}
    for number, style in enumerate(_members(root, "cellXfs")):
        letters, size = _at(fonts, style.get("fontId"), (None, 11.0))
        if how := blank.get(style.get("numFmtId", ""), ""):
            found[number] = how
        elif size <= _TINY:
            found[number] = "text_tiny"
        elif alike(letters, _at(fills, style.get("fillId"), WHITE)):
            found[number] = "text_in_background"
    return found


def cells(
    data: bytes, hiding: Mapping[int, str], text_at: Callable[[int, int], str], coloured: list[Area]
) -> Unseen:
    """`coloured` are ranges that a table colours."""
    present = [number for number in hiding if b's="%d"' % number in data]
    if not present:
        return {}
    coloured = [*coloured, *islice(_conditions(data), _RANGES)]
    painted = _PICTURE.search(data) is not None or len(coloured) >= _RANGES
    styled = re.compile(
        rb'<(?:\w+:)?c\s(?=[^<>]*\br="([A-Z]{1,3})([0-9]{1,7})")[^<>]*\bs="(%s)"([^<>]*)>'
        % b"|".join(b"%d" % number for number in present)
    )
    found: Unseen = {}
    for cell in islice(styled.finditer(data), _MOST):
        row, column = int(cell[2]), column_number(cell[1].decode())
        text, how = text_at(row, column), hiding[int(cell[3])]
        if how == "text_in_background" and (painted or _is_in(row, column, coloured)):
            continue
        if how := hides(how, text):
            found.setdefault(how, []).append((row, column))
    return found


def hides(how: str, text: str) -> str:
    """How a style hides this text, "" where there is nothing to hide or it is shown."""
    if not any(letter.isalnum() for letter in text):
        return ""
    if how != "numbers":
        return how
    return "cell_shows_nothing" if text.replace(".", "").isdecimal() else ""


def hidden(rows: Set[int], columns: Set[int], spot: Spot) -> Note:
    """Where the first of the hidden columns stand, or else rows: "C:D", "5:9"."""
    numbers = columns or rows
    last = first = min(numbers)
    while last + 1 in numbers:
        last += 1
    ends = (column_letter(first), column_letter(last)) if columns else (first, last)
    here = replace(spot, unit="cell:{}:{}".format(*ends))
    return Note(here, "hidden_columns", Reason("hidden_columns"))


def notes(unseen: Unseen, spot: Spot, *, conditions: bool = False) -> Iterator[Note]:
    """Where each way begins; a condition may colour what is behind letters."""
    for how, found in unseen.items():
        if not (conditions and how == "text_in_background"):
            here = replace(spot, unit=f"cell:{first_run(found)}")
            yield Note(here, "hidden_text", Reason(how))


def areas(text: str) -> Iterator[Area]:
    """Of a list of ranges such as "A1:B9 D4"."""
    for found in islice(_REFERENCE.finditer(text), _MOST):
        left, top = column_number(found[1]), int(found[2])
        right, bottom = (column_number(found[3]), int(found[4])) if found[3] else (left, top)
        yield top, left, bottom, right


def first_run(cells: Sequence[tuple[int, int]]) -> str:
    """The first cell with those right under it: "C5:C40".

    >>> first_run([(5, 3), (6, 3), (7, 3), (9, 3)])
    'C5:C7'
    """
    row, column = min(cells, key=lambda cell: (cell[1], cell[0]))
    last, every = row, set(cells)
    while (last + 1, column) in every:
        last += 1
    start = f"{column_letter(column)}{row}"
    return start if last == row else f"{start}:{column_letter(column)}{last}"


class _Palette:
    def __init__(self, root: etree._Element, theme: etree._Element | None) -> None:
        own = [colour(attribute(e, "rgb")) for e in root.iter("{*}indexedColors/{*}rgbColor")]
        self._indexed = own or [colour(text) for text in LEGACY]
        self._theme: dict[str, Colour | None] = {}
        for scheme in () if theme is None else theme.iter("{*}clrScheme"):
            for place in scheme:
                said = place[0] if len(place) else place
                value = attribute(said, "lastClr") or attribute(said, "val")
                self._theme.setdefault(local(place), colour(value))

    def of(self, mark: etree._Element | None) -> Colour | None:
        """The colour that an element says; None where it leaves it to the program."""
        if mark is None:
            return None
        if found := colour(mark.get("rgb", "")):
            return found
        if (index := _number(mark.get("theme"))) is not None:
            name = _THEME[index] if index < len(_THEME) else ""
            base = self._theme.get(name, WHITE if name == "lt1" else None)
            return tinted(base, _fraction(mark.get("tint"))) if base else None
        index = _number(mark.get("indexed"))
        return None if index is None else _at(self._indexed, str(index), None)


def _members(root: etree._Element, name: str) -> list[etree._Element]:
    return [member for group in root.iter(f"{{*}}{name}") for member in group]


def _font(font: etree._Element, palette: _Palette) -> tuple[Colour | None, float]:
    size = child_of(font, "sz")
    points = _fraction(None if size is None else size.get("val")) or 11.0
    return palette.of(child_of(font, "color")), points


def _fill(fill: etree._Element, palette: _Palette) -> Colour | None:
    """White for none; None for patterns, gradients and what is not told."""
    pattern = child_of(fill, "patternFill")
    if pattern is None:
        return None if len(fill) else WHITE
    kind = pattern.get("patternType", "none")
    if kind == "none":
        return WHITE
    return palette.of(child_of(pattern, "fgColor")) if kind == "solid" else None


def blanks(code: str) -> str:
    """How a format hides: ";;;" everything, ";;" numbers only; "0;;" shows what is above zero.

    >>> blanks(";;;"), blanks(";;"), blanks("0;;;@"), blanks('"";"";"";""')
    ('cell_shows_nothing', 'numbers', '', 'cell_shows_nothing')
    """
    sections = _SECTION_NOISE.sub("", code).split(";")
    if len(sections) < 2 or any(sections[:2]):
        return ""
    return "cell_shows_nothing" if len(sections) > 3 and not sections[3] else "numbers"


def _conditions(data: bytes) -> Iterator[Area]:
    for found in islice(_CONDITION.finditer(data), _MOST):
        yield from areas(found[1].decode("ascii", "replace"))


def _is_in(row: int, column: int, places: list[Area]) -> bool:
    return any(t <= row <= b and le <= column <= r for t, le, b, r in places)


def _at(items: Sequence[T], index: str | None, otherwise: T) -> T:
    number = _number(index) or 0
    return items[number] if number < len(items) else otherwise


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 9 else None


def _fraction(text: str | None) -> float:
    try:
        number = float(text or 0)
    except ValueError:
        return 0.0
    return number if -1e6 < number < 1e6 else 0.0
