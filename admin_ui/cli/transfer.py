"""`sekisho transfer`: files behind links, stopped, extended and recalled on behalf of a person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from admin_ui.cli import ground
from admin_ui.cli.manual import Verbs
from admin_ui.cli.printing import as_line, fields, lines, table

if TYPE_CHECKING:
    from sqlalchemy import Connection, RowMapping

    from gateway.memory.opening import Memory
    from gateway.memory.states import Actor
    from gateway.memory.store import Tx

_EXAMPLE = '7K4M-92QX-3TRB --on-behalf-of hanako@example.co.jp --reason "宛先違い"'


@click.group(cls=Verbs)
def transfer() -> None:
    """Files behind links (parcels), by their pick-up number.

    \b
    Example:
      sekisho transfer list
      sekisho transfer recall 7K4M-92QX-3TRB --on-behalf-of hanako@example.co.jp --reason "宛先違い"
    """


@transfer.command("list")
@click.option("--all", "everything", is_flag=True, help="Ended ones too.")
@ground.json_option
@ground.config_option
def list_(everything: bool, as_json: bool, path: Path | None) -> None:
    """What can be fetched now or will be, newest first.

    \b
    Example:
      sekisho transfer list --all --json
    """
    from gateway.face import words as named
    from gateway.face.dates import stamp

    with ground.opened(path) as memory, ground.reading(memory) as conn:
        voice, now = ground.voice(), memory.store.clock()
        rows = [_row(conn, row, now) for row in _parcels(conn, everything)]
    if as_json:
        lines(rows)
        return
    heading = voice(
        "受取番号 状態 宛先 期限 取得 差出人", "number state to closes taken sender"
    ).split()
    words = voice.words
    table(
        heading,
        (
            (
                r["id"],
                named.state(words, r["standing"]),
                r["recipient"],
                stamp(r["closes_at"]),
                r["taken"],
                r["sender"],
            )
            for r in rows
        ),
    )


@transfer.command()
@click.argument("id")
@ground.json_option
@ground.config_option
def show(id: str, as_json: bool, path: Path | None) -> None:
    """One parcel, without the names of its files: those are for its sender and recipient.

    \b
    Example:
      sekisho transfer show 7K4M-92QX-3TRB
    """
    with ground.opened(path) as memory, ground.reading(memory) as conn:
        said, voice = _row(conn, _get(conn, id), memory.store.clock()), ground.voice()
    if as_json:
        click.echo(as_line(said))
    else:
        fields((voice(*_NAMES[key]), value) for key, value in _told(said, voice))


def _verb(name: str, what: str, *options: Any, example: str = _EXAMPLE) -> None:
    def command(path: Path | None, id: str, person: str, reason: str, **more: Any) -> None:
        as_json = more.pop("as_json")
        from gateway.face import words as named

        standing = _act(name, path, id, person, reason, **more)
        said = {"id": id, "standing": standing}
        words = ground.voice().words
        click.echo(as_line(said) if as_json else f"{id}: {named.state(words, standing)}")

    for option in (ground.config_option, ground.json_option, ground.acting, *options):
        command = option(command)
    command = click.argument("id")(command)
    transfer.command(name, help=f"{what}\n\n\b\nExample:\n  sekisho transfer {name} {example}")(
        command
    )


_until = click.option(
    "--until",
    required=True,
    type=click.DateTime(["%Y-%m-%d"]),
    help="Last day; it closes at 23:59, at most 31 days after it was made.",
)
_verb("stop", "Nobody may fetch for now; nothing is erased.")
_verb("resume", "Open again what was stopped, or what locked itself after wrong codes.")
_verb("extend", "Close later, or earlier.", _until, example=f"{_EXAMPLE} --until 2026-12-10")
_verb("recall", "Close and erase at once, for good: the key first.")


def _act(
    name: str, path: Path | None, id: str, asked: str, reason: str, until: datetime | None = None
) -> str:
    from bridge import acts, parcel
    from gateway.memory.faults import at

    try:
        with ground.opened(path) as memory:
            with ground.changing(memory) as tx:
                row = _get(tx.conn, id)
                of, actor = ground.on_behalf_of(tx.conn, asked)
                _check_right(tx, row, of, asked)
                _do(tx, memory, name, row, actor, reason, until)
            with ground.reading(memory) as conn:
                row, now = _get(conn, id), memory.store.clock()
                return parcel.standing(row, parcel.files(conn, row["id"]), now).value
    except acts.Refused as refused:
        raise ground.NotDone(at(id, f"parcel_{refused.code}")) from None


def _do(
    tx: Tx,
    memory: Memory,
    name: str,
    row: RowMapping,
    actor: Actor,
    reason: str,
    until: datetime | None,
) -> None:
    from bridge import acts

    if name == "extend":
        assert until is not None
        day = until.replace(hour=12, tzinfo=memory.config.zone)
        acts.extend(tx, memory.config, row, day.astimezone(UTC), actor, reason)
    elif name == "recall":
        acts.recall(tx, memory, row, actor, reason)
    elif name == "stop":
        acts.stop(tx, row, actor, reason)
    else:
        acts.resume(tx, row, actor, reason)


def _check_right(tx: Tx, row: RowMapping, of: str, asked: str) -> None:
    """The same right as on the pages: its sender, who shares or stands in, an administrator."""
    from sqlalchemy import select

    from bridge.parcel import PARCEL, changeable
    from gateway.judgement import people
    from gateway.memory.faults import at

    roles = people.granted(tx.conn, of, "role", tx.now)
    mine = changeable(tx.conn, of, roles, tx.now)
    if tx.conn.execute(select(PARCEL.c.id).where(PARCEL.c.id == row["id"], mine)).first() is None:
        raise ground.NotDone(at(row["id"], "parcel_not_yours", name=asked))


# -- reading

_NAMES = {
    "id": ("受取番号", "number"),
    "standing": ("状態", "state"),
    "recipient": ("宛先", "to"),
    "sender": ("差出人", "sender"),
    "form": ("渡すもの", "holds"),
    "created_at": ("作成", "made"),
    "opens_at": ("公開", "opens"),
    "closes_at": ("期限", "closes"),
    "erase_at": ("消去", "erased"),
    "files": ("ファイル数", "files"),
    "octets": ("容量", "size"),
    "taken": ("取得", "taken"),
    "downloads": ("取得の上限", "at most"),
    "consignment": ("メール", "mail"),
}


def _told(said: dict[str, Any], voice: ground.Voice) -> Iterator[tuple[str, object]]:
    """What a person reads: the state of the row is for machines, who is told how it stands."""
    from gateway.face import words as named
    from gateway.face.figures import size

    forms = {"whole": voice("本文と添付", "the whole mail"), "attachments": voice("添付", "files")}
    words = voice.words
    shown = {
        "standing": named.state(words, said["standing"]),
        "octets": size(said["octets"], words),
    }
    shown["form"] = forms.get(said["form"], said["form"])
    for key in _NAMES:
        yield key, shown.get(key, said[key])


def _get(conn: Connection, id: str) -> RowMapping:
    from bridge import parcel
    from gateway.memory.faults import at

    row = parcel.at_pickup(conn, id)
    if row is None:
        raise ground.NotDone(at(id, "no_parcel"))
    return row


def _parcels(conn: Connection, everything: bool) -> list[RowMapping]:
    from sqlalchemy import select

    from bridge.parcel import PARCEL

    query = select(PARCEL).order_by(PARCEL.c.created_at.desc())
    if not everything:
        query = query.where(PARCEL.c.state.in_(("open", "stopped")))
    return list(conn.execute(query).mappings())


def _row(conn: Connection, row: RowMapping, now: datetime) -> dict[str, Any]:
    from bridge import parcel
    from gateway.judgement import people

    files = parcel.files(conn, row["id"])
    sender = people.person(conn, row["sender_id"])
    keys = ("id", "recipient", "form", "state", "created_at", "opens_at", "closes_at", "erase_at")
    return {
        **{key: row[key] for key in keys},
        "standing": parcel.standing(row, files, now).value,
        "files": len(files),
        "octets": sum(file["size"] for file in files),
        "taken": sum(file["taken"] for file in files),
        "downloads": row["downloads"],
        "sender": sender["email"] if sender else "",
        "consignment": row["consignment_id"],
    }
