"""Tables that became running text: which heading of a line above stands over a number."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from detectors import words
from detectors.context import turns
from detectors.text import Candidate
from detectors.words import INDIVIDUAL, Label

_REACH = 300
_LOOSE = re.compile(r"[\s,|/、・:：]+")
_LINE = re.compile(r"\n[^\S\n]*[^\s][^\n]*\n")
"""A line that is filled."""
_DATE = re.compile(r"(?<!\d)\d{4}/\d{1,2}/\d{1,2}(?!\d)")
"""Its signs part no fields."""
_VALUE = re.compile(r"\d{3}|[→⇒]")
_ORDINAL = r"(?:[①-⑳]|[(（]\d{1,2}[)）]|(?<!\d)\d{1,2}[.．)）])"
_ITEM = re.compile(rf"[\s>]*{_ORDINAL}(?!.*{_ORDINAL})")
"""The one item that begins the line; 「①氏名 ②個人番号 ③住所」 are headings."""
_FIRM = {"\t": 1, "|": 1, "｜": 1, "│": 1, ",": 2, "，": 2, "／": 2, "/": 2}
"""What parts fields, and how often it has to stand in a line of headings: a comma may be any."""


def in_heading_line(
    text: str, candidate: Candidate, label: Label, kind: str
) -> tuple[Label, bool] | None:
    """The heading of the candidate's own field, where `label` stands in a line of headings above.

    In flattened tables the nearest heading is the one of the last column, not of ours. Where
    fields cannot be counted a heading of `kind` in that line is taken for ours, which is not sure
    (the second value). A heading is a field of its own; 「マイナンバー書類の送り状番号」 is none.
    """
    above = text[max(candidate.start - _REACH, 0) : candidate.start].split("\n")
    for line in reversed(above[:-1]):
        fields = _fields(line)
        if any((one := words.plain_heading(field)) and one.word == label.word for field in fields):
            if counted := words.plain_heading(_over(line, text, above[-1], candidate)):
                return counted, True
            ours = (words.plain_heading(field) for field in fields if _is_bare(field, kind))
            return next(((one, False) for one in ours if one), None)
    return None


def own_fields(line: str) -> tuple[list[str], dict[int, Label]]:
    """The fields of a line of headings, and which of them are 個人番号."""
    fields = _fields(line)
    ours = (at for at, field in enumerate(fields) if _is_bare(field, INDIVIDUAL))
    return fields, {at: label for at in ours if (label := words.plain_heading(fields[at]))}


class Over(NamedTuple):
    """A heading over a number, and the line that it stands in."""

    label: Label
    line: str


def headings(text: str, found: Sequence[Candidate], blocks: Iterable[int]) -> Iterator[Over | None]:
    """Of each candidate the heading over its field, or over its list, if a line above has one.

    `blocks`: of each, the number of the stretch without empty lines that it stands in. Where each
    line is a paragraph of its own, as Outlook writes them, a heading goes on from one to the next.
    """
    line, last, end = "", -1, 0
    alone: Label | None = None
    known: dict[str, Label | None] = {}
    for candidate, block in zip(found, blocks, strict=True):
        start = candidate.start
        own = text.rfind("\n", 0, start) + 1
        further = _LINE.search(text, end, own) is not None
        if start - end > _REACH or (alone and further):
            line, alone = "", None
        if block != last or further:  # else what stands over the last one is known
            if top := _top(text[max(start - _REACH, end) : own].split("\n")[bool(end) :]):
                line, alone = top, _alone(top)
        last, end, label = block, candidate.end, alone
        if line and not alone and (field := _over(line, text, text[own:start], candidate)):
            label = (
                known[field]
                if field in known
                else known.setdefault(field, words.plain_heading(field))
            )
        yield Over(label, line) if label else None


def _top(above: Sequence[str]) -> str:
    """The last line `above` that has headings and no value, "" where none has; one that is a
    heading alone has to stand right there."""
    filled = [line for line in above if line.strip()]
    for line in reversed(filled):
        fields = [] if _VALUE.search(line) or _ITEM.match(line) else _fields(line)
        if any(map(words.plain_heading, fields)) and (len(fields) > 1 or line is filled[-1]):
            return line
    return ""


def _alone(line: str) -> Label | None:
    """What a line says that is one heading and nothing else."""
    fields = _fields(line)
    return words.plain_heading(fields[0]) if len(fields) == 1 else None


def _fields(line: str) -> list[str]:
    return [field for field in _LOOSE.split(line) if field]


def _over(line: str, text: str, written: str, candidate: Candidate) -> str:
    """The field with as many separators before it as the candidate has, if they are as many.

    At blanks, names fall into two fields: what stands right of 個人番号 may be one of these.
    """
    rest = text[candidate.end : candidate.end + _REACH].split("\n")[0]
    sign = next((sign for sign, least in _FIRM.items() if line.count(sign) >= least), None)
    if sign == "/":
        written, rest = _DATE.sub("", written), _DATE.sub("", rest)
    headings = line.split(sign)  # at any blanks where there is no sign
    before = f"{written}x".split(sign)
    if len(before) + len(f"x{rest}".split(sign)) - 1 != len(headings):
        return ""
    at = len(before) - 1
    ours = (i for i, field in enumerate(headings[:at]) if _is_bare(field, INDIVIDUAL))
    # 「山田 太郎 未提出 …」 under 「氏名 個人番号 …」 has what is said of it in its own field.
    shifted = sign is None and any(not turns.is_state(before[i]) for i in ours)
    return "" if shifted else headings[at].strip()


def _is_bare(field: str, kind: str) -> bool:
    """Whether it is the name of `kind` and not of something done with it: 「個人番号の提出」."""
    label = words.heading(field)
    folded = words.fold(field)
    return (
        label is not None and label.kind == kind and folded[label.end : label.end + 1] in ("", "(")
    )
