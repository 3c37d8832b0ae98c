"""Who an addressee of My Numbers is, as the ledger (送付先台帳) stands now: one line for whoever
decides, beside what is odd and what differs from the last sending."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlalchemy import Connection

from gateway.face.dates import day
from gateway.face.i18n import Words
from gateway.judgement.addressees import Known, known


@dataclass(frozen=True, slots=True)
class Entitled:
    standing: Literal["registered", "expired", "unknown"]
    sentence: str
    purposes: tuple[str, ...] = ()


def entitled(
    conn: Connection, words: Words, addresses: Collection[str], at: datetime
) -> dict[str, Entitled]:
    """By address."""
    found = known(conn, addresses, at) if addresses else {}
    unknown = Entitled("unknown", words.say("送付先台帳に登録がありません"))
    return {
        address: _told(words, found[address]) if address in found else unknown
        for address in addresses
    }


def _told(words: Words, entry: Known) -> Entitled:
    named = {"name": entry.name, "purpose": words.say("、").join(entry.purposes)}
    if entry.standing == "expired":
        said = words.say("%(name)s（%(purpose)s）との契約は終わっています", **named)
    elif not entry.last_day:
        said = words.say("%(name)s（%(purpose)s、期限なし）", **named)
    else:
        until = day(date.fromisoformat(entry.last_day), words.language)
        said = words.say("%(name)s（%(purpose)s、%(until)sまで）", until=until, **named)
    return Entitled(entry.standing, said, entry.purposes)
