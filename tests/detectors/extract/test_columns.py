"""Sheets of cells in pictures: a number is what the heading over it says, wherever that stands."""

import random

import pytest
from PIL import Image

from detectors.extract.picture.columns import written
from detectors.extract.picture.words import Word, is_number
from detectors.report import Confidence
from detectors.score import findings
from detectors.surface import Surface
from tests.detectors.corpus import parcel
from tests.detectors.extract.drawn import saved
from tests.detectors.extract.reads import surfaces
from tests.detectors.papers import paper, sans
from tests.samples import individual_number

ONE, OTHER = individual_number(3), individual_number(4)


def line(top: int, *words: tuple[str, int]) -> list[Word]:
    """Words as wide as the engine says of letters 20 dots wide, and digits half of it."""
    wide = [sum(10 if sign.isascii() else 20 for sign in text) for text, _ in words]
    return [
        Word(text, left, top, left + width, top + 20)
        for (text, left), width in zip(words, wide, strict=True)
    ]


def test_the_heading_over_a_number_and_the_number_are_parted_from_the_rest():
    sheet = [
        line(0, ("1", 0), ("氏名", 20), ("個人", 200), ("番号", 240), ("部署", 400)),
        line(40, ("2", 0), ("中村", 20), ("恵", 65), (ONE, 205), ("営業", 330)),
        line(80, ("3", 0), ("森", 20), (OTHER, 205)),
    ]
    assert written(sheet).split("\n") == [
        "1氏名\t個人番号\t部署",
        f"2中村恵\t{ONE}\t営業",
        f"3森\t{OTHER}\t",
    ]


def test_of_two_columns_each_has_its_own_tabs():
    sheet = [
        line(0, ("本人の個人番号", 0), ("配偶者のマイナンバー", 300)),
        line(40, (ONE, 0), (OTHER, 310)),
    ]
    assert written(sheet).split("\n")[1].split("\t") == ["", ONE, "", OTHER, ""]


@pytest.mark.parametrize("over", ["送り状番号", "個人番号届出書", "営業部"])
def test_under_what_is_no_name_of_the_number_lines_stay_as_they_are(over):
    sheet = [line(0, ("個人番号", 0), (over, 200)), line(40, ("未", 0), (ONE, 200))]
    assert "\t" not in written(sheet)


def test_something_between_the_heading_and_the_number_parts_them():
    sheet = [line(0, ("個人番号", 0)), line(40, ("未提出", 0)), line(80, (ONE, 0))]
    assert "\t" not in written(sheet)


def screen(headings: tuple[str, ...], rows: list[tuple[str, ...]]) -> Image.Image:
    """A window of a spreadsheet program, with the letters of its columns and its row numbers."""
    image, draw = paper(900, 40 + 40 * (len(rows) + 2))
    face, lefts = sans(20), [6, *(50 + 205 * at for at in range(len(headings)))]
    for y, row in enumerate([("", "A", "B", "C", "D"), ("1", *headings), *rows]):
        draw.line((0, 40 * y + 37, image.width, 40 * y + 37), fill="#cccccc")
        for left, cell in zip(lefts, row, strict=False):
            draw.text((left, 40 * y + 6), cell, fill="black", font=face)
    return image


def held(found: list[Surface]) -> set[Confidence]:
    return {
        one.confidence
        for one in findings(found)
        if one.kind == "jp.individual_number" and one.confidence is not Confidence.LOW
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    ("headings", "row"),
    [
        (("氏名", "生年月日", "マイナンバー"), ("青木 真由美", "1970/03/14", ONE)),
        (("氏名", "個人番号", "部署"), ("中村 恵", ONE, "営業")),
    ],
)
def test_a_number_on_a_screen_is_held_under_its_heading(headings, row):
    pytest.importorskip("tesserocr")
    assert held(surfaces(saved(screen(headings, [("2", *row), ("3",)])))) == {Confidence.HIGH}


@pytest.mark.slow
def test_a_number_on_a_screen_under_another_heading_is_not_held():
    pytest.importorskip("tesserocr")
    rng = random.Random(5)
    other = next(one for one in iter(lambda: parcel(rng), "") if is_number(one))
    sheet = screen(("氏名", "個人番号", "伝票番号"), [("2", "中村 恵", "提出済", other)])
    assert not held(surfaces(saved(sheet)))
