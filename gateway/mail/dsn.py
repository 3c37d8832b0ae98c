"""Delivery status notifications (RFC 3464) to our own senders, in both languages, with the peer's
words: what could not be delivered, what is late, and what a server took over that will not report
itself. Never any content: the headers that go back are the masked record, since what was held for
its number must not return by this door.

What a mail or a peer said goes in as one line of plain text. A report that cannot be written
would keep its mail from being settled, and so have it sent again and again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage, Message
from email.policy import SMTP
from email.utils import format_datetime

from sqlalchemy import RowMapping

from gateway.face import words
from gateway.face.dates import moment
from gateway.face.i18n import LANGUAGES, words_in
from gateway.mail.hop import Result
from gateway.mail.outbox import MESSAGE_ID, one_line, reader


@dataclass(frozen=True, slots=True)
class Kind:
    action: str
    """RFC 3464 §2.3.3"""
    wanted: str
    """what NOTIFY must name (RFC 3461 §4.1)"""
    purpose: str
    """of the letter, in our own record"""
    subject: str
    ja: str
    en: str
    then_ja: str
    then_en: str

    def asked_for(self, notify: str) -> bool:
        """Without NOTIFY a sender hears of failures and delays, as he is used to."""
        said = notify.upper().split(",") if notify else ["FAILURE", "DELAY"]
        return self.wanted in said


FAILED = Kind(
    "failed",
    "FAILURE",
    "dsn",
    "【不達】配送できませんでした",
    "次のメールを配送できませんでした。",
    "Your mail could not be delivered.",
    "宛先が正しいかご確認のうえ、必要な場合は再送信してください。",
    "Please check the address and send again if needed.",
)
DELAYED = Kind(
    "delayed",
    "DELAY",
    "dsn_delayed",
    "【配送遅延】まだ届いていません",
    "次のメールは、まだ配送できていません。引き続き自動で再送します。再送信の必要はありません。",
    "Your mail is late. It will be tried again by itself; there is no need to send it again.",
    "{until} まで再送し、届かなければ改めてお知らせします。",
    "It will be tried until {until}; you are told if it could not be delivered.",
)
RELAYED = Kind(
    "relayed",
    "SUCCESS",
    "dsn_relayed",
    "【送信済み】相手側サーバーに渡しました",
    "次のメールを相手側のサーバーに渡しました。そのサーバーは開封や到着の通知に対応していないため、"
    "この先の通知はありません。",
    "Your mail was handed to a server that does not report any further.",
    "",
    "",
)
TEXT = """\
{ja}
{en}

　件名 Subject: {subject}
　送信 Sent:    {sent}

{lines}

{then_ja}
{then_en}
"""
_XTEXT = re.compile(r"\+([0-9A-F]{2})")


def report(
    kind: Kind,
    letter: RowMapping,
    results: Sequence[tuple[RowMapping, Result]],
    *,
    reporting: str,
    sender: str,
    id: str,
    now: datetime,
    until: datetime | None = None,
) -> bytes:
    """multipart/report to the envelope sender. The caller sees to it that there is one. `until`:
    how long a late mail will be tried."""
    subject = one_line(letter["subject"])
    message = EmailMessage(policy=SMTP)
    message["From"] = Address("関所 Sekisho", addr_spec=sender)
    message["To"] = reader(one_line(letter["mail_from"]))
    message["Subject"] = f"{kind.subject}：{subject}"
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{id}.dsn@{sender.rpartition('@')[2]}>"
    if MESSAGE_ID.fullmatch(letter["message_id"]):
        message["In-Reply-To"] = message["References"] = letter["message_id"]
    message["Auto-Submitted"] = "auto-replied"
    text = _text(kind, subject, letter["received_at"], results, until)
    message.set_content(text, charset="utf-8", cte="base64")
    message.make_mixed()
    message.attach(_machine_part(kind, letter, results, reporting, until))
    message.attach(_headers_part(letter))
    message.set_type("multipart/report")
    message.set_param("report-type", "delivery-status")
    return message.as_bytes()


def _text(
    kind: Kind,
    subject: str,
    sent: datetime,
    results: Sequence[tuple[RowMapping, Result]],
    until: datetime | None,
) -> str:
    last_ja, last_en = (moment(until, "ja"), moment(until, "en")) if until else ("", "")
    text = TEXT.format(
        ja=kind.ja,
        en=kind.en,
        subject=subject,
        sent=moment(sent, "ja"),
        lines="\n".join(_said(row["address"], one_line(r.reply)) for row, r in results),
        then_ja=kind.then_ja.format(until=last_ja),
        then_en=kind.then_en.format(until=last_en),
    )
    return text.rstrip() + "\n"


def _said(address: str, reply: str) -> str:
    """What the server's answer means, and what it said."""
    lines = [f"　{address}", *(f"　　{meant}" for meant in _meant(reply)), f"　　{reply}"]
    return "\n".join(lines)


