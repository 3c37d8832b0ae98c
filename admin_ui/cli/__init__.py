"""The command `sekisho`: one module a verb, loaded when the verb is used.

Exit codes: 0 good · 1 found something, or a check failed · 2 usage or configuration · 75 try later
(EX_TEMPFAIL). Errors go to standard error as `sekisho: error: FILE: key.path: what is wrong
(hint)`; no capital initials, no full stops, and no traceback for a mistake that is not ours.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from admin_ui import VERSION
from admin_ui.cli.lazy import LazyGroup

VERBS = {
    "demo": ("admin_ui.demo.command:demo", "the whole way on this machine, with sample mails"),
    "serve": ("admin_ui.cli.serve:serve", "run an installation"),
    "check": ("admin_ui.cli.check:check", "try everything an installation stands on"),
    "scan": ("admin_ui.cli.scan:scan", "look into files and mails"),
    "policy": ("admin_ui.cli.policy:policy", "test, explain, compare and publish rules"),
    "hold": ("admin_ui.cli.hold:hold", "held mails"),
    "bypass": ("admin_ui.cli.bypass:bypass", "let pass for a time what rules would hold"),
    "queue": ("admin_ui.cli.queue:queue", "mails on their way"),
    "transfer": ("admin_ui.cli.transfer:transfer", "files behind links"),
    "audit": ("admin_ui.cli.audit:audit", "verify, search and export the records"),
    "evidence": ("admin_ui.cli.evidence:evidence", "keep what retention would erase"),
    "user": ("admin_ui.cli.user:user", "people and their roles"),
    "register": ("admin_ui.cli.register:register", "the company's own numbers, as a filter"),
    "addressee": ("admin_ui.cli.addressee:addressee", "to whom My Numbers may go"),
    "acquaintance": ("admin_ui.cli.acquaintance:acquaintance", "who has written to whom"),
    "key": ("admin_ui.cli.key:key", "make, rotate and count keys"),
    "db": ("admin_ui.cli.db:db", "the database"),
    "backup": ("admin_ui.cli.backup:backup", "copy database, sealed files and checkpoints"),
    "restore": ("admin_ui.cli.backup:restore", "put a backup back; nothing leaves by itself"),
}

LATER = (
    "gateway.memory.opening.Served",
    "gateway.memory.states.Overtaken",
    "sqlalchemy.exc.OperationalError",
)
"""What may go well when it is tried again. By name, so that the light verbs need not load what
defines them."""


_OF_THE_DATABASE = {"locked": "quicker", "full": "disk_full"}


@click.group(cls=LazyGroup, verbs=VERBS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="sekisho", message="%(prog)s %(version)s")
def verbs() -> None:
    """Sekisho (関所): a checkpoint for outgoing mail.

    \b
    Example:
      sekisho demo
      sekisho scan ~/Desktop/給与.xlsx
      sekisho check --config /etc/sekisho/sekisho.toml
    """


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    try:
        code = verbs.main(arguments, prog_name="sekisho", standalone_mode=False)
        sys.stdout.flush()
    except click.Abort:
        sys.exit(130)
    except click.exceptions.NoArgsIsHelpError as error:
        print(error.format_message(), file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:
        # whoever read us has seen enough; closing our end again would raise at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:
        text, code = told(error)
        for line in text.splitlines():
            print(f"sekisho: error: {line}", file=sys.stderr)
    sys.exit(code if isinstance(code, int) else 0)


def told(error: Exception) -> tuple[str, int]:
    """An error as text and exit code; what is nobody's mistake but ours is raised again."""
    if isinstance(error, click.UsageError):
        from admin_ui.cli import ground, misuse

        verb = error.ctx.command_path if error.ctx else "sekisho"
        see = ground.voice()(f"（使い方：{verb} --help）", f" (see: {verb} --help)")
        return f"{ground.said(misuse.fault(error))}{see}", 2
    if isinstance(error, click.ClickException):
        return error.format_message(), error.exit_code
    from admin_ui.cli import ground
    from gateway.memory.faults import Faulty, at, unread

    later = f"{type(error).__module__}.{type(error).__qualname__}" in LATER
    if isinstance(error, Faulty):
        return error.said(ground.voice().words), 75 if later else 2
    if later:
        refused = getattr(error, "orig", None)
        text = str(refused or error)
        hints = (code for word, code in _OF_THE_DATABASE.items() if word in text)
        code = next(hints, "" if refused else "quicker")
        return (ground.said(at(text, code)) if code else text), 75
    if isinstance(error, OSError) and error.filename:
        return ground.said(unread(error).at(error.filename)), 2
    raise error
