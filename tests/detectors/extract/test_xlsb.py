"""Binary workbooks (xlsb), record by record ([MS-XLSB])."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping

from tests.detectors.extract.parts import unzipped
from tests.detectors.extract.reads import notes, refusals, said, surfaces, tables
from tests.samples import individual_number, zipped

NUMBER = individual_number(31)
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = '<Types><Default Extension="bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/></Types>'  # fmt: skip # noqa: E501
_ROW, _RK, _TEXT, _SHARED, _FORMULA_TEXT, _REAL = 0, 2, 6, 7, 8, 5
_SHORT_TEXT, _SHORT_SHARED = 17, 18


def sevens(value: int) -> bytes:
    return bytes([value]) if value < 0x80 else bytes([value & 0x7F | 0x80, value >> 7])


def record(kind: int, body: bytes = b"") -> bytes:
    return sevens(kind) + sevens(len(body)) + body


def wide(text: str) -> bytes:
    return struct.pack("<L", len(text)) + text.encode("utf-16-le")


def row(number: int, *, hidden: bool = False) -> bytes:
    return record(_ROW, struct.pack("<LLHBB", number, 0, 300, 0, 0x10 if hidden else 0) + bytes(5))


def cell(kind: int, column: int, value: bytes, style: int = 0) -> bytes:
    return record(kind, struct.pack("<LL", column, style) + value)


def xlsb(
    sheets: Mapping[str, bytes],
    shared: Iterable[str] = (),
    formats: Iterable[str] = (),
    states: Iterable[int] = (),
) -> bytes:
    states = [*states, *[0] * len(sheets)]
    links = "".join(
        f'<Relationship Id="r{n}" Type="{_REL}/worksheet" Target="worksheets/sheet{n}.bin"/>'
        for n in range(len(sheets))
    )
    book = b"".join(
        record(156, struct.pack("<LL", states[n], n + 1) + wide(f"r{n}") + wide(name))
        for n, name in enumerate(sheets)
    )
    codes = [*formats]
    styles = b"".join(
        record(44, struct.pack("<H", 164 + n) + wide(code)) for n, code in enumerate(codes)
    )
    kinds = [0, *(164 + n for n in range(len(codes)))]
    styles += record(617) + b"".join(record(47, struct.pack("<HH", 0, k)) for k in kinds)
    files = {
        "[Content_Types].xml": _TYPES.encode(),
        "_rels/.rels": f'<R><Relationship Id="a" Type="{_REL}/officeDocument" Target="xl/workbook.bin"/></R>'.encode(),  # noqa: E501
        "xl/_rels/workbook.bin.rels": (
            f'<R>{links}<Relationship Id="s" Type="{_REL}/styles" Target="styles.bin"/>'
            f'<Relationship Id="t" Type="{_REL}/sharedStrings" Target="sharedStrings.bin"/></R>'
        ).encode(),
        "xl/workbook.bin": book + record(357) + record(362, struct.pack("<LLll", 1, 0, 0, 0)),
        "xl/styles.bin": styles + record(618),
        "xl/sharedStrings.bin": b"".join(record(19, b"\0" + wide(text)) for text in shared),
    }
    files |= {f"xl/worksheets/sheet{n}.bin": part for n, part in enumerate(sheets.values())}
    return zipped(files)


def test_it_works():
    part = row(0) + cell(_SHARED, 0, struct.pack("<L", 0)) + cell(_TEXT, 1, wide("個人番号"))
    part += row(1) + cell(_TEXT, 0, wide("山田")) + cell(_REAL, 1, struct.pack("<d", int(NUMBER)))
    found = surfaces(xlsb({"社員": part}, ["氏名", f"消えた {NUMBER}"]))
    (table,) = tables(found)
    assert table.rows == [["氏名", "個人番号"], ["山田", str(int(NUMBER))]]
    assert table.numeric == {(2, 2)}
    assert table.spot.path[-1] == "社員"
    assert f"消えた {NUMBER}" in said(found, hidden=True)


def test_cells_without_a_column_stand_right_of_the_one_before():
    part = row(0) + cell(_TEXT, 2, wide("個人番号"))
    part += record(_SHORT_TEXT, struct.pack("<L", 0) + wide(NUMBER))
    part += record(_SHORT_SHARED, struct.pack("<LL", 0, 0))
    (table,) = tables(surfaces(xlsb({"a": part}, ["済"])))
    assert (table.first_column, table.rows) == (3, [["個人番号", NUMBER, "済"]])


def test_a_format_gives_back_the_zeros_that_a_number_has_lost():
    part = row(0) + cell(_REAL, 0, struct.pack("<d", 12345678901.0), style=1)
    (table,) = tables(surfaces(xlsb({"a": part}, formats=["0000-0000-0000"])))
    assert table.rows == [["012345678901"]]
    assert not table.numeric


def test_hidden_sheets_rows_and_columns_are_told():
    columns = record(60, struct.pack("<4LH", 1, 1, 256, 0, 1))
    part = columns + row(0, hidden=True) + cell(_TEXT, 0, wide("x")) + cell(_TEXT, 1, wide("y"))
    found = surfaces(xlsb({"a": part, "b": row(0) + cell(_TEXT, 0, wide("z"))}, states=[0, 2]))
    assert (tables(found)[0].hidden_rows, tables(found)[0].hidden_columns) == ({1}, {2})
    assert sorted(notes(found)) == ["hidden_columns", "hidden_sheet"]
    assert tables(found)[1].spot.hidden


def test_a_formula_that_joins_letters_is_worked_out_where_its_result_is_missing():
    def at(column: int) -> bytes:
        return b"\x44" + struct.pack("<LH", 0, column | 0xC000)

    def there(column: int) -> bytes:
        return b"\x5a" + struct.pack("<HLH", 0, 0, column | 0xC000)

    tokens = at(0) + there(1) + b"\x08" + b"\x17" + struct.pack("<H", 4)
    tokens += NUMBER[8:].encode("utf-16-le") + b"\x08"
    pieces = cell(_TEXT, 0, wide(NUMBER[:4])) + cell(_TEXT, 1, wide(NUMBER[4:8]))
    formula = wide("") + struct.pack("<HL", 0, len(tokens)) + tokens + bytes(4)
    (table,) = tables(surfaces(xlsb({"a": row(0) + pieces + cell(_FORMULA_TEXT, 2, formula)})))
    assert table.rows[0][2] == NUMBER


def test_a_part_that_ends_inside_of_a_record_is_damaged():
    part = row(0) + cell(_TEXT, 0, wide("x" * 50))
    assert "corrupt" in refusals(surfaces(xlsb({"a": part[:-30]})))


def test_sheets_whose_names_differ_in_nothing_but_their_case_are_both_read():
    parts = {"a": row(0) + cell(_TEXT, 0, wide("x")), "A": row(0) + cell(_TEXT, 0, wide("y"))}
    assert [table.rows for table in tables(surfaces(xlsb(parts)))] == [[["x"]], [["y"]]]


def test_a_sheet_that_the_workbook_does_not_name_is_read_as_hidden():
    files = unzipped(xlsb({"a": row(0) + cell(_TEXT, 0, wide("x"))}))
    rels = "xl/_rels/workbook.bin.rels"
    more = f'<Relationship Id="more" Type="{_REL}/worksheet" Target="more.bin"/></R>'.encode()
    files[rels] = files[rels].replace(b"</R>", more)
    number = cell(_REAL, 0, struct.pack("<d", int(NUMBER)))
    found = surfaces(zipped({**files, "xl/more.bin": row(0) + number}))
    assert tables(found)[1].rows == [[str(int(NUMBER))]]
    assert tables(found)[1].spot.hidden


def test_a_sheet_whose_part_is_not_there_is_told():
    files = unzipped(xlsb({"a": row(0) + cell(_TEXT, 0, wide("x"))}))
    del files["xl/worksheets/sheet0.bin"]
    assert refusals(surfaces(zipped(files))) == ["corrupt"]
