"""How the styles of an old workbook make cells look ([MS-XLS] 2.4.122, 2.4.353, 2.4.188)."""

from __future__ import annotations

import struct

from detectors.extract.colours import LEGACY, WHITE, Colour, alike, colour
from detectors.extract.excel.unseen import blanks

_TINY = 40
"""Twips."""
_FIRST = 8
"""Index of the first colour that a workbook may set itself."""
_NONE, _SOLID = 0, 1


class Looks:
    """Take the records as they come, then ask `how` for a style."""

    def __init__(self) -> None:
        self._fonts: list[tuple[int, int]] = []
        self._styles: list[tuple[int, str, int, int]] = []
        self._palette = [colour(text) for text in LEGACY]
        self._known: dict[int, str] = {}

    def font(self, body: bytes) -> None:
        known = len(body) >= 6
        size, _, letters = struct.unpack_from("<3H", body) if known else (200, 0, 0x7FFF)
        self._fonts.append((size, letters))

    def palette(self, body: bytes) -> None:
        room = (len(body) - 2) // 4
        for at in range(min(room, len(LEGACY) - _FIRST)):
            self._palette[_FIRST + at] = (body[4 * at + 2], body[4 * at + 3], body[4 * at + 4])

    def style(self, body: bytes, code: str) -> None:
        """`code` is its number format. Files before Excel 97 have another form."""
        if len(body) < 20:
            return
        font, pattern, fore = body[0] | body[1] << 8, body[17] >> 2, body[18] & 0x7F
        self._styles.append((font, code, pattern, fore))

    def how(self, style: int) -> str:
        """How a style hides a cell (`excel.unseen.styles`), "" where it does not."""
        if style not in self._known:
            self._known[style] = self._how(style) if style < len(self._styles) else ""
        return self._known[style]

    def _how(self, style: int) -> str:
        font, code, pattern, fore = self._styles[style]
        font -= font > 4  # there is no font 4
        size, letters = self._fonts[font] if font < len(self._fonts) else (200, 0x7FFF)
        ground = {_NONE: WHITE, _SOLID: self._colour(fore)}.get(pattern)
        if hides := blanks(code):
            return hides
        if size <= _TINY:
            return "text_tiny"
        return "text_in_background" if alike(self._colour(letters), ground) else ""

    def _colour(self, index: int) -> Colour | None:
        return self._palette[index] if index < len(self._palette) else None
