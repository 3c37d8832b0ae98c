"""What a reader of some format hands to the scan: readable surfaces, with their places.

Readers (`detectors.extract`) turn bytes into these; `detectors.text` and `detectors.score` look
for numbers in them; neither knows the other.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import itemgetter

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
class Excerpts:
    """Parts of a long text, parted by empty lines."""

    text: str
    lines: tuple[tuple[int, int], ...] = ()
    """Line of `text` → line of the whole, for the first line of each; counted from 1."""
    named: bool = False
    """Somewhere in the whole stands a word for a kind of number."""
    persons: bool = False
    """The whole may be a list of persons."""
    files: bool = False
    """There may be a file in it (`loose`), for it has words as long as a line of base64."""
    digits: bool = False
    """Something in it may have to be masked (`text.mask`)."""

    def line(self, line: int) -> int:
        """Of the whole."""
        first, there = self.lines[bisect_right(self.lines, line, key=itemgetter(0)) - 1]
        return there + line - first


@dataclass(frozen=True, slots=True)
class Text:
    """Running text as its reader sees it."""

    spot: Spot
    text: str
    context: tuple[str, ...] = ()
    """Words that stand over it: subject, file names, sheet name."""
    telling: Excerpts | None = None
    """What numbers can stand in, where all was sifted for them (`sieve`)."""
    agreed: frozenset[str] | None = field(default=None, repr=False)
    """Of a text that was read off a picture: the numbers that a second reading gave as well."""


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
    telling: Sequence[int] | None = None
    """Indices of the rows that numbers can stand in, where all were sifted for them."""
    written: str = ""
    """The whole as it was written, where it was text: cheaper to search than cells."""
    files: bool = True
    """There may be a file in it (`loose`)."""

    @property
    def sifted(self) -> Sequence[Sequence[str]]:
        """The rows, each in its place; those that no number can stand in are empty."""
        if self.telling is None:
            return self.rows
        rows: list[Sequence[str]] = [()] * len(self.rows)
        for at in self.telling:
            rows[at] = self.rows[at]
        return rows


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
    kind: str | None = None
    """What its octets say it is, where they were asked (`extract.sniff`)."""
