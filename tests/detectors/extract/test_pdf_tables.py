"""Cells of a PDF: what the eye sees as columns is no number across them."""

from __future__ import annotations

import random
import time
import zlib

import pytest
from fpdf import FPDF

from detectors import inspect
from detectors.report import Confidence
from tests import fonts
from tests.detectors.extract.reads import refusals, said, surfaces, tables
from tests.samples import individual_number, individual_numbers, message

pytestmark = pytest.mark.slow

A, B, C = individual_numbers(3, seed=4)
NUMBER = individual_number(7)
FOURS = [" ".join((n[:4], n[4:8], n[8:])) for n in (A, B, C)]


def made(japanese: bool = False) -> FPDF:
    page = FPDF()
    if japanese and not fonts.small():
        pytest.skip("no Japanese font on this machine")
    if japanese:
        page.add_font("cjk", fname=fonts.small())
    page.set_font("cjk" if japanese else "Helvetica", size=9)
    page.set_auto_page_break(False)
    page.add_page()
    return page


def sheet(rows, widths, border=1, align="L", height=5.0) -> bytes:
    page = made()
    for row in rows:
        page.set_x(10)
        for text, width in zip(row, widths, strict=True):
            page.cell(width, height, text, border=border, align=align)
        page.ln(height)
    return bytes(page.output())


def cells(data: bytes) -> list[str]:
    return [cell for table in tables(surfaces(data)) for row in table.rows for cell in row if cell]


def heading(data: bytes, number: str) -> str:
    """What stands over the number in its column, first."""
    (table,) = (t for t in tables(surfaces(data)) if any(number in row for row in t.rows))
    at = next(row for row in table.rows if number in row).index(number)
    return next(row[at] for row in table.rows if row[at])


@pytest.mark.parametrize("border", [0, 1], ids=["open", "ruled"])
def test_it_works(border):
    rows = [["Name", "Birth", "My Number", "Account"]]
    rows += [["Taro Yamada", "1985/04/01", n, f"00{n[:5]}"] for n in (A, B, C)]
    data = sheet(rows, [25, 20, 24, 20], border)
    assert [heading(data, n) for n in (A, B, C)] == ["My Number"] * 3
    assert "1985/04/01" in cells(data)
    assert [f.confidence for f in inspect(message("list", "", [("a.pdf", data)])).findings] == [
        Confidence.HIGH
    ]


def test_columns_of_parts_before_the_whole():
    rows = [["Name", "1st", "2nd", "3rd", "My Number"]]
    rows += [["Yamada", n[:4], n[4:8], n[8:], f"{n[:4]}-{n[4:8]}-{n[8:]}"] for n in (A, B, C)]
    found = cells(sheet(rows, [20, 9, 9, 9, 30]))
    assert {row[-1] for row in rows} <= {*found}
    assert found.count(A[:4]) == 1


def test_groups_of_four_beside_one_another():
    data = sheet([["Name", "Yamada", "Sato", "Suzuki"], ["My Number", *FOURS]], [20, 24, 24, 24], 0)
    assert {*FOURS} <= {*cells(data)}


def test_two_tables_side_by_side():
    rows = [["Name", "My Number", "", "Name", "Pay", "Individual Number"]]
    rows += [["Yamada", n, "", "Sato", "1200", m] for n, m in ((A, B), (C, NUMBER))]
    data = sheet(rows, [20, 25, 10, 20, 12, 25])
    assert heading(data, A) == "My Number"
    assert heading(data, NUMBER) == "Individual Number"


def test_a_heading_at_the_left_over_figures_at_the_right():
    page = made()
    page.cell(40, 5, "Name")
    page.cell(60, 5, "My Number")
    page.cell(20, 5, "Note", new_x="LMARGIN", new_y="NEXT")
    for n in (A, B, C):
        page.cell(40, 5, "Taro Yamada")
        page.cell(60, 5, n, align="R")
        page.cell(20, 5, "ok", align="R", new_x="LMARGIN", new_y="NEXT")
    assert heading(bytes(page.output()), B) == "My Number"


@pytest.mark.slow
def test_what_was_broken_inside_of_a_cell_is_whole():
    page = made(japanese=True)
    with page.table(width=80, col_widths=(30, 25, 25), first_row_as_headings=False) as table:
        table.row(["氏名", "マイナンバー（個人番号）", "免許証番号"])
        table.row(["山田", f"{A[:4]}－{A[4:8]}－{A[8:]}", "済"])
    data = bytes(page.output())
    assert f"{A[:4]}－{A[4:8]}－{A[8:]}" in cells(data)
    assert "マイナンバー（個人番号）" in cells(data)


