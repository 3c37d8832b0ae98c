"""Every place of an Excel workbook in which a My Number was ever hidden, one line each."""

from __future__ import annotations

import io
from collections.abc import Callable

import openpyxl
import pytest
import xlsxwriter

from tests.detectors.extract.finds import Found, finds
from tests.detectors.extract.parts import (
    S,
    beside_sheet,
    book,
    book_part,
    changed,
    linked,
    sheet_part,
)
from tests.samples import document, individual_number, workbook

NUMBER = individual_number(31)
SHEET = ("a", "表")
Build = Callable[[str], bytes]


def _written(fill: Callable[[xlsxwriter.Workbook], None]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as made:
        fill(made)
    return out.getvalue()


def _digits(text: str, row: int = 1) -> str:
    cells = (f'<c r="{chr(65 + at)}{row}"><v>{d}</v></c>' for at, d in enumerate(text))
    return f'<row r="{row}">{"".join(cells)}</row>'


def _cell(value: str, kind: str = "str", more: str = "") -> str:
    return f'<row r="3"{more}><c r="B3" t="{kind}"><v>{value}</v></c></row>'


def _styled(n: str, code: str, value: str) -> bytes:
    made = workbook({"表": [["x", 1]]}, formats={"表": "0"})
    made = changed(made, "xl/styles.xml", 'numFmtId="1"', 'numFmtId="200"')
    custom = f'<numFmts count="1"><numFmt numFmtId="200" formatCode="{code}"/></numFmts><fonts'
    made = changed(made, "xl/styles.xml", "<fonts", custom)
    return changed(made, "xl/worksheets/sheet1.xml", "<v>1</v>", f"<v>{value}</v>")


def _pivot(n: str) -> bytes:
    field = f'<cacheField name="個人番号"><sharedItems><s v="{n}"/></sharedItems></cacheField>'
    definition = (
        f'<pivotCacheDefinition {S}><cacheSource><worksheetSource sheet="元"/></cacheSource>'
        f'<cacheFields>{field}<cacheField name="額"/></cacheFields></pivotCacheDefinition>'
    )
    records = f'<pivotCacheRecords {S}><r><x v="0"/><n v="1"/></r></pivotCacheRecords>'
    made = book_part("pivotCache/d.xml", "pivotCacheDefinition", definition)
    return linked(
        made, "xl/pivotCache/d.xml", {"xl/pivotCache/r.xml": ("pivotCacheRecords", records)}
    )


def _external(n: str) -> bytes:
    return book_part(
        "externalLinks/e.xml", "externalLink",
        f"""<externalLink {S}><externalBook><sheetNames><sheetName val="他"/></sheetNames>
        <sheetDataSet><sheetData sheetId="0"><row r="1"><cell r="A1" t="str"><v>{n}</v></cell></row>
        </sheetData></sheetDataSet></externalBook></externalLink>""",
    )  # fmt: skip


def _strings(items: str) -> bytes:
    made = workbook({"表": [["x"]]})
    return changed(made, "xl/sharedStrings.xml", "<si><t>x</t></si>", items)


def _charted(n: str) -> bytes:
    drawing = sheet_part("drawings/d.xml", "drawing", "<wsDr/>")
    return linked(
        drawing, "xl/drawings/d.xml", {"xl/charts/c.xml": ("chart", f"<c><v>{n}</v></c>")}
    )


_HIDDEN = ("a", "隠")
EXCEL: dict[str, tuple[Build, Found]] = {
    "text": (lambda n: workbook({"表": [[], ["", n]]}), Found(SHEET, "B2", False)),
    "number": (lambda n: workbook({"表": [[int(n)]]}), Found(SHEET, "A1", False)),
    "inline text": (
        lambda n: book(f'<row r="3"><c r="B3" t="inlineStr"><is><t>{n}</t></is></c></row>'),
        Found(SHEET, "B3", False),
    ),
    "inline text in runs": (
        lambda n: book(
            f'<row r="3"><c r="B3" t="inlineStr"><is><r><t>{n[:5]}</t>'
            f"</r><r><t>{n[5:]}</t></r></is></c></row>"
        ),
        Found(SHEET, "B3", False),
    ),
    "shared text in runs": (
        lambda n: _strings(f"<si><r><t>{n[:5]}</t></r><r><rPr><b/></rPr><t>{n[5:]}</t></r></si>"),
        Found(SHEET, "A1", False),
    ),
    "shared text with furigana in it": (
        lambda n: _strings(
            f'<si><t>{n}</t><rPh sb="0" eb="1"><t>イチ</t></rPh><phoneticPr fontId="1"/></si>'
        ),
        Found(SHEET, "A1", False),
    ),
    "furigana": (
        lambda n: _strings(f"<si><t>x</t><rPh><t>{n}</t></rPh></si>"),
        Found(("a",), "", True),
    ),
    "string that no cell shows": (
        lambda n: _strings(f"<si><t>x</t></si><si><t>{n}</t></si>"),
        Found(("a",), "", True),
    ),
    "letters of Excel's own escape": (
        lambda n: _strings("<si><t>" + "".join(f"_x003{d}_" for d in n) + "</t></si>"),
        Found(SHEET, "A1", False),
    ),
    "references": (
        lambda n: _strings("<si><t>" + "".join(f"&#x3{d};" for d in n) + "</t></si>"),
        Found(SHEET, "A1", False),
    ),
    "value of a formula": (
        lambda n: book(f'<row r="3"><c r="B3" t="str"><f>C3&amp;D3</f><v>{n}</v></c></row>'),
        Found(SHEET, "B3", False),
    ),
    "formula without a value": (
        lambda n: book(f'<row r="3"><c r="B3"><f>"{n[:4]}"&amp;"{n[4:]}"</f></c></row>'),
        Found(SHEET, "B3", False),
    ),
    "format with hyphens": (
        lambda n: _styled(n, "0000\\-0000\\-0000", n),
        Found(SHEET, "B1", False),
    ),
    "format that prints the first digits": (
        lambda n: _styled(n, f"&quot;{n[:6]}&quot;000000", str(int(n[6:]))),
        Found(SHEET, "B1", False),
    ),
    "scientific": (
        lambda n: book(f'<row r="3"><c r="B3"><v>{n[0]}.{n[1:]}E+11</v></c></row>'),
        Found(SHEET, "B3", False),
    ),
    "one digit a cell": (lambda n: book(_digits(n)), Found(SHEET, "A1", False)),
    "one digit a cell downwards": (
        lambda n: workbook({"表": [["番号"], *([d] for d in n)]}),
        Found(SHEET, "A2", False),
    ),
    "three cells": (
        lambda n: workbook({"表": [["番号", "", ""], [n[:4], n[4:8], n[8:]]]}),
        Found(SHEET, "A2", False),
    ),
    "hidden sheet": (
        lambda n: workbook({"表": [], "隠": [[n]]}, hidden=["隠"]),
        Found(_HIDDEN, "A1", True),
    ),
    "very hidden sheet": (
        lambda n: workbook({"表": [], "隠": [[n]]}, very_hidden=["隠"]),
        Found(_HIDDEN, "A1", True),
    ),
    "hidden column": (
        lambda n: workbook({"表": [["x", n]]}, hidden_columns={"表": "B:B"}),
        Found(SHEET, "B1", True),
    ),
    "hidden row": (lambda n: book(_cell(n, more=' hidden="1"')), Found(SHEET, "B3", True)),
    "row without height": (
        lambda n: book(_cell(n, more=' ht="0" customHeight="1"')),
        Found(SHEET, "B3", True),
    ),
    "filtered row of a group": (
        lambda n: book(_cell(n, more=' outlineLevel="1" hidden="true"')),
        Found(SHEET, "B3", True),
    ),
    "comment": (
        lambda n: workbook({"表": [["x"]]}, comments={("表", "C3"): n}),
        Found(SHEET, "cell:C3", False),
    ),
    "threaded comment": (
        lambda n: sheet_part(
            "t.xml",
            "threadedComment",
            '<ThreadedComments><threadedComment ref="C3"><text>'
            f"{n}</text></threadedComment></ThreadedComments>",
        ),
        Found(SHEET, "cell:C3", False),
    ),
    "page header": (
        lambda n: workbook({"表": [["x"]]}, header=f"&L&10 {n}"),
        Found(SHEET, "", False),
    ),
    "list of a validation": (
        lambda n: beside_sheet(
            "<dataValidations><dataValidation><formula1>"
            f"'{n},x'</formula1></dataValidation></dataValidations>"
        ),
        Found(SHEET, "", False),
    ),
    "prompt of a validation": (
        lambda n: beside_sheet(
            f"<dataValidations><dataValidation prompt='{n}'/></dataValidations>"
        ),
        Found(SHEET, "", False),
    ),
    "conditional formatting": (
        lambda n: beside_sheet(
            f"<conditionalFormatting><cfRule text='{n}'/></conditionalFormatting>"
        ),
        Found(SHEET, "", False),
    ),
    "text of a link": (
        lambda n: beside_sheet(f"<hyperlinks><hyperlink ref='A1' tooltip='{n}'/></hyperlinks>"),
        Found(SHEET, "", False),
    ),
    "target of a link": (
        lambda n: _written(
            lambda made: made.add_worksheet("表").write_url(
                "A1", f"https://x.example/?no={n}", None, "x"
            )
        ),
        Found(("a",), "", True),
    ),
    "text box": (
        lambda n: _written(lambda made: made.add_worksheet("表").insert_textbox("B2", n)),
        Found(SHEET, "line", False),
    ),
    "chart": (_charted, Found(SHEET, "line", False)),
    "drawing of old programs, not well-formed": (
        lambda n: sheet_part(
            "v.vml", "vmlDrawing", f"<xml><textbox><div>{n}<br></div></textbox></xml>"
        ),
        Found(SHEET, "line", False),
    ),
    "heading of a table": (
        lambda n: sheet_part("tables/t.xml", "table", f"<table><tableColumn name='{n}'/></table>"),
        Found(SHEET, "line", True),
    ),
    "query": (
        lambda n: book_part("c.xml", "connections", f"<c><dbPr command='x = {n}'/></c>"),
        Found(("a",), "", True),
    ),
    "slicer": (
        lambda n: book_part("s.xml", "slicerCache", f"<s><i n='{n}'/></s>"),
        Found(("a",), "", True),
    ),
    "revision log": (
        lambda n: book_part("r.xml", "revisionLog", f"<r><oc><v>{n}</v></oc></r>"),
        Found(("a",), "", True),
    ),
    "defined name": (
        lambda n: _written(
            lambda made: (made.add_worksheet("表"), made.define_name("番", f'="{n}"'))
        ),
        Found(("a",), "", False),
    ),
    "name of a sheet": (lambda n: workbook({f"控{n}": [["x"]]}), Found(("a",), "", False)),
    "rows that a pivot table has counted": (_pivot, Found(("a", "元"), "A2", True)),
    "cells of another workbook": (_external, Found(("a", "他"), "A1", True)),
    "custom XML": (
        lambda n: book_part("../customXml/i.xml", "customXml", f"<x>{n}</x>"),
        Found(("a",), "", True),
    ),
    "embedded document": (
        lambda n: sheet_part("embeddings/d.docx", "package", document([n])),
        Found((*SHEET, "d.docx"), "line", False),
    ),
}


@pytest.mark.parametrize("place", EXCEL)
def test_excel(place: str) -> None:
    build, where = EXCEL[place]
    assert where in finds(build(NUMBER), NUMBER)


def test_excel_by_another_writer() -> None:
    made = openpyxl.Workbook()
    made.active.title = "表"
    made.active.append(["番号", NUMBER])
    made.active.column_dimensions["B"].hidden = True
    out = io.BytesIO()
    made.save(out)
    assert finds(out.getvalue(), NUMBER) == [Found(SHEET, "B1", True)]
