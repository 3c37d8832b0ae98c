"""What the first look at a page misreads, and the second one does not."""

import random

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from detectors.extract.picture.words import spelt
from detectors.report import Confidence
from detectors.score import findings
from tests.detectors.extract.drawn import page, saved
from tests.detectors.extract.reads import surfaces
from tests.detectors.papers import SERIF
from tests.samples import individual_number

NUMBER = individual_number(3)
GROUPS = " ".join((NUMBER[:4], NUMBER[4:8], NUMBER[8:]))


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        (f"個人番 {NUMBER}", f"個人番号 {NUMBER}"),
        (f"個人番呈 {NUMBER}", f"個人番号 {NUMBER}"),
        (f"マイナンバニ {NUMBER}", f"マイナンバー {NUMBER}"),
        (f"法人番 {NUMBER}", f"法人番 {NUMBER}"),
        ("個人番組 1234", "個人番組 1234"),
    ],
)
def test_a_label_whose_last_letter_is_lost_or_misread(read, meant):
    assert spelt(read) == meant


@pytest.mark.slow
def test_a_small_label_among_dust_is_read_at_another_size():
    """被保険者番号 of another line is no label of the number then."""
    pytest.importorskip("tesserocr")
    found = findings(surfaces(saved(scan("マイナンバー", GROUPS), "JPEG", quality=70)))
    assert [one.confidence for one in found] == [Confidence.HIGH]


@pytest.mark.slow
@pytest.mark.parametrize("mark", ["“", "'"])
def test_a_bit_of_dust_before_a_number_is_no_sign_of_it(mark):
    pytest.importorskip("tesserocr")
    found = findings(surfaces(saved(page("氏名 山田太郎", f"個人番号 {mark}{NUMBER}", "総務部"))))
    assert [one.confidence for one in found] == [Confidence.HIGH]


@pytest.mark.slow
def test_a_one_that_was_read_as_a_bracket_is_looked_at_again():
    pytest.importorskip("tesserocr")
    number = individual_number(2)
    groups = " ".join((number[:4].replace("1", "]", 1), number[4:8], number[8:]))
    assert "]" in groups
    found = findings(surfaces(saved(page("氏名 山田太郎", f"個人番号 {groups}", "総務部"))))
    assert [one.confidence for one in found] == [Confidence.HIGH]


def scan(label: str, number: str) -> Image.Image:
    """A form, scanned in grey a little askew, with dust on the glass."""
    rng, noise = random.Random(1), np.random.default_rng(1)
    sheet = Image.new("L", (1654, 800), 245)
    draw, face = ImageDraw.Draw(sheet), ImageFont.truetype(SERIF, 28)
    rows = [
        ("住所", "広島県広島市中区基町10-52"),
        ("被保険者番号", "2047-463262-6"),
        (label, number),
        ("氏名", "小林 和子"),
        ("性別", "男"),
        ("取得区分", "1 新規"),
        ("電話番号", "03-7842-6878"),
    ]
    for at, row in enumerate(rows):
        for left, cell in zip((170, 620), row, strict=True):
            draw.text((left, 60 + 90 * at), cell, fill=40, font=face)
    sheet = sheet.rotate(rng.uniform(-1.5, 1.5), Image.Resampling.BICUBIC, fillcolor=245)
    dots = np.asarray(sheet).astype(float)
    sheet = Image.fromarray((dots + noise.normal(0, 7, dots.shape)).clip(0, 255).astype("uint8"))
    draw = ImageDraw.Draw(sheet)
    for _ in range(110):
        x, y, r = rng.randrange(1654), rng.randrange(800), rng.choice([1, 2, 3])
        draw.ellipse((x, y, x + r, y + r), fill=rng.randrange(120))
    return sheet
