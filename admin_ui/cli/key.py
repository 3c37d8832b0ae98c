"""`sekisho key`: made once, rotated while nothing runs, counted at any time."""

from __future__ import annotations

from pathlib import Path

import click

from admin_ui.cli import ground
from admin_ui.cli.manual import Verbs
from admin_ui.cli.printing import as_line, table


@click.group(cls=Verbs)
def key() -> None:
    """Keys. They are part of no backup; `keys.mirror` keeps their one living copy elsewhere.

    \b
    Example:
      sekisho key init
    """


@key.command()
@ground.config_option
def init(path: Path | None) -> None:
    """Make every key that is missing; none that is there is touched.

    \b
    Example:
      sekisho key init --config /etc/sekisho/sekisho.toml
    """
    from gateway.memory.opening import prepare_keys

    config = ground.configuration(path)
    voice = ground.voice()
    made = prepare_keys(config)
    for each in made:
        click.echo(voice(f"作成しました: {each}", f"made: {each}"))
    if not made:
        click.echo(voice("鍵はすべてあります", "all keys are there"))


@key.command()
@ground.config_option
def rotate(path: Path | None) -> None:
    """New root keys: every key file is sealed again, no mail is touched. Stop Sekisho first; what
    was cut off goes on when this is run again.

    \b
    Example:
      sekisho key rotate
    """
    from gateway.memory.opening import RINGS, alone, folders, open_memory
    from gateway.memory.rotation import rotate as again
    from gateway.memory.states import Actor

    config = ground.configuration(path)
    base, mirror = folders(config)["keys"], config.keys.mirror
    with alone(config):
        numbers = {name: again(base / name, mirror and mirror / name) for name in RINGS}
        memory = open_memory(config)
        try:
            with ground.changing(memory) as tx:
                tx.record("key.rotated", Actor("operator", ground.operator()), rings=numbers)
        finally:
            memory.close()
    voice = ground.voice()
    for name, number in numbers.items():
        click.echo(f"{name}: {number}")
    roots = " ".join(str(base / name / "root") for name in RINGS)
    click.echo(
        voice(
            f"ルート鍵の控えを取り直してください（前の控えでは開けません）: {roots}",
            f"copy the root keys anew (copies made before open nothing): {roots}",
        )
    )


@key.command()
@ground.json_option
@ground.config_option
def status(as_json: bool, path: Path | None) -> None:
    """How many keys there are, whether the mirror has the same, and the public key that verifies
    the ledger. Exit 1 where something is missing.

    \b
    Example:
      sekisho key status
    """
    from gateway.memory.keys import signing_key
    from gateway.memory.ledger.append import STREAM
    from gateway.memory.ledger.note import verifier_key
    from gateway.memory.opening import ORIGIN, RINGS, folders

    config = ground.configuration(path)
    voice, base = ground.voice(), folders(config)["keys"]
    public = signing_key(base / "ledger.key").public_key().public_bytes_raw()
    verifier = verifier_key(f"{ORIGIN}/{STREAM}", public)
    rings = [_ring(name, base / name, config.keys.mirror) for name in RINGS]
    if as_json:
        click.echo(as_line({"rings": rings, "verifier": verifier}))
    else:
        heading = voice("鍵束 期日別 個別 破棄済み 状態", "ring epochs own destroyed state").split()
        table(heading, (list(row.values()) for row in rings))
        click.echo(voice(f"台帳の検証鍵: {verifier}", f"verifier key of the ledger: {verifier}"))
    ground.finish(all(row["state"] == "ok" for row in rings))


def _ring(name: str, folder: Path, mirror: Path | None) -> dict[str, object]:
    stones = folder / "tombstones.jsonl"
    return {
        "ring": name,
        "epochs": len(list(folder.glob("epoch-*.key"))),
        "own": len(list(folder.glob("own-*.key"))),
        "destroyed": len(stones.read_bytes().splitlines()) if stones.exists() else 0,
        "state": _state(folder, mirror / name if mirror else None),
    }


def _state(folder: Path, mirror: Path | None) -> str:
    if not (folder / "root").exists():
        return "no root key"
    if (folder / "root.next").exists():
        return "rotation was cut off"
    if mirror and not mirror.exists():
        return "no mirror"
    if mirror and _digests(folder) != _digests(mirror):
        return "mirror differs"
    return "ok"


def _digests(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.key")}
