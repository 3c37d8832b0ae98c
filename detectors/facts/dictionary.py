"""Weighted dictionaries: words with points, and how many points a mail has.

Each word counts once, however often it stands there, with the most points of its places. A word
is found in any width and case, through blanks between its letters (個　人　情　報), over the end
of a line and over one letter a cell; of two words at one place the longer one counts, so that a
phrase of 0 points takes the words in it out (社外秘ではありません). English words are whole words.

A finding's kind is "dictionary.NAME", and each of its "values" is one *point*: those of a word
are the same numbers everywhere, so that the points of what is left can still be counted when an
attachment is dropped.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate

from detectors import folding
from detectors.facts.marks import is_mark
from detectors.places import Stand, places
from detectors.report import Confidence, Finding, Place, Reason
from detectors.view import CELL, View

PREFIX = "dictionary."
MOST_POINTS = 100
LONGEST_WORD = 100
_SPACED_FROM = 5
"""Latin letters from which on a word is found with blanks between them: 「N DA」 is no NDA."""
_MOST_STANDS = 50
"""Of one word on one surface: where it stands is told for people, who do not read thousands."""
_MOST_TOLD = 5
_GAPS = re.compile(f"[ \n_{CELL}-]+")

Trie = dict[str, "Trie"]
_END, _WHOLE = "", "(?![a-z0-9])"


@dataclass(frozen=True, slots=True)
class Entry:
    word: str
    points: int
    """0 to `MOST_POINTS`; 0 takes out what it covers."""
    mark: bool = False
    """Counts only where a mark stands (`facts.marks`): subject, name, heading, set off."""


@dataclass(frozen=True)
class Dictionary:
    name: str
    entries: tuple[Entry, ...]
    hold_at: int = 10
    """Points of the whole mail from which on the finding is `high`; with fewer it is `low`."""

    @property
    def kind(self) -> str:
        return PREFIX + self.name

    @cached_property
    def points(self) -> dict[str, tuple[int, int]]:
        """Word, as `key` writes it → points anywhere, points as a mark."""
        found: dict[str, tuple[int, int]] = {}
        for entry in self.entries:
            word = key(entry.word)
            anywhere, mark = found.get(word, (0, 0))
            if not entry.mark:
                anywhere = max(anywhere, entry.points)
            found[word] = (anywhere, max(mark, anywhere, entry.points))
        return found

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        trie: Trie = {}
        for entry in self.entries:
            _plant(trie, folding.spaced(folding.unify(entry.word)).strip())
        return re.compile(_alternatives(trie))


@dataclass(frozen=True, slots=True)
class Hit:
    word: str
    """As `key` writes it."""
    points: int
    stand: Stand


def key(word: str) -> str:
    """
    >>> key('Ｔｏｐ　Secret'), key('top-secret')
    ('topsecret', 'topsecret')
    """
    return _GAPS.sub("", folding.spaced(folding.unify(word)))


def look(dictionary: Dictionary, seen: View) -> Iterator[Hit]:
    """The first places of each word that has points there."""
    told: Counter[tuple[str, int]] = Counter()
    for word, points, start, end in _words(dictionary, seen.spaced):
        told[word, points] += 1
        if points and told[word, points] <= _MOST_STANDS:
            yield Hit(word, points, seen.spaced.stand(start, end))


def _words(dictionary: Dictionary, seen: View) -> Iterator[tuple[str, int, int, int]]:
    text, at = seen.text, 0
    while found := dictionary.pattern.search(text, at):
        start, at = found.span()
        if _is_latin(text[start]) and start and _is_latin(text[start - 1]):
            at = start + 1
            continue
        word = _GAPS.sub("", found[0])
        anywhere, mark = dictionary.points[word]
        as_mark = mark > anywhere and is_mark(seen, start, at)
        yield word, mark if as_mark else anywhere, start, at


def finding(dictionary: Dictionary, hits: Sequence[Hit]) -> Finding:
    """Of all hits in a mail; at least one."""
    best: dict[str, int] = {}
    for hit in hits:
        best[hit.word] = max(best.get(hit.word, 0), hit.points)
    first = dict(zip(best, accumulate(best.values(), initial=0), strict=False))
    points = [range(first[hit.word], first[hit.word] + hit.points) for hit in hits]
    stands = (hit.stand for hit in hits)
    total = sum(best.values())
    heaviest = sorted(best, key=lambda word: -best[word])[:_MOST_TOLD]
    return Finding(
        dictionary.kind,
        Confidence.HIGH if total >= dictionary.hold_at else Confidence.LOW,
        tuple(_in_points(place, points) for place in places(stands, range(len(hits)))),
        (Reason("dictionary_words", {"label": "・".join(heaviest), "n": total}),),
        "",
    )


def _in_points(place: Place, ranges: list[range]) -> Place:
    values = sorted({point for stand in place.values for point in ranges[stand]})
    return replace(place, values=tuple(values))


# -- the expression


def _plant(trie: Trie, word: str) -> None:
    """Letters with what may stand before each of them; the same beginnings are shared."""
    node, before, blank = trie, "", False
    for letter in word:
        if letter == " ":
            blank = True
            continue
        node = node.setdefault(_gap(word, before, letter, blank) + re.escape(letter), {})
        before, blank = letter, False
    node[_WHOLE if _is_latin(before) else _END] = {}


def _gap(word: str, before: str, letter: str, blank: bool) -> str:
    if not before:
        return ""
    if blank:
        return f"[ \n_{CELL}-]?"
    if not (_is_latin(before) and _is_latin(letter)):
        return f"[ \n{CELL}]?"
    return " ?" if sum(map(_is_latin, word)) >= _SPACED_FROM else ""


def _alternatives(trie: Trie) -> str:
    """The longest word first: an end is tried only when nothing longer fits.

    >>> trie = {}
    >>> for word in ("秘", "極秘", "極秘資料"):
    ...     _plant(trie, word)
    >>> re.findall(_alternatives(trie), "極秘資 料 極秘資 秘")
    ['極秘資 料', '極秘', '秘']
    """
    steps = sorted(trie, key=lambda step: step in (_END, _WHOLE))
    return "|".join(step + _rest(trie[step]) for step in steps)


def _rest(trie: Trie) -> str:
    inside = _alternatives(trie)
    return f"(?:{inside})" if "|" in inside else inside


def _is_latin(char: str) -> bool:
    return char.isascii() and char.isalnum()
