"""One module a kind of number, the same functions and names in each: see docs/extending.md.

`compact` (bare ASCII digits and capitals), `validate` (returns the compact form or raises),
`is_valid`, `format` (as it is printed), `mask` (as it may be shown and stored); `calc_check_digit`
only where there is a law to calculate it by.

How a number is found is one of two ways. A kind with a check digit and at least twelve digits names
its `SHAPES`, the lengths of the digit groups in which people write it; every run of digits is
weighed. A kind whose numbers are short or hold letters names a `PATTERN`; what looks like it counts
only where one of the `LABELS`, the words for the kind, says so.

Messages of the errors never hold the number: they end up in logs.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence, Set
from functools import cache
from importlib import import_module
from typing import Protocol, cast

KINDS: dict[str, str] = {
    "jp.individual_number": "individual_number",
    "jp.drivers_license": "drivers_license",
    "jp.corporate_number": "corporate_number",
    "card_number": "card",
    "jp.invoice_number": "invoice_number",
    "jp.pension_number": "pension_number",
    "jp.resident_code": "resident_code",
    "jp.insurer_number": "insurer_number",
    "jp.health_insurance": "health_insurance",
    "jp.employment_insurance": "employment_insurance",
    "jp.residence_card": "residence_card",
    "jp.passport": "passport",
    "jp.bank_account": "bank_account",
    "jp.telephone": "telephone",
}
"""Kind as it stands in a report → module of this package."""

NUMBER = "\0"
"""Stands for a candidate in folded text, so that digits of numbers are never read as words."""


class ValidationError(ValueError):
    """The text is not a number of the kind asked for."""


class InvalidFormat(ValidationError):
    """Holds other characters than such a number, or those of one that is never issued."""

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

    LABELS: Sequence[str]
    """Expressions over text as `words.fold` leaves it: lower case, half width, without blanks."""

    def compact(self, number: str) -> str: ...
    def validate(self, number: str) -> str: ...
    def is_valid(self, number: str) -> bool: ...
    def format(self, number: str) -> str: ...
    def mask(self, number: str) -> str: ...


class Shaped(Number, Protocol):
    """Found by its digits alone, which a check digit holds together."""

    SHAPES: Set[tuple[int, ...]]

    def calc_check_digit(self, number: str) -> str: ...


class Written(Number, Protocol):
    """Found under a label only."""

    PATTERN: str
    """Expression over text in half width, its hyphens and blanks unified ("-" and " ")."""


@cache
def number(kind: str) -> Number:
    """The module of a kind; KeyError for an unknown one."""
    return cast(Number, import_module(f"{__name__}.{KINDS[kind]}"))


def shaped(kinds: Collection[str]) -> dict[str, Shaped]:
    """Those of `kinds` that are found by their digits."""
    found = {kind: number(kind) for kind in KINDS if kind in kinds}
    return {kind: cast(Shaped, one) for kind, one in found.items() if hasattr(one, "SHAPES")}


def written(kinds: Collection[str]) -> dict[str, Written]:
    """Those of `kinds` that are found under their labels."""
    found = {kind: number(kind) for kind in KINDS if kind in kinds}
    return {kind: cast(Written, one) for kind, one in found.items() if hasattr(one, "PATTERN")}


def has_check_digit(kind: str) -> bool:
    return kind in KINDS and hasattr(number(kind), "calc_check_digit")


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


def written_bare(text: str) -> str:
    """`text` in ASCII digits and capitals, for kinds with letters; all else is dropped.

    >>> written_bare('ａｂ 1234-5678 cd')
    'AB12345678CD'
    """
    folded = unicodedata.normalize("NFKC", text).upper()
    return "".join(char for char in folded if char.isascii() and char.isalnum())
