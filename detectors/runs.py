"""Digit groups that stand one after the other, and which of them are one number."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from detectors.digits import BREAK, FOLD, GROUP
from detectors.words import Label

Shapes = Set[tuple[int, ...]]

_WRAP = 60
"""Columns from which on a line end may be one that a mail program put into a number."""
_LOOSE = frozenset(",:")
"""They part amounts, times and columns; parting a number they are careless."""
_GOES_ON = frozenset("-./_~+=*の\n ")
"""Signs that may end a line within a series; the borders of boxes end with theirs."""
_AMOUNT = re.compile(r"\d{1,3}(?:[,，、]\d{3})+")
_AMOUNTS = re.compile(r"\d{1,3}(?:[,，]\d{3})+(?:[^\d,，]+\d{1,3}(?:[,，]\d{3})+)+")
_MONEY = re.compile(r"[¥￥$€\\][ \u3000]?$")
_SUM = re.compile(r"[ \u3000]?(?:[円千百万億-]|yen|JPY)")
_YEAR = re.compile(r"(?:19|20)\d\d([-./])\d{1,2}(?:\1\d{1,2})?(?![,\d])")
_DATE = re.compile(r"(?<!\d)(?:19|20)\d\d([-./])(?:0?[1-9]|1[0-2])\1(?:0?[1-9]|[12]\d|3[01])(?!\d)")


@dataclass(frozen=True, slots=True)
class Candidate:
    """Digits written as one number, at [start, end) of the text."""

    start: int
    end: int
    digits: str = field(repr=False)
    """Folded to ASCII, without separators."""
    grouping: str
    """ "12", "4-4-4", "6-6", "3-3-3-3", "1×12"."""
    separator: str
    """Folded: "" (none), " ", "-", ".", "/", "|", "\\n" …"""
    careless: bool = False
    """In groups or with separators that nobody would choose: believed under a label only."""
    heading: Label | None = None
    """Of its field in a line above, where the line that it stands in does not part the fields."""
    told: bool = False
    """In pieces, each behind a word for its place (`told`): nothing else is told so."""
    dictated: bool = False
    """In groups that stand apart (`dictated`): believed in a mail that asks for 個人番号 only."""


class Group(NamedTuple):
    start: int
    end: int
    length: int
    """In digits."""


def groups(text: str, start: int, end: int) -> list[Group]:
    found = []
    for group in GROUP.finditer(text, start, end):
        written = group[0]
        length = len(written) if written.isnumeric() else len(written.translate(FOLD))
        found.append(Group(group.start(), group.end(), length))
    return found


class Run:
    """Digit groups with the separators between them, which are read when asked for."""

    def __init__(self, text: str, groups: list[Group], gaps: Iterable[str | None] = ()) -> None:
        self.text, self.groups = text, groups
        self._gaps = [*gaps] or [None] * len(groups)

    def gap(self, at: int) -> str:
        """What stands after group `at`, which is not the last."""
        if (known := self._gaps[at]) is None:
            raw = self.text[self.groups[at].end : self.groups[at + 1].start]
            known = self._gaps[at] = _separator(raw)
        return known

    def common(self, at: int, to: int, wrapped: bool) -> str | None:
        """The one separator of the groups [at, to), "" where there is none, None if they differ.

        If `wrapped`, a single line break in a gap may stand for the separator.
        """
        kinds = {self.gap(i) for i in range(at, to - 1)}
        if wrapped and len(kinds) > 1:
            kinds.discard("\n")
        if len(kinds) > 1:
            return None
        return kinds.pop() if kinds else ""

    def candidate(self, at: int, to: int, grouping: str, gap: str) -> Candidate:
        start, end = self.groups[at].start, self.groups[to - 1].end
        digits = "".join(filter(str.isdigit, self.text[start:end].translate(FOLD)))
        if _is_turned(self.text, start):
            digits = digits[::-1]
        return Candidate(start, end, digits, grouping or str(len(digits)), gap, not grouping)


def _is_turned(text: str, start: int) -> bool:
    """Whether what stands at `start` is shown from right to left (U+202E, until U+202C)."""
    since = max(start - _WRAP, 0)
    turned = text.rfind("\u202e", since, start)
    return turned >= 0 and text.find("\u202c", turned, start) < 0 and "\n" not in text[turned:start]


def _separator(raw: str) -> str:
    """One form for what people mean by the same separator.

    A line break counts as "\\n" alone, with or without a quote prefix, and as nothing beside
    another sign ("1234-" at the end of a line). "^" where one kind of digits meets another.
    """
    folded = raw.translate(FOLD)
    if not folded:
        return "^"
    if "\n" in folded:
        rest = folded.replace("\r", "").replace("\n", "").replace(">", "").replace(" ", "")
        return rest or "\n" * min(raw.replace("\r\n", "\n").count("\n"), 2)
    return folded.strip(" ") or " "


def numbers(run: Run, shapes: Shapes, careless: bool) -> list[Candidate]:
    """The numbers of a run, in order.

    A mail program may have broken the line inside of one; but what is whole on its line comes
    first, or the staff number that begins the next line would make a card of it.
    """
    found = list(_matches(run, shapes, wrapped=False))
    if BREAK.search(run.text, run.groups[0].end, run.groups[-1].start):
        found = with_free(found, _matches(run, shapes, wrapped=True))
        found = with_free(found, _matches(_unwrapped(run), shapes, wrapped=True))
    if careless and len(run.groups) > 1:
        found = with_free(found, _careless(run, found, {sum(shape) for shape in shapes}))
    return found


def with_free(found: list[Candidate], more: Iterable[Candidate]) -> list[Candidate]:
    """Both in order, without those of `more` that overlap one of `found`."""
    starts = [one.start for one in found]
    added: list[Candidate] = []
    for one in more:
        at = bisect_right(starts, one.start)
        if (not at or found[at - 1].end <= one.start) and (
            at == len(found) or one.end <= found[at].start
        ):
            added.append(one)
    return sorted([*found, *added], key=lambda one: one.start) if added else found


def _matches(run: Run, shapes: Shapes, wrapped: bool) -> Iterator[Candidate]:
    by_first = _by_first(frozenset(shapes))
    lengths = tuple(group.length for group in run.groups)
    at = 0
    while at < len(lengths):
        for shape in by_first.get(lengths[at], ()):
            to = at + len(shape)
            if (
                lengths[at:to] != shape
                or (gap := run.common(at, to, wrapped)) is None
                or gap in _LOOSE
            ):
                continue
            if gap and (_continued(run, gap, at, to) or _ends_in_date(run, to)):
                continue
            yield run.candidate(at, to, _name(shape), gap)
            at = to - 1
            break
        at += 1


@cache
def _by_first(shapes: frozenset[tuple[int, ...]]) -> dict[int, list[tuple[int, ...]]]:
    """The shapes by the length of their first group, the longest of each first."""
    known: dict[int, list[tuple[int, ...]]] = {}
    for shape in sorted(shapes, key=len, reverse=True):
        known.setdefault(shape[0], []).append(shape)
    return known


def _name(shape: tuple[int, ...]) -> str:
    return f"1×{len(shape)}" if len(shape) > 4 else "-".join(map(str, shape))


def _continued(run: Run, gap: str, at: int, to: int) -> bool:
    """Whether the same series goes on before `at` or from `to`: a card, a row of amounts."""
    groups = run.groups

    def goes_on(neighbour: int, own: int, between: int, beyond: int) -> bool:
        if not 0 <= neighbour < len(groups) or run.gap(between) != gap:
            return False
        if gap not in _GOES_ON and BREAK.search(
            run.text, groups[between].end, groups[between + 1].start
        ):
            return False  # boxes end with their line
        if gap == "\n" and not _alone(run.text, groups[neighbour]):
            return False  # "… 9\n1\n8\n3. 氏名": an ordinal begins the next line
        if gap not in (" ", "\n", "|"):
            return True
        # "… 9018 1985/04/01", "… 9018 2026年": the year belongs to its date, not to the series.
        end = groups[neighbour].end
        bound = 0 <= beyond < len(groups) - 1 and run.gap(beyond) not in (" ", "\n", "\n\n")
        bound |= run.text[end : end + 1] == "年"
        return groups[neighbour].length == groups[own].length and not bound

    return goes_on(at - 1, at, at - 1, at - 2) or goes_on(to, to - 1, to - 1, to)


def _alone(text: str, group: Group) -> bool:
    """Whether nothing else stands on its line, quote marks aside."""
    before = BREAK.split(text[max(group.start - _WRAP, 0) : group.start])[-1]
    after = BREAK.split(text[group.end : group.end + _WRAP], 1)[0]
    return not (before + after).strip(" \t\u3000>|｜│")


def _ends_in_date(run: Run, to: int) -> bool:
    """Whether the last of the groups is the year of a date: 「… 9018 2026年」, "… 1985/04/01"."""
    end = run.groups[to - 1].end
    if run.text[end : end + 1] == "年":
        return True
    if run.gap(to - 2) not in (" ", "\n"):
        return False
    year = run.groups[to - 1].start
    return _YEAR.match(run.text[year : year + 10].translate(FOLD)) is not None


def _unwrapped(run: Run) -> Run:
    """The run read as if line breaks at a wrapping column were not there."""
    groups = run.groups
    joined: list[Group] = [groups[0]]
    between: list[str | None] = []
    for at, (before, group) in enumerate(pairwise(groups)):
        last, gap = joined[-1], run.gap(at)
        if gap == "\n" and last.length + group.length <= 16 and _wraps(run.text, before.end):
            joined[-1] = Group(last.start, group.end, last.length + group.length)
        else:
            joined.append(group)
            between.append(gap)
    return Run(run.text, joined, [*between, None])


def _wraps(text: str, end: int) -> bool:
    """Whether the line that ends at `end` is as wide as mail programs make them."""
    line = text[max(text.rfind("\n", max(end - 2 * _WRAP, 0), end) + 1, end - 2 * _WRAP, 0) : end]
    return sum(2 if char >= "\u2e80" else 1 for char in line) >= _WRAP


def _careless(run: Run, found: list[Candidate], totals: Set[int]) -> Iterator[Candidate]:
    """On lines without any of `found`: groups that have as many digits together as a number has.

    A number may be followed by others on its line, and a mark of one or two digits may lead it;
    or it goes on on the next line, which then holds nothing else.
    """
    used = 0
    for (at, to), (after, further) in pairwise([*_free_lines(run, found), (-1, -1)]):
        if at < used:
            continue
        number = _number_on(run, at, to, totals)
        if not number and after == to and run.gap(to - 1) == "\n":
            number = _number_on(run, at, further, totals)
            used = further if number else 0
        if number and not _reads_otherwise(run.text, number):
            yield number


def _free_lines(run: Run, found: list[Candidate]) -> Iterator[tuple[int, int]]:
    """Lines without any of `found`, as ranges of groups."""
    ends = [at + 1 for at in range(len(run.groups) - 1) if _ends_line(run, at)]
    taken = iter([*((c.start, c.end) for c in found), (len(run.text), len(run.text))])
    start, end = next(taken)
    for at, to in pairwise([0, *ends, len(run.groups)]):
        while end <= run.groups[at].start:
            start, end = next(taken)
        if run.groups[to - 1].end <= start:
            yield at, to


def _ends_line(run: Run, at: int) -> bool:
    """Whether a line ends behind group `at`: a bracket that begins the next is in no number."""
    gap = run.gap(at)
    between = run.groups[at].end, run.groups[at + 1].start
    return "\n" in gap or (gap in ("[", "]") and BREAK.search(run.text, *between) is not None)


def _number_on(run: Run, at: int, to: int, totals: Set[int]) -> Candidate | None:
    for start in (at, at + 1) if run.groups[at].length <= 2 else (at,):
        if end := _reaches(run, start, to, totals):
            return run.candidate(start, end, "", "")
    return None


def _reaches(run: Run, start: int, to: int, totals: Set[int]) -> int:
    """The end of the groups from `start` that have a total together, 0 where none have."""
    total, most, best = 0, max(totals), 0
    for at in range(start, to):
        total += run.groups[at].length
        if total > most:
            break
        if total in totals and at > start and _ends(run, at, to):
            best = at + 1
    return best


def _ends(run: Run, at: int, to: int) -> bool:
    """Whether group `at` is the last of its line, or what follows is parted otherwise or a date."""
    if at + 1 == to or run.gap(at) != run.gap(at - 1):
        return True
    after = run.groups[at + 1].start
    return _DATE.match(run.text[after : after + 10].translate(FOLD)) is not None


def _reads_otherwise(text: str, number: Candidate) -> bool:
    """Of twelve digits a spreadsheet makes an amount too, but none with a sign of money."""
    plain = text[number.start : number.end].translate(FOLD)
    if _AMOUNT.fullmatch(plain):
        before = text[max(number.start - 2, 0) : number.start]
        return len(number.digits) != 12 or bool(
            _MONEY.search(before) or _SUM.match(text, number.end)
        )
    return _AMOUNTS.fullmatch(plain) is not None or _DATE.search(plain) is not None
