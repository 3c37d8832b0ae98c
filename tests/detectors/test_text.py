import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.numbers import card, individual_number
from detectors.text import MASK, candidates, mask
from tests.detectors import corpus

N = corpus.person(random.Random(1), "5")


def found(text: str) -> list[str]:
    return [one.digits for one in candidates(text)]


def test_it_works() -> None:
    text = f"個人番号は{corpus.grouped(N)}です"
    (one,) = candidates(text)
    assert (one.digits, one.grouping, one.separator) == (N, "4-4-4", "-")
    assert text[one.start : one.end] == corpus.grouped(N)


@pytest.mark.parametrize(
    "digits",
    [str.maketrans({}), corpus.FULL, corpus.KANJI, corpus.CIRCLED, corpus.BOLD]
    + [corpus.ARABIC, corpus.SUPER],
)
@pytest.mark.parametrize(
    "separator", ["", "-", "‐", "―", "−", "ー", "ｰ", "－", " ", "\xa0", "\u3000"]
)
@pytest.mark.parametrize("size", [4, 6, 3, 1])
def test_every_form_of_digit_and_separator_is_read(
    digits: dict[int, int], separator: str, size: int
) -> None:
    text = "は" + corpus.grouped(N, separator, size).translate(digits) + "。"
    (one,) = candidates(text)
    assert one.digits == N
    assert (one.start, one.end) == (1, len(text) - 1)


@pytest.mark.parametrize(
    "sign",
    "\u200b \u200d \u2060 \ufeff \xad \u200e \u202d \u2066 \ufe0f \U000e0041 \U000e0100".split(),
)
def test_invisible_signs_do_not_part_a_number(sign: str) -> None:
    assert found(sign.join(N)) == [N]


def test_digits_that_are_shown_from_right_to_left_are_read_as_shown() -> None:
    turned = corpus.grouped(N)[::-1]
    assert found(f"番号\u202e{turned}\u202cです") == [N]
    assert found(f"\u202eabc\u202c {N}") == [N]
    assert found(f"\u202eabc\n{N}") == [N]


@pytest.mark.parametrize(
    "text",
    [
        f"{N[:4]}-{N[4:8]}-\n{N[8:]}",
        f"{N[:4]} {N[4:8]}\n> {N[8:]}",
        f"{N[:4]} {N[4:8]}\r\n> > {N[8:]}",
        f"{N[:6]}\n{N[6:]}",
        "あ" * 30 + f"{N[:7]}\n{N[7:]}",
        "a" * 60 + f" {N[:4]}-{N[4:6]}\n> {N[6:8]}-{N[8:]}",
        "│" + "│".join(N) + "│",
        "".join(f"【{digit}】" for digit in N),
        "".join(f"〔{N[at : at + 4]}〕" for at in (0, 4, 8)),
        "\n".join(N),
        f"①{corpus.grouped(N)}",
        f"{corpus.grouped(N, ' ')} 1985/04/01",
        f"{corpus.grouped(N, ' ')} 2026年11月21日",
        f"2026-11-21 {corpus.grouped(N)}",
        f"03-5555-0101 {N}",
        "".join(f"{digit}\u0336" for digit in N),  # struck out
        "".join(f"{digit}\u20dd" for digit in N),  # in a ring
        "\U000e0041".join(N),
    ],
)
def test_a_number_is_read_where_lines_break_and_dates_stand_beside(text: str) -> None:
    assert N in found(text)


@pytest.mark.parametrize(
    "text",
    [
        N + "0",
        N[:-1],
        f"{corpus.grouped(N)}-{N[:4]}",
        f"{corpus.grouped(N, ' ')} {N[:4]}",
        f"{N[:4]} {corpus.grouped(N, ' ')}",
        f"{N[:4]}-{N[4:8]} {N[8:]}",
        f"{N[:3]},{N[3:6]},{N[6:9]},{N[9:]}",
        " ".join(N) + " 1",
        f"short line {N[:7]}\n{N[7:]}",
        f"81-90-{N[:4]}-{N[4:8]}",
        "",
    ],
)
def test_what_is_longer_or_written_otherwise_is_not_a_number(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        f"{N[:4]}-{N[4:8]} {N[8:]}",
        f"{N[:5]}-{N[5:]}",
        f"{N[:4]},{N[4:8]},{N[8:]}",
        f"{N[:4]}:{N[4:8]}:{N[8:]}",
        f"{N[:4]}-{N[4:6]}\n> {N[6:8]}-{N[8:]}",
        f"1) {N[:4]}-{N[4:8]} {N[8:]} 1985/04/01",
        "⒌⒉" + N[2:],
        f"{N[:3]},{N[3:6]},{N[6:9]},{N[9:]}",
    ],
)
def test_careless_groups_are_read_when_asked_for(text: str) -> None:
    assert [one.digits[2:] for one in candidates(text, careless=True) if one.careless] == [N[2:]]


