"""What the documents tell people to type, set or watch is there."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from pydantic import BaseModel

from admin_ui.cli import verbs
from gateway.memory.config import Config

ROOT = Path(__file__).parents[2]
PAGES = {
    page.name: page.read_text("utf-8")
    for page in sorted([*ROOT.glob("README*.md"), *(ROOT / "docs").glob("*.md")])
}
COMMAND = re.compile(r"(?:^|`|/)sekisho ([a-z]+)(?: ([a-z]+))?(?=[ `\n])", re.M)
SETTING = re.compile(rf"`(?:{'|'.join(Config.model_fields)})\.[a-z_]+(?:\.[a-z]+)?`|`data_dir`")


def settings(model: type[BaseModel], way: str = "") -> set[str]:
    names = set()
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            names |= {f"{way}{name}", *settings(inner, f"{way}{name}.")}
        else:
            names.add(f"{way}{field.alias or name}")
    return names


def commands() -> list[tuple[str, str, str]]:
    return sorted(
        {(page, *found) for page, text in PAGES.items() for found in COMMAND.findall(text)}
    )


def test_the_commands_are_found() -> None:
    assert ("operations.md", "key", "init") in commands()
    assert ("operations.md", "serve", "") in commands()


@pytest.mark.parametrize(("page", "verb", "below"), commands())
def test_every_command_that_is_told_exists(page: str, verb: str, below: str) -> None:
    context = click.Context(verbs)
    command = verbs.get_command(context, verb)
    assert command is not None, f"{page}: sekisho {verb}"
    if isinstance(command, click.Group) and below:
        assert command.get_command(context, below), f"{page}: sekisho {verb} {below}"


def test_every_setting_that_is_named_exists() -> None:
    known = settings(Config)
    named = {found.strip("`") for text in PAGES.values() for found in SETTING.findall(text)}
    assert "holds.fallback_group" in named
    assert sorted(named - known) == []


def test_every_measure_that_is_named_is_measured() -> None:
    """By the name that an alarm must ask for: a counter's ends with "_total" on the wire."""
    pages = ROOT / "admin_ui" / "health.py", ROOT / "gateway" / "memory" / "measures.py"
    source = "".join(page.read_text("utf-8") for page in pages)
    counters = set(re.findall(r'Counter\w*\(\s*"sekisho_(\w+)"', source))
    measured = set(re.findall(r'"(?:sekisho_)?(\w+)"', source)) - counters
    named = set(re.findall(r"`sekisho_(\w+)`", PAGES["operations.md"]))
    assert counters and named
    assert sorted(named - measured - {f"{name}_total" for name in counters}) == []
