"""The detectors that are compared, each on the same text of the same mails.

Sekisho's readers take the mails apart for all of them: what is compared is how a number is known
once its text is there. Only the recognition of what cannot be read is measured of Sekisho alone.
"""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib.util import find_spec

from detectors import score
from detectors.numbers import individual_number
from detectors.report import Confidence
from detectors.surface import Table, Text
from detectors.walk import Walk
from detectors.wanted import Wanted
from detectors.words import INDIVIDUAL

Surfaces = Sequence[Text | Table]
_TWELVE = re.compile(r"(?<![0-9])[0-9]{4}[ .-]?[0-9]{4}[ .-]?[0-9]{4}(?![0-9])")
_KEYWORD = re.compile(
    "my number|マイナンバー|個人番号|共通番号|個人識別番号|個人識別ナンバー|通知カード", re.I
)
_NEAR = 300
"""Characters on either side, as Microsoft publishes of "Japan My Number - Personal"."""


@dataclass(frozen=True)
class Read:
    """A mail that was read once, for all rules."""

    surfaces: Surfaces = field(repr=False)
    found: dict[str, Confidence] = field(repr=False)
    """What Sekisho found: value → its confidence."""
    unread: bool
    """Whether something in it could not be read."""
    ambiguous: bool

    @cached_property
    def texts(self) -> list[str]:
        """The message with its subject, and each file with its name, as running text."""
        parts: dict[str, list[str]] = {}
        for surface in self.surfaces:
            file = surface.spot.path[0] if surface.spot.path else ""
            parts.setdefault(file, [file]).append(_flat(surface))
        return ["\n".join(part) for part in parts.values()]


def read(raw: bytes) -> Read:
    """As `detectors.inspect`, keeping the surfaces and the values."""
    walk = Walk(Wanted(kinds=(INDIVIDUAL,)))
    walk.message(raw)
    report = walk.report(len(raw), time.monotonic())
    return Read(
        walk.surfaces, graded(walk.surfaces), report.has("uninspectable"), report.has("ambiguous")
    )


def graded(surfaces: Surfaces) -> dict[str, Confidence]:
    values = score.revealed(surfaces, {INDIVIDUAL}).get(INDIVIDUAL, [])
    return {
        values[index]: finding.confidence
        for finding in score.findings(surfaces, {INDIVIDUAL})
        for place in finding.where
        for index in place.values
    }


def sekisho(surfaces: Surfaces) -> set[str]:
    """Values at medium or better."""
    return _at_least(graded(surfaces), Confidence.MEDIUM)


def only_high(surfaces: Surfaces) -> set[str]:
    return _at_least(graded(surfaces), Confidence.HIGH)


def _at_least(found: dict[str, Confidence], least: Confidence) -> set[str]:
    return {value for value, confidence in found.items() if confidence.rank >= least.rank}


def keyword_nearby(mail: Read) -> set[str]:
    """Twelve digits or 4-4-4, check digit, a keyword within 300 characters on either side."""
    return {
        number
        for text in mail.texts
        for number, start, end in _passing(text)
        if _KEYWORD.search(text[max(start - _NEAR, 0) : end + _NEAR])
    }


def check_digit_only(mail: Read) -> set[str]:
    return {number for text in mail.texts for number, _, _ in _passing(text)}


def namemask(mail: Read) -> set[str]:
    """The masker of that name for Japanese personal data (MIT licence), without its optional
    recogniser of names. It folds widths and tests check digits, and knows no separators."""
    from namemask.api import mask_text  # type: ignore[import-not-found]
    from namemask.config import Config  # type: ignore[import-not-found]

    return {
        _digits(item.original)
        for text in mail.texts
        for item in mask_text(text, config=Config(), use_ner=False).report
        if item.type == "MYNUMBER"
    }


def _digits(text: str) -> str:
    return re.sub(r"\D", "", unicodedata.normalize("NFKC", text))


def _flat(surface: Text | Table) -> str:
    if isinstance(surface, Table):
        return "\n".join("\t".join(row) for row in surface.rows)
    return surface.text


def _passing(text: str) -> Iterator[tuple[str, int, int]]:
    for match in _TWELVE.finditer(text):
        number = _digits(match[0])
        if individual_number.is_valid(number):
            yield number, match.start(), match.end()


Rule = Callable[[Read], Iterable[str]]
RULES: dict[str, Rule] = {
    "sekisho": lambda mail: _at_least(mail.found, Confidence.MEDIUM),
    "sekisho, high": lambda mail: _at_least(mail.found, Confidence.HIGH),
    "keyword near": keyword_nearby,
    "check digit": check_digit_only,
}
if find_spec("namemask"):
    RULES["namemask"] = namemask
