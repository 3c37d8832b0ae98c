"""The walk through a mail: every header, name, text and file, each read in turn and scanned.

Nothing that one part does can hide another: a reader that fails becomes an `uninspectable` fact of
its part, and the walk goes on.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial

from detectors import extract, filename, headers, kept, loose, mime, score, text, transfer
from detectors.budget import Budget, OverBudget
from detectors.defects import LIMITS, defect
from detectors.extract import plain
from detectors.facts import addressee, disguise, roles, wording, written
from detectors.facts.mentions import mentions
from detectors.mime import Node
from detectors.own import NOTHING
from detectors.pieces import pieces
from detectors.report import Defect, Fact, Finding, Headers, Outline, Part, Reason, Report, Span
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
_NOTES = 20
_FACTS = 2_000
_OUTLINES = 200
"""A report must stay small enough to be read back, whatever a mail holds."""

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
        self.surfaces: list[Text | Table] = []
        self._headers = _NO_HEADERS
        self._parts: list[Part] = []
        self._defects: list[Defect] = []
        self._facts: dict[tuple[str, str, tuple[str, ...], str], Fact] = {}
        self._notes: Counter[tuple[str, str, tuple[str, ...]]] = Counter()
        self._outlines: list[Outline] = []
        self._bodies: dict[str, kept.Shown] = {}
        self._subject = ""
        self._over: Reason | None = None
        """The last time that something went over the budget."""
        self._bombs: dict[bytes, Reason] = {}
        self._told: dict[bytes, str] = {}
        """What fields say, of which some are asked for more than once."""
        self._subjects: dict[str, str] = {}
        """Of the message that is walked and of those attached to it, by the path of the part."""

    def message(self, raw: bytes) -> None:
        tree = mime.read(raw, self.wanted.limits)
        root = tree.nodes[0]
        self._headers = headers.read(root.fields, self.wanted.limits, text.mask, self._said)
        self._subject = self._said(root.value(b"subject"))
        self._nodes(raw, tree, None)
        if any(d.structural for d in self._defects):
            # Some other reader sees another tree: take the octets as they stand, as well.
            self._aside(raw, Spot(""))
        if self._headers.auto_submitted not in ("", "no"):
            self._fact("auto_submitted", Spot(""))

    def file(self, raw: bytes, name: str) -> None:
        spot = Spot("", (name,))
        whole = Span(0, len(raw))
        self._parts.append(kept.part(Node("", Span(0, 0), whole, names=(name,)), raw, True))
        self._name(spot, name)
        self._read(Source(spot, name, raw, passwords=self.wanted.passwords, context=(name,)))

    def report(self, size: int, started: float) -> Report:
        """`started` by `time.monotonic`."""
        for fact in mentions(self.surfaces):
            self._fact(fact.name, Spot(fact.part, fact.path), fact.reason)
        self._word()
        return Report(
            headers=self._headers,
            parts=tuple(self._parts),
            findings=self._findings(),
            defects=tuple(self._defects[:_FACTS]),
            facts=tuple(self._facts.values()),
            outlines=tuple(self._outlines),
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
                self._unreadable(Spot(""), "over_budget", limit=over)
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
        for label, fact in wording.noted(self._subject, own, self._parts):
            self._facts.setdefault((fact.name, fact.part, (), label), fact)
        files = frozenset(part.path for part in self._parts if part.attachment)
        for fact in addressee.named(self.surfaces, files) if files else ():
            said = fact.reason
            label = f"{said.code} {said.params['label']}" if said else ""
            self._facts.setdefault((fact.name, fact.part, (), label), fact)

    # What is in a message

    def _nodes(self, raw: bytes, tree: mime.Tree, outer: Spot | None) -> None:
        """Walk a message; `outer` is where it stands when it is a file in a file."""
        self._note_defects(tree.defects, outer)
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
                    self._parts.append(kept.part(node, inside))
            except OverBudget as over:
                self._unreadable(spot, "over_budget", limit=over.code)
            except Exception:  # one part never hides another
                self._unreadable(spot, "corrupt")
        self._subjects = around

    def _note_defects(self, found: Iterable[Defect], outer: Spot | None) -> None:
        for item in found:
            spot = Spot(item.part) if outer is None else outer
            self._defects.append(item if outer is None else defect(item.code, outer.part))
            if item.structural:
                self._fact("ambiguous", spot, Reason(item.code))
            if item.code in LIMITS:
                limit = item.code.removesuffix("_limit")
                self._unreadable(spot, "over_budget", limit=limit)

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
            self._take_text(Text(where, self._said(field.value)))
            if b"\x1b" in field.value:  # who knows no escapes sees what stands between them
                self._take_text(Text(where, field.value.decode("latin-1")))
        for name in node.names:
            self._name(spot, name)

    def _said(self, value: bytes) -> str:
        value = headers.unfold(value)
        if value not in self._told:
            self._told[value] = headers.text(value, self.wanted.limits)
        return self._told[value]

    def _name(self, spot: Spot, name: str) -> None:
        where = Spot(f"name:{spot.part}", spot.path[:-1], unit="")
        self._take_text(Text(where, filename.as_text(name), (self._subject,)))

    def _kind(self, node: Node, spot: Spot) -> None:
        """Facts that the media type alone tells."""
        kind = node.media_type
        if kind == "multipart/signed" or kind in roles.SIGNATURES:
            self._fact("signed", spot)
        elif kind == "multipart/encrypted":
            self._encrypted(spot, "pgp")
        elif kind in _SMIME:
            if node.content_type.first("smime-type").lower() == "signed-data":
                self._fact("signed", spot)
                self._unreadable(spot, "opaque_signed")
            else:
                self._encrypted(spot, "smime")
        elif kind in ("message/partial", "message/external-body"):
            self._unreadable(spot, "partial_message" if "partial" in kind else "external_body")
        elif kind == "text/calendar" and node.content_type.first("method").lower() == "reply":
            automatic = self._headers.auto_submitted or "meeting"
            self._headers = replace(self._headers, auto_submitted=automatic)

    def _encrypted(self, spot: Spot, how: str) -> None:
        self._fact("encrypted", spot)
        self._unreadable(spot, "encrypted_mail", how=how)

    def _leaf(self, raw: bytes, node: Node, spot: Spot, outer: Spot | None) -> None:
        packed = raw[node.body.start : node.body.end]
        undone = transfer.undo(packed, node.encoding)
        if undone.defects:
            found = [defect(code, node.path, node.body.start) for code in undone.defects]
            self._note_defects(found, outer)
        part = kept.part(node, undone.data)
        if outer is None:
            self._parts.append(part)
        if fact := _SEALED.get(part.sniffed):
            self._fact(fact, spot)
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
                    self._fact(name, source.spot, reason)
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
            self._unreadable(source.spot, "over_budget", limit=over.code)

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
            self._take_text(surface)
        elif isinstance(surface, Table):
            self._take_table(surface)
        elif isinstance(surface, Nested):
            self._take_file(surface, source)
        elif isinstance(surface, Unreadable):
            self._fact("uninspectable", surface.spot, surface.reason)
        elif isinstance(surface, Unread):
            self._fact("not_inspected", surface.spot, surface.reason)
        elif isinstance(surface, Note):
            self._note(surface)

    def _take_file(self, file: Nested, outer: Source) -> None:
        """A bomb is made of copies: one that went over the budget is not read once more."""
        digest = hashlib.sha256(file.data).digest()
        if known := self._bombs.get(digest):
            self._fact("uninspectable", file.spot, known)
            return
        before = self._over
        context = (*outer.context, file.name)
        passwords = self.wanted.passwords
        self._read(Source(file.spot, file.name, file.data, context=context, passwords=passwords))
        if self._over is not before and self._over is not None:
            self._bombs[digest] = self._over

    def _take_text(self, surface: Text) -> None:
        if (spot := kept.spot(surface.spot)) is not surface.spot:
            surface = replace(surface, spot=spot)
        self.surfaces += pieces(surface)

    def _take_table(self, table: Table) -> None:
        if (spot := kept.spot(table.spot)) is not table.spot:
            table = replace(table, spot=spot)
        self.surfaces.append(table)
        if len(table.rows) > 1 and len(self._outlines) < _OUTLINES:
            self._outlines.append(score.outline(table))

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
                self._fact("signed", source.spot)
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

    # Facts

    def _unreadable(self, spot: Spot, code: str, **params: str | int | bool) -> None:
        self._fact("uninspectable", spot, Reason(code, params))

    def _note(self, note: Note) -> None:
        """Something about a file, with the slide or the cells where it tells them; a few of one
        kind are enough of a file to find the others."""
        key = (note.name, note.spot.part, note.spot.path)
        self._notes[key] += 1
        if self._notes[key] <= _NOTES:
            self._fact(note.name, note.spot, note.reason, kept.range_of(note.spot))

    def _fact(self, name: str, spot: Spot, reason: Reason | None = None, within: str = "") -> None:
        fact = Fact(name, spot.part, kept.path(spot.path), reason, within)
        if reason and reason.code == "over_budget":
            self._over = reason
        key = (name, fact.part, fact.path, f"{reason.code if reason else ''} {within}")
        # Over the cap, one of each name is still said: a verdict may hang on it.
        if len(self._facts) < _FACTS or not any(known[0] == name for known in self._facts):
            self._facts.setdefault(key, fact)


def _spot(node: Node, outer: Spot | None) -> Spot:
    name = node.names[:1]
    if outer is None:
        return Spot(node.path, name)
    return replace(outer, path=(*outer.path, *name))


def _has_no_files(surface: Surface) -> bool:
    if isinstance(surface, Table):
        return not surface.files
    return isinstance(surface, Text) and surface.telling is not None and not surface.telling.files
