"""What is in this mail? Bytes in, a `Report` out. No I/O, no database, no network.

The only door is `inspect`; the words for people are made on the floors above from reason codes.
"""

from __future__ import annotations

import gc
import time
from functools import cache
from typing import TYPE_CHECKING

from detectors.budget import Limits
from detectors.report import Report
from detectors.wanted import Wanted

if TYPE_CHECKING:
    from detectors.walk import Walk

__all__ = ["Limits", "Report", "Wanted", "inspect", "reveal"]


def inspect(raw: bytes, wanted: Wanted | None = None) -> Report:
    """Read a message (or a file, when `wanted.name` is given) to its end and say what is in it.

    Never raises on any octets; what could not be read stands in the report as `uninspectable`.
    """
    wanted, started = wanted or Wanted(), time.monotonic()
    return _walked(raw, wanted).report(len(raw), started)


def reveal(raw: bytes, wanted: Wanted | None = None) -> dict[str, list[str]]:
    """The numbers themselves, by kind, for the eyes of who asked: never to be stored or logged."""
    from detectors import score

    walk = _walked(raw, wanted or Wanted())
    return score.revealed(walk.surfaces, walk.kinds, walk.own)


def _walked(raw: bytes, wanted: Wanted) -> Walk:
    walk = _readers()(wanted)
    if wanted.name is None:
        walk.message(raw)
    else:
        walk.file(raw, wanted.name)
    return walk


@cache
def _readers() -> type[Walk]:
    # Imported here: floors above read reports all day without loading a single reader.
    from detectors.walk import Walk

    gc.freeze()  # they stay; a long list would have them walked through again and again
    gc.set_threshold(20_000)  # and itself at every seven hundredth of its values
    return Walk
