"""PDF: pages by pdfium (text, pictures, annotations, fields), what belongs to all by pypdf.

pdfium gives the text of a page and nothing else, fast. What somebody typed into a field or a
comment is as readable to the recipient, so its annotations are read as well; what the page shows
as a picture, or in letters without a meaning, is drawn and read as one (`pdf.pictures`).
"""

from __future__ import annotations

import io
import re
from collections.abc import Generator, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from detectors.budget import Budget
from detectors.extract.package import texts
from detectors.extract.pdf import appearance, broken, notes, rules, tables
from detectors.extract.pdf.document import whole
from detectors.extract.pdf.letters import are_unmapped, letters, may_hold_numbers
from detectors.extract.pdf.lines import lines
from detectors.extract.pdf.pictures import Pictures, is_scan
from detectors.extract.pdf.streams import Streams, check
from detectors.extract.pdf.unseen import Unseen
from detectors.extract.reading import Refused
from detectors.report import Reason
from detectors.surface import Note, Source, Spot, Surface, Table, Text, Unreadable

_BOOKMARKS = 20_000
_CATALOG = re.compile(rb"/Type\s{0,9}/Catalog\b")
_OBJECT = re.compile(rb"([0-9]{1,9})\s+([0-9]{1,5})\s+obj\b")
_BEFORE = 1_000
"""Octets of an object before it says what it is."""
_TRIED = 100
_END = re.compile(rb"startxref\s+[0-9]+\s+%%EO")
_LAST_LINES = 60
"""Octets, at most, of what may be left of them."""


def read(source: Source, budget: Budget) -> Iterator[Surface]:
    streams = check(source.data, budget)
    if _lacks_its_end(source.data):
        source = replace(source, data=source.data + b"\nstartxref\n0\n%%EOF\n")
    try:
        document, password = _open(source)
    except Refused as refused:
        if refused.reason.code != "corrupt" or not (trailer := _trailer(source.data)):
            raise
        yield Unreadable(source.spot, refused.reason)
        source = replace(source, data=source.data + trailer)
        document, password = _open(source)
    try:
        if pdfium.FPDF_GetSecurityHandlerRevision(document) >= 0:
            streams = check(_unlocked(document), budget)
        if streams.damaged:
            yield Unreadable(source.spot, Reason("corrupt", {"type": "pdf"}))
        yield from texts(replace(source.spot, unit=""), _bookmarks(document), source.context)
        yield from _pages(document, source, streams, budget)
    finally:
        document.close()
    yield from whole(source, password, streams.spoken, budget)


def _lacks_its_end(data: bytes) -> bool:
    """Whether nothing but the last lines is missing, which say where the table of objects begins:
    all programs find it without them."""
    if _END.match(data, max(data.rfind(b"startxref"), 0)):
        return False
    trailer, last = data.rfind(b"trailer"), data.rfind(b" obj")
    if trailer > last:
        closed = data.rfind(b">>", trailer)
    elif b"/XRef" in data[last : last + _BEFORE]:
        closed = data.rfind(b"endobj", last)
    else:
        return False
    return 0 <= closed and len(data) - closed < _LAST_LINES


def _trailer(data: bytes) -> bytes:
    """What a file lacks that ends too early, though all of its pages may be there, as viewers mend
    it; empty where nothing says where its pages are."""
    for found in reversed([*_CATALOG.finditer(data)][-_TRIED:]):
        if objects := _OBJECT.findall(data[max(0, found.start() - _BEFORE) : found.start()]):
            end = b"\ntrailer\n<</Root %s %s R>>\nstartxref\n0\n%%%%EOF\n"
            return bytes(end % objects[-1])
    return b""


def _unlocked(document: Any) -> bytes:
    """The same file, its streams and texts as they were before somebody encrypted them."""
    copy = io.BytesIO()
    document.save(copy, flags=pdfium.FPDF_REMOVE_SECURITY)
    return copy.getvalue()


def _open(source: Source) -> tuple[Any, str]:
    """(document, the password that opened it); an owner's password alone does not lock it."""
    for password in ("", *source.passwords):
        try:
            return pypdfium2.PdfDocument(source.data, password=password or None), password
        except pypdfium2.PdfiumError as error:
            if getattr(error, "err_code", None) != pdfium.FPDF_ERR_PASSWORD:
                raise Refused("corrupt", type="pdf") from None
    raise Refused("encrypted_pdf")


def _bookmarks(document: Any) -> list[str]:
    return [bookmark.get_title() for bookmark in islice(document.get_toc(), _BOOKMARKS)]


def _pages(document: Any, source: Source, streams: Streams, budget: Budget) -> Iterator[Surface]:
    """All text first, so that a budget which ends with the pictures has seen it."""
    document.init_forms()
    pictures = Pictures(document, source, budget, inline=streams.inline)
    unseen, drawn = Unseen(len(document)), dict[int, str]()
    for index in range(len(document)):
        budget.time()
        page = document[index]
        try:
            spot = replace(source.spot, unit=f"page:{index + 1}")
            text, unmapped = yield from _text(page, spot, source.context, budget, unseen)
            over = notes.read(page, document.formenv)
            yield from texts(spot, [*over.fields, *over.said], source.context)
            yield from over.facts(spot)
            yield from over.files(source, budget)
            pictures.note(index, page, text, unmapped=unmapped)
            if over.drawn:
                drawn[index] = text
        finally:
            page.close()
    yield from appearance.read(document, drawn, source, budget)
    yield from pictures.read()


def _text(
    page: Any, spot: Spot, context: tuple[str, ...], budget: Budget, unseen: Unseen
) -> Generator[Surface, None, tuple[str, bool]]:
    """All of it, beyond the edge of the page, too; returns it as pdfium says it, and whether
    letters in it have no meaning.

    Where digits stand that may make a number, tables and lines are told by where they stand, and
    not by the order in which a program wrote them.
    """
    textpage = page.get_textpage()
    try:
        text = str(textpage.get_text_range()).replace("\r\n", "\n")
        budget.take(len(text))
        unmapped, placed = are_unmapped(textpage), None
        if may_hold_numbers(text):
            placed = letters(textpage)
        for how in sorted(unseen.of(page, textpage)):
            yield Note(spot, "hidden_text", Reason(how))
    finally:
        textpage.close()
    if placed is None:
        yield from texts(spot, [text], context)
        return text, unmapped
    if is_scan(page):
        yield Text(spot, text, context, agreed=frozenset())  # of a machine that may misread
        return text, unmapped
    ruled = rules.rules(page, placed.turn)
    found = tables.blocks(broken.mended(lines(placed.found, ruled)), ruled)
    yield from texts(spot, found.lines, context)
    for title, rows in found.tables:
        yield Table(spot, rows, context=(*context, title) if title else context)
    return text, unmapped
