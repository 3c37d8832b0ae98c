"""Sockets for those who call us, whoever opens them and whoever serves them."""

from __future__ import annotations

import socket

from gateway.memory.fields import endpoint


def opened(listen: str) -> socket.socket:
    """Listens on "host:port"; the host "::" takes IPv4 too. Raises OSError with `listen` in it."""
    host, port = endpoint(listen)
    if host == "::" and not socket.has_dualstack_ipv6():
        host = "0.0.0.0"
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, dualstack_ipv6=host == "::")
    except OSError as error:
        why = str(error.strerror).partition(" (")[0]  # where, it says in its own words
        raise OSError(error.errno, why, listen) from None
