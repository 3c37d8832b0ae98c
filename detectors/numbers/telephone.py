"""電話番号 (telephone or fax number in Japan): 0 and nine or ten digits, or +81 without the 0.

電気通信番号規則 (総務省令): 10 digits for the lines of a place and for 0120, 0570 and the like, 11
for 020, 050, 060, 070, 080, 090 and 0800. Numbers of three digits are no personal data.

>>> validate('（０３）１２３４－５６７８')
'0312345678'
>>> validate('+81 90-1234-5678'), validate('+81(0)3-1234-5678')
('09012345678', '0312345678')
>>> is_valid('0312345'), is_valid('03123456789'), is_valid('0012345678')
(False, False, False)
>>> format('09012345678'), format('0120123456'), format('0312345678')
('090-1234-5678', '0120-123-456', '03-1234-5678')
>>> mask('0312345678')
'●●-●●●●-●●●●'
"""

from __future__ import annotations

import re

from detectors.numbers import InvalidFormat, ValidationError, bare

KIND = "jp.telephone"
PATTERN = (
    r"(?:\+81[- ]?(?:\(0\)[- ]?)?\(?[1-9]|\(?0[1-9])\d{0,3}\)?[- .]?\(?\d{1,4}\)?[- .]?\d{3,4}"
)
LABELS = (
    r"電話(?:番号|no\.?)?",
    r"携帯(?:電話)?(?:番号|no\.?)?",
    r"t(?<![a-z]t)el(?:no\.?)?(?![a-z])",
    r"ファッ?クス(?:番号)?",
    r"fax(?:no\.?)?",
    *(f"{word}phone(?:number|no\\.?)?" for word in ("", "tele", "cell", "mobile")),
)
_LONG = r"0[256789]0[1-9]\d{7}|0800\d{7}"
_SHORT = r"0[1-9]\d{8}"
_KNOWN = re.compile(rf"{_LONG}|(?!0[56789]0){_SHORT}")
_GROUPS = ((r"0(?:120|570|800|990)", (4, 3)), (r"0[256789]0", (3, 4)), (r"0[36]", (2, 4)))


def compact(number: str) -> str:
    """Bare ASCII digits as dialled inside Japan; InvalidFormat where something else stands."""
    digits = bare(number.replace("(0)", ""), "- .+()\u3000\u2010\u2212\uff0d\uff08\uff09\uff0b")
    return "0" + digits[2:].removeprefix("0") if digits.startswith("81") else digits


def validate(number: str) -> str:
    """The compact form, or a ValidationError."""
    number = compact(number)
    if not _KNOWN.fullmatch(number) or len(set(number[1:])) == 1:
        raise InvalidFormat
    return number


def is_valid(number: str) -> bool:
    try:
        return bool(validate(number))
    except ValidationError:
        return False


def format(number: str) -> str:
    """With hyphens; area codes of three and more digits are all told as three."""
    number = compact(number)
    first, second = next((g for start, g in _GROUPS if re.match(start, number)), (3, 3))
    return f"{number[:first]}-{number[first : first + second]}-{number[first + second :]}"


def mask(number: str) -> str:
    return re.sub(r"\d", "●", format(number))
