"""The fields of a header as octets: one splitter for all who cut in it, sign it or look for proof.

Two that split in their own ways are how a proof is read in one place and taken out of another.
The strict reader of `detectors.mime` judges mail; this one finds places in what was judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from detectors.report import Span

_FIELD = re.compile(
    rb"^([!-9;-~]+)[ \t]*:([^\r\n]*(?:\r\n[ \t][^\r\n]*)*)(?:\r\n|\Z)", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    """Lower case."""
    span: Span
    """Into the block, the line end included."""
    value: bytes
    """As it stands behind the colon, folded, without the last line end."""


def each(block: bytes) -> Iterator[Field]:
    """The fields of a header block, in order; lines that are no field are passed over.

    >>> [(field.name, field.value) for field in each(b"A: 1\\r\\nno field\\r\\nx-b : 2\\r\\n\\t3")]
    [('a', b' 1'), ('x-b', b' 2\\r\\n\\t3')]
    """
    for found in _FIELD.finditer(block):
        yield Field(found[1].decode("ascii").lower(), Span(*found.span()), found[2])


def block_of(raw: bytes) -> Span:
    """The fields of a message (or part) without the empty line that ends them."""
    if raw.startswith(b"\r\n"):
        return Span(0, 0)
    end = raw.find(b"\r\n\r\n")
    return Span(0, len(raw) if end < 0 else end + 2)


def without(block: bytes, name: str) -> bytes:
    """The block without the fields of this name.

    >>> without(b"A: 1\\r\\nx-b : 2\\r\\n\\t3\\r\\nC: 4\\r\\n", "X-B")
    b'A: 1\\r\\nC: 4\\r\\n'
    """
    kept, at = [], 0
    for field in each(block):
        if field.name == name.lower():
            kept.append(block[at : field.span.start])
            at = field.span.end
    return b"".join(kept) + block[at:]
