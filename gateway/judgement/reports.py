"""The records that 番号法 and its guidelines want to be kept, as tables (別添1 安全管理措置 C・D).

A report is a choice of acts over a period; what a person did stands in the ledger, and nothing
else is counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, String, cast, select

from gateway.judgement import records
from gateway.judgement.records import Query, Record
from gateway.memory.letters import LETTER

NUMBER = "jp.individual_number"


@dataclass(frozen=True, slots=True)
class Kind:
    ja: str
    en: str
    verbs: tuple[str, ...]
    with_numbers: bool = False
    """Only mails in which individual numbers were found."""


KINDS = {
    "use": Kind(
        "特定個人情報の利用・出力の記録",
        "use and output of specific personal information",
        (
            *("judged", "confirmed", "approved", "refused", "returned", "unmasked"),
            *("audit.searched", "audit.exported"),
        ),
    ),
    "taken-out": Kind(
        "特定個人情報の持出しの記録",
        "specific personal information taken out",
        ("sealed", "delivered", "link.created", "download.completed"),
        with_numbers=True,
    ),
    "disposal": Kind(
        "特定個人情報の削除・廃棄の記録",
        "deletion and disposal",
        ("erased", "link.recalled", "link.expired", "key.destroyed", "records.erased"),
    ),
    "trial": Kind(
        "試行の結果の記録（配送していない写しの判定）",
        "what the trial would have decided (copies, never delivered)",
        ("observed",),
    ),
    "access": Kind(
        "情報システムの利用状況の記録",
        "use of the information system",
        (
            *("login.ok", "login.failed", "logout", "session.revoked"),
            *("person.added", "person.changed", "person.locked", "person.unlocked"),
            *("role.granted", "role.revoked", "group.granted", "group.revoked"),
            *("unmasked", "policy.published", "key.rotated", "restored", "started", "stopped"),
        ),
    ),
}


def report(
    conn: Connection, kind: Kind, since: datetime | None, until: datetime | None
) -> Iterator[Record]:
    """Oldest first."""
    found = records.walk(conn, Query(since=since, until=until, verbs=kind.verbs))
    if not kind.with_numbers:
        yield from found
        return
    letters = _with_numbers(conn)
    yield from (record for record in found if record.letter in letters)


def _with_numbers(conn: Connection) -> frozenset[str]:
    marked = cast(LETTER.c.summary, String).contains(f'"{NUMBER}:', autoescape=True)
    return frozenset(conn.execute(select(LETTER.c.id).where(marked)).scalars())
