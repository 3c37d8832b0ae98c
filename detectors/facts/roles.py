"""What a part is for: a file that is handed over, a mail inside the mail, or neither."""

from __future__ import annotations

import re

from detectors.mime import Node
from detectors.surface import Source

_MAIL_TYPES = ("message/rfc822", "message/global")
_MAIL_NAMES = (".eml", ".mht", ".mhtml")
_MBOX = re.compile(rb"^From [^\r\n]+\r?\n(?=[!-9;-~]+:)", re.M)
SIGNATURES = frozenset(
    {
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "application/pgp-signature",
    }
)


def is_attachment(node: Node) -> bool:
    """Whether a person sees it as an attached file (`report.Part.attachment`)."""
    kind = node.media_type
    if node.enclosed or kind in SIGNATURES or kind == "application/pgp-encrypted":
        return False
    if kind.startswith("multipart/"):
        return False
    if node.disposition.value == "attachment" or kind in _MAIL_TYPES:
        return True
    if kind.startswith("image/") and node.value(b"content-id"):
        return False
    return bool(node.names) or not kind.startswith(("text/", "message/"))


def is_mail(source: Source, kind: str) -> bool:
    """By its octets; by type or name only where they say nothing else."""
    if kind in ("eml", "mbox"):
        return not source.media_type.startswith("text/")
    named = source.media_type in _MAIL_TYPES or source.name.lower().endswith(_MAIL_NAMES)
    return named and kind in ("", "txt", "csv")


def messages(data: bytes) -> list[bytes]:
    """The messages of an mbox file, or the one that it is."""
    starts = [found.start() for found in _MBOX.finditer(data)]
    if not starts or starts[0] > 0:
        return [data]
    return [data[start:end] for start, end in zip(starts, [*starts[1:], len(data)], strict=True)]
