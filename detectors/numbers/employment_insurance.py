"""雇用保険被保険者番号 (employment insurance number): 4, 6 and 1 digits, one for each employee.

雇用保険業務取扱要領 20706(6): the last digit is a check digit whose law is not published;
numbers given before July 1981 have none until they are next used.

>>> validate('1234-567890-1')
'12345678901'
>>> is_valid('1234-567890'), is_valid('1234-5678-90')
(True, True)
>>> is_valid('00000000000'), is_valid('123456789')
(False, False)
>>> format('12345678901'), format('1234567890')
('1234-567890-1', '1234-567890')
>>> mask('12345678901')
'●●●●-●●●●●●-●'
"""

from __future__ import annotations

import re

from detectors.numbers import InvalidFormat, InvalidLength, ValidationError, bare

KIND = "jp.employment_insurance"
PATTERN = r"\d{4}[- ]?\d{6}(?:[- ]?\d)?"
LABELS = (
    r"雇用保険の?(?:被保険者)?証?の?(?:番号|no\.?)",
    "雇用保険被保険者証",
    "雇保番号",
    r"被(?<!健康保険被)保険者(?:番号|no\.?)",
)


def compact(number: str) -> str:
    """Bare ASCII digits; InvalidFormat where something else stands."""
    return bare(number)


def validate(number: str) -> str:
    """The compact form, or a ValidationError."""
    number = compact(number)
    if len(number) not in (10, 11):
        raise InvalidLength
    if number == number[0] * len(number):
        raise InvalidFormat
    return number


def is_valid(number: str) -> bool:
    try:
        return bool(validate(number))
    except ValidationError:
        return False


def format(number: str) -> str:
    """As on the 雇用保険被保険者証."""
    number = compact(number)
    return "-".join(filter(None, (number[:4], number[4:10], number[10:])))


def mask(number: str) -> str:
    return re.sub(r"\d", "●", format(number))
