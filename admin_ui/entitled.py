"""Who an addressee of My Numbers is, as the ledger (送付先台帳) stands now: one line for whoever
decides, beside what is odd and what differs from the last sending."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlalchemy import Connection, RowMapping

from gateway.face.dates import day
from gateway.face.i18n import Words
from gateway.judgement.addressees import known, standing


@dataclass(frozen=True, slots=True)
class Entitled:
    standing: Literal["registered", "expired", "unknown"]
    sentence: str
    purpose: str = ""

    def differs(self, stated: str) -> bool:
        """What the sender states is another purpose than the registered one."""
        return bool(stated and self.purpose and stated.strip() != self.purpose)


def entitled(
    conn: Connection, words: Words, addresses: Collection[str], at: datetime
) -> dict[str, Entitled]:
    """By address."""
    found = known(conn, addresses, at) if addresses else {}
    unknown = Entitled("unknown", words.say("送付先台帳に登録がありません"))
    return {
        address: _told(words, found[address], at) if address in found else unknown
        for address in addresses
    }


def _told(words: Words, row: RowMapping, at: datetime) -> Entitled:
    named = {"name": row["name"], "purpose": row["purpose"]}
    if standing(row, at) == "expired":
        said = words.say("%(name)s（%(purpose)s）との契約は終わっています", **named)
        return Entitled("expired", said, row["purpose"])
    if not row["last_day"]:
        said = words.say("%(name)s（%(purpose)s、期限なし）", **named)
        return Entitled("registered", said, row["purpose"])
    until = day(date.fromisoformat(row["last_day"]), words.language)
    said = words.say("%(name)s（%(purpose)s、%(until)sまで）", until=until, **named)
    return Entitled("registered", said, row["purpose"])
