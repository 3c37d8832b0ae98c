"""Pictures on the pages of a PDF: scans, photos of cards, screens pasted beside a text.

A page that is a picture is drawn and read as one, and so is a page whose letters have no meaning
(fonts that do not say which letter a shape is) or were made shapes, as drawing programs do.
Pictures beside a text are read one by one.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from detectors.budget import Budget, OverBudget
from detectors.extract.reading import Missing
from detectors.report import Params, Reason
from detectors.surface import Source, Spot, Surface, Unread, Unreadable

_FEW = 20
"""Letters; a scan with a page number on it has fewer."""
_PICTURE = re.compile(rb"/Image(?![BCI])|/[A-Za-z]*#[0-9A-Fa-f]{2}")
_UNMAPPED = re.compile("[\\0-\\x08\\x0e-\\x1f\ufffd-\uffff\ue000-\uf8ff]")
_SCATTERED = 10
"""Letters without a meaning: a number may be among them."""
_OUTLINES = 200
"""Strokes and curves on a page with few letters: what was written may have been made shapes."""
_LARGE = 0.5
"""Of the page's area: a scan and not a logo."""
_SEEN = (150, 40)
"""Pixels across and down: a smaller picture beside a text is a logo or a line."""
_CODE = 21
"""Squares on a side of the smallest code (QR, version 1), which may be a pixel each."""
_DPI = 200
_SIDE = 3_000
_JPEG, _JPEG_END, _TAIL = b"\xff\xd8\xff", b"\xff\xd9", 1_024
_EMPTY = 2_000
"""Octets that are left of an empty page once what repeats in it is packed: none has as many."""
_CORRUPT = Reason("corrupt", {"type": "image"})
_SPARE, _SPARE_OF_SHAPES = 0.4, 0.6
"""Of the time that is left, kept from what may hold no text: photos beside a text, and shapes. A
leaflet has a page or two of these, plans of a building have hundreds, with nothing to read."""


@dataclass(frozen=True, slots=True)
class _Page:
    index: int
    drawn: bool
    """The whole page, not its pictures one by one."""
    certain: bool
    """A text is on it that has to be read; shapes, and pictures beside a text, may hold none."""


class Pictures:
    """What `note` found on the pages is read by `read`, scans before pictures beside a text."""

    def __init__(self, document: Any, source: Source, budget: Budget, *, inline: bool) -> None:
        """`inline` where pages may draw pictures that are no objects of the file."""
        self._document, self._source, self._budget = document, source, budget
        # The dictionary of a picture stands in the open, even in an encrypted file.
        self._may_have_some = inline or bool(_PICTURE.search(source.data))
        self._pages: list[_Page] = []
        self._known: set[bytes] = set()

    def note(self, index: int, page: Any, text: str, *, unmapped: bool = False) -> None:
        """`unmapped` where letters on it have no meaning (`pdf.letters`)."""
        letters = sum(map(len, text.split(None, _FEW)))  # exact where there are few
        few = letters < _FEW
        pictures = (few or self._may_have_some) and _has_pictures(page)
        share = _share(page) if pictures else 0.0
        if (
            unmapped
            or len(_UNMAPPED.findall(text)) >= _SCATTERED
            or (few and share > (_LARGE if letters else 0))
            or (share > _LARGE and _is_invisible(page))
        ):
            self._pages.append(_Page(index, True, True))
        elif few and _is_outlined(page, _OUTLINES if letters else 1):
            self._pages.append(_Page(index, True, False))
        elif pictures:
            self._pages.append(_Page(index, False, False))

    def read(self) -> Iterator[Surface]:
        for one in (one for one in self._pages if one.certain):
            yield from self._page(one, self._budget)
        for drawn, spare in ((False, _SPARE), (True, _SPARE_OF_SHAPES)):
            end = self._budget.deadline - spare * self._budget.left
            for one in self._pages:
                if not one.certain and one.drawn == drawn:
                    yield from self._page(one, replace(self._budget, deadline=end))

    def _page(self, one: _Page, budget: Budget) -> Iterator[Surface]:
        spot = replace(self._source.spot, unit=f"page:{one.index + 1}")
        page = self._document[one.index]
        try:
            budget.time()
            yield from (self._drawn if one.drawn else self._beside)(page, spot, budget)
        except Missing as missing:
            params: Params = {"page": one.index + 1, "package": missing.package}
            if one.certain:
                yield Unreadable(spot, Reason("picture_page", params))
            else:
                yield Unread(spot, Reason("not_installed", {"package": missing.package}))
        except OverBudget:
            if one.certain:
                raise
            yield Unread(spot, Reason("image", {"type": "pdf"}))
        finally:
            page.close()

    def _drawn(self, page: Any, spot: Spot, budget: Budget) -> Iterator[Surface]:
        from detectors.extract import picture

        scale = min(_DPI / 72, _SIDE / max(1.0, *page.get_size()))
        if any(map(_is_damaged, page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE]))):
            yield Unreadable(spot, _CORRUPT)
        image = page.render(scale=scale, rev_byteorder=True).to_pil()
        yield from picture.page_texts(image, spot, self._source.context, budget)

    def _beside(self, page: Any, spot: Spot, budget: Budget) -> Iterator[Surface]:
        from detectors.extract import picture

        for image in self._images(page):
            if _is_damaged(image):
                yield Unreadable(spot, _CORRUPT)
            shown = picture.upright(image.get_bitmap().to_pil())
            read = picture.page_texts if _may_hold_words(image) else picture.code_texts
            yield from read(shown, spot, self._source.context, budget)

    def _images(self, page: Any) -> Iterator[Any]:
        """Those large enough for a number or a code, each once in a document."""
        for image in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE]):
            if not _may_hold_words(image) and not _may_be_code(image):
                continue
            digest = hashlib.blake2b(bytes(image.get_data())).digest()
            if digest not in self._known:
                self._known.add(digest)
                yield image


