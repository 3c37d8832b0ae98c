"""Files that macOS lays beside those that it packs."""

from __future__ import annotations

import struct

from tests.detectors.extract.finds import finds
from tests.detectors.extract.reads import refusals, surfaces, unread
from tests.samples import individual_number, workbook

NUMBER = individual_number(91)


def _apple(*entries: tuple[int, bytes], magic: int = 0x00051607) -> bytes:
    at = 26 + 12 * len(entries)
    head = struct.pack(">LL16sH", magic, 0x20000, b"Mac OS X        ", len(entries))
    for kind, data in entries:
        head += struct.pack(">3L", kind, at, len(data))
        at += len(data)
    return head + b"".join(data for _, data in entries)


BESIDE = _apple((9, bytes(50)), (2, bytes(286)))


def test_what_macos_lays_beside_a_file_is_nothing_that_was_not_read():
    for data in (BESIDE, b"\0\0\0\1Bud1" + bytes(6_140)):
        assert not unread(surfaces(data))
        assert not refusals(surfaces(data))


def test_a_number_in_the_attributes_of_a_file_is_found():
    data = _apple((9, bytes(50) + f"個人番号 {NUMBER}".encode()), (2, bytes(286)))
    assert [found.hidden for found in finds(data, NUMBER)] == [True]


def test_a_fork_that_holds_something_is_told_as_not_read():
    assert unread(surfaces(_apple((2, bytes(5_000))))) == ["unknown_type"]
    assert unread(surfaces(_apple((9, bytes(70_000))))) == ["unknown_type"]
    assert unread(surfaces(BESIDE + bytes(70_000))) == ["unknown_type"]


def test_a_file_that_is_wrapped_in_one_is_read():
    data = _apple((9, bytes(32)), (1, workbook({"表": [[NUMBER]]})), magic=0x00051600)
    assert finds(data, NUMBER)


def test_one_that_says_more_than_it_has_is_refused():
    for data in (BESIDE[:-1], BESIDE[:30], BESIDE[:24] + b"\xff\xff" + BESIDE[26:]):
        assert refusals(surfaces(data)) == ["corrupt"]
