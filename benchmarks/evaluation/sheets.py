"""Numbers in sheets: Excel in every corner, CSV, OpenDocument, old Excel."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable, Iterator
from html import escape
from typing import Literal

import xlsxwriter

from benchmarks.evaluation.facts import Facts
from benchmarks.evaluation.packages import open_document
from benchmarks.evaluation.scene import Rows, Scene, fits
from benchmarks.evaluation.written import DIGITS, parted
from tests.detectors.corpus import FULL, grouped
from tests.detectors.extract.compound import xls

Build = Callable[[Scene], bytes]
Fill = Callable[[Scene, xlsxwriter.Workbook], None]
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}


def workbook(fill: Callable[[xlsxwriter.Workbook], None]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, _OPTIONS) as book:
        fill(book)
    return out.getvalue()


def _excel(fill: Fill) -> Build:
    return lambda scene: scene.send(scene.file("xlsx"), workbook(lambda book: fill(scene, book)))


def put(sheet: xlsxwriter.worksheet.Worksheet, rows: Rows, top: int = 0) -> None:
    for at, row in enumerate(rows, top):
        for column, cell in enumerate(row):
            if cell:
                sheet.write_string(at, column, cell)


def _usual(rng: random.Random) -> Callable[[str], str]:
    return rng.choice((str, str, grouped, DIGITS["full width"], parted("－", 4, FULL), parted(" ")))


def _listed(rows: int, form: Callable[[str], str] | None = None, top: int = 0) -> Fill:
    def fill(scene: Scene, book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        if top:
            sheet.write_string(0, 0, scene.fill("{co}　{dept}"))
        put(sheet, scene.table(rows, form or _usual(scene.rng)), top)

    return fill


def _far_heading(scene: Scene, book: xlsxwriter.Workbook) -> None:
    sheet, rows = book.add_worksheet(), scene.table(2)
    put(sheet, rows[:1])
    put(sheet, rows[1:], scene.rng.randint(40, 60))


def _numeric(pattern: str, first: str = "") -> Fill:
    """Cells that hold numbers; the zeros before them are the pattern's, or lost."""

    def fill(scene: Scene, book: xlsxwriter.Workbook) -> None:
        sheet, rows = book.add_worksheet(), scene.table(6, first=first)
        column, form = scene.column(rows), book.add_format({"num_format": pattern})
        put(sheet, [[cell for cell in row] for row in rows])
        for at, row in enumerate(rows[1:], 1):
            sheet.write_number(at, column, int(row[column]), form)

    return fill


def _spelled(write: Callable[[str], str], first: str = "") -> Fill:
    return lambda scene, book: put(book.add_worksheet(), scene.table(5, write, first))


def _form(scene: Scene, sheet: xlsxwriter.worksheet.Worksheet, cells: list[str]) -> None:
    """A form with boxes: title, name, the number, address."""
    sheet.write_string(0, 0, scene.rng.choice(scene.wording.forms))
    name, address = ["氏名", scene.fill("{name}")], ["住所", scene.fill("{addr}")]
    put(sheet, [name, [scene.label(), *cells], address], 2)


def _boxes(cut: Callable[[str], list[str]]) -> Fill:
    def fill(scene: Scene, book: xlsxwriter.Workbook) -> None:
        _form(scene, book.add_worksheet(), cut(scene.facts.number()))

    return fill


def _down(scene: Scene, book: xlsxwriter.Workbook) -> None:
    cells = [[scene.label()], *([digit] for digit in scene.facts.number())]
    put(book.add_worksheet(), cells)


def _over_columns(scene: Scene, book: xlsxwriter.Workbook) -> None:
    rows = [["氏名", scene.label(), "", ""]]
    for _ in range(scene.rng.randint(2, 9)):
        number = scene.facts.number()
        rows.append([scene.person()["name"], number[:4], number[4:8], number[8:]])
    put(book.add_worksheet(), rows)


def _transposed(scene: Scene, book: xlsxwriter.Workbook) -> None:
    put(book.add_worksheet(), list(map(list, zip(*scene.table(4), strict=True))))


