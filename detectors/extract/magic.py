"""What the octets of a file say they are. Names lie, by accident and on purpose."""

from __future__ import annotations

import contextlib
import io
import re
import zipfile
import zlib

import olefile

from detectors import charset
from detectors.extract.plain import table_delimiter
from detectors.extract.zips import MEMBERS, ends_as_zip

_SIGNS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"%PDF-", "pdf"),
    (0, b"PK\x03\x04", "zip"),
    (0, b"PK\x05\x06", "zip"),
    (0, olefile.MAGIC, "ole"),
    (0, b"\x89PNG\r\n\x1a\n", "png"),
    (0, b"\xff\xd8\xff", "jpeg"),
    (0, b"GIF8", "gif"),
    (0, b"II*\x00", "tiff"),
    (0, b"MM\x00*", "tiff"),
    (8, b"WEBP", "webp"),
    (4, b"ftypheic", "heic"),
    (4, b"ftypheix", "heic"),
    (4, b"ftypmif1", "heic"),
    (4, b"ftypavif", "heic"),
    (40, b" EMF", "emf"),
    (0, b"\xd7\xcd\xc6\x9a", "wmf"),
    (0, b"\x00\x00\x01\x00", "ico"),
    (0, b"7z\xbc\xaf\x27\x1c", "7z"),
    (0, b"Rar!\x1a\x07", "rar"),
    (2, b"-lh", "lzh"),
    (2, b"-lz", "lzh"),
    (0, b"MSCF", "cab"),
    (32_769, b"CD001", "iso"),
    (0, b"\x28\xb5\x2f\xfd", "zst"),
    (0, b"\x1f\x8b\x08", "gz"),
    (0, b"BZh", "bz2"),
    (0, b"\xfd7zXZ\x00", "xz"),
    (257, b"ustar", "tar"),
    (0, b"\x78\x9f\x3e\x22", "tnef"),
    (4, b"ftyp", "mp4"),
    (8, b"AVI ", "avi"),
    (8, b"WAVE", "wav"),
    (0, b"ID3", "mp3"),
    (0, b"\xff\xfb", "mp3"),
    (0, b"MZ", "exe"),
    (0, b"OggS", "ogg"),
    (0, b"\x1a\x45\xdf\xa3", "mkv"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "wmv"),
    (0, b"\x7fELF", "exe"),
    (0, b"AC10", "dwg"),
    (4, b"Standard Jet DB", "mdb"),
    (4, b"Standard ACE DB", "mdb"),
    (0, b"SQLite format 3\x00", "sqlite"),
)
_BITMAP = re.compile(rb"BM.{4}\x00{4}.{4}[\x0c\x28\x6c\x7c]\x00{3}", re.DOTALL)
_OFFICE = (
    (b"spreadsheetml.sheet.main", "xlsx"),
    (b"spreadsheetml.template.main", "xlsx"),
    (b"ms-excel.sheet.macroEnabled.main", "xlsx"),
    (b"ms-excel.template.macroEnabled.main", "xlsx"),
    (b"ms-excel.sheet.binary", "xlsb"),
    (b"wordprocessingml.", "docx"),
    (b"ms-word.", "docx"),
    (b"presentationml.", "pptx"),
    (b"ms-powerpoint.", "pptx"),
)
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
_HTML = re.compile(
    rb"<(!doctype html|html|head|body|table|div|meta|title|style|p|br|span)\b", re.IGNORECASE
)
_HEAD = 4_096
# Formats without a mark of their own: the name makes the verdict stricter, never milder.
_BY_NAME = {
    ".jtd": "jtd", ".jtt": "jtd", ".xdw": "xdw", ".xbd": "xdw", ".pgp": "pgp", ".gpg": "pgp",
    ".asc": "pgp", ".dxf": "dwg", ".lzh": "lzh", ".p7m": "p7m",
}  # fmt: skip


