"""What the rest of a mail says about the numbers of one of its surfaces; read when one is found."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property

from detectors.context import asked, forms
from detectors.evidence import spoken
from detectors.surface import Spot, Table, Text
from detectors.words import Label, fold

_READ = 20_000
"""Characters of a file, or of the mail's own text, that are read."""
# One class first: the search then skips all other characters in C.
_MENTION = re.compile(
    "[マﾏ個mM通特住カ](?:(?<=マ)イナ(?:ンバー|の?番号|カード)|(?<=ﾏ)ｲﾅﾝﾊﾞｰ|(?<=個)人番号"
    "|(?<=[mM])[yY][ _-]?[nN][uU][mM][bB][eE][rR]|(?<=通)知カード"
    "|(?<=カ)(?<![ァ-ヶー一-龠]カ)ードの?裏|(?<=特)定個人情報|(?<=住)民票)"
)


class Mail:
    def __init__(self, readable: Sequence[Text | Table]) -> None:
        self._readable = readable
        self._forms: dict[tuple[str, ...], str] = {}
        self._mentions: dict[tuple[str, ...], bool] = {}
        self._asks: dict[tuple[str, ...], bool] = {}

    def labels(self, surface: Text | Table) -> list[Label]:
        """What the text of the mail itself says of an attachment."""
        return self._labels if surface.spot.path else []

    @cached_property
    def _labels(self) -> list[Label]:
        return spoken(self._body)

    @property
    def _body(self) -> Iterator[str]:
        for surface in self._readable:
            if isinstance(surface, Text) and not surface.spot.path:
                yield surface.text[:_READ]

    def form(self, surface: Text | Table) -> str:
        """The form that the file of the surface is, "" for none."""
        key = _file(surface.spot)
        if key not in self._forms:
            text = self._text(key)
            self._forms[key] = forms.recognised(fold(text)) if forms.hinted(text) else ""
        return self._forms[key]

    def mentions(self, surface: Text | Table) -> bool:
        """Whether the mail, its subject or the file speaks of 個人番号 at all."""
        key = _file(surface.spot)
        if key not in self._mentions:
            told = (self._text(key), *surface.context, *self._body)
            self._mentions[key] = any(_MENTION.search(text) for text in told)
        return self._mentions[key]

    def asks(self, surface: Text | Table) -> bool:
        """Whether the mail, its subject or the file asks for 個人番号 (`asked`)."""
        key = _file(surface.spot)
        if key not in self._asks:
            self._asks[key] = asked.asks((self._text(key), *surface.context, *self._body))
        return self._asks[key]

    def _text(self, key: tuple[str, ...]) -> str:
        texts: list[str] = []
        room = _READ
        for surface in self._readable:
            if room > 0 and _file(surface.spot) == key:
                text = surface.text if isinstance(surface, Text) else "\n".join(_cells(surface))
                texts.append(text[:room])
                room -= len(text)
        return "\n".join(texts)


def _file(spot: Spot) -> tuple[str, ...]:
    return (spot.part, *spot.path[:1])


def _cells(table: Table) -> Iterator[str]:
    """Of the beginning: printed words stand among the first rows."""
    return ("\n".join(row[:100]) for row in table.rows[:200])
