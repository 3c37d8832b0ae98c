"""Numbers that a formula joins, in workbooks whose program left the results to Excel."""

from __future__ import annotations

import struct
import time
from collections.abc import Mapping
from typing import Any

import pytest

from detectors.budget import Budget
from detectors.extract import read
from detectors.surface import Source, Spot, Table
from tests.detectors.extract.finds import Found, finds
from tests.detectors.extract.parts import changed, unzipped
from tests.detectors.extract.records import book, label, record
from tests.samples import individual_number, workbook

N = individual_number(77)
CELLS = {"A1": N[:4], "D5": N[4:8], "A9": N[8:]}
UNUSUAL = "<!-- no cell -->"  # reads the sheet by expat


def _cell(name: str, value: str) -> str:
    if value.startswith("<"):
        return f'<c r="{name}">{value}</c>'
    if value.startswith("="):
        return f'<c r="{name}"><f>{value[1:]}</f></c>'
    return f'<c r="{name}" t="str"><v>{value}</v></c>'


def _rows(cells: Mapping[str, str]) -> str:
    rows: dict[int, str] = {}
    for name, value in sorted(cells.items(), key=lambda one: (int(one[0][1:]), one[0])):
        rows[int(name[1:])] = rows.get(int(name[1:]), "") + _cell(name, value)
    return "".join(f'<row r="{at}">{inside}</row>' for at, inside in rows.items())


def _book(*sheets: Mapping[str, str], unusual: bool = False) -> bytes:
    made = workbook({f"表 {at}" if at else "表": [["x"]] for at in range(len(sheets))})
    for at, cells in enumerate(sheets, 1):
        part = f"xl/worksheets/sheet{at}.xml"
        old = unzipped(made)[part].decode()
        old = old[old.index("<sheetData>") : old.index("</sheetData>")]
        made = changed(made, part, old, "<sheetData>" + UNUSUAL * unusual + _rows(cells))
    return made


@pytest.mark.parametrize("unusual", [False, True])
@pytest.mark.parametrize(
    "formula",
    [
        "A1&amp;D5&amp;A9",
        "CONCATENATE(A1,D5,$A$9)",
        'A1 &amp; "" &amp; (D5&amp;A9)',
        '_xlfn.CONCAT(_xlfn.TEXTJOIN("-",TRUE,A1,D5,C7,A9))',
        'TEXT(A1,"0000")&amp;TEXT(D5,"0000")&amp;RIGHT("99"&amp;A9,4)',
        "LEFT(A1&amp;D5&amp;A9,12)",
        "MID(A1&amp;D5&amp;A9,1,99)",
        "CONCATENATE(表!A1,'表'!D5,A9)",
        "A1&amp;F1",  # which joins others itself
    ],
)
def test_what_a_formula_would_show_stands_in_its_cell(formula: str, unusual: bool) -> None:
    cells = {**CELLS, "F1": "=D5&amp;A9", "F3": f"={formula}"}
    assert finds(_book(cells, unusual=unusual), N) == [Found(("a", "表"), "F3", False)]


def test_cells_of_other_sheets_before_and_behind_are_known() -> None:
    formula = "CONCATENATE('表 1'!A1,表!B2,'表 1'!A9)"
    for sheets, where in (
        (({"B2": N[4:8], "F3": f"={formula}"}, {"A1": N[:4], "A9": N[8:]}), "表"),
        (({"B2": N[4:8]}, {"A1": N[:4], "A9": N[8:], "F3": f"={formula}"}), "表 1"),
    ):
        assert finds(_book(*sheets), N) == [Found(("a", where), "F3", False)]


@pytest.mark.parametrize("unusual", [False, True])
def test_a_formula_that_cells_share_moves_with_them(unusual: bool) -> None:
    other = individual_number(78)
    cells = {
        "A1": N[:6], "C1": N[6:], "A2": other[:6], "C2": other[6:],
        "F1": '<f t="shared" ref="F1:F2" si="0">A1&amp;C1</f>', "F2": '<f t="shared" si="0"/>',
    }  # fmt: skip
    made = _book(cells, unusual=unusual)
    assert finds(made, N) == [Found(("a", "表"), "F1", False)]
    assert finds(made, other) == [Found(("a", "表"), "F2", False)]


