import io

import pptx
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE

from detectors.extract import sniff
from tests.detectors.extract.parts import unzipped
from tests.detectors.extract.reads import nested, notes, refusals, spots, surfaces, tables
from tests.samples import individual_number, individual_numbers, slides, zipped

NUMBER = individual_number(5)


def saved(deck) -> bytes:
    out = io.BytesIO()
    deck.save(out)
    return out.getvalue()


def test_it_works():
    found = surfaces(slides(["表紙", f"個人番号 {NUMBER}"]), "a.pptx")
    (spot,) = spots(found, NUMBER)
    assert spot.unit == "slide:2"
    assert not refusals(found)


def test_notes_and_hidden_slides():
    a, b = individual_numbers(2, seed=1)
    found = surfaces(slides(["一", a], notes={1: b}, hidden=[2]))
    assert notes(found) == ["speaker_notes", "hidden_slide"]
    assert spots(found, a)[0].hidden
    assert spots(found, b)[0].unit == "slide:1"


def test_tables_and_groups():
    a, b = individual_numbers(2, seed=2)
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    grid = slide.shapes.add_table(2, 2, 0, 0, 1_000_000, 1_000_000).table
    for (row, column), text in {(0, 0): "氏名", (0, 1): "番号", (1, 0): "山田", (1, 1): a}.items():
        grid.cell(row, column).text = text
    group = slide.shapes.add_group_shape()
    group.shapes.add_textbox(0, 0, 10, 10).text_frame.text = b
    found = surfaces(saved(deck))
    assert tables(found)[0].rows == [["氏名", "番号"], ["山田", a]]
    assert tables(found)[0].spot.unit == "slide:1"
    assert spots(found, b)[0].unit == "slide:1"


def test_charts_give_their_words_and_their_workbook():
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    data = CategoryChartData()
    data.categories = [NUMBER]
    data.add_series("系列", (1,))
    slide.shapes.add_chart(XL_CHART_TYPE.PIE, 0, 0, 1_000_000, 1_000_000, data)
    found = surfaces(saved(deck))
    assert spots(found, NUMBER)[0].unit == "slide:1"
    assert "xlsx" in {sniff(inner) for inner in nested(found).values()}


def test_a_deck_that_has_lost_a_slide_is_corrupt():
    parts = unzipped(slides(["一", "二"]))
    del parts["ppt/slides/slide2.xml"]
    assert refusals(surfaces(zipped(parts))) == ["corrupt"]


def test_truncated_files_are_refused():
    data = slides([NUMBER])
    assert refusals(surfaces(data[:-200]))
