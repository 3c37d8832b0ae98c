"""Filings of social insurance as the pension service takes them (SHFD0006.CSV): no heading.

The only field of twelve digits in them is 個人番号; offices, pensions and forms have shorter.
"""

from __future__ import annotations

import re

from detectors.extract.delimited import rows_of

_ABOUT, _ROWS = "\n[kanri]", "\n[data]"
_FULL = re.compile(r"\s*\d{12}\s*")
_LABEL = "個人番号"


def parted(text: str) -> tuple[str, list[list[str]], int] | None:
    """(what stands before the rows, the rows under a heading, the line of the heading); None for
    any other text."""
    about = text.find(_ABOUT) if "[" in text else -1  # a sign is looked for faster than a word
    at = text.find(_ROWS, about) if about >= 0 else -1
    if at < 0:
        return None
    end = text.find("\n", at + 1)
    rows = [*rows_of(text[end + 1 :], ",")] if end >= 0 else []
    named = {column for row in rows for column, cell in enumerate(row) if _FULL.fullmatch(cell)}
    heading = [_LABEL if column in named else "" for column in range(max(named, default=-1) + 1)]
    return text[:at], [heading, *rows], text.count("\n", 0, at) + 2
