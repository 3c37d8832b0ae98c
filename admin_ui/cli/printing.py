"""Lists on a terminal, where Japanese letters are two columns wide, and as JSON lines."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import click

_HARMLESS = str.maketrans({c: "�" for c in (*range(32), *range(127, 160))} | {9: " "})


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def plain(text: object) -> str:
    """Without what a terminal would obey: names and subjects are written by strangers."""
    said = str(text).translate(_HARMLESS)
    return "".join("�" if unicodedata.category(c) == "Cf" else c for c in said)


def width(text: str) -> int:
    """
    >>> width("関所 Sekisho")
    12
    """
    return sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in text)


def table(heading: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """`heading` may be (): then there are rows only."""
    body = [[plain(cell) for cell in row] for row in rows]
    if not body:
        return
    cells = [list(heading), *body] if heading else body
    widths = [max(map(width, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        padded = (c + " " * (w - width(c)) for c, w in zip(row, widths, strict=True))
        click.echo("  ".join(padded).rstrip())


def fields(pairs: Iterable[tuple[str, object]]) -> None:
    """One thing, a line a field."""
    shown = [(name, plain(_told(value))) for name, value in pairs]
    widest = max((width(name) for name, _ in shown), default=0)
    for name, value in shown:
        click.echo(f"{name}{' ' * (widest - width(name))}  {value}".rstrip())


def below(name: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Several of one kind under the fields of a thing: for reading, so with the time in Japan."""
    for row in rows:
        click.echo(f"{name}: {as_line(row, _told)}")


def as_line(row: Mapping[str, Any], said: Callable[[object], str] = _plain) -> str:
    """`said` is how what JSON does not know is written: for machines, if nothing else is said."""
    return json.dumps(row, ensure_ascii=False, default=said)


def lines(rows: Iterable[Mapping[str, Any]]) -> None:
    for row in rows:
        click.echo(as_line(row))


def _told(value: object) -> str:
    from gateway.face.dates import stamp

    if isinstance(value, Mapping):
        return as_line(value)
    return stamp(value) if isinstance(value, datetime) else str(value)
