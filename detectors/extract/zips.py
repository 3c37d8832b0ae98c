"""ZIP, opened strictly: what two unzippers could read in two ways is refused.

Unpackers differ in whether they trust the central directory, the local headers or whatever comes
first; archives are built so that the scanner sees one member and the recipient another. So every
octet must belong to exactly one member, the directory or its end record (the rules of
ronomon/zip; overlap is CVE-2024-0450, which Python refuses only from 3.11.8 on).
"""

from __future__ import annotations

import hashlib
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from lzma import LZMAError

from detectors.budget import Budget, OverBudget
from detectors.extract import libarchive
from detectors.extract.libarchive import MEMBERS
from detectors.extract.reading import CHUNK, Refused, spellings, visible, whole

_DIRECTORY_ENTRY = 2_048
"""Octets of directory that one member may use: bounds the memory before it is parsed."""
_END = struct.Struct("<4s4H2LH")
_LOCATOR = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCAL = struct.Struct("<4s5H3L2H")
_DESCRIPTORS = (  # APPNOTE 4.3.9: with or without its signature, 32 or 64 bit
    (b"PK\x07\x08", struct.Struct("<3L")),
    (b"PK\x07\x08", struct.Struct("<L2Q")),
    (b"", struct.Struct("<3L")),
    (b"", struct.Struct("<L2Q")),
)
_ENTRY = struct.Struct("<4s6H3L5H2L")
_ENCRYPTED, _DESCRIBED, _UTF8 = 0x1, 0x8, 0x800
_UNICODE_PATH = 0x7075
_METHODS = (0, 8, 12, 14)
"""Those of zipfile."""
_LARGE = 0xFFFFFFFF
BLANK = b"\0\t\n\r \x1a"
"""What carries a file adds a line end or fills a block: no unpacker finds a member in that."""


@dataclass(frozen=True, slots=True)
class Member:
    name: str
    """As a Japanese reader sees it."""
    info: zipfile.ZipInfo

    @property
    def encrypted(self) -> bool:
        return bool(self.info.flag_bits & _ENCRYPTED)


class Zip:
    """Members in the order of the directory. Raises Refused "ambiguous_archive", "corrupt"."""

    def __init__(self, data: bytes) -> None:
        count, start = _directory(data)
        try:
            self._data = data
            self._file = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, struct.error, ValueError, NotImplementedError):
            raise Refused("corrupt", type="zip") from None
        infos = self._file.infolist()
        self._ends = _check(data, infos, count, start)
        self.members = tuple(Member(_name(info), info) for info in infos)
        self.comments = [said for said in (self._file.comment, *(i.comment for i in infos)) if said]
        """Of the archive and of its members, in a charset that nothing tells."""

    def read(self, member: Member, budget: Budget, *, ratio: bool = True) -> bytes:
        """The octets of a member that is not encrypted, paid for before they are unpacked."""
        info = member.info
        if info.compress_type not in _METHODS:
            return self._unusual(member, budget)
        budget.take(info.file_size, info.compress_size if ratio else 0)
        try:
            return self._file.read(info)
        except (zipfile.BadZipFile, zlib.error, LZMAError, OSError, EOFError, RuntimeError):
            raise Refused("corrupt", type="zip") from None

    def unlock(self, member: Member, budget: Budget, passwords: tuple[str, ...]) -> bytes | None:
        """The octets of an encrypted member, None where no password opens it."""
        alone = self._alone(member.info)
        for password in spellings(passwords):
            # One wrong password in 256 fits the check octet of ZipCrypto, and fails the CRC.
            for item in libarchive.items(alone, budget, ("zip_seekable",), password=password):
                if item.data is not None:
                    return item.data
        return None

    def _unusual(self, member: Member, budget: Budget) -> bytes:
        """Methods that Windows and 7-Zip know and Python does not (PPMd, Zstandard, XZ)."""
        method = member.info.compress_type
        for item in libarchive.items(self._alone(member.info), budget, ("zip_seekable",)):
            if item.data is not None:
                return item.data
            if item.trouble == "corrupt":
                raise Refused("corrupt", type="zip")
        raise Refused("archive_not_supported", type="zip", method=method)

    def _alone(self, info: zipfile.ZipInfo) -> bytes:
        """An archive of one member: its octets as they stand, and a directory of our own."""
        local = self._data[info.header_offset : self._ends[info.header_offset]]
        entry = _ENTRY.pack(
            b"PK\x01\x02", 63, 63, info.flag_bits, info.compress_type, *_dos_time(local), info.CRC,
            info.compress_size, info.file_size, 1, len(info.extra), 0, 0, 0, 0, 0,
        ) + b"x" + info.extra  # fmt: skip
        return local + entry + _END.pack(b"PK\x05\x06", 0, 0, 1, 1, len(entry), len(local), 0)


