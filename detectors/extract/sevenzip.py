"""7z with a password, which libarchive does not open: headers and members under AES-256.

Only what a locked archive needs is here (7zFormat.txt of the LZMA SDK); one that is not locked is
libarchive's. The octets under the lock are unpacked by the codecs of the standard library.
"""

from __future__ import annotations

import bz2
import hashlib
import lzma
import struct
import zlib
from collections.abc import Iterator

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from detectors.budget import Budget
from detectors.extract.libarchive import Item
from detectors.extract.reading import Refused, whole
from detectors.extract.sevenzip_header import Cursor, Folder, Header

_START = struct.Struct("<6s2BLQQL")
_ENCODED, _PLAIN = 0x17, 0x01
_AES = b"\x06\xf1\x07\x01"
_COPY, _LZMA, _LZMA2 = b"\x00", b"\x03\x01\x01", b"\x21"
_DEFLATE, _BZIP2 = b"\x04\x01\x08", b"\x04\x02\x02"
_ROUNDS = 22
"""Of the key, as a power of 2: 7-Zip writes 19, and the format allows more than a life lasts."""
_LEVELS = 4
"""Of headers packed into headers; 7-Zip writes one."""


class _WrongPassword(Exception):
    pass


def is_cut(data: bytes) -> bool:
    """Whether its end is missing: damaged, or the first of several volumes."""
    if len(data) < _START.size:
        return True
    _, _, _, _, offset, size, _ = _START.unpack_from(data)
    return bool(_START.size + offset + size > len(data))


def unlock(data: bytes, passwords: tuple[str, ...], budget: Budget) -> list[Item] | None:
    """The members, None where no password fits or none is needed. Raises Refused, OverBudget."""
    for password in passwords:
        try:
            archive = _Archive(data, password, budget)
            members = list(archive.items())
            return members if archive.locked else None
        except _WrongPassword:
            continue
        except (IndexError, struct.error):
            raise Refused("corrupt", type="7z") from None
    return None


class _Archive:
    def __init__(self, data: bytes, password: str, budget: Budget) -> None:
        self._data, self._budget = data, budget
        self._password = password.encode("utf-16-le")
        self._keys: dict[bytes, bytes] = {}
        self.locked = False

    def items(self) -> Iterator[Item]:
        header = self._header()
        names = iter(header.files)
        for folder in header.folders:
            try:
                data, trouble = self._undone(folder), ""
            except Refused as refusal:
                if refusal.reason.code == "over_budget":
                    raise
                data, trouble = b"", refusal.reason.code
            for start, end in folder.spans():
                name = next((name for name, has_data in names if has_data), "")
                yield Item(whole(name), False, None if trouble else data[start:end], trouble)

    def _header(self) -> Header:
        _, _, _, _, offset, size, _ = _START.unpack_from(self._data)
        raw = self._data[_START.size + offset :][:size]
        for _ in range(_LEVELS):
            cursor = Cursor(raw, self._budget)
            kind = cursor.octet()
            if kind == _PLAIN:
                return Header.read(cursor, self._data)
            if kind != _ENCODED:
                break
            (folder,) = cursor.streams(self._data)
            raw = self._undone(folder)
        raise Refused("corrupt", type="7z")

    def _undone(self, folder: Folder) -> bytes:
        """The octets of a folder, each coder undone in turn. Raises _WrongPassword, Refused."""
        data = folder.packed
        locked = any(coder.id == _AES for coder in folder.coders)
        self.locked |= locked
        for coder, size in zip(folder.coders, folder.sizes, strict=True):
            self._budget.take(size, len(data))
            if coder.id == _AES:
                data = self._decrypted(coder.properties, data)[:size]
                continue
            try:
                data = _unpack(coder.id, coder.properties, data, size)
            except (lzma.LZMAError, zlib.error, OSError, EOFError, ValueError):
                raise _WrongPassword if locked else Refused("corrupt", type="7z") from None
        if not folder.fits(data):
            raise _WrongPassword if locked else Refused("corrupt", type="7z")
        return data

    def _decrypted(self, properties: bytes, data: bytes) -> bytes:
        first, second = properties[0], properties[1] if properties[0] & 0xC0 else 0
        salt = (first >> 7) + (second >> 4)
        iv = (first >> 6 & 1) + (second & 15)
        start = 2 if first & 0xC0 else 1
        vector = properties[start + salt :][:iv].ljust(16, b"\0")
        key = self._key(first & 0x3F, properties[start : start + salt])
        decryptor = Cipher(algorithms.AES(key), modes.CBC(vector)).decryptor()
        return decryptor.update(data[: len(data) & ~15])

    def _key(self, power: int, salt: bytes) -> bytes:
        if power > _ROUNDS:
            raise Refused("over_budget", limit="seconds")
        known = self._keys.get(salt)
        if known is None:
            digest, once = hashlib.sha256(), salt + self._password
            for start in range(0, 1 << power, 4096):
                self._budget.time()
                rounds = range(start, min(start + 4096, 1 << power))
                digest.update(b"".join(once + number.to_bytes(8, "little") for number in rounds))
            known = self._keys[salt] = digest.digest()
        return known


def _unpack(id: bytes, properties: bytes, data: bytes, size: int) -> bytes:
    if id == _COPY:
        return data[:size]
    if id == _LZMA:
        return _lzma(_filter(properties, size), data, size)
    if id == _LZMA2:
        return _lzma({"id": lzma.FILTER_LZMA2, "dict_size": max(4096, size)}, data, size)
    if id == _DEFLATE:
        return zlib.decompressobj(-15).decompress(data, size)
    if id == _BZIP2:
        return bz2.BZ2Decompressor().decompress(data, size)
    raise Refused("archive_not_supported", type="7z")


def _filter(properties: bytes, size: int) -> dict[str, int]:
    """Of LZMA. A dictionary larger than what comes out is never looked into."""
    rest, lc = divmod(properties[0], 9)
    pb, lp = divmod(rest, 5)
    return {"id": lzma.FILTER_LZMA1, "dict_size": max(4096, size), "lc": lc, "lp": lp, "pb": pb}


def _lzma(filter: dict[str, int], data: bytes, size: int) -> bytes:
    return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[filter]).decompress(data, size)
