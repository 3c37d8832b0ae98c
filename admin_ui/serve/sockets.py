"""Sockets opened by the supervisor and handed down to the processes that serve them.

A port that closes while its process begins anew refuses whoever calls then: a mail system tries
again in minutes, a person sees an error. Held above, it stays open, and they wait for a moment.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Sequence
from contextlib import ExitStack

from gateway.memory.config import Config
from gateway.memory.listening import opened


def listens(config: Config, role: str) -> list[str]:
    """Where this role listens, as "host:port"."""
    web = (config.web.listen, config.web.staff_listen)
    places = {"core": config.smtp.places, "web": web, "door": (config.bridge.listen,)}
    return list(filter(None, places[role]))


class Held:
    """The supervisor's: every socket of every role."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, str], socket.socket] = {}

    def renew(self, config: Config, roles: Iterable[str]) -> None:
        """What these roles listen on from now on; what stays is not touched.

        Raises OSError where one cannot be opened, and holds what it held.
        """
        every = {(role, where) for role in roles for where in listens(config, role)}
        with ExitStack() as undone:
            fresh = {}
            for role, where in sorted(every - self._open.keys()):
                fresh[role, where] = undone.enter_context(opened(where))
            undone.pop_all()
        for gone in self._open.keys() - every:
            self._open.pop(gone).close()
        self._open |= fresh

    def of(self, role: str) -> dict[str, int]:
        """ "host:port" → file descriptor, for `Inherited`."""
        return {where: each.fileno() for (of, where), each in self._open.items() if of == role}

    def close(self) -> None:
        for each in self._open.values():
            each.close()
        self._open.clear()


class Inherited:
    """A process's: what was handed down to it, by words such as "[::]:25=7"."""

    def __init__(self, words: Sequence[str] = ()) -> None:
        pairs = (word.rpartition("=") for word in words)
        self._open = {where: socket.socket(fileno=int(number)) for where, _, number in pairs}

    def take(self, listen: str) -> socket.socket:
        """Opened now where nobody handed it down. Raises OSError."""
        return self._open.pop(listen, None) or opened(listen)
