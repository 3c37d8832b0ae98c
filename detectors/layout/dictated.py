"""A number of which each group stands alone: in quotes of its own, a line each, said one by one.

- "1234" "5678" "9018"
- 「お客様：1234、」「担当：はい。」「お客様：5678、」「担当：はい。」「お客様：9018です。」

Groups that follow each other, with no other digits between them, are twelve that pass the check. So
are one in eleven of such groups that mean something else: they are believed in a mail that asks for
個人番号 alone, and where no group has a label of something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from detectors.context import unlisted
from detectors.digits import decimals
from detectors.numbers import individual_number
from detectors.runs import Candidate
from detectors.words import INDIVIDUAL, fold, labels

_CLOSED = "[」』\"'”)）】]?"
_NEXT = "それから|そして|つぎ|次|続|最後|さいご"
"""What goes on to the next group, without a sign between."""
# A digit first: the search then skips all else in C.
_GROUP = re.compile(
    r"(\d(?<=[\s\"'「『“(（【:：、。,，=→>・|…ぁ-ん]\d)\d{2,7})"
    rf"(?={_CLOSED}(?:$|[\s、。,，|・…」』]|\.(?:\s|$)|です|でし|だ|と|で|の、|{_NEXT}))"
    rf"(?!{_CLOSED}[ \u3000]*(?!{_NEXT})[一-龠ァ-ヶA-Za-z%％])"
)
_BETWEEN = re.compile(
    r"(?:\D"
    # what counts the groups, 「2/3」 「2つ目」, and the day and time of what was said
    r"|(?<![\d/:])(?:[1-4](?:/[1-4](?!\d)|[つ番回行]目)|\d{1,2}(?::\d\d){1,2}(?![\d:])"
    r"|(?:\d{4}[-/.])?\d{1,2}[-/.]\d{1,2}(?= \d{1,2}:\d\d))){1,40}"
)
"""Of two groups that follow each other."""
_SINGLY = re.compile(
    r"(?<![\d.,、/:-])"
    r"(?:\d\d(?:[、，・][ \u3000]?\d\d){5}|\d(?:[、，・][ \u3000]?\d){11})(?![\d.,、/:-])"
)
"""「05、01、81、86、01、51」「0、5、0、1 …」"""
_YEARS = re.compile(r"(?:(?:19|20)\d\d)+")
_MOST = 8
"""Groups of a series: more are a list of something."""
_LINE = 30
"""Characters before a group, on its line, in which its label would stand."""
_NAME = re.compile(r"[\W\d]+")
_OF_SOMETHING = re.compile(r"(?<!個人)(?<=[一-龠ァ-ヶ])番号[はが]?[\s:：]*$")
_SPOKEN = re.compile(r"[:：][ \u3000]?$")
_TALKING = "ね", "から", *(f"{last}{to}" for last in ("最後", "さいご") for to in "がは")

_Group = re.Match[str]


def look(text: str) -> Iterator[Candidate]:
    """
    >>> [(one.start, one.end) for one in look('"1234" "5678" "9018"')]
    [(15, 19)]
    """
    for whole in _series(f"\n{text}"):
        series = _unclaimed(whole) if 2 <= len(whole) <= _MOST else []
        ways = ([series], [_once(series)], [_repeated(series)], _in_turn(series))
        told = ([(part, _digits(part)) for part in way] for way in ways if way)
        numbers = (way for way in told if all(_is_number(digits) for _, digits in way))
        for part, digits in next(numbers, ()):
            start, end = part[-1].span(1)
            yield Candidate(start - 1, end - 1, digits, "4-4-4", "", dictated=True)
    for found in _SINGLY.finditer(text):
        if _is_number(number := decimals(re.sub(r"\D", "", found[0]))):
            yield Candidate(*found.span(), number, "4-4-4", "", dictated=True)


def _is_number(digits: str) -> bool:
    return len(digits) == 12 and individual_number.is_valid(digits) and not _YEARS.fullmatch(digits)


def _digits(series: Sequence[_Group]) -> str:
    return decimals("".join(group[1] for group in series))


def _once(series: Sequence[_Group]) -> list[_Group]:
    """Without those that are said twice: 「1234、くり返します1234」."""
    said = [None, *(group[1] for group in series)]
    return [group for group, last in zip(series, said, strict=False) if group[1] != last]


def _repeated(series: Sequence[_Group]) -> Sequence[_Group]:
    """The first half, where all is said a second time."""
    half = len(series) // 2
    return series[half:] if _digits(series[:half]) == _digits(series[half:]) else []


def _in_turn(series: Sequence[_Group]) -> list[Sequence[_Group]]:
    """Those of several persons, one after the other; [] where they do not end with a group."""
    parts: list[Sequence[_Group]] = []
    begun = 0
    for at in range(len(series)):
        if len(_digits(series[begun : at + 1])) == 12:
            parts.append(series[begun : at + 1])
            begun = at + 1
    return parts if begun == len(series) else []


def _series(text: str) -> Iterator[list[_Group]]:
    """Groups that follow each other, as many as there are."""
    series: list[_Group] = []
    for group in _GROUP.finditer(text):
        if series and not _BETWEEN.fullmatch(text, series[-1].end(), group.start(1)):
            yield series
            series = []
        series.append(group)
    yield series


def _unclaimed(series: list[_Group]) -> list[_Group]:
    """Those that are not something else, 「内線 1234」; who speaks is not what it is."""
    said = len({_NAME.sub("", _line(group)) for group in series}) == 1
    return [group for group in series if not _is_named(group, said)]


def _is_named(group: _Group, said: bool) -> bool:
    line = _line(group)
    if any(label.kind != INDIVIDUAL for label in labels(fold(line))):
        return True
    if (said and _SPOKEN.search(line)) or line.endswith(_TALKING):
        return False
    own = _OF_SOMETHING.search(line) or unlisted.owner(group.string, group.start(1))
    return bool(own)


def _line(group: _Group) -> str:
    """Its beginning, up to the group."""
    start = group.start(1)
    return group.string[max(start - _LINE, 0) : start].rpartition("\n")[2]
