"""ZIP, opened strictly: what two unzippers could read in two ways is refused.

Unpackers differ in whether they trust the central directory, the local headers or whatever comes
first; archives are built so that the scanner sees one member and the recipient another. So every
octet must belong to exactly one member, the directory or its end record (the rules of
ronomon/zip; overlap is CVE-2024-0450, which Python refuses only from 3.11.8 on).
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from dataclasses import dataclass
from lzma import LZMAError

from detectors.budget import Budget
from detectors.extract.reading import Refused, drain

MEMBERS = 10_000
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
_ENCRYPTED, _DESCRIBED, _UTF8 = 0x1, 0x8, 0x800
_LARGE = 0xFFFFFFFF


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
            self._file = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, struct.error, ValueError, NotImplementedError):
            raise Refused("corrupt", type="zip") from None
        infos = self._file.infolist()
        _check(data, infos, count, start)
        self.members = tuple(Member(_name(info), info) for info in infos)

    def read(self, member: Member, budget: Budget, *, ratio: bool = True) -> bytes:
        """The octets of a member that is not encrypted, paid for before they are unpacked."""
        info = member.info
        budget.take(info.file_size, info.compress_size if ratio else 0)
        try:
            return self._file.read(info)
        except NotImplementedError:
            raise Refused("archive_not_supported", type="zip", method=info.compress_type) from None
        except (zipfile.BadZipFile, zlib.error, LZMAError, OSError, EOFError, RuntimeError):
            raise Refused("corrupt", type="zip") from None

    def unlock(self, member: Member, budget: Budget, passwords: tuple[str, ...]) -> bytes | None:
        """The octets of an encrypted member, None where no password opens it."""
        info = member.info
        for password in (raw for text in passwords for raw in _spellings(text)):
            budget.take(info.file_size, info.compress_size)
            try:
                with self._file.open(info, pwd=password) as stream:
                    return drain(stream.read, Budget(budget.limits, deadline=budget.deadline))
            except NotImplementedError:  # AES (method 99)
                return None
            except (RuntimeError, zipfile.BadZipFile, zlib.error, LZMAError, EOFError):
                continue  # one wrong password in 256 fits the check octet and fails the CRC
        return None


def _spellings(password: str) -> list[bytes]:
    found = []
    for charset in ("utf-8", "cp932"):
        try:
            found.append(password.encode(charset))
        except UnicodeEncodeError:
            continue
    return list(dict.fromkeys(found))


def ends_as_zip(data: bytes) -> bool:
    """Whether an unzipper would take it, whatever it begins with (self-extractors, polyglots)."""
    at = data.rfind(b"PK\x05\x06", max(0, len(data) - _END.size - 0xFFFF))
    return at >= 0 and len(data) - at >= _END.size and _comment_fits(data, at)


def _comment_fits(data: bytes, at: int) -> bool:
    comment = int.from_bytes(data[at + 20 : at + 22], "little")
    return at + _END.size + comment == len(data)


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
        raise Refused("archive_not_supported", type="zip", what="split")
    if start + size != at:
        raise Refused("ambiguous_archive", what="prepended data")
    if count > MEMBERS:
        raise Refused("over_budget", limit="members")
    if size > count * _DIRECTORY_ENTRY:
        raise Refused("ambiguous_archive", what="directory")
    return count, start


def _check(data: bytes, infos: list[zipfile.ZipInfo], count: int, start: int) -> None:
    if len(infos) != count:
        raise Refused("ambiguous_archive", what="directory")
    if len({info.orig_filename for info in infos}) != count:
        raise Refused("ambiguous_archive", what="duplicate names")
    if any("\x00" in info.orig_filename for info in infos):
        raise Refused("ambiguous_archive", what="names")
    at = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset != at:
            raise Refused("ambiguous_archive", what="overlap" if info.header_offset < at else "gap")
        at = _after(data, info)
    if at != start:
        raise Refused("ambiguous_archive", what="overlap" if at > start else "gap")


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
    if info.flag_bits & _UTF8:
        return info.orig_filename
    raw = _raw(info)
    for charset in ("utf-8", "cp932"):
        try:
            return raw.decode(charset)
        except UnicodeDecodeError:
            continue
    return info.orig_filename
