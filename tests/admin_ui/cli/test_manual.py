"""What `--help` says, in both languages."""

from __future__ import annotations

import re

import click
import pytest
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from admin_ui.cli import VERBS, verbs
from admin_ui.cli.manual import LOCALE, paragraphs, wrapped
from admin_ui.cli.printing import width

FRAME = {"Usage:", "Options", "Commands", "Example:", "required", "default"}
"""Set by click, or around every text."""


def every(command: click.Command, path: str = "sekisho"):
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            yield from every(command.get_command(context, name), f"{path} {name}")


COMMANDS = dict(every(verbs))


def written() -> set[str]:
    """All that is to be said in another language."""
    found = FRAME | {said for _, said in VERBS.values()}
    for command in COMMANDS.values():
        options = command.get_params(click.Context(command))
        texts = (command.help, *(getattr(each, "help", None) for each in options))
        found |= {each for text in texts if text for each in paragraphs(text)}
    return {text for text in found if not text.startswith("\b")}


def test_it_works(sekisho, monkeypatch):
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    said = sekisho("hold", "release", "--help").stdout
    assert said.startswith("使い方： sekisho hold release [OPTIONS] ID\n\n  PERSON に求められて")
    assert "  --reason TEXT          理由。記録に残ります。  [必須]\n" in said
    assert "例：\n    sekisho hold release 7Q3F-K2MD --on-behalf-of" in said


@pytest.mark.parametrize("locale", ["en_US.UTF-8", "C.UTF-8"])
def test_another_terminal_is_told_in_english(locale, sekisho, monkeypatch):
    monkeypatch.setenv("LC_ALL", locale)
    said = sekisho("hold", "--help").stdout
    assert said.startswith("Usage: sekisho hold") and "\n  Held mails: look at them" in said
    assert "  release   Meet what PERSON was asked for, and let the mail go\n" in said


def test_every_text_has_its_japanese_and_no_other_is_kept():
    with (LOCALE / "ja.po").open("rb") as file:
        catalog = {message.id: message.string for message in read_po(file) if message.id}
    assert catalog.keys() == written()
    assert all(catalog.values())


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_page_keeps_within_the_terminal(language, monkeypatch):
    monkeypatch.setenv("LC_ALL", language)
    for path, command in COMMANDS.items():
        context = command.make_context(path, [], resilient_parsing=True)
        page = command.get_help(context).replace("例：", "Example:")
        text, _, rest = page.partition("Example:")
        rest = rest.partition("\n\n")[2]  # examples are to be copied whole
        for line in f"{text}{rest}".splitlines():
            assert width(line) <= 80, (path, line)


WORDS = st.sampled_from(("関所", "ab", "a-b", " ", "、", "。", "（所）"))


# nobody sets a blank before a stop
@given(
    st.lists(WORDS).map(lambda some: re.sub(" +(?=[、。])", "", "".join(some))), st.integers(10, 30)
)
def test_setting_a_text_loses_nothing_of_it(text, columns):
    lines = list(wrapped(text, columns))
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert not any(line.startswith(("、", "。", "）")) for line in lines[1:])
