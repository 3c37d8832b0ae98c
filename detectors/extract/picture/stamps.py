"""Red stamps over black letters, as people put their names to papers in Japan.

In grey a stamp is as dark as what is under it, and a number half under one is none. In the red part
of the colours it is as light as the paper. A page is read so once more, only the lines that a stamp
lies on: labels and whole forms are printed in red, too, and would be lost.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageFilter

from detectors.extract.picture.glyphs import Grey, Mask

_RED = 50
"""By how much more red than green or blue."""
_DARK = 110
_LEAST, _MOST = 0.0002, 0.2
"""Share of a page in red: a stamp, and no form, photo or screen."""
_SMALL = 600
"""Pixels: in a picture reduced to that a stamp is still seen."""
_DOTS = 3
"""Of a row, where red touches black."""
_AROUND = 0.015
"""Of the page's height: a line goes on above and below where it is touched."""


def below(page: Image.Image) -> Image.Image | None:
    """In grey, the lines of a page that a red stamp lies on, without it; None where there are none.

    A picture of any mode and size; what is not in colour has no stamps.
    """
    if page.mode != "RGB":
        return None
    small = np.asarray(page.reduce(max(1, max(page.size) // _SMALL)))
    if not _LEAST < float(_is_red(small).mean()) < _MOST:
        return None
    light, red = page.getchannel("R"), _is_red(np.asarray(page))
    near = np.asarray(light.filter(ImageFilter.MinFilter(5))) < _DARK
    touched = np.flatnonzero((red & near).sum(axis=1) >= _DOTS)
    if not len(touched):
        return None
    lines = np.zeros(page.height, np.bool_)
    around = max(1, round(_AROUND * page.height))
    for row in touched.tolist():
        lines[max(0, row - around) : row + around] = True
    seen = np.array(light)
    # Where photos are packed, a stamp has an edge that is neither red nor as light as paper.
    stamp = np.asarray(Image.fromarray(red).convert("L").filter(ImageFilter.MaxFilter(7))) > 0
    seen[(stamp & (seen > _DARK)) | ~lines[:, None]] = int(np.median(seen))
    return Image.fromarray(seen)


def _is_red(dots: Grey) -> Mask:
    red: Mask = dots[..., 0].astype(np.int16) - dots[..., 1:].max(axis=2) > _RED
    return red
