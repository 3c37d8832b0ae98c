"""The readable body of a mail, and the names of its files, unmasked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from detectors import charset, extract, mime, transfer
from detectors.budget import Budget, Limits
from detectors.clear import Clear
from detectors.facts.roles import is_attachment
from detectors.mime import Node
from detectors.surface import Source, Spot, Surface, Table, Text

LONGEST = 1_000_000
"""Characters of the body; what is longer is read in the message itself."""


def read(raw: bytes, limits: Limits) -> Clear:
    """The readable body of a message, HTML as text where there is no plain text of it."""
    nodes = mime.read(raw, limits).nodes
    body = "\n\n".join(filter(None, (_text(raw, node, limits) for node in _shown(nodes))))
    return Clear(
        body[:LONGEST],
        len(body) > LONGEST,
        {node.path: node.names[0] for node in nodes if node.names},
    )


def _shown(nodes: Iterable[Node]) -> Iterator[Node]:
    """The texts that a reader shows one below the other; of an alternative the plain one."""
    types = {node.path: node.media_type for node in nodes}
    texts = [
        node
        for node in nodes
        if node.media_type in ("text/plain", "text/html")
        and not (node.container or node.enclosed or is_attachment(node))
    ]
    chosen = {
        parent
        for node in texts
        if node.path
        and node.media_type == "text/plain"
        and types.get(parent := node.path.rpartition(".")[0]) == "multipart/alternative"
    }
    for node in texts:
        if node.media_type == "text/plain" or not any(_within(node.path, p) for p in chosen):
            yield node


def _within(path: str, outer: str) -> bool:
    return not outer or path.startswith(outer + ".")


def _text(raw: bytes, node: Node, limits: Limits) -> str:
    data = transfer.undo(raw[node.body.start : node.body.end], node.encoding).data
    label = node.content_type.first("charset")
    if node.media_type == "text/plain":
        return charset.decode(data, label)[0]
    source = Source(Spot(node.path), "", data, node.media_type, label)
    return "\n".join(_words(extract.read(source, Budget(limits)))).strip()


def _words(surfaces: Iterable[Surface]) -> Iterator[str]:
    for surface in surfaces:
        if isinstance(surface, Table):
            yield from ("\t".join(row) for row in surface.rows)
        elif isinstance(surface, Text) and not surface.spot.hidden:
            yield surface.text
