"""Digits cut out of a strip and set anew; no engine has a part in it."""

import numpy as np
from PIL import ImageDraw

from detectors.extract.picture.typeset import digits, typeset
from tests.detectors.extract.drawn import page


def strip(text, edge=False):
    image = page(text, size=40).crop((30, 20, 1000, 100)).convert("L")
    if edge:  # of a card, at the top of the strip
        ImageDraw.Draw(image).line((0, 0, 600, 12), fill=0, width=6)
    return np.asarray(image)


def test_it_works():
    wide = strip("12 34  56 78")
    found = digits(wide)
    assert len(found.left) == 8
    line = typeset(wide, found, 0.2)
    assert line.shape[1] < 0.7 * wide.shape[1]
    assert len(digits(line).left) == 8


def test_what_is_no_digit_is_left_out():
    assert len(digits(strip("3708 6895 2107", edge=True)).left) == 12
    assert len(digits(strip("3708、6895・2107")).left) == 12


def test_paper_has_none():
    assert len(digits(strip("")).left) == 0
