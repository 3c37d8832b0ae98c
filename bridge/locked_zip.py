"""One ZIP of all files, encrypted with AES-256 (WinZip's AE-2), for those who open no links.

The names of the files stand in it unencrypted, as in every ZIP; `recheck` reads them again. AE-2
and not AE-1: that one keeps the CRC of the plain octets, by which a known file can be recognised.
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pyzipper
from pyzipper.zipfile_aes import AESZipFile, AESZipInfo

from bridge.packing import Content, file_name

_DEVICE = re.compile(r"(?i)(?:CON|PRN|AUX|NUL|COM[0-9]|LPT[0-9])(?:\.|\Z)")
"""What Windows takes for a device, whatever stands behind the dot."""


class _OldNames(AESZipInfo):  # type: ignore[misc]
    """Names in CP932 and without the flag of UTF-8, as Windows wrote them for thirty years; a name
    that CP932 has not got is written in UTF-8 all the same."""

    __slots__ = ()

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        try:
            return self.filename.encode("cp932"), self.flag_bits
        except UnicodeEncodeError:
            encoded: tuple[bytes, int] = super()._encodeFilenameFlags()
            return encoded


def lock(files: Sequence[Content], password: str, at: datetime, *, cp932: bool = False) -> bytes:
    """`at` is the date that all files get, as it is shown in the country of the recipient."""
    out = io.BytesIO()
    kind = _OldNames if cp932 else AESZipInfo
    with AESZipFile(out, "w", pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(password.encode("ascii"))
        for file in named(files):
            entry: Any = kind(file.name, at.timetuple()[:6])
            entry.compress_type = pyzipper.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            archive.writestr(entry, file.data)
    return out.getvalue()


def named(files: Sequence[Content]) -> list[Content]:
    """With names that no unpacker can take for a place elsewhere, a device or one another."""
    taken: set[str] = set()
    found = []
    for number, file in enumerate(files, start=1):
        # macOS writes が as two characters, which Windows shows as two and CP932 has not got
        name = file_name(unicodedata.normalize("NFC", file.name)) or f"{number}"
        name = _free(f"_{name}" if _DEVICE.match(name) else name, taken)
        taken.add(name.casefold())
        found.append(replace(file, name=name))
    return found


def _free(name: str, taken: set[str]) -> str:
    """「一覧 (2).xlsx」 beside 「一覧.xlsx」."""
    stem, dot, suffix = name.rpartition(".")
    stem, suffix = (stem, dot + suffix) if stem else (name, "")
    number, found = 1, name
    while found.casefold() in taken:
        number += 1
        found = f"{stem} ({number}){suffix}"
    return found
