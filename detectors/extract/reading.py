"""What every reader shares: how it refuses, how it goes one file deeper, how it unpacks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from detectors.budget import Budget
from detectors.report import Reason
from detectors.surface import Spot

CHUNK = 1 << 16


class Refused(Exception):
    """The whole file cannot be read; `read` makes `Unreadable` of it.

    Holds a code and never a text of the file: tracebacks reach logs.
    """

    def __init__(self, code: str, **params: str | int | bool) -> None:
        super().__init__(code)
        self.reason = Reason(code, params)


def within(spot: Spot, name: str, *, hidden: bool = False) -> Spot:
    """The spot of a file, a sheet or a table inside the file at `spot`."""
    return replace(spot, path=(*spot.path, name), hidden=spot.hidden or hidden)


def drain(read: Callable[[int], bytes], budget: Budget, packed: int = 0) -> bytes:
    """Everything `read` gives, paid for chunk by chunk: a bomb ends when the budget does.

    `packed` is the size on the outside, for the ratio.
    """
    out = bytearray()
    while chunk := read(CHUNK):
        budget.take(len(chunk))
        out += chunk
        limits = budget.limits
        if packed and len(out) > max(limits.ratio_from, packed * limits.ratio):
            raise Refused("over_budget", limit="ratio")
    return bytes(out)
