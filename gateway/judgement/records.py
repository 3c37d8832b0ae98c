"""The record as people ask for it: by person, by file, by mail, by period.

`search` reads entries with what is known of their mail today; `rows` puts them into words in the
order that every list and every CSV has: 日時, ログインID, 対象, 操作 first.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    String,
    and_,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
)

from gateway.face import words as named
from gateway.face.dates import stamp
from gateway.face.i18n import N_, Words
from gateway.judgement.people import PERSON, person_at
from gateway.memory import pointers
from gateway.memory.engine import spelled
from gateway.memory.ids import tidy
from gateway.memory.letters import LETTER
from gateway.memory.tables import Consignment, LedgerDetail, LedgerEntry, Parcel, Recipient, table

ENTRY, DETAIL = table(LedgerEntry), table(LedgerDetail)
CONSIGNMENT, RECIPIENT, PARCEL = table(Consignment), table(Recipient), table(Parcel)
ERASED_THROUGH = "records.erased"
"""The pointer to the last entry whose time is over (`bridge.disposal`)."""

HEADING = (
    N_("日時"),
    N_("ログインID"),
    N_("対象"),
    N_("操作"),
    N_("操作者"),
    N_("依頼者"),
    N_("件名"),
    N_("差出人"),
    N_("接続元"),
    N_("ルール版"),
    N_("記録番号"),
    N_("詳細"),
    N_("宛先"),
)
_TO = ("recipient", "recipients", "to")
"""Details that name them."""


@dataclass(frozen=True, slots=True)
class Query:
    """Empty fields ask for nothing; all given ones must fit."""

    person: str = ""
    """id or address: what this person did, and what happened to the person's mail; an outside
    address: what happened to mail and parcels for it"""
    file: str = ""
    """part of an attachment's name, as it is masked in records"""
    mail: str = ""
    """id of mail, consignment or parcel, Message-ID, or part of the (masked) subject"""
    since: datetime | None = None
    until: datetime | None = None
    """exclusive"""
    verbs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    seq: int
    at: datetime
    actor: dict[str, str]
    """kind, id, ip, for (on whose behalf): only those that are known"""
    login: str
    """the actor's address where the actor is a known person, else the id, else "" """
    verb: str
    letter: str
    subject: str
    policy: int | None
    details: dict[str, Any] | None
    """None where they were erased lawfully"""
    mail_subject: str
    mail_from: str
    files: tuple[str, ...]
    whom: str = ""
    """address of the person that it is about, "" where it is about none of ours"""
    to: tuple[str, ...] = ()
    """to whom, where the entry or its parcel says so: a download names nobody by itself"""
    behalf: str = ""
    """address of the person on whose behalf, else the id: ids look like numbers of mails"""

    @property
    def targets(self) -> tuple[str, ...]:
        """対象: the files where the mail has some, else its number, else what it is about."""
        return self.files or (self.whom or self.subject or self.letter,)


def search(conn: Connection, query: Query, limit: int = 50, offset: int = 0) -> list[Record]:
    """Newest first."""
    return chosen(conn, [*conditions(conn, query)], limit, offset)


def chosen(
    conn: Connection,
    clauses: Sequence[ColumnElement[bool]],
    limit: int,
    offset: int = 0,
    *,
    forward: bool = False,
) -> list[Record]:
    """Those that fit, newest first; `forward`: the oldest of them are taken.

    Their numbers are found first: a sort that carries whole entries along is five times slower.
    """
    order = ENTRY.c.seq.asc() if forward else ENTRY.c.seq.desc()
    fitting = select(ENTRY.c.seq).where(*clauses).order_by(order).limit(limit).offset(offset)
    found = _select(ENTRY.c.seq.in_(list(conn.execute(fitting).scalars())))
    return _records(conn, conn.execute(found.order_by(ENTRY.c.seq.desc())).mappings().all())


