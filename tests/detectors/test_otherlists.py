"""Lists all of which pass the check, and are something else."""

import random
from datetime import datetime, timedelta

import pytest

from benchmarks.detection import only_high, sekisho
from detectors.numbers import individual_number
from detectors.surface import Spot, Table
from tests.detectors import corpus
from tests.detectors.corpus import NAMES, person

RNG = random.Random(20261124)
PERSONS = [person(RNG) for _ in range(12)]


def sheet(heading: str, values: list[str], names: bool = False) -> tuple[Table, ...]:
    rows = [["氏名" if names else "品名", heading]]
    left = NAMES if names else ["ボルト"] * 99
    rows += [[name, value] for name, value in zip(left, values, strict=False)]
    return (Table(Spot("2", ("一覧.xlsx",)), rows),)


def times(count: int) -> list[str]:
    """Minutes that pass the check."""
    at, found = datetime(2026, 1, 1), []
    while len(found) < count:
        at += timedelta(minutes=RNG.randrange(1, 3_000))
        if individual_number.is_valid(text := at.strftime("%Y%m%d%H%M")):
            found.append(text)
    return found


def answers(count: int) -> list[str]:
    found = []
    while len(found) < count:
        digits = "".join(RNG.choice("12345") for _ in range(12))
        if individual_number.is_valid(digits):
            found.append(digits)
    return found


def test_it_works() -> None:
    """A column that passes is likely one of 個人番号, and sure where anything speaks of persons."""
    assert sekisho(sheet("値", PERSONS)) == set(PERSONS)
    assert only_high(sheet("値", PERSONS)) == set()
    assert only_high(sheet("値", PERSONS[:6], names=True)) == set(PERSONS[:6])
    spoken = corpus.mail("マイナンバーの一覧です。")
    assert only_high((*spoken, *sheet("値", PERSONS))) == set(PERSONS)


@pytest.mark.parametrize("heading", ["取引ID", "品番", "送り状番号", "伝票No"])
def test_under_another_heading_they_are_what_it_says(heading: str) -> None:
    assert sekisho(sheet(heading, PERSONS)) == set()
    assert sekisho(sheet(heading, PERSONS, names=True)) == set(PERSONS[: len(NAMES)])
    assert only_high(sheet(heading, PERSONS, names=True)) == set()


@pytest.mark.parametrize("values", [times(12), answers(12)], ids=["times", "answers"])
def test_times_and_answers_are_none_whatever_they_pass(values: list[str]) -> None:
    assert sekisho(sheet("値", values)) == set()
    assert sekisho(corpus.mail("\n".join(values))) == set()
