"""法人番号 (Japanese corporate number): 13 digits, public; as インボイス登録番号 after a T.

The *first* digit is the check digit: 9 − (Σ Pn·Qn mod 9), Pn the n-th digit from the right, Qn 1
for odd and 2 for even n (法人番号の指定等に関する省令 第2条).

>>> validate('5-8356-7825-6246')
'5835678256246'
>>> validate('T5835678256246')
'5835678256246'
>>> is_valid('2835678256246')
False
>>> format('5835678256246')
'5-8356-7825-6246'
"""

from __future__ import annotations

from operator import mul

from detectors.numbers import (
    NUMBER,
    InvalidChecksum,
    InvalidFormat,
    InvalidLength,
    ValidationError,
    bare,
)

KIND = "jp.corporate_number"
SHAPES = frozenset({(13,), (1, 4, 4, 4), (1, 12)})

LABELS = (
    "法人番号",
    rf"t(?<![a-z]t)(?={NUMBER})",
)


def compact(number: str) -> str:
    """Bare ASCII digits, without the T; InvalidFormat where something else stands."""
    return bare(number.removeprefix("T"))


def calc_check_digit(number: str) -> str:
    """The first digit from the twelve after it.

    >>> calc_check_digit('835678256246')
    '5'
    """
    return str(9 - sum(map(mul, (2, 1) * 6, map(int, number))) % 9)


def validate(number: str) -> str:
    """The compact form, or a ValidationError."""
    number = compact(number)
    if len(number) != 13:
        raise InvalidLength
    if number == number[0] * 13:
        raise InvalidFormat
    if calc_check_digit(number[1:]) != number[0]:
        raise InvalidChecksum
    return number


def is_valid(number: str) -> bool:
    try:
        return bool(validate(number))
    except ValidationError:
        return False


def format(number: str) -> str:
    """As 国税庁 prints it."""
    number = compact(number)
    return f"{number[0]}-{number[1:5]}-{number[5:9]}-{number[9:]}"


def mask(number: str) -> str:
    return "●-●●●●-●●●●-●●●●"
