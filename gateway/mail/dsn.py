"""Delivery status notifications (RFC 3464) to our own senders: what could not be delivered, in
both languages, with the peer's words. Never any content: the headers that go back are the masked
record, since what was held for its number must not return by this door."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
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
    report = EmailMessage(policy=SMTP)
    report["From"] = Address("関所 Sekisho", addr_spec=sender)
    report["To"] = letter["mail_from"]
    report["Subject"] = f"【不達】配送できませんでした：{letter['subject']}"
    report["Date"] = format_datetime(now)
    report["Message-ID"] = f"<{id}.dsn@{sender.rpartition('@')[2]}>"
    if letter["message_id"]:
        report["In-Reply-To"] = report["References"] = letter["message_id"]
    report["Auto-Submitted"] = "auto-replied"
    lines = [f"　{row['address']}\n　　{result.reply}" for row, result in failures]
    text = TEXT.format(
        subject=letter["subject"],
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
    first = [f"Reporting-MTA: dns; {reporting}"]
    if letter["envid"]:
        first.append(f"Original-Envelope-Id: {letter['envid']}")
    first.append(f"Arrival-Date: {format_datetime(letter['received_at'])}")
    groups = ["\n".join(first)]
    for row, result in failures:
        group = [f"Original-Recipient: {row['orcpt']}"] if row["orcpt"] else []
        group += [
            f"Final-Recipient: rfc822; {row['address']}",
            "Action: failed",
            f"Status: {_permanent(result.status)}",
            f"Diagnostic-Code: smtp; {result.reply}",
        ]
        if result.mx:
            group.append(f"Remote-MTA: dns; {result.mx.rpartition(':')[0]}")
        groups.append("\n".join(group))
    return _raw_part("message/delivery-status", "\n\n".join(groups) + "\n")


def _headers_part(letter: RowMapping) -> EmailMessage:
    headers = EmailMessage(policy=SMTP)
    headers["Subject"] = letter["subject"]
    for name, value in (("Message-ID", letter["message_id"]), ("From", letter["header_from"])):
        if value:
            headers[name] = value
    return _raw_part("text/rfc822-headers", headers.as_bytes().decode("ascii").strip() + "\n")


def _raw_part(type_: str, text: str) -> EmailMessage:
    """The library writes delivery-status only from parsed messages; its body is plain lines."""
    part = EmailMessage(policy=SMTP)
    part["Content-Type"] = type_
    part.set_payload(text.encode("ascii", "replace").decode("ascii"))
    return part


def _permanent(status: str) -> str:
    return f"5{status[1:]}"
