"""The administrator's own patterns, matched by RE2: time linear in the text, whatever is written.

The engine of the standard library backtracks: one careless expression, or one mail written to
meet it, would keep a worker busy for hours (CWE-1333). RE2 has neither back-references nor
look-around; what it cannot take is refused when the configuration is read.

Patterns see unified text (`folding`): ASCII digits and letters, one form for each character; the
cells of a row are parted by tabs. A finding's kind is "pattern.NAME".
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from itertools import islice
from typing import Any

from detectors.folding import spaced, unify
from detectors.report import Confidence, Reason
from detectors.sighting import Sighting
from detectors.surface import Table
from detectors.view import CELL, View

PREFIX = "pattern."
PACKAGE = "google-re2"
BEFORE, AFTER = 80, 40
"""Characters in which a label word may stand."""
_HEADING_ROWS = 60
_MOST = 10_000
"""Matches told of one surface: a report must stay small enough to be read back."""
_MEMORY = 4 << 20
"""Octets of one compiled expression; RE2 refuses what needs more."""


class BadPattern(ValueError):
    """Not a pattern that can be used; `str` says why, without the text that it was tried on."""


@dataclass(frozen=True)
class Pattern:
    name: str
    regex: str
    labels: tuple[str, ...] = ()
    """One of them stands near the match, or heads its column; else the finding is `low`."""
    exclude: str = ""
    """What matches this as well (anywhere in the match) is none."""
    ignore_case: bool = False

    @property
    def kind(self) -> str:
        return PREFIX + self.name

    @cached_property
    def expression(self) -> Any:
        return compiled(self.regex, self.ignore_case)

    @cached_property
    def exception(self) -> Any:
        return compiled(self.exclude, self.ignore_case) if self.exclude else None

    @cached_property
    def words(self) -> tuple[str, ...]:
        return tuple(_bare(label) for label in self.labels)


def compiled(regex: str, ignore_case: bool = False) -> Any:
    """The expression over UTF-8. Raises BadPattern.

    >>> compiled(r'(a)\\1')
    Traceback (most recent call last):
    detectors.patterns.BadPattern: invalid escape sequence: \\1
    """
    if unicodedata.normalize("NFKC", regex) != regex:
        raise BadPattern("write full-width and half-width forms as plain ones, as text is")
    try:
        re2 = import_module("re2")
    except ImportError:
        raise BadPattern(f"the package {PACKAGE} is not installed, and patterns need it") from None
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    options.case_sensitive = not ignore_case
    try:
        expression = re2.compile(regex, options)
    except re2.error as error:
        raise BadPattern(_said(error)) from None
    if expression.search(b""):
        raise BadPattern("matches the empty text, and so every mail")
    return expression


def _said(error: Exception) -> str:
    said = error.args[0] if error.args else ""
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)


def matches(pattern: Pattern, text: str) -> bool:
    """Whether it is found in a text as an administrator writes it; labels are not asked for."""
    data = unify(text).encode()
    return any(_taken(pattern, found[0]) for found in pattern.expression.finditer(data))


def look(pattern: Pattern, seen: View) -> Iterator[Sighting]:
    """Each match on a surface, `high` where no label is asked for or one stands near."""
    found = (m for m in pattern.expression.finditer(seen.utf8) if _taken(pattern, m[0]))
    at = passed = 0
    for match in islice(found, _MOST):
        # Offsets in octets become offsets in characters, each stretch counted once.
        at += len(_text(seen.utf8[passed : match.start()]))
        passed = match.start()
        value = _text(match[0])
        label = _label(pattern, seen, at, at + len(value))
        sure = Confidence.HIGH if label or not pattern.labels else Confidence.LOW
        near = (Reason("pattern_label", {"label": label}),) if label else ()
        why = (Reason("own_pattern", {"label": pattern.name}), *near)
        yield Sighting(pattern.kind, value, sure, why, seen.stand(at, at + len(value)))


def _text(octets: bytes) -> str:
    return octets.decode("utf-8", "replace")  # \C matches half a character


def _taken(pattern: Pattern, match: bytes) -> bool:
    return pattern.exception is None or not pattern.exception.search(match)


def _label(pattern: Pattern, seen: View, start: int, end: int) -> str:
    """The label word that stands near the match or over its column, or ""."""
    if not pattern.labels:
        return ""
    around = f"{seen.text[max(start - BEFORE, 0) : start]}{CELL}{seen.text[end : end + AFTER]}"
    near = _bare(around)
    if isinstance(seen.surface, Table):
        near += _heading(seen.surface, seen.cell_of(start), seen.line_of(start))
    return next((word for word in pattern.words if word in near), "")


def _heading(table: Table, cell: int, line: int) -> str:
    above = table.rows[: min(line, _HEADING_ROWS)]
    return CELL.join(_bare(row[cell]) for row in above if cell < len(row) and len(row[cell]) <= 40)


def _bare(text: str) -> str:
    return spaced(unify(text)).replace(" ", "")
