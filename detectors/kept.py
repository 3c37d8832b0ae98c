"""What a report keeps of a mail: short, and with the numbers in it masked.

Numbers are put into any field of a mail, and a report is stored: nothing goes into one as it came.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from detectors import extract, text
from detectors.facts import roles
from detectors.mime import Node
from detectors.report import Part
from detectors.surface import Spot, Table, Text

PREVIEW = 20_000
SHORT = 1_000
"""Characters of a preview, and of any word."""


def part(node: Node, data: bytes, attachment: bool | None = None) -> Part:
    """The part that `node` is, whose octets are `data` once its encoding is undone."""
    name = node.names[0] if node.names else ""
    return Part(
        path=node.path,
        media_type=_short(node.media_type),
        header=node.header,
        body=node.body,
        encoding=_short(node.encoding),
        charset=_short(node.content_type.first("charset")),
        disposition=_short(node.disposition.value),
        name=_short(name),
        content_id=_short(node.value(b"content-id").decode("latin-1")),
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        sniffed="" if node.container else extract.sniff(data, name),
        attachment=roles.is_attachment(node) if attachment is None else attachment,
    )


def path(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(_short, names))


def spot(place: Spot) -> Spot:
    """The place itself where nothing of it has to be masked or cut, as nearly always."""
    if not place.path:
        return place
    short = path(place.path)
    return place if short == place.path else replace(place, path=short)


def range_of(place: Spot) -> str:
    """The slide, page or cells of a place, "" where it names none."""
    unit, colon, _ = place.unit.partition(":")
    known = colon and unit in ("slide", "page", "cell", "paragraph")
    return place.unit.removeprefix("cell:") if known else ""


class Shown(NamedTuple):
    """What of a body is to be seen: enough of it for a preview."""

    text: str
    digits: bool
    """Some of them may have to be masked."""


NOTHING = Shown("", False)


def shown(surfaces: Sequence[Text | Table]) -> Shown:
    pieces: list[str] = []
    for surface in surfaces:
        if isinstance(surface, Table):
            pieces.extend("\t".join(row) for row in surface.rows)
        elif not surface.spot.hidden:
            pieces.append(surface.text)
    text = "\n".join(pieces).strip()[: PREVIEW + SHORT]
    return Shown(text, not (len(surfaces) == 1 and _is_without_digits(surfaces[0])))


def _is_without_digits(surface: Text | Table) -> bool:
    telling = surface.telling if isinstance(surface, Text) else None
    return telling is not None and not telling.digits


def _short(word: str) -> str:
    return text.mask(word)[:SHORT] if word else ""
