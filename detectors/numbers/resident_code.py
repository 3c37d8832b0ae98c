"""住民票コード (Resident Record Code): 11 digits, ten at random and a check digit.

住民基本台帳法 第7条第13号, 同施行規則 第1条. The law of the check digit is 平成14年総務省告示
第436号, whose text was not at hand: the weights told of it second hand (those of 個人番号, on ten
digits) are not relied upon. Under the word 「住民票コード」 eleven digits are one.

>>> validate('1234567890-1')
'12345678901'
>>> is_valid('1234567890'), is_valid('11111111111')
(False, False)
>>> mask('12345678901')
'●●●●●●●●●●●'
"""

from __future__ import annotations

from detectors.numbers import InvalidFormat, InvalidLength, ValidationError, bare

KIND = "jp.resident_code"
PATTERN = r"\d{10}-?\d|\d{5}[- ]\d{6}|\d{4}[- ]\d{4}[- ]\d{3}|\d{3}[- ]\d{4}[- ]\d{4}"
LABELS = (
    r"住民票(?:コード|番号|code)",
    r"住基(?:コード|番号)",
    r"resident(?:record|registration)code",
)


def compact(number: str) -> str:
    """Bare ASCII digits; InvalidFormat where something else stands."""
    return bare(number)


def validate(number: str) -> str:
    """The compact form, or a ValidationError."""
    number = compact(number)
    if len(number) != 11:
        raise InvalidLength
    if number == number[0] * 11:
        raise InvalidFormat
    return number


def is_valid(number: str) -> bool:
    try:
        return bool(validate(number))
    except ValidationError:
        return False


def format(number: str) -> str:
    """As in the 住民票コード通知票: one run of eleven."""
    return compact(number)


def mask(number: str) -> str:
    return "●" * 11
