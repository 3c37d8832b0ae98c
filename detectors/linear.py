"""Expressions in linear time over octets (RE2): as fast as memory where there is nothing to find.

For what is looked for in every octet of every mail. It knows no look-around, and offsets are those
of octets; where either is needed, or where texts are short, `re` stays the tool.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Protocol, cast

import re2

_MEMORY = 64 << 20
"""For states, at most; when it is used up they are made again, which is slow but never wrong."""


_LONG = 1 << 17
"""Octets in which to find something takes longer than to make an expression of it."""
_NEAR = 256
"""Octets in which the next one is looked for first: what stands close together costs RE2 twenty
times as much each."""


class Match(Protocol):
    def start(self) -> int: ...
    def end(self) -> int: ...


class Expression(Protocol):
    def search(self, data: bytes, pos: int = 0, endpos: int = ...) -> Match | None: ...
    def match(self, data: bytes, pos: int = 0, endpos: int = ...) -> Match | None: ...
    def finditer(self, data: bytes, pos: int = 0, endpos: int = ...) -> Iterator[Match]: ...


def octets(pattern: bytes) -> Expression:
    """Over octets as they are.

    >>> octets(rb"\\xff[0-9]").search(b"a\\xff1").start()
    1
    """
    return _compiled(pattern, re2.Options.Encoding.LATIN1)


def utf8(pattern: str) -> Expression:
    """Over the octets of UTF-8; what is no UTF-8 is not matched."""
    return _compiled(pattern, re2.Options.Encoding.UTF8)


def finder(needle: bytes, data: bytes) -> Callable[[int, int], int]:
    """`data.find` of a needle, from one place up to another; in long data a tenth of its time.

    >>> finder(b"ab", b"abab")(1, 4)
    2
    """
    if len(data) < _LONG:
        return partial(data.find, needle)
    search = octets(re2.escape(needle)).search

    def find(start: int, end: int) -> int:
        near = data.find(needle, start, min(start + _NEAR, end))
        if near >= 0:
            return near
        found = search(data, start, end)
        return found.start() if found else -1

    return find


def _compiled(pattern: str | bytes, encoding: Any) -> Expression:
    options = re2.Options()
    options.encoding, options.max_mem, options.log_errors = encoding, _MEMORY, False
    return cast(Expression, re2.compile(pattern, options))
