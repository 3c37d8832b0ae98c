"""`sekisho user`: people, their roles, and the link with which a person sets the own password."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from admin_ui.cli import ground
from admin_ui.cli.manual import Verbs
from admin_ui.cli.printing import as_line, lines, say, table

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from gateway.memory.states import Actor
    from gateway.memory.store import Tx

ROLES = ("approver", "handler", "auditor", "policy_admin", "system_admin")


@click.group(cls=Verbs)
def user() -> None:
    """People. Senders need no account; these are the others.

    \b
    Example:
      sekisho user add 山田太郎 --email taro@example.co.jp --role system_admin
      sekisho user import people.csv
    """


@user.command()
@click.argument("name")
@click.option("--email", required=True, metavar="A", help="The person's own address.")
@click.option("--role", "roles", multiple=True, type=click.Choice(ROLES), help="May be repeated.")
@click.option("--group", "groups", multiple=True, metavar="G", help="A group that rules speak of.")
@click.option("--department", default="", metavar="D")
@ground.json_option
@ground.config_option
def add(
    name: str,
    email: str,
    roles: tuple[str, ...],
    groups: tuple[str, ...],
    department: str,
    as_json: bool,
    path: Path | None,
) -> None:
    """Add a person and print a link, good once and for three days, to set password and
    authenticator. Nobody else ever knows either.

    \b
    Example:
      sekisho user add 山田太郎 --email taro@example.co.jp --role approver --group 情報管理責任者
    """
    from admin_ui import credentials
    from gateway.judgement import personnel
    from gateway.judgement.checkpoint import Checkpoint
    from gateway.memory.faults import at
    from gateway.memory.states import Actor

    actor = Actor("operator", ground.operator())
    try:
        with ground.opened(path) as memory, ground.changing(memory) as tx:
            voice = ground.voice()
            id = personnel.add(tx, name, email, actor, department=department)
            for kind, given in (("role", roles), ("group", groups)):
                for each in given:
                    personnel.grant(tx, id, kind, each, actor)
            link = credentials.invite(tx, Checkpoint.of(memory), id, actor, mail=False)
    except personnel.Taken as taken:
        raise ground.NotDone(at("--email", "address_taken", address=taken)) from None
    except personnel.Conflict as conflict:
        raise ground.Problem(at("--role", "roster_conflict", value=conflict)) from None
    if as_json:
        click.echo(as_line({"id": id, "email": email, "link": link}))
        return
    say(f"{id}  {name} <{email}>")
    click.echo(voice("登録用リンク（1回・3日間有効）:", "link to enrol (once, within three days):"))
    click.echo(link)


@user.command("list")
@ground.json_option
@ground.config_option
def list_(as_json: bool, path: Path | None) -> None:
    """Everybody, with roles and groups that hold now.

    \b
    Example:
      sekisho user list
    """
    with ground.opened(path) as memory, ground.reading(memory) as conn:
        voice = ground.voice()
        rows = _people(conn, memory.store.clock())
    if as_json:
        lines(rows)
        return
    heading = voice(
        "番号 氏名 アドレス 部署 役割 グループ ロック",
        "id name address department roles groups locked",
    )
    table(
        heading.split(),
        (
            (
                *(row["id"], row["name"], row["email"], row["department"]),
                *(" ".join(row["roles"]), " ".join(row["groups"]), "●" if row["locked"] else ""),
            )
            for row in rows
        ),
    )


@user.command()
@click.argument("person")
@click.option("--add", "added", multiple=True, type=click.Choice(ROLES))
@click.option("--remove", "removed", multiple=True, type=click.Choice(ROLES))
@ground.config_option
def role(person: str, added: tuple[str, ...], removed: tuple[str, ...], path: Path | None) -> None:
    """Give and take roles, from now on.

    \b
    Example:
      sekisho user role taro@example.co.jp --add approver --remove auditor
    """
    from gateway.judgement import people, personnel
    from gateway.memory.faults import at
    from gateway.memory.states import Actor

    actor = Actor("operator", ground.operator())
    try:
        with ground.opened(path) as memory, ground.changing(memory) as tx:
            id = str(ground.person(tx.conn, person, "PERSON")["id"])
            for each in removed:
                _revoke(tx, id, each, actor)
            for each in added:
                if each not in people.granted(tx.conn, id, "role", tx.now):
                    personnel.grant(tx, id, "role", each, actor)
            held = sorted(people.granted(tx.conn, id, "role", tx.now))
    except personnel.Conflict as conflict:
        raise ground.Problem(at("--add", "roster_conflict", value=conflict)) from None
    click.echo(f"{person}: {' '.join(held) or '-'}")


@user.command()
@click.argument("person")
@ground.config_option
def lock(person: str, path: Path | None) -> None:
    """End all sessions and links of a person, and let nobody sign in as this person any more.

    \b
    Example:
      sekisho user lock taro@example.co.jp
    """
    from gateway.judgement import personnel
    from gateway.memory.states import Actor

    with ground.opened(path) as memory, ground.changing(memory) as tx:
        id = str(ground.person(tx.conn, person, "PERSON")["id"])
        personnel.lock(tx, id, Actor("operator", ground.operator()))
    click.echo(f"{person}: {ground.voice()('ロックしました', 'locked')}")


@user.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="CSV")
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@ground.config_option
def import_(file: Path, dry_run: bool, path: Path | None) -> None:
    """People from a CSV: all rows or none. Columns: name, email, department, addresses, shared,
    roles, groups, deputy, from, until.

    \b
    Example:
      sekisho user import --dry-run people.csv
    """
    from gateway.face.words.roster import changed
    from gateway.judgement import roster
    from gateway.memory.faults import Fault
    from gateway.memory.states import Actor

    text = ground.office_text(file)
    with ground.opened(path) as memory, ground.changing(memory) as tx:
        plan = roster.import_csv(tx.conn, text, tx.now)
        if plan.faults:
            wrong = (
                Fault((), f"roster_{f.code}", {"value": f.value}, origin=str(file), line=f.row)
                for f in plan.faults
            )
            raise ground.Problem(*wrong)
        voice = ground.voice()
        for change in plan.changes:
            row = voice(f"{change.row}行目", f"line {change.row}")
            what = changed(voice.words, change.what)
            say(f"{row}: {change.email}: {what} {change.value}".rstrip())
        if not plan.changes:
            say(voice("変更はありません", "nothing would change"))
        elif dry_run:
            said = (
                f"{len(plan.changes)}件（まだ変更していません）",
                f"{len(plan.changes)}, not done yet",
            )
            say(voice(*said))
        else:
            number = roster.apply(tx, plan, Actor("operator", ground.operator()))
            say(voice(f"{number}件を変更しました", f"{number} changed"))


# -- steps


def _people(conn: Connection, now: datetime) -> list[dict[str, Any]]:
    from sqlalchemy import select

    from gateway.judgement import people
    from gateway.judgement.people import PERSON

    return [
        {
            **{key: row[key] for key in ("id", "name", "email", "department", "locked")},
            "roles": sorted(people.granted(conn, row["id"], "role", now)),
            "groups": sorted(people.granted(conn, row["id"], "group", now)),
        }
        for row in conn.execute(select(PERSON).order_by(PERSON.c.email)).mappings()
    ]


def _revoke(tx: Tx, id: str, name: str, actor: Actor) -> None:
    from gateway.judgement import personnel

    for held in personnel.grants(tx.conn, id, tx.now):
        if (held["kind"], held["name"]) == ("role", name):
            personnel.revoke(tx, id, held["id"], actor)
