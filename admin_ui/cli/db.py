"""`sekisho db`: the database's form."""

from __future__ import annotations

from pathlib import Path

import click

from admin_ui.cli import ground


@click.group()
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

    config = ground.configuration(path)
    voice = ground.voice()
    made = prepare_store(config)
    click.echo(
        voice("更新しました", "upgraded") if made else voice("最新です", "is of the newest version")
    )
