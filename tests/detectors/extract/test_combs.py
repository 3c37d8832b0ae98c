"""Pictures of boxes with a digit in each: cut out of a form, or side by side with other fields."""

from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from detectors import inspect
from tests.detectors.extract.drawn import FONT, saved
from tests.detectors.extract.reads import said, surfaces
from tests.samples import individual_number, individual_numbers, message

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _engine():
    pytest.importorskip("tesserocr")
    if not Path(FONT).exists():
        pytest.skip("no Japanese font on this machine")


def boxes(
    *rows: str, size: int = 36, gap: int = 0, wide: float = 1.4, rule: str = "black"
) -> Image.Image:
    """A box a digit, `gap` pixels apart, `wide` times as wide as letters are high."""
    face, width, height = ImageFont.truetype(FONT, size), round(size * wide), round(size * 1.5)
    shape = (60 + (width + gap) * max(map(len, rows)), 60 + (height + gap) * len(rows))
    image = Image.new("RGB", shape, "white")
    draw = ImageDraw.Draw(image)
    for y, row in enumerate(rows):
        for x, digit in enumerate(row):
            left, top = 30 + x * (width + gap), 30 + y * (height + gap)
            draw.rectangle((left, top, left + width, top + height), outline=rule, width=2)
            middle = left + width / 2, top + height / 2
            draw.text(middle, digit, fill="black", font=face, anchor="mm")
    return image


def form(*fields: tuple[str, str]) -> Image.Image:
    """Headings, and below them the digits of each field in boxes, all in one row."""
    grid = boxes("".join(digits for _, digits in fields))
    image = Image.new("RGB", (grid.width, grid.height + 54), "white")
    image.paste(grid, (0, 54))
    draw, left = ImageDraw.Draw(image), 30
    for heading, digits in fields:
        right = left + 50 * len(digits)
        draw.rectangle((left, 30, right, 84), outline="black", width=2)
        face = ImageFont.truetype(FONT, 28)
        draw.text(((left + right) / 2, 57), heading, fill="black", font=face, anchor="mm")
        left = right
    return image


def found(image: Image.Image, subject: str, body: str = "よろしくお願いいたします。") -> int:
    """個人番号 in a mail with the picture."""
    report = inspect(message(subject, body, [("image.png", saved(image))]))
    return sum(one.unique for one in report.findings if one.kind == "jp.individual_number")


def read(image: Image.Image) -> str:
    return said(surfaces(saved(image))).replace(" ", "")


@pytest.mark.parametrize("gap", [0, 8, 20])
@pytest.mark.parametrize("size", [16, 28, 48])
def test_it_works(size, gap):
    number = individual_number(size + gap)
    assert number in read(boxes(number, size=size, gap=gap))


@pytest.mark.parametrize("rule", ["#999999", "#e05050"])
def test_pale_and_coloured_rules(rule):
    number = individual_number(3)
    assert number in read(boxes(number, rule=rule))


def test_groups_with_a_box_left_out_between_them():
    number = individual_number(4)
    image = boxes(f"{number[:4]} {number[4:8]} {number[8:]}")
    draw = ImageDraw.Draw(image)
    for at in (4, 9):
        draw.rectangle((30 + at * 50 + 3, 20, 30 + at * 50 + 47, 100), fill="white")
    assert number in read(image)


@pytest.mark.parametrize("gap", [0, 8])
@pytest.mark.parametrize("degrees", [90, 180, 270, 1])
def test_turned(degrees, gap):
    number = individual_number(5)
    image = boxes(number, gap=gap).rotate(degrees, expand=True, fillcolor="white")
    assert number in read(image)


@pytest.mark.parametrize("wide", [1.2, 1.5])
@pytest.mark.parametrize("gap", [0, 8])
def test_rows_below_one_another(gap, wide):
    """Digits may stand nearer to those below than to those beside."""
    numbers = individual_numbers(3, 6)
    text = read(boxes(*numbers, gap=gap, wide=wide))
    assert all(number in text for number in numbers)


def test_on_a_large_sheet():
    number = individual_number(7)
    sheet = Image.new("RGB", (1240, 900), "white")
    sheet.paste(boxes(number), (200, 300))
    assert number in read(sheet)


def test_boxes_without_digits_are_not_read():
    assert read(boxes(" " * 12)) == ""


def test_a_mail_that_says_what_they_are_is_found_out():
    number = individual_number(8)
    assert found(boxes(number), "個人番号", "私の個人番号は画像のとおりです。") == 1


BIRTH = "3550203"


def test_the_boxes_of_another_field_follow_at_once():
    image = form(("個人番号", individual_number(9)), ("生年月日", BIRTH))
    assert found(image, "届出書") == 1


def test_the_boxes_of_another_person_follow_at_once():
    own, other = individual_numbers(2, 10)
    assert found(form(("個人番号（本人）", own), ("個人番号（配偶者）", other)), "届出書") == 2


def test_boxes_of_other_fields_have_none():
    image = form(("受付番号", individual_number(9)), ("生年月日", BIRTH))
    assert found(image, "届出書") == 0


def test_a_corporate_number_is_no_comb_of_two_fields():
    """Behind its check digit stand twelve that may be right as a 個人番号 by chance."""
    image = form(("個人番号又は法人番号", f"5{individual_number(11)}"))
    assert found(image, "支払調書") == 0
