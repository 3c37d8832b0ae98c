"""`sekisho evidence`: 証拠保全, nothing is erased while something is being investigated."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from admin_ui.cli import ground
from admin_ui.cli.manual import Verbs
from admin_ui.cli.printing import fields


@click.group(cls=Verbs)
def evidence() -> None:
    """Evidence hold: what retention would erase is kept, until it is ended.

    \b
    Example:
      sekisho evidence hold --on-behalf-of kansa@example.co.jp --reason "調査のため"
      sekisho evidence free --on-behalf-of kansa@example.co.jp --reason "調査の終了"
    """


@evidence.command()
@ground.acting
@ground.config_option
def hold(person: str, reason: str, path: Path | None) -> None:
    """Begin: contents, files, keys and records stay, whatever their time.

    \b
    Example:
      sekisho evidence hold --on-behalf-of kansa@example.co.jp --reason "調査のため"
    """
    from bridge.evidence import begin

    _act(begin, person, reason, path)
    click.echo(ground.voice()("消去を停止しました", "nothing is erased any more"))


@evidence.command()
@ground.acting
@ground.config_option
def free(person: str, reason: str, path: Path | None) -> None:
    """End it; what is due by then is erased.

    \b
    Example:
      sekisho evidence free --on-behalf-of kansa@example.co.jp --reason "調査の終了"
    """
    from bridge.evidence import end

    _act(end, person, reason, path)
    click.echo(ground.voice()("消去を再開しました", "what is due is erased again"))


@evidence.command()
@ground.config_option
def show(path: Path | None) -> None:
    """Whether it is on, since when and why.

    \b
    Example:
      sekisho evidence show
    """
    from bridge import evidence as held

    with ground.opened(path) as memory, ground.reading(memory) as conn:
        found = held.current(conn)
        by = ground.address(conn, found.person) if found else ""
    voice = ground.voice()
    if found is None:
        click.echo(voice("証拠保全はしていません", "off"))
        return
    fields(
        [
            (voice("開始", "since"), found.since),
            (voice("理由", "reason"), found.reason),
            (voice("実行した人", "person"), by),
        ]
    )


def _act(act: Callable[..., object], person: str, reason: str, path: Path | None) -> None:
    """One of `bridge.evidence`."""
    with ground.opened(path) as memory, ground.changing(memory) as tx:
        id, actor = ground.on_behalf_of(tx.conn, person)
        with ground.refusing(person):
            act(tx, reason, id, actor)
