"""Surgery on a raw message by the offsets of its report: attachments out, what stands for them in.

No parser reads the message here. `detectors` has read it once, strictly, and its offsets are the
only map there is; a second reader that saw other parts would take out the wrong ones. The few
octets that an offset stands on (the delimiter line above a part, the empty line under its header)
are compared with what must stand there, and `CannotSplice` is raised where they differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from bridge import fields
from bridge.head import Words, at_foot, at_head
from bridge.inlay import CannotSplice, Edit, apply, base64_lines, wire
from detectors.report import Part, Report

__all__ = ["CannotSplice", "above", "below", "drop", "take_out"]

_SEALED = ("multipart/signed", "multipart/encrypted")
_HOLDS_FILES = ("multipart/mixed", "multipart/related")
# Neither base64 nor a header field of ours can hold "=_" at the start of a line.
_BOUNDARY = b"=_sekisho_text_and_file"


def take_out(
    raw: bytes, report: Report, parts: frozenset[str], words: Words, file: bytes = b""
) -> bytes:
    """The message without these parts, with `words` at the head of each text alternative, and with
    the one `file` (a part with its header, ended by CRLF) in the place of the first of them.

    Text is written in the charset and transfer encoding it stands in where they can hold it; else
    that one part becomes UTF-8. A message that has no text gets a part of its own for it, and a
    message that is nothing but an attachment becomes text. Every other octet stays.

    Raises CannotSplice: signed, encrypted or ambiguous mail, an unknown charset or encoding.
    """
    tree = _Tree(raw, report)
    gone = tree.gone(parts)
    if "" in gone:
        return apply(raw, [_instead(tree, words.plain, file)])
    edits = tree.cuts(gone, file)
    heads = [at_head(raw, part, words) for part in tree.heads(gone)]
    return apply(raw, edits + (heads or [_first_part(tree, words.plain)]))


def drop(raw: bytes, report: Report, parts: frozenset[str]) -> bytes:
    """The message without these parts, because its sender took them back; nothing is added.

    Raises CannotSplice as `take_out` does.
    """
    tree = _Tree(raw, report)
    gone = tree.gone(parts)
    return apply(raw, [_instead(tree, "")] if "" in gone else tree.cuts(gone))


def above(raw: bytes, report: Report, words: Words) -> bytes:
    """The message with `words` above each text that a reader shows first.

    Raises CannotSplice as `take_out` does, and where there is no text."""
    return apply(raw, [at_head(raw, part, words) for part in _texts(raw, report)])


def below(raw: bytes, report: Report, words: Words) -> bytes:
    """The same below each of them."""
    return apply(raw, [at_foot(raw, part, words) for part in _texts(raw, report)])


def _texts(raw: bytes, report: Report) -> list[Part]:
    if not (found := _Tree(raw, report).heads(frozenset())):
        raise CannotSplice("no_text")
    return found


@dataclass(frozen=True)
class _Tree:
    raw: bytes
    report: Report

    def __post_init__(self) -> None:
        ends = self.raw.count(b"\r\n")
        if not self.raw.count(b"\r") == ends == self.raw.count(b"\n"):
            raise CannotSplice("line_ends")
        if self.report.has("ambiguous") or any(d.structural for d in self.report.defects):
            raise CannotSplice("ambiguous")

    @cached_property
    def parts(self) -> dict[str, Part]:
        return {part.path: part for part in self.report.parts}

    def children(self, path: str) -> list[Part]:
        """The parts directly in a multipart, in order."""
        if not self.parts[path].media_type.startswith("multipart/"):
            return []
        return sorted(
            (part for part in self.report.parts if part.path and _parent(part.path) == path),
            key=lambda part: part.header.start,
        )

    def gone(self, wanted: frozenset[str]) -> frozenset[str]:
        """`wanted`, and each multipart that would be left without a part: none may be empty."""
        if wanted - self.parts.keys():
            raise CannotSplice("unknown_part")
        gone = set(wanted)
        for path in sorted(self.parts, key=_depth, reverse=True):
            inside = self.children(path)
            if not inside:
                continue
            if all(part.path in gone for part in inside):
                gone.add(path)
            elif self.parts[path].media_type == "multipart/related" and inside[0].path in gone:
                raise CannotSplice("related_root")  # a picture would be shown for the page
        return frozenset(gone)

    def touch(self, path: str) -> str:
        """`path`, unless a signature or encryption spans it: a change would break that.

        A sealed mail or file that is attached may go as a whole, and may stay as it is.
        """
        sealed = {fact.part for fact in self.report.facts if fact.name in ("signed", "encrypted")}
        sealed |= {part.path for part in self.report.parts if part.media_type in _SEALED}
        if any(path == other or _within(path, other) for other in sealed):
            raise CannotSplice("signed_or_encrypted")
        return path

    def cuts(self, gone: frozenset[str], file: bytes = b"") -> list[Edit]:
        outer = sorted(p for p in gone if not any(_within(p, other) for other in gone))
        place = self._place(outer) if file else ""
        return [self._cut(self.parts[path], file if path == place else b"") for path in outer]

    def _place(self, outer: list[str]) -> str:
        """Where a file stands beside the text: in an alternative it would be shown for it."""
        for path in outer:
            if self.parts[_parent(path)].media_type in _HOLDS_FILES:
                return path
        raise CannotSplice("no_place")

    def _cut(self, part: Part, file: bytes) -> Edit:
        self.touch(_parent(part.path))
        start = self.delimiter(part)
        line = self.raw[start : part.header.start].rstrip(b"\r\n\t ")
        end = part.body.end
        # RFC 2046 section 5.1.1: the line end before a delimiter belongs to the delimiter. It
        # is the part's own only where the part is nothing but its empty line.
        if self.raw.startswith(b"\r\n" + line, end):
            end += 2
        elif not (self.raw.startswith(line, end) and self.raw[end - 2 : end] == b"\r\n"):
            raise CannotSplice("delimiter")
        return Edit(start, end, self.raw[start : part.header.start] + file if file else b"")

    def delimiter(self, part: Part) -> int:
        """Where the line "--boundary" above a part begins."""
        end = part.header.start
        start = self.raw.rfind(b"\n", 0, max(0, end - 1)) + 1
        if not (self.raw.startswith(b"--", start) and self.raw[end - 2 : end] == b"\r\n"):
            raise CannotSplice("delimiter")
        return start

    def heads(self, gone: frozenset[str], path: str = "") -> list[Part]:
        """The parts that a reader shows first: one text, or each text of an alternative."""
        part = self.parts[path]
        if part.path in gone or part.attachment:
            return []
        if part.media_type in ("text/plain", "text/html"):
            return [self.parts[self.touch(path)]]
        inside = (self.heads(gone, child.path) for child in self.children(path))
        if part.media_type == "multipart/alternative":
            return [head for heads in inside for head in heads]
        return next((heads for heads in inside if heads), [])


def _parent(path: str) -> str:
    return path.rpartition(".")[0]


def _depth(path: str) -> int:
    return path.count(".") + 1 if path else 0


def _within(path: str, other: str) -> bool:
    return path.startswith(other + ".") if other else path != ""


def _instead(tree: _Tree, words: str, file: bytes = b"") -> Edit:
    """The message's own header, and the words as its only body, or beside the file."""
    root = tree.parts[tree.touch("")]
    block = tree.raw[root.header.start : root.header.end]
    named = any(f.name == "mime-version" for f in fields.fields(block))
    kind, body = fields.text_header(), base64_lines(wire(words))
    if file:
        line = b"--" + _BOUNDARY
        text = line + b"\r\n" + kind + b"\r\n" + body
        body = text + b"\r\n" + line + b"\r\n" + file + b"\r\n" + line + b"--\r\n"
        kind = b'Content-Type: multipart/mixed; boundary="' + _BOUNDARY + b'"\r\n'
    header = fields.rewrite(
        block,
        lambda name: name.startswith("content-"),
        (b"" if named else b"MIME-Version: 1.0\r\n") + kind,
    )
    return Edit(root.header.start, root.body.end, header + b"\r\n" + body)


def _first_part(tree: _Tree, words: str) -> Edit:
    """A text part of our own above the first part of the message."""
    if tree.parts[tree.touch("")].media_type != "multipart/mixed":
        raise CannotSplice("no_text")
    first = tree.children("")[0]
    at = tree.delimiter(first)
    line = tree.raw[at : first.header.start]
    body = base64_lines(wire(words))
    return Edit(at, at, line + fields.text_header() + b"\r\n" + body)