def sniff(data: bytes, name: str = "") -> str:
    """A short name of the format ("xlsx", "pdf", "txt" …), "" where nothing is recognised."""
    kind = family(data)
    if kind == "zip":
        return _office(data)
    if kind == "ole":
        return _compound(data)
    if kind:
        return kind
    by_name = _BY_NAME.get(name[name.rfind(".") :].lower(), "") if "." in name else ""
    if not is_text(data):
        return by_name
    return _written(data, name)


def family(data: bytes) -> str:
    """As `sniff`, for octets that are no text, without opening containers: cheap and safe."""
    for offset, sign, kind in _SIGNS:
        # A list that begins with the letters ID3 is no music: only a PDF may be all letters.
        if data.startswith(sign, offset) and (kind == "pdf" or not is_text(data)):
            return kind
    if _BITMAP.match(data):
        return "bmp"
    if b"%PDF-" in data[:1_024] and b"%%EOF" in data[-1_024:]:
        return "pdf"
    if data[:1] == b"\x30" and _PKCS7 in data[:40]:
        return _pkcs7(data)
    return ""


def is_text(data: bytes) -> bool:
    """No control octets but those of text, ISO-2022-JP and UTF-16 or -32 with its mark."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")):
        return True
    head = data[:_HEAD] + data[-_HEAD:]
    control = sum(
        head.count(octet) for octet in range(32) if octet not in b"\t\n\x0c\r\x0e\x0f\x1b"
    )
    if control * 100 <= len(head):
        return True
    if 5 * head.count(0) < len(head):
        return False
    text = charset.decode(data[:_HEAD])[0]  # UTF-16 without its mark
    strange = sum(letter == "\ufffd" or letter < "\t" for letter in text)
    return strange * 100 <= len(text)


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
    if head.startswith(b"<?xml") and b"<html" not in head[:1_024].lower():
        return "xml"
    if head.startswith(b"<") and _HTML.search(head[:1_024]):
        return "html"
    sample = charset.decode(data[: 1 << 16])[0]
    if table_delimiter(sample) and not name.lower().endswith((".txt", ".ics", ".vcf")):
        return "csv"
    return "txt"


def _pkcs7(data: bytes) -> str:
    """ "p7m": sealed, or with its content inside; "p7s": a signature alone."""
    at = data.index(_PKCS7) + len(_PKCS7)
    if data[at] != 2:  # not signedData
        return "p7m"
    content = data.find(_PKCS7 + b"\x01", at)
    # [0] eContent stands right behind the type of the content (RFC 5652 section 5.2).
    inside = content >= 0 and data[content + len(_PKCS7) + 1 :][:1] == b"\xa0"
    return "p7m-signed" if inside else "p7s"


def _office(data: bytes) -> str:
    if data[30:38] == b"mimetype":
        kind = data[38:120].partition(b"application/vnd.oasis.opendocument.")[2]
        for word, name in _OPEN_DOCUMENT.items():
            if kind.startswith(word):
                return name
    types = _content_types(data)
    return next((kind for sign, kind in _OFFICE if sign in types), "zip")


def _content_types(data: bytes) -> bytes:
    """[Content_Types].xml, which names what the package is whatever its parts are called."""
    if b"[Content_Types].xml" not in data or not ends_as_zip(data):
        return b""
    if data.count(b"PK\x01\x02") > MEMBERS:  # before the directory is held in memory
        return b""
    with contextlib.suppress(
        zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, OSError, EOFError,
        ValueError, zlib.error,
    ), zipfile.ZipFile(io.BytesIO(data)) as archive:  # fmt: skip
        with archive.open("[Content_Types].xml") as stream:
            return stream.read(1 << 20)
    return b""


def _compound(data: bytes) -> str:
    """By the streams at the root of an OLE compound file."""
    try:
        with olefile.OleFileIO(data) as ole:
            return next((kind for name, kind in _STREAMS if ole.exists(name)), "ole")
    except Exception:  # olefile raises whatever broke; the reader then says "corrupt"
        return "ole"
