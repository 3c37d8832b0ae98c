import numpy as np
import pytest
from PIL import Image, ImageDraw

from detectors.extract.picture import frames
from detectors.extract.picture.glyphs import INK, glyphs
from tests.detectors.extract import drawn


def page(count: int, gap: int = 6, radius: int = 0, ink: int = 0) -> tuple[Image.Image, list[int]]:
    """Frames of 40 by 50 pixels in a row, a bar of 8 by 20 in each; and the bars' left sides."""
    image = Image.new("L", (900, 120), 255)
    draw, bars = ImageDraw.Draw(image), []
    for left in range(20, 20 + count * (41 + gap), 41 + gap):
        draw.rounded_rectangle((left, 30, left + 40, 80), radius, outline=ink, width=2)
        draw.rectangle((left + 16, 45, left + 23, 64), fill=0)
        bars.append(left + 16)
    return image, bars


def lefts(image: Image.Image) -> list[int]:
    return sorted(glyphs(frames.without(np.asarray(image)) < INK).left.tolist())


@pytest.mark.parametrize("how", [{"gap": 2}, {"gap": 40}, {"radius": 8}, {"ink": 150}])
def test_frames_in_a_row_go_and_what_is_in_them_stays(how):
    image, bars = page(8, **how)
    assert lefts(image) == bars


def test_few_frames_may_be_letters():
    image, _ = page(3)
    assert np.array_equal(frames.without(np.asarray(image)), np.asarray(image))


def test_frames_of_several_sizes_are_no_row():
    image = Image.new("L", (900, 200), 255)
    for at in range(8):
        ImageDraw.Draw(image).rectangle((20 + 90 * at, 30, 50 + 98 * at, 80 + 12 * at), outline=0)
    assert np.array_equal(frames.without(np.asarray(image)), np.asarray(image))


def test_blocks_and_rings_are_no_frames():
    image = Image.new("L", (900, 120), 255)
    draw = ImageDraw.Draw(image)
    for left in range(20, 800, 60):
        draw.rectangle((left, 20, left + 40, 60), fill=0)
        draw.ellipse((left, 70, left + 40, 110), outline=0, width=2)
    assert np.array_equal(frames.without(np.asarray(image)), np.asarray(image))


def test_a_digit_that_touches_its_frame_stays():
    image, bars = page(8)
    ImageDraw.Draw(image).line((bars[3] + 4, 64, bars[3] + 4, 80), fill=0, width=2)
    assert lefts(image) == bars


def test_frames_that_lean_go():
    image = Image.new("L", (900, 120), 255)
    draw = ImageDraw.Draw(image)
    for left in range(20, 700, 52):
        sides = ((left, 30), (left + 40, 33), (left + 38, 83), (left - 2, 80))
        draw.polygon(sides, outline=0, width=2)
        draw.rectangle((left + 15, 46, left + 22, 66), fill=0)
    assert lefts(image) == [left + 15 for left in range(20, 700, 52)]


@pytest.mark.parametrize("size", [18, 24, 30, 36, 48, 72])
def test_zeros_and_kanji_side_by_side_are_no_frames(size):
    image = drawn.page("0000 8888 000000 88008800", "国回口と日田日の口口口", size=size).convert(
        "L"
    )
    assert np.array_equal(frames.without(np.asarray(image)), np.asarray(image))