def test_digits_laid_over_a_form_in_any_order():
    page = made()
    page.text(20, 50, "My Number")
    order = [*enumerate(NUMBER)]
    random.Random(3).shuffle(order)
    for at, digit in order:
        page.text(50 + 5 * at, 50, digit)
    text = said(surfaces(bytes(page.output())))
    assert f"My Number\t{' '.join(NUMBER)}" in text


@pytest.mark.parametrize("between", [5, 10, 14])
def test_groups_of_four_boxes_apart_are_one_number(between):
    page = made()
    page.text(50, 45, "My Number")
    for at, digit in enumerate(NUMBER):
        page.text(50 + 5 * at + (between - 5) * (at // 4), 50, digit)
    page.text(50, 60, "Account")
    for at, digit in enumerate(A):
        page.text(50 + 5 * at + 12 * (at // 5), 65, digit)
    text = said(surfaces(bytes(page.output())))
    assert " ".join(NUMBER) in text
    assert " ".join(A) not in text


def test_the_order_of_the_file_makes_no_number():
    page = made()
    wrong = NUMBER[::-1]
    for at, digit in enumerate(NUMBER):
        page.text(50 + 5 * (11 - at), 50, digit)
    text = said(surfaces(bytes(page.output()))).replace(" ", "")
    assert wrong in text
    assert NUMBER not in text


def test_a_page_that_lies_on_its_side():
    page = made()
    with page.rotation(90, x=100, y=100):
        page.text(50, 60, "My Number")
        page.text(50, 66, "1985/04/01")
        page.text(75, 66, A)
    text = said(surfaces(bytes(page.output())))
    assert f"1985/04/01\t;{A}" in text


def test_letters_drawn_twice_are_bold():
    page = made()
    for shift in (0, 0.1):
        page.text(50 + shift, 50, f"My Number {NUMBER}")
    assert f"My Number {NUMBER}" in said(surfaces(bytes(page.output())))


@pytest.mark.slow
def test_lines_of_prose_stay_lines():
    page = made(japanese=True)
    page.text(20, 50, "担当者　　　　　　　 山田")
    page.text(20, 55, f"個人番号は {NUMBER} です。次の行に続きます。")
    found = surfaces(bytes(page.output()))
    assert not tables(found)
    assert f"個人番号は {NUMBER} です。" in said(found)


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_a_page_of_eight_million_words_is_refused_in_seconds(layers):
    content = b"BT /F1 12 Tf " + b"(0123456789) Tj " * 2_000_000
    for _ in range(layers):
        content = zlib.compress(content, 9)
    filters = b"/FlateDecode" * layers
    data = (
        b"%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>endobj\n"
        b"4 0 obj<</Length %d/Filter[%s]>>stream\n%s\nendstream endobj\ntrailer<</Root 1 0 R>>"
    ) % (len(content), filters, content)
    started = time.process_time()
    assert refusals(surfaces(data)) == ["over_budget"]
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    "pieces",
    [
        [("個人", 77), ("番号", 83)],
        [("個", 74), ("人", 78), ("番", 82), ("号", 86)],
        [("マイ", 77), ("ナンバー", 81)],
    ],
    ids=["two lines", "down", "katakana"],
)
def test_a_label_on_lines_of_its_own_is_whole(pieces):
    _told_beside_and_over(pieces, 0.5)


def test_a_label_that_was_broken_at_its_last_letter_is_whole():
    _told_beside_and_over([("個人番", 78), ("号", 82)], 0)


def _told_beside_and_over(pieces, share):
    """`share` of its width stands left of where a piece is set: 0.5 for the middle."""
    beside, over = made(japanese=True), made(japanese=True)
    for text, y in pieces:
        for page in (beside, over):
            page.text(20 - share * page.get_string_width(text), y, text)
    beside.text(40, 80, A)
    beside.text(20, 120, "氏名")
    over.text(70, 80, "氏名")
    over.text(15, 95, A)
    over.text(70, 95, "山田")
    for page in (beside, over):
        (found,) = inspect(message("list", "", [("a.pdf", bytes(page.output()))])).findings
        assert found.confidence is Confidence.HIGH
