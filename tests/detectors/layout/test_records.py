"""Fields of fixed length: twelve digits in the midst of others, record for record."""

import random
import time
from collections.abc import Sequence

import pytest

from benchmarks.detection import only_high, sekisho
from detectors.layout import records
from detectors.surface import Spot, Text
from tests.detectors import corpus

RNG = random.Random(20261123)
PERSONS = [corpus.person(RNG) for _ in range(8)]


def file(numbers: Sequence[str]) -> corpus.Surfaces:
    records = (
        f"{at:06}ササキ ケンイチ{one}{RNG.randrange(19600101, 20001231)}{at % 2}\r\n"
        for at, one in enumerate(numbers)
    )
    return (Text(Spot("2", ("連携.dat",)), "".join(records), ("連携.dat",)),)


def test_the_field_whose_values_pass_is_found_and_never_sure() -> None:
    assert sekisho(file(PERSONS)) == set(PERSONS)
    assert only_high(file(PERSONS)) == set()


def test_a_record_with_zeros_for_no_number_hides_no_other() -> None:
    assert sekisho(file([*PERSONS, "0" * 12])) == set(PERSONS)


def test_a_field_whose_values_fail_or_that_has_few_records_is_none() -> None:
    others = [str(RNG.randrange(10**11, 10**12)) for _ in PERSONS]
    assert sekisho(file(others)) == set()
    assert sekisho(file(PERSONS[:3])) == set()


def test_fields_at_other_places_of_a_line_are_other_fields() -> None:
    text = "".join(f"{RNG.randrange(10**14, 10**15)} 77{one}5\n" for one in PERSONS)
    assert sekisho((Text(Spot("2", ("連携.dat",)), text),)) == set(PERSONS)


@pytest.mark.slow
def test_a_long_line_takes_no_more_time_for_each_field() -> None:
    def seconds(fields: int) -> float:
        text, taken = "1234567890123 " * fields, []
        for _ in range(3):
            started = time.process_time()
            records.look(text)
            taken.append(time.process_time() - started)
        return min(taken)

    assert seconds(128_000) < 64 * 8 * seconds(2_000)
