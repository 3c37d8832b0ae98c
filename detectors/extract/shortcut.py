"""Links to a place (.lnk, .webloc): the address may say more than the mail does."""

from __future__ import annotations

import plistlib
from collections.abc import Iterator

from detectors.budget import Budget
from detectors.extract.package import texts
from detectors.extract.reading import Refused, visible
from detectors.extract.strings import strings
from detectors.surface import Source, Spot, Surface

_DEPTH = 20


def read(source: Source, budget: Budget) -> Iterator[Surface]:
    """Texts of a Windows shortcut ([MS-SHLLINK]), in both of the charsets that it mixes."""
    yield from texts(_whole(source), strings(source.data), source.context)


def read_plist(source: Source, budget: Budget) -> Iterator[Surface]:
    """Texts of a binary property list, which Safari's .webloc is."""
    try:
        found = plistlib.loads(source.data, fmt=plistlib.FMT_BINARY)
    except (plistlib.InvalidFileException, ValueError, RecursionError, OverflowError):
        raise Refused("corrupt", type="plist") from None
    yield from texts(_whole(source), [*_strings(found, budget)], source.context)


def _strings(value: object, budget: Budget, depth: int = 0) -> Iterator[str]:
    budget.take(1)
    if depth > _DEPTH:
        raise Refused("over_budget", limit="depth")
    if isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from _strings(inner, budget, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner, budget, depth + 1)
    else:
        yield visible(value) if isinstance(value, bytes) else str(value)


def _whole(source: Source) -> Spot:
    return Spot(source.spot.part, source.spot.path, source.spot.hidden, "")
