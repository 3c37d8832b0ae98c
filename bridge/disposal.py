"""Records whose time is over (`retention.records_months`): who wrote to whom goes, the chain stays.

The rows of a mail are deleted with all that hangs on them, and of the ledger's old entries the
details: names, addresses, replies. An entry keeps its number, time, actor, verb and the mail's
number, and the digest of what is gone. That it went is an entry too, and `verify` lets no other
details be missing than those it names.
"""

from __future__ import annotations

from datetime import datetime, time

from sqlalchemy import Select, delete, exists, select

from bridge.parcel import FILE, PARCEL
from bridge.proof import CODE
from bridge.visit import ACCESS, SESSION
from gateway.judgement.dossier import ACT, CONSIGNMENT, DECISION, DEMAND, RECIPIENT
from gateway.judgement.records import ERASED_THROUGH, erased_through
from gateway.judgement.tokens import TOKEN
from gateway.memory import pointers
from gateway.memory.durations import months_before
from gateway.memory.ledger.append import DETAIL, ENTRY, STREAM
from gateway.memory.ledger.chain import DISPOSED
from gateway.memory.letters import LETTER
from gateway.memory.opening import Memory
from gateway.memory.states import SYSTEM, State
from gateway.memory.store import Tx
from gateway.memory.tables import Attempt, table

ATTEMPT = table(Attempt)
LETTERS, DETAILS = 50, 2_000
"""At once: mail waits for no more than that."""
_OF_CONSIGNMENT = (
    *(RECIPIENT.c.consignment_id, DEMAND.c.consignment_id, ACT.c.consignment_id),
    *(ATTEMPT.c.consignment_id, TOKEN.c.subject),
)
_OF_PARCEL = (
    *(FILE.c.parcel_id, CODE.c.parcel_id, ACCESS.c.parcel_id, SESSION.c.parcel_id),
    TOKEN.c.subject,
)
_OF_LETTER = DECISION.c.letter_id, CONSIGNMENT.c.letter_id, PARCEL.c.letter_id


def past_records(tx: Tx, memory: Memory) -> int:
    """Those from before the same day so many months ago. Letters go first: no page shows one whose
    entries have lost their details."""
    before = _before(tx.now, memory)
    letters = _letters(tx, before)
    through = erased_through(tx.conn)
    details = 0 if letters else _details(tx, through, before)
    if letters or details:
        pointers.put(tx, ERASED_THROUGH, str(through + details))
        tx.record(DISPOSED, SYSTEM, mails=letters, entries=details, through=through + details)
    return letters + details


def _before(now: datetime, memory: Memory) -> datetime:
    """A midnight: what is due is one piece of work a day, not one every five seconds."""
    zone = memory.config.zone
    day = months_before(now.astimezone(zone).date(), memory.config.retention.records_months)
    return datetime.combine(day, time.min, zone)


def _letters(tx: Tx, before: datetime) -> int:
    """Mails, our own notices among them, with their recipients, decisions, demands and parcels."""
    ids = list(tx.conn.execute(_due(before)).scalars())
    if ids:
        parts = select(CONSIGNMENT.c.id).where(CONSIGNMENT.c.letter_id.in_(ids))
        parcels = select(PARCEL.c.id).where(PARCEL.c.letter_id.in_(ids))
        for columns, of in ((_OF_CONSIGNMENT, parts), (_OF_PARCEL, parcels)):
            for column in columns:
                tx.conn.execute(delete(column.table).where(column.in_(of)))
        for column in (*_OF_LETTER, LETTER.c.id):
            tx.conn.execute(delete(column.table).where(column.in_(ids)))
    return len(ids)


def _due(before: datetime) -> Select[tuple[str]]:
    """Content is gone, and nothing of it waits for anybody."""
    under_way = CONSIGNMENT.c.state != State.ERASED.value
    fetchable = PARCEL.c.state.in_(("open", "stopped"))
    return (
        select(LETTER.c.id)
        .where(
            LETTER.c.received_at < before,
            LETTER.c.erased_at.is_not(None),
            ~exists().where(CONSIGNMENT.c.letter_id == LETTER.c.id, under_way),
            ~exists().where(PARCEL.c.letter_id == LETTER.c.id, fetchable),
        )
        .order_by(LETTER.c.received_at)
        .limit(LETTERS)
    )


def _details(tx: Tx, through: int, before: datetime) -> int:
    """How many of the entries behind `through` have none any more."""
    mine = ENTRY.c.stream == STREAM
    # several entries have one time: those of a transaction
    newest = ENTRY.c.at.desc(), ENTRY.c.seq.desc()
    old = select(ENTRY.c.seq).where(mine, ENTRY.c.at < before).order_by(*newest).limit(1)
    last = min(tx.conn.execute(old).scalar() or 0, through + DETAILS)
    if last <= through:
        return 0
    gone = DETAIL.c.stream == STREAM, DETAIL.c.seq > through, DETAIL.c.seq <= last
    tx.conn.execute(delete(DETAIL).where(*gone))
    return last - through
