"""`python -m admin_ui.serve.role core|web|door CONFIG [HOST:PORT=FD …]`: one process of an
installation, with the sockets that were opened for it."""

from __future__ import annotations

import asyncio
import importlib
import resource
import signal
import sys
from pathlib import Path

from sqlalchemy.exc import OperationalError

from admin_ui.serve import discreet, supervisor
from admin_ui.serve.sockets import Inherited
from gateway.judgement.policy.faults import PolicyError
from gateway.memory import config as configuration
from gateway.memory.engine import Unfit
from gateway.memory.keys import KeyMissing
from gateway.memory.ledger.append import RolledBack
from gateway.memory.opening import NotReady

ENTRIES = {
    "core": ("admin_ui.serve.core", "main"),
    "web": ("admin_ui.serve.web", "inside"),
    "door": ("admin_ui.serve.web", "door"),
    "fit": ("admin_ui.serve.fit", "main"),
}
UNFIT = (NotReady, Unfit, KeyMissing, RolledBack, PolicyError, configuration.ConfigError)
"""What starting again would not mend."""


async def _run(role: str, config: configuration.Config, sockets: Inherited) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    # what must be read anew is for the supervisor, who starts us again
    loop.add_signal_handler(signal.SIGHUP, lambda: None)
    module, entry = ENTRIES[role]
    await getattr(importlib.import_module(module), entry)(config, stop, sockets)


def main() -> int:
    role, path, *handed = sys.argv[1:]
    discreet.set_up(role)
    # a core dump would hold keys and mail
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        config = configuration.load(Path(path))
        discreet.set_up(role, form=config.log.form)
        asyncio.run(_run(role, config, Inherited(handed)))
    except UNFIT as error:
        print(f"sekisho: error: {error}", file=sys.stderr)
        return supervisor.REFUSED
    except OperationalError as error:  # its words are the system's, as of a server that is away
        print(f"sekisho: error: {error.orig}", file=sys.stderr)
        return supervisor.AWAY
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
