"""Pictures: what is printed in them (`ocr`) and what their codes of squares say (`barcode`)."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import numpy as np
from PIL import AvifImagePlugin, Image, ImageFile, ImageOps, UnidentifiedImageError

from detectors.budget import Budget
from detectors.extract import barcode, ocr
from detectors.extract.reading import Missing, Refused
from detectors.report import Reason
from detectors.surface import Source, Spot, Surface, Text, Unread

Image.MAX_IMAGE_PIXELS = None  # `_PIXELS` refuses where Pillow would warn
ImageFile.LOAD_TRUNCATED_IMAGES = True  # the recipient sees what is there, too

_FORMATS = "PNG JPEG MPO GIF TIFF BMP DIB WEBP AVIF JPEG2000 ICO PSD".split()
_MOVING = frozenset({"GIF", "WEBP", "PNG", "AVIF"})
_PIXELS = 120_000_000
"""A0 at 300 dpi in black and white; a bomb of 30 KiB unpacks to ten times that."""
_SIDE = 3_000
"""Pixels: A4 at 250 dpi. Larger ones are read at this size."""
_LONG, _SHORT = 60, 12
"""Twelve digits need five pixels each along the line, and twelve across to be told apart."""
_PAGES = 100
_FRAMES = 8
"""Of a moving picture, evenly spread."""
_FAX = (1728, 1400)
"""A fax of standard resolution, where no resolution is written: dots a line, lines a page."""


def read(source: Source, budget: Budget) -> Iterator[Surface]:
    """One text a frame or page. A picture that is too small for a number has none."""
    try:
        image = Image.open(io.BytesIO(source.data), formats=formats())
    except UnidentifiedImageError:
        if source.data[4:8] != b"ftyp":
            raise
        # HEVC, as iPhones take it: its only free decoder starts threads, which a reader may not.
        yield Unread(source.spot, Reason("image", {"type": "heic"}))
        return
    known: set[bytes] = set()
    for index in (pages := _frames(image)):
        budget.time()
        image.seek(index)
        _check_size(image, budget)
        if max(image.size) < _LONG or min(image.size) < _SHORT:
            continue
        page = upright(image)
        digest = hashlib.blake2b(page.tobytes()).digest()
        if digest not in known:  # an animation stands still most of the time
            known.add(digest)
            unit = f"page:{index + 1}" if len(pages) > 1 else ""
            yield from page_texts(page, replace(source.spot, unit=unit), source.context, budget)


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
    """Text and codes of one page. Raises Missing where nothing reads it."""
    text = ocr.read(page, budget)
    if text.strip():
        yield Text(spot, text, context, agreed=frozenset())
    try:
        # A code has no label of its own; what is printed beside it says what it holds.
        for said in barcode.read(np.asarray(page)):
            yield Text(spot, said, (*context, text[:1_000]))
    except Missing as missing:
        yield Unread(spot, Reason("not_installed", {"package": missing.package}))


@cache
def formats() -> tuple[str, ...]:
    """Formats that are opened, of the hundred that Pillow knows; some of those start programs."""
    # More threads than one: a confined reader may start none.
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
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
    """In grey, square dots, as its viewer turns it, of a size that can be read in seconds."""
    image.draft("L", (_SIDE, _SIDE))
    page = _grey(image)
    across, down = _resolution(image)
    if across and down and not 0.8 < across / down < 1.25:
        longer = (page.width, round(page.height * across / down))
        page = page.resize(
            longer if across > down else (round(page.width * down / across), page.height)
        )
    page.thumbnail((_SIDE, _SIDE), Image.Resampling.LANCZOS)
    return ImageOps.exif_transpose(page)


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
