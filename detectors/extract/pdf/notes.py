"""What stands over a page of a PDF: fields of forms, comments, addresses of links, pinned files."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import pypdfium2.raw as pdfium

from detectors.budget import Budget
from detectors.extract.pdf import captions, split
from detectors.extract.pdf.captions import Filled
from detectors.extract.reading import within
from detectors.report import Reason
from detectors.surface import Nested, Note, Source, Spot

_REMARKS = (
    *(pdfium.FPDF_ANNOT_TEXT, pdfium.FPDF_ANNOT_HIGHLIGHT, pdfium.FPDF_ANNOT_UNDERLINE),
    *(pdfium.FPDF_ANNOT_STRIKEOUT, pdfium.FPDF_ANNOT_SQUIGGLY, pdfium.FPDF_ANNOT_CARET),
)
_DRAWN = (pdfium.FPDF_ANNOT_FREETEXT, pdfium.FPDF_ANNOT_STAMP, pdfium.FPDF_ANNOT_WATERMARK)
"""Those that may show letters of their own."""
_HIDDEN = pdfium.FPDF_ANNOT_FLAG_HIDDEN | pdfium.FPDF_ANNOT_FLAG_NOVIEW
_WRITING = re.compile(r"[\])>]\s*(?:Tj|TJ|['\"])(?![A-Za-z])")
_MOST = 20_000
"""Annotations of a page; beyond that it is not for people."""


@dataclass(slots=True)
class Notes:
    fields: list[str] = field(default_factory=list)
    """ "name: value"; neighbours that hold one character each are one value, as in forms with a
    box a digit."""
    said: list[str] = field(default_factory=list)
    pinned: list[tuple[str, bytes]] = field(default_factory=list)
    remarked: bool = False
    """Somebody has written a remark, which a reader sees once it is opened."""
    hidden: bool = False
    """Something is written in an annotation that is never shown."""
    drawn: bool = False
    """One shows something and does not say what (`pdf.appearance`)."""

    def facts(self, spot: Spot) -> Iterator[Note]:
        if self.remarked:
            yield Note(spot, "comments", Reason("comments"))
        if self.hidden:
            yield Note(spot, "hidden_text", Reason("note_hidden"))
        if self.pinned:
            yield Note(spot, "embedded_files", Reason("embedded_files"))

    def files(self, source: Source, budget: Budget) -> Iterator[Nested]:
        for name, data in self.pinned:
            budget.take(len(data))
            yield Nested(within(source.spot, name), name, data)


def read(page: Any, form: Any) -> Notes:
    """`form` is the environment that knows what fields inherit, None where there are none."""
    notes = Notes()
    values: list[Filled] = []
    for index in range(min(pdfium.FPDFPage_GetAnnotCount(page), _MOST)):
        note = pdfium.FPDFPage_GetAnnot(page, index)
        if not note:
            continue
        try:
            kind, said = pdfium.FPDFAnnot_GetSubtype(note), _said(note)
            if form and kind == pdfium.FPDF_ANNOT_WIDGET:
                values.append(_field(form, note))
                notes.said += _choices(form, note)
                # made by programs that fill in what is seen and not what is meant
                notes.drawn |= not values[-1].value and _writes(note)
            if kind in _REMARKS and any(text.strip() for text in said):
                shown = not pdfium.FPDFAnnot_GetFlags(note) & _HIDDEN
                notes.remarked, notes.hidden = notes.remarked or shown, notes.hidden or not shown
            notes.drawn |= kind in _DRAWN and not said and _has_appearance(note)
            notes.said += [*said, *_address(page, note)]
            if file := pdfium.FPDFAnnot_GetFileAttachment(note):
                notes.pinned.append(_attachment(file))
        finally:
            pdfium.FPDFPage_CloseAnnot(note)
    notes.fields = [one.line for one in captions.captioned(page, split.whole(values))]
    return notes


def _field(form: Any, note: Any) -> Filled:
    name = wide(lambda b, n: pdfium.FPDFAnnot_GetFormFieldName(form, note, b, n))
    value = wide(lambda b, n: pdfium.FPDFAnnot_GetFormFieldValue(form, note, b, n))
    edges = pdfium.FS_RECTF()
    pdfium.FPDFAnnot_GetRect(note, edges)
    box = edges.left, edges.bottom, edges.right, edges.top
    return Filled(name, value or _string(note, b"V"), box)


def _choices(form: Any, note: Any) -> list[str]:
    """What a list offers, of which its value is one."""
    count = min(pdfium.FPDFAnnot_GetOptionCount(form, note), _MOST)
    return [
        wide(lambda b, n, at=at: pdfium.FPDFAnnot_GetOptionLabel(form, note, at, b, n))  # type: ignore[misc]
        for at in range(count)
    ]


def _said(note: Any) -> list[str]:
    return [said for key in (b"Contents", b"RC", b"Subj") if (said := _string(note, key))]


def _has_appearance(note: Any) -> bool:
    return bool(_appearance(note))


def _writes(note: Any) -> bool:
    """Whether it shows letters, by the operators for text (ISO 32000 9.4.3)."""
    return _WRITING.search(_appearance(note)) is not None


def _appearance(note: Any) -> str:
    mode = pdfium.FPDF_ANNOT_APPEARANCEMODE_NORMAL
    return wide(lambda b, n: pdfium.FPDFAnnot_GetAP(note, mode, b, n))


def _address(page: Any, note: Any) -> list[str]:
    """Where a link leads, which may have a number in it."""
    if not (link := pdfium.FPDFAnnot_GetLink(note)):
        return []
    action = pdfium.FPDFLink_GetAction(link)
    size = pdfium.FPDFAction_GetURIPath(page.pdf, action, None, 0) if action else 0
    if size <= 1:
        return []
    buffer = ctypes.create_string_buffer(size)
    pdfium.FPDFAction_GetURIPath(page.pdf, action, buffer, size)
    return [unquote(buffer.raw[: size - 1].decode("utf-8", "replace"))]


def _string(note: Any, key: bytes) -> str:
    return wide(lambda b, n: pdfium.FPDFAnnot_GetStringValue(note, key, b, n))


def wide(ask: Callable[[Any, int], int]) -> str:
    """A text that pdfium writes as UTF-16 into a buffer, once it was asked how long it is."""
    size = ask(None, 0)
    if size <= 2:
        return ""
    buffer = (ctypes.c_ushort * (size // 2))()
    ask(buffer, size)
    return bytes(buffer).decode("utf-16-le", "replace").rstrip("\0")


def _attachment(file: Any) -> tuple[str, bytes]:
    name = wide(lambda b, n: pdfium.FPDFAttachment_GetName(file, b, n))
    size = ctypes.c_ulong()
    pdfium.FPDFAttachment_GetFile(file, None, 0, size)
    buffer = ctypes.create_string_buffer(size.value)
    pdfium.FPDFAttachment_GetFile(file, buffer, size.value, size)
    return name, buffer.raw
