"""Archives that stand behind something else: self-extracting programs, pictures with a tail.

7-Zip, WinRAR and Explorer look for an archive inside of whatever they are given.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from heapq import merge

import olefile

from detectors import linear
from detectors.budget import Budget, OverBudget
from detectors.extract import program
from detectors.extract.noise import is_noise
from detectors.extract.reading import Refused, within
from detectors.extract.zips import BLANK, begins_as_zip, ends_as_zip
from detectors.linear import Expression
from detectors.surface import Nested, Source, Surface

_PACKAGES = (b"PK\x03\x04", b"PK\x05\x06", olefile.MAGIC)
"""Packages are archives themselves, compound files hold them on purpose."""
_SIGNS = re.compile(
    rb"7z\xbc\xaf\x27\x1c|Rar!\x1a\x07[\x00\x01]|MSCF\0{4}|\x60\xea[\0-\xff][\0-\x0a]"
    rb"|(?<=[\x14-\xff][\0-\xff])-(?:lh[0-7d]|lz[s45]|pm[0-2])-",
    re.DOTALL,
)
_EACH_SIGN = tuple(
    map(
        linear.octets,
        (
            rb"7z\xbc\xaf\x27\x1c",
            rb"Rar!\x1a\x07[\x00\x01]",
            rb"MSCF\x00{4}",
            rb"\x60\xea[\x00-\xff][\x00-\x0a]",
            rb"-(?:lh[0-7d]|lz[s45]|pm[0-2])-",
        ),
    )
)
"""What none of them is without. Each begins with a plain octet, to which the engine skips at the
speed of memory: all in one expression take six times as long."""
_KINDS = {b"7z": "7z", b"Ra": "rar", b"MS": "cab", b"\x60\xea": "arj", b"-l": "lzh", b"-p": "lzh"}
_FOUND = 4
_BLOCK_TAIL = 256
_LOOKED_AT = 1_000
_LOOKED_BEHIND = 4_096


def read(kind: str, source: Source, budget: Budget, last: bytes | None = None) -> Iterator[Surface]:
    """The archives inside. In anything but a program they make it read two ways.

    `last` is the last member of an archive that was read: it is no second archive.
    """
    data = source.data
    found = None
    if not data.startswith(_PACKAGES) and ends_as_zip(data):
        if last and _is_end(kind, data, last):
            return
        found = data.find(b"PK\x03\x04")
        yield _file(source, found, "zip")
    elif kind in ("exe", "", "png", "jpeg", "gif", "bmp", "tiff", "pdf", "mp4", "mp3", "wav"):
        for found, ending in archives(data):
            budget.time()
            yield _file(source, found, ending)
    if found is not None and kind != "exe":
        raise Refused("ambiguous_archive", what="prepended data")


def _is_end(kind: str, data: bytes, member: bytes) -> bool:
    """Whether the octets at the end are this member's, as it stands."""
    if data.rstrip(BLANK).endswith(member.rstrip(BLANK)):
        return True
    # A large cabinet is cut into blocks with headers of their own: there is no ZIP to anybody.
    whole = kind == "cab" and int.from_bytes(data[8:12], "little") == len(data)
    return whole and not begins_as_zip(data) and data.endswith(member[-_BLOCK_TAIL:])


def _file(source: Source, at: int, ending: str) -> Nested:
    name = f"{source.name}.{ending}"
    return Nested(within(source.spot, name), name, source.data[max(at, 0) :])


def archives(data: bytes) -> Iterator[tuple[int, str]]:
    """(offset, kind) of archives whose first header proves itself, a few at most."""
    kinds: list[str] = []
    end = program.end(data)
    for count, found in enumerate(_signs(data)):
        if count >= _LOOKED_AT:
            raise OverBudget("members")
        sign, at = found[0], found.start()
        kind = _KINDS[sign[:2]]
        at -= 2 * (kind == "lzh")
        if kind == "lzh" and kind in kinds:  # the next member of the same one
            continue
        if _PROOF[kind](data, at) or (kind == "rar" and _is_damaged_rar(data, at, end)):
            kinds.append(kind)
            yield at, kind
            if len(kinds) == _FOUND:
                return


def _signs(data: bytes) -> Iterator[re.Match[bytes]]:
    """All but one at the very start. Two octets of a film are a sign by chance, and to look at each
    of the others with an expression that looks back would take as long as all the rest."""
    for near in merge(*(_places(sign, data) for sign in _EACH_SIGN)):
        if found := _SIGNS.match(data, near):
            yield found


def _places(sign: Expression, data: bytes) -> Iterator[int]:
    at = 1
    while near := sign.search(data, at):
        yield near.start()
        at = near.start() + 1


def _is_7z(data: bytes, at: int) -> bool:
    head = data[at : at + 32]
    return len(head) == 32 and zlib.crc32(head[12:]) == int.from_bytes(head[8:12], "little")


def _is_rar(data: bytes, at: int) -> bool:
    if len(data) - at < 20:
        return False
    if data[at + 6 : at + 8] == b"\x01\x00":
        size = data[at + 12]  # of the main header: one octet is enough
        crc = int.from_bytes(data[at + 8 : at + 12], "little")
        return size < 0x80 and zlib.crc32(data[at + 12 : at + 13 + size]) == crc
    crc, kind = struct.unpack_from("<HB", data, at + 7)
    return bool(kind == 0x73) and zlib.crc32(data[at + 9 : at + 20]) & 0xFFFF == crc


def _is_damaged_rar(data: bytes, at: int, end: int) -> bool:
    """Without a first header that proves itself: behind a program that ends before it, or packed.

    Inside of programs that know RAR the sign stands, too, and what follows it has some order.
    """
    return 0 < end <= at or is_noise(data[at + 8 : at + 8 + _LOOKED_BEHIND])


def _is_cab(data: bytes, at: int) -> bool:
    if len(data) - at < 36:
        return False
    size, _, files, _, version = struct.unpack_from("<3LLH", data, at + 8)
    return bool(0x0103 == version and files < size <= len(data) - at)


def is_lzh(data: bytes, at: int = 0) -> bool:
    """Whether the header of a member stands here: stored, and of a text, it may be text itself."""
    if len(data) - at < 22 or at < 0:
        return False
    level, size = data[at + 20], data[at]
    if level == 2:
        return size > 24
    return level < 2 and sum(data[at + 2 : at + 2 + size]) & 0xFF == data[at + 1]


def _is_arj(data: bytes, at: int) -> bool:
    size = int.from_bytes(data[at + 2 : at + 4], "little")
    head, crc = data[at + 4 : at + 4 + size], data[at + 4 + size : at + 8 + size]
    return size >= 30 and len(crc) == 4 and zlib.crc32(head) == int.from_bytes(crc, "little")


_PROOF = {"7z": _is_7z, "rar": _is_rar, "cab": _is_cab, "arj": _is_arj, "lzh": is_lzh}
