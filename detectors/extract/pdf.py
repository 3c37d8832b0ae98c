"""PDF: pages by pdfium (text, pictures, annotations, fields), what belongs to all by pypdf.

pdfium gives the text of a page and nothing else, fast. What somebody typed into a field or a
comment is as readable to the recipient, so its annotations are read as well; what the page shows
as a picture, or in letters without a meaning, is drawn and read as one (`pdfpictures`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from detectors.budget import Budget
from detectors.extract import pdfdocument, pdfnotes
from detectors.extract.package import texts
from detectors.extract.pdfcombs import together
from detectors.extract.pdfpictures import Pictures
from detectors.extract.reading import Refused
from detectors.surface import Source, Surface, Text


def read(source: Source, budget: Budget) -> Iterator[Surface]:
    document, password = _open(source)
    try:
        yield from _pages(document, source, budget)
    finally:
        document.close()
    yield from pdfdocument.read(source, password, budget)


def _open(source: Source) -> tuple[Any, str]:
    """(document, the password that opened it); an owner's password alone does not lock it."""
    for password in ("", *source.passwords):
        try:
            return pypdfium2.PdfDocument(source.data, password=password or None), password
        except pypdfium2.PdfiumError as error:
            if getattr(error, "err_code", None) != pdfium.FPDF_ERR_PASSWORD:
                raise Refused("corrupt", type="pdf") from None
    raise Refused("encrypted_pdf")


def _pages(document: Any, source: Source, budget: Budget) -> Iterator[Surface]:
    """All text first, so that a budget which ends with the pictures has seen it."""
    document.init_forms()
    pictures = Pictures(document, source, budget)
    for index in range(len(document)):
        budget.time()
        page = document[index]
        try:
            text = _text(page)
            budget.take(len(text))
            spot = replace(source.spot, unit=f"page:{index + 1}")
            if text.strip():
                yield Text(spot, text, source.context)
            notes = pdfnotes.read(page, document.formenv)
            yield from texts(spot, [*notes.fields, *notes.said], source.context)
            yield from notes.files(source, budget)
            pictures.note(index, page, text)
        finally:
            page.close()
    yield from pictures.read()


def _text(page: Any) -> str:
    """All of it, in the order in which it was written; beyond the edge of the page, too."""
    textpage = page.get_textpage()
    try:
        return together(textpage, textpage.get_text_range()).replace("\r\n", "\n")
    finally:
        textpage.close()
