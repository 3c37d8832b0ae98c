"""Where something stands, as the reader would find it: file › sheet › range."""

from __future__ import annotations

from typing import Protocol

from detectors.report import Place
from gateway.face.i18n import N_, Words

_UNITS = {
    "line": N_("%(at)s行目"),
    "row": N_("%(at)s行目"),
    "page": N_("%(at)sページ"),
    "slide": N_("スライド%(at)s"),
    "paragraph": N_("%(at)s段落目"),
    "column": N_("%(at)s列目"),
}
_BARE = ("", "cell", "range")
"""Units whose value reads by itself: C5:C40."""

_PSEUDO = {
    "subject": N_("件名"),
    "name": N_("添付ファイル名"),
    "header": N_("ヘッダー（%(name)s）"),
    "to": "%(name)s",
}


class Located(Protocol):
    """A `Place` or a `Fact`."""

    @property
    def part(self) -> str: ...
    @property
    def path(self) -> tuple[str, ...]: ...
    @property
    def range(self) -> str: ...


def pieces(words: Words, located: Located) -> tuple[str, ...]:
    """The way in, outermost first: ("一覧.xlsx", "内訳（非表示）", "C5:C40")."""
    way = [_pseudo(words, located.part), *located.path]
    way = [step for step in way if step] or [words.say("本文")]
    if isinstance(located, Place) and located.hidden:
        way[-1] = words.say("%(name)s（非表示）", name=way[-1])
    way += [_range(words, located.range)] if located.range else []
    return tuple(way)


def place(words: Words, located: Located) -> str:
    """「一覧.xlsx › 内訳（非表示） › C5:C40」"""
    return " › ".join(pieces(words, located))


def _pseudo(words: Words, part: str) -> str:
    kind, _, name = part.partition(":")
    sentence = _PSEUDO.get(kind)
    return words.say(sentence, name=name) if sentence else ""


def _range(words: Words, text: str) -> str:
    unit, colon, at = text.partition(":")
    if not colon or unit not in {*_UNITS, *_BARE}:
        return text
    return words.say(_UNITS[unit], at=at.replace("-", "–")) if unit in _UNITS else at
