"""What an installation promises, each tried for real and told in one line.

A promise is a function that returns what it saw, or raises `Broken`. They are tried one by one,
so that one broken promise hides no other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from admin_ui.cli.ground import Voice
from gateway.memory.config import Config
from gateway.memory.opening import Memory


class Broken(Exception):
    """What is wrong and what to do, as (ja, en)."""

    def __init__(self, ja: str, en: str) -> None:
        super().__init__(en)
        self.ja, self.en = ja, en


@dataclass(frozen=True)
class Site:
    """What is looked at. `memory` is None where it does not open, which is a promise of its own."""

    config: Config
    memory: Memory | None
    voice: Voice
    served: bool
    """A core runs here, so that its ports are rightly taken."""


@dataclass(frozen=True)
class Promise:
    ja: str
    en: str
    keep: Callable[[Site], str]
    needs_memory: bool = False
