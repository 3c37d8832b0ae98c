import doctest
import importlib
import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors import numbers
from detectors.numbers import InvalidChecksum, InvalidFormat, InvalidLength, individual_number
from tests.detectors import corpus

MODULES = "numbers text words seen evidence prose cells places lists outline score".split()
MODULES += [f"numbers.{name}" for name in numbers.KINDS.values()]
MAKERS: dict[str, Callable[[random.Random], str]] = {
    "jp.individual_number": corpus.person,
    "jp.drivers_license": corpus.licence,
    "jp.corporate_number": corpus.company,
    "card_number": corpus.pan,
}


def test_it_works() -> None:
    number = corpus.person(random.Random(1))
    assert individual_number.validate(individual_number.format(number)) == number


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_the_documentation_hold(name: str) -> None:
    assert doctest.testmod(importlib.import_module(f"detectors.{name}")).failed == 0


@pytest.mark.parametrize("kind", numbers.KINDS)
def test_every_kind_has_the_same_functions(kind: str) -> None:
    of_kind = numbers.number(kind)
    for seed in range(200):
        number = MAKERS[kind](random.Random(seed))
        assert of_kind.is_valid(number)
        assert of_kind.validate(of_kind.format(number)) == of_kind.compact(number) == number
        assert (len(number),) in of_kind.SHAPES
        assert not any(digit in of_kind.mask(number) for digit in "0123456789")
        assert not of_kind.is_valid(number + "0") or kind == "card_number"


@pytest.mark.parametrize("kind", numbers.KINDS)
def test_one_wrong_digit_is_nearly_always_noticed(kind: str) -> None:
    of_kind, rng, missed = numbers.number(kind), random.Random(3), 0
    for _ in range(500):
        number = MAKERS[kind](rng)
        at = rng.randrange(3, 11)
        wrong = number[:at] + str((int(number[at]) + rng.randint(1, 9)) % 10) + number[at + 1 :]
        missed += of_kind.is_valid(wrong)
    assert missed < 40


@settings(deadline=None)
@given(st.text(st.sampled_from("0123456789"), min_size=11, max_size=11))
def test_the_check_digit_is_that_of_the_ordinance(body: str) -> None:
    """Written as the law writes it: Pn from the lowest digit, Qn = n+1 or n-5, 0 for 0 and 1."""
    p = [int(digit) for digit in reversed(body)]
    q = [n + 1 if n <= 6 else n - 5 for n in range(1, 12)]
    rest = sum(a * b for a, b in zip(p, q, strict=True)) % 11
    expected = 0 if rest <= 1 else 11 - rest
    assert individual_number.calc_check_digit(body) == str(expected)


def test_one_in_ten_passes_and_the_check_digit_zero_twice_as_often() -> None:
    rng = random.Random(4)
    digits = [individual_number.calc_check_digit(corpus.serial(rng)[:11]) for _ in range(20_000)]
    assert 0.17 < digits.count("0") / len(digits) < 0.195
    assert 0.08 < digits.count("5") / len(digits) < 0.10


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", InvalidLength),
        ("1234", InvalidLength),
        ("0" * 12, InvalidFormat),
        ("12345678901a", InvalidFormat),
        ("1234-5678-901²x", InvalidFormat),
        ("123456789019", InvalidChecksum),
    ],
)
def test_what_is_no_individual_number_is_refused_by_its_reason(
    text: str, error: type[Exception]
) -> None:
    with pytest.raises(error) as caught:
        individual_number.validate(text)
    assert isinstance(caught.value, numbers.ValidationError)
    assert not any(char.isdigit() for char in str(caught.value))


def test_an_unknown_kind_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        numbers.number("jp.unheard_of")
