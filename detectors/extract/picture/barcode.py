"""Codes of squares in a picture: the QR code on the back of a マイナンバーカード holds its number.

Codes of bars are passed over: goods and parcels carry them, with twelve and thirteen digits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.extract.reading import Missing

if TYPE_CHECKING:
    from detectors.extract.picture.glyphs import Grey


def read(page: Grey) -> list[str]:
    """The texts of all codes in a grey picture. Raises Missing."""
    try:
        from zxingcpp import BarcodeFormat, BarcodeFormats, read_barcodes
    except ImportError:
        raise Missing("zxing-cpp") from None
    kinds = BarcodeFormats([BarcodeFormat.AllMatrix])
    return [code.text for code in read_barcodes(page, formats=kinds) if code.text.strip()]
