"""Strings in records of Excel ([MS-XLS] 2.5.293 to 2.5.296): one or two octets a letter."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from detectors.budget import Budget

_WIDE, _EXTENDED, _RICH = 1, 4, 8


@dataclass(frozen=True, slots=True)
class Codec:
    wide: bool = True
    """BIFF8: a flag before the letters says how wide they are. Before: octets of a code page."""
    codepage: int = 932

    def text(self, octets: bytes, flags: int) -> str:
        if self.wide:
            return octets.decode("utf-16-le" if flags & _WIDE else "latin-1", "replace")
        try:
            return octets.decode(f"cp{self.codepage}", "replace")
        except LookupError:
            return octets.decode("cp932", "replace")


def text_at(body: bytes, at: int, form: str, codec: Codec) -> str:
    """A string behind its length, of which `form` is the struct."""
    (count,) = struct.unpack_from(form, body, at)
    at += struct.calcsize(form)
    if not codec.wide:
        return codec.text(body[at : at + count], 0)
    flags = body[at] if at < len(body) else 0
    at += 1 + 2 * bool(flags & _RICH) + 4 * bool(flags & _EXTENDED)
    return codec.text(body[at : at + count * (1 + (flags & _WIDE))], flags)


def shared(segments: list[bytes], budget: Budget) -> list[str]:
    """The shared string table, which may be cut between any two letters."""
    reader = _Segments(segments)
    (count,) = struct.unpack_from("<L", segments[0], 4)
    reader.at = 8
    found = []
    for _ in range(count):
        budget.time()
        if reader.over:
            break
        found.append(reader.string())
    return found


class _Segments:
    def __init__(self, segments: list[bytes]) -> None:
        self._segments = segments
        self._number = 0
        self.at = 0

    @property
    def over(self) -> bool:
        self._next()
        return self._number >= len(self._segments)

    def string(self) -> str:
        count, flags = struct.unpack("<HB", self._octets(3))
        runs = int.from_bytes(self._octets(2), "little") if flags & _RICH else 0
        extra = int.from_bytes(self._octets(4), "little") if flags & _EXTENDED else 0
        text = self._letters(count, flags)
        self._octets(4 * runs + extra)
        return text

    def _letters(self, count: int, flags: int) -> str:
        """Each record that continues the letters begins with flags of its own."""
        out = []
        while True:
            width = 1 + (flags & _WIDE)
            here = min(count, (len(self._here) - self.at) // width)
            octets = self._here[self.at : self.at + here * width]
            out.append(octets.decode("utf-16-le" if width == 2 else "latin-1", "replace"))
            self.at += here * width
            count -= here
            if not count or self._number + 1 >= len(self._segments):
                return "".join(out)
            self._number, self.at = self._number + 1, 1
            flags = self._here[0] if self._here else 0

    def _octets(self, count: int) -> bytes:
        out = b""
        while len(out) < count and not self.over:
            piece = self._here[self.at : self.at + count - len(out)]
            out += piece
            self.at += len(piece)
        return out.ljust(count, b"\0") if count < 16 else out

    def _next(self) -> None:
        while self._number < len(self._segments) and self.at >= len(self._here):
            self._number, self.at = self._number + 1, 0

    @property
    def _here(self) -> bytes:
        return self._segments[self._number]
