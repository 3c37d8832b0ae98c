"""The header of a 7z: which octets are packed how, and the names of the members."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field
from itertools import accumulate, islice, pairwise
from typing import Self

from detectors.budget import Budget
from detectors.extract.libarchive import MEMBERS
from detectors.extract.reading import Refused

_START = 32
_END, _PROPERTIES, _MORE_STREAMS, _STREAMS, _FILES = 0x00, 0x02, 0x03, 0x04, 0x05
_PACK, _UNPACK, _PARTS, _SIZES, _DIGESTS, _FOLDERS, _CODER_SIZES = 6, 7, 8, 9, 10, 11, 12
_COUNTS, _EMPTY, _NAMES = 0x0D, 0x0E, 0x11
_CODERS = 8


@dataclass(frozen=True, slots=True)
class Coder:
    id: bytes
    properties: bytes


@dataclass(slots=True)
class Folder:
    """Octets that are packed together; a solid archive has one for all members."""

    coders: list[Coder]
    """In the order in which they are undone."""
    order: list[int]
    sizes: list[int] = field(default_factory=list)
    """What comes out of each."""
    crc: int | None = None
    packed: bytes = b""
    members: list[int] = field(default_factory=list)
    """Sizes of the members inside."""
    crcs: list[int | None] = field(default_factory=list)
    """Of the members."""

    def spans(self) -> list[tuple[int, int]]:
        """Where the members stand in what comes out."""
        ends = [*accumulate(self.members, initial=0)]
        return [*pairwise(ends)]

    def fits(self, data: bytes) -> bool:
        """Whether these octets are what was packed: the right password, and no damage."""
        if len(data) != self.sizes[-1] or self.crc not in (None, zlib.crc32(data)):
            return False
        parts = zip(self.spans(), self.crcs, strict=False)
        return all(crc in (None, zlib.crc32(data[start:end])) for (start, end), crc in parts)


@dataclass(frozen=True, slots=True)
class Header:
    folders: list[Folder]
    files: list[tuple[str, bool]]
    """Name, and whether it has octets in a folder."""

    @classmethod
    def read(cls, cursor: Cursor, data: bytes) -> Self:
        folders: list[Folder] = []
        files: list[tuple[str, bool]] = []
        while kind := cursor.octet():
            if kind == _STREAMS:
                folders = cursor.streams(data)
            elif kind == _FILES:
                files = cursor.files()
            elif kind == _PROPERTIES:
                while cursor.octet():
                    cursor.take(cursor.number())
            else:
                raise Refused("archive_not_supported", type="7z")
        return cls(folders, files)


class Cursor:
    """Reads on from one place. Raises IndexError, struct.error, Refused, OverBudget."""

    def __init__(self, data: bytes, budget: Budget) -> None:
        self._data, self._at, self._budget = data, 0, budget

    def octet(self) -> int:
        self._at += 1
        return self._data[self._at - 1]

    def take(self, size: int) -> bytes:
        self._budget.time()
        if size > len(self._data) - self._at:
            raise IndexError
        self._at += size
        return self._data[self._at - size : self._at]

    def number(self) -> int:
        """As many octets follow as the first one has leading ones; its other bits are highest."""
        first = self.octet()
        more = next((n for n in range(8) if not first & 0x80 >> n), 8)
        high = first & (0xFF >> more + 1) if more < 8 else 0
        return int.from_bytes(self.take(more), "little") | high << 8 * more

    def count(self) -> int:
        if (count := self.number()) > MEMBERS:
            raise Refused("over_budget", limit="members")
        return count

    def bits(self, count: int) -> list[bool]:
        octets = self.take(-(-count // 8))
        return [bool(octets[n >> 3] & 0x80 >> (n & 7)) for n in range(count)]

    def digests(self, count: int) -> list[int | None]:
        known = [True] * count if self.octet() else self.bits(count)
        return [struct.unpack("<L", self.take(4))[0] if each else None for each in known]

    def streams(self, data: bytes) -> list[Folder]:
        """The folders, with the octets of `data` that belong to each."""
        at, packed, folders = 0, list[int](), list[Folder]()
        while kind := self.octet():
            if kind == _PACK:
                at, packed = self._packed()
            elif kind == _UNPACK:
                folders = self._folders()
            elif kind == _PARTS:
                self._parts(folders)
            else:
                raise Refused("corrupt", type="7z")
        at += _START
        for folder, size in zip(folders, packed, strict=False):
            folder.packed = data[at : at + size]
            folder.members = folder.members or folder.sizes[-1:]
            at += size
        return folders

    def _packed(self) -> tuple[int, list[int]]:
        at, count, sizes = self.number(), self.count(), list[int]()
        while kind := self.octet():
            if kind == _SIZES:
                sizes = [self.number() for _ in range(count)]
            else:
                self.digests(count)
        return at, sizes

    def _folders(self) -> list[Folder]:
        if self.octet() != _FOLDERS:
            raise Refused("corrupt", type="7z")
        count = self.count()
        if self.octet():  # described elsewhere
            raise Refused("archive_not_supported", type="7z")
        folders = [self._folder() for _ in range(count)]
        while kind := self.octet():
            if kind == _CODER_SIZES:
                for folder in folders:
                    sizes = [self.number() for _ in folder.order]
                    folder.sizes = [sizes[index] for index in folder.order]
            else:
                for folder, crc in zip(folders, self.digests(count), strict=True):
                    folder.crc = crc
        return folders

    def _folder(self) -> Folder:
        count = self.number()
        if not 1 <= count <= _CODERS:
            raise Refused("corrupt", type="7z")
        coders = [self._coder() for _ in range(count)]
        fed_by = {self.number(): self.number() for _ in range(count - 1)}
        # The first to be undone is the one that no other one feeds.
        order = [next(index for index in range(count) if index not in fed_by)]
        feeds = {source: target for target, source in fed_by.items()}
        while order[-1] in feeds and len(order) < count:
            order.append(feeds[order[-1]])
        return Folder([coders[index] for index in order], order)

    def _coder(self) -> Coder:
        flags = self.octet()
        id = self.take(flags & 15)
        if flags & 0x10:  # several streams (BCJ2)
            raise Refused("archive_not_supported", type="7z")
        return Coder(id, self.take(self.number()) if flags & 0x20 else b"")

    def _parts(self, folders: list[Folder]) -> None:
        counts = [1] * len(folders)
        kind = self.octet()
        if kind == _COUNTS:
            counts, kind = [self.count() for _ in folders], self.octet()
        for folder, count in zip(folders, counts, strict=True):
            listed = [self.number() for _ in range(count - 1)] if kind == _SIZES else []
            folder.members = [*listed, max(0, folder.sizes[-1] - sum(listed))] if count else []
        kind = self.octet() if kind == _SIZES else kind
        while kind:
            unknown = [f for f in folders if len(f.members) != 1 or f.crc is None]
            crcs = iter(self.digests(sum(len(folder.members) for folder in unknown)))
            for folder in unknown:
                folder.crcs = [*islice(crcs, len(folder.members))]
            kind = self.octet()

    def files(self) -> list[tuple[str, bool]]:
        count = self.count()
        names, empty = [""] * count, [False] * count
        while kind := self.octet():
            body = Cursor(self.take(self.number()), self._budget)
            if kind == _EMPTY:
                empty = body.bits(count)
            elif kind == _NAMES and not body.octet():
                text = body._data[1:].decode("utf-16-le", "replace")
                names = (text.split("\0") + names)[:count]
        return [(name, not void) for name, void in zip(names, empty, strict=True)]
