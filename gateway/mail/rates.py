"""How often: leaky buckets per client, sender and account, so that one cannot crowd out the rest.

Kept in memory and lost with the process: a limit that is late by a restart harms nobody, and a
database row a command would. Whoever is put off hears 4xx and comes again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.memory.fields import Rate

_CROWD = 10_000
"""Keys after which those that are empty again are forgotten."""


class Bucket:
    """At most `rate.count` at once, and as many again in `rate.seconds` (GCRA, ITU-T I.371)."""

    def __init__(
        self, rate: Rate | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate = rate
        self._clock = clock
        self._step = rate.seconds / rate.count if rate else 0.0
        self._full: dict[str, float] = {}
        """When each key's bucket will have run empty."""
        self._crowd = _CROWD

    def take(self, key: str) -> bool:
        """Whether there is room for one more, which is then counted."""
        if self._rate is None:
            return True
        if self.spent(key):
            return False
        now = self._clock()
        self._full[key] = max(self._full.get(key, now), now) + self._step
        if len(self._full) > self._crowd:
            self._full = {name: end for name, end in self._full.items() if end > now}
            self._crowd = max(_CROWD, 2 * len(self._full))  # or each take would look at all
        return True

    def spent(self, key: str) -> bool:
        """Whether there is no room for one more; counts nothing."""
        if self._rate is None or key not in self._full:
            return False
        # Half a step for the rounding of the sums.
        return self._full[key] - self._clock() > self._rate.seconds - self._step / 2


@dataclass(frozen=True, slots=True)
class Rates:
    """Shared by all listeners of a process. Without settings nothing is limited."""

    connections: Bucket = field(default_factory=Bucket)
    """new ones, by client address"""
    mails: Bucket = field(default_factory=Bucket)
    """by client address"""
    sender: Bucket = field(default_factory=Bucket)
    """recipients, by envelope sender"""
    user: Bucket = field(default_factory=Bucket)
    """recipients, by account"""
    failures: Bucket = field(default_factory=Bucket)
    """wrong passwords, by client address and by account"""
