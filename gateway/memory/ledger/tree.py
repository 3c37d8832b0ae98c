"""The Merkle tree of RFC 6962 §2, kept as its right edge, so that appending is O(log n)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

EMPTY = hashlib.sha256(b"").digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class Edge:
    """Roots of the complete subtrees of a tree of `size` leaves, largest first."""

    def __init__(self, size: int = 0, roots: Iterable[bytes] = ()) -> None:
        self.size = size
        self.roots = list(roots)
        if len(self.roots) != size.bit_count():
            raise ValueError(f"a tree of {size} leaves has {size.bit_count()} complete subtrees")

    def add(self, leaf: bytes) -> None:
        """As a binary counter: two subtrees of one size become one."""
        carry, size = leaf, self.size
        while size & 1:
            carry = node_hash(self.roots.pop(), carry)
            size >>= 1
        self.roots.append(carry)
        self.size += 1

    def root(self) -> bytes:
        """
        >>> Edge().root() == EMPTY
        True
        """
        if not self.roots:
            return EMPTY
        root, *rest = reversed(self.roots)
        for left in rest:
            root = node_hash(left, root)
        return root

    def to_bytes(self) -> bytes:
        return b"".join(self.roots)

    @classmethod
    def from_bytes(cls, size: int, data: bytes) -> Edge:
        return cls(size, (data[i : i + 32] for i in range(0, len(data), 32)))
