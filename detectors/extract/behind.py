"""Archives that stand behind something else: self-extracting programs, pictures with a tail.

7-Zip, WinRAR and Explorer look for an archive inside of whatever they are given.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from itertools import islice

from detectors.budget import Budget
from detectors.extract.reading import Refused, within
from detectors.extract.zips import ends_as_zip
from detectors.surface import Nested, Source, Surface

_PACKAGES = frozenset("zip xlsx xlsb docx pptx odt odp ods ole doc xls ppt msg".split())
"""Packages are archives themselves, compound files hold them on purpose."""
_SIGNS = re.compile(
    rb"7z\xbc\xaf\x27\x1c|Rar!\x1a\x07|MSCF\0{4}|(?<=[\x14-\xff][\0-\xff])-lh[0-7d]-", re.DOTALL
)
_FOUND = 4
_LOOKED_AT = 1_000


def read(kind: str, source: Source, budget: Budget) -> Iterator[Surface]:
    """The archives inside. In anything but a program they make it read two ways."""
    data = source.data
    found = None
    if kind not in _PACKAGES and ends_as_zip(data):
        found = data.find(b"PK\x03\x04")
        yield _file(source, found, "zip")
    elif kind in ("exe", "", "png", "jpeg", "gif", "bmp", "tiff", "pdf", "mp4", "mp3", "wav"):
        for found, ending in archives(data):
            budget.time()
            yield _file(source, found, ending)
    if found is not None and kind != "exe":
        raise Refused("ambiguous_archive", what="prepended data")


def _file(source: Source, at: int, ending: str) -> Nested:
    name = f"{source.name}.{ending}"
    return Nested(within(source.spot, name), name, source.data[max(at, 0) :])


def archives(data: bytes) -> Iterator[tuple[int, str]]:
    """(offset, kind) of archives whose first header proves itself, a few at most."""
    kinds: list[str] = []
    for found in islice(_SIGNS.finditer(data, 1), _LOOKED_AT):
        sign, at = found[0], found.start()
        kind = {b"7z": "7z", b"Ra": "rar", b"MS": "cab", b"-l": "lzh"}[sign[:2]]
        at -= 2 * (kind == "lzh")
        if kind == "lzh" and kind in kinds:  # the next member of the same one
            continue
        if _PROOF[kind](data, at):
            kinds.append(kind)
            yield at, kind
            if len(kinds) == _FOUND:
                return


def _is_7z(data: bytes, at: int) -> bool:
    head = data[at : at + 32]
    return len(head) == 32 and zlib.crc32(head[12:]) == int.from_bytes(head[8:12], "little")


def _is_rar(data: bytes, at: int) -> bool:
    if data[at + 6 : at + 8] == b"\x01\x00":
        size = data[at + 12]  # of the main header: one octet is enough
        crc = int.from_bytes(data[at + 8 : at + 12], "little")
        return size < 0x80 and zlib.crc32(data[at + 12 : at + 13 + size]) == crc
    crc, kind = struct.unpack_from("<HB", data, at + 7)
    return bool(kind == 0x73) and zlib.crc32(data[at + 9 : at + 20]) & 0xFFFF == crc


def _is_cab(data: bytes, at: int) -> bool:
    if len(data) - at < 36:
        return False
    size, _, files, _, version = struct.unpack_from("<3LLH", data, at + 8)
    return bool(0x0103 == version and files < size <= len(data) - at)


def _is_lzh(data: bytes, at: int) -> bool:
    if len(data) - at < 22 or at < 0:
        return False
    level, size = data[at + 20], data[at]
    if level == 2:
        return size > 24
    return level < 2 and sum(data[at + 2 : at + 2 + size]) & 0xFF == data[at + 1]


_PROOF = {"7z": _is_7z, "rar": _is_rar, "cab": _is_cab, "lzh": _is_lzh}
