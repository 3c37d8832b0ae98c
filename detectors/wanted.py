"""What an inspection is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from detectors.budget import USUAL, Limits
from detectors.surface import Source, Surface

if TYPE_CHECKING:
    from detectors.own import Own

Reader = Callable[[Source], list[Surface]]
Confine = Callable[[Reader, Source], list[Surface]]
"""Runs a reader where it can do no harm (a limited child that may be killed) and hands back what
it said. Raising means that the child died or was late."""


@dataclass(frozen=True, slots=True)
class Wanted:
    kinds: tuple[str, ...] | None = None
    """Kinds of numbers ("jp.individual_number"); None for the usual ones and all of `own`."""
    name: str | None = None
    """Given: the octets are a file of this name and not a message."""
    passwords: tuple[str, ...] = field(default=(), repr=False)
    """Tried on every encrypted file inside; never stored, never in a report."""
    limits: Limits = USUAL
    own: Own | None = field(default=None, repr=False)
    """Dictionaries, patterns and register of the administrator."""
    confine: Confine | None = None
    """How a risky document (PDF, Office file, archive, image) is read; None: right here."""
