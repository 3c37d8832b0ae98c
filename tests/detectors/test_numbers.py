import random
import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors import numbers
from detectors.numbers import (
    InvalidChecksum,
    InvalidFormat,
    InvalidLength,
    individual_number,
    insurer_number,
)
from tests.detectors import corpus

MAKERS: dict[str, Callable[[random.Random], str]] = {
    "jp.individual_number": corpus.person,
    "jp.drivers_license": corpus.licence,
    "jp.corporate_number": corpus.company,
    "card_number": corpus.pan,
    "jp.invoice_number": lambda rng: "T" + corpus.company(rng),
    "jp.pension_number": lambda rng: _digits(rng, 10),
    "jp.resident_code": lambda rng: _digits(rng, 11),
    "jp.insurer_number": lambda rng: _insurer(rng),
    "jp.health_insurance": lambda rng: f"{_digits(rng, 8)}-{_digits(rng, 3)}",
    "jp.employment_insurance": lambda rng: _digits(rng, 11),
    "jp.residence_card": lambda rng: f"{_letters(rng)}{_digits(rng, 8)}{_letters(rng)}",
    "jp.passport": lambda rng: f"{_letters(rng)}{_digits(rng, 7)}",
    "jp.bank_account": lambda rng: _digits(rng, 7),
    "jp.telephone": lambda rng: f"0{rng.choice('789')}0{_digits(rng, 8)}",
}
OPEN_ENDED = {"card_number", "jp.health_insurance"}
"""Where one digit more may still be such a number."""


def _digits(rng: random.Random, count: int) -> str:
    return str(rng.randrange(10 ** (count - 1), 10**count - 1))


def _letters(rng: random.Random) -> str:
    return "".join(rng.sample("ABCDEFGHKLMNPRTUWXY", 2))


def _insurer(rng: random.Random) -> str:
    body = f"06{rng.randint(1, 47):02d}{_digits(rng, 3)}"
    return body + insurer_number.calc_check_digit(body)


def test_it_works() -> None:
    number = corpus.person(random.Random(1))
    assert individual_number.validate(individual_number.format(number)) == number


@pytest.mark.parametrize("kind", numbers.KINDS)
def test_every_kind_has_the_same_functions(kind: str) -> None:
    of_kind = numbers.number(kind)
    for seed in range(200):
        number = MAKERS[kind](random.Random(seed))
        assert of_kind.is_valid(number)
        assert of_kind.validate(of_kind.format(number)) == of_kind.compact(number) == number
        assert not any(digit in of_kind.mask(number) for digit in "0123456789")
        assert not of_kind.is_valid(number + "0") or kind in OPEN_ENDED
        assert not of_kind.is_valid("") and not of_kind.is_valid("0" * len(number))


@pytest.mark.parametrize("kind", numbers.KINDS)
def test_every_kind_is_found_either_by_its_digits_or_under_its_labels(kind: str) -> None:
    assert (kind in numbers.shaped({kind})) != (kind in numbers.written({kind}))
    assert numbers.number(kind).LABELS
    for of_kind in numbers.shaped({kind}).values():
        assert (len(MAKERS[kind](random.Random(1))),) in of_kind.SHAPES
        assert all(sum(shape) >= 12 for shape in of_kind.SHAPES)
    for labelled in numbers.written({kind}).values():
        number = MAKERS[kind](random.Random(1))
        assert re.fullmatch(labelled.PATTERN, number)
        assert re.fullmatch(labelled.PATTERN, labelled.format(number).replace("・", "-"))


@pytest.mark.parametrize("kind", [*filter(numbers.has_check_digit, numbers.KINDS)])
def test_one_wrong_digit_is_nearly_always_noticed(kind: str) -> None:
    of_kind, rng, missed = numbers.number(kind), random.Random(3), 0
    for _ in range(500):
        number = MAKERS[kind](rng)
        at = rng.randrange(3, min(len(number), 11))
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
