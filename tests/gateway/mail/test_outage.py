"""After a power failure: what was loose is gone, and the ledger says what that may mean."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from gateway.mail.queue import CONSIGNMENT
from gateway.memory import outage
from gateway.memory.tables import LedgerDetail, LedgerEntry, table
from tests.e2e.sink import Sink
from tests.gateway.mail.test_courier import Desk

ENTRY, DETAIL = table(LedgerEntry), table(LedgerDetail)
SATO = "sato@partner.example"


@pytest.fixture
def boot(tmp_path, monkeypatch):
    """The machine's boot, as the kernel says it; written anew, it is another one."""
    said = tmp_path / "boot_id"
    said.write_text("first\n")
    monkeypatch.setattr(outage, "_BOOT", said)
    return said


@pytest.fixture
async def desk(memory, clock):
    with Sink() as peer:
        made = Desk(memory, peer, clock)
        yield made
        await made.close()


def begun(desk) -> int:
    with desk.memory.store.write() as tx:
        return outage.begun(tx)


def warned(desk, id) -> list[bool]:
    """Of each attempt, whether the ledger says that the mail may have left before."""
    said = DETAIL.c.seq == ENTRY.c.seq
    query = select(DETAIL.c.details).join(ENTRY, said).order_by(ENTRY.c.seq)
    rows = desk.rows(query.where(ENTRY.c.subject == id, ENTRY.c.verb == "attempted"))
    return [json.loads(row["details"])["maybe_delivered_before"] for row in rows]


async def test_it_works(desk, boot):
    assert begun(desk) == 0
    id = desk.post(SATO)
    boot.write_text("second\n")
    assert begun(desk) == 1
    await desk.round()
    assert warned(desk, id) == [True] and desk.status(id) == {SATO: "delivered"}


async def test_a_core_that_was_killed_has_lost_nothing(desk, boot):
    begun(desk)
    id = desk.post(SATO)
    assert begun(desk) == 0
    await desk.round()
    assert warned(desk, id) == [False]


async def test_a_machine_that_was_shut_down_in_order_has_lost_nothing(desk, boot):
    begun(desk)
    desk.post(SATO)
    with desk.memory.store.write() as tx:
        outage.ended(tx)
    boot.write_text("second\n")
    assert begun(desk) == 0


async def test_only_what_was_due_is_in_doubt(desk, boot, clock):
    begun(desk)
    ids = {name: desk.post(SATO) for name in ("due", "later", "under way")}
    with desk.memory.store.write() as tx:
        later = CONSIGNMENT.c.id == ids["later"]
        due_at = clock() + timedelta(hours=1)
        tx.conn.execute(update(CONSIGNMENT).where(later).values(due_at=due_at))
    boot.write_text("second\n")
    assert begun(desk) == 2
    boot.write_text("third\n")
    assert begun(desk) == 0  # they have an attempt without an end already


async def test_a_mail_whose_delivery_is_not_on_the_disk_goes_out_again_and_it_is_said(
    desk, boot, tmp_path
):
    """The disk as it was at the last flush: before the hand-over."""
    begun(desk)
    id = desk.post(SATO)
    live, flushed = desk.memory.config.data_dir, tmp_path / "flushed"
    flushed.mkdir()
    for path in live.glob("sekisho.db*"):
        shutil.copy(path, flushed)
    loads = await desk.committer.commit(desk.courier.claims.due, durable=False)
    for load in loads:
        await desk.courier._carry(load)
    assert desk.status(id) == {SATO: "delivered"}
    size = desk.memory.ledger.last_signed().size
    desk.memory.store.disconnect()
    for path in live.glob("sekisho.db*"):
        path.unlink()
    for path in flushed.iterdir():
        shutil.copy(path, live)

    boot.write_text("second\n")
    with desk.memory.store.write() as tx:
        desk.memory.ledger.open(tx.conn)  # nothing was signed that is gone
    assert size == desk.memory.ledger.last_signed().size
    assert begun(desk) == 1
    await desk.round()
    assert warned(desk, id) == [True] and desk.status(id) == {SATO: "delivered"}
