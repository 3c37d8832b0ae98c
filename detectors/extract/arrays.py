"""A table written as JSON or XML: arrays of cells whose first one has the headings.

    [["氏名", "伝票番号", "個人番号"], ["森 葵", "…", "…"], …]
    <list><row><cell>氏名</cell><cell>個人番号</cell></row><row>…</row></list>

Where each value has a name of its own, as most such files have it, the text alone tells enough.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from lxml import etree

from detectors.extract import markup
from detectors.extract.reading import Refused

_LONGEST = 2 << 20
"""Characters of a file that is read so; programs do not write larger ones as one array."""
_DECLARED = re.compile(r"\A\s*<\?xml[^>]*\?>")
"""What it says of its charset was true of the octets."""
_NAMES = ("個人", "マイナ", "ﾏｲﾅ", "umber", "UMBER", "\\u500b", "&#")
"""What a heading has; a file without any is read as the text that it is."""

Rows = list[list[str]]


class Arrays(NamedTuple):
    tables: list[Rows]
    rest: str
    """What stands beside them, a value a line."""


def parted(text: str) -> Arrays | None:
    """The tables of a JSON or XML file; None where it is another one or has none.

    >>> parted('[["氏名", "個人番号"], ["森", "12"]]')
    Arrays(tables=[[['氏名', '個人番号'], ['森', '12']]], rest='')
    """
    head = text[:64].lstrip("\ufeff \t\r\n")[:1]
    if head not in ("[", "{", "<") or len(text) > _LONGEST:
        return None
    if not any(name in text for name in _NAMES):
        return None
    found, rest = list[Rows](), list[str]()
    try:
        for one in _in_xml(text) if head == "<" else _in_json(text):
            found.append(one) if isinstance(one, list) else rest.append(one)
    except (ValueError, RecursionError, Refused):
        return None
    return Arrays(found, "\n".join(rest)) if found else None


def _in_json(text: str) -> Iterator[Rows | str]:
    # As written: leading zeros, and digits that a float would round.
    todo: list[Any] = [json.loads(text, parse_int=str, parse_float=str, parse_constant=str)]
    while todo:
        value = todo.pop()
        if isinstance(value, dict):
            todo += reversed([part for pair in value.items() for part in pair])
        elif isinstance(value, list):
            if len(value) > 1 and all(map(_is_row, value)):
                yield [["" if cell is None else str(cell) for cell in row] for row in value]
            else:
                todo += reversed(value)
        elif value is not None:
            yield str(value)


def _is_row(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) > 1
        and not any(isinstance(cell, list | dict) for cell in value)
    )


def _in_xml(text: str) -> Iterator[Rows | str]:
    root = markup.parse(_DECLARED.sub("", text).encode())
    if any(element.attrib for element in root.iter()) or "<!--" in text:
        return  # which say something as well
    todo = [root]
    while todo:
        element = todo.pop()
        if len(element) > 1 and all(map(_is_record, element)):
            yield [[cell.text or "" for cell in row] for row in element]
            continue
        yield from filter(str.strip, (element.text or "", element.tail or ""))
        todo += reversed(element)


def _is_record(element: etree._Element) -> bool:
    """Whether it has cells of one name, and these nothing but text."""
    names = {cell.tag for cell in element}
    return len(names) == 1 and not any(map(len, element)) and not (element.text or "").strip()
