"""Synthetic pictures for measuring the reading of images: papers, cards, screens, faxes, photos.

Each picture is a paper (`tests.detectors.papers`), damaged as scanners, cameras and fax machines
do, in a file of some format. Nothing is stored: numbers are drawn when the corpus is made, and
half of the look-alikes pass the check of a 個人番号.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from fpdf import FPDF
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from tests.detectors import papers
from tests.detectors.papers import Paper

Damage = Callable[[Image.Image, random.Random], Image.Image]


@dataclass(frozen=True, slots=True)
class Picture:
    technique: str
    name: str
    data: bytes = field(repr=False)
    numbers: frozenset[str] = field(default=frozenset(), repr=False)
    """個人番号 that must be found at medium or high; nothing else may be."""


# What happens to a paper on its way


def clean(image: Image.Image, rng: random.Random) -> Image.Image:
    return image


def scan(image: Image.Image, rng: random.Random) -> Image.Image:
    """A flatbed at half the resolution: grey, grainy, a little crooked."""
    grey = image.convert("L")
    turned = grey.rotate(rng.uniform(-0.8, 0.8), Image.Resampling.BICUBIC, fillcolor=255)
    return _grain(turned, rng, 9)


def skewed(image: Image.Image, rng: random.Random) -> Image.Image:
    angle = rng.choice((-1, 1)) * rng.uniform(2.5, 4.8)
    grey = image.convert("L")
    return _grain(grey.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=255), rng, 5)


def fax(image: Image.Image, rng: random.Random) -> Image.Image:
    """Black and white at 204 x 98 dpi (ITU-T T.4, standard resolution), with specks."""
    width = 1728
    height = round(image.height * width / image.width * 98 / 204)
    small = image.convert("L").resize((width, height), Image.Resampling.LANCZOS)
    return _faxed(small.point(lambda v: 255 if v > 150 else 0), rng, 98)


def fine_fax(image: Image.Image, rng: random.Random) -> Image.Image:
    height = round(image.height * 1728 / image.width * 196 / 204)
    small = image.convert("L").resize((1728, height), Image.Resampling.LANCZOS)
    return _faxed(small.point(lambda v: 255 if v > 140 else 0), rng, 196)


def photo(image: Image.Image, rng: random.Random) -> Image.Image:
    """On a desk, from a slightly wrong angle, in the light of a lamp."""
    width, height = image.size
    desk = Image.new("RGB", (round(width * 1.15), round(height * 1.15)), (121, 99, 78))
    desk.paste(image.convert("RGB"), (round(width * 0.07), round(height * 0.08)))
    wide, high = desk.size
    lean = [rng.uniform(0, 0.025) for _ in range(8)]
    quad = (
        (lean[0] * wide, lean[1] * high), (lean[2] * wide, (1 - lean[3]) * high),
        ((1 - lean[4]) * wide, (1 - lean[5]) * high), ((1 - lean[6]) * wide, lean[7] * high),
    )  # fmt: skip
    flat = tuple(value for point in quad for value in point)
    desk = desk.transform(desk.size, Image.Transform.QUAD, flat, Image.Resampling.BICUBIC)
    desk = _lit(desk, rng).filter(ImageFilter.GaussianBlur(rng.uniform(0.4, 0.9)))
    return _grain(desk, rng, 7)


def dim(image: Image.Image, rng: random.Random) -> Image.Image:
    """Thin toner on grey paper."""
    return ImageEnhance.Brightness(ImageEnhance.Contrast(image.convert("L")).enhance(0.35)).enhance(
        0.9
    )


def inverted(image: Image.Image, rng: random.Random) -> Image.Image:
    return ImageOps.invert(image.convert("RGB"))


def small(image: Image.Image, rng: random.Random) -> Image.Image:
    """Shrunk to fit into a mail."""
    factor = rng.uniform(0.5, 0.62)
    size = (round(image.width * factor), round(image.height * factor))
    return image.convert("RGB").resize(size, Image.Resampling.LANCZOS)


def turned(quarters: int) -> Damage:
    def turn(image: Image.Image, rng: random.Random) -> Image.Image:
        return scan(image, rng).rotate(90 * quarters, expand=True)

    return turn


def stained(image: Image.Image, rng: random.Random) -> Image.Image:
    """On coloured paper."""
    paper = Image.new("RGB", image.size, rng.choice([(255, 236, 179), (200, 230, 255), "#e6f4d7"]))
    mask = ImageOps.invert(image.convert("L"))
    ink = Image.new("RGB", image.size, rng.choice([(20, 20, 90), (90, 10, 20), (30, 30, 30)]))
    paper.paste(ink, (0, 0), mask)
    return paper


def _grain(image: Image.Image, rng: random.Random, sigma: float) -> Image.Image:
    noise = np.random.default_rng(rng.randrange(1 << 30))
    grey = np.asarray(image, dtype=np.float32)
    grey = grey + noise.normal(0, sigma, grey.shape).astype(np.float32)
    return Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8))


def _faxed(image: Image.Image, rng: random.Random, lines: int) -> Image.Image:
    noise = np.random.default_rng(rng.randrange(1 << 30))
    dots = np.array(image)
    dots[noise.random(dots.shape) < 0.0006] = 0
    page = Image.fromarray(dots).convert("1")
    page.info["dpi"] = (204, lines)
    return page


def _lit(image: Image.Image, rng: random.Random) -> Image.Image:
    slope = np.linspace(rng.uniform(0.55, 0.75), 1.0, image.width, dtype=np.float32)
    slope = slope if rng.random() < 0.5 else slope[::-1]
    lit = np.asarray(image, dtype=np.float32) * slope[None, :, None]
    return Image.fromarray(np.clip(lit, 0, 255).astype(np.uint8))


# What file it becomes


def png(image: Image.Image) -> bytes:
    return _saved(image, "PNG")


def jpeg(image: Image.Image) -> bytes:
    return _saved(image.convert("RGB"), "JPEG", quality=72)


def poor_jpeg(image: Image.Image) -> bytes:
    return _saved(image.convert("RGB"), "JPEG", quality=22)


def exif_jpeg(image: Image.Image) -> bytes:
    """As a telephone held upright writes it: turned, with a note that says so (6: 90° right)."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return _saved(image.convert("RGB").rotate(90, expand=True), "JPEG", quality=75, exif=exif)


