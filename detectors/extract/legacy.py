"""Office files of the time before 2007: xls, doc, ppt in an OLE compound file."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from datetime import date

import olefile
import python_calamine as calamine

from detectors.budget import Budget
from detectors.extract.package import texts
from detectors.extract.reading import Refused, within
from detectors.report import Reason
from detectors.surface import Nested, Note, Source, Spot, Surface, Table

_RECORD = struct.Struct("<HH")
_ATOM = struct.Struct("<HHL")
_FILEPASS, _HEADER, _FOOTER, _CONTINUE, _TXO = 0x2F, 0x14, 0x15, 0x3C, 0x1B6
_TEXT_CHARS, _TEXT_BYTES, _CSTRING = 0x0FA0, 0x0FA8, 0x0FBA
_CONTROLS = {0x07: "\t", 0x0B: "\n", 0x0C: "\n", 0x0D: "\n", 0x13: " ", 0x14: " ", 0x15: " "}
_VISIBLE = {octet: _CONTROLS.get(octet, "") for octet in range(32) if octet not in (9, 10)}


def read_xls(source: Source, budget: Budget) -> Iterator[Surface]:
    """Sheets as tables (calamine reads xlsb and ods as well), then text boxes and comments."""
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(source.data))
    except calamine.PasswordError:
        raise Refused("encrypted_office") from None
    for sheet in book.sheets_metadata:
        hidden = sheet.visible != calamine.SheetVisibleEnum.Visible
        spot = within(source.spot, sheet.name, hidden=hidden)
        if hidden:
            yield Note(spot, "hidden_sheet", Reason("hidden_sheet"))
        if sheet.typ == calamine.SheetTypeEnum.WorkSheet:
            yield from _sheet(book.get_sheet_by_name(sheet.name), spot, source, budget)
    whole = Spot(source.spot.part, source.spot.path, source.spot.hidden, "")
    yield from texts(whole, [sheet.name for sheet in book.sheets_metadata], source.context)
    if source.data.startswith(olefile.MAGIC):
        with olefile.OleFileIO(source.data) as ole:
            stream = _stream(ole, "Workbook", budget) or _stream(ole, "Book", budget)
            yield from texts(whole, [*_boxes(stream)], source.context)
            yield from _around(ole, source, budget)


def read_doc(source: Source, budget: Budget) -> Iterator[Surface]:
    with olefile.OleFileIO(source.data) as ole:
        main = _stream(ole, "WordDocument", budget)
        flags = int.from_bytes(main[10:12], "little")
        if flags & 0x0100:
            raise Refused("encrypted_office")
        table = _stream(ole, "1Table" if flags & 0x0200 else "0Table", budget)
        text = _pieces(main, table) or _swept(main)
        spot = Spot(source.spot.part, source.spot.path, source.spot.hidden)
        yield from texts(spot, [text.translate(_VISIBLE)], source.context)
        yield from _around(ole, source, budget)


def read_ppt(source: Source, budget: Budget) -> Iterator[Surface]:
    with olefile.OleFileIO(source.data) as ole:
        if ole.exists("EncryptedSummary"):
            raise Refused("encrypted_office")
        stream = _stream(ole, "PowerPoint Document", budget)
        spot = Spot(source.spot.part, source.spot.path, source.spot.hidden, "")
        lines = [text.translate(_VISIBLE) for text in _atoms(stream)]
        yield from texts(spot, lines, source.context)
        yield from _around(ole, source, budget)


def read_ole(source: Source, budget: Budget) -> Iterator[Surface]:
    """A compound file of no known kind, as Office embeds them: the file that is inside."""
    with olefile.OleFileIO(source.data) as ole:
        yield from _around(ole, source, budget)
        for name in ("Package", "CONTENTS"):
            if data := _stream(ole, name, budget):
                yield Nested(within(source.spot, name), name, data)


def _stream(ole: olefile.OleFileIO, name: str | list[str], budget: Budget) -> bytes:
    if not ole.exists(name) or ole.get_type(name) != olefile.STGTY_STREAM:
        return b""
    budget.take(ole.get_size(name))
    return bytes(ole.openstream(name).read())


def _around(ole: olefile.OleFileIO, source: Source, budget: Budget) -> Iterator[Surface]:
    """Properties, macros and embedded files."""
    lines = []
    for name in ("\x05SummaryInformation", "\x05DocumentSummaryInformation"):
        if ole.exists(name):
            properties = ole.getproperties(name, convert_time=True)
            lines += [_text(v) for v in properties.values() if isinstance(v, (str, bytes))]
    whole = Spot(source.spot.part, source.spot.path, True, "")
    yield from texts(whole, lines, source.context)
    entries = ole.listdir()
    if any(part in ("VBA", "_VBA_PROJECT_CUR", "Macros") for entry in entries for part in entry):
        yield Note(source.spot, "macro", Reason("macro"))
    for entry in entries:
        if entry[-1] == "\x01Ole10Native":
            name, data = _native(_stream(ole, entry, budget))
            yield Nested(within(source.spot, name), name, data)
        elif entry[-1] in ("Package", "CONTENTS") and len(entry) > 1:
            yield Nested(within(source.spot, entry[-1]), entry[-1], _stream(ole, entry, budget))


def _native(data: bytes) -> tuple[str, bytes]:
    """(label, content) of an embedded file: size, 2, label\\0, path\\0, 8 octets, path, content."""
    try:
        end = data.index(b"\x00", 6)
        name = _text(data[6:end])
        at = data.index(b"\x00", end + 1) + 5
        at += 4 + int.from_bytes(data[at : at + 4], "little")
        size = int.from_bytes(data[at : at + 4], "little")
        return name, data[at + 4 : at + 4 + size]
    except ValueError:
        return "object", data[4:]


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.rstrip(b"\x00").decode("cp932", "replace")


def _sheet(
    sheet: calamine.CalamineSheet, spot: Spot, source: Source, budget: Budget
) -> Iterator[Surface]:
    budget.take(8 * sheet.total_height * sheet.total_width)
    rows: list[list[str]] = []
    numeric = set()
    for r, values in enumerate(sheet.iter_rows(), start=1):
        budget.time()
        rows.append([_shown(value) for value in values])
        numeric |= {(r, c) for c, v in enumerate(values, 1) if isinstance(v, float)}
    context = (*source.context, spot.path[-1])
    if rows:
        yield Table(spot, rows, numeric=frozenset(numeric), context=context)


def _shown(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.isoformat() if isinstance(value, date) else str(value)


def _boxes(stream: bytes) -> Iterator[str]:
    """Texts of a BIFF8 stream that are no cells: boxes and comments (TXO), headers, footers."""
    at, before = 0, 0
    while at + _RECORD.size <= len(stream):
        kind, size = _RECORD.unpack_from(stream, at)
        body = stream[at + _RECORD.size : at + _RECORD.size + size]
        if kind == _CONTINUE and before == _TXO and body:
            yield _biff(body[0], body[1:])
        elif kind in (_HEADER, _FOOTER) and len(body) > 3:
            yield _biff(body[2], body[3:])
        before = kind
        at += _RECORD.size + size


def _biff(flags: int, data: bytes) -> str:
    return data.decode("utf-16-le" if flags & 1 else "latin-1", "replace")


def _pieces(main: bytes, table: bytes) -> str:
    """The text in reading order by the piece table ([MS-DOC] 2.8.35); "" where it is broken."""
    at, size = struct.unpack_from("<LL", main, 0x01A2) if len(main) > 0x01AA else (0, 0)
    clx = table[at : at + size]
    while clx[:1] == b"\x01":
        clx = clx[3 + int.from_bytes(clx[1:3], "little") :]
    if clx[:1] != b"\x02":
        return ""
    plc = clx[5 : 5 + int.from_bytes(clx[1:5], "little")]
    count = (len(plc) - 4) // 12
    if count < 1:
        return ""
    ends = struct.unpack_from(f"<{count + 1}L", plc)
    out = []
    for number in range(count):
        start = int.from_bytes(plc[4 * (count + 1) + 8 * number + 2 :][:4], "little")
        length = max(0, ends[number + 1] - ends[number])
        if start & 0x40000000:  # one octet a letter
            start = (start & 0x3FFFFFFF) // 2
            out.append(main[start : start + length].decode("cp1252", "replace"))
        else:
            out.append(main[start : start + 2 * length].decode("utf-16-le", "replace"))
    return "".join(out)


def _swept(main: bytes) -> str:
    """Every reading of a stream that has lost its table: both alignments, and CP932."""
    readings = (main.decode("utf-16-le", "ignore"), main[1:].decode("utf-16-le", "ignore"))
    return "\n".join((*readings, main.decode("cp932", "ignore")))


def _atoms(stream: bytes) -> Iterator[str]:
    """Text records of [MS-PPT]; containers (version 15) are entered, other records skipped."""
    at = 0
    while at + _ATOM.size <= len(stream):
        version, kind, size = _ATOM.unpack_from(stream, at)
        at += _ATOM.size
        if version & 0x0F == 0x0F:
            continue
        body = stream[at : at + size]
        if kind in (_TEXT_CHARS, _CSTRING):
            yield body.decode("utf-16-le", "replace")
        elif kind == _TEXT_BYTES:
            yield body.decode("latin-1")
        at += size
