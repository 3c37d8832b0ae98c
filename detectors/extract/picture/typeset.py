"""Digits set anew, close and level with paper around them, as an engine for print was taught.

On a card they are set wide, in a form each stands in its box, and with what else lies in the strip
of paper, the edge of the card or a bit of a wall, the engine takes two for one or one for two.
"""

from __future__ import annotations

import numpy as np

from detectors.extract.picture.glyphs import INK, Glyphs, Grey, glyphs

_LEAST = 0.25
"""Of the strip's height: a smaller piece is no digit."""
_ALIKE = (0.6, 1.65)
"""Of the usual height."""
_SLIM, _STOUT = 0.04, 1.2
"""Of its own height: how wide a digit is."""
_MARGIN = 0.6
"""Of a digit's height."""


def digits(strip: Grey) -> Glyphs:
    """The pieces of ink in it that may be digits of one line, from left to right."""
    pieces = glyphs(strip < INK)
    pieces = pieces.where(_LEAST * strip.shape[0] <= pieces.height)
    pieces = pieces.where(pieces.height < strip.shape[0])  # an edge of something else
    usual = float(np.median(pieces.height)) if len(pieces.left) else 0
    alike = (pieces.height > _ALIKE[0] * usual) & (pieces.height < _ALIKE[1] * usual)
    alike &= (pieces.width > _SLIM * pieces.height) & (pieces.width < _STOUT * pieces.height)
    found = pieces.where(alike)
    return found.where(np.argsort(found.left).astype(np.int32))


def typeset(strip: Grey, found: Glyphs, gap: float) -> Grey:
    """The pieces `found` of the strip in one line; `gap` in heights of a digit."""
    top, bottom = int(found.top.min()), int(found.bottom.max())
    height = float(np.median(found.height))
    margin, between = round(_MARGIN * height), round(gap * height)
    width = int(found.width.sum()) + between * (len(found.left) - 1)
    line = np.full((bottom - top + 2 * margin, width + 2 * margin), 255, np.uint8)
    at = margin
    for left, up, right, down in found.boxes:
        piece = strip[up:down, left:right]
        line[margin + up - top : margin + down - top, at : at + right - left] = piece
        at += right - left + between
    return line
