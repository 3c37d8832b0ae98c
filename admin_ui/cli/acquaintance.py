"""`sekisho acquaintance`: who has written to whom, fed on the first day."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from admin_ui.cli import ground
from admin_ui.cli.manual import Verbs
from admin_ui.cli.printing import as_line

if TYPE_CHECKING:
    from gateway.judgement.acquaintance.feed import Form


@click.group(cls=Verbs)
def acquaintance() -> None:
    """Who has written to whom: what the mis-send rules stand on.

    Learned from mail that is delivered. Feed it on the first day, or week one is all first contact.

    \b
    Example:
      sekisho acquaintance import /var/log/mail.log
    """


@acquaintance.command("import")
@click.argument(
    "files",
    nargs=-1,
    required=True,
    metavar="FILE...",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["postfix", "mbox", "csv"]),
    help="If not told by the file.",
)
@ground.config_option
def import_(files: tuple[Path, ...], form: Form | None, path: Path | None) -> None:
    """Learn from mail logs of Postfix, from mbox files (sent folders), or from CSV.

    A CSV has a heading: 宛先 (to), and 差出人 (from), cc, 日時 (date), 氏名 (name) where they are
    known. Without senders it is a list of addresses that the company knows. Each mail counts as
    often as it is fed, so feed each file once.

    \b
    Example:
      sekisho acquaintance import /var/log/mail.log sent.mbox 取引先.csv
    """
    from gateway.judgement.acquaintance.feed import Feed, take_in
    from gateway.judgement.checkpoint import keyed
    from gateway.memory.faults import Refused
    from gateway.memory.states import Actor

    with ground.opened(path) as memory:
        own = frozenset(memory.config.smtp.own_domains)
        operator = Actor("operator", ground.operator())
        for file in files:
            feed = Feed(keyed(memory), own, memory.store.clock())
            try:
                fed = take_in(lambda: ground.changing(memory), feed, file, operator, form)
            except Refused as refused:
                raise ground.Problem(refused.at(file)) from None
            click.echo(
                ground.voice()(
                    f"{file.name}: {fed.mails:,}通から学習しました"
                    f"（社外のドメイン {len(fed.domains):,}、対象外 {fed.skipped:,}）",
                    f"{file.name}: learned from {fed.mails:,} mails "
                    f"({len(fed.domains):,} outside domains, {fed.skipped:,} passed over)",
                )
            )


@acquaintance.command()
@ground.json_option
@ground.config_option
def status(as_json: bool, path: Path | None) -> None:
    """How much is known, and since when.

    \b
    Example:
      sekisho acquaintance status
    """
    from gateway.judgement.acquaintance.learner import known

    with ground.opened(path) as memory, ground.reading(memory) as conn:
        found, voice = known(conn), ground.voice()
        if as_json:
            click.echo(as_line(vars(found)))
            return
        since = found.since.astimezone(memory.config.zone) if found.since else None
        day = since.strftime("%Y-%m-%d") if since else "-"
        click.echo(
            voice(
                f"社外のドメイン {found.domains:,}、つながり {found.ties:,}、"
                f"やり取り {found.threads:,}（{day} から）、未学習の記録 {found.behind:,}",
                f"{found.domains:,} outside domains, {found.ties:,} ties, "
                f"{found.threads:,} threads (since {day}), {found.behind:,} entries to learn from",
            )
        )
