"""`sekisho hold`: held mails, as an operator sees and decides them on behalf of a person."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from admin_ui.cli import bursts, ground
from admin_ui.cli.manual import Verbs
from admin_ui.cli.printing import as_line, below, fields, lines, say, table

if TYPE_CHECKING:
    from sqlalchemy import Connection, RowMapping

    from gateway.judgement.dossier import Dossier
    from gateway.memory.opening import Memory
    from gateway.memory.states import State

SHOWN = ("held", "delayed")
TRIAL = ("observed",)


@click.group(cls=Verbs)
def hold() -> None:
    """Held mails: look at them, and decide for somebody who cannot just now.

    Recorded as the operator's act on behalf of that person. An approval is a third party's own:
    no operator gives it.

    \b
    Example:
      sekisho hold list
      sekisho hold release 7Q3F-K2MD --on-behalf-of hanako@example.co.jp --reason "電話で確認"
    """


@hold.command("list")
@click.option("--trial", is_flag=True, help="Copies from a tap that would have been stopped.")
@ground.json_option
@ground.config_option
def list_(trial: bool, as_json: bool, path: Path | None) -> None:
    """All mails that are held or delayed, oldest first.

    \b
    Example:
      sekisho hold list --json
      sekisho hold list --trial
    """
    with ground.opened(path) as memory, ground.reading(memory) as conn:
        voice = ground.voice()
        rows = [_row(conn, row) for row in _held(conn, TRIAL if trial else SHOWN)]
    if as_json:
        lines(rows)
        return
    heading = voice(
        "番号 状態 受付 差出人 宛先 待っていること 件名",
        "id state received from to waiting subject",
    )
    if trial:
        heading = heading.replace("待っていること", "判定").replace("waiting", "verdict")
    table(heading.split(), (_cells(row, voice) for row in rows))


@hold.command()
@click.argument("id")
@click.option("--rules", "whole", is_flag=True, help="Also each rule that did not apply, and why.")
@ground.json_option
@ground.config_option
def show(id: str, whole: bool, as_json: bool, path: Path | None) -> None:
    """One held mail: who, whom, what was found, what is asked of whom, what was done.

    \b
    Example:
      sekisho hold show 7Q3F-K2MD
      sekisho hold show 7Q3F-K2MD --rules
    """
    from gateway.judgement.dossier import dossier
    from gateway.judgement.policy.explain import explain
    from gateway.memory.faults import at
    from gateway.memory.ids import tidy

    with ground.opened(path) as memory, ground.reading(memory) as conn:
        voice = ground.voice()
        held = dossier(conn, memory.content, tidy(id))
        if held is None:
            raise ground.NotDone(at(tidy(id), "no_mail"))
        said = _described(held)
        shown, more = _head(held, voice), list(_below(conn, held, voice))
    if as_json:
        click.echo(as_line(said))
        return
    fields(shown)
    for name, rows in more:
        below(name, rows)
    say(explain(held.verdicts, voice.language, whole=whole))


@hold.command("bursts")
@ground.json_option
@ground.config_option
def bursts_(as_json: bool, path: Path | None) -> None:
    """What waits for an administrator since its sender has sent so much at once.

    \b
    Example:
      sekisho hold bursts
      sekisho hold refuse 7Q3F-K2MD --burst 103 --on-behalf-of kanri@example.co.jp --reason TEXT
    """
    bursts.tell(as_json, path)


def _verb(name: str, act: str, what: str) -> None:
    """release, refuse and withdraw differ in one word."""

    @hold.command(name, help=f"{what}\n\n\b\nExample:\n  sekisho hold {name} {_EXAMPLE}")
    @click.argument("id")
    @ground.acting
    @ground.json_option
    @ground.config_option
    def command(
        id: str, person: str, reason: str, as_json: bool, path: Path | None, number: int = 0
    ) -> None:
        from gateway.judgement import operator

        if number:
            bursts.decide(name, id, number, person, reason, as_json, path)
            return
        with ground.opened(path) as memory:
            state = _decide(memory, getattr(operator, act), id, person, reason)
            word = _state(state)
        said = {"id": id, "state": state.value}
        click.echo(as_line(said) if as_json else f"{id}: {word}")

    if name != "withdraw":
        told = "The first N mails of the burst that ID belongs to (sekisho hold bursts)."
        one_or_more = click.IntRange(min=1)
        command.params.append(
            click.Option(["--burst", "number"], type=one_or_more, metavar="N", help=told)
        )


_EXAMPLE = '7Q3F-K2MD --on-behalf-of hanako@example.co.jp --reason "電話で確認"'
_verb("release", "release", "Meet what PERSON was asked for, and let the mail go.")
_verb(
    "refuse",
    "refuse",
    "Do not send it; its sender is told. For who was asked, or an administrator.",
)
_verb("withdraw", "withdraw", "Take it back for its sender.")


def _decide(memory: Memory, act: Callable[..., State], id: str, asked: str, reason: str) -> State:
    from gateway.judgement import refusals
    from gateway.judgement.checkpoint import Checkpoint
    from gateway.judgement.operator import ThirdParty
    from gateway.memory.faults import at
    from gateway.memory.ids import tidy

    ck = Checkpoint.of(memory)
    try:
        with ground.changing(memory) as tx:
            person, actor = ground.on_behalf_of(tx.conn, asked)
            return act(tx, ck, tidy(id), person, reason, actor)
    except ThirdParty as open_:
        voice = ground.voice()
        asked_of = (voice(f"{group} {n}名", f"{n} of {group}") for group, n in open_.missing)
        missing = voice("、", ", ").join(asked_of)
        raise ground.NotDone(at(id, "third_party", missing=missing)) from None
    except refusals.Unknown:
        raise ground.NotDone(at(id, "no_mail_of", name=asked)) from None
    except refusals.Settled as settled:
        raise ground.NotDone(at(id, "settled", state=_state(settled.held.state))) from None
    except refusals.NotYours:
        raise ground.NotDone(at(id, "not_yours", name=asked)) from None


def _state(state: State) -> str:
    from gateway.face import words as named

    return named.state(ground.voice().words, state.value)


# -- reading


def _held(conn: Connection, states: tuple[str, ...]) -> list[RowMapping]:
    from sqlalchemy import select

    from gateway.judgement.dossier import CONSIGNMENT
    from gateway.memory.letters import LETTER

    C, L = CONSIGNMENT.c, LETTER.c
    query = (
        select(C.id, C.state, C.headline, L.received_at, L.sender_address, L.subject)
        .join(LETTER, L.id == C.letter_id)
        .where(C.state.in_(states))
        .order_by(C.changed_at)
    )
    if states == TRIAL:
        query = query.where(C.headline != "pass")
    return list(conn.execute(query).mappings())


def _row(conn: Connection, row: RowMapping) -> dict[str, Any]:
    from gateway.judgement.dossier import demands_of
    from gateway.mail.queue import recipients

    waiting = [d for d in demands_of(conn, row["id"]) if d["state"] in ("open", "waiting")]
    return {
        **row,
        "to": [r["address"] for r in recipients(conn, row["id"])],
        "waiting": [f"{d['kind']}:{d['group']}" if d["group"] else d["kind"] for d in waiting],
    }


def _cells(row: dict[str, Any], voice: ground.Voice) -> tuple[object, ...]:
    from gateway.face import words as named
    from gateway.face.dates import stamp
    from gateway.judgement.policy.explain import action

    more = f" +{len(row['to']) - 1}" if len(row["to"]) > 1 else ""
    to = f"{row['to'][0]}{more}" if row["to"] else ""
    asked = (each.partition(":") for each in row["waiting"])
    said = (named.demand(voice.words, kind) + (f"({of})" if of else "") for kind, _, of in asked)
    waiting = voice("、", ", ").join(said) or action(row["headline"], voice.language)
    state = named.state(voice.words, row["state"])
    head = (row["id"], state, stamp(row["received_at"]), row["sender_address"])
    return (*head, to, waiting, row["subject"])


def _head(held: Dossier, voice: ground.Voice) -> list[tuple[str, object]]:
    from gateway.face import words as named
    from gateway.judgement.grounds import SILENT

    words, letter = voice.words, held.letter
    facts = [fact for fact in held.report.facts if fact.name not in SILENT]
    return [
        (voice("番号", "number"), held.id),
        (voice("状態", "state"), named.state(words, held.state.value)),
        (voice("受付", "received"), letter["received_at"]),
        (voice("差出人", "from"), letter["sender_address"]),
        (voice("件名", "subject"), letter["subject"]),
        (voice("ルールの版", "rules"), held.policy),
        *(
            (voice("検出", "found"), card.title)
            for card in named.articles(words, held.report.findings, facts)
        ),
    ]


def _below(
    conn: Connection, held: Dossier, voice: ground.Voice
) -> Iterator[tuple[str, list[tuple[object, ...]]]]:
    from gateway.face import words as named
    from gateway.judgement import people

    words = voice.words

    def who(id: str) -> str:
        row = people.person(conn, id) if id else None
        return f"{row['name']} <{row['email']}>" if row else ""

    sides = {True: voice("社内", "inside"), False: voice("社外", "outside")}
    yield (
        voice("宛先", "recipient"),
        [
            (r["address"], sides[r["inside"]], named.delivery(words, r["status"]))
            for r in held.recipients
        ],
    )
    yield voice("添付", "attachment"), [(part.name,) for part in held.attachments]
    yield (
        voice("必要なこと", "asked"),
        [
            (
                named.demand(words, d["kind"]),
                d["group"] and voice(f"{d['group']} {d['need']}名", f"{d['need']} of {d['group']}"),
                who(d["person_id"]),
                named.demand_state(words, d["state"]),
                d["due_at"],
            )
            for d in held.demands
        ],
    )
    yield (
        voice("操作", "done"),
        [
            (named.verb(words, a["act"]), who(a["person_id"]), a["at"], a["reason"])
            for a in held.acts
        ],
    )


def _described(held: Dossier) -> dict[str, Any]:
    from detectors.report import summary

    letter = held.letter
    return {
        "id": held.id,
        "state": held.state.value,
        "received_at": letter["received_at"],
        "from": letter["sender_address"],
        "subject": letter["subject"],
        "policy": held.policy,
        "seen": held.seen,
        "findings": summary(held.report),
        "recipients": [
            {"address": r["address"], "inside": r["inside"], "status": r["status"]}
            for r in held.recipients
        ],
        "attachments": [{"part": p.path, "name": p.name} for p in held.attachments],
        "demands": [
            {key: d[key] for key in ("kind", "group", "need", "state", "person_id", "due_at")}
            for d in held.demands
        ],
        "acts": [{key: a[key] for key in ("act", "person_id", "at", "reason")} for a in held.acts],
    }
