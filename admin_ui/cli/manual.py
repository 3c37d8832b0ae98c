"""What `--help` says: written in English where the command stands, shown in that of the terminal.

The Japanese is read from `locale/ja.po`, by paragraphs and options. Examples stay as they are.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from admin_ui.cli import ground
from admin_ui.cli.printing import width

LOCALE = Path(__file__).parent / "locale"
_AS_IT_STANDS = "\b\n"
"""Click's mark before a paragraph whose lines are not to be set anew."""
_PIECE = re.compile(r" |[（「『]*(?:[!-~]+|[^ ])[、。）」』：？ー]*")
"""An English word, or a Japanese letter with what may not be parted from it."""
_SENTENCE = re.compile(r"(.*?)(?:\.(?= |$)|。|$)")
_EXTRA = re.compile(r"(?:^|  )\[(.+)\]$")
"""What click adds to the text of an option: `[default: 2500]`."""


class Page(click.HelpFormatter):
    """Sets text by columns: a Japanese letter takes two, and needs no blank to end a line."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, prefix or f"{spoken('Usage:')} ")

    def write_heading(self, heading: str) -> None:
        super().write_heading(spoken(heading))

    def write_text(self, text: str) -> None:
        room = self.width - self.current_indent
        super().write_text("\n\n".join(_set(each, room) for each in paragraphs(text)))

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        rows = list(rows)
        first = min(max(len(term) for term, _ in rows), col_max) + col_spacing
        room = max(self.width - first - 2, 10)
        super().write_dl([(term, _set(_option(text), room)) for term, text in rows])


class _Context(click.Context):
    formatter_class = Page


class _Told(click.Command):
    context_class = _Context

    def get_short_help_str(self, limit: int = 45) -> str:
        """The first sentence, whole."""
        sentence = _SENTENCE.match(spoken(next(paragraphs(self.help or ""))))
        return sentence[1] if sentence else ""


class Verb(_Told):
    """A command."""


class Verbs(_Told, click.Group):
    """A command of several."""

    command_class = Verb


def paragraphs(help: str) -> Iterator[str]:
    """In one line each; examples with their lines and their mark.

    >>> list(paragraphs("Held\\nmails.\\n\\n\\b\\nExample:\\n  sekisho hold list"))
    ['Held mails.', '\\x08\\nExample:\\n  sekisho hold list']
    """
    for text in inspect.cleandoc(help).split("\n\n"):
        kept = text.startswith(_AS_IT_STANDS)
        yield text if kept else " ".join(text.split())


def spoken(text: str) -> str:
    """In Japanese on a Japanese terminal: no configuration is known yet that could say more. What
    is in no catalog stays as it is."""
    from gateway.face.i18n import catalog

    return catalog("ja", LOCALE).gettext(text) if ground.terminal() == "ja" else text


def wrapped(text: str, columns: int) -> Iterator[str]:
    """
    >>> list(wrapped("記録は、開始と終了を残します。", 16))
    ['記録は、開始と終', '了を残します。']
    >>> list(wrapped("JSON, one line a row.", 14))
    ['JSON, one line', 'a row.']
    """
    line = ""
    for piece in _PIECE.findall(text):
        if line and width((line + piece).rstrip()) > columns:
            yield line.rstrip()
            line = ""
        line += piece if line or piece != " " else ""
    yield line.rstrip()


def _option(text: str) -> str:
    extra = _EXTRA.search(text)
    if not extra:
        return spoken(text)
    added = re.sub("required|default", lambda word: spoken(word[0]), extra[1])
    return f"{spoken(text[: extra.start()])}  [{added}]".lstrip()


def _set(text: str, columns: int) -> str:
    if text.startswith(_AS_IT_STANDS):
        return text.replace("Example:", spoken("Example:"), 1)
    return _AS_IT_STANDS + "\n".join(wrapped(spoken(text), columns))
