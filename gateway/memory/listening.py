"""Sockets for those who call us, whoever opens them and whoever serves them."""

from __future__ import annotations

import socket

from gateway.memory.fields import endpoint


def bound(listen: str) -> socket.socket:
    """Of "host:port", and not listening yet: until somebody does, callers are refused at once.

    The host "::" takes IPv4 too. Raises OSError with `listen` as its file name.
    """
    host, port = endpoint(listen)
    if host == "::" and not socket.has_dualstack_ipv6():
        host = "0.0.0.0"
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if made.family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, host != "::")
        made.bind((host, port))
    except OSError as error:
        made.close()
        raise OSError(error.errno, error.strerror, listen) from None
    return made
