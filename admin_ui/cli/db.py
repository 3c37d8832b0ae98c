"""`sekisho db`: the database's form."""

from __future__ import annotations

from pathlib import Path

import click

from admin_ui.cli import ground
from admin_ui.cli.manual import Verbs


@click.group(cls=Verbs)
def db() -> None:
    """The database.

    \b
    Example:
      sekisho db upgrade
    """


@db.command()
@ground.config_option
def upgrade(path: Path | None) -> None:
    """Make it, or bring it to the newest version; again does no harm.

    \b
    Example:
      sekisho db upgrade --config /etc/sekisho/sekisho.toml
    """
    from gateway.memory.opening import prepare_store

    upgraded = prepare_store(ground.configuration(path))
    said = ("更新しました", "upgraded") if upgraded else ("最新です", "is of the newest version")
    click.echo(ground.voice()(*said))
