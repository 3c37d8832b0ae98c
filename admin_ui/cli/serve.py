"""`sekisho serve`: all processes of an installation, or some of them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from admin_ui.cli import ground
from admin_ui.cli.manual import Verb


@click.command(cls=Verb)
@click.option("--only", default="", metavar="ROLES", help="Some of: core,web,door.")
@ground.config_option
def serve(only: str, path: Path | None) -> None:
    """Run everything until it is told to stop. Refuses without keys and database: make them with
    `key init` and `db upgrade`, which may be run before every start.

    \b
    Example:
      sekisho serve --config /etc/sekisho/sekisho.toml
      sekisho serve --only door
    """
    from admin_ui.serve import discreet
    from admin_ui.serve.sockets import Held
    from admin_ui.serve.supervisor import ROLES, supervise
    from gateway.memory.faults import at
    from gateway.memory.opening import open_memory

    roles = [role.strip() for role in only.split(",")] if only else list(ROLES)
    if unknown := [role for role in roles if role not in ROLES]:
        raise ground.Problem(
            at(f"--only {','.join(unknown)}", "not_one_of", known=", ".join(ROLES))
        )
    config = ground.configuration(path)
    discreet.set_up("serve", form=config.log.form)
    open_memory(config, with_letters=roles != ["door"]).close()
    file = (path or ground.DEFAULT).resolve()
    held = Held()
    try:
        held.renew(config, roles)
    except OSError as error:
        raise ground.NotDone(at(error.filename, "cannot_listen", detail=error.strerror)) from None
    ground.finish(asyncio.run(supervise(file, roles, held)) == 0)
