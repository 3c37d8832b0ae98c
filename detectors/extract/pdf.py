"""PDF: page text by pdfium; fields, annotations, properties and attached files by pypdf.

pdfium gives the text that a page shows and nothing else; what somebody typed into a form field
or a comment is as readable to the recipient, so the second library walks the objects.
"""

from __future__ import annotations

import contextlib
import io
import logging
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import pypdf
import pypdfium2
import pypdfium2.raw as pdfium
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject

from detectors.budget import Budget
from detectors.extract import markup
from detectors.extract.package import texts
from detectors.extract.reading import Refused, within
from detectors.report import Reason
from detectors.surface import Nested, Source, Spot, Surface, Text, Unreadable

# Its warnings quote objects of the file.
logging.getLogger("pypdf").setLevel(logging.CRITICAL + 1)

_FEW = 20
"""Letters; a scan with a page number on it has fewer."""
_LARGE = 0.5
"""Of the page's area: a scan and not a logo."""


def read(source: Source, budget: Budget) -> Iterator[Surface]:
    document, password = _open(source)
    try:
        for index in range(len(document)):
            budget.time()
            yield from _page(document, index, source, budget)
    finally:
        document.close()
    yield from _objects(source, password, budget)


def _open(source: Source) -> tuple[Any, str]:
    """(document, the password that opened it); an owner's password alone does not lock it."""
    for password in ("", *source.passwords):
        try:
            return pypdfium2.PdfDocument(source.data, password=password or None), password
        except pypdfium2.PdfiumError as error:
            if getattr(error, "err_code", None) != pdfium.FPDF_ERR_PASSWORD:
                raise Refused("corrupt", type="pdf") from None
    raise Refused("encrypted_pdf")


def _page(document: Any, index: int, source: Source, budget: Budget) -> Iterator[Surface]:
    base = source.spot
    spot = Spot(base.part, base.path, base.hidden, f"page:{index + 1}")
    page = document[index]
    try:
        text = page.get_textpage().get_text_bounded().replace("\r\n", "\n")
        budget.take(len(text))
        if text.strip():
            yield Text(spot, text, source.context)
        if _is_picture(page, text):
            yield Unreadable(spot, Reason("picture_page", {"page": index + 1}))
    finally:
        page.close()


def _is_picture(page: Any, text: str) -> bool:
    """Whether what the page says stands in a picture, or in letters that have no meaning."""
    letters = [letter for letter in text if not letter.isspace()]
    if len(letters) >= _FEW:
        # Subset fonts without a ToUnicode map come out as private or invalid characters.
        return 2 * sum(map(_unmapped, letters)) > len(letters)
    width, height = page.get_size()
    shares = [0.0]
    for image in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE]):
        left, bottom, right, top = image.get_bounds()
        shares.append(abs(right - left) * abs(top - bottom) / max(1.0, width * height))
    return sum(shares) > (_LARGE if letters else 0)


def _unmapped(letter: str) -> bool:
    return letter < " " or letter in "\ufffd\ufffe\uffff" or "\ue000" <= letter <= "\uf8ff"


def _objects(source: Source, password: str, budget: Budget) -> Iterator[Surface]:
    reader = pypdf.PdfReader(io.BytesIO(source.data))
    if reader.is_encrypted and not reader.decrypt(password):
        raise Refused("encrypted_pdf")
    whole = Spot(source.spot.part, source.spot.path, source.spot.hidden, "")
    info = [str(value) for value in (reader.metadata or {}).values()]
    yield from texts(whole, [*info, *_xmp(reader, budget)], source.context, hidden=True)
    yield from texts(whole, _xfa(reader, budget), source.context)
    for number, page in enumerate(reader.pages, start=1):
        budget.time()
        spot = Spot(whole.part, whole.path, whole.hidden, f"page:{number}")
        annotations = [*_annotations(page)]
        fields = [note for note in annotations if note.get("/Subtype") == "/Widget"]
        yield from texts(spot, _fields(fields), source.context)
        notes = [
            str(note[key]) for note in annotations for key in ("/Contents", "/RC") if key in note
        ]
        yield from texts(spot, notes, source.context)
        for note in annotations:
            yield from _file(note.get("/FS"), source, budget)
    names = _dictionary(_dictionary(reader.root_object.get("/Names")).get("/EmbeddedFiles"))
    yield from _files(names, source, budget, set())