def _two_heads(scene: Scene, book: xlsxwriter.Workbook) -> None:
    sheet = book.add_worksheet()
    sheet.merge_range("B1:C1", scene.label())
    put(sheet, [["氏名", "", ""], ["", "本人", "配偶者"]])
    for at in range(2, 6):
        people = (scene.person()["name"], scene.facts.number(), scene.facts.number())
        put(sheet, [list(people)], at)


def _hidden(how: str) -> Fill:
    def fill(scene: Scene, book: xlsxwriter.Workbook) -> None:
        cover, sheet = book.add_worksheet("集計"), book.add_worksheet("内訳")
        put(cover, [["合計", "120,000"], ["件数", "5"]])
        rows = scene.table(5)
        put(sheet, rows)
        if how == "sheet":
            sheet.hide()
        elif how == "very":
            sheet.very_hidden()
        elif how == "column":
            at = scene.column(rows)
            sheet.set_column(at, at, None, None, {"hidden": True})
        else:
            for at in range(1, 6):
                sheet.set_row(at, None, None, {"hidden": True})

    return fill


def _beside(place: str) -> Fill:
    """Not in a cell's own text."""

    def fill(scene: Scene, book: xlsxwriter.Workbook) -> None:
        text = f"{scene.label()} {scene.facts.number()}"
        sheet = book.add_worksheet()
        put(sheet, [["項目", "金額"], ["合計", "120,000"]])
        if place == "comment":
            sheet.write_comment("B2", text)
        elif place == "header":
            sheet.set_header(f"&C{text}")
        elif place == "text box":
            sheet.insert_textbox(4, 1, text)
        elif place == "formula":
            sheet.write_formula("B3", '="個人"&"番号"', None, text)
        elif place == "sheet name":
            book.add_worksheet(text[:31])
        elif place == "properties":
            book.set_properties({"title": text, "comments": ""})
        elif place == "list of choices":
            sheet.data_validation("C2", {"validate": "list", "source": [text, "その他"]})
        elif place == "rich text":
            bold = book.add_format({"bold": True})
            cut = len(text) - 7
            sheet.write_rich_string("B3", text[:cut], bold, text[cut:], "です")
        else:
            sheet.write_string("B3", f"{scene.fill('{name}')}の{text}です")

    return fill


def _cell_alone(scene: Scene) -> bytes:
    """A table that names nothing, in a file whose name does."""
    rows = [["氏名", "値"], *([scene.person()["name"], scene.facts.number()] for _ in range(3))]
    name = scene.fill(scene.rng.choice(scene.wording.telling)).replace(":", "").replace("/", "")
    return scene.send(f"{name}.xlsx", workbook(lambda book: put(book.add_worksheet(), rows)))


def _column_alone(scene: Scene, book: xlsxwriter.Workbook) -> None:
    """Nothing says what it is; all of them pass."""
    rows = [["コード", "氏名", "番号"]]
    rows += [[p["emp"], p["name"], p.number()] for p in (scene.person() for _ in range(12))]
    put(book.add_worksheet(), rows[scene.rng.randint(0, 1) :])


def _beside_another(scene: Scene, book: xlsxwriter.Workbook) -> None:
    rows = [["氏名", "送り状番号", scene.label(), "注文番号"]]
    for _ in range(8):
        other = Facts(scene.rng, by_chance=True)
        rows.append([other["name"], other["parcel"], scene.facts.number(), other["serial"]])
    put(book.add_worksheet(), rows)


def written(rows: Rows, delimiter: str = ",", quoting: Literal[0, 1] = csv.QUOTE_MINIMAL) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, quoting=quoting).writerows(rows)
    return out.getvalue()


