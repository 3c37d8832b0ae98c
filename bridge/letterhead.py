"""What a treatment writes into a mail that leaves: who is named, a mark, words above and below.

The words are decoration and never worth a signature: a mail that is signed, encrypted or cannot
be written into safely leaves without them, and the ledger says so. Who is named is the point of
the treatment, so a header that cannot be cut fails the sealing, and the mail is held.
"""

from __future__ import annotations

import html as markup
from dataclasses import dataclass, field

from bridge import heading, recheck, splice
from bridge.fields import field_line, mailboxes
from bridge.head import Words
from bridge.inlay import CannotSplice, base64_lines, wire
from detectors.fieldlines import block_of
from detectors.report import Mailbox, Report
from gateway.judgement.identity import owned
from gateway.judgement.policy.rules import Treatment
from gateway.judgement.sandbox import Sandbox


@dataclass(frozen=True, slots=True)
class Names:
    """Who may be named in what one recipient, or several, get."""

    own_domains: frozenset[str]
    recipient: str
    """the one outside that this copy is for; "" where there are several"""
    sender: str
    """named in To where nobody else is; "" for an empty group"""


@dataclass(frozen=True, slots=True)
class Written:
    data: bytes = field(repr=False)
    unwritten: tuple[str, ...] = ()
    """of header and footer, what could not stand in this mail"""


async def write(
    sandbox: Sandbox, raw: bytes, before: Report, treatment: Treatment, names: Names, *, ours: bool
) -> Written:
    """`raw`, as `before` read it, with all that the treatment writes; read once more at the end.

    `ours`: it is a cover letter, whose text stays ours alone. Raises CannotSplice and NotClean.
    """
    data, report, unwritten = raw, before, []
    said = Report()
    for name, put in (("header", splice.above), ("footer", splice.below)):
        if (text := getattr(treatment, name)) and not ours:
            try:
                data = put(data, report, words(text))
            except CannotSplice:
                unwritten.append(name)
                continue
            report = await sandbox.inspect(data)
    if len(unwritten) < bool(treatment.header) + bool(treatment.footer) and not ours:
        said = await sandbox.inspect(_alone(f"{treatment.header}\n{treatment.footer}\n"))
    body = data[block_of(data).end :]
    data = _headed(data, treatment, names)
    after = await sandbox.inspect(data)
    if data[block_of(data).end :] != body:
        raise recheck.NotClean("body")
    recheck.compare(after, before, frozenset(), said)
    _named_as_meant(after, before, treatment, names)
    return Written(data, tuple(unwritten))


def writes(treatment: Treatment) -> bool:
    t = treatment
    return bool(t.bcc or t.one_each or t.add_cc or t.header or t.footer or t.mark)


def words(text: str) -> Words:
    shown = markup.escape(text).replace("\n", "<br>\n")
    page = f'<div style="margin:1em 0">{shown}</div>\n'
    return Words(f"{text}\n", page.encode("ascii", "xmlcharrefreplace").decode("ascii"))


def _headed(data: bytes, treatment: Treatment, names: Names) -> bytes:
    if treatment.bcc or treatment.one_each:
        instead = heading.NOBODY
        if names.sender:
            instead = mailboxes("To", [Mailbox("", names.sender)])
        data = heading.unnamed(data, lambda a: _stays(a, treatment, names), instead)
    if treatment.add_cc:
        data = heading.copied(data, treatment.add_cc)
    return heading.marked(data, treatment.mark) if treatment.mark else data


def _stays(address: str, treatment: Treatment, names: Names) -> bool:
    theirs = treatment.one_each and address == names.recipient.lower()
    return theirs or owned(address, names.own_domains)


def _named_as_meant(after: Report, before: Report, treatment: Treatment, names: Names) -> None:
    """Nobody new stands in the head, and after a conversion nobody outside."""
    now = _named(after)
    ours = {a.lower() for a in (*treatment.add_cc, names.sender, names.recipient) if a}
    if now - _named(before) - ours:
        raise recheck.NotClean("recipients")
    converted = treatment.bcc or treatment.one_each
    if converted and not all(_stays(a, treatment, names) or a == names.sender.lower() for a in now):
        raise recheck.NotClean("recipients")


def _named(report: Report) -> set[str]:
    boxes = report.headers.shown
    return {box.address.lower() for box in boxes if "@" in box.address}


def _alone(text: str) -> bytes:
    """Our words as a mail of their own, for what is found in them."""
    head = b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
    head += b"Content-Transfer-Encoding: base64\r\n" + field_line("Subject", b"x")
    return head + b"\r\n" + base64_lines(wire(text))
