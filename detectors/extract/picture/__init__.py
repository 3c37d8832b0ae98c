"""Pictures: what is printed in them (`ocr`) and what their codes of squares say (`barcode`)."""

from __future__ import annotations

import hashlib
import io
import struct
import time
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from functools import cache
from importlib import import_module

import numpy as np
from PIL import AvifImagePlugin, Image, ImageFile, ImageOps, UnidentifiedImageError

from detectors.budget import Budget, OverBudget
from detectors.extract.package import texts
from detectors.extract.picture import barcode, captions, cardface, ocr, stamps
from detectors.extract.reading import Missing, Refused
from detectors.numbers import individual_number
from detectors.report import Reason
from detectors.surface import Source, Spot, Surface, Text, Unread, Unreadable

Image.MAX_IMAGE_PIXELS = None  # `_PIXELS` refuses where Pillow would warn

_FORMATS = "PNG JPEG MPO GIF TIFF BMP DIB WEBP AVIF HEIF JPEG2000 ICO ICNS PSD PPM PCX TGA".split()
_MOVING = frozenset({"GIF", "WEBP", "PNG", "AVIF", "HEIF"})
_PIXELS = 120_000_000
"""A0 at 300 dpi in black and white; a bomb of 30 KiB unpacks to ten times that."""
_SIDE = 3_000
"""Pixels: A4 at 250 dpi. Larger ones are read at this size."""
_LONG, _SHORT = 60, 12
"""Twelve digits need five pixels each along the line, and twelve across to be told apart."""
_PAGES = 100
_SECONDS = 4.0
"""For a picture that is held in any case."""
_BROKEN = (OSError, EOFError, SyntaxError, ValueError, IndexError, struct.error, zlib.error)
"""What Pillow raises where data are damaged or end too early."""
_FRAMES = 8
"""Of a moving picture, evenly spread."""
_FAX = (1728, 1400)
"""A fax of standard resolution, where no resolution is written: dots a line, lines a page."""


def read(source: Source, budget: Budget) -> Iterator[Surface]:
    """One text a frame or page. A picture that is too small for a number has none."""
    try:
        image = _opened(source.data)
    except UnidentifiedImageError:
        if source.data[4:8] == b"ftyp" and "HEIF" not in formats():
            raise Missing("pi-heif") from None
        raise
    known: set[bytes] = set()
    for index in (pages := _frames(image)):
        budget.time()
        image.seek(index)
        _check_size(image, budget)
        if max(image.size) < _LONG or min(image.size) < _SHORT:
            continue
        spot = replace(source.spot, unit=f"page:{index + 1}" if len(pages) > 1 else "")
        try:
            page = upright(image)
        except _BROKEN:
            yield Unreadable(source.spot, Reason("corrupt", {"type": "image"}))
            yield from _remains(source, index, spot, budget)
            return  # what follows on a page that is cut off is not there either
        digest = hashlib.blake2b(page.tobytes()).digest()
        if digest not in known:  # an animation stands still most of the time
            known.add(digest)
            yield from page_texts(page, spot, source.context, budget)
    whole = replace(source.spot, unit="")
    with suppress(*_BROKEN):  # the dots are there: what stands beside them is not missed
        beside = [*captions.read(image), *captions.behind(image, source.data)]
        yield from texts(whole, beside, source.context, hidden=True)


def is_whole(data: bytes) -> bool:
    """Whether all of a picture is there: of some only what is missing is not shown."""
    try:
        upright(_opened(data))
    except _BROKEN:
        return False
    return True


def _opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data), formats=formats())


def _remains(source: Source, index: int, spot: Spot, budget: Budget) -> Iterator[Surface]:
    """What is there of a page that was cut off: its recipient sees that, too."""
    brief = replace(budget, deadline=min(budget.deadline, time.monotonic() + _SECONDS))
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        image = _opened(source.data)
        image.seek(index)
        page = upright(image)
    except _BROKEN:
        return
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False
    with suppress(OverBudget):
        yield from page_texts(page, spot, source.context, brief)