def _annotations(page: DictionaryObject) -> Iterator[DictionaryObject]:
    found = _resolved(page.get("/Annots"))
    for item in found if isinstance(found, ArrayObject) else ():
        yield _dictionary(item)


def _fields(widgets: list[DictionaryObject]) -> list[str]:
    """ "name: value" of each field; neighbours that hold one character each are one value,
    as in forms with a box a digit."""
    values = [(_inherited(widget, "/T"), _inherited(widget, "/V")) for widget in widgets]
    lines = []
    for single, group in groupby((pair for pair in values if pair[1]), lambda p: len(p[1]) == 1):
        pairs = list(group)
        if single:
            lines.append(f"{pairs[0][0]}: {''.join(value for _, value in pairs)}")
        else:
            lines += [f"{name}: {value}" for name, value in pairs]
    return lines


def _inherited(widget: DictionaryObject, key: str) -> str:
    """A field's attribute may stand at its parent (ISO 32000 12.7.3.2)."""
    seen = 0
    node = widget
    while node and seen < 32:
        if key in node:
            value = _resolved(node.get(key))
            if isinstance(value, StreamObject):
                return value.get_data().decode("utf-8", "replace")
            return str(value)
        node = _dictionary(node.get("/Parent"))
        seen += 1
    return ""


def _xmp(reader: pypdf.PdfReader, budget: Budget) -> list[str]:
    return _xml(reader.root_object.get("/Metadata"), budget)


def _xfa(reader: pypdf.PdfReader, budget: Budget) -> list[str]:
    """The other kind of form (LiveCycle): XML in pieces that make one document."""
    pieces = _resolved(_dictionary(reader.root_object.get("/AcroForm")).get("/XFA"))
    streams = pieces if isinstance(pieces, ArrayObject) else [pieces]
    return [line for stream in streams for line in _xml(stream, budget)]


def _xml(stream: Any, budget: Budget) -> list[str]:
    stream = _resolved(stream)
    if not isinstance(stream, StreamObject):
        return []
    data = stream.get_data()
    budget.take(len(data))
    with contextlib.suppress(Refused):
        return [*markup.words(markup.parse(data))]
    return [data.decode("utf-8", "replace")]  # a piece of XFA need not be well-formed


def _files(
    node: DictionaryObject, source: Source, budget: Budget, seen: set[int]
) -> Iterator[Surface]:
    """The leaves of a name tree (ISO 32000 7.9.6); a tree that bites its tail ends."""
    if id(node) in seen:
        return
    seen.add(id(node))
    names = _resolved(node.get("/Names"))
    for item in names[1::2] if isinstance(names, ArrayObject) else ():
        yield from _file(item, source, budget)
    kids = _resolved(node.get("/Kids"))
    for kid in kids if isinstance(kids, ArrayObject) else ():
        yield from _files(_dictionary(kid), source, budget, seen)


def _file(specification: Any, source: Source, budget: Budget) -> Iterator[Surface]:
    specification = _dictionary(specification)
    streams = _dictionary(specification.get("/EF"))
    stream = _resolved(streams.get("/UF") or streams.get("/F"))
    if isinstance(stream, StreamObject):
        name = str(specification.get("/UF") or specification.get("/F") or "")
        data = stream.get_data()
        budget.take(len(data))
        yield Nested(within(source.spot, name), name, data)


def _resolved(value: Any) -> Any:
    return value.get_object() if isinstance(value, IndirectObject) else value


def _dictionary(value: Any) -> DictionaryObject:
    value = _resolved(value)
    return value if isinstance(value, DictionaryObject) else DictionaryObject()
