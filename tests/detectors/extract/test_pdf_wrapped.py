"""A number broken inside of a narrow cell is whole where no rule is drawn; what has rows is not."""

from __future__ import annotations

import pytest
from fpdf import FPDF

from detectors import inspect
from detectors.report import Confidence
from tests import fonts
from tests.detectors.extract.reads import surfaces, tables
from tests.samples import individual_numbers, message

pytestmark = pytest.mark.slow

NUMBERS = individual_numbers(3, seed=8)
HEADINGS = ["氏名", "個人番号", "電話", "部署"]
SIZE = 9.0
PITCH = 4.0
"""Millimetres from line to line; rows of several lines follow at the same."""

Cell = list[str]
Row = list[Cell]


def made() -> FPDF:
    if not fonts.small():
        pytest.skip("no Japanese font on this machine")
    page = FPDF()
    page.add_font("cjk", fname=fonts.small())
    page.set_font("cjk", size=SIZE)
    page.add_page()
    return page


def laid(rows: list[Row], place: float = 0.0, headings: list[str] = HEADINGS) -> bytes:
    """A table, cell by cell; short cells stand at the top (0), in the middle or at the end (1)."""
    page, y = made(), 20.0
    for row in [[[heading] for heading in headings], *rows]:
        most = max(map(len, row))
        for at, cell in enumerate(row):
            for line, text in enumerate(cell):
                page.text(10 + 20 * at, y + PITCH * (line + place * (most - len(cell))), text)
        y += PITCH * most
    return bytes(page.output())


def persons(broken: list[Cell]) -> list[Row]:
    return [
        [["山田 太郎"], number, ["03-1234-", f"567{at}"], ["総務部"]]
        for at, number in enumerate(broken)
    ]


def cells(data: bytes) -> list[str]:
    return [cell for table in tables(surfaces(data)) for row in table.rows for cell in row if cell]


def confidences(data: bytes) -> list[Confidence]:
    found = inspect(message("名簿", "", [("a.pdf", data)])).findings
    return [one.confidence for one in found for _ in range(one.unique)]


def wide(text: str) -> str:
    return text.translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789"}).replace("-", "－")


FORMS = {
    "anywhere": lambda n: [n[:8], n[8:]],
    "hyphens": lambda n: [f"{n[:4]}-{n[4:8]}-", n[8:]],
    "hyphens, the first alone": lambda n: [f"{n[:4]}-", f"{n[4:8]}-{n[8:]}"],
    "three lines": lambda n: [f"{n[:4]}-", f"{n[4:8]}-", n[8:]],
    "blanks": lambda n: [f"{n[:4]} {n[4:8]}", n[8:]],
    "blanks, three lines": lambda n: [n[:4], n[4:8], n[8:]],
    "blanks after each": lambda n: [" ".join(n[:7]), " ".join(n[7:])],
    "full width": lambda n: [wide(n[:5]), wide(n[5:10]), wide(n[10:])],
    "full width, hyphens": lambda n: [wide(f"{n[:4]}-"), wide(f"{n[4:8]}-"), wide(n[8:])],
}


@pytest.mark.parametrize("place", [0, 0.5, 1], ids=["top", "middle", "end"])
@pytest.mark.parametrize("form", FORMS)
def test_a_number_broken_in_a_narrow_cell_is_found(form, place):
    data = laid(persons([FORMS[form](n) for n in NUMBERS]), place)
    assert confidences(data) == [Confidence.HIGH] * 3


def test_its_row_is_one():
    data = laid(persons([FORMS["hyphens"](n) for n in NUMBERS]))
    (table,) = tables(surfaces(data))
    whole = [f"{n[:4]}-{n[4:8]}-{n[8:]}" for n in NUMBERS]
    assert [[*row] for row in table.rows][1:] == [
        ["山田 太郎", number, f"03-1234-\n567{at}", "総務部"] for at, number in enumerate(whole)
    ]


def test_the_last_piece_may_stand_alone_under_the_table():
    rows = [[["山田 太郎"], FORMS["anywhere"](n), ["済"], ["総務部"]] for n in NUMBERS]
    assert confidences(laid(rows)) == [Confidence.HIGH] * 3


def test_pieces_that_have_rows_of_their_own_are_no_number():
    rows = [
        [[name], [part], ["03-1234-5678"], ["総務部"]]
        for n in NUMBERS
        for name, part in zip(["山田 太郎", "佐藤 花子"], FORMS["anywhere"](n), strict=True)
    ]
    data = laid(rows)
    assert {n[:8] for n in NUMBERS} <= {*cells(data)}
    assert confidences(data) == []


def test_pieces_with_room_beside_them_are_no_number():
    headings = ["氏名", "個人番号の一部（４桁）", "", "部署"]
    rows = [[["山田 太郎"], FORMS["blanks, three lines"](n), [], ["総務部"]] for n in NUMBERS]
    assert {n[:4] for n in NUMBERS} <= {*cells(laid(rows, headings=headings))}


def test_pieces_of_a_longer_number_are_none():
    card = [[f"{n[:4]}-{n[4:8]}-", f"{n[8:]}-", n[:4]] for n in NUMBERS]
    loose = [[f"{n[:4]} {n[4:8]}", n[8:], n[:4]] for n in NUMBERS]
    for broken in (card, loose):
        assert confidences(laid(persons(broken))) == []


def test_a_rule_between_two_rows_parts_them():
    page = made()
    for at, heading in enumerate(HEADINGS):
        page.text(10 + 20 * at, 20, heading)
    for row, n in enumerate(NUMBERS):
        y = 26 + 8 * row
        page.text(10, y, "山田 太郎")
        page.text(30, y, n[:8])
        page.text(30, y + 4, n[8:])
        page.text(50, y, "03-1234-5678")
        page.line(8, y + 1, 90, y + 1)
    assert {n[:8] for n in NUMBERS} <= {*cells(bytes(page.output()))}