def _meant(reply: str) -> list[str]:
    return [meant for name in LANGUAGES if (meant := words.reply(words_in(name), reply))]


def _machine_part(
    kind: Kind,
    letter: RowMapping,
    results: Sequence[tuple[RowMapping, Result]],
    reporting: str,
    until: datetime | None,
) -> EmailMessage:
    """message/delivery-status: groups of fields (RFC 3464 §2)."""
    first = [("Reporting-MTA", f"dns; {reporting}")]
    if letter["envid"]:
        first.append(("Original-Envelope-Id", _plain(letter["envid"])))
    first.append(("Arrival-Date", format_datetime(letter["received_at"])))
    groups: list[Message | str] = [_fields(first)]
    groups += [_fields(_recipient(kind, row, result, until)) for row, result in results]
    part = EmailMessage(policy=SMTP)
    part["Content-Type"] = "message/delivery-status"
    part.set_payload(groups)
    return part


def _recipient(
    kind: Kind, row: RowMapping, result: Result, until: datetime | None
) -> Iterable[tuple[str, str]]:
    if row["orcpt"]:
        yield "Original-Recipient", _plain(row["orcpt"])
    yield "Final-Recipient", _typed(row["address"])
    yield "Action", kind.action
    group = {"failed": "5", "delayed": "4"}.get(kind.action, "2")
    yield "Status", f"{group}{result.status[1:]}"
    yield "Diagnostic-Code", f"smtp; {result.reply}"
    if result.mx:
        yield "Remote-MTA", f"dns; {result.mx.rpartition(':')[0].partition('[')[0]}"
    if until:
        yield "Will-Retry-Until", format_datetime(until)


def _typed(address: str) -> str:
    r"""With its type (RFC 6533 §3).

    >>> _typed("sato@partner.example"), _typed("佐藤@partner.example")
    ('rfc822; sato@partner.example', 'utf-8; \\x{4F50}\\x{85E4}@partner.example')
    """
    if address.isascii():
        return f"rfc822; {address}"
    return "utf-8; " + "".join(c if c.isascii() else rf"\x{{{ord(c):X}}}" for c in address)


def _plain(xtext: str) -> str:
    """As it was before it went over SMTP (RFC 3461 §4): reports hold it decoded."""
    return _XTEXT.sub(lambda code: chr(int(code[1], 16)), xtext)


def _headers_part(letter: RowMapping) -> EmailMessage:
    known = ("Subject", "subject"), ("Message-ID", "message_id"), ("From", "header_from")
    lines = [f"{name}: {_encoded(letter[field])}" for name, field in known if letter[field]]
    part = EmailMessage(policy=SMTP)
    part["Content-Type"] = "text/rfc822-headers"
    part.set_payload("\r\n".join(lines) + "\r\n")
    return part


def _fields(pairs: Iterable[tuple[str, str]]) -> Message:
    """One group. The values stand as they are: no library folds or encodes a peer's words."""
    group: Message = Message(policy=SMTP.clone(refold_source="none"))
    for name, value in pairs:
        group.set_raw(name, one_line(value).encode("ascii", "replace").decode("ascii"))
    return group


def _encoded(text: str) -> str:
    """As a header writes it: encoded words where it is not ASCII."""
    holder = EmailMessage(policy=SMTP)
    holder["Subject"] = one_line(text)
    return holder.as_string().partition(":")[2].strip()
