"""Where numbers stand in running text.

One precompiled expression finds runs of digits, separators and invisible characters; folding
happens inside a run only, so that offsets into the text stay true and a mail without numbers
costs one pass. Folding the whole text first (NFKC) would cost ten times as much.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from detectors import runs
from detectors.context import asked
from detectors.digits import DIGIT, D, S, without_astral
from detectors.layout import apart, dictated, spelled, told
from detectors.numbers import individual_number
from detectors.runs import Candidate, Run, Shapes

__all__ = ["MASK", "Candidate", "Shapes", "candidates", "mask"]

_RUN = re.compile(f"[{D}][{D}{S}]{{10,}}[{D}]")
_MASKED_RUN = re.compile(f"[{D}][{D}{S}]{{6,}}[{D}]")
_AMOUNT = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+")

MASK = "●"
_MASK_FROM = 8
"""Digits in a run from which on they are masked: a date goes too, a number never stays."""
_LIKE_A_NUMBER = 12
"""Of an amount: a spreadsheet may have taken a number for one."""


def candidates(
    text: str, shapes: Shapes = individual_number.SHAPES, careless: bool = False
) -> Iterator[Candidate]:
    """Numbers whose digit groups have one of `shapes`, in the order of the text, none overlapping.

    With `careless` also those that have as many digits as one of `shapes`, in other groups.

    >>> [(c.start, c.end, c.grouping) for c in candidates('番号は１２３４‐５６７８‐９０１８です')]
    [(3, 17, '4-4-4')]
    >>> [c.digits for c in candidates('1234-56 789018', careless=True)]
    ['123456789018']
    """
    text = without_astral(text)
    fewest = -1
    for run in _RUN.finditer(text):
        fewest = fewest if fewest >= 0 else min(map(sum, shapes), default=0)
        start, end = run.span()
        if end - start - text.count("-", start, end) < fewest:
            continue  # a telephone number, as nearly all are
        if len(DIGIT.findall(text, start, end)) >= fewest:
            yield from runs.numbers(Run(text, runs.groups(text, start, end)), shapes, careless)


def mask(text: str) -> str:
    """`text` with every digit of a run of eight or more covered, and of a number that is told in
    pieces the last, and every word of one that is spelled out; what may be stored and shown.

    Separators stay, so that the form can still be recognised. No candidate is left in the result.

    >>> mask('個人番号 1234-5678-9018 です')
    '個人番号 ●●●●-●●●●-●●●● です'
    """
    text = without_astral(text)
    for words in [*spelled.look(text)][::-1]:
        text = f"{text[: words.start]}{MASK * _LIKE_A_NUMBER}{text[words.end :]}"
    if len(text) < _MASK_FROM or not DIGIT.search(text):
        return text
    text = _MASKED_RUN.sub(_covered, text)
    if not asked.may_be(text):
        return text
    named = individual_number.named(text)
    for piece in chain(told.look(text), apart.look(text, named), dictated.look(text)):
        covered = DIGIT.sub(MASK, text[piece.start : piece.end])
        text = f"{text[: piece.start]}{covered}{text[piece.end :]}"
    return text


def _covered(run: re.Match[str]) -> str:
    covered, count = DIGIT.subn(MASK, run[0])
    amount = count != _LIKE_A_NUMBER and _AMOUNT.fullmatch(run[0])
    return covered if count >= _MASK_FROM and not amount else run[0]
