"""基礎年金番号 (Basic Pension Number): 4 and 6 digits, one for each person for life.

国民年金法 第14条, 国民年金法施行規則 第1条. No check digit is published.

>>> validate('１２３４－５６７８９０')
'1234567890'
>>> is_valid('1234-56789'), is_valid('0000-000000')
(False, False)
>>> format('1234567890')
'1234-567890'
>>> mask('1234567890')
'●●●●-●●●●●●'
"""

from __future__ import annotations

from detectors.numbers import InvalidFormat, InvalidLength, ValidationError, bare

KIND = "jp.pension_number"
PATTERN = r"\d{4}[- ]?\d{6}"
LABELS = (
    r"基礎年金(?:番号|no\.?)",
    r"年金(?:番号|no\.?|手帳(?:の?番号)?)",
    "基年番号",
    r"pension(?:number|no\.?)",
)


def compact(number: str) -> str:
    """Bare ASCII digits; InvalidFormat where something else stands."""
    return bare(number)


def validate(number: str) -> str:
    """The compact form, or a ValidationError."""
    number = compact(number)
    if len(number) != 10:
        raise InvalidLength
    if number == number[0] * 10:
        raise InvalidFormat
    return number


def is_valid(number: str) -> bool:
    try:
        return bool(validate(number))
    except ValidationError:
        return False


def format(number: str) -> str:
    """As in the 基礎年金番号通知書."""
    number = compact(number)
    return f"{number[:4]}-{number[4:]}"


def mask(number: str) -> str:
    return "●●●●-●●●●●●"
