"""One candidate as it was seen in a text or a table: where it stands and what stands around it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence, Set
from functools import lru_cache
from math import log10
from typing import NamedTuple

from detectors.words import Label

_MOST_PASS = 0.8
FEWEST = 4
"""Values from which on the share that passes tells something."""


class Box(NamedTuple):
    """A rectangle of cells, in the sheet's own count, ends inclusive."""

    top: int
    left: int
    bottom: int
    right: int


class Near(NamedTuple):
    """A label in running text, as far as it stands from the candidate."""

    label: Label
    distance: int
    """In folded characters."""
    lines: int
    """Line ends between the two."""
    parted: bool = False
    """A sentence ends between the two."""


class Clue(NamedTuple):
    """What stands around a candidate."""

    digits: str
    grouping: str
    before: Near | None = None
    after: Near | None = None
    header: Label | None = None
    axis: str = "column"
    """Where the header stands: over the "column" or at the beginning of the "row"."""
    aside: bool = False
    """The header names a paper or work that has to do with such a number."""
    hr: tuple[str, ...] = ()
    """Words of payroll or tax near by."""
    glued: bool = False
    careless: bool = False
    dictated: bool = False
    told: bool = False
    """The title of a form or a person stands right before it, or that it comes in pieces, and no
    word for a number."""
    unclaimed: bool = False
    """No word in its line or its item of a list makes it the number of something else."""
    used: bool = False
    """Its own sentence makes it the number of some thing, whatever the mail is about."""
    serial: bool = False

    @property
    def unsure(self) -> bool:
        """Whether its form says little: a label near by makes it likely, and never sure."""
        return self.careless or self.dictated

    @property
    def around(self) -> tuple[object, ...]:
        """Everything but the digits."""
        return self[1:]

    def __repr__(self) -> str:
        """Without the digits, which are nobody's to read in a log."""
        return f"Clue{self.around!r}"

    @property
    def shape(self) -> tuple[int, ...]:
        return _shape(self.grouping, len(self.digits))


Field = tuple[Box, Clue, bool]
"""Of a table: box, clue, and whether zeros were put back."""


@lru_cache(100)
def _shape(grouping: str, digits: int) -> tuple[int, ...]:
    if "×" in grouping:
        return (1,) * digits
    return tuple(map(int, grouping.split("-")))


class Seen(NamedTuple):
    """A candidate with its clue, at a line of a text or in a box of a table."""

    clue: Clue
    line: int = 0
    box: Box | None = None
    lists: tuple[Hashable, ...] = ()
    """The lists or columns it is a value of; the first with enough values counts."""
    padded: bool = False
    """Lost zeros were put back: believed under a header or in a column that passes only."""


class Tally(NamedTuple):
    """Different values of one column or list: how many there are, how many pass the check."""

    n: int
    passed: int

    @property
    def tells(self) -> bool:
        return self.n >= FEWEST

    @property
    def all_pass(self) -> bool:
        """Two or three that all pass: too few by themselves, and something beside a word."""
        return 2 <= self.n == self.passed

    @property
    def points(self) -> float:
        """Log odds that the column is of the kind: 97 % of its numbers pass, 10 % of others.

        One passing check is in the base already. A whole column is evidence no label outweighs,
        so the bonus may be larger than the malus of a wrong heading. Where one in five fails it
        speaks for nothing: people mistype one in fifty.
        """
        failed = self.n - self.passed
        odds = self.passed * log10(0.97 / 0.10) + failed * log10(0.03 / 0.90)
        most = 8.5 if self.passed >= _MOST_PASS * self.n else 0.0
        return max(-6.0, min(most, odds - log10(0.97 / 0.10)))

    @property
    def nearly_all(self) -> bool:
        return self.tells and self.passed >= 0.9 * self.n


NONE = Tally(0, 0)


class Lists:
    """The list that each of some candidates stands in, the longest where all are short.

    Different values count: the same number in every row says nothing about its column.
    """

    def __init__(self, seen: Iterable[Seen]) -> None:
        values: dict[Hashable, set[str]] = defaultdict(set)
        keys = [one.lists for one in seen]
        for one, lists in zip(seen, keys, strict=True):
            for key in lists:
                values[key].add(one.clue.digits)
        of_each = [_telling([values[key] for key in lists]) for lists in keys]
        self._different = list({id(of_one): of_one for of_one in of_each}.values())
        numbers = {id(of_one): at for at, of_one in enumerate(self._different)}
        self._of_each = [numbers[id(of_one)] for of_one in of_each]

    def tallies(self, passing: Set[str]) -> list[Tally]:
        """For each candidate how many of its list are among those that pass."""
        counted = [Tally(len(values), len(values & passing)) for values in self._different]
        return [counted[at] for at in self._of_each]

    def narrow(self, most: int) -> list[Tally]:
        """The lists in all of which no more than `most` of the ten digits stand, and an empty tally
        for the others."""
        counted = [
            Tally(len(values), len(values)) if len(set().union(*values)) <= most else NONE
            for values in self._different
        ]
        return [counted[at] for at in self._of_each]

    def wholly(self, passes: Callable[[str], bool]) -> list[Tally]:
        """The same for lists that pass nearly all, and an empty tally for the others."""
        counted = [_if_nearly_all(values, passes) for values in self._different]
        return [counted[at] for at in self._of_each]


def _if_nearly_all(values: set[str], passes: Callable[[str], bool]) -> Tally:
    whole = Tally(len(values), len(values))
    for value in values:
        if not whole.nearly_all:  # known after a few of thousands
            return NONE
        if not passes(value):
            whole = Tally(whole.n, whole.passed - 1)
    return whole if whole.nearly_all else NONE


def _telling(lists: Sequence[set[str]]) -> set[str]:
    for values in lists:
        if len(values) >= FEWEST:
            return values
    return max(lists, key=len, default=set())


def marked_serials(seen: Sequence[Seen]) -> list[Seen]:
    """The same, those marked that stand among neighbours counted up or down, or begin alike."""
    values = [int(one.clue.digits) for one in seen]
    marked = list(seen)
    for at in range(1, len(values) - 1):
        three = values[at - 1 : at + 2]
        if _in_steps(*three) or _begin_alike(*three):
            for i in (at - 1, at, at + 1):
                marked[i] = seen[i]._replace(clue=seen[i].clue._replace(serial=True))
    return marked


def _in_steps(a: int, b: int, c: int) -> bool:
    return c - b == b - a and 0 < abs(b - a) < 10_000


def _begin_alike(a: int, b: int, c: int) -> bool:
    """Three different numbers with the same first five of twelve digits: a year, a branch office.

    個人番号 have no structure; three of them do so once in 10^10.
    """
    near = a // 10**7 == b // 10**7 == c // 10**7 > 0
    return near and len({a, b, c}) == 3 and max(a, b, c) < 10**12
