"""Every place of files of old Office in which a My Number was ever hidden, one line each."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

import pytest

from tests.detectors.extract import records
from tests.detectors.extract.compound import compound, xls
from tests.detectors.extract.finds import Found, finds
from tests.detectors.extract.parts import unzipped
from tests.samples import individual_number, pdf, workbook, zipped

NUMBER = individual_number(32)
Build = Callable[[str], bytes]
WHOLE, UNSEEN = Found(("a",), "", False), Found(("a",), "", True)
LINE = Found(("a",), "line", False)
SHEET = ("a", "表1")


def _wide(text: str) -> bytes:
    return text.encode("utf-16-le")


def _pivot_cache(n: str) -> bytes:
    return compound(
        {
            "Workbook": records.sheets(b""),
            "_SX_DB_CUR/0001": records.record(0xCD, records.wide(n)),
        }
    )


EXCEL: dict[str, tuple[Build, Found]] = {
    "text": (lambda n: records.book(records.label(2, 1, n)), Found(SHEET, "B3", False)),
    "number": (lambda n: records.book(records.number(2, 1, float(n))), Found(SHEET, "B3", False)),
    "shared text": (
        lambda n: records.book(records.shared(0, 0, 0), of_book=records.table([n])),
        Found(SHEET, "A1", False),
    ),
    "shared text over two records": (
        lambda n: records.book(records.shared(0, 0, 1), of_book=records.table(["x", n], cut=7)),
        Found(SHEET, "A1", False),
    ),
    "string that no cell shows": (
        lambda n: records.book(b"", of_book=records.table([n])),
        UNSEEN,
    ),
    "three cells": (
        lambda n: records.book(b"".join(records.label(1, at, n[4 * at :][:4]) for at in range(3))),
        Found(SHEET, "A2", False),
    ),
    "one digit a cell": (
        lambda n: records.book(b"".join(records.small(0, at, int(d)) for at, d in enumerate(n))),
        Found(SHEET, "A1", False),
    ),
    "hidden sheet": (
        lambda n: records.book(b"", records.label(0, 0, n), states=(0, 1)),
        Found(("a", "表2"), "A1", True),
    ),
    "very hidden sheet": (
        lambda n: records.book(b"", records.label(0, 0, n), states=(0, 2)),
        Found(("a", "表2"), "A1", True),
    ),
    "hidden row": (
        lambda n: records.book(
            records.record(0x208, struct.pack("<6HL", 0, 0, 9, 0, 0, 0, 0x20))
            + records.label(0, 0, n)
        ),
        Found(SHEET, "A1", True),
    ),
    "hidden column": (
        lambda n: records.book(
            records.record(0x7D, struct.pack("<6H", 0, 0, 9, 0, 1, 0)) + records.label(0, 0, n)
        ),
        Found(SHEET, "A1", True),
    ),
    "comment": (lambda n: records.book(records.note(1, 2, n)), Found(SHEET, "cell:C2", False)),
    "text box": (lambda n: xls({"表1": [["x"]]}, box=n), Found(SHEET, "", False)),
    "page header": (
        lambda n: records.book(records.record(0x14, records.wide(f"&L {n}"))),
        Found(SHEET, "", False),
    ),
    "value of a formula": (
        lambda n: records.book(
            records.record(0x06, struct.pack("<3H8s6x", 1, 1, 0, b"\0" * 6 + b"\xff\xff"))
            + records.record(0x207, records.wide(n))
        ),
        Found(SHEET, "B2", False),
    ),
    "validation": (
        lambda n: records.book(records.record(0x1BE, bytes(4) + records.wide(n))),
        UNSEEN,
    ),
    "rows that a pivot table has counted": (_pivot_cache, UNSEEN),
    "property": (
        lambda n: compound(
            {"Workbook": records.sheets(b""), "\x05SummaryInformation": b"\x1e\0\0\0" + n.encode()}
        ),
        UNSEEN,
    ),
}


@pytest.mark.parametrize("place", EXCEL)
def test_excel(place: str) -> None:
    build, where = EXCEL[place]
    assert finds(build(NUMBER), NUMBER) == [where]


def test_a_format_of_old_excel_puts_the_zeros_back() -> None:
    styles = records.record(0x41E, struct.pack("<H", 164) + records.wide("000000000000"))
    styles += records.record(0xE0, struct.pack("<HH", 0, 164) + bytes(16))
    data = records.book(records.number(0, 0, 12345.0), of_book=styles)
    assert finds(data, "12345".zfill(12)) == [Found(SHEET, "A1", False)]


def _source_of_macro(n: str) -> bytes:
    """A module: its source, deflated as literals only, behind what was compiled."""
    source = f'Attribute VB_Name = "M"\r\nConst no = "{n}"\r\n'.encode()
    chunk = b"".join(b"\0" + source[at : at + 8] for at in range(0, len(source), 8))
    return b"\1\2\3\4" + b"\x01" + struct.pack("<H", 0xB000 | len(chunk) - 1) + chunk


def _in_pool(n: str) -> bytes:
    """An object of Excel in a document of Word: a storage and not a file."""
    stream = records.sheets(records.label(0, 0, n))
    return compound({**records.word("本文\r"), "ObjectPool/_1/Workbook": stream})


def _blip(data: bytes) -> bytes:
    """An OfficeArt record that says JPEG."""
    body = bytes(17) + b"\xff\xd8\xff" + data
    return b"\0\0" + struct.pack("<HHL", 0x46A0, 0xF01D, len(body)) + body


def _object(data: bytes) -> bytes:
    ole = compound({"Package": data})
    body = struct.pack("<L", len(ole)) + zlib.compress(ole)
    return records.atom(0x1011, body, 0x10)


def _with_macro(n: str) -> bytes:
    files = unzipped(workbook({"表": [["x"]]}))
    project = compound({"VBA/dir": b"x", "VBA/M": _source_of_macro(n)})
    return zipped({**files, "xl/vbaProject.bin": project})


PLACES: dict[str, tuple[Build, Found]] = {
    "doc: text": (lambda n: compound(records.word(f"番号 {n}\r")), LINE),
    "doc: cell of a table": (
        lambda n: compound(records.word(f"氏名\x07個人番号\x07\x07山田\x07{n}\x07\x07後\r")),
        Found(("a",), "B2", False),
    ),
    "doc: hidden text": (lambda n: compound(records.word(f"x{n}y\r", hidden=(1, 13))), UNSEEN),
    "doc: deleted text": (
        lambda n: compound(records.word(f"x{n}y\r", hidden=(1, 13), sprm=0x0800)),
        UNSEEN,
    ),
    "doc: field code": (lambda n: compound(records.word(f"\x13 QUOTE {n} \x14x\x15\r")), UNSEEN),
    "doc: digits that fields box": (
        lambda n: compound(records.word("".join(f"\x13 eq \\x({d}) \x15" for d in n) + "\r")),
        LINE,
    ),
    "doc: header, note, comment": (lambda n: compound(records.word(f"本文\r{n}\r", body=3)), WHOLE),
    "doc: text that was deleted and saved fast": (
        lambda n: compound(records.word("本文\r", left=n)),
        UNSEEN,
    ),
    "doc: embedded workbook": (_in_pool, Found(("a", "_1", "表1"), "A1", False)),
    "doc: macro": (
        lambda n: compound({**records.word("本文\r"), "Macros/VBA/M": _source_of_macro(n)}),
        UNSEEN,
    ),
    "doc: picture of a page": (
        lambda n: compound({**records.word("本文\r"), "Data": _blip(pdf([n]))}),
        Found(("a", "picture1"), "page:1", False),
    ),
    "ppt: slide": (
        lambda n: records.presentation("一", n),
        Found(("a",), "slide:2", False),
    ),
    "ppt: hidden slide": (
        lambda n: records.presentation("一", n, hidden=[2]),
        Found(("a",), "slide:2", True),
    ),
    "ppt: slide that was deleted and saved fast": (
        lambda n: records.presentation("一", gone=n),
        UNSEEN,
    ),
    "ppt: embedded workbook": (
        lambda n: compound({"PowerPoint Document": _object(workbook({"表": [[n]]}))}),
        Found(("a", "object1", "Package", "表"), "A1", False),
    ),
    "xlsm: macro": (lambda n: _with_macro(n), UNSEEN),
    "OLE: stream of an unknown program": (lambda n: compound({"Quill": _wide(n)}), UNSEEN),
    "OLE: embedded file": (
        lambda n: compound({"CONTENTS": pdf([n])}),
        Found(("a", "CONTENTS"), "page:1", False),
    ),
}


@pytest.mark.parametrize("place", PLACES)
def test_place(place: str) -> None:
    build, where = PLACES[place]
    assert where in finds(build(NUMBER), NUMBER)
