"""What an inspection found: frozen, plain data that is written as JSON and read back.

A report never holds the digits of a number. Different values are numbered in the order of their
appearance (`Place.values`), so that persons can still be counted when an attachment or a
recipient is dropped and the mail is judged again from the stored report. An index cannot be
guessed back, which a hash of twelve digits can.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

FORMAT = 1
"""Version of the JSON below; readers of the version before are kept."""

Short = Annotated[str, Field(max_length=1_000)]
Params = dict[str, str | int | bool]


class Confidence(StrEnum):
    """How sure we are; `low` is logged only, `medium` and `high` are what policy acts on."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def rank(self) -> int:
        return ("low", "medium", "high").index(self.value)


@dataclass(frozen=True, slots=True)
class Span:
    """Byte offsets into the raw message, end exclusive."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Part:
    """One node of the MIME tree, with the bytes it stands on."""

    path: Short
    """Place in the tree: "" is the message itself, "2.1" the first part of its second part."""
    media_type: Short
    """Lower case, as declared (or its RFC default): "text/plain"."""
    header: Span
    body: Span
    """The body as it stands on the wire, transfer encoding not undone."""
    encoding: Short = "7bit"
    charset: Short = ""
    disposition: Short = ""
    name: Short = ""
    """File name as the reader sees it, runs of digits masked; "" where there is none."""
    content_id: Short = ""
    size: int = 0
    """Octets after the transfer encoding is undone."""
    sha256: Short = ""
    """Of the same octets, hex. Kept in the sealed report only."""
    sniffed: Short = ""
    """What the bytes say they are ("xlsx", "zip", "pdf", "png" …), "" when they say nothing."""
    attachment: bool = False
    """Handed over as a file: what the confirmation page lists and the bridge may take out.
    Inline pictures with a Content-ID are not attachments, though they are read all the same."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: a code with parameters; `gateway.face` has its sentence in both languages."""

    code: Short
    params: Params = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: part, names on the way in (archive member, sheet), range."""

    part: Short
    """`Part.path`, or the pseudo parts "subject", "name:<part path>", "header:<name>"."""
    path: tuple[Short, ...] = ()
    """Names from the outside in, masked: ("資料.zip", "一覧.xlsx", "内訳")."""
    range: Short = ""
    """"C5:C40" in sheets, "12行目" is made above from "line:12"; "page:3" in PDF, "slide:2"."""
    hidden: bool = False
    count: int = 1
    """Occurrences at this place."""
    values: tuple[int, ...] = ()
    """Which distinct values of this kind stand here (indices, see the module)."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Numbers of one kind at one confidence."""

    kind: Short
    """"jp.individual_number"; one module of `detectors.numbers` each."""
    confidence: Confidence
    where: tuple[Place, ...]
    reasons: tuple[Reason, ...] = ()
    masked: Short = "●●●● ●●●● ●●●●"

    @property
    def unique(self) -> int:
        return len({value for place in self.where for value in place.values})

    @property
    def occurrences(self) -> int:
        return sum(place.count for place in self.where)


@dataclass(frozen=True, slots=True)
class Defect:
    """Something a mail must not have; `structural` ones make it read two ways (`ambiguous`)."""

    code: Short
    part: Short = ""
    offset: int = 0
    structural: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """Something policy may judge: `uninspectable`, `not_inspected`, `ambiguous`,
    `scan_incomplete`, `signed`, `encrypted`, `hidden_sheet`, `words` …"""

    name: Short
    part: Short = ""
    path: tuple[Short, ...] = ()
    reason: Reason | None = None
    range: Short = ""
    """As of a `Place`, where it is known: "slide:3", "C5:C40"."""


@dataclass(frozen=True, slots=True)
class Column:
    letter: Short
    heading: Short
    """Masked."""
    content: Literal["number", "text", "date", "person", "address", "masked", "empty"]
    count: int


