"""`sekisho audit verify`: is the ledger whole? Of an installation, or of an export alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from admin_ui.cli import ground
from admin_ui.cli.manual import Verb

if TYPE_CHECKING:
    from gateway.memory.ledger.verify import Outcome
    from gateway.memory.opening import Memory

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(cls=Verb)
@click.option("--export", type=_FILE, metavar="FILE", help="An export instead of the database.")
@click.option("--checkpoint", type=_FILE, metavar="FILE", help="Signed checkpoints kept elsewhere.")
@click.option("--key", type=_FILE, metavar="FILE", help="Verifier key; else the one by the export.")
@ground.config_option
def verify(
    export: Path | None, checkpoint: Path | None, key: Path | None, path: Path | None
) -> None:
    """Walk every entry and every signed checkpoint. Exit 1 names the first bad entry.

    An export needs no installation; `python -m gateway.memory.ledger.verify` does the same
    without anything else of Sekisho.

    \b
    Example:
      sekisho audit verify
      sekisho audit verify --export ledger.jsonl --checkpoint mailed.txt --key sekisho.key
    """
    if export:
        ground.configuration_if_any(path)  # for its language
        outcome = _of_export(export, checkpoint, key)
    else:
        with ground.opened(path) as memory:
            outcome = _of_database(memory, checkpoint)
    _say(outcome, ground.voice())


def _of_export(export: Path, checkpoint: Path | None, key: Path | None) -> Outcome:
    from gateway.memory.faults import at
    from gateway.memory.ledger.note import BadNote
    from gateway.memory.ledger.verify import verify_files

    checkpoints, beside = export.with_suffix(".checkpoints"), export.with_suffix(".key")
    try:
        return verify_files(export, checkpoint or checkpoints, key or beside)
    except BadNote:
        raise ground.Problem(at(key or beside, "no_verifier_key")) from None


def _of_database(memory: Memory, checkpoint: Path | None) -> Outcome:
    from gateway.memory.ledger.append import lines as entries
    from gateway.memory.ledger.note import notes
    from gateway.memory.ledger.verify import verify
    from gateway.memory.states import Actor

    # before the database: a checkpoint written meanwhile would speak of entries not read
    kept = checkpoint.read_text("utf-8") if checkpoint else None
    signed = list(notes(kept)) if kept is not None else list(memory.ledger.checkpoints())
    with ground.reading(memory) as conn:
        outcome = verify(entries(conn), signed, memory.ledger.public)
    if outcome.whole:
        with ground.changing(memory) as tx:
            actor = Actor("operator", ground.operator())
            tx.record("audit.verified", actor, entries=outcome.entries)
    return outcome


def _say(outcome: Outcome, voice: ground.Voice) -> None:
    if outcome.whole:
        click.echo(
            voice(
                f"OK  記録 {outcome.entries}件、署名 {outcome.checkpoints}件。"
                f"詳細を消去した記録 {outcome.erased}件",
                f"OK  {outcome.entries} entries, {outcome.checkpoints} signed checkpoints; "
                f"details of {outcome.erased} entries erased",
            )
        )
        return
    click.echo(
        voice(
            f"NG  記録番号 {outcome.bad_seq} が書かれたときと違います（{outcome.reason}）",
            f"NG  entry {outcome.bad_seq} is not as it was written ({outcome.reason})",
        )
    )
    ground.finish(False)
