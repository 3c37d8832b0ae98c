"""Header fields: cut out and put in by offset, and our own ones written (RFC 5322, 2047, 2231).

Nothing here decodes what others wrote. A field that is ours is refused with ValueError when it
holds CR, LF or NUL: one of them in a name typed on a page would be a header of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from email.header import Header
from urllib.parse import quote

from bridge.inlay import CannotSplice, Edit, apply
from detectors.fieldlines import Field, block_of, each
from detectors.report import Mailbox, Span

_FOLD = re.compile(rb"\r\n[ \t]+(?=[^ \t\r\n])")
_NAME = re.compile(r"[!-9;-~]+")
_ADDRESS = re.compile(
    r"""(?:[!#-'*+\-./0-9=?A-Z^-~]+|"(?:[ !#-\[\]-~]|\\[ -~])*")@[A-Za-z0-9\-.\[\]:]+"""
)
"""Dots may stand anywhere in the local part: mobile carriers gave out such addresses."""


def fields(block: bytes) -> list[Field]:
    """The fields of a header block, in order. Raises CannotSplice where a line is no field."""
    found, at = list(each(block)), 0
    for field in found:
        if field.span.start != at:
            raise CannotSplice("header")
        at = field.span.end
    if at != len(block):
        raise CannotSplice("header")
    return found


def replace_header(raw: bytes, name: str, value: bytes) -> bytes:
    """Put one field `name` in the place of the first one there; all others of it go.

    Without one it is added as the last field. `value` is ready for the wire and may be folded.
    """
    end = block_of(raw).end
    return rewrite(raw[:end], lambda n: n == name.lower(), field_line(name, value)) + raw[end:]


def remove_header(raw: bytes, name: str) -> bytes:
    """Remove every field `name`."""
    block = block_of(raw)
    return remove_fields(raw, (f.span for f in fields(raw[: block.end]) if f.name == name.lower()))


def remove_fields(raw: bytes, spans: Iterable[Span]) -> bytes:
    """Remove fields by their offsets, which must lie in the header and be whole fields."""
    edits = [Edit(span.start, span.end) for span in spans]
    whole = {f.span for f in fields(raw[: block_of(raw).end])}
    if any(Span(edit.start, edit.end) not in whole for edit in edits):
        raise CannotSplice("offsets")
    return apply(raw, edits)


def rewrite(block: bytes, goes: Callable[[str], bool], instead: bytes) -> bytes:
    """Remove the fields whose (lower case) name `goes`; `instead` takes the place of the first."""
    if block and not block.endswith(b"\r\n"):
        block += b"\r\n"
    spans = [field.span for field in fields(block) if goes(field.name)]
    at = spans[0].start if spans else len(block)
    return apply(block, [Edit(at, at, instead), *(Edit(s.start, s.end) for s in spans)])


def text_header(*params: bytes) -> bytes:
    """Content-Type and Content-Transfer-Encoding of a text part that we write: UTF-8, base64."""
    value = b"; ".join((b"text/plain", b"charset=utf-8", *params))
    return b"Content-Type: " + value + b"\r\nContent-Transfer-Encoding: base64\r\n"


def field_line(name: str, value: bytes) -> bytes:
    """ "Name: value" with its line end."""
    if not _NAME.fullmatch(name):
        raise ValueError("not a header field name")
    if re.search(rb"[\r\n\0]", _FOLD.sub(b" ", value)):
        raise ValueError(f"{name}: line break or NUL in a header field")
    return name.encode("ascii") + b": " + value + b"\r\n"


def unstructured(name: str, text: str) -> bytes:
    """The value of a field of free text (Subject), as encoded words where it is not ASCII."""
    _plain(name, text)
    # An ASCII text that looks like an encoded word must be encoded, or it would be read as one.
    charset = "us-ascii" if text.isascii() and "=?" not in text else "utf-8"
    header = Header(text, charset, header_name=name, maxlinelen=76)
    return header.encode(linesep="\r\n").encode("ascii")


def mailboxes(name: str, people: Iterable[Mailbox]) -> bytes:
    """The value of an address field, one mailbox a line."""
    return b",\r\n ".join(_mailbox(name, person) for person in people)


def parameter(name: str, value: str) -> bytes:
    """`; name="value"`, or as RFC 2231 where the value is not plain ASCII."""
    _plain(name, value)
    if value.isascii() and value.isprintable() and not set(value) & {'"', "\\"}:
        return f'; {name}="{value}"'.encode("ascii")
    return f";\r\n {name}*=utf-8''{quote(value, safe='')}".encode("ascii")


def _mailbox(field: str, person: Mailbox) -> bytes:
    _plain(field, person.name)
    if not _ADDRESS.fullmatch(person.address):
        raise ValueError(f"{field}: not an address that can be written")
    address = b"<" + person.address.encode("ascii") + b">"
    if not person.name:
        return address
    if person.name.isascii() and "=?" not in person.name:
        quoted = person.name.replace("\\", "\\\\").replace('"', '\\"')
        return b'"' + quoted.encode("ascii") + b'" ' + address
    return unstructured(field, person.name) + b"\r\n " + address


def _plain(name: str, text: str) -> None:
    if any(c in text for c in "\r\n\0"):
        raise ValueError(f"{name}: line break or NUL in a header field")
