"""Where glyphs of an XPS page stand tells lines and columns; their order and nesting do not."""

import pytest

from tests.detectors.extract.reads import said, surfaces
from tests.samples import individual_number, zipped

NUMBER = individual_number(9)
TYPES = b'<Types><Override ContentType="application/vnd.ms-package.xps-fixeddocument+xml"/></Types>'


def glyphs(text: str, x: float, y: float, more: str = "") -> str:
    place = f'OriginX="{x}" OriginY="{y}" FontRenderingEmSize="10"'
    return f'<Glyphs {place} UnicodeString="{text}" {more}/>'


def moved(inside: str, x: float, y: float, scale: float = 1) -> str:
    return f'<Canvas RenderTransform="{scale},0,0,{scale},{x},{y}">{inside}</Canvas>'


def lines(content: str) -> list[str]:
    page = f'<FixedPage xmlns="http://schemas.microsoft.com/xps/2005/06">{content}</FixedPage>'
    parts = {"[Content_Types].xml": TYPES, "Documents/1/Pages/1.fpage": page.encode()}
    return said(surfaces(zipped(parts), "a.xps"), hidden=False).splitlines()


def test_it_works():
    number = "".join(glyphs(digit, 50 + 5 * at, 9) for at, digit in enumerate(NUMBER))
    assert lines(glyphs("番号", 0, 9) + number) == [f"番号\t{NUMBER}"]


@pytest.mark.parametrize("scale", [1, 0.5, 2])
def test_cells_in_canvases_of_their_own_are_rows_again(scale):
    cells = [("氏名", 0, 0), ("森", 0, 20), ("個人番号", 90, 0), (NUMBER, 90, 20)]
    page = "".join(moved(glyphs(text, 3, 8), x, y) for text, x, y in cells)
    assert lines(moved(page, 7, 7, scale)) == ["氏名\t個人番号", f"森\t{NUMBER}"]


@pytest.mark.parametrize("matrix", ["0,1,-1,0,200,0", "0,-1,1,0,0,200", "-1,0,0,-1,200,200"])
def test_a_page_on_its_side_or_head_has_lines_as_well(matrix):
    number = "".join(glyphs(digit, 50 + 5 * at, 9) for at, digit in enumerate(NUMBER))
    page = number + glyphs("番号", 0, 9) + glyphs("下", 0, 40)
    turned = f'<Canvas RenderTransform="{matrix}">{page}</Canvas>'
    assert lines(turned) == [f"番号\t{NUMBER}", "下"]


def test_widths_that_are_told_part_no_word():
    wide = glyphs("12", 0, 9, 'Indices="20,100;21,100"') + glyphs("34", 20, 9)
    assert lines(wide) == ["1234"]


def test_a_matrix_as_a_property_moves_as_well():
    matrix = '<Canvas.RenderTransform><MatrixTransform Matrix="1,0,0,1,0,50"/>'
    low = f"<Canvas>{matrix}</Canvas.RenderTransform>{glyphs('下', 0, 9)}</Canvas>"
    assert lines(low + glyphs("上", 0, 9)) == ["上", "下"]


@pytest.mark.parametrize("place", ['OriginX="x"', 'OriginX=""', 'RenderTransform="1,2"'])
def test_places_that_are_no_numbers_lose_no_text(place):
    assert lines(f'<Glyphs {place} UnicodeString="{NUMBER}"/>') == [NUMBER]
