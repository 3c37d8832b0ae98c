"""Our mark in Received, and the mails that come back to us.

The id in our Received line is followed by a short MAC of it, so that nobody outside can write
one: a mail with our own mark has been here, and a second judgement would hold it for ever.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import datetime
from email.utils import format_datetime

MAX_HOPS = 50
"""Received lines (Postfix's default; RFC 5321 §6.3 asks for a limit of at least 100 hops or a
better way to see a loop, which the mark is)."""

_RECEIVED = re.compile(rb"^received[ \t]*:", re.IGNORECASE | re.MULTILINE)
_MARK = re.compile(rb"\bid ([0-9A-Z]{4}-[0-9A-Z]{4})\.([0-9a-f]{16})\b")


class Marks:
    def __init__(self, key: bytes) -> None:
        self._key = key

    def mark(self, id: str) -> str:
        digest = hmac.new(self._key, id.encode(), hashlib.sha256).hexdigest()[:16]
        return f"{id}.{digest}"

    def seen(self, header: bytes) -> str | None:
        """The id under which this mail was here before, or None."""
        for id, digest in _MARK.findall(header):
            if hmac.compare_digest(self.mark(id.decode()), f"{id.decode()}.{digest.decode()}"):
                return str(id.decode())
        return None

    def received(
        self, id: str, *, helo: str, client_ip: str, by: str, protocol: str, at: datetime, tls: str
    ) -> bytes:
        """The one line that we add to what passes (RFC 5321 §4.4), ready for the wire."""
        secured = f"\r\n\t(using {tls})" if tls else ""
        line = (
            f"Received: from {helo or 'unknown'} ([{client_ip}]){secured}\r\n"
            f"\tby {by} (Sekisho) with {protocol} id {self.mark(id)};\r\n"
            f"\t{format_datetime(at)}\r\n"
        )
        return line.encode("ascii", "replace")

    def written(self, id: str, *, by: str, at: datetime) -> bytes:
        """The same for a mail of our own. A notice holds a link for one person alone: where a
        mailbox forwards all it gets to the outside, it comes back to us marked, and is refused."""
        line = f"Received: by {by} (Sekisho) id {self.mark(id)};\r\n\t{format_datetime(at)}\r\n"
        return line.encode("ascii", "replace")


def hops(header: bytes) -> int:
    return len(_RECEIVED.findall(header))


def header_of(start: bytes) -> bytes:
    """The header block of a message, or as much of it as `start` holds."""
    return start.partition(b"\r\n\r\n")[0]
