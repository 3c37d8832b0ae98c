"""`sekisho addressee`: 送付先台帳, to whom My Numbers may go, for what and until when."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from admin_ui.cli import ground
from admin_ui.cli.manual import Verbs
from admin_ui.cli.printing import lines, say, table

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from gateway.face.i18n import Words
    from gateway.judgement.addressees import Refused
    from gateway.memory.faults import Fault
    from gateway.memory.states import Actor

ROLES = ("handler", "policy_admin")


@click.group(cls=Verbs)
def addressee() -> None:
    """The ledger of addressees for My Numbers (送付先台帳).

    What one person registers another approves; until then it lets nothing off.

    \b
    Example:
      sekisho addressee list
    """


@addressee.command()
@click.argument("address", metavar="ADDRESS")
@click.option("--name", required=True, metavar="N", help="Who it is: 山田社労士事務所.")
@click.option("--purpose", required=True, metavar="P", help="What it is registered for.")
@click.option("--until", "last_day", default="", metavar="DAY", help="Last day: 2027-03-31.")
@click.option("--told-word", is_flag=True, help="A word told by telephone is always asked for.")
@ground.acting
@ground.config_option
def add(
    address: str,
    name: str,
    purpose: str,
    last_day: str,
    told_word: bool,
    person: str,
    reason: str,
    path: Path | None,
) -> None:
    """Register an address, or a domain; another person approves it.

    \b
    Example:
      sekisho addressee add sato@sr-office.example --name 山田社労士事務所 \\
        --purpose 社会保険の手続き --until 2027-03-31 \\
        --on-behalf-of hana@example.co.jp --reason 契約更新
    """
    from gateway.judgement import addressees
    from gateway.judgement.addressee_list import day
    from gateway.memory.faults import at

    try:
        entry = addressees.Entry(address, name, purpose, day(last_day), told_word)
    except ValueError:
        raise ground.Problem(at("--until", "not_a_day")) from None
    with ground.opened(path) as memory, ground.changing(memory) as tx:
        actor = _acting(tx.conn, person, tx.now)
        try:
            id = addressees.register(tx, entry, actor, reason)
        except addressees.Refused as refused:
            raise ground.NotDone(_fault(address, refused)) from None
    say(f"{id}  {address}  {name}  {purpose}")


@addressee.command()
@click.argument("number", type=int)
@ground.acting
@ground.config_option
def approve(number: int, person: str, reason: str, path: Path | None) -> None:
    """Approve what another person has registered; NUMBER is that of the list.

    \b
    Example:
      sekisho addressee approve 3 --on-behalf-of rules@example.co.jp --reason 契約書を確認
    """
    from gateway.judgement import addressees

    with ground.opened(path) as memory, ground.changing(memory) as tx:
        try:
            addressees.approve(tx, number, _acting(tx.conn, person, tx.now), reason)
        except addressees.Refused as refused:
            raise ground.NotDone(_fault(number, refused)) from None
    click.echo(f"{number}: {ground.voice()('承認しました', 'approved')}")


@addressee.command()
@click.argument("number", type=int)
@ground.acting
@ground.config_option
def end(number: int, person: str, reason: str, path: Path | None) -> None:
    """End an entry from now on; a sending there is then a finding of its own.

    \b
    Example:
      sekisho addressee end 3 --on-behalf-of hana@example.co.jp --reason 契約終了
    """
    from gateway.judgement import addressees

    with ground.opened(path) as memory, ground.changing(memory) as tx:
        try:
            addressees.end(tx, number, _acting(tx.conn, person, tx.now), reason)
        except addressees.Refused as refused:
            raise ground.NotDone(_fault(number, refused)) from None
    click.echo(f"{number}: {ground.voice()('終了しました', 'ended')}")


@addressee.command("list")
@ground.json_option
@ground.config_option
def list_(as_json: bool, path: Path | None) -> None:
    """All entries, those that ended too.

    \b
    Example:
      sekisho addressee list --json
    """
    from gateway.judgement import addressees

    with ground.opened(path) as memory, ground.reading(memory) as conn:
        voice, now = ground.voice(), memory.store.clock()
        rows = [_shown(row, addressees.standing(row, now)) for row in addressees.rows(conn)]
    if as_json:
        lines(rows)
        return
    heading = voice(
        "番号 宛先 名称 目的 最終日 合言葉 状態", "id address name purpose until word standing"
    )
    words = voice.words
    table(heading.split(), (_cells(row, words) for row in rows))


@addressee.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="CSV")
@ground.acting
@ground.config_option
def import_(file: Path, person: str, reason: str, path: Path | None) -> None:
    """Register all rows of a CSV, or none. Columns: 宛先 (address), 名称 (name), 目的 (purpose),
    契約終了日 (until), 合言葉 (word). Another person approves them.

    \b
    Example:
      sekisho addressee import 送付先.csv --on-behalf-of hana@example.co.jp --reason 初期登録
    """
    from gateway.judgement import addressees
    from gateway.judgement.addressee_list import entries
    from gateway.memory.faults import Faulty

    try:
        found = list(entries(ground.office_text(file)))
    except Faulty as error:
        located = (replace(each, origin=str(file)) for each in error.problems)
        raise ground.Problem(*located) from None
    with ground.opened(path) as memory, ground.changing(memory) as tx:
        actor = _acting(tx.conn, person, tx.now)
        for number, entry in found:
            try:
                addressees.register(tx, entry, actor, reason)
            except addressees.Refused as refused:
                wrong = _fault(file, refused)
                raise ground.Problem(replace(wrong, line=number, place=entry.address)) from None
    click.echo(f"{file.name}: {len(found)}")


# -- steps


def _acting(conn: Connection, asked: str, now: Any) -> Actor:
    from gateway.judgement import people
    from gateway.memory.faults import at

    id, actor = ground.on_behalf_of(conn, asked)
    if people.granted(conn, id, "role", now).isdisjoint(ROLES):
        raise ground.NotDone(
            at("--on-behalf-of", "not_granted", name=asked, roles=", ".join(ROLES))
        )
    return actor


def _fault(what: object, refused: Refused) -> Fault:
    from gateway.memory.faults import at

    return at(what, f"addressee_{refused}")


def _shown(row: Any, standing: str) -> dict[str, Any]:
    kept = ("id", "address", "name", "purpose", "last_day", "told_word")
    return {
        **{key: row[key] for key in kept},
        "standing": standing,
        "ended": row["ended_at"] is not None,
    }


def _cells(row: dict[str, Any], words: Words) -> tuple[object, ...]:
    from gateway.face import words as named

    standing = named.addressee(words, "ended" if row["ended"] else row["standing"])
    kept = (row[key] for key in ("id", "address", "name", "purpose", "last_day"))
    return (*kept, "●" if row["told_word"] else "", standing)
