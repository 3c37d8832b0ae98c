"""Two domains that look alike: which letters differ, marked and said in a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby

from gateway.face.i18n import N_, Words

Marked = tuple[tuple[str, bool], ...]
"""Pieces of a domain; True where it differs."""

_NAMES = {
    "i": N_("i（アイ）"),
    "l": N_("l（エル）"),
    "1": N_("1（数字のイチ）"),
    "o": N_("o（オー）"),
    "0": N_("0（数字のゼロ）"),
    "-": N_("-（ハイフン）"),
    "_": N_("_（下線）"),
    ".": N_(".（ドット）"),
    "u": N_("u（ユー）"),
    "v": N_("v（ブイ）"),
}


@dataclass(frozen=True, slots=True)
class Lookalike:
    this: Marked
    usual: Marked
    """Marked only where `this` lacks something: the eye belongs on the recipient."""
    sentence: str
    """「7文字目が i（アイ）ではなく l（エル）です。」"""


def compare(words: Words, this: str, usual: str) -> Lookalike:
    """What a reader should look at in `this` (the recipient's domain), beside the `usual` one."""
    ours: list[tuple[str, bool]] = []
    theirs: list[tuple[str, bool]] = []
    sentences = []
    for was, now, at in _pieces(this, usual):
        ours.append((now, was != now))
        theirs.append((was, not now))
        if was != now:
            sentences.append(_difference(words, at, was, now))
    return Lookalike(_marked(ours), _marked(theirs), " ".join(sentences))


def _pieces(this: str, usual: str) -> Iterator[tuple[str, str, int]]:
    """Both in step: a piece of the usual, its piece of this, and where that begins, from 1."""
    if len(this) == len(usual):  # letter for letter, as the eye does
        for at, (was, now) in enumerate(zip(usual, this, strict=True), 1):
            yield was, now, at
        return
    for _, a, b, c, d in SequenceMatcher(None, usual, this, autojunk=False).get_opcodes():
        yield usual[a:b], this[c:d], c + 1


def _marked(pieces: list[tuple[str, bool]]) -> Marked:
    runs = groupby((piece for piece in pieces if piece[0]), key=lambda piece: piece[1])
    return tuple(("".join(text for text, _ in run), mark) for mark, run in runs)


def _difference(words: Words, at: int, was: str, now: str) -> str:
    names = {"was": _letters(words, was), "now": _letters(words, now)}
    if was and now:
        return words.say("%(at)s文字目が %(was)sではなく %(now)sです。", at=at, **names)
    if now:
        return words.say("%(at)s文字目に %(now)sが余分にあります。", at=at, **names)
    return words.say("%(at)s文字目の前で %(was)sが抜けています。", at=at, **names)


def _letters(words: Words, text: str) -> str:
    return words.say(_NAMES[text]) if text in _NAMES else text
