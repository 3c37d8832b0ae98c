"""Pictures of boxes with a digit in each: cut out of a form, or side by side with other fields."""

from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from detectors import inspect
from detectors.surface import Unreadable
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


@pytest.mark.parametrize("seed", [0, 3])
def test_a_one_as_high_as_its_box_is_no_wall(seed):
    number = individual_number(seed)
    image = boxes(number.replace("1", " ", 1), wide=1.1)
    left = 30 + number.index("1") * 40 + 20
    ImageDraw.Draw(image).line((left, 30, left, 84), fill="black", width=4)
    assert number in read(image)


def scribbled(heading: str, digits: str) -> Image.Image:
    """Boxes with signs in the empty ones that are no digits to anybody."""
    image = form((heading, digits))
    draw = ImageDraw.Draw(image)
    for left in (30 + 50 * at for at, digit in enumerate(digits) if digit == " "):
        draw.line(
            [(left + 12, 96), (left + 36, 128), (left + 14, 110), (left + 34, 98)], "black", 4
        )
    return image


def unread(image: Image.Image) -> list[str]:
    found = surfaces(saved(image))
    return [one.reason.code for one in found if isinstance(one, Unreadable)]


def test_digits_that_nobody_can_read_are_told():
    assert unread(scribbled("個人番号", "5 03 97 2480")) == ["digits_unread"]


def test_boxes_that_are_empty_or_of_something_else_are_not():
    number = individual_number(9)
    assert unread(form(("個人番号", " " * 12))) == []
    assert unread(form(("個人番号", number))) == []
    assert unread(scribbled("会員番号", "5 03 97 2480")) == []


def test_digits_that_fail_the_check_are_read_all_the_same():
    number = individual_number(9)
    assert unread(form(("個人番号", f"{number[:-1]}{(int(number[-1]) + 1) % 10}"))) == []


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