@pytest.mark.parametrize(
    "formula",
    [
        "A1&amp;F3",
        "A1*D5&amp;A9",
        "A1&amp;",
        "SUM(A1,D5)",
        "A1&amp;表9!A1",
        "(" * 2_000,
        '"',
        "A1)",
    ],
)
def test_of_any_other_formula_nothing_is_told(formula: str) -> None:
    (table,) = _tables(_book({**CELLS, "F3": f"={formula}"}))
    assert not any(len(cell) > 4 for row in table.rows for cell in row)


def test_formulas_that_name_each_other_cost_no_more_than_their_number() -> None:
    chain = {"A1": "1", **{f"A{at}": f'=A{at - 1}&amp;"x"&amp;A{at - 1}' for at in range(2, 5_000)}}
    back = {**{f"A{at}": f"=A{at + 1}&amp;A{at + 2}" for at in range(1, 5_000)}, "A5001": "1"}
    start = time.perf_counter()
    for cells in (chain, back):
        assert _tables(_book(cells))
    assert time.perf_counter() - start < 5


def test_a_formula_that_holds_a_value_is_read_by_it() -> None:
    cells = {**CELLS, "F3": "<f>A1&amp;D5&amp;A9</f><v>0</v>"}
    assert finds(_book(cells), N) == []


def _tables(data: bytes) -> list[Table]:
    found = read(Source(Spot("1", ("a",)), "a", data), Budget())
    return [one for one in found if isinstance(one, Table)]


def _formula(tokens: bytes, result: bytes = bytes((3, 0, 0, 0, 0, 0, 255, 255))) -> bytes:
    """In F3."""
    body = struct.pack("<3H", 2, 5, 0) + result + bytes(6) + struct.pack("<H", len(tokens))
    return record(0x06, body + tokens)


def _at(row: int, column: int) -> bytes:
    return b"\x44" + struct.pack("<HH", row, column | 0xC000)


def _text(text: str) -> bytes:
    return b"\x17" + bytes((len(text), 0)) + text.encode()


_SPREAD = label(0, 0, N[:4]) + label(4, 3, N[4:8]) + label(8, 0, N[8:])
_THREE = _at(0, 0) + _at(4, 3) + _at(8, 0)


@pytest.mark.parametrize(
    ("tokens", "result"),
    [
        (_at(0, 0) + _at(4, 3) + b"\x08" + _at(8, 0) + b"\x08", {}),
        (_at(0, 0) + _at(4, 3) + b"\x08" + _at(8, 0) + b"\x08", {"result": bytes(8)}),
        (_THREE + b"\x42\x03\x50\x01", {}),
        (_at(0, 0) + _at(4, 3) + _at(8, 0) + b"\x08\x15\x08\x19\x40\0\0", {}),
        (_THREE + b"\x08\x08" + b"\x1e\x0c\0" + b"\x42\x02\x73\0", {}),
        (_text(N[:8]) + _at(8, 0) + _text("0000") + b"\x41\x30\0" + b"\x08", {}),
    ],
)
def test_formulas_of_old_excel_are_known_as_well(tokens: bytes, result: Any) -> None:
    made = book(_SPREAD + _formula(tokens, **result))
    assert finds(made, N) == [Found(("a", "表1"), "F3", False)]


def test_formulas_of_old_excel_name_other_sheets() -> None:
    there = b"\x5a" + struct.pack("<3H", 0, 8, 0)
    tokens = _at(0, 0) + _at(4, 3) + b"\x08" + there + b"\x08"
    links = record(0x1AE, b"\x02\0\x01\x04") + record(0x17, struct.pack("<4H", 1, 0, 1, 1))
    made = book(
        label(0, 0, N[:4]) + label(4, 3, N[4:8]) + _formula(tokens),
        label(8, 0, N[8:]),
        of_book=links,
    )
    assert finds(made, N) == [Found(("a", "表1"), "F3", False)]


@pytest.mark.parametrize("cut", range(1, 20))
def test_formulas_of_old_excel_that_end_too_early_are_no_damage(cut: int) -> None:
    tokens = (_at(0, 0) + _at(4, 3) + b"\x08" + _at(8, 0) + b"\x08")[:-cut]
    (table,) = _tables(book(_SPREAD + _formula(tokens)))
    assert table.rows[0][0] == N[:4]
