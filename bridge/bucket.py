"""How often one address may try something: a token bucket each, in memory.

The door is one process, and what it forgets at a restart is a minute of patience; a table would
make every guess a write.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address


@dataclass(slots=True)
class _Level:
    tokens: float
    at: float


class Bucket:
    """`spend` is False once an address has used up `size` tries; one comes back in `every` s."""

    ADDRESSES = 20_000
    """The oldest is forgotten first; an attacker with more of them would not notice us anyway."""

    def __init__(
        self, size: int, every: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.size = size
        self.every = every
        self.clock = clock
        self._levels: OrderedDict[str, _Level] = OrderedDict()
        self._lock = threading.Lock()

    def spend(self, address: str) -> bool:
        with self._lock:
            now = self.clock()
            level = self._levels.pop(_network(address), None) or _Level(self.size, now)
            tokens = min(self.size, level.tokens + (now - level.at) / self.every)
            allowed = tokens >= 1
            self._levels[_network(address)] = _Level(tokens - allowed, now)
            if len(self._levels) > self.ADDRESSES:
                self._levels.popitem(last=False)
            return allowed


def _network(address: str) -> str:
    """One household has a whole /64 of IPv6 addresses, each as good as the next.

    >>> _network("2001:db8::1") == _network("2001:db8::ffff"), _network("192.0.2.1")
    (True, '192.0.2.1')
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return parsed.exploded[:19] if isinstance(parsed, IPv6Address) else str(parsed)
