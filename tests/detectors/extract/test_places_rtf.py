"""Every place of a Rich Text file in which a My Number was ever hidden, one line each."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest

from tests.detectors.extract.compound import compound
from tests.detectors.extract.finds import Found, finds
from tests.samples import document, individual_number, pdf

NUMBER = individual_number(32)
Build = Callable[[str], bytes]
WHOLE, UNSEEN = Found(("a",), "", False), Found(("a",), "", True)
LINE = Found(("a",), "line", False)
SHEET = ("a", "表1")


def _wide(text: str) -> bytes:
    return text.encode("utf-16-le")


def _rtf(body: str) -> bytes:
    return f"{{\\rtf1\\ansi\\ansicpg932 {body}}}".encode()


def _binary(octets: bytes) -> bytes:
    return b"{\\rtf1{\\*\\datastore\\bin%d " % len(octets) + octets + b"}}"


def _object(data: bytes) -> bytes:
    return _rtf(f"{{\\object{{\\*\\objdata {_old_object(data).hex()}}}}}")


def _old_object(data: bytes) -> bytes:
    name = b"Word.Document.12\0"
    return (
        struct.pack("<LLL", 0x501, 2, len(name))
        + name
        + bytes(8)
        + struct.pack("<L", len(data))
        + data
    )


PLACES: dict[str, tuple[Build, Found]] = {
    "text": (lambda n: _rtf(f"\\b {n[:5]}\\b0 {n[5:]}"), LINE),
    "full-width octets": (
        lambda n: _rtf("".join(f"\\'82\\'{0x4F + int(d):02x}" for d in n)),
        LINE,
    ),
    "full-width octets of a Chinese font": (
        lambda n: _rtf(
            "{\\fonttbl{\\f1\\fcharset134 S;}}\\f1 "
            + "".join(f"\\'a3\\'{0xB0 + int(d):02x}" for d in n)
        ),
        LINE,
    ),
    "Unicode beyond the first plane": (
        lambda n: _rtf("".join(f"\\u-10187?\\u{-8242 + int(d)}?" for d in n)),
        LINE,
    ),
    "cell of a table": (
        lambda n: _rtf(f"\\trowd 個\\cell \\row\\trowd {n}\\cell \\row\\pard".replace("個", "x")),
        Found(("a",), "A2", False),
    ),
    "hidden": (lambda n: _rtf(f"{{\\v {n}}}"), UNSEEN),
    "deleted": (lambda n: _rtf(f"{{\\deleted {n}}}"), UNSEEN),
    "field code": (lambda n: _rtf(f"{{\\field{{\\*\\fldinst QUOTE {n}}}}}"), UNSEEN),
    "digits that fields box": (
        lambda n: _rtf("".join(f"{{\\field{{\\*\\fldinst {{eq }}{{\\\\x({d})}}}}}}" for d in n)),
        LINE,
    ),
    "header": (lambda n: _rtf(f"{{\\header {n}}}"), WHOLE),
    "note in the middle of a number": (
        lambda n: _rtf(f"{n[:6]}{{\\footnote x}}{n[6:]}"),
        LINE,
    ),
    "comment": (lambda n: _rtf(f"{{\\*\\annotation {n}}}"), WHOLE),
    "property": (lambda n: _rtf(f"{{\\info{{\\title {n}}}}}"), UNSEEN),
    "group of no known kind": (lambda n: _rtf(f"{{\\*\\xyz {n}}}"), UNSEEN),
    "picture": (
        lambda n: _rtf(f"{{\\pict\\pngblip {pdf([n]).hex()}}}"),
        Found(("a", "picture1"), "page:1", False),
    ),
    "data in binary": (
        lambda n: _binary(_wide(f"番号 {n}")),
        Found(("a",), "line", True),
    ),
    "object": (
        lambda n: _object(compound({"Package": document([n])})),
        Found(("a", "Word.Document.12", "Package"), "line", False),
    ),
    "HTML of Outlook": (
        lambda n: (
            b"{\\rtf1\\ansi\\fromhtml1{\\*\\htmltag <p>}x\\htmlrtf y\\htmlrtf0"
            b"{\\*\\htmltag <a title='%s'>}}" % n.encode()
        ),
        UNSEEN,
    ),
}


@pytest.mark.parametrize("place", PLACES)
def test_place(place: str) -> None:
    build, where = PLACES[place]
    assert where in finds(build(NUMBER), NUMBER)