def members_anywhere(data: bytes, budget: Budget) -> Iterator[tuple[str, bytes]]:
    """(name, octets) of whatever stands behind any local header: no directory is believed.

    The union of what unpackers could find in an archive that reads two ways.
    """
    seen: set[bytes] = set()
    for count, found in enumerate(re.finditer(rb"PK\x03\x04", data)):
        if count >= MEMBERS:
            raise OverBudget("members")
        at = found.start()
        if len(data) - at < _LOCAL.size:
            return
        _, _, flags, method, _, _, _, size, _, name, extra = _LOCAL.unpack_from(data, at)
        start = at + _LOCAL.size + name + extra
        if flags & _ENCRYPTED or method not in (0, 8) or start >= len(data):
            continue
        octets = _inflated(data, start, budget) if method else _stored(data, start, size)
        budget.take(len(octets))
        digest = hashlib.sha256(octets).digest()
        if octets and digest not in seen:
            seen.add(digest)
            yield visible(data[at + _LOCAL.size : start - extra]), octets


def _inflated(data: bytes, start: int, budget: Budget) -> bytes:
    """As far as it goes."""
    stream, out, at = zlib.decompressobj(-15), bytearray(), start
    with suppress(zlib.error):
        while at < len(data) and not stream.eof:
            piece = stream.decompress(data[at : at + CHUNK], 16 * CHUNK)
            at += min(CHUNK, len(data) - at) - len(stream.unconsumed_tail)
            out += piece
            budget.time()
            if len(out) > budget.limits.decoded - budget.octets:
                raise OverBudget("decoded")
    return bytes(out)


def _stored(data: bytes, start: int, size: int) -> bytes:
    """Of a member that is only described behind itself: up to the next sign."""
    if size not in (0, _LARGE):
        return data[start : start + size]
    after = re.compile(rb"PK(?:\x01\x02|\x03\x04|\x07\x08)").search(data, start)
    return data[start : after.start() if after else len(data)]


def ends_as_zip(data: bytes) -> bool:
    """Whether an unzipper would take it, whatever it begins with (self-extractors, polyglots)."""
    at = data.rfind(b"PK\x05\x06", max(0, len(data) - _END.size - 0xFFFF))
    return at >= 0 and len(data) - at >= _END.size and _comment_fits(data, at)


def begins_as_zip(data: bytes) -> bool:
    """Whether the directory at the end leads to a member, at its place or shifted by a prefix."""
    at = data.rfind(b"PK\x05\x06", max(0, len(data) - _END.size - 0xFFFF))
    if at < 0 or len(data) - at < _END.size:
        return False
    size, start = struct.unpack_from("<2L", data, at + 12)
    entry = at - size
    if entry < 0 or not data.startswith(b"PK\x01\x02", entry) or len(data) < entry + 46:
        return bool(start == _LARGE)
    (first,) = struct.unpack_from("<L", data, entry + 42)
    return any(data.startswith(b"PK\x03\x04", at) for at in (first, entry - start + first))


def _comment_fits(data: bytes, at: int) -> bool:
    end = at + _END.size + int.from_bytes(data[at + 20 : at + 22], "little")
    return end <= len(data) and not data[end:].strip(BLANK)


