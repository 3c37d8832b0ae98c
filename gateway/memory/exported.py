"""Text files as other programs in an office write them."""

from __future__ import annotations

from gateway.memory.faults import Refused


def text_of(data: bytes) -> str:
    """UTF-8 with or without BOM, else CP932 as Excel in Japan writes it. Raises Refused."""
    for charset in ("utf-8-sig", "cp932"):
        try:
            return data.decode(charset)
        except UnicodeDecodeError:
            continue
    raise Refused("no_charset")