def about(conn: Connection, letter: str = "", subjects: Collection[str] = ()) -> list[Record]:
    """All that is on record of a letter, or of consignments and parcels, oldest first."""
    mine = [_of_letters(select(literal(letter)))] if letter else []
    found = _select(or_(*mine, ENTRY.c.subject.in_(subjects))).order_by(ENTRY.c.seq)
    return _records(conn, conn.execute(found).mappings().all())


def count(conn: Connection, query: Query) -> int:
    counted = select(func.count()).select_from(ENTRY).where(*conditions(conn, query))
    return int(conn.execute(counted).scalar_one())


def walk(conn: Connection, query: Query) -> Iterator[Record]:
    """All of them, oldest first, in slices: for exports."""
    after = 0
    while True:
        part = _select(*conditions(conn, query), ENTRY.c.seq > after)
        part = part.order_by(ENTRY.c.seq).limit(1_000)
        rows = conn.execute(part).mappings().all()
        yield from _records(conn, rows)
        if len(rows) < 1_000:
            return
        after = rows[-1]["seq"]


def heading(words: Words) -> list[str]:
    return [words.say(each) for each in HEADING]


def rows(words: Words, records: Iterable[Record]) -> Iterator[list[str]]:
    """Cells in the order of `HEADING`."""
    for record in records:
        actor = record.actor
        yield [
            stamp(record.at),
            record.login,
            words.say("、").join(record.targets),
            named.verb(words, record.verb, record.details),
            named.actor(words, actor.get("kind", "")),
            record.behalf,
            record.mail_subject,
            record.mail_from,
            actor.get("ip", ""),
            "" if record.policy is None else str(record.policy),
            str(record.seq),
            json.dumps(record.details, ensure_ascii=False) if record.details else "",
            " ".join(record.to),
        ]


def erased_through(conn: Connection) -> int:
    """The number of the last entry whose details are erased, 0 before there is one."""
    return int(pointers.read(conn, ERASED_THROUGH) or 0)


# -- the query


def _select(*clauses: ColumnElement[bool]) -> Select[Any]:
    entries = select(
        *(ENTRY.c.seq, ENTRY.c.at, ENTRY.c.verb, ENTRY.c.actor_id, ENTRY.c.entry),
        *(ENTRY.c.letter_id, ENTRY.c.subject, DETAIL.c.details),
        *(LETTER.c.subject.label("mail_subject"), LETTER.c.summary, PERSON.c.email),
        *(LETTER.c.sender_address.label("mail_from"), PARCEL.c.recipient),
    )
    same = and_(DETAIL.c.stream == ENTRY.c.stream, DETAIL.c.seq == ENTRY.c.seq)
    entries = entries.outerjoin(DETAIL, same)
    entries = entries.outerjoin(LETTER, LETTER.c.id == ENTRY.c.letter_id)
    entries = entries.outerjoin(PERSON, PERSON.c.id == ENTRY.c.actor_id)
    entries = entries.outerjoin(PARCEL, PARCEL.c.id == ENTRY.c.subject)
    return entries.where(*clauses)


def conditions(conn: Connection, query: Query) -> Iterator[ColumnElement[bool]]:
    if query.since:
        yield ENTRY.c.at >= query.since
    if query.until:
        yield ENTRY.c.at < query.until
    if query.verbs:
        yield ENTRY.c.verb.in_(query.verbs)
    if query.person:
        yield _of_person(conn, query.person.strip())
    if query.file:
        yield _of_file(query.file.strip())
    if query.mail:
        yield _of_mail(query.mail.strip())


def by(id: str) -> ColumnElement[bool]:
    """What a person did: the index of actors has those with a name."""
    return and_(ENTRY.c.actor_id == id, ENTRY.c.actor_id != literal_column("''"))


