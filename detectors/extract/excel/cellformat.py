"""What a spreadsheet shows of a stored number: zeros and letters that the format adds, dates."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache

# ECMA-376 part 1, 18.8.30; 27-36 and 50-58 are the Japanese and other East Asian dates.
_DATES = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
_LITERAL = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_TOKEN = re.compile(r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|\[[^\]]*\]|_.|\*.|(?P<bare>.)')
_DATE = re.compile(r"[ymdhsg年月日]", re.IGNORECASE)
_PADDED = re.compile(r"[0#?\s,\-/()]+")
_PLACES = ("0", "#", "?")
_EPOCH = datetime(1899, 12, 30)
_LAST_DAY = 2_958_465
_DIGITS = 20


def shown(value: str, code: str) -> tuple[str, bool]:
    """(text, whether leading zeros may have been lost) of a number stored as `value`.

    >>> shown("12345678901", "General")
    ('12345678901', True)
    >>> shown("12345678901", "0000-0000-0000")
    ('012345678901', False)
    >>> shown("9018", '"1234-5678-"0000')
    ('1234-5678-9018', False)
    >>> shown("1.2345678901E+10", "0")
    ('12345678901', True)
    >>> shown("46000", "yyyy/m/d")
    ('2025-12-09', False)
    """
    zeros = _zeros(code)
    if zeros == 0:
        whole, point, rest = value.partition(".")
        if whole.isdigit() and not point:
            return value, True
        if rest.isdigit() and rest.strip("0"):
            return value, False
    return _formatted(value, code, zeros)


def pads(code: str) -> bool:
    """Whether it prints anything but the number: zeros, letters, a date."""
    return _zeros(code) != 0


def code_of(number_format: int, custom: dict[int, str]) -> str:
    """The format code of a numFmtId."""
    if code := custom.get(number_format):
        return code
    return "yyyy-mm-dd" if number_format in _DATES else "General"


@lru_cache(maxsize=4_096)
def _formatted(value: str, code: str, zeros: int) -> tuple[str, bool]:
    try:
        number = Decimal(value)
    except InvalidOperation:
        return value, False
    # Before int(): 1E+999999999 is a short text and a very long number.
    if not number.is_finite() or number.adjusted() > _DIGITS:
        return value, False
    if zeros < 0:
        return _date(number) or value, False
    if number != int(number) or number < 0:
        return value, False
    text = str(int(number)).zfill(zeros)
    return _with_letters(text, code), zeros < len(text) or zeros == 0


@lru_cache(maxsize=1_024)
def _zeros(code: str) -> int:
    """How many digits the format writes at least; -1 for dates and times."""
    if code.lower() == "general":
        return 0
    bare = _LITERAL.sub("", code.split(";")[0])
    if _DATE.search(bare):
        return -1
    if any(letter.isdigit() for letter in _letters(code)):
        return max(1, min(bare.count("0"), _DIGITS))
    return min(bare.count("0"), _DIGITS) if _PADDED.fullmatch(bare) else 0


def _with_letters(digits: str, code: str) -> str:
    """The digits, with those that the format itself prints before, between or behind them."""
    if not any(letter.isdigit() for letter in _letters(code)):
        return digits
    tokens = list(_TOKEN.finditer(code.split(";")[0]))
    out: list[str] = []
    places = sum(token["bare"] in _PLACES for token in tokens)
    for token in reversed(tokens):
        if token["bare"] in _PLACES:
            places -= 1
            # The leftmost place takes all the digits that are left.
            out.append(digits[-1:] if places else digits)
            digits = digits[:-1]
        else:
            out.append(token["bare"] or token["quoted"] or token["escaped"] or "")
    return "".join(reversed(out))


def _letters(code: str) -> str:
    tokens = _TOKEN.finditer(code.split(";")[0])
    return "".join(token["quoted"] or token["escaped"] or "" for token in tokens)


def _date(number: Decimal) -> str:
    if not 0 <= number <= _LAST_DAY:
        return ""
    moment = _EPOCH + timedelta(days=float(number))
    return moment.strftime("%Y-%m-%d" if number == int(number) else "%Y-%m-%d %H:%M")