@dataclass(frozen=True, slots=True)
class Outline:
    """Structure of one sheet or table, so that an approver can judge without seeing a value."""

    part: Short
    path: tuple[Short, ...]
    hidden: bool
    rows: int
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Mailbox:
    name: Short
    address: Short


@dataclass(frozen=True, slots=True)
class Headers:
    """The few header fields that the floors above need, decoded, digits masked."""

    subject: Short = ""
    sender: tuple[Mailbox, ...] = ()
    to: tuple[Mailbox, ...] = ()
    cc: tuple[Mailbox, ...] = ()
    message_id: Short = ""
    in_reply_to: Short = ""
    references: tuple[Short, ...] = ()
    date: Short = ""
    auto_submitted: Short = ""
    """"" or the value of Auto-Submitted (RFC 3834); "meeting" for calendar answers."""
    list_id: Short = ""
    list_post: Short = ""
    """The address of the list itself (RFC 2369)."""
    forwarded_by: Short = ""
    """The address whose mail a server hands on by itself, as that server has noted it."""
    wishes: tuple[Short, ...] = ()
    """Fields by which senders ask for more care: "sensitivity: company-confidential"."""

    @property
    def shown(self) -> tuple[Mailbox, ...]:
        """Whom every reader sees: To and Cc."""
        return (*self.to, *self.cc)


@dataclass(frozen=True, slots=True)
class Envelope:
    """Of a journal report: from whom and to whom the original really went."""

    sender: Short = ""
    recipients: tuple[Short, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that was found. `inspect` makes it; nothing else does."""

    headers: Headers = field(default_factory=Headers)
    parts: tuple[Part, ...] = ()
    findings: tuple[Finding, ...] = ()
    defects: tuple[Defect, ...] = ()
    facts: tuple[Fact, ...] = ()
    outlines: tuple[Outline, ...] = ()
    preview: Annotated[str, Field(max_length=20_000)] = ""
    """The readable body, digits masked, for the pages inside."""
    size: int = 0
    elapsed_ms: int = 0
    envelope: Envelope | None = None
    """Given where a journal report was opened; offsets then count in the original."""
    format: int = FORMAT

    @property
    def attachments(self) -> tuple[Part, ...]:
        return tuple(part for part in self.parts if part.attachment)

    def has(self, fact: str) -> bool:
        return any(f.name == fact for f in self.facts)

    @property
    def features(self) -> Report:
        """What was found, without the mail's own text and tables."""
        return replace(self, preview="", outlines=())

    def without(self, dropped: frozenset[str]) -> Report:
        """The same report as if the parts with these paths were not there."""

        def gone(part: str) -> bool:
            path = part.removeprefix("name:")
            return any(path == d or path.startswith(d + ".") for d in dropped)

        findings = []
        for finding in self.findings:
            if kept := tuple(place for place in finding.where if not gone(place.part)):
                findings.append(replace(finding, where=kept))
        return replace(
            self,
            parts=tuple(p for p in self.parts if not gone(p.path)),
            findings=tuple(findings),
            facts=tuple(f for f in self.facts if not f.part or not gone(f.part)),
            outlines=tuple(o for o in self.outlines if not gone(o.part)),
        )


_adapter: TypeAdapter[Report] = TypeAdapter(Report)


def to_json(report: Report) -> bytes:
    return _adapter.dump_json(report)


def from_json(data: bytes, limit: int = 16 << 20) -> Report:
    """Read a report that came over a pipe from a process that has read hostile bytes.

    >>> from_json(to_json(Report())) == Report()
    True

    Raises ValueError when it is larger than `limit` octets or not of the form above.
    """
    if len(data) > limit:
        raise ValueError(f"report of {len(data)} octets is over {limit}")
    return _adapter.validate_json(data)


def summary(report: Report) -> dict[str, Any]:
    """Counts by kind and confidence, for log lines and ledger facts: no text of the mail."""
    return {
        f"{finding.kind}:{finding.confidence.value}": finding.unique for finding in report.findings
    }
