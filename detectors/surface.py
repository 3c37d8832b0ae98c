"""What a reader of some format hands to the scan: readable surfaces, with their places.

Readers (`detectors.extract`) turn bytes into these; `detectors.text` and `detectors.score` look
for numbers in them; neither knows the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from detectors.report import Outline, Reason


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a surface stands, as `report.Place` without counts."""

    part: str
    path: tuple[str, ...] = ()
    hidden: bool = False
    unit: str = "line"
    """What a position in running text is called: "line", "page:3", "slide:2", "cell:C5", ""."""


@dataclass(frozen=True, slots=True)
class Text:
    """Running text as its reader sees it."""

    spot: Spot
    text: str
    context: tuple[str, ...] = ()
    """Words that stand over it: subject, file names, sheet name."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows and columns: a sheet, an HTML table, a CSV file, a table in a document."""

    spot: Spot
    rows: Sequence[Sequence[str]]
    """Cell texts as stored ("012345678901" and lost zeros alike); ragged rows are allowed."""
    first_row: int = 1
    first_column: int = 1
    """Of rows[0][0] in the sheet, counted from 1, so that ranges read as the user sees them."""
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    """In the sheet's own count, from 1."""
    numeric: frozenset[tuple[int, int]] = frozenset()
    """Cells stored as numbers (row, column, sheet count): their leading zeros may be lost."""
    context: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Nested:
    """A file inside the file (archive member, embedded object, attached mail): read in turn."""

    spot: Spot
    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Should be readable and was not: encrypted, corrupt, over budget. Becomes `uninspectable`."""

    spot: Spot
    reason: Reason


@dataclass(frozen=True, slots=True)
class Unread:
    """Carries no text by nature, or its reader is not installed. Becomes `not_inspected`."""

    spot: Spot
    reason: Reason


@dataclass(frozen=True, slots=True)
class Note:
    """A fact about the file that policy may judge, such as `hidden_sheet`."""

    spot: Spot
    name: str
    reason: Reason | None = None


Surface = Text | Table | Nested | Unreadable | Unread | Note | Outline


@dataclass(frozen=True, slots=True)
class Source:
    """One file to be read, by content and not by name."""

    spot: Spot
    name: str
    data: bytes
    media_type: str = ""
    charset: str = ""
    context: tuple[str, ...] = ()
    passwords: tuple[str, ...] = field(default=(), repr=False)
