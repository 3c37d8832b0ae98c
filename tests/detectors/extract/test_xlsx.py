import base64
import io
import time
import zipfile

import openpyxl
import pytest
from openpyxl.worksheet.datavalidation import DataValidation

from detectors import inspect
from detectors.budget import Limits
from detectors.extract import sniff
from detectors.extract.excel.cellformat import shown
from detectors.report import Confidence
from detectors.score import findings
from detectors.words import INDIVIDUAL
from tests.detectors.extract.parts import changed, linked, unzipped
from tests.detectors.extract.reads import (
    nested,
    notes,
    refusals,
    said,
    spots,
    surfaces,
    tables,
)
from tests.samples import (
    document,
    individual_number,
    individual_numbers,
    message,
    workbook,
    zipped,
)

NUMBER = individual_number(3)


def test_it_works():
    numbers = individual_numbers(50)
    rows = [["氏名", "個人番号"], *([f"社員{i}", n] for i, n in enumerate(numbers))]
    found = surfaces(workbook({"内訳": rows}), "一覧.xlsx")
    (table,) = tables(found)
    assert [list(row) for row in table.rows] == rows
    assert table.spot.path == ("一覧.xlsx", "内訳")
    assert table.context == ("内訳",)
    assert not refusals(found)


def test_numbers_keep_their_place_and_their_lost_zeros():
    data = workbook(
        {"a": [[], ["", "", 12345678901]], "b": [[12345678901]]}, formats={"b": "0" * 12}
    )
    plain, formatted = tables(surfaces(data))
    assert plain.rows == [["12345678901"]]
    assert (plain.first_row, plain.first_column) == (2, 3)
    assert plain.numeric == {(2, 3)}
    assert formatted.rows == [["012345678901"]]
    assert formatted.numeric == frozenset()


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        ("123456789012.0", "General", "123456789012"),
        ("1.23456789012E+11", "0", "123456789012"),
        ("12345678901", '"No."0000\\-0000\\-0000', "012345678901"),
        ("46000", 'ggge"年"m"月"d"日"', "2025-12-09"),
        ("0.5", "0.00", "0.5"),
        ("1E+999999999", "0", "1E+999999999"),
        ("-5", "000", "-5"),
        ("NaN", "General", "NaN"),
    ],
)
def test_cell_formats(value, code, text):
    assert shown(value, code)[0] == text


def test_hidden_sheets_and_columns_are_read_and_noted():
    a, b, c = individual_numbers(3, seed=7)
    found = surfaces(
        workbook(
            {"表": [["x", a]], "隠": [[b]], "奥": [[c]]},
            hidden=["隠"],
            very_hidden=["奥"],
            hidden_columns={"表": "B:B"},
        )
    )
    assert sorted(notes(found)) == ["hidden_columns", "hidden_sheet", "hidden_sheet"]
    assert tables(found)[0].hidden_columns == {2}
    assert [spots(found, n)[0].hidden for n in (a, b, c)] == [False, True, True]


def test_words_around_the_cells():
    comment, header, name = individual_numbers(3, seed=8)
    data = workbook(
        {f"控{name}": [["a"]]},
        comments={(f"控{name}", "A1"): f"番号 {comment}"},
        header=f'&L&"MS ゴシック"&10 {header}',
    )
    found = surfaces(data)
    assert spots(found, comment)[0].unit == "cell:A1"
    assert header in said(found)
    assert name in said(found)


def test_properties_text_boxes_formulas_and_defined_names():
    numbers = title, boxed, computed, defined = individual_numbers(4, seed=9)
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet("a")
        sheet.write_formula("A1", f'="{computed[:4]}"&"{computed[4:]}"', None, "x")
        sheet.insert_textbox("B2", f"番号 {boxed}")
        book.set_properties({"title": title})
        book.define_name("番号", f'="{defined}"')
    text = said(surfaces(out.getvalue()))
    assert [number for number in numbers if number not in text] == []


def test_boxes_of_one_digit_stand_together_without_their_places():
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet("a")
        for at, text in enumerate(("個人番号", *NUMBER)):
            sheet.insert_textbox(2, at, text, {"width": 18, "x_offset": 7})
    assert "\n".join(("個人番号", *NUMBER)) in said(surfaces(out.getvalue()), hidden=False)


@pytest.mark.parametrize("boxes", [[NUMBER], [*NUMBER], [NUMBER[:4], NUMBER[4:8], NUMBER[8:]]])
def test_boxes_over_a_sheet_stand_beside_the_labels_of_its_cells(boxes):
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet("a")
        sheet.write_column("B1", ["社員番号 1234", "個人番号"])
        for at, text in enumerate(boxes):
            sheet.insert_textbox(1, 2 + at, text, {"width": 18})
    over = tables(surfaces(out.getvalue()))[1]
    assert (over.first_row, over.first_column, over.rows) == (2, 2, [["個人番号", *boxes]])
    (found,) = inspect(message("a", "", [("a.xlsx", out.getvalue())])).findings
    assert found.confidence is Confidence.HIGH


