"""口座番号 (bank account): 7 digits, with 支店番号 (3) and 金融機関コード (4) or without.

全国銀行協会 全銀フォーマット: 4, 3 and 7 digits. ゆうちょ銀行: 記号 of 5 digits that begins with 1
and 番号 of up to 8, or a 振替口座 of 5, 1 and up to 6 that begins with 0. No check digit is
published.

>>> validate('0001-123-1234567'), validate('1234567')
('00011231234567', '1234567')
>>> validate('記号10170 番号12345671')
'10170-12345671'
>>> is_valid('123456'), is_valid('0000000')
(False, False)
>>> format('00011231234567'), format('1231234567'), format('10170-12345671')
('0001-123-1234567', '123-1234567', '10170-12345671')
>>> mask('1231234567')
'●●●-●●●●●●●'
"""

from __future__ import annotations

import re
import unicodedata

from detectors.numbers import NUMBER, InvalidFormat, ValidationError

KIND = "jp.bank_account"
_POST = r"1\d{4}[- ](?:\d[- ])?\d{5,8}|0\d{4}[- ]\d[- ]\d{1,6}"
PATTERN = (
    rf"記号[ :]{{0,2}}1\d{{4}}[ ,、・/-]{{0,3}}番号[ :]{{0,2}}\d{{5,8}}|{_POST}"
    r"|(?:(?:\d{4}[- ]?)?\d{3}[- ]?)?\d{7}"
)
LABELS = (
    r"口座(?:番号|no\.?)",
    r"bankaccount(?:number|no\.?)?",
    r"account(?:number|no\.?)",
    r"ゆうちょ(?:銀行)?(?:の?記号[・/]?番号)?",
    *(rf"{word}(?:預金|貯金|口座)?[::)]*(?={NUMBER})" for word in ("普通", "当座", "貯蓄")),
    *(rf"{short}\)(?={NUMBER})" for short in "普当貯"),
)
_BANK = re.compile(r"(?:(?:\d{4})?\d{3})?\d{7}")


def compact(number: str) -> str:
    """Bare ASCII digits; those of ゆうちょ with hyphens, since 番号 has no fixed length."""
    plain = "-".join(re.findall(r"[0-9]+", unicodedata.normalize("NFKC", number)))
    return plain if re.fullmatch(_POST, plain) else plain.replace("-", "")


def validate(number: str) -> str:
    """The compact form, or a ValidationError."""
    number = compact(number)
    if not re.fullmatch(_POST, number) and not _BANK.fullmatch(number):
        raise InvalidFormat
    if len(set(number[-7:])) == 1:
        raise InvalidFormat
    return number


def is_valid(number: str) -> bool:
    try:
        return bool(validate(number))
    except ValidationError:
        return False


def format(number: str) -> str:
    """金融機関, 支店 and 口座 with hyphens."""
    number = compact(number)
    if "-" in number:
        return number
    return "-".join(filter(None, (number[:-10], number[-10:-7], number[-7:])))


def mask(number: str) -> str:
    return re.sub(r"\d", "●", format(number))
