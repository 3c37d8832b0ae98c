"""個人番号 (My Number, Individual Number): 12 digits of a person registered in Japan.

The twelfth digit is the check digit of 行政手続における特定の個人を識別するための番号の利用等に
関する法律の規定による通知カード及び個人番号カード並びに情報提供ネットワークシステムによる特定個人
情報の提供等に関する省令 (平成26年総務省令第85号) 第5条: 11 − (Σ Pn·Qn mod 11), and 0 where the
remainder is 0 or 1; Pn is the n-th digit of the eleven from the right, Qn is n+1 up to n = 6 and
n−5 from n = 7. One in ten of all 12-digit strings passes. The eleven digits have no structure;
leading zeros are issued.

>>> validate('1234-5678-9018')
'123456789018'
>>> validate('123456789019')
Traceback (most recent call last):
    ...
detectors.numbers.InvalidChecksum: check digit does not fit
>>> is_valid('100000000030'), is_valid('100000000080')  # remainders 1 and 0
(True, True)
>>> format('023456789013')
'0234 5678 9013'
>>> mask('1234-5678-9018')
'●●●● ●●●● ●●●●'
"""

from __future__ import annotations

from operator import mul

from detectors.numbers import InvalidChecksum, InvalidFormat, InvalidLength, ValidationError, bare

KIND = "jp.individual_number"
SHAPES = frozenset({(12,), (4, 4, 4), (6, 6), (3, 3, 3, 3), (1,) * 12})
_WEIGHTS = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)


def compact(number: str) -> str:
    """Bare ASCII digits; InvalidFormat where something else stands."""
    return bare(number)


def calc_check_digit(number: str) -> str:
    """The check digit of eleven bare digits.

    >>> calc_check_digit('62149832025')
    '7'
    """
    return str(-sum(map(mul, _WEIGHTS, map(int, number))) % 11 % 10)


def validate(number: str) -> str:
    """The compact form, or a ValidationError.

    Twelve times the same digit is refused: only zeros would pass, and they are filling.
    """
    number = compact(number)
    if len(number) != 12:
        raise InvalidLength
    if number == number[0] * 12:
        raise InvalidFormat
    if calc_check_digit(number[:-1]) != number[-1]:
        raise InvalidChecksum
    return number


def is_valid(number: str) -> bool:
    try:
        return bool(validate(number))
    except ValidationError:
        return False


def format(number: str) -> str:
    """As on the card: three groups of four."""
    number = compact(number)
    return f"{number[:4]} {number[4:8]} {number[8:]}"


def mask(number: str) -> str:
    """Nothing is left, not even the last digits: four of them make a list of persons guessable."""
    return "●●●● ●●●● ●●●●"
