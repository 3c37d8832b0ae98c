"""The content of letters: bytes and report under the letter's own data key.

Who may not hold the letters' ring (the outside door, the scan workers) cannot use this.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, select, update

from detectors.report import Report, from_json, to_json
from gateway.memory.keys import KeyGone, KeyMissing, Ring
from gateway.memory.standing import Statement, as_read
from gateway.memory.store import Tx
from gateway.memory.tables import Letter, table
from gateway.memory.vault import (
    Damaged,
    Opened,
    Sealed,
    Sealer,
    Vault,
    new_data_key,
    open_small,
    seal_small,
)

LETTER = table(Letter)
BY_ID = Statement(select(LETTER).where(LETTER.c.id == bindparam("known")))
BY_IDS = Statement(select(LETTER).where(LETTER.c.id.in_(bindparam("ids", expanding=True))))
CHANGE = Statement(update(LETTER).where(LETTER.c.id == bindparam("known")))
as_row = as_read(LETTER)

LONGEST = timedelta(days=31)
"""By then a letter that was never held is gone: five days of retries, and the rest is room."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A letter being received: where its bytes go, and the key they are sealed with."""

    id: str
    sealer: Sealer
    key: bytes


class Letters:
    def __init__(self, vault: Vault, ring: Ring) -> None:
        self.vault = vault
        self.ring = ring

    # -- writing

    def draft(self, id: str) -> Draft:
        key = new_data_key()
        return Draft(id, self.vault.sealer(key, _about(id)), key)

    def columns(self, tx: Tx, draft: Draft, sealed: Sealed) -> dict[str, Any]:
        """The columns of `Letter` that say where the bytes are and what opens them."""
        kek = self.ring.epoch((tx.now + LONGEST).date())
        return {
            "size": sealed.size,
            "blob": self.vault.keep(tx.conn, sealed),
            "kek": kek,
            "key": self.ring.wrap(draft.key, kek, draft.id),
        }

    def give_own_key(self, tx: Tx, letter: RowMapping) -> None:
        """What is held gets a key file of its own, so that erasing it ends every backup of it."""
        if letter["kek"].startswith("own:"):
            return
        kek = self.ring.own(letter["id"])
        key = self.ring.wrap(self.key(letter), kek, letter["id"])
        CHANGE.run(tx.conn, {"known": letter["id"], "kek": kek, "key": key})

    def seal_report(self, letter: RowMapping, report: Report, key: bytes = b"") -> bytes:
        """`key`: the letter's own, where it is at hand and need not be unwrapped."""
        return seal_small(to_json(report), key or self.key(letter), f"report {letter['id']}")

    # -- reading

    def row(self, conn: Connection, id: str) -> RowMapping:
        return BY_ID.one(conn, {"known": id})

    def rows(self, conn: Connection, ids: Collection[str]) -> dict[str, RowMapping]:
        return {row["id"]: row for row in BY_IDS.rows(conn, {"ids": list(ids)})}

    def key(self, letter: RowMapping) -> bytes:
        return self.ring.unwrap(letter["key"], letter["kek"], letter["id"])

    def raw(self, conn: Connection, letter: RowMapping) -> bytes:
        return self.open(conn, letter).whole()

    def open(self, conn: Connection, letter: RowMapping) -> Opened:
        return self.vault.open(conn, letter["blob"], self.key(letter), _about(letter["id"]))

    def opened(self, source: bytes | Path, letter: RowMapping) -> Opened:
        """The same to be read, where the sealed bytes were looked up before (`Vault.sources`)."""
        return Opened(source, self.key(letter), _about(letter["id"]))

    def report(self, letter: RowMapping) -> Report:
        """As it was judged; an empty report where the content is gone or was never read."""
        if not letter["report"] or letter["erased_at"]:
            return Report()
        about = f"report {letter['id']}"
        return from_json(open_small(letter["report"], self.key(letter), about))

    def kept(self, letter: RowMapping) -> Report:
        """The report, or what outlives the content: what was found, without a word of the text.
        Raises KeyGone where the days of that are over."""
        if not letter["report"] or not letter["erased_at"]:
            return self.report(letter)
        return from_json(open_small(letter["report"], self.key(letter), f"features {letter['id']}"))

    # -- ending

    def erase(self, tx: Tx, letter: RowMapping, why: str, features_days: int) -> None:
        """Key first, then bytes: the row forgets both, the files go once that is durable. What was
        found stays so many days from its arrival, for drafts of the policy to be tried on.

        An epoch key serves others too and is destroyed by the sweep on its day; the row's
        wrapped key is gone at once (secure_delete overwrites it in the database).
        """
        left = self._left(tx, letter, features_days)
        if letter["kek"].startswith("own:"):
            self.ring.destroy(letter["kek"], why)
        self.vault.remove_row(tx.conn, letter["blob"])
        CHANGE.run(tx.conn, {"known": letter["id"], "blob": "", "erased_at": tx.now, **left})
        tx.after.append(partial(self.vault.remove_file, letter["blob"]))

    def _left(self, tx: Tx, letter: RowMapping, days: int) -> dict[str, Any]:
        """Under a key of their own, which is wrapped by that of the day on which they go."""
        nothing = {"key": b"", "report": b""}
        day = (letter["received_at"] + timedelta(days=days)).date()
        if not letter["report"] or day <= tx.now.date():
            return nothing
        try:
            found = self.report(letter).features
        except (KeyGone, KeyMissing, Damaged):  # what cannot be read is erased all the same
            return nothing
        key, kek = new_data_key(), self.ring.epoch(day)
        sealed = seal_small(to_json(found), key, f"features {letter['id']}")
        return {"report": sealed, "kek": kek, "key": self.ring.wrap(key, kek, letter["id"])}


def _about(id: str) -> str:
    return f"letter {id}"
