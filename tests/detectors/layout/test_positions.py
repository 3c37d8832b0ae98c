"""Fields of fixed length whose places the mail tells."""

import random
import time

import pytest

from benchmarks.detection import sekisho
from detectors.layout import positions
from detectors.numbers import individual_number
from tests.detectors import corpus
from tests.detectors.test_generalise import prose

RNG = random.Random(20261124)
A, B = corpus.person(RNG, "5"), corpus.person(RNG, "8")


@pytest.mark.parametrize(
    "layout",
    [
        "  1- 8 職員コード\n  9-20 個人番号\n 21-32 更新日時",
        "位置 1-8 職員コード、9-20 個人番号、21-32 更新日時。",
        "個人番号（９～２０桁目）",
        "マイナンバーは9桁目から12桁です",
        "マイナンバー 9バイト目から20バイト目",
    ],
)
def test_it_works(layout: str) -> None:
    records = f"00012345{A}2026103117\n> 00012346{B}2026103118\n"
    assert sekisho(prose(f"{layout}\n{records}")) == {A, B}


def test_names_before_it_count_as_octets_of_shift_jis_or_as_characters() -> None:
    layout = "個人番号 21-32"
    for name in ("ササキ　ケンイチ　花", "ｻｻｷ ｹﾝｲﾁ".ljust(20), "佐藤".ljust(20)):
        assert sekisho(prose(f"{layout}\n{name}{A}1990\n")) == {A}


@pytest.mark.parametrize(
    "layout",
    ["9-20 契約番号", "個人番号 8-20", "9-20ページに個人番号の説明", "個人番号 2026-10-31", "9-20"],
)
def test_a_place_of_something_else_is_none(layout: str) -> None:
    assert sekisho(prose(f"{layout}\n00012345{A}2026103117\n")) == set()


def test_a_line_of_nothing_but_labels_takes_no_time_for_each() -> None:
    text = "個人番号" * 100_000
    began = time.process_time()
    assert list(positions.look(text, individual_number.named(text))) == []
    assert time.process_time() - began < 3


def test_what_stands_there_and_does_not_pass_is_none() -> None:
    other = f"{A[:-1]}{(int(A[-1]) + 1) % 10}"
    assert sekisho(prose(f"9-20 個人番号\n00012345{other}2026103117\n")) == set()