def _directory(data: bytes) -> tuple[int, int]:
    """(number of members, where the directory starts), from the end record."""
    at = data.rfind(b"PK\x05\x06", max(0, len(data) - _END.size - 0xFFFF))
    if at < 0 or len(data) - at < _END.size:
        raise Refused("corrupt", type="zip")
    if not _comment_fits(data, at):
        raise Refused("ambiguous_archive", what="appended data")
    _, disk, _, here, count, size, start, _ = _END.unpack_from(data, at)
    if data[max(0, at - _LOCATOR.size) : at].startswith(b"PK\x06\x07"):
        at = _LOCATOR.unpack_from(data, at - _LOCATOR.size)[2]
        if data[at : at + 4] != b"PK\x06\x06" or len(data) - at < _END64.size:
            raise Refused("corrupt", type="zip")
        _, _, _, _, disk, _, here, count, size, start = _END64.unpack_from(data, at)
    if disk or here != count:
        raise Refused("part_of_volume", type="zip")
    if start + size != at:
        raise Refused("ambiguous_archive", what="prepended data")
    if count > MEMBERS:
        raise Refused("over_budget", limit="members")
    if size > count * _DIRECTORY_ENTRY:
        raise Refused("ambiguous_archive", what="directory")
    return count, start


def _check(data: bytes, infos: list[zipfile.ZipInfo], count: int, start: int) -> dict[int, int]:
    """Where each member begins → where it ends."""
    if len(infos) != count:
        raise Refused("ambiguous_archive", what="directory")
    if len({info.orig_filename for info in infos}) != count:
        raise Refused("ambiguous_archive", what="duplicate names")
    if any("\x00" in info.orig_filename for info in infos):
        raise Refused("ambiguous_archive", what="names")
    at, ends = 0, {}
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset != at:
            raise Refused("ambiguous_archive", what="overlap" if info.header_offset < at else "gap")
        ends[at] = _after(data, info)
        at = ends[at]
    if at != start:
        raise Refused("ambiguous_archive", what="overlap" if at > start else "gap")
    return ends


def _after(data: bytes, info: zipfile.ZipInfo) -> int:
    """Where the octets of this member end, its local header agreeing with the directory."""
    at = info.header_offset
    if len(data) - at < _LOCAL.size:
        raise Refused("corrupt", type="zip")
    sign, _, flags, method, _, _, crc, packed, _, name, extra = _LOCAL.unpack_from(data, at)
    at += _LOCAL.size
    if sign != b"PK\x03\x04" or data[at : at + name] != _raw(info):
        raise Refused("ambiguous_archive", what="names")
    if method != info.compress_type or (flags ^ info.flag_bits) & _ENCRYPTED:
        raise Refused("ambiguous_archive", what="headers")
    same = crc == info.CRC and packed in (info.compress_size, _LARGE)
    if not same and not flags & _DESCRIBED:
        raise Refused("ambiguous_archive", what="headers")
    end: int = at + name + extra + info.compress_size
    return end + (_descriptor(data, end, info, same) if flags & _DESCRIBED else 0)


def _descriptor(data: bytes, at: int, info: zipfile.ZipInfo, optional: bool) -> int:
    wanted = (info.CRC, info.compress_size, info.file_size)
    for sign, form in _DESCRIPTORS:
        end = at + len(sign) + form.size
        if end <= len(data) and data.startswith(sign, at):
            if form.unpack_from(data, at + len(sign)) == wanted:
                return end - at
    if optional:
        return 0
    raise Refused("ambiguous_archive", what="headers")


def _raw(info: zipfile.ZipInfo) -> bytes:
    return info.orig_filename.encode("utf-8" if info.flag_bits & _UTF8 else "cp437")


def _name(info: zipfile.ZipInfo) -> str:
    """Windows writes CP932 without saying so, macOS UTF-8 without saying so."""
    return whole(info.orig_filename) if info.flag_bits & _UTF8 else _unicode_path(info)


def _unicode_path(info: zipfile.ZipInfo) -> str:
    """By the Info-ZIP Unicode Path field (APPNOTE 4.6.9), where it is of this name."""
    raw, at = _raw(info), 0
    while at + 4 <= len(info.extra):
        kind, size = struct.unpack_from("<2H", info.extra, at)
        field = info.extra[at + 4 : at + 4 + size]
        if kind == _UNICODE_PATH and field[:5] == b"\x01" + struct.pack("<L", zlib.crc32(raw)):
            return visible(field[5:])
        at += 4 + size
    return visible(raw)


def _dos_time(local: bytes) -> tuple[int, int]:
    """The check octet of ZipCrypto is the time's where the CRC comes behind the octets."""
    time, date = struct.unpack_from("<2H", local, 10)
    return time, date
