"""健康保険 被保険者等記号・番号 (health insurance symbol and number), in digits, 枝番 or none.

No law, no check digit; nobody may ask for it outside of insurance (健康保険法 第194条の2). Up to 8
digits of 記号 (協会けんぽ: 8), up to 8 of 番号, 2 of 枝番. A 記号 in kanji is not found, nor a 番号
that stands in a column apart from its 記号.

>>> validate('記号１２３４５６７８ 番号１２３')
'12345678-123'
>>> validate('1234-56 枝番01')
'1234-56-01'
>>> is_valid('123456'), is_valid('記号123 番号')
(False, False)
>>> format('12345678-123')
'12345678・123'
>>> mask('12345678-123')
'●●●●●●●●・●●●'
"""

from __future__ import annotations

import re
import unicodedata

from detectors.numbers import NUMBER, InvalidFormat, ValidationError

KIND = "jp.health_insurance"
_BRANCH = r"(?:[- (]{0,2}枝番[ :]{0,2}\d\d|-\d\d)?"
PATTERN = (
    r"(?:記号[ :]{0,2}\d{2,8}[ ,、・/]{0,3}番号[ :]{0,2}\d{1,8}|\d{2,8} ?[-・] ?\d{1,8})" + _BRANCH
)
_CARDS = (
    *("健康保険証", "保険証", "健康保険被保険者証", "健康保険", "健保", "国保"),
    *("被(?<!雇用保険被)保険者証", "組合員証", "加入者証", "資格確認書"),
)
LABELS = (
    *(f"{card}の?等?(?:記号(?:[・/及び]*番号)?|番号|no\\.?)" for card in _CARDS),
    r"記号[・/]番号",
    *(rf"{card}(?:等|情報)?[::(]*(?={NUMBER})" for card in _CARDS),  # not 「保険証をお持ち…」
)


def compact(number: str) -> str:
    """記号-番号 or 記号-番号-枝番 in ASCII digits; InvalidFormat for other counts of groups."""
    groups = re.findall(r"[0-9]+", unicodedata.normalize("NFKC", number))
    if len(groups) not in (2, 3):
        raise InvalidFormat
    return "-".join(groups)


def validate(number: str) -> str:
    """The compact form, or a ValidationError."""
    number = compact(number)
    if not re.fullmatch(r"\d{2,8}-\d{1,8}(?:-\d\d)?", number) or not number.strip("0-"):
        raise InvalidFormat
    return number


def is_valid(number: str) -> bool:
    try:
        return bool(validate(number))
    except ValidationError:
        return False


def format(number: str) -> str:
    """As forms print it."""
    return compact(number).replace("-", "・", 1)


def mask(number: str) -> str:
    return re.sub(r"\d", "●", format(number))
