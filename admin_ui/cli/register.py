"""`sekisho register`: the company's own 個人番号 as a filter that gives none back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from admin_ui.cli import ground
from admin_ui.cli.manual import Verbs
from admin_ui.cli.printing import as_line

if TYPE_CHECKING:
    from gateway.judgement.register import Counts


@click.group(cls=Verbs)
def register() -> None:
    """The register of our own My Numbers: one that stands in it is found with more certainty.

    No number can be read out of it, with its key or without, and no name is in it.

    \b
    Example:
      sekisho register build 従業員.csv
    """


@register.command()
@click.argument("file", metavar="CSV", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--column", default="", help="Heading or number of the column; found by itself else.")
@ground.config_option
def build(file: Path, column: str, path: Path | None) -> None:
    """Make the register from a CSV with a column of My Numbers, in the place of the one before.

    Only that column is read. Delete the CSV afterwards. Running services take the new register
    with the next mail.

    \b
    Example:
      sekisho register build 従業員.csv --column マイナンバー
    """
    from gateway.judgement import register as registers
    from gateway.memory.faults import Refused
    from gateway.memory.states import Actor

    with ground.opened(path) as memory:
        config = memory.config
        try:
            made, counts = registers.made(registers.prepare_key(config), file, column)
        except Refused as refused:
            raise ground.Problem(refused.at(file)) from None
        registers.save(config, made)
        with ground.changing(memory) as tx:
            tx.record("register.built", Actor("operator", ground.operator()), size=made.size)
        _tell(counts, ground.voice())


def _tell(counts: Counts, voice: ground.Voice) -> None:
    click.echo(
        voice(
            f"{counts.valid}件を登録しました（{counts.rows}行、空欄 {counts.empty}、"
            f"番号でない行 {counts.invalid}）",
            f"{counts.valid} numbers registered ({counts.rows} rows, {counts.empty} empty, "
            f"{counts.invalid} without a valid number)",
        )
    )
    if counts.restored:
        click.echo(
            voice(
                f"先頭の0が失われていた番号: {counts.restored}件（補って登録しました）",
                f"leading zeros were put back: {counts.restored}",
            )
        )
    if counts.first_invalid:
        rows = ", ".join(map(str, counts.first_invalid))
        more = " …" if counts.invalid > len(counts.first_invalid) else ""
        click.echo(
            voice(f"番号でない行: {rows}{more}", f"rows without a valid number: {rows}{more}")
        )


@register.command()
@ground.json_option
@ground.config_option
def status(as_json: bool, path: Path | None) -> None:
    """Whether there is a register, since when, and how many strangers it takes for its own.

    \b
    Example:
      sekisho register status
    """
    from gateway.judgement import register as registers

    config = ground.configuration(path)
    voice, found = ground.voice(), registers.load(config)
    if found is None:
        click.echo(as_line({"present": False}) if as_json else voice("登録なし", "no register"))
        return
    built = datetime.fromtimestamp(registers.path(config).stat().st_mtime, UTC)
    if as_json:
        click.echo(
            as_line({"present": True, "built": built, "size": found.size, "rate": found.rate})
        )
        return
    shown = built.astimezone(config.zone).strftime("%Y-%m-%d %H:%M")
    click.echo(
        voice(
            f"登録あり: {shown} 作成、{found.size:,}件までの大きさ、"
            f"無関係な番号が偶然一致する割合 {found.rate:.2%}",
            f"register of {shown}, for up to {found.size:,} numbers; "
            f"{found.rate:.2%} of other numbers match by chance",
        )
    )


@register.command()
@ground.config_option
def drop(path: Path | None) -> None:
    """Destroy the register and its key; no copy of either says anything without the other.

    \b
    Example:
      sekisho register drop
    """
    from gateway.judgement import register as registers
    from gateway.memory.faults import at
    from gateway.memory.states import Actor

    with ground.opened(path) as memory:
        voice = ground.voice()
        if not registers.drop(memory.config):
            raise ground.NotDone(at(registers.path(memory.config), "no_register"))
        with ground.changing(memory) as tx:
            tx.record("register.dropped", Actor("operator", ground.operator()))
    click.echo(voice("登録を消去しました", "the register is destroyed"))
