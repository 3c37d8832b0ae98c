"""One occurrence of one value of some kind, weighed: what findings are made of."""

from __future__ import annotations

from typing import NamedTuple

from detectors.places import Stand
from detectors.report import Confidence, Reason


class Sighting(NamedTuple):
    kind: str
    value: str
    confidence: Confidence
    reasons: tuple[Reason, ...]
    stand: Stand

    def __repr__(self) -> str:
        """Without the value, which is nobody's to read in a log."""
        return f"Sighting({self.kind!r}, {self.confidence!r}, {self.stand!r})"
