"""Tables in plain text (CSV, TSV): found by their delimiter, parsed as far as they are looked at.

A list of a megabyte has eighty thousand cells, and next to none of them can be a number. Its lines
are sifted as text first (`sieve`); only what comes through is ever made into cells.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import overload

from detectors import linear, sieve

_DELIMITERS = ",\t;"
TABLE_LINES = 50
"""That tell whether a text is a table."""
_EXCEL = re.compile(r'="(.*)"', re.DOTALL)
_LONE_CR = linear.octets(rb"\r[^\n]")
_ODD_QUOTES = linear.utf8(r'(?m)^[^"\n]*"[^"\n]*(?:"[^"\n]*"[^"\n]*)*$')
"""A cell over several lines, or a quote that is never closed."""
_HEAD = 1_000
"""Rows that are parsed without those behind them."""
# What is a number in cells and not in running text: digits that lost their zeros, exponents, groups
# of four that are stored as numbers.
_GROUP = r"[0-9]{4}(?:\.0)?"
_BETWEEN = r"[,;\t \"\x{2015}\x{30fc}\x{ff0d}-]{1,40}"
_CELLS = rf"[0-9]{{9}}|[0-9][eE]\+?1[01]|{_GROUP}{_BETWEEN}{_GROUP}{_BETWEEN}{_GROUP}"
# Twelve lines or more with a cell of one digit: a number may be written a digit a row. Where that
# goes on for much longer, it is the quantity of an order.
_ONE = r'(?:[^\n]*[,;\t])?[\s"]*[0-9０-９][\s"]*(?:[,;\t][^\n]*)?\n'
_DOWN = linear.utf8(rf"(?m)(?:^{_ONE}){{12,}}")
_DOWN_MOST = 40
# A line of these, or more: the blanks of one may go over a line end, behind which or before which
# stands the end of a line then.
_NONE = r'[ \t\f\r"]*'
_LINE = (
    rf"(?:(?:[^\n]*[,;\t])?{_NONE}[0-9０-９]?{_NONE}|{_NONE}[,;\t][^\n]*"
    rf"|(?:[^\n]*[,;\t])?{_NONE}[0-9０-９]{_NONE}[,;\t][^\n]*)\n"
)
_DOWN_LINE, _DOWN_LINES = (linear.utf8(rf"(?m)(?:^{_LINE}){{{count}}}") for count in (1, 12))
_DOWN_ASKED = 100
"""Lines, beyond which the whole is searched at once."""
_PARTS = re.compile(r",(?=[^ \r\n])")
"""A comma of a table of two columns; in a letter, a blank or the end of the line is behind it."""
_USUAL = 250
"""Characters that hardly any row is longer than."""
_MANY = 10
"""Where one row in so many may hold a number, all of them are parsed."""


def table_delimiter(text: str) -> str:
    """ "," or "\\t" or ";" where nearly every line has the same number of fields, else "".

    >>> table_delimiter("氏名,番号\\n山田,1\\n佐藤,2\\n")
    ','
    >>> table_delimiter("Dear Ms. Mori,\\nThe 12 digits follow, as you asked.\\nRegards,\\n")
    ''
    >>> table_delimiter("お世話になっております。\\n山田です。\\n")
    ''
    """
    end = -1
    for _ in range(TABLE_LINES):
        end = text.find("\n", end + 1)
        if end < 0:
            break
    sample = text if end < 0 else text[:end]
    return next((mark for mark in _DELIMITERS if _is_table(sample, mark)), "")


def _is_table(sample: str, delimiter: str) -> bool:
    if delimiter not in sample:
        return False
    lines = sample.splitlines(True)
    if '"' in sample:
        widths = [len(row) for row in _parsed(lines, delimiter) if any(row)]
    else:  # as the parser would, which takes ten times as long
        empty = delimiter + "\r\n"
        widths = [line.count(delimiter) + 1 for line in lines if line.strip(empty)]
    usual = max(set(widths), key=widths.count, default=0)
    if len(widths) < 2 or usual < 2 or widths.count(usual) * 5 < len(widths) * 4:
        return False
    return delimiter != "," or usual > 2 or _PARTS.search(sample) is not None


def rows_of(text: str, delimiter: str, octets: bytes = b"") -> Sequence[list[str]]:
    """Cells; the ="0123" that keeps zeros in Excel is undone. `octets`: the same in UTF-8."""
    if not octets and "\x00" in text:  # what is read as UTF-8 has none (`charset.utf8`)
        text = text.replace("\x00", "")
    if len(text) >= sieve.LONG:
        octets = octets or text.encode("utf-8", "replace")
        if not (_LONE_CR.search(octets) or ('"' in text and _ODD_QUOTES.search(octets))):
            return Rows(text, delimiter, octets)
    return _parsed(text.splitlines(True), delimiter)


def _parsed(lines: list[str], delimiter: str) -> list[list[str]]:
    # Quotes that never close would make one cell of the rest; csv then raises over its limit.
    try:
        rows = list(csv.reader(lines, delimiter=delimiter))
    except csv.Error:
        return [line.rstrip("\r\n").split(delimiter) for line in lines]
    if not any('="' in line for line in lines):
        return rows
    return [[_EXCEL.sub(r"\1", cell) for cell in row] for row in rows]


class Rows(Sequence[list[str]]):
    """The rows of a long text, no cell of which has a line end in it; parsed when asked for."""

    def __init__(self, text: str, delimiter: str, octets: bytes) -> None:
        self.text, self._delimiter, self.octets = text, delimiter, octets
        self._rows: list[list[str]] = []
        self._end = 0
        """Of the text that `_rows` were made of."""

    @cached_property
    def _lines(self) -> list[str]:
        return self.text.split("\n")

    def _first(self, count: int) -> list[list[str]]:
        """That many rows, or some more."""
        if (more := count - len(self._rows)) > 0:
            ahead = self.text[self._end : self._end + more * _USUAL]
            if ahead.count("\n") < more:
                ahead = self.text[self._end :]
            lines = ahead.split("\n", more)
            end = len(ahead) - (len(lines[more]) if len(lines) > more else 0)
            self._rows += self._cut(ahead[:end]) if end else []
            self._end += end
        return self._rows

    def _all(self) -> list[list[str]]:
        if self._end < len(self.text):
            self._rows += self._cut(self.text[self._end :])
            self._end = len(self.text)
        return self._rows

    def _cut(self, text: str) -> list[list[str]]:
        if '"' in text:
            return _parsed(text.removesuffix("\n").split("\n"), self._delimiter)
        # As the parser would, which takes three times as long.
        lines = text.replace("\r", "").removesuffix("\n").split("\n")
        return [line.split(self._delimiter) if line else [] for line in lines]

    def __len__(self) -> int:
        return self._length

    @cached_property
    def _length(self) -> int:
        return self.octets.count(b"\n") + (not self.octets.endswith(b"\n"))

    @cached_property
    def _may_go_down(self) -> bool:
        """Whether `_DOWN` may match: of twelve lines in a row one is a twelfth line of the whole.

        It also counts the rows, since it cuts them.
        """
        lines = self.octets.split(b"\n")
        self._length = len(lines) - (not lines[-1])
        twelfth = b"\n".join([*lines[11::12], b""])
        row = at = 0
        for asked, found in enumerate(_DOWN_LINE.finditer(twelfth)):
            row, at = row + twelfth.count(b"\n", at, found.start()), found.start()
            around = b"\n".join([*lines[12 * row : 12 * row + 23], b""])
            if asked >= _DOWN_ASKED or _DOWN_LINES.search(around):
                return True
        return False

    @cached_property
    def sieve(self) -> sieve.Sieve:
        """What all of it went through once `telling` was asked."""
        return sieve.Sieve(_CELLS, prose=False)

    @cached_property
    def telling(self) -> Sequence[int]:
        """Indices of the rows that a number may stand in."""
        octets = self.octets.replace(b'"', b"")
        spans = list(self.sieve.hits(octets))
        for found in _DOWN.finditer(octets) if self._may_go_down else ():
            if octets.count(b"\n", found.start(), found.end()) <= _DOWN_MOST:
                spans.append((found.start(), found.end() - 1))
        rows: dict[int, None] = {}
        row = at = 0
        for start, end in sorted(spans):
            row += octets.count(b"\n", at, start)
            at = start
            to = min(row + octets.count(b"\n", start, end) + 1, self._length)
            if to == row + 1:
                rows[row] = None
            else:
                rows.update(dict.fromkeys(range(row, to)))
        if _MANY * len(rows) > self._length:
            self._all()  # at once, since each call costs
        return sorted(rows)

    @overload
    def __getitem__(self, at: int) -> list[str]: ...
    @overload
    def __getitem__(self, at: slice) -> list[list[str]]: ...
    def __getitem__(self, at: int | slice) -> list[str] | list[list[str]]:
        if isinstance(at, int):
            known = 0 <= at < len(self._rows)
            return self._rows[at] if known else _parsed([self._lines[at]], self._delimiter)[0]
        if at.stop is not None and 0 <= at.stop <= _HEAD and (at.start or 0) >= 0:
            return self._first(at.stop)[at]
        return self._all()[at]

    def __iter__(self) -> Iterator[list[str]]:
        return iter(self._all())