def _of_person(conn: Connection, asked: str) -> ColumnElement[bool]:
    known = person_at(conn, asked)
    id = known["id"] if known else asked
    own = select(LETTER.c.id).where(
        or_(LETTER.c.sender_id == id, func.lower(LETTER.c.sender_address) == asked.lower())
    )
    to = func.lower(RECIPIENT.c.address) == asked.lower()
    sent = select(CONSIGNMENT.c.letter_id).join(
        RECIPIENT, and_(RECIPIENT.c.consignment_id == CONSIGNMENT.c.id, to)
    )
    parcels = select(PARCEL.c.id).where(func.lower(PARCEL.c.recipient) == asked.lower())
    return or_(
        ENTRY.c.actor_id == id,
        ENTRY.c.subject == id,
        # on whose behalf stands in the entry alone
        and_(
            ENTRY.c.actor_kind == "operator",
            spelled(ENTRY.c.entry).contains(f'"for":{json.dumps(id)}', autoescape=True),
        ),
        ENTRY.c.letter_id.in_(own),
        ENTRY.c.letter_id.in_(sent),
        ENTRY.c.subject.in_(parcels),
    )


def _of_file(name: str) -> ColumnElement[bool]:
    """The column holds JSON with everything but ASCII escaped, so the needle is escaped too."""
    needle = json.dumps(name)[1:-1]
    attachments = cast(LETTER.c.summary, String).icontains(needle, autoescape=True)
    return _of_letters(select(LETTER.c.id).where(attachments))


def _of_mail(asked: str) -> ColumnElement[bool]:
    letters = select(LETTER.c.id).where(
        or_(LETTER.c.message_id == asked, LETTER.c.subject.icontains(asked, autoescape=True))
    )
    return or_(numbered(asked), _of_letters(letters))


def numbered(asked: str) -> ColumnElement[bool]:
    """What was done with one mail or parcel, by its number alone."""
    id = tidy(asked)
    whole = select(CONSIGNMENT.c.letter_id).where(CONSIGNMENT.c.id == id)
    return or_(ENTRY.c.subject == id, _of_letters(select(literal(id))), _of_letters(whole))


def _of_letters(ids: Select[tuple[str]]) -> ColumnElement[bool]:
    """Entries of a letter's first consignment, which bears its name, are found as its own: the
    index of letters has only the others."""
    found, letter, subject = ids.cte(), ENTRY.c.letter_id, ENTRY.c.subject
    asked = select(found.c[0])
    return or_(
        and_(letter.in_(asked), letter != subject), and_(subject.in_(asked), letter == subject)
    )


def _records(conn: Connection, rows: Sequence[RowMapping]) -> list[Record]:
    entries = [json.loads(row["entry"]) for row in rows]
    ids = {row["subject"] for row in rows if not row["letter_id"]}
    ids |= {entry["actor"].get("for", "") for entry in entries}
    known = select(PERSON.c.id, PERSON.c.email).where(PERSON.c.id.in_(ids - {""}))
    addresses = {id: email for id, email in conn.execute(known)}
    return [_record(row, entry, addresses) for row, entry in zip(rows, entries, strict=True)]


def _record(row: RowMapping, entry: dict[str, Any], addresses: Mapping[str, str]) -> Record:
    behalf = entry["actor"].get("for", "")
    summary = row["summary"] or {}
    details = json.loads(row["details"]) if row["details"] else None
    return Record(
        seq=row["seq"],
        at=row["at"],
        actor=entry["actor"],
        login=row["email"] or row["actor_id"],
        verb=row["verb"],
        letter=row["letter_id"],
        subject=row["subject"],
        policy=entry.get("policy"),
        details=details,
        mail_subject=row["mail_subject"] or "",
        mail_from=row["mail_from"] or "",
        files=tuple(name for name in summary.get("attachments", ()) if name),
        whom=addresses.get(row["subject"], "") if not row["letter_id"] else "",
        to=_to(details or {}) or ((row["recipient"],) if row["recipient"] else ()),
        behalf=addresses.get(behalf, behalf),
    )


def _to(details: Mapping[str, Any]) -> tuple[str, ...]:
    said = next((details[key] for key in _TO if details.get(key)), ())
    named = said if isinstance(said, list | tuple) else (said,)
    return tuple(each for each in named if isinstance(each, str))
