"""One module a kind of number, the same functions in each.

`compact` (bare ASCII digits), `calc_check_digit`, `validate` (returns the compact form or raises),
`is_valid`, `format` (as it is printed), `mask` (as it may be shown and stored). Each module also
names its `SHAPES`: the lengths of the digit groups in which people write it.

Messages of the errors never hold the number: they end up in logs.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Set
from functools import cache
from importlib import import_module
from typing import Protocol, cast

KINDS: dict[str, str] = {
    "jp.individual_number": "individual_number",
    "jp.drivers_license": "drivers_license",
    "jp.corporate_number": "corporate_number",
    "card_number": "card",
}
"""Kind as it stands in a report → module of this package, imported when first asked for."""


class ValidationError(ValueError):
    """The text is not a number of the kind asked for."""


class InvalidFormat(ValidationError):
    """Holds something else than digits, or digits that are never issued."""

    def __init__(self) -> None:
        super().__init__("not written as such a number")


class InvalidLength(ValidationError):
    def __init__(self) -> None:
        super().__init__("wrong number of digits")


class InvalidChecksum(ValidationError):
    def __init__(self) -> None:
        super().__init__("check digit does not fit")


class Number(Protocol):
    """What every module of this package offers."""

    SHAPES: Set[tuple[int, ...]]

    def compact(self, number: str) -> str: ...
    def calc_check_digit(self, number: str) -> str: ...
    def validate(self, number: str) -> str: ...
    def is_valid(self, number: str) -> bool: ...
    def format(self, number: str) -> str: ...
    def mask(self, number: str) -> str: ...


@cache
def number(kind: str) -> Number:
    """The module of a kind; KeyError for an unknown one."""
    return cast(Number, import_module(f"{__name__}.{KINDS[kind]}"))


def bare(text: str, dropped: str = "- \u3000\u2010\u2212\uff0d") -> str:
    """`text` in ASCII digits, without the characters in `dropped`.

    >>> bare('１２３４-５６')
    '123456'
    """
    if text.isascii() and text.isdigit():
        return text
    digits = [unicodedata.digit(char, None) for char in text if char not in dropped]
    if None in digits:
        raise InvalidFormat
    return "".join(map(str, digits))
