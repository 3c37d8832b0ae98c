"""Text that no screen shows, and ordinary text that only looks like it."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import docx
import pptx
import pytest
import xlsxwriter
from docx.enum.text import WD_COLOR_INDEX
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Pt, RGBColor
from lxml import etree
from pptx.dml.color import RGBColor as SlideColour
from pptx.enum.shapes import MSO_SHAPE
from pptx.util import Emu
from pptx.util import Pt as SlidePt

import detectors
from detectors.extract.excel import unseen

WHITE, NAVY, BLACK = RGBColor(255, 255, 255), RGBColor(31, 56, 100), RGBColor(0, 0, 0)


def told(name: str, data: bytes) -> set[tuple[str, str]]:
    """(how, where) of what is hidden."""
    report = detectors.inspect(data, detectors.Wanted(name=name))
    return {
        (fact.reason.code, fact.range)
        for fact in report.facts
        if fact.reason and fact.name in ("hidden_text", "speaker_notes", "hidden_columns")
    }


def word(change: Callable[[Any, Any], None]) -> bytes:
    made = docx.Document()
    made.add_paragraph("見える")
    change(made, made.add_paragraph().add_run("原価 80"))
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def _colour(run: Any, colour: Any) -> None:
    run.font.color.rgb = colour


def _shade(element: Any, fill: str) -> None:
    element.append(parse_xml(f'<w:shd {nsdecls("w")} w:val="clear" w:fill="{fill}"/>'))


def _white_on_navy(made: Any, run: Any) -> None:
    _colour(run, WHITE)
    _shade(run._r.getparent().get_or_add_pPr(), "1F3864")


def _blacked_out(made: Any, run: Any) -> None:
    _colour(run, BLACK)
    run.font.highlight_color = WD_COLOR_INDEX.BLACK


def _in_cell(fill: str, style: str = "") -> Callable[[Any, Any], None]:
    def change(made: Any, run: Any) -> None:
        table = made.add_table(1, 1, style or None)
        cell = table.cell(0, 0)
        _colour(cell.paragraphs[0].add_run("見出し"), WHITE)
        if fill:
            _shade(cell._tc.get_or_add_tcPr(), fill)

    return change


def _by_style(made: Any, run: Any) -> None:
    made.styles["Quote"].font.color.rgb = WHITE
    made.paragraphs[-1].style = made.styles["Quote"]


def _paper(made: Any, run: Any) -> None:
    run._r.get_or_add_rPr().append(
        parse_xml(f'<w:color {nsdecls("w")} w:themeColor="background1"/>')
    )


def _in_toc(made: Any, run: Any) -> None:
    run._r.get_or_add_rPr().append(parse_xml(f"<w:webHidden {nsdecls('w')}/>"))


def _blank(made: Any, run: Any) -> None:
    run.text, run.font.hidden = "\u3000。", True


IN_WORD: dict[str, tuple[Callable[[Any, Any], None], set[str]]] = {
    "white": (lambda made, run: _colour(run, WHITE), {"text_in_background"}),
    "nearly white": (lambda m, run: _colour(run, RGBColor(242, 242, 242)), {"text_in_background"}),
    "the colour of the paper": (_paper, {"text_in_background"}),
    "white by its style": (_by_style, {"text_in_background"}),
    "blacked out and still there": (_blacked_out, {"text_in_background"}),
    "hidden": (lambda made, run: setattr(run.font, "hidden", True), {"text_vanished"}),
    "one point": (lambda made, run: setattr(run.font, "size", Pt(1)), {"text_tiny"}),
    "white in a plain cell": (_in_cell(""), {"text_in_background"}),
    "yellow": (lambda made, run: _colour(run, RGBColor(255, 255, 0)), set()),
    "white on navy": (_white_on_navy, set()),
    "white in a dark cell": (_in_cell("1F3864"), set()),
    "white in a table whose style is dark": (_in_cell("", "Medium Shading 1 Accent 1"), set()),
    "a page number of a table of contents": (_in_toc, set()),
    "blanks and full stops": (_blank, set()),
}


@pytest.mark.parametrize("case", IN_WORD)
def test_word(case: str) -> None:
    change, expected = IN_WORD[case]
    found = told("a.docx", word(change))
    assert {how for how, _ in found} == expected
    assert all(where.startswith("paragraph:") for _, where in found)


def test_a_picture_behind_the_page_makes_white_letters_ordinary() -> None:
    def change(made: Any, run: Any) -> None:
        _colour(run, WHITE)
        anchor = '<wp:anchor behindDoc="1"><wp:extent cx="7560000" cy="10690000"/></wp:anchor>'
        made.sections[0].header.paragraphs[0].add_run()._r.append(
            parse_xml(f"<w:drawing {nsdecls('w', 'wp')}>{anchor}</w:drawing>")
        )

    assert told("a.docx", word(change)) == set()


def book(change: Callable[[Any, Any], None]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as made:
        sheet = made.add_worksheet("表")
        sheet.write(0, 0, "品名")
        change(made, sheet)
    return out.getvalue()


def _cells(*values: Any, **form: Any) -> Callable[[Any, Any], None]:
    def change(made: Any, sheet: Any) -> None:
        sheet.write_column(4, 2, values, made.add_format(form))

    return change


def _conditional(made: Any, sheet: Any) -> None:
    _cells(1, font_color="white")(made, sheet)
    dark = made.add_format({"bg_color": "#1F3864"})
    sheet.conditional_format("C1:C9", {"type": "no_errors", "format": dark})


def _table(made: Any, sheet: Any) -> None:
    white = made.add_format({"font_color": "white"})
    sheet.add_table("C4:D6", {"columns": [{"header": "a", "header_format": white}] * 1})


def _narrow(made: Any, sheet: Any) -> None:
    sheet.write_row(0, 0, [1, 2, 3, 4])
    sheet.set_column("B:C", 0)


IN_EXCEL: dict[str, tuple[Callable[[Any, Any], None], set[tuple[str, str]]]] = {
    "white": (_cells("原価", 80, font_color="white"), {("text_in_background", "C5:C6")}),
    "white on white": (
        _cells(80, font_color="white", bg_color="#FFFFFF"),
        {("text_in_background", "C5")},
    ),
    "black on black": (
        _cells(80, font_color="#000000", bg_color="#000000"),
        {("text_in_background", "C5")},
    ),
    "a format of nothing": (_cells("a", 8, num_format=";;;"), {("cell_shows_nothing", "C5:C6")}),
    "a format for no number": (_cells("a", 8, num_format=";;"), {("cell_shows_nothing", "C6")}),
    "one point": (_cells(80, font_size=1), {("text_tiny", "C5")}),
    "columns of no width": (_narrow, {("hidden_columns", "B:C")}),
    "white on navy": (_cells("見出し", font_color="white", bg_color="#1F3864"), set()),
    "white on a pattern": (_cells("見出し", font_color="white", pattern=4), set()),
    "no zeros": (_cells(0, num_format="#,##0;-#,##0;;@"), set()),
    "nothing in it": (_cells("", font_color="white", num_format=";;;"), set()),
    "a condition colours it": (_conditional, set()),
    "the heading of a table": (_table, set()),
}


@pytest.mark.parametrize("case", IN_EXCEL)
def test_excel(case: str) -> None:
    change, expected = IN_EXCEL[case]
    assert told("a.xlsx", book(change)) == expected


def test_what_is_no_number_makes_no_workbook_unreadable() -> None:
    fonts = '<fonts><font><sz val="nan"/><color theme="²" tint="x"/></font></fonts>'
    sheet = etree.fromstring(f'<s>{fonts}<cellXfs><xf fontId="①" numFmtId="²"/></cellXfs></s>')
    assert unseen.styles(sheet, None) == {}


def slide(change: Callable[[Any, Any], None]) -> bytes:
    deck = pptx.Presentation()
    page = deck.slides.add_slide(deck.slide_layouts[6])
    change(page, lambda left=0: _box(page, left))
    out = io.BytesIO()
    deck.save(out)
    return out.getvalue()


def _box(page: Any, left: int) -> Any:
    box = page.shapes.add_textbox(Emu(left), 0, Emu(3_000_000), Emu(500_000))
    run = box.text_frame.paragraphs[0].add_run()
    run.text = "原価 80"
    return run


def _white(run: Any) -> None:
    run.font.color.rgb = SlideColour(255, 255, 255)


def _over_a_shape(page: Any, box: Any) -> None:
    page.shapes.add_shape(MSO_SHAPE.RECTANGLE, 0, 0, Emu(9_000_000), Emu(600_000))
    _white(box())


def _beside_a_shape(page: Any, box: Any) -> None:
    page.shapes.add_shape(MSO_SHAPE.RECTANGLE, 0, Emu(5_000_000), Emu(9_000_000), Emu(600_000))
    _white(box())


def _in_a_shape(page: Any, box: Any) -> None:
    shape = page.shapes.add_shape(MSO_SHAPE.RECTANGLE, 0, 0, Emu(9_000_000), Emu(600_000))
    _white(shape.text_frame.paragraphs[0].add_run())
    shape.text_frame.paragraphs[0].runs[0].text = "見出し"


def _on_navy(page: Any, box: Any) -> None:
    page.background.fill.solid()
    page.background.fill.fore_color.rgb = SlideColour(31, 56, 100)
    _white(box())


def _hidden_shape(page: Any, box: Any) -> None:
    box()
    page.shapes[0]._element[0][0].set("hidden", "1")


IN_POWERPOINT: dict[str, tuple[Callable[[Any, Any], None], set[str]]] = {
    "white": (lambda page, box: _white(box()), {"text_in_background"}),
    "white beside a shape": (_beside_a_shape, {"text_in_background"}),
    "one point": (lambda page, box: setattr(box().font, "size", SlidePt(1)), {"text_tiny"}),
    "off the slide": (lambda page, box: box(-4_000_000) and None, {"text_off_slide"}),
    "a hidden shape": (_hidden_shape, {"shape_hidden"}),
    "notes": (
        lambda page, box: setattr(page.notes_slide.notes_text_frame, "text", "値引き可"),
        {"speaker_notes"},
    ),
    "empty notes": (lambda page, box: page.notes_slide and None, set()),
    "as usual": (lambda page, box: box() and None, set()),
    "white over a shape": (_over_a_shape, set()),
    "white in a shape": (_in_a_shape, set()),
    "white on navy": (_on_navy, set()),
}


@pytest.mark.parametrize("case", IN_POWERPOINT)
def test_powerpoint(case: str) -> None:
    change, expected = IN_POWERPOINT[case]
    assert told("a.pptx", slide(change)) == {(how, "slide:1") for how in expected}
