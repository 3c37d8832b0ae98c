"""What old Office files hold that no screen shows, and what they carry along."""

from __future__ import annotations

import struct

import pytest

import detectors
from tests.detectors.extract import records
from tests.detectors.extract.compound import compound
from tests.detectors.extract.records import atom, label, number, record

WHITE, NAVY, BLACK, AUTOMATIC = 9, 18, 8, 0x7FFF


def facts(data: bytes) -> set[tuple[str, str]]:
    report = detectors.inspect(data, detectors.Wanted(name="a"))
    return {(f.reason.code if f.reason else f.name, f.range) for f in report.facts}


def book(
    letters: int = AUTOMATIC,
    *,
    pattern: int = 0,
    fill: int = 64,
    twips: int = 220,
    code: str = "",
    after: bytes = b"",
    text: str = "原価",
) -> bytes:
    """A workbook whose B3 is a text and B4 a number, both in a style of these looks."""
    fonts = [(220, AUTOMATIC)] * 4 + [(twips, letters)]  # the fifth has the index 5
    styles = b"".join(
        record(0x31, struct.pack("<3H", font[0], 0, font[1]) + bytes(8)) for font in fonts
    )
    styles += record(0x41E, struct.pack("<H", 164) + records.wide(code)) if code else b""
    for font, form in ((0, 0), (5, 164 if code else 0)):
        body = struct.pack("<HH", font, form).ljust(17, b"\0")
        styles += record(0xE0, body + struct.pack("<BH", pattern << 2, fill))
    cells = record(0x204, struct.pack("<3H", 2, 1, 1) + records.wide(text))
    return records.book(cells + number(3, 1, 80.0, style=1) + after, of_book=styles)


def summary(author: str) -> bytes:
    """A set of properties with the author ([MS-OLEPS] 2.20)."""
    octets = author.encode("cp932") + b"\0"
    body = struct.pack("<4L", 0, 1, 4, 16) + struct.pack("<LL", 0x1E, len(octets)) + octets
    return struct.pack("<HHL16sL16sL", 0xFFFE, 0, 0, b"", 1, b"", 48) + body


def remarked() -> dict[str, bytes]:
    streams = records.word("本文と、コメント", body=3)
    main = bytearray(streams["WordDocument"])
    struct.pack_into("<L", main, 0x5C, 4)
    return {**streams, "WordDocument": bytes(main)}


def saved(path: str) -> dict[str, bytes]:
    streams = records.word("本文")
    main, table = bytearray(streams["WordDocument"]), streams["1Table"]
    struct.pack_into("<LL", main, 0x2D2, len(table), 2 * len(path))
    return {"WordDocument": bytes(main), "1Table": table + path.encode("utf-16-le")}


def deck(*, note: str = "", comment: bytes = b"") -> bytes:
    """A slide with a note to it, which is empty as most are, and a comment."""
    persists = atom(0x03F3, struct.pack("<5L", 2, 0, 0, 257, 0))
    stream = atom(0x03E8, atom(0x0FF0, persists, 0x0F), 0x0F)
    place = len(stream)
    stream += atom(0x03EE, records._said("見積") + comment, 0x0F)
    stream += atom(0x03F0, atom(0x03F1, struct.pack("<LL", 257, 0)) + records._said(note), 0x0F)
    stream += atom(0x1772, struct.pack("<2L", 1 << 20 | 2, place))
    return compound({"PowerPoint Document": stream})


LINKED = record(0x1AE, struct.pack("<HH", 1, 7) + b"\0" + b"\x01a.xls ")
ITSELF = record(0x1AE, struct.pack("<HH", 1, 0x0401))
CASES: dict[str, tuple[bytes, set[tuple[str, str]]]] = {
    "xls: white": (book(WHITE), {("text_in_background", "B3:B4")}),
    "xls: black on black": (book(8, pattern=1, fill=BLACK), {("text_in_background", "B3:B4")}),
    "xls: two points": (book(twips=40), {("text_tiny", "B3:B4")}),
    "xls: a format of nothing": (book(code=";;;"), {("cell_shows_nothing", "B3:B4")}),
    "xls: a format for no number": (book(code=";;"), {("cell_shows_nothing", "B4")}),
    "xls: as usual": (book(), set()),
    "xls: white on navy": (book(WHITE, pattern=1, fill=NAVY), set()),
    "xls: a condition": (book(WHITE, after=record(0x1B0, bytes(16))), set()),
    "xls: a comment": (records.book(records.note(4, 2, "値引き可")), {("comments", "C5")}),
    "xls: another workbook": (
        records.book(label(0, 0, "a"), of_book=LINKED),
        {("external_links", "")},
    ),
    "xls: its own sheets": (records.book(label(0, 0, "a"), of_book=ITSELF), set()),
    "xls: a log of changes": (
        compound({"Workbook": records.sheets(label(0, 0, "a")), "Revision Log": b"x"}),
        {("tracked_changes", "")},
    ),
    "xls: its author": (
        compound({"Workbook": records.sheets(b""), "\x05SummaryInformation": summary("山田")}),
        {("author", "")},
    ),
    "xls: nobody": (
        compound({"Workbook": records.sheets(b""), "\x05SummaryInformation": summary(" ")}),
        set(),
    ),
    "doc: hidden": (
        compound(records.word("原価 80", hidden=(0, 2))),
        {("text_vanished", "")},
    ),
    "doc: the code of a field": (
        compound(records.word("\x13 XE 原価 \x14\x15", hidden=(1, 7))),
        set(),
    ),
    "doc: an insertion": (
        compound(records.word("原価 80", hidden=(0, 2), sprm=0x0801)),
        {("tracked_changes", "")},
    ),
    "doc: a comment": (compound(remarked()), {("comments", "")}),
    "doc: where it was saved": (compound(saved("山田\0C:\\営業\\a.doc")), {("folder_path", "")}),
    "doc: who saved it": (compound(saved("山田")), set()),
    "rtf: a comment": (rb"{\rtf1 a{\*\annotation 80}}", {("comments", "")}),
    "rtf: an insertion": (rb"{\rtf1 a{\revised\revauth1 80}}", {("tracked_changes", "")}),
    "ppt: a note": (deck(note="値引き可"), {("speaker_notes", "slide:1")}),
    "ppt: an empty note": (deck(), set()),
    "ppt: a comment": (
        deck(comment=atom(0x2EE0, atom(0x2EE1, bytes(28)), 0x0F)),
        {("comments", "slide:1")},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_it_tells_what_is_hidden_and_nothing_else(case: str) -> None:
    data, expected = CASES[case]
    assert facts(data) == expected
