"""Readers: one file per format family, each turning a file into readable surfaces.

    for surface in read(source, budget): ...

The octets decide who reads them, the name never alone. What cannot be read is said
(`Unreadable`, `Unread`), never passed over in silence; no reader raises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from detectors.budget import Budget, OverBudget
from detectors.extract import (
    archive,
    docx,
    html,
    legacy,
    msg,
    odf,
    pdf,
    plain,
    pptx,
    rtf,
    tnef,
    xlsx,
)
from detectors.extract.magic import family, sniff
from detectors.extract.reading import Refused
from detectors.extract.zips import ends_as_zip
from detectors.report import Reason
from detectors.surface import Source, Surface, Unread, Unreadable

__all__ = ["read", "risky", "sniff"]

Reader = Callable[[Source, Budget], Iterator[Surface]]

_READERS: dict[str, Reader] = {
    "txt": plain.read,
    "csv": plain.read,
    "xml": plain.read,
    "html": html.read,
    "rtf": rtf.read,
    "xlsx": xlsx.read,
    "xlsb": legacy.read_xls,
    "docx": docx.read,
    "pptx": pptx.read,
    "odt": odf.read,
    "odp": odf.read,
    "ods": odf.read_sheets,
    "pdf": pdf.read,
    "zip": archive.read_zip,
    "tar": archive.read_tar,
    "gz": archive.read_gz,
    "bz2": archive.read_bz2,
    "xz": archive.read_xz,
    "xls": legacy.read_xls,
    "doc": legacy.read_doc,
    "ppt": legacy.read_ppt,
    "ole": legacy.read_ole,
    "msg": msg.read,
    "tnef": tnef.read,
}
_UNREADABLE = {
    **dict.fromkeys(("7z", "rar", "lzh", "cab", "iso", "zst"), "archive_not_supported"),
    **dict.fromkeys(("jtd", "xdw", "mdb", "sqlite", "mbox", "eml"), "format_not_supported"),
    "p7m-signed": "format_not_supported",
    "p7m": "encrypted_mail",
    "pgp": "encrypted_mail",
    "encrypted_office": "encrypted_office",
}
_IMAGES = frozenset("png jpeg gif tiff bmp webp heic emf wmf ico".split())
_WORDLESS = frozenset("mp4 avi wav mp3 ogg mkv wmv exe dwg p7s".split())
_HARMLESS = frozenset(("", "p7s", "p7m", "p7m-signed"))


def read(source: Source, budget: Budget) -> Iterator[Surface]:
    """All surfaces of one file; files inside come as `Nested`, for the caller to read in turn.

    `source.spot.path` ends with the file's own name; so does the spot of each `Nested`. Names of
    archive members and of sheets are given as `Text` too. A mail ("eml") is not read here.
    """
    kind = _kind(source)
    try:
        if reader := _READERS.get(kind):
            yield from reader(source, budget)
        elif kind in _UNREADABLE:
            yield Unreadable(source.spot, Reason(_UNREADABLE[kind], {"type": kind}))
        else:
            yield Unread(source.spot, _unread(kind))
        if _is_also_zip(source.data, kind):
            yield Unreadable(source.spot, Reason("ambiguous_archive", {"what": "prepended data"}))
    except OverBudget as over:
        yield Unreadable(source.spot, Reason("over_budget", {"limit": over.code}))
    except MemoryError:
        yield Unreadable(source.spot, Reason("over_budget", {"limit": "memory"}))
    except Refused as refusal:
        yield Unreadable(source.spot, refusal.reason)
    except Exception:  # libraries raise anything on hostile octets, and quote them in messages
        yield Unreadable(source.spot, Reason("corrupt", {"type": kind}))


def risky(source: Source) -> bool:
    """Whether it is read by large parsers of hostile formats: in a limited child of its own."""
    return family(source.data) not in _HARMLESS


def _kind(source: Source) -> str:
    kind = sniff(source.data, source.name)
    media_type = source.media_type.lower()
    if media_type == "text/html" and kind in ("txt", "csv", "xml", ""):
        return "html"
    if media_type.startswith("text/") and kind == "":
        return "txt"
    return kind


def _unread(kind: str) -> Reason:
    if kind in _IMAGES:
        return Reason("image", {"type": kind})
    if kind in _WORDLESS:
        return Reason("no_text", {"type": kind})
    return Reason("unknown_type")


def _is_also_zip(data: bytes, kind: str) -> bool:
    """A picture, a program or a text with an archive behind it, which an unzipper would open."""
    alone = kind in _IMAGES or kind in _WORDLESS or kind in ("", "pdf", "txt", "html", "rtf")
    return alone and ends_as_zip(data)
