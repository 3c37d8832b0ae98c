"""What belongs to a PDF as a whole: properties, XMP, XFA forms, fields on no page, what is said and
not shown, files inside."""

from __future__ import annotations

import contextlib
import io
import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

import pypdf
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject

from detectors.budget import Budget
from detectors.extract import markup
from detectors.extract.package import texts
from detectors.extract.pdf.spoken import Spoken, decoded
from detectors.extract.reading import Refused, within
from detectors.report import Reason
from detectors.surface import Nested, Note, Source, Surface

# Its warnings quote objects of the file.
logging.getLogger("pypdf").setLevel(logging.CRITICAL + 1)

_FIELDS = 10_000
_FOLDER = re.compile(r"(?<![A-Za-z])[A-Za-z]:[\\/](?!/)|\\\\[^\\\s]+\\|/(?:Users|home)/|file:///")
"""In a title, which printers take from the name of the file."""


def whole(source: Source, password: str, spoken: Spoken, budget: Budget) -> Iterator[Surface]:
    reader = pypdf.PdfReader(io.BytesIO(source.data))
    if reader.is_encrypted and not reader.decrypt(password):
        raise Refused("encrypted_pdf")
    root = reader.root_object
    whole = replace(source.spot, unit="")
    about: Mapping[str, Any] = reader.metadata or {}
    info = [str(value) for value in about.values()]
    if str(about.get("/Author") or "").strip():
        yield Note(source.spot, "author", Reason("author"))
    if any(_FOLDER.search(text) for text in info):
        yield Note(source.spot, "folder_path", Reason("folder_path"))
    yield from texts(
        whole, [*info, *_xml(root.get("/Metadata"), budget)], source.context, hidden=True
    )
    form = _dictionary(root.get("/AcroForm"))
    yield from texts(whole, _xfa(form, budget), source.context)
    yield from texts(whole, _unseen(form, reader.pages, budget), source.context, hidden=True)
    yield from texts(whole, _spoken(spoken, reader, budget), source.context, hidden=True)
    names = _dictionary(_dictionary(root.get("/Names")).get("/EmbeddedFiles"))
    attached = False
    for file in _files(names, source, budget, set()):
        attached = True
        yield file
    if attached:
        yield Note(source.spot, "embedded_files", Reason("embedded_files"))


def _unseen(form: DictionaryObject, pages: Iterable[Any], budget: Budget) -> list[str]:
    """Values of fields that stand on no page, which a program may still read."""
    lines: list[str] = []
    left = [*_array(form.get("/Fields"))]
    shown: set[int] | None = None
    for _ in range(_FIELDS):
        if not left:
            break
        budget.time()
        one = left.pop()
        node = _dictionary(one)
        left += _array(node.get("/Kids"))
        if "/V" not in node or "/Kids" in node:
            continue
        if node.get("/Subtype") == "/Widget" and shown is None:
            shown = _on_pages(pages, budget)
        if node.get("/Subtype") != "/Widget" or getattr(one, "idnum", 0) not in (shown or ()):
            value = _resolved(node.get("/V"))
            if isinstance(value, StreamObject):
                value = value.get_data().decode("utf-8", "replace")
            lines.append(f"{node.get('/T', '')}: {value}")
    return lines


def _spoken(spoken: Spoken, reader: pypdf.PdfReader, budget: Budget) -> list[str]:
    """With those that stand in objects of their own."""
    said = spoken.texts
    for number in islice(spoken.objects, _FIELDS):
        budget.time()
        value = reader.get_object(number)
        if isinstance(value, StreamObject):
            said.append(decoded(_octets(value, budget)))
        elif isinstance(value, str):
            said.append(value)
    return said


def _on_pages(pages: Iterable[Any], budget: Budget) -> set[int]:
    """Numbers of the objects that stand on some page, where `pdf.notes` reads them."""
    found = set()
    for page in pages:
        budget.time()
        found |= {getattr(note, "idnum", 0) for note in _array(page.get("/Annots"))}
    return found


def _xfa(form: DictionaryObject, budget: Budget) -> list[str]:
    """The other kind of form (LiveCycle): XML in pieces that make one document."""
    pieces = _resolved(form.get("/XFA"))
    streams = pieces if isinstance(pieces, ArrayObject) else [pieces]
    octets = [_octets(stream, budget) for stream in streams]
    return markup.labelled(b"".join(octets)) if any(octets) else []


def _xml(stream: Any, budget: Budget) -> list[str]:
    data = _octets(stream, budget)
    with contextlib.suppress(Refused):
        return [*markup.words(markup.parse(data))] if data else []
    return [data.decode("utf-8", "replace")]


def _octets(stream: Any, budget: Budget) -> bytes:
    stream = _resolved(stream)
    if not isinstance(stream, StreamObject):
        return b""
    data = bytes(stream.get_data())
    budget.take(len(data))
    return data


def _files(
    node: DictionaryObject, source: Source, budget: Budget, seen: set[int]
) -> Iterator[Surface]:
    """The leaves of a name tree (ISO 32000 7.9.6); a tree that bites its tail ends."""
    if id(node) in seen:
        return
    seen.add(id(node))
    for item in _array(node.get("/Names"))[1::2]:
        yield from _file(item, source, budget)
    for kid in _array(node.get("/Kids")):
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


def _array(value: Any) -> list[Any]:
    value = _resolved(value)
    return list(value) if isinstance(value, ArrayObject) else []


def _dictionary(value: Any) -> DictionaryObject:
    value = _resolved(value)
    return value if isinstance(value, DictionaryObject) else DictionaryObject()