def labelled_by_a_box(label: str, *cells: str) -> bytes:
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet("届")
        sheet.insert_textbox(1, 0, label)
        sheet.write_row(1, 3, cells)
        sheet.write_row(3, 0, ["氏名", "", "", "山口 徹"])
    return out.getvalue()


@pytest.mark.parametrize("cells", [[NUMBER], [*NUMBER], [NUMBER[:4], NUMBER[4:8], NUMBER[8:]]])
@pytest.mark.parametrize("label", ["個人番号", "マイナンバー"])
def test_a_label_in_a_box_over_a_sheet_is_that_of_the_cells_of_its_row(label, cells):
    data = labelled_by_a_box(label, *cells)
    (found,) = inspect(message("a", "", [("a.xlsx", data)])).findings
    assert (found.confidence, found.unique) == (Confidence.HIGH, 1)
    assert [place.range for place in found.where] == [
        "D2" if len(cells) == 1 else "D2:" + end(cells)
    ]


def end(cells: list[str]) -> str:
    return f"{chr(ord('C') + len(cells))}2"


@pytest.mark.parametrize(
    ("label", "cells"), [("送り状番号", [NUMBER]), ("個人番号", ["送り状番号", NUMBER])]
)
def test_another_label_in_a_box_or_nearer_than_it_says_what_the_number_is(label, cells):
    found = inspect(message("a", "", [("a.xlsx", labelled_by_a_box(label, *cells))])).findings
    assert all(one.confidence is Confidence.LOW for one in found)


def test_cached_values_of_formulas():
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        book.add_worksheet("a").write_formula("A1", "=B1", None, NUMBER)
    assert tables(surfaces(out.getvalue()))[0].rows == [[NUMBER]]


X14 = 'xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"'


@pytest.mark.parametrize(
    "markup",
    [
        '<autoFilter ref="B1:C9"><filterColumn colId="1"><filters><filter val="{n}"/></filters>'
        "</filterColumn></autoFilter>",
        '<autoFilter ref="C1:C9"><filterColumn colId="0"><customFilters><customFilter val="{n}"/>'
        "</customFilters></filterColumn></autoFilter>",
        '<conditionalFormatting sqref="C2:C9"><cfRule><formula>"{n}"</formula></cfRule>'
        "</conditionalFormatting>",
        '<conditionalFormatting sqref="C5"><cfRule><formula>$C5={n}</formula></cfRule>'
        "</conditionalFormatting>",
        '<dataValidations><dataValidation sqref="C2"><formula1>"x,{n}"</formula1></dataValidation>'
        "</dataValidations>",
        "<extLst><ext><x14:dataValidations {X14}><x14:dataValidation><x14:formula1><f>{n}</f>"
        "</x14:formula1><sqref>C2:C4</sqref></x14:dataValidation></x14:dataValidations></ext></extLst>",
    ],
)
def test_what_is_said_about_cells_stands_under_their_heading(markup):
    data = workbook({"表": [["氏名", "部署", "個人番号"], ["山田", "総務部"]]})
    end, markup = "</sheetData>", markup.format(n=NUMBER, X14=X14)
    data = changed(data, "xl/worksheets/sheet1.xml", end, end + markup)
    (finding,) = findings(surfaces(data), {INDIVIDUAL})
    assert finding.confidence.value == "high"
    assert any(place.range.startswith("C") for place in finding.where)


@pytest.mark.parametrize("before", ["", "<!-- read by another reader -->"])
def test_a_formula_whose_result_was_left_to_excel_stands_in_its_cell(before):
    book = openpyxl.Workbook()
    book.active.append(["個人番号", f'="{NUMBER[:4]}"&"-{NUMBER[4:]}"', "=A9&B9"])
    out = io.BytesIO()
    book.save(out)
    part, cells = "xl/worksheets/sheet1.xml", "<sheetData>"
    data = changed(out.getvalue(), part, cells, before + cells)
    (table,) = tables(surfaces(data))
    assert table.rows[0] == ["個人番号", f"{NUMBER[:4]}-{NUMBER[4:]}", ""]


def test_workbooks_of_openpyxl():
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["番号", NUMBER, int(NUMBER)])
    sheet.row_dimensions[1].hidden = True
    out = io.BytesIO()
    book.save(out)
    found = surfaces(out.getvalue())
    (table,) = tables(found)
    assert table.rows == [["番号", NUMBER, NUMBER]]
    assert table.hidden_rows == {1}
    assert notes(found) == ["hidden_columns"]


