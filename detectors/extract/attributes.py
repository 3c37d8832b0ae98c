"""What attributes of HTML say: texts, files in addresses, and the values that programs keep."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from urllib.parse import unquote

from selectolax.lexbor import LexborNode

_WORDS = frozenset(("alt", "title", "href", "placeholder", "content", "aria-label", "action"))
_ADDRESSES = ("src", "href", "xlink:href", "data", "poster")
_UNSPOKEN = frozenset("style class d points viewbox path src srcset poster background".split())
"""Of these not even what looks like a number is taken: places, shapes, names of files."""
_NUMBER = re.compile(r"(?<![\d.])\d{4}([-\s]?)\d{4}\1\d{4}(?!\d)")
"""In an attribute of whatever name: programs keep values in those of their own."""
_IN_CELL = re.compile(r"<t[dh]\s[^>]{0,500}\d{4}[-\s]?\d{4}[-\s]?\d{4}", re.IGNORECASE)
_DATA = re.compile(r"data:[^,;]{0,100}(;[^,]{0,100})?,", re.IGNORECASE)


def said(node: LexborNode) -> Iterator[str | bytes]:
    """Texts, and files as octets: those of data: addresses, and pages within the page."""
    for name, value in node.attributes.items():
        if not value:
            continue
        if name == "value":
            yield f"{_field(node)}{value}"
        elif name == "srcdoc":
            yield value.encode()
        elif name in _ADDRESSES and (data := _embedded(value)):
            yield data
        elif name in _WORDS:
            yield unquote(value) if name == "href" else value
        elif len(value) > 11 and name not in _UNSPOKEN and _NUMBER.search(value):
            yield f"{name}={value}"


def has_cells(page: str) -> bool:
    """Whether there is anything that `kept` finds; most pages have none, and many cells."""
    return bool(_IN_CELL.search(page))


def kept(cell: LexborNode, shown: str) -> Iterator[str]:
    """The whole number of a cell that shows "1.23E+11": Excel, Calc and Sheets keep it beside."""
    digits = re.sub(r"\D", "", shown)
    for name, value in cell.attributes.items():
        if value and name not in _UNSPOKEN:
            whole = (re.sub(r"\D", "", number[0]) for number in _NUMBER.finditer(value))
            yield from (number for number in whole if number not in digits)


def _field(node: LexborNode) -> str:
    """The name of the field of a form that a value is of, "my_number=", or ""."""
    of = node.parent if node.tag == "option" else node
    name = (of.attributes.get("name") or of.attributes.get("id") or "") if of is not None else ""
    return f"{name}=" if name else ""


def _embedded(address: str) -> bytes:
    """The file that a data: address holds (RFC 2397), b"" for other addresses."""
    head = _DATA.match(address)
    if not head:
        return b""
    body = unquote(address[head.end() :])
    if not (head[1] or "").lower().endswith("base64"):
        return body.encode()
    try:
        return base64.b64decode(body + "==")
    except (binascii.Error, ValueError):
        return body.encode()
