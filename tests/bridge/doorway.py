"""Parcels as the tests of the outside door meet them, and the codes that were mailed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from httpx2 import Response
from sqlalchemy import RowMapping, func, select, update
from starlette.testclient import TestClient

from bridge import parcel, visit
from bridge.codes import CodeStage
from bridge.packing import Content
from bridge.parcel import PARCEL
from bridge.proof import CODE
from gateway.judgement.checkpoint import Checkpoint
from gateway.memory.opening import Memory
from tests.bridge import parcels

URL = "https://files.example.co.jp"
SHEET = ("扶養控除申告_2026.xlsx", bytes(range(256)) * 800)
"""Four chunks, the last one not full."""


@dataclass(frozen=True)
class Sent:
    id: str
    token: str
    word: str


def send(
    memory: Memory,
    *files: tuple[str, bytes],
    told_word: bool = False,
    columns: dict[str, object] | None = None,
    **terms: object,
) -> Sent:
    """A parcel as the stage makes it, with other terms, or other `columns` afterwards."""
    contents = [Content(name, "application/x-test", data) for name, data in files or (SHEET,)]
    done = parcels.made(memory, *contents, told_word=told_word, **terms)
    if columns:
        with memory.store.write() as tx:
            tx.conn.execute(update(PARCEL).where(PARCEL.c.id == done.id).values(columns))
    return Sent(done.id, done.token, done.word or "")


def codes_mailed(memory: Memory) -> list[str]:
    """Lets the core mail what was asked for; the codes that stand in the mails, oldest first."""
    stage = CodeStage(memory, None, Checkpoint.of(memory), None)  # type: ignore[arg-type]
    with memory.store.write() as tx:
        stage.send(tx)
    found = [
        re.search(r"認証コード：([0-9]{6})", text) for text in parcels.own_mails(memory, "code")
    ]
    return [each[1] for each in found if each]


def prove(client: TestClient, memory: Memory, sent: Sent) -> Response:
    """The whole way from the link to the files."""
    client.get(f"/d/{sent.token}")
    client.post("/d/code")
    return client.post("/d/prove", data={"code": codes_mailed(memory)[-1], "word": sent.word})


def codes_wanted(memory: Memory) -> int:
    with memory.store.read() as session:
        return int(session.connection().execute(select(func.count(CODE.c.id))).scalar_one())


def row(memory: Memory, sent: Sent) -> RowMapping:
    return parcels.row(memory, sent.id)


def taken(memory: Memory, sent: Sent) -> list[int]:
    with memory.store.read() as session:
        return [file["taken"] for file in parcel.files(session.connection(), sent.id)]


def accesses(memory: Memory, kind: str) -> list[RowMapping]:
    mine = select(visit.ACCESS).where(visit.ACCESS.c.kind == kind)
    with memory.store.read() as session:
        return list(session.connection().execute(mine).mappings())
