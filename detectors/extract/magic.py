"""What the octets of a file say they are. Names lie, by accident and on purpose."""

from __future__ import annotations

import contextlib
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable

import olefile

from detectors import charset
from detectors.extract.archive import is_volume
from detectors.extract.behind import is_lzh
from detectors.extract.delimited import TABLE_LINES, table_delimiter
from detectors.extract.formats import NAMES, SIGNS
from detectors.extract.libarchive import MEMBERS
from detectors.extract.plain import TEXT_NAMES
from detectors.extract.zips import ends_as_zip

Index = dict[int, dict[bytes, list[tuple[bytes, str]]]]


def indexed(signs: Iterable[tuple[int, bytes, str]]) -> Index:
    """Offset → first octet → (octets, kind): every part of every mail is looked at."""
    index: Index = {}
    for offset, sign, kind in sorted(signs, key=lambda each: each[0]):
        index.setdefault(offset, {}).setdefault(sign[:1], []).append((sign, kind))
    return index


INDEX = indexed(SIGNS)
_WRITTEN = bytes((*range(9, 14), 27, *range(32, 127)))
_CONTROL = bytes(octet for octet in range(32) if octet not in b"\t\n\x0c\r\x0e\x0f\x1b")
_BITMAP = re.compile(rb"BM.{4}\x00{4}.{4}[\x0c\x28\x6c\x7c]\x00{3}", re.DOTALL)
_NETPBM = re.compile(
    rb"P(?:1\n(?:#.*\n)*[0-9]+ +[0-9]+\n[01\s]{20}|4\n(?:#.*\n)*[0-9]+ +[0-9]+\n"
    rb"|[23]\n(?:#.*\n)*[0-9]+ +[0-9]+\s+[0-9]+\s[0-9\s]{20}"
    rb"|[56]\n(?:#.*\n)*[0-9]+ +[0-9]+\s+[0-9]+\s)"
)
"""As programs write it: a line of prose may begin with P3 and two numbers."""
_OFFICE = (
    (b"spreadsheetml.sheet.main", "xlsx"),
    (b"spreadsheetml.template.main", "xlsx"),
    (b"ms-excel.sheet.macroEnabled.main", "xlsx"),
    (b"ms-excel.template.macroEnabled.main", "xlsx"),
    (b"ms-excel.addin.macroEnabled.main", "xlsx"),
    (b"ms-excel.sheet.binary", "xlsb"),
    (b"wordprocessingml.", "docx"),
    (b"ms-word.", "docx"),
    (b"presentationml.", "pptx"),
    (b"ms-powerpoint.", "pptx"),
    (b"ms-visio.", "vsdx"),
    (b"ms-package.xps", "xps"),
    (b"openxps.", "xps"),
)
_MAIN = (
    (b"xl/workbook.xml", "xlsx"),
    (b"word/document.xml", "docx"),
    (b"ppt/presentation.xml", "pptx"),
)
"""Parts that tell a package whose list of types is broken; what else is broken, its reader says."""
_OPEN_DOCUMENT = {b"text": "odt", b"spreadsheet": "ods", b"presentation": "odp", b"graphics": "odp"}
_STREAMS = (
    ("EncryptedPackage", "encrypted_office"),
    ("Workbook", "xls"),
    ("Book", "xls"),
    ("WordDocument", "doc"),
    ("PowerPoint Document", "ppt"),
    ("__properties_version1.0", "msg"),
    ("JSRV_SegmentInformation", "jtd"),
    ("DocumentText", "jtd"),
)
# PKCS #7: the object identifiers 1.2.840.113549.1.7.x.
_PKCS7 = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07"
_HEADER = re.compile(rb"[A-Za-z][A-Za-z0-9-]{1,40}:[ \t]*[^\r\n]*\r?\n")
_MAIL = re.compile(
    rb"^(Received|Return-Path|Message-ID|MIME-Version|Delivered-To|DKIM-Signature):", re.I | re.M
)
_DRAWING = re.compile(rb"(?:<[?!][^<>]{0,400}>\s*)*<(?:svg:)?svg[\s>]")
_HTML = re.compile(
    rb"<(!doctype html|html|head|body|table|div|meta|title|style|p|br|span)\b", re.IGNORECASE
)
_HEAD = 4_096
_SAMPLE = 1 << 14
_MAY_PART = (b",", b"\t", b";", b"+")
"""Delimiters of tables in every charset; of UTF-7 the sign that may bring one."""
_VISITING = {b"BEGIN:VCARD": "vcf", b"BEGIN:VCALENDAR": "ics"}


