"""The sealing stage: what was released and needs a treatment becomes a rendition that may leave.

1. Each outside recipient gets a consignment, and with it a link, of their own; recipients inside
   get the mail as it is.
2. Attachments are taken out by offset; where that cannot be done safely, or where our own reading
   of the result is not clean, the mail goes into the parcel as a whole.
3. Files, key and rendition are durable before the one transaction that lets the rendition leave.

What fails three times is held, with one demand: the administrator's. It never leaves unsealed.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, update

from bridge import packing, parcel, password, rendition
from bridge.letterhead import Names
from bridge.packing import Packed
from bridge.rendition import Job, NoZip, Rendition
from gateway.judgement import demands, notice
from gateway.judgement.acquaintance.learn import touch
from gateway.judgement.checkpoint import Checkpoint
from gateway.judgement.dossier import CONSIGNMENT, RECIPIENT
from gateway.judgement.identity import owned
from gateway.judgement.policy.rules import Treatment
from gateway.judgement.policy.verdict import Demand
from gateway.judgement.sandbox import Sandbox, SandboxStopped
from gateway.judgement.treated import ways
from gateway.memory.committer import Committer
from gateway.memory.letters import LONGEST
from gateway.memory.nudge import Bell
from gateway.memory.opening import Memory
from gateway.memory.stage import at_last, work_through
from gateway.memory.states import SYSTEM, Event, Overtaken, Ref, State, claim, move, put_back, split
from gateway.memory.store import Tx
from gateway.memory.vault import Sealed, new_data_key

log = logging.getLogger("sekisho.sealing")

LEASE = timedelta(minutes=10)
CLAIMED = 16
"""Mails for each worker that are claimed ahead."""
PATIENCE = 60.0
"""Seconds for a failure to be written down; well within the lease."""
WAITS = (timedelta(seconds=5), timedelta(minutes=1))
"""After the first and the second failure; after the third one it is held."""


class CopyOutside(Exception):
    """A policy that was good when it was published adds somebody who is no longer inside. Without
    the copy nothing leaves: an archive with gaps is worse than a mail that waits."""

    reason = "copy_outside"


@dataclass(frozen=True)
class Claimed:
    ref: Ref
    tries: int


@dataclass(frozen=True)
class Sealing:
    memory: Memory
    committer: Committer
    checkpoint: Checkpoint
    sandbox: Sandbox
    bell: Bell
    name: str
    """of this process, as the owner of leases"""

    async def run(self) -> None:
        """Until cancelled. As many mails at once as there are scan workers."""
        await work_through(
            lambda: self.committer.commit(self.claim),
            self.seal,
            lambda: self.bell.wait(State.RELEASED.value, 2.0),
            width=self.checkpoint.config.scan.width,
            ahead=CLAIMED,
        )

    def claim(self, tx: Tx) -> list[Claimed]:
        found = claim(tx, State.RELEASED, self.name, LEASE, limit=CLAIMED)
        for known in found:
            self._split(tx, known)
        ids = [known.id for known in found]
        query = select(CONSIGNMENT.c.id, CONSIGNMENT.c.attempts).where(CONSIGNMENT.c.id.in_(ids))
        tries = {row.id: row.attempts for row in tx.conn.execute(query)}
        return [Claimed(known, tries[known.id]) for known in found]

    async def seal(self, claimed: Claimed) -> None:
        """One consignment, from claim to QUEUED. Raises nothing: another one must not suffer."""
        try:
            job = await asyncio.to_thread(self._job, claimed.ref)
            made = await rendition.make(self.sandbox, self.memory, job)
        except SandboxStopped:
            return
        except NoZip as error:
            await self._fail(claimed, partial(self._linked, claimed.ref, error.reason))
            return
        except Exception as error:
            why = getattr(error, "reason", type(error).__name__)
            log.warning("sealing of %s failed: %s\n%s", claimed.ref.id, why, _where(error))
            await self._fail(claimed, partial(self._failed, claimed, str(why)))
            return
        await self._commit(claimed, job, made)

    # -- steps

    def _split(self, tx: Tx, known: Ref) -> None:
        """One copy for each outside recipient where each has a link of its own or is named alone.
        The first one, or all who are inside, stay."""
        if not (treatment := _treatment(tx.conn, known.id)):
            return
        self._copies(tx, known, treatment)
        rows = waiting(tx.conn, known.id)
        inside = [row["id"] for row in rows if row["inside"]]
        outside = [[row["id"]] for row in rows if not row["inside"]]
        if outside and not (treatment.bridge or treatment.one_each):
            outside = [[id for group in outside for id in group]]
        groups = outside + ([inside] if inside else [])
        for group in groups[1:]:
            part = split(tx, known, group, SYSTEM)
            tx.nudge(part.state.value)

    def _copies(self, tx: Tx, known: Ref, treatment: Treatment) -> None:
        """Whom the treatment adds, once for each letter; nobody outside (`_job` refuses). Nobody
        hears of what happens to a copy that its sender did not ask for."""
        own = self.checkpoint.config.smtp.own_domains
        added = {a: "bcc" for a in treatment.add_bcc} | {a: "cc" for a in treatment.add_cc}
        new = {a: how for a, how in added.items() if owned(a, own)}
        present = _addressed(tx.conn, known.letter_id) if new else frozenset()
        for address, how in new.items():
            if address.lower() in present:
                continue
            row = {"address": address, "header": how, "inside": True, "notify": "NEVER"}
            tx.conn.execute(insert(RECIPIENT).values(consignment_id=known.id, **row))
            tx.record(
                "copied", SYSTEM, letter=known.letter_id, consignment=known.id, who=address, how=how
            )

    def _job(self, known: Ref) -> Job:
        letters = self.checkpoint.letters
        with self.memory.store.read() as session:
            conn = session.connection()
            letter = letters.row(conn, known.letter_id)
            query = select(CONSIGNMENT).where(CONSIGNMENT.c.id == known.id)
            consignment = conn.execute(query).mappings().one()
            outside = [row for row in waiting(conn, known.id) if not row["inside"]]
            treatment = _treatment(conn, known.id) if outside else None
            alone = outside[0]["address"] if len(outside) == 1 else ""
            sender = letter["header_from"] or letter["sender_address"] or letter["mail_from"]
            named = sender if self.memory.config.delivery.bcc_to == "sender" else ""
            own = frozenset(self.checkpoint.config.smtp.own_domains)
            if treatment and treatment.form == "zip" and not notice.tellers(conn, letter):
                raise NoZip("nobody_to_tell")
            copies = (*treatment.add_cc, *treatment.add_bcc) if treatment else ()
            if not all(owned(address, own) for address in copies):
                raise CopyOutside
            terms = parcel.terms(self.memory.config, treatment, self.memory.store.clock())
            return Job(
                id=known.id,
                raw=letters.raw(conn, letter),
                report=letters.report(letter),
                dropped=frozenset(consignment["dropped"].get("parts", ())),
                treatment=treatment,
                recipient=alone,
                terms=terms,
                blank=rendition.blank(conn, self.memory, letter),
                sender=sender,
                names=Names(own, alone, named),
            )

    async def _commit(self, claimed: Claimed, job: Job, made: Rendition | None) -> None:
        """tx4. Overtaken means that another one has sealed it, or a person has moved it."""
        key = new_data_key()
        sealed = None
        try:
            if made:
                about = f"rendition {job.id}"
                sealed = await asyncio.to_thread(self.memory.vault.seal, made.data, key, about)
            work = _Work(self, claimed.ref, job, made, sealed, key)
            await self.committer.commit(work)
        except Exception as error:
            self._discard(made, sealed)
            if isinstance(error, Overtaken):
                log.info("%s was taken over while it was sealed", claimed.ref.id)
                return
            log.exception("sealing of %s could not be written down", claimed.ref.id)
            await self._fail(claimed, partial(self._failed, claimed, type(error).__name__))

    def _discard(self, made: Rendition | None, sealed: Sealed | None) -> None:
        """What no row knows; on a disk that fails here too it is left to the sweep."""
        with suppress(OSError):
            if made and made.packed:
                packing.discard(self.memory, made.packed)
            if sealed:
                self.memory.vault.remove_file(sealed.ref)

    async def _fail(self, claimed: Claimed, back: Callable[[Tx], None]) -> None:
        try:
            await at_last(lambda: self.committer.commit(back), PATIENCE)
        except Overtaken:
            log.info("%s was taken over", claimed.ref.id)
        except Exception:
            log.exception("the failure of %s could not be written down", claimed.ref.id)

    def _linked(self, known: Ref, why: str, tx: Tx) -> None:
        """By the bridge instead, from the start: each recipient gets a link of their own."""
        put_back(tx, known, wait=timedelta(), tried=False)
        asked = _treatment(tx.conn, known.id)
        assert asked
        linked = {"bridge": "attachments", "zip": False, "zip_names": None}
        mine = update(CONSIGNMENT).where(CONSIGNMENT.c.id == known.id)
        tx.conn.execute(mine.values(treatment={**asked.model_dump(mode="json"), **linked}))
        tx.record("linked_instead", SYSTEM, letter=known.letter_id, consignment=known.id, why=why)
        tx.nudge(State.RELEASED.value)

    def _failed(self, claimed: Claimed, why: str, tx: Tx) -> None:
        known, ck = claimed.ref, self.checkpoint
        if claimed.tries < len(WAITS):
            put_back(tx, known, wait=WAITS[claimed.tries])
            return
        letter = ck.letters.row(tx.conn, known.letter_id)
        ck.letters.give_own_key(tx, letter)
        held = move(tx, known, Event.FAIL_SEALING, SYSTEM, {"reason": "sealing_failed"}, why=why)
        letter = ck.letters.row(tx.conn, known.letter_id)
        demands.demand(tx, ck, held, letter, [Demand("admin")])


@dataclass(frozen=True)
class _Work:
    """Everything that must become true at once."""

    stage: Sealing
    ref: Ref
    job: Job
    made: Rendition | None
    sealed: Sealed | None
    key: bytes

    def __call__(self, tx: Tx) -> Ref:
        changes: dict[str, Any] = {}
        facts: dict[str, Any] = {"recipient": self.job.recipient}
        if self.made and self.sealed:
            changes = self._columns(tx, self.sealed)
            facts |= {
                "form": self.made.form,
                "sha256": hashlib.sha256(self.made.data).hexdigest(),
                "taken": sorted(self.made.taken),
            }
            if done := ways(self.job.treatment):
                facts["treated"] = list(done)
            for name in ("unwritten", "broken"):
                if told := getattr(self.made, name):
                    facts[name] = list(told)
        facts |= self._parcel(tx)
        moved = move(tx, self.ref, Event.SEAL, SYSTEM, changes, **facts)
        if self.made and self.made.password:
            notice.zipped(tx, self.stage.checkpoint, self.ref.id)
            self._remember(tx)
        return moved

    def _remember(self, tx: Tx) -> None:
        """A mail that tells the password after all is found out as `password_mail`."""
        ck = self.stage.checkpoint
        sender = ck.letters.row(tx.conn, self.ref.letter_id)["sender_address"].lower()
        for row in waiting(tx.conn, self.ref.id):
            touch(tx.conn, ck.keyed.locked(sender, row["address"].lower()), tx.now)

    def _columns(self, tx: Tx, sealed: Sealed) -> dict[str, object]:
        memory = self.stage.memory
        ring = memory.content.ring
        kek = ring.epoch((tx.now + LONGEST).date())
        secret = self.made.password if self.made else ""
        return {
            **(password.columns(memory, tx, self.ref.id, secret) if secret else {}),
            "rendition": memory.vault.keep(tx.conn, sealed),
            "rendition_kek": kek,
            "rendition_key": ring.wrap(self.key, kek, self.ref.id),
        }

    def _parcel(self, tx: Tx) -> dict[str, str]:
        if not self.made or not self.made.packed:
            return {}
        packed: Packed = self.made.packed
        letter = self.stage.checkpoint.letters.row(tx.conn, self.ref.letter_id)
        made = packing.create(
            tx,
            self.stage.memory,
            packed,
            self.job.terms,
            letter=letter,
            consignment_id=self.ref.id,
            recipient=self.job.recipient,
        )
        return {"parcel": made.id}


def waiting(conn: Connection, id: str) -> Sequence[RowMapping]:
    query = select(RECIPIENT).where(
        RECIPIENT.c.consignment_id == id, RECIPIENT.c.status == "waiting"
    )
    return conn.execute(query.order_by(RECIPIENT.c.id)).mappings().all()


def _addressed(conn: Connection, letter_id: str) -> frozenset[str]:
    """Who gets this letter, lower case."""
    gets = select(RECIPIENT.c.address).join(
        CONSIGNMENT, CONSIGNMENT.c.id == RECIPIENT.c.consignment_id
    )
    alive = CONSIGNMENT.c.state.not_in(("withdrawn", "refused", "expired"))
    found = conn.execute(gets.where(CONSIGNMENT.c.letter_id == letter_id, alive)).scalars()
    return frozenset(address.lower() for address in found)


def _treatment(conn: Connection, id: str) -> Treatment | None:
    kept = conn.execute(select(CONSIGNMENT.c.treatment).where(CONSIGNMENT.c.id == id)).scalar()
    return Treatment.model_validate(kept) if kept else None


def _where(error: Exception) -> str:
    """The trace without the message, which may quote the mail."""
    return "".join(traceback.format_tb(error.__traceback__)[-4:])
