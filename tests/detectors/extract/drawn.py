"""Small pictures with words on them, for tests; made with the font that the machine has."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont
from pillow_heif import from_pillow

FONT = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"


def page(*lines: str, size: int = 28, ink: Any = "black", paper: Any = "white") -> Image.Image:
    if not Path(FONT).exists():
        pytest.skip("no Japanese font on this machine")
    face = ImageFont.truetype(FONT, size)
    image = Image.new("RGB" if isinstance(paper, str) else "RGBA", (size * 26, size * 7), paper)
    draw = ImageDraw.Draw(image)
    for at, line in enumerate(lines):
        draw.text((size, size * (0.8 + 2 * at)), line, fill=ink, font=face)
    return image


def saved(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    out = io.BytesIO()
    if kind == "HEIF":  # not by Pillow: what reads is to be the library that we install
        from_pillow(image).save(out, **options)
    else:
        image.save(out, kind, **options)
    return out.getvalue()
