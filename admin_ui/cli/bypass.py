"""`sekisho bypass`: break-glass. For a limited time rules judge and record, but do not hold."""

from __future__ import annotations

from pathlib import Path

import click

from admin_ui.cli import ground
from admin_ui.cli.manual import Verbs
from admin_ui.cli.printing import fields


@click.group(cls=Verbs)
def bypass() -> None:
    """Break-glass: what rules would hold passes, for a limited time. It is judged and recorded all
    the same, every administrator is told, and every page says so.

    \b
    Example:
      sekisho bypass on --for 2h --on-behalf-of kanri@example.co.jp --reason "承認者が全員不在"
      sekisho bypass off --on-behalf-of kanri@example.co.jp --reason "復旧"
    """


@bypass.command("on")
@click.option("--for", "span", required=True, metavar="TIME", help="2h or 30min; then it ends.")
@ground.acting
@ground.config_option
def on(span: str, person: str, reason: str, path: Path | None) -> None:
    """Begin, or begin anew with another time.

    \b
    Example:
      sekisho bypass on --for 2h --on-behalf-of kanri@example.co.jp --reason "承認者が全員不在"
    """
    from gateway.face.dates import stamp
    from gateway.judgement import bypass as glass
    from gateway.judgement.checkpoint import Checkpoint
    from gateway.memory.faults import Refused
    from gateway.memory.fields import clock

    try:
        asked = clock(span).clock
    except Refused as refused:
        raise ground.Problem(refused.at("--for")) from None
    with ground.opened(path) as memory, ground.changing(memory) as tx:
        id, actor = ground.on_behalf_of(tx.conn, person)
        with ground.refusing(person):
            made = glass.begin(tx, Checkpoint.of(memory), asked, reason, id, actor)
    until = stamp(made.until)
    click.echo(ground.voice()(f"{until} まで保留を一時停止します", f"on until {until}"))


@bypass.command("off")
@ground.acting
@ground.config_option
def off(person: str, reason: str, path: Path | None) -> None:
    """End it now; rules hold again.

    \b
    Example:
      sekisho bypass off --on-behalf-of kanri@example.co.jp --reason "復旧"
    """
    from gateway.judgement import bypass as glass
    from gateway.judgement.checkpoint import Checkpoint
    from gateway.memory.faults import at

    with ground.opened(path) as memory, ground.changing(memory) as tx:
        _, actor = ground.on_behalf_of(tx.conn, person)
        if not glass.end(tx, Checkpoint.of(memory), actor, reason):
            raise ground.NotDone(at("", "no_bypass"))
    click.echo(ground.voice()("保留を再開しました", "off"))


@bypass.command("show")
@ground.config_option
def show(path: Path | None) -> None:
    """Whether one is on, until when and why.

    \b
    Example:
      sekisho bypass show
    """
    from gateway.face.dates import stamp
    from gateway.judgement import bypass as glass

    with ground.opened(path) as memory, ground.reading(memory) as conn:
        found = glass.current(conn, memory.store.clock())
        by = ground.address(conn, found.person) if found else ""
    voice = ground.voice()
    if found is None:
        click.echo(voice("一時停止していません（保留は有効です）", "off"))
        return
    fields(
        [
            (voice("期限", "until"), stamp(found.until)),
            (voice("理由", "reason"), found.reason),
            (voice("実行した人", "person"), by),
        ]
    )
