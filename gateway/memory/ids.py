"""Reference numbers that people read out, type and paste.

Letters and digits that cannot be mistaken for one another (Crockford's set), in groups of four
with a letter in every group: such an id never reads as twelve digits, so it can never be taken
for a My Number by ourselves or by anybody else's filter.
"""

from __future__ import annotations

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOKALIKE = str.maketrans("OILU", "011V", "- ")


def _group() -> str:
    while True:
        bits = secrets.randbits(20)
        group = "".join(ALPHABET[bits >> shift & 31] for shift in (15, 10, 5, 0))
        if not group.isdigit():
            return group


def new_id() -> str:
    """Of a letter, consignment or other row: "7Q3F-K2MD" (40 bits; the primary key is unique)."""
    return f"{_group()}-{_group()}"


def new_pickup_number() -> str:
    """Of a parcel, typed by hand by the recipient: "7K4M-92QX-3TRB" (60 bits)."""
    return f"{_group()}-{_group()}-{_group()}"


def tidy(typed: str) -> str:
    """What somebody typed, as we write it.

    >>> tidy(" 7q3f k2md")
    '7Q3F-K2MD'
    """
    import unicodedata

    flat = unicodedata.normalize("NFKC", typed).upper().translate(_LOOKALIKE)
    return "-".join(flat[i : i + 4] for i in range(0, len(flat), 4))