def _frames(image: Image.Image) -> list[int]:
    count = getattr(image, "n_frames", 1)
    if image.format in _MOVING:
        return sorted({round(i * (count - 1) / (_FRAMES - 1)) for i in range(_FRAMES)})
    if image.format != "TIFF":
        return [0]  # what follows are previews of other sizes, or layers of the same picture
    if count > _PAGES:
        raise Refused("over_budget", limit="pages")
    return list(range(count))


def page_texts(
    page: Image.Image, spot: Spot, context: tuple[str, ...], budget: Budget
) -> Iterator[Surface]:
    """Text and codes of one page, in grey or in colour. Raises Missing where nothing reads it."""
    reading = ocr.read(page, budget)
    text = reading.text
    if text.strip():
        is_card = cardface.is_face(text) or cardface.is_back(text)
        card = (cardface.TITLE,) if is_card else ()
        yield Text(spot, text, (*context, *card), agreed=reading.agreed)
    if reading.unread and individual_number.may_be_named(text):
        yield Unreadable(spot, Reason("digits_unread"))
    if under := stamps.below(page):
        again = ocr.read(under, budget)
        if again.text.strip():
            yield Text(spot, again.text, context, agreed=again.agreed)
    yield from code_texts(page, spot, context, budget, beside=text)


def code_texts(
    page: Image.Image, spot: Spot, context: tuple[str, ...], budget: Budget, beside: str = ""
) -> Iterator[Surface]:
    """Codes of one page; they have no label: what is printed beside them says what they hold."""
    budget.time()
    try:
        for said in barcode.read(np.asarray(page.convert("L"))):
            card = (cardface.TITLE,) if cardface.is_on(beside, said) else ()
            yield Text(spot, said, (*context, beside[:1_000], *card))
    except Missing as missing:
        yield Unread(spot, Reason("not_installed", {"package": missing.package}))


@cache
def formats() -> tuple[str, ...]:
    """Formats that are opened, of the hundred that Pillow knows; some of those start programs."""
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    with suppress(ImportError):
        pi_heif = import_module("pi_heif")  # HEVC, as iPhones take it
        pi_heif.options.DECODE_THREADS = 1
        pi_heif.register_heif_opener()
    Image.init()
    return tuple(name for name in _FORMATS if name in Image.OPEN)


def _check_size(image: Image.Image, budget: Budget) -> None:
    pixels = image.width * image.height
    if not pixels:
        raise Refused("corrupt", type="image")
    if pixels > _PIXELS:
        raise Refused("over_budget", limit="pixels")
    budget.take(pixels // 4)


def upright(image: Image.Image) -> Image.Image:
    """Square dots, as its viewer turns it, of a size that can be read in seconds; in grey (L), or
    in colour (RGB) where it has some."""
    image.draft("RGB", (_SIDE, _SIDE))
    page = image.copy() if _is_coloured(image) else _grey(image)
    across, down = _resolution(image)
    if across and down and not 0.8 < across / down < 1.25:
        longer = (page.width, round(page.height * across / down))
        page = page.resize(
            longer if across > down else (round(page.width * down / across), page.height)
        )
    page.thumbnail((_SIDE, _SIDE), Image.Resampling.LANCZOS)
    return ImageOps.exif_transpose(page)


def _is_coloured(image: Image.Image) -> bool:
    return image.mode == "RGB" and "transparency" not in image.info


def _resolution(image: Image.Image) -> tuple[float, float]:
    known = image.info.get("dpi")
    if known and image.format == "TIFF":
        return float(known[0]), float(known[1])
    is_fax = image.mode == "1" and image.width == _FAX[0] and image.height < _FAX[1]
    return (204, 98) if is_fax else (1, 1)


def _grey(image: Image.Image) -> Image.Image:
    """What is seen through counts as half dark, so that letters of any colour differ from it."""
    if image.mode.startswith(("I", "F")):
        depth = np.asarray(image, dtype=np.float64)
        least, span = depth.min(), max(1.0, float(np.ptp(depth)))
        return Image.fromarray(((depth - least) * (255 / span)).astype(np.uint8))
    if "transparency" in image.info or image.mode in ("RGBA", "LA", "PA", "La", "RGBa"):
        seen = image.convert("RGBA")
        ground = Image.new("RGBA", seen.size, (128, 128, 128, 255))
        return Image.alpha_composite(ground, seen).convert("L")
    return image.convert("L")
