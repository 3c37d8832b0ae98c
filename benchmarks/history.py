"""What a mail costs after years of mail: `python -m benchmarks.history [--rows N]`.

Two installations take the same mails by turns: one with a thousand mails in its past, one with a
million, each of them delivered and erased long ago, with its rows in the queue's tables and its
entry in the ledger. Ends with 1 where a mail costs more than `MOST` times as much beside the past.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    MetaData,
    String,
    Table,
    case,
    insert,
    literal,
    null,
    select,
)

from benchmarks.installation import Installation, carried_over
from benchmarks.load import accepted_in
from benchmarks.mails import RECIPIENT, SENDER, mail
from benchmarks.peers import Sekisho, folder_on_disk
from benchmarks.report import cpu_ratio, keep, table
from benchmarks.turns import Load, turns
from gateway.memory import tables
from gateway.memory.ids import new_id
from gateway.memory.states import Actor, State
from gateway.memory.store import Tx
from tests.e2e.house import until

FEW, MANY = 1_000, 1_000_000
MOST = 1.2
MAILS = 300
BATCH = 25_000
SINCE = timedelta(days=600)
"""The records of two years are kept."""

LETTER, CONSIGNMENT = tables.table(tables.Letter), tables.table(tables.Consignment)
RECIPIENTS, ATTEMPT = tables.table(tables.Recipient), tables.table(tables.Attempt)
DECISION = tables.table(tables.Decision)
PAST = Table(
    "past",
    MetaData(),
    Column("id", String),
    Column("at", tables.Moment),
    Column("sender", String),
    Column("recipient", String),
    prefixes=["TEMPORARY"],
)


class Aged(Sekisho):
    """A core with so many mails behind it."""

    def __init__(self, folder: Path, rows: int) -> None:
        super().__init__(folder)
        self.name = f"{rows:,} rows"
        try:
            accepted_in(self.port, mail("2 KB"))
            known = until(lambda: settled(self._ours), 30, saying="the first is not settled")
            self._ours.stop()
            began = time.monotonic()
            age(self._ours, known, rows)
            print(f"{self.name} after {time.monotonic() - began:.0f} s", file=sys.stderr)
            self._ours.start()
        except BaseException:
            self.close()
            raise


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    with ExitStack() as stack:
        folder = stack.enter_context(folder_on_disk())
        peers = []
        for rows in (options.rows, FEW):
            (place := folder / str(rows)).mkdir()
            peers.append(stack.enter_context(closing(Aged(place, rows))))
        load = Load.of(folder, "2 KB", options.mails)
        runs = list(turns(peers, load, (1, 10)))
    print(table(runs))
    found = cpu_ratio(runs)
    print(f"\nkept in {keep(options.results, runs)}; CPU of a mail: {found:.2f} (at most {MOST})")
    return int(found > MOST)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m benchmarks.history", description=__doc__)
    parser.add_argument("--rows", type=int, default=MANY, metavar="N", help="of mails gone by")
    parser.add_argument("--mails", type=int, default=MAILS, metavar="N", help="a run")
    parser.add_argument("--results", type=Path, default=Path("results"), metavar="FOLDER")
    return parser.parse_args(arguments)


def settled(ours: Installation) -> str:
    """The id of the only mail, once it has left."""
    over = [state.value for state in (State.DONE, State.ERASED)]
    with ours.rows() as conn:
        found = conn.execute(select(CONSIGNMENT.c.id).where(CONSIGNMENT.c.state.in_(over)))
        return str(found.scalar() or "")


def age(ours: Installation, known: str, rows: int) -> None:
    """Adds `rows` mails like the one that is `known`, the newest of them two days old."""
    chance = random.Random(rows)
    now = datetime.now(UTC)
    ids = iter(dict.fromkeys(new_id() for _ in range(rows + rows // 50)))
    with ours.memory(lambda: now) as memory:
        with memory.store.write() as tx:
            memory.ledger.open(tx.conn)
        for begin in range(0, rows, BATCH):
            now = datetime.now(UTC) - timedelta(days=2) - SINCE * (1 - (begin + BATCH) / rows)
            with memory.store.write() as tx:
                _add(tx, known, list(_mails(chance, ids, tx.now, min(BATCH, rows - begin))))
            carried_over(memory, "TRUNCATE")  # it grows past all reason


def _mails(
    chance: random.Random, ids: Iterator[str], at: datetime, count: int
) -> Iterator[dict[str, Any]]:
    """Of four hundred people to twenty thousand, one in fifty of whom and to whom we measure."""
    for n in range(count):
        often = chance.random() < 0.02
        yield {
            "id": next(ids),
            "at": at + timedelta(milliseconds=n),
            "sender": SENDER if often else f"p{chance.randrange(400)}@example.co.jp",
            "recipient": RECIPIENT if often else f"p{chance.randrange(20_000)}@partner.example",
        }


def _add(tx: Tx, known: str, mails: list[dict[str, Any]]) -> None:
    PAST.create(tx.conn)
    tx.conn.execute(insert(PAST), mails)
    gone = {
        "blob": literal(""),
        "key": literal(b""),
        "report": literal(b""),
        "erased_at": PAST.c.at,
    }
    sender, recipient = PAST.c.sender, PAST.c.recipient
    people = {"mail_from": sender, "sender_address": sender, "header_from": sender}
    _copy(tx, LETTER, LETTER.c.id == known, id=PAST.c.id, **gone, **people)
    now = {"state": literal(State.ERASED.value), "letter_id": PAST.c.id, "decision_id": null()}
    _copy(tx, CONSIGNMENT, CONSIGNMENT.c.id == known, id=PAST.c.id, **now)
    of = {"consignment_id": PAST.c.id}
    _copy(tx, RECIPIENTS, RECIPIENTS.c.consignment_id == known, address=recipient, **of)
    _copy(tx, ATTEMPT, ATTEMPT.c.consignment_id == known, **of)
    _copy(tx, DECISION, DECISION.c.letter_id == known, letter_id=PAST.c.id)
    PAST.drop(tx.conn)
    for each in mails:
        tx.record(
            "received",
            Actor("client", "", "127.0.0.1"),
            letter=each["id"],
            consignment=each["id"],
            mail_from=each["sender"],
            recipients=[each["recipient"]],
        )


def _copy(tx: Tx, to: Table, one: ColumnElement[bool], **changes: ColumnElement[Any]) -> None:
    """The one row again for each mail of the past, as of its time, but for what changes."""
    columns = [c for c in to.columns if c.name in changes or not c.primary_key]
    said = [changes.get(c.name, _then(c)) for c in columns]
    rows = select(*said).select_from(PAST.join(to, one))
    tx.conn.execute(insert(to).from_select([c.name for c in columns], rows))


def _then(column: Column[Any]) -> ColumnElement[Any]:
    if isinstance(column.type, tables.Moment):
        return case((column.is_(None), null()), else_=PAST.c.at)
    return column


if __name__ == "__main__":
    sys.exit(main())
