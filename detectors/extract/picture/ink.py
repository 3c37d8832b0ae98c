"""Ink on paper: a picture made even, straight and free of the rules of forms, to be read.

Engines for printed text read dark letters on white lines. Cameras give shade, screens light
letters on dark ground, forms a frame around every digit, which is then read as a letter.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageFilter

from detectors.extract.picture.glyphs import INK, Glyphs, Grey, Ints, Mask, Places, glyphs, runs

LETTER = 28
"""Height in pixels that letters are brought to; the engine was taught with about that."""
_MOST = 4_600
"""Pixels along a side after that."""
_GRAINS, _DENSE = 0.003, 0.25
"""Pieces of ink to a pixel, and share of ink: twice what the smallest print has, and four times."""
_DUST = 0.006
"""Pieces of ink to a pixel: four times what the smallest print has."""
_FAINT = 170
"""Darker is ink of a rule, which is thinner and so paler than letters."""


_GAP, _DASHED = 0.25, 6.0
"""Heights of a letter: of a gap within a rule, and of a rule with such gaps."""
_ASIDE, _INKED = 5, 0.1
"""Pixels from such a rule, and the share of ink there: of letters and rules that touch it."""
_FEW, _MANY = 6, 44
"""Degrees, either way."""
_SOME = 10
"""Letters by which the way they run is told."""
_CLEAR = 2.0
"""Times the usual one: lines that lie level make rows of ink and of paper, others grey."""


def even(picture: Image.Image) -> Grey:
    """Black on white, whatever light fell on it: the distance of each pixel from its ground.

    The ground is the median of the neighbourhood, so that it does not matter which is darker.
    """
    grey = np.asarray(picture.convert("L"))
    block = max(8, min(24, max(grey.shape) // 80))
    small = Image.fromarray(_medians(grey, block)).filter(ImageFilter.MedianFilter(5))
    ground = np.asarray(small.resize(picture.size, Image.Resampling.BILINEAR))
    distance = np.maximum(grey, ground) - np.minimum(grey, ground)
    strong = max(40.0, float(np.percentile(distance[::3, ::3], 99.5)))
    paper = 255 - np.clip(np.arange(256) * (230 / strong), 0, 255)
    whitened: Grey = paper.astype(np.uint8)[distance]
    return whitened


def _medians(grey: Grey, block: int) -> Grey:
    """The median of each square of `block` pixels, of sixteen samples or so."""
    high, wide = (-(-side // block) for side in grey.shape)
    more = ((0, high * block - grey.shape[0]), (0, wide * block - grey.shape[1]))
    squares = np.pad(grey, more, mode="edge").reshape(high, block, wide, block)
    step = block // 4
    samples = squares[:, step // 2 :: step, :, step // 2 :: step].swapaxes(1, 2)
    flat = samples.reshape(high, wide, -1)
    middle = flat.shape[2] // 2
    return np.partition(flat, middle, axis=2)[:, :, middle]


def straight(page: Grey) -> Grey:
    """Turned by the degrees that a scanner or a hand was off."""
    angle = _skew(_letters(page < INK))
    if abs(angle) < 0.15:
        return page
    turned = Image.fromarray(page).rotate(
        angle, Image.Resampling.BICUBIC, expand=True, fillcolor=255
    )
    return np.asarray(turned)


def _letters(ink: Mask) -> Mask:
    """Without what is much larger than letters, where there are some: the edge of a sheet and its
    shadow lie as they like."""
    pieces = glyphs(ink)
    size = np.maximum(pieces.height, pieces.width)
    some = pieces.where(size <= 1.6 * letter_height(pieces, ink.shape))
    if len(some.left) < _SOME:
        return ink
    letters = np.zeros_like(ink)
    for left, top, right, bottom in some.boxes:
        letters[top:bottom, left:right] = ink[top:bottom, left:right]
    return letters


def _skew(ink: Mask) -> float:
    """Degrees, of at most forty-four: where rows of ink and rows of paper differ most.

    A scanner is off by a few. Further than those is looked where none of them stands out, for lines
    that run across or down the page.
    """
    factor = max(1, max(ink.shape) // 700)
    small = Image.fromarray(ink.astype(np.uint8) * 255).reduce(factor)
    known: dict[float, tuple[float, float]] = {}

    def both(angle: float) -> tuple[float, float]:
        if angle not in known:
            turned = np.asarray(small.rotate(angle, Image.Resampling.BILINEAR), dtype=np.int32)
            known[angle] = _contrast(turned.sum(axis=1)), _contrast(turned.sum(axis=0))
        return known[angle]

    def across(angle: float) -> float:
        return both(angle)[0]

    def down(angle: float) -> float:
        return both(angle)[1]

    few = [float(angle) for angle in range(-_FEW, _FEW + 1)]
    contrast = across
    best = max(few, key=across)
    if across(best) < _CLEAR * float(np.median([across(angle) for angle in few])):
        many = [float(angle) for angle in range(-_MANY, _MANY + 1, 2)]
        contrast = max((across, down), key=lambda way: max(map(way, many)))
        best = max(many, key=contrast)
        best = max((best + step for step in (-1.0, 0.0, 1.0)), key=contrast)
    for step in (0.25, 0.05):
        best = max((round(best + step * i, 2) for i in range(-3, 4)), key=contrast)
    return best if contrast(best) > 1.05 * contrast(0.0) else 0.0


def _contrast(sums: Ints) -> float:
    return float((np.diff(sums.astype(np.float64)) ** 2).sum())


def letter_height(pieces: Glyphs, of: tuple[int, int]) -> int:
    """The usual height of a letter in pixels, 0 where there are none.

    Weighted by height: the dots and strokes of a kanji are many and small.
    """
    high, wide = pieces.height, pieces.width
    compact = np.maximum(high, wide) <= 4 * np.minimum(high, wide)  # no rule, no frame of a cell
    fits = compact & (high >= 5) & (high <= min(of[0] // 2, 160))
    heights = np.sort(pieces.height[fits])
    if not len(heights):
        return 0
    weights = np.cumsum(heights)
    return int(heights[np.searchsorted(weights, weights[-1] * 0.6)])


def is_noise(page: Grey, pieces: Glyphs) -> bool:
    """Whether a third of it is ink in grains: no paper does that, and it would take ten seconds."""
    return len(pieces.left) > _GRAINS * page.size and float((page < INK).mean()) > _DENSE


def is_dusty(page: Grey, pieces: Glyphs) -> bool:
    """Whether specks lie all over it, as copies of copies have them."""
    return len(pieces.left) > _DUST * page.size


def dusted(page: Grey) -> Grey:
    """Without what is no larger than a dot or two."""
    return np.asarray(Image.fromarray(page).filter(ImageFilter.MedianFilter(3)))


def rows(pieces: Glyphs, letter: int) -> tuple[int, int]:
    """(letters with a neighbour beside them, letters with one below): which way the lines run.

    Letters of a line stand closer than lines do.
    """
    high, wide = pieces.height, pieces.width
    fits = (np.maximum(high, wide) >= 0.5 * letter) & (np.maximum(high, wide) <= 1.6 * letter)
    some = pieces.where(np.flatnonzero(fits)[:1_500].astype(np.int32))
    across = down = 0
    for box in zip(some.left, some.top, some.right, some.bottom, strict=True):
        left, top, right, bottom = map(int, box)
        beside = _gap(some.left, left, right, some.top, some.bottom, top, bottom, letter)
        below = _gap(some.top, top, bottom, some.left, some.right, left, right, letter)
        if min(beside, below) < letter:
            across += beside < below
            down += below < beside
    return across, down


def _gap(
    starts: Ints, start: int, end: int, sides: Ints, ends: Ints, side: int, other: int, letter: int
) -> int:  # fmt: skip
    """Pixels to the next piece ahead that stands level, many where there is none."""
    level = np.minimum(ends, other) - np.maximum(sides, side) > 0.4 * letter
    gaps = starts[level & (starts > start)] - end
    gaps = gaps[gaps > -2]
    return int(gaps.min()) if len(gaps) else 1 << 20


def unruled(page: Grey, letter: float) -> Grey:
    """Without the rules of forms and tables: what runs straight for longer than letters do.

    A line of three letters' length is one. A shorter one is, where it ends at another line: the
    walls between the boxes of a form, or the sides of a box that stands alone.
    """
    ink = page < _FAINT
    turned = _flipped(ink)
    across, down = _thicker_one_way(ink), _thicker_one_way(turned)
    long, box, wall = 3 * letter, 1.6 * letter, 1.2 * letter
    rows = _lines(across, long) | _dashed(across, ink, letter)
    columns = _lines(down, long) | _dashed(down, turned, letter)
    boxed_rows = _lines(across, box, _near(_flipped(_lines(down, box))))
    boxed_columns = _lines(down, box, _near(_flipped(_lines(across, box))), both=True)
    columns |= boxed_columns
    rows |= boxed_rows | _lines(across, box, _near(_flipped(columns)))
    columns |= _lines(down, wall, _near(_flipped(rows)), both=True)
    clean = page.copy()
    clean[_thicker(rows | _flipped(columns))] = 255
    return clean


def _thicker_one_way(mask: Mask) -> Mask:
    """By a row on each side, so that a line which leaves its row for the next goes on."""
    wide = mask.copy()
    wide[1:] |= mask[:-1]
    wide[:-1] |= mask[1:]
    return wide


def _thicker(mask: Mask) -> Mask:
    return _flipped(_thicker_one_way(_flipped(_thicker_one_way(mask))))


def _near(mask: Mask) -> Mask:
    """Within four pixels along the row."""
    wide = mask.copy()
    for step in range(1, 5):
        wide[:, step:] |= mask[:, :-step]
        wide[:, :-step] |= mask[:, step:]
    return wide


def _flipped(mask: Mask) -> Mask:
    return np.ascontiguousarray(mask.T)


def _lines(mask: Mask, least: float, at: Mask | None = None, both: bool = False) -> Mask:
    """The runs along rows that are long enough, and that touch `at` where given; with `both`, where
    they begin and where they end."""
    starts, ends, stride = runs(mask)
    long = ends - starts >= least
    starts, ends = starts[long], ends[long]
    if at is not None and len(starts):
        there = np.pad(at, ((0, 0), (1, 1))).view(np.uint8).ravel()
        if both:
            met = (there[starts] & there[ends - 1]) > 0
        else:
            bounds = np.stack((starts, ends), axis=1).ravel()
            met = np.maximum.reduceat(there, bounds)[::2] > 0
        starts, ends = starts[met], ends[met]
    return _drawn(starts, ends, stride, mask.shape[0])


def _drawn(starts: Places, ends: Places, stride: int, high: int) -> Mask:
    """The runs as a mask of so many rows."""
    drawn = np.zeros((high, stride), np.bool_)
    flat = drawn.ravel()
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        flat[start:end] = True
    return drawn[:, 1:-1]


def _dashed(mask: Mask, ink: Mask, letter: float) -> Mask:
    """The runs along rows that go on behind small gaps, as thin rules do on a fax.

    So do the strokes of letters: what tells is its length, and paper along both sides of it."""
    starts, ends, stride = _bridged(*runs(mask), _GAP * letter)
    long = ends - starts >= _DASHED * letter
    starts, ends = starts[long], ends[long]
    row, left = np.divmod(starts, stride)
    # Ink up to each pixel of a row: what lies along a rule is the difference of two.
    upto = np.cumsum(np.pad(ink, ((_ASIDE, _ASIDE), (2, 1))), axis=1)
    beside = [upto[at, left + ends - starts] - upto[at, left] for at in (row, row + 2 * _ASIDE)]
    thin = np.maximum(*beside) <= _INKED * (ends - starts)
    return _drawn(starts[thin], ends[thin], stride, mask.shape[0])


def _bridged(starts: Places, ends: Places, stride: int, gap: float) -> tuple[Places, Places, int]:
    """The runs of a mask, those of a row with no larger gap between them as one."""
    if not len(starts):
        return starts, ends, stride
    apart = starts[1:] - ends[:-1] > gap
    apart |= starts[1:] // stride != ends[:-1] // stride
    return starts[np.r_[True, apart]], ends[np.r_[apart, True]], stride


def scaled(page: Grey, factor: float) -> Grey:
    factor = min(factor, _MOST / max(page.shape))
    if 0.8 < factor < 1.15:
        return page
    size = (max(1, round(page.shape[1] * factor)), max(1, round(page.shape[0] * factor)))
    return np.asarray(Image.fromarray(page).resize(size, Image.Resampling.BICUBIC))
