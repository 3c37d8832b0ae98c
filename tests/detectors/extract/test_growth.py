"""No reader takes more time for what costs its sender nothing: ten thousand columns, long runs."""

import io
import struct
import time

import openpyxl
import pytest
from openpyxl.worksheet.dimensions import ColumnDimension

from tests.detectors.extract.parts import changed
from tests.detectors.extract.reads import refusals, surfaces
from tests.detectors.extract.test_pdf_streams import packed
from tests.detectors.extract.test_xlsb import cell, record, row, wide, xlsb

pytestmark = pytest.mark.slow
ALL = 16_384


def seconds(data: bytes) -> float:
    assert not refusals(surfaces(data))
    started = []
    for _ in range(3):
        before = time.process_time()
        surfaces(data)
        started.append(time.process_time() - before)
    return min(started)


def binary(last: int) -> bytes:
    span = record(60, struct.pack("<4LH", 0, last - 1, 2560, 0, 1))
    return xlsb({"a": span * 1_000 + row(0) + cell(6, 0, wide("x"))})


def elements(last: int) -> bytes:
    book = io.BytesIO()
    openpyxl.Workbook().save(book)
    span = f'<cols><col min="1" max="{last}" hidden="1"/></cols>' * 1_000
    return changed(book.getvalue(), "xl/worksheets/sheet1.xml", "<sheetData", span + "<sheetData")


def of_2003(last: int) -> bytes:
    span = f'<Column ss:Index="1" ss:Span="{last - 1}" ss:Hidden="1"/>' * 1_000
    return (
        '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="a"><Table>'
        f"{span}<Row><Cell><Data>x</Data></Cell></Row></Table></Worksheet></Workbook>"
    ).encode()


@pytest.mark.parametrize("make", [binary, elements, of_2003])
def test_a_span_of_all_columns_costs_what_one_column_costs(make):
    assert seconds(make(ALL)) < 6 * seconds(make(1)) + 0.02


def people(rows: int, *, hidden: bool) -> bytes:
    """A list whose sheet ends for its reader where the list ends, as people like it."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    for number in range(rows):
        sheet.append([f"氏名{number}", "東京都"])
    if hidden:
        sheet.column_dimensions["H"] = ColumnDimension(sheet, "H", min=8, max=ALL, hidden=True)
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def test_hiding_all_columns_beside_a_list_costs_next_to_nothing():
    assert seconds(people(500, hidden=True)) < 4 * seconds(people(500, hidden=False)) + 0.02


@pytest.mark.parametrize("run", [b"\0A", b"\x81A", bytes([99]) + b"A" * 100])
def test_a_long_stream_of_runs_takes_no_more_time_for_each_run(run):
    small, large = (seconds(packed(run * n + b"\x80", "/RunLengthDecode")) for n in (5_000, 80_000))
    assert large < 16 * 4 * small + 0.02
