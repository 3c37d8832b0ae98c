"""Our own mails: they enter at QUEUED, never judged, and are free of digits by construction.

Null return path for our own people (a notice must not bounce back and forth), `bounce_address`
for outsiders; all with Auto-Submitted, so that no vacation message answers (RFC 3834), and
threaded to the mail they speak of.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.headerregistry import Address, Group
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from sqlalchemy import insert

from gateway.memory.ids import new_id
from gateway.memory.letters import Letters
from gateway.memory.states import SYSTEM, State
from gateway.memory.store import Tx
from gateway.memory.tables import Consignment, Letter, Recipient, table

LETTER, CONSIGNMENT, RECIPIENT = table(Letter), table(Consignment), table(Recipient)

MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,900}>")


class Unwritable(ValueError):
    """A field holds a line break or NUL: somebody tried to write a header of their own."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One of our own mails before it has bytes."""

    to: str
    subject: str
    """may quote the one of a mail, which may hold anything: written as one line"""
    text: str
    purpose: str
    """hold_notice, approval_request, reminder, expired, code, dsn …"""
    about: str
    """id of the consignment or parcel"""
    also: tuple[str, ...] = ()
    """ids of further consignments it speaks of"""
    to_name: str = ""
    in_reply_to: str = ""
    """Message-ID of the mail it speaks of, as it stands there; left out where it is none"""
    html: str = ""
    inside: bool = True


@dataclass(frozen=True, slots=True)
class Outbox:
    letters: Letters
    sender: str
    """From of what we write: sekisho@example.co.jp"""
    bounce_address: str
    replies: str
    """who reads what our own people answer; no answer does anything, since a From can be forged"""
    name: str = "関所 Sekisho"

    def post(self, tx: Tx, mail: Mail) -> str:
        """Queue `mail` in this transaction; returns its letter id."""
        return self.enqueue(
            tx,
            self.compose(tx, mail),
            mail_from="" if mail.inside else self.bounce_address,
            to=[mail.to],
            inside=mail.inside,
            purpose=mail.purpose,
            about=mail.about,
            also=mail.also,
            subject=mail.subject,
        )

    def compose(self, tx: Tx, mail: Mail) -> bytes:
        for value in (mail.to, mail.to_name):
            if set(value) & set("\r\n\x00"):
                raise Unwritable("line break in a header field")
        message = EmailMessage(policy=SMTP)
        message["From"] = Address(self.name, addr_spec=self.sender)
        if mail.inside:
            message["Reply-To"] = self.replies
        message["To"] = reader(mail.to, mail.to_name)
        message["Subject"] = one_line(mail.subject)
        message["Date"] = format_datetime(tx.now)
        message["Message-ID"] = f"<{new_id()}.{new_id()}@{self.sender.rpartition('@')[2]}>"
        if MESSAGE_ID.fullmatch(mail.in_reply_to):
            message["In-Reply-To"] = message["References"] = mail.in_reply_to
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
        message.set_content(mail.text, charset="utf-8", cte="base64")
        if mail.html:
            message.add_alternative(mail.html, subtype="html", charset="utf-8", cte="base64")
        return message.as_bytes()

    def enqueue(
        self,
        tx: Tx,
        message: bytes,
        *,
        mail_from: str,
        to: Sequence[str],
        inside: bool,
        purpose: str,
        about: str,
        subject: str,
        also: Sequence[str] = (),
    ) -> str:
        """Queue finished bytes (a DSN, a code) as a letter of our own."""
        id = new_id()
        draft = self.letters.draft(id)
        draft.sealer.write(message)
        sealed = draft.sealer.finish()
        tx.conn.execute(
            insert(LETTER).values(
                id=id,
                origin="own",
                about=about,
                purpose=purpose,
                received_at=tx.now,
                mail_from=mail_from,
                subject=subject,
                **self.letters.columns(tx, draft, sealed),
            )
        )
        tx.conn.execute(
            insert(CONSIGNMENT).values(
                id=id,
                letter_id=id,
                state=State.QUEUED.value,
                created_at=tx.now,
                changed_at=tx.now,
            )
        )
        tx.conn.execute(
            insert(RECIPIENT),
            [{"consignment_id": id, "address": address, "inside": inside} for address in to],
        )
        for each in (about, *also):
            tx.record(
                "notice.queued", SYSTEM, letter=id, subject=each, purpose=purpose, to=list(to)
            )
        tx.nudge(State.QUEUED.value)
        return id


def reader(address: str, name: str = "") -> str | Group:
    """For To. What is ASCII as it is: `Address` refuses the a..b@ that Japanese carriers gave out
    for years. Others as the name of an empty group (RFC 6857 §3.1): encoded within brackets it
    would be no address."""
    if not address.isascii():
        return Group(address, ())
    return f"{name} <{address}>" if name else address


def one_line(text: str) -> str:
    """Without control characters and halves of characters, which no header may have.

    >>> one_line("a\\r\\n\\tb\\0\\udc80 c")
    'a b c'
    """
    shown = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(shown.split())[:900]