def sniff(data: bytes, name: str = "") -> str:
    """A short name of the format ("xlsx", "pdf", "txt" …), "" where nothing is recognised."""
    kind = family(data)
    if kind == "zip":
        return _office(data)
    if kind == "ole":
        return _compound(data)
    if kind:
        return kind
    if not is_text(data):
        # Without a mark of its own: the name makes the verdict stricter, never milder.
        ending = "." + name.lower().rpartition(".")[2]
        return NAMES.get(ending, "volume" if is_volume(name) else "")
    return _written(data, name)


def family(data: bytes) -> str:
    """As `sniff`, for octets that are no text, without opening containers: cheap and safe."""
    for offset, by_octet in INDEX.items():
        for sign, kind in by_octet.get(data[offset : offset + 1], ()):
            # A list that begins with the letters ID3 is no music: only a PDF may be all letters.
            if data.startswith(sign, offset) and (_is_proof(kind, sign, data) or not is_text(data)):
                return kind
    if _BITMAP.match(data):
        return "bmp"
    if _NETPBM.match(data):  # its dots are letters by chance
        return "ppm"
    if b"%PDF-" in data[:1_024] and b"%%EOF" in data[-1_024:]:
        return "pdf"
    if data.endswith(b"TRUEVISION-XFILE.\0"):
        return "tga"
    if data[:1] == b"\x30" and _PKCS7 in data[:40]:
        return _pkcs7(data)
    if _is_model(data):
        return "stl"
    if _is_dbase(data):
        return "dbf"
    return "tar" if _is_old_tar(data) else ""


def _is_proof(kind: str, sign: bytes, data: bytes) -> bool:
    """Whether no text begins so: a RAR of stored text is text for the most part."""
    if kind == "lzh":
        return is_lzh(data)
    return kind in ("pdf", "ar") or (len(sign) >= 4 and bool(sign.translate(None, _WRITTEN)))


def _is_model(data: bytes) -> bool:
    """STL: a heading of 80 octets, the number of triangles, and 50 octets for each of them."""
    count = int.from_bytes(data[80:84], "little")
    return count > 0 and len(data) == 84 + 50 * count


def _is_dbase(data: bytes) -> bool:
    """A date, columns of 32 octets each with their end, and rows that fill the file."""
    if len(data) < 65 or not (0 < data[2] < 13 and 0 < data[3] < 32):
        return False
    count, head, size = struct.unpack_from("<LHH", data, 4)
    # FoxPro has 263 octets more behind the columns.
    ended = b"\r" in (data[head - 1 : head], data[max(head - 264, 0) : max(head - 263, 0)])
    return ended and size > 1 and 0 <= len(data) - head - count * size < 3


def _is_old_tar(data: bytes) -> bool:
    """Of the time before POSIX: nothing but its checksum tells it."""
    field = data[148:156].strip(b" \0")
    if len(data) < 512 or not data[0] or not field or field.strip(b"01234567"):
        return False
    return sum(data[:148]) + 8 * 32 + sum(data[156:512]) == int(field, 8)


