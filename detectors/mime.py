"""The tree of a mail, read strictly and once, with the octets that every part stands on.

One parser, one verdict: sealing cuts at the offsets recorded here, and no other parser ever reads
the message. Where readers differ, the reading that shows most is taken and the place is named
(`detectors.defects`). Never raises; time is linear in the size of the mail times its nesting.

A boundary of an outer multipart ends all that stands inside it (RFC 2046 section 5.1.2), so the
tree is cut from the outside in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from detectors import linear, parameters, transfer
from detectors.budget import Limits
from detectors.defects import defect
from detectors.headers import Field, unfold
from detectors.parameters import Structured
from detectors.report import Defect, Span

_BLANK_LINES = re.compile(rb"[ \t\r\n]++")
_BLANK_LINE = re.compile(rb"\n\r?\n")
_FIELD = re.compile(rb"([!-9;-~]+)([ \t]*):([^\n]*+(?:\n[ \t][^\n]*+)*+)\n?")
_LINE = re.compile(rb"[^\n]*+(?:\n[ \t][^\n]*+)*+\n?")
# ESC, SO and SI are how raw ISO-2022-JP is written.
_CONTROLS = bytes((*range(9), 11, 12, *range(16, 27), *range(28, 32), 127))
_CONTROL = re.compile(b"[%s]" % re.escape(_CONTROLS))
_BLANK_FOLD = re.compile(rb"\n[ \t]++\r?\n")
_BARE_CR = re.compile(rb"\r(?!\n)")
_BARE_LF = re.compile(rb"\n(?<!\r\n)(?![ \t])")
"""Before a blank it folds the line, which is one field to every reader."""
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+$")
_ENCODED = re.compile(rb"\x1b|=\?[^?\s]+\?[bq]\?[^?]*\?=", re.I)
_GLUED_COMMENT = re.compile(rb"[^\s;(]\(|\)[^\s;)]")
_LOOKS_LIKE_PART = re.compile(rb"^content-[a-z-]+[ \t]*:", re.M | re.I)
_BLANKS = b" \t\r"
_SINGLE = {
    b"content-type": "duplicate_content_type",
    b"content-transfer-encoding": "duplicate_content_transfer_encoding",
    b"content-disposition": "duplicate_content_disposition",
}
_INCOMPLETE = {"message/partial": "partial_message", "message/external-body": "external_body"}


class Node(NamedTuple):
    """One part; `report.Part` is what is kept of it."""

    path: str
    header: Span
    """Without the empty line that ends it; directly after the delimiter line."""
    body: Span
    """Without the line end that belongs to the next delimiter."""
    fields: tuple[Field, ...] = ()
    media_type: str = "text/plain"
    content_type: Structured = Structured()
    disposition: Structured = Structured()
    encoding: str = "7bit"
    names: tuple[str, ...] = ()
    """Every file name that some reader may show, the likeliest first."""
    loose: tuple[Span, ...] = ()
    """What stands in a multipart outside of its parts: preamble, epilogue."""
    container: bool = False
    """Its content is in other nodes: a multipart, or an attached message that was read."""
    enclosed: bool = False
    """Stands inside an attached message."""

    def value(self, name: bytes) -> bytes:
        """The first field of this name, unfolded; empty where there is none."""
        for one in self.fields:
            if one.name == name:
                return unfold(one.value)
        return b""


@dataclass(frozen=True, slots=True)
class Tree:
    nodes: tuple[Node, ...]
    """In the order of their paths; the message itself is the first, and is always there."""
    defects: tuple[Defect, ...]


def read(raw: bytes, limits: Limits | None = None) -> Tree:
    """
    >>> read(b"Subject: a\\r\\n\\r\\nb\\r\\n").nodes[0].body
    Span(start=14, end=17)
    """
    reader = _Reader(raw, limits or Limits())
    reader.entity(_Place("", 0, len(raw)))
    return Tree(tuple(reader.nodes), tuple(reader.defects))


class _Place(NamedTuple):
    """Where an entity is to be read."""

    path: str
    start: int
    end: int
    default: str = "text/plain"
    boundaries: tuple[bytes, ...] = ()
    """Of the multiparts around it."""
    level: int = 0
    enclosed: bool = False

    def child(self, number: int, start: int, end: int, default: str, boundary: bytes) -> _Place:
        path = f"{self.path}.{number}" if self.path else str(number)
        boundaries = (*self.boundaries, boundary)
        return _Place(path, start, end, default, boundaries, self.level + 1, self.enclosed)


class _Reader:
    def __init__(self, raw: bytes, limits: Limits) -> None:
        self.raw = raw
        self.limits = limits
        self.nodes: list[Node] = []
        self.defects: list[Defect] = []
        self.crlf = b"\r\n" in raw
        """A file that has LF only is a mail saved on Unix, not an attack."""

    def note(self, code: str, path: str, offset: int) -> None:
        if not any(d.code == code and d.part == path for d in self.defects[-20:]):
            self.defects.append(defect(code, path, offset))

    def entity(self, place: _Place) -> None:
        """Read header and body at `place`, append its node, and go on to what is inside."""
        header, body = self._halves(place)
        fields = self._fields(place, header)
        node = self._describe(place, header, body, fields)
        if node.media_type.startswith("multipart/"):
            self._multipart(place, node)
        elif node.media_type in ("message/rfc822", "message/global"):
            self._message(place, node)
        else:
            if code := _INCOMPLETE.get(node.media_type):
                self.note(code, place.path, header.start)
            self.nodes.append(node)

    def _halves(self, place: _Place) -> tuple[Span, Span]:
        raw, start, end = self.raw, place.start, place.end
        for empty in (b"\r\n", b"\n"):
            if raw.startswith(empty, start, end):
                self._check_empty(place, start)
                return Span(start, start), Span(start + len(empty), end)
        if found := _BLANK_LINE.search(raw, start, end):
            return Span(start, found.start() + 1), Span(found.end(), end)
        return Span(start, end), Span(end, end)

    def _check_empty(self, place: _Place, start: int) -> None:
        """Some readers pass over empty lines ahead of a header (in a digest one belongs there)."""
        found = _BLANK_LINES.match(self.raw, start, place.end)
        ahead = found.end() if found else start
        most = min(place.end, ahead + self.limits.header_block)
        end = _BLANK_LINE.search(self.raw, ahead, most)
        block = ahead, end.start() if end else most
        if place.default == "text/plain" and _LOOKS_LIKE_PART.search(self.raw, *block):
            self.note("leading_blank", place.path, start)

    def _fields(self, place: _Place, header: Span) -> tuple[Field, ...]:
        raw, at, end = self.raw, header.start, header.end
        if end - at > self.limits.header_block:
            self.note("header_block_limit", place.path, at)
            end = at + self.limits.header_block
        # With the empty line, which is one of its own only if both its ends are CRLF.
        self._check_block(place.path, at, min(end + 2, place.end))
        large = self._is_large(at, end)
        fields: list[Field] = []
        while at < end:
            if len(fields) >= self.limits.headers:
                self.note("headers_limit", place.path, at)
                break
            found = _FIELD.match(raw, at, end)
            if found:
                name, blanks, value = found.groups()
                fields.append(Field(name.lower(), value, at))
                if blanks or large:
                    self._check_field(place.path, fields[-1], bool(blanks))
            else:
                found = _LINE.match(raw, at, end)
                assert found  # matches anything, even nothing
                self._junk(place.path, found[0], at, not fields)
                fields.append(Field(b"", found[0], at))
            at = found.end()
        return tuple(fields)

    def _junk(self, path: str, line: bytes, at: int, first: bool) -> None:
        if first and line.startswith((b"From ", b">From ")):
            self.note("mbox_line", path, at)
        else:
            self.note("leading_blank" if line[:1] in (b" ", b"\t") else "header_junk", path, at)

    def _is_large(self, at: int, end: int) -> bool:
        """Whether a field in there may be over its limits."""
        words = self.raw.count(b"=?", at, end)
        return end - at > self.limits.header or words > self.limits.encoded_words

    def _check_block(self, path: str, at: int, end: int) -> None:
        raw = self.raw
        if _is_plain(raw[at:end]):
            return
        if found := _CONTROL.search(raw, at, end):
            self.note("control_character", path, found.start())
        if found := _BLANK_FOLD.search(raw, at, end):
            self.note("blank_fold", path, found.start())
        if found := _BARE_CR.search(raw, at, end):
            self.note("bare_cr", path, found.start())
        if self.crlf and (found := _BARE_LF.search(raw, at, end)):
            self.note("bare_lf", path, found.start())

    def _check_field(self, path: str, field: Field, spaced: bool) -> None:
        if spaced:
            telling = field.name.startswith(b"content-")
            code = "space_before_colon" if telling else "space_before_other_colon"
            self.note(code, path, field.offset)
        if len(field.value) > self.limits.header:
            self.note("header_limit", path, field.offset)
        if field.value.count(b"=?") > self.limits.encoded_words:
            self.note("encoded_words_limit", path, field.offset)

    def _describe(self, place: _Place, header: Span, body: Span, fields: tuple[Field, ...]) -> Node:
        single = self._singles(place.path, fields)
        content_type = self._content_type(place, single.get(b"content-type"))
        disposition = self._structured(place.path, single.get(b"content-disposition"))
        if "comment" in disposition.defects:
            self.note("comment_in_disposition", place.path, header.start)
        media_type = content_type.value if _TYPE.match(content_type.value) else "text/plain"
        names = parameters.names(disposition, content_type, self.limits)
        self._check_names(place.path, header.start, names)
        encoding = self._encoding(place.path, single.get(b"content-transfer-encoding"))
        return Node(
            place.path,
            header,
            body,
            fields,
            media_type,
            content_type,
            disposition,
            encoding,
            names,
            enclosed=place.enclosed,
        )

    def _singles(self, path: str, fields: tuple[Field, ...]) -> dict[bytes, Field]:
        """The fields that must stand once, the first of each."""
        found: dict[bytes, Field] = {}
        for one in fields:
            if one.name in _SINGLE:
                first = found.setdefault(one.name, one)
                if first is not one:
                    same = unfold(first.value).lower() == unfold(one.value).lower()
                    code = "same_field_twice" if same else _SINGLE[one.name]
                    self.note(code, path, one.offset)
        return found

    def _structured(self, path: str, field: Field | None) -> Structured:
        if field is None:
            return Structured()
        found = parameters.read(unfold(field.value[: self.limits.header]), self.limits)
        if "params_limit" in found.defects:
            self.note("params_limit", path, field.offset)
        return found

    def _content_type(self, place: _Place, field: Field | None) -> Structured:
        if field is None:
            return Structured(place.default)
        path, at = place.path, field.offset
        found = self._structured(path, field)
        multipart = found.value.startswith("multipart")
        if not _TYPE.match(found.value):
            tree = "multipart" in found.value or "message" in found.value
            self.note("tree_type_invalid" if tree else "type_invalid", path, at)
        if "comment" in found.defects:
            self.note("comment_in_type" if _is_in_the_way(found, field) else "comment", path, at)
        if "=?" in found.value or (multipart and _ENCODED.search(field.value)):
            self.note("encoded_word_in_type", path, at)
        if "unclosed_quote" in found.defects:
            self.note("unclosed_quote", path, at)
        if "parameter_junk" in found.defects:
            self.note("multipart_parameter_junk" if multipart else "parameter_junk", path, at)
        if not multipart and found.all("boundary"):
            self.note("boundary_without_multipart", path, at)
        return found

    def _encoding(self, path: str, field: Field | None) -> str:
        if field is None:
            return "7bit"
        found = parameters.read(unfold(field.value[: self.limits.header]), self.limits)
        if found.defects or found.parameters:
            self.note("comment_in_encoding", path, field.offset)
        if found.value not in (*transfer.KNOWN, *transfer.UU):
            self.note("unknown_encoding", path, field.offset)
        return found.value or "7bit"

    def _check_names(self, path: str, at: int, names: tuple[str, ...]) -> None:
        if any("\u202e" in name for name in names):
            self.note("name_bidi", path, at)
        if len(names) > 1:
            kinds = {name.rpartition(".")[2].lower() for name in names if "." in name}
            self.note("names_disagree" if len(kinds) > 1 else "names_differ", path, at)

    def _message(self, place: _Place, node: Node) -> None:
        if node.encoding not in transfer.IDENTITY:
            self.note("encoded_message", place.path, node.header.start)
            self.nodes.append(node)
        elif self._room(place):
            self.nodes.append(_as_container(node))
            inner = place.child(1, node.body.start, node.body.end, "text/plain", b"")
            self.entity(inner._replace(enclosed=True))
        else:
            self.nodes.append(node)

    def _multipart(self, place: _Place, node: Node) -> None:
        if node.encoding not in transfer.IDENTITY:
            self.note("encoded_multipart", place.path, node.header.start)
        boundary = self._boundary(place, node)
        if not boundary or not self._room(place):
            self.nodes.append(node)
            return
        parts, loose = self._cut(place.path, node.body, boundary)
        self.nodes.append(_as_container(node, loose))
        default = "message/rfc822" if node.media_type == "multipart/digest" else "text/plain"
        for number, span in enumerate(parts, 1):
            if len(self.nodes) >= self.limits.parts:
                self.note("parts_limit", place.path, span.start)
                return
            self.entity(place.child(number, span.start, span.end, default, boundary))

    def _room(self, place: _Place) -> bool:
        if place.level < self.limits.nesting:
            return True
        self.note("nesting_limit", place.path, place.start)
        return False

    def _boundary(self, place: _Place, node: Node) -> bytes:
        """The boundary to cut by, b"" where there is none; what is strange about it is noted."""
        path, at = place.path, node.header.start
        given = node.content_type.all("boundary")
        if not given or not given[0].value:
            self.note("no_boundary", path, at)
            return b""
        boundary = given[0].value
        if any(p.extended or p.section >= 0 for p in given):
            self.note("boundary_encoded", path, at)
        if any(p.value != boundary for p in given):
            self.note("duplicate_boundary", path, at)
        if boundary.endswith((b" ", b"\t")) or (not given[0].quoted and b" " in boundary):
            self.note("boundary_blank", path, at)
        if len(boundary) > self.limits.boundary:
            self.note("boundary_limit", path, at)
        if boundary in place.boundaries:
            self.note("boundary_reused", path, at)
        elif any(outer.startswith(boundary) for outer in place.boundaries):
            self.note("boundary_prefix", path, at)
        return boundary.rstrip(b" \t")

    def _cut(self, path: str, body: Span, boundary: bytes) -> tuple[list[Span], list[Span]]:
        """Parts, and what is outside of them. What follows a false end is a part all the same."""
        parts: list[Span] = []
        loose: list[Span] = []
        at, inside, closed = body.start, False, False
        for start, end, closing in self._delimiters(path, body, boundary):
            if closed and not closing:
                self.note("delimiter_after_close", path, start)
            (parts if inside else loose).append(Span(at, max(at, start)))
            at, inside, closed = end, not closing, closed or closing
            if len(parts) + len(loose) > 2 * self.limits.parts:
                self.note("parts_limit", path, at)
                break
        (parts if inside else loose).append(Span(at, max(at, body.end)))
        if not parts:
            if self.raw[body.start : body.end].strip():
                self.note("no_parts", path, body.start)
        elif inside:
            # At the end of the mail the last part ends there, to everybody.
            followed = self.raw[body.end :].strip()
            self.note("missing_close" if followed else "open_end", path, at)
        self._check_loose(path, loose, parts)
        return parts, loose

    def _delimiters(
        self, path: str, body: Span, boundary: bytes
    ) -> Iterator[tuple[int, int, bool]]:
        """(where the part before ends, where the part after begins, is it the last?)"""
        raw, needle, line_end = self.raw, b"--" + boundary, body.start
        find = linear.finder(needle, raw)
        while (at := find(line_end, body.end)) >= 0:
            line_end = raw.find(b"\n", at + len(needle), body.end)
            line_end = body.end if line_end < 0 else line_end
            before = raw[at - 2 : at] if at > 1 else raw[:at]
            if not before.endswith(b"\n"):
                if before.endswith(b"\r"):
                    self.note("bare_cr", path, at - 1)
                continue
            rest = raw[at + len(needle) : line_end].strip(_BLANKS)
            if rest not in (b"", b"--"):
                self.note("boundary_prefix", path, at)
                continue
            if self.crlf and before != b"\r\n":
                self.note("bare_lf", path, at - 1)
            start = at - 2 if before == b"\r\n" else at - 1
            yield start, min(line_end + 1, body.end), rest == b"--"

    def _check_loose(self, path: str, loose: list[Span], parts: list[Span]) -> None:
        for span in loose:
            if found := _LOOKS_LIKE_PART.search(self.raw, span.start, span.end):
                ahead = not parts or span.start < parts[0].start
                self.note(
                    "hidden_in_preamble" if ahead else "hidden_in_epilogue", path, found.start()
                )


def _is_plain(header: bytes) -> bool:
    """Whether it has nothing of what `_check_block` looks for, as nearly all: asked in one go."""
    ends = header.count(b"\r\n")
    return (
        ends == header.count(b"\r") == header.count(b"\n")
        and b" \r\n" not in header
        and b"\t\r\n" not in header
        and len(header.translate(None, _CONTROLS)) == len(header)
    )


def _is_in_the_way(type: Structured, field: Field) -> bool:
    """Whether who knows no comments (RFC 822 3.1.4) reads another type, or cuts elsewhere."""
    value = unfold(field.value)
    written = value.partition(b";")[0].strip().lower()
    tree = type.value.startswith(("multipart", "message"))
    same = written.partition(b" ")[0] == type.value.encode()
    closed = value.count(b"(") == value.count(b")")
    return tree or not same or not closed or bool(_GLUED_COMMENT.search(value))


def _as_container(node: Node, loose: list[Span] | None = None) -> Node:
    return node._replace(loose=tuple(s for s in loose or () if s.end > s.start), container=True)
