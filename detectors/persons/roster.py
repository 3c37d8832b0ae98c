"""One entry of a list: whom or what it names, where, and why it was taken for one."""

from __future__ import annotations

from typing import NamedTuple

from detectors.report import Reason
from detectors.seen import Box


class Row(NamedTuple):
    key: str
    """The same for the same person or address wherever it stands."""
    reason: Reason
    box: Box | None = None
    line: int = 0

    def __repr__(self) -> str:
        """Without the key, which names a person."""
        return f"Row({self.reason!r}, {self.box!r}, {self.line})"


def why(details: list[str]) -> Reason:
    return Reason("personal_columns", {"label": "・".join(details)})
