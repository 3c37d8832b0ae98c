"""One candidate as it was seen in a text or a table: where it stands and what stands around it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace
from math import log10

from detectors.words import Label

_FEWEST = 4
"""Values from which on the share that passes tells something."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of cells, in the sheet's own count, ends inclusive."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class Near:
    """A label in running text, as far as it stands from the candidate."""

    label: Label
    distance: int
    """In folded characters."""
    lines: int
    """Line ends between the two."""


@dataclass(frozen=True, slots=True)
class Clue:
    """What stands around a candidate."""

    digits: str = field(repr=False)
    grouping: str
    before: Near | None = None
    after: Near | None = None
    header: Label | None = None
    axis: str = "column"
    """Where the header stands: over the "column" or at the beginning of the "row"."""
    hr: str = ""
    """A word of payroll or tax near by."""
    glued: bool = False
    serial: bool = False

    @property
    def shape(self) -> tuple[int, ...]:
        if "×" in self.grouping:
            return (1,) * len(self.digits)
        return tuple(map(int, self.grouping.split("-")))


@dataclass(frozen=True, slots=True)
class Seen:
    """A candidate with its clue, at a line of a text or in a box of a table."""

    clue: Clue
    line: int = 0
    box: Box | None = None
    lists: tuple[Hashable, ...] = ()
    """The lists or columns it is a value of; the first with enough values counts."""
    padded: bool = False
    """Lost zeros were put back: believed under a header or in a column that passes only."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Different values of one column or list: how many there are, how many pass the check."""

    n: int
    passed: int

    @property
    def tells(self) -> bool:
        return self.n >= _FEWEST

    @property
    def points(self) -> float:
        """Log odds that the column is of the kind: 97 % of its numbers pass, 10 % of others.

        One passing check is in the base already. A whole column is evidence no label outweighs,
        so the bonus may be larger than the malus of a wrong heading.
        """
        failed = self.n - self.passed
        odds = self.passed * log10(0.97 / 0.10) + failed * log10(0.03 / 0.90)
        return max(-6.0, min(8.5, odds - log10(0.97 / 0.10)))


def tallies(seen: Sequence[Seen], passes: Sequence[bool]) -> list[Tally]:
    """For each candidate the tally of the list it stands in; n = 0 where there is none.

    Different values count: the same number in every row says nothing about its column.
    """
    values: dict[Hashable, dict[str, bool]] = defaultdict(dict)
    for one, passed in zip(seen, passes, strict=True):
        for key in one.lists:
            values[key][one.clue.digits] = passed
    totals = {key: Tally(len(of_list), sum(of_list.values())) for key, of_list in values.items()}
    return [
        next((totals[key] for key in one.lists if totals[key].tells), Tally(0, 0)) for one in seen
    ]


def marked_serials(seen: Sequence[Seen]) -> list[Seen]:
    """The same, those marked that stand among neighbours going up or down in equal steps."""
    values = [int(one.clue.digits) for one in seen]
    marked = list(seen)
    for at in range(1, len(values) - 1):
        step = values[at] - values[at - 1]
        if values[at + 1] - values[at] == step and 0 < abs(step) < 10_000:
            for i in (at - 1, at, at + 1):
                marked[i] = replace(seen[i], clue=replace(seen[i].clue, serial=True))
    return marked
