"""`sekisho hold` on a burst: all of one sender's mails that wait for an administrator by their
number, listed as one line and decided by one command, as on the page."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from admin_ui.cli import ground
from admin_ui.cli.printing import as_line, lines, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.judgement.burst import Burst
    from gateway.mail.queue import Done
    from gateway.memory.opening import Memory


def tell(as_json: bool, path: Path | None) -> None:
    from gateway.face.dates import stamp
    from gateway.judgement import burst
    from gateway.judgement.checkpoint import Checkpoint
    from gateway.judgement.dossier import DEMAND

    with ground.opened(path) as memory, ground.reading(memory) as conn:
        voice = ground.voice()
        found = burst.found(conn, Checkpoint.of(memory), DEMAND.c.state == "open")
    if as_json:
        lines(_described(each) for each in found)
        return
    heading = voice(
        "番号 通数 送信者 はじめ おわり 社外宛先 ドメイン",
        "id mails sender from until recipients domains",
    )
    table(
        heading.split(),
        (
            (
                *(each.ids[0], len(each.ids), each.sender),
                *(stamp(each.since), stamp(each.until), each.recipients, each.domains),
            )
            for each in found
        ),
    )


def _described(found: Burst) -> dict[str, Any]:
    said = asdict(found)
    return {key: said[key] for key in ("ids", "sender", "since", "until", "recipients", "domains")}


def decide(
    verb: str, id: str, number: int, asked: str, reason: str, as_json: bool, path: Path | None
) -> None:
    """`verb`: release meets what is asked of administrators and leaves what is not like the others;
    refuse is for all."""
    from gateway.face import words as named

    words, did = ground.voice().words, 0
    with ground.opened(path) as memory:
        for done in _acted(memory, verb, id, number, asked, reason):
            for one, state in done.items():
                if isinstance(state, Exception):
                    continue
                did += 1
                said = {"id": one, "state": state.value}
                click.echo(
                    as_line(said) if as_json else f"{one}: {named.state(words, state.value)}"
                )
    told = (f"{did}通に実行し、{number - did}通は残しました。", f"{did} done, {number - did} left.")
    click.echo(ground.voice()(*told), err=True)
    ground.finish(did == number)


def _acted(
    memory: Memory, verb: str, id: str, number: int, asked: str, reason: str
) -> Iterator[Done]:
    from gateway.judgement import burst, parties, refusals, run
    from gateway.judgement.checkpoint import Checkpoint
    from gateway.mail import queue
    from gateway.memory.faults import at
    from gateway.memory.ids import tidy
    from gateway.memory.states import Overtaken

    ck, most = Checkpoint.of(memory), memory.config.holds.together
    if verb == "release" and number > most:
        raise ground.NotDone(at(id, "burst_too_long", most=most))
    with ground.changing(memory) as tx:
        person, actor = ground.on_behalf_of(tx.conn, asked)
        mine = parties.mine(tx.conn, ck, person, tx.now)
        known = (each for each in burst.found(tx.conn, ck, mine) if tidy(id) in each.ids)
        found = next(known, None)
        if found is None or number > len(found.ids):
            raise ground.NotDone(at(id, "no_burst", name=asked, number=number))
        ids = found.ids[:number]
        if verb == "release":
            shown = run.read(tx.conn, ck, found, number)
            ids = tuple(held.id for held in shown.mails)
            if not ids:
                return
            act = burst.letting_on(tx, ck, shown, person, actor, reason)
        else:
            act = burst.refusing(tx, ck, ids, person, reason, actor)
    yield from queue.each(memory.store.write, ids, act, (refusals.Refused, Overtaken))
