"""Every place of an Outlook message in which a My Number was hidden."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest

from tests.detectors.extract.compound import compound, xls
from tests.detectors.extract.finds import Found, finds
from tests.samples import individual_number, workbook

NUMBER = individual_number(33)
Build = Callable[[str], bytes]
WHOLE, UNSEEN = Found(("a",), "", False), Found(("a",), "", True)
LINE = Found(("a",), "line", False)
_ATTACHED, _TO = "__attach_version1.0_#00000000/", "__recip_version1.0_#00000000/"
_CODEPAGE = bytes(32) + struct.pack("<HHLQ", 3, 0x3FFD, 6, 932)


def _message(properties: bytes = bytes(32), **streams: bytes) -> bytes:
    return compound(
        {
            "__properties_version1.0": properties,
            **{f"__substg1.0_{name.removeprefix('x')}": data for name, data in streams.items()},
        }
    )


def _with(streams: dict[str, bytes]) -> bytes:
    return compound({"__properties_version1.0": bytes(32), **streams})


def _wide(text: str) -> bytes:
    return text.encode("utf-16-le")


def _rtf(text: bytes) -> bytes:
    return struct.pack("<LL4sL", len(text) + 12, len(text), b"MELA", 0) + text


def _full(number: str) -> str:
    return "".join(chr(0xFF10 + int(digit)) for digit in number)


MESSAGE: dict[str, tuple[Build, Found]] = {
    "subject": (lambda n: _message(x0037001F=_wide(n)), WHOLE),
    "body": (lambda n: _message(x1000001F=_wide(n)), LINE),
    "narrow body": (
        lambda n: _message(_CODEPAGE, x1000001E=f"番号 {_full(n)}".encode("cp932")),
        LINE,
    ),
    "HTML": (lambda n: _message(x10130102=f"<p>{n[:4]}<b>{n[4:]}".encode()), LINE),
    "RTF beside an innocent body": (
        lambda n: _message(x1000001F=_wide("本文"), x10090102=_rtf(b"{\\rtf1 %s}" % n.encode())),
        LINE,
    ),
    "HTML in RTF": (
        lambda n: _message(
            x10090102=_rtf(b"{\\rtf1\\fromhtml1{\\*\\htmltag <a href='tel:%s'>}x}" % n.encode())
        ),
        UNSEEN,
    ),
    "recipient": (lambda n: _with({f"{_TO}__substg1.0_3001001F": _wide(n)}), WHOLE),
    "property that somebody has named": (lambda n: _message(x8001001F=_wide(n)), WHOLE),
    "property of many values": (
        lambda n: _with({"__substg1.0_8001101F-00000000": _wide(n)}),
        WHOLE,
    ),
    "property of octets": (lambda n: _message(x80020102=b"\1\2" + _wide(f"番号 {n}")), UNSEEN),
    "name of a property": (
        lambda n: _with({"__nameid_version1.0/__substg1.0_00040102": _wide(n)}),
        UNSEEN,
    ),
    "attachment": (
        lambda n: _with(
            {
                f"{_ATTACHED}__substg1.0_3707001F": _wide("b.xlsx"),
                f"{_ATTACHED}__substg1.0_37010102": workbook({"表": [[n]]}),
            }
        ),
        Found(("a", "b.xlsx", "表"), "A1", False),
    ),
    "name of an attachment": (
        lambda n: _with({f"{_ATTACHED}__substg1.0_3707001F": _wide(f"{n}.txt")}),
        WHOLE,
    ),
    "attached message": (
        lambda n: _with(
            {
                f"{_ATTACHED}__substg1.0_3001001F": _wide("転送"),
                f"{_ATTACHED}__substg1.0_3701000D/__properties_version1.0": bytes(24),
                f"{_ATTACHED}__substg1.0_3701000D/__substg1.0_1000001F": _wide(n),
            }
        ),
        Found(("a", "転送"), "line", False),
    ),
    "attached object": (
        lambda n: _with({f"{_ATTACHED}__substg1.0_3701000D/CONTENTS": xls({"表": [[n]]})}),
        Found(("a", "", "CONTENTS", "表"), "A1", False),
    ),
}


@pytest.mark.parametrize("place", MESSAGE)
def test_message(place: str) -> None:
    build, where = MESSAGE[place]
    assert where in finds(build(NUMBER), NUMBER)


def _tnef(*attributes: tuple[int, bytes]) -> bytes:
    body = b"".join(
        struct.pack("<BLL", 1, number, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)
        for number, data in attributes
    )
    return b"\x78\x9f\x3e\x22\x01\x00" + body


def _property(kind: int, tag: int, data: bytes, name: str = "") -> bytes:
    head = struct.pack("<HH", kind, tag)
    if name:
        octets = _wide(name + "\0")
        head += bytes(16) + struct.pack("<LL", 1, len(octets)) + octets + bytes(-len(octets) % 4)
    return head + struct.pack("<LL", 1, len(data)) + data + bytes(-len(data) % 4)


def _properties(*each: bytes) -> bytes:
    return struct.pack("<L", len(each)) + b"".join(each)


_MAPI, _PEOPLE, _BODY, _RENDER, _FILE, _ATTACHMENT = (
    0x069003, 0x069004, 0x02800C, 0x069002, 0x06800F, 0x069005
)  # fmt: skip
WINMAIL: dict[str, tuple[Build, Found]] = {
    "body": (lambda n: _tnef((_BODY, n.encode())), LINE),
    "narrow body with its code page": (
        lambda n: _tnef((0x069007, struct.pack("<LL", 932, 0)), (_BODY, _full(n).encode("cp932"))),
        LINE,
    ),
    "HTML": (
        lambda n: _tnef((_MAPI, _properties(_property(0x0102, 0x1013, f"<p>{n}".encode())))),
        LINE,
    ),
    "RTF": (
        lambda n: _tnef(
            (_MAPI, _properties(_property(0x0102, 0x1009, _rtf(b"{\\rtf1 %s}" % n.encode()))))
        ),
        LINE,
    ),
    "name of a property": (
        lambda n: _tnef((_MAPI, _properties(_property(0x001F, 0x8001, _wide("x"), name=n)))),
        LINE,
    ),
    "recipient": (
        lambda n: _tnef(
            (_PEOPLE, struct.pack("<L", 1) + _properties(_property(0x001F, 0x3001, _wide(n))))
        ),
        LINE,
    ),
    "attribute of no known kind": (
        lambda n: _tnef((0x008FFF, n.encode())),
        Found(("a",), "line", True),
    ),
    "attachment": (
        lambda n: _tnef((_RENDER, bytes(14)), (0x018010, b"b.txt\0"), (_FILE, n.encode())),
        Found(("a", "b.txt"), "line", False),
    ),
    "message in the message": (
        lambda n: _tnef(
            (_RENDER, bytes(14)),
            (
                _ATTACHMENT,
                _properties(_property(0x000D, 0x3701, bytes(16) + _tnef((_BODY, n.encode())))),
            ),
        ),
        Found(("a", ""), "line", False),
    ),
}


@pytest.mark.parametrize("place", WINMAIL)
def test_winmail(place: str) -> None:
    build, where = WINMAIL[place]
    assert where in finds(build(NUMBER), NUMBER)
