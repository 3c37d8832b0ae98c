"""Delivery status notifications (RFC 3464) to our own senders: what could not be delivered, in
both languages, with the peer's words. Never any content: the headers that go back are the masked
record, since what was held for its number must not return by this door.

What a mail or a peer said goes in as one line of plain text. A report that cannot be written
would keep its mail from being settled, and so have it sent again and again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage, Message
from email.policy import SMTP
from email.utils import format_datetime

from sqlalchemy import RowMapping

from gateway.mail.hop import Result

TEXT = """\
次のメールを配送できませんでした。
Your mail could not be delivered.

　件名 Subject: {subject}
　送信 Sent:    {sent}

{failures}

宛先が正しいかご確認のうえ、必要な場合は再送信してください。
Please check the address and send again if needed.
"""
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,900}>")


def bounce(
    letter: RowMapping,
    failures: Sequence[tuple[RowMapping, Result]],
    *,
    reporting: str,
    sender: str,
    id: str,
    now: datetime,
) -> bytes:
    """multipart/report to the envelope sender. The caller sees to it that there is one."""
    subject = _line(letter["subject"])
    report = EmailMessage(policy=SMTP)
    report["From"] = Address("関所 Sekisho", addr_spec=sender)
    report["To"] = _line(letter["mail_from"])
    report["Subject"] = f"【不達】配送できませんでした：{subject}"
    report["Date"] = format_datetime(now)
    report["Message-ID"] = f"<{id}.dsn@{sender.rpartition('@')[2]}>"
    if _MESSAGE_ID.fullmatch(letter["message_id"]):
        report["In-Reply-To"] = report["References"] = letter["message_id"]
    report["Auto-Submitted"] = "auto-replied"
    lines = [f"　{row['address']}\n　　{_line(result.reply)}" for row, result in failures]
    text = TEXT.format(
        subject=subject,
        sent=letter["received_at"].isoformat(timespec="minutes"),
        failures="\n".join(lines),
    )
    report.set_content(text, charset="utf-8", cte="base64")
    report.make_mixed()
    report.attach(_machine_part(letter, failures, reporting))
    report.attach(_headers_part(letter))
    report.set_type("multipart/report")
    report.set_param("report-type", "delivery-status")
    return report.as_bytes()


def _machine_part(
    letter: RowMapping, failures: Sequence[tuple[RowMapping, Result]], reporting: str
) -> EmailMessage:
    """message/delivery-status: groups of fields (RFC 3464 §2)."""
    first = [("Reporting-MTA", f"dns; {reporting}")]
    if letter["envid"]:
        first.append(("Original-Envelope-Id", letter["envid"]))
    first.append(("Arrival-Date", format_datetime(letter["received_at"])))
    groups: list[Message | str] = [_fields(first)]
    for row, result in failures:
        group = [("Original-Recipient", row["orcpt"])] if row["orcpt"] else []
        group += [
            ("Final-Recipient", f"rfc822; {row['address']}"),
            ("Action", "failed"),
            ("Status", f"5{result.status[1:]}"),
            ("Diagnostic-Code", f"smtp; {result.reply}"),
        ]
        if result.mx:
            group.append(("Remote-MTA", f"dns; {result.mx.rpartition(':')[0].partition('[')[0]}"))
        groups.append(_fields(group))
    part = EmailMessage(policy=SMTP)
    part["Content-Type"] = "message/delivery-status"
    part.set_payload(groups)
    return part


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
        group.set_raw(name, _line(value).encode("ascii", "replace").decode("ascii"))
    return group


def _encoded(text: str) -> str:
    """As a header writes it: encoded words where it is not ASCII."""
    holder = EmailMessage(policy=SMTP)
    holder["Subject"] = _line(text)
    return holder.as_string().partition(":")[2].strip()


def _line(text: str) -> str:
    """One line without control characters and halves of characters, which no header may have."""
    shown = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(shown.split())[:900]
