"""One entry of a list: whom or what it names, where, and why it was taken for one."""

from __future__ import annotations

from typing import NamedTuple

from detectors import cells
from detectors.places import Stand
from detectors.report import Reason
from detectors.seen import Box
from detectors.surface import Table, Text


class Row(NamedTuple):
    key: str
    """The same for the same person or address wherever it stands."""
    reason: Reason
    box: Box | None = None
    line: int = 0

    def __repr__(self) -> str:
        """Without the key, which names a person."""
        return f"Row({self.reason!r}, {self.box!r}, {self.line})"

    def stand(self, surface: Text | Table) -> Stand:
        hidden = surface.spot.hidden
        if isinstance(surface, Table) and self.box:
            hidden = cells.hidden(surface, self.box)
        return Stand(surface.spot, 0, self.box, self.line, hidden)


def why(details: list[str]) -> Reason:
    return Reason("personal_columns", {"label": "・".join(details)})