def gif(image: Image.Image) -> bytes:
    return _saved(image.convert("P"), "GIF")


def bmp(image: Image.Image) -> bytes:
    return _saved(image.convert("RGB"), "BMP")


def webp(image: Image.Image) -> bytes:
    return _saved(image.convert("RGB"), "WEBP", quality=70)


def tiff(image: Image.Image) -> bytes:
    """Black and white as fax servers write it: a cover page before, group 4, oblong pixels."""
    dpi = image.info["dpi"]
    cover = Image.new("1", (1728, 6 * dpi[1]), 1)
    return _saved(
        cover, "TIFF", save_all=True, append_images=[image.convert("1")], dpi=dpi,
        compression="group4",
    )  # fmt: skip


def pdf(image: Image.Image) -> bytes:
    """As a copier sends it: one picture a page."""
    made = FPDF(unit="pt", format=(595, 842))
    made.add_page()
    made.image(io.BytesIO(jpeg(image)), x=0, y=0, w=595, h=595 * image.height / image.width)
    return bytes(made.output())


def _saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


SUFFIXES = {
    png: "png", jpeg: "jpg", poor_jpeg: "jpg", exif_jpeg: "jpg", gif: "gif", bmp: "bmp",
    webp: "webp", tiff: "tif", pdf: "pdf",
}  # fmt: skip

_PAPERS: tuple[Paper, ...] = (
    papers.note, papers.slip, papers.boxes, papers.grouped_boxes, papers.card, papers.notice,
    papers.withholding, papers.dependents, papers.listing, papers.workbook,
)  # fmt: skip
_PAGES = (papers.withholding, papers.dependents, papers.listing)
"""Whole sheets, as scanners and fax machines see them."""

_WAYS: tuple[tuple[str, Damage, Callable[[Image.Image], bytes], tuple[Paper, ...]], ...] = (
    ("as drawn", clean, png, _PAPERS),
    ("poor JPEG", clean, poor_jpeg, _PAPERS),
    ("shrunk", small, png, _PAPERS),
    ("scan", scan, jpeg, _PAPERS),
    ("copier PDF", scan, pdf, _PAGES),
    ("crooked scan", skewed, jpeg, _PAPERS),
    ("photo", photo, jpeg, _PAPERS),
    ("telephone, turned by EXIF", photo, exif_jpeg, (papers.card, papers.notice)),
    ("on its side", turned(1), jpeg, (papers.slip, papers.boxes, *_PAGES)),
    ("on its head", turned(2), png, (papers.card, *_PAGES)),
    ("on its other side", turned(3), webp, (papers.note, papers.dependents)),
    ("thin toner", dim, png, _PAPERS),
    ("dark screen", inverted, png, (papers.note, papers.slip, papers.workbook, papers.listing)),
    ("coloured paper", stained, gif, _PAPERS),
    ("bitmap", clean, bmp, (papers.slip,)),
    ("fax", fax, tiff, _PAGES),
    ("fine fax", fine_fax, tiff, _PAGES),
)
_ALIKE_WAYS = (
    ("as drawn", clean, png), ("scan", scan, jpeg), ("photo", photo, jpeg), ("shrunk", small, png),
)  # fmt: skip


def pictures(seed: int = 0, rounds: int = 1) -> Iterator[Picture]:
    """Each paper on each of its ways, then look-alikes; the same for the same seed."""
    rng = random.Random(seed)
    for _ in range(rounds):
        for way, damage, file, kinds in _WAYS:
            for paper in kinds:
                image, numbers = paper(rng)
                name = f"{paper.__name__}.{SUFFIXES[file]}"
                technique = f"{way}: {paper.__name__}"
                yield Picture(technique, name, file(damage(image, rng)), frozenset(numbers))
        for way, damage, file in _ALIKE_WAYS:
            for paper in papers.ALIKE:
                image, numbers = paper(rng)
                data = file(damage(image, rng))
                yield Picture(f"none: {paper.__name__}", f"{way}.{SUFFIXES[file]}", data)
