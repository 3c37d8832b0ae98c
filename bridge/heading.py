"""Surgery on the header: who is named in it, and how the subject begins. No octet of any other
field is touched, and none of the body: what is signed or encrypted in there stays good.

What is kept of an address field is kept as it was written. A piece of it that cannot be read as
addresses that may stay, all of them, goes: an address that remained would be shown to everybody.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator

from bridge.fields import field_line, fields, unstructured
from bridge.inlay import Edit, apply
from detectors.budget import Limits
from detectors.fieldlines import Field, block_of, each
from detectors.headers import mailboxes, text

NOBODY = b"undisclosed-recipients:;"
"""RFC 5322 section 3.4: an empty group, for a mail that names none of its recipients."""
NAMING = frozenset(
    "to cc bcc resent-to resent-cc resent-bcc apparently-to x-original-to delivered-to "
    "envelope-to x-envelope-to".split()
)
_ESCAPED = re.compile(rb"\x1b\([BJ]|\x1b.*?(?:\x1b\([BJ]|(?=[\r\n])|\Z)", re.DOTALL)
_TOKEN = re.compile(
    rb'(?P<quoted>"(?:[^"\\]|\\.)*")|(?P<angle><[^>]*>)|(?P<paren>[()])|(?P<stop>[,;])'
    rb"|(?P<group>:)|\\.|[^\"<(),;:\\]+|.",
    re.DOTALL,
)


def unnamed(raw: bytes, stays: Callable[[str], bool], instead: bytes = NOBODY) -> bytes:
    """The message without the addresses that may not stay; a To that loses all has `instead`.

    Raises CannotSplice where a line of the header is no field.
    """
    block = raw[: block_of(raw).end]
    edits = [edit for f in fields(block) if (edit := _thinned(block, f, stays))]
    if not edits:
        return raw
    out = apply(raw, edits)
    if any(field.name == "to" for field in each(out[: block_of(out).end])):
        return out
    at = next((f.span.start for f in each(block) if f.name in ("to", "cc")), len(block))
    return apply(raw, [Edit(at, at, field_line("To", instead)), *edits])


def without(raw: bytes, names: Collection[str]) -> bytes:
    """The message without these fields (lower case), each as often as it is there."""
    block = raw[: block_of(raw).end]
    spans = [field.span for field in each(block) if field.name in names]
    return apply(raw, [Edit(span.start, span.end) for span in spans]) if spans else raw


def copied(raw: bytes, addresses: tuple[str, ...]) -> bytes:
    """Named in Cc as well, where neither To nor Cc names them yet."""
    block = raw[: block_of(raw).end]
    named = {a for f in each(block) if f.name in ("to", "cc") for a in _addresses(f.value)}
    new = b",\r\n ".join(f"<{a}>".encode("ascii") for a in addresses if a.lower() not in named)
    if not new:
        return raw
    found = next((f for f in fields(block) if f.name == "cc"), None)
    if found is None:
        return apply(raw, [Edit(len(block), len(block), field_line("Cc", new))])
    before = found.value.rstrip(b" \t\r\n,")
    line = block[found.span.start : found.span.end].partition(b":")[0] + b":" + before
    line += (b",\r\n " if before.strip() else b" ") + new + b"\r\n"
    return apply(raw, [Edit(found.span.start, found.span.end, line)])


def marked(raw: bytes, mark: str) -> bytes:
    """With `mark` before the subject; an answer to a marked mail is not marked twice."""
    block = raw[: block_of(raw).end]
    found = next((f for f in fields(block) if f.name == "subject"), None)
    coded = unstructured("Subject", mark)
    if found is None:
        return apply(raw, [Edit(len(block), len(block), field_line("Subject", coded))])
    if mark in text(found.value, Limits()):
        return raw
    name = block[found.span.start : found.span.end].partition(b":")[0]
    rest = found.value.rstrip(b" \t\r\n")
    if rest:
        # in a line of its own: neither grows longer than its writer made it
        rest = rest if rest.startswith(b"\r\n") else b"\r\n " + rest.lstrip(b" \t")
    return apply(
        raw, [Edit(found.span.start, found.span.end, name + b": " + coded + rest + b"\r\n")]
    )


def broken(before: bytes, after: bytes) -> tuple[str, ...]:
    """Domains whose DKIM signature fitted `before` as it stands and cannot fit `after`."""
    old, new = before[: block_of(before).end], after[: block_of(after).end]
    same_body = before[len(old) :] == after[len(new) :]
    lost = set()
    for field in each(old):
        if field.name == "dkim-signature":
            tags = dict(
                re.findall(r"(?:^|;)\s*([a-z]+)\s*=\s*([^;]*)", field.value.decode("latin-1"))
            )
            names = {re.sub(r"\s", "", name).lower() for name in tags.get("h", "").split(":")}
            if not same_body or _said(old, names) != _said(new, names):
                lost.add(tags.get("d", "").strip().lower()[:253])
    return tuple(sorted(lost))


def _said(block: bytes, names: set[str]) -> list[tuple[str, bytes]]:
    return [(field.name, field.value) for field in each(block) if field.name in names]


def _thinned(block: bytes, field: Field, stays: Callable[[str], bool]) -> Edit | None:
    """None where everybody in it may stay, and where it names nobody."""
    if field.name not in NAMING or not field.value.strip():
        return None
    pieces = list(_pieces(field.value))
    kept = [piece for piece in pieces if _may_stay(piece, stays)]
    everybody = len(kept) == len(pieces)
    left = field.value if everybody else b",".join(kept)
    if not _may_stay(left, stays):  # a quote without an end makes one address of two pieces
        return Edit(field.span.start, field.span.end)
    if everybody:
        return None
    name = block[field.span.start : field.span.end].partition(b":")[0]
    return Edit(field.span.start, field.span.end, name + b":" + left + b"\r\n")


def _may_stay(piece: bytes, stays: Callable[[str], bool]) -> bool:
    found = _addresses(piece)
    return bool(found) and all(map(stays, found))


def _addresses(value: bytes) -> tuple[str, ...]:
    limits = Limits()
    if len(value) > limits.header:
        return ("",)  # what lies behind the limit is not known, so none of it stays
    return tuple(box.address.lower() for box in mailboxes(value, limits))


def _pieces(value: bytes) -> Iterator[bytes]:
    """Cut at the commas between mailboxes; a value with a group in it is one piece."""
    plain = _ESCAPED.sub(lambda run: b"x" * len(run[0]), value)
    stops, depth = [], 0
    for token in _TOKEN.finditer(plain):
        if token["paren"]:
            depth = depth + 1 if token[0] == b"(" else max(0, depth - 1)
        elif depth:
            continue
        elif token["group"]:
            yield value
            return
        elif token["stop"]:
            stops.append(token.start())
    at = 0
    for stop in (*stops, len(value)):
        if value[at:stop].strip():
            yield value[at:stop].rstrip(b" \t\r\n")
        at = stop + 1
