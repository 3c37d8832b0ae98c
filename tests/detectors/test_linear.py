"""No text and no table takes more time for each byte because it is large."""

import random
import time
from collections.abc import Callable

import pytest

from detectors.score import findings
from detectors.surface import Spot, Table, Text
from tests.detectors import corpus

RNG = random.Random(5)
PERSONS = [corpus.person(RNG) for _ in range(2000)]
KINDS = {"jp.individual_number", "card_number"}
SMALL, LARGE = 1_000, 16_000


def per_unit(make: Callable[[int], Text | Table], size: int, rounds: int) -> float:
    surface = make(size)

    def once() -> float:
        started = time.process_time()
        findings([surface], KINDS)
        return time.process_time() - started

    return min(once() for _ in range(rounds)) / size


def assert_linear(make: Callable[[int], Text | Table]) -> None:
    # sixteen times the size: a quadratic search would take sixteen times as long for each unit
    small, large = per_unit(make, SMALL, 5), per_unit(make, LARGE, 2)
    assert large < 8 * small + 1e-7


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit",
    ["5", "5 ", "5\n", "1234:", "12,345,678,", "1234-5678 9012\n", "個人番号123456789018送り状"]
    + [
        "個人番号 1234 56 789018\n",
        "a=123456789018,",
        "x番号123456789018 ",
        "（1234）",
        "一、",
        "○",
    ]
    + ["1234-5678-9018\n4021,", "マイナンバーの", "https://", "、" * 50 + "5"],
)
def test_texts(unit: str) -> None:
    assert_linear(lambda size: Text(Spot("1"), (unit * (size // len(unit) + 1))[:size]))


CELLS: dict[str, Callable[[int], str]] = {
    "one digit": lambda i: str(i % 10),
    "four digits": lambda i: str(1000 + i % 9000),
    "persons": lambda i: PERSONS[i % len(PERSONS)],
    "labels": lambda i: "個人番号",
    "labels and persons": lambda i: ("個人番号", PERSONS[i % 2000], "送り状番号", "")[i % 4],
    "careless": lambda i: "1234-5678 9018",
    "almost a box": lambda i: "x" if i % 12 == 11 else "5",
    "blanks": lambda i: " " * 30,
}


@pytest.mark.slow
@pytest.mark.parametrize("what", CELLS)
@pytest.mark.parametrize("width", [1, 250, LARGE])
def test_tables(what: str, width: int) -> None:
    cell = CELLS[what]

    def make(size: int) -> Table:
        columns = min(width, size)
        return Table(
            Spot("2"),
            [[cell(r * columns + c + r) for c in range(columns)] for r in range(size // columns)],
        )

    assert_linear(make)


def test_a_ragged_table_is_as_large_as_its_cells() -> None:
    rows = [["x"] * 20_000, *(["5"] for _ in range(20_000))]
    started = time.process_time()
    findings([Table(Spot("2"), rows)], KINDS)
    assert time.process_time() - started < 2
