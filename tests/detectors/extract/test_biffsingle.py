"""Worksheets of Excel 2 to 4, without a compound file around them."""

import struct

import pytest

from tests.detectors.extract.reads import refusals, said, surfaces, tables
from tests.samples import individual_number

NUMBER, OTHER = individual_number(51), individual_number(52)
NAME = "個人番号".encode("cp932")


def record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def oldest(*cells: bytes) -> bytes:
    return record(0x09, struct.pack("<HH", 2, 0x10)) + b"".join(cells) + record(0x0A)


def later(version: int, *cells: bytes) -> bytes:
    begin = record(0x009 | version << 8, struct.pack("<3H", 0, 0x10, 0))
    return begin + b"".join(cells) + record(0x0A)


def at(row: int, column: int, style: int = 2) -> bytes:
    return struct.pack("<HH", row, column) + bytes(style)


def test_it_works():
    found = surfaces(
        oldest(
            record(0x04, at(0, 1, 3) + bytes([len(NAME)]) + NAME),
            record(0x04, at(1, 0, 3) + b"\x01A"),
            record(0x04, at(1, 1, 3) + b"\x0c" + NUMBER.encode()),
            record(0x02, at(2, 0, 3) + struct.pack("<H", 7)),
            record(0x03, at(2, 1, 3) + struct.pack("<d", int(OTHER))),
        ),
        "a.xls",
    )
    (table,) = tables(found)
    assert table.rows == [["", "個人番号"], ["A", NUMBER], ["7", str(int(OTHER))]]
    assert table.numeric == {(3, 2)}


@pytest.mark.parametrize("version", [2, 4])
def test_the_same_of_excel_3_and_4(version):
    nothing = struct.pack("<d", 0)
    found = surfaces(
        later(
            version,
            record(0x204, at(0, 0) + struct.pack("<H", len(NAME)) + NAME),
            record(0x006 | version << 8, at(1, 0) + nothing),
            record(0x207, struct.pack("<H", 12) + NUMBER.encode()),
            record(0x14, f"\x10{OTHER}".encode()),
        )
    )
    assert tables(found)[0].rows == [["個人番号"], [NUMBER]]
    assert OTHER in said(found, hidden=True)


def test_one_that_is_cut_off_is_damaged_and_one_with_a_password_is_locked():
    whole = oldest(record(0x04, at(0, 0, 3) + b"\x0c" + NUMBER.encode()))
    assert not refusals(surfaces(whole))
    assert refusals(surfaces(whole[:-4])) == ["corrupt"]
    assert refusals(surfaces(oldest(record(0x2F, bytes(4))))) == ["encrypted_office"]
