"""Journal reports of Exchange: an envelope written out as text, and the original as it was sent.

Exchange, Exchange Online and what imitates them wrap each copy: `X-MS-Journal-Report` in the
header, a first part with one `Label: address` a line, a second one with the message itself.
Whoever is to judge the original must see through the wrapper, since it has another sender,
another subject line and no recipients at all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from detectors import mime, transfer
from detectors.mime import Node
from detectors.report import Envelope

MARK = b"x-ms-journal-report"
_LINE = re.compile(
    rb"^(sender|on-behalf-of|to|cc|bcc|recipient)[ \t]*:([^\r\n]*)", re.IGNORECASE | re.MULTILINE
)
_ADDRESS = re.compile(rb"[^\s<>,;:\"']{1,250}@[^\s<>,;:\"']{1,250}")
_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Journal:
    original: bytes
    envelope: Envelope


def opened(raw: bytes) -> Journal | None:
    """None where this is no journal report: a copy as it was sent."""
    nodes = mime.read(raw).nodes
    if not any(field.name == MARK for field in nodes[0].fields):
        return None
    text = next((n for n in nodes if n.path and n.media_type == "text/plain"), None)
    message = next((n for n in nodes if n.path and n.media_type == "message/rfc822"), None)
    if not text or not message or text.path >= message.path:
        return None
    return Journal(_content(raw, message), _envelope(_content(raw, text)))


def _content(raw: bytes, node: Node) -> bytes:
    return transfer.undo(raw[node.body.start : node.body.end], node.encoding).data


def _envelope(text: bytes) -> Envelope:
    """The first address of each line: behind a comma stands through which list it came."""
    sender, recipients = "", dict[str, None]()
    for label, value in _LINE.findall(text):
        found = _ADDRESS.search(value)
        address = found[0].decode("utf-8", "replace")[:254] if found else ""
        if label.lower() in (b"sender", b"on-behalf-of"):
            sender = sender or address
        elif address and len(recipients) < _MOST:
            recipients.setdefault(address)
    return Envelope(sender, tuple(recipients))
