"""One occurrence of one value of some kind, weighed: what findings are made of."""

from __future__ import annotations

from dataclasses import dataclass, field

from detectors.places import Stand
from detectors.report import Confidence, Reason


@dataclass(frozen=True, slots=True)
class Sighting:
    kind: str
    value: str = field(repr=False)
    confidence: Confidence
    reasons: tuple[Reason, ...]
    stand: Stand
    """Its `value` is 0 until the values are numbered."""
