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
from detectors.numbers import individual_number

_LONGEST = 2 << 20
"""Characters of a file that is read so; programs do not write larger ones as one array."""
_DECLARED = re.compile(r"\A\s*<\?xml[^>]*\?>")
"""What it says of its charset was true of the octets."""
# Leading zeros, digits that a float would round, and of one name both values.
_AS_WRITTEN: Any = dict.fromkeys(("parse_int", "parse_float", "parse_constant"), str)
_AS_WRITTEN |= {"object_pairs_hook": tuple}
_MORE = ("<!--", "<?", "xmlns")
_ESCAPES = ("\\u", "&#")
"""As what it may be written."""

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
    if not individual_number.may_be_named(text) and not any(escape in text for escape in _ESCAPES):
        return None
    found, rest = list[Rows](), list[str]()
    try:
        for one in _in_xml(text) if head == "<" else _in_json(text):
            found.append(one) if isinstance(one, list) else rest.append(one)
    except (ValueError, RecursionError, Refused):
        return None
    return Arrays(found, "\n".join(rest)) if found else None


def _in_json(text: str) -> Iterator[Rows | str]:
    todo: list[Any] = [json.loads(text, **_AS_WRITTEN)]
    while todo:
        value = todo.pop()
        if isinstance(value, tuple):
            for name, one in reversed(value):
                todo += [one, name] if isinstance(one, list | tuple) else [f"{name}: {_said(one)}"]
        elif isinstance(value, list):
            rows = [list(map(_said, row)) for row in value] if all(map(_is_row, value)) else []
            if _is_headed(rows):
                yield rows
            else:
                todo += reversed(value)
        else:
            yield _said(value)


def _said(value: object) -> str:
    return "" if value is None else str(value)


def _is_row(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) > 1
        and not any(isinstance(cell, list | tuple) for cell in value)
    )


def _is_headed(rows: Rows) -> bool:
    return len(rows) > 1 and any(individual_number.may_be_named(cell) for cell in rows[0])


def _in_xml(text: str) -> Iterator[Rows | str]:
    text = _DECLARED.sub("", text)
    root = markup.parse(text.encode())
    if any(sign in text for sign in _MORE) or any(element.attrib for element in root.iter()):
        return  # which say something as well
    todo = [root]
    while todo:
        element = todo.pop()
        yield from filter(str.strip, (element.text or "", element.tail or ""))
        rows = []
        if all(map(_is_record, element)):
            rows = [[cell.text or "" for cell in row] for row in element]
        if _is_headed(rows):
            yield rows
        else:
            todo += reversed(element)


def _is_record(element: etree._Element) -> bool:
    """Whether it has cells of one name, and these nothing but text; nor is there any between."""
    between = (element.text, element.tail, *(cell.tail for cell in element))
    names = {cell.tag for cell in element}
    return len(names) == 1 and not (
        any(map(len, element)) or "".join(filter(None, between)).strip()
    )