def test_rich_text_is_one_text_and_furigana_is_apart():
    data = changed(
        workbook({"a": [["個人番号"]]}),
        "xl/sharedStrings.xml",
        "<si><t>個人番号</t></si>",
        f"<si><r><t>{NUMBER[:5]}</t></r><r><t>{NUMBER[5:]}</t></r><rPh><t>コジン</t></rPh></si>",
    )
    found = surfaces(data)
    assert tables(found)[0].rows == [[NUMBER]]
    assert "コジン" in said(found, hidden=True)


def test_a_sheet_is_known_by_its_content_and_not_by_its_name():
    assert sniff(workbook({"a": [["x"]]}), "写真.jpg") == "xlsx"


def test_embedded_files_are_handed_on():
    inner = document([NUMBER])
    with zipfile.ZipFile(io.BytesIO(workbook({"a": [["x"]]}))) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    found = surfaces(zipped({**files, "xl/embeddings/oleObject1.docx": inner}))
    assert nested(found) == {"oleObject1.docx": inner}


def test_macros_are_noted():
    with zipfile.ZipFile(io.BytesIO(workbook({"a": [["x"]]}))) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    assert "macro" in notes(surfaces(zipped({**files, "xl/vbaProject.bin": b"\xd0\xcf"})))


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    "part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "docProps/core.xml"]
)
def test_a_doctype_is_refused(part):
    data = workbook({"a": [["x"]]})
    start = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    assert "xml_doctype" in refusals(surfaces(changed(data, part, start, start + BOMB)))


def test_two_far_cells_do_not_become_a_billion():
    data = changed(
        workbook({"a": [["x"]]}),
        "xl/worksheets/sheet1.xml",
        "</sheetData>",
        "".join(f'<row r="{r}"><c r="XFD{r}"><v>1</v></c></row>' for r in range(9_000, 29_000))
        + "</sheetData>",
    )
    started = time.process_time()
    assert refusals(surfaces(data)) == ["over_budget"]
    assert time.process_time() - started < 5


@pytest.mark.parametrize("cell", ["A99999999", "ZZZZ1", 'A0" x="'])
def test_impossible_cells_do_no_harm(cell):
    data = changed(
        workbook({"a": [["x", NUMBER]]}), "xl/worksheets/sheet1.xml", 'r="A1"', f'r="{cell}"'
    )
    found = surfaces(data)
    assert spots(found, NUMBER) or refusals(found)


def test_a_workbook_that_has_lost_a_sheet_is_corrupt():
    parts = unzipped(workbook({"表": [["氏名", NUMBER]]}))
    del parts["xl/worksheets/sheet1.xml"]
    assert refusals(surfaces(zipped(parts))) == ["corrupt"]


def test_truncated_and_over_budget_files_say_so():
    data = workbook({"a": [[NUMBER] * 20] * 200})
    assert refusals(surfaces(data[: len(data) // 2]))
    assert refusals(surfaces(data, limits=Limits(decoded=10_000))) == ["over_budget"]


def test_what_a_cell_lets_choose_from_is_one_a_line():
    a, b = individual_numbers(2, seed=8)
    book = openpyxl.Workbook()
    choices = DataValidation("list", formula1=f'"{a},{b}"')
    choices.add("B1")
    book.active.add_data_validation(choices)
    book.active["A1"] = "担当"
    out = io.BytesIO()
    book.save(out)
    assert f"{a}\n{b}" in said(surfaces(out.getvalue()))


def test_what_power_query_keeps_is_a_file_inside():
    queries = zipped(
        {"Formulas/Section1.m": f'#table({{"個人番号"}}, {{{{"{NUMBER}"}}}})'.encode()}
    )
    kept = bytes(4) + len(queries).to_bytes(4, "little") + queries + bytes(4)
    item = f"<DataMashup xmlns='x'>{base64.b64encode(kept).decode()}</DataMashup>"
    data = linked(
        workbook({"a": [["x"]]}), "xl/workbook.xml", {"customXml/item1.xml": ("customXml", item)}
    )
    assert nested(surfaces(data))["DataMashup"] == queries


def test_parts_named_with_backslashes_as_old_windows_programs_write_them():
    parts = unzipped(workbook({"表": [["個人番号", NUMBER]]}))
    written = {name.replace("/", "\\"): octets for name, octets in parts.items()}
    found = surfaces(zipped({**written, "xl\\": b""}))
    assert tables(found)[0].rows == [["個人番号", NUMBER]]
    assert not refusals(found)
    both = zipped({**parts, "xl\\workbook.xml": parts["xl/workbook.xml"]})
    assert "ambiguous_archive" in refusals(surfaces(both))
