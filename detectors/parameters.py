"""`value; name=value` fields (RFC 2045), with RFC 2231 continuations, and every file name in them.

The tokenizer never fails and never backtracks; what it had to guess is named as a defect.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from detectors import charset
from detectors.budget import Limits
from detectors.headers import text

_SHORT = 64
"""Octets of values that are remembered."""
_JIS = rb"\x1b\$[@B](?:[!-~]{2})*+\x1b\([BJ]"
"""ISO-2022-JP as old mailers write names: half of a character may be a quote or a semicolon, and
the escape behind it no comment."""
# Each alternative consumes what it begins, closed or not: linear on any input.
_TOKEN = re.compile(
    rb'(?P<quoted>"(?:%b|[^"\\]|\\.)*+(?P<closed>"?))|(?P<semi>;)|(?P<paren>\()'
    rb'|(?P<plain>(?:[^";(\x1b]++|%b|\x1b)++)' % (_JIS, _JIS),
    re.S,
)
_COMMENT = re.compile(rb'[()]|\\.|"(?:[^"\\]|\\.)*+"?', re.S)
_NAME = re.compile(rb"\s*([^\s=\"]*)\s*=\s*(.*)", re.S)
_SECTION = re.compile(rb"([^*]+)(?:\*(\d{1,3}))?(\*)?$")
_KIND = re.compile(rb"\.[A-Za-z0-9]{1,8}$")
_ESCAPED = re.compile(rb"\\(.)", re.S)
_EXTENDED = re.compile(rb"([^']*)'([^']*)'(.*)", re.S)


class Parameter(NamedTuple):
    """One parameter as it is written: `name` lower case with its RFC 2231 marks taken off."""

    name: str
    value: bytes
    quoted: bool = False
    section: int = -1
    """Of a continuation, counted from 0; -1 where there is none."""
    extended: bool = False
    """Percent-encoded with a charset: `name*=utf-8''%E8`."""


class Structured(NamedTuple):
    """A field such as Content-Type: its value, lower case, and its parameters in order."""

    value: str = ""
    parameters: tuple[Parameter, ...] = ()
    defects: tuple[str, ...] = ()

    def all(self, name: str) -> tuple[Parameter, ...]:
        return tuple(p for p in self.parameters if p.name == name)

    def first(self, name: str) -> str:
        """The plain value of the first such parameter, "" where there is none."""
        for parameter in self.parameters:
            if parameter.name == name:
                value = parameter.value
                if parameter.extended and (found := _EXTENDED.match(value)):
                    value = found[3]
                return value.decode("latin-1").strip()
        return ""


def read(value: bytes, limits: Limits) -> Structured:
    """Read an unfolded value: what stands before the first ";", and the parameters after it."""
    return (_read_before if len(value) <= _SHORT else _read)(value, limits.params)


def _read(value: bytes, most: int) -> Structured:
    pieces, defects = _split(value)
    if len(pieces) > most + 1:
        defects.add("params_limit")
    parameters = []
    for raw, quoted in pieces[1 : most + 1]:
        if parameter := _parameter(raw, quoted):
            parameters.append(parameter)
        elif raw.strip():
            defects.add("parameter_junk")
    if b"\x1b$" in value:
        parameters += _otherwise(value, most, parameters)
    main = pieces[0][0].decode("latin-1").strip().strip('"').lower()
    return Structured(main, tuple(parameters), tuple(sorted(defects)))


def _otherwise(value: bytes, most: int, known: list[Parameter]) -> list[Parameter]:
    """Names of files that who knows no escapes reads in it: what is no name to him says no kind."""
    read = _read(value.replace(b"\x1b", b"_"), most).parameters
    others = (each for each in read if each not in known and each.name in ("name", "filename"))
    return [each for each in others if _KIND.search(each.value)]


_read_before = lru_cache(maxsize=256)(_read)
"""The same few types and encodings stand in all mails; what they say depends on nothing else."""


def _split(value: bytes) -> tuple[list[tuple[bytes, bool]], set[str]]:
    """Cut at semicolons outside quotes and comments; comments are dropped, and named."""
    if b'"' not in value and b"(" not in value:
        return [(piece, False) for piece in value.split(b";")], set()
    pieces: list[tuple[bytes, bool]] = []
    defects: set[str] = set()
    current: list[bytes] = []
    quoted, at = False, 0
    while token := _TOKEN.match(value, at):
        at, kind = token.end(), token.lastgroup
        if kind == "paren":
            defects.add("comment")
            at = _after_comment(value, at)
        elif kind == "semi":
            pieces.append((b"".join(current), quoted))
            current, quoted = [], False
        else:
            current.append(token[0])
            if kind == "quoted":
                quoted = True
                if not token["closed"]:
                    defects.add("unclosed_quote")
    pieces.append((b"".join(current), quoted))
    return pieces, defects


def _after_comment(value: bytes, at: int) -> int:
    depth = 1
    while depth and (found := _COMMENT.search(value, at)):
        at = found.end()
        depth += {b"(": 1, b")": -1}.get(found[0], 0)
    return at if not depth else len(value)


def _parameter(raw: bytes, quoted: bool) -> Parameter | None:
    found = _NAME.match(raw)
    if not found or not found[1]:
        return None
    value = found[2].strip()
    if quoted and value.startswith(b'"'):
        inside = value[1:-1] if len(value) > 1 and value.endswith(b'"') else value[1:]
        value = _unescape(inside)
    section = _SECTION.match(found[1])
    if not section:
        return Parameter(found[1].decode("latin-1").lower(), value, quoted)
    return Parameter(
        section[1].decode("latin-1").lower(),
        value,
        quoted,
        int(section[2]) if section[2] else -1,
        bool(section[3]),
    )


def _unescape(value: bytes) -> bytes:
    """Take quoting backslashes off, but not those that are the second octet of a CP932 character
    (表 is 0x95 0x5C), which old mailers left unquoted."""
    if b"\\" not in value:
        return value
    if not value.isascii():
        try:
            value.decode("cp932")
            return value
        except UnicodeDecodeError:
            pass
    return _ESCAPED.sub(rb"\1", value)


def names(disposition: Structured, content_type: Structured, limits: Limits) -> tuple[str, ...]:
    """Every file name some reader may show, the likeliest first: `filename*`, `filename`, `name*`,
    `name`, each with encoded words undone as Japanese mailers write them in quotes.

    A decision never rests on one of them alone: a set of 176 mails with hidden names is published.
    """
    found: dict[str, None] = {}
    for field, name in ((disposition, "filename"), (content_type, "name")):
        given = field.all(name)
        for candidate in _candidates(given, limits) if given else ():
            if clean := candidate.strip().strip("\0"):
                found.setdefault(clean[:1_000])
    return tuple(found)


def _candidates(parameters: tuple[Parameter, ...], limits: Limits) -> Iterator[str]:
    sections = sorted((p for p in parameters if p.section >= 0), key=lambda p: p.section)
    yield from (_extended(p.value) for p in parameters if p.extended and p.section < 0)
    if sections:
        yield _joined(sections)
    for parameter in parameters:
        if parameter.extended or parameter.section >= 0:
            continue
        plain = text(parameter.value, limits)
        yield plain
        if "=?" in plain and (twice := text(plain.encode(), limits)) != plain:
            yield twice
        if "%" in plain and (unquoted := unquote_to_bytes(parameter.value)) != parameter.value:
            yield charset.decode(unquoted)[0]


def _extended(value: bytes) -> str:
    found = _EXTENDED.match(value)
    label, octets = (found[1].decode("latin-1"), found[3]) if found else ("", value)
    return charset.decode(unquote_to_bytes(octets), label)[0]


def _joined(sections: list[Parameter]) -> str:
    """RFC 2231 section 4.1: the charset stands in section 0 only, sections are joined as octets
    so that a character may be cut between two."""
    label, octets = "", []
    for parameter in sections:
        value = parameter.value
        if parameter.extended:
            if parameter.section == 0 and (found := _EXTENDED.match(value)):
                label, value = found[1].decode("latin-1"), found[3]
            value = unquote_to_bytes(value)
        octets.append(value)
    return text(charset.decode(b"".join(octets), label)[0].encode(), Limits())
