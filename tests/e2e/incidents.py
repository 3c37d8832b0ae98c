"""A mis-send over SMTP, and the sentence that its sender reads; the frame of several files."""

from __future__ import annotations

import email
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from email import policy
from itertools import count
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from sqlalchemy import update

from admin_ui.cli import verbs
from gateway.judgement.policies import default_text
from tests import samples
from tests.e2e.conftest import Build
from tests.e2e.house import PERSON, House, until
from tests.e2e.sink import Sink
from tests.notices import long_ago

SENDERS = {"hanako": "ja", "ichiro": "en"}
"""Who sends, and in which language the notice comes."""
USUAL = (
    *["佐藤 次郎 <sato@sr-office.example>"] * 4,
    *["suzuki@partner.example"] * 4,
    *["takahashi@partner.example; suzuki@partner.example"] * 2,
    *["kato@third.example"] * 3,
)
"""To whom each of them wrote before the first day."""
_SENT = """差出人,宛先,日時
{rows}
"""
_number = count()


def fed(
    build: Build, sink: Sink, folder: Path, tables: str, config: str = "", **more: Any
) -> House:
    """A house with all shipped rules enforced, and `tables`, that knows the usual recipients."""
    text = default_text().replace('mode = "audit_only"\n', "")
    head, _, _ = text.partition("[[test]]")
    rules = folder / "policy.toml"
    rules.write_text(head + tables, "utf-8")
    made = build(sink.hop, f'[policy]\nfile = "{rules}"\n{config}', **more)
    sent = [(who, to) for who in SENDERS for to in USUAL] + [("saburo", "ota@eighth.example")]
    rows = "\n".join(f'{who}@example.co.jp,"{to}",2026-11-01 10:00' for who, to in sent)
    (folder / "sent.csv").write_text(_SENT.format(rows=rows), "cp932")
    run(made, "acquaintance", "import", str(folder / "sent.csv"))
    with made.store.write() as tx:
        english = PERSON.c.id.in_(["ichiro", "root"])
        tx.conn.execute(update(PERSON).where(english).values(language="en"))
    made.start()
    return made


def run(house: House, *arguments: str) -> str:
    result = CliRunner().invoke(verbs, [*arguments, "--config", str(house.path)])
    assert result.exit_code == 0, result.output
    return result.output


@dataclass(frozen=True)
class Incident:
    """`to` gets the mail (header as written), and `ja`, `en` is what the notice says of it."""

    id: str
    ja: str
    en: str
    to: str | Sequence[str] = "佐藤 次郎 <sato@sr-office.example>"
    subject: str = "お打ち合わせの件"
    body: str = "お世話になっております。"
    files: Sequence[tuple[str, bytes]] = ()
    headers: dict[str, str] = field(default_factory=dict)
    state: str = "held"
    """that it reaches; "" where that is not looked at"""
    writer: str = "{sender}@example.co.jp"
    """in From"""
    envelope: str = "{sender}@example.co.jp"
    rcpt: Sequence[str] = ()
    """of the envelope, where they are others than `to`"""

    def __str__(self) -> str:
        return self.id


def tell(house: House, sink: Sink, incident: Incident, sender: str) -> str:
    """What the sender is told; `{sender}` in addresses and headers is their name."""
    address = f"{sender}@example.co.jp"
    written = [incident.to] if isinstance(incident.to, str) else list(incident.to)
    written = [each.format(sender=sender) for each in written]
    message_id = f"<{sender}.{next(_number)}@example.co.jp>"
    raw = samples.message(
        incident.subject,
        incident.body,
        list(incident.files),
        sender=incident.writer.format(sender=sender),
        to=written,
        headers={key: value.format(sender=sender) for key, value in incident.headers.items()},
        message_id=message_id,
    )
    long_ago(house.store)  # incidents are years apart
    to = incident.rcpt or [re.sub(r".*<(.*)>", r"\1", each) for each in written]
    id = house.send(raw, to, incident.envelope.format(sender=sender))
    if incident.state:
        house.reaches(id, incident.state)
    return until(lambda: notice(sink, address, message_id), saying=str(house.verbs(id)))


def notice(sink: Sink, address: str, message_id: str) -> str:
    """Of our own mails to this address, the text of the one that answers that mail; or ""."""
    for mail in sink.to(address):
        message = email.message_from_bytes(mail.data, policy=policy.default)
        if message["In-Reply-To"] == message_id:
            return str(message.get_body(("plain",)).get_content()).replace("\r\n", "\n")
    return ""
