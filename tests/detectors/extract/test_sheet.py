"""The quick reading of a worksheet and the strict one say the same, whatever is written."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detectors.budget import Budget
from detectors.extract.excel import cellrows, sheet
from detectors.extract.excel.cellrows import Strings
from detectors.extract.reading import Refused
from tests.detectors.extract.parts import S

STRINGS = ["個人番号", "A&B", "x"]
FORMATS = ["General", "000000000000", "yyyy/m/d", "#,##0"]
HEAD, TAIL = f"<worksheet {S}><sheetData>", "</sheetData></worksheet>"
_values = st.sampled_from(["1", "123456789012", "0.5", "1.5E+3", "46000", "", "a&amp;b", "99"])
_cells = st.builds(
    lambda column, style, kind, value, formula: (
        f'<c r="{column}{{row}}"{style}{kind}>{formula}<v>{value}</v></c>'
    ),
    st.sampled_from(["A", "B", "C", "AA"]),
    st.sampled_from(["", ' s="1"', ' s="2"', ' s="3"', ' s="9"']),
    st.sampled_from(["", ' t="n"', ' t="s"', ' t="str"', ' t="b"']),
    _values,
    st.sampled_from(["", "<f>A1</f>", '<f t="shared" si="0"/>', '<f>"12"&amp;"34"</f>']),
)
_others = st.sampled_from(
    [
        '<c r="B{row}" t="inlineStr"><is><t xml:space="preserve"> 12 </t></is></c>',
        '<c r="C{row}" s="1"/>',
        '<c r="C{row}"><v/></c>',
        "<c><v>7</v></c>",
        '<c r="D{row}" ph="1"><v>7</v></c>',
        '<c r="D{row}" t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r></is></c>',
        "<v>5</v>",
        "<!-- x -->",
        "<![CDATA[<c>]]>",
        "<x/>",
        "\n ",
    ]
)
_rows = st.lists(
    st.tuples(
        st.integers(1, 9),
        st.sampled_from(["", ' hidden="1"', ' ht="0"', ' spans="1:5"']),
        st.lists(st.one_of(_cells, _cells, _cells, _others), max_size=5),
    ),
    max_size=5,
)


def written(rows: list[tuple[int, str, list[str]]]) -> str:
    return "".join(
        f'<row r="{number}"{more}>{"".join(cells).replace("{row}", str(number))}</row>'
        for number, more, cells in rows
    )


def strictly(data: bytes, strings: Strings) -> cellrows.Cells | None:
    try:
        return sheet._Reader(strings, FORMATS, Budget()).feed(data).cells
    except Refused:
        return None


# A busy machine takes more than a second to draw the first of them.
@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(_rows)
def test_both_readings_agree(rows: list[tuple[int, str, list[str]]]) -> None:
    body = written(rows)
    quick = cellrows.usual(body, first := Strings([*STRINGS]), FORMATS, Budget())
    slow = strictly(f"{HEAD}{body}{TAIL}".encode(), second := Strings([*STRINGS]))
    if quick is not None and slow is not None and "<v>5</v><" not in body:
        assert quick.rows == slow.rows
        if quick.rows:
            assert (quick.first_row, quick.first_column) == (slow.first_row, slow.first_column)
        assert quick.numeric == slow.numeric
        assert quick.hidden_rows == slow.hidden_rows
        assert quick.formulas == slow.formulas
        assert first.spare == second.spare


def test_it_is_the_quick_one_that_reads_what_programs_write() -> None:
    row = '<row r="1" spans="1:2"><c r="A1" t="s"><v>1</v></c><c r="B1" s="1"><v>12</v></c></row>'
    cells = cellrows.usual(row, Strings([*STRINGS]), FORMATS, Budget())
    assert cells is not None
    assert cells.rows == [["A&B", "000000000012"]]


@pytest.mark.parametrize(
    "body",
    [
        '<row r="1"><c r="A1"><v>1</v></c><extLst/></row>',
        '<b/><row r="1"><c r="A1"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c></row><b/>',
        '<row r="1"><c r="A1"><v>1</v></c></c></row>',
        '<row r="1"><c r="A2"><v>1</v></c></row>',
        '<row r="2"/><row r="1"/>',
        '<row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row>',
        '<row r="1"><c r="A1" t="s"><v>99</v></c></row>',
        '<x:row r="1"/>',
    ],
)
def test_what_is_unusual_is_left_to_the_strict_one(body: str) -> None:
    assert cellrows.usual(body, Strings([*STRINGS]), FORMATS, Budget()) is None


@pytest.mark.parametrize(
    "hiding",
    [
        "<!-- <sheetData> -->",
        "<![CDATA[<sheetData>]]>",
        "<?x <sheetData> ?>",
    ],
)
def test_a_second_beginning_deceives_nobody(hiding: str) -> None:
    cell = '<row r="1"><c r="A1"><v>123456789012</v></c></row>'
    data = f"<worksheet {S}>{hiding}<sheetData>{cell}{TAIL}".encode()
    grid = sheet.read(data, Strings([]), FORMATS, Budget())
    assert grid.cells.rows == [["123456789012"]]


@pytest.mark.slow
def test_the_time_for_a_cell_does_not_grow() -> None:
    def seconds(rows: int) -> float:
        body = "".join(
            f'<row r="{row}"><c r="A{row}"><v>{row}</v></c><c r="B{row}" t="s"><v>0</v></c></row>'
            for row in range(1, rows)
        )
        started = time.process_time()
        sheet.read(f"{HEAD}{body}{TAIL}".encode(), Strings([*STRINGS]), FORMATS, Budget())
        return time.process_time() - started

    small = min(seconds(10_000) for _ in range(3))
    assert min(seconds(100_000) for _ in range(2)) < 25 * small
