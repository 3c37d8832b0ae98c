"""Tables of dBASE, as programs of Japanese offices wrote them."""

from __future__ import annotations

import struct

import pytest

from tests.detectors.extract.finds import Found, finds
from tests.detectors.extract.reads import refusals, surfaces, tables
from tests.samples import individual_number

NUMBER = individual_number(61)
Column = tuple[str, str, int]
STAFF = [("氏名", "C", 20), ("個人番号", "C", 12), ("支給額", "N", 9)]


def _file(columns: list[Column], *rows: bytes) -> bytes:
    head = b"".join(
        name.encode("cp932").ljust(11, b"\0")
        + kind.encode()
        + bytes((0, 0, 0, 0, width))
        + bytes(15)
        for name, kind, width in columns
    )
    size = 1 + sum(width for *_, width in columns)
    begun = b"\x03\x7e\x0b\x17" + struct.pack("<LHH20x", len(rows), 33 + len(head), size)
    return begun + head + b"\r" + b"".join(rows) + b"\x1a"


def _row(*values: str, mark: bytes = b" ") -> bytes:
    widths = (20, 12, 9)
    return mark + b"".join(v.encode("cp932").ljust(w) for v, w in zip(values, widths, strict=True))


def test_rows_stand_under_the_names_of_their_columns() -> None:
    data = _file(STAFF, _row("早川　雅人", NUMBER, "300000"))
    (table,) = tables(surfaces(data, "a.dbf"))
    assert table.rows == [["氏名", "個人番号", "支給額"], ["早川　雅人", NUMBER, "300000"]]


def test_one_with_another_name_is_known_by_its_order() -> None:
    long = _file(STAFF, *[_row("早川　雅人", NUMBER, "300000")] * 2_000)
    for data in (_file(STAFF, _row("x", NUMBER, "1")), long, long[:-1]):
        assert finds(data, NUMBER, "a.dat")[0] == Found(("a.dat",), "B2", False)


def test_a_row_that_is_marked_as_deleted_is_read_as_hidden() -> None:
    data = _file(STAFF, _row("x", NUMBER, "1", mark=b"*"))
    assert finds(data, NUMBER, "a.dbf") == [Found(("a.dbf",), "B2", True)]


def test_a_number_stored_as_a_number_may_have_lost_its_zeros() -> None:
    data = _file([("個人番号", "N", 12)], b" " + b"12345678901".rjust(12))
    assert tables(surfaces(data, "a.dbf"))[0].numeric == {(2, 1)}


@pytest.mark.parametrize(
    ("kind", "octets", "text"),
    [("I", struct.pack("<l", -7), "-7"), ("B", struct.pack("<d", float(NUMBER)), NUMBER)],
)
def test_values_that_are_no_letters(kind: str, octets: bytes, text: str) -> None:
    data = _file([("値", kind, len(octets))], b" " + octets)
    assert tables(surfaces(data, "a.dbf"))[0].rows[1] == [text]


def test_what_is_not_as_it_says_is_refused() -> None:
    data = _file(STAFF, _row("x", NUMBER, "1"))
    sealed = data[:15] + b"\1" + data[16:]
    assert refusals(surfaces(sealed, "a.dbf")) == ["encrypted_archive"]
    strange = _file([("値", "?", 3)], b" abc")
    assert refusals(surfaces(strange, "a.dbf")) == ["format_not_supported"]
    for broken in (
        data[:-5],
        data[:40],
        data[:10] + b"\1\0" + data[12:],
        data[:4] + b"\xff\xff" + data[6:],
    ):
        assert refusals(surfaces(broken, "a.dbf")) == ["corrupt"]
