"""適格請求書発行事業者の登録番号 (T-number, インボイス登録番号): T and 13 digits, public.

A company's digits are its 法人番号; those of a sole trader are no 法人番号 and no 個人番号 (国税庁
適格請求書発行事業者公表サイト「登録番号とは」). That page states no law for the digits of sole
traders, so the check digit of 法人番号 is not asked of them.

>>> validate('Ｔ5-8356-7825-6246')
'T5835678256246'
>>> is_valid('5835678256246'), is_valid('T583567825624')
(True, False)
>>> format('5835678256246')
'T5835678256246'
"""

from __future__ import annotations

import re

from detectors.numbers import InvalidFormat, ValidationError, written_bare

KIND = "jp.invoice_number"
PATTERN = r"T?-?\d-?\d{4}-?\d{4}-?\d{4}"
LABELS = (
    r"インボイス(?:制度)?(?:の|登録)?番号",
    r"適格請求書(?:発行事業者)?(?:の?登録番号)?",
    "登録番号",
)


def compact(number: str) -> str:
    """T and bare ASCII digits."""
    return "T" + written_bare(number).removeprefix("T")


def validate(number: str) -> str:
    """The compact form, or a ValidationError."""
    number = compact(number)
    if not re.fullmatch(r"T[1-9]\d{12}", number) or len(set(number)) == 2:
        raise InvalidFormat
    return number


def is_valid(number: str) -> bool:
    try:
        return bool(validate(number))
    except ValidationError:
        return False


def format(number: str) -> str:
    """As it stands on an invoice."""
    return compact(number)


def mask(number: str) -> str:
    return "T" + "●" * 13
