"""`sekisho queue`: mails on their way, and why they still are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from admin_ui.cli import ground
from admin_ui.cli.manual import Verbs
from admin_ui.cli.printing import as_line, below, fields, lines, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import RowMapping

    from gateway.mail.queue import Done
    from gateway.memory.faults import Fault

_EXAMPLE = '7Q3F-K2MD --on-behalf-of kanri@example.co.jp --reason "復元後の確認"'


@click.group(cls=Verbs)
def queue() -> None:
    """Mails on their way. After a restore each one waits here for somebody's `retry`.

    \b
    Example:
      sekisho queue list
    """


@queue.command("list")
@ground.json_option
@ground.config_option
def list_(as_json: bool, path: Path | None) -> None:
    """All that is received, delayed, released or queued, oldest first.

    \b
    Example:
      sekisho queue list --json
    """
    from gateway.face.dates import stamp
    from gateway.mail import queue as mails

    with ground.opened(path) as memory, ground.reading(memory) as conn:
        voice = ground.voice()
        rows = list(mails.waiting(conn))
    if as_json:
        lines(_row(row) for row in rows)
        return
    heading = voice(
        "番号 状態 変更 試行 差出人 件名", "id state changed tried from subject"
    ).split()
    table(
        heading,
        (
            (
                row["id"],
                _state(row, voice),
                stamp(row["changed_at"]),
                row["attempts"],
                row["sender"] or f"<> {row['purpose']}",
                row["subject"],
            )
            for row in rows
        ),
    )


@queue.command()
@click.argument("id")
@ground.json_option
@ground.config_option
def show(id: str, as_json: bool, path: Path | None) -> None:
    """One mail, on its way or settled: each recipient with the last answer of its server and what
    that means, each attempt.

    \b
    Example:
      sekisho queue show 7Q3F-K2MD
    """
    from gateway.mail import queue as mails
    from gateway.memory.faults import at
    from gateway.memory.ids import tidy
    from gateway.memory.recovery import MOVING

    with ground.opened(path) as memory, ground.reading(memory) as conn:
        voice = ground.voice()
        row = mails.known(conn, tidy(id))
        if row is None:
            raise ground.NotDone(at(tidy(id), "no_mail_here"))
        letter = memory.content.row(conn, row["letter_id"])
        said = {key: row[key] for key in ("id", "letter_id", "state", "due_at", "attempts")}
        said |= {key: row[key] for key in ("changed_at", "next_hop")}
        said |= {"sender": letter["mail_from"], "subject": letter["subject"]}
        said["recovery"] = mails.in_recovery(row)
        to = [
            {key: r[key] for key in ("address", "status", "reply", "mx", "tls", "settled_at")}
            for r in mails.recipients(conn, row["id"])
        ]
        tried = [
            {key: a[key] for key in ("started_at", "ended_at", "outcome", "hop")}
            for a in mails.attempts(conn, row["id"])
        ]
    if as_json:
        click.echo(as_line({**said, "recipients": to, "tried": tried}))
        return
    moving = row["state"] in MOVING
    fields(
        [
            (voice("番号", "number"), said["id"]),
            (voice("状態", "state"), _state(row, voice)),
            (voice("変更", "since"), said["changed_at"]),
            (voice("差出人", "from"), said["sender"] or f"<> {letter['purpose']}"),
            (voice("件名", "subject"), said["subject"]),
            *([(voice("次の試行", "next try"), said["due_at"])] if moving else ()),
            *([(voice("経路", "by way of"), said["next_hop"])] if said["next_hop"] else ()),
            (voice("試行回数", "tried"), len(tried)),
        ]
    )
    below(voice("宛先", "recipient"), (_told(voice, r) for r in to))
    below(voice("配送", "attempt"), (_attempt(voice, a) for a in tried))


def _told(voice: ground.Voice, to: dict[str, Any]) -> list[object]:
    """One recipient: what became of it, and what its server said."""
    from gateway.face import words as named

    words, server = voice.words, " ".join(filter(None, (to["mx"], to["tls"])))
    cells = [to["address"], named.delivery(words, to["status"]), to["settled_at"]]
    return [*cells, named.reply(words, to["reply"]), to["reply"], server]


def _attempt(voice: ground.Voice, made: dict[str, Any]) -> list[object]:
    from gateway.face import words as named

    outcome = " ".join(named.delivery(voice.words, each) for each in made["outcome"].split())
    return [
        made["started_at"],
        made["ended_at"],
        outcome or voice("配送中", "under way"),
        made["hop"],
    ]


def _verb(name: str, what: str, example: str = "") -> None:
    """A command for one mail, several, or all that a domain or an answer stands for."""

    @queue.command(name, help=f"{what}\n\n\b\nExample:\n  sekisho queue {name} {example}{_EXAMPLE}")
    @click.argument("ids", nargs=-1, metavar="[ID]...")
    @click.option("--domain", default="", help="All that wait for this domain.")
    @click.option("--reply", default="", help="All whose server last said this.")
    @ground.acting
    @ground.json_option
    @ground.config_option
    def command(
        ids: tuple[str, ...],
        domain: str,
        reply: str,
        person: str,
        reason: str,
        as_json: bool,
        path: Path | None,
        to: str = "",
    ) -> None:
        sought = {"domain": domain, "reply": reply}
        left: list[Exception] = []
        number = 0
        for done in _act(name, ids, sought, person, reason, to, path):
            _tell(done, as_json)
            left += [state for state in done.values() if isinstance(state, Exception)]
            number += len(done)
        _finish(number, left)

    if name == "move":
        told = "A next_hop of the configuration; without it the domain's own way again."
        command.params.append(click.Option(["--to"], default="", metavar="HOP", help=told))


_verb("retry", "Try it now, and free it where a restore holds it.")
_verb("withdraw", "Take it back before any attempt: its sender is told by whom and why.")
_verb("give-back", "End the attempts: its sender gets a report with the reason.")
_verb("move", "Send it by way of another next hop.", "--to smtp://relay2.example.co.jp:25 ")


def _act(
    name: str,
    ids: tuple[str, ...],
    sought: dict[str, str],
    asked: str,
    reason: str,
    to: str,
    path: Path | None,
) -> Iterator[Done]:
    """What became of some, as soon as it stands."""
    from gateway.judgement import operator
    from gateway.judgement.checkpoint import Checkpoint
    from gateway.mail import queue as mails
    from gateway.mail import route
    from gateway.mail.reporter import Reporter
    from gateway.memory.faults import at
    from gateway.memory.ids import tidy

    if bool(ids) == any(sought.values()):
        raise ground.Problem(at("", "ids_or_search"))
    with ground.opened(path) as memory:
        with ground.changing(memory) as tx:
            person, actor = ground.on_behalf_of(tx.conn, asked)
            chosen = list(dict.fromkeys(map(tidy, ids))) or mails.find(tx.conn, **sought)
        if not chosen:
            raise ground.NotDone(at("", "nothing_fits"))
        config, ck = memory.config, Checkpoint.of(memory)
        reporter = Reporter.of(config, ck.outbox)
        hops = route.known(config)
        acts: dict[str, mails.Act] = {
            "retry": lambda tx, id: mails.retry(tx, id, actor, reason),
            "withdraw": lambda tx, id: operator.take_back(tx, ck, id, person, reason, actor),
            "give-back": lambda tx, id: mails.give_back(tx, id, actor, reason, reporter),
            "move": lambda tx, id: mails.send_by(tx, id, actor, reason, to, hops),
        }
        yield from mails.each(memory.store.write, chosen, acts[name])


def _tell(done: Done, as_json: bool) -> None:
    from gateway.face import words as named

    words = ground.voice().words
    for id, state in done.items():
        if isinstance(state, Exception):
            click.echo(ground.said(_refusal(id, state)), err=True)
        elif as_json:
            click.echo(as_line({"id": id, "state": state}))
        else:
            click.echo(f"{id}: {named.state(words, state)}")


def _finish(number: int, left: list[Exception]) -> None:
    """Of several, how many. 1 where something was rightly left; 75 where it was only too early."""
    from gateway.mail.queue import UnderWay

    if number > 1:
        done, voice = number - len(left), ground.voice()
        told = f"{done}件に実行し、{len(left)}件は残しました。", f"{done} done, {len(left)} left."
        click.echo(voice(*told), err=True)
    if left and all(isinstance(each, UnderWay) for each in left):
        raise click.exceptions.Exit(75)
    ground.finish(not left)


def _refusal(id: str, refused: Exception) -> Fault:
    from gateway.face import words as named
    from gateway.mail import queue as mails
    from gateway.memory.faults import at

    match refused:
        case mails.Unknown():
            return at(id, "not_on_its_way")
        case mails.TooLate():
            state = named.state(ground.voice().words, str(refused))
            return at(id, "too_late", state=state)
        case mails.NoSender():
            return at(id, "no_sender")
        case mails.NoSuchHop():
            return at(str(refused), "no_such_hop")
    return at(id, "under_way")


def _row(row: RowMapping) -> dict[str, Any]:
    from gateway.mail.queue import in_recovery

    return {**row, "recovery": in_recovery(row)}


def _state(row: RowMapping, voice: ground.Voice) -> str:
    from gateway.face import words as named
    from gateway.mail.queue import in_recovery

    waits = voice("（復元後の確認待ち）", " (waits after a restore)") if in_recovery(row) else ""
    return f"{named.state(voice.words, row['state'])}{waits}"
