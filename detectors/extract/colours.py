"""Colours of letters and of what is behind them: whether anybody can tell the two apart."""

from __future__ import annotations

import re
from colorsys import hls_to_rgb, rgb_to_hls

Colour = tuple[int, int, int]
"""Red, green and blue, 0 to 255."""

WHITE: Colour = (255, 255, 255)
_ALIKE = 16
"""F2F2F2, the palest grey of Office's palette, is unreadable on white; yellow is not."""
_HEX = re.compile(r"#?(?:[0-9A-Fa-f]{2})?([0-9A-Fa-f]{2})([0-9A-Fa-f]{2})([0-9A-Fa-f]{2})")
_LEGACY = (
    "000000FFFFFFFF000000FF000000FFFFFF00FF00FF00FFFF"  # 0 to 7, and once more from 8 on
    "000000FFFFFFFF000000FF000000FFFFFF00FF00FF00FFFF800000008000000080808000800080008080C0C0C0808080"
    "9999FF993366FFFFCCCCFFFF660066FF80800066CCCCCCFF000080FF00FFFFFF0000FFFF800080800000008080"
    "0000FF00CCFFCCFFFFCCFFCCFFFF9999CCFFFF99CCCC99FFFFCC993366FF33CCCC99CC00FFCC00FF9900FF6600"
    "666699969696003366339966003300333300993300993366333399333333"
)
LEGACY = [f"{_LEGACY[at : at + 6]}" for at in range(0, len(_LEGACY), 6)]
"""The palette of Excel by index (ECMA-376 part 1, 18.8.27)."""


def colour(text: str) -> Colour | None:
    """Of RRGGBB with # or without, or AARRGGBB; None for "auto", names and anything else.

    >>> colour("FFFFFFFF"), colour("#1f497d"), colour("auto")
    ((255, 255, 255), (31, 73, 125), None)
    """
    found = _HEX.fullmatch(text)
    return (int(found[1], 16), int(found[2], 16), int(found[3], 16)) if found else None


def alike(letters: Colour | None, behind: Colour | None) -> bool:
    """Whether letters cannot be read; what is not known counts as readable.

    >>> alike((242, 242, 242), WHITE), alike((255, 255, 0), WHITE), alike(None, WHITE)
    (True, False, False)
    """
    if letters is None or behind is None:
        return False
    return all(abs(one - other) < _ALIKE for one, other in zip(letters, behind, strict=True))


def tinted(plain: Colour, tint: float) -> Colour:
    """A colour of a theme made lighter (tint to 1) or darker (to -1), as 18.8.3 says.

    >>> tinted(WHITE, -0.5)
    (128, 128, 128)
    """
    hue, light, full = rgb_to_hls(*(part / 255 for part in plain))
    light = light * (1 + tint) if tint < 0 else light * (1 - tint) + tint
    red, green, blue = hls_to_rgb(hue, max(0.0, min(light, 1.0)), full)
    return round(red * 255), round(green * 255), round(blue * 255)
