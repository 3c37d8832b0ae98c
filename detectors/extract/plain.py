"""Plain text, and the tables that it may hold (CSV, TSV)."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

from detectors import charset
from detectors.budget import Budget
from detectors.surface import Source, Surface, Table, Text

_DELIMITERS = ",\t;"
_SAMPLE = 50
_EXCEL = re.compile(r'="(.*)"', re.DOTALL)
_SHORT = re.compile(r"[1-9][0-9]{7,10}")
"""Digits that may have lost leading zeros on their way through a spreadsheet."""


def read(source: Source, budget: Budget) -> Iterator[Surface]:
    """Each reading of the octets once; where it looks like a table, as a table only."""
    for text in charset.decode(source.data, source.charset):
        budget.time()
        if delimiter := table_delimiter(text):
            rows = rows_of(text, delimiter)
            numeric = frozenset(
                (r, c)
                for r, row in enumerate(rows, start=1)
                for c, cell in enumerate(row, start=1)
                if 8 <= len(cell) <= 16 and _SHORT.fullmatch(cell.strip())
            )
            yield Table(source.spot, rows, numeric=numeric, context=source.context)
        else:
            yield Text(source.spot, text, source.context)


def table_delimiter(text: str) -> str:
    """ "," or "\\t" or ";" where nearly every line has the same number of fields, else "".

    >>> table_delimiter("氏名,番号\\n山田,1\\n佐藤,2\\n")
    ','
    >>> table_delimiter("お世話になっております。\\n山田です。\\n")
    ''
    """
    end = -1
    for _ in range(_SAMPLE):
        end = text.find("\n", end + 1)
        if end < 0:
            break
    sample = text if end < 0 else text[:end]
    return next((mark for mark in _DELIMITERS if _is_table(sample, mark)), "")


def _is_table(sample: str, delimiter: str) -> bool:
    if delimiter not in sample:
        return False
    widths = [len(row) for row in rows_of(sample, delimiter) if any(row)]
    usual = max(set(widths), key=widths.count, default=0)
    return len(widths) >= 2 and usual >= 2 and widths.count(usual) * 5 >= len(widths) * 4


def rows_of(text: str, delimiter: str) -> list[list[str]]:
    """Cells; the ="0123" that keeps zeros in Excel is undone. [] where csv gives up."""
    # Quotes that never close would make one cell of the rest; csv then raises over its limit.
    lines = text.replace("\x00", "").splitlines(keepends=True)
    try:
        rows = list(csv.reader(lines, delimiter=delimiter))
    except csv.Error:
        return [line.rstrip("\r\n").split(delimiter) for line in lines]
    return [[_EXCEL.sub(r"\1", cell) for cell in row] for row in rows]
