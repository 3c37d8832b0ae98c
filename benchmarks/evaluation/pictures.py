"""Numbers in pictures, which are read by OCR: minutes, so only when asked for."""

from __future__ import annotations

from benchmarks.evaluation.corpus import Case
from benchmarks.evaluation.rules import read
from benchmarks.evaluation.tally import Outcome
from tests.detectors.ocr_corpus import pictures
from tests.samples import message

PARTS = 4
"""Of a round, for several processors."""


def outcome(seed: int, part: int) -> Outcome:
    made = Outcome()
    for at, picture in enumerate(pictures(seed)):
        if at % PARTS == part:
            raw = message("資料の送付", "資料をお送りします。", [(picture.name, picture.data)])
            kind = "numbers" if picture.numbers else "others"
            case = Case(kind, picture.technique, raw, picture.numbers)  # type: ignore[arg-type]
            made.count(case, read(raw))
    return made
