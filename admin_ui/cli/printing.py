"""Lists on a terminal, where Japanese letters are two columns wide, and as JSON lines."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
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


def below(name: str, rows: Iterable[Iterable[object]]) -> None:
    """Several of one kind under the fields of a thing; cells that say nothing are left out."""
    for row in rows:
        cells = (plain(_told(cell)) for cell in row)
        click.echo(f"{name}: {'  '.join(filter(None, cells))}")


def say(text: str) -> None:
    """Lines of ours with words of strangers in them."""
    for line in text.split("\n"):
        click.echo(plain(line))


def as_line(row: Mapping[str, Any]) -> str:
    """For machines, and nothing is lost: what a terminal would obey is written by its number."""
    line = json.dumps(row, ensure_ascii=False, default=_plain)
    if plain(line) == line:
        return line
    return "".join(c if plain(c) == c else json.dumps(c)[1:-1] for c in line)


def lines(rows: Iterable[Mapping[str, Any]]) -> None:
    for row in rows:
        click.echo(as_line(row))


def _told(value: object) -> str:
    from gateway.face.dates import stamp

    if value is None:
        return ""
    return stamp(value) if isinstance(value, datetime) else str(value)
