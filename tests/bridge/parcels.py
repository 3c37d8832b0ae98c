"""Letters and parcels to act on, in a memory of one's own."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import RowMapping, insert, select, update

from bridge import packing, parcel
from bridge.packing import Content, Made
from bridge.parcel import Manifest
from detectors import inspect
from gateway.judgement import people, personnel
from gateway.judgement.dossier import CONSIGNMENT, RECIPIENT
from gateway.judgement.policy.rules import Treatment
from gateway.memory.ids import new_id
from gateway.memory.letters import LETTER
from gateway.memory.opening import Memory
from gateway.memory.states import SYSTEM, Actor
from gateway.memory.tables import Code, LedgerEntry, table

CODE, ENTRY = table(Code), table(LedgerEntry)
YAMADA = Actor("person", "yamada")
SATO = "sato@partner.example"
DATA = "氏名,部署\r\n山田,総務\r\n".encode() * 9_000
"""Over 64 KiB: a file of the vault, not a row."""


def holder(memory: Memory, role: str) -> Actor:
    """A person with that role."""
    with memory.store.write() as tx:
        id = people.ensure(tx, f"{role}@example.co.jp")
        personnel.grant(tx, id, "role", role, SYSTEM)
    return Actor("person", id)


def letter(
    memory: Memory,
    raw: bytes,
    recipients: dict[str, bool],
    *,
    state: str = "released",
    treatment: Treatment | None = None,
    dropped: dict[str, list[str]] | None = None,
) -> str:
    """A letter from 山田 花子 as the scanner left it; `recipients`: address → inside. Its one
    consignment has the same id."""
    id, letters = new_id(), memory.content
    draft = letters.draft(id)
    draft.sealer.write(raw)
    sealed = draft.sealer.finish()
    report = inspect(raw)
    with memory.store.write() as tx:
        person = people.ensure(tx, "yamada@example.co.jp", "山田 花子")
        tx.conn.execute(
            insert(LETTER).values(
                id=id,
                received_at=tx.now,
                mail_from="yamada@example.co.jp",
                subject=report.headers.subject,
                message_id=report.headers.message_id,
                header_from="yamada@example.co.jp",
                sender_class="person",
                sender_id=person,
                sender_address="yamada@example.co.jp",
                **letters.columns(tx, draft, sealed),
            )
        )
        row = letters.row(tx.conn, id)
        kept = letters.seal_report(row, report)
        tx.conn.execute(update(LETTER).where(LETTER.c.id == id).values(report=kept))
        tx.conn.execute(
            insert(CONSIGNMENT).values(
                id=id,
                letter_id=id,
                state=state,
                created_at=tx.now,
                changed_at=tx.now,
                treatment=treatment.model_dump(mode="json") if treatment else {},
                dropped=dropped or {},
            )
        )
        tx.conn.execute(
            insert(RECIPIENT),
            [{"consignment_id": id, "address": a, "inside": i} for a, i in recipients.items()],
        )
    return id


def made(memory: Memory, *contents: Content, told_word: bool = False, **terms: object) -> Made:
    """A parcel for 佐藤, as sealing makes it, whose mail was delivered."""
    from tests.samples import message

    id = letter(memory, message("給与資料", "お送りします"), {SATO: False}, state="done")
    contents = contents or (Content("一覧.csv", "text/csv", DATA),)
    blank = Manifest((), "attachments", "株式会社サンプル", "山田 花子", "総務課", "ja", "給与資料")
    packed = packing.pack(memory, blank, contents, told_word=told_word)
    with memory.store.write() as tx:
        tx.conn.execute(
            update(RECIPIENT).where(RECIPIENT.c.consignment_id == id).values(status="delivered")
        )
        return packing.create(
            tx,
            memory,
            packed,
            replace(parcel.terms(memory.config, None, tx.now), **terms),  # type: ignore[arg-type]
            letter=memory.content.row(tx.conn, id),
            consignment_id=id,
            recipient=SATO,
        )


def row(memory: Memory, id: str) -> RowMapping:
    with memory.store.read() as session:
        found = parcel.get(session.connection(), id)
    assert found is not None
    return found


def standing(memory: Memory, id: str) -> str:
    with memory.store.read() as session:
        files = parcel.files(session.connection(), id)
    return parcel.standing(row(memory, id), files, memory.store.clock()).value


def fetched(memory: Memory, id: str, number: int = 1) -> bytes:
    with memory.store.read() as session:
        return parcel.open_file(memory, session.connection(), row(memory, id), number).whole()


def verbs(memory: Memory, subject: str) -> list[str]:
    with memory.store.read() as session:
        query = select(ENTRY.c.verb).where(ENTRY.c.subject == subject).order_by(ENTRY.c.seq)
        return list(session.connection().execute(query).scalars())


def own_mails(memory: Memory, purpose: str) -> list[str]:
    """The texts of our own mails of this purpose, oldest first."""
    from email import message_from_bytes, policy

    with memory.store.read() as session:
        conn = session.connection()
        query = select(LETTER).where(LETTER.c.purpose == purpose).order_by(LETTER.c.received_at)
        raws = [memory.content.raw(conn, each) for each in conn.execute(query).mappings().all()]
    mails = [message_from_bytes(raw, policy=policy.default) for raw in raws]
    return [f"{mail['Subject']}\n{mail.get_content()}" for mail in mails]
