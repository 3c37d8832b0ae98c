"""The register: it knows its own, hardly anybody else, and gives no number back."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors import Wanted, inspect
from detectors.numbers import individual_number
from detectors.own import Own, from_json
from detectors.register import (
    FEWEST,
    OCTETS,
    TAG_BITS,
    TAGS,
    VALID_NUMBERS,
    Register,
    TooMany,
    build,
    tag_of,
)
from detectors.report import Confidence
from tests import samples
from tests.e2e import traces

KEY = bytes(range(32))
NUMBERS = samples.individual_numbers(300, seed=41)
STRANGERS = samples.individual_numbers(3_000, seed=42)


def whole(body: str) -> str:
    return body + individual_number.calc_check_digit(body)


def register(numbers: list[str], key: bytes = KEY) -> Register:
    return build(key, (tag_of(key, number) for number in numbers))


OURS = register(NUMBERS)


def test_it_works() -> None:
    assert all(OURS.knows(number) for number in NUMBERS)
    known = sum(OURS.knows(number) for number in STRANGERS)
    assert known < 20  # of 3,000, where one in 1,024 is expected


@pytest.mark.parametrize("count", [1, 300, 1_024, 1_025, 5_000])
def test_its_size_tells_a_power_of_two_and_no_more(count: int) -> None:
    made = register(samples.individual_numbers(count, seed=count))
    assert len(made.bits) == OCTETS
    assert made.size == max(FEWEST, 1 << (made.size - 1).bit_length())
    assert made.size / 2 < count or made.size == FEWEST
    assert made.rate == made.size / TAGS


def test_order_and_repetition_leave_no_trace() -> None:
    shuffled = NUMBERS * 2
    random.Random(1).shuffle(shuffled)
    assert register(shuffled).bits == OURS.bits
    assert register(NUMBERS, bytes(32)).bits != OURS.bits


def test_two_builds_compared_tell_who_came_and_nothing_of_the_others() -> None:
    """The filling is the same each time: what is in both files stays a thousand alike."""
    more = register([*NUMBERS, STRANGERS[0]])
    both = int.from_bytes(more.bits) & int.from_bytes(OURS.bits)
    assert both.bit_count() >= FEWEST - 2


@pytest.mark.slow
def test_with_file_and_key_tens_of_thousands_look_like_each_real_number() -> None:
    """Brute force, on a sample: of all valid numbers those that hit are counted, and what that
    makes of 10^11. A sample of whole bodies, neighbours as well as chance."""
    rng = random.Random(7)
    start = rng.randrange(10**11 - 200_000)
    bodies = [*range(start, start + 100_000), *(rng.randrange(10**11) for _ in range(100_000))]
    # The check digit follows from the body, and the tag is drawn from all twelve digits.
    hits = sum(OURS.knows(whole(f"{body:011}")) for body in bodies)
    candidates = hits / len(bodies) * VALID_NUMBERS
    assert candidates / OURS.size > 50_000
    assert VALID_NUMBERS / TAGS > 95_000 and TAG_BITS == 20


@given(st.integers(0, 10**12 - 1), st.integers(0, 10**12 - 1))
@settings(max_examples=50)
def test_a_tag_has_twenty_bits_and_follows_the_key(one: int, other: int) -> None:
    tag = tag_of(KEY, f"{one:012}")
    assert 0 <= tag < TAGS and tag == tag_of(KEY, f"{one:012}")
    assert [tag_of(bytes([i] * 32), f"{other:012}") for i in range(4)].count(tag) < 4


def test_no_digit_is_in_the_bits_nor_in_what_is_shown_of_it() -> None:
    assert traces.in_bytes(OURS.bits, set(NUMBERS)) == set()
    assert KEY.hex() not in repr(OURS) and "bits" not in repr(OURS)
    assert repr(Own((), (), OURS)) == "Own(dictionaries=(), patterns=())"


def test_a_list_of_which_a_hit_would_say_nothing_is_refused() -> None:
    with pytest.raises(TooMany):
        build(KEY, range(TAGS // 3))
    with pytest.raises(ValueError, match="not a register"):
        Register(KEY, b"short")


def test_it_travels_as_json() -> None:
    own = Own((), (), OURS)
    assert from_json(own.json) == own


def judged(body: str, own: Own | None) -> Confidence | None:
    raw = b"Subject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + body.encode()
    found = inspect(raw, Wanted(own=own)).findings
    return found[0].confidence if found else None


@pytest.mark.parametrize(
    ("body", "without", "with_it"),
    [
        ("{n}", Confidence.LOW, Confidence.MEDIUM),
        ("{n}（マイナンバー）", Confidence.MEDIUM, Confidence.HIGH),
        ("個人番号 {n}", Confidence.HIGH, Confidence.HIGH),
        ("ご注文番号 {n} を承りました", None, None),
        ("送り状番号：{n}", None, None),
    ],
)
def test_a_hit_lifts_by_one_step_and_is_never_high_alone(
    body: str, without: Confidence | None, with_it: Confidence | None
) -> None:
    said = body.format(n=NUMBERS[0])
    assert judged(said, None) is without
    assert judged(said, Own((), (), OURS)) is with_it
    stranger = next(number for number in STRANGERS if not OURS.knows(number))
    assert judged(body.format(n=stranger), Own((), (), OURS)) is without


def test_a_hit_is_told_as_a_reason() -> None:
    raw = f"Subject: x\r\n\r\n{NUMBERS[1]}\r\n".encode()
    (finding,) = inspect(raw, Wanted(own=Own((), (), OURS))).findings
    assert "register_match" in {reason.code for reason in finding.reasons}


def test_in_a_large_register_a_hit_weighs_less() -> None:
    large = build(KEY, range(100_000))
    assert OURS.points == 3.0 and 0.8 < large.points < 1
