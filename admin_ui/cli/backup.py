"""`sekisho backup` and `sekisho restore`: everything but the keys."""

from __future__ import annotations

from pathlib import Path

import click

from admin_ui.cli import ground
from admin_ui.cli.manual import Verb


@click.command(cls=Verb)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="DIR")
@ground.config_option
def backup(folder: Path, path: Path | None) -> None:
    """Copy database, sealed files and checkpoints into an empty or new directory, while Sekisho
    runs. Keys are never in it: what is erased after this backup cannot be opened from it.

    \b
    Example:
      sekisho backup /srv/backup/sekisho-$(date +%F)
    """
    from gateway.memory.recovery import back_up
    from gateway.memory.states import Actor

    with ground.opened(path) as memory:
        voice = ground.voice()
        made = back_up(memory, folder)
        with ground.changing(memory) as tx:
            actor = Actor("operator", ground.operator())
            tx.record("backup.made", actor, entries=made.entries, files=made.files)
    click.echo(
        voice(
            f"{folder}: 記録 {made.entries}件、ファイル {made.files}個（鍵は含みません）",
            f"{folder}: {made.entries} entries, {made.files} files (no keys)",
        )
    )


@click.command(cls=Verb)
@click.argument(
    "folder", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="DIR"
)
@ground.acting
@ground.config_option
def restore(folder: Path, person: str, reason: str, path: Path | None) -> None:
    """Put a backup back, with Sekisho stopped. What is there now is kept aside; keys and
    tombstones stay, so that what was erased or recalled stays so. Nothing leaves by itself
    afterwards: look at each mail with `queue list` and say `queue retry`.

    PERSON is written down as given: the database that knows people is the one being replaced.

    \b
    Example:
      sekisho restore /srv/backup/sekisho-2026-11-20 \\
        --on-behalf-of kanri@example.co.jp --reason "ディスク故障"
    """
    from gateway.memory.recovery import restore as put_back
    from gateway.memory.states import Actor

    config = ground.configuration(path)
    voice = ground.voice()
    actor = Actor("operator", ground.operator(), on_behalf_of=person)
    waiting = put_back(config, folder, actor, reason)
    click.echo(
        voice(
            f"復元しました。送信途中だった {waiting}件は、queue retry するまで送信されません",
            f"restored; {waiting} mails on their way wait for `sekisho queue retry`",
        )
    )
