"""Office files of the time before 2007: xls, doc, ppt in an OLE compound file.

A storage is read the same way whether it is the file or an object embedded in it: the reader of
its main stream, then properties, macros, pictures and embedded objects, then a sweep of the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import olefile

from detectors.budget import Budget
from detectors.extract import compound, unseenlegacy, vba
from detectors.extract.excel import biff
from detectors.extract.excel.scattered import Sheet, gathered
from detectors.extract.excel.unseen import notes
from detectors.extract.locked import unlocked
from detectors.extract.oleobjects import blips, native
from detectors.extract.package import in_order, texts
from detectors.extract.powerpoint import ppt97
from detectors.extract.reading import Refused, within
from detectors.extract.storage import Storage
from detectors.extract.strings import strings
from detectors.extract.word import word97
from detectors.report import Reason
from detectors.surface import Nested, Note, Source, Spot, Surface, Text, Unreadable

_PROPERTIES = ("\x05SummaryInformation", "\x05DocumentSummaryInformation")
_MACROS = frozenset(("VBA", "_VBA_PROJECT_CUR", "Macros"))
_CACHE = "_SX_DB_CUR"
_FILES = frozenset(("Package", "CONTENTS", "EmbeddedOdf", "package_stream"))
_PICTURES = frozenset(("Pictures", "Data"))
# Class names and settings of programs.
_SILENT = frozenset(
    "\x01CompObj \x01Ole \x03ObjInfo \x03LinkInfo \x03PRINT \x03EPRINT \x03OCXNAME "
    "\x06DataSpaces Current User".split(" ")
)
_ENCRYPTED = b"\xdf\xc4\xd1\xf3"
"""headerToken of an encrypted presentation ([MS-PPT] 2.3.2)."""
_Reading = Iterator[Surface]


def read_xls(source: Source, budget: Budget) -> _Reading:
    yield from _read(source, budget)


def read_doc(source: Source, budget: Budget) -> _Reading:
    yield from _read(source, budget)


def read_ppt(source: Source, budget: Budget) -> _Reading:
    yield from _read(source, budget)


def read_ole(source: Source, budget: Budget) -> _Reading:
    """A compound file of no known kind, as Office embeds them: the file that is inside."""
    with olefile.OleFileIO(source.data) as ole:
        entries: list[list[str]] = ole.listdir()
    if not entries:
        raise Refused("corrupt")
    yield from _read(source, budget)
    if strange := compound.strange(entries):
        yield strange.surface(source.spot, strange.reason)


def _read(source: Source, budget: Budget) -> _Reading:
    with olefile.OleFileIO(source.data) as ole:
        try:
            yield from read_storage(Storage(ole, budget), source.spot, source)
        except Refused as refusal:
            if refusal.reason.code != "encrypted_office":
                raise
            yield unlocked(source, budget)


def read_storage(storage: Storage, spot: Spot, source: Source) -> _Reading:
    """All that is in a storage; `spot` is where it stands. Raises Refused "encrypted_office"."""
    names = storage.names
    read: set[str] = set()
    for main, reader in _MAIN.items():
        if main in names:
            yield from reader(storage, main, spot, source)
            yield from unseenlegacy.carried(storage, _file(spot))
            read |= {main, *_PROPERTIES, "0Table", "1Table"}
            break
    yield from _streams(storage, [name for name in names if name not in read], spot, source)
    lines = [line for name in _PROPERTIES for line in strings(storage.read(name))]
    yield from texts(Spot(spot.part, spot.path, True, ""), lines, source.context)
    for inner in storage.inner:
        name = inner.path[-1]
        if name in _MACROS and _MACROS.isdisjoint(storage.path):
            yield Note(source.spot, "macro", Reason("macro"))
        if name == _CACHE:
            yield from _caches(inner, spot, source)
        else:
            is_object = any(main in inner.names for main in _MAIN)
            here = within(spot, name) if is_object else spot
            yield from read_storage(inner, here, source)


def _streams(storage: Storage, names: list[str], spot: Spot, source: Source) -> _Reading:
    for name in names:
        if name in _SILENT or name in _PROPERTIES:
            continue
        data = storage.read(name)
        if name == "\x01Ole10Native":
            label, data = native(data)
            yield Nested(within(_file(spot), label), label, data)
        elif name in _FILES:
            yield Nested(within(_file(spot), name), name, data)
        elif name in _PICTURES:
            yield from _pictures(data, spot, storage.budget)
        elif "VBA" in storage.path:
            yield from texts(_unseen(spot), [*vba.of_stream(data)], source.context)
        else:
            yield from texts(_unseen(spot), strings(data), source.context)


def _pictures(data: bytes, spot: Spot, budget: Budget) -> _Reading:
    for number, picture in enumerate(blips(data, budget), start=1):
        name = f"picture{number}"
        yield Nested(within(_file(spot), name), name, picture)


def _caches(storage: Storage, spot: Spot, source: Source) -> _Reading:
    for name in storage.names:
        lines = biff.cached(storage.read(name), storage.budget)
        yield from texts(_unseen(spot), lines, source.context)


def _workbook(storage: Storage, main: str, spot: Spot, source: Source) -> _Reading:
    book = biff.read(storage.read(main), storage.budget)
    for sheet in book.sheets:
        yield from _sheet(sheet, spot, source, storage.budget)
    if book.linked:
        yield Note(_file(spot), "external_links", Reason("external_links"))
    whole = Spot(spot.part, spot.path, spot.hidden, "")
    yield from texts(whole, [sheet.name for sheet in book.sheets], source.context)
    yield from texts(_unseen(spot), [*book.spare, *strings(book.left)], source.context)
    yield from _pictures(book.pictures, spot, storage.budget)


def _sheet(sheet: Sheet, outer: Spot, source: Source, budget: Budget) -> _Reading:
    spot = within(_file(outer), sheet.name, hidden=sheet.state != "visible")
    if sheet.state != "visible":
        yield Note(spot, "hidden_sheet", Reason("hidden_sheet", {"state": sheet.state}))
    context = (*source.context, sheet.name)
    yield from gathered(sheet, spot, context, budget)
    yield from texts(Spot(spot.part, spot.path, spot.hidden, ""), sheet.words, context)
    yield from notes(sheet.unseen, spot, conditions=sheet.conditions)
    for cell, text in sheet.comments:
        yield Note(replace(spot, unit=f"cell:{cell}"), "comments", Reason("comments"))
        yield Text(Spot(spot.part, spot.path, spot.hidden, f"cell:{cell}"), text, context)


def _document(storage: Storage, main: str, spot: Spot, source: Source) -> _Reading:
    stream = storage.read(main)
    flags = int.from_bytes(stream[10:12], "little")
    if flags & 0x0100:
        raise Refused("encrypted_office")
    table = storage.read("1Table" if flags & 0x0200 else "0Table")
    if not word97.is_whole(stream, table):
        yield Unreadable(spot, Reason("corrupt", {"type": "doc"}))
    told = word97.tell(stream, table)
    yield from _carried(told, stream, table, _file(spot))
    for blocks, unit in ((told.body, "line"), (told.others, "")):
        here = Spot(spot.part, spot.path, spot.hidden, unit)
        yield from in_order(blocks, here, source.context)
    tables = [line for name in ("0Table", "1Table") for line in strings(storage.read(name))]
    yield from texts(_unseen(spot), [*told.unseen, *tables], source.context)
    yield from _pictures(stream, spot, storage.budget)


def _carried(told: word97.Told, stream: bytes, table: bytes, spot: Spot) -> Iterator[Note]:
    if told.changed:
        yield Note(spot, "tracked_changes", Reason("tracked_changes"))
    if told.remarked:
        yield Note(spot, "comments", Reason("comments"))
    if told.vanished:
        yield Note(spot, "hidden_text", Reason("text_vanished"))
    if unseenlegacy.saved_in(stream, table):
        yield Note(spot, "folder_path", Reason("folder_path"))


def _slides(storage: Storage, main: str, spot: Spot, source: Source) -> _Reading:
    token = storage.read("Current User")[12:16]
    if token == _ENCRYPTED or storage.ole.exists([*storage.path, "EncryptedSummary"]):
        raise Refused("encrypted_office")
    stream = storage.read(main)
    if not ppt97.is_whole(stream):
        yield Unreadable(spot, Reason("corrupt", {"type": "ppt"}))
    for slide in ppt97.read(stream):
        unit = f"slide:{slide.number}" if slide.number else ""
        here = Spot(spot.part, spot.path, spot.hidden or slide.hidden, unit)
        if slide.number and slide.hidden:
            yield Note(here, "hidden_slide", Reason("hidden_slide", {"slide": slide.number}))
        if slide.number and slide.noted:
            yield Note(here, "speaker_notes", Reason("speaker_notes"))
        if slide.remarked:
            yield Note(here, "comments", Reason("comments"))
        yield from texts(here, slide.lines, source.context)
    for number, data in enumerate(ppt97.objects(stream, storage.budget), start=1):
        name = f"object{number}"
        yield Nested(within(_file(spot), name), name, data)


_MAIN: dict[str, Callable[[Storage, str, Spot, Source], _Reading]] = {
    "Workbook": _workbook,
    "Book": _workbook,
    "WordDocument": _document,
    "PowerPoint Document": _slides,
}


def _file(spot: Spot) -> Spot:
    return replace(spot, unit="line")


def _unseen(spot: Spot) -> Spot:
    return Spot(spot.part, spot.path, True, "")
