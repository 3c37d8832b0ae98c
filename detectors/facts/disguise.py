"""Files that do what nobody expects: programs, and files whose name says another kind.

Looked at in every file, also those inside archives: a program in a ZIP is still a program.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from detectors.report import Reason

PROGRAMS = frozenset(
    """exe scr com pif bat cmd vbs vbe js jse wsf wsh ps1 psm1 msi msp hta cpl reg jar scf lnk
    application gadget inf msc ws vb iqy appx appinstaller chm dll sys iso img vhd vhdx""".split()
)
_ZIPPED = frozenset({"zip", "encrypted_office"})
_KINDS = {
    "pdf": {"pdf"},
    "docx": {"docx", *_ZIPPED},
    "docm": {"docx", *_ZIPPED},
    "xlsx": {"xlsx", "xlsb", *_ZIPPED},
    "xlsm": {"xlsx", "xlsb", *_ZIPPED},
    "pptx": {"pptx", *_ZIPPED},
    "jpg": {"jpeg", "png", "gif", "webp", "heic", "bmp", "tiff"},
    "jpeg": {"jpeg", "png", "gif", "webp", "heic", "bmp", "tiff"},
    "png": {"png", "jpeg", "gif", "webp", "bmp"},
    "gif": {"gif", "png", "jpeg", "webp"},
}
"""Kinds that a name may have; programs save pictures under each other's names every day."""
_DIFFERENT = frozenset(
    """pdf docx xlsx xlsb pptx zip 7z rar lzh cab exe code lnk html rtf msg mdb iso eml jpeg png
    gif tiff mp4 avi mp3""".split()
)
"""Kinds sure enough to say that a file is another than its name tells."""


def strange(name: str, kind: str) -> Iterator[tuple[str, Reason]]:
    """Facts about a file of this name whose octets are of this kind.

    >>> [fact for fact, _ in strange("請求書.pdf.exe", "exe")]
    ['executable']
    >>> [fact for fact, _ in strange("名簿.pdf", "xlsx")], list(strange("a.pdf", "pdf"))
    (['disguised'], [])
    """
    ending = unicodedata.normalize("NFKC", name).rpartition(".")[2].strip().lower()
    if kind == "exe" or ending in PROGRAMS:
        shown = f".{ending}" if ending in PROGRAMS else kind
        yield "executable", Reason("executable_kind", {"label": shown})
    elif ending in _KINDS and kind in _DIFFERENT and kind not in _KINDS[ending]:
        yield "disguised", Reason("name_and_kind_differ", {"name": f".{ending}", "label": kind})
