"""旅券番号 (number of a Japanese passport): two letters and seven digits.

旅券法施行規則; ICAO Doc 9303 part 4 leaves nine characters for it. The check digit after it in the
machine-readable zone is no part of the number.

>>> validate('tr1234567')
'TR1234567'
>>> is_valid('T12345678')
False
>>> mask('TR1234567')
'●●●●●●●●●'
"""

from __future__ import annotations

import re

from detectors.numbers import InvalidFormat, ValidationError, written_bare

KIND = "jp.passport"
PATTERN = r"[A-Z]{2}[- ]?\d{7}"
LABELS = (
    *(f"{word}(?:の?番号|no\\.?|ナンバー)?" for word in ("旅券", "パスポート")),
    r"passport(?:number|no\.?)?",
)


def compact(number: str) -> str:
    """Capitals and bare ASCII digits."""
    return written_bare(number)


def validate(number: str) -> str:
    """The compact form, or a ValidationError."""
    number = compact(number)
    if not re.fullmatch(r"[A-Z]{2}\d{7}", number):
        raise InvalidFormat
    return number


def is_valid(number: str) -> bool:
    try:
        return bool(validate(number))
    except ValidationError:
        return False


def format(number: str) -> str:
    """As in the passport: one run of nine."""
    return compact(number)


def mask(number: str) -> str:
    return "●" * 9
