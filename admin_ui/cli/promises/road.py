"""The road itself: a probe mail goes in where mail comes in, and must be seen to arrive."""

from __future__ import annotations

import smtplib
import time
from email import policy
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from sqlalchemy import RowMapping, select

from admin_ui.cli.promises import Broken, Site
from admin_ui.serve.listen import Listen
from gateway.face.words import reply, state
from gateway.mail.queue import CONSIGNMENT, RECIPIENT
from gateway.memory.config import Config
from gateway.memory.fields import endpoint
from gateway.memory.states import FINAL, State

PATIENCE = 60.0
"""Seconds from our 250 to that of the next hop."""
_ANYWHERE = {"::": "::1", "0.0.0.0": "127.0.0.1"}


class Probe:
    """Taken in, judged and handed on like any mail: what stops it stops all."""

    def __init__(self, to: str) -> None:
        self._to = to

    def __call__(self, site: Site) -> str:
        if not site.served:
            raise Broken(
                "Sekishoが動いていません（sekisho serve）", "nothing is served (sekisho serve)"
            )
        id = self._handed_in(site.config)
        row = _arrived(site, id)
        if row["state"] != State.DONE.value or row["status"] != "delivered":
            words, said = site.voice.words, row["reply"] or "-"
            stands = state(words, row["state"])
            said = ": ".join(filter(None, (reply(words, said), said)))
            raise Broken(
                f"{id} は届いていません（{stands}）: {said}",
                f"{id} has not arrived ({stands}): {said}",
            )
        tls = row["tls"] or site.voice("暗号化なし", "no TLS")
        return f"{id} → {row['mx']} ({tls}): {row['reply']}"

    def _handed_in(self, config: Config) -> str:
        host, port = _door(config)
        try:
            with smtplib.SMTP(host, port, config.smtp.hostname, 15) as client:
                client.ehlo()
                sender = config.delivery.notice_from
                _must(*client.mail(sender))
                _must(*client.rcpt(self._to))
                answer = _must(*client.data(_mail(sender, self._to)))
        except OSError as error:
            raise Broken(f"接続できません: {error}", f"cannot be reached: {error}") from None
        return answer.rpartition(" ")[2]


def _must(code: int, answer: bytes) -> str:
    text = answer.decode("ascii", "replace")
    if code != 250:
        raise Broken(f"受け取りません: {code} {text}", f"was not taken: {code} {text}")
    return text


def _door(config: Config) -> tuple[str, int]:
    """Where a trusted client of this machine hands in its mail."""
    for entry in map(Listen.parse, config.smtp.listen):
        if entry.kind == "plain":
            host, port = endpoint(entry.place)
            return _ANYWHERE.get(host, host), port
    raise Broken(
        "認証のいらない受け口（smtp.listen）がありません",
        "smtp.listen has no listener that takes mail without signing in",
    )


def _mail(sender: str, to: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Date"] = sender, to, formatdate()
    mail["Subject"] = "Sekisho: probe"
    mail["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content("This mail was sent by `sekisho check --probe`.\n")
    return mail.as_bytes(policy=policy.SMTP)


def _arrived(site: Site, id: str) -> RowMapping:
    """How it stands when it is final, is held, or has taken too long."""
    assert site.memory
    query = (
        select(CONSIGNMENT.c.state, RECIPIENT)
        .join(RECIPIENT, RECIPIENT.c.consignment_id == CONSIGNMENT.c.id)
        .where(CONSIGNMENT.c.id == id)
    )
    end = time.monotonic() + PATIENCE
    while True:
        with site.memory.store.read() as session:
            row = session.connection().execute(query).mappings().one()
        if row["state"] in (*FINAL, State.HELD) or time.monotonic() > end:
            return row
        time.sleep(0.2)
