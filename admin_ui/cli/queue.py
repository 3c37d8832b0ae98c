"""`sekisho queue`: mails on their way, and why they still are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from admin_ui.cli import ground
from admin_ui.cli.printing import as_line, fields, lines, table

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

_EXAMPLE = '7Q3F-K2MD --on-behalf-of kanri@example.co.jp --reason "復元後の確認"'


@click.group()
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
        voice = ground.voice(memory.config)
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
    """One mail on its way: each recipient with the last answer of its server, each attempt.

    \b
    Example:
      sekisho queue show 7Q3F-K2MD
    """
    from gateway.mail import queue as mails
    from gateway.memory.ids import tidy

    with ground.opened(path) as memory, ground.reading(memory) as conn:
        try:
            row = mails.get(conn, tidy(id))
        except mails.Unknown:
            raise ground.NotDone(
                f"{tidy(id)}: is not on its way (see: sekisho queue list)"
            ) from None
        said = {key: row[key] for key in ("id", "letter_id", "state", "due_at", "attempts")}
        said["recovery"] = mails.in_recovery(row)
        to = [
            {key: r[key] for key in ("address", "status", "reply", "mx", "tls")}
            for r in mails.recipients(conn, row["id"])
        ]
        tried = [
            {key: a[key] for key in ("started_at", "ended_at", "outcome", "hop")}
            for a in mails.attempts(conn, row["id"])
        ]
    if as_json:
        click.echo(as_line({**said, "recipients": to, "tried": tried}))
        return
    fields(said.items())
    for each in to:
        click.echo(f"recipient: {as_line(each)}")
    for each in tried:
        click.echo(f"attempt: {as_line(each)}")


def _verb(name: str, what: str) -> None:
    @queue.command(name, help=f"{what}\n\n\b\nExample:\n  sekisho queue {name} {_EXAMPLE}")
    @click.argument("id")
    @ground.acting
    @ground.json_option
    @ground.config_option
    def command(id: str, person: str, reason: str, as_json: bool, path: Path | None) -> None:
        state = _act(name, id, person, reason, path)
        click.echo(as_line({"id": id, "state": state}) if as_json else f"{id}: {state}")


_verb("retry", "Try it now, and free it where a restore holds it.")
_verb("withdraw", "Take it back before any attempt.")


def _act(name: str, id: str, asked: str, reason: str, path: Path | None) -> str:
    from gateway.mail import queue as mails
    from gateway.memory.ids import tidy

    act = {"retry": mails.retry, "withdraw": mails.withdraw}[name]
    try:
        with ground.opened(path) as memory, ground.changing(memory) as tx:
            _, actor = ground.on_behalf_of(tx.conn, asked)
            return act(tx, tidy(id), actor, reason).value
    except mails.Unknown:
        raise ground.NotDone(f"{id}: is not on its way (see: sekisho queue list)") from None
    except mails.TooLate as late:
        raise ground.NotDone(
            f"{id}: cannot be taken back: it is {late} and may have arrived"
        ) from None
    except mails.UnderWay:
        raise ground.Later(f"{id}: is being handed over right now (try again)") from None


def _row(row: RowMapping) -> dict[str, Any]:
    from gateway.mail.queue import in_recovery

    return {**row, "recovery": in_recovery(row)}


def _state(row: RowMapping, voice: ground.Voice) -> str:
    from gateway.mail.queue import in_recovery

    waits = voice("（復元後の確認待ち）", " (waits after a restore)") if in_recovery(row) else ""
    return f"{row['state']}{waits}"