def is_text(data: bytes) -> bool:
    """No control octets but those of text, ISO-2022-JP and UTF-16 or -32 with its mark."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")):
        return _is_wide(data)
    head = data[:_HEAD] + data[-_HEAD:]
    control = len(head) - len(head.translate(None, _CONTROL))
    if control * 100 <= len(head):
        return True
    if 5 * head.count(0) < len(head):
        return False
    return _is_wide(data[:_HEAD])  # UTF-16 without its mark


def _is_wide(data: bytes) -> bool:
    """Whether what looks like UTF-16 or -32 is: of other octets one letter in thirty is none."""
    middle = max(0, len(data) // 2 - _HEAD // 2) & ~3
    pieces = (data[:_HEAD], data[:4] + data[middle : middle + _HEAD]) if middle else (data,)
    for text in (charset.decode(piece)[0] for piece in pieces):
        strange = sum(letter == "\ufffd" or letter < "\t" for letter in text)
        if strange * 100 > len(text):
            return False
    return True


def _written(data: bytes, name: str) -> str:
    head = data[:_HEAD].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"{\\rtf"):
        return "rtf"
    if b"-----BEGIN PGP MESSAGE-----" in head:
        return "pgp"
    if _HEADER.match(head) and _MAIL.search(head.partition(b"\n\r\n")[0].partition(b"\n\n")[0]):
        return "eml"
    if head.startswith(b"From ") and _MAIL.search(head):
        return "mbox"
    if visiting := _VISITING.get(head[:20].upper().split(b"\n")[0].strip()):
        return visiting
    if _DRAWING.match(head):
        return "svg"
    if head.startswith(b"<?xml") and b"<html" not in head[:1_024].lower():
        return "xml"
    if head.startswith(b"<") and _HTML.search(head[:1_024]):
        return "html"
    return "csv" if not name.lower().endswith(TEXT_NAMES) and _is_table(data) else "txt"


def _is_table(data: bytes) -> bool:
    head = data[:_SAMPLE]
    if not any(sign in head for sign in _MAY_PART):
        return False
    return bool(table_delimiter(charset.decode(_first_lines(data))[0]))


def _first_lines(data: bytes) -> bytes:
    """As many as tell a table, and no half of a character, which decodes slowly."""
    sample = data[:_SAMPLE]
    if b"\x00" not in sample and not sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        end = -1
        for _ in range(TABLE_LINES + 1):
            if (end := sample.find(b"\n", end + 1)) < 0:
                break
        else:
            return sample[: end + 1]
    if len(data) > _SAMPLE:
        signs = b"\n" if b"\x1b" in sample else b"\n,\t;"
        end = max(sample.rfind(signs[at : at + 1]) for at in range(len(signs)))
        sample = sample[: end + 1] or sample
    return sample


def _pkcs7(data: bytes) -> str:
    """ "p7m": sealed, or with its content inside; "p7s": a signature alone."""
    at = data.index(_PKCS7) + len(_PKCS7)
    if data[at] != 2:  # not signedData
        return "p7m"
    content = data.find(_PKCS7 + b"\x01", at)
    # [0] eContent stands right behind the type of the content, and in one sequence with it (RFC
    # 5652 section 5.2). Where that holds the type alone, [0] is what comes next: certificates.
    alone = data[content - 2 : content] == b"\x30\x0b"
    inside = content >= 0 and not alone and data[content + len(_PKCS7) + 1 :][:1] == b"\xa0"
    return "p7m-signed" if inside else "p7s"


def _office(data: bytes) -> str:
    if data[30:38] == b"mimetype" and (kind := _open_document(data[38:120])) != "zip":
        return kind
    if b"Index/Document.iwa" in data:
        return "iwork"
    types = _member(data, "[Content_Types].xml")
    if kind := next((kind for sign, kind in _OFFICE if sign in types), ""):
        return kind
    if types and (kind := next((kind for part, kind in _MAIN if part in data), "")):
        return kind
    # Packed anew by another program: the type is no longer the first of the octets.
    return _open_document(_member(data, "mimetype") or _member(data, "META-INF/manifest.xml"))


def _open_document(told: bytes) -> str:
    kind = told.partition(b"application/vnd.oasis.opendocument.")[2]
    return next((name for word, name in _OPEN_DOCUMENT.items() if kind.startswith(word)), "zip")


def _member(data: bytes, name: str) -> bytes:
    """A part that names what the package is, whatever the others are called."""
    if name.encode() not in data or not ends_as_zip(data):
        return b""
    if data.count(b"PK\x01\x02") > MEMBERS:  # before the directory is held in memory
        return b""
    with contextlib.suppress(
        zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, OSError, EOFError,
        ValueError, zlib.error,
    ), zipfile.ZipFile(io.BytesIO(data)) as archive:  # fmt: skip
        with archive.open(name) as stream:
            return stream.read(1 << 20)
    return b""


def _compound(data: bytes) -> str:
    """By the streams at the root of an OLE compound file."""
    try:
        with olefile.OleFileIO(data) as ole:
            return next((kind for name, kind in _STREAMS if ole.exists(name)), "ole")
    except Exception:  # olefile raises whatever broke; the reader then says "corrupt"
        return "ole"
