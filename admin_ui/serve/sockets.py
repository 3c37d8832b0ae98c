"""Sockets opened by the supervisor and handed down to the processes that serve them.

A port that closes while its process begins anew refuses whoever calls then: a mail system tries
again in minutes, a person sees an error. Held above, it stays open, and they wait for a moment.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence

from gateway.memory.config import Config
from gateway.memory.listening import bound

Open = dict[str, socket.socket]
""""host:port" → its socket."""


def listens(config: Config, role: str) -> list[str]:
    """Where this role listens, each "host:port" once."""
    smtp = [entry.partition("/")[0] for entry in config.smtp.listen]
    web = [config.web.listen, config.web.staff_listen]
    places = {"core": smtp, "web": web, "door": [config.bridge.listen]}
    return list(filter(None, dict.fromkeys(places[role])))


class Held:
    """The supervisor's: every socket of every role."""

    def __init__(self) -> None:
        self._open: dict[str, Open] = {}

    def renew(self, wanted: Mapping[str, Sequence[str]]) -> None:
        """Role → where it listens from now on; what stays is not touched.

        Raises OSError where one cannot be opened, and holds what it held.
        """
        fresh: Open = {}
        known = {where: each for opened in self._open.values() for where, each in opened.items()}
        every = [where for places in wanted.values() for where in places]
        try:
            for where in every:
                if where not in known:
                    fresh[where] = bound(where)
        except OSError:
            _close(fresh)
            raise
        _close({where: each for where, each in known.items() if where not in every})
        known |= fresh
        self._open = {role: {at: known[at] for at in places} for role, places in wanted.items()}

    def of(self, role: str) -> dict[str, int]:
        """ "host:port" → file descriptor, for `Inherited`."""
        return {where: each.fileno() for where, each in self._open.get(role, {}).items()}

    def close(self) -> None:
        self.renew({})


class Inherited:
    """A process's: what was handed down to it, by words such as "[::]:25=7"."""

    def __init__(self, words: Sequence[str] = ()) -> None:
        pairs = (word.rpartition("=") for word in words)
        self._open = {where: socket.socket(fileno=int(number)) for where, _, number in pairs}

    def take(self, listen: str) -> socket.socket:
        """Opened now where nobody handed it down. Raises OSError."""
        return self._open.pop(listen, None) or bound(listen)


def _close(sockets: Open) -> None:
    for each in sockets.values():
        each.close()
