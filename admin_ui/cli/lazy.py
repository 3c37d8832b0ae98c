"""A group of verbs whose modules are loaded one by one, when they are used."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click

from admin_ui.cli.manual import Verbs


class LazyGroup(Verbs):
    """`verbs`: name to ("module:command", what the list of verbs says of it)."""

    def __init__(self, *args: Any, verbs: Mapping[str, tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._verbs = verbs

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._verbs)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in self._verbs:
            return None
        module, _, attribute = self._verbs[name][0].partition(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """From the table: `--help` would otherwise load every module for its first line."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, said) for name, (_, said) in self._verbs.items()])
