"""What people do with a parcel after it was sent: each act names the row it was decided on.

An act on a row that has changed meanwhile raises `states.Overtaken`; one that cannot be done to a
parcel as it is raises `Refused`. Two clicks act once.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import RowMapping, select, update

from bridge import erasing, mails, packing, parcel
from bridge.packing import Made, Packed
from bridge.parcel import PARCEL
from gateway.judgement.checkpoint import Checkpoint
from gateway.judgement.dossier import CONSIGNMENT
from gateway.judgement.policy.rules import Treatment
from gateway.memory.config import Config
from gateway.memory.keys import KeyGone
from gateway.memory.opening import Memory
from gateway.memory.states import Actor, Overtaken
from gateway.memory.store import Tx

LIVING = ("open", "stopped")
ASK_AGAIN = timedelta(days=1)


class Refused(Exception):
    """`code`: settled (recalled or erased) · too_long · past · erased (its files are gone)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def stop(tx: Tx, row: RowMapping, actor: Actor, reason: str = "") -> None:
    """Nobody may fetch for now; nothing is erased."""
    _change(tx, row, ("open",), state="stopped")
    _record(tx, row, "link.stopped", actor, reason=reason)


def resume(tx: Tx, row: RowMapping, actor: Actor, reason: str = "") -> None:
    """Open again what was stopped, or what locked itself after wrong codes."""
    _change(tx, row, LIVING, state="open", tries=0, locked_until=None)
    _record(tx, row, "link.resumed", actor, reason=reason)


def extend(
    tx: Tx, config: Config, row: RowMapping, until: datetime, actor: Actor, reason: str = ""
) -> None:
    """Close at 23:59 of the day of `until`: later or earlier, at most 31 days after the making."""
    closes = parcel.end_of_day(config, until)
    if closes <= tx.now:
        raise Refused("past")
    if closes > parcel.end_of_day(config, row["created_at"] + parcel.LONGEST):
        raise Refused("too_long")
    erase = closes + timedelta(days=config.bridge.erase_days)
    again = {"reminded_at": None, "asked_at": None}
    _change(tx, row, LIVING, closes_at=closes, erase_at=erase, **again)
    _record(tx, row, "link.extended", actor, until=closes.isoformat(), reason=reason)


def recall(tx: Tx, memory: Memory, row: RowMapping, actor: Actor, reason: str = "") -> None:
    """Closed and erased at once. The key goes before the commit: should that fail, the parcel
    cannot be opened all the same, and the sweep puts its row right."""
    _change(tx, row, LIVING, state="recalled", closes_at=tx.now, erase_at=tx.now)
    _record(tx, row, "link.recalled", actor, reason=reason)
    erasing.wipe(tx, memory, row, "recalled", actor)


def repack(memory: Memory, row: RowMapping) -> Packed:
    """The first half of a re-issue, outside of any transaction: reads and seals all files."""
    with memory.store.read() as session:
        try:
            return packing.again(memory, session.connection(), row)
        except (KeyGone, LookupError, FileNotFoundError):
            raise Refused("erased") from None


def reissue(
    tx: Tx, ck: Checkpoint, memory: Memory, row: RowMapping, packed: Packed, actor: Actor
) -> Made:
    """A new link to the same files, mailed to the same recipient; the old one ends.

    `packed` comes from `repack`; where this raises it is to be given to `packing.discard`.
    """
    _change(tx, row, LIVING, closes_at=min(row["closes_at"], tx.now), asked_at=None)
    terms = replace(
        parcel.terms(ck.config, _treatment(tx, row), tx.now), opens_at=max(tx.now, row["opens_at"])
    )
    made = packing.create(
        tx,
        memory,
        packed,
        replace(terms, downloads=row["downloads"]),
        letter=ck.letters.row(tx.conn, row["letter_id"]),
        consignment_id=row["consignment_id"],
        recipient=row["recipient"],
        parent_id=row["id"],
        actor=actor,
    )
    mails.reissued(tx, ck, made.id, packed.manifest, made.token)
    _record(tx, row, "link.reissued", actor, new=made.id)
    return made


def remind(tx: Tx, ck: Checkpoint, memory: Memory, row: RowMapping, actor: Actor) -> None:
    """Mail a link once more, with another token: the first one is kept nowhere."""
    _change(tx, row, ("open",), reminded_at=tx.now)
    mails.reminder(tx, ck, row, parcel.manifest(memory, row))
    _record(tx, row, "link.reminded", actor)


def ask_reissue(tx: Tx, row: RowMapping, ip: str) -> None:
    """The recipient would like to have it again: the sender is told, at most once a day."""
    done = tx.conn.execute(
        update(PARCEL)
        .where(
            PARCEL.c.id == row["id"],
            PARCEL.c.state != "recalled",
            PARCEL.c.asked_at.is_(None) | (PARCEL.c.asked_at < tx.now - ASK_AGAIN),
        )
        .values(asked_at=tx.now)
    )
    if done.rowcount:
        _record(tx, row, "link.reissue_asked", Actor("recipient", ip=ip))


def _change(tx: Tx, row: RowMapping, states: tuple[str, ...], **values: object) -> None:
    if row["state"] not in states:
        raise Refused("settled")
    done = tx.conn.execute(
        update(PARCEL)
        .where(
            PARCEL.c.id == row["id"],
            PARCEL.c.fence == row["fence"],
            PARCEL.c.state == row["state"],
        )
        .values(fence=row["fence"] + 1, **values)
    )
    if done.rowcount != 1:
        raise Overtaken(row["id"])


def _treatment(tx: Tx, row: RowMapping) -> Treatment | None:
    query = select(CONSIGNMENT.c.treatment).where(CONSIGNMENT.c.id == row["consignment_id"])
    kept = tx.conn.execute(query).scalar()
    return Treatment.model_validate(kept) if kept else None


def _record(tx: Tx, row: RowMapping, verb: str, actor: Actor, **facts: object) -> None:
    told = {key: value for key, value in facts.items() if value != ""}
    tx.record(
        verb,
        actor,
        letter=row["letter_id"],
        subject=row["id"],
        recipient=row["recipient"],
        **told,  # type: ignore[arg-type]
    )
