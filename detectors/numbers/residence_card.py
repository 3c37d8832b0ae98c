"""在留カード番号 (residence card number): two letters, eight digits, two letters.

出入国管理及び難民認定法 第19条の4; also of 特別永住者証明書. No check digit is published.

>>> validate('ａｂ12345678cd')
'AB12345678CD'
>>> is_valid('AB1234567CD')
False
>>> mask('AB12345678CD')
'●●●●●●●●●●●●'
"""

from __future__ import annotations

import re

from detectors.numbers import InvalidFormat, ValidationError, written_bare

KIND = "jp.residence_card"
PATTERN = r"[A-Z]{2}[- ]?\d{8}[- ]?[A-Z]{2}"
LABELS = (
    r"在留カード(?:等?の?番号|no\.?)?",
    "在留番号",
    r"特別永住者証明書?(?:の?番号)?",
    r"residencecard(?:number|no\.?)?",
)


def compact(number: str) -> str:
    """Capitals and bare ASCII digits."""
    return written_bare(number)


def validate(number: str) -> str:
    """The compact form, or a ValidationError."""
    number = compact(number)
    if not re.fullmatch(r"[A-Z]{2}\d{8}[A-Z]{2}", number):
        raise InvalidFormat
    return number


def is_valid(number: str) -> bool:
    try:
        return bool(validate(number))
    except ValidationError:
        return False


def format(number: str) -> str:
    """As on the card: one run of twelve."""
    return compact(number)


def mask(number: str) -> str:
    return "●" * 12
