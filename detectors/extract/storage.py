"""A storage of an OLE compound file: its streams, and the storages inside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import olefile

from detectors.budget import Budget


@dataclass(frozen=True, slots=True)
class Storage:
    ole: olefile.OleFileIO
    budget: Budget
    path: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """Of the streams right in this storage."""
        return [entry[-1] for entry in self._entries() if len(entry) == len(self.path) + 1]

    @property
    def inner(self) -> Iterator[Storage]:
        depth = len(self.path)
        names = (entry[depth] for entry in self._entries() if len(entry) > depth + 1)
        for name in dict.fromkeys(names):
            yield Storage(self.ole, self.budget, (*self.path, name))

    def read(self, name: str) -> bytes:
        """The octets of a stream, b"" where there is none."""
        entry = [*self.path, name]
        if not self.ole.exists(entry) or self.ole.get_type(entry) != olefile.STGTY_STREAM:
            return b""
        self.budget.take(self.ole.get_size(entry))
        return bytes(self.ole.openstream(entry).read())

    def _entries(self) -> list[list[str]]:
        depth = len(self.path)
        found: list[list[str]] = self.ole.listdir()
        return [entry for entry in found if tuple(entry[:depth]) == self.path]