@pytest.mark.parametrize(
    "text",
    [
        "2026/11/21 1234",
        *("123,456,789,012円", "¥ 123,456,789,012", "123,456,789,012百万円", "12,345,678,901"),
        f"{N[:4]}-{N[4:8]} {N[8:]}0",
    ],
)
def test_a_date_an_amount_and_too_many_digits_are_not_careless_numbers(text: str) -> None:
    assert list(candidates(text, careless=True)) == []


@pytest.mark.parametrize("next_line", [f"{N[:4]},中島", "・一ノ瀬", "[3] 生年月日", f"> {N[:4]}"])
@pytest.mark.parametrize("separator", ["-", " ", ")("])
def test_what_begins_the_next_line_does_not_belong(next_line: str, separator: str) -> None:
    shapes = card.SHAPES | individual_number.SHAPES
    text = f"({corpus.grouped(N, separator)})\n{next_line}"
    assert [one.digits for one in candidates(text, shapes)] == [N]


def test_other_shapes_can_be_asked_for() -> None:
    pan = corpus.pan(random.Random(2))
    (one,) = candidates(corpus.grouped(pan), card.SHAPES | individual_number.SHAPES)
    assert (one.digits, one.grouping) == (pan, "4-4-4-4")


def test_the_repr_of_a_candidate_shows_no_digit() -> None:
    (one,) = candidates(N)
    assert N not in repr(one)


SIGNS = st.sampled_from(
    [*"0123456789０５９一〇九①⓪𝟗٣", *"-‐ー. 　\t\n\r>|/_【】", "\u200b", "\xad", "年", "a", ","]
)
HOSTILE = st.one_of(st.text(SIGNS, max_size=120), st.text(max_size=60))


def test_what_may_be_a_number_is_masked_as_an_amount_too() -> None:
    assert mask("123,456,789,012") == "●●●,●●●,●●●,●●●"
    assert mask("23,456,789,012") == "23,456,789,012"


@pytest.mark.parametrize(
    "text",
    [
        "マイナンバー {}★{}★{}",
        "個人番号1：{}\n個人番号2：{}\n個人番号3：{}",
        "上4桁は{}、真ん中は{}、下4桁は{}です",
    ],
)
def test_a_number_in_pieces_is_not_left_whole(text: str) -> None:
    assert N[8:] not in mask(text.format(N[:4], N[4:8], N[8:]))


@given(HOSTILE)
@settings(deadline=None, max_examples=400)
def test_nothing_is_left_to_find_in_a_masked_text(text: str) -> None:
    masked = mask(text)
    assert len(masked) == len(text)
    assert found(masked) == []
    assert mask(masked) == masked


@given(HOSTILE)
@settings(deadline=None, max_examples=300)
def test_candidates_are_ordered_and_stand_in_the_text(text: str) -> None:
    end = 0
    for one in candidates(text):
        assert end <= one.start < one.end <= len(text)
        assert len(one.digits) == 12 and one.digits.isascii() and one.digits.isdigit()
        end = one.end


def test_masking_keeps_separators_words_and_short_numbers() -> None:
    text = f"第3回 {corpus.grouped(N).translate(corpus.FULL)} 様 12,345円"
    assert mask(text) == f"第3回 {MASK * 4}-{MASK * 4}-{MASK * 4} 様 12,345円"
    assert mask(N[:7]) == N[:7]


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit",
    [
        "5",
        "5 ",
        "5-",
        "1234-5678-9012\n",
        "1234 ",
        "123456789012 ",
        "5" + " " * 50,
        "-",
        "一ー",
        "5\u200b",
    ]
    + ["5" + "\n" * 11, "1234-5678 "],
)
def test_many_hostile_characters_take_linear_time(unit: str) -> None:
    def seconds(length: int) -> float:
        text = (unit * (length // len(unit) + 1))[:length]
        started = time.process_time()
        for _ in candidates(text):
            pass
        mask(text)
        return time.process_time() - started

    # ten times the length: a quadratic search would take a hundred times as long
    assert seconds(200_000) < max(40 * seconds(20_000), 0.5)
