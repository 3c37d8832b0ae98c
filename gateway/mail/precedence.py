"""Who brings little goes first.

A mail of twenty megabytes comes in blocks, and each of them keeps a processor busy for a moment: on
its way to the disk, in its worker, to the next hop. A small mail passes through a dozen of such
moments before its client hears the 250. So while one waits for that, no block of a large one is
read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

SMALL = 1 << 20
"""Octets of a mail that goes first."""
MOST = 0.02
"""Seconds that a block waits at most: with small mails coming without a pause, large ones still
pass at twelve megabytes a second."""

_first = 0
_giving_way: set[asyncio.Future[None]] = set()


@contextmanager
def first() -> Iterator[None]:
    """What happens inside goes before what gives way."""
    global _first
    _first += 1
    try:
        yield
    finally:
        _first -= 1
        if not _first:
            for waiting in _giving_way:
                if not waiting.done():
                    waiting.set_result(None)


async def give_way() -> None:
    """Until nobody goes first, or for `MOST`."""
    if not _first:
        return
    waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    _giving_way.add(waiting)
    try:
        await asyncio.wait((waiting,), timeout=MOST)
    finally:
        _giving_way.discard(waiting)


def wanted() -> bool:
    return bool(_first)
