"""A company around a checkpoint: people with roles, and mail that arrives judged."""

from __future__ import annotations

import email
from dataclasses import dataclass
from email.utils import parseaddr

from sqlalchemy import insert, select

import detectors
from gateway.judgement import judge
from gateway.judgement.checkpoint import Checkpoint
from gateway.judgement.dossier import CONSIGNMENT, Dossier, dossier
from gateway.judgement.people import ADDRESS, DEPUTY, GRANT, PERSON
from gateway.memory.ids import new_id
from gateway.memory.letters import LETTER
from gateway.memory.opening import Memory
from gateway.memory.states import ref
from gateway.memory.tables import Recipient, table

RECIPIENT = table(Recipient)


@dataclass
class Office:
    """`hire` people, let mail `arrive`, then look at what became of it."""

    memory: Memory
    ck: Checkpoint

    def hire(self, name: str, *grants: tuple[str, str], shared: str = "") -> None:
        with self.memory.store.write() as tx:
            address = f"{name}@example.co.jp"
            tx.conn.execute(insert(PERSON).values(id=name, name=name.title(), email=address))
            tx.conn.execute(insert(ADDRESS).values(address=address, person_id=name, shared=False))
            if shared:
                tx.conn.execute(insert(ADDRESS).values(address=shared, person_id=name, shared=True))
            for kind, granted in grants:
                tx.conn.execute(insert(GRANT).values(person_id=name, kind=kind, name=granted))

    def stand_in(self, deputy: str, person: str) -> None:
        with self.memory.store.write() as tx:
            tx.conn.execute(insert(DEPUTY).values(person_id=person, deputy_id=deputy))

    def arrive(self, raw: bytes, to: list[str], sender: str = "", state: str = "received") -> str:
        """As intake keeps it and the scanner judges it; from the address in From unless
        given. As "tapped" it is a copy that others deliver."""
        id = new_id()
        sender = sender or parseaddr(email.message_from_bytes(raw)["From"])[1]
        draft = self.ck.letters.draft(id)
        draft.sealer.write(raw)
        sealed = draft.sealer.finish()
        with self.memory.store.write() as tx:
            tx.conn.execute(
                insert(LETTER).values(
                    id=id,
                    received_at=tx.now,
                    mail_from=sender,
                    **self.ck.letters.columns(tx, draft, sealed),
                )
            )
            tx.conn.execute(
                insert(CONSIGNMENT).values(
                    id=id, letter_id=id, state=state, created_at=tx.now, changed_at=tx.now
                )
            )
            for address in to:
                tx.conn.execute(insert(RECIPIENT).values(consignment_id=id, address=address))
        report = detectors.inspect(raw, detectors.Wanted())
        self.judge(id, report)
        return id

    def judge(self, id: str, report) -> None:
        with self.memory.store.write() as tx:
            letter = self.ck.letters.row(tx.conn, id)
            inforce = self.ck.policies.active(tx.conn)
            judge.first(tx, self.ck, ref(tx, id), letter, report, inforce)

    def read(self, id: str) -> Dossier:
        with self.memory.store.read() as session:
            return dossier(session.connection(), self.ck.letters, id)

    def children(self, letter: str) -> dict[str, tuple[str, list[str]]]:
        """State and recipients of each consignment of a letter."""
        with self.memory.store.read() as session:
            conn = session.connection()
            rows = conn.execute(select(CONSIGNMENT).where(CONSIGNMENT.c.letter_id == letter)).all()
            return {
                row.id: (
                    row.state,
                    list(
                        conn.execute(
                            select(RECIPIENT.c.address).where(RECIPIENT.c.consignment_id == row.id)
                        ).scalars()
                    ),
                )
                for row in rows
            }

    def notices(self, about: str) -> list[tuple[str, str, str]]:
        """(purpose, to, text) of our own mails about a consignment, in order."""
        with self.memory.store.read() as session:
            conn = session.connection()
            rows = conn.execute(
                select(LETTER).where(LETTER.c.about == about).order_by(LETTER.c.received_at)
            ).mappings()
            found = []
            for row in list(rows):
                to = conn.execute(
                    select(RECIPIENT.c.address).where(RECIPIENT.c.consignment_id == row["id"])
                ).scalar()
                message = email.message_from_bytes(self.ck.letters.raw(conn, row))
                text = message.get_payload(decode=True)
                text = text or message.get_payload(0).get_payload(decode=True)
                found.append((row["purpose"], to, text.decode()))
            return found

    def verbs(self, subject: str) -> list[str]:
        from gateway.memory.tables import LedgerEntry

        entry = table(LedgerEntry)
        with self.memory.store.read() as session:
            query = select(entry.c.verb).where(entry.c.subject == subject).order_by(entry.c.seq)
            return list(session.connection().execute(query).scalars())
