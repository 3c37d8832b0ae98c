import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from detectors.extract.picture import combs, ink
from detectors.extract.picture.glyphs import INK, Glyphs, glyphs


def boxes(pieces: Glyphs) -> list[tuple[int, ...]]:
    sides = (pieces.left, pieces.top, pieces.right, pieces.bottom)
    return sorted(zip(*(side.tolist() for side in sides), strict=True))


def flooded(mask: np.ndarray) -> list[tuple[int, ...]]:
    """The same by filling from each dot: slow, and plainly right."""
    seen, found = np.zeros_like(mask), []
    for start in map(tuple, np.argwhere(mask)):
        if seen[start]:
            continue
        left, dots = [start], []
        seen[start] = True
        while left:
            y, x = left.pop()
            dots.append((y, x))
            for dy, dx in np.ndindex(3, 3):
                at = (y + dy - 1, x + dx - 1)
                inside = 0 <= at[0] < mask.shape[0] and 0 <= at[1] < mask.shape[1]
                if inside and mask[at] and not seen[at]:
                    seen[at] = True
                    left.append(at)
        ys, xs = zip(*dots, strict=True)
        found.append((min(xs), min(ys), max(xs) + 1, max(ys) + 1))
    return sorted(found)


@settings(deadline=None)
@given(st.integers(1, 12), st.integers(1, 14), st.integers(0, 2**32), st.sampled_from((2, 3, 7)))
def test_it_works(high, wide, seed, share):
    mask = np.random.default_rng(seed).integers(0, 10, (high, wide)) < share
    assert boxes(glyphs(mask)) == flooded(mask)


def drawn(width: int, height: int) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("L", (width, height), 255)
    return image, ImageDraw.Draw(image)


def form() -> Image.Image:
    """Twelve bars of a digit's size, each in a box."""
    image, draw = drawn(900, 200)
    for at in range(12):
        draw.rectangle((50 + 60 * at, 50, 110 + 60 * at, 120), outline=0, width=2)
        draw.rectangle((74 + 60 * at, 70, 86 + 60 * at, 98), fill=0)
    return image


def test_rules_go_and_digits_stay():
    clean = ink.unruled(np.asarray(form()), 28)
    assert [box[2] - box[0] for box in boxes(glyphs(clean < INK))] == [13] * 12


def test_rules_that_a_fax_has_broken_go_and_a_row_of_letters_stays():
    image, draw = drawn(900, 300)
    for at in range(50, 850, 13):  # nine dots and a gap of four
        draw.line((at, 60, at + 8, 60 + at // 300), fill=0)
        draw.line((60, at, 60, at + 8), fill=0)
    letters = [(100 + 30 * at, 100, 122 + 30 * at, 128) for at in range(20)]
    for left, top, right, bottom in letters:  # strokes with gaps as small
        for by in range(left, right, 8):
            draw.line((by, top, by, bottom), fill=0, width=3)
        draw.line((left, top + 14, right, top + 14), fill=0, width=2)
    clean = boxes(glyphs(ink.unruled(np.asarray(image), 28) < INK))
    assert {(top, bottom) for _, top, _, bottom in clean} == {(100, 129)}
    assert len(clean) == len(letters)


def test_a_page_without_ink_has_no_rules():
    page = np.full((90, 90), 255, np.uint8)
    assert np.array_equal(ink.unruled(page, 28), page)


def test_digits_of_a_comb_are_moved_together():
    page = ink.unruled(np.asarray(form()), 28)
    close = boxes(glyphs(combs.closed(page, 28).page < INK))
    assert len(close) == 12
    assert close[0][0] == 74
    assert all(after[0] - before[2] < 10 for before, after in zip(close, close[1:], strict=False))


def test_amounts_in_columns_are_left_apart():
    image, draw = drawn(900, 100)
    for left in (50, 300, 640):
        for at in range(3):
            draw.rectangle((left + 20 * at, 40, left + 12 + 20 * at, 68), fill=0)
    page = np.asarray(image)
    assert np.array_equal(combs.closed(page, 28).page, page)


def lines(across: bool) -> Glyphs:
    image, draw = drawn(600, 600)
    for line in range(5):
        for letter in range(12):
            x, y = (40 + 34 * letter, 40 + 90 * line)
            if not across:
                x, y = y, x
            draw.rectangle((x, y, x + 26, y + 26), fill=0)
    return glyphs(np.asarray(image) < INK)


def test_which_way_the_lines_run():
    assert ink.letter_height(lines(True), (600, 600)) == 27
    across, down = ink.rows(lines(True), 27)
    assert across > 10 * max(down, 1)
    across, down = ink.rows(lines(False), 27)
    assert down > 10 * max(across, 1)


def test_light_and_polarity_do_not_matter():
    image, draw = drawn(400, 300)
    draw.rectangle((100, 100, 110, 130), fill=0)
    shade = np.linspace(0.4, 1, 400)[None, :]
    for picture in (np.asarray(image) * shade, 255 - np.asarray(image), np.asarray(image) * 0.3):
        page = ink.even(Image.fromarray(picture.astype(np.uint8)))
        assert (100, 100, 111, 131) in boxes(glyphs(page < INK))


def test_a_crooked_page_is_straightened():
    image, draw = drawn(800, 600)
    for line in range(8):
        draw.rectangle((100, 60 + 60 * line, 700, 80 + 60 * line), fill=0)
    crooked = np.asarray(image.rotate(3, expand=True, fillcolor=255))
    straight = boxes(glyphs(ink.straight(crooked) < INK))
    assert max(bottom - top for _, top, _, bottom in straight) < 30
