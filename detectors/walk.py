"""The walk through a mail: every header, name, text and file, each read in turn and scanned.

Nothing that one part does can hide another: a reader that fails becomes an `uninspectable` fact of
its part, and the walk goes on.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial

from detectors import extract, filename, headers, kept, loose, mime, score, text, transfer
from detectors.budget import Budget, OverBudget
from detectors.defects import defect
from detectors.extract import plain
from detectors.facts import addressee, disguise, roles, wording, written
from detectors.facts.mentions import mentions
from detectors.found import Found
from detectors.mime import Node
from detectors.own import NOTHING
from detectors.report import Finding, Headers, Reason, Report, Span
from detectors.surface import (
    Nested,
    Note,
    Source,
    Spot,
    Surface,
    Table,
    Text,
    Unread,
    Unreadable,
)
from detectors.wanted import Wanted

_NO_HEADERS = Headers()

_TEXTS = ("", "txt", "csv", "html", "xml")
_WORTH_READING = re.compile(rb"[0-9\x1b\x80-\xff]|[A-Za-z0-9+/]{16}|begin |=ybegin ")
_SEALED = {"p7m": "encrypted", "pgp": "encrypted", "p7m-signed": "signed", "p7s": "signed"}
_SMIME = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})


def read_whole(source: Source, budget: Budget) -> list[Surface]:
    """A whole file at once, as a child process hands it over its pipe."""
    return list(extract.read(source, budget))


class Walk:
    """One inspection. `message` or `file` once, then `report`."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self.budget = Budget(wanted.limits)
        self.own = wanted.own or NOTHING
        asked = wanted.kinds
        self.kinds = score.DEFAULT_KINDS | self.own.kinds if asked is None else frozenset(asked)
        self._found = Found()
        self._headers = _NO_HEADERS
        self._bodies: dict[str, kept.Shown] = {}
        self._subject = ""
        self._bombs: dict[bytes, Reason] = {}
        self._told: dict[bytes, str] = {}
        """What fields say, of which some are asked for more than once."""
        self._subjects: dict[str, str] = {}
        """Of the message that is walked and of those attached to it, by the path of the part."""

    @property
    def surfaces(self) -> list[Text | Table]:
        return self._found.surfaces

    def message(self, raw: bytes) -> None:
        tree = mime.read(raw, self.wanted.limits)
        root = tree.nodes[0]
        self._headers = headers.read(root.fields, self.wanted.limits, text.mask, self._said)
        self._subject = self._said(root.value(b"subject"))
        self._nodes(raw, tree, None)
        if self._found.is_ambiguous:
            # Some other reader sees another tree: take the octets as they stand, as well.
            self._aside(raw, Spot(""))
        if self._headers.auto_submitted not in ("", "no"):
            self._found.fact("auto_submitted", Spot(""))

    def file(self, raw: bytes, name: str) -> None:
        spot = Spot("", (name,))
        whole = Span(0, len(raw))
        self._found.parts.append(kept.part(Node("", Span(0, 0), whole, names=(name,)), raw, True))
        self._name(spot, name)
        self._read(Source(spot, name, raw, passwords=self.wanted.passwords, context=(name,)))

    def report(self, size: int, started: float) -> Report:
        """`started` by `time.monotonic`."""
        found = self._found
        for fact in mentions(self.surfaces):
            found.fact(fact.name, Spot(fact.part, fact.path), fact.reason)
        self._word()
        return Report(
            headers=self._headers,
            parts=tuple(found.parts),
            findings=self._findings(),
            defects=found.defects,
            facts=found.facts,
            outlines=tuple(found.outlines),
            preview=self._preview(),
            size=size,
            elapsed_ms=int((time.monotonic() - started) * 1000),
        )

    def _findings(self) -> tuple[Finding, ...]:
        """Of what can be looked at in time: a little more than documents have."""
        limits = self.wanted.limits
        clock = Budget(limits, deadline=self.budget.deadline + limits.seconds / 8)

        def enough(numbers: int) -> bool:
            over = "seconds" if clock.left <= 0 else "numbers" if numbers > limits.numbers else ""
            if over:
                self._found.unreadable(Spot(""), "over_budget", limit=over)
            return bool(over)

        return score.findings(self.surfaces, self.kinds, self.own, enough)

    def _preview(self) -> str:
        said, digits = self._body_shown
        return (text.mask(said) if digits else said)[: kept.PREVIEW]

    @property
    def _body_shown(self) -> kept.Shown:
        shown = self._bodies.get("text/plain")
        return shown if shown and shown.text else self._bodies.get("text/html", kept.NOTHING)

    def _word(self) -> None:
        """What the sender's own words announce."""
        own = written.own(self._body_shown.text) if self.wanted.name is None else ""
        for label, fact in wording.noted(self._subject, own, self._found.parts):
            self._found.named(fact, label)
        files = frozenset(part.path for part in self._found.parts if part.attachment)
        for fact in addressee.named(self.surfaces, files) if files else ():
            said = fact.reason
            label = f"{said.code} {said.params['label']}" if said else ""
            self._found.named(fact, label)

    # What is in a message

    def _nodes(self, raw: bytes, tree: mime.Tree, outer: Spot | None) -> None:
        """Walk a message; `outer` is where it stands when it is a file in a file."""
        self._found.note_defects(tree.defects, outer)
        around, self._subjects = self._subjects, {}
        for node in tree.nodes:
            spot = _spot(node, outer)
            if subject := node.value(b"subject"):
                self._subjects[node.path] = self._said(subject)
            try:
                self._header(node, spot, outer is None)
                self._kind(node, spot)
                for span in node.loose:
                    self._aside(raw[span.start : span.end], spot)
                if not node.container:
                    self._leaf(raw, node, spot, outer)
                elif outer is None:
                    message = node.media_type.startswith("message/")
                    inside = raw[node.body.start : node.body.end] if message else b""
                    self._found.parts.append(kept.part(node, inside))
            except OverBudget as over:
                self._found.unreadable(spot, "over_budget", limit=over.code)
            except Exception:  # one part never hides another
                self._found.unreadable(spot, "corrupt")
        self._subjects = around

    def _header(self, node: Node, spot: Spot, outermost: bool) -> None:
        """Every field that a person may have written, and every file name."""
        for field in node.fields:
            # No number fits into less; a word of the administrator's may stand in the subject.
            short = len(field.value) < 12 and field.name != b"subject"
            if short or field.name in headers.MACHINE:
                continue
            name = field.name.decode("ascii")
            if outermost and not node.path:
                where = Spot("subject" if name == "subject" else f"header:{name}", unit="")
            else:
                where = replace(spot, unit=f"header:{name}")
            self._found.add_text(Text(where, self._said(field.value)))
            if b"\x1b" in field.value:  # who knows no escapes sees what stands between them
                self._found.add_text(Text(where, field.value.decode("latin-1")))
        for name in node.names:
            self._name(spot, name)

    def _said(self, value: bytes) -> str:
        value = headers.unfold(value)
        if value not in self._told:
            self._told[value] = headers.text(value, self.wanted.limits)
        return self._told[value]

    def _name(self, spot: Spot, name: str) -> None:
        where = Spot(f"name:{spot.part}", spot.path[:-1], unit="")
        self._found.add_text(Text(where, filename.as_text(name), (self._subject,)))

    def _kind(self, node: Node, spot: Spot) -> None:
        """Facts that the media type alone tells."""
        kind = node.media_type
        if kind == "multipart/signed" or kind in roles.SIGNATURES:
            self._found.fact("signed", spot)
        elif kind == "multipart/encrypted":
            self._encrypted(spot, "pgp")
        elif kind in _SMIME:
            if node.content_type.first("smime-type").lower() == "signed-data":
                self._found.fact("signed", spot)
                self._found.unreadable(spot, "opaque_signed")
            else:
                self._encrypted(spot, "smime")
        elif kind in ("message/partial", "message/external-body"):
            self._found.unreadable(
                spot, "partial_message" if "partial" in kind else "external_body"
            )
        elif kind == "text/calendar" and node.content_type.first("method").lower() == "reply":
            automatic = self._headers.auto_submitted or "meeting"
            self._headers = replace(self._headers, auto_submitted=automatic)

    def _encrypted(self, spot: Spot, how: str) -> None:
        self._found.fact("encrypted", spot)
        self._found.unreadable(spot, "encrypted_mail", how=how)

    def _leaf(self, raw: bytes, node: Node, spot: Spot, outer: Spot | None) -> None:
        packed = raw[node.body.start : node.body.end]
        undone = transfer.undo(packed, node.encoding)
        if undone.defects:
            found = [defect(code, node.path, node.body.start) for code in undone.defects]
            self._found.note_defects(found, outer)
        part = kept.part(node, undone.data)
        if outer is None:
            self._found.parts.append(part)
        if fact := _SEALED.get(part.sniffed):
            self._found.fact(fact, spot)
        self.budget.take(len(packed))
        if node.media_type in _SMIME:
            return
        source = self._source(node, spot, undone.data, part.sniffed)
        before = len(self.surfaces)
        self._read(source)
        if outer is None and not (part.attachment or node.enclosed):
            self._body(source, self.surfaces[before:])
        # Who does not undo uuencode shows it as it stands.
        if "base64_junk" in undone.defects or node.encoding in transfer.UU:
            self._aside(packed, spot)

    def _source(self, node: Node, spot: Spot, data: bytes, sniffed: str) -> Source:
        # A multipart that could not be cut is what a plain reader shows of it.
        kind = "text/plain" if node.media_type.startswith("multipart/") else node.media_type
        return Source(
            spot,
            node.names[0] if node.names else "",
            data,
            kind,
            node.content_type.first("charset"),
            tuple(filter(None, (self._subject, *self._told_over(node), *node.names))),
            self.wanted.passwords,
            sniffed,
        )

    def _told_over(self, node: Node) -> Iterator[str]:
        """The subjects of the attached messages that the part stands in."""
        for path, subject in self._subjects.items():
            if subject != self._subject and f"{node.path}.".startswith(f"{path}." if path else ""):
                yield subject

    def _body(self, source: Source, found: list[Text | Table]) -> None:
        """Keep the first readable body of each kind, for the preview."""
        if source.media_type == "text/plain":  # its likeliest reading
            self._bodies.setdefault("text/plain", kept.shown(found[:1]))
        elif source.media_type == "text/html":
            self._bodies.setdefault("text/html", kept.shown(found))

    # What is in a file

    def _read(self, source: Source) -> None:
        """Read a file, and the files inside it."""
        try:
            with self.budget.deeper():
                if (kind := source.kind) is None:
                    kind = extract.sniff(source.data, source.name)
                    source = replace(source, kind=kind)
                for name, reason in disguise.strange(source.name, kind) if source.name else ():
                    self._found.fact(name, source.spot, reason)
                if roles.is_mail(source, kind):
                    for message in roles.messages(source.data):
                        tree = mime.read(message, self.wanted.limits)
                        self._nodes(message, tree, source.spot)
                elif kind in ("eml", "mbox"):  # declared as text, and shown as text
                    self._text(source)
                else:
                    sifted = False
                    for surface in self._surfaces(source):
                        self._take(surface, source)
                        sifted |= _has_no_files(surface)
                    if kind in _TEXTS:
                        self._files_in(source, sifted)
        except OverBudget as over:
            self._found.unreadable(source.spot, "over_budget", limit=over.code)

    def _surfaces(self, source: Source) -> Iterable[Surface]:
        confine = self.wanted.confine
        if confine is None or not extract.risky(source):
            return extract.read(source, self.budget)
        try:
            found = confine(partial(read_whole, budget=self.budget), source)
            self.budget.take(sum(len(s.data) for s in found if isinstance(s, Nested)))
            return found
        except (OverBudget, TimeoutError, MemoryError) as over:
            limit = getattr(over, "code", "seconds" if isinstance(over, TimeoutError) else "memory")
            return [Unreadable(source.spot, Reason("over_budget", {"limit": limit}))]
        except Exception:  # whatever killed it: held, and the walk goes on
            return [Unreadable(source.spot, Reason("reader_died"))]

    def _take(self, surface: Surface, source: Source) -> None:
        if isinstance(surface, Text):
            self._found.add_text(surface)
        elif isinstance(surface, Table):
            self._found.add_table(surface)
        elif isinstance(surface, Nested):
            self._take_file(surface, source)
        elif isinstance(surface, Unreadable):
            self._found.fact("uninspectable", surface.spot, surface.reason)
        elif isinstance(surface, Unread):
            self._found.fact("not_inspected", surface.spot, surface.reason)
        elif isinstance(surface, Note):
            self._found.note(surface)

    def _take_file(self, file: Nested, outer: Source) -> None:
        """A bomb is made of copies: one that went over the budget is not read once more."""
        digest = hashlib.sha256(file.data).digest()
        if known := self._bombs.get(digest):
            self._found.fact("uninspectable", file.spot, known)
            return
        before = self._found.over
        context = (*outer.context, file.name)
        passwords = self.wanted.passwords
        self._read(Source(file.spot, file.name, file.data, context=context, passwords=passwords))
        if (over := self._found.over) is not before and over is not None:
            self._bombs[digest] = over

    # What stands where nothing should

    def _aside(self, data: bytes, spot: Spot) -> None:
        """Octets outside of every part, or undecoded: as text, if there is anything in them."""
        if _WORTH_READING.search(data):
            self.budget.take(len(data))
            self._text(Source(spot, "", data, "text/plain", context=(self._subject,)))

    def _text(self, source: Source) -> None:
        """As text, whatever it looks like."""
        for surface in plain.read(source, self.budget):
            self._take(surface, source)
        self._files_in(source)

    def _files_in(self, source: Source, sifted: bool = False) -> None:
        """Files that stand inside running text, and what PGP has put there."""
        if sealed := loose.sealed(source.data, sifted):
            if sealed == "signed":
                self._found.fact("signed", source.spot)
            else:
                self._encrypted(source.spot, sealed)
        for file in loose.files(source.data, sifted):
            self.budget.take(len(file.data))
            name, spot = headers.text(file.name, self.wanted.limits), source.spot
            if name:
                spot = replace(spot, path=(*spot.path, name))
                self._name(spot, name)
            inside = replace(source, spot=spot, name=name, data=file.data, media_type="", kind=None)
            self._read(inside)


def _spot(node: Node, outer: Spot | None) -> Spot:
    name = node.names[:1]
    if outer is None:
        return Spot(node.path, name)
    return replace(outer, path=(*outer.path, *name))


def _has_no_files(surface: Surface) -> bool:
    if isinstance(surface, Table):
        return not surface.files
    return isinstance(surface, Text) and surface.telling is not None and not surface.telling.files