def _csv(
    rows: Callable[[Scene], Rows],
    codec: str = "cp932",
    delimiter: str = ",",
    quoting: Literal[0, 1] = csv.QUOTE_MINIMAL,
) -> Build:
    def build(scene: Scene) -> bytes:
        text = written(rows(scene), delimiter, quoting)
        # What EUC-JP cannot write, a program of today writes in UTF-8.
        data = text.encode(codec if fits(text, codec) else "utf-8")
        return scene.send(scene.file("tsv" if delimiter == "\t" else "csv"), data)

    return build


def _some(scene: Scene) -> Rows:
    return scene.table(scene.rng.randint(1, 20), _usual(scene.rng))


def _lost_zeros(scene: Scene) -> Rows:
    return scene.table(6, lambda n: n.lstrip("0"), first="0")


def _old_excel(scene: Scene) -> bytes:
    return scene.send(scene.file("xls"), xls({"Sheet1": scene.table(4, _usual(scene.rng))}))


def _open_sheet(scene: Scene) -> bytes:
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    rows = "".join(
        f"<table:table-row>{''.join(cell.format(escape(c)) for c in row)}</table:table-row>"
        for row in scene.table(4, _usual(scene.rng))
    )
    body = f'<table:table table:name="表1">{rows}</table:table>'
    return scene.send(scene.file("ods"), open_document("spreadsheet", body))


_FILLS: dict[str, Fill] = {
    "list": _listed(8),
    "one row": _listed(1),
    "long list": _listed(60, str),
    "title rows above the headings": _listed(5, top=4),
    "headings 40 to 60 rows above": _far_heading,
    "numbers as numbers": _numeric("0"),
    "zeros of the cell format": _numeric("000000000000", "0"),
    "4-4-4 of the cell format": _numeric("0000-0000-0000"),
    "zeros lost": _numeric("General", "0"),
    "numbers with .0": _spelled(lambda n: f"{n}.0", "5"),
    '="…"': _spelled(lambda n: f'="{n}"'),
    "apostrophe before it": _spelled(lambda n: f"'{n}"),
    "full width": _spelled(DIGITS["full width"]),
    "one digit a cell": _boxes(list),
    "one digit a cell, gaps": _boxes(lambda n: [*n[:4], "", *n[4:8], "", *n[8:]]),
    "a group a cell": _boxes(lambda n: [n[:4], n[4:8], n[8:]]),
    "a group a cell, hyphens between": _boxes(lambda n: [n[:4], "-", n[4:8], "-", n[8:]]),
    "form with the number in a cell": _boxes(lambda n: [grouped(n, " ")]),
    "one digit a row": _down,
    "4-4-4 over columns": _over_columns,
    "headings at the left": _transposed,
    "two rows of headings, merged": _two_heads,
    "hidden sheet": _hidden("sheet"),
    "very hidden sheet": _hidden("very"),
    "hidden column": _hidden("column"),
    "hidden rows": _hidden("rows"),
    **{
        f"{place}": _beside(place)
        for place in ("comment", "header", "text box", "formula", "sheet name", "properties",
                      "list of choices", "rich text", "sentence in a cell")
    },
    "nothing says what it is": _column_alone,
    "beside columns of other numbers": _beside_another,
}  # fmt: skip


def techniques() -> Iterator[tuple[str, Build]]:
    for name, fill in _FILLS.items():
        yield f"xlsx: {name}", _excel(fill)
    yield "xlsx: named by the file alone", _cell_alone
    for codec in ("cp932", "utf-8", "utf-8-sig", "utf-16", "euc_jp"):
        yield f"CSV: {codec}", _csv(_some, codec)
    yield "CSV: all cells quoted", _csv(_some, quoting=csv.QUOTE_ALL)
    yield "CSV: tabs", _csv(_some, "utf-8", "\t")
    yield "CSV: semicolons", _csv(_some, "utf-8", ";")
    yield "CSV: zeros lost", _csv(_lost_zeros)
    yield 'CSV: ="…"', _csv(lambda scene: scene.table(4, lambda n: f'="{n}"'))
    yield (
        "CSV: one digit a cell",
        _csv(lambda s: [[s.label(), *s.facts.number()]]),
    )
    yield "xls: list", _old_excel
    yield "ods: list", _open_sheet
