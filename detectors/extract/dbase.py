"""dBASE tables (dbf), in which payroll and shop programs of before 2000 still keep and send data.

The first 32 octets say how many rows there are and how long, 32 more each column's name, type and
width; then every row stands at its place (dBASE III to 7, FoxPro).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from detectors.budget import Budget
from detectors.extract.excel.cellrows import may_lack_zeros
from detectors.extract.reading import Refused, visible
from detectors.surface import Source, Surface, Table

_HEAD = struct.Struct("<4xLHH")
_COLUMNS, _COLUMN = 32, 32
_END = b"\r"
_ENCRYPTED = 15
_TEXT = b"CNFDLMGPV"
"""Types whose values are letters; of a memo it is the number of a place in another file."""
_BINARY = {b"I": "<l", b"B": "<d", b"O": "<d", b"Y": "<q"}
_DELETED = 0x2A


class _Column(NamedTuple):
    name: str
    kind: bytes
    start: int
    width: int


def read(source: Source, budget: Budget) -> Iterator[Surface]:
    """One table. Raises Refused "encrypted_archive", "corrupt", "format_not_supported"."""
    data = source.data
    if len(data) < _COLUMNS:
        raise Refused("corrupt", type="dbf")
    count, head, size = _HEAD.unpack_from(data)
    if data[_ENCRYPTED] == 1:
        raise Refused("encrypted_archive")
    columns = _columns(data[:head])
    if (
        not columns
        or columns[-1].start + columns[-1].width != size
        or count * size + head > len(data)
    ):
        raise Refused("corrupt", type="dbf")
    rows = [[column.name for column in columns]]
    deleted, numeric = set(), set()
    for at in range(head, head + count * size, size):
        budget.take(size + 8 * len(columns))
        row = data[at : at + size]
        rows.append([_value(row, column) for column in columns])
        if row[0] == _DELETED:
            deleted.add(len(rows))
        for number, column in enumerate(columns, start=1):
            if column.kind in (b"N", b"I") and may_lack_zeros(rows[-1][number - 1]):
                numeric.add((len(rows), number))
    yield Table(
        source.spot,
        rows,
        hidden_rows=frozenset(deleted),
        numeric=frozenset(numeric),
        context=source.context,
    )


def _columns(head: bytes) -> list[_Column]:
    found: list[_Column] = []
    start = 1  # behind the mark of a deleted row
    for at in range(_COLUMNS, len(head) - _COLUMN + 1, _COLUMN):
        if head[at : at + 1] == _END:
            break
        name, kind, width = (
            head[at : at + 11].partition(b"\0")[0],
            head[at + 11 : at + 12],
            head[at + 16],
        )
        if kind == b"C":
            width += head[at + 17] << 8
        found.append(_Column(visible(name), kind, start, width))
        start += width
    return found


def _value(row: bytes, column: _Column) -> str:
    octets = row[column.start : column.start + column.width]
    if column.kind in _TEXT:
        return visible(octets.strip(b" \0"))
    form = _BINARY.get(column.kind, "")
    if not form or struct.calcsize(form) != len(octets):
        raise Refused("format_not_supported", type="dbf")
    (number,) = struct.unpack(form, octets)
    return str(number).removesuffix(".0")