def _may_hold_words(image: Any) -> bool:
    width, height = image.get_px_size()
    return bool(max(width, height) >= _SEEN[0] and min(width, height) >= _SEEN[1])


def _may_be_code(image: Any) -> bool:
    short, long = sorted(image.get_px_size())
    return bool(short >= _CODE and long <= 1.2 * short)


def _is_damaged(image: Any) -> bool:
    """Whether a photo ends too early, of which pdfium draws what there is, or a picture is not to
    be decoded, of which it draws an empty one."""
    data = bytes(image.get_data())
    if data.startswith(_JPEG):
        return _JPEG_END not in data[-_TAIL:] and _is_broken(data)
    return len(zlib.compress(data, 1)) > _EMPTY and _is_empty(image)


def _is_empty(image: Any) -> bool:
    try:
        dots = image.get_bitmap().to_numpy()
    except pypdfium2.PdfiumError:
        return True
    return bool((dots == dots[0, 0]).all())


def _is_broken(data: bytes) -> bool:
    from detectors.extract import picture

    return not picture.is_whole(data)


def _has_pictures(page: Any) -> bool:
    """Whether there may be: a loop over kinds alone, ten times as quick as one over objects."""
    get, kind = pdfium.FPDFPage_GetObject, pdfium.FPDFPageObj_GetType
    shown = (pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_FORM)
    return any(kind(get(page, at)) in shown for at in range(pdfium.FPDFPage_CountObjects(page)))


def _is_outlined(page: Any, least: int) -> bool:
    """Whether shapes are drawn on it of so many strokes and curves; a shading counts as one."""
    drawn = (pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_SHADING)
    strokes = 0
    for shape in page.get_objects(filter=drawn):
        strokes += max(1, pdfium.FPDFPath_CountSegments(shape))
        if strokes >= least:
            return True
    return False


def _share(page: Any) -> float:
    """Of the page's area, covered by pictures."""
    width, height = page.get_size()
    area = 0.0
    for image in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE]):
        left, bottom, right, top = image.get_bounds()
        area += abs(right - left) * abs(top - bottom)
    return float(area / max(1.0, width * height))


def is_scan(page: Any) -> bool:
    """Whether the page is a picture, and its text what a scanner read off it."""
    return _has_pictures(page) and _share(page) > _LARGE and _is_invisible(page)


def _is_invisible(page: Any) -> bool:
    """Whether its text is that of a scanner's own reading, laid unseen over the picture.

    Such a reading is often wrong where it matters: it is read again.
    """
    modes = [
        pdfium.FPDFTextObj_GetTextRenderMode(text)
        for text in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT])
    ]
    return bool(modes) and all(mode == pdfium.FPDF_TEXTRENDERMODE_INVISIBLE for mode in modes)
